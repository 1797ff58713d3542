"""What the owner should know: mapping gaps, and notices about connections that need somebody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import Kind
from . import statements as s
from .codec import maybe_moment, moment, stamp
from .inbox import LAST

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class SeenGap:
    """A value, stage or field the mapping does not know, and how often it was met."""

    id: int
    connection: str
    kind: Kind
    field: str
    value: str
    record: str | None
    first_at: datetime
    last_at: datetime
    times: int
    state: str  # "open" or "closed"


def _gap(row: Row) -> SeenGap:
    id, connection, kind, name, value, record, first, last, times, state = row
    return SeenGap(id, connection, Kind(kind), name, value, record, moment(first), moment(last), times, state)


class Gaps:
    """`tx.gaps`. `tx.families.save` opens them."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def list(self, workspace: str, *, connection: str = "", state: str = "open", limit: int = 500) -> list[SeenGap]:
        """Each gap once, with the record it was last met on."""
        rows = self._tx.rows(s.GAPS, workspace=workspace, connection=connection, state=state, limit=limit)
        return [_gap(row) for row in rows]

    def waiting_for(self, connection: str, value: str, *, limit: int = 1000) -> list[SeenGap]:
        """Open gaps of this very value, once for each record it was met on."""
        return [_gap(row) for row in self._tx.rows(s.GAPS_WAITING_FOR, connection=connection, value=value, limit=limit)]

    def left(self, connection: str, kind: Kind, field: str, record: str) -> None:
        """The mapping knows what this record's field shows now; a gap that is no record's any more closes."""
        self._tx.run(s.GAP_RECORD_LEFT, connection=connection, kind=kind, field=field, record=record)
        self._tx.run(s.GAPS_CLOSE_LEFT, connection=connection, kind=kind, field=field)

    def close(self, connection: str, kind: Kind, field: str, value: str = "") -> int:
        """The mapping knows it now (all values of the field if none is named); how many."""
        self._tx.run(s.GAP_RECORDS_DROP, connection=connection, kind=kind, field=field, value=value)
        return self._tx.run(s.GAP_CLOSE, connection=connection, kind=kind, field=field, value=value)

    def close_of(self, connection: str) -> int:
        """The connection is taken away; how many were open."""
        self._tx.run(s.GAP_RECORDS_DROP_OF, connection=connection)
        return self._tx.run(s.GAPS_CLOSE_OF, connection=connection)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the owner is told once, counted while it lasts."""

    id: int
    connection: str | None
    kind: str
    about: str
    text: str
    at: datetime
    last_at: datetime
    times: int
    closed: datetime | None


class Notices:
    """`tx.notices`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(
        self, workspace: str, kind: str, about: str, text: str, *, now: datetime, connection: str | None = None
    ) -> bool:
        """Say it; True if it was not open yet (so the owner is to be told)."""
        row = self._tx.row(
            s.NOTICE_PUT, workspace=workspace, connection=connection, kind=kind, about=about, text=text, now=stamp(now)
        )
        assert row is not None
        return row[1] == 1

    def is_open(self, workspace: str, kind: str, about: str) -> bool:
        return self._tx.row(s.NOTICE_OPEN, workspace=workspace, kind=kind, about=about) is not None

    def close(self, workspace: str, kind: str, about: str = "", *, now: datetime) -> int:
        """It is over (all of the kind if `about` is empty); how many."""
        return self._tx.run(s.NOTICE_CLOSE, workspace=workspace, kind=kind, about=about, now=stamp(now))

    def close_about(self, workspace: str, kind: str, abouts: Collection[str], *, now: datetime) -> int:
        """Those of a kind about any of these are over; how many were open."""
        if not abouts:
            return 0
        return self._tx.run(s.NOTICES_CLOSE_ABOUT, workspace=workspace, kind=kind, abouts=abouts, now=stamp(now))

    def close_of(self, workspace: str, connection: str, *, kept: str, now: datetime) -> int:
        """All about a connection are over, but for those of one kind; how many were open."""
        return self._tx.run(
            s.NOTICES_CLOSE_OF, workspace=workspace, connection=connection, kept=kept, now=stamp(now)
        )  # fmt: skip

    def close_one(self, workspace: str, id: int, *, now: datetime) -> bool:
        """A person says that it is dealt with; False if it was over already."""
        return self._tx.run(s.NOTICE_CLOSE_ONE, workspace=workspace, id=id, now=stamp(now)) > 0

    def list(self, workspace: str, *, every: bool = False, before: int = LAST, limit: int = 50) -> list[Notice]:
        """The newest first: open ones, or every one."""
        rows = self._tx.rows(s.NOTICES, workspace=workspace, every=int(every), before=before, limit=limit)
        return [
            Notice(id, connection, kind, about, text, moment(at), moment(last), times, maybe_moment(closed))
            for id, connection, kind, about, text, at, last, times, closed in rows
        ]
