"""Lanes: the ordered work on one object (reads) or one family (writes) at one connection.

At most one worker holds a lane; its epoch is the fence, checked by everything that ends a lease. A worker that stops
answering loses the lane when `until` has passed and somebody else leases it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from ..errors import LeaseLostError
from ..model import Kind
from . import statements as s
from .codec import moment, stamp
from .sql import Sql

if TYPE_CHECKING:
    from .tx import Tx

PATIENCE = timedelta(seconds=5)  # a want of an object that is to be read behind a fence waits for that, this long
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When a parked lane is due."""
RANKS = (0, 1)  # of lanes with writes: those a person waits for, and the others


class Priority(IntEnum):
    """Whose turn it is among reads."""

    LIVE = 0
    SWEEP = 1
    BACKFILL = 2


_ORDER = (  # positions are stored: append only
    Kind.CANDIDATE,
    Kind.APPLICATION,
    Kind.JOB,
    Kind.STAGE,
    Kind.NOTE,
    Kind.ATTACHMENT,
    Kind.USER,
    Kind.SOURCE,
    Kind.REJECTION_REASON,
    Kind.OFFER,
    Kind.HIRE,
    Kind.INTERVIEW,
    Kind.SCORECARD,
    Kind.MESSAGE,
    Kind.ACTIVITY,
)
_BIT = {kind: 1 << position for position, kind in enumerate(_ORDER)}
WHOLE = (1 << 62) - 1  # no kind named: all of them


def _bits(kinds: Collection[Kind]) -> int:
    return sum(_BIT[kind] for kind in set(kinds)) if kinds else WHOLE


def _kinds(bits: int) -> frozenset[Kind]:
    return frozenset() if bits == WHOLE else frozenset(kind for kind, bit in _BIT.items() if bits & bit)


@dataclass(frozen=True, slots=True)
class Hint:
    """An object to read: a family's root at a connection, and the kinds of it (none named: all)."""

    connection: str
    kind: Kind
    external: str
    kinds: frozenset[Kind] = frozenset()
    priority: Priority = Priority.LIVE
    after: datetime | None = None  # no read started before this satisfies it


@dataclass(frozen=True, slots=True)
class ReadLease:
    """The right to read one object. `seq` is the newest want's number, `wanted` when the oldest one came."""

    connection: str
    kind: Kind
    external: str
    kinds: frozenset[Kind]
    priority: Priority
    epoch: int
    seq: int
    tries: int
    wanted: datetime


@dataclass(frozen=True, slots=True)
class WriteLease:
    """The right to write to one family at one connection."""

    connection: str
    family: str
    epoch: int
    tries: int
    wanted: datetime


