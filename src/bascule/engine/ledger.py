"""What enters the audit: who did what to which record, when and why; values only as digests salted per person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from bascule.core import audit
from bascule.model import EMPTY, Actor, Fields, Value
from bascule.store import Tx
from bascule.store.audit import Entry

from .runtime import Runtime


def digest(entry: Entry) -> str:
    """The digest of an entry: of everything it says, in canonical form."""
    said = asdict(entry)
    said["at"] = entry.at.isoformat()
    said["body"] = dict(entry.body)
    return audit.digest(said)


class Ledger:
    """Appends to the audit inside a unit of work."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def add(
        self,
        tx: Tx,
        *,
        workspace: str,
        action: str,
        actor: Actor,
        at: datetime | None = None,
        family: str | None = None,
        record: str | None = None,
        connection: str | None = None,
        detail: Fields = EMPTY,
        values: Mapping[str, Value] = EMPTY,
    ) -> None:
        """One entry. `values` are fields and what they became: kept as salted digests, which erasure makes mute."""
        self.add_all(tx, [self.entry(tx, workspace=workspace, action=action, actor=actor, at=at, family=family, record=record, connection=connection, detail=detail, values=values)])

    def add_all(self, tx: Tx, entries: Sequence[Entry]) -> None:
        tx.audit.add(entries, digest)

    def entry(
        self,
        tx: Tx,
        *,
        workspace: str,
        action: str,
        actor: Actor,
        at: datetime | None = None,
        family: str | None = None,
        record: str | None = None,
        connection: str | None = None,
        detail: Fields = EMPTY,
        values: Mapping[str, Value] = EMPTY,
    ) -> Entry:
        body: dict[str, Value] = {key: value for key, value in detail.items() if value not in ("", None, ())}
        if values:
            salt = tx.audit.salt(workspace, family or workspace, lambda: self._runtime.entropy(16).hex())
            body["fields"] = tuple(sorted(values))
            body["values"] = {name: audit.value(salt, value) for name, value in values.items()}
        return Entry(
            workspace=workspace,
            at=at or self._runtime.now(),
            action=action,
            actor_kind=str(actor.kind),
            actor_id=actor.id or actor.name,
            body=body,
            family=family,
            record=record,
            connection=connection,
        )

    def seal(self, tx: Tx) -> int:
        """Join what is unsealed to the chain; how many entries."""
        return tx.audit.seal(audit.link)
