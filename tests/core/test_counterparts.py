"""Jobs, stages and reasons of two systems that are the same: said in the other's terms, read back into our own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from bascule.connectors.lens import reference
from bascule.core.counterparts import spoken, stage_at
from bascule.core.draft import Context, Draft
from bascule.core.plan import plan, rearrange
from bascule.model import (
    ConnectionView,
    CreateRule,
    Direction,
    Family,
    FieldMap,
    Fields,
    Kind,
    Link,
    Mode,
    Pair,
    Part,
    Read,
    Record,
    RecordState,
    Refs,
    Unmappable,
    Waits,
    WriteState,
)
from bascule.office.counterparts import NAME, PLACE, REQUISITION, Thing, propose

from .kit import START, plain

HERE, THERE = ("Review", "Phone", "Onsite", "Offer"), ("New", "Screen", "Talk", "Offer")
TYPES = ("applied", "screen", "interview", "offer")
SAME = {"job-a": "job-b", "reason-a": "reason-b"}
TURNED = {"job-b": "job-a", "reason-b": "reason-a"}


def record(id: str, kind: Kind, parent: str | None = None, **fields: object) -> Record:
    return Record(id, "w", kind, "jobs", parent, fields, {}, id[-1], START)  # type: ignore[arg-type]


def refs() -> Refs:
    """A job of each of two systems, a and b, with four stages each, and a reason."""
    records: dict[str, Record] = {}
    external: dict[tuple[str, str], str] = {}
    back: dict[tuple[str, Kind, str], str] = {}
    for at, names in (("a", HERE), ("b", THERE)):
        mine = [record(f"job-{at}", Kind.JOB, title="Clerk"), record(f"reason-{at}", Kind.REJECTION_REASON, name="No")]
        mine += [
            record(f"{name}-{at}", Kind.STAGE, f"job-{at}", name=name, order=order, type=kind, active=True)
            for order, (name, kind) in enumerate(zip(names, TYPES, strict=True))
        ]
        for one in mine:
            records[one.id] = one
            external[at, one.id] = one.id.upper()
            back[at, one.kind, one.id.upper()] = one.id
    return Refs(external, back, records)


def fields(at: str, same: dict[str, str]) -> tuple[FieldMap, ...]:
    both = Direction.BOTH
    maps = (
        reference(at, Kind.APPLICATION, "job", "job", Kind.JOB, direction=both),
        reference(at, Kind.APPLICATION, "stage", "stage", Kind.STAGE, call="move"),
        reference(at, Kind.APPLICATION, "reason", "reason", Kind.REJECTION_REASON, call="decide"),
    )
    return tuple(spoken(one, same) for one in maps)


def application(**said: str) -> Record:
    held: Fields = {"job": "job-a", "stage": "Review-a", "status": "active", **said}
    return Record("app", "w", Kind.APPLICATION, "f", "person", held, {}, "a", START)


@pytest.mark.parametrize(("ours", "theirs"), [("Review-a", "NEW-B"), ("Onsite-a", "TALK-B"), ("Offer-a", "OFFER-B")])
def test_a_stage_is_said_as_its_counterpart_and_read_back(ours: str, theirs: str) -> None:
    stage = fields("b", SAME)[1]
    assert stage.render(application(stage=ours), Family("f", "w", Kind.CANDIDATE, 0, ""), refs()) == theirs
    assert stage.parse(theirs, application(), refs()) == {"stage": ours}


def test_a_person_may_name_another_counterpart_of_a_stage() -> None:
    named = {**SAME, "Onsite-a": "Screen-b"}
    assert stage_at("Onsite-a", "job-b", named, refs()) == "Screen-b"
    assert stage_at("Onsite-a", "job-b", {**SAME, "Onsite-a": "Phone-a"}, refs()) == "Talk-b"  # none of that job's


def test_a_stage_without_a_counterpart_waits_outward_and_is_a_gap_inward() -> None:
    known = refs()
    records = {id: one for id, one in known.records.items() if id not in ("Talk-b",)}
    poor = Refs(known.external, known.record, records)
    stage = fields("b", SAME)[1]
    assert stage.render(application(stage="Onsite-a"), Family("f", "w", Kind.CANDIDATE, 0, ""), poor) == Waits(
        Kind.STAGE, "Onsite-a"
    )
    odd = replace(known.records["Talk-b"], fields={"name": "Trial day", "order": 9})
    assert isinstance(
        stage.parse("TALK-B", application(), Refs(known.external, known.record, {**known.records, "Talk-b": odd})),
        Unmappable,
    )


def test_nobody_is_moved_to_where_people_are_hired() -> None:
    known = refs()
    hired = {
        id: replace(known.records[id], fields={**known.records[id].fields, "type": "hired"})
        for id in ("Offer-a", "Offer-b")
    }
    assert stage_at("Offer-a", "job-b", {}, Refs(known.external, known.record, {**known.records, **hired})) is None


def test_job_and_reason_keep_our_words_for_them() -> None:
    job, _, reason = fields("b", SAME)
    nobody = Family("f", "w", Kind.CANDIDATE, 0, "")
    rejected = application(reason="reason-a")
    assert job.render(rejected, nobody, refs()) == "JOB-B"
    assert job.parse("JOB-B", rejected, refs()) == {"job": "job-a"}
    assert reason.render(rejected, nobody, refs()) == "REASON-B"
    assert reason.parse("REASON-B", application(), refs()) == {"reason": "reason-a"}


def view(at: str, same: dict[str, str], **more: object) -> ConnectionView:
    rules = {
        Kind.CANDIDATE: CreateRule(Kind.CANDIDATE, "add", ("name",), needs=Kind.APPLICATION),
        Kind.APPLICATION: CreateRule(
            Kind.APPLICATION, "apply", ("job", "stage"), parents=(Kind.CANDIDATE, Kind.JOB), open_only=True
        ),
    }
    of = {Kind.CANDIDATE: (plain(Kind.CANDIDATE, "name", "last_name", call=""),), Kind.APPLICATION: fields(at, same)}
    return ConnectionView(  # type: ignore[arg-type]
        at, at.upper(), Mode.LIVE, of, creates=rules, live_since=START, crawled=True, same=same, **more
    )


def planned(family: Family, *views: ConnectionView) -> Family:
    ids = count()
    context = Context(START + timedelta(hours=1), lambda: f"id-{next(ids)}", {one.id: one for one in views}, refs())
    return rearrange(family, context).family


def somebody(**said: str) -> Family:
    """A person with one candidacy, at a."""
    person = Record("person", "w", Kind.CANDIDATE, "f", None, {"last_name": "Byron"}, {}, "a", START)
    mine = application(**said)
    links = {
        one.id: Link(f"at-{one.id}", "a", one.kind, one.id.upper(), one.id, parent="PERSON" if one is mine else None)
        for one in (person, mine)
    }
    return Family(
        "f", "w", Kind.CANDIDATE, 0, "salt", {"person": person, "app": mine}, {x.id: x for x in links.values()}
    )


def created(family: Family) -> dict[str, WriteState]:
    return {write.call: write.state for write in family.writes.values() if write.link is None}


def test_nothing_is_created_of_another_system_unless_its_owner_takes_it() -> None:
    at = view("a", TURNED)
    assert created(planned(somebody(), at, view("b", SAME, takes={}))) == {}
    taken = {"a": START - timedelta(days=1)}
    assert created(planned(somebody(), at, view("b", SAME, takes=taken))) == {
        "add": WriteState.DUE, "apply": WriteState.WAITING
    }  # fmt: skip
    assert created(planned(somebody(), at, view("b", SAME, takes={"a": START + timedelta(minutes=5)}))) == {}  # older


def test_who_has_no_open_candidacy_for_a_known_job_is_not_created() -> None:
    at, to = view("a", TURNED), view("b", SAME, takes={"a": START})
    assert created(planned(somebody(status="rejected"), at, to)) == {}
    unpaired = view("b", {"reason-a": "reason-b"}, takes={"a": START})
    assert created(planned(somebody(), at, unpaired)) == {"add": WriteState.WAITING, "apply": WriteState.WAITING}


def test_two_candidacies_that_were_met_before_their_jobs_were_paired_are_one_and_nothing_is_written() -> None:
    family = somebody()
    other = replace(application(job="job-b", stage="Talk-b"), id="twin", origin="b")
    links = {
        "b-person": Link("b-person", "b", Kind.CANDIDATE, "P", "person"),
        "b-twin": Link(
            "b-twin", "b", Kind.APPLICATION, "T", "twin", parent="P", pairs={"stage": Pair("TALK-B", "TALK-B")}
        ),
    }
    family = replace(family, records={**family.records, "twin": other}, links={**family.links, **links})
    after = planned(family, view("a", TURNED), view("b", SAME, takes={"a": START}))
    assert after.records["twin"].state is RecordState.MERGED
    assert after.links["b-twin"].record == "app"
    assert after.records["app"].fields["stage"] == "Review-a"
    assert not [write for write in after.writes.values() if write.closed is None]


def test_an_edit_of_a_field_that_was_empty_when_we_created_the_object_is_no_default_of_the_system() -> None:
    title = plain(Kind.CANDIDATE, "title", "title")
    at = ConnectionView("a", "A", Mode.LIVE, {Kind.CANDIDATE: (title,)}, live_since=START, crawled=True)
    person = Record("person", "w", Kind.CANDIDATE, "f", None, {"last_name": "Byron"}, {}, "ours", START)
    link = Link(
        "l", "a", Kind.CANDIDATE, "P", "person", pairs={"title": Pair(None, None, has_ours=False)}, created=True
    )
    family = Family("f", "w", Kind.CANDIDATE, 0, "salt", {"person": person}, {"l": link})
    ids = count()
    for number, shown in enumerate((None, "Analyst"), 1):
        now = START + timedelta(hours=number)
        read = Read(f"r{number}", number, "a", now, (Part(Kind.CANDIDATE, "P", {"title": shown}),))
        family = plan(family, [read], [], Context(now, lambda: f"id-{next(ids)}", {"a": at})).family
    assert family.records["person"].fields["title"] == "Analyst"
    assert Draft(family, Context(START, str, {"a": at})).links["l"].pairs["title"].has_ours


def test_jobs_are_proposed_by_requisition_else_by_title_and_place_where_each_side_has_it_once() -> None:
    def job(id: str, name: str, requisition: str = "", place: str = "") -> Thing:
        return Thing(id, Kind.JOB, name, requisition, place)

    mine = [
        job("1", "Clerk", "R-1", "Oslo"),
        job("2", "Nurse", "", "Oslo"),
        job("3", "Cook"),
        job("4", "Cook", "", "Bonn"),
    ]
    mine += [job("5", "Cook", "", "Bonn"), Thing("6", Kind.REJECTION_REASON, "No show")]
    theirs = [
        job("a", "Office clerk", "r-1"),
        job("b", "nurse", "", "oslo"),
        job("c", "Cook"),
        job("d", "Cook", "", "Bonn"),
    ]
    theirs += [Thing("e", Kind.REJECTION_REASON, "no show")]
    found = {record: (thing.record, why) for record, (thing, why) in propose(mine, theirs).items()}
    assert found == {"1": ("a", REQUISITION), "2": ("b", PLACE), "6": ("e", NAME)}