class ReadLanes:
    """`tx.reads`: what is wanted, and who reads it. Many hints are one read; a hint during a read causes one more."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def wanted(self, hints: Iterable[Hint], *, now: datetime, number: int | None = None) -> int:
        """Mark objects wanted; the number of the want (any read numbered later satisfies it). What is to be read
        behind a fence in a moment is read once, behind it."""
        seq = self._tx.number() if number is None else number
        at = stamp(now)
        rows: list[dict[str, Any]] = []
        for hint in sorted(hints, key=lambda h: (h.connection, h.kind, h.external)):
            due = at if hint.after is None else max(at, stamp(hint.after))
            rows.append(
                {
                    "connection": hint.connection,
                    "kind": hint.kind,
                    "external": hint.external,
                    "priority": int(hint.priority),
                    "kinds": _bits(hint.kinds),
                    "due": due,
                    "behind": due if due > at else 0,
                    "seq": seq,
                    "now": at,
                    "patience": PATIENCE // timedelta(microseconds=1),
                }
            )
        self._tx.many(s.WANT, rows)
        return seq

    def lease(
        self,
        connection: str,
        n: int,
        *,
        now: datetime,
        until: datetime,
        worker: str,
        priorities: Sequence[Priority] = tuple(Priority),
    ) -> list[ReadLease]:
        """Up to `n` due objects, the most urgent first. One epoch for all of them."""
        leases: list[ReadLease] = []
        epoch = 0
        for priority in priorities:
            if len(leases) >= n:
                break
            epoch = epoch or self._tx.number()
            rows = self._tx.rows(
                s.READS_LEASE,
                connection=connection,
                priority=int(priority),
                n=n - len(leases),
                now=stamp(now),
                until=stamp(until),
                epoch=epoch,
                worker=worker,
            )
            for _, seq, root, external, bits, tries, since in sorted(rows):
                key = (connection, Kind(root), external, _kinds(bits), priority)
                leases.append(ReadLease(*key, epoch, seq, tries, moment(since)))
        return leases

    def held(self, leases: Sequence[ReadLease]) -> list[ReadLease]:
        """Those still held, locked until this commit: what this unit does for them no other worker can do."""
        kept: list[ReadLease] = []
        for connection in sorted({lease.connection for lease in leases}):
            mine = [lease for lease in leases if lease.connection == connection]
            wanted = [(lease.kind, lease.external, lease.epoch) for lease in mine]
            found = set(self._tx.rows(s.READS_HELD, connection=connection, leases=wanted))
            kept += [lease for lease in mine if (lease.kind, lease.external, lease.epoch) in found]
        return kept

    def renew(self, leases: Sequence[ReadLease], *, until: datetime) -> None:
        """Hold on for longer. LeaseLostError if one is lost."""
        self._fenced(s.READ_RENEW, leases, until=stamp(until))

    def ack(self, leases: Sequence[ReadLease], *, number: int, started: datetime, now: datetime) -> None:
        """The objects were read under `number`, started at `started`. What was wanted again since is due again.
        LeaseLostError if one is lost."""
        if len(self.held(leases)) != len(leases):
            raise LeaseLostError
        if self._tx.many(s.READ_DONE, _rows(leases, number=number, started=stamp(started))) != len(leases):
            self._tx.many(s.READ_AGAIN, _rows(leases, started=stamp(started), now=stamp(now)))

    def retry(self, leases: Sequence[ReadLease], *, due: datetime, error: str = "", tried: bool = True) -> None:
        """Not read: again at `due`. `tried=False` keeps the count (a full budget is nobody's fault).
        LeaseLostError if one is lost."""
        self._fenced(s.READ_RETRY, leases, due=stamp(due), error=error, tried=int(tried))

    def drop(self, leases: Sequence[ReadLease]) -> None:
        """Give the want up (shown elsewhere as a failure). LeaseLostError if one is lost."""
        self._fenced(s.READ_DROP, leases)

    def waiting(self, connections: Iterable[str], *, now: datetime) -> list[tuple[str, Priority, datetime]]:
        """(connection, priority, when its next object is due), of what nobody holds. As quick with any backlog."""
        queues = [(connection, int(priority)) for connection in connections for priority in Priority]
        rows = self._tx.rows(s.READS_WAITING, queues=queues, now=stamp(now))
        return sorted((connection, Priority(p), moment(due)) for connection, p, due in rows if due is not None)

    def open(self, connection: str, wanted: Iterable[tuple[Kind, str]]) -> set[tuple[Kind, str]]:
        """Those of these objects that are wanted, or being read, now."""
        pairs = sorted({(str(kind), external) for kind, external in wanted})
        if not pairs:
            return set()
        rows = self._tx.rows(s.READS_OPEN, connection=connection, wanted=pairs)
        return {(Kind(kind), external) for kind, external in rows}

    def resting(self, connection: str, wanted: Iterable[tuple[Kind, str]], *, soon: datetime) -> set[tuple[Kind, str]]:
        """Which of these could not be read of late, and are not asked for again before `soon` is over."""
        pairs = sorted({(str(kind), external) for kind, external in wanted})
        if not pairs:
            return set()
        rows = self._tx.rows(s.READS_RESTING, connection=connection, wanted=pairs, soon=stamp(soon))
        return {(Kind(kind), external) for kind, external in rows}

    def revoke(self) -> None:
        """End every lease: only where no other process can hold one."""
        self._tx.run(s.READS_REVOKE)

    def _fenced(self, sql: Sql, leases: Sequence[ReadLease], **parameters: Any) -> None:
        if self._tx.many(sql, _rows(leases, **parameters)) != len(leases):
            raise LeaseLostError


def _rows(leases: Iterable[ReadLease], **parameters: Any) -> list[dict[str, Any]]:
    return [
        {
            "connection": lease.connection,
            "kind": lease.kind,
            "external": lease.external,
            "epoch": lease.epoch,
            **parameters,
        }
        for lease in leases
    ]


class WriteLanes:
    """`tx.writes`: families with due writes, one lane a connection. `tx.families.save` fills them."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def lease(self, connection: str, n: int, *, now: datetime, until: datetime, worker: str) -> list[WriteLease]:
        """Up to `n` due families, those a person waits for first, then the longest waiting. One epoch for all."""
        epoch = self._tx.number()
        leases: list[WriteLease] = []
        for rank in RANKS:
            rows = self._tx.rows(
                s.WRITES_LEASE,
                connection=connection,
                rank=rank,
                n=n - len(leases),
                now=stamp(now),
                until=stamp(until),
                epoch=epoch,
                worker=worker,
            )
            leases += [
                WriteLease(connection, family, epoch, tries, moment(since)) for _, family, tries, since in sorted(rows)
            ]
            if len(leases) >= n:
                break
        return leases

    def held(self, leases: Sequence[WriteLease]) -> list[WriteLease]:
        """Those still held, locked until this commit."""
        kept: list[WriteLease] = []
        for connection in sorted({lease.connection for lease in leases}):
            mine = [lease for lease in leases if lease.connection == connection]
            wanted = [(lease.family, lease.epoch) for lease in mine]
            found = set(self._tx.rows(s.WRITE_LANES_HELD, connection=connection, leases=wanted))
            kept += [lease for lease in mine if (lease.family, lease.epoch) in found]
        return kept

    def holds(self, lease: WriteLease) -> bool:
        """Is this lane still ours? Locked until this commit if so."""
        return bool(self.held([lease]))

    def renew(self, leases: Sequence[WriteLease], *, until: datetime) -> None:
        """Hold on for longer. LeaseLostError if one is lost."""
        self._fenced(s.WRITE_LANE_RENEW, leases, until=stamp(until))

    def ack(self, leases: Sequence[WriteLease], *, now: datetime, due: datetime | None = None) -> None:
        """Done for now: the lane goes, or is due again (at `due`) where the family still has due writes there.
        LeaseLostError if one is lost."""
        if len(self.held(leases)) != len(leases):
            raise LeaseLostError
        if self._tx.many(s.WRITE_LANE_DONE, _lane_rows(leases)) != len(leases):
            self._tx.many(s.WRITE_LANE_AGAIN, _lane_rows(leases, now=stamp(now), due=stamp(due or now)))

    def retry(self, leases: Sequence[WriteLease], *, due: datetime, error: str = "", tried: bool = True) -> None:
        """The whole lane again at `due`: order holds, and no worker waits. LeaseLostError if one is lost."""
        self._fenced(s.WRITE_LANE_RETRY, leases, due=stamp(due), error=error, tried=int(tried), state="ready")

    def park(self, leases: Sequence[WriteLease], *, error: str) -> None:
        """Not again by itself: until a new write for the family, or `wake`. LeaseLostError if one is lost."""
        self._fenced(s.WRITE_LANE_RETRY, leases, due=stamp(NEVER), error=error, tried=0, state="parked")

    def wake(self, connection: str, *, now: datetime, family: str = "") -> int:
        """Make parked and backed-off lanes due now (a replay, or a connection signed in again); how many."""
        if family:
            return self._tx.run(s.WRITE_LANE_WAKE, connection=connection, family=family, now=stamp(now))
        return self._tx.run(s.WRITE_LANES_WAKE, connection=connection, now=stamp(now))

    def want(self, connection: str, family: str, *, now: datetime) -> None:
        """Make a family's lane due without a new write (a lost create to look for)."""
        self._tx.run(s.WRITE_LANE_WANT, connection=connection, family=family, now=stamp(now), rank=1)

    def waiting(self, connections: Iterable[str], *, now: datetime) -> list[tuple[str, datetime]]:
        """(connection, when its next family is due), of what nobody holds and no stop holds back. As quick with any
        backlog."""
        queues = [(connection, rank) for connection in connections for rank in RANKS]
        first: dict[str, int] = {}
        for connection, due in self._tx.rows(s.WRITE_LANES_WAITING, queues=queues, now=stamp(now)):
            if due is not None:
                first[connection] = min(due, first.get(connection, due))
        return sorted((connection, moment(due)) for connection, due in first.items())

    def under_way(self, connection: str, *, now: datetime) -> int:
        """How many families somebody is writing to."""
        row = self._tx.row(s.WRITE_LANES_HELD_NOW, connection=connection, now=stamp(now))
        return row[0] if row else 0

    def revoke(self, family: str = "") -> None:
        """End a family's leases (erasure), or every lease (only where no other process can hold one)."""
        if family:
            self._tx.run(s.WRITE_LANES_REVOKE_FAMILY, family=family)
        else:
            self._tx.run(s.WRITE_LANES_REVOKE)

    def _fenced(self, sql: Sql, leases: Sequence[WriteLease], **parameters: Any) -> None:
        if self._tx.many(sql, _lane_rows(leases, **parameters)) != len(leases):
            raise LeaseLostError


def _lane_rows(leases: Iterable[WriteLease], **parameters: Any) -> list[dict[str, Any]]:
    return [
        {"connection": lease.connection, "family": lease.family, "epoch": lease.epoch, **parameters} for lease in leases
    ]
