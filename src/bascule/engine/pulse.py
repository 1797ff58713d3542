"""Is the bridge up? Measured twice a minute per connection, against a written objective; and did webhooks go quiet?

The objective (SLO): in 995 of 1,000 half minutes of the last 28 days the system can be asked and nothing has waited for
longer than five minutes. What may be missed is the error budget. While a person has paused a connection nothing is
measured; refused credentials and a system that is away count as down, whoever's fault it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bascule.connectors.spec import Reads
from bascule.model import Fields, Value
from bascule.store import Tx
from bascule.store.inbox import Heard
from bascule.store.incidents import Cause
from bascule.store.tasks import TaskLease

from . import incidents
from .connections import Connected, Connections
from .metrics import Metrics
from .rhythm import HOOKED, polled_only
from .runtime import Runtime

OBJECTIVE = 0.995
DAYS = 28
WAITED = timedelta(minutes=5)  # what has waited longer makes a half minute a bad one
EACH = 30.0
UPTIME, UNTOLD = "uptime", "untold"  # cursors
HERE = "here"  # the cursor that says that somebody worked, while a person had paused the connection
QUIET_AFTER = timedelta(minutes=10)  # no delivery for so long ...
FOUND = 3  # ... while polls found so many changes that webhooks should have told of: they went quiet
SILENT = incidents.NOTICE[Cause.WEBHOOKS]


@dataclass(frozen=True, slots=True)
class Uptime:
    """Good half minutes of all that were measured."""

    good: int = 0
    all: int = 0

    @property
    def share(self) -> float | None:
        """Which part of the time the bridge was up; None before it was measured."""
        return self.good / self.all if self.all else None

    @property
    def left(self) -> float | None:
        """Which part of the error budget is left; below 0: the objective is missed."""
        return 1 - (self.all - self.good) / (self.all * (1 - OBJECTIVE)) if self.all else None

    def as_json(self) -> dict[str, Any]:
        share, left = self.share, self.left
        return {
            "share": None if share is None else round(share, 6), "objective": OBJECTIVE, "days": DAYS,
            "budget_left": None if left is None else round(left, 4), "measured": self.all,
        }  # fmt: skip


def uptime(kept: Value) -> Uptime:
    """From what is kept: good and all, by day."""
    days: Mapping[str, Any] = kept if isinstance(kept, Mapping) else {}
    return Uptime(sum(good for good, _ in days.values()), sum(every for _, every in days.values()))


def counted(kept: Value, now: datetime, good: bool) -> Fields:
    """One more half minute; days that are too old go."""
    days: dict[str, Any] = dict(kept) if isinstance(kept, Mapping) else {}
    today = now.date().isoformat()
    was_good, was_all = days.get(today, (0, 0))
    days[today] = (was_good + good, was_all + 1)
    since = (now - timedelta(days=DAYS - 1)).date().isoformat()
    return {day: counts for day, counts in days.items() if day >= since}


def untold(kept: Value, found: Sequence[tuple[str, str]], last: datetime | None, now: datetime) -> Fields:
    """Polls have found changes that no webhook told of, of these objects (kind, external id); those before the newest
    delivery no longer count."""
    before: Mapping[str, Any] = kept if isinstance(kept, Mapping) else {}
    since = datetime.fromisoformat(before["since"]) if before else now
    if not before or (last is not None and last > since):
        before = {"n": 0, "since": now.isoformat()}
    of = (*incidents.remembered(before.get("of")), *found)[: incidents.MOST] if last is not None else ()
    return {"n": before["n"] + len(found), "since": before["since"], "of": of}


def silent(kept: Value, heard: Heard, now: datetime) -> datetime | None:
    """Since when webhooks that used to arrive have gone quiet while changes happen; None while they have not."""
    if heard.last is None or not isinstance(kept, Mapping) or now - heard.last < QUIET_AFTER:
        return None
    found: Mapping[str, Any] = kept
    news = found["n"] >= FOUND and datetime.fromisoformat(found["since"]) > heard.last
    return heard.last if news else None


def told_of(at: Connected, reads: Reads) -> bool:
    """Whether the system's webhooks tell of what this list shows."""
    return at.connector.webhook is not None and reads.kind in HOOKED and not polled_only(reads)


