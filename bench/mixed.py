"""Fifty events a second as a season of hiring has them: most of them about people who are there already.

Of every ten events eight are stage moves by recruiters, one is a transfer of somebody to another job, one is a new
application; all in the ATS, evenly spaced, by the sandbox's own pages and forms, each about somebody else for as long
as there are enough. A move must be in the record here (there is nothing to write back of it at one connection); who is
transferred or applies must be scored for the job and the score stand in the ATS. Ends are read as in the latency bench;
when a move was in the record, the record itself says. The row is about the write-backs. It is an easier question than
fifty *applications* a second, which has its own row, and does not stand for it.
"""

from __future__ import annotations

import asyncio
import json
import math
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bascule.demo.ats import Ats, Change
from bascule.demo.ledger import Ledger
from bascule.demo.material import load
from bascule.demo.people import ENTERPRISE, adverts

from .latency import ANSWER, LIMIT, P95, PATIENCE, RATE, Form, apply, forms, phase, quiet
from .processes import Program, program, sandbox, spent
from .rows import Row, percentile

EVENTS, SECONDS, BASELINE_SECONDS = 50.0, 15.0, 8.0
PEOPLE = 240  # who is there already
TEN = ("move", "move", "move", "transfer", "move", "move", "move", "move", "apply", "move")
SCORED = frozenset(f"custom_fields.bascule_match_{name}" for name in ("score", "reasons", "skills"))
STAGE = "job_interview_stage_id"
Deed = Callable[[aiohttp.ClientSession], Coroutine[Any, Any, None]]


@dataclass
class Watched:
    """What the sandbox saw of these events."""

    ledger: Ledger
    known: frozenset[int] = frozenset()  # applications that were there before
    stages: list[tuple[int, int, float]] = field(default_factory=list[tuple[int, int, float]])  # application, new, when
    transferred: dict[int, float] = field(default_factory=dict[int, float])  # application -> when
    again: dict[int, float] = field(default_factory=dict[int, float])  # application -> when its new score stood there

    def take(self, changes: Sequence[Change]) -> None:
        self.ledger.take(changes)
        for change in changes:
            about, id, name, at = change["object"], change["id"], change["field"] or "", float(change["at"])
            if about == "applications" and id in self.known:
                if name == STAGE:
                    self.stages.append((id, change["new"], at))
                elif name == "job_id":
                    self.transferred[id] = at
                elif name in SCORED and id in self.transferred:
                    self.again.setdefault(id, at)

    @property
    def new(self) -> list[float | None]:
        """How long each new application waited for its score."""
        return [one.latency for id, one in self.ledger.applications.items() if id not in self.known]

    @property
    def rescored(self) -> list[float | None]:
        return [self.again[id] - at if id in self.again else None for id, at in self.transferred.items()]

    @property
    def moved(self) -> list[tuple[int, int, float]]:
        """Moves within a job."""
        return [one for one in self.stages if one[0] not in self.transferred]


def move(url: str, application: int, stage: int) -> Deed:
    async def deed(session: aiohttp.ClientSession) -> None:
        await _post(session, f"{url}/applications/{application}/move", {"to_stage_id": str(stage)})

    return deed


def transfer(url: str, application: int, job: int) -> Deed:
    async def deed(session: aiohttp.ClientSession) -> None:
        await _post(session, f"{url}/applications/{application}/transfer", {"to_job_id": str(job)})

    return deed


async def _post(session: aiohttp.ClientSession, url: str, data: Any) -> None:
    async with session.post(url, data=data, allow_redirects=False) as answer:
        assert answer.status == 303, answer.status
        assert "wrong=" not in answer.headers["location"], answer.headers["location"]


