"""A surge: many people apply within a minute, at a system that answers 75 requests in 30 seconds. In virtual time.

The real engine, scorer, store, connector and sandbox; only the clock is held. `python -m tests.engine.surge 10000`
(`make surge`) prints what came of it, and ends with 1 when a promise was broken.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bascule.model import Kind
from bascule.sandbox import greenhouse

from .kit import OWNER, Builder, House, Workbench, builder

DOCUMENTED = greenhouse.Rate(75, 30.0)
WITHIN = 60.0  # seconds in which all of them apply
EDIT_EVERY = timedelta(minutes=10)  # somebody changes a candidate here this often while the backlog lasts
LONG = timedelta(seconds=120)  # estimates of less are not judged: a few seconds are many per cent of them


@dataclass
class Surge:
    """What was seen. `estimates`: (seconds from the beginning, said, low, high), each in seconds."""

    people: int
    began: datetime
    ended: datetime | None = None
    refused: int = 0
    fullest: int = 0
    requests: int = 0
    scored: int = 0
    failures: int = 0
    edits: list[float] = field(default_factory=list[float])
    estimates: list[tuple[float, float, float, float]] = field(default_factory=list[tuple[float, float, float, float]])

    @property
    def took(self) -> float:
        assert self.ended is not None
        return (self.ended - self.began).total_seconds()

    def errors(self) -> list[float]:
        """Of each estimate, by how much of what was really left it was off; below 0: too early."""
        judged = [(self.took - at, said) for at, said, _, _ in self.estimates]
        return [(said - left) / left for left, said in judged if left >= LONG.total_seconds()]

    def inside(self) -> float:
        """Which part of the estimates were right within what they said of themselves."""
        judged = [(self.took - at, low, high) for at, _, low, high in self.estimates]
        judged = [one for one in judged if one[0] >= LONG.total_seconds()]
        return sum(low <= left <= high for left, low, high in judged) / len(judged)


async def run(build: Builder, people: int) -> Surge:
    """Let that many people apply within a minute, and work it all off."""
    house = await build.house(rate=DOCUMENTED)
    for i in range(5):  # an ordinary morning, from which costs are known
        await _one(house, f"early{i}")
        await house.pass_time(20)
    known = await house.record(Kind.CANDIDATE, next(iter(house.sandbox.db["candidates"]))["id"])
    await house.pass_time(120)
    log = house.transport.log
    before, surge = len(log), Surge(people, house.clock.at)
    for i in range(people):
        await _one(house, f"p{i}")
        if i % 25 == 24:
            end = surge.began + timedelta(seconds=WITHIN * (i + 1) / people)
            await house.pass_time((end - house.clock.at).total_seconds())
    await _work_off(house, surge, people + 5, known.id)
    surge.ended = house.clock.at
    mine = [one for one in log[before:] if one.path.startswith("/v3/")]
    surge.requests = len(mine)
    surge.refused = sum(one.status == 429 for one in log)
    surge.fullest = max(Counter(int(one.at.timestamp() // 30) for one in mine).values())
    surge.failures = len(await house.open_failures()) + len(house.failures)
    return surge


async def _one(house: House, name: str) -> None:
    job = "Staff Nurse" if int(name.strip("earlyp")) % 2 else "Backend Engineer"
    await house.apply("P", name, f"{name}@example.org", job=job)


async def _work_off(house: House, surge: Surge, everybody: int, record: str) -> None:
    """Until everybody has a score there; on the way the estimates are kept, and now and then somebody edits here."""
    next_edit, next_look = surge.began + EDIT_EVERY / 10, surge.began
    rows = house.sandbox.db["applications"]
    external = await _external(house, record)
    edits = 0
    limit = surge.began + timedelta(seconds=60 + 40 * surge.people)
    while house.clock.at < limit:
        if house.clock.at >= next_look:
            surge.scored = sum(house.custom(row).get("bascule_ai_status") == "scored" for row in rows)
            status = await house.app.standing.status()
            (row,) = status["connections"]
            if surge.scored == everybody and not row["waiting"]:
                return
            if row["eta"] is not None:
                at = (house.clock.at - surge.began).total_seconds()
                surge.estimates.append((at, row["eta"]["seconds"], row["eta"]["low"], row["eta"]["high"]))
            next_look = house.clock.at + timedelta(seconds=30)
        if house.clock.at >= next_edit:
            edits += 1
            title, asked = f"Edited {edits}", house.clock.at
            await house.app.changes.edit(record, {"title": title}, OWNER)
            while house.candidate(external)["title"] != title and house.clock.at < limit:
                await house.pass_time(1)
            surge.edits.append((house.clock.at - asked).total_seconds())
            next_edit = asked + EDIT_EVERY
        await house.pass_time(5)
    raise AssertionError(f"not worked off after {limit - surge.began}: {await house.app.standing.status()}")


async def _external(house: House, record: str) -> int:
    for row in house.sandbox.db["candidates"]:
        if (await house.record(Kind.CANDIDATE, row["id"])).id == record:
            return row["id"]
    raise AssertionError(record)


def words(surge: Surge, seconds: float) -> list[str]:
    """What came of it, in lines."""
    errors = sorted(abs(one) for one in surge.errors())
    hours = surge.took / 3600
    edits = sorted(surge.edits)
    return [
        f"{surge.people} applications in {WITHIN:g} s, {DOCUMENTED.limit} requests in {DOCUMENTED.seconds:g} s.",
        f"Worked off in {hours:.2f} h of virtual time, {surge.requests} requests, "
        f"{surge.requests / surge.people:.2f} each; {surge.requests / surge.took * 30:.1f} of 75 a window on average.",
        f"429: {surge.refused}. Fullest window: {surge.fullest}. Scored there: {surge.scored}. "
        f"Failures: {surge.failures}.",
        f"Edits made here meanwhile: {len(edits)}, there after {edits[len(edits) // 2]:.1f} s (median), "
        f"{edits[-1]:.1f} s at most.",
        f"Estimates: {len(errors)}, off by {errors[len(errors) // 2]:.0%} (median), "
        f"{errors[int(len(errors) * 0.95)]:.0%} (95 of 100), {errors[-1]:.0%} at most; "
        f"{surge.inside():.0%} were right within what they said of themselves.",
        f"{seconds:.0f} s of processor time.",
    ]  # fmt: skip


async def main(people: int) -> int:
    bench = Workbench()
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        async with builder(f"sqlite:///{folder}/surge.db", Path(folder), bench) as build:
            surge = await run(build, people)
    await bench.close()
    print("\n".join(words(surge, time.process_time() - began)))
    return 0 if not surge.refused and not surge.failures and surge.scored == people + 5 else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]))))
