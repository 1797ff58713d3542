"""Each connector with its account and the real App: what was there is read, people's doings pass both ways, a score
lands, and a comparison of every list finds nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.databases import both_databases
from tests.engine.kit import OWNER, Builder, Clock, House, Wire

from bascule.connectors import registry
from bascule.engine.observe import fetch
from bascule.engine.wire import WireRequest, WireResponse
from bascule.model import Actor, ActorKind, Kind, Mode, Refs, ReviewKind, Unmappable, Value, WriteState
from bascule.office.accounts import NewConnection
from bascule.server.show import candidate
from bascule.store.lanes import Hint
from bascule.store.people import User

from .accounts import Account, Setting, of
from .accounts.odoo import DANA, SERVICE


class Home:
    """An account of a vendor and a Bascule that is connected to it."""

    def __init__(self, account: Account, house: House) -> None:
        self.account = account
        self.house = house
        self.app = house.app

    async def shown(self, root: Kind, home: str, kind: Kind, external: str) -> dict[str, Value]:
        """What the vendor shows now of one object."""
        at = self.house.at
        reads = await fetch(
            at.client, at.connector.reads, at.tenant, connection=at.id, number=1, read_id="r",
            started=self.house.clock(), root=root, externals=[home], kinds=(), known={},
        )  # fmt: skip
        found: dict[str, Value] = {}
        for part in reads[home].parts:
            found |= part.seen if part.kind is kind and part.external == external else {}
        return found

    async def holds(self, kind: Kind, external: str, shown: Mapping[str, Value]) -> bool:
        """Whether our record says what the vendor shows; a stage is the record of that stage."""
        record = await self.house.record(kind, external)
        maps = {each.name: each for each in self.house.at.view.fields[kind]}
        for name, value in shown.items():
            if maps[name].canonical[0] == "stage":
                said: Mapping[str, Value] = {"stage": (await self.house.record(Kind.STAGE, str(value))).id}
            else:
                parsed = maps[name].parse(value, record, Refs())
                said = {name: value} if isinstance(parsed, Unmappable) else parsed
            if any(record.fields.get(key) != wanted for key, wanted in said.items()):
                return False
        return True

    async def scored(self, candidate: str, application: str) -> bool:
        """Whether people there see the score of this application."""
        if await self.house.family(Kind.APPLICATION, application) is None:
            return False
        score = await self.house.value(Kind.APPLICATION, application, "match_score")
        return score is not None and f"{score:g}" in self.account.seen_by_people(candidate, application)


async def connected(
    build: Builder, name: str, prepare: Callable[[Account], None] = lambda account: None, variant: str = ""
) -> Home:
    """As a customer connects: credentials, hooks, the first reading, our fields, then live. `prepare`: what is done to
    the account before."""
    clock, failures = Clock(), list[tuple[str, Exception]]()
    house: House | None = None

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        if house is None:
            return 200
        path = url.partition("/hooks/")[2].split("/")
        lower = {key.lower(): value for key, value in headers.items()}
        return int(await house.app.ingest.deliver(path[0], lower, body, *path[1:]))

    account = of(name)(Setting(clock=clock, deliver=post, candidates=8, variant=variant))  # type: ignore[arg-type]
    prepare(account)
    transport = Wire({account.base_url.split("/")[2]: account.app}, clock)
    app = build.app(clock, transport, failures)
    await app.start(work=False)
    await account.hook()
    house = House(app, account.sandbox, transport, clock, account.setting.secret, failures)
    build.stack.push_async_callback(build.leave, house)
    await app.accounts.connect(
        NewConnection(
            "acme", name, account.base_url, settings=account.settings(), secrets=account.secrets(),
            granted=app.grants.least(name),
        ),
        OWNER,
    )  # fmt: skip
    await house.until(lambda: house.at.row.crawled, within=900)
    await app.accounts.create_fields("acme", OWNER)
    await app.accounts.set_mode("acme", Mode.LIVE, OWNER, waive="a test of both directions")
    await house.pass_time(5)
    return Home(account, house)


async def recruiter(home: Home) -> Actor:
    """Somebody of this Bascule who is mapped to a user there, also where nobody can be acted as."""
    house = home.house
    mapped = {house.at.id: home.account.user() or "dana"}
    user = User("u-dana", home.app.workspace, "dana@tenant.example", "Dana", "recruiter", house.clock(), mapped)
    await home.app.store.write(lambda tx: tx.people.set_user(user))
    await home.app.connections.refresh()
    return Actor(ActorKind.PERSON, user.id, "Dana")


async def test_a_list_that_is_followed_by_tokens_is_read_once_and_its_token_goes_on_from_there(
    build: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ashby shows a hundred objects a request; only notes and the answers of a form are asked for one by one. (The key's
    rights are tried with a list of one.)"""
    whole, by_id, send = Counter[str](), Counter[str](), Wire.send

    async def heard(self: Wire, request: WireRequest, timeout: float) -> WireResponse:
        path, said = urlsplit(request.url).path, json.loads(request.body or b"{}")
        (whole if path.endswith(".list") else by_id)[path] += "syncToken" not in said and said.get("limit") != 1
        return await send(self, request, timeout)

    monkeypatch.setattr(Wire, "send", heard)
    home = await connected(build, "ashby")
    at, account = home.house.at, home.account
    followed = [one for one in at.connector.reads if one.token is not None]
    marks = await home.app.store.read(lambda tx: tx.connections.cursors(at.id))
    assert all(marks[f"poll {one.title}"][0] for one in followed)
    people = [one.path for one in followed if one.root is Kind.CANDIDATE]
    assert {path: whole[path] for path in people} == dict.fromkeys(people, 1)
    assert by_id["/candidate.info"] == 0
    assert by_id["/application.info"] >= len(account.applications())
    assert by_id["/candidate.listNotes"] >= len(account.everybody())


