"""Is everything in step?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bascule.engine.consents import Ending, ending
from bascule.engine.eta import BEHIND, Eta, Etas
from bascule.engine.metrics import Metrics
from bascule.model import Mode, Value
from bascule.store import Tx
from bascule.store.connections import Connection
from bascule.store.queries import Counts

from .desk import Desk
from .tasks import Task, Tasks, Wanted

MOST_NAMED = 20  # escalated tasks that the status names; the rest stand in the list


class Word(StrEnum):
    """How a connection stands, in one word, the worst first. Pages, commands and the API all say these."""

    FAILING = "failing"
    PAUSED = "paused"
    WAITING = "waiting for you"
    CATCHING_UP = "catching up"
    IN_STEP = "in step"
    NOTHING = "nothing connected"


@dataclass(frozen=True, slots=True)
class Stand:
    """The word, what it means here ("1 failure, 2 reviews"), and why, in a sentence."""

    word: Word
    what: str = ""
    why: str = ""

    @property
    def words(self) -> str:
        """ "In step", "Waiting for you: 1 failure"."""
        said = self.word.capitalize()
        return f"{said}: {self.what}" if self.what else said


def stand(row: Connection, counts: Counts, progress: Value, now: datetime, eta: Eta | None = None) -> Stand:
    """One connection: what stops it first, then what waits for somebody, then what it is busy with. `progress` is the
    cursor of its first reading; `eta` says how long the rest will take."""
    if row.paused:
        return Stand(Word.PAUSED, why=row.paused)
    if row.stopped is not None:
        return Stand(Word.PAUSED, "writes are stopped", f"{row.stopped.words.rstrip('.')}.")
    if row.broken:
        return Stand(Word.FAILING, why=f"{row.broken} It is asked again by itself.")
    if row.messages_stopped is not None:
        return Stand(Word.PAUSED, "messages to candidates are stopped", f"{row.messages_stopped.words.rstrip('.')}.")
    waiting = _waiting(counts, row.mode)
    if waiting:
        return Stand(Word.WAITING, waiting)
    if isinstance(progress, Mapping) and not progress.get("finished"):
        return Stand(Word.CATCHING_UP, "reading what is there", f"{progress.get('objects', 0)} objects so far.")
    if not row.crawled:
        return Stand(Word.CATCHING_UP, "nothing has been read yet")
    if behind(counts, now):
        rest = told(eta)
        return Stand(Word.CATCHING_UP, f"{_many(backlog(counts), 'change')} on the way{f', {rest}' if rest else ''}")
    return Stand(Word.IN_STEP)


def told(eta: Eta | None) -> str:
    """An estimate in words: "about 40 min, likely between 31 and 52 min"."""
    if eta is None:
        return ""
    return f"about {span(eta.seconds)} left, likely between {span(eta.low)} and {span(eta.high)}"


def span(seconds: float) -> str:
    """A length of time as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def worst(found: Sequence[tuple[str, Stand]]) -> Stand:
    """All connections (by name) as one: the worst of them, named where there are several."""
    if not found:
        return Stand(Word.NOTHING)
    name, one = min(found, key=lambda pair: list(Word).index(pair[1].word))
    if one.word is Word.IN_STEP or len(found) == 1:
        return one
    return Stand(one.word, f"{name}{', ' + one.what if one.what else ''}", one.why)


def backlog(counts: Counts) -> int:
    """What waits to move, in either direction."""
    return counts.reads + sum(counts.writes.get(state, 0) for state in ("due", "sent"))


def behind(counts: Counts, now: datetime) -> bool:
    """Whether something has waited too long to be called in step."""
    oldest = [at for at in (counts.oldest_read, counts.oldest_write) if at is not None]
    return bool(oldest) and now - min(oldest) > BEHIND


def _waiting(counts: Counts, mode: Mode) -> str:
    """What waits for a person, counted. In `shadow` every write is held, and waits for nobody."""
    held = counts.writes.get("held", 0) if mode is Mode.LIVE else 0
    parts = (
        (counts.failures, "failure"),
        (counts.reviews, "review"),
        (held, "held write"),
        (counts.gaps, "mapping gap"),
    )
    return ", ".join(_many(number, what) for number, what in parts if number)


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


