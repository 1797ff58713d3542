"""The audit table: rows are only added; the holder of the head seals them into the chain.

The arithmetic (a row's digest, and how a digest joins the chain) is handed in. Personal values enter as salted digests;
their salts live in a table of their own and go with the person, and the chain still verifies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import EMPTY, Fields
from . import statements as s
from .codec import dumps, loads, maybe_stamp, moment, stamp
from .inbox import LAST

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `body` holds references and digests, never a personal value."""

    workspace: str
    at: datetime
    action: str
    actor_kind: str
    actor_id: str
    body: Fields = field(default_factory=lambda: EMPTY)
    family: str | None = None
    record: str | None = None
    connection: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as kept. `position` and `chain` are None until it is sealed."""

    id: int
    entry: Entry
    digest: str
    position: int | None
    chain: str | None


class Audit:
    """`tx.audit`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, entries: Sequence[Entry], digest: Callable[[Entry], str]) -> None:
        """Append, each with its digest, in the commit of what it tells of."""
        self._tx.many(
            s.AUDIT_ADD,
            [
                {
                    "workspace": entry.workspace,
                    "at": stamp(entry.at),
                    "action": entry.action,
                    "family": entry.family,
                    "record": entry.record,
                    "connection": entry.connection,
                    "actor_kind": entry.actor_kind,
                    "actor_id": entry.actor_id,
                    "body": dumps(entry.body),
                    "digest": digest(entry),
                }
                for entry in entries
            ],
        )

    def seal(self, link: Callable[[str, str], str], *, limit: int = 1000) -> int:
        """Join up to `limit` unsealed rows to the chain: `link(chain so far, digest) -> chain`. How many; 0 too where
        another worker is at it."""
        head = self._tx.row(s.AUDIT_HEAD)
        if head is None:
            return 0
        position, chain = int(head[0]), str(head[1])
        sealed: list[dict[str, object]] = []
        for id, digest in self._tx.rows(s.AUDIT_UNSEALED, limit=limit):
            position, chain = position + 1, link(chain, digest)
            sealed.append({"id": id, "position": position, "chain": chain})
        if sealed:
            self._tx.many(s.AUDIT_SEAL, sealed)
            self._tx.run(s.AUDIT_HEAD_SET, position=position, chain=chain)
        return len(sealed)

    def tip(self) -> tuple[int, str]:
        """(how many are sealed, the chain's end)"""
        row = self._tx.row(s.AUDIT_TIP)
        assert row is not None
        return int(row[0]), str(row[1])

    def backlog(self) -> tuple[int, datetime | None]:
        """(how many are unsealed, since when the oldest one is)"""
        row = self._tx.row(s.AUDIT_BACKLOG)
        assert row is not None
        return int(row[0]), None if row[1] is None else moment(row[1])

    def chain(self, *, after: int = 0, limit: int = 1000) -> list[Line]:
        """Sealed lines in the chain's order, of every workspace."""
        return [line(row) for row in self._tx.rows(s.AUDIT_CHAIN, after=after, limit=limit)]

    def page(self, workspace: str, *, before: int = LAST, limit: int = 50) -> list[Line]:
        """The newest lines first; page on with the last `id`."""
        return [line(row) for row in self._tx.rows(s.AUDIT_PAGE, workspace=workspace, before=before, limit=limit)]

    def of_family(self, family: str, *, before: int = LAST, limit: int = 1000) -> list[Line]:
        """Of one candidate (or job), the newest first."""
        return [line(row) for row in self._tx.rows(s.AUDIT_OF_FAMILY, family=family, before=before, limit=limit)]

    def between(
        self, workspace: str, since: datetime, until: datetime, *, after: int = 0, limit: int = 1000
    ) -> list[Line]:
        """Of a time, the oldest first; page on with the last `id`."""
        return [
            line(row)
            for row in self._tx.rows(
                s.AUDIT_BETWEEN,
                workspace=workspace,
                since=maybe_stamp(since),
                until=maybe_stamp(until),
                after=after,
                limit=limit,
            )
        ]

    # ------------------------------------------------------------------------------------------------------ salts

    def salt(self, workspace: str, scope: str, make: Callable[[], str]) -> str:
        """The salt of a scope (a family), made at first use."""
        row = self._tx.row(s.SALT, scope=scope)
        if row is None:
            self._tx.run(s.SALT_ADD, scope=scope, workspace=workspace, salt=make())
            row = self._tx.row(s.SALT, scope=scope)
        assert row is not None
        return row[0]

    def salts(self, scopes: Collection[str]) -> dict[str, str]:
        """Those that are still there."""
        return dict(self._tx.rows(s.SALTS, scopes=scopes)) if scopes else {}

    def forget(self, scope: str) -> None:
        """Erase a salt: digests made with it say nothing any more."""
        self._tx.run(s.SALT_DROP, scope=scope)


def line(row: Row) -> Line:
    """A row of the table as a line."""
    id, workspace, at, action, family, record, connection, kind, actor, body, digest, position, chain = row
    entry = Entry(workspace, moment(at), action, kind, actor, loads(body), family, record, connection)
    return Line(id, entry, digest, position, chain)
