"""A first reading of a large account by the real program, killed again and again, while people apply there.

`python -m tests.crash.reading CANDIDATES KILLS` (`make first-reading`) prints what came of it, and ends with 1 when a
promise was broken. On SQLite; the account is a sandbox in a process of its own whose rate limit is lifted.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from bench.processes import pss, sandbox

from bascule.app import App
from bascule.app import running as inside
from bascule.demo.ats import Ats, FormError
from bascule.model import Actor, ActorKind, Kind
from bascule.office.accounts import NewConnection
from bascule.settings import Settings
from bascule.store import Tx
from bascule.store.sql import Sql

from .processes import free_port

NAME = "acme"
HELD = Sql("SELECT kind, COUNT(*) FROM links WHERE state = 'live' GROUP BY kind")
DOUBLED = Sql(
    "SELECT connection, kind, external FROM links GROUP BY connection, kind, external HAVING COUNT(DISTINCT record) > 1"
)
OWNER = Actor(ActorKind.PERSON, "owner", "Olga Owner")
KINDS = {"candidates": Kind.CANDIDATE, "applications": Kind.APPLICATION, "notes": Kind.NOTE}
CV = "Someone New\nOffice Manager\n\nExperience\nOffice Manager, Contoso, 2019 - present\nAll that an office needs.\n"
PATIENCE = 180.0  # seconds for anything but the reading itself


@dataclass
class Reading:
    """What was seen. `weights`: (objects read, megabytes of memory); `live`: seconds until somebody who applied during
    the reading was known here; `told`: of the second reading (seconds really left, seconds it said)."""

    candidates: int
    kills: int = 0
    seconds: float = 0.0
    objects: int = 0
    there: Counter[str] = field(default_factory=Counter[str])
    here: Counter[str] = field(default_factory=Counter[str])
    doubled: int = 0
    written: int = 0
    begun_anew: int = 0
    weights: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    live: list[float] = field(default_factory=list[float])
    told: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    def wrong(self) -> list[str]:
        """The promises that were broken."""
        found: list[str] = []
        if self.here != self.there:
            found.append(f"there are {dict(self.there)}, here {dict(self.here)}")
        if self.doubled:
            found.append(f"{self.doubled} objects have more than one record")
        if self.written:
            found.append(f"{self.written} changes were made there")
        if self.begun_anew:
            found.append(f"{self.begun_anew} times it began from the first page")
        return found


@dataclass
class Running:
    """The real program on its data folder."""

    data: Path
    port: int
    process: Process | None = None

    async def start(self) -> None:
        log = (self.data / "up.log").open("ab")
        with log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "from bascule.cli import main; main()", "up", "--data", str(self.data), "--json",
                "--port", str(self.port), stdin=DEVNULL, stdout=PIPE, stderr=log, start_new_session=True,
                env={"PATH": "", "PYTHONPATH": ":".join(sys.path)},
            )  # fmt: skip
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            assert await self.process.stdout.readline(), (self.data / "up.log").read_text()[-3000:]

    async def end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            await self.process.wait()
            self.process = None

    @property
    def weight(self) -> float:
        return pss(self.process.pid) if self.process is not None else 0.0

    async def ask(self, http: aiohttp.ClientSession, path: str, *, post: bool = False) -> Any:
        key = json.loads((self.data / "server.json").read_text())["key"]
        headers = {"Authorization": f"Bearer {key}"}
        url = f"http://127.0.0.1:{self.port}/api/v1{path}"
        async with http.request("POST" if post else "GET", url, headers=headers, json={} if post else None) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()


async def run(folder: Path, candidates: int, kills: int, *, again: bool = True) -> Reading:
    """Read it whole, kill the process `kills` times on the way; then, if `again`, once more to judge the estimates."""
    seen = Reading(candidates)
    with sandbox("--rate", "1000000/30", "--candidates", str(candidates), within=PATIENCE + candidates / 100) as url:
        ats = Ats(url, patience=PATIENCE)
        running = Running(folder, free_port())
        try:
            seen.there = await _there(ats)
            _, last = await ats.changes(0)
            async with _inside(running) as app:
                hook, secret = await _connect(app, ats)
            await running.start()
            await ats.add_webhook("Bascule", hook, secret)
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE)) as http:
                await _first(running, http, ats, seen, kills)
                if again:
                    await _again(running, http, seen)
            await running.end(signal.SIGTERM)
            seen.written = sum(1 for one in (await ats.changes(last))[0] if str(one["actor"]).startswith("api:"))
            async with _inside(running) as app:
                await _compare(app, seen)
        finally:
            await running.end(signal.SIGKILL)
            await ats.close()
    return seen


async def _there(ats: Ats) -> Counter[str]:
    tables = await ats.tables(*KINDS)
    return Counter({name: len([row for row in tables[name] if row.get("type", "NOTE") == "NOTE"]) for name in KINDS})


def _inside(running: Running) -> AbstractAsyncContextManager[App]:
    return inside(Settings(data=running.data, port=running.port, log_level="warning"), work=False)


async def _connect(app: App, ats: Ats) -> tuple[str, str]:
    """Where its webhooks go, and their secret."""
    rights = app.grants.least("greenhouse")
    id, secret = await ats.make_credential("Bascule", rights)
    new = NewConnection(
        NAME, "greenhouse", f"{ats.url}/v3", settings={"client_id": id}, secrets={"client_secret": secret},
        granted=rights,
    )  # fmt: skip
    at = await app.accounts.connect(new, OWNER)
    return f"{app.settings.address}/hooks/{NAME}", at.secrets["webhook_secret"]


async def _first(running: Running, http: aiohttp.ClientSession, ats: Ats, seen: Reading, kills: int) -> None:
    """The first reading. A kill after each further part of what it has to read; in each part somebody applies."""
    total = sum(seen.there.values())
    parts = [total * (i + 1) // (kills + 2) for i in range(kills)]
    jobs = list((await ats.open_jobs()).values())
    resume = running.data / "cv.txt"
    resume.write_text(CV)
    began, before, applied = time.monotonic(), 0, 0
    while True:
        progress = await running.ask(http, f"/connections/{NAME}/backfill")
        seen.begun_anew += progress["objects"] < before
        before = progress["objects"]
        seen.weights.append((before, running.weight))
        if progress["state"] == "done":
            break
        if parts and before >= parts[0]:
            parts.pop(0)
            await running.end(signal.SIGKILL)
            seen.kills += 1
            await running.start()
            applied += 1
            seen.live.append(await _apply(running, http, ats, jobs, resume, applied))
        await asyncio.sleep(0.2)
    seen.seconds, seen.objects = time.monotonic() - began, before
    seen.there += Counter({"candidates": applied, "applications": applied})


async def _apply(
    running: Running, http: aiohttp.ClientSession, ats: Ats, jobs: list[int], resume: Path, number: int
) -> float:
    """Somebody applies; how long until Bascule knows them."""
    name = f"Livingstone{number}"
    person = {
        "first_name": "Lee",
        "last_name": name,
        "email": f"{name.lower()}@example.org",
        "phone": "+44 20 7946 0000",
    }
    began = time.monotonic()
    while True:
        try:
            await ats.apply(jobs[0], person, {}, resume)
            break
        except FormError:  # it asks a question that must be answered
            del jobs[0]
            assert jobs, "every job asks something"
    while not any(one["applications"] for one in (await running.ask(http, f"/candidates?q={name}"))["items"]):
        assert time.monotonic() - began < PATIENCE, f"{name} never came"
        await asyncio.sleep(0.05)
    return time.monotonic() - began


async def _again(running: Running, http: aiohttp.ClientSession, seen: Reading) -> None:
    """Read everything once more: now it is known how much there is, and each estimate is held against the end."""
    await running.ask(http, f"/connections/{NAME}/backfill", post=True)
    said: list[tuple[float, float]] = []
    while (progress := await running.ask(http, f"/connections/{NAME}/backfill"))["state"] != "done":
        if progress["eta"] is not None:
            said.append((time.monotonic(), progress["eta"]))
        await asyncio.sleep(0.2)
    ended = time.monotonic()
    seen.told = [(ended - at, eta) for at, eta in said]


async def _compare(app: App, seen: Reading) -> None:
    def count(tx: Tx) -> tuple[Counter[str], int]:
        held = {kind: int(many) for kind, many in tx.rows(HELD)}
        return Counter({name: held.get(str(kind), 0) for name, kind in KINDS.items()}), len(tx.rows(DOUBLED))

    seen.here, seen.doubled = await app.store.read(count)


def words(seen: Reading) -> list[str]:
    """What came of it, in lines."""
    live = sorted(seen.live)
    tenth = [weight for objects, weight in seen.weights if objects >= seen.objects * 0.1 and weight][:1] or [0.0]
    off = sorted(abs(eta - left) / left for left, eta in seen.told if left >= 10)
    lines = [
        f"{seen.candidates:,} candidates: {seen.objects:,} objects read in {seen.seconds:.0f} s "
        f"({seen.objects / max(1e-9, seen.seconds):.0f}/s), killed {seen.kills} times.",
        f"There {dict(seen.there)}, here {dict(seen.here)}; {seen.doubled} doubled; {seen.written} changes made there.",
        f"Memory: {tenth[0]:.0f} MB after a tenth, {max(w for _, w in seen.weights):.0f} MB at most, "
        f"{seen.weights[-1][1]:.0f} MB at the end.",
    ]  # fmt: skip
    if live:
        lines.append(
            f"Who applied meanwhile was known after {live[len(live) // 2]:.1f} s (median), {live[-1]:.1f} s at most."
        )
    if off:
        lines.append(f"Estimates of the second reading: {len(off)}, off by {off[len(off) // 2]:.0%} (median), "
                     f"{off[int(len(off) * 0.95)]:.0%} (95 of 100).")  # fmt: skip
    return lines


async def main(candidates: int, kills: int) -> int:
    with tempfile.TemporaryDirectory(prefix="bascule-reading-") as folder:
        seen = await run(Path(folder), candidates, kills)
    print("\n".join(words(seen)))
    for one in seen.wrong():
        print(f"BROKEN: {one}")
    return 1 if seen.wrong() else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]))))
