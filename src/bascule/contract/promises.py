"""What every connector promises, kept against its vendor's sandbox: these are tests, for each account of `account.on`.

A package that brings a connector runs them by `from bascule.contract.promises import *` in a test of its own.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from bascule.connectors import registry
from bascule.connectors.spec import Connector, Hint, Moved, Reads, Rendered, Tenant, lacking
from bascule.core.digest import same
from bascule.engine.connections import as_had
from bascule.engine.http import Client, Observation
from bascule.engine.observe import fetch, parse
from bascule.engine.talk import provision
from bascule.engine.verify import covers, verified
from bascule.engine.wire import AsgiTransport
from bascule.errors import (
    AbsentError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnansweredError,
    UnavailableError,
)
from bascule.model import (
    EMPTY,
    ROOT_OF,
    Actor,
    ActorKind,
    Direction,
    Family,
    FieldMap,
    Kind,
    Part,
    Presence,
    Read,
    Record,
    Refs,
    Value,
)

from .account import CV, Account, Edited, Setting, of, systems, those_that, variants
from .arriving import test_the_same_delivery_twice_changes_nothing as test_the_same_delivery_twice_changes_nothing

AI = Actor(ActorKind.AI, "match", "Bascule match")
RECRUITER = Actor(ActorKind.PERSON, "u1", "Dana Whitfield")
OUTPUTS = {
    "match_score": 87, "match_reasons": ("Nine years of SQL at Engine Ltd", "Led a team of four"),
    "match_skills": ("Python", "SQL"), "ai_status": "scored", "experience_title": "Analyst",
    "experience_employer": "Engine Ltd", "experience_years": 9.5, "audit_reference": "01979f",
    "shortlist_link": "https://bridge.example/s/1", "screening_status": "completed",
    "screening_answers": {"How many years of SQL": "9 years"}, "manager_feedback": "Dana Whitfield: approve",
}  # fmt: skip
LANDS = ("87", "Nine years of SQL at Engine Ltd", "Python", "SQL")
MARKER = "bsc-0123456789abcdef"
SECOND = timedelta(seconds=1)
NAMES = systems()


@dataclass
class Rig:
    """The real client, speaking to an account."""

    account: Account
    connector: Connector
    client: Client
    setting: Setting
    seen: list[Observation] = field(default_factory=list[Observation])

    @property
    def tenant(self) -> Tenant:
        return self.client.tenant

    async def set_up(self) -> None:
        """Learn the account and create our fields there, as connecting does."""
        tenant, _ = await provision(self.client, (*OUTPUTS, "top_ten"), self.setting.clock.sleep)
        self.client = self.client.knowing(tenant)
        self.connector = as_had(self.connector, tenant, self.account.settings())

    def maps(self, kind: Kind) -> dict[str, FieldMap]:
        return {each.name: each for each in self.connector.fields(self.tenant, "c1") if each.kind is kind}

    def field_of(self, kind: Kind, canonical: str) -> FieldMap:
        return next(each for each in self.maps(kind).values() if each.canonical[0] == canonical)

    async def read(self, root: Kind, external: str) -> Read:
        found = await fetch(
            self.client, self.connector.reads, self.tenant, connection="c1", number=1, read_id="r",
            started=self.setting.clock(), root=root, externals=[external], kinds=(), known={},
        )  # fmt: skip
        return found[external]

    async def shown(self, root: Kind, home: str, kind: Kind, external: str) -> dict[str, Value]:
        """All that one reading shows of one object."""
        return merged((await self.read(root, home)).parts, kind, external)

    async def polled(self, reads: Reads, since: Any = None) -> AsyncIterator[Part]:
        async for items in self.client.list(reads, since=since if reads.since else None):
            for part in parse(reads, items, self.tenant):
                yield part

    def lists(self) -> list[Reads]:
        """The lists that are walked whole: polled, swept, or read by a backfill."""
        return [one for one in self.connector.reads if one.walked and (one.every or one.sweep)]

    async def send(
        self, call: str, external: str = "", fields: Mapping[str, Value] = EMPTY, *, actor: Actor = AI, **more: Any
    ) -> Mapping[str, Value]:
        sends = self.connector.sends[call]
        return await self.client.run(sends.talk(self.write(call, external, fields, actor=actor, **more), self.tenant))

    def write(
        self, call: str, external: str, fields: Mapping[str, Value], *, actor: Actor = AI, **more: Any
    ) -> Rendered:
        kind = self.connector.sends[call].kind
        record = more.pop("record", Record("rec", "w", kind, "f", None, {}, {}, "ours", self.setting.clock()))
        settings: dict[str, Any] = {
            "parents": {}, "current": {}, "added": {}, "removed": {}, "marker": MARKER, "acts_as": "", **more,
        }  # fmt: skip
        return Rendered(call, kind, record, external, fields=fields, actor=actor, **settings)


def merged(parts: Any, kind: Kind, external: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for part in parts:
        if part.kind is kind and part.external == external:
            found |= part.seen
    return found


async def rig(name: str, *, learn: bool = True, **how: Any) -> Rig:
    setting = Setting(**how)
    account = of(name)(setting)
    connector = registry.load(name)
    if not connector.reads:
        pytest.fail(f"{connector.label} reads nothing yet: fill first what tests/test_steps.py names.", pytrace=False)
    seen: list[Observation] = []
    host = account.base_url.split("/")[2]
    client = Client(
        connector, AsgiTransport({host: account.app}), base_url=account.base_url, settings=account.settings(),
        secrets=account.secrets(), now=setting.clock, on_request=seen.append,
    )  # fmt: skip
    made = Rig(account, connector, client, setting, seen)
    if learn:
        await made.set_up()
    return made


# --------------------------------------------------------------------------------------------------------- connecting


@pytest.mark.parametrize("name", NAMES)
def test_what_a_person_enters_is_enough_to_connect(name: str) -> None:
    account = of(name)(Setting())
    assert lacking(registry.load(name), {**account.settings(), **account.secrets()}) == ()


@pytest.mark.parametrize(("name", "variant"), variants())
async def test_the_least_rights_the_connector_names_are_enough_for_every_list(name: str, variant: str) -> None:
    made = await rig(name, variant=variant)
    for reads in made.lists():
        async for part in made.polled(reads):
            assert part.external


@pytest.mark.parametrize(("name", "variant"), variants())
async def test_our_fields_are_created_once(name: str, variant: str) -> None:
    made = await rig(name, variant=variant)
    assert not made.connector.setup(made.tenant, (*OUTPUTS, "top_ten"))
    before = made.account.ours()
    await made.set_up()
    assert made.account.ours() == before


# ------------------------------------------------------------------------------------------------------------ reading


@pytest.mark.parametrize("name", NAMES)
async def test_paging_shows_everybody_who_was_there_once_while_data_changes(name: str) -> None:
    made = await rig(name, candidates=40)
    for root in (Kind.CANDIDATE, Kind.APPLICATION):
        reads = next(one for one in made.lists() if root in (one.kind, *one.also))
        reads = replace(reads, page_size=(reads.page_size[0], 7))
        before = made.account.everybody() if root is Kind.CANDIDATE else made.account.applications()
        pages: list[list[str]] = []
        async for items in made.client.list(reads):
            parts = parse(reads, items, made.tenant)
            pages.append(sorted({part.external for part in parts if part.kind is root}))
            made.account.apply()
        made.setting.clock.move(seconds=1)  # a list is asked for as of its own moment
        found = Counter(external for page in pages for external in page)
        assert before <= set(found), "nobody is passed over"
        again = {external for external, times in found.items() if times > 1}
        assert bool(again) == made.account.repeats, "nobody comes twice, unless the account says so"


@pytest.mark.parametrize("name", NAMES)
async def test_a_backfill_goes_on_where_a_page_ended(name: str) -> None:
    made = await rig(name, candidates=25)
    reads = next(one for one in made.lists() if one.kind is Kind.CANDIDATE)
    reads = replace(reads, page_size=(reads.page_size[0], 5))
    found: set[str] = set()
    at = ""
    while True:
        page = await made.client.page(reads, at=at)  # `at` is all that a restart would have kept
        found |= {part.external for part in parse(reads, page.items, made.tenant) if part.kind is Kind.CANDIDATE}
        at = page.next
        if not at:
            break
    assert found == made.account.everybody()


def edits() -> list[tuple[str, Kind]]:
    return [(name, kind) for name in NAMES for kind in of(name).edited]


@pytest.mark.parametrize(("name", "kind"), edits())
async def test_what_somebody_edits_later_is_seen_by_its_modification(name: str, kind: Kind) -> None:
    made = await rig(name)
    made.setting.clock.move(hours=2)
    since = made.setting.clock()
    made.setting.clock.move(seconds=5)
    edited = made.account.edit(kind)
    assert await seen_of(made, edited, since) >= set(edited.shown), "a poll, or a sweep, shows it"


@pytest.mark.parametrize("name", those_that("replace_file"))
async def test_another_file_under_the_id_of_one_is_told_from_it(name: str) -> None:
    made = await rig(name)
    candidate, _ = made.account.apply()
    made.setting.clock.move(hours=2)
    since = made.setting.clock()
    made.setting.clock.move(seconds=5)
    version = made.field_of(Kind.ATTACHMENT, "version").name
    before, again = [
        {part.external: part.seen[version] for part in (await made.read(Kind.CANDIDATE, candidate)).parts
         if part.kind is Kind.ATTACHMENT} for _ in range(2)
    ]  # fmt: skip
    assert before == again, "what is the same file is not taken for another"
    replaced = made.account.replace_file(candidate, CV.replace(b"Python", b"Fortran"))
    shown = merged(await shown_since(made, since), Kind.ATTACHMENT, replaced)
    assert shown[version] not in ("", None, before[replaced])


async def seen_of(made: Rig, edited: Edited, since: Any) -> set[str]:
    """The fields of an edit that are shown from then on."""
    shown = merged(await shown_since(made, since), edited.kind, edited.external)
    maps = made.maps(edited.kind)
    return {name for name, value in edited.shown.items() if name in shown and same(maps[name], shown[name], value)}


async def shown_since(made: Rig, since: Any) -> list[Part]:
    """What polls from then on show, and the reading by id that follows where only that does."""
    parts: list[Part] = []
    roots: set[tuple[Kind, str]] = set()
    for reads in made.lists():
        async for part in made.polled(reads, since):
            parts.append(part)
            root = ROOT_OF.get(part.kind, part.kind)
            roots |= (
                {(root, part.external if root == part.kind else str(part.parent))}
                if part.parent or root == part.kind
                else set()
            )
    for root, external in sorted(roots):
        if external in made.account.everybody() or root is not Kind.CANDIDATE:
            readable = any(one.root == root and root in one.by for one in made.connector.reads)
            parts += (await made.read(root, external)).parts if readable else ()
    return parts


@pytest.mark.parametrize("name", NAMES)
async def test_somebody_who_is_not_there_is_absent_and_not_gone(name: str) -> None:
    made = await rig(name)
    candidate, _ = made.account.applicant()
    nobody = candidate[:-4] + ("9" * 4 if candidate[-4:] != "9999" else "8" * 4)
    (part,) = [part for part in (await made.read(Kind.CANDIDATE, nobody)).parts if part.kind is Kind.CANDIDATE]
    assert part.presence is Presence.ABSENT


def disappearances() -> list[tuple[str, str]]:
    return [(name, deed) for deed in ("delete", "merge", "anonymise", "hide") for name in those_that(deed)]


@pytest.mark.parametrize(("name", "deed"), disappearances())
async def test_each_way_of_going_away_is_told_from_the_others(name: str, deed: str) -> None:
    got: list[tuple[Mapping[str, str], bytes]] = []

    async def deliver(_url: str, headers: Mapping[str, str], body: bytes) -> int:
        got.append(({key.lower(): value for key, value in headers.items()}, body))
        return made.connector.webhook.accepted if made.connector.webhook else 200

    made = await rig(name, deliver=deliver)
    await made.account.hook()
    gone = getattr(made.account, deed)()
    await made.account.deliver()
    parts = [part for hint in understood(made, got) for part in hint.parts]
    async for part in every_list(made):
        parts.append(part)
    if ROOT_OF.get(gone.kind, gone.kind) == gone.kind or gone.root in made.account.everybody():
        parts += (await made.read(ROOT_OF.get(gone.kind, gone.kind), gone.root)).parts
    mine = [part for part in parts if part.kind is gone.kind and part.external == gone.external]
    said = {part.presence for part in mine}
    assert gone.says in said
    assert said <= {gone.says, Presence.ABSENT}, "it never reads as something else"
    if gone.into:
        assert {part.into for part in mine if part.presence is Presence.MERGED} == {gone.into}
    assert not any(part.seen for part in mine)


async def every_list(made: Rig) -> AsyncIterator[Part]:
    for reads in made.lists():
        async for part in made.polled(reads):
            if part.presence is not Presence.HERE:
                yield part


# ------------------------------------------------------------------------------------------------------------ writing


def scored(made: Rig, candidate: str, application: str, **changed: Value) -> tuple[Family, Refs]:
    """That candidate with that application, scored."""
    now = made.setting.clock()
    fields = {
        **OUTPUTS,
        "status": "active",
        "applied_at": "2026-11-01T09:00:00Z",
        "job": "j1",
        "top_ten": True,
        **changed,
    }
    person = Record("cand", "w", Kind.CANDIDATE, "f", None, {"first_name": "Ada", "last_name": "B"}, {}, "c1", now)
    applied = Record("app", "w", Kind.APPLICATION, "f", "cand", fields, {}, "c1", now)
    job = Record("j1", "w", Kind.JOB, "f2", None, {"title": "Data Analyst"}, {}, "c1", now)
    family = Family("f", "w", Kind.CANDIDATE, 0, "s", records={"cand": person, "app": applied})
    return family, Refs(records={"j1": job, "cand": person, "app": applied}, external={("c1", "app"): application, ("c1", "cand"): candidate})  # type: ignore[arg-type]  # fmt: skip


async def written(made: Rig, candidate: str, application: str) -> None:
    """Send every output, as a delivery does: one call for the fields it writes together, sets element by element."""
    family, refs = scored(made, candidate, application)
    for kind, id, external in ((Kind.APPLICATION, "app", application), (Kind.CANDIDATE, "cand", candidate)):
        calls: dict[str, dict[str, Value]] = defaultdict(dict)
        added: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        record = family.records[id]
        for each in made.maps(kind).values():
            if each.created:
                value = each.render(record, family, refs)
                if each.is_set:
                    added[each.call][each.name] = value  # type: ignore[assignment]
                else:
                    calls[each.call][each.name] = value  # type: ignore[assignment]
        known = await made.shown(Kind.CANDIDATE, candidate, kind, external)
        parents = {Kind.CANDIDATE: candidate} if kind is Kind.APPLICATION else {}
        for call in calls.keys() | added.keys():
            await made.send(
                call, external, calls[call], added=added[call], parents=parents, record=record, known=known,
                current={name: known.get(name) for name in calls[call]},
            )  # fmt: skip


@pytest.mark.parametrize(("name", "variant"), variants())
async def test_score_reasons_and_skills_land_where_the_vendor_shows_them_and_touch_nothing_else(
    name: str, variant: str
) -> None:
    made = await rig(name, variant=variant)
    candidate, application = made.account.applicant()
    contacts, mails = made.account.contacts(), made.account.mails()
    assert not any(text in made.account.seen_by_people(candidate, application) for text in LANDS[:2])
    await written(made, candidate, application)
    there = made.account.seen_by_people(candidate, application)
    assert [text for text in LANDS if text not in there] == []
    assert made.account.contacts() == contacts, "contact data is untouched"
    assert made.account.mails() == mails, "nobody gets an e-mail by it"
    before = made.account.ours()
    await written(made, candidate, application)
    assert made.account.ours() == before, "sending twice changes the vendor once"
    assert made.account.seen_by_people(candidate, application) == there


@pytest.mark.parametrize(("name", "variant"), variants())
async def test_an_output_reads_back_equal_or_the_difference_is_declared(name: str, variant: str) -> None:
    made = await rig(name, variant=variant)
    candidate, application = made.account.applicant()
    await written(made, candidate, application)
    family, refs = scored(made, candidate, application)
    met = 0
    for kind, id, external in ((Kind.APPLICATION, "app", application), (Kind.CANDIDATE, "cand", candidate)):
        shown = await made.shown(Kind.CANDIDATE, candidate, kind, external)
        for each in made.maps(kind).values():
            if each.created and not each.is_set:
                assert each.name in shown, f"{each.name} can be read back"
                assert same(each, shown[each.name], each.render(family.records[id], family, refs)), each.name  # type: ignore[arg-type]
                met += 1
    assert met


@pytest.mark.parametrize(("name", "variant"), [one for one in variants() if of(one[0]).can("require")])
async def test_a_write_without_a_field_that_was_made_required_is_refused_whole(name: str, variant: str) -> None:
    made = await rig(name, variant=variant)
    candidate, application = made.account.applicant()
    if not made.account.required_when_new:
        await written(made, candidate, application)
    kind, id, external = next(
        one for one in ((Kind.APPLICATION, "app", application), (Kind.CANDIDATE, "cand", candidate))
        if any(each.created and each.canonical[0] == "match_reasons" for each in made.maps(one[0]).values())
    )  # fmt: skip
    reasons = made.field_of(kind, "match_reasons")
    made.account.require(reasons.label)
    there, ours = made.account.seen_by_people(candidate, application), made.account.ours()
    family, refs = scored(made, candidate, application, match_score=11, match_reasons=None)
    together = [one for one in made.maps(kind).values() if one.created and one.call == reasons.call and not one.is_set]
    fields = {one.name: one.render(family.records[id], family, refs) for one in together}
    known = await made.shown(Kind.CANDIDATE, candidate, kind, external)
    with pytest.raises(RejectedError) as refused:
        await made.send(
            reasons.call, external, fields, record=family.records[id], known=known,  # type: ignore[arg-type]
            parents={Kind.CANDIDATE: candidate, Kind.APPLICATION: application},
            current={one: known.get(one) for one in fields},
        )  # fmt: skip
    assert str(refused.value), "in the vendor's own words"
    assert (made.account.seen_by_people(candidate, application), made.account.ours()) == (there, ours)


@pytest.mark.parametrize("name", [one for one in NAMES if Kind.NOTE in registry.load(one).creates])
async def test_a_note_lands_once_and_is_found_again(name: str) -> None:
    made = await rig(name)
    candidate, application = made.account.applicant()
    rule = made.connector.creates[Kind.NOTE]
    sends = made.connector.sends[rule.call]
    record = Record("n1", "w", Kind.NOTE, "f", None, {"body": "Score 87 <of> 100", "visibility": "private"}, {}, "ours", made.setting.clock())  # fmt: skip
    family, refs = scored(made, candidate, application)
    fields = {
        each.name: each.render(record, family, refs)
        for each in made.maps(Kind.NOTE).values()
        if each.name in rule.fields and each.canonical[0] in ("body", "visibility")
    }
    mails, contacts = made.account.mails(), made.account.contacts()
    parents = {Kind.CANDIDATE: candidate, Kind.APPLICATION: application}
    answered = await made.send(rule.call, "", fields, parents=parents, record=record)  # type: ignore[arg-type]
    assert "Score 87 <of> 100" in made.account.seen_by_people(candidate, application).replace("&lt;", "<").replace("&gt;", ">")  # fmt: skip
    assert made.account.mails() == mails
    assert made.account.contacts() == contacts
    assert sends.look is not None, "a lost creation can be looked for"
    write = made.write(rule.call, "", fields, parents=parents, record=record)  # type: ignore[arg-type]
    found = await made.client.run(sends.look(write, made.tenant))
    assert found.get("external")
    assert answered.get("external", found["external"]) == found["external"]
    assert not await made.client.run(sends.look(replace(write, marker="bsc-fedcba9876543210"), made.tenant))
    parts = [p for p in (await made.read(Kind.CANDIDATE, candidate)).parts if p.kind is Kind.NOTE]
    if not any(one.kind is Kind.NOTE and one.by.keys() - {Kind.NOTE} for one in made.connector.reads):
        assert not parts, "notes that no list tells of by their candidate are polled"
        parts = [part for reads in made.lists() if reads.kind is Kind.NOTE async for part in made.polled(reads)]
    (note,) = [part for part in parts if part.external == found["external"]]
    assert note.marker == MARKER
    assert same(made.maps(Kind.NOTE)[note_body(made)], note.seen[note_body(made)], fields[note_body(made)])  # type: ignore[arg-type]


def note_body(made: Rig) -> str:
    return made.field_of(Kind.NOTE, "body").name


@pytest.mark.parametrize(
    ("name", "variant"), [one for one in variants() if Kind.INTERVIEW in registry.load(one[0]).creates]
)
async def test_an_interview_that_is_booked_is_made_once_found_moved_and_cancelled(name: str, variant: str) -> None:
    made = await rig(name, variant=variant)
    candidate, application = made.account.applicant()
    made.account.to_interview(application)
    rule, maps, now = made.connector.creates[Kind.INTERVIEW], made.maps(Kind.INTERVIEW), made.setting.clock()
    call = made.field_of(Kind.INTERVIEW, "starts_at").call
    family, refs = scored(made, candidate, application)
    refs = replace(refs, external={**refs.external, ("c1", "user"): made.account.interviewer()})
    booked: dict[str, Value] = {
        "status": "scheduled", "name": "Interview: Data Analyst", "starts_at": "2026-11-26T09:00:00+00:00",
        "ends_at": "2026-11-26T10:00:00+00:00", "place": "Room 4", "interviewers": ("user",),
    }  # fmt: skip
    parents = {Kind.CANDIDATE: candidate, Kind.APPLICATION: application}
    mails, contacts = made.account.mails(), made.account.contacts()

    def rendered(**changed: Value) -> tuple[Record, dict[str, Value]]:
        record = Record("n1", "w", Kind.INTERVIEW, "f", "app", {**booked, **changed}, {}, "ours", now)
        names = {each.name: each for each in maps.values() if each.call == call or each.name in rule.fields}
        wanted = {*changed} or {*booked}
        return record, {
            name: each.render(record, family, refs)  # type: ignore[misc]
            for name, each in names.items()
            if each.canonical[0] in wanted
        }

    record, fields = rendered()
    sent = {name: value for name, value in fields.items() if name in rule.fields}
    answered = await made.send(rule.call, "", sent, parents=parents, record=record)
    write = made.write(rule.call, "", sent, parents=parents, record=record)
    look = made.connector.sends[rule.call].look
    assert look is not None, "a lost creation can be looked for"
    external = str((await made.client.run(look(write, made.tenant))).get("external"))
    assert answered.get("external", external) == external
    assert not await made.client.run(look(replace(write, marker="bsc-fedcba9876543210"), made.tenant))

    async def stands() -> list[Part]:
        parts = (await made.read(Kind.CANDIDATE, candidate)).parts
        return [one for one in parts if (one.kind, one.external) == (Kind.INTERVIEW, external)]

    async def holds(fields: Mapping[str, Value]) -> None:
        parts = await stands()
        assert {one.marker for one in parts if one.marker_shown} == {MARKER}
        assert {one.parent for one in parts if one.parent} == {application}
        shown = merged(parts, Kind.INTERVIEW, external)
        for each, value in fields.items():
            assert same(maps[each], shown.get(each, value), value), each  # a panel may stand in a list of its own
        read = {one for one in fields if maps[one].direction is not Direction.OUT}
        assert read - {"interviewers"} <= shown.keys()

    await holds(fields)
    record, fields = rendered(starts_at="2026-11-27T13:00:00+00:00", ends_at="2026-11-27T14:00:00+00:00")
    await made.send(call, external, fields, parents=parents, record=record)
    await holds(fields)
    record, fields = rendered(status="cancelled")
    told = await made.send(call, external, fields, parents=parents, record=record)
    status = made.field_of(Kind.INTERVIEW, "status")
    assert same(status, told[status.name], fields[status.name])
    if await stands():
        await holds(fields)
    await made.send(rule.call, "", sent, parents=parents, record=record, marker="bsc-00000000000000aa")
    write = made.write(rule.call, "", sent, parents=parents, record=record, marker="bsc-00000000000000aa")
    external = str((await made.client.run(look(write, made.tenant))).get("external"))
    if gone := made.connector.erases.get(Kind.INTERVIEW):  # of somebody who is erased
        await made.send(gone.call, external, {}, parents=parents, record=record)
        left = merged(await stands(), Kind.INTERVIEW, external).get(status.name)
        assert left in (None, fields[status.name])
    assert made.account.mails() == mails, "nobody is written to"
    assert made.account.contacts() == contacts


@pytest.mark.parametrize("name", [one for one in NAMES if Kind.APPLICATION in registry.load(one).creates])
async def test_somebody_is_put_on_a_job_once_and_found_there(name: str) -> None:
    made = await rig(name, granted=every_right(registry.load(name)))
    candidate, _ = made.account.applicant()
    rule, job = made.connector.creates[Kind.APPLICATION], made.field_of(Kind.APPLICATION, "job")
    status = made.field_of(Kind.APPLICATION, "status")
    target = await another_job(made, candidate, job)
    parents = {Kind.CANDIDATE: candidate, Kind.JOB: target}
    fields: dict[str, Value] = {each: target if each == job.name else None for each in rule.fields}
    before, mails, contacts = made.account.applications(), made.account.mails(), made.account.contacts()
    answered = await made.send(rule.call, "", fields, parents=parents, actor=RECRUITER, acts_as=made.account.user())
    (external,) = made.account.applications() - before
    assert answered.get("external", external) == external
    again = await made.send(rule.call, "", fields, parents=parents, actor=RECRUITER, acts_as=made.account.user())
    assert (made.account.applications() - before, again.get("external")) == ({external}, external), (
        "it is not made twice"
    )
    look = made.connector.sends[rule.call].look
    assert look is not None, "a lost creation can be looked for"
    write = made.write(rule.call, "", fields, parents=parents)
    assert (await made.client.run(look(write, made.tenant))).get("external") == external
    elsewhere = replace(write, fields={**fields, job.name: "0"})
    assert not await made.client.run(look(elsewhere, made.tenant))
    shown = await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, external)
    assert shown[job.name] == target
    applied = Record("app", "w", Kind.APPLICATION, "f", "cand", {}, {}, "c1", made.setting.clock())
    assert status.parse(shown[status.name], applied, Refs()) == {"status": "active"}
    assert made.account.mails() == mails, "nobody is written to"
    assert made.account.contacts() == contacts
    assert made.connector.sends[rule.call].hidden, "what the vendor may do besides is said"


def every_right(connector: Connector) -> set[str]:
    """All that its lists and calls may need: what people are put on a job with is asked for only where that is wanted."""
    calls = {scope for each in (*connector.reads, *connector.sends.values()) for scope in each.scopes}
    return calls | {*connector.scopes, *connector.setup_scopes}


async def another_job(made: Rig, candidate: str, field: FieldMap) -> str:
    """An open job that somebody has not applied to."""
    parts = (await made.read(Kind.CANDIDATE, candidate)).parts
    theirs = {str(part.seen.get(field.name)) for part in parts if part.kind is Kind.APPLICATION}
    status, record = (
        made.field_of(Kind.JOB, "status"),
        Record("j", "w", Kind.JOB, "f", None, {}, {}, "c1", made.setting.clock()),
    )
    for reads in made.lists():
        if reads.kind is Kind.JOB:
            async for part in made.polled(reads):
                seen = part.seen.get(status.name) if part.kind is Kind.JOB and part.external not in theirs else None
                if seen is not None and status.parse(seen, record, Refs()) == {"status": "open"}:
                    return part.external
    raise AssertionError("the account has no other open job")


def movers() -> list[str]:
    return [one for one in those_that("next_stage") if any(writes(one, "stage"))]


def writes(name: str, canonical: str) -> list[FieldMap]:
    connector = registry.load(name)
    fields = connector.fields(Tenant(), "c1")
    return [f for f in fields if f.kind is Kind.APPLICATION and f.canonical[0] == canonical and f.call and f.direction is not Direction.IN]  # fmt: skip


@pytest.mark.parametrize("name", movers())
async def test_a_move_lands_once_and_is_told_of(name: str) -> None:
    made = await rig(name)
    candidate, application = made.account.applicant()
    stage = made.field_of(Kind.APPLICATION, "stage")
    here = (await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application))[stage.name]
    target = made.account.next_stage(application)
    assert target != here
    for _ in range(2):
        await made.send(
            stage.call, application, {stage.name: target}, actor=RECRUITER, acts_as=made.account.user(),
            current={stage.name: here}, parents={Kind.CANDIDATE: candidate},
        )  # fmt: skip
    shown = await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    assert shown[stage.name] == target
    before = made.account.ours()
    await made.send(
        stage.call, application, {stage.name: target}, actor=RECRUITER, acts_as=made.account.user(),
        current={stage.name: here}, parents={Kind.CANDIDATE: candidate},
    )  # fmt: skip
    assert made.account.ours() == before
    assert made.connector.sends[stage.call].hidden, "what a move may set off there is said"


@pytest.mark.parametrize(
    ("name", "variant"), [one for one in variants() if registry.load(one[0]).stage_history is not None]
)
async def test_its_own_history_of_stages_leads_to_where_an_application_stands(name: str, variant: str) -> None:
    made = await rig(name, variant=variant)
    clock = made.setting.clock
    assert made.connector.stage_history is not None
    history = made.connector.stage_history.told_by(made.tenant)
    assert history is not None, "a connector that declares one has an account that tells it"
    assert history.shown_by <= {one.title for one in made.connector.reads}, "lists that there are"
    candidate, application = made.account.applicant()
    stage = made.field_of(Kind.APPLICATION, "stage").name
    way = [(made.account.next_stage(application), clock())]
    made.account.moved(application, way[0][0])
    clock.move(hours=7)
    way.append((made.account.next_stage(application), clock()))
    made.account.moved(application, way[1][0])
    clock.move(days=1)
    job = way[0][0].partition("/")[0]
    told: list[Moved] = []
    shows = [one for one in made.connector.reads if one.title in history.shown_by]
    pages = [made.client.list(one) for one in shows]
    if history.reads is not None:
        pages.append(made.client.list(history.reads, by=Kind.APPLICATION, ids=[application]))
    for page in pages:
        steps = [step async for items in page for item in items for step in history.moves(item, made.tenant)]
        mine = [step for step in steps if step.application == application]
        assert not told or set(told) == set(mine)
        told = mine
    came = [
        (f"{job}/{step.stage}" if history.of_job else step.stage, step.at)
        for step in told
        if step.stage and not step.left
    ]
    found = sorted(((stage, at) for stage, at in came if at is not None), key=lambda one: one[1])
    expected = way if history.whole else way[-1:]
    assert [one for one, _ in found[-len(expected) :]] == [one for one, _ in expected]
    assert all(
        abs(mine[1] - theirs[1]) < SECOND for mine, theirs in zip(found[-len(expected) :], expected, strict=True)
    )
    assert (await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application))[stage] == found[-1][0]


@pytest.mark.parametrize("name", [one for one in NAMES if writes(one, "status")])
async def test_a_person_rejects_with_a_reason_and_no_mail_leaves_because_of_us(name: str) -> None:
    made = await rig(name)
    candidate, application = made.account.applicant()
    status, reason = made.field_of(Kind.APPLICATION, "status"), made.field_of(Kind.APPLICATION, "reason")
    now = await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    family, refs = scored(made, candidate, application)
    rejected = replace(family.records["app"], fields={**family.records["app"].fields, "status": "rejected"})
    fields = {status.name: status.render(rejected, family, refs), reason.name: made.account.reason()}
    mails = made.account.mails()
    for _ in range(2):
        await made.send(
            status.call, application, fields, actor=RECRUITER, acts_as=made.account.user(),  # type: ignore[arg-type]
            current={status.name: now.get(status.name)}, parents={Kind.CANDIDATE: candidate}, known=now,
        )  # fmt: skip
    after = await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    assert same(status, after[status.name], fields[status.name])  # type: ignore[arg-type]
    assert after[reason.name] == fields[reason.name]
    assert (made.account.mails() > mails) == made.account.mails_on_rejection
    if made.account.mails_on_rejection:
        assert "e-mail" in made.connector.sends[status.call].hidden, "whoever decides is told before"


@pytest.mark.parametrize("name", those_that("hire"))
async def test_a_hire_made_there_is_read_and_never_written(name: str) -> None:
    made = await rig(name)
    candidate, application = made.account.applicant()
    made.account.hire(application)
    status = made.field_of(Kind.APPLICATION, "status")
    shown = await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    applied = Record("app", "w", Kind.APPLICATION, "f", "cand", {}, {}, "c1", made.setting.clock())
    parsed = status.parse(shown[status.name], applied, Refs())
    assert parsed == {**parsed, "status": "hired"}  # type: ignore[dict-item]
    if status.call:
        family, refs = scored(made, candidate, application)
        hired = replace(family.records["app"], fields={**family.records["app"].fields, "status": "hired"})
        other = next(one for one in sorted(made.account.applications()) if one != application)
        before = made.account.ours()
        with pytest.raises(RejectedError):
            await made.send(status.call, other, {status.name: status.render(hired, family, refs)}, actor=RECRUITER)  # type: ignore[dict-item]
        assert made.account.ours() == before


# ------------------------------------------------------------------------------------------------ when things go wrong

REFUSALS: Mapping[str, type[RemoteError]] = {
    "403": PermissionMissingError,
    "404": AbsentError,
    "422": RejectedError,
    "429": ThrottledError,
    "500": UnavailableError,
    "503": UnavailableError,
}


def refusals() -> list[tuple[str, str, type[Exception]]]:
    return [(name, status, error) for name in NAMES for status, error in {**REFUSALS, **of(name).refusals}.items()]


@pytest.mark.parametrize(("name", "status", "error"), refusals())
async def test_each_vendor_failure_becomes_one_of_our_errors(name: str, status: str, error: type[Exception]) -> None:
    made = await rig(name)
    reads = next(one for one in made.lists() if one.kind is Kind.CANDIDATE)
    made.account.fault(kind="answer", status=int(status))
    with pytest.raises(error) as refused:
        await made.client.page(reads)
    assert type(refused.value) is error


@pytest.mark.parametrize("name", NAMES)
async def test_a_lost_answer_to_a_list_leaves_no_doubt_and_one_to_a_write_does(name: str) -> None:
    made = await rig(name)
    reads = next(one for one in made.lists() if one.kind is Kind.CANDIDATE)
    made.account.fault(kind="lost_answer")
    with pytest.raises(UnavailableError):
        await made.client.page(reads)
    for number in range(40):  # the answer to each request in turn is lost, until it is one that had changed something
        made = await rig(name)
        candidate, application = made.account.applicant()
        before = made.account.ours()
        try:
            await written_but(made, candidate, application, number)
        except UnansweredError:
            assert made.account.ours() > before, "it landed, and nobody knows"
            return
        except UnavailableError:
            assert made.account.ours() == before or number, "an answer to a question was lost"
    raise AssertionError("no write was ever in doubt")


async def written_but(made: Rig, candidate: str, application: str, number: int) -> None:
    """Write, while the answer to one of the requests is lost."""
    sent = 0
    plain = made.client.send

    async def counting(request: Any, **more: Any) -> Any:
        nonlocal sent
        if sent == number:
            made.account.fault(kind="lost_answer")
        sent += 1
        return await plain(request, **more)

    made.client.send = counting  # type: ignore[method-assign]
    await written(made, candidate, application)


# ----------------------------------------------------------------------------------------------------------- webhooks


def understood(made: Rig, got: list[tuple[Mapping[str, str], bytes]]) -> list[Hint]:
    """What deliveries mean, taken as the front door takes them: genuine ones only, parts only of what is covered."""
    hook = made.connector.webhook
    found: list[Hint] = []
    for headers, body in got:
        assert hook is not None
        raw = json.loads(body)
        if hook.named:
            raw = {**raw, hook.named: headers.get(hook.named.lower(), "")}
        assert verified(hook.verify, headers, body, made.setting.secret, now=made.setting.clock(), token=made.setting.secret)  # fmt: skip
        whole = hook.confirm and covers(hook.verify, headers, body)
        found += [one if whole else replace(one, parts=()) for one in hook.hints(raw)]
    return found


@pytest.mark.parametrize("name", those_that("hook"))
async def test_the_vendors_own_deliveries_are_believed_and_name_whom_to_read_and_forged_ones_are_not(name: str) -> None:
    got: list[tuple[Mapping[str, str], bytes]] = []

    async def deliver(_url: str, headers: Mapping[str, str], body: bytes) -> int:
        got.append(({key.lower(): value for key, value in headers.items()}, body))
        assert made.connector.webhook is not None
        return made.connector.webhook.accepted

    made = await rig(name, deliver=deliver)
    await made.account.hook()
    candidate, application = made.account.applicant()
    made.account.moved(application, made.account.next_stage(application))
    await made.account.deliver()
    hints = [hint for hint in understood(made, got) if not hint.ping]
    own = (Kind.APPLICATION, application)  # whose it is, is known here
    roots = {candidate if (hint.root, hint.external) == own else hint.external for hint in hints if hint.root in (Kind.CANDIDATE, Kind.APPLICATION)}  # fmt: skip
    assert roots == {candidate}, "the move names its candidate, or its application"
    hook = made.connector.webhook
    assert hook is not None
    headers, body = got[-1]
    now, secret = made.setting.clock(), made.setting.secret
    assert not verified(hook.verify, headers, body, "another secret of forty characters.......", now=now, token="wrong")
    assert not verified(hook.verify, {}, b"{}", secret, now=now)
    if covers(hook.verify, headers, body):
        assert not verified(hook.verify, headers, body + b" ", secret, now=now)
