"""What seeded runs of the whole engine have found in the rules, each as the smallest case of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bascule.core.families import merge, remaining, shown, unmerge
from bascule.core.plan import ReadFirst, due, found, plan, prepare, removed_unmet
from bascule.core.reviews import decide, replay
from bascule.core.turn import turn
from bascule.model import (
    Collection,
    Direction,
    Divergence,
    Fields,
    HistoryKind,
    Kind,
    LinkState,
    OutcomeKind,
    Part,
    Presence,
    RecordState,
    ReviewKind,
    WriteState,
)

from .kit import (
    APPLIED_A,
    APPLIED_B,
    LADDER,
    PERSON,
    PERSON_A,
    PERSON_B,
    Bench,
    applied,
    empty,
    noted,
    person,
    plain,
    stage,
)


@pytest.fixture
def bench() -> Bench:
    made = Bench("ab")
    made.both()
    return made


def test_an_application_under_a_second_object_of_its_person_is_read_there_before_it_is_written(bench: Bench) -> None:
    """A person merged from two has two objects at one system; reading the wrong one showed nothing, for ever."""
    second = person("p2", **{**PERSON_A, "tags": ()})
    made = bench.reading("a", second, applied("x2", "p2", **{**APPLIED_A, "job": "a-job-2"}))
    bench.take(plan(bench.family, [made], [], bench.context, {("a", Kind.CANDIDATE, "p2"): bench.root.id}))
    link = bench.family.link_at("a", Kind.APPLICATION, "x2")
    assert link is not None
    bench.wait(30)
    bench.edit(link.record, stage=stage("screen"))
    (write,) = [w for w in due(bench.family, "a", bench.context) if bench.family.writes[w].link == link.id]
    first = prepare(bench.family, write, bench.context, 1)
    assert isinstance(first, ReadFirst)
    assert first.root == (Kind.CANDIDATE, "p2")


def test_an_application_whose_job_was_not_shown_is_not_made_elsewhere_without_one(bench: Bench) -> None:
    """A read that hid the job of a new application led to one without a job at the other system."""
    rules = dict(bench.views["b"].creates)
    needs = (Kind.CANDIDATE, Kind.JOB)
    bench.change("b", creates=rules | {Kind.APPLICATION: replace(rules[Kind.APPLICATION], parents=needs)})
    bench.wait(30)
    shown: Fields = {name: value for name, value in APPLIED_A.items() if name != "job"}
    bench.read("a", person("p1", **PERSON_A), applied("x1", "p1", **APPLIED_A), applied("x2", "p1", **shown))
    assert not [w for w in bench.family.writes.values() if w.call == "create application"]
    bench.wait(30)
    bench.read("a", person("p1", **PERSON_A), applied("x1", "p1", **APPLIED_A), applied("x2", "p1", **APPLIED_A))
    (made,) = [w for w in bench.family.writes.values() if w.call == "create application"]
    assert made.connection == "b"


def test_what_cannot_be_made_because_its_parent_is_not_there_is_not_tried_until_that_is_seen(bench: Bench) -> None:
    """A note for somebody who was deleted there was sent again as fast as the answers came."""
    bench.note("for a person who is not there any more")
    for _ in range(3):
        made = bench.prepared("a", "create note")
        bench.ends(made, OutcomeKind.ABSENT)
        link = bench.family.link_at("a", Kind.CANDIDATE, "p1")
        assert link is not None
        writes = [w for w in bench.family.writes.values() if w.call == "create note" and w.connection == "a"]
        if writes[0].state is WriteState.DEAD:
            break
        assert link.state is LinkState.UNSEEN
        assert made.write.id not in due(bench.family, "a", bench.context)
        bench.wait(30)
        bench.read("a", person("p1", **PERSON_A), applied("x1", "p1", **APPLIED_A))
    assert writes[0].state is WriteState.DEAD  # three times, though reads show the person: a failure, for people to see
    assert writes[0].tries == 3


def test_where_a_persons_object_is_deleted_their_other_one_there_takes_its_place_and_is_met_anew(bench: Bench) -> None:
    """A person merged from two kept a live object that nothing was written to any more."""
    second = person("p2", **{**PERSON_A, "title": "Their own title"})
    made = bench.reading("a", second)
    bench.take(plan(bench.family, [made], [], bench.context, {("a", Kind.CANDIDATE, "p2"): bench.root.id}))
    bench.wait(30)
    planned = bench.read("a", replace(person("p1", **PERSON_A), presence=Presence.DELETED))
    heir = bench.family.link_of(bench.root.id, "a")
    assert heir is not None
    assert heir.external == "p2"
    assert ("a", Kind.CANDIDATE, "p2") in {(w.connection, w.kind, w.external) for w in planned.wants}
    bench.read("a", second)
    assert not [w for w in due(bench.family, "a", bench.context) if bench.family.writes[w].link == heir.id]
    bench.edit(bench.root.id, title="Edited here")
    assert [w for w in due(bench.family, "a", bench.context) if bench.family.writes[w].link == heir.id]


def test_a_stage_that_is_gone_at_one_system_lives_on_where_another_has_it() -> None:
    """Its record went with the system that had shown it first: at the other nobody could be seen there any more."""
    bench = Bench("ab")
    bench.family = replace(empty(), kind=Kind.JOB)
    shown = {kind: (plain(kind, "name", "name", direction=Direction.IN),) for kind in (Kind.JOB, Kind.STAGE)}
    for each in "ab":
        bench.change(each, fields=shown)

    def job(at: str, *stages: str) -> tuple[Part, ...]:
        return (
            Part(Kind.JOB, f"{at}-job", {"name": "Clerk"}),
            *(Part(Kind.STAGE, f"{at}-{one}", {"name": one}, f"{at}-job") for one in stages),
        )

    def state(at: str) -> tuple[LinkState, RecordState]:
        link = bench.family.link_at(at, Kind.STAGE, f"{at}-screen")
        assert link is not None
        return link.state, bench.family.records[link.record].state

    def gone(at: str) -> None:
        for _ in range(2):
            bench.wait(20)
            bench.read(at, *job(at, "applied"), complete=(Collection(Kind.JOB, f"{at}-job", Kind.STAGE),))

    bench.read("a", *job("a", "applied", "screen"))
    met = bench.reading("b", *job("b", "applied", "screen"))
    bench.take(plan(bench.family, [met], [], bench.context, {("b", Kind.JOB, "b-job"): bench.root.id}))
    gone("a")
    assert state("a") == (LinkState.DELETED, RecordState.LIVE)
    assert state("b") == (LinkState.LIVE, RecordState.LIVE)
    gone("b")
    assert state("b") == (LinkState.DELETED, RecordState.DELETED)
    bench.wait(20)
    bench.read("b", *job("b", "applied", "screen"))
    assert state("b") == (LinkState.LIVE, RecordState.LIVE), "two answers had left it out: nobody need be asked"
    assert state("a") == (LinkState.DELETED, RecordState.LIVE)
    assert not bench.reviews()


def test_a_lost_creation_is_not_looked_for_where_what_it_was_to_hang_on_is_gone(bench: Bench) -> None:
    """A note whose answer was lost, for somebody who was deleted there meanwhile, was looked for without knowing on
    whom, for ever, and nothing else of the person was written there any more."""
    bench.note("lost on its way")
    made = bench.prepared("a", "create note")
    bench.ends(made, OutcomeKind.UNANSWERED)
    bench.wait(30)
    bench.read("a", replace(person("p1", **PERSON_A), presence=Presence.DELETED))
    next_turn = turn(bench.family, "a", bench.context, 1)
    assert next_turn.look is None
    bench.take(next_turn.plan)
    assert not bench.family.attempts
    assert not due(bench.family, "a", bench.context)


def test_what_hangs_on_somebody_who_is_hidden_is_not_taken_for_deleted(bench: Bench) -> None:
    """The notes of a person who could not be seen for a while were held for deleted, and were deleted where they had been
    copied to: the list of that person's notes is empty as long."""
    bench.read("a", person("p1", **PERSON_A), noted("n1", "p1", body="spoke to her"))
    whole = (Collection(Kind.CANDIDATE, "p1", Kind.NOTE),)
    for _ in range(3):
        bench.wait(30)
        bench.read("a", replace(person("p1"), presence=Presence.ABSENT), complete=whole)
        bench.wait(30)
        bench.read("a", complete=whole)  # of a list that shows the notes alone
    note = bench.family.link_at("a", Kind.NOTE, "n1")
    assert note is not None
    assert note.open
    assert bench.family.records[note.record].state is RecordState.LIVE
    for _ in range(2):
        bench.wait(30)
        bench.read("a", person("p1", **PERSON_A), complete=whole)
    assert bench.family.links[note.id].state is LinkState.DELETED


