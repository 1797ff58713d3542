"""What people decide first, and how scores stood to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bascule.core.outcomes import Judged, Share, decision_of, measured
from bascule.model import AI, Actor, ActorKind, Decision, Kind, Record, Source, Status, Value

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
RITA = Actor(ActorKind.PERSON, "rita", "Rita")
ATS = Actor(ActorKind.SYSTEM, "ats", "The ATS")
FORWARD, REJECTED = Decision.FORWARD, Decision.REJECTED


def record(id: str, kind: Kind, actor: Actor = ATS, **fields: Value) -> Record:
    sources = {name: Source("c", actor, "read", AT + timedelta(days=n)) for n, name in enumerate(fields)}
    return Record(id, "w", kind, "f", None, fields, sources, "c", AT)


STAGES = [
    record("s1", Kind.STAGE, name="Application Review", order=1),
    record("s2", Kind.STAGE, name="Interview", order=2),
    record("s0", Kind.STAGE, name="New", order=3, type="applied"),
]


@pytest.mark.parametrize(
    ("fields", "actor", "before", "found"),
    [
        ({"stage": "s1", "status": Status.ACTIVE}, ATS, None, None),
        ({"stage": "s2", "status": Status.ACTIVE}, RITA, None, FORWARD),
        ({"stage": "s2", "status": Status.REJECTED}, ATS, None, FORWARD),  # first moved forward, then rejected
        ({"stage": "s1", "status": Status.REJECTED}, ATS, None, REJECTED),
        ({"stage": "s0", "status": Status.ACTIVE}, ATS, None, None),  # a stage where applications wait
        ({"stage": "s2", "status": Status.ACTIVE}, AI, None, None),  # nobody decided it
        ({"stage": "s1", "status": Status.HIRED}, ATS, None, FORWARD),
        ({"stage": "s1", "status": Status.WITHDRAWN}, ATS, None, None),
        ({"stage": "s1", "status": Status.REJECTED}, ATS, FORWARD, FORWARD),
        ({"stage": "s1", "status": Status.ACTIVE}, ATS, REJECTED, None),  # it was taken back
    ],
)
def test_the_first_decision_counts_and_only_peoples(
    fields: dict[str, Value], actor: Actor, before: Decision | None, found: Decision | None
) -> None:
    decided = decision_of(record("a", Kind.APPLICATION, actor, **fields), STAGES, before)
    assert (decided[0] if decided else None) is found


def judged(decision: Decision, score: float | None, threshold: float = 50) -> Judged:
    return Judged(decision, score, (score or 0) >= threshold, False)


def test_precision_false_positives_missed_and_order() -> None:
    found = measured(
        [judged(FORWARD, score) for score in (90, 70, 40, None)] + [judged(REJECTED, score) for score in (60, 30, 20)]
    )
    assert (found.decided, found.unscored) == (7, 1)
    assert (found.precision.many, found.precision.of) == (2, 3)
    assert (found.false_positives.many, found.false_positives.of) == (1, 3)
    assert (found.missed.many, found.missed.of) == (1, 3)
    assert found.order == pytest.approx(8 / 9)
    nothing = measured([])
    assert (nothing.precision.share, nothing.order) == (None, None)


def test_intervals_are_wilsons_and_small_numbers_are_said_to_be_few() -> None:
    share = Share(8, 10)
    assert (share.low, share.high) == (pytest.approx(0.490, abs=0.001), pytest.approx(0.943, abs=0.001))
    assert share.few
    assert not Share(10, 40).few
    assert Share(0, 5).low == 0
    assert Share(5, 5).high == 1
