"""What more workspaces in one installation cost while nothing happens: 1, 5 and 20 of them in one `bascule up`.

Each is a whole App with a database of its own (decision 0027); nobody is connected and no page is open. The databases
are made by a first start, which is not counted; then the installation is started again, has a moment to do what falls
due at a start, and is watched. The baseline is the one with a single workspace. On PostgreSQL the connections that its
server holds are counted too.
"""

from __future__ import annotations

import re
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bascule.settings import Settings
from bascule.workspaces import add

from .cluster import Durable
from .memory import COMMAND
from .processes import Program, program, pss, spent
from .rows import Row

MANY = (1, 5, 20)
SETTLE, SECONDS = 20.0, 30.0
WITHIN = 240.0  # seconds that a start may take


@dataclass(frozen=True, slots=True)
class Seen:
    """What an installation took. `connections`: of PostgreSQL's server."""

    many: int
    start: float
    mb: float
    share: float  # of a core
    threads: int
    connections: int = 0


def run(size: float = 1.0) -> list[Row]:
    """A row for each number beyond one, on SQLite and on PostgreSQL. `size` 1 is about six minutes."""
    many = MANY if size >= 1 else MANY[:2]
    return [
        row
        for database in ((False, True) if size > 0.05 else (False,))
        for row in _rows([_watched(one, database, size) for one in many], "PostgreSQL" if database else "SQLite")
    ]


def _watched(many: int, postgresql: bool, size: float) -> Seen:
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bascule-bench-")))
        cluster, database = None, ""
        if postgresql:
            cluster = Durable()
            stack.callback(cluster.stop)
            cluster.create("bascule")
            database = cluster.url("bascule")
        settings = Settings(data=data, database=database, public_url="http://main.localhost")
        for number in range(2, many + 1):
            add(settings, f"w{number}", "", f"http://w{number}.localhost")
        with _up(data, database)[0]:
            pass
        running, start = _up(data, database)
        with running:
            time.sleep(SETTLE * size)
            before, began = spent(running.pid), time.monotonic()
            time.sleep(max(1.0, SECONDS * size))
            share = (spent(running.pid) - before) / (time.monotonic() - began)
            status = Path(f"/proc/{running.pid}/status").read_text()
            threads = int(re.findall(r"^Threads:\s+(\d+)", status, re.MULTILINE)[0])
            return Seen(many, start, pss(running.pid), share, threads, _connections(cluster) if cluster else 0)


class _Running:
    """`bascule up`, ended at the end."""

    def __init__(self, data: Path, database: str) -> None:
        self._made = program(
            *COMMAND, "up", "--data", str(data), "--port", "0", database=database, log_level="error",
            public_url="http://main.localhost",
        )  # fmt: skip
        self._program: Program = self._made.__enter__()

    @property
    def pid(self) -> int:
        return self._program.pid

    def ready(self) -> None:
        self._program.line(lambda said: "Bascule is at" in said, WITHIN)

    def __enter__(self) -> _Running:
        return self

    def __exit__(self, *_: object) -> None:
        self._made.__exit__(None, None, None)


def _up(data: Path, database: str) -> tuple[_Running, float]:
    began = time.monotonic()
    running = _Running(data, database)
    running.ready()
    return running, time.monotonic() - began


def _connections(cluster: Durable) -> int:
    with psycopg.connect(cluster.url("postgres")) as connection:
        found = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'bascule%'").fetchone()
        return int(found[0]) if found else 0


def _rows(seen: list[Seen], where: str) -> list[Row]:
    one = seen[0]
    return [_row(one, each, where) for each in seen[1:]]


def _row(one: Seen, seen: Seen, where: str) -> Row:
    each = (seen.mb - one.mb) / (seen.many - one.many)
    more = f"; {seen.connections} connections" if seen.connections else ""
    figures = {
        "workspaces": seen.many, "mb": round(seen.mb), "share_of_a_core": round(seen.share, 5),
        "threads": seen.threads, "start": round(seen.start, 1), "connections": seen.connections,
        "mb_each": round(each, 2),
    }  # fmt: skip
    return Row(
        "workspaces", f"{seen.many} idle workspaces in one process, {where}", round(seen.mb / one.mb, 2),
        "MB to baseline's",
        f"{seen.mb:.0f} MB ({each:.1f} each more), {seen.share:.2%} of a core, {seen.threads} threads, "
        f"started in {seen.start:.1f} s{more}",
        f"one: {one.mb:.0f} MB, {one.share:.2%}, {one.threads} threads, {one.start:.1f} s"
        + (f"; {one.connections} connections" if one.connections else ""),
        figures=figures,
    )  # fmt: skip