def test_what_hangs_on_one_of_a_persons_objects_is_gone_with_that_one_and_no_other(bench: Bench) -> None:
    """A note on somebody's second object at a system was held for live when that object was anonymised: no read would
    ever show it again. And with the first one everything was closed that hung on the second."""
    second = person("p2", **{**PERSON_A, "tags": ()})
    other = applied("x2", "p2", **{**APPLIED_A, "job": "a-job-2"})
    made = bench.reading("a", second, other, noted("n2", "p2", body="spoke to her"))
    bench.take(plan(bench.family, [made], [], bench.context, {("a", Kind.CANDIDATE, "p2"): bench.root.id}))
    both = bench.family

    def open_after(presence: Presence, external: str) -> set[str]:
        bench.family = both
        bench.wait(30)
        bench.read("a", replace(person(external), presence=presence))
        return {link.external for link in bench.family.links.values() if link.connection == "a" and link.open}

    for presence in (Presence.ANONYMISED, Presence.DELETED):
        assert open_after(presence, "p2") == {"p1", "x1"}
        assert open_after(presence, "p1") == {"p2", "x2", "n2"}


def test_a_word_nobody_knows_that_was_said_right_behind_our_call_is_a_gap_and_is_not_written_over(bench: Bench) -> None:
    """It was taken for what the system had made of our call, and the next edit here wrote over it."""
    link = bench.family.link_at("a", Kind.APPLICATION, "x1")
    assert link is not None
    bench.edit(link.record, stage=stage("screen"))
    bench.read("a", person("p1", **PERSON_A), applied("x1", "p1", **APPLIED_A))
    bench.deliver("a", "move")
    assert bench.family.links[link.id].pairs["st"].awaiting
    bench.wait(30)
    for _ in range(2):
        bench.read("a", person("p1", **PERSON_A), applied("x1", "p1", **{**APPLIED_A, "st": "on hold"}))
        bench.wait(30)
    assert bench.family.links[link.id].pairs["st"].gap
    bench.edit(link.record, stage=stage("assess"))
    assert not [w for w in due(bench.family, "a", bench.context) if "st" in bench.family.writes[w].fields]
    bench.read("a", person("p1", **PERSON_A), applied("x1", "p1", **{**APPLIED_A, "st": "screen"}))
    assert [w for w in due(bench.family, "a", bench.context) if "st" in bench.family.writes[w].fields]


