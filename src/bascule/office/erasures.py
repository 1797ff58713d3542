"""Erasing people on request: begin one, see how far it is, and its certificate."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bascule.core.erasure import Policy, policy
from bascule.errors import InputError
from bascule.model import Actor
from bascule.store import Tx
from bascule.store.erasure import Erased
from bascule.store.listing import name_of
from bascule.trust.backup import backup
from bascule.trust.erasure import Erasing, Foreseen

from .desk import Desk


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do. `backups`: when the last one that holds the person expires."""

    name: str
    systems: Sequence[Foreseen]
    backups: datetime | None


class Erasures:
    """`app.erasures`."""

    def __init__(self, desk: Desk, erasing: Erasing) -> None:
        self._desk = desk
        self._erasing = erasing

    async def begin(self, candidate_id: str, actor: Actor) -> Erased:
        """Erase a candidate everywhere; it goes on by itself. Raises what stands against it; then nothing has begun."""
        id = await self._erasing.begin(candidate_id, actor)
        self._desk.wake()
        return await self.get(id)

    async def foreseen(self, candidate_id: str) -> Plan:
        """What erasing a candidate would do, and who it is. NotFoundError if there is nobody."""

        def read(tx: Tx) -> Plan:
            family = tx.families.family(self._desk.family_of(tx, candidate_id))
            until = tx.erasure.backups_until(self._desk.workspace)
            kept = until if until is not None and until > self._desk.now() else None
            return Plan(name_of(family.root), tuple(self._erasing.foreseen(tx, family)), kept)

        return await self._desk.store.read(read)

    async def follow(self, name: str, chosen: str, actor: Actor) -> Policy:
        """Choose what follows here when that system anonymises a person. InputError for what is no policy."""
        if chosen not in set(Policy):
            raise InputError(f"There is no policy {chosen!r}.", hint=f"There are: {', '.join(Policy)}.")
        desk, at = self._desk, self._desk.connections.named(name)

        def unit(tx: Tx) -> None:
            row = tx.connections.get(at.id)
            before = policy(row.settings)
            tx.connections.set(replace(row, settings={**row.settings, "erasure": chosen}))
            tx.audit.record(
                workspace=row.workspace, at=desk.now(), action="erasure policy changed", actor=actor, connection=at.id,
                detail={"policy": chosen, "before": str(before)},
            )  # fmt: skip

        await desk.store.write(unit)
        await desk.connections.refresh()
        return Policy(chosen)

    def policy(self, name: str) -> Policy:
        """What follows here when that system anonymises a person."""
        return policy(self._desk.connections.named(name).row.settings)

    async def backup(self, file: str, days: int, actor: Actor) -> Mapping[str, Any]:
        """Write a backup into a file of this machine, to be thrown away after so many days. InputError unless its whole
        path is given: where this process runs is nothing that a caller knows."""
        if not Path(file).is_absolute():
            raise InputError(f"{file} is no whole path.", hint="Say where on this machine, beginning with /.")
        desk = self._desk
        told = await asyncio.to_thread(
            backup,
            desk.store,
            desk.settings.data,
            Path(file),
            desk.workspace,
            now=desk.now(),
            keep=timedelta(days=days),
        )
        await desk.note(actor, "backup made", detail={"expires": told["expires"]})
        return told

    async def get(self, id: str) -> Erased:
        """One erasure, with its certificate once it is done."""
        return await self._desk.store.read(lambda tx: tx.erasure.get(id))

    async def recent(self, limit: int = 50) -> Sequence[Erased]:
        """The newest first."""
        return await self._desk.store.read(lambda tx: tx.erasure.list(self._desk.workspace, limit=limit))
