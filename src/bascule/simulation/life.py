"""One life of the engine: from a start to a crash. After it nothing of the engine can act any more.

A life may stand still for a while, as a process does that was stopped or whose machine slept: nothing in it happens
meanwhile, and everything else goes on.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from bascule.engine.runtime import Runtime
from bascule.engine.wire import Transport, WireRequest, WireResponse
from bascule.model import Family
from bascule.store import Dialect, Store, Tx
from bascule.store.families import Families
from bascule.store.sql import Sql

T = TypeVar("T")
FAMILIES = Sql("SELECT id FROM families ORDER BY id")


class Crashed(BaseException):
    """The process is gone. No handler of ours may catch it, and nothing may be done after it."""


@dataclass
class Life:
    """Whether this life goes on. `strike` is asked at every point, and says whether the engine crashes there. `meets`
    says for how many seconds a commit is overtaken by others, after it has read; 0 where it is not."""

    strike: Callable[[str], bool]
    died: Callable[[str], None]
    meets: Callable[[], float]
    alive: bool = True
    points: int = 0
    _stands: asyncio.Event | None = None  # set when a life that stands still goes on

    @property
    def stands_still(self) -> bool:
        return self._stands is not None

    def stand_still(self) -> None:
        self._stands = self._stands or asyncio.Event()

    def wake(self) -> None:
        if self._stands is not None:
            self._stands.set()
            self._stands = None

    async def running(self) -> None:
        """Every call to the world waits here while the life stands still."""
        while self._stands is not None:
            await self._stands.wait()
        self.go_on()

    def go_on(self) -> None:
        if not self.alive:
            raise Crashed

    def point(self, where: str) -> None:
        self.go_on()
        self.points += 1
        if self.strike(where):
            self.end(where)
            raise Crashed

    def end(self, where: str) -> None:
        self.alive = False
        self.died(where)


@dataclass
class Mortal(Runtime):
    """A runtime of one life: every call raises once it is over."""

    life: Life = field(kw_only=True)

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        if not self.life.alive:
            work.close()
            raise Crashed
        return super().spawn(work, name)


def runtime(life: Life, transport: Transport, now: Callable[[], datetime], entropy: random.Random) -> Mortal:
    def clock() -> datetime:
        life.go_on()
        return now()

    def seconds() -> float:
        life.go_on()
        return asyncio.get_running_loop().time()

    async def sleep(delay: float) -> None:
        life.go_on()
        await asyncio.sleep(delay)
        await life.running()

    def drawn(n: int) -> bytes:
        life.go_on()
        return entropy.randbytes(n)

    return Mortal(
        Wire(transport, life), now=clock, monotonic=seconds, sleep=sleep, entropy=drawn,
        random=random.Random(entropy.random()), point=life.point, life=life,
    )  # fmt: skip


@dataclass
class Wire:
    """The way to the network, with a point before and after each request."""

    transport: Transport
    life: Life

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        await self.life.running()
        self.life.point("before request")
        try:
            return await self.transport.send(request, timeout)
        finally:
            if self.life.alive:
                await self.life.running()
                self.life.point("after request")

    async def close(self) -> None:
        return


class Earlier(Families):
    """The families as a commit has read them that others have overtaken since. Where they hold other records or links
    by now they are shown as they are: what else the commit reads would not fit."""

    def __init__(self, tx: Tx, before: Mapping[str, Family]) -> None:
        super().__init__(tx)
        self._before = before

    def families(self, ids: Collection[str]) -> dict[str, Family]:
        return {id: self._as_it_was(family) for id, family in super().families(ids).items()}

    def _as_it_was(self, now: Family) -> Family:
        before = self._before.get(now.id)
        if before is None or (before.records.keys(), before.links.keys()) != (now.records.keys(), now.links.keys()):
            return now
        return before


class Door:
    """The way to the store, with a point before and after each commit. Others run between two units, and, where the
    database has several writers, between what a unit has read of a family and its commit."""

    def __init__(self, store: Store, life: Life) -> None:
        self._store = store
        self._life = life
        self.shared = store.shared

    @property
    def dialect(self) -> Dialect:
        return self._store.dialect

    @property
    def alone(self) -> bool:
        return self._store.alone

    async def write(self, unit: Callable[[Tx], T]) -> T:
        await asyncio.sleep(0)
        await self._life.running()
        self._life.point("before commit")
        if overtaken := self._life.meets():
            unit = await self._overtaken(unit, overtaken)
        done = self._store.transact(unit)
        self._life.point("after commit")
        return done

    async def _overtaken(self, unit: Callable[[Tx], T], seconds: float) -> Callable[[Tx], T]:
        """The unit with the families as they are now, while others commit for so long."""
        before = self._store.query(lambda tx: tx.families.families([id for (id,) in tx.rows(FAMILIES)]))
        await asyncio.sleep(seconds)
        await self._life.running()

        def late(tx: Tx) -> T:
            tx.__dict__["families"] = Earlier(tx, before)
            return unit(tx)

        return late

    async def read(self, query: Callable[[Tx], T]) -> T:
        await asyncio.sleep(0)
        await self._life.running()
        return self._store.query(query)

    def transact(self, unit: Callable[[Tx], T]) -> T:
        self._life.go_on()
        return self._store.transact(unit)

    def query(self, query: Callable[[Tx], T]) -> T:
        self._life.go_on()
        return self._store.query(query)

    async def rotate(self) -> int:
        self._life.go_on()
        return await self._store.rotate()

    def copy(self, folder: Path) -> None:
        self._store.copy(folder)

    def scrub(self) -> None:
        self._store.scrub()

    async def close(self) -> None:
        """The database outlives every process."""


class Outdoors(Door):
    """The way to a server that runs what it is given in threads, several at a time: others really overtake."""

    async def write(self, unit: Callable[[Tx], T]) -> T:
        await self._life.running()
        self._life.point("before commit")
        done = await self._store.write(unit)
        await self._life.running()
        self._life.point("after commit")
        return done

    async def read(self, query: Callable[[Tx], T]) -> T:
        await self._life.running()
        found = await self._store.read(query)
        await self._life.running()
        return found