def test_two_applications_that_show_a_word_nobody_knows_are_both_listed_and_not_read_for_ever(bench: Bench) -> None:
    """Of one read only the last was listed. And a gap was taken for a change without a new version: it was read again
    every few seconds."""
    other = {**APPLIED_A, "st": "on hold"}

    def shown() -> tuple[Part, ...]:
        mine = (applied(x, "p1", **other) for x in ("x1", "x2"))
        return person("p1", **PERSON_A), *(replace(one, version="2026-03-02T09:00:00+00:00") for one in mine)

    bench.wait(30)
    planned = bench.read("a", *shown())
    links = [bench.family.link_at("a", Kind.APPLICATION, x) for x in ("x1", "x2")]
    assert {gap.record for gap in planned.gaps} == {link.record for link in links if link}
    bench.wait(60)
    bench.read("a", *shown())
    bench.wait(60)
    assert not bench.read("a", *shown()).wants


def test_what_was_made_there_hangs_where_it_was_made_before_any_read_shows_it(bench: Bench) -> None:
    """Two who had been joined were told apart before what had been made for both was read: it went with the wrong one."""
    bench.note("made there a moment ago")
    bench.deliver("b", "create note", external="m1")
    link, above = bench.family.link_at("b", Kind.NOTE, "m1"), bench.link("b")
    assert link is not None
    assert link.parent == above.external


