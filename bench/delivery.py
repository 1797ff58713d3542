"""Delivering what is due: the real engine against a server with one answer, against a bare loop of the same calls.

A person has changed the title of so many candidates, each a lane of its own, all due, none read of late. Workers
deliver them: leased, read, planned, the attempt kept before anything leaves, sent, settled, audited; each step in a
commit. The baseline is a loop for each worker that makes the same calls (a GET and a PATCH each) with the same HTTP
transport, as many at once as a worker has slots, and does nothing else. Both are counted by the server's own clock,
from the first request's coming to the last one's answer; the loop runs before and after, and its mean counts.

An answer takes a tenth of a second, as it does over the internet; and in rows of their own none, which leaves nothing
but both sides' work: what an installation could deliver at most.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from .cluster import Durable
from .processes import Program, program, spent
from .rows import Row

ANSWERS = ((0.1, 600), (0.0, 1_000))  # seconds an answer takes, and how many writes are delivered then
WITHIN = 60.0
GOAL = 0.5


@dataclass(frozen=True, slots=True)
class Way:
    """An installation: workers in processes of their own, on SQLite (one only) or PostgreSQL."""

    name: str
    workers: int = 1
    postgresql: bool = False


WAYS = (
    Way("SQLite, one process"),
    Way("PostgreSQL, one worker", postgresql=True),
    Way("PostgreSQL, two workers", 2, postgresql=True),
)


def loops(server: Program, url: str, workers: int, calls: int) -> dict[str, Any]:
    """What the server has counted of the bare loops."""
    each = [calls // workers + (number < calls % workers) for number in range(workers)]
    with ExitStack() as stack:
        running = [
            stack.enter_context(program("-m", "bench.delivering", "--bare", "--ats", url, "--writes", str(mine)))
            for mine in each
        ]
        for one in running:
            one.said()
        for one in running:
            one.tell("go")
        for one in running:
            one.said(WITHIN)
    return _counted(server, calls)


def engine(server: Program, url: str, way: Way, database: str, calls: int) -> dict[str, Any]:
    """What the server has counted of the workers, and the processor time they took; all lanes must be done."""
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="bascule-bench-"))
        line = ["-m", "bench.delivering", "--data", data, *(["--database", database] if database else [])]
        running = list[Program]()
        for _ in range(way.workers):  # the first makes the master key and the tables
            running.append(stack.enter_context(program(*line)))
            running[-1].said()
        first = running[0]
        first.tell(f"fill {calls} {url}")
        filled = first.said(WITHIN)
        assert filled["lanes"] == calls, filled
        used = sum(spent(one.pid) for one in running)
        for one in running:
            one.tell("go")
        told, ends = filled, time.monotonic() + WITHIN
        while told["lanes"] and time.monotonic() < ends:
            time.sleep(0.5)
            first.tell("status")
            told = first.said()
        used = sum(spent(one.pid) for one in running) - used
    assert (told["lanes"], told["failures"]) == (0, 0), told
    return {**_counted(server, calls), "used": used}


def _counted(server: Program, calls: int) -> dict[str, Any]:
    server.tell("count")
    said = server.said()
    assert said["patched"] == calls, f"{calls} calls were to be made and {said['patched']} came."
    return {"rate": calls / said["seconds"], **said}


def run(size: float = 1.0) -> list[Row]:
    """A row for each time of an answer and each installation. `size` 1 is about two minutes; at a few per cent only
    SQLite and the first."""
    full = size > 0.05
    rows: list[Row] = []
    for takes, writes in ANSWERS if full else ANSWERS[:1]:
        calls = max(8, int(writes * size))
        for way in WAYS if full else WAYS[:1]:
            with ExitStack() as stack:
                server = stack.enter_context(program("-m", "bench.fixed", "--answer", str(takes)))
                url, database = server.said()["url"], ""
                if way.postgresql:
                    cluster = Durable()
                    stack.callback(cluster.stop)
                    database = stack.enter_context(cluster.database())
                before = loops(server, url, way.workers, calls)
                found = engine(server, url, way, database, calls)
                after = loops(server, url, way.workers, calls)
            rows.append(_row(way, takes, calls, found, (before["rate"] + after["rate"]) / 2))
    return rows


def _row(way: Way, takes: float, calls: int, found: dict[str, Any], ceiling: float) -> Row:
    ratio = round(found["rate"] / ceiling, 3)
    each = 1000 * found["used"] / calls
    figures = {
        "writes": calls, "workers": way.workers, "answer_s": takes, "writes_per_s": round(found["rate"], 1),
        "baseline_per_s": round(ceiling, 1), "requests": found["requests"], "cpu_ms_each": round(each, 2),
    }  # fmt: skip
    answers = f"answers in {takes:g} s" if takes else "answers at once"
    return Row(
        "delivery", f"Delivery of what is due, {answers}: {way.name}", ratio, "writes/s to baseline's",
        f"{found['rate']:,.0f} writes/s of {calls:,}, {found['requests'] / calls:.1f} requests and {each:.1f} ms of "
        "processor time each",
        f"{'a bare loop' if way.workers == 1 else f'{way.workers} bare loops'} with the same calls and transport, as "
        f"many at once: {ceiling:,.0f}/s",
        f"at least {GOAL}", ratio >= GOAL, figures,
    )  # fmt: skip
