"""A process that is stopped in the middle of a transaction holds up nobody for longer than it may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from tests.conftest import AUDIT, MASTER, TEMPLATE
from tests.databases import Cluster

from bascule.store import Store, Tx, open_store
from bascule.store.sql import Sql

COUNT = Sql("UPDATE counters SET value = value + 1")
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
        with pytest.raises(psycopg.Error, match="closed the connection" if batch else "idle"):
            other.execute("SELECT 1").fetchone()
