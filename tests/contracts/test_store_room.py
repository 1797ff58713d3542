"""The room itself: commits, snapshots, ownership of the file, schema."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bascule import model as m
from bascule.errors import ConfigurationError
from bascule.store import Store, Tx, migrate, open_store
from bascule.store.schema import metadata
from bascule.store.sqlite import connect

from ..conftest import MASTER
from .people import ATS, NOW, WORKSPACE, a_family


def put(tx: Tx, name: str, value: m.Value) -> m.Value:
    tx.workspaces.set_setting("", name, value)
    return value


def settings_of(tx: Tx) -> dict[str, m.Value]:
    return tx.workspaces.settings("")


class OwnError(Exception):
    pass


# ----------------------------------------------------------------------------------------------------------- commits


async def test_a_failing_unit_fails_alone(store: Store) -> None:
    def bad(tx: Tx) -> None:
        put(tx, "bad", 1)
        raise OwnError

    units = [store.write(bad if n % 3 == 1 else lambda tx, n=n: put(tx, f"n{n}", n)) for n in range(30)]
    outcomes = await asyncio.gather(*units, return_exceptions=True)
    assert [isinstance(one, OwnError) for one in outcomes] == [n % 3 == 1 for n in range(30)]
    assert set(await store.read(settings_of)) == {f"n{n}" for n in range(30) if n % 3 != 1}


async def test_a_unit_that_breaks_a_statement_fails_alone(store: Store) -> None:
    from bascule.store.sql import Sql

    nonsense = Sql("SELECT nothing FROM nowhere")
    outcomes = await asyncio.gather(
        store.write(lambda tx: put(tx, "a", 1)),
        store.write(lambda tx: tx.rows(nonsense)),
        store.write(lambda tx: put(tx, "b", 2)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], Exception)
    assert await store.read(settings_of) == {"a": 1, "b": 2}


async def test_what_is_written_is_read_and_what_fails_is_not(store: Store) -> None:
    assert await store.write(lambda tx: put(tx, "a", ("x", {"y": None}))) == ("x", {"y": None})
    assert await store.read(settings_of) == {"a": ("x", {"y": None})}


async def test_hooks_run_after_the_commit_and_only_then(store: Store) -> None:
    ran: list[str] = []

    def unit(tx: Tx) -> None:
        tx.after_commit(lambda: ran.append("committed"))
        try:
            with tx.savepoint():
                tx.after_commit(lambda: ran.append("undone"))
                raise OwnError
        except OwnError:
            assert ran == []

    def failing(tx: Tx) -> None:
        tx.after_commit(lambda: ran.append("failed"))
        raise OwnError

    await store.write(unit)
    with pytest.raises(OwnError):
        await store.write(failing)
    assert ran == ["committed"]


async def test_a_hook_that_fails_stops_nothing(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    ran: list[int] = []

    def unit(tx: Tx) -> None:
        tx.after_commit(lambda: print(1 / 0))
        tx.after_commit(lambda: ran.append(1))
        put(tx, "a", 1)

    await store.write(unit)
    assert ran == [1]
    assert "ZeroDivisionError" in caplog.text
    assert await store.write(lambda tx: put(tx, "b", 2)) == 2


async def test_a_read_is_one_snapshot_and_cannot_write(store: Store) -> None:
    await store.write(lambda tx: put(tx, "a", 1))
    started, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> tuple[dict[str, m.Value], dict[str, m.Value]]:
        before = settings_of(tx)
        started.set()
        go_on.wait(10)
        return before, settings_of(tx)

    reading = asyncio.ensure_future(store.read(slow))
    await asyncio.to_thread(started.wait, 10)
    await store.write(lambda tx: put(tx, "a", 2))
    go_on.set()
    assert await reading == ({"a": 1}, {"a": 1})
    with pytest.raises(Exception, match=r"(?i)read-?only"):
        await store.read(lambda tx: put(tx, "a", 3))
    assert await store.read(settings_of) == {"a": 2}


async def test_many_units_from_many_threads_all_count(store: Store) -> None:
    def count(tx: Tx) -> None:
        tx.lock(["counter"])
        tx.workspaces.set_setting("", "n", int(str(tx.workspaces.setting("", "n", 0))) + 1)

    def many() -> None:
        for _ in range(20):
            store.transact(count)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert await store.read(lambda tx: tx.workspaces.setting("", "n")) == 80


async def test_units_handed_in_before_closing_are_durable(database: str) -> None:
    store = open_store(database, master=MASTER)
    writing = asyncio.gather(*(store.write(lambda tx, n=n: put(tx, f"n{n}", n)) for n in range(20)))
    await asyncio.sleep(0)
    await store.close()
    await writing
    with pytest.raises(ConfigurationError, match="closed"):
        await store.write(settings_of)
    again = open_store(database, master=MASTER)
    assert len(await again.read(settings_of)) == 20
    await again.close()


async def test_two_units_that_deadlock_both_succeed(store: Store) -> None:
    await store.write(lambda tx: [put(tx, name, 0) for name in "ab"])
    both = threading.Barrier(2, timeout=0.5)

    def unit(first: str, second: str) -> None:
        def steps(tx: Tx) -> None:
            put(tx, first, 1)
            if store.dialect == "postgresql" and not both.broken:
                try:
                    both.wait()
                except threading.BrokenBarrierError:
                    both.abort()
            put(tx, second, 1)

        store.transact(steps)

    await asyncio.gather(asyncio.to_thread(unit, "a", "b"), asyncio.to_thread(unit, "b", "a"))
    assert await store.read(settings_of) == {"a": 1, "b": 1}


# -------------------------------------------------------------------------------------------------- SQLite's own side


HOLDER = """
import sys
from datetime import UTC, datetime, timedelta
from bascule.model import Kind
from bascule.store import open_store
from bascule.store.lanes import Hint

