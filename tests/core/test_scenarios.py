"""How two-way sync breaks, and does not here: one test per way, by name."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import bascule.core
from bascule.core.families import copied, remaining, shown
from bascule.core.plan import (
    Held,
    Moot,
    ReadFirst,
    after,
    decide,
    due,
    found,
    marker,
    merge,
    plan,
    prepare,
    rebaseline,
    unmerge,
)
from bascule.errors import ConflictError, ForbiddenError
from bascule.model import (
    AI,
    Authority,
    Collection,
    Direction,
    Divergence,
    Edit,
    FamilyState,
    HistoryKind,
    Kind,
    Link,
    LinkState,
    Mode,
    Outcome,
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
    PERSON,
    PERSON_A,
    PERSON_B,
    Bench,
    applied,
    empty,
    maps_of,
    noted,
    person,
    stage,
)


@pytest.fixture
def bench() -> Bench:
    made = Bench("ab")
    made.both()
    return made


def a_now(bench: Bench, **changes: object) -> Part:
    return person("p1", **{**PERSON_A, **changes})  # type: ignore[arg-type]


def b_now(bench: Bench, **changes: object) -> Part:
    return person("q1", **{**PERSON_B, **changes})  # type: ignore[arg-type]


def test_01_a_stale_read_after_our_own_write_is_not_somebody_reverting_us(bench: Bench) -> None:
    bench.score(87)
    before = bench.number()
    started = bench.seconds
    bench.deliver("a", "score")
    bench.wait(2)
    stale = applied("x1", "p1", **{**APPLIED_A, "score": None})
    made = bench.read("a", stale, number=before, started=started)
    assert bench.application.fields["match_score"] == 87
    assert not [line for line in made.history if line.kind is HistoryKind.DRIFT]
    assert [want.external for want in made.wants] == ["x1"]


def test_02_two_populated_systems_meet_and_nothing_is_written() -> None:
    bench = Bench("ab")
    bench.read("a", person("p1", name="Ng", phone="1", title=None, tags=("X",)))
    join = {("b", Kind.CANDIDATE, "q1"): bench.root.id}
    theirs = person("q1", name="NGUYEN", phone="2", title="Chef", tags=("y",))
    made = plan(bench.family, [bench.reading("b", theirs)], [], bench.context, join)
    bench.take(made)
    assert not bench.writes()
    assert bench.root.fields["last_name"] == "Ng"
    assert bench.root.fields["title"] == "Chef"  # the record fills only what is empty
    assert {line.new for line in made.history if line.kind is HistoryKind.ADOPTED} == {"NGUYEN", "2", ("y",)}
    assert bench.link("b").pairs["phone"].divergence is Divergence.ADOPTED


def test_03_a_system_that_alters_what_it_stores_cannot_start_a_war(bench: Bench) -> None:
    bench.edit(bench.root.id, company="7")
    bench.read("b", b_now(bench))
    bench.deliver("b", "patch")
    bench.wait(20)
    for _ in range(5):
        bench.read("b", b_now(bench, phone="~7"))
        assert not bench.writes("b")
        bench.wait(20)
    pair = bench.link("b").pairs["phone"]
    assert (pair.theirs, pair.ours, pair.divergence) == ("~7", "7", Divergence.ALTERED)
    assert bench.root.fields["company"] == "7"


def test_04_absent_is_not_read_as_empty(bench: Bench) -> None:
    before = bench.root.fields
    made = bench.read("a", Part(Kind.CANDIDATE, "p1", {"name": "Ng"}))
    assert bench.root.fields == before
    assert not bench.writes()
    assert not made.history
    bench.read("a", a_now(bench, phone=None))  # shown as empty is something else
    assert bench.root.fields["company"] is None


def test_05_a_new_mapping_rewrites_nothing_but_keeps_what_was_due(bench: Bench) -> None:
    bench.edit(bench.application.id, stage=stage("assess"))
    bench.change("b", fields=maps_of("b", version=2), mapping_version=2)
    bench.take(rebaseline(bench.family, "b", bench.context, from_shadow=False))
    assert [w.call for w in bench.writes("b")] == ["move"]  # the person's own move was due, and stays so
    settled = Bench("ab")
    settled.read("a", person("p1", **PERSON_A), applied("x1", "p1", **{**APPLIED_A, "st": "assess"}))
    join = {("b", Kind.CANDIDATE, "q1"): settled.root.id}
    there = applied("y1", "q1", job="b-job", st="b2", status="active", score=None)
    settled.take(
        plan(settled.family, [settled.reading("b", person("q1", **PERSON_B), there)], [], settled.context, join)
    )
    settled.change("b", fields=maps_of("b", version=2), mapping_version=2)
    settled.take(rebaseline(settled.family, "b", settled.context, from_shadow=False))
    assert not settled.writes("b")
    assert settled.link("b", Kind.APPLICATION).pairs["st"].divergence is Divergence.ADOPTED


def test_05_going_live_from_shadow_writes_nothing_that_was_only_planned(bench: Bench) -> None:
    bench.change("a", mode=Mode.SHADOW)
    bench.score(50)
    (write,) = bench.writes("a")
    assert (write.state, write.why) == (WriteState.HELD, "shadow")
    assert isinstance(prepare(bench.family, write.id, bench.context, 1), Held)
    bench.change("a", mode=Mode.LIVE)
    bench.take(rebaseline(bench.family, "a", bench.context, from_shadow=True))
    assert not bench.writes("a")


def test_06_a_404_or_a_missing_row_is_unseen_and_nothing_follows(bench: Bench) -> None:
    for _ in range(3):
        made = bench.read("a", Part(Kind.CANDIDATE, "p1", presence=Presence.ABSENT))
        bench.wait(20)
    assert bench.link("a").state is LinkState.UNSEEN
    assert not bench.writes()
    assert [r.kind for r in bench.reviews()] == [ReviewKind.VISIBILITY]
    assert not [line for line in made.history if line.kind is HistoryKind.GONE]
    bench.read("a", a_now(bench))
    assert bench.link("a").state is LinkState.LIVE


def test_06_gone_needs_evidence_does_not_spread_and_is_not_recreated(bench: Bench) -> None:
    bench.read("a", Part(Kind.CANDIDATE, "p1", presence=Presence.DELETED), event=True)
    assert bench.link("a").state is LinkState.DELETED
    assert bench.link("a", Kind.APPLICATION).state is LinkState.DELETED
    assert bench.link("b").state is LinkState.LIVE
    bench.edit(bench.root.id, company="8")
    assert {w.connection for w in bench.writes()} == {"b"}
    bench.wait(30)
    bench.read("a", a_now(bench))
    assert bench.link("a").state is LinkState.DELETED
    assert {r.about.split("|")[1] for r in bench.reviews() if r.kind is ReviewKind.GONE} == {"deleted", "back"}


def test_06_an_anonymised_object_shows_no_fields_and_nothing_is_taken(bench: Bench) -> None:
    ghost = Part(Kind.CANDIDATE, "p1", {"name": "Anonymised 66001", "phone": None}, presence=Presence.ANONYMISED)
    bench.read("a", ghost)
    assert bench.root.fields["last_name"] == "Ng"
    assert bench.link("a").state is LinkState.ANONYMISED


def test_07_a_second_object_of_a_record_is_read_and_never_written(bench: Bench) -> None:
    join = {("a", Kind.CANDIDATE, "p2"): bench.root.id}
    made = bench.reading("a", person("p2", name="Ng", phone="1", title=None, tags=()))
    bench.take(plan(bench.family, [made], [], bench.context, join))
    assert [r.kind for r in bench.reviews()] == [ReviewKind.DUPLICATE]
    primaries = [x.primary for x in bench.family.links.values() if x.connection == "a" and x.kind is Kind.CANDIDATE]
    assert sorted(primaries) == [False, True]
    bench.edit(bench.root.id, company="9")
    first = next(x.id for x in bench.family.links.values() if x.external == "p1")
    assert [w.link for w in bench.writes("a")] == [first]


def test_08_the_system_a_change_lost_in_is_written_back(bench: Bench) -> None:
    bench.read("a", a_now(bench, phone="2"))  # A, the higher owner, changes
    made = bench.read("b", b_now(bench, phone="3"))  # B changed too, and loses
    assert bench.root.fields["company"] == "2"
    assert [line.new for line in made.history if line.kind is HistoryKind.LOST] == ["3"]
    sent = bench.deliver("b", "patch")
    assert (sent.fields, sent.current) == ({"phone": "2"}, {"phone": "3"})


def test_08_a_links_own_backlog_survives_a_change_that_changed_nothing(bench: Bench) -> None:
    bench.edit(bench.root.id, company="5")
    bench.read("a", a_now(bench, phone="5"))  # A got there by itself
    assert [w.connection for w in bench.writes()] == ["b"]


def test_09_our_own_create_arrives_as_a_stranger_and_is_bound() -> None:
    bench = Bench("ab")
    bench.read("a", person("p1", **PERSON_A))
    made = bench.prepared("b", "create")
    bench.ends(made)  # accepted, the id to come
    ours = person("q9", name="NG", phone="1", title=None, tags=())
    without = bench.read("b", ours)
    assert bench.family.link_at("b", Kind.CANDIDATE, "q9") is None  # may be ours: it waits
    assert [w.external for w in without.wants] == ["q9"]
    bench.read("b", replace(ours, marker=marker(bench.root.id), marker_shown=True))
    assert bench.link("b").external == "q9"
    assert not bench.family.attempts


def test_09_a_lost_create_is_looked_for_until_it_may_no_longer_land() -> None:
    bench = Bench("ab")
    bench.read("a", person("p1", **PERSON_A))
    made = bench.prepared("b", "create")
    bench.ends(made, OutcomeKind.UNANSWERED)
    for seconds in (10, 10, 10):
        bench.wait(seconds)
        bench.take(found(bench.family, made.attempt, (), bench.context))
        assert due(bench.family, "b", bench.context) == ()
    bench.wait(20)  # both two settles and `late` are over
    bench.take(found(bench.family, made.attempt, (), bench.context))
    assert len(due(bench.family, "b", bench.context)) == 1


def test_09_where_looking_is_unreliable_a_person_decides() -> None:
    bench = Bench("ab")
    rules = {k: replace(r, reliable=False) for k, r in bench.views["b"].creates.items()}
    bench.change("b", creates=rules)
    bench.read("a", person("p1", **PERSON_A))
    made = bench.prepared("b", "create")
    bench.ends(made, OutcomeKind.UNANSWERED)
    bench.wait(60)
    bench.take(found(bench.family, made.attempt, (), bench.context))
    (review,) = bench.reviews()
    assert review.kind is ReviewKind.LOST_CREATE
    assert due(bench.family, "b", bench.context) == ()
    bench.take(decide(bench.family, review.id, "approve", PERSON, bench.context))
    assert len(due(bench.family, "b", bench.context)) == 1


def test_09_a_create_answered_with_another_records_object_is_a_merge_proposal() -> None:
    bench = Bench("ab")
    bench.read("a", person("p1", **PERSON_A))
    made = bench.prepared("b", "create")
    outcome = Outcome(OutcomeKind.ANSWERED, external="q1")
    bench.take(after(bench.family, made.attempt, outcome, bench.context, owner="somebody"))
    assert [r.kind for r in bench.reviews()] == [ReviewKind.MERGE]
    assert due(bench.family, "b", bench.context) == ()


def test_10_intermediate_states_are_not_replayed(bench: Bench) -> None:
    for name in ("screen", "assess", "interview"):
        bench.edit(bench.application.id, stage=stage(name))
    (write,) = bench.writes("a")
    assert write.fields == {"st"}
    bench.read("a", a_now(bench), applied("x1", "p1", **APPLIED_A))
    assert bench.deliver("a", "move").fields == {"st": "interview"}
    bench.edit(bench.application.id, stage=stage("screen"))
    bench.edit(bench.application.id, stage=stage("interview"))
    assert not bench.writes("a")  # found no difference


def test_10_only_the_next_step_is_sent_where_steps_are_the_rule(bench: Bench) -> None:
    bench.edit(bench.application.id, stage=stage("interview"))
    seen = "b0"
    sent: list[object] = []
    for _ in range(3):
        bench.read("b", applied("y1", "q1", job="b-job", st=seen, status="active", score=None))
        made = bench.deliver("b", "move")
        sent.append(made.fields["st"])
        seen = str(made.fields["st"])
        bench.wait(10)
    bench.read("b", applied("y1", "q1", job="b-job", st=seen, status="active", score=None))
    assert sent == ["b1", "b2", "b3"]
    assert not bench.writes("b")


def test_10_a_refused_guard_reads_again_and_is_no_failure(bench: Bench) -> None:
    bench.edit(bench.application.id, stage=stage("screen"))
    bench.read("a", applied("x1", "p1", **APPLIED_A))
    made = bench.prepared("a", "move")
    bench.ends(made, OutcomeKind.GUARDED, words="from_stage_id does not match")
    (write,) = bench.writes("a")
    assert write.state is WriteState.DUE
    assert isinstance(prepare(bench.family, write.id, bench.context, 1), ReadFirst)


def test_11_a_write_waits_for_its_parent_and_only_dependants_wait() -> None:
    bench = Bench("ab")
    bench.read("a", person("p1", **PERSON_A), applied("x1", "p1", **APPLIED_A))
    by_call = {w.call: w for w in bench.writes("b")}
    waiting = by_call["create application"]
    assert (waiting.state, waiting.waits_for) == (WriteState.WAITING, (("candidate", bench.root.id),))
    made = bench.prepared("b", "create")
    done = bench.ends(made, external="q1")
    assert ("b", bench.root.id) in done.linked
    assert {w.call: w.state for w in bench.writes("b")}["create application"] is WriteState.DUE
    assert bench.writes("b")[0].tries == 0


def test_12_what_an_ai_wants_to_move_never_enters_the_record(bench: Bench) -> None:
    bench.edit(bench.application.id, AI, stage=stage("screen"))
    assert bench.application.fields["stage"] == stage("applied")
    assert not bench.writes()
    (review,) = bench.reviews()
    assert review.kind is ReviewKind.PROPOSAL
    bench.take(decide(bench.family, review.id, "approve", PERSON, bench.context))
    assert bench.application.fields["stage"] == stage("screen")
    assert {w.actor for w in bench.writes()} == {PERSON}


def test_12_a_proposal_lapses_when_its_base_moves(bench: Bench) -> None:
    bench.edit(bench.application.id, AI, stage=stage("screen"))
    (review,) = bench.reviews()
    bench.edit(bench.application.id, stage=stage("interview"))
    assert not bench.reviews()
    assert bench.plans[-1].family.reviews[review.id].state.value == "lapsed"


@pytest.mark.parametrize(
    ("name", "value"), [("status", "rejected"), ("status", "hired"), ("stage", stage("applied")), ("reason", "r1")]
)
def test_12_an_ai_never_rejects_hires_or_moves_back(bench: Bench, name: str, value: str) -> None:
    bench.edit(bench.application.id, stage=stage("assess"))
    with pytest.raises(ForbiddenError):
        bench.edit(bench.application.id, AI, **{name: value})


def test_13_a_rejection_keeps_the_stage() -> None:
    bench = Bench("ac")
    bench.read("a", person("p1", **PERSON_A), applied("x1", "p1", **{**APPLIED_A, "st": "assess"}))
    join = {("c", Kind.CANDIDATE, "z1"): bench.root.id}
    folded = applied("w1", "z1", job="c-job", st="screening", score=None)
    read = bench.reading("c", person("z1", **PERSON_A), folded)
    bench.take(plan(bench.family, [read], [], bench.context, join))
    bench.wait(30)
    bench.read("c", applied("w1", "z1", job="c-job", st="archived", score=None))
    assert bench.application.fields["status"] == "rejected"
    assert bench.application.fields["stage"] == stage("assess")
    bench.wait(30)
    bench.read("c", applied("w1", "z1", job="c-job", st="screening", score=None))
    assert bench.application.fields["status"] == "active"
    assert bench.application.fields["stage"] == stage("assess")  # many to one both ways: no change is made up


def test_13_an_unknown_stage_is_a_gap_and_the_rest_goes_on(bench: Bench) -> None:
    made = bench.read("a", applied("x1", "p1", job="a-job", st="mystery", status="withdrawn", score=None))
    assert [(g.field, g.value) for g in made.gaps] == [("st", "mystery")]
    assert ("a", Kind.STAGE, "mystery") in {(w.connection, w.kind, w.external) for w in made.wants}
    assert bench.application.fields["status"] == "withdrawn"
    assert bench.application.fields["stage"] == stage("applied")
    bench.edit(bench.application.id, stage=stage("screen"))
    assert "move" not in {w.call for w in bench.writes("a")}  # neither taken nor written until it is known


def test_14_in_a_conflict_the_owner_order_decides_and_the_loser_is_kept(bench: Bench) -> None:
    bench.edit(bench.root.id, company="ours")
    made = bench.read("b", b_now(bench, phone="theirs"))
    assert bench.root.fields["company"] == "theirs"  # the ATS owns it
    kept = {line.new for line in made.history} | {line.old for line in made.history}
    assert "ours" in kept


def test_14_where_a_person_is_to_choose_neither_side_moves(bench: Bench) -> None:
    bench.edit(bench.root.id, title="Cook")
    bench.read("a", a_now(bench, title="Chef"))
    (review,) = bench.reviews()
    assert review.kind is ReviewKind.CONFLICT
    assert bench.root.fields["title"] == "Cook"
    assert "a" not in {w.connection for w in bench.writes()}
    bench.read("a", a_now(bench, title="Head chef"))
    (review,) = bench.reviews()
    assert review.detail["seen"] == "Head chef"  # the item keeps the newest
    bench.take(decide(bench.family, review.id, "take_theirs", PERSON, bench.context))
    assert bench.root.fields["title"] == "Head chef"
    assert not bench.reviews()


def test_14_a_foreign_edit_of_an_out_field_is_drift_repaired_three_times_a_day(bench: Bench) -> None:
    bench.score(80)
    bench.deliver("a", "score", seen={"score": 80})
    for turn in range(5):
        bench.wait(60)
        bench.read("a", applied("x1", "p1", **{**APPLIED_A, "score": turn}))
        assert bench.application.fields["match_score"] == 80
        if turn < 3:
            bench.deliver("a", "score", seen={"score": 80})
    assert not bench.writes("a")
    assert bench.link("a", Kind.APPLICATION).pairs["score"].divergence is Divergence.DRIFT
    assert [r.kind for r in bench.reviews()] == [ReviewKind.CONFLICT]


def test_15_the_older_answer_that_arrives_last_is_dropped_and_read_again(bench: Bench) -> None:
    older, newer = bench.number(), bench.number()
    bench.read("a", a_now(bench, phone="new"), number=newer)
    made = bench.read("a", a_now(bench, phone="old"), number=older)
    assert bench.root.fields["company"] == "new"
    assert [w.external for w in made.wants] == ["p1"]


def test_15_a_lagging_replica_after_a_fresh_one_is_no_revert(bench: Bench) -> None:
    bench.read("a", a_now(bench, phone="new"))
    bench.wait(2)
    made = bench.read("a", a_now(bench))  # the value before, within `settle`
    assert bench.root.fields["company"] == "new"
    assert made.wants
    bench.wait(10)
    bench.read("a", a_now(bench))  # still so when settled: somebody has put it back
    assert bench.root.fields["company"] == "1"


def test_16_two_automations_do_not_play_ping_pong_through_the_bridge(bench: Bench) -> None:
    def a(st: str) -> Part:
        return applied("x1", "p1", **{**APPLIED_A, "st": st})

    def b(st: str) -> Part:
        return applied("y1", "q1", job="b-job", st=st, status="active", score=None)

    for _ in range(3):
        bench.read("a", a("screen"))  # A's rule moves on
        bench.read("b", b("b0"))
        if bench.application.frozen:
            break
        bench.deliver("b", "move")
        bench.wait(10)
        bench.read("b", b("b1"))
        bench.wait(60)
        bench.read("b", b("b0"))  # B's rule moves back
        bench.read("a", a("screen"))
        if bench.application.frozen:
            break
        bench.deliver("a", "move", seen={"st": "applied"})
        bench.wait(60)
    assert bench.application.frozen == {"stage"}
    (review,) = [r for r in bench.reviews() if r.kind is ReviewKind.FROZEN]
    assert len(review.detail["turns"]) >= 4  # type: ignore[arg-type]
    assert "move" not in {w.call for w in bench.writes()}


def test_17_a_request_that_lands_late_is_ours_and_is_written_again(bench: Bench) -> None:
    bench.read("a", a_now(bench), applied("x1", "p1", **APPLIED_A))
    bench.edit(bench.application.id, stage=stage("screen"))
    lost = bench.prepared("a", "move")
    bench.ends(lost, OutcomeKind.UNANSWERED)
    bench.wait(9)
    bench.read("a", applied("x1", "p1", **APPLIED_A))  # it has not landed
    bench.edit(bench.application.id, stage=stage("interview"))
    bench.deliver("a", "move", seen={"st": "interview"})
    bench.wait(15)
    made = bench.read("a", applied("x1", "p1", **{**APPLIED_A, "st": "screen"}))  # now it has
    assert bench.application.fields["stage"] == stage("interview")
    assert HistoryKind.LANDED_LATE in {line.kind for line in made.history}
    assert bench.deliver("a", "move").fields == {"st": "interview"}


def test_17_past_the_limit_the_same_value_is_somebodys_edit(bench: Bench) -> None:
    bench.read("a", a_now(bench), applied("x1", "p1", **APPLIED_A))
    bench.edit(bench.application.id, stage=stage("screen"))
    bench.ends(bench.prepared("a", "move"), OutcomeKind.UNANSWERED)
    bench.wait(9)
    bench.read("a", applied("x1", "p1", **{**APPLIED_A, "st": "screen"}))
    bench.wait(60)
    bench.read("a", applied("x1", "p1", **{**APPLIED_A, "st": "interview"}))
    bench.wait(60)
    bench.read("a", applied("x1", "p1", **{**APPLIED_A, "st": "screen"}))
    assert bench.application.fields["stage"] == stage("screen")


def test_18_nothing_enters_a_family_that_is_erased_or_being_erased(bench: Bench) -> None:
    bench.family = replace(bench.family, state=FamilyState.ERASING)
    before = bench.family
    made = bench.read("a", a_now(bench, name="Back"), noted("n9", "p1", body="hello"))
    assert made.family is before
    assert not made.history
    with pytest.raises(ForbiddenError):
        bench.edit(bench.root.id, company="x")


def test_18_attempts_hold_digests_and_never_values(bench: Bench) -> None:
    bench.edit(bench.root.id, company="a very personal value", tags=("secret tag", "X"))
    bench.read("a", a_now(bench))
    bench.prepared("a", "patch")
    held = repr(bench.family.attempts)
    assert "personal" not in held
    assert "secret" not in held


def two_families() -> tuple[Bench, Bench]:
    one, other = Bench("ab"), Bench("ab")
    one.both()
    other.family = empty(family="f2")
    other.ids = 5000
    other.read("a", person("p7", name="Ng", phone="7", title="Chef", tags=("Z",)), noted("n7", "p7", body="hi"))
    return one, other


def test_19_a_merge_moves_links_and_children_and_writes_nothing() -> None:
    one, other = two_families()
    loser = other.root.id
    kept, left = merge(one.family, other.family, one.context, PERSON, "same person")
    assert not [w for w in kept.family.writes.values() if w.link is not None]
    moved = kept.family.link_at("a", Kind.CANDIDATE, "p7")
    assert moved is not None
    assert (moved.record, moved.primary) == (one.root.id, False)  # a live primary is there already
    assert kept.family.records[loser].merged_into == one.root.id
    assert kept.family.records[loser].fields["company"] == "7"  # the before-image
    assert kept.family.root.fields["title"] == "Chef"  # only what was empty is filled
    note = next(r for r in kept.family.records.values() if r.kind is Kind.NOTE)
    assert note.parent == one.root.id
    assert not left.family.records
    assert not left.family.links


def test_19_who_was_merged_into_somebody_who_was_merged_again_is_known_by_their_keys() -> None:
    one, other = two_families()
    loser = other.root.id
    kept, _ = merge(one.family, other.family, one.context, PERSON, "same person")
    last = Bench("ab")
    last.both()
    last.family = empty(family="f3")
    last.ids = 9000
    last.read("a", person("p8", name="Li", phone="8", title="Cook", tags=()))
    mails = {"emails": ("ng@example.org",)}
    first = replace(kept.family.records[loser], fields=mails)
    known = replace(kept.family, records={**kept.family.records, loser: first})
    end, left = merge(last.family, known, last.context, PERSON, "same person")
    assert end.family.survivor(loser) == end.family.root.id == last.root.id
    assert "email:ng@example.org" in end.claims
    image = next(line.old for line in end.history if line.kind is HistoryKind.MERGED and isinstance(line.old, dict))
    stays, back = unmerge(end.family, left.family, image, last.context, PERSON, "not the same")
    assert loser in back.family.records, "who had been merged into them before goes back with them"
    assert loser not in stays.family.records


def test_19_unmerge_returns_what_still_exists() -> None:
    one, other = two_families()
    loser = other.root.id
    kept, left = merge(one.family, other.family, one.context, PERSON, "same person")
    image = next(line.old for line in kept.history if line.kind is HistoryKind.MERGED and isinstance(line.old, dict))
    stays, back = unmerge(kept.family, left.family, image, one.context, PERSON, "not the same")
    assert back.family.root.id == loser
    assert back.family.root.state is RecordState.LIVE
    link = back.family.link_at("a", Kind.CANDIDATE, "p7")
    assert link is not None
    assert link.primary
    assert [r.kind for r in back.family.records.values() if r.parent == loser] == [Kind.NOTE]
    assert loser not in stays.family.records
    assert not [w for w in back.family.writes.values() if w.link is not None and w.closed is None]


def test_19_unmerge_takes_back_what_the_survivor_had_filled_and_keeps_links_made_since() -> None:
    one, other = two_families()
    kept, left = merge(one.family, other.family, one.context, PERSON, "same person")
    lines = [line for line in kept.history if line.kind is HistoryKind.MERGED and isinstance(line.old, dict)]
    note = next(r for r in kept.family.records.values() if r.kind is Kind.NOTE)
    since = Link("since", "b", Kind.NOTE, "m9", note.id)
    joined = replace(kept.family, links={**kept.family.links, since.id: since})
    assert joined.root.fields["title"] == "Chef"
    stays, back = unmerge(joined, left.family, lines[0].old, one.context, PERSON, "not the same")
    assert "title" not in stays.family.root.fields
    assert back.family.root.fields["title"] == "Chef"
    assert back.family.links["since"].primary
    assert "Chef" not in repr(stays.family.transitions)
    held = shown(back.family, one.context)
    overwritten = replace(
        lines[0], kind=HistoryKind.WRITTEN, field="title", old="Chef", new="x", at=one.context.now + timedelta(days=1)
    )
    assert copied(overwritten, lines[0], held, {lines[0].record})
    assert not copied(replace(overwritten, old="Cook"), lines[0], held, {lines[0].record})
    met = replace(overwritten, kind=HistoryKind.ADOPTED, old="x", new="CHEF")  # their object, as the record's own
    assert copied(met, lines[0], held, {lines[0].record})
    assert not copied(replace(met, new="Cook"), lines[0], held, {lines[0].record})
    said = [line for line in kept.history if copied(line, lines[0], held, {lines[0].record})]
    assert {line.field for line in said} == {"title", "last_name", "company", "tags"} & {line.field for line in said}
    assert {line.new for line in said if line.field == "title"} == {"Chef"}


def test_19_what_hangs_on_an_object_that_is_gone_already_is_gone_when_it_comes() -> None:
    one, other = two_families()
    gone = replace(one.link("a"), state=LinkState.ANONYMISED)
    note = next(x for x in other.family.links.values() if x.kind is Kind.NOTE)
    one.family = replace(one.family, links={**one.family.links, gone.id: gone})
    other.family = replace(other.family, links={**other.family.links, note.id: replace(note, parent=gone.external)})
    kept, _ = merge(one.family, other.family, one.context, PERSON, "same person")
    assert kept.family.links[note.id].state is LinkState.ANONYMISED


def test_19_told_apart_nothing_of_a_field_that_is_off_by_then_goes_along() -> None:
    one, other = two_families()
    kept, left = merge(one.family, other.family, one.context, PERSON, "same person")
    image = next(line.old for line in kept.history if line.kind is HistoryKind.MERGED and isinstance(line.old, dict))
    assert kept.family.link_at("a", Kind.CANDIDATE, "p7").pairs["phone"].ours == one.root.fields["company"]  # type: ignore[union-attr]
    one.change("a", fields=dict.fromkeys(Kind, ()))
    _, back = unmerge(kept.family, left.family, image, one.context, PERSON, "not the same")
    assert not back.family.link_at("a", Kind.CANDIDATE, "p7").pairs  # type: ignore[union-attr]


def test_19_told_apart_a_list_keeps_what_was_added_since_and_nothing_of_the_others() -> None:
    one, other = two_families()
    other.edit(other.root.id, tags=("theirs",))
    one.edit(one.root.id, tags=())
    kept, left = merge(one.family, other.family, one.context, PERSON, "same person")
    merged = next(line for line in kept.history if line.kind is HistoryKind.MERGED and isinstance(line.old, dict))
    one.take(kept)
    one.wait(60)
    added = one.edit(one.root.id, tags=("since", "theirs"))
    assert one.root.fields["tags"] == ("since", "theirs")
    stays, back = unmerge(one.family, left.family, merged.old, one.context, PERSON, "not the same")
    assert stays.family.root.fields["tags"] == ("since",)
    assert back.family.root.fields["tags"] == ("theirs",)
    assert "theirs" not in repr(stays.family.transitions)
    (line,) = [x for x in added.history if x.field == "tags"]
    held = back.family.root.fields
    mine = remaining(line, merged, held, {merged.record}, shown(back.family, one.context))
    assert mine is not None
    assert (mine.old, mine.new) == (None, ("since",))


def test_19_what_was_made_on_the_others_object_while_two_were_one_is_of_whom_that_object_is() -> None:
    one, other = two_families()
    kept, left = merge(one.family, other.family, one.context, PERSON, "same person")
    image = next(line.old for line in kept.history if line.kind is HistoryKind.MERGED and isinstance(line.old, dict))
    theirs = next(r for r in kept.family.records.values() if r.kind is Kind.NOTE)
    mine = next(r for r in kept.family.records.values() if r.kind is Kind.APPLICATION)
    home = kept.family.link_of(one.root.id, "b")
    assert home is not None
    of_me = Link("of me", "b", Kind.NOTE, "m9", theirs.id, parent=home.external)
    of_them = Link("of them", "a", Kind.APPLICATION, "x9", mine.id, parent="p7")
    met = replace(mine, id="met", origin="a")  # by a read of their object alone
    there = Link("there", "a", Kind.APPLICATION, "x10", met.id, parent="p7")
    links = {**kept.family.links, **{link.id: link for link in (of_me, of_them, there)}}
    joined = replace(kept.family, links=links, records={**kept.family.records, met.id: met})
    stays, back = unmerge(joined, left.family, image, one.context, PERSON, "not the same")
    copy, copied_there = (p.family.records[p.family.links[x].record] for p, x in ((stays, "of me"), (back, "of them")))
    assert (copy.parent, copy.fields) == (one.root.id, theirs.fields)
    assert (copied_there.parent, copied_there.fields) == (other.root.id, mine.fields)
    assert not {copy.id, copied_there.id} & {theirs.id, mine.id}
    assert theirs.id in back.family.records
    assert mine.id in stays.family.records
    assert back.family.records[back.family.links["there"].record].id == met.id
    due = [w for made in (stays, back) for w in made.family.writes.values() if w.closed is None]
    assert not [w for w in due if w.link is not None or w.record in (copy.id, copied_there.id, theirs.id, mine.id)]


def test_19_told_apart_a_second_object_of_a_record_is_written_where_the_first_has_gone_with_the_other() -> None:
    one, other = two_families()
    kept, left = merge(one.family, other.family, one.context, PERSON, "same person")
    image = next(line.old for line in kept.history if line.kind is HistoryKind.MERGED and isinstance(line.old, dict))
    theirs = next(r for r in kept.family.records.values() if r.kind is Kind.NOTE)
    second = Link("second", "a", Kind.NOTE, "n1", theirs.id, parent="p1", primary=False)
    joined = replace(kept.family, links={**kept.family.links, second.id: second})
    stays, back = unmerge(joined, left.family, image, one.context, PERSON, "not the same")
    for side, external in ((stays, "n1"), (back, "n7")):
        link = side.family.link_at("a", Kind.NOTE, external)
        assert link is not None
        assert link == side.family.link_of(link.record, "a")
        assert not [w for w in side.family.writes.values() if w.link == link.id]


def test_19_told_apart_an_object_that_is_gone_keeps_nothing_that_was_settled_for_both() -> None:
    one, other = two_families()
    kept, left = merge(one.family, other.family, one.context, PERSON, "same person")
    image = next(line.old for line in kept.history if line.kind is HistoryKind.MERGED and isinstance(line.old, dict))
    there = kept.family.link_at("a", Kind.CANDIDATE, "p7")
    assert there is not None
    assert there.pairs["title"].ours is not None
    gone = replace(there, state=LinkState.ANONYMISED)
    joined = replace(kept.family, links={**kept.family.links, gone.id: gone})
    _, back = unmerge(joined, left.family, image, one.context, PERSON, "not the same")
    assert not back.family.links[gone.id].pairs


def test_19_a_merge_with_someone_erased_moves_nothing() -> None:
    one, other = two_families()
    with pytest.raises(ForbiddenError):
        merge(one.family, replace(other.family, state=FamilyState.ERASED), one.context, PERSON, "x")


def test_20_a_note_is_copied_from_its_origin_only_and_a_copy_is_no_source(bench: Bench) -> None:
    bench.read("a", a_now(bench), noted("n1", "p1", body="Good call"))
    made = bench.deliver("b", "create note", external="m1")
    assert made.fields == {"body": "Good call"}
    bench.wait(20)
    altered = noted("m1", "q1", body="GOOD CALL, reformatted")
    bench.read("b", b_now(bench), altered)
    bench.wait(20)
    bench.read("b", b_now(bench), altered)
    note = next(r for r in bench.family.records.values() if r.kind is Kind.NOTE)
    assert note.fields["body"] == "Good call"
    assert len([r for r in bench.family.records.values() if r.kind is Kind.NOTE]) == 1
    assert not bench.writes()


def test_20_a_note_that_vanished_from_its_origin_is_deleted_where_that_can_be_done() -> None:
    bench = Bench("ab")
    bench.both()
    bench.read("b", b_now(bench), noted("m1", "q1", body="by B"))
    bench.deliver("a", "create note", external="n1")
    bench.wait(60)
    whole = (Collection(Kind.CANDIDATE, "q1", Kind.NOTE),)
    bench.read("b", b_now(bench), complete=whole)
    note = next(r for r in bench.family.records.values() if r.kind is Kind.NOTE)
    assert note.state is RecordState.LIVE  # one such read is no evidence
    bench.wait(10)
    bench.read("b", b_now(bench), complete=whole)
    assert bench.family.records[note.id].state is RecordState.DELETED
    bench.deliver("a", "delete note")
    assert bench.link("a", Kind.NOTE).state is LinkState.DELETED
    assert not bench.writes()


def test_20_a_note_is_missed_where_the_whole_list_of_its_application_lacks_it_and_no_other_applications() -> None:
    bench = Bench("b")
    bench.read("b", b_now(bench), applied("y1", "q1", **APPLIED_B), noted("m1", "q1", body="on the application"))
    note = next(r for r in bench.family.records.values() if r.kind is Kind.NOTE)

    def twice() -> RecordState:
        for _ in range(2):
            bench.wait(10)
            bench.read("b", b_now(bench), complete=(Collection(Kind.APPLICATION, "y1", Kind.NOTE),))
        return bench.family.records[note.id].state

    assert twice() is RecordState.LIVE, "the note is of no application"
    about = replace(note, fields={**note.fields, "application": bench.application.id})
    bench.family = replace(bench.family, records={**bench.family.records, note.id: about})
    assert twice() is RecordState.DELETED


def test_20_removing_our_note_where_it_cannot_be_deleted_is_settled_and_said() -> None:
    bench = Bench("b")
    bench.read("b", person("q1", **PERSON_B))
    bench.note("Our explanation", AI)
    bench.deliver("b", "create note", external="m1")
    note = next(r for r in bench.family.records.values() if r.kind is Kind.NOTE)
    bench.wait(30)
    removal = Edit(bench.next_id(), note.id, {}, PERSON, "by hand", remove=True)
    made = bench.take(plan(bench.family, [], [removal], bench.context))
    assert not bench.writes()
    assert "B cannot delete its copy" in {line.why for line in made.history}


def test_20_a_whole_list_answer_does_not_make_left_alone_tags_ours(bench: Bench) -> None:
    bench.read("b", b_now(bench, tags=("x",)))
    bench.edit(bench.root.id, tags=("X", "new"))
    made = bench.prepared("b", "tags")
    assert made.fields["tags"] == ("new", "x")
    bench.ends(made, seen={"tags": ("left alone", "new", "x")})  # somebody added one meanwhile
    assert "left alone" in bench.root.fields["tags"]  # type: ignore[operator]
    assert "tags" not in {w.call for w in bench.writes("b")}


def test_21_two_way_fields_and_whole_lists_are_read_first_unless_shown_a_moment_ago(bench: Bench) -> None:
    bench.edit(bench.root.id, company="2", tags=("X", "Y"))
    bench.score(9)
    by = {(w.connection, w.call): w.id for w in bench.writes()}

    def first(connection: str, call: str) -> bool:
        return isinstance(prepare(bench.family, by[(connection, call)], bench.context, 1), ReadFirst)

    assert first("a", "patch")
    assert first("b", "tags")  # the whole list
    assert not first("a", "tags")  # one element at a time
    assert not first("a", "score")  # only goes out
    bench.read("a", a_now(bench))
    assert not first("a", "patch")
    bench.wait(2)
    assert first("a", "patch")


def test_21_a_field_the_read_did_not_show_makes_the_write_wait(bench: Bench) -> None:
    bench.edit(bench.root.id, company="2")
    (write,) = bench.writes("a")
    made = bench.read("a", Part(Kind.CANDIDATE, "p1", {"name": "Ng"}))
    turn = max(x.last_read for x in made.family.links.values())
    assert isinstance(prepare(bench.family, write.id, bench.context, 1, turn=turn), ReadFirst)


def test_22_any_number_of_hints_and_repeated_reads_are_one(bench: Bench) -> None:
    read = bench.reading("a", a_now(bench, phone="2"))
    first = plan(bench.family, [read], [], bench.context)
    again = plan(first.family, [read, read], [], bench.context)
    assert again.family is first.family
    assert not again.history
    assert not again.wants


def test_23_a_frozen_crawl_numbered_at_its_start_undoes_nothing(bench: Bench) -> None:
    crawl, began = bench.number(), bench.seconds
    bench.read("a", a_now(bench, phone="2"))
    bench.wait(60)
    bench.read("a", a_now(bench), number=crawl, started=began)  # a page of the crawl, an hour old
    assert bench.root.fields["company"] == "2"


def test_24_planning_depends_on_its_arguments_alone(bench: Bench) -> None:
    read = bench.reading("a", a_now(bench, phone="2"), noted("n5", "p1", body="n"))
    ids = bench.ids
    one = plan(bench.family, [read], [], bench.context)
    bench.ids = ids
    assert plan(bench.family, [read], [], bench.context) == one


def test_24_the_core_knows_no_clock_no_chance_and_no_wire() -> None:
    forbidden = {"asyncio", "time", "random", "uuid", "threading", "socket", "os", "logging", "sqlite3"}
    for path in Path(bascule.core.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            tops = {name.split(".")[0] for name in names}
            assert not tops & forbidden, f"{path.name} imports {tops & forbidden}"
            inside = {n for n in names if n.startswith("bascule")}
            assert all(
                n.startswith(("bascule.core", "bascule.model", "bascule.errors", "bascule.jsontext")) for n in inside
            ), path.name


def test_25_the_sent_mark_and_the_attempt_are_one_commit(bench: Bench) -> None:
    bench.score(9)
    write = next(w for w in bench.writes("a"))
    made = prepare(bench.family, write.id, bench.context, 7)
    assert not isinstance(made, (Moot, Held, ReadFirst))
    saved = made.plan.family  # type: ignore[union-attr]
    assert saved.writes[write.id].state is WriteState.SENT
    assert [a.epoch for a in saved.attempts.values()] == [7]


def test_an_edit_on_ground_that_has_moved_is_a_conflict(bench: Bench) -> None:
    bench.edit(bench.root.id, company="2")
    late = Edit(bench.next_id(), bench.root.id, {"company": "3"}, PERSON, "by hand", base={"company": "1"})
    with pytest.raises(ConflictError):
        plan(bench.family, [], [late], bench.context)


def test_authority_latest_takes_what_was_learned_last(bench: Bench) -> None:
    fields = dict(bench.views["b"].fields)
    fields[Kind.CANDIDATE] = tuple(
        replace(f, authority=Authority.LATEST) if f.name == "phone" else f for f in fields[Kind.CANDIDATE]
    )
    bench.change("b", fields=fields)
    bench.read("a", a_now(bench, phone="2"))
    bench.read("b", b_now(bench, phone="3"))
    assert bench.root.fields["company"] == "3"
    assert all(f.direction is not Direction.IN for f in fields[Kind.CANDIDATE])
