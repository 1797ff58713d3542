"""kill -9 of the real process in the middle of its work: nothing is lost, and nothing is in the ATS twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bascule.demo.accounts import account
from bascule.demo.ats import Ats
from bascule.office.keys import master_keys
from bascule.settings import Settings
from bascule.store import open_store
from bascule.trust.audit import ARITHMETIC, AuditTrail

PEOPLE, KILLS, SPEED = 18, 3, 15.0
TICKS = 1200  # of a second of the customer's own time each: the longest any wait may take
JOBS = [{"title": "Backend Engineer", "department": "Engineering", "office": "London",
         "description": "<p>You build services in Python and PostgreSQL, run them with Docker and Kubernetes, and have "
         "at least 3 years of experience as a backend developer. Django is a plus.</p>",
         "stages": ["Application Review", "Phone Screen", "Offer"]}]  # fmt: skip
CV = """Person Number{n}
Backend Developer
Experience
Backend Developer, Northwind Systems, January 2020 - present
Built services in Python and PostgreSQL; ran them with Docker and Kubernetes for customers in four countries.
Software Developer, Contoso, March 2016 - December 2019
Django applications with automated tests, a REST interface, and a pipeline that shipped every day.
"""


@dataclass
class Customer:
    """The process that is killed, and where it lives."""

    data: Path
    database: str
    ats: str
    port: int
    process: Process | None = None
    said: list[str] = field(default_factory=list)

    async def start(self) -> None:
        command = [sys.executable, str(Path(__file__).with_name("customer.py"))]
        values = [str(self.data), self.database, self.ats, str(self.port), str(SPEED)]
        log = (self.data / "log").open("ab")
        try:
            self.process = await asyncio.create_subprocess_exec(
                *command, *values, stdin=DEVNULL, stdout=PIPE, stderr=log, start_new_session=True
            )
        finally:
            log.close()
        await self.line("up")

    async def line(self, wanted: str = "tick") -> None:
        """The next line of this kind; AssertionError with what was logged when the process has ended."""
        assert self.process is not None
        assert self.process.stdout is not None
        async with asyncio.timeout(90):
            while said := await self.process.stdout.readline():
                if said.strip() == wanted.encode():
                    return
        raise AssertionError((self.data / "log").read_text()[-3000:])

    async def kill(self) -> None:
        """As a power cut does."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        self.process = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def held(ats: Ats) -> dict[str, Any]:
    """What the ATS holds of our work: statuses by application, our notes by application."""
    tables = await ats.tables("applications", "notes", "custom_fields")
    names = {str(row["id"]): row["name_key"] for row in tables["custom_fields"]}
    status = {
        row["id"]: {names[id]: value for id, value in row["custom_fields"].items()}.get("bascule_ai_status")
        for row in tables["applications"]
    }
    notes = Counter(n["application_id"] for n in tables["notes"] if n["type"] == "NOTE" and "ref bsc-" in n["body"])
    return {"status": status, "notes": notes}


async def test_three_kills_in_the_middle_of_a_load_lose_nothing_and_double_nothing(
    database: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    async with account("acme", "enterprise", jobs=JOBS, rate="100000/30", port=0, folder=tmp_path) as there:
        ats = Ats(there.url)
        customer = Customer(data, database, there.url, free_port())
        try:
            await customer.start()
            job = (await ats.open_jobs())["Backend Engineer"]
            applied: list[int] = []

            async def somebody(number: int) -> None:
                resume = tmp_path / f"cv{number}.txt"
                resume.write_text(CV.format(n=number))
                person = {"first_name": "Person", "last_name": f"Number{number}", "email": f"p{number}@example.org"}
                applied.append((await ats.apply(job, person, {}, resume))[1])

            for kill in range(KILLS):
                await asyncio.gather(*(somebody(kill * PEOPLE // KILLS + i) for i in range(PEOPLE // KILLS)))
                before = sum((await held(ats))["notes"].values())
                for _ in range(TICKS):  # in the middle: some of these have arrived in the ATS, others have not
                    if sum((await held(ats))["notes"].values()) > before:
                        break
                    await customer.line()
                await customer.kill()
                await customer.start()
            for _ in range(TICKS):
                now = await held(ats)
                if all(now["status"].get(one) == "scored" and now["notes"][one] for one in applied):
                    break
                await customer.line()
            for _ in range(60):  # and a minute more of its time, in which nothing else may happen
                await customer.line()
            now = await held(ats)
            assert {one: now["status"].get(one) for one in applied} == dict.fromkeys(applied, "scored")
            assert {one: now["notes"][one] for one in applied} == dict.fromkeys(applied, 1)
            changes, _ = await ats.changes(0)
            scores = Counter(c["id"] for c in changes if c["field"] == "custom_fields.bascule_match_score")
            assert set(scores.values()) == {1}
            touched = [c for c in changes if c["object"] == "candidates" and c["actor"].startswith("api:")]
            assert not touched
        finally:
            if customer.process is not None:
                await customer.kill()
            await ats.close()
    await look_inside(data, database, len(applied))


async def look_inside(data: Path, database: str, people: int) -> None:
    """What the killed installation holds: everybody once, no failure, nothing to decide, an unbroken audit."""
    settings = Settings(data=data, database=database)
    store = open_store(database, master=master_keys(settings), files=data / "files", audit=ARITHMETIC)
    try:
        (workspace,) = await store.read(lambda tx: tx.workspaces.list())
        listed = await store.read(lambda tx: tx.pages.candidates(workspace.id, limit=1000))
        assert len({row.email for row in listed}) == len(listed) == people
        assert not await store.read(lambda tx: tx.pages.failures(workspace.id))
        assert not await store.read(lambda tx: tx.pages.reviews(workspace.id))
        assert not await store.read(lambda tx: tx.tasks.list(workspace.id, state="dead"))
        verdict = await AuditTrail(store).verify()
        assert verdict.ok, verdict.broken
        pushes = await store.read(lambda tx: [x for x in tx.audit.page(workspace.id, limit=5000) if x.action == "push"])
        assert json.dumps([dict(x.detail) for x in pushes], default=str)
    finally:
        await store.close()
