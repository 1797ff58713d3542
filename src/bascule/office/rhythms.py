"""Intervals and freshness promises: what the owner sets per connection and list, beside what is measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bascule.engine import rhythm
from bascule.engine.connections import Connected
from bascule.engine.feeds import Feeds
from bascule.engine.metrics import Metrics
from bascule.errors import InputError
from bascule.model import Actor, Fields
from bascule.store import Tx

from .desk import Desk


class Rhythms:
    """`app.rhythms`."""

    def __init__(self, desk: Desk, metrics: Metrics, feeds: Feeds) -> None:
        self._desk = desk
        self._metrics = metrics
        self._feeds = feeds

    async def told(self, name: str) -> list[dict[str, Any]]:
        """Per list: the interval and the promise that hold, and how soon changes were really here."""
        at = self._desk.connections.named(name)
        heard, cursors, parts = await self._desk.store.read(
            lambda tx: (tx.inbox.heard(at.id), tx.connections.cursors(at.id), self._parts(tx, at))
        )
        rows: list[dict[str, Any]] = []
        for one in rhythm.all_of(at, heard.arrives).values():
            measured = self._metrics.freshness(at.id, one.name)
            reads = next(reads for reads in at.connector.reads if reads.title == one.name)
            marks = [cursors[key][1] for key in (f"poll {one.name}", f"sweep {one.name}") if key in cursors]
            now_every = rhythm.pace(at, reads, 0, one.usual or timedelta(0), parts.get(reads.budget, 1.0))
            rows.append({
                "list": one.name, "kind": str(one.kind), "told": one.told,
                "every": _seconds(one.every), "chosen": one.chosen, "usual": _seconds(one.usual),
                "parity": _seconds(one.parity), "now_every": round(now_every, 1),
                "promise": _seconds(one.promise), "kept": one.kept,
                "p50": _part(measured, 0), "p95": _part(measured, 1), "p99": _part(measured, 2),
                "late": measured is not None and one.promise is not None and measured[1] > one.promise.total_seconds(),
                "last": max(marks, default=None),
            })  # fmt: skip
        return rows

    def _parts(self, tx: Tx, at: Connected) -> dict[str, float]:
        now = self._desk.now()
        return {one.cls: one.for_polls(now) for one in tx.budgets.list(at.id)}

    async def choose(
        self,
        name: str,
        of: str,
        every: float | None,
        promise: float | None,
        actor: Actor,
        *,
        parity: float | None = None,
    ) -> list[dict[str, Any]]:
        """Set a list's interval and promise, and how often it is compared, in seconds; None keeps what is set, 0 goes
        back to the usual. In force with the next reading, which is due at once. InputError for what cannot be kept."""
        at = self._desk.connections.named(name)
        hooked = await self._desk.store.read(lambda tx: tx.inbox.heard(at.id).arrives)
        known = rhythm.all_of(at, hooked)
        if of not in known:
            raise InputError(
                f"{name} has no list {of!r} that is asked by the clock.", hint=f"There are: {', '.join(known)}."
            )
        settings = {**at.row.settings}
        if parity and known[of].parity is None:
            raise InputError(f"{of} cannot be compared: it does not show its objects whole.")
        for what, value in ((rhythm.EVERY, every), (rhythm.PROMISE, promise), (rhythm.COMPARE, parity)):
            if value == 0:
                settings.pop(what + of, None)
            elif value is not None:
                settings[what + of] = _checked(value)
        _possible(known[of], settings, of)
        now = self._desk.now()
        await self._desk.store.write(lambda tx: self._set(tx, at, of, settings, actor, now))
        await self._desk.connections.refresh()
        self._desk.reload()
        return await self.told(name)

    def _set(self, tx: Tx, at: Connected, of: str, settings: Fields, actor: Actor, now: datetime) -> None:
        row = tx.connections.get(at.id)
        tx.connections.set(replace(row, settings=settings))
        for reads in at.connector.reads:
            if reads.title == of:
                self._feeds.due(tx, at, reads, now)
                if settings.get(rhythm.COMPARE + of) != at.row.settings.get(rhythm.COMPARE + of):
                    every = rhythm.compared_every(settings, reads)
                    tx.tasks.put(row.workspace, rhythm.PARITY, f"{at.id}|{of}", due=now + every)
        before = {what: at.row.settings.get(what + of) for what in (rhythm.EVERY, rhythm.PROMISE, rhythm.COMPARE)}
        tx.audit.record(
            workspace=row.workspace, at=now, action="rhythm changed", actor=actor, connection=at.id,
            detail={
                "list": of,
                "every": settings.get(rhythm.EVERY + of), "every_before": before[rhythm.EVERY],
                "promise": settings.get(rhythm.PROMISE + of), "promise_before": before[rhythm.PROMISE],
                "parity": settings.get(rhythm.COMPARE + of), "parity_before": before[rhythm.COMPARE],
            },
        )  # fmt: skip


def _checked(seconds: float) -> float:
    least, most = (one.total_seconds() for one in rhythm.BOUNDS)
    if not least <= seconds <= most:
        raise InputError(f"{seconds:g} s is not between {least:g} s and {most:g} s.", hint="0 goes back to the usual.")
    return float(seconds)


def _possible(known: rhythm.Rhythm, settings: Fields, of: str) -> None:
    """A promise shorter than the interval cannot be kept where nothing else tells of changes."""
    promise = rhythm.given(settings, rhythm.PROMISE, of)
    every = rhythm.given(settings, rhythm.EVERY, of) or known.usual
    if promise is not None and every is not None and promise < every and not known.told:
        raise InputError(
            f"{of} is asked every {every.total_seconds():g} s and no webhook tells of it: a change cannot be here "
            f"within {promise.total_seconds():g} s.",
            hint="Shorten the interval, or promise less.",
        )


def _seconds(one: timedelta | None) -> float | None:
    return None if one is None else one.total_seconds()


def _part(measured: tuple[float, float, float] | None, which: int) -> float | None:
    return None if measured is None else round(measured[which], 2)
