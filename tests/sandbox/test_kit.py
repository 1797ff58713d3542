"""What every sandbox is made of, shown on a vendor that does not exist."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import pytest

from bascule.sandbox.kit.errors import Refused
from bascule.sandbox.kit.faults import AnswerLost
from bascule.sandbox.kit.hooks import Reply
from bascule.sandbox.kit.ids import hexes, numbers, texts, uuids
from bascule.sandbox.kit.paging import after, pack, unpack
from bascule.sandbox.kit.rates import Buckets, Rate, Together, Windows
from bascule.sandbox.kit.tables import SYSTEM, Actor, Database, Kind, Table

from .acme import MOST, Options, Sandbox, create_app
from .conftest import Clock

SCOPES = ("candidates.list", "candidates.create", "candidates.update", "offline")
BACK = "https://bridge.example/back"
DANA = Actor("user:Dana Whitfield")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Rig:
    """Acme in this process, a clock that is held, a receiver that shakes hands."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        self.status = 200
        self.echoes = True
        self.got: list[tuple[Mapping[str, str], bytes]] = []
        self.sandbox = Sandbox(Options(**options), now=self.clock, deliver=self.take)
        self.client = self.sandbox.credential("Bridge", *SCOPES, redirect=BACK)
        transport = httpx2.ASGITransport(create_app(self.sandbox))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://ats.test")
        self.token = ""

    async def take(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if "X-Hook-Secret" in headers:
            return Reply(200, dict(headers) if self.echoes else {})
        self.got.append((headers, body))
        return Reply(self.status)

    async def ask(self, **form: str) -> httpx2.Response:
        named = f"{self.client['client_id']}:{self.client['secret']}"
        basic = {"Authorization": f"Basic {base64.b64encode(named.encode()).decode()}"}
        return await self.http.post("/oauth/token", data=form, headers=basic)

    async def sign_in(self, **form: str) -> None:
        answer = await self.ask(grant_type="client_credentials", **form)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]

    async def call(self, method: str, headers: Mapping[str, str] | None = None, **params: Any) -> httpx2.Response:
        self.clock.move(seconds=1)
        told = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return await self.http.post("/rpc", json={"method": method, "params": params}, headers=told)

    async def hook(self) -> Any:
        values = {"url": "http://hooks.test/in", "secret": "shh",
                  "events": ["candidate.created", "candidate.changed", "candidate.deleted"]}  # fmt: skip
        return await self.sandbox.hooks.save(DANA, values)

    def apply(self) -> Any:
        job = next(iter(self.sandbox.db["jobs"]))
        return self.sandbox.apply(DANA, job["id"], "Ada Byron", "ada@example.org")

    async def sent(self) -> list[dict[str, Any]]:
        await self.sandbox.hooks.deliver_due()
        bodies = [json.loads(body) for _, body in self.got]
        self.got.clear()
        return bodies


@pytest.fixture
async def build() -> AsyncGenerator[Callable[..., Rig]]:
    made: list[Rig] = []

    def rig(**options: Any) -> Rig:
        made.append(Rig(**options))
        return made[-1]

    yield rig
    for one in made:
        await one.http.aclose()


@pytest.fixture
async def rig(build: Callable[..., Rig]) -> Rig:
    one = build(candidates=7)
    await one.sign_in()
    return one


# ------------------------------------------------------------------------------------------------------ ids and tables


def test_ids_are_the_vendors_own_and_the_same_for_the_same_seed() -> None:
    assert [numbers(7)(made) for made in range(3)] == [7, 8, 9]
    assert texts("R-{:05d}", 8)(0) == "R-00008"
    assert UUID(uuids(1, "jobs")(0)).version == 4
    assert len({uuids(seed, kind)(made) for seed in (1, 2) for kind in "ab" for made in (0, 1)}) == 8
    assert uuids(1, "jobs")(5) == uuids(1, "jobs")(5)
    assert len(hexes(1, "jobs")(3)) == 32
    assert int(hexes(1, "jobs")(3), 16) >= 0


