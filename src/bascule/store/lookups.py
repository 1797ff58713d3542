"""What providers of people's data were asked: when, about whom, what was sent, for how much, and how it ended.

A look-up is written before it leaves, at its full price, and again when it has ended; so one that a crash cut off
counts, and a budget holds whatever happens. No value that was sent or came back is kept here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from . import statements as s
from .codec import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Collection

    from .tx import Row, Tx

END = "\U0010ffff"
OPEN, FOUND, NOBODY = "open", "found", "nobody"
"""Outcomes: how it ended is not known yet; somebody was found; the provider knows nobody like that."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look-up. `family` and `record`: whom it was about. `sent`: the names of what was sent. `digest` is keyed for
    them and says nothing once they are erased. `cost` in millionths of the workspace's currency."""

    id: str
    workspace: str
    family: str | None
    record: str | None
    at: datetime
    provider: str
    host: str
    region: str
    sent: str
    digest: str
    cost: int
    ms: int = 0
    status: int = 0
    outcome: str = OPEN
    found: int = 0


class Lookups:
    """`tx.lookups`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def open(self, one: Lookup) -> None:
        """It is about to leave."""
        self._tx.run(
            s.LOOKUP_OPEN, id=one.id, workspace=one.workspace, family=one.family, record=one.record, at=stamp(one.at),
            provider=one.provider, host=one.host, region=one.region, sent=one.sent, digest=one.digest, cost=one.cost,
            outcome=one.outcome,
        )  # fmt: skip

    def end(self, one: Lookup) -> None:
        """How it ended, and what it cost."""
        self._tx.run(
            s.LOOKUP_END, id=one.id, cost=one.cost, ms=one.ms, status=one.status, outcome=one.outcome, found=one.found
        )

    def used(self, workspace: str, provider: str, *, since: datetime, recent: datetime) -> tuple[int, int, int]:
        """(look-ups, what they cost, what of it is of those under way) since then; those that have not ended in full,
        and under way are those begun after `recent`."""
        row = self._tx.row(
            s.LOOKUPS_USED, workspace=workspace, provider=provider, since=stamp(since), recent=stamp(recent)
        )
        assert row is not None
        return int(row[0]), int(row[1]), int(row[2])

    def list(self, workspace: str, *, before: str = END, limit: int = 50) -> list[Lookup]:
        """The newest first."""
        return [_lookup(row) for row in self._tx.rows(s.LOOKUPS, workspace=workspace, before=before, limit=limit)]

    def last(self, record: str, provider: str) -> Lookup | None:
        """The newest that came to an answer about somebody."""
        row = self._tx.row(s.LOOKUP_LAST, record=record, provider=provider)
        return None if row is None else _lookup(row)

    def about(self, family: str) -> list[tuple[str, int]]:
        """Where somebody was looked up, this machine left out: (host, how often)."""
        return [(host, int(count)) for host, count in self._tx.rows(s.LOOKUPS_ABOUT, family=family)]

    def forget(self, family: str) -> None:
        """Nobody knows any more whom they were about; what they cost stays counted."""
        self._tx.run(s.LOOKUPS_FORGET, family=family)

    def move(self, family: str, records: Collection[str]) -> None:
        """Those about records that are of another family now."""
        self._tx.run(s.LOOKUPS_MOVE, family=family, records=sorted(records))

    def expire(self, workspace: str, *, before: datetime) -> int:
        """Forget those made before then; how many."""
        return self._tx.run(s.LOOKUPS_EXPIRE, workspace=workspace, before=stamp(before))


def _lookup(row: Row) -> Lookup:
    id, workspace, family, record, at, *rest = row
    return Lookup(id, workspace, family, record, moment(at), *rest)
