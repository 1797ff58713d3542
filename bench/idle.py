"""What an installation costs while nothing happens: a connected account, no list asked by the clock, no page open.

A sandbox with 100 people is connected as a customer does it, live and with webhooks; then every list is set to be asked
once in seven days, the longest an owner may set. `bascule up` (on PostgreSQL also with `bascule work` beside it) is
started on that, has a moment to do what falls due at a start, and is watched. Counted is processor time of all its
processes, and PostgreSQL's. The baseline is `bascule up` on an empty folder, watched in the same seconds.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .cluster import Durable
from .latency import LIMIT, quiet
from .memory import COMMAND
from .processes import Program, program, sandbox, spent
from .rows import Row

PEOPLE = 100
SETTLE, SECONDS = 15.0, 30.0  # after a start, and watched
GOAL = 0.02  # of a core


@dataclass(frozen=True, slots=True)
class Installation:
    """What is watched. `workers` beside the server's own; `postgresql` or SQLite."""

    name: str
    postgresql: bool = False
    workers: int = 0


INSTALLATIONS = (
    Installation("SQLite, one process"),
    Installation("PostgreSQL, one process", postgresql=True),
    Installation("PostgreSQL, two workers", postgresql=True, workers=1),
)


@dataclass(frozen=True, slots=True)
class Watched:
    """An installation under way: its own processes, and those of its database's server."""

    what: Installation
    own: tuple[int, ...]
    database: tuple[int, ...] = ()

    def spent(self) -> tuple[float, float]:
        """Seconds of processor time so far: its own, its database's."""
        return sum(map(spent, self.own)), sum(map(spent, self.database))


def run(size: float = 1.0) -> list[Row]:
    """A row an installation. `size` 1 is about 75 seconds; at a few per cent only SQLite is watched."""
    people, settle, seconds = max(3, int(PEOPLE * size)), SETTLE * size, max(1.0, SECONDS * size)
    with ExitStack() as stack:
        url = stack.enter_context(sandbox("--rate", LIMIT, "--candidates", str(people)))
        empty = stack.enter_context(_up(_folder(stack)))
        watched = [_start(stack, one, url) for one in (INSTALLATIONS if size > 0.05 else INSTALLATIONS[:1])]
        time.sleep(settle)
        before = [(spent(empty.pid), 0.0), *(one.spent() for one in watched)]
        began = time.monotonic()
        time.sleep(seconds)
        lasted = time.monotonic() - began
        after = [(spent(empty.pid), 0.0), *(one.spent() for one in watched)]
    own = [(b[0] - a[0]) / lasted for a, b in zip(before, after, strict=True)]
    database = [(b[1] - a[1]) / lasted for a, b in zip(before, after, strict=True)]
    return [_row(one, own[n], database[n], own[0], lasted) for n, one in enumerate((w.what for w in watched), 1)]


def _folder(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bascule-bench-")))


@contextmanager
def _up(data: Path, database: str = "") -> Generator[Program]:
    with program(*COMMAND, "up", "--data", str(data), "--port", "0", database=database, log_level="error") as running:
        running.line(lambda said: "Bascule is at" in said)
        yield running


def _start(stack: ExitStack, what: Installation, url: str) -> Watched:
    """Connect the sandbox, and start what is to be watched on what came of it."""
    data, database, servers = _folder(stack), "", tuple[int, ...]()
    if what.postgresql:
        cluster = Durable()
        stack.callback(cluster.stop)
        database, servers = stack.enter_context(cluster.database()), (cluster.pid,)
    line = ["--data", str(data), "--ats", url, "--rarely", *(["--database", database] if database else [])]
    with program("-m", "bench.connected", *line) as connected:
        connected.said()
        quiet(connected)
    own = [stack.enter_context(_up(data, database)).pid]
    for _ in range(what.workers):
        worker = program(*COMMAND, "work", "--data", str(data), database=database, log_level="error")
        running = stack.enter_context(worker)
        running.line(lambda said: "Working" in said)
        own.append(running.pid)
    return Watched(what, tuple(own), servers)


def _row(what: Installation, own: float, database: float, empty: float, lasted: float) -> Row:
    total, tick = own + database, 0.01 / lasted  # less than a tick of the clock is not counted
    ratio = round(max(total, tick) / max(empty, tick), 3)
    figures = {
        "seconds": round(lasted, 1), "share_of_a_core": round(total, 5), "database_share": round(database, 5),
        "baseline_share": round(empty, 5),
    }  # fmt: skip
    part = f" ({own:.2%} Bascule, {database:.2%} PostgreSQL)" if what.postgresql else ""
    return Row(
        "idle", f"Idle, connected, nothing asked by the clock: {what.name}", ratio, "processor time to baseline's",
        f"{total:.2%} of a core{part}",
        f"`bascule up`, nobody connected: {empty:.2%}", f"< {GOAL:.0%} of a core", total < GOAL, figures,
    )  # fmt: skip
