"""An installation of real processes on one database, and the ATS beside it, a program as well."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bascule.app import App
from bascule.demo.accounts import account
from bascule.demo.ats import Ats
from bascule.model import Actor, ActorKind, Kind, Mode
from bascule.office.accounts import NewConnection
from bascule.server.run import bind
from bascule.store import Tx
from bascule.store.codec import moment
from bascule.trust.audit import AuditTrail

from .process import LEASE, FastTime, installation, server

SPEED = 15.0
PATIENCE = 120.0  # seconds of the wall that any wait may take: what is waited for comes in a fraction of it
OWNER = Actor(ActorKind.PERSON, "owner", "Olga Owner")
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
class Installation:
    """What one test talks to: its processes by name, its ATS, and who has applied there."""

    data: Path
    database: str
    ats: Ats
    port: int
    speed: float = SPEED
    began: float = field(default_factory=time.time)
    processes: dict[str, Process] = field(default_factory=dict)
    applied: list[tuple[int, int]] = field(default_factory=list)  # (candidate, application)

    # ------------------------------------------------------------------------------------------------------ processes

    async def start(self, *names: str) -> None:
        """Start processes: `up` is the server with its worker, any other name a worker alone. They work when it ends."""
        for name in names:
            command = [sys.executable, "-m", "tests.crash.process", "up" if name == "up" else "work"]
            values = [str(self.data), self.database, str(self.port), str(self.began), str(self.speed)]
            with self._log(name).open("ab") as log:
                self.processes[name] = await asyncio.create_subprocess_exec(
                    *command, *values, stdin=DEVNULL, stdout=PIPE, stderr=log, start_new_session=True,
                    cwd=Path(__file__).parents[2],
                )  # fmt: skip
        for name in names:
            await self._line(name, "up")

    def _log(self, name: str) -> Path:
        return self.data / f"{name}.log"

    async def _line(self, name: str, wanted: str) -> None:
        process = self.processes[name]
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while said := await process.stdout.readline():
                if said.strip() == wanted.encode():
                    return
        raise AssertionError(self._log(name).read_text()[-3000:])

    def signal(self, name: str, which: signal.Signals) -> None:
        os.killpg(self.processes[name].pid, which)

    async def kill(self, *names: str) -> None:
        """As a power cut does: all at once."""
        for name in names:
            self.signal(name, signal.SIGKILL)
        for name in names:
            await self.processes.pop(name).wait()

    def worker(self, name: str) -> str:
        """How a process calls itself in the leases it holds."""
        return f"{socket.gethostname()}:{self.processes[name].pid}"

    def logged(self, name: str, event: str) -> list[dict[str, Any]]:
        """Lines of a process's log about one event."""
        lines = (json.loads(line) for line in self._log(name).read_text().splitlines() if line.startswith("{"))
        return [line for line in lines if line.get("event") == event]

    # ---------------------------------------------------------------------------------------------------------- waiting

    async def until(self, what: str, holds: Callable[[], Awaitable[Any]]) -> Any:
        """What `holds` answers once it is true; AssertionError that says what never came."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            if found := await holds():
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"{what} did not come within {PATIENCE:.0f} s; the ATS holds {await self.held()}")

    async def quiet(self, seconds: float = 60) -> None:
        """So much of the installation's own time, in which nothing more may happen."""
        for _ in range(int(seconds)):
            await self._line(next(iter(self.processes)), "tick")

    # -------------------------------------------------------------------------------------------------------- the ATS

    async def apply(self, count: int) -> None:
        """So many people apply on the careers page, all at once."""
        job = (await self.ats.open_jobs())["Backend Engineer"]
        first = len(self.applied)

        async def somebody(number: int) -> tuple[int, int]:
            resume = self.data / f"cv{number}.txt"
            resume.write_text(CV.format(n=number))
            person = {"first_name": "Person", "last_name": f"Number{number}", "email": f"p{number}@example.org"}
            return await self.ats.apply(job, person, {}, resume)

        self.applied += await asyncio.gather(*(somebody(first + number) for number in range(count)))

    async def held(self) -> tuple[dict[int, Any], Counter[int]]:
        """What the ATS holds of our work: the AI status and the number of our notes, by application."""
        tables = await self.ats.tables("applications", "notes", "custom_fields")
        names = {str(row["id"]): row["name_key"] for row in tables["custom_fields"]}
        status = {
            row["id"]: {names[id]: value for id, value in row["custom_fields"].items()}.get("bascule_ai_status")
            for row in tables["applications"]
        }
        mine = Counter(n["application_id"] for n in tables["notes"] if n["type"] == "NOTE" and "ref bsc-" in n["body"])
        return status, mine

    async def some_notes(self, more: int = 1) -> None:
        """Until so many more of our notes stand in the ATS: in the middle of the load."""
        before = sum((await self.held())[1].values())

        async def came() -> bool:
            return sum((await self.held())[1].values()) >= before + more

        await self.until(f"{more} more notes", came)

    async def everything_written(self) -> None:
        async def written() -> bool:
            status, notes = await self.held()
            return all(status.get(one) == "scored" and notes[one] for _, one in self.applied)

        await self.until("every score", written)

    async def once_each(self) -> None:
        """Every application has its score, its note and its status, each exactly once, and nobody's data was touched."""
        status, notes = await self.held()
        ours = [one for _, one in self.applied]
        assert {one: status.get(one) for one in ours} == dict.fromkeys(ours, "scored")
        assert {one: notes[one] for one in ours} == dict.fromkeys(ours, 1), await self.twice()
        changes, _ = await self.ats.changes(0)
        scores = Counter(c["id"] for c in changes if c["field"] == "custom_fields.bascule_match_score")
        assert set(scores.values()) == {1}

    async def twice(self) -> list[tuple[int, Any, str]]:
        """Our notes where an application has several: (application, when, the record it was made of), to tell a call
        that was sent twice from a note that was thought of twice."""
        rows = (await self.ats.tables("notes"))["notes"]
        mine = [n for n in rows if n["type"] == "NOTE" and "ref bsc-" in n["body"]]
        many = Counter(n["application_id"] for n in mine)
        return [(n["application_id"], n["created_at"], n["body"].rpartition("ref ")[2]) for n in mine
                if many[n["application_id"]] > 1]  # fmt: skip

    # --------------------------------------------------------------------------------------------------------- leases

    def now(self) -> datetime:
        return FastTime(self.began, self.speed).now()

    async def lanes(self, *names: str) -> dict[tuple[str, str], tuple[int, datetime]]:
        """The lanes of writes that these processes hold now: (connection, family) -> (epoch, until)."""
        workers = [self.worker(name) for name in names]
        async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as database:
            found = await database.execute(
                "SELECT connection, family, epoch, until FROM write_lanes WHERE worker = ANY(%s)", [workers])  # fmt: skip
            rows = await found.fetchall()
        return {(connection, family): (epoch, moment(until)) for connection, family, epoch, until in rows}

    async def working(self, *names: str) -> None:
        """Until each of these processes is in the middle of a write."""

        async def all_hold() -> bool:
            return all([await self.lanes(name) for name in names])

        await self.until(f"work at {names}", all_hold)

    async def pause_at_work(self, name: str) -> dict[tuple[str, str], tuple[int, datetime]]:
        """Stop a process while it holds lanes; those."""
        while True:
            await self.working(name)
            self.signal(name, signal.SIGSTOP)
            if held := await self.lanes(name):
                return held
            self.signal(name, signal.SIGCONT)

    async def taken_over(self, held: dict[tuple[str, str], tuple[int, datetime]]) -> None:
        """Until somebody else has leased every one of these lanes; within a lease from when theirs ended."""
        left = dict(held)

        async def taken() -> bool:
            async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as database:
                found = await database.execute("SELECT connection, family, epoch FROM write_lanes")
                epochs = {(connection, family): epoch for connection, family, epoch in await found.fetchall()}
            for lane in [lane for lane, (epoch, _) in left.items() if epochs.get(lane) != epoch]:
                _, until = left.pop(lane)
                assert self.now() < until + timedelta(seconds=LEASE), "taken over too late"
            return not left

        await self.until("the take-over", taken)

    # ---------------------------------------------------------------------------------------------------- this process

    @asynccontextmanager
    async def inside(self, *, work: bool = False) -> AsyncGenerator[App]:
        """The installation from this process, to look and to edit; on SQLite while no other runs."""
        clock = FastTime(self.began, self.speed)
        app = installation(self.data, self.database, self.port, clock, self.speed)
        try:
            await app.start(work=work)
            yield app
        finally:
            await app.stop()

    async def connect(self) -> None:
        """As a customer does, through the ATS's own forms; with a server of this process, that ends again."""
        async with self.inside(work=True) as app:
            serving = server(app)
            task = asyncio.ensure_future(serving.serve([bind("127.0.0.1", self.port)]))
            rights = app.grants.least("greenhouse")
            id, secret = await self.ats.make_credential("Bascule", rights)
            new = NewConnection("acme", "greenhouse", f"{self.ats.url}/v3", settings={"client_id": id},
                                secrets={"client_secret": secret}, granted=rights)  # fmt: skip
            at = await app.accounts.connect(new, OWNER)

            async def crawled() -> bool:
                return app.connections.get(at.id).row.crawled

            await self.until("the first crawl", crawled)
            await app.accounts.set_mode("acme", Mode.LIVE, OWNER)
            await app.accounts.create_fields("acme", OWNER)
            await self.ats.add_webhook("Bascule", f"{app.settings.address}/hooks/acme", at.secrets["webhook_secret"])
            serving.should_exit = True
            await task

    async def edits(self, app: App, person: int, stop: asyncio.Event) -> int:
        """Somebody changes one candidate again and again, each time to the next number, until told; the last number."""

        async def record() -> Any:
            def query(tx: Tx) -> Any:
                key = (Kind.CANDIDATE, str(self.applied[person][0]))
                at = app.connections.named("acme").id
                found = tx.families.resolve(at, [key]).get(key)
                return None if found is None else found.record

            return await app.store.read(query)

        id, number = await self.until("the candidate", record), 0
        while not stop.is_set():
            number += 1
            await app.changes.edit(id, {"company": f"v{number}"}, OWNER)
            await asyncio.sleep(0.2)
        return number

    async def in_order(self, person: int, last: int) -> None:
        """What was written of those edits only ever went forward, and the last of them stands there."""
        candidate = self.applied[person][0]

        async def came() -> bool:
            rows = (await self.ats.tables("candidates"))["candidates"]
            return next(row["company"] for row in rows if row["id"] == candidate) == f"v{last}"

        await self.until("the last edit", came)
        changes, _ = await self.ats.changes(0)
        written = [int(str(c["new"])[1:]) for c in changes if (c["id"], c["field"]) == (candidate, "company")]
        assert written == sorted(set(written))

    async def nothing_wrong_inside(self) -> None:
        """Everybody once, no failure, nothing to decide, an unbroken audit."""
        async with self.inside() as app:
            listed = await app.store.read(lambda tx: tx.pages.candidates(app.workspace, limit=1000))
            assert len({row.email for row in listed}) == len(listed) == len(self.applied)
            assert not await app.store.read(lambda tx: tx.pages.failures(app.workspace))
            assert not await app.store.read(lambda tx: tx.pages.reviews(app.workspace))
            assert not await app.store.read(lambda tx: tx.tasks.list(app.workspace, state="dead"))
            verdict = await AuditTrail(app.store).verify()
            assert verdict.ok, verdict.broken

    async def order(self, *faults: dict[str, Any]) -> None:
        """Order faults of the ATS."""
        async with self.ats._session.post(f"{self.ats.url}/sandbox/faults", json=list(faults)) as answer:
            assert answer.status == 200, await answer.text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running(
    database: str, folder: Path, names: Sequence[str] = ("up",), *, rate: str = "100000/30", speed: float = SPEED
) -> AsyncGenerator[Installation]:
    """An installation that is connected and works; whatever still runs at the end is killed."""
    data = folder / "data"
    data.mkdir()
    async with account("acme", "enterprise", jobs=JOBS, rate=rate, port=0, folder=folder) as there:
        made = Installation(data, database, Ats(there.url), free_port(), speed)
        try:
            await made.connect()
            await made.start(*names)
            yield made
        finally:
            for name, process in made.processes.items():
                if process.returncode is None:
                    made.signal(name, signal.SIGCONT)
            await made.kill(*[name for name, process in made.processes.items() if process.returncode is None])
            await made.ats.close()
