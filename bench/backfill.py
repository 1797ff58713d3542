"""Reading an account with 5,000 candidates for the first time, against what the rate limit alone would take.

Two rows. In the first, the sandbox is a process of its own with its limit lifted, so that what is measured is
Bascule's own work; the baseline is arithmetic: the same requests at Greenhouse's documented 75 in 30 seconds. A ratio
below 1 says that the limit, and not Bascule, decides how long a first reading takes.

In the second, the limit holds, in virtual time: the same engine and sandbox in one process, under a clock that moves
when nothing is left to do, so that eight minutes pass in one. The baseline is a loop that sends 75 requests at the
beginning of every window of 30 seconds until the same number has been sent. What the ratio shows is what Bascule leaves
unused of the limit: what it keeps free for people and changes, and where it waits for an answer.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from tests.engine.kit import DANA, House, Workbench, builder

from bascule.sandbox import greenhouse

from .latency import LIMIT, requests_of
from .processes import program, sandbox, spent
from .rows import Row

CANDIDATES = 5_000
DOCUMENTED = greenhouse.Rate(75, 30.0)
ANSWER = 0.2  # seconds an answer takes in virtual time
WITHIN = 300.0
GOAL = 1.2


def run(size: float = 1.0) -> list[Row]:
    """Two rows. `size` 1 is 5,000 candidates, about 200 seconds."""
    people = max(10, int(CANDIDATES * size))
    return [_lifted(people), asyncio.run(_limited(people))]


def _lifted(people: int) -> Row:
    with (
        tempfile.TemporaryDirectory(prefix="bascule-bench-") as data,
        sandbox("--rate", LIMIT, "--candidates", str(people)) as url,
        program("-m", "bench.connected", "--data", str(Path(data) / "data"), "--ats", url, "--read-only") as bascule,
    ):
        told = bascule.said(WITHIN)
        used = spent(bascule.pid)
        asked = sum(asyncio.run(requests_of(url)).values())
    seconds, records, alone = told["seconds"], told["records"], asked * DOCUMENTED.seconds / DOCUMENTED.limit
    figures = {
        "candidates": people, "seconds": round(seconds, 1), "records": records, "requests": asked,
        "records_per_s": round(records / seconds), "requests_per_record": round(asked / records, 4),
        "cpu_ms_per_record": round(1000 * used / records, 2), "limit_alone_s": round(alone, 1),
    }  # fmt: skip
    return Row(
        "backfill", f"First reading of {people:,} candidates, limit lifted", round(seconds / alone, 3),
        "seconds to the limit's",
        f"{seconds:.1f} s: {records:,} records, {records / seconds:,.0f}/s, {asked} requests "
        f"({1000 * asked / records:.1f} a thousand records), "
        f"{1000 * used / records:.1f} ms of processor time a record",
        f"the same requests at 75 in 30 s: {alone:.0f} s", "< 1: the limit decides", seconds < alone, figures,
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------- in virtual time


async def _limited(people: int) -> Row:
    with tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder:
        bench = Workbench()
        try:
            async with builder(f"sqlite:///{folder}/bench.db", Path(folder), bench) as build:
                house = await build.house(None, candidates=people, rate=DOCUMENTED, latency=ANSWER)
                began = house.clock.at
                await house.add(house.sandbox.access.create(DANA, "Bascule", 4_012_001, house.scopes()))
                await _read_whole(house)
                took = (house.clock.at - began).total_seconds()
                asked = [one for one in house.transport.log if one.path.startswith("/v3/")]
                pages = (await house.app.accounts.progress(house.name)).pages
        finally:
            await bench.close()
    refused = sum(one.status == 429 for one in asked)
    alone = limit_alone(len(asked), DOCUMENTED)
    ratio = round(took / alone, 3)
    figures = {
        "candidates": people, "seconds": round(took, 1), "requests": len(asked), "pages": pages, "refused": refused,
        "limit_alone_s": round(alone, 1), "a_window": _windows([(one.at - began).total_seconds() for one in asked]),
    }  # fmt: skip
    return Row(
        "backfill", f"First reading of {people:,} candidates at 75 requests in 30 s", ratio, "seconds to the limit's",
        f"{took:.0f} s of virtual time: {len(asked)} requests, polls included; {refused} refused",
        f"a loop that sends 75 at the beginning of every 30 s, as many requests: {alone:.0f} s",
        f"at most {GOAL}", ratio <= GOAL and not refused, figures,
    )  # fmt: skip


async def _read_whole(house: House) -> None:
    """Work until the account has been read whole and nothing of it waits; the clock moves where nothing can be done."""
    while True:
        leased = await house.app.worker.step()
        await house.app.runtime.settle()
        if leased is None or len(leased):
            continue
        if house.at.row.crawled and not await _waiting(house):
            return
        house.clock.at = max(house.clock.at, leased.next_due or house.clock.at + timedelta(seconds=1))


async def _waiting(house: House) -> int:
    """Objects that are still to be read."""
    return (await house.app.store.read(lambda tx: tx.pages.overview([house.at.id])))[house.at.id].reads


def limit_alone(requests: int, rate: greenhouse.Rate) -> float:
    """Seconds until the last of so many requests is answered, when each window's are sent at its beginning."""
    return (requests - 1) // rate.limit * rate.seconds + ANSWER


def _windows(seconds: Sequence[float]) -> list[int]:
    """Requests in each window of the limit."""
    counts = [0] * (int(max(seconds) // DOCUMENTED.seconds) + 1)
    for one in seconds:
        counts[int(one // DOCUMENTED.seconds)] += 1
    return counts
