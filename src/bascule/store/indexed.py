"""What everybody is found by: a vector and words of each candidate, sealed for them, and who is to be looked at anew.

A commit that changes what somebody is found by marks them, in the same transaction; whoever makes the row says which
mark it answers, so that a change meanwhile is looked at again. Rows that are gone stay for a day without anything in
them, so that every process that holds the index in memory hears of it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..model import FIELDS, ActorKind, Family, FieldClass, Kind, Record
from . import statements as s
from .codec import stamp

if TYPE_CHECKING:
    from .tx import Tx

GONE_FOR = timedelta(days=1)  # how long a row without anything in it stays
_HEAD = struct.Struct("<BfqqIBI")  # version, scale, contact, until, flags, reached, bytes of the vector
_VERSION = 1
_TELLS = frozenset(name for name, spec in FIELDS[Kind.APPLICATION].items() if spec.cls is FieldClass.SYNC)


@dataclass(frozen=True, slots=True)
class Mark:
    """A candidate who is to be looked at anew, and the number of the mark that says so."""

    record: str
    family: str
    marks: int


@dataclass(frozen=True, slots=True)
class Indexed:
    """What a candidate is found by. `vector`: 8-bit numbers, made by `model`; `words`: 32-bit numbers, little-endian;
    the others as the index has them. `updated` is when this row was kept, in microseconds."""

    record: str
    family: str
    model: str
    vector: bytes
    scale: float
    words: bytes
    contact: int
    until: int
    flags: int
    reached: int
    updated: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A row of a workspace that a commit has put (`row`), or taken away (None)."""

    workspace: str
    record: str
    updated: int
    row: Indexed | None


Hear = Callable[[Sequence[Told]], None]


