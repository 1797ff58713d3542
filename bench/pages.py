"""How long the server thinks about each page and list when 100,000 candidates with applications are in the store.

The store is SQLite, filled by `bench.season` without any system behind it. Each page is asked for by the server's own
routes, as a signed-in administrator, in-process: no network and no browser is in the figures. What counts is processor
time, of every thread: it hardly moves when the machine has other work. The baseline is the same page of an
installation in which nobody has applied.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2

from bascule.app import App, running
from bascule.model import Label, Mode
from bascule.server.application import create_server
from bascule.settings import Settings
from bascule.store import Tx
from bascule.store.connections import Connection

from .rows import Row, percentile
from .season import Season, now

PEOPLE, ASKED, GOAL = 100_000, 30, 100.0  # candidates, requests of a page, milliseconds of processor time
EMPTY = 4
NAME = "bench"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one page took, in milliseconds."""

    path: str
    first: float  # the very first request, with nothing remembered
    p50: float
    p95: float


@asynccontextmanager
async def signed_in(folder: Path, people: int) -> AsyncGenerator[tuple[App, Season, httpx2.AsyncClient]]:
    """The server over a store with so many candidates, and a browser that is logged in."""
    async with running(Settings(data=folder, log_level="error"), work=False) as app:
        row = Connection(
            app.runtime.id(), app.workspace, NAME, "greenhouse", Label.SIMULATOR, "http://127.0.0.1:9/v3", now(),
            Mode.LIVE, settings={"ai": True, "app_url": "http://127.0.0.1:9"}, crawled=True,
        )  # fmt: skip

        def add(tx: Tx) -> None:
            tx.connections.add(row)
            tx.connections.set_credentials(row.id, {"client_id": "-", "client_secret": "-", "webhook_secret": "-"})

        await app.store.write(add)
        await app.connections.refresh()
        await app.doors.first_login()
        season = Season(app.workspace, row.id, people, now())
        await season.fill(app.store)
        transport = httpx2.ASGITransport(create_server(app))
        async with httpx2.AsyncClient(transport=transport, base_url=app.settings.address, timeout=60) as browser:
            link = await app.doors.login_link()
            await browser.post("/login", data={"token": parse_qs(urlsplit(link).query)["token"][0]})
            yield app, season, browser


def pages(tx: Tx, season: Season) -> dict[str, str]:
    """Every page and list: what it is called, and where it is."""
    workspace = season.workspace
    some = tx.pages.candidates(workspace, limit=5000)
    person = max(some, key=lambda one: len(one.applications))
    application = person.applications[0].record
    job = max(tx.pages.jobs(workspace, limit=500), key=lambda one: one.applications).job.id
    failure = tx.pages.failures(workspace, limit=1)
    review = tx.pages.reviews(workspace, limit=1)
    here = f"/candidates/{person.record}"
    return {
        "overview": "/", "review": "/review", "review item": f"/review/{review[0].review.id}",
        "candidates": "/candidates", "candidates by name": "/candidates?sort=name",
        "candidates, one word": "/candidates?q=hopper", "candidates, two words": "/candidates?q=grace+hop",
        "candidates, nobody": "/candidates?q=grace+zzz", "candidate": here, "history": f"{here}/history",
        "why a score": f"/records/{application}/history?field=match_score",
        "jobs": "/jobs", "jobs, all": "/jobs?status=all&sort=title", "largest job": f"/jobs/{job}",
        "connections": "/connections", "connection": f"/connections/{NAME}", "mapping": f"/mapping/{NAME}",
        "failures": "/failures", "failure": f"/failures/{failure[0].write.id}",
        "audit": "/audit", "audit, everything": "/audit?action=everything",
        "audit, one action": "/audit?action=log-in", "audit, people": "/audit?actor=person",
        "audit of a candidate": f"/audit?candidate={person.record}", "settings": "/settings",
        "kpis": "/kpis", "kpis of all time": "/kpis?weeks=0", "kpis of a job": f"/kpis?job={job}", "flow": "/flow",
        "flow of all time": "/flow?weeks=0", "flow of a job": f"/flow?job={job}",
        "outcomes": "/outcomes", "tasks": "/tasks", "alerts": "/alerts", "erasures": "/erasures",
        "metrics": "/metrics", "healthz": "/healthz",
    }  # fmt: skip


async def ask(browser: httpx2.AsyncClient, path: str) -> float:
    """Milliseconds of processor time of one request. RuntimeError if it is not answered as it should be."""
    began = time.process_time()
    answer = await browser.get(path)
    took = time.process_time() - began
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code}")
    return 1000 * took


async def measure(people: int, asked: int) -> dict[str, Taken]:
    with tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder:
        async with signed_in(Path(folder), people) as (app, season, browser):
            paths = await app.store.read(lambda tx: pages(tx, season))
            await app.figures.keep(None)  # as its task does every ten minutes
            return {name: await _one(browser, path, asked) for name, path in paths.items()}


async def _one(browser: httpx2.AsyncClient, path: str, asked: int) -> Taken:
    first = await ask(browser, path)
    took = [await ask(browser, path) for _ in range(asked)]
    return Taken(path, first, percentile(took, 0.5), percentile(took, 0.95))


def run(size: float = 1.0) -> list[Row]:
    """One row: the slowest page. `size` 1 is 100,000 candidates."""
    people = max(600, int(PEOPLE * size))
    asked = max(3, int(ASKED * min(1.0, size * 10)))
    small = asyncio.run(measure(EMPTY, asked))  # first: what is read and compiled once is ready for both
    large = asyncio.run(measure(people, asked))
    return [_row(large, small, people)]


def _row(large: Mapping[str, Taken], small: Mapping[str, Taken], people: int) -> Row:
    slowest = max(large, key=lambda name: large[name].p95)
    worst, alone = large[slowest], small[slowest]
    first = max(large, key=lambda name: large[name].first)
    figures = {
        name: {"p50_ms": round(one.p50, 1), "p95_ms": round(one.p95, 1), "first_ms": round(one.first, 1)}
        for name, one in large.items()
    }
    typical = sorted(one.p50 for one in large.values())[len(large) // 2]
    return Row(
        "pages", f"The slowest of {len(large)} pages and lists with {people:,} candidates",
        round(worst.p95 / alone.p95, 2), "p95 to the same page of an empty installation",
        f"{slowest}: p50 {worst.p50:.0f} ms, p95 {worst.p95:.0f} ms of processor time; the middle page "
        f"{typical:.0f} ms; the slowest first request {large[first].first:.0f} ms ({first})",
        f"{EMPTY} candidates: p95 {alone.p95:.0f} ms", f"p95 < {GOAL:.0f} ms", worst.p95 < GOAL, figures,
    )  # fmt: skip
