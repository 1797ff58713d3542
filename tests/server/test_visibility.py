"""Who may see a candidate, on every address there is: what is hidden answers as what does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute

from bascule.model import (
    Family,
    Fields,
    Kind,
    Link,
    Reason,
    Record,
    Review,
    ReviewKind,
    Role,
    Source,
    Write,
    WriteState,
)
from bascule.server.web import unpack
from bascule.store import Tx
from bascule.store.messages import Message, MessageState
from bascule.store.sql import Sql

from .conftest import SOMEBODY, Bench

HIDDEN, SEEN = "Zebedee", "Vera"
OUTSIDE = re.compile(r"/(login|logout|theme|quiet|hooks|healthz|metrics|events|api/tools)\b|.*{token}")  # other keys
SCOPES = ("candidates:read", "jobs:read", "failures:read", "failures:write", "reviews:read", "reviews:write",
          "tasks:read", "tasks:write", "status:read", "jobs:write", "connections:read", "events:read")  # fmt: skip


KINDS = ("candidate", "application", "note", "review", "write", "message", "job")
CHANGES = re.compile(r"\d\d:\d\d(:\d\d)?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b\d+ (s|min)\b( ago)?|just now")


@dataclass
class House:
    """A workspace with a candidate whom Dana, a recruiter, may see, and one whom she may not; `ids` are of all that
    hangs on the hidden one."""

    bench: Bench
    job: str
    visible: str
    hidden: str
    family: str
    ids: dict[str, str]
    key: str = ""

    async def candidate(self, name: str, job: str) -> dict[str, str]:
        """Somebody with an application, a note, a review, a failure and a message."""
        app, now = self.bench.app, self.bench.app.runtime.now()
        (at,) = app.connections.all()
        source = Source(at.id, SOMEBODY, "read", now)
        ids = {name: app.runtime.id() for name in ("family", "candidate", "application", "note", "review", "write",
                                                  "message", "link", "held")}  # fmt: skip

        def record(kind: Kind, fields: Fields, parent: str | None = None) -> Record:
            id = ids[str(kind)]
            return Record(
                id, app.workspace, kind, ids["family"], parent, fields, dict.fromkeys(fields, source), at.id, now
            )

        person = ids["candidate"]
        records = [
            record(Kind.CANDIDATE, {"first_name": name, "last_name": "Quux", "emails": (f"{name}@mail.example".lower(),),
                                    "phones": (), "tags": ()}),
            record(Kind.APPLICATION, {"job": job, "status": "active", "applied_at": now.isoformat()}, person),
            record(Kind.NOTE, {"body": f"{name} said so", "visibility": "public"}, person),
        ]  # fmt: skip
        review = Review(ids["review"], ReviewKind.PROPOSAL, person, at.id, "phones", f"p-{name}",
                        {"base": (), "proposed": (f"+45 {name}",)}, SOMEBODY, now)  # fmt: skip
        dead = Write(ids["write"], at.id, person, ids["link"], "update", frozenset({"phones"}), SOMEBODY, "c", now,
                     WriteState.DEAD, why=f"422: {name} is too long", reason=Reason.VALUE, closed=now)  # fmt: skip
        link = Link(ids["link"], at.id, Kind.CANDIDATE, f"gh-{name}", person)
        family = Family(ids["family"], app.workspace, Kind.CANDIDATE, 0, "salt", {one.id: one for one in records},
                        {link.id: link}, writes={dead.id: dead}, reviews={review.id: review})  # fmt: skip
        message = Message(ids["message"], ids["family"], person, ids["application"], job, at.id, "out", "hello", "en",
                          MessageState.HELD, now, now, f"{name}@mail.example", f"Dear {name}", f"Hello {name}",
                          f"t{name}", f"m{name}")  # fmt: skip

        def save(tx: Tx) -> None:
            tx.families.save(None, family, now=now)
            tx.messages.add(app.workspace, message)

        await app.store.write(save)
        return ids

    async def job_of(self, title: str, **fields: Any) -> str:
        app, now = self.bench.app, self.bench.app.runtime.now()
        id, said = app.runtime.id(), {"title": title, "status": "open", **fields}
        source = Source("ours", SOMEBODY, "read", now)
        record = Record(id, app.workspace, Kind.JOB, id, None, said, dict.fromkeys(said, source), "ours", now)
        family = Family(id, app.workspace, Kind.JOB, 0, "salt", {id: record})
        await app.store.write(lambda tx: tx.families.save(None, family, now=now))
        return id


@pytest.fixture
async def house(bench: Bench) -> House:
    """Only hiring teams see candidates; Dana is on Vera's job. She is signed in, and has a key that is bound to her."""
    await bench.enter()
    await bench.connection()
    made = House(bench, "", "", "", "", {})
    app, now = bench.app, bench.app.runtime.now()
    dana = app.runtime.id()
    user: Fields = {"name": "Dana", "email": "recruiter@mail.example", "active": True}
    source = Source("ours", SOMEBODY, "read", now)
    record = Record(dana, app.workspace, Kind.USER, dana, None, user, dict.fromkeys(user, source), "ours", now)
    family = Family(dana, app.workspace, Kind.USER, 0, "salt", {dana: record})
    await app.store.write(lambda tx: tx.families.save(None, family, now=now))
    made.job = await made.job_of("Seen job", recruiters=(dana,))
    others = await made.job_of("Other job")
    secret = await made.job_of("Closed job", confidential=True)
    made.visible = (await made.candidate(SEEN, made.job))["candidate"]
    made.ids = await made.candidate(HIDDEN, others)
    made.hidden, made.family = made.ids["candidate"], made.ids["family"]
    made.ids["job"] = secret
    assert (await bench.post("/settings/visibility", who="team")).status_code == 303
    administrator = await bench.server.state.web.people.session(bench.browser.cookies["bascule"])
    await bench.enter(Role.RECRUITER)
    signed = await bench.server.state.web.people.session(bench.browser.cookies["bascule"])
    people = bench.server.state.web.people
    made.key = await people.make_key("hers", frozenset(SCOPES), administrator, person=signed.user.id)
    return made


