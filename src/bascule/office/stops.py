"""The stop button: nothing more is written to a connection until a person releases it. Reading goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bascule.errors import InputError
from bascule.model import Actor
from bascule.store import Tx
from bascule.store.connections import Stop

from .desk import Desk

NOTICE = "writes stopped"
NAMED = 10  # of those that wait, this many are named


@dataclass(frozen=True, slots=True)
class Waiting:
    """A candidate or job with something to be written, the longest waiting first. `name` is empty where it has none."""

    record: str
    kind: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What waits at a connection. `under_way`: families that were being written to when the writes were stopped, and
    whose last request has not ended yet: 0 means that the stop has taken effect."""

    stop: Stop | None
    calls: tuple[tuple[str, int, datetime], ...]  # call, how many, since when
    first: tuple[Waiting, ...]
    under_way: int

    @property
    def writes(self) -> int:
        return sum(n for _, n, _ in self.calls)

    @property
    def oldest(self) -> datetime | None:
        return min((at for _, _, at in self.calls), default=None)


class Stops:
    """`app.stops`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def stop(self, name: str, actor: Actor, why: str) -> HeldBack:
        """From now on no write to the connection begins, in whatever process; a request on its way is let end. What is
        to be written stays due. Stopped already: the first stop stays. InputError without a reason."""
        why, at = why.strip(), self._desk.connections.named(name)
        if not why:
            raise InputError("Say why the writes are stopped.", hint="The reason is shown to everybody.")

        def unit(tx: Tx) -> None:
            if tx.connections.stopped(at.id) is not None:
                return
            now = self._desk.now()
            stop = Stop(actor.name or actor.id or "a person", why, now)
            tx.connections.stop(at.id, stop)
            self._note(tx, at.id, "writes stopped", actor, why, now)
            text = f"{name}: {stop.words.rstrip('.')}. See what waits, and release it, on its page."
            tx.notices.put(at.row.workspace, NOTICE, at.id, text, now=now, connection=at.id)

        await self._change(unit)
        return await self.held_back(name)

    async def release(self, name: str, actor: Actor, why: str = "") -> HeldBack:
        """What waits goes, in order; what it was is told. InputError where nothing is stopped."""
        at = self._desk.connections.named(name)
        held = await self.held_back(name)

        def unit(tx: Tx) -> None:
            if tx.connections.stopped(at.id) is None:
                raise InputError(f"The writes of {name} are not stopped.")
            now = self._desk.now()
            tx.connections.stop(at.id, None)
            self._note(tx, at.id, "writes released", actor, why.strip(), now)
            tx.notices.close(at.row.workspace, NOTICE, at.id, now=now)

        await self._change(unit)
        return held

    async def held_back(self, name: str) -> HeldBack:
        """What waits to be written to a connection now, stopped or not."""
        at = self._desk.connections.named(name)
        return await self._desk.store.read(lambda tx: held_back(tx, at.id, self._desk.now()))

    async def _change(self, unit: Callable[[Tx], None]) -> None:
        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        self._desk.reload()

    def _note(self, tx: Tx, connection: str, action: str, actor: Actor, why: str, now: datetime) -> None:
        tx.audit.record(
            workspace=self._desk.workspace, at=now, action=action, actor=actor, connection=connection,
            detail={"why": why},
        )  # fmt: skip


def held_back(tx: Tx, connection: str, now: datetime) -> HeldBack:
    """What waits to be written to a connection."""
    found = tx.pages.held_back(connection, NAMED)
    names = tx.pages.names([family for family, _ in found.first])
    roots = [(tx.families.family(family).root, names.get(family, ""), since) for family, since in found.first]
    first = tuple(
        Waiting(root.id, str(root.kind), name or str(root.fields.get("title") or ""), since)
        for root, name, since in roots
    )
    under_way = tx.writes.under_way(connection, now=now)
    return HeldBack(tx.connections.stopped(connection), found.calls, first, under_way)