class Pulse:
    """The handler of the task "measure", and what it has measured."""

    def __init__(self, runtime: Runtime, connections: Connections, metrics: Metrics) -> None:
        self._runtime = runtime
        self._connections = connections
        self._metrics = metrics
        self._catching_up: datetime | None = None  # until then what polls find first was late

    async def found(self, at: Connected, reads: Reads, externals: Sequence[str]) -> None:
        """A poll has found changes of these objects first."""
        back = self._catching_up is not None and self._runtime.now() < self._catching_up
        if not externals or not (back or told_of(at, reads)):
            return

        def unit(tx: Tx) -> None:
            now = self._runtime.now()
            if back:
                incidents.found_first(tx, at.row, reads.root, externals, now)
            if told_of(at, reads):
                last, found = tx.inbox.heard(at.id).last, [(str(reads.root), one) for one in externals]
                kept = untold(tx.connections.cursor(at.id, UNTOLD), found, last, now)
                tx.connections.set_cursor(at.id, UNTOLD, kept, now=now)

        await self._connections.store.write(unit)

    def back(self, tx: Tx, workspace: str, now: datetime) -> None:
        """Work begins: how long has nobody been here?"""
        kept = [tx.connections.cursors(row.id) for row in tx.connections.list(workspace)]
        seen = [each[name][1] for each in kept for name in (UPTIME, HERE) if name in each]
        if incidents.returned(tx, workspace, max(seen, default=None), now):
            self._catching_up = now + incidents.CATCH_UP

    async def measure(self, _task: TaskLease) -> float:
        """Every connection."""
        for at in self._connections.all():
            found = await self._connections.store.write(lambda tx, at=at: self._measure(tx, at))
            self._metrics.up(at.id, found.share, found.left)
        return EACH

    def _measure(self, tx: Tx, at: Connected) -> Uptime:
        now, row = self._runtime.now(), tx.connections.get(at.id)
        refused = any(one.kind == "disconnected" for one in self._notices(tx, at))
        self._listen(tx, at, now)
        incidents.look(tx, row, self._connections.heard.get(at.id), now)
        kept = tx.connections.cursor(at.id, UPTIME)
        if row.paused and not refused:
            tx.connections.set_cursor(at.id, HERE, None, now=now)
            return uptime(kept)
        waits = tx.pages.queue(at.id, ())
        oldest = waits.oldest if row.stopped is None else waits.oldest_read
        good = not row.paused and not row.broken and (oldest is None or now - oldest <= WAITED)
        after = counted(kept, now, good)
        tx.connections.set_cursor(at.id, UPTIME, after, now=now)
        return uptime(after)

    def _notices(self, tx: Tx, at: Connected) -> Sequence[Any]:
        return [one for one in tx.notices.list(at.row.workspace) if one.connection == at.id]

    def _listen(self, tx: Tx, at: Connected, now: datetime) -> None:
        """Say that webhooks went quiet, and that they are back."""
        kept = tx.connections.cursor(at.id, UNTOLD)
        since = silent(kept, tx.inbox.heard(at.id), now)
        if since is None:
            tx.notices.close(at.row.workspace, SILENT, at.id, now=now)
            incidents.over(tx, at.id, Cause.WEBHOOKS, now=now)
            return
        text = (
            f"{at.row.name}: no webhook since {since:%d %b %H:%M} UTC, and polls find changes that none told of. "
            f"They follow at polling's pace. See its webhook form in {at.connector.label}; then: bascule doctor"
        )
        tx.notices.put(at.row.workspace, SILENT, at.id, text, now=now, connection=at.id)
        found: Mapping[str, Any] = kept if isinstance(kept, Mapping) else {}
        why = f"No webhook since {since:%Y-%m-%d %H:%M} UTC, and polls find changes that none told of."
        first = datetime.fromisoformat(found["since"])
        incidents.silence(tx, at.row, why, first, incidents.remembered(found.get("of")), now)
