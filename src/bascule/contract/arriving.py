"""What is promised of a connector together with the whole of Bascule: the real App, on SQLite and in this process, is
connected to an account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bascule.app import App
from bascule.engine.ingest import Answer
from bascule.engine.runtime import Runtime
from bascule.engine.wire import AsgiTransport
from bascule.model import Actor, ActorKind, Kind
from bascule.office.accounts import NewConnection
from bascule.settings import Settings
from bascule.store import open_store
from bascule.store.tx import Tx
from bascule.trust.audit import ARITHMETIC

from .account import Account, Clock, Setting, of, those_that

OWNER = Actor(ActorKind.PERSON, "owner", "Olga Owner")


class Ticking(Clock):
    """A held clock that moves a hair at each look, so that what happens has an order."""

    def __call__(self) -> datetime:
        self.at += timedelta(microseconds=50)
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        await super().sleep(seconds)


@dataclass
class Door:
    """Where the account delivers: the App's own front door, with everything that came through it."""

    app: App | None = None
    came: list[tuple[list[str], Mapping[str, str], bytes]] = field(
        default_factory=list[tuple[list[str], Mapping[str, str], bytes]]
    )

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        if self.app is None:
            return 200  # the account's own test of an address, before anybody is connected
        self.came.append((url.partition("/hooks/")[2].split("/"), headers, body))
        return int(await self.deliver(*self.came[-1]))

    async def deliver(self, path: list[str], headers: Mapping[str, str], body: bytes) -> Answer:
        assert self.app is not None
        return await self.app.ingest.deliver(path[0], headers, body, *path[1:])


@dataclass
class Connected:
    """An App that is connected to an account as `acme`, has read it, and watches."""

    app: App
    account: Account
    door: Door
    clock: Ticking
    failures: list[tuple[str, Exception]]

    async def until(self, done: Callable[[], bool], within: timedelta) -> None:
        """Work, second by second, until something holds. AssertionError with the state of things when it does not."""
        end = self.clock.at + within
        while not done():
            assert self.clock.at < end, await self.app.standing.status()
            leased = await self.app.worker.step()
            await self.app.runtime.settle()
            if leased is not None and not len(leased):
                self.clock.move(seconds=1)

    async def pass_time(self, seconds: float) -> None:
        end = self.clock.at + timedelta(seconds=seconds)
        await self.until(lambda: self.clock.at >= end, timedelta(seconds=seconds + 60))

    async def shown(self, kind: Kind, external: str) -> Mapping[str, object]:
        """What is held of an object there, by canonical field."""
        at = self.app.connections.named("acme").id

        def query(tx: Tx) -> Mapping[str, object]:
            found = tx.families.resolve(at, [(kind, external)])[kind, external]
            family = tx.families.family(found.family)
            link = family.link_at(at, kind, external)
            assert link is not None
            return family.records[link.record].fields

        return await self.app.store.read(query)

    async def changes(self) -> int:
        """The number of the last change that was made to any record."""
        return await self.app.store.read(lambda tx: tx.events.last(self.app.workspace))


@asynccontextmanager
async def connected(name: str, folder: Path, candidates: int) -> AsyncGenerator[Connected]:
    """As a customer connects: the webhook, the credentials, the first reading."""
    clock, door, failures = Ticking(), Door(), list[tuple[str, Exception]]()
    account = of(name)(Setting(clock=clock, deliver=door, candidates=candidates))
    settings = Settings(data=folder, database=f"sqlite:///{folder / 'bascule.db'}")
    store = open_store(settings.database_url, master=bytes(32), files=folder / "files", audit=ARITHMETIC)
    host = account.base_url.split("/")[2]
    app = App(settings, store, Runtime(AsgiTransport({host: account.app}), now=clock, sleep=clock.sleep))
    app.worker.on_failure = lambda what, error: failures.append((what, error))
    await app.start(work=False)
    try:
        await account.hook()
        new = NewConnection("acme", name, account.base_url, settings=account.settings(), secrets=account.secrets(),
                            granted=app.grants.least(name))  # fmt: skip
        await app.accounts.connect(new, OWNER)
        made = Connected(app, account, door, clock, failures)
        await made.until(lambda: bool(app.connections.named("acme").row.crawled), timedelta(minutes=30))
        door.app = app
        yield made
    finally:
        await app.runtime.settle()
        await app.stop()


@pytest.mark.parametrize("name", those_that("hook"))
async def test_the_same_delivery_twice_changes_nothing(name: str, tmp_path: Path) -> None:
    async with connected(name, tmp_path, candidates=8) as made:
        account, outcomes = made.account, list[str]()
        candidate, application = account.applicant()
        stands = await made.shown(Kind.APPLICATION, application)
        account.moved(application, account.next_stage(application))
        await account.deliver()
        await made.pass_time(5)
        moved = await made.shown(Kind.APPLICATION, application)
        assert moved["stage"] != stands["stage"], "the delivery had been understood"

        made.app.ingest.on_delivery = lambda _at, outcome: outcomes.append(outcome)
        told, changes, ours = list(made.door.came), await made.changes(), account.ours()
        hook = made.app.connections.named("acme").connector.webhook
        assert hook is not None
        assert told
        for one in told:
            assert await made.door.deliver(*one) == hook.accepted, "whoever sends again is told that it has arrived"
        await made.pass_time(5)
        assert outcomes == ["repeated"] * len(told)
        assert await made.changes() == changes
        assert await made.shown(Kind.APPLICATION, application) == moved
        assert account.ours() == ours
        assert not made.failures
        assert candidate in account.everybody()
