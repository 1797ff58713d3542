"""What can be chosen when any sandbox starts. A vendor's own `Options` adds its traits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rate:
    """At most `limit` requests in each fixed window of `seconds`."""

    limit: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read "75/30" (75 requests in 30 seconds). Raises ValueError with an example when it cannot."""
        limit, slash, seconds = text.partition("/")
        try:
            rate = cls(int(limit), float(seconds if slash else "30"))
        except ValueError:
            raise ValueError(f"rate {text!r} is not understood: write requests/seconds, for example 75/30") from None
        if rate.limit < 1 or rate.seconds <= 0:
            raise ValueError(f"rate {text!r} must allow at least 1 request in more than 0 seconds")
        return rate


@dataclass(frozen=True)
class Options:
    """One tenant's fixed traits. The same options give the same data, ids and keys."""

    seed: int = 1
    # How many people to fill in before the server answers its first request.
    candidates: int = 0
    # Fill it as real tenants look after some years, where the vendor's sandbox knows how.
    dirty: bool = False
    # Seconds each answer of the interface takes.
    latency: float = 0.0
    # The jobs to open at the start; None for four of our own. Keys: title, department, office, description, notes,
    # questions (texts or {label, required, type}), stages (names), openings (a number), confidential.
    jobs: Sequence[Mapping[str, Any]] | None = None
    # How many deliveries may wait; the oldest is dropped, and listed as dropped, beyond that.
    queue: int = 100_000
    # Faults to order at the start, as in docs/sandbox.md.
    faults: Sequence[Mapping[str, Any]] = ()