@both_databases
@pytest.mark.parametrize("name", registry.names())
async def test_both_sides_are_in_step(name: str, build: Builder) -> None:
    home = await connected(build, name)
    account, house = home.account, home.house

    async def everybody() -> bool:
        return all([await house.family(Kind.CANDIDATE, one) for one in account.everybody()])

    await house.until(everybody, within=600)
    for kind in (Kind.CANDIDATE, Kind.APPLICATION):
        edited = account.edit(kind)

        async def arrived(one: Any = edited) -> bool:
            return await home.holds(one.kind, one.external, one.shown)

        await house.until(arrived, within=600)

    candidate, application = account.applicant()
    target = account.next_stage(application)
    moved, stage = await house.record(Kind.APPLICATION, application), await house.record(Kind.STAGE, target)
    name_there = next(each.name for each in house.at.view.fields[Kind.APPLICATION] if each.canonical[0] == "stage")
    if any(each.call for each in house.at.view.fields[Kind.APPLICATION] if each.name == name_there):
        await home.app.changes.advance(moved.id, stage.id, await recruiter(home))

        async def landed() -> bool:
            shown = await home.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
            return shown[name_there] == target

        await house.until(landed, within=120)

    who, applied = account.apply()

    await house.until(lambda: home.scored(who, applied), within=600)
    await house.pass_time(120)
    before = account.ours()
    await house.pass_time(120)
    assert account.ours() == before, "what has landed is not sent again"
    assert [one for one in await house.compared() if one["left"] or one["error"]] == []
    assert not await house.open_failures()
    assert not [one for one in await house.open_reviews() if one.kind is ReviewKind.VISIBILITY], "all of it is there"


