"""PostgreSQL: a small pool of synchronous psycopg connections, each unit in a transaction of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, LiteralString, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import IsolationLevel, sql
from psycopg import errors as pg
from sqlalchemy.exc import OperationalError

from ..errors import ConfigurationError, ConflictError, StoreUnavailableError
from . import migrate
from .schema import metadata
from .shared import Shared
from .sight import sighted
from .sql import Dialect
from .tx import Tx, rewrap, run_hooks

T = TypeVar("T")

RUNS = 5  # of a unit that deadlocks with others, or waits for the locks of one that sleeps
PATIENCE = 10.0  # seconds that a unit waits for a server that has gone, before its caller hears of it
LOOK_AGAIN = 0.2
END_SLEEPERS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
        AND xact_start IS NOT NULL AND wait_event = 'ClientRead' AND state_change < now() - make_interval(secs => %s)"""
TABLES = "tables.json"  # of a copy: its schema's revision, the columns of each table, the next number
BLOCK = 1 << 20
BEGUN = ("counters", "audit_head")  # tables that a new database has rows in
LEAVING = 2.0  # seconds that a connection takes to end, at most
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
_SAYS_GOODBYE = (pg.AdminShutdown, pg.CrashShutdown, pg.CannotConnectNow, pg.IdleInTransactionSessionTimeout)


class _GoneError(Exception):
    """The server has gone and nothing was committed: the unit may be run again."""


