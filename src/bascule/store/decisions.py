"""Desks by link: where a person decides what is held for them, without logging in, and what they were told of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from . import statements as s
from .codec import maybe_moment, maybe_stamp, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class DecisionDesk:
    """One person's. A newer `issue` makes older links worthless."""

    id: str
    workspace: str
    person: str
    issue: int
    expires: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A review item that a person was asked to decide, or a screening form on which somebody has asked for a person or
    an adjustment (`review` is its id then), one each. `told`: when the letter about it was handed over; `escalated`:
    when somebody else was asked as well, because they did not."""

    review: str
    person: str
    family: str
    at: datetime
    told: datetime | None = None
    escalated: datetime | None = None


class Decisions:
    """`tx.decisions`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def set(self, one: DecisionDesk) -> None:
        self._tx.run(
            s.DECISION_DESK_SET, id=one.id, workspace=one.workspace, person=one.person, issue=one.issue,
            expires=stamp(one.expires),
        )  # fmt: skip

    def desk(self, id: str) -> DecisionDesk | None:
        row = self._tx.row(s.DECISION_DESK, id=id)
        return None if row is None else DecisionDesk(row[0], row[1], row[2], row[3], moment(row[4]))

    def desk_of(self, workspace: str, person: str) -> DecisionDesk | None:
        row = self._tx.row(s.DECISION_DESK_OF, workspace=workspace, person=person)
        return None if row is None else DecisionDesk(row[0], row[1], row[2], row[3], moment(row[4]))

    def working(self, workspace: str, now: datetime) -> frozenset[str]:
        """Who has a desk whose link works."""
        rows = self._tx.rows(s.DECISION_DESKS_WORKING, workspace=workspace, now=stamp(now))
        return frozenset(person for (person,) in rows)

    def ask(self, workspace: str, one: Asked) -> None:
        """Ask somebody, or note that they were told, or that it is somebody else's too."""
        self._tx.run(
            s.DECISION_ASK, workspace=workspace, review=one.review, person=one.person, family=one.family,
            at=stamp(one.at), told=maybe_stamp(one.told), escalated=maybe_stamp(one.escalated),
        )  # fmt: skip

    def asked(self, review: str) -> list[Asked]:
        """Who was asked to decide it, whoever was first at the beginning."""
        return [_asked(row) for row in self._tx.rows(s.DECISION_ASKED, review=review)]

    def open(self, workspace: str, person: str) -> list[Asked]:
        """What was asked of a person and is open still, the oldest first."""
        return [_asked(row) for row in self._tx.rows(s.DECISIONS_OPEN, workspace=workspace, person=person)]

    def drop(self, reviews: Collection[str]) -> None:
        """Nobody is to decide these any more."""
        if reviews:
            self._tx.run(s.DECISIONS_DROP, reviews=sorted(reviews))


def _asked(row: Row) -> Asked:
    review, person, family, at, told, escalated = row
    return Asked(review, person, family, moment(at), maybe_moment(told), maybe_moment(escalated))