class Standing:
    """`app.standing`: how things stand, asked once or watched."""

    def __init__(self, desk: Desk, metrics: Metrics, tasks: Tasks, etas: Etas) -> None:
        self._desk = desk
        self._metrics = metrics
        self._tasks = tasks
        self._etas = etas

    async def status(self) -> dict[str, Any]:
        """Is everything in step? Per connection, in numbers, and the whole in one word."""
        ids = [at.id for at in self._desk.connections.all()]

        def query(tx: Tx) -> tuple[Any, Any, Any, Any, Any, Any, list[Task], dict[str, Ending]]:
            return (
                tx.pages.overview(ids),
                {id: tx.connections.cursor(id, "backfill") for id in ids},
                {id: self._etas.of(tx, id) for id in ids},
                tx.notices.list(self._desk.workspace),
                tx.audit.backlog(),
                tx.tasks.list(self._desk.workspace, state="dead"),
                self._tasks.listed(tx, Wanted()),
                {at.id: ending(tx, at) for at in self._desk.connections.all()},
            )

        counts, progress, etas, notices, unsealed, dead, tasks, credentials = await self._desk.store.read(query)
        now = self._desk.now()
        rows: list[dict[str, Any]] = []
        stands: list[tuple[str, Stand]] = []
        for at in self._desk.connections.all():
            c = counts[at.id]
            waiting = c.reads + c.write_lanes
            oldest = min((t for t in (c.oldest_read, c.oldest_write) if t is not None), default=None)
            one = stand(at.row, c, progress[at.id], now, eta := etas.get(at.id))
            stands.append((at.row.name, one))
            p50, p95 = self._metrics.lag(at.id)
            rows.append({
                "id": at.id, "name": at.row.name, "system": at.row.system, "label": str(at.row.label),
                "mode": str(at.row.mode),
                "state": str(one.word), "words": one.words, "why": one.why,
                "credentials_end": ends.isoformat() if (ends := credentials[at.id].ends) else None,
                "paused": at.row.paused, "stopped": at.row.stopped.words if at.row.stopped else "",
                "messages_stopped": at.row.messages_stopped.words if at.row.messages_stopped else "",
                "broken": at.row.broken, "crawled": at.row.crawled,
                "objects": {str(k): n for k, n in c.links.items()}, "unseen": c.unseen, "waiting": waiting,
                "oldest": oldest.isoformat() if oldest else None, "writes": dict(c.writes), "failures": c.failures,
                "reviews": c.reviews, "gaps": c.gaps, "lag_p50_s": p50, "lag_p95_s": p95,
                "eta": eta.as_json() if eta is not None else None,
                "last_delivery": c.last_delivery.isoformat() if c.last_delivery else None,
            })  # fmt: skip
        whole = worst(stands)
        return {
            "state": str(whole.word),
            "words": whole.words,
            "why": whole.why,
            "workspace": self._desk.workspace,
            "connections": rows,
            "notices": [
                {"kind": n.kind, "text": n.text, "at": n.at.isoformat(), "times": n.times, "connection": n.connection}
                for n in notices
            ],
            "tasks": self._told(tasks),
            "audit_unsealed": unsealed[0],
            "dead_tasks": [{"name": t.name, "key": t.key, "error": t.error} for t in dead],
        }

    def _told(self, tasks: list[Task]) -> dict[str, Any]:
        """How many wait for a person, and those that nobody did in time, named."""
        tally = self._tasks.tally(tasks)
        late = [one for one in tasks if one.escalated is not None]
        return {
            "open": tally.open,
            "overdue": tally.overdue,
            "escalated": [
                {"id": one.id, "what": one.what, "connection": one.connection, "due": one.due.isoformat(),
                 "assignee": one.assignee, "step": one.step}
                for one in late[:MOST_NAMED]
            ],
        }  # fmt: skip

    async def watch(self) -> AsyncIterator[dict[str, str]]:
        """Changes as they are committed: {"kind", "id"} of the family. A slow watcher loses lines."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[dict[str, str]] = asyncio.Queue(1000)

        def tell(kind: str, subject: str) -> None:
            def put() -> None:
                if not queue.full():
                    queue.put_nowait({"kind": kind, "id": subject})

            loop.call_soon_threadsafe(put)

        self._desk.reconcile.watchers.listeners.add(tell)
        try:
            while True:
                yield await queue.get()
        finally:
            self._desk.reconcile.watchers.listeners.discard(tell)
