"""The real App connects Tiny by its name, somebody applies there, and the score lands there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from account import Account

from bascule.app import App
from bascule.contract.account import Clock, Setting
from bascule.engine.runtime import Runtime
from bascule.engine.wire import AsgiTransport
from bascule.model import Actor, ActorKind, Mode
from bascule.office.accounts import NewConnection
from bascule.settings import Settings
from bascule.store import open_store
from bascule.trust.audit import ARITHMETIC

OWNER = Actor(ActorKind.PERSON, "owner", "Olga Owner")


class Ticking(Clock):
    """A held clock that moves a hair at each look, so that what happens has an order."""

    def __call__(self) -> datetime:
        self.at += timedelta(microseconds=50)
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        await super().sleep(seconds)


async def until(app: App, clock: Clock, done, within: timedelta) -> None:
    """Work, second by second, until something holds."""
    end = clock.at + within
    while not done():
        assert clock.at < end, await app.standing.status()
        leased = await app.worker.step()
        await app.runtime.settle()
        if leased is not None and not len(leased):
            clock.move(seconds=1)


async def test_somebody_applies_and_the_score_stands_in_tiny(tmp_path: Path) -> None:
    clock = Ticking(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    account = Account(Setting(clock=clock, candidates=3))
    failures: list[tuple[str, Exception]] = []
    settings = Settings(data=tmp_path, database=f"sqlite:///{tmp_path / 'bascule.db'}")
    store = open_store(settings.database_url, master=bytes(32), files=tmp_path / "files", audit=ARITHMETIC)
    host = account.base_url.split("/")[2]
    app = App(settings, store, Runtime(AsgiTransport({host: account.app}), now=clock, sleep=clock.sleep))
    app.worker.on_failure = lambda what, error: failures.append((what, error))
    await app.start(work=False)
    try:
        await app.accounts.connect(
            NewConnection("acme", "tiny", account.base_url, settings={}, secrets=account.secrets()), OWNER
        )
        await until(app, clock, lambda: app.connections.named("acme").row.crawled, timedelta(minutes=10))
        await app.accounts.create_fields("acme", OWNER)
        await app.accounts.set_mode("acme", Mode.LIVE, OWNER, waive="A key of Tiny has every right.")
        _, application = account.apply()
        row = account.db["applications"].rows[int(application)]
        await until(app, clock, lambda: "bascule_match_score" in row["extra"], timedelta(minutes=5))
    finally:
        await app.runtime.settle()
        await app.stop()
    assert 0 <= row["extra"]["bascule_match_score"] <= 100
    assert row["extra"]["bascule_match_reasons"]
    assert account.db["candidates"].rows[row["candidate_id"]]["first"] == "Late"
    assert not failures