def test_rows_keep_the_order_in_which_they_came_whatever_their_ids_are() -> None:
    clock = Clock()
    db = Database({"jobs": Kind(uuids(1, "jobs"))}, clock)
    ids = [db.create("jobs", SYSTEM, title=str(number))["id"] for number in range(6)]
    assert db["jobs"].ids == ids
    db.delete("jobs", ids[2], SYSTEM)
    assert [row["title"] for row in db["jobs"].oldest_first(ids[2])] == ["3", "4", "5"], "from one that is gone"
    assert [row["title"] for row in db["jobs"].newest_first(ids[2])] == ["1", "0"]
    before = clock()
    clock.move(seconds=5)
    db.delete("jobs", ids[0], SYSTEM)
    db.create("jobs", SYSTEM, title="6")
    past = db.as_of(before)
    assert [row["title"] for row in past["jobs"].oldest_first()] == ["0", "1", "3", "4", "5"]
    assert [row["title"] for row in db["jobs"].oldest_first()] == ["1", "3", "4", "5", "6"]


def test_numbers_are_never_given_twice() -> None:
    db = Database({"jobs": Kind(numbers(100))}, Clock())
    db["jobs"].insert({"id": 500})
    one = db.create("jobs", SYSTEM)
    db.delete("jobs", one["id"], SYSTEM)
    assert (one["id"], db.create("jobs", SYSTEM)["id"]) == (501, 502)


async def test_the_log_has_a_line_for_each_entry_that_became_different(rig: Rig) -> None:
    row = rig.apply()
    await rig.call("candidates.update", id=row["id"], score=87)
    last = rig.sandbox.db.log[-1]
    assert (last.field, last.old, last.new, last.actor.kind) == ("fields.Score", None, 87, "api:Bridge")
    told = (await rig.http.get("/sandbox/changes", params={"candidate": row["id"]})).json()["changes"]
    assert [one["object"] for one in told] == ["candidates", "applications", "candidates"]


async def test_an_edit_that_is_written_over_unseen_is_counted(rig: Rig) -> None:
    row = rig.apply()
    await rig.call("candidates.list", limit=100)
    rig.clock.move(seconds=5)
    rig.sandbox.change_candidate(DANA, row, {"fields": {rig.sandbox.score: 50}})
    await rig.call("candidates.update", id=row["id"], score=87)
    (found,) = (await rig.http.get("/sandbox/overwritten")).json()["overwritten"]
    assert (found["id"], found["edited_by"], found["window"]) == (row["id"], "user:Dana Whitfield", 6.0)


# ------------------------------------------------------------------------------------------------------------ paging


async def test_a_cursor_survives_rows_that_come_change_and_go(rig: Rig) -> None:
    everyone = {row["id"] for row in rig.sandbox.db["candidates"]}
    first = (await rig.call("candidates.list")).json()
    shown, cursor = [row["id"] for row in first["data"]], first["next"]
    rig.sandbox.delete_candidate(DANA, shown[-1])
    rig.apply()
    while cursor:
        page = (await rig.call("candidates.list", cursor=cursor)).json()
        shown += [row["id"] for row in page["data"]]
        cursor = page["next"]
    assert len(shown) == len(set(shown)) == 8
    assert everyone <= set(shown)
    assert (await rig.call("candidates.list", cursor="x!")).status_code == 400


def test_cursors_hold_what_was_packed_and_nothing_else_is_one() -> None:
    assert unpack(pack(["2026-11-20T09:00:00.000Z", "ä"])) == ["2026-11-20T09:00:00.000Z", "ä"]
    for text in ("", "***", "äö", "abc"):
        with pytest.raises(ValueError, match="cursor"):
            unpack(text)
    rows = [{"id": number} for number in (3, 1, 2)]
    assert after(rows, lambda row: [row["id"]], None, 2) == ([{"id": 1}, {"id": 2}], [2])
    assert after(rows, lambda row: [row["id"]], [2], 2) == ([{"id": 3}], None)


# ------------------------------------------------------------------------------------------------------------- access


async def test_a_token_ends_with_its_time_and_a_secret_with_its_grace(rig: Rig) -> None:
    assert (await rig.call("candidates.list")).status_code == 200
    rig.clock.move(minutes=10)
    assert (await rig.call("candidates.list")).status_code == 401
    rig.sandbox.faults.add({"kind": "rotate", "grace": 60})
    assert rig.sandbox.oauth.client(rig.client["client_id"], rig.client["previous_secret"])
    rig.clock.move(seconds=60)
    with pytest.raises(Refused):
        rig.sandbox.oauth.client(rig.client["client_id"], rig.client["previous_secret"])
    assert (await rig.ask(grant_type="client_credentials")).status_code == 200
    assert (await rig.ask(grant_type="password")).json()["error"] == "unsupported_grant_type"