def events(
    url: str,
    rows: Sequence[Mapping[str, Any]],
    stages: Mapping[int, Sequence[int]],
    people: Sequence[Form],
    count: int,
    jobs: Sequence[int],
) -> list[Deed]:
    """So many of them. `rows`: the applications that are there, `stages`: a job's, in their order. Who is transferred
    is nobody who is moved."""
    third = max(1, len(rows) // 3)
    leaving, movers = list(rows[:third]), list(rows[third:]) or list(rows)
    others = dict(zip(jobs, [*jobs[1:], *jobs[:1]], strict=True))
    at = {row["id"]: stages[row["job_id"]].index(row[STAGE]) for row in movers}
    made: list[Deed] = []
    moves = left = applied = 0
    for number in range(count):
        kind = TEN[number % len(TEN)]
        if kind == "transfer" and left < len(leaving):
            row = leaving[left]
            left += 1
            made.append(transfer(url, row["id"], others[row["job_id"]]))
        elif kind == "apply":
            made.append(lambda session, form=people[applied]: apply(session, form))
            applied += 1
        else:
            row = movers[moves % len(movers)]
            ladder = stages[row["job_id"]]
            at[row["id"]] = (at[row["id"]] + 1) % len(ladder)
            made.append(move(url, row["id"], ladder[at[row["id"]]]))
            moves += 1
    return made


async def send(deeds: Sequence[Deed], rate: float) -> None:
    """Evenly spaced, however long each takes."""
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        began = loop.time()
        for number, deed in enumerate(deeds):
            await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
            group.create_task(deed(session))


async def season(url: str, people: Sequence[Form], count: int) -> Watched:
    """Let it all happen, and wait for the write-backs."""
    ats = Ats(url)
    try:
        jobs = {id: title for title, id in (await ats.open_jobs()).items()}
        watched = Watched(Ledger(ENTERPRISE, jobs))
        while changes := (await ats.changes(watched.ledger.last))[0]:
            watched.ledger.take(changes)
        watched.known = frozenset(watched.ledger.applications)
        tables = await ats.tables("applications", "job_interview_stages")
        stages: defaultdict[int, list[int]] = defaultdict(list)
        for row in sorted(tables["job_interview_stages"], key=lambda row: (row["job_id"], row["sort_order"])):
            stages[row["job_id"]].append(row["id"])
        rows = [r for r in tables["applications"] if r["id"] in watched.known and r["job_id"] in jobs]
        await send(events(url, rows, stages, people, count, sorted(jobs)), EVENTS)
        ends = time.monotonic() + PATIENCE
        while True:
            watched.take((await ats.changes(watched.ledger.last))[0])
            if None not in [*watched.new, *watched.rescored] or time.monotonic() > ends:
                return watched
            await asyncio.sleep(0.5)
    finally:
        await ats.close()


def in_the_record(
    told: Iterable[tuple[str, str, float]], moved: Iterable[tuple[int, int, float]]
) -> list[float | None]:
    """How long each move took to be in the record. Of two that were read together the first counts with the second."""
    seen: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
    for application, stage, at in sorted(told, key=lambda one: one[2]):
        seen[int(application)].append((int(stage), at))
    found: list[float | None] = []
    for application, stage, when in moved:
        later = [(there, at) for there, at in seen[application] if at >= when]
        ends = next((at for there, at in later if there == stage), later[0][1] if later else None)
        found.append(None if ends is None else ends - when)
    return found


def run(size: float = 1.0) -> list[Row]:
    """One row. `size` 1 is about a minute and a half."""
    material = load()
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bascule-bench-")))
        opened = data / "jobs.json"
        opened.write_text(json.dumps(adverts(material, ENTERPRISE, ask=False)), "utf-8")
        line = ["--rate", LIMIT, "--latency", str(ANSWER), "--tier", ENTERPRISE, "--jobs", str(opened)]
        url = stack.enter_context(sandbox(*line))
        jobs = asyncio.run(_jobs(url))

        def people(count: float, mark: str) -> list[Form]:
            return forms(url, jobs, material.applications, max(3, int(count)), mark)

        with program("-m", "bench.connected", "--data", str(data / "data"), "--ats", url) as bascule:
            bascule.said()
            asyncio.run(phase(url, people(PEOPLE * size, "s"), RATE))
            quiet(bascule)
            count = max(10, int(EVENTS * SECONDS * size))
            used = spent(bascule.pid)
            watched = asyncio.run(season(url, people(count, "m"), count))
            failures = quiet(bascule)["failures"]
            used = spent(bascule.pid) - used
            moves = in_the_record(_moves(bascule), watched.moved)
        with program("-m", "bench.bare", "--ats", url) as bare:
            bare.said()
            share = TEN.count("apply") / len(TEN)
            asyncio.run(phase(url, people(3, "v"), RATE))
            few = people(EVENTS * share * BASELINE_SECONDS * size, "b")
            plain = [one.latency for one in asyncio.run(phase(url, few, EVENTS * share)) if one.latency is not None]
    return [_row(watched, moves, plain, failures, 1000 * used / count, count)]


def _moves(bascule: Program) -> list[tuple[str, str, float]]:
    bascule.tell("moves")
    return [(one[0], one[1], one[2]) for one in bascule.said()["moves"]]


async def _jobs(url: str) -> dict[str, int]:
    ats = Ats(url)
    try:
        return await ats.open_jobs()
    finally:
        await ats.close()


def _row(
    watched: Watched, moves: Sequence[float | None], plain: Sequence[float], failures: int, each: float, count: int
) -> Row:
    def whole(took: Sequence[float | None]) -> list[float]:  # what was not there in time counts as the slowest
        return [math.inf if one is None else one for one in took]

    new, again, moved = whole(watched.new), whole(watched.rescored), whole(moves)
    back, bare = percentile([*new, *again], 0.95), percentile(plain, 0.95)
    figures = {
        "events": count, "applications": len(new), "transfers": len(again), "moves": len(moved), "failures": failures,
        "application_p95_s": round(percentile(new, 0.95), 3), "transfer_p95_s": round(percentile(again, 0.95), 3),
        "move_p50_s": round(percentile(moved, 0.5), 3), "move_p95_s": round(percentile(moved, 0.95), 3),
        "baseline_p95_s": round(bare, 3), "cpu_ms_each": round(each, 1),
    }  # fmt: skip
    return Row(
        "mixed", f"A season's events, {EVENTS:g}/s: 8 moves, 1 transfer, 1 application of ten; to the score in the ATS",
        round(back / bare, 2), "p95 to baseline's",
        f"p95 {back:.2f} s of {len(new)} applications and {len(again)} transfers; {len(moved)} moves in the record: "
        f"p50 {percentile(moved, 0.5):.2f} s, p95 {percentile(moved, 0.95):.2f} s; {each:.0f} ms of processor time an "
        "event",
        f"the bare calls of the applications alone: p95 {bare:.2f} s", f"p95 < {P95:g} s", back < P95, figures,
    )  # fmt: skip
