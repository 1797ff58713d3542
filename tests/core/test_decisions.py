"""What people decide, and what becomes of calls that failed or got no answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bascule.core.plan import (
    Held,
    Moot,
    Prepared,
    Waiting,
    create_at,
    decide,
    discard,
    due,
    found,
    orphaned,
    plan,
    prepare,
    replay,
)
from bascule.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.model import (
    AI,
    Collection,
    Divergence,
    Edit,
    HistoryKind,
    Kind,
    LinkState,
    Mode,
    OutcomeKind,
    Part,
    Presence,
    RecordState,
    Review,
    ReviewKind,
    WriteState,
)

from .kit import APPLIED_A, PERSON, PERSON_A, PERSON_B, START, Bench, applied, noted, person, stage


@pytest.fixture
def bench() -> Bench:
    made = Bench("ab")
    made.both()
    return made


def conflict(bench: Bench) -> Review:
    bench.edit(bench.root.id, title="Cook")
    bench.read("a", person("p1", **{**PERSON_A, "title": "Chef"}))
    (review,) = bench.reviews()
    return review


# -------------------------------------------------------------------------------------------------------- conflicts


def test_take_theirs_and_the_other_system_follows(bench: Bench) -> None:
    review = conflict(bench)
    bench.take(decide(bench.family, review.id, "take_theirs", PERSON, bench.context))
    assert bench.root.fields["title"] == "Chef"
    assert bench.root.sources["title"].actor == PERSON
    assert [w.connection for w in bench.writes()] == ["b"]


def test_write_ours_over_what_they_have(bench: Bench) -> None:
    review = conflict(bench)
    bench.take(decide(bench.family, review.id, "write_ours", PERSON, bench.context))
    bench.read("a", person("p1", **{**PERSON_A, "title": "Chef"}))
    assert bench.deliver("a", "patch").fields == {"title": "Cook"}


def test_leave_both_as_they_are_and_say_so(bench: Bench) -> None:
    review = conflict(bench)
    bench.take(decide(bench.family, review.id, "leave", PERSON, bench.context))
    pair = bench.link("a").pairs["title"]
    assert (pair.theirs, pair.ours, pair.divergence) == ("Chef", "Cook", Divergence.CONFLICT)
    assert "a" not in {w.connection for w in bench.writes()}


def test_a_question_lapses_when_their_change_is_taken_back(bench: Bench) -> None:
    conflict(bench)
    bench.wait(30)
    bench.read("a", person("p1", **PERSON_A))
    assert not bench.reviews()
    assert {w.connection for w in bench.writes()} == {"a", "b"}


def test_a_question_lapses_when_our_value_moves_on_and_is_asked_anew(bench: Bench) -> None:
    first = conflict(bench)
    moved = bench.edit(bench.root.id, title="Baker")
    assert not bench.reviews()
    assert [w.external for w in moved.wants] == ["p1"]
    bench.read("a", person("p1", **{**PERSON_A, "title": "Chef"}))
    (again,) = bench.reviews()
    assert again.id != first.id
    assert again.detail["base"] == {"title": "Baker"}


def test_only_a_person_decides_and_only_once(bench: Bench) -> None:
    review = conflict(bench)
    with pytest.raises(ForbiddenError):
        decide(bench.family, review.id, "leave", AI, bench.context)
    with pytest.raises(InputError):
        decide(bench.family, review.id, "approve", PERSON, bench.context)
    with pytest.raises(NotFoundError):
        decide(bench.family, "nothing", "leave", PERSON, bench.context)
    closed = decide(bench.family, review.id, "leave", PERSON, bench.context)
    with pytest.raises(ConflictError):
        decide(closed.family, review.id, "leave", PERSON, bench.context)


# -------------------------------------------------------------------------------------------------------- proposals


def test_a_declined_proposal_changes_nothing(bench: Bench) -> None:
    bench.edit(bench.application.id, AI, stage=stage("screen"))
    bench.take(decide(bench.family, bench.reviews()[0].id, "decline", PERSON, bench.context))
    assert bench.application.fields["stage"] == stage("applied")
    assert not bench.reviews()


def test_a_person_may_approve_with_another_value(bench: Bench) -> None:
    bench.edit(bench.application.id, AI, stage=stage("screen"))
    review = bench.reviews()[0]
    bench.take(decide(bench.family, review.id, "approve", PERSON, bench.context, value=stage("interview")))
    assert bench.application.fields["stage"] == stage("interview")


def test_a_newer_proposal_takes_the_place_of_an_older(bench: Bench) -> None:
    bench.edit(bench.application.id, AI, stage=stage("screen"))
    bench.edit(bench.application.id, AI, stage=stage("screen"))
    bench.edit(bench.application.id, AI, stage=stage("interview"))
    (review,) = bench.reviews()
    assert review.detail["proposed"] == stage("interview")


# --------------------------------------------------------------------------------------------------------- failures


def refused(bench: Bench) -> str:
    bench.score(80)
    made = bench.prepared("a", "score")
    bench.ends(made, OutcomeKind.REFUSED, words="422 no such field")
    return made.write.id


def test_a_refusal_is_kept_with_its_words_and_silent_until_the_value_changes(bench: Bench) -> None:
    write = refused(bench)
    assert (bench.family.writes[write].state, bench.family.writes[write].why) == (WriteState.DEAD, "422 no such field")
    assert due(bench.family, "a", bench.context) == ()
    bench.score(81)
    assert len(due(bench.family, "a", bench.context)) == 1


def test_a_failure_is_replayed_as_the_same_write(bench: Bench) -> None:
    write = refused(bench)
    bench.take(replay(bench.family, write, PERSON, bench.context))
    assert due(bench.family, "a", bench.context) == (write,)
    assert bench.deliver("a", "score", seen={"score": 80}).fields == {"score": 80}
    with pytest.raises(NotFoundError):
        replay(bench.family, write, PERSON, bench.context)


def test_a_failure_is_given_up_for_a_reason(bench: Bench) -> None:
    write = refused(bench)
    with pytest.raises(InputError):
        discard(bench.family, write, PERSON, " ", bench.context)
    with pytest.raises(ForbiddenError):
        discard(bench.family, write, AI, "because", bench.context)
    made = bench.take(discard(bench.family, write, PERSON, "field was dropped", bench.context))
    assert "given up: field was dropped" in {line.why for line in made.history}
    assert due(bench.family, "a", bench.context) == ()


def test_a_creation_given_up_is_not_tried_again_by_itself() -> None:
    bench = Bench("ab")
    bench.read("a", person("p1", **PERSON_A))
    made = bench.prepared("b", "create")
    bench.ends(made, OutcomeKind.REFUSED, words="no")
    bench.take(discard(bench.family, made.write.id, PERSON, "not wanted there", bench.context))
    bench.edit(bench.root.id, company="5")
    assert due(bench.family, "b", bench.context) == ()


def test_an_older_record_is_created_only_when_a_person_chooses_it() -> None:
    bench = Bench("ab", crawled=False)
    bench.read("a", person("p1", **PERSON_A))
    assert not bench.writes("b")
    with pytest.raises(ForbiddenError):
        create_at(bench.family, bench.root.id, "b", AI, bench.context)
    bench.take(create_at(bench.family, bench.root.id, "b", PERSON, bench.context))
    assert bench.deliver("b", "create", external="q1").fields == {"name": "Ng", "phone": "1"}
    with pytest.raises(ConflictError):
        create_at(bench.family, bench.root.id, "b", PERSON, bench.context)


def test_what_is_gone_is_created_again_only_by_a_person(bench: Bench) -> None:
    bench.read("a", Part(Kind.CANDIDATE, "p1", presence=Presence.DELETED))
    (review,) = bench.reviews()
    bench.take(decide(bench.family, review.id, "approve", PERSON, bench.context))
    assert bench.deliver("a", "create", external="p2").fields["name"] == "Ng"
    assert {x.external: x.state for x in bench.family.links.values() if x.kind is Kind.CANDIDATE} == {
        "p1": LinkState.DELETED,
        "p2": LinkState.LIVE,
        "q1": LinkState.LIVE,
    }


def test_what_came_back_is_met_anew(bench: Bench) -> None:
    bench.read("a", Part(Kind.CANDIDATE, "p1", presence=Presence.DELETED))
    bench.edit(bench.root.id, company="changed meanwhile")
    bench.wait(60)
    bench.read("a", person("p1", **PERSON_A))
    review = next(r for r in bench.reviews() if r.about.endswith("|back"))
    bench.take(decide(bench.family, review.id, "approve", PERSON, bench.context))
    bench.read("a", person("p1", **PERSON_A))
    assert bench.link("a").pairs["phone"].divergence is Divergence.ADOPTED
    assert "a" not in {w.connection for w in bench.writes()}


# -------------------------------------------------------------------------------------------- calls without an end


def test_a_call_of_a_worker_whose_lease_is_over_is_looked_for(bench: Bench) -> None:
    bench.score(80)
    made = bench.prepared("a", "score")
    assert orphaned(bench.family, "a", 1) == ()
    assert orphaned(bench.family, "a", 2) == (made.attempt,)
    bench.ends(made, OutcomeKind.UNANSWERED)
    assert orphaned(bench.family, "a", 2) == ()
    assert due(bench.family, "a", bench.context) == ()
    bench.wait(10)
    bench.read("a", applied("x1", "p1", **{**APPLIED_A, "score": 80}))
    assert not bench.writes("a")


def test_not_sent_is_due_as_before(bench: Bench) -> None:
    bench.score(80)
    made = bench.prepared("a", "score")
    bench.ends(made, OutcomeKind.NOT_SENT, words="503")
    (write,) = bench.writes("a")
    assert (write.state, write.tries) == (WriteState.DUE, 1)
    assert not bench.family.attempts


def test_a_target_that_is_not_there_is_unseen_and_the_write_stays(bench: Bench) -> None:
    bench.score(80)
    made = bench.ends(bench.prepared("a", "score"), OutcomeKind.ABSENT)
    assert bench.link("a", Kind.APPLICATION).state is LinkState.UNSEEN
    assert [w.external for w in made.wants] == ["x1"]
    assert due(bench.family, "a", bench.context) == ()
    bench.wait(10)
    bench.read("a", applied("x1", "p1", **APPLIED_A))
    assert len(due(bench.family, "a", bench.context)) == 1


def test_a_third_value_after_a_lost_call_is_never_taken(bench: Bench) -> None:
    bench.read("a", applied("x1", "p1", **APPLIED_A))
    bench.edit(bench.application.id, stage=stage("screen"))
    bench.ends(bench.prepared("a", "move"), OutcomeKind.UNANSWERED)
    bench.wait(10)
    made = bench.read("a", applied("x1", "p1", **{**APPLIED_A, "st": "offer"}))
    assert bench.application.fields["stage"] == stage("screen")
    assert "offer" in {line.new for line in made.history}
    assert [r.kind for r in bench.reviews()] == [ReviewKind.CONFLICT]
    assert not bench.writes("a")


def test_a_value_the_system_does_not_keep_is_sent_three_times_and_then_listed(bench: Bench) -> None:
    bench.edit(bench.root.id, company="9")
    for sent in range(6):
        bench.read("a", person("p1", **PERSON_A))
        ready = due(bench.family, "a", bench.context)
        assert bool(ready) == (sent < 3)
        if ready:
            bench.deliver("a", "patch")
            bench.wait(20)
    assert bench.link("a").pairs["phone"].divergence is Divergence.REFUSED
    assert [r.kind for r in bench.reviews()] == [ReviewKind.REFUSED]


def test_a_call_that_must_not_be_repeated_waits_for_a_person(bench: Bench) -> None:
    bench.change("a", once=frozenset({"move"}))
    bench.read("a", applied("x1", "p1", **APPLIED_A))
    bench.edit(bench.application.id, stage=stage("screen"))
    lost = bench.prepared("a", "move")
    bench.ends(lost, OutcomeKind.UNANSWERED)
    bench.wait(10)
    bench.read("a", applied("x1", "p1", **APPLIED_A))
    assert bench.family.writes[lost.write.id].state is WriteState.DEAD
    assert due(bench.family, "a", bench.context) == ()
    bench.take(replay(bench.family, lost.write.id, PERSON, bench.context))
    assert due(bench.family, "a", bench.context) == (lost.write.id,)


def test_an_edit_made_while_a_call_is_under_way_is_written_after_it(bench: Bench) -> None:
    bench.score(80)
    made = bench.prepared("a", "score")
    bench.score(81)
    assert isinstance(prepare(bench.family, made.write.id, bench.context, 1), Waiting)
    bench.ends(made, seen={"score": 80})
    assert bench.deliver("a", "score", seen={"score": 81}).fields == {"score": 81}
    assert not bench.writes("a")


def test_an_element_taken_back_while_its_call_is_under_way_is_removed_again(bench: Bench) -> None:
    bench.edit(bench.root.id, tags=("X", "new"))
    made = bench.prepared("a", "tags")
    bench.edit(bench.root.id, tags=("X",))
    bench.ends(made)
    bench.wait(10)
    bench.read("a", person("p1", **{**PERSON_A, "tags": ("X", "new")}))
    assert bench.root.fields["tags"] == ("X",)
    assert bench.deliver("a", "tags").removed == {"tags": ("new",)}


def deletion(bench: Bench) -> Prepared:
    bench.note("ours")
    bench.deliver("a", "create note", external="n1")
    bench.wait(20)
    bench.read("a", person("p1", **PERSON_A), noted("n1", "p1", body="ours"))
    note = next(r for r in bench.family.records.values() if r.kind is Kind.NOTE)
    removal = Edit(bench.next_id(), note.id, {}, PERSON, "by hand", remove=True)
    bench.take(plan(bench.family, [], [removal], bench.context))
    made = bench.prepared("a", "delete note")
    bench.ends(made, OutcomeKind.UNANSWERED)
    bench.wait(10)
    return made


def test_a_lost_deletion_is_over_when_the_note_is_no_longer_there(bench: Bench) -> None:
    deletion(bench)
    bench.read("a", person("p1", **PERSON_A), complete=(Collection(Kind.CANDIDATE, "p1", Kind.NOTE),))
    assert bench.link("a", Kind.NOTE).state is LinkState.DELETED
    assert not bench.writes("a")


def test_a_lost_deletion_is_sent_again_when_the_note_is_still_there(bench: Bench) -> None:
    deletion(bench)
    bench.read("a", person("p1", **PERSON_A), noted("n1", "p1", body="ours"))
    bench.deliver("a", "delete note")
    assert bench.link("a", Kind.NOTE).state is LinkState.DELETED


def test_several_objects_with_one_marker_are_a_persons_to_sort_out() -> None:
    bench = Bench("ab")
    bench.read("a", person("p1", **PERSON_A))
    made = bench.prepared("b", "create")
    bench.ends(made, OutcomeKind.UNANSWERED)
    bench.take(found(bench.family, made.attempt, ("q1", "q2"), bench.context))
    (review,) = bench.reviews()
    assert (review.kind, review.detail["found"]) == (ReviewKind.LOST_CREATE, ("q1", "q2"))
    assert due(bench.family, "b", bench.context) == ()


# ---------------------------------------------------------------------------------------------------- what may be said


@pytest.mark.parametrize(
    ("name", "value"),
    [("nothing", "x"), ("tags", "no set"), ("can_email", "yes"), ("last_name", 5), ("consent", "text")],
)
def test_a_value_that_does_not_fit_its_field_is_refused(bench: Bench, name: str, value: str | int) -> None:
    with pytest.raises(InputError):
        bench.edit(bench.root.id, **{name: value})


def test_what_another_system_wrote_is_not_changed_or_removed_here(bench: Bench) -> None:
    bench.read("a", person("p1", **PERSON_A), noted("n1", "p1", body="theirs"))
    note = next(r for r in bench.family.records.values() if r.kind is Kind.NOTE)
    with pytest.raises(ForbiddenError):
        bench.edit(note.id, body="mine")
    for record, why in ((note.id, "belongs to the system"), (bench.root.id, "not removed here")):
        removal = Edit("e", record, {}, PERSON, "by hand", remove=True)
        with pytest.raises(ForbiddenError, match=why):
            plan(bench.family, [], [removal], bench.context)


def test_a_hire_is_read_and_never_written(bench: Bench) -> None:
    bench.read("a", applied("x1", "p1", **{**APPLIED_A, "status": "hired"}))
    assert bench.application.fields["status"] == "hired"
    assert not bench.writes("b")
    assert bench.link("b", Kind.APPLICATION).pairs["status"].divergence is Divergence.CANNOT


def test_observe_and_listen_plan_no_writes(bench: Bench) -> None:
    for mode in (Mode.OBSERVE, Mode.LISTEN):
        bench.change("a", mode=mode)
        bench.score(len(mode))
        assert not bench.writes("a")


def test_a_record_that_may_be_a_duplicate_is_created_nowhere_before_somebody_answers() -> None:
    bench = Bench("ab")
    asked = Review("i1", ReviewKind.IDENTITY, None, "a", "", "a|candidate|p1", {}, AI, START)
    bench.family = replace(bench.family, reviews={"i1": asked})
    made = bench.read("a", person("p1", **PERSON_A))
    assert (bench.writes("b"), made.claims) == ([], ())
    assert bench.reviews()[0].record == bench.root.id
    bench.take(decide(bench.family, "i1", "decline", PERSON, bench.context))
    assert [w.call for w in bench.writes("b")] == ["create"]


def test_a_write_without_a_difference_is_moot(bench: Bench) -> None:
    bench.score(80)
    (write,) = bench.writes("a")
    stale = bench.family
    bench.edit(bench.application.id, AI, match_score=None)
    assert not bench.writes("a")
    assert isinstance(prepare(bench.family, write.id, bench.context, 1), Moot)
    bench.change("a", mode=Mode.SHADOW)
    assert isinstance(prepare(stale, write.id, bench.context, 1), Held)


def test_the_vendors_merge_is_told_and_waits_for_the_survivor(bench: Bench) -> None:
    made = bench.read("a", Part(Kind.CANDIDATE, "p1", presence=Presence.MERGED, into="p9"))
    assert [(c, k, into) for c, k, into, _ in made.merged] == [("a", Kind.CANDIDATE, "p9")]
    assert [w.external for w in made.wants] == ["p9"]
    assert bench.link("a", Kind.APPLICATION).open  # children of a merged parent live on
    assert bench.root.state is RecordState.LIVE
    assert bench.plans[-1].history[0].kind is HistoryKind.GONE


def test_a_whole_list_landing_late_does_not_take_away_what_was_added_meanwhile(bench: Bench) -> None:
    bench.edit(bench.root.id, tags=("X", "one"))
    bench.read("b", person("q1", **PERSON_B))
    bench.ends(bench.prepared("b", "tags"), OutcomeKind.UNANSWERED)
    bench.wait(10)
    bench.read("b", person("q1", **{**PERSON_B, "tags": ("two", "x")}))  # somebody adds one; ours has not landed
    bench.wait(10)
    made = bench.read("b", person("q1", **{**PERSON_B, "tags": ("one", "x")}))  # now it has, over the other
    assert "two" in bench.root.fields["tags"]  # type: ignore[operator]
    assert HistoryKind.LANDED_LATE in {line.kind for line in made.history}
    assert bench.deliver("b", "tags").fields == {"tags": ("one", "two", "x")}
