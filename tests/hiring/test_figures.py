"""Figures: a history counted by hand, and that parts add up to the whole, whatever the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bascule.core.triggers import Do, Name, Reach, Trigger
from bascule.core.triggers import Test as Condition
from bascule.hiring.figures.columns import Columns, Job, Rows, Stage, columns, unpacked
from bascule.hiring.figures.flow import flow, placed
from bascule.hiring.figures.measures import Kpis, Told, Wanted, kpis

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)  # a Monday
DAY, HOUR = 86_400, 3600
TEAM = ("u1", "u2", "u3")


def ladder(job: str) -> tuple[Stage, ...]:
    kinds = (("Review", "applied", True), ("Call", "screen", False), ("Onsite", "interview", False))
    return (
        *(Stage(f"{job}-{name}", name, kind, first) for name, kind, first in kinds),
        Stage(f"{job}-Offer", "Offer", "offer", False),
    )


JOBS = (
    Job("nurse", "Nurse", "Care", "R-1", "open", TEAM, ladder("nurse")),
    Job("clerk", "Clerk", "Office", "R-2", "open", ("u4",), ladder("clerk")),
)


def at(days: float) -> int:
    """A stamp so many days after Monday, 2 November 2026."""
    return int((datetime(2026, 11, 2, tzinfo=UTC) + timedelta(days=days)).timestamp() * 1_000_000)


def read(
    applications: Sequence[Any] = (), passages: Sequence[Any] = (), screenings: Sequence[Any] = (),
    messages: Sequence[Any] = (),
) -> Columns:  # fmt: skip
    thresholds = {("nurse", 1): 60.0}
    return columns(JOBS, Rows(applications, passages, screenings, messages, thresholds, 50.0, {"ats": at(0)}))


# (application, job, stage, status, applied, scored, connection, decision, decided, score then, version, written)
ANN = ("ann", "nurse", "nurse-Offer", "hired", at(0), at(0.01), "ats", "moved forward", at(2), 80.0, 1, at(0.02))
BEN = ("ben", "nurse", "nurse-Review", "rejected", at(1), at(1.01), "ats", "rejected", at(5), 70.0, 1, at(1.04))
CAT = ("cat", "nurse", "nurse-Onsite", "active", at(7), at(7.01), "ats", "moved forward", at(8), 55.0, 1, None)
DAN = ("dan", "clerk", "clerk-Review", "active", at(18), None, "ats", None, None, None, None, None)
EVE = ("eve", "nurse", "nurse-Offer", "active", at(-40), None, "ats", None, None, None, None, None)  # met there
# (application, job, stage, entered, until, ended, met, told)
WAYS = (
    ("ann", "nurse", "nurse-Review", at(0), at(2), "", True, False), ("ann", "nurse", "nurse-Call", at(2), at(4), "", False, False),
    ("ann", "nurse", "nurse-Onsite", at(4), at(9), "", False, False), ("ann", "nurse", "nurse-Offer", at(9), at(10), "hired", False, False),
    ("ben", "nurse", "nurse-Review", at(1), at(5), "rejected", True, False),
    ("cat", "nurse", "nurse-Review", at(7), at(8), "", True, False), ("cat", "nurse", "nurse-Onsite", at(8), None, "", False, False),
    ("dan", "clerk", "clerk-Review", at(18), None, "", True, False),
    ("eve", "nurse", "nurse-Offer", at(-40), None, "", True, False),
)  # fmt: skip
BY_HAND = read(
    (ANN, BEN, CAT, DAN, EVE), WAYS,
    [("nurse", "ats", at(0), at(1), None), ("nurse", "ats", at(1), None, None), ("nurse", "ats", at(2), None, at(3))],
    [("nurse", "ats", "hello", "p1", at(0), at(1)), ("nurse", "ats", "hello", "p2", at(8), None), ("clerk", "ats", "", "", at(8), at(9))],
)  # fmt: skip


def test_a_history_counted_by_hand() -> None:
    found = kpis(BY_HAND, Wanted(), NOW, minutes=6.0)
    told = {key: one.all for key, one in found.figures.items()}
    assert found.applications == 5
    assert found.weeks == tuple(date(2026, 11, 2) + timedelta(weeks=n) for n in range(5))
    assert told["time_to_screen"] == Told(3, 2 * DAY, 3.6 * DAY, 0, True)  # 2, 4 and 1 days
    assert told["time_to_hire"] == Told(1, 10 * DAY, 10 * DAY, 0, True)
    assert (told["interview_to_offer"].many, told["interview_to_offer"].n) == (1, 2)  # Ann; not Cat
    assert (told["screening_completion"].many, told["screening_completion"].n) == (1, 2)
    assert found.figures["screening_completion"].beside == {"opted out": 1}
    assert told["screening_time_saved"].value == pytest.approx(0.3)
    assert told["score_latency"].n == 2
    assert round(told["score_latency"].value or 0) == round(0.03 * DAY)
    assert (told["decided_with_score"].many, told["decided_with_score"].n) == (3, 3)
    assert (told["overrides"].many, told["overrides"].n) == (2, 3)  # Ben above 60 and rejected, Cat below and moved on
    assert (told["response_rate"].many, told["response_rate"].n) == (2, 3)
    assert [one.n for one in found.figures["time_to_screen"].weeks] == [2, 1, 0, 0, 0]
    assert [(one.many, one.n) for one in found.figures["response_rate"].weeks] == [
        (1, 1),
        (1, 2),
        (0, 0),
        (0, 0),
        (0, 0),
    ]
    assert (found.queue.n, found.oldest) == (1, 10.5 * DAY)  # Dan; Eve stands in the offer
    assert {one.id: one.told.n for one in found.rates["template"]} == {"hello": 2, "": 1}


def test_without_a_stated_saving_there_is_none_and_a_small_team_is_not_told_of() -> None:
    found = kpis(BY_HAND, Wanted(), NOW)
    assert found.figures["screening_time_saved"].all == Told(3)
    assert [(team.department, team.recruiters, team.queue.n) for team in found.teams] == [("Care", 3, 0)]
    assert found.small_teams == 1
    assert [(one.id, one.told.n) for one in found.rates["sender"]] == [("", 1), ("*", 2)]  # two people are one line
    alone = kpis(BY_HAND, Wanted(jobs=frozenset({"clerk"})), NOW)
    for key in ("decided_with_score", "score_to_decision", "overrides"):
        assert alone.figures[key].all == Told(0)
        assert "names 1 recruiter on these jobs" in alone.figures[key].hidden


def test_the_way_counted_by_hand() -> None:
    way = flow(BY_HAND, Wanted(jobs=frozenset({"nurse"})), NOW)
    review, call, onsite, offer = way.steps
    assert (review.entered, review.stays, review.ended) == (3, Told(3, 2 * DAY, 3.6 * DAY, 0, True), {"rejected": 1})
    assert (call.entered, call.stays.n, call.stays.value) == (1, 1, 2 * DAY)
    assert (onsite.stays.value, onsite.stand, onsite.now.value) == (5 * DAY, 1, 20.5 * DAY)
    assert (offer.entered, offer.met, offer.stand, offer.now.n, offer.ended) == (1, 1, 1, 0, {"hired": 1})
    assert (way.hired, way.bottleneck) == (1, "")  # three stays at most: too few to say
    every = flow(BY_HAND, Wanted(since=date(2026, 11, 9)), NOW)
    assert {one.key: one.entered for one in every.steps} == {"applied": 2, "screen": 0, "interview": 1, "offer": 1}
    many = read((), [(f"a{n}", "nurse", "nurse-Call", at(0), at(n), "", False, False) for n in range(1, 8)])
    assert flow(many, Wanted(), NOW).bottleneck == "screen"


def rule(name: str, *when: Condition, reach: Reach | None = None) -> Trigger:
    return Trigger(name, "why", "owner", when, Do.NOTIFY, reach=reach or Reach(), on=True)


def test_a_trigger_stands_where_it_acts_or_says_that_it_acts_nowhere() -> None:
    rules = (
        rule("everywhere", Condition(Name.SCORE, over=70)), rule("onsite", Condition(Name.STAGE, frozenset({"interview"}))),
        rule("named", Condition(Name.STAGE_NAMED, frozenset({"call"}))), rule("never", Condition(Name.STAGE, frozenset({"assess"}))),
        rule("elsewhere", Condition(Name.SCORE, over=70), reach=Reach(connections=frozenset({"gone"}))),
        rule("clerks", Condition(Name.STAGE, frozenset({"offer"})), reach=Reach(jobs=frozenset({"R-2"}))),
    )  # fmt: skip
    found = {one.trigger.name: one for one in placed(rules, BY_HAND, Wanted(), ["ats"])}
    assert found["everywhere"].anywhere
    assert (found["onsite"].steps, found["onsite"].why) == (("interview",), "")
    assert found["named"].steps == ("screen",)
    assert (found["never"].steps, "never fires" in found["never"].why) == ((), True)
    assert "no connection named gone" in found["elsewhere"].why
    assert (found["clerks"].steps, found["clerks"].why[:6]) == (("offer",), "Nobody")
    own = replace(
        rule("Stage Call", Condition(Name.STAGE_NAMED, frozenset({"call"})), Condition(Name.STAGE, frozenset({"screen", ""}))),
        why="sends the e-mail Hello", by="ats", learned=True,
    )  # fmt: skip
    (ats,) = placed((own,), BY_HAND, Wanted(), ["ats"])
    assert (ats.steps, ats.trigger.words) == (("screen",), "ats itself sends the e-mail Hello.")
    one = placed(rules, BY_HAND, Wanted(jobs=frozenset({"nurse"})), ["ats"])
    assert next(each.steps for each in one if each.trigger.name == "onsite") == ("nurse-Onsite",)


TIMES = st.one_of(st.none(), st.integers(at(0), at(27)))
APPLICATION = st.tuples(
    st.sampled_from(["nurse", "clerk", None]), st.integers(at(0), at(27)), TIMES, st.sampled_from(["ats", "other"]),
    st.sampled_from([None, "moved forward", "rejected"]), st.integers(at(0), at(27)),
    st.one_of(st.none(), st.floats(0, 100)), TIMES,
)  # fmt: skip


def build(drawn: Sequence[Any], sent: Sequence[Any]) -> Columns:
    rows = [
        (f"a{n}", job, "", "active", applied, scored, home, decision, decided if decision else None,
         score if decision else None, 1, written)
        for n, (job, applied, scored, home, decision, decided, score, written) in enumerate(drawn)
    ]  # fmt: skip
    return read(rows, (), [], [(job, "ats", "t", by, when, answered) for job, by, when, answered in sent])


SENT = st.tuples(
    st.sampled_from(["nurse", "clerk", None]),
    st.sampled_from(["", "p1", "p2", "p3"]),
    st.integers(at(0), at(27)),
    TIMES,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(APPLICATION, max_size=30), st.lists(SENT, max_size=20))
def test_weeks_jobs_connections_and_groups_add_up_to_the_rows(drawn: list[Any], sent: list[Any]) -> None:
    whole = unpacked(build(drawn, sent).packed())  # what is kept tells the same
    every = kpis(whole, Wanted(), NOW, 5.0)

    def n(of: Kpis, key: str) -> tuple[int, int]:
        return of.figures[key].all.n, of.figures[key].all.many

    shown = [key for key, one in every.figures.items() if not one.hidden]
    for key in shown:
        weeks = every.figures[key].weeks
        assert (sum(one.n for one in weeks), sum(one.many for one in weeks)) == n(every, key)
    parts = [kpis(whole, Wanted(connection=one), NOW, 5.0) for one in ("ats", "other")]
    for key in shown:
        assert tuple(map(sum, zip(*(n(one, key) for one in parts), strict=True))) == n(every, key)
    decided = [one for one in drawn if one[4]]
    assert n(every, "time_to_screen")[0] == len(decided)
    assert n(every, "decided_with_score") == (len(decided), sum(one[6] is not None for one in decided))
    assert every.queue.n == sum(one[4] is None for one in drawn)
    assert n(every, "response_rate") == (len(sent), sum(one[3] is not None for one in sent))
    for rates in every.rates.values():
        assert sum(one.told.n for one in rates) == len(sent)
    saved = every.figures["screening_time_saved"].all
    assert np.isclose(saved.value or 0.0, saved.n * 5 / 60)