async def test_what_hangs_on_an_object_follows_also_where_a_read_of_the_object_alone_came_before_the_poll(
    build: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lever's polls show that an opportunity has moved, and not its notes. A read of the opportunity alone sees that
    first; the next poll asks for the notes all the same, once."""
    asked, send = list[str](), Wire.send

    async def heard(self: Wire, request: WireRequest, timeout: float) -> WireResponse:
        asked.append(request.url)
        return await send(self, request, timeout)

    home = await connected(build, "lever")
    account, house = home.account, home.house
    candidate, application = account.applicant()
    await house.pass_time(60)
    monkeypatch.setattr(Wire, "send", heard)
    note = account.edit(Kind.NOTE)
    alone = Hint(house.at.id, Kind.CANDIDATE, candidate, frozenset({Kind.APPLICATION}))
    await home.app.store.write(lambda tx: tx.reads.wanted([alone], now=house.clock()))

    async def here() -> bool:
        return await house.family(Kind.NOTE, note.external) is not None

    await house.until(here, within=15)
    await house.pass_time(60)
    first, notes = next(one for one in asked if "/opportunities?" in one), f"/opportunities/{application}/notes"
    assert "contact_id=" in first, "it was read alone before any poll"
    assert sum(notes in one for one in asked) == 1


@pytest.mark.parametrize(("name", "ours"), [("ashby", True), ("lever", False)])
async def test_a_secret_of_webhooks_is_made_up_only_where_people_enter_it_there(
    name: str, ours: bool, build: Builder
) -> None:
    clock, failures = Clock(), list[tuple[str, Exception]]()
    account = of(name)(Setting(clock=clock, candidates=0))  # type: ignore[arg-type]
    app = build.app(clock, Wire({account.base_url.split("/")[2]: account.app}, clock), failures)
    await app.start(work=False)
    given = {key: value for key, value in account.secrets().items() if key != "webhook_secret"}
    new = NewConnection("acme", name, account.base_url, settings=account.settings(), secrets=given)
    at = await app.accounts.connect(new, OWNER)
    await app.stop()
    assert ("webhook_secret" in at.secrets) is ours


@pytest.mark.parametrize("name", registry.names())
async def test_the_first_comparison_after_connecting_finds_nothing_to_mend(name: str, build: Builder) -> None:
    home = await connected(build, name)
    found = await home.house.compared()
    counted = ("healed", "left", "unexplained", "error")
    assert [(one["object"], each, one[each]) for one in found for each in counted if one[each]] == []
    assert [one["object"] for one in found if not (one["same"] or one["moving"] or one["decided"])] == []


async def test_without_the_right_to_make_fields_a_score_stands_in_a_note(build: Builder) -> None:
    def an_officer(account: Account) -> None:
        """Odoo makes fields for users with Settings rights only."""
        users: Any = account.sandbox.db["users"].rows
        users[SERVICE]["groups"] = next(one["groups"] for one in users.values() if one["name"] == "Robin Falk")
        account.key = account.sandbox.new_key(DANA, "Bridge", SERVICE)  # type: ignore[attr-defined]

    home = await connected(build, "odoo", an_officer)
    account, house = home.account, home.house
    told = await home.app.accounts.create_fields("acme", OWNER)
    assert (told.fields, len(told.refused)) == ((), 12)
    assert "AI match score (0-100)" in told.refused
    assert "stand in a note" in told.why
    assert "Settings" in told.next
    who, applied = account.apply()

    await house.until(lambda: home.scored(who, applied), within=600)
    assert not await house.open_failures()


async def test_a_score_waits_for_the_step_in_which_it_can_be_written(build: Builder) -> None:
    home = await connected(build, "workday", variant="assessment")
    account, house = home.account, home.house
    who, applied = account.apply()

    async def scored() -> bool:
        if await house.family(Kind.APPLICATION, applied) is None:
            return False
        return await house.value(Kind.APPLICATION, applied, "match_score") is not None

    await house.until(scored, within=600)
    await house.pass_time(60)
    assert not await house.open_failures()
    family = await house.family(Kind.APPLICATION, applied)
    assert family is not None
    (held,) = [one for one in family.writes.values() if one.call == "assess"]
    assert held.state is WriteState.HELD
    assert held.why.startswith("Waits for the step: ")
    known, person = {one.id: one for one in house.app.connections.all()}, family.root.id
    page = await house.app.store.read(
        lambda tx: candidate.page(
            tx, house.app.workspace, person, may_decide=False, connected=known.get, acts_as=lambda _: "", promise=""
        )
    )
    assert (page.state.words, page.state.why) == ("Held", held.why), "who looks at the candidate is told"

    steps: Any = account.sandbox.db["stages"].rows
    row = account.sandbox.db["applications"].where("ref", applied)[0]
    while steps[row["stage_id"]]["name"] != "Assess Candidate":
        following = [steps[id] for id in steps[row["stage_id"]]["next"]]
        to = next((one for one in following if one["name"] == "Assess Candidate"), following[0])
        account.moved(applied, f"{account.next_stage(applied).partition('/')[0]}/{to['id']}")
        row = account.sandbox.db["applications"].where("ref", applied)[0]

    async def written() -> bool:
        score = await house.value(Kind.APPLICATION, applied, "match_score")
        return f"Bascule match: {score:.0f}" in account.seen_by_people(who, applied)

    await house.until(written, within=600)
    assert not await house.open_failures()
