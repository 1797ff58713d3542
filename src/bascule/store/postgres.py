"""PostgreSQL: a small pool of synchronous psycopg connections, each unit in a transaction of its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import errors as pg
from sqlalchemy.exc import OperationalError

from ..errors import ConfigurationError, StoreUnavailableError
from . import migrate
from .shared import Shared
from .sql import Dialect
from .tx import Tx, rewrap, run_hooks

T = TypeVar("T")

RUNS = 5  # of a unit that deadlocks with others, or waits for the locks of one that sleeps
PATIENCE = 10.0  # seconds that a unit waits for a server that has gone, before its caller hears of it
LOOK_AGAIN = 0.2
END_SLEEPERS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
        AND wait_event = 'ClientRead' AND xact_start < now() - make_interval(secs => %s)"""
_SAYS_GOODBYE = (pg.AdminShutdown, pg.CrashShutdown, pg.CannotConnectNow, pg.IdleInTransactionSessionTimeout)


class _GoneError(Exception):
    """The server has gone and nothing was committed: the unit may be run again."""


class PostgresStore:
    """The store on PostgreSQL; any number of processes may share the database."""

    dialect: Dialect = "postgresql"

    def __init__(self, address: sa.URL, shared: Shared, *, read_only: bool, workers: int, idle: float) -> None:
        self.shared = shared
        self.read_only = read_only
        self._closed = False
        self._idle = idle
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
        self._refuse_if_closed(writing=True)
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._write, unit)

    async def read(self, query: Callable[[Tx], T]) -> T:
        """Run the query on a read-only snapshot in another thread."""
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
        self._refuse_if_closed(writing=True)
        return self._write(unit)

    def query(self, query: Callable[[Tx], T]) -> T:
        """`read` in the caller's thread."""
        self._refuse_if_closed()
        return self._read(query)

    def scrub(self) -> None:
        """Write the tables anew that hold words of names in clear, without what was deleted from them; everything else
        of a person lies sealed."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ("candidates", "words"):
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
            try:
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                return query(Tx(connection, "postgresql", self.shared, _is_clash))
            finally:
                if not connection.closed:
                    connection.rollback()

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


def _gone(error: psycopg.Error, connection: psycopg.Connection[Any]) -> bool:
    """Whether the server, or the way to it, has gone; not one statement's own trouble."""
    return connection.closed or isinstance(error, _SAYS_GOODBYE)


def _is_clash(error: Exception) -> bool:
    return isinstance(error, pg.UniqueViolation)


def _first_line(error: OperationalError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