# ---------------------------------------------------------------------------------------------------------- the walk


def routes(bench: Bench) -> Iterator[tuple[str, str, APIRoute]]:
    """Every address of people and programs."""
    for route in bench.server.router.routes:
        if isinstance(route, APIRoute) and not OUTSIDE.match(route.path):
            for method in sorted(route.methods):
                yield method, route.path, route


def addresses(path: str, house: House, id: str) -> Iterator[str]:
    """The path with the id in every place of one, and with somebody visible in front of it."""
    names = re.findall(r"{(\w+)}", path)
    about_job = path.removeprefix("/api/v1").startswith("/jobs/{id}")
    for first in dict.fromkeys((id, house.visible)) if len(names) > 1 and not about_job else (id,):
        values = {name: "greenhouse" if name in ("name", "connection") else id for name in names}
        if names and values[names[0]] == id:
            values[names[0]] = house.job if about_job and len(names) > 1 else first
        yield path.format(**values)


FIELDS = ("record", "other", "candidate", "application", "person", "keep", "review", "write", "id", "pair", "ids", "stage",
          "reason", "into", "from", "task", "first", "second", "records", "chosen", "one")  # fmt: skip


def filled(schema: Mapping[str, Any], doc: Mapping[str, Any], id: str) -> Any:
    """A body that a schema takes, with the id wherever a text may stand."""
    if "$ref" in schema:
        return filled(doc["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]], doc, id)
    for some in ("anyOf", "oneOf", "allOf"):
        if some in schema:
            return filled(schema[some][0], doc, id)
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    match schema.get("type"):
        case "object":
            return {name: filled(one, doc, id) for name, one in schema.get("properties", {}).items()}
        case "array":
            return [filled(schema["items"], doc, id)]
        case "integer" | "number":
            return 1
        case "boolean":
            return False
        case _:
            return id


async def ask(house: House, method: str, path: str, route: APIRoute, id: str) -> httpx2.Response:
    browser = house.bench.browser
    if path.startswith("/api/"):
        doc = house.bench.server.openapi()
        body = doc["paths"].get(route.path, {}).get(method.lower(), {}).get("requestBody")
        content = filled(body["content"]["application/json"]["schema"], doc, id) if body else None
        return await browser.request(method, path, json=content, headers={"authorization": f"Bearer {house.key}"})
    if method == "GET":
        return await browser.get(path)
    form = {"csrf": await token(house), **dict.fromkeys(FIELDS, id), "tag": "x", "body": "x", "answer": "approve"}
    headers = {"origin": "http://bascule.test", "referer": "http://bascule.test/jobs"}
    return await browser.post(path, data=form, headers=headers)


async def token(house: House) -> str:
    signed = await house.bench.server.state.web.people.session(house.bench.browser.cookies["bascule"])
    return signed.csrf


async def outcome(house: House, answer: httpx2.Response, id: str) -> tuple[Any, ...]:
    """All that an answer says, but for the id itself and what changes with the clock."""
    said = answer.cookies.get("bascule-said", "")
    flash = unpack(said.strip('"'), await token(house)) if said else None
    house.bench.browser.cookies.delete("bascule-said") if said else None
    texts = (answer.text, answer.headers.get("location", ""), str(flash), answer.headers.get("hx-redirect", ""))
    return answer.status_code, *(CHANGES.sub("", one.replace(id, "ID")) for one in texts)


async def test_no_address_tells_what_is_hidden_from_what_is_not_there(house: House) -> None:
    rev = await house.bench.app.store.read(lambda tx: tx.families.family(house.family).rev)
    walked, told = 0, list[str]()
    for method, path, route in routes(house.bench):
        names = set(re.findall(r"{(\w+)}", path)) - {"name", "connection"}
        if not names and method == "GET":
            continue
        unknown = house.bench.app.runtime.id()
        absent = [
            await outcome(house, await ask(house, method, there, route, unknown), unknown)
            for there in addresses(path, house, unknown)
        ]
        for kind in KINDS if names else KINDS[:2]:
            id = house.ids[kind]
            for here, nothing in zip(addresses(path, house, id), absent, strict=True):
                hidden = await outcome(house, await ask(house, method, here, route, id), id)
                walked += 1
                if hidden != nothing or hidden[0] >= 500 or HIDDEN in str(hidden):
                    told.append(f"{method} {path} {kind}: {hidden!s:.300} / {nothing!s:.300}")
    assert not told, "\n".join(told)
    assert walked > 500
    assert await telling(house) >= 8, "where somebody may be seen it is no different: the walk proves nothing"
    assert await house.bench.app.store.read(lambda tx: tx.families.family(house.family).rev) == rev
    lines = await house.bench.app.store.read(lambda tx: tx.audit.page(house.bench.app.workspace, limit=500))
    assert not [line for line in lines if line.family == house.family and line.actor.name != SOMEBODY.name]


async def telling(house: House) -> int:
    """On how many addresses somebody who may be seen is told from somebody who is not there."""
    told, unknown = 0, house.bench.app.runtime.id()
    for method, path, route in routes(house.bench):
        if method == "GET" and re.findall(r"{(\w+)}", path) == ["id"]:
            here = await outcome(
                house, await ask(house, method, path.format(id=house.visible), route, ""), house.visible
            )
            there = await outcome(house, await ask(house, method, path.format(id=unknown), route, ""), unknown)
            told += here[0] == 200 != there[0]
    return told


async def test_no_list_page_file_or_count_holds_who_is_hidden(house: House) -> None:
    found = dict[str, bool]()
    for method, path, route in routes(house.bench):
        if method != "GET":
            continue
        for query in ("", f"?q={HIDDEN}", "?q=Quux"):
            filled_in = re.sub(r"{\w+}", house.job, path) + query
            answer = await ask(house, "GET", filled_in, route, "")
            assert answer.status_code < 500, (filled_in, answer.text[:300])
            shown = answer.text.replace(f"?q={HIDDEN}", "").replace(f'value="{HIDDEN}"', "").replace(f"“{HIDDEN}”", "")
            if query != f"?q={HIDDEN}":
                assert HIDDEN not in shown, filled_in
            assert not any(id in shown for name, id in house.ids.items() if name != "job"), filled_in
            assert "Closed job" not in shown, filled_in
            found[path] = found.get(path, False) or SEEN in answer.text
    for path in ("/candidates", "/candidates.csv", "/review", "/failures", "/messages", "/jobs/{id}", "/api/v1/candidates",
                 "/api/v1/reviews", "/api/v1/failures"):  # fmt: skip
        assert found[path], f"{path} does not show who may be seen: it proves nothing"


async def test_owners_compliance_and_a_key_of_the_workspace_see_everybody(house: House) -> None:
    bench = house.bench
    for role in (Role.OWNER, Role.COMPLIANCE, Role.ADMINISTRATOR):
        await bench.enter(role)
        assert HIDDEN in (await bench.browser.get("/candidates")).text
        assert (await bench.browser.get(f"/candidates/{house.hidden}")).status_code == 200
    signed = await bench.server.state.web.people.session(bench.browser.cookies["bascule"])
    key = await bench.server.state.web.people.make_key("all", frozenset({"candidates:read"}), signed)
    answer = await bench.browser.get(f"/api/v1/candidates/{house.hidden}", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 200


async def test_everybody_is_seen_again_when_the_workspace_says_so_but_for_what_is_confined(house: House) -> None:
    bench = house.bench
    await bench.app.visibility.choose(False, SOMEBODY)
    assert (await bench.browser.get(f"/candidates/{house.hidden}")).status_code == 200
    assert (await bench.browser.get(f"/jobs/{house.ids['job']}")).status_code == 404

    def private(tx: Tx) -> None:
        family = tx.families.family(house.family)
        record = family.records[house.hidden]
        hidden = replace(record, fields={**record.fields, "private": True})
        tx.families.save(
            family, replace(family, records={**family.records, record.id: hidden}), now=bench.app.runtime.now()
        )

    await bench.app.store.write(private)
    assert (await bench.browser.get(f"/candidates/{house.hidden}")).status_code == 404
    assert HIDDEN not in (await bench.browser.get("/candidates")).text


async def test_what_goes_on_behind_a_request_is_done_for_everybody(house: House) -> None:
    """The index of people is loaded by whoever searches first; it must not lack whom they may not see."""
    bench = house.bench
    await bench.browser.get("/candidates?q=quux")
    await bench.app.runtime.settle()
    assert house.hidden in await bench.app.store.read(lambda tx: tx.families.homes([house.hidden]))
    await bench.enter()
    assert HIDDEN in (await bench.browser.get("/candidates?q=quux")).text


async def test_whoever_is_hidden_waits_unseen_among_those_nobody_has_decided_about(house: House) -> None:
    app, browser = house.bench.app, house.bench.browser
    long_ago = Sql("UPDATE applications SET applied = 0")
    await app.store.write(lambda tx: tx.run(long_ago))
    everybody = await app.store.read(app.undecided.by_job)
    assert sum(one.many for one in everybody) == 2, "the owner's task counts all of them"
    page = (await browser.get("/undecided")).text
    assert "1 applicant has waited" in page
    for one in everybody:
        text = (await browser.get(f"/undecided?job={one.job.id}")).text
        assert HIDDEN not in text
        assert house.ids["candidate"] not in text
        assert house.ids["application"] not in text
    mine = (await browser.get(f"/undecided?job={house.job}")).text
    assert house.visible in mine