now = datetime(2026, 1, 1, tzinfo=UTC)
store = open_store(sys.argv[1], master=bytes(range(32)))
store.transact(lambda tx: tx.reads.wanted([Hint("ats-connection", Kind.CANDIDATE, "1")], now=now))
store.transact(lambda tx: tx.reads.lease("ats-connection", 1, now=now, until=now.replace(year=2100), worker="gone"))
print("held", flush=True)
sys.stdin.read()
"""


async def test_one_process_owns_the_file_and_a_killed_one_leaves_nothing_held(tmp_path: Path) -> None:
    path = str(tmp_path / "bascule.db")
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, f"sqlite:///{path}", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    with pytest.raises(ConfigurationError, match=f"process {holder.pid} on "):
        open_store(f"sqlite:///{path}", master=MASTER)
    looking = open_store(f"sqlite:///{path}", master=MASTER, read_only=True)
    assert len(await looking.read(lambda tx: tx.reads.waiting([ATS], now=NOW.replace(year=2101)))) == 1
    with pytest.raises(ConfigurationError, match="read-only"):
        await looking.write(settings_of)
    await looking.close()
    holder.kill()
    await holder.wait()
    mine = open_store(f"sqlite:///{path}", master=MASTER)
    leases = await mine.write(lambda tx: tx.reads.lease(ATS, 1, now=NOW, until=NOW, worker="next"))
    assert [one.external for one in leases] == ["1"]
    await mine.close()


async def test_the_file_is_opened_durably_and_deleted_values_leave_it(tmp_path: Path) -> None:
    path = tmp_path / "bascule.db"
    store = open_store(f"sqlite:///{path}", master=MASTER)
    with connect(str(path)) as connection:
        pragmas = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS]
    connection.close()
    assert pragmas == ["wal", 2, 1, 1]
    await store.write(lambda tx: put(tx, "secret", "canary-4711"))
    await store.write(lambda tx: put(tx, "secret", "gone"))
    store.scrub()
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"canary-4711" not in left
    await store.close()


PRAGMAS = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")


async def test_in_memory_units_run_in_the_callers_thread() -> None:
    store = open_store("sqlite://", master=MASTER)
    me = threading.get_ident()
    assert await store.write(lambda tx: threading.get_ident()) == me
    assert await store.read(lambda tx: threading.get_ident()) == me
    await store.write(lambda tx: tx.families.save(None, a_family(), now=NOW))
    with pytest.raises(sqlite3.OperationalError):
        await store.read(lambda tx: put(tx, "a", 1))
    assert await store.read(lambda tx: tx.families.record_family("candidate-000001")) == "family-000001"
    await store.close()


# ------------------------------------------------------------------------------------------- opening, and the schema


def test_wrong_addresses_and_keys_are_one_clear_line(tmp_path: Path) -> None:
    for url, key, word in (
        ("nonsense", MASTER, "address"),
        ("mysql://x/y", MASTER, "SQLite or PostgreSQL"),
        (f"postgresql://nobody@/none?host={tmp_path}", MASTER, "cannot be used"),
        ("sqlite://", b"short", "32 bytes"),
    ):
        with pytest.raises(ConfigurationError, match=word) as caught:
            open_store(url, master=key)
        assert "\n" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="no data"):
        open_store(f"sqlite:///{tmp_path}/none.db", master=MASTER, read_only=True)


def engine_of(database: str) -> sa.Engine:
    return sa.create_engine(database.replace("postgresql://", "postgresql+psycopg://"))


def test_the_migrations_lead_to_the_tables_the_code_uses(store: Store, database: str) -> None:
    engine = engine_of(database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert migrate.current(connection) == migrate.head()
    engine.dispose()


async def test_a_database_of_a_newer_version_is_left_alone(store: Store, database: str) -> None:
    await store.close()
    engine = engine_of(database)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ConfigurationError, match="schema 9999"):
        open_store(database, master=MASTER)


async def test_opening_again_changes_nothing(store: Store, database: str) -> None:
    await store.write(lambda tx: tx.families.save(None, a_family(), now=NOW))
    await store.close()
    again = open_store(database, master=MASTER)
    assert (await again.read(lambda tx: tx.families.family("family-000001"))).workspace == WORKSPACE
    await again.close()
