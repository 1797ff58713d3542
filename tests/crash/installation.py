"""An installation of real processes on one database, and the ATS beside it, a program as well."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bascule.app import App
from bascule.demo.accounts import account
from bascule.demo.ats import Ats
from bascule.errors import StaleError
from bascule.model import Actor, ActorKind, Kind, Mode
from bascule.office.accounts import NewConnection
from bascule.store import Tx
from bascule.store.codec import moment
from bascule.trust.audit import AuditTrail

from .process import LEASE, FastTime
from .processes import SPEED, Processes, order

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


@dataclass(kw_only=True)
class Installation(Processes):
    """One account: its ATS, and who has applied there."""

    ats: Ats
    applied: list[tuple[int, int]] = field(default_factory=list)  # (candidate, application)

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

    async def told(self) -> object:
        return await self.held()

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

    # ------------------------------------------------------------------------------------------------- office and checks

    async def connect(self) -> None:
        """As a customer does, through the ATS's own forms; with a server of this process, that ends again."""
        async with self.serving() as app:
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
            with suppress(StaleError):  # others were faster again and again: they ask once more
                await app.changes.edit(id, {"company": f"v{number + 1}"}, OWNER)
                number += 1
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
        await order(self.ats, *faults)


@asynccontextmanager
async def running(
    database: str, folder: Path, names: Sequence[str] = ("up",), *, rate: str = "100000/30", speed: float = SPEED
) -> AsyncGenerator[Installation]:
    """An installation that is connected and works; whatever still runs at the end is killed."""
    data = folder / "data"
    data.mkdir()
    async with account("acme", "enterprise", jobs=JOBS, rate=rate, port=0, folder=folder) as there:
        made = Installation(data=data, database=database, speed=speed, ats=Ats(there.url))
        try:
            await made.connect()
            await made.start(*names)
            yield made
        finally:
            await made.end()
            await made.ats.close()