class PostgresStore:
    """The store on PostgreSQL; any number of processes may share the database."""

    dialect: Dialect = "postgresql"
    alone = False

    def __init__(self, address: sa.URL, shared: Shared, *, read_only: bool, workers: int, idle: float) -> None:
        self.shared = shared
        self.read_only = read_only
        self._closed = False
        self._idle = idle
        self._looked = time.monotonic()
        timeouts = ("idle_in_transaction_session_timeout", "lock_timeout")
        self._engine = sa.create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_size=workers,
            max_overflow=0,
            pool_pre_ping=True,
            pool_reset_on_return="rollback",
            connect_args={"options": " ".join(f"-c {name}={int(idle * 1000)}" for name in timeouts)},
        )
        try:
            if not read_only:
                migrate.upgrade(self._engine)
            self._engine.connect().close()
        except OperationalError as error:
            self._engine.dispose()
            raise ConfigurationError(
                f"The database at {address.host or 'the local socket'} cannot be used: {_first_line(error)}",
                hint="Check that the server runs, and the address, user and password in the settings.",
            ) from None
        except BaseException:
            self._engine.dispose()
            raise
        self._pool = ThreadPoolExecutor(workers, "bascule-store")

    async def write(self, unit: Callable[[Tx], T]) -> T:
        """Run the unit in a commit; what it returned, once that commit is durable. Raises what the unit raised."""
        unit = sighted(unit)
        self._refuse_if_closed(writing=True)
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._write, unit)

    async def read(self, query: Callable[[Tx], T]) -> T:
        """Run the query on a read-only snapshot in another thread."""
        query = sighted(query)
        self._refuse_if_closed()
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, query)

    async def rotate(self) -> int:
        """Read the master keys again and wrap every key with the current one, while everything runs; how many."""
        self.shared.vault.reload()
        done = 0
        while wrapped := await self.write(rewrap):
            done += wrapped
        return done

    def transact(self, unit: Callable[[Tx], T]) -> T:
        """`write` in the caller's thread."""
        unit = sighted(unit)
        self._refuse_if_closed(writing=True)
        return self._write(unit)

    def query(self, query: Callable[[Tx], T]) -> T:
        """`read` in the caller's thread."""
        query = sighted(query)
        self._refuse_if_closed()
        return self._read(query)

    def copy(self, folder: Path) -> None:
        """A consistent copy of the database into a folder, while everything runs: a file of rows for each table
        (PostgreSQL's own text form), and what they are of."""
        columns_of = {table.name: [column.name for column in table.columns] for table in metadata.tables.values()}
        told: dict[str, Any] = {"tables": columns_of}
        with self._connection() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            told["revision"] = _only(connection.execute("SELECT version_num FROM alembic_version"))
            for table, columns in columns_of.items():
                with (
                    open(folder / f"{table}.copy", "wb") as file,
                    connection.cursor() as cursor,
                    cursor.copy(_copying("COPY {} ({}) TO STDOUT", table, columns)) as rows,
                ):
                    for block in rows:
                        file.write(block)
            told["number"] = _only(connection.execute("SELECT last_value FROM number"))
            connection.rollback()
        (folder / TABLES).write_text(json.dumps(told), "utf-8")

    def scrub(self) -> None:
        """Write the tables anew that hold keys and tokens of people, without what was deleted from them, and let the
        server forget the old files. Everything else of a person lay sealed by a key that is gone with this."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ("vault_keys", "candidates", "words"):
                connection.exec_driver_sql(f"VACUUM (FULL) {table}")

    async def close(self) -> None:
        """Finish what was handed in, then let go of the connections."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(None, self._pool.shutdown)
        self._engine.dispose()

    # ------------------------------------------------------------------------------------------------------ parts

    def _write(self, unit: Callable[[Tx], T]) -> T:
        if time.monotonic() - self._looked > self._idle:  # not everybody waits for a lock: leases pass over locked rows
            self._patiently(self._end_sleepers)
        for run in range(1, RUNS + 1):
            try:
                return self._patiently(lambda: self._commit(unit))
            except (pg.DeadlockDetected, pg.SerializationFailure, pg.LockNotAvailable) as error:
                if run == RUNS:
                    raise
                if isinstance(error, pg.LockNotAvailable):
                    self._patiently(self._end_sleepers)
        raise AssertionError("unreachable")

    def _end_sleepers(self) -> None:
        """Cut off those who are silent in the middle of a transaction. The server itself does so only between two
        statements: of a process that was stopped in the middle of a batch it waits for the rest, locks held."""
        self._looked = time.monotonic()
        with self._connection() as connection:
            connection.execute(END_SLEEPERS, [self._idle])
            connection.rollback()

    def _patiently(self, work: Callable[[], T]) -> T:
        """Run it again while the server has gone, for as long as patience lasts. StoreUnavailableError afterwards."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                return work()
            except _GoneError as error:
                if self._closed or time.monotonic() >= ends:
                    raise StoreUnavailableError(
                        "The database does not answer.", hint="Start it again; what waits goes on by itself."
                    ) from error
                time.sleep(LOOK_AGAIN)

    def _commit(self, unit: Callable[[Tx], T]) -> T:
        with self._connection() as connection:
            tx = Tx(connection, "postgresql", self.shared, _is_clash)
            try:
                result = unit(tx)
            except BaseException as error:
                if not (isinstance(error, psycopg.Error) and _gone(error, connection)):
                    connection.rollback()
                raise
            try:
                connection.commit()
            except psycopg.Error as error:
                if not _gone(error, connection):
                    raise
                raise StoreUnavailableError(
                    "The database went away in the middle of a commit; whether it counts is known once it is back."
                ) from error
        run_hooks(tx.hooks)
        return result

    def _read(self, query: Callable[[Tx], T]) -> T:
        return self._patiently(lambda: self._snapshot(query))

    def _snapshot(self, query: Callable[[Tx], T]) -> T:
        with self._connection() as connection:
            connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True  # said with BEGIN
            try:
                return query(Tx(connection, "postgresql", self.shared, _is_clash))
            finally:
                if not connection.closed:
                    connection.rollback()
                    connection.isolation_level = connection.read_only = None

    @contextlib.contextmanager
    def _connection(self) -> Generator[psycopg.Connection[Any]]:
        """One of the pool. _GoneError where the server has gone; the connection is then thrown away."""
        try:
            pooled = self._engine.raw_connection()
        except (psycopg.OperationalError, OperationalError) as error:
            raise _GoneError from error
        connection: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
        with contextlib.closing(pooled):
            try:
                yield connection
            except psycopg.Error as error:
                if not _gone(error, connection):
                    raise
                pooled.invalidate()
                raise _GoneError from error
            except StoreUnavailableError:
                pooled.invalidate()
                raise

    def _refuse_if_closed(self, *, writing: bool = False) -> None:
        if self._closed:
            raise ConfigurationError("The store is closed.")
        if writing and self.read_only:
            raise ConfigurationError("The store was opened read-only.", hint="Ask the running server to do this.")


@contextlib.contextmanager
def emptied(address: sa.URL, *, replace: bool) -> Generator[Callable[[Path], None]]:
    """What puts a folder that `PostgresStore.copy` filled in the place of what the database holds, in one transaction.

    ConflictError where it holds data and `replace` is not given, or where anybody is connected; ConfigurationError
    where it cannot be reached, or the copy is of a newer version.
    """
    engine = sa.create_engine(address.set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            tables = set(sa.inspect(connection).get_table_names())
            if "workspaces" in tables and not replace:
                held = connection.exec_driver_sql("SELECT count(*) FROM workspaces").scalar_one()
                if held:
                    hint = "Add --replace to put the backup in their place."
                    raise ConflictError(f"The database {address.database} holds data already.", hint=hint)
            if _used(connection):
                hint = "Stop every Bascule process (and other clients of it) first."
                raise ConflictError(f"The database {address.database} is in use.", hint=hint)
    except OperationalError as error:
        raise ConfigurationError(
            f"The database cannot be used: {_first_line(error)}", hint="Check the address in the settings."
        ) from None
    try:
        yield lambda folder: _put_back(engine, folder)
    finally:
        engine.dispose()


def _used(connection: sa.Connection) -> bool:
    """Whether anybody else is connected; who is just leaving is waited for."""
    ends = time.monotonic() + LEAVING
    while connection.exec_driver_sql(OTHERS).scalar_one():
        if time.monotonic() > ends:
            return True
        connection.rollback()  # what the server counts stands still within a transaction
        time.sleep(LOOK_AGAIN)
    return False


def _put_back(engine: sa.Engine, folder: Path) -> None:
    told = json.loads((folder / TABLES).read_text("utf-8"))
    with engine.begin() as connection:
        ours = set(sa.inspect(connection).get_table_names()) & ({*metadata.tables, *told["tables"], "alembic_version"})
        for table in sorted(ours):
            connection.exec_driver_sql(f'DROP TABLE "{table}" CASCADE')
        connection.exec_driver_sql("DROP SEQUENCE IF EXISTS number")
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS audit_is_append_only()")
        migrate.make(connection, told["revision"])
        for table in BEGUN:
            connection.exec_driver_sql(f"DELETE FROM {table}")
        raw: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
        for table, columns in told["tables"].items():
            with (
                open(folder / f"{table}.copy", "rb") as file,
                raw.cursor() as cursor,
                cursor.copy(_copying("COPY {} ({}) FROM STDIN", table, columns)) as rows,
            ):
                while block := file.read(BLOCK):
                    rows.write(block)
        for table, column in _serials(connection):
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), GREATEST(max(\"{column}\"), 1)) "
                f'FROM "{table}"'
            )
        connection.exec_driver_sql("SELECT setval('number', %(at)s)", {"at": told["number"]})


def _serials(connection: sa.Connection) -> list[tuple[str, str]]:
    """The columns that count by a sequence of their own."""
    rows = connection.exec_driver_sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL"
    )
    return [(table, column) for table, column in rows]


def _copying(text: LiteralString, table: str, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))


def _only(answer: psycopg.Cursor[Any]) -> Any:
    row = answer.fetchone()
    assert row is not None
    return row[0]


def _gone(error: psycopg.Error, connection: psycopg.Connection[Any]) -> bool:
    """Whether the server, or the way to it, has gone; not one statement's own trouble."""
    return connection.closed or isinstance(error, _SAYS_GOODBYE)


def _is_clash(error: Exception) -> bool:
    return isinstance(error, pg.UniqueViolation)


def _first_line(error: OperationalError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
