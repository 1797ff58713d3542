"""From a stage change in the ATS to whoever subscribes: a signed webhook, and a message to Slack.

Recruiters move people on the sandbox's own pages, evenly spaced; the sandbox is a process of its own, takes 20 ms for
every answer, and tells of each move by its webhook. The subscriber is a server of this process that answers at once.
Both ends are of this machine's clock: when the sandbox changed the stage, when the subscriber had the body. The
baseline is a script that the same webhook reaches and that passes it on as it came, by the same HTTP transport: it
reads nothing, stores nothing, signs nothing and repeats nothing, so that the ratio is the price of all that. Slack
takes about one message a second in a channel, so its moves come slower.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from bascule.demo.ats import Ats
from bascule.demo.material import load
from bascule.demo.people import ENTERPRISE, adverts

from .latency import ANSWER, LIMIT, RATE, Form, forms, phase, quiet
from .mixed import STAGE, move, send
from .processes import Program, program, sandbox, spent
from .rows import Row, percentile

MOVES, SLACK_MOVES = 5.0, 1 / 1.5  # a second
SECONDS, SLACK_SECONDS, BASELINE_SECONDS = 16.0, 45.0, 8.0
PEOPLE = 80
PATIENCE = 30.0
GOAL = 2.0


@dataclass
class Subscriber:
    """Who is told: when, and what, by path."""

    url: str = ""
    heard: dict[str, list[tuple[float, Any]]] = field(default_factory=lambda: defaultdict(list))

    async def hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.heard[request.path].append((time.time(), json.loads(body)))
        return web.Response(text="ok")


@contextmanager
def subscriber() -> Generator[Subscriber]:
    """A server on this machine, in a thread of its own."""
    one, ready, loop = Subscriber(), threading.Event(), asyncio.new_event_loop()

    async def serve() -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/{path:.*}", one.hear)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        one.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def work() -> None:
        runner = loop.run_until_complete(serve())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield one
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


@dataclass(frozen=True, slots=True)
class Account:
    """Who can be moved, and how they are told apart."""

    rows: Sequence[Mapping[str, Any]]
    stages: Mapping[int, Sequence[int]]
    named: Mapping[str, int]  # last name -> application
    last: int  # change


async def account(url: str) -> Account:
    ats = Ats(url)
    try:
        last = 0
        while changes := (await ats.changes(last))[0]:
            last = max(int(change["seq"]) for change in changes)
        jobs = set((await ats.open_jobs()).values())
        tables = await ats.tables("applications", "candidates", "job_interview_stages")
        stages: defaultdict[int, list[int]] = defaultdict(list)
        for row in sorted(tables["job_interview_stages"], key=lambda row: (row["job_id"], row["sort_order"])):
            stages[row["job_id"]].append(row["id"])
        rows = [row for row in tables["applications"] if row["job_id"] in jobs and row[STAGE] in stages[row["job_id"]]]
        people = {row["id"]: row["last_name"] for row in tables["candidates"]}
        return Account(rows, stages, {people[row["candidate_id"]]: row["id"] for row in rows}, last)
    finally:
        await ats.close()


async def moved(url: str, there: Account, count: int, rate: float) -> list[tuple[int, float]]:
    """Move so many, each to the next stage; (application, when) as the sandbox saw it."""
    at = {row["id"]: there.stages[row["job_id"]].index(row[STAGE]) for row in there.rows}
    deeds = []
    for number in range(count):
        row = there.rows[number % len(there.rows)]
        ladder = there.stages[row["job_id"]]
        at[row["id"]] = (at[row["id"]] + 1) % len(ladder)
        deeds.append(move(url, row["id"], ladder[at[row["id"]]]))
    await send(deeds, rate)
    ats, last = Ats(url), there.last
    try:
        found: list[tuple[int, float]] = []
        while changes := (await ats.changes(last))[0]:
            last = max(int(change["seq"]) for change in changes)
            found += [(one["id"], float(one["at"])) for one in changes if one["field"] == STAGE]
        return found
    finally:
        await ats.close()


def latencies(moves: Sequence[tuple[int, float]], told: Sequence[tuple[int, float]]) -> list[float]:
    """How long each move took to be told; infinite for one that never was. Of one person's moves in their order."""
    arrived: defaultdict[int, list[float]] = defaultdict(list)
    for application, at in sorted(told, key=lambda one: one[1]):
        arrived[application].append(at)
    taken: defaultdict[int, int] = defaultdict(int)
    found: list[float] = []
    for application, at in moves:
        number = taken[application]
        taken[application] += 1
        found.append(arrived[application][number] - at if number < len(arrived[application]) else float("inf"))
    return found


