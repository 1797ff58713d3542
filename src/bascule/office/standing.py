"""Is everything in step?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from bascule.engine.connections import Connected
from bascule.engine.metrics import Metrics
from bascule.store import Tx
from bascule.store.queries import Counts

from .desk import Desk

BEHIND = timedelta(seconds=10)  # work that has waited longer than this means catching up


class Standing:
    """`app.standing`: how things stand, asked once or watched."""

    def __init__(self, desk: Desk, metrics: Metrics) -> None:
        self._desk = desk
        self._metrics = metrics

    async def status(self) -> dict[str, Any]:
        """Is everything in step? Per connection, in numbers, and the whole in one word."""
        ids = [at.id for at in self._desk.connections.all()]

        def query(tx: Tx) -> tuple[Any, Any, Any, Any]:
            return (
                tx.pages.overview(ids),
                tx.notices.list(self._desk.workspace),
                tx.audit.backlog(),
                tx.tasks.list(self._desk.workspace, state="dead"),
            )

        counts, notices, backlog, dead = await self._desk.store.read(query)
        now = self._desk.now()
        rows = []
        for at in self._desk.connections.all():
            c = counts[at.id]
            waiting = c.reads + c.write_lanes
            oldest = min((t for t in (c.oldest_read, c.oldest_write) if t is not None), default=None)
            state = self._state(at, c, oldest, now)
            p50, p95 = self._metrics.lag(at.id)
            rows.append({
                "id": at.id, "name": at.row.name, "system": at.row.system, "label": str(at.row.label),
                "mode": str(at.row.mode),
                "state": state, "paused": at.row.paused, "broken": at.row.broken, "crawled": at.row.crawled,
                "objects": {str(k): n for k, n in c.links.items()}, "unseen": c.unseen, "waiting": waiting,
                "oldest": oldest.isoformat() if oldest else None, "writes": dict(c.writes), "failures": c.failures,
                "reviews": c.reviews, "gaps": c.gaps, "lag_p50_s": p50, "lag_p95_s": p95,
                "last_delivery": c.last_delivery.isoformat() if c.last_delivery else None,
            })  # fmt: skip
        order = ("failing", "paused", "waiting for you", "catching up", "in step")
        state = min((row["state"] for row in rows), key=order.index, default="nothing connected")
        return {
            "state": state,
            "workspace": self._desk.workspace,
            "connections": rows,
            "notices": [
                {"kind": n.kind, "text": n.text, "at": n.at.isoformat(), "times": n.times, "connection": n.connection}
                for n in notices
            ],
            "audit_unsealed": backlog[0],
            "dead_tasks": [{"name": t.name, "key": t.key, "error": t.error} for t in dead],
        }

    @staticmethod
    def _state(at: Connected, counts: Counts, oldest: datetime | None, now: datetime) -> str:
        """One word for a connection, the worst that is true of it."""
        if at.row.paused:
            return "paused"
        if at.row.broken:
            return "failing"
        if counts.failures or counts.reviews:
            return "waiting for you"
        behind = oldest is not None and now - oldest > BEHIND
        return "catching up" if behind or not at.row.crawled else "in step"

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
