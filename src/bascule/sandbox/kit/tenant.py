"""One simulated tenant: what all of them have, whoever the vendor is."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Generic, Self, TypeVar

from .faults import Faults
from .hooks import SILENT, Deliver, Hooks, Manner, refuse
from .ids import Id
from .options import Options
from .overwrites import Overwrites
from .tables import NONE, Change, Database, Kind
from .trouble import Words

Chosen = TypeVar("Chosen", bound=Options)


def wall_clock() -> datetime:
    return datetime.now(UTC)


class Tenant(ABC, Generic[Chosen]):
    """Tables, log of changes, webhooks, faults and counters, under a clock, a sleep and a transport from outside.

    A vendor's sandbox inherits it, adds its credentials and settings, fills itself, and at the end of its `__init__`
    says `self.faults.deeds = ...` and `self.faults.load(options.faults)`. A program that wants everything at once uses
    `server.serve`; a test holds the clock, sends requests to the application, and calls `hooks.deliver_due()` when
    deliveries should leave.
    """

    # How the vendor words the errors that faults make it answer.
    words = Words()

    def __init__(
        self,
        options: Chosen,
        kinds: Mapping[str, Kind],
        *,
        manner: Manner = SILENT,
        entries: Mapping[str, Callable[[Database, Any], str]] = NONE,
        now: Callable[[], datetime] = wall_clock,
        deliver: Deliver = refuse,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.options = options
        self.sleep = sleep
        self.random = Random(options.seed)
        self.faults = Faults(now, seed=options.seed)
        self.db = Database(kinds, now, self.faults.skew, entries=entries)
        self.db.noted = self.noted
        self.overwrites = Overwrites()
        self.hooks = Hooks(self.db, deliver, self.faults, manner, limit=options.queue)
        # Ids, by kind, that the interface does not show although they exist.
        self.hidden: dict[str, set[Id]] = {}
        # Requests answered, by (method, endpoint, status).
        self.requests: Counter[tuple[str, str, int]] = Counter()

    def noted(self, change: Change) -> None:
        """Told of every change as it is logged."""
        self.overwrites.noted(change)

    def now(self) -> datetime:
        """The time as this tenant has it."""
        return self.db.now()

    def as_of(self, seconds: float) -> Self:
        """This tenant as a replica shows it that is so many seconds behind; to be read only."""
        past = copy(self)
        past.db = self.db.as_of(self.db.real_now() - timedelta(seconds=seconds))
        return past

    def seen(self, kind: str, row: Mapping[str, Any]) -> bool:
        """Whether the interface shows a row at all: not while a fault hides it, nor before `visible_at`."""
        visible = row.get("visible_at")
        return row["id"] not in self.hidden.get(kind, ()) and (visible is None or visible <= self.now())

    def people(self) -> int:
        """How many people there are."""
        return len(self.db["candidates"]) if "candidates" in self.db.tables else 0

    @abstractmethod
    def add_people(self, count: int, *, dirty: bool = False) -> int:
        """Fill in more people while it runs; how many there are now."""

    def forget_tokens(self) -> None:
        """Every access token given so far stops working."""

    @contextmanager
    def history(self) -> Generator[None]:
        """Fill in without change log and webhooks, at whatever past moment `db.pretend` says."""
        db, hooks = self.db, self.hooks
        logging, db.logging, hooks.muted = db.logging, False, True
        try:
            yield
        finally:
            db.logging, db.pretend, hooks.muted = logging, None, False
