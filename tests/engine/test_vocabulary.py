"""What connectors can say of systems that are unlike one another: signing in, asking, paging, hooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bascule.connectors.greenhouse import CONNECTOR
from bascule.connectors.lens import full_name
from bascule.connectors.spec import (
    Asked,
    Auth,
    Basic,
    Claim,
    Connector,
    Entered,
    FileReads,
    FileTalk,
    InBody,
    Keyset,
    LinkInBody,
    OAuth,
    PageNumber,
    Reads,
    Request,
    Response,
    Signature,
    SyncToken,
    Tenant,
    Unsigned,
    WsSecurity,
    lacking,
)
from bascule.engine import verify, xmltext
from bascule.engine.http import Client, is_pull
from bascule.engine.observe import fetch
from bascule.engine.wire import WireRequest, WireResponse
from bascule.errors import (
    DisconnectedError,
    MalformedError,
    RejectedError,
    RemoteError,
    ResyncError,
    UnansweredError,
    UnavailableError,
)
from bascule.model import Collection, Json, Kind, Part, Presence, Read, Record, Refs

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SETTINGS = (("tenant", "", False), ("username", "", False), ("password", "", True), ("api_key", "", True))


@dataclass
class Wire:
    answer: Callable[[WireRequest], WireResponse | Exception]
    sent: list[WireRequest] = field(default_factory=list[WireRequest])

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        self.sent.append(request)
        found = self.answer(request)
        if isinstance(found, Exception):
            raise found
        return found

    async def close(self) -> None:
        return


def answers(*bodies: Json) -> Callable[[WireRequest], WireResponse]:
    left = list(bodies)
    return lambda _request: WireResponse(200, {"content-type": "application/json"}, json.dumps(left.pop(0)).encode())


def system(auth: Auth | tuple[Auth, ...] = InBody(), **more: Any) -> Connector:  # noqa: B008  # frozen
    return replace(CONNECTOR, auth=auth, settings=SETTINGS, optional=frozenset(), **more)


def client(connector: Connector, wire: Wire, account: Tenant | None = None, **given: str) -> Client:
    return Client(
        connector, wire, base_url="http://127.0.0.1:9/base", secrets=given, now=lambda: NOW, tenant=account
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------- signing in


async def test_of_several_ways_to_sign_in_the_one_is_used_for_which_everything_was_entered() -> None:
    two = (Basic(), OAuth("/token", "https://auth.greenhouse.io/token", in_form=True))
    wire = Wire(answers({"access_token": "t", "expires_in": 3600}, []))
    await client(system(two), wire, client_id="us", client_secret="s").send(Request("GET", "/x"))
    assert wire.sent[0].body == b"grant_type=client_credentials&client_id=us&client_secret=s"
    assert "authorization" not in wire.sent[0].headers
    assert wire.sent[1].headers["authorization"] == "Bearer t"
    wire = Wire(answers([]))
    await client(system(two), wire, api_key="k").send(Request("GET", "/x"))
    assert base64.b64decode(wire.sent[0].headers["authorization"].removeprefix("Basic ")) == b"k:"


def test_what_another_way_of_signing_in_takes_need_not_be_entered() -> None:
    ways = system((Basic(), WsSecurity()))
    assert lacking(ways, {}) == ("tenant", "api_key"), "the first way is the usual one"
    assert lacking(ways, {"username": "u", "password": "p", "tenant": "t"}) == ()
    assert lacking(system(Basic()), {"api_key": "k"}) == ("tenant", "username", "password")


async def test_credentials_stand_in_the_body_only_where_the_request_asks_for_them_and_only_when_it_leaves() -> None:
    wire = Wire(answers({}))
    body = {"params": {"args": ["db", 2, Entered("api_key"), "hr.applicant"]}}
    await client(system(InBody()), wire, api_key="the-key").send(Request("POST", "/jsonrpc", json=body, safe=True))
    assert json.loads(wire.sent[0].body or b"") == {"params": {"args": ["db", 2, "the-key", "hr.applicant"]}}
    assert "authorization" not in wire.sent[0].headers
    assert "the-key" not in repr(body)


async def test_settings_stand_in_paths_and_secrets_never_do() -> None:
    wire = Wire(answers({}, {}))
    there = client(system(), wire, tenant="acme co", api_key="k")
    await there.send(Request("GET", "/ccx/{tenant}/{api_key}"))
    assert wire.sent[0].url == "http://127.0.0.1:9/base/ccx/acme%20co/{api_key}"


async def test_an_acting_user_is_named_in_the_query_where_that_is_how_a_system_is_told() -> None:
    wire = Wire(answers({}))
    await client(system(acting="perform_as", headers={"X-Api-Version": "1"}), wire, tenant="t").send(
        Request("POST", "/notes", json={}, acts_as="u 1")
    )
    assert wire.sent[0].url.endswith("/notes?perform_as=u%201")
    assert wire.sent[0].headers["X-Api-Version"] == "1"


# -------------------------------------------------------------------------------------------------------------- SOAP


NAMES = {"wd": "urn:com.workday/bsvc"}
FAULT = b"""<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><soapenv:Fault>
<faultcode>C</faultcode><faultstring>No.</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>"""


async def test_a_soap_request_is_an_envelope_signed_in_by_its_header_and_its_answer_is_what_stands_in_the_body() -> (
    None
):
    reply = xmltext.envelope(
        {"wd:Get": {"wd:Ref": [{"wd:ID": {"@wd:type": "WID", "#text": "a"}}, {"wd:ID": "b"}], "wd:None": None}}, NAMES, None
    )  # fmt: skip
    wire = Wire(lambda _: WireResponse(200, {"content-type": "text/xml"}, reply))
    there = client(system(WsSecurity(), soap=NAMES), wire, username="isu@acme", password="<p&")
    asked: list[Any] = []
    there.on_request = asked.append
    got = await there.send(Request("POST", "/Recruiting", soap={"wd:Get_Request": {"@wd:version": "v45.2"}}, safe=True))
    sent = xmltext.xmltodict.parse(wire.sent[0].body or b"")["soapenv:Envelope"]
    assert sent["soapenv:Header"]["wsse:Security"]["wsse:UsernameToken"]["wsse:Username"] == "isu@acme"
    assert sent["soapenv:Header"]["wsse:Security"]["wsse:UsernameToken"]["wsse:Password"]["#text"] == "<p&"
    assert sent["soapenv:Body"] == {"wd:Get_Request": {"@wd:version": "v45.2"}}
    assert sent["@xmlns:wd"] == NAMES["wd"]
    assert "authorization" not in wire.sent[0].headers
    assert got.json == {"Get": {"Ref": [{"ID": {"@type": "WID", "#text": "a"}}, {"ID": "b"}], "None": None}}
    assert asked[0].endpoint.endswith("Recruiting#Get_Request")
    assert is_pull(asked[0])


async def test_an_envelope_names_the_tenants_own_space_has_a_header_and_holds_what_was_entered() -> None:
    wire = Wire(lambda _: WireResponse(200, {"content-type": "text/xml"}, b"<a/>"))
    header = {"wd:Common": {"wd:Descriptors": "true"}}
    spaces = {**NAMES, "own": "urn:{tenant}/data"}
    there = client(system(WsSecurity(), soap=spaces, soap_header=header), wire, tenant="acme", username="u")
    await there.send(Request("POST", "/r/{api_key}/{username}", soap={"wd:Put": {"own:x": Entered("username")}}))
    sent = xmltext.xmltodict.parse(wire.sent[0].body or b"")["soapenv:Envelope"]
    assert sent["@xmlns:own"] == "urn:acme/data"
    assert sent["soapenv:Header"]["wd:Common"] == {"wd:Descriptors": "true"}
    assert sent["soapenv:Body"] == {"wd:Put": {"own:x": "u"}}


async def test_a_setting_that_was_not_entered_leaves_no_hole_in_an_address() -> None:
    wire = Wire(answers({}))
    await client(system(), wire).send(Request("GET", "/{tenant}/report"))
    assert wire.sent[0].url.endswith("/-/report")


async def test_what_is_frozen_is_frozen_by_the_systems_clock_as_its_answers_tell_it() -> None:
    asked: list[Asked] = []

    def ask(one: Asked) -> Request:
        asked.append(one)
        return Request("POST", "/r", json={})

    there = {"date": "Fri, 20 Nov 2026 08:50:00 GMT"}
    wire = Wire(lambda _: WireResponse(200, there, b'{"items": [{}]}'))
    reads = Reads(
        Kind.JOB, "/jobs", lambda raw, _: [], Kind.JOB, items="items", ask=ask,
        pages=PageNumber("page", total="pages", frozen=True),
    )  # fmt: skip
    talking = client(system(), wire)
    for _ in range(2):
        await talking.page(reads)
    assert [one.begun for one in asked] == [NOW, NOW - timedelta(minutes=10)]


async def test_a_token_that_ended_is_renewed_also_where_that_is_told_by_another_status_than_401() -> None:
    def answer(request: WireRequest) -> WireResponse:
        if request.url.endswith("/token"):
            tokens.append("t")
            return WireResponse(200, {}, json.dumps({"access_token": f"t{len(tokens)}"}).encode())
        good = request.headers["authorization"] == "Bearer t2"
        return WireResponse(200 if good else 500, {}, b'{"said": "token has ended"}')

    def errors(_request: Request, response: Response) -> RemoteError | None:
        return DisconnectedError("ended") if response.status == 500 else None

    tokens: list[str] = []
    there = client(system(OAuth("/token", ""), errors=errors), Wire(answer), client_id="us", client_secret="s")
    assert (await there.send(Request("GET", "/x"))).status == 200
    assert len(tokens) == 2


async def test_tokens_are_had_from_the_connections_own_host_where_no_other_is_named() -> None:
    auth = OAuth("/{tenant}/token", "")
    there = Client(
        system(auth), Wire(answers({})), base_url="https://harvest.greenhouse.io", now=lambda: NOW,
        settings={"tenant": "acme"},
    )  # fmt: skip
    assert there._token_url == "https://harvest.greenhouse.io/acme/token"


async def test_beside_soap_the_same_user_signs_in_by_http() -> None:
    wire = Wire(answers([]))
    await client(system(WsSecurity()), wire, username="isu", password="p").send(Request("GET", "/report"))
    assert base64.b64decode(wire.sent[0].headers["authorization"].removeprefix("Basic ")) == b"isu:p"


async def test_a_fault_is_shown_to_the_connector_though_it_comes_with_a_500() -> None:
    seen: list[Json] = []

    def errors(request: Request, response: Any) -> Any:
        seen.append(response.json)
        return UnavailableError("No.")

    wire = Wire(lambda _: WireResponse(500, {"content-type": "text/xml;charset=utf-8"}, FAULT))
    with pytest.raises(UnavailableError):
        await client(system(WsSecurity(), soap=NAMES, errors=errors), wire).send(
            Request("POST", "/r", soap={"wd:X": {}})
        )
    assert seen[-1] == {"Fault": {"faultcode": "C", "faultstring": "No."}}


@pytest.mark.parametrize(
    "text",
    [b"<a><b></a>", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', b"<a>&undefined;</a>"],
    ids=["broken", "an entity of its own", "an entity nobody defined"],
)
def test_xml_that_no_api_sends_is_not_read(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        xmltext.loads(text)


# ------------------------------------------------------------------------------------------------------------- lists


def nothing(_raw: Json, _tenant: Tenant) -> list[Any]:
    return []


async def test_a_list_is_gone_through_by_the_last_items_key_with_what_is_known_of_the_account() -> None:
    asked: list[Asked] = []

    def ask(at: Asked) -> Request:
        asked.append(at)
        return Request("POST", "/search", json={"after": at.at})

    reads = Reads(
        Kind.APPLICATION, "/search", nothing, Kind.CANDIDATE, ask=ask, page_size=("limit", 2),
        pages=Keyset(lambda item: f"{item['at']}|{item['id']}"), unfold=lambda body: body["rows"],
    )  # fmt: skip
    wire = Wire(answers({"rows": [{"id": 1, "at": "a"}, {"id": 2, "at": "a"}]}, {"rows": [{"id": 3, "at": "b"}]}))
    there = client(system(), wire, Tenant(facts={"version": "18"}))
    pages = [page async for page in there.list(reads)]
    assert [[item["id"] for item in page] for page in pages] == [[1, 2], [3]]
    assert [at.at for at in asked] == ["", "a|2"]
    assert asked[0].tenant.facts["version"] == "18"


async def test_a_list_with_the_newest_first_is_read_until_it_ends_before_what_was_seen() -> None:
    def page(*days: int, after: str = "") -> Json:
        return {"data": [{"id": day, "at": f"2026-11-{day:02}T09:00:00Z"} for day in days], "next": after}

    wire = Wire(answers(page(20, 19, after="/base/2"), page(18, 17, after="/base/3"), page(16)))
    notes = Reads(Kind.NOTE, "/notes", nothing, Kind.CANDIDATE, items="data", watermark="at", newest_first=True)
    there = client(system(pages=LinkInBody("next")), wire, api_key="k")
    since = datetime(2026, 11, 18, tzinfo=UTC)
    found = [item["id"] async for items in there.list(notes, since=since) for item in items]
    assert found == [20, 19, 18, 17]
    wire.answer = answers(page(20, 19, after="/base/2"), page(18, 17, after="/base/3"), page(16))
    assert [item["id"] async for items in there.list(notes) for item in items] == [20, 19, 18, 17, 16], "whole else"


async def test_all_pages_are_asked_for_as_of_the_moment_the_first_one_was() -> None:
    asked: list[Asked] = []

    def ask(at: Asked) -> Request:
        asked.append(at)
        return Request("POST", "/r", soap={"wd:Get": {}})

    reads = Reads(
        Kind.CANDIDATE, "/r", nothing, Kind.CANDIDATE, ask=ask, page_size=("Count", 1), items="rows",
        pages=PageNumber("Page", total="pages", frozen=True),
    )  # fmt: skip
    moment = [NOW]
    wire = Wire(answers({"rows": [1], "pages": "2.0"}, {"rows": [2], "pages": "2.0"}))
    there = client(system(), wire)
    there._now = lambda: moment[0]
    first = await there.page(reads)
    moment[0] += timedelta(hours=1)
    second = await there.page(reads, at=first.next)
    assert second.next == ""
    assert [(at.at, at.begun) for at in asked] == [("", NOW), ("2", NOW)]


async def test_a_lost_answer_to_a_list_asked_by_post_leaves_no_doubt() -> None:
    reads = Reads(Kind.JOB, "/job.list", nothing, Kind.JOB, in_body=True, items="results")
    with pytest.raises(UnavailableError):
        await client(system(), Wire(lambda _: UnansweredError("lost"))).page(reads)
    with pytest.raises(UnansweredError):
        await client(system(), Wire(lambda _: UnansweredError("lost"))).send(Request("POST", "/job.create", json={}))


async def test_changes_are_asked_for_with_the_token_that_the_last_page_showed() -> None:
    reads = Reads(
        Kind.JOB, "/job.list", nothing, Kind.JOB, in_body=True, items="results", token=SyncToken("syncToken", "syncToken")
    )  # fmt: skip
    wire = Wire(answers({"results": [], "syncToken": "s2"}))
    told: list[str] = []
    there = replace(CONNECTOR, auth=InBody(), pages=PageNumber("page"))
    async for _ in client(there, wire).list(reads, token="s1", on_token=told.append):
        pass
    assert json.loads(wire.sent[0].body or b"")["syncToken"] == "s1"
    assert told == ["s2"]


def test_a_place_that_is_no_longer_good_is_an_answer_nobody_can_use() -> None:
    assert str(ResyncError("The cursor has ended.")) == "The cursor has ended."


async def test_items_that_do_not_say_whose_they_are_are_told_whom_they_were_asked_for() -> None:
    def note(raw: Json, _tenant: Tenant) -> list[Part]:
        return [Part(Kind.NOTE, raw["id"], {"application_id": raw["of"]})]

    def applied(raw: Json, _tenant: Tenant) -> list[Part]:
        return [Part(Kind.APPLICATION, raw["id"], {}, "c7")]

    lists = (
        Reads(Kind.APPLICATION, "/opportunities", applied, Kind.CANDIDATE, by={Kind.CANDIDATE: "contact_id"}, batch=1,
              items="data"),
        Reads(Kind.NOTE, "/notes", note, Kind.CANDIDATE, by={Kind.APPLICATION: "/opportunities/{id}/notes"}, batch=1,
              items="data", asked="of"),
    )  # fmt: skip

    def answer(request: WireRequest) -> WireResponse:
        rows = [{"id": "n1"}] if "/o9/notes" in request.url else [{"id": "o9"}] if "c7" in request.url else []
        return WireResponse(200, {}, json.dumps({"data": rows}).encode())

    there = client(replace(CONNECTOR, auth=InBody(), pages=PageNumber("page")), Wire(answer))
    read = await fetch(
        there, lists, Tenant(), connection="c", number=1, read_id="r", started=NOW, root=Kind.CANDIDATE,
        externals=["c7"], kinds=(), known={},
    )  # fmt: skip
    assert [(p.kind, p.external, p.parent) for p in read["c7"].parts] == [
        (Kind.APPLICATION, "o9", "c7"),
        (Kind.NOTE, "n1", "c7"),
    ]
    assert read["c7"].parts[1].seen == {"application_id": "o9"}


LEVER = {"kind": Kind.CANDIDATE, "root": Kind.CANDIDATE, "items": "data", "by": {Kind.CANDIDATE: "/contacts/{id}"}}


def person(raw: Json, _tenant: Tenant) -> list[Part]:
    into = raw.get("into")
    return [Part(Kind.CANDIDATE, raw["id"], presence=Presence.MERGED if into else Presence.HERE, into=into)]


async def reading(lists: tuple[Reads, ...], answer: Callable[[WireRequest], WireResponse]) -> Read:
    there = client(replace(CONNECTOR, auth=InBody(), pages=PageNumber("page")), Wire(answer))
    found = await fetch(
        there, lists, Tenant(), connection="c", number=1, read_id="r", started=NOW, root=Kind.CANDIDATE,
        externals=["c7"], kinds=(), known={(Kind.APPLICATION, "o1"): "c7"},
    )  # fmt: skip
    return found["c7"]


async def test_a_redirect_from_one_object_to_another_of_its_kind_says_that_it_has_gone_into_it() -> None:
    reads = Reads(path="/opportunities", parse=person, moved="into", **LEVER)  # type: ignore[arg-type]

    def leads(to: str) -> Callable[[WireRequest], WireResponse]:
        return lambda _: WireResponse(301, {"location": to}, b"")

    (part,) = (await reading((reads,), leads("http://127.0.0.1:9/base/contacts/c9"))).parts
    assert (part.external, part.presence, part.into) == ("c7", Presence.MERGED, "c9")
    for elsewhere in ("/login", "http://127.0.0.1:9/base/contacts/c7", "http://127.0.0.1:9/base/users/c9"):
        with pytest.raises(MalformedError, match="redirect"):
            await reading((reads,), leads(elsewhere))
    with pytest.raises(MalformedError, match="redirect"):
        await reading((replace(reads, moved=""),), leads("/base/contacts/c9"))


async def test_objects_that_are_asked_for_by_a_path_are_asked_for_one_by_one() -> None:
    reads = Reads(path="/opportunities", parse=person, **LEVER)  # type: ignore[arg-type]
    wire = Wire(lambda at: WireResponse(200, {}, json.dumps({"data": {"id": at.url[-2:]}}).encode()))
    found = await fetch(
        client(replace(CONNECTOR, auth=InBody(), pages=PageNumber("page")), wire), (reads,), Tenant(), connection="c",
        number=1, read_id="r", started=NOW, root=Kind.CANDIDATE, externals=["c7", "c8"], kinds=(), known={},
    )  # fmt: skip
    assert {id: [part.presence for part in read.parts] for id, read in found.items()} == {
        "c7": [Presence.HERE],
        "c8": [Presence.HERE],
    }


async def test_a_collection_is_whole_only_if_every_list_of_it_is_for_us_to_see() -> None:
    def of(what: str, **more: Any) -> Reads:
        return Reads(
            Kind.ATTACHMENT, f"/opportunities/{{id}}/{what}", lambda _raw, _tenant: [], Kind.CANDIDATE, batch=1,
            by={Kind.APPLICATION: f"/opportunities/{{id}}/{what}"}, items="data", asked="of", **more,
        )  # fmt: skip

    lists = (of("resumes", collection=True), of("files", collection=True))
    assert not any(one.walked for one in lists)

    def answer(refused: str) -> Callable[[WireRequest], WireResponse]:
        return lambda at: WireResponse(403 if refused and refused in at.url else 200, {}, b'{"data": []}')

    whole = Collection(Kind.APPLICATION, "o1", Kind.ATTACHMENT)
    assert (await reading(lists, answer(""))).complete == (whole,)
    assert (await reading(lists, answer("/files"))).complete == ()


async def test_a_file_is_had_by_a_conversation_where_the_connector_has_one() -> None:
    def talk(about: str) -> FileTalk:
        told = yield Request("POST", "/file.info", json={"handle": about}, safe=True)
        if told.json["url"]:
            return str(told.json["url"])
        whole = yield Request("GET", f"/files/{about}", raw=True)
        return whole.body

    wire = Wire(lambda at: WireResponse(200, {}, b"%PDF \xff" if "/files/" in at.url else b'{"url": ""}'))
    got = await client(system(), wire).download("h1", FileReads("handle", talk=talk))
    assert got.data == b"%PDF \xff"
    with pytest.raises(RejectedError, match="larger"):
        await client(system(), wire).download("h1", FileReads("handle", max_bytes=3, talk=talk))
    elsewhere = Wire(lambda _: WireResponse(200, {}, b'{"url": "https://evil.example/cv"}'))
    with pytest.raises(RejectedError, match="not fetched"):
        await client(system(), elsewhere).download("h1", FileReads("handle", (".ashbyhq.com",), talk=talk))


# ------------------------------------------------------------------------------------------------------------- hooks


def claim(headers: Mapping[str, str], body: bytes) -> Claim | None:
    if "stamp" not in headers:
        return None
    at = datetime.fromtimestamp(int(headers["stamp"]), UTC)
    given = tuple(one.removeprefix("v1=") for one in headers.get("sign", "").split(";"))
    return Claim(f"{headers['stamp']}.".encode() + body, given, at, whole=headers.get("whole", "yes") == "yes")


def signed(body: bytes, secret: str = "new", at: datetime = NOW) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    mark = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stamp": stamp, "sign": f"v1=00;v1={mark}"}


def test_a_signature_of_a_systems_own_way_is_checked_with_every_secret_and_its_time() -> None:
    way, body = Signature(claim, within=timedelta(minutes=5)), b'{"id": 1}'
    assert verify.verified(way, signed(body), body, "old\nnew", now=NOW)
    assert not verify.verified(way, signed(body), body, "old", now=NOW)
    assert not verify.verified(way, signed(body), body + b" ", "new", now=NOW)
    assert not verify.verified(way, signed(body, at=NOW - timedelta(minutes=6)), body, "new", now=NOW)
    assert not verify.verified(way, {}, body, "new", now=NOW)
    assert verify.covers(way, signed(body), body)
    assert not verify.covers(way, {**signed(body), "whole": "no"}, body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"id": 1}'])
def test_what_a_signature_cannot_be_read_from_is_not_signed(body: bytes) -> None:
    def claim(headers: Mapping[str, str], body: bytes) -> Claim:
        return Claim(json.loads(body)["payload"]["id"].encode(), (base64.b64decode(headers["sign"]).decode(),))

    assert not verify.verified(Signature(claim), {"sign": "%%"}, body, "secret", now=NOW)


def test_an_unsigned_delivery_is_let_in_by_the_secret_of_its_address_and_covers_nothing() -> None:
    assert verify.verified(Unsigned(), {}, b"{}", "s" * 20, now=NOW, token="s" * 20)
    assert not verify.verified(Unsigned(), {}, b"{}", "s" * 20, now=NOW, token="")
    assert not verify.verified(Unsigned(), {}, b"{}", "", now=NOW, token="")
    assert not verify.covers(Unsigned(), {}, b"{}")


# ------------------------------------------------------------- objects that are asked for by what others show of them


def rpc(request: WireRequest) -> WireResponse:
    """A candidate whose applications are named by it alone, one of them gone, and a job whose text is in a posting."""
    asked = json.loads(request.body or b"{}")
    results: Json = {
        "/candidate.info": {"id": "c7", "applications": ["a1", "a2"], "files": ["f1"]},
        "/application.info": {"id": "a1"},
        "/job.info": {"id": asked.get("id"), "posting": "p1" if asked.get("id") == "j1" else ""},
        "/posting.info": {"job": "j1", "text": asked.get("posting")},
    }
    method = request.url.removeprefix("http://127.0.0.1:9/base")
    if asked.get("id") in ("a2", "c8") or method == "/notes":
        return WireResponse(404, {}, b"{}")
    return WireResponse(200, {"content-type": "application/json"}, json.dumps({"results": results[method]}).encode())


def by_id(info: str) -> Callable[[Asked], Request]:
    return lambda at: Request("POST", info, json={"id": at.ids[0]})


def candidate(raw: Json, _tenant: Tenant) -> list[Part]:
    of = [Part(Kind.APPLICATION, id, {}, raw["id"]) for id in raw["applications"]]
    return [Part(Kind.CANDIDATE, raw["id"]), *of, *(Part(Kind.ATTACHMENT, id, {}, raw["id"]) for id in raw["files"])]


ONE_BY_ONE: tuple[Reads, ...] = (
    Reads(Kind.APPLICATION, "/application.list", lambda raw, _: [Part(Kind.APPLICATION, raw["id"], {"seen": True})],
          Kind.CANDIDATE, by={Kind.APPLICATION: "/application.info"}, batch=1, items="results", in_body=True,
          ask=by_id("/application.info")),
    Reads(Kind.NOTE, "/notes", nothing, Kind.CANDIDATE, by={Kind.CANDIDATE: "candidate"}, batch=1, items="results",
          in_body=True, collection=True),
    Reads(Kind.CANDIDATE, "/candidate.list", candidate, Kind.CANDIDATE, by={Kind.CANDIDATE: "/candidate.info"}, batch=1,
          items="results", ask=by_id("/candidate.info"), also=(Kind.ATTACHMENT,)),
    Reads(Kind.JOB, "/posting.info", lambda raw, _: [Part(Kind.JOB, raw["job"], {"text": raw["text"]})], Kind.JOB,
          by={Kind.JOB: "posting"}, batch=1, unfold=lambda body: [body["results"]], in_body=True,
          through=lambda raw: raw["posting"]),
    Reads(Kind.JOB, "/job.list", lambda raw, _: [Part(Kind.JOB, raw["id"], raw=raw)], Kind.JOB,
          by={Kind.JOB: "/job.info"}, batch=1, items="results", ask=by_id("/job.info")),
)  # fmt: skip


async def read_of(root: Kind, external: str, *kinds: Kind) -> tuple[Any, Wire]:
    wire = Wire(rpc)
    there = client(system(pages=PageNumber("page")), wire)
    found = await fetch(
        there, ONE_BY_ONE, Tenant(), connection="c", number=1, read_id="r", started=NOW, root=root,
        externals=[external], kinds=kinds, known={},
    )  # fmt: skip
    return found[external], wire


async def test_a_child_that_only_its_parent_names_is_read_after_it_and_one_that_is_not_there_is_absent() -> None:
    read, _ = await read_of(Kind.CANDIDATE, "c7")
    said = {p.external: (p.presence, dict(p.seen)) for p in read.parts if p.kind is Kind.APPLICATION}
    assert said == {"a1": (Presence.HERE, {"seen": True}), "a2": (Presence.ABSENT, {})}


async def test_of_a_parent_that_is_not_there_nothing_is_concluded_about_its_children() -> None:
    read, _ = await read_of(Kind.CANDIDATE, "c8")
    assert [(p.kind, p.presence) for p in read.parts] == [(Kind.CANDIDATE, Presence.ABSENT)]
    assert read.complete == ()


async def test_what_stands_within_the_items_of_a_list_is_had_by_reading_that_list() -> None:
    read, wire = await read_of(Kind.CANDIDATE, "c7", Kind.ATTACHMENT)
    assert [p.external for p in read.parts if p.kind is Kind.ATTACHMENT] == ["f1"]
    assert [one.url.rpartition("/")[2] for one in wire.sent] == ["candidate.info"]


async def test_more_of_an_object_may_be_asked_for_by_what_it_shows_of_itself() -> None:
    read, wire = await read_of(Kind.JOB, "j1")
    assert {name: value for part in read.parts for name, value in part.seen.items()} == {"text": "p1"}
    assert json.loads(wire.sent[1].body or b"")["posting"] == "p1"
    _, wire = await read_of(Kind.JOB, "j2")
    assert [one.url.rpartition("/")[2] for one in wire.sent] == ["job.info"], "a job without a posting has no text"


def test_a_list_that_is_neither_polled_nor_swept_is_only_asked_by_what_it_belongs_to() -> None:
    notes = ONE_BY_ONE[1]
    assert not notes.walked
    assert replace(notes, sweep=timedelta(days=1)).walked


# ------------------------------------------------------------------------------------ what was found to be said of Odoo


async def test_a_setting_may_stand_in_a_header_which_is_left_out_where_nobody_entered_it() -> None:
    request = Request("GET", "/x", headers={"x-database": "{tenant}", "x-key": "{api_key}", "x-plain": "one"})
    for given, expected in (({"tenant": "acme", "api_key": "k"}, "acme"), ({"api_key": "k"}, None)):
        wire = Wire(answers({}))
        await client(system(), wire, **given).send(request)
        assert wire.sent[0].headers.get("x-database") == expected
        assert wire.sent[0].headers["x-plain"] == "one"
        assert wire.sent[0].headers["x-key"] == "{api_key}", "a secret stands in no header by this"


async def test_what_hangs_on_an_application_and_does_not_say_whose_it_is_belongs_to_its_candidate() -> None:
    def applied(raw: Json, _tenant: Tenant) -> list[Part]:
        return [Part(Kind.APPLICATION, str(raw["id"]), {}, str(raw["of"]))]

    def noted(raw: Json, _tenant: Tenant) -> list[Part]:
        return [Part(Kind.NOTE, str(raw["id"]), {}, via=(Kind.APPLICATION, str(raw["on"])))]

    reads = (
        Reads(Kind.APPLICATION, "/applications", applied, Kind.CANDIDATE, by={Kind.CANDIDATE: "candidates"}),
        Reads(Kind.NOTE, "/notes", noted, Kind.CANDIDATE, by={Kind.APPLICATION: "applications"}),
    )
    wire = Wire(answers([{"id": 7, "of": 1}, {"id": 8, "of": 2}], [{"id": 70, "on": 7}, {"id": 80, "on": 8}]))
    found = await fetch(
        client(system(), wire, api_key="k"), reads, Tenant(), connection="c1", number=1, read_id="r", started=NOW,
        root=Kind.CANDIDATE, externals=["1", "2"], kinds=(), known={},
    )  # fmt: skip
    notes = {home: [(p.external, p.parent) for p in read.parts if p.kind is Kind.NOTE] for home, read in found.items()}
    assert notes == {"1": [("70", "1")], "2": [("80", "2")]}


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Ada Maria Byron", "Ada Maria", "Byron"),
        ("Ada  Byron ", "Ada", "Byron"),
        ("Ada", None, "Ada"),
        (None, None, None),
    ],
)
def test_a_name_in_one_text_is_parted_before_its_last_word(
    text: str | None, first: str | None, last: str | None
) -> None:
    lens = full_name(Kind.CANDIDATE, "name")
    nobody = Record("r", "w", Kind.CANDIDATE, "f", None, {}, {}, "c1", NOW)
    assert lens.parse(text, nobody, Refs()) == {"first_name": first, "last_name": last}


def test_who_is_known_under_these_words_keeps_the_parts_we_have() -> None:
    lens = full_name(Kind.CANDIDATE, "name")
    held = {"first_name": "Ludwig", "last_name": "van der Rohe"}
    known = Record("r", "w", Kind.CANDIDATE, "f", None, held, {}, "c1", NOW)
    assert lens.parse("Ludwig van der  Rohe", known, Refs()) == held
