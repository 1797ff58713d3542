"""How healthy each connection is, in figures: last success, lag, backlog, errors, freshness, uptime."""

from __future__ import annotations

from typing import Any

from bascule.engine import pulse, shapes
from bascule.engine.connections import Connected
from bascule.engine.metrics import Metrics
from bascule.store import Tx

from .desk import Desk
from .rhythms import Rhythms


class Vitals:
    """`app.vitals`."""

    def __init__(self, desk: Desk, metrics: Metrics, rhythms: Rhythms) -> None:
        self._desk = desk
        self._metrics = metrics
        self._rhythms = rhythms

    async def told(self, workspace: str = "") -> list[dict[str, Any]]:
        """Every connection, the objects of each below it. Times in seconds; None: not known yet."""
        everything = [at for at in self._desk.connections.all() if workspace in ("", at.row.workspace)]
        return [await self.of(at) for at in everything]

    async def of(self, at: Connected) -> dict[str, Any]:
        """One connection."""

        def query(tx: Tx) -> tuple[Any, Any, Any, Any, Any, Any]:
            return (
                tx.connections.cursor(at.id, pulse.UPTIME), tx.connections.cursor(at.id, pulse.UNTOLD),
                tx.inbox.heard(at.id), tx.pages.queue(at.id, ()), tx.pages.reads_by_kind(at.id),
                tx.connections.cursor(at.id, shapes.ANSWERS),
            )  # fmt: skip

        kept, untold, heard, queue, waiting, answers = await self._desk.store.read(query)
        now = self._desk.now()
        silent = pulse.silent(untold, heard, now)
        rows = await self._rhythms.told(at.id)
        p50, p95 = self._metrics.lag(at.id)
        objects = [
            {
                "list": row["list"], "kind": row["kind"], "last_success": row["last"],
                "since_success": None if row["last"] is None else round((now - row["last"]).total_seconds(), 1),
                "backlog": waiting.get(row["kind"], 0), "error_rate": self._metrics.error_rate(at.id, row["list"]),
                "p50": row["p50"], "p95": row["p95"], "p99": row["p99"], "promise": row["promise"],
                "late": row["late"],
            }
            for row in rows
        ]  # fmt: skip
        return {
            "name": at.row.name, "owner": at.row.owner, "paused": at.row.paused, "broken": at.row.broken,
            "uptime": pulse.uptime(kept).as_json(),
            "last_success": max((one["last_success"] for one in objects if one["last_success"]), default=None),
            "error_rate": self._metrics.error_rate(at.id),
            "write_lag_p50": p50, "write_lag_p95": p95,
            "backlog": {"reads": queue.reads + queue.later, "writes": queue.writes},
            "oldest": None if queue.oldest is None else round((now - queue.oldest).total_seconds(), 1),
            "silent_since": silent,
            "objects": objects,
            "answers": _answers(shapes.standing(answers)),
        }  # fmt: skip


def _answers(found: shapes.Standing) -> dict[str, Any]:
    """Keys that differ from the recorded shape, and what the system says of the interface's end."""
    words = shapes.words(found)
    return {
        "lists": found.lists, "at": found.at, "differ": found.keys, "words": words[0], "interface": words[1],
        "ends": [
            {"endpoint": name, "deprecated": one.deprecated, "sunset": one.sunset, "more": one.more}
            for name, one in sorted(found.ends.items())
        ],
    }  # fmt: skip
