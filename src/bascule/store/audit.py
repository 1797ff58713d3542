"""The audit table: rows are only added; the holder of the head seals them into the chain.

The arithmetic (a row's digest, and how a digest joins the chain) is handed to `open_store`. Personal values enter as
salted digests; their salts live in a table of their own and go with the person, and the chain still verifies.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import ConfigurationError
from ..model import EMPTY, Actor, ActorKind, Fields, Value
from . import statements as s
from .codec import dumps, loads, maybe_stamp, moment, stamp
from .inbox import LAST

if TYPE_CHECKING:
    from .shared import Arithmetic
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as kept. `values` are salted digests. `position` and `chain` are None until it is sealed."""

    id: int
    workspace: str
    at: datetime
    action: str
    actor_kind: ActorKind
    actor_id: str
    family: str | None
    record: str | None
    connection: str | None
    detail: Fields
    values: Mapping[str, str]
    digest: str
    position: int | None
    chain: str | None

    def content(self) -> dict[str, object]:
        """What is digested: the entry without its place in the chain."""
        return _content(
            workspace=self.workspace,
            at=self.at,
            action=self.action,
            actor=(self.actor_kind, self.actor_id),
            about=(self.family, self.record, self.connection),
            detail=self.detail,
            values=self.values,
        )


def _content(
    *,
    workspace: str,
    at: datetime,
    action: str,
    actor: tuple[str, str],
    about: tuple[str | None, str | None, str | None],
    detail: Fields,
    values: Mapping[str, str],
) -> dict[str, object]:
    return {
        "workspace": workspace,
        "at": moment(stamp(at)).isoformat(),
        "action": action,
        "actor": {"kind": str(actor[0]), "id": actor[1]},
        "family": about[0],
        "record": about[1],
        "connection": about[2],
        "detail": dict(detail),
        "values": dict(values),
    }


class Audit:
    """`tx.audit`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._salts: dict[str, str] = {}

    def record(
        self,
        *,
        workspace: str,
        at: datetime,
        action: str,
        actor: Actor,
        family: str | None = None,
        record: str | None = None,
        connection: str | None = None,
        detail: Fields = EMPTY,
        values: Mapping[str, Value] = EMPTY,
    ) -> None:
        """Append an entry with its digest, in the commit of what it tells of.

        `detail` holds references (ids, codes, versions), never a personal value; `values` are kept as digests salted
        with the family's salt, or the workspace's where the entry is of no family.
        """
        sums = self._arithmetic
        salt = self._salt(workspace, family or f"workspace {workspace}") if values else ""
        kept = {name: sums.value(salt, value) for name, value in values.items()}
        content = _content(
            workspace=workspace,
            at=at,
            action=action,
            actor=(actor.kind, actor.id),
            about=(family, record, connection),
            detail=detail,
            values=kept,
        )
        self._tx.run(
            s.AUDIT_ADD,
            workspace=workspace,
            at=stamp(at),
            action=action,
            family=family,
            record=record,
            connection=connection,
            actor_kind=actor.kind,
            actor_id=actor.id,
            body=dumps({"detail": detail, "values": kept}),
            digest=sums.digest(content),
        )

    def seal(self, *, limit: int = 1000) -> int:
        """Join up to `limit` unsealed rows to the chain; how many. 0 too where another worker is at it."""
        head = self._tx.row(s.AUDIT_HEAD)
        if head is None:
            return 0
        position, chain = int(head[0]), str(head[1]) or self._arithmetic.genesis
        sealed: list[dict[str, object]] = []
        for id, digest in self._tx.rows(s.AUDIT_UNSEALED, limit=limit):
            position, chain = position + 1, self._arithmetic.link(chain, digest)
            sealed.append({"id": id, "position": position, "chain": chain})
        if sealed:
            self._tx.many(s.AUDIT_SEAL, sealed)
            self._tx.run(s.AUDIT_HEAD_SET, position=position, chain=chain)
        return len(sealed)

    @property
    def _arithmetic(self) -> Arithmetic:
        if self._tx.shared.arithmetic is None:
            raise ConfigurationError("This store was opened without the audit's arithmetic.")
        return self._tx.shared.arithmetic

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

    def told(self, workspace: str, *, before: int = LAST, limit: int = 50) -> list[Line]:
        """As `page`, without pulls: one is noted for each endpoint every few seconds, and hides all else."""
        return [line(row) for row in self._tx.rows(s.AUDIT_TOLD, workspace=workspace, before=before, limit=limit)]

    def of_action(self, workspace: str, action: str, *, before: int = LAST, limit: int = 50) -> list[Line]:
        """Entries of one action, the newest first."""
        rows = self._tx.rows(s.AUDIT_OF_ACTION, workspace=workspace, action=action, before=before, limit=limit)
        return [line(row) for row in rows]

    def of_actor(self, workspace: str, actor: str, *, before: int = LAST, limit: int = 50) -> list[Line]:
        """What one kind of actor did, without pulls, the newest first."""
        rows = self._tx.rows(s.AUDIT_OF_ACTOR, workspace=workspace, actor=actor, before=before, limit=limit)
        return [line(row) for row in rows]

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

    def _salt(self, workspace: str, scope: str) -> str:
        if scope not in self._salts:
            row = self._tx.row(s.SALT, scope=scope)
            if row is None:
                self._tx.run(s.SALT_ADD, scope=scope, workspace=workspace, salt=secrets.token_hex(16))
                row = self._tx.row(s.SALT, scope=scope)
            assert row is not None
            self._salts[scope] = row[0]
        return self._salts[scope]

    def salts(self, scopes: Collection[str]) -> dict[str, str]:
        """Those that are still there."""
        return dict(self._tx.rows(s.SALTS, scopes=scopes)) if scopes else {}

    def forget(self, scope: str) -> None:
        """Erase a family's salt: digests made with it say nothing any more."""
        self._tx.run(s.SALT_DROP, scope=scope)
        self._salts.pop(scope, None)


def line(row: Row) -> Line:
    """A row of the table as a line."""
    id, workspace, at, action, family, record, connection, kind, actor, text, digest, position, chain = row
    body = loads(text)
    return Line(
        id=id,
        workspace=workspace,
        at=moment(at),
        action=action,
        actor_kind=ActorKind(kind),
        actor_id=actor,
        family=family,
        record=record,
        connection=connection,
        detail=body["detail"],
        values=body["values"],
        digest=digest,
        position=position,
        chain=chain,
    )
