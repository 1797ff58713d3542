"""From an application in the ATS to its score in the ATS, at 20 and at 50 applications a second.

People apply on the sandbox's careers page with real CV files, evenly spaced; the sandbox is a process of its own that
takes 20 ms for every answer and has no rate limit to speak of. Both ends of a latency are read from the sandbox's own
list of changes, so one clock measures it: application created, score field written. The baseline is a script that does
the same calls on the same account by the same HTTP transport, and neither stores, nor scores, nor retries anything.
"""

from __future__ import annotations

import asyncio
import json
import math
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp

from bascule.demo.ats import Ats
from bascule.demo.ledger import Ledger, Seen
from bascule.demo.material import Application, Kind, load
from bascule.demo.people import ENTERPRISE, adverts

from .processes import Program, program, sandbox, spent
from .rows import Row, percentile

RATE, SECONDS, BASELINE_SECONDS = 20.0, 30.0, 10.0
BUSY_RATE, BUSY_SECONDS, BUSY_BASELINE_SECONDS = 50.0, 15.0, 5.0
ANSWER = 0.02  # seconds the sandbox takes for an answer
P50, P95, REQUESTS = 0.3, 1.0, 6.0  # goals; at the higher rate only the second counts
PATIENCE = 60.0  # seconds to wait for the last score after the last application
LIMIT = "100000/30"


@dataclass(frozen=True, slots=True)
class Form:
    """An application ready to be sent."""

    url: str
    values: dict[str, str]
    resume: Path


def forms(url: str, jobs: dict[str, int], who: Sequence[Application], count: int, mark: str) -> list[Form]:
    """Applications by different people with the demo's CV files, over and over."""
    mine = [one for one in who if one.kind is not Kind.BROKEN_PDF and one.job.title in jobs]
    made: list[Form] = []
    for number in range(count):
        one = mine[number % len(mine)]
        person = one.applicant
        values = {
            "first_name": person.first_name, "last_name": f"{person.last_name} {mark}{number}",
            "email": f"{mark}{number}.{person.email}", "consent": "yes",
        }  # fmt: skip
        made.append(Form(f"{url}/careers/jobs/{jobs[one.job.title]}", values, one.file))
    return made


async def apply(session: aiohttp.ClientSession, form: Form) -> None:
    data = aiohttp.FormData(form.values)
    data.add_field("resume", form.resume.read_bytes(), filename=form.resume.name)
    async with session.post(form.url, data=data, headers={"accept": "application/json"}) as answer:
        assert answer.status == 201, await answer.text()


async def load_on(forms: Sequence[Form], rate: float) -> None:
    """Send the forms evenly spaced, however long each takes."""
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        began = loop.time()
        for number, form in enumerate(forms):
            await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
            group.create_task(apply(session, form))


