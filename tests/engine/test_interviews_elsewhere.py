"""An interview that is booked here, at every system that takes one: the whole engine against each sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from tests.contracts.connector.accounts import Account, Setting

from bascule.app import App
from bascule.connectors import registry
from bascule.core.interviews import Rules
from bascule.core.mapping import Choice
from bascule.model import Direction, Kind, Mode, Record, Value
from bascule.office.accounts import NewConnection
from bascule.office.interviews import Wanted

from .kit import AT_ONCE, OWNER, Builder, Clock, Wire

Seen = Mapping[str, Value]
SYSTEMS = [
    one for one in registry.BUILT_IN if one != "greenhouse" and Kind.INTERVIEW in registry.load(one).creates
]  # greenhouse has tests of its own


@dataclass
class Estate:
    """A customer of one system, live, who has interviews made there."""

    app: App
    account: Account
    clock: Clock
    failures: list[tuple[str, Exception]]

    async def pass_time(self, seconds: float) -> None:
        end = self.clock.at + timedelta(seconds=seconds)
        while True:
            await self.account.deliver()
            leased = await self.app.worker.step()
            await self.app.runtime.settle()
            if leased is None or len(leased):
                continue
            rest = max(leased.next_due - self.clock.at, timedelta(milliseconds=1)) if leased.next_due else None
            left = end - self.clock.at
            if left <= timedelta(0) and (rest is None or rest > AT_ONCE):
                return
            self.clock.at += min(max(left, AT_ONCE), rest or left, timedelta(seconds=5))

    async def until(self, done: Callable[[], bool], within: float) -> None:
        end = self.clock.at + timedelta(seconds=within)
        while not done():
            assert self.clock.at < end, await self.app.standing.status()
            await self.pass_time(5)

    async def record(self, kind: Kind, external: str) -> Record:
        at = self.app.connections.named("acme")

        def read(tx: Any) -> Record:
            found = tx.families.resolve(at.id, [(kind, external)])[kind, external]
            return tx.families.family(found.family).records[found.record]

        return await self.app.store.read(read)

    async def there(self, application: str) -> list[tuple[datetime, str]]:
        """When interviews of ours are, as the system shows them, and their status."""
        record = await self.record(Kind.APPLICATION, application)
        at = self.app.connections.named("acme")

        def read(tx: Any) -> list[tuple[datetime, str]]:
            family = tx.families.family(tx.families.record_family(record.id))
            names = {each.canonical[0]: each.name for each in at.view.fields[Kind.INTERVIEW]}
            found: list[tuple[datetime, str]] = []
            for link in family.links.values():
                held = family.records[link.record]
                if link.kind is Kind.INTERVIEW and held.origin == "ours" and link.open:
                    starts, status = (link.pairs[names[one]].theirs for one in ("starts_at", "status"))
                    found.append((datetime.fromisoformat(str(starts)), str(status)))
            return found

        return await self.app.store.read(read)


@pytest.fixture
async def estate(build: Builder, request: pytest.FixtureRequest) -> Estate:
    clock, failures = Clock(), list[tuple[str, Exception]]()
    made: Estate | None = None

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert made is not None
        lower = {key.lower(): value for key, value in headers.items()}
        return int(await made.app.ingest.deliver(url.rsplit("/", 1)[1], lower, body))

    setting = Setting(clock=clock, candidates=4, deliver=post)  # type: ignore[arg-type]
    account = import_module(f"tests.contracts.connector.accounts.{request.param}").Account(setting)
    host = account.base_url.partition("//")[2].partition("/")[0]
    transport = Wire({host: account.app}, clock)
    app = build.app(clock, transport, failures)
    await app.start(work=False)
    build.stack.push_async_callback(app.stop)
    made = Estate(app, account, clock, failures)
    least = [*app.grants.least(request.param), *app.grants.booking(request.param)]
    new = NewConnection(
        "acme", request.param, account.base_url, settings=account.settings(), secrets=account.secrets(), granted=least
    )
    await app.accounts.connect(new, OWNER)
    await made.until(lambda: app.connections.named("acme").row.crawled, within=3600)
    await app.accounts.set_mode("acme", Mode.LIVE, OWNER, waive="a test")
    await app.mappings.choose("acme", Kind.INTERVIEW, "starts_at", Choice(direction=Direction.BOTH), OWNER)
    return made


@pytest.mark.parametrize("estate", SYSTEMS, indirect=True)
async def test_it_is_made_moved_and_cancelled_there(estate: Estate) -> None:
    app, account = estate.app, estate.account
    _, application = account.applicant()
    record = await estate.record(Kind.APPLICATION, application)
    user = await estate.record(Kind.USER, account.interviewer())
    wanted = Wanted([str(user.fields["email"])], "Room 4", Rules(length=60, days=7))
    one = await app.interviews.ask(record.id, wanted, OWNER)
    mails = account.mails()
    start = (estate.clock.at + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    for at in (start, start + timedelta(days=1)):
        await app.interviews.accept(one.id, at, OWNER)
        await estate.pass_time(60)
        assert [begins for begins, _ in await estate.there(application)] == [at]
    before = account.ours()
    await estate.pass_time(320)  # every list comes round
    assert account.ours() == before
    assert (await app.interviews.one(one.id))["state"] == "booked"
    await app.interviews.cancel(one.id, OWNER)
    await estate.pass_time(320)
    assert {status.casefold() for _, status in await estate.there(application)} <= {"cancelled", "canceled"}
    assert account.mails() == mails
    assert estate.failures == []
    assert await app.store.read(lambda tx: tx.pages.reviews(app.workspace, limit=100)) == []
    assert await app.store.read(lambda tx: tx.pages.failures(app.workspace, limit=100)) == []