def test_a_word_that_nobody_knows_is_a_gap_where_two_sides_first_meet_too_and_nothing_is_written_over_it() -> None:
    """It was taken for a difference that both keep, and the next move elsewhere was written over it."""
    bench = Bench("ab")
    bench.read("a", person("p1", **PERSON_A), applied("x1", "p1", **APPLIED_A))
    unknown = applied("y1", "q1", **{**APPLIED_B, "st": "on hold"})
    join = {("b", Kind.CANDIDATE, "q1"): bench.root.id}
    met = bench.take(
        plan(bench.family, [bench.reading("b", person("q1", **PERSON_B), unknown)], [], bench.context, join)
    )
    assert [(gap.field, gap.value) for gap in met.gaps] == [("st", "on hold")]
    bench.wait(30)
    bench.edit(bench.application.id, stage=stage("screen"))
    assert not [write for write in bench.writes("b") if "st" in write.fields]
    bench.read("b", person("q1", **PERSON_B), unknown)
    assert not [write for write in bench.writes("b") if "st" in write.fields]
    assert bench.link("b", Kind.APPLICATION).pairs["st"].gap
    bench.wait(30)
    bench.read("b", person("q1", **PERSON_B), applied("y1", "q1", **{**APPLIED_B, "st": "b3"}))
    assert bench.application.fields["stage"] == stage(LADDER[3])  # a word that is known is an edit again


def test_what_was_accepted_and_is_never_found_is_asked_about_and_not_made_again(bench: Bench) -> None:
    """Somebody was deleted there before a system that tells ids later had told theirs, and was made again."""
    bench.note("for b")
    made = bench.prepared("b", "create note")
    bench.ends(made)
    bench.wait(300)
    bench.take(found(bench.family, made.attempt, (), bench.context))
    (asked,) = bench.reviews()
    assert asked.kind is ReviewKind.LOST_CREATE
    assert due(bench.family, "b", bench.context) == ()


@pytest.mark.parametrize(("parent", "asked"), [(None, True), ("q1", True), ("q2", False)])
def test_what_may_have_been_made_and_removed_before_anybody_met_it_is_asked_about(
    bench: Bench, parent: str | None, asked: bool
) -> None:
    """A creation landed after its time-out, and was deleted there before a read had shown it: it was made again."""
    bench.note("for b")
    made = bench.prepared("b", "create note")
    bench.ends(made, OutcomeKind.UNANSWERED)
    gone = Part(Kind.NOTE, "m9", parent=parent, presence=Presence.DELETED)
    bench.take(removed_unmet(bench.family, made.attempt, gone, bench.context))
    bench.wait(300)
    bench.take(found(bench.family, made.attempt, (), bench.context))
    assert [one.kind for one in bench.reviews()] == [ReviewKind.LOST_CREATE] * asked
    assert bool(due(bench.family, "b", bench.context)) is not asked


def test_a_lost_creation_that_is_found_on_somebody_who_is_gone_is_gone_too(bench: Bench) -> None:
    """The look for it began before the person was deleted: it stayed a live link to no object."""
    bench.note("for b")
    made = bench.prepared("b", "create note")
    bench.ends(made, OutcomeKind.UNANSWERED)
    person = bench.link("b", Kind.CANDIDATE)
    bench.read("b", Part(Kind.CANDIDATE, person.external, presence=Presence.DELETED))
    bench.take(found(bench.family, made.attempt, ("m9",), bench.context))
    (note,) = [one for one in bench.family.links.values() if one.external == "m9"]
    assert note.state is LinkState.DELETED


def test_a_lost_creation_on_somebody_who_was_merged_there_is_looked_for_on_whom_they_live_on_as(bench: Bench) -> None:
    """It was let go, for what it hung on was gone, and made once more when the two were one here too."""
    bench.note("for b")
    made = bench.prepared("b", "create note")
    bench.ends(made, OutcomeKind.UNANSWERED)
    person = bench.link("b", Kind.CANDIDATE)
    bench.read("b", Part(Kind.CANDIDATE, person.external, presence=Presence.MERGED, into="m1"))
    bench.wait(30)
    look = turn(bench.family, "b", bench.context, 1).look
    assert look is not None
    assert (look.marker, look.parents) == (made.marker, {Kind.CANDIDATE: "m1"})


