"""How many requests a caller may make: fixed windows, buckets that refill, and how many at once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from .options import Rate


@dataclass(frozen=True)
class Usage:
    """Where a caller stands after a request. `reset` is when it starts anew, in epoch seconds, `wait` the seconds until
    the next request is worth a try."""

    limit: int
    remaining: int
    reset: int
    wait: int

    @property
    def exceeded(self) -> bool:
        return self.remaining < 0

    def headers(
        self, limit: str = "X-RateLimit-Limit", remaining: str = "X-RateLimit-Remaining",
        reset: str = "X-RateLimit-Reset", retry: str = "Retry-After", *, reset_in: bool = False,
    ) -> dict[str, str]:  # fmt: skip
        """The headers under the vendor's names; an empty name leaves one out. `reset_in`: seconds left, not a time."""
        told = {limit: self.limit, remaining: max(self.remaining, 0), reset: self.wait if reset_in else self.reset}
        if self.exceeded:
            told[retry] = self.wait
        return {name: str(value) for name, value in told.items() if name}


class Windows:
    """Counts requests for each key in windows of fixed length that start together, not with the first request."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._used: dict[object, tuple[int, int]] = {}

    def take(self, key: object, now: datetime) -> Usage:
        at = now.timestamp()
        window = math.floor(at / self.rate.seconds)
        seen, used = self._used.get(key, (window, 0))
        used = used if seen == window else 0
        if used < self.rate.limit:
            self._used[key] = (window, used + 1)
        end = (window + 1) * self.rate.seconds
        return Usage(self.rate.limit, self.rate.limit - used - 1, math.ceil(end), max(math.ceil(end - at), 1))


class Buckets:
    """A bucket for each key that holds `burst` requests and is filled up with `rate`."""

    def __init__(self, rate: Rate, burst: int) -> None:
        self.rate = rate
        self.burst = burst
        self._held: dict[object, tuple[float, float]] = {}

    def take(self, key: object, now: datetime) -> Usage:
        at, per_second = now.timestamp(), self.rate.limit / self.rate.seconds
        held, since = self._held.get(key, (float(self.burst), at))
        held = min(held + max(at - since, 0.0) * per_second, float(self.burst))
        enough = held > 1 - 1e-6
        left = held - 1 if enough else held
        self._held[key] = (left, at)
        full = math.ceil(at + (self.burst - left) / per_second)
        wait = max(math.ceil((1 - left) / per_second), 1) if left < 1 else 1
        return Usage(self.burst, max(math.floor(left + 1e-6), 0) if enough else -1, full, wait)


class Together:
    """How many requests of one key may be under way at once."""

    def __init__(self, most: int | Callable[[object], int]) -> None:
        self._most = most
        self._running: Counter[object] = Counter()

    @contextmanager
    def entered(self, key: object) -> Generator[Usage]:
        """While one is under way. Where `exceeded`, it must be refused."""
        most = self._most if isinstance(self._most, int) else self._most(key)
        self._running[key] += 1
        try:
            yield Usage(most, most - self._running[key], 0, 1)
        finally:
            self._running[key] -= 1
