"""The one door to clock, ids, randomness, tasks and the network.

The engine knows of the world only what a `Runtime` gives it, so that a whole run can be repeated: a simulation passes
a virtual clock, seeded ids and an in-process transport, and stops the engine at any `point`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from bascule.store.sight import seeing

from .traces import Traces
from .wire import Transport

T = TypeVar("T")

CYCLES = (20_000, 20, 50)
"""How seldom cycles of garbage are looked for. Values make none, and every look of the last kind goes through all that
a process holds, the scorer's tables among it, while everybody waits."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on the quicker loop, where there is one, for a process that lives as long as this work."""
    gc.set_threshold(*CYCLES)
    if sys.platform == "win32":
        return asyncio.run(work)
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def stopper() -> asyncio.Event:
    """Set by Ctrl-C or a termination signal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    return stop


def uuid7(milliseconds: int, entropy: bytes) -> int:
    """A UUIDv7 (RFC 9562) from a Unix time in milliseconds and ten random bytes."""
    value = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(entropy, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return value & ~(0x3 << 62) | 0x2 << 62


def spelled(uuid: int) -> str:
    """A UUID as it is written."""
    text = f"{uuid:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _pass(_where: str) -> None:
    """Where a simulation may crash the engine; in a real run nothing happens."""


@dataclass
class Runtime:
    """Clock, ids, tasks and the transport. `point(name)` stands before and after every commit and every send."""

    transport: Transport
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    entropy: Callable[[int], bytes] = os.urandom
    random: random.Random = field(default_factory=random.SystemRandom)
    point: Callable[[str], None] = _pass
    traces: Traces = field(init=False)
    _last: int = field(default=0, init=False)
    _one_by_one: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=lambda: set[asyncio.Task[Any]]())

    def __post_init__(self) -> None:
        self.traces = Traces(lambda: self.now())

    def id(self) -> str:
        """A new identifier of ours. Those of one process grow, also within a millisecond and where the clock is set
        back (RFC 9562, section 6.2), so that who was met first sorts first."""
        new = uuid7(int(self.now().timestamp() * 1000), self.entropy(10))
        with self._one_by_one:
            self._last = new = max(new, self._last + 1)
        return spelled(new)

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Start a task and keep it referenced until it ends (a task nobody holds may be collected while it waits)."""
        with seeing(None):  # what goes on behind a request is done for everybody
            task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self, within: float) -> None:
        """Wait for spawned tasks for so many seconds of the wall's time, then cancel those that still run."""
        if tasks := set(self._tasks):
            _, late = await asyncio.wait(tasks, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def settle(self) -> None:
        """Wait until every other spawned task has ended (the caller may be one itself)."""
        while others := self._tasks - {asyncio.current_task()}:
            await asyncio.gather(*others, return_exceptions=True)