def test_a_replayed_list_changes_what_the_failure_was_to_change_and_no_difference_of_the_first_meeting() -> None:
    """A replay took away a tag that had only ever been there, and that nobody took away."""
    bench = Bench("ba")
    bench.read("b", person("q1", **{**PERSON_B, "tags": ("keeps", "leaves")}))
    made = bench.reading("a", person("p1", **{**PERSON_A, "tags": ("only there", "leaves")}))
    bench.take(plan(bench.family, [made], [], bench.context, {("a", Kind.CANDIDATE, "p1"): bench.root.id}))
    bench.wait(30)
    bench.edit(bench.root.id, tags=("keeps", "new"))
    failed = bench.prepared("a", "tags")
    bench.ends(failed, OutcomeKind.REFUSED, words="422 too many")
    bench.edit(bench.root.id, tags=("keeps", "new", "newer"))
    assert bench.deliver("a", "tags").fields == {"tags": ("leaves", "newer", "only there")}
    bench.wait(30)
    bench.read("a", person("p1", **{**PERSON_A, "tags": ("leaves", "newer", "only there")}))
    bench.take(replay(bench.family, failed.write.id, PERSON, bench.context))
    again = bench.prepared("a", "tags")
    assert again.fields == {"tags": ("new", "newer", "only there")}
    assert again.removed == {"tags": ("leaves",)}


def test_told_apart_what_their_object_has_first_shown_since_is_no_longer_told_of_the_other() -> None:
    """A field that no answer showed until two were one stood in the history of whom it never was of."""
    one, other = Bench("ab"), Bench("ab")
    one.both()
    one.edit(one.root.id, title="Cook")
    other.family = empty(family="f2")
    other.ids = 5000
    hidden: Fields = {name: value for name, value in PERSON_A.items() if name != "title"}
    other.read("a", person("p7", **{**hidden, "name": "Ng"}))
    kept, left = merge(one.family, other.family, one.context, PERSON, "same person")
    merged = next(line for line in kept.history if line.kind is HistoryKind.MERGED and isinstance(line.old, dict))
    one.take(kept)
    one.wait(30)
    met = one.read("a", person("p7", **{**PERSON_A, "name": "Ng", "title": "Chef"}))
    (line,) = [x for x in met.history if x.new == "Chef"]
    _, back = unmerge(one.family, left.family, merged.old, one.context, PERSON, "not the same")
    assert back.family.root.fields["title"] == "Chef"
    assert not [w for w in back.family.writes.values() if w.link is not None and w.closed is None]
    seen = shown(back.family, one.context)
    assert remaining(line, merged, back.family.root.fields, {merged.record}, seen) is None
    mine = replace(line, new="Cook")
    assert remaining(mine, merged, back.family.root.fields, {merged.record}, seen) == mine


def test_whoever_leaves_their_value_in_a_field_that_only_goes_out_leaves_a_difference_that_is_listed(
    bench: Bench,
) -> None:
    """A person chose what stood in the score's field there; it cannot be taken, and the difference was listed nowhere."""
    known = bench.views["a"].fields
    alone = tuple(replace(one, parse=lambda _seen, _record, _refs: {}) if one.name == "score" else one
                  for one in known[Kind.APPLICATION])  # fmt: skip
    bench.change("a", fields={**known, Kind.APPLICATION: alone})
    bench.score(80)
    bench.ends(bench.prepared("a", "score"), OutcomeKind.UNANSWERED)
    bench.wait(600)
    bench.read("a", person("p1", **PERSON_A), applied("x1", "p1", **{**APPLIED_A, "score": 40}))
    (review,) = bench.reviews()
    bench.take(decide(bench.family, review.id, "take_theirs", PERSON, bench.context))
    pair = bench.link("a", Kind.APPLICATION).pairs["score"]
    assert (pair.theirs, pair.ours, pair.divergence) == (40, 80, Divergence.CONFLICT)
    assert not [w for w in bench.writes("a") if w.closed is None]