def measured(url: str, one: Subscriber, path: str, count: int, rate: float) -> list[float]:
    """Move people, wait until all of it is told, and return how long each took."""
    there = asyncio.run(account(url))
    before = len(one.heard[path])
    moves = asyncio.run(moved(url, there, count, rate))
    ends = time.monotonic() + PATIENCE
    while len(one.heard[path]) - before < len(moves) and time.monotonic() < ends:
        time.sleep(0.05)
    told = [(_application(body, there), at) for at, body in one.heard[path][before:]]
    return latencies(moves, told)


def _application(body: Mapping[str, Any], there: Account) -> int:
    """Whom a body is about, by their id in the ATS."""
    if "text" in body:
        return next(id for name, id in there.named.items() if f" {name}*" in body["text"])
    if "payload" in body:
        return int(body["payload"]["application"]["id"])
    return int(body["data"]["application"]["links"][0]["id"])


def run(size: float = 1.0) -> list[Row]:
    """Two rows. `size` 1 is about two minutes."""
    material = load()
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bascule-bench-")))
        opened = data / "jobs.json"
        opened.write_text(json.dumps(adverts(material, ENTERPRISE, ask=False)), "utf-8")
        line = ["--rate", LIMIT, "--latency", str(ANSWER), "--tier", ENTERPRISE, "--jobs", str(opened)]
        url = stack.enter_context(sandbox(*line))
        one = stack.enter_context(subscriber())
        jobs = asyncio.run(_jobs(url))
        people: list[Form] = forms(url, jobs, material.applications, max(4, int(PEOPLE * size)), "s")
        with program(
            "-m", "bench.connected", "--data", str(data / "data"), "--ats", url, allowed_hosts='["127.0.0.1"]'
        ) as bascule:
            bascule.said()
            asyncio.run(phase(url, people, RATE))
            quiet(bascule)
            count, used = max(4, int(MOVES * SECONDS * size)), spent(bascule.pid)
            subscribed(bascule, f"{one.url}/standard", "standard")
            plain = measured(url, one, "/standard", count, MOVES)
            used = 1000 * (spent(bascule.pid) - used) / count
            subscribed(bascule, f"{one.url}/slack", "slack")
            slack = measured(url, one, "/slack", max(2, int(SLACK_MOVES * SLACK_SECONDS * size)), SLACK_MOVES)
        with program("-m", "bench.bare", "--ats", url, "--forward", f"{one.url}/bare") as bare:
            bare.said()
            passed = measured(url, one, "/bare", max(4, int(MOVES * BASELINE_SECONDS * size)), MOVES)
    return [
        _row(f"Stage change in the ATS to a subscriber, {MOVES:g}/s", plain, passed, used),
        _row("Stage change in the ATS to Slack, one every 1.5 s", slack, passed),
    ]


def subscribed(bascule: Program, url: str, format: str) -> None:
    bascule.tell(f"subscribe {url} {format}")
    assert bascule.said()["subscription"]


async def _jobs(url: str) -> dict[str, int]:
    ats = Ats(url)
    try:
        return await ats.open_jobs()
    finally:
        await ats.close()


def _row(what: str, took: Sequence[float], passed: Sequence[float], used: float = 0.0) -> Row:
    p50, p95, bare = percentile(took, 0.5), percentile(took, 0.95), percentile(passed, 0.95)
    figures = {
        "moves": len(took), "p50_s": round(p50, 3), "p95_s": round(p95, 3), "worst_s": round(max(took), 3),
        "baseline_p50_s": round(percentile(passed, 0.5), 3), "baseline_p95_s": round(bare, 3),
        "cpu_ms_each": round(used, 1),
    }  # fmt: skip
    spent_ = f"; {used:.0f} ms of processor time each" if used else ""
    return Row(
        "subscribers", what, round(p95 / bare, 2), "p95 to baseline's",
        f"p50 {p50:.2f} s, p95 {p95:.2f} s, worst {max(took):.2f} s of {len(took)} moves{spent_}",
        f"the ATS's webhook passed on as it came: p95 {bare:.2f} s", f"p95 < {GOAL:g} s", p95 < GOAL, figures,
    )  # fmt: skip