async def requests_of(url: str) -> Counter[str]:
    """Requests of Harvest that the sandbox has answered so far: endpoint -> how many."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/sandbox/requests") as answer:
        told = await answer.json()
    counted = [row for row in told["requests"] if row["endpoint"].startswith("/v3/")]  # files come from elsewhere
    return Counter({f"{row['method']} {row['endpoint']}": row["count"] for row in counted})


async def phase(url: str, made: Sequence[Form], rate: float) -> list[Seen]:
    """Let these people apply, wait for their scores, and return what the sandbox saw."""
    ats = Ats(url)
    try:
        ledger = Ledger(ENTERPRISE, {id: title for title, id in (await ats.open_jobs()).items()})
        while (changes := (await ats.changes(ledger.last))[0]) or not ledger.last:
            ledger.take(changes)
            if not changes:
                break
        before = set(ledger.applications)
        await load_on(made, rate)
        ends = time.monotonic() + PATIENCE
        while True:
            ledger.take((await ats.changes(ledger.last))[0])
            new = [one for id, one in ledger.applications.items() if id not in before]
            late = [one for one in new if not one.written]
            if (len(new) == len(made) and not late) or time.monotonic() > ends:
                return new
            await asyncio.sleep(0.5)
    finally:
        await ats.close()


def quiet(bascule: Program, within: float = PATIENCE) -> dict[str, Any]:
    """Wait until nothing is on its way; the last word about it."""
    ends = time.monotonic() + within
    while True:
        bascule.tell("status")
        told = bascule.said()
        if not any(told[name] for name in ("reads", "writes", "scores")) or time.monotonic() > ends:
            return told
        time.sleep(0.2)


@dataclass(frozen=True, slots=True)
class Measured:
    """One rate: what the sandbox saw, with Bascule and with the bare script, and what Bascule took for it."""

    rate: float
    scored: list[Seen]
    bared: list[Seen]
    asked: Counter[str]
    lasted: float
    used: float
    failures: int


def run(size: float = 1.0) -> list[Row]:
    """Three rows: latency at both rates, and requests an application. `size` 1 is about two minutes."""
    pace = ((RATE, SECONDS, BASELINE_SECONDS, "b"), (BUSY_RATE, BUSY_SECONDS, BUSY_BASELINE_SECONDS, "c"))
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
            quiet(bascule)
            asyncio.run(phase(url, people(20 * size, "w"), RATE))
            quiet(bascule)
            with_us = [_measure(url, bascule, people(rate * secs * size, mark), rate) for rate, secs, _, mark in pace]
        with program("-m", "bench.bare", "--ats", url) as bare:
            bare.said()
            asyncio.run(phase(url, people(3, "v"), RATE))
            bared = [
                asyncio.run(phase(url, people(rate * secs * size, f"p{mark}"), rate)) for rate, _, secs, mark in pace
            ]
    usual, busy = (replace(one, bared=plain) for one, plain in zip(with_us, bared, strict=True))
    return [_latency(usual), _latency(busy), _requests(usual)]


def _measure(url: str, bascule: Program, made: Sequence[Form], rate: float) -> Measured:
    asked, used, began = asyncio.run(requests_of(url)), spent(bascule.pid), time.monotonic()
    scored = asyncio.run(phase(url, made, rate))
    lasted = time.monotonic() - began
    told, used = quiet(bascule), spent(bascule.pid) - used
    return Measured(rate, scored, [], asyncio.run(requests_of(url)) - asked, lasted, used, told["failures"])


async def _jobs(url: str) -> dict[str, int]:
    ats = Ats(url)
    try:
        return await ats.open_jobs()
    finally:
        await ats.close()


def _latency(one: Measured) -> Row:
    never = math.inf  # an application that was not scored in time counts as the slowest
    took = [never if seen.latency is None else seen.latency for seen in one.scored]
    plain = [seen.latency for seen in one.bared if seen.latency is not None]
    p50, p95 = percentile(took, 0.5), percentile(took, 0.95)
    plain_p50, plain_p95 = percentile(plain, 0.5), percentile(plain, 0.95)
    each = 1000 * one.used / len(took)
    figures = {
        "applications": len(took), "scored": sum(seen.scored is not None for seen in one.scored),
        "failures": one.failures, "p50_s": round(p50, 3), "p95_s": round(p95, 3), "worst_s": round(max(took), 3),
        "baseline_p50_s": round(plain_p50, 3), "baseline_p95_s": round(plain_p95, 3), "seconds": round(one.lasted, 1),
        "cpu_ms_each": round(each),
    }  # fmt: skip
    busy = one.rate > RATE
    ratio, of = (p95 / plain_p95, "p95") if busy else (p50 / plain_p50, "p50")
    goal = f"p95 < {P95:g} s" if busy else f"p50 < {P50:g} s, p95 < {P95:g} s"
    return Row(
        "latency", f"Application to score in the ATS, {one.rate:g}/s", round(ratio, 2), f"{of} to baseline's",
        f"p50 {p50:.2f} s, p95 {p95:.2f} s, worst {max(took):.2f} s of {len(took)} applications; "
        f"{each:.0f} ms of processor time each",
        f"the bare calls, nothing stored or scored: p50 {plain_p50:.2f} s, p95 {plain_p95:.2f} s",
        goal, p95 < P95 and (busy or p50 < P50), figures,
    )  # fmt: skip


def _requests(one: Measured) -> Row:
    each = sum(one.asked.values()) / len(one.scored)
    figures = {"requests_each": round(each, 2), "requests": dict(one.asked.most_common())}
    return Row(
        "latency", f"Requests an application, polls included, {one.rate:g}/s", round(each / 5, 2),
        "requests to the bare script's 5", f"{each:.1f}",
        "5 (and the file): candidate, application, stage, attachments, PATCH", f"at most {REQUESTS:g}",
        each <= REQUESTS, figures,
    )  # fmt: skip
