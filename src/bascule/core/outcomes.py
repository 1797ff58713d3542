"""What people decided about applications, beside the score that stood there when they did. Pure.

The first decision counts: a move beyond the job's first stage, or a rejection before one. Who decided is not kept.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..model import ActorKind, Decision, Record, StageType, Status

PEOPLE = frozenset({ActorKind.PERSON, ActorKind.SYSTEM})
"""Whose word is a decision: a person's here, and what a connected system shows."""
NOT_YET = frozenset({StageType.LEAD, StageType.APPLIED})
FEW = 20
"""Of fewer decisions a share says little."""
USUAL = 50.0
"""The score from which somebody counts as proposed where nobody has set the rubric's threshold for the shortlist."""
_Z = 1.96  # 95 of 100


def decision_of(
    application: Record, stages: Sequence[Record], before: Decision | None
) -> tuple[Decision, datetime] | None:
    """What was decided first about an application as it stands now, and when; None where nothing is. A rejection that
    was taken back is none any more; a move forward stays one, whatever came of it."""
    status = application.fields.get("status")
    moved = _beyond_first(application, stages)
    if status == Status.HIRED or moved is not None:
        at = moved if moved is not None else _said(application, "status")
        return (Decision.FORWARD, at) if at is not None else None
    if before is Decision.FORWARD:
        return Decision.FORWARD, application.born
    if status == Status.REJECTED and (at := _said(application, "status")) is not None:
        return Decision.REJECTED, at
    return None


def first_stages(stages: Sequence[Record]) -> frozenset[str]:
    """Those of a job's stages in which nobody has decided about anyone yet: where applications begin."""
    first = min((_place(one) for one in stages), default=None)
    return frozenset(
        one.id for one in stages if one.fields.get("type") in NOT_YET or (first is not None and _place(one) <= first)
    )


def _beyond_first(application: Record, stages: Sequence[Record]) -> datetime | None:
    """When it was moved beyond where applications begin; None where it was not."""
    at, stage = _said(application, "stage"), application.fields.get("stage")
    known = any(one.id == stage for one in stages)
    return at if known and stage not in first_stages(stages) else None


def _place(stage: Record) -> tuple[float, str]:
    order = stage.fields.get("order")
    return (float(order) if isinstance(order, int | float) else 0.0), stage.id


def _said(record: Record, name: str) -> datetime | None:
    """When people said it last."""
    source = record.sources.get(name)
    return source.at if source is not None and source.actor.kind in PEOPLE else None


# --------------------------------------------------------------------------------------------------------- measures


@dataclass(frozen=True, slots=True)
class Share:
    """`many` of `of`, and between which shares it lies 95 of 100 times (Wilson's interval). `share` is None of none."""

    many: int
    of: int

    @property
    def share(self) -> float | None:
        return self.many / self.of if self.of else None

    @property
    def low(self) -> float:
        return max(0.0, self._middle - self._half) if self.of else 0.0

    @property
    def high(self) -> float:
        return min(1.0, self._middle + self._half) if self.of else 1.0

    @property
    def few(self) -> bool:
        return self.of < FEW

    @property
    def _middle(self) -> float:
        return (self.many + _Z**2 / 2) / (self.of + _Z**2)

    @property
    def _half(self) -> float:
        return _Z * math.sqrt(self.many * (self.of - self.many) / self.of + _Z**2 / 4) / (self.of + _Z**2)


@dataclass(frozen=True, slots=True)
class Judged:
    """One decision, the score that stood there then (None: none did), and whether it lay at or above the threshold of
    its rubric's version."""

    decision: Decision
    score: float | None
    above: bool
    hired: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """How scores stood to decisions. Of those above the threshold `precision` is how many were moved forward, of those
    rejected `false_positives` how many had been above it, of those moved forward `missed` how many had not. `order` is
    the share of pairs, one moved forward and one rejected, in which the first had the higher score; None of none."""

    decided: int
    forward: int
    rejected: int
    hired: int
    unscored: int
    precision: Share
    false_positives: Share
    missed: Share
    order: float | None


def measured(judged: Iterable[Judged]) -> Measured:
    """The measures of some decisions. Those without a score are counted, and that is all."""
    every = list(judged)
    scored = [one for one in every if one.score is not None]
    forward = [one for one in scored if one.decision is Decision.FORWARD]
    rejected = [one for one in scored if one.decision is Decision.REJECTED]
    above = sum(one.above for one in forward)
    wrong = sum(one.above for one in rejected)
    return Measured(
        len(every), sum(one.decision is Decision.FORWARD for one in every),
        sum(one.decision is Decision.REJECTED for one in every), sum(one.hired for one in every),
        len(every) - len(scored), Share(above, above + wrong), Share(wrong, len(rejected)),
        Share(len(forward) - above, len(forward)), _order(forward, rejected),
    )  # fmt: skip


def _order(forward: Sequence[Judged], rejected: Sequence[Judged]) -> float | None:
    if not forward or not rejected:
        return None
    low = sorted(one.score or 0.0 for one in rejected)
    right = sum(bisect_left(low, one.score or 0.0) + bisect_right(low, one.score or 0.0) for one in forward) / 2
    return right / (len(forward) * len(rejected))