async def test_scopes_are_what_was_asked_for_and_is_held(rig: Rig) -> None:
    await rig.sign_in(scope="candidates.list somebody.else")
    assert (await rig.call("candidates.list")).status_code == 200
    assert (await rig.call("candidates.update")).status_code == 403
    rig.sandbox.faults.add({"kind": "lose_scopes", "scopes": ["candidates.list"], "until": 30})
    await rig.sign_in()
    assert (await rig.call("candidates.list")).status_code == 403
    rig.clock.move(seconds=60)
    rig.sandbox.faults.run_due()
    await rig.sign_in()
    assert (await rig.call("candidates.list")).status_code == 200


async def allowed(rig: Rig, scope: str, allow: str = "yes") -> dict[str, list[str]]:
    """What comes back with a person who was asked, and answered."""
    asked = {"client_id": rig.client["client_id"], "redirect_uri": BACK, "response_type": "code", "state": "s1",
             "scope": scope}  # fmt: skip
    page = await rig.http.get("/oauth/authorize", params=asked)
    assert "Bridge asks for access" in page.text
    answer = await rig.http.post("/oauth/authorize", params=asked, data={"allow": allow})
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(BACK)
    return parse_qs(urlsplit(answer.headers["location"]).query)


async def test_a_person_allows_and_the_refresh_token_changes_with_each_use(rig: Rig) -> None:
    back = await allowed(rig, "candidates.list offline")
    assert back["state"] == ["s1"]
    first = (await rig.ask(grant_type="authorization_code", code=back["code"][0])).json()
    again = await rig.ask(grant_type="authorization_code", code=back["code"][0])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant"), "a code is good once"
    second = (await rig.ask(grant_type="refresh_token", refresh_token=first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (await rig.ask(grant_type="refresh_token", refresh_token=first["refresh_token"])).status_code == 400
    rig.token = second["access_token"]
    assert (await rig.call("candidates.list")).status_code == 200
    rig.sandbox.faults.add({"kind": "expire_consents"})
    assert (await rig.ask(grant_type="refresh_token", refresh_token=second["refresh_token"])).status_code == 400


async def test_without_offline_access_there_is_no_refresh_token_and_no_is_no(rig: Rig) -> None:
    back = await allowed(rig, "candidates.list")
    assert "refresh_token" not in (await rig.ask(grant_type="authorization_code", code=back["code"][0])).json()
    assert await allowed(rig, "candidates.list", allow="") == {"error": ["access_denied"], "state": ["s1"]}
    elsewhere = {"client_id": rig.client["client_id"], "redirect_uri": "https://evil.example", "response_type": "code"}
    assert (await rig.http.get("/oauth/authorize", params=elsewhere)).status_code == 400


# --------------------------------------------------------------------------------------------------------------- rates


def test_a_bucket_allows_a_burst_and_then_what_flows_in() -> None:
    buckets = Buckets(Rate(10, 1.0), burst=20)
    used = [buckets.take("key", NOON) for _ in range(21)]
    assert [one.remaining for one in used] == [*range(19, -1, -1), -1]
    assert used[-1].exceeded
    assert not buckets.take("another", NOON).exceeded
    assert not buckets.take("key", NOON + timedelta(milliseconds=100)).exceeded
    assert buckets.take("key", NOON + timedelta(milliseconds=110)).exceeded


def test_windows_start_together_and_tell_it_under_the_vendors_names() -> None:
    windows = Windows(Rate(2, 10.0))
    assert [windows.take("key", NOON).remaining for _ in range(3)] == [1, 0, -1]
    told = windows.take("key", NOON + timedelta(seconds=4)).headers("Limit", "", "Reset", "Retry", reset_in=True)
    assert told == {"Limit": "2", "Reset": "6", "Retry": "6"}
    assert windows.take("key", NOON + timedelta(seconds=10)).remaining == 1


def test_only_so_many_run_at_once() -> None:
    together = Together(1)
    with together.entered("key") as first:
        with together.entered("key") as second, together.entered("other") as other:
            assert (first.exceeded, second.exceeded, other.exceeded) == (False, True, False)
    with together.entered("key") as later:
        assert not later.exceeded


# ------------------------------------------------------------------------------------------------------- faults over RPC


async def test_faults_meet_a_procedure_by_its_name_and_answer_in_the_vendors_words(rig: Rig) -> None:
    rig.sandbox.faults.add({"kind": "answer", "path": "candidates.update", "status": 503, "retry_after": 7})
    assert (await rig.call("candidates.list")).status_code == 200
    refused = await rig.call("candidates.update")
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, 503, "7")
    counted = (await rig.http.get("/sandbox/requests")).json()["requests"]
    assert {"method": "POST", "endpoint": "/rpc/candidates.update", "status": 503, "count": 1} in counted


async def test_objects_are_reshaped_inside_their_envelope(rig: Rig) -> None:
    rig.sandbox.faults.add({"kind": "reshape", "path": "list", "rename": {"email": "mail"}})
    answer = (await rig.call("candidates.list")).json()
    assert all("mail" in row and "email" not in row for row in answer["data"])


async def test_a_lost_answer_is_done_and_a_new_row_may_not_be_ready(rig: Rig) -> None:
    job = next(iter(rig.sandbox.db["jobs"]))["id"]
    rig.sandbox.faults.load([{"kind": "lost_answer", "path": "create"},
                             {"kind": "not_ready", "path": "create", "seconds": 60}])  # fmt: skip
    before = rig.sandbox.people()
    with pytest.raises(AnswerLost):
        await rig.call("candidates.create", job=job, name="Ada Byron", email="ada@example.org")
    assert rig.sandbox.people() == before + 1
    assert "Ada Byron" not in (await rig.call("candidates.list", limit=100)).text
    rig.clock.move(seconds=60)
    assert "Ada Byron" in (await rig.call("candidates.list", limit=100)).text


async def test_a_replica_that_is_behind_shows_what_was(rig: Rig) -> None:
    rig.clock.move(seconds=60)
    rig.apply()
    rig.sandbox.faults.add({"kind": "stale", "method": "POST", "path": "list", "seconds": 30})
    assert "Ada Byron" not in (await rig.call("candidates.list", limit=100)).text
    assert "Ada Byron" in (await rig.call("candidates.list", limit=100)).text


async def test_deeds_are_done_by_the_vendors_functions_and_others_are_refused(rig: Rig) -> None:
    for deed, object in (({"kind": "change", "set": {"name": "Bulk {id}"}, "count": 2}, "candidates"),
                         ({"kind": "delete"}, "candidates"), ({"kind": "rename_field", "name": "Score", "to": "AI"},
                                                              "fields")):  # fmt: skip
        done = rig.sandbox.faults.add(deed)
        assert done.problem == ""
        assert all(one.startswith(object) for one in done.done_to)
    assert rig.sandbox.people() == 6
    assert {change.actor.kind for change in rig.sandbox.db.log[-3:]} == {"fault:delete", "fault:rename_field"}
    with pytest.raises(ValueError, match="cannot do that"):
        rig.sandbox.faults.add({"kind": "merge"})


async def test_what_is_hidden_is_shown_again_when_it_is_over(rig: Rig) -> None:
    rig.sandbox.faults.add({"kind": "hide", "count": None, "until": 20})
    assert (await rig.call("candidates.list", limit=100)).json()["data"] == []
    rig.clock.move(seconds=20)
    assert len((await rig.call("candidates.list", limit=100)).json()["data"]) == 7


# ------------------------------------------------------------------------------------------------------------ webhooks


async def test_a_hook_is_on_once_it_has_shaken_hands(rig: Rig) -> None:
    rig.echoes = False
    row = await rig.hook()
    assert not row["enabled"]
    rig.echoes = True
    assert (await rig.sandbox.hooks.enable(DANA, row["id"]))["enabled"]
    rig.apply()
    await rig.sandbox.hooks.deliver_due()
    ((headers, body),) = rig.got
    assert headers["Acme-Signature"] == hmac.new(b"shh", body, hashlib.sha256).hexdigest()
    with pytest.raises(Refused):
        rig.sandbox.hooks.remove(DANA, "nobody")


async def test_it_is_tried_again_as_the_vendor_does_and_then_switched_off(rig: Rig) -> None:
    hook = await rig.hook()
    rig.status = 500
    rig.apply()
    for seconds, attempts in ((0, 1), (9, 1), (1, 2), (29, 2), (1, 3), (999, 3)):
        rig.clock.move(seconds=seconds)
        await rig.sandbox.hooks.deliver_due()
        assert len(rig.got) == attempts
    (delivery,) = rig.sandbox.hooks.deliveries
    assert (delivery.state, hook["enabled"]) == ("failed", False)


async def test_some_answers_are_final(rig: Rig) -> None:
    await rig.hook()
    rig.status = 410
    rig.apply()
    await rig.sandbox.hooks.deliver_due()
    rig.clock.move(seconds=999)
    await rig.sandbox.hooks.deliver_due()
    assert (len(rig.got), rig.sandbox.hooks.deliveries[-1].state) == (1, "failed")


async def test_webhooks_go_wrong_as_ordered(rig: Rig) -> None:
    await rig.hook()
    row = rig.apply()
    (created,) = await rig.sent()
    rig.sandbox.faults.add({"kind": "drop", "topic": "candidate.changed"})
    rig.sandbox.change_candidate(DANA, row, {"name": "Ada Lovelace"})
    assert await rig.sent() == []
    rig.sandbox.faults.add({"kind": "old_body"})
    rig.sandbox.change_candidate(DANA, row, {"name": "Ada King"})
    assert [one["data"]["name"] for one in await rig.sent()] == ["Ada Lovelace"], "the event before it, which was lost"
    rig.sandbox.faults.add({"kind": "repeat"})
    rig.sandbox.change_candidate(DANA, row, {"name": "Ada"})
    assert len(await rig.sent()) == 2
    assert created["data"]["id"] == row["id"]


async def test_a_receiver_that_takes_too_long_has_not_answered() -> None:
    async def never(url: str, headers: Mapping[str, str], body: bytes) -> int:
        await asyncio.Event().wait()
        return 200

    sandbox = Sandbox(now=Clock(), deliver=never)
    sandbox.hooks.manner = replace(sandbox.hooks.manner, patience=0.01)
    assert await sandbox.hooks.send("http://hooks.test", {}, b"") is None


# ---------------------------------------------------------------------------------------------------------------- HTTP


async def test_a_body_that_is_too_large_or_no_json_is_refused(rig: Rig) -> None:
    told = {"Authorization": f"Bearer {rig.token}"}
    assert (await rig.http.post("/oauth/token", content=b"x")).status_code == 401
    large = json.dumps({"method": "candidates.list", "params": {"x": "y" * MOST}}).encode()
    assert (await rig.http.post("/rpc", content=large, headers=told)).status_code == 413


async def test_links_are_of_the_address_the_caller_used(rig: Rig) -> None:
    answer = await rig.call("candidates.list", headers={"Host": "ats.example", "X-Forwarded-Proto": "https, http"})
    assert answer.json()["base"] == "https://ats.example"


def test_the_same_seed_is_the_same_tenant_and_lies_in_the_past() -> None:
    first, second, other = (Sandbox(Options(seed=seed, candidates=20), now=Clock()) for seed in (3, 3, 4))
    shown = [[(row["id"], row["name"], row["created_at"]) for row in one.db["candidates"]] for one in (first, second)]
    assert shown[0] == shown[1]
    assert shown[0][0][0] != next(iter(other.db["candidates"]))["id"]
    assert first.db.log == []
    assert all(row["created_at"] <= Clock()() for row in first.db["candidates"])
    assert first.add_people(5) == 25
    mails = [row["email"] for row in first.db["candidates"]]
    assert len(mails) == len(set(mails)), "the second round goes on counting"


def test_a_row_is_looked_up_by_a_column_whatever_the_case_as_it_stands_now() -> None:
    table = Table("people", Kind(numbers(1), (), ("email",)))
    ada, bob = (table.insert({"email": email}) for email in ("Ada@One.example", "bob@one.example"))
    assert table.first("email", "ada@one.EXAMPLE") is ada
    table.update(bob, {"email": "ADA@one.example"})
    assert table.first("email", "bob@one.example") is None
    table.update(ada, {"email": "ada@two.example"})
    assert table.first("email", "ada@one.example") is bob
    table.update(ada, {"email": "ada@one.example"})
    assert table.first("email", "ada@one.example") is ada, "who came first"
    past = table.earlier({ada["id"]: {**ada, "email": "lovelace@one.example"}})
    assert past.first("email", "ada@one.example") is bob
    table.remove(ada["id"])
    assert table.first("email", "ada@one.example") is bob
    table.update(bob, {"email": None})
    assert table.first("email", "ada@one.example") is None
