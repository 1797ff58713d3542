"""One life of the engine: from a start to a crash. After it nothing of the engine can act any more."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from bascule.engine.runtime import Runtime
from bascule.engine.wire import Transport, WireRequest, WireResponse
from bascule.store import Dialect, Store, Tx

T = TypeVar("T")


class Crashed(BaseException):
    """The process is gone. No handler of ours may catch it, and nothing may be done after it."""


@dataclass
class Life:
    """Whether this life goes on. `strike` is asked at every point, and says whether the engine crashes there."""

    strike: Callable[[str], bool]
    died: Callable[[str], None]
    alive: bool = True
    points: int = 0

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
        life.go_on()

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
        self.life.point("before request")
        try:
            return await self.transport.send(request, timeout)
        finally:
            if self.life.alive:
                self.life.point("after request")

    async def close(self) -> None:
        return


class Door:
    """The way to the store, with a point before and after each commit. Others run between two units."""

    def __init__(self, store: Store, life: Life) -> None:
        self._store = store
        self._life = life
        self.shared = store.shared

    @property
    def dialect(self) -> Dialect:
        return self._store.dialect

    async def write(self, unit: Callable[[Tx], T]) -> T:
        await asyncio.sleep(0)
        self._life.point("before commit")
        done = self._store.transact(unit)
        self._life.point("after commit")
        return done

    async def read(self, query: Callable[[Tx], T]) -> T:
        await asyncio.sleep(0)
        self._life.go_on()
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