class IndexRows:
    """`tx.indexed`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # ------------------------------------------------------------------------------------------------ who is to be made

    def mark(self, old: Family, new: Family, changed: Sequence[Record], gone: Sequence[str]) -> None:
        """Mark the candidates of a family that a change lets be found otherwise."""
        if new.kind is not Kind.CANDIDATE:
            return
        lost = [old.records[id] for id in gone]
        if old.state is new.state and not any(_tells(old.records, one) for one in (*changed, *lost)):
            return
        people = sorted(one.id for one in new.records.values() if one.kind is Kind.CANDIDATE)
        self._tx.many(s.INDEXED_MARK, [{"workspace": new.workspace, "record": id, "family": new.id} for id in people])
        left = [one.id for one in lost if one.kind is Kind.CANDIDATE]
        if left:
            self._tx.run(s.INDEXED_LEFT, workspace=new.workspace, records=left)

    def mark_families(self, families: Collection[str]) -> None:
        """What is kept of these has changed, though no record of theirs has."""
        if families:
            self._tx.run(s.INDEXED_MARK_FAMILIES, families=sorted(families))

    def mark_all(self, workspace: str, *, other_than: str | None = None) -> int:
        """Look at everybody anew, or at those whose row was made by another model; how many."""
        return self._tx.run(s.INDEXED_MARK_ALL, workspace=workspace, model=other_than or "", any=other_than is None)

    def due(self, workspace: str, limit: int) -> list[Mark]:
        """Who is marked."""
        rows = self._tx.rows(s.INDEXED_DUE, workspace=workspace, limit=limit)
        return [Mark(record, family, marks) for record, family, marks in rows]

    def due_of(self, family: str) -> list[Mark]:
        """Those of a family who are marked."""
        return [Mark(*row) for row in self._tx.rows(s.INDEXED_DUE_OF, family=family)]

    def count(self, workspace: str) -> tuple[int, int]:
        """(candidates who are held, those who wait to be looked at)"""
        row = self._tx.row(s.INDEXED_COUNT, workspace=workspace)
        return (int(row[0]), int(row[1] or 0)) if row else (0, 0)

    # --------------------------------------------------------------------------------------------------------- the rows

    def put(self, workspace: str, row: Indexed, *, marks: int, now: datetime, unread: bool = False) -> None:
        """Keep what somebody is found by; it answers the mark of that number. `unread`: there is a CV to be read."""
        kept = replace(row, updated=stamp(now))
        body = self._tx.vault.seal(workspace, row.family, _packed(row))
        done = self._tx.run(
            s.INDEXED_PUT, workspace=workspace, record=row.record, family=row.family, model=row.model, marks=marks,
            now=kept.updated, body=body, unread=unread,
        )  # fmt: skip
        self._tx.fits.drop_others(row.record, row.family)
        if done:
            self._tell([Told(workspace, row.record, kept.updated, kept)])

    def drop(self, workspace: str, marks: Sequence[Mark], *, now: datetime) -> None:
        """Nothing is kept of these any more; each answers its mark."""
        at = stamp(now)
        rows = [{"workspace": workspace, "record": one.record, "marks": one.marks, "now": at} for one in marks]
        self._tx.many(s.INDEXED_DROP, rows)
        for one in marks:
            self._tx.fits.drop_others(one.record, "")
        self._tell([Told(workspace, one.record, at, None) for one in marks])

    def forget(self, workspace: str, family: str, *, now: datetime) -> int:
        """Everything of an erased person; how many rows held something."""
        at = stamp(now)
        rows = self._tx.rows(s.INDEXED_FORGET, family=family, now=at)
        self._tell([Told(workspace, record, at, None) for (record,) in rows])
        return len(rows)

    def unread(self, workspace: str, limit: int) -> list[Mark]:
        """Who has a CV that is to be read."""
        rows = self._tx.rows(s.INDEXED_UNREAD, workspace=workspace, limit=limit)
        return [Mark(record, family, marks) for record, family, marks in rows]

    def count_unread(self, workspace: str) -> int:
        """How many have a CV that is to be read."""
        row = self._tx.row(s.INDEXED_UNREAD_COUNT, workspace=workspace)
        return int(row[0]) if row else 0

    def has_been_read(self, workspace: str, record: str) -> None:
        """Their CV is read, or cannot be."""
        self._tx.run(s.INDEXED_READ, workspace=workspace, record=record, no=False)

    def get(self, workspace: str, records: Collection[str]) -> dict[str, Indexed]:
        """What these are found by, where something is kept."""
        if not records:
            return {}
        rows = self._tx.rows(s.INDEXED_ROWS, workspace=workspace, records=sorted(records))
        return {row[0]: found for row in rows if (found := self._opened([row])[0])}

    def page(self, workspace: str, model: str, after: str, limit: int) -> list[Indexed]:
        """Rows that this model made, by record."""
        rows = self._tx.rows(s.INDEXED_PAGE, workspace=workspace, model=model, after=after, limit=limit)
        return [one for one in self._opened(rows) if one is not None]

    def since(self, workspace: str, updated: int) -> list[tuple[str, int]]:
        """(record, when) of what was put or taken away at or after this time. A commit may show a little late."""
        return [(record, at) for record, at in self._tx.rows(s.INDEXED_SINCE, workspace=workspace, since=updated)]

    def expire(self, *, now: datetime) -> None:
        """Rows without anything in them that everybody has heard of."""
        self._tx.run(s.INDEXED_EXPIRE, before=stamp(now - GONE_FOR))

    def _opened(self, rows: Sequence[tuple[str, str, str, int, bytes]]) -> list[Indexed | None]:
        self._tx.vault.fetch([body for *_, body in rows])
        return [_unpacked(record, family, model, at, self._tx.vault.open(bytes(body)))
                for record, family, model, at, body in rows]  # fmt: skip

    def _tell(self, told: Sequence[Told]) -> None:
        if told:
            for hear in tuple(self._tx.shared.indexed):
                self._tx.after_commit(lambda hear=hear: hear(told))


def found_otherwise(before: Family | None, after: Family) -> bool:
    """Whether what changed between two states of a family lets its person be found otherwise."""
    if after.kind is not Kind.CANDIDATE:
        return False
    old = before.records if before else {}
    changed = [one for id, one in after.records.items() if (was := old.get(id)) is not one and was != one]
    return any(_tells(old, one) for one in changed) or bool(old.keys() - after.records.keys())


def _tells(old: Mapping[str, Record], record: Record) -> bool:
    """Whether a change of this record lets its person be found otherwise. What an AI has said does not."""
    before = old.get(record.id)
    if record.kind is Kind.NOTE and (source := record.sources.get("body")) and source.actor.kind is ActorKind.AI:
        return False
    if record.kind is not Kind.APPLICATION or before is None or before.state is not record.state:
        return True
    return any(before.fields.get(name) != record.fields.get(name) for name in _TELLS)


def _packed(row: Indexed) -> bytes:
    head = _HEAD.pack(_VERSION, row.scale, row.contact, row.until, row.flags, row.reached, len(row.vector))
    return head + row.vector + row.words


def _unpacked(record: str, family: str, model: str, updated: int, body: bytes) -> Indexed | None:
    """None for a row of another version: it is made anew."""
    if body[0] != _VERSION:
        return None
    _, scale, contact, until, flags, reached, size = _HEAD.unpack_from(body)
    vector, words = body[_HEAD.size : _HEAD.size + size], body[_HEAD.size + size :]
    return Indexed(record, family, model, vector, scale, words, contact, until, flags, reached, updated)
