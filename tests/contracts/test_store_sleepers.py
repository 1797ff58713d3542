"""A process that is stopped in the middle of a transaction holds up nobody for longer than it may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from tests.conftest import AUDIT, MASTER, TEMPLATE
from tests.databases import Cluster

from bascule.model import Kind
from bascule.store import Store, Tx, open_store
from bascule.store.lanes import Hint, ReadLease
from bascule.store.sql import Sql

from .people import ATS, NOW

COUNT = Sql("UPDATE counters SET value = value + 1")
LOCKED = Sql(
    "SELECT state FROM pg_stat_activity WHERE wait_event = 'ClientRead' AND query LIKE '%read_lanes FOR UPDATE'"
)
IDLE = 0.3


@pytest.fixture
def url(cluster: Cluster):  # type: ignore[no-untyped-def]
    with cluster.database(TEMPLATE) as made:
        yield made


@pytest.fixture
async def awake(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    store = open_store(url, master=MASTER, files=tmp_path / "files", audit=AUDIT, workers=2, idle=IDLE)
    await store.write(lambda tx: tx.number())
    yield store
    await store.close()


@pytest.mark.parametrize("batch", [False, True], ids=["between two statements", "in the middle of a batch"])
async def test_the_locks_of_a_process_that_sleeps_are_taken_from_it(url: str, awake: Store, *, batch: bool) -> None:
    with closing(psycopg.connect(url, options=f"-c idle_in_transaction_session_timeout={int(IDLE * 1000)}")) as other:
        before = await awake.read(lambda tx: tx.row(Sql("SELECT value FROM counters")))
        begun = other.pipeline()
        if batch:
            begun.__enter__()
        assert other.execute(f"{COUNT.text} RETURNING value").fetchone(), "the row is locked"

        def unit(tx: Tx) -> int:
            return tx.run(COUNT)

        assert await awake.write(unit) == 1
        after = await awake.read(lambda tx: tx.row(Sql("SELECT value FROM counters")))
        assert before is not None
        assert after is not None
        assert after[0] == before[0] + 1, "what the sleeper did is undone"
        # By its own time-out, or by who waited for it.
        ended = "closed the connection" if batch else "idle|administrator"
        with pytest.raises(psycopg.Error, match=ended):
            other.execute("SELECT 1").fetchone()


async def test_what_a_process_holds_that_sleeps_in_a_batch_is_leased_by_another(url: str, awake: Store) -> None:
    """A lease passes over rows that somebody has locked, so nobody waits for the sleeper's lock, and nobody would look."""

    def want(tx: Tx) -> int:
        return tx.reads.wanted([Hint(ATS, Kind.CANDIDATE, "7", frozenset())], now=NOW)

    def lease(tx: Tx) -> list[ReadLease]:
        return tx.reads.lease(ATS, 1, now=NOW, until=NOW + timedelta(seconds=30), worker="other")

    await awake.write(want)
    with closing(psycopg.connect(url)) as sleeper:
        sleeper.pipeline().__enter__()  # never left: its end would be the rest of the batch
        sleeper.execute("SELECT external FROM read_lanes FOR UPDATE")
        sleeper.pgconn.send_flush_request()
        sleeper.pgconn.flush()
        async with asyncio.timeout(30):
            while await awake.read(lambda tx: tx.row(LOCKED)) is None:
                await asyncio.sleep(IDLE / 10)
        async with asyncio.timeout(30):
            while not (leased := await awake.write(lease)):
                await asyncio.sleep(IDLE / 3)
    assert [one.external for one in leased] == ["7"]
