"""The demo's own people at its two accounts, one of each tier of the sandbox, on processes that are killed meanwhile."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bascule.demo import checks
from bascule.demo.accounts import Account, account
from bascule.demo.ats import Ats
from bascule.demo.ledger import SCORE, Seen, seen
from bascule.demo.material import Kind, load
from bascule.demo.people import ELSEWHERE, ENTERPRISE, TIERS, Applying, adverts, own
from bascule.demo.sides import Side, connect
from bascule.model import AiStatus, ReviewKind
from bascule.trust.audit import AuditTrail

from .processes import Processes, order

MOMENTS = {
    "reading": "SELECT COUNT(*) FROM read_lanes WHERE worker = '{}'",
    "scoring": "SELECT COUNT(*) FROM tasks WHERE name = 'score' AND worker = '{}'",
    "writing": "SELECT COUNT(*) FROM write_lanes WHERE worker = '{}'",
}
"""What a process can be in the middle of: how many leases it holds for that."""
SLOW = {"kind": "delay", "path": "/v3/", "seconds": 0.05, "times": 1_000_000}


@dataclass(kw_only=True)
class DemoLoad(Processes):
    """Both accounts, and who has applied there: (application, as it was entered)."""

    sides: dict[str, Side] = field(default_factory=dict)
    sent: list[tuple[int, Applying]] = field(default_factory=list)

    async def connect(self, accounts: Sequence[Account]) -> None:
        """As a customer does, through the ATS's own forms; then the accounts get slow, so that work takes a while."""
        async with self.serving() as app:
            await app.doors.first_login()
            person = (await app.store.read(lambda tx: tx.people.users(app.workspace)))[0]
            base = app.settings.address
            made = await asyncio.gather(*(connect(app, one, Ats(one.url), person, base) for one in accounts))
        self.sides = {side.account.tier: side for side in made}
        for side in made:
            await order(side.ats, SLOW)

    async def apply(self, applying: Sequence[Applying]) -> None:
        """All at once; who applies twice sends one application after the other."""
        theirs: dict[str, list[Applying]] = {}
        for one in applying:
            theirs.setdefault(one.email, []).append(one)
        await asyncio.gather(*map(self._send, theirs.values()))

    async def _send(self, applying: Sequence[Applying]) -> None:
        for one in applying:
            side = self.sides[one.tier]
            job = next(id for id, title in side.ledger.jobs.items() if title == one.job)
            _, application = await side.ats.apply(job, one.person, one.answers, one.resume)
            self.sent.append((application, one))

    # ----------------------------------------------------------------------------------------------------------- kills

    async def kill_in(self, moment: str) -> None:
        """`kill -9` of the process in the middle of reading, of scoring or of writing: it holds a lease for it, seen
        while it stands still."""
        asked = MOMENTS[moment].format(self.worker("up"))

        async def caught() -> bool:
            if not await self._count(asked):
                return False
            self.signal("up", signal.SIGSTOP)
            if await self._count(asked):
                return True
            self.signal("up", signal.SIGCONT)
            return False

        await self.until(moment, caught)
        await self.kill("up")

    async def _count(self, asked: str) -> int:
        """Ask the database beside the process that owns it."""
        if self.database.startswith("sqlite:"):
            file = self.database.removeprefix("sqlite:///")
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as database:
                return int(database.execute(asked).fetchone()[0])
        async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as database:
            row = await (await database.execute(asked.encode())).fetchone()
            return int(row[0]) if row else 0

    # --------------------------------------------------------------------------------------------------------- judging

    async def told(self) -> object:
        return [(one.job, one.application, one.status, one.scored) for one in await self._seen() if not one.written]

    async def _seen(self) -> list[Seen]:
        for side in self.sides.values():
            await side.catch_up()
        return seen(side.ledger for side in self.sides.values())

    async def everything_written(self) -> None:
        async def written() -> bool:
            rows = await self._seen()
            if len(rows) < len(self.sent) or not all(one.written for one in rows):
                return False
            told = [await self._explanations(side) for side in self.sides.values()]
            return sum(one.total() for one in told) >= sum(one.scored is not None for one in rows)

        await self.until("every score and its explanation", written)

    async def once_each(self) -> None:
        """Every application stands in its account once, with the status its CV calls for and one explanation of its
        score; nothing is there twice, and nobody's contact data is other than it was entered."""
        await self._seen()
        broken = {one.file for one in load().applications if one.kind is Kind.BROKEN_PDF}
        for tier, side in self.sides.items():
            wanted = {
                id: AiStatus.UNREADABLE if one.resume in broken else AiStatus.SCORED
                for id, one in self.sent
                if one.tier == tier
            }
            assert {id: one.status for id, one in side.ledger.applications.items()} == wanted
            doubled = await checks.doubled_there(side)
            assert not doubled, doubled
            assert checks.contacts_changed(side, checks.Checked()) == 0
            await self._explained_once(side, wanted)
            await self._as_entered(side)
        await self._scored_once()

    async def _explained_once(self, side: Side, status: dict[int, AiStatus]) -> None:
        rows = side.ledger.applications.values()
        assert await self._explanations(side) == Counter(
            one.candidate for one in rows if status[one.application] is AiStatus.SCORED
        )

    async def _explanations(self, side: Side) -> Counter[int]:
        """How many explanations of a score each candidate has."""
        notes = (await side.ats.tables("notes"))["notes"]
        return Counter(row["candidate_id"] for row in notes if row["type"] == "NOTE" and "ref bsc-" in row["body"])

    async def _as_entered(self, side: Side) -> None:
        entered = {one.email: dict(one.person) for _, one in self.sent if one.tier == side.account.tier}
        held: dict[str, dict[str, str]] = {}
        for row in (await side.ats.tables("candidates"))["candidates"]:
            (mail,), phones = row["email_addresses"], [one["value"] for one in row["phone_numbers"]]
            person = {"first_name": row["first_name"], "last_name": row["last_name"], "email": mail["value"]}
            held[mail["value"]] = {**person, "phone": "".join(phones)}
        assert {mail: held.get(mail) for mail in entered} == entered

    async def _scored_once(self) -> None:
        """Where applications have fields of their own, each score was written once, not written and written again."""
        changes, _ = await self.sides[ENTERPRISE].ats.changes(0)
        times = Counter(one["id"] for one in changes if one["field"] == f"custom_fields.{SCORE}")
        assert set(times.values()) == {1}

    async def nothing_wrong_inside(self) -> None:
        """Everybody once, no failure, nothing to decide but whether who applied again from another address is the same
        person, an unbroken audit."""
        async with self.inside() as app:
            listed = await app.store.read(lambda tx: tx.pages.candidates(app.workspace, limit=1000))
            assert len(listed) == len({one.email for _, one in self.sent})
            assert await checks.doubled_here(app) == []
            assert await checks.dead_letters(app) == []
            asked = await app.store.read(lambda tx: tx.pages.reviews(app.workspace))
            elsewhere = sum(one.email in ELSEWHERE.values() for _, one in self.sent)
            assert {one.review.kind for one in asked} <= {ReviewKind.MERGE}
            assert len(asked) <= elsewhere
            verdict = await AuditTrail(app.store).verify()
            assert verdict.ok, verdict.broken


@asynccontextmanager
async def demo(database: str, folder: Path) -> AsyncGenerator[DemoLoad]:
    """An installation that is connected to both accounts and works; whatever still runs at the end is killed."""
    data, material = folder / "data", load()
    data.mkdir()
    async with AsyncExitStack() as stack:
        starting = [
            account(tier, tier, jobs=adverts(material, tier), rate="100000/30", port=0, folder=folder) for tier in TIERS
        ]
        accounts = await asyncio.gather(*map(stack.enter_async_context, starting))
        made = DemoLoad(data=data, database=database)
        stack.push_async_callback(made.end)
        await made.connect(accounts)
        for side in made.sides.values():
            stack.push_async_callback(side.ats.close)
        await made.start("up")
        yield made


def applications(first: int, last: int) -> list[Applying]:
    """Some of the demo's applications, in its order; of 4 to 26 both accounts have somebody who applies twice."""
    return own(load())[first:last]
