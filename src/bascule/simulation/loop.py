"""An event loop without a clock, threads or sockets: time is what the next timer says, and the order is drawn by seed.

Nothing waits. When nothing is ready the loop's time jumps to the next timer, so that an hour of outage costs no more
than what happens in it. What is ready at once runs in an order drawn from the seed: any order could be a real one.
"""

from __future__ import annotations

import asyncio
import random
import selectors
import time
import warnings
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeVar, cast

T = TypeVar("T")

BEGINNING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HAIR = timedelta(microseconds=1)
CIRCLES = 2_000  # turns of the loop in which no time passes, after which somebody goes in circles


class Stuck(RuntimeError):
    """Nothing is ready and nothing is due: somebody waits for what can never come. Or there is always something ready:
    somebody goes in circles."""


class _Timers:
    """Stands where a real loop waits for sockets: there are none, so the time of the next timer comes at once."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[tuple[Any, int]]:
        if timeout is None:
            raise Stuck("Nothing is ready and nothing is due.")
        if timeout > 0:
            self._loop.leap()
        return []

    def close(self) -> None:
        return


class VirtualLoop(asyncio.BaseEventLoop):
    """The loop of one simulated run."""

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, seed: str) -> None:
        super().__init__()
        self._selector = _Timers(self)
        self._dice = random.Random(seed)
        self._seconds = 0.0
        self._turns = 0

    def time(self) -> float:
        return self._seconds

    def leap(self) -> None:
        """To the next timer."""
        when = self._scheduled[0].when()
        if when > self._seconds:
            self._seconds, self._turns = when, 0

    def _run_once(self) -> None:
        self._turns += 1
        if self._turns > CIRCLES:
            self._turns = 0
            raise Stuck("Something is always ready, and no time passes.")
        if len(self._ready) > 1:
            order = list(self._ready)
            self._dice.shuffle(order)
            self._ready.clear()
            self._ready.extend(order)
        super()._run_once()  # type: ignore[misc]

    def _process_events(self, event_list: Iterable[Any]) -> None:
        return

    def _write_to_self(self) -> None:
        return

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> NoReturn:
        raise RuntimeError(f"A thread in the simulation: {func}")


class _Sooner:
    """Waits for sockets as a real loop does, for a fraction of the time."""

    def __init__(self, real: selectors.BaseSelector) -> None:
        self._real = real
        self.speed = 1.0

    def select(self, timeout: float | None = None) -> Any:
        return self._real.select(timeout if timeout is None else timeout / self.speed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class HastyLoop(asyncio.SelectorEventLoop):
    """A loop with threads whose time is the wall's, and after a while a multiple of it. Nothing in it replays."""

    def __init__(self) -> None:
        self._waits = _Sooner(selectors.DefaultSelector())
        self._passed, self._since = 0.0, time.monotonic()
        super().__init__(cast(selectors.BaseSelector, self._waits))

    def time(self) -> float:
        return self._passed + (time.monotonic() - self._since) * self._waits.speed

    def hasten(self, speed: float) -> None:
        """From now on time passes so many times as fast."""
        self._passed, self._since = self.time(), time.monotonic()
        self._waits.speed = speed


class Clock:
    """The loop's time as a date, a hair later at every look, so that no two things happen at one time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._last = BEGINNING
        self.zero = 0.0  # the loop's time from which a run counts its seconds
        self.leapt = 0.0  # seconds by which dates have gone ahead of the loop's time

    def __call__(self) -> datetime:
        self._last = max(self._last + HAIR, BEGINNING + timedelta(seconds=self._loop.time() + self.leapt))
        return self._last

    @property
    def seconds(self) -> float:
        """Since the run began to count; looking does not move it."""
        return self._loop.time() - self.zero

    def leap(self, seconds: float) -> None:
        """So much time has passed, in which nothing happened."""
        self.leapt += seconds

    def count(self, seconds: float = 0.0) -> None:
        """Now is so many seconds, from here on."""
        self.zero = self._loop.time() - seconds


def run(seed: str, main: Callable[[Clock], Coroutine[Any, Any, T]]) -> T:
    """Run `main` to its end on a loop of its own."""
    loop = VirtualLoop(seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)  # ended before it began
        try:
            return loop.run_until_complete(main(Clock(loop)))
        finally:
            _end(loop)


def run_hastily(main: Callable[[Clock, HastyLoop], Coroutine[Any, Any, T]]) -> T:
    """The same in real time, which `main` may hasten."""
    loop = HastyLoop()
    try:
        return loop.run_until_complete(main(Clock(loop), loop))
    finally:
        _end(loop)


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """Whatever is under way stops where it stands."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()
