"""PostgreSQL: a small pool of synchronous psycopg connections, each unit in a transaction of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import errors as pg
from sqlalchemy.exc import OperationalError

from ..errors import ConfigurationError
from . import migrate
from .shared import Shared
from .sql import Dialect
from .tx import Tx, rewrap, run_hooks

T = TypeVar("T")

RUNS = 5  # of a unit that deadlocks with others


class PostgresStore:
    """The store on PostgreSQL; any number of processes may share the database."""

    dialect: Dialect = "postgresql"

    def __init__(self, address: sa.URL, shared: Shared, *, read_only: bool, workers: int) -> None:
        self.shared = shared
        self.read_only = read_only
        self._closed = False
        self._engine = sa.create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_size=workers,
            max_overflow=0,
            pool_pre_ping=True,
            pool_reset_on_return="rollback",
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
                return self._commit(unit)
            except (pg.DeadlockDetected, pg.SerializationFailure):
                if run == RUNS:
                    raise
        raise AssertionError("unreachable")

    def _commit(self, unit: Callable[[Tx], T]) -> T:
        with contextlib.closing(self._engine.raw_connection()) as pooled:
            connection: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
            tx = Tx(connection, "postgresql", self.shared, _is_clash)
            try:
                result = unit(tx)
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
        run_hooks(tx.hooks)
        return result

    def _read(self, query: Callable[[Tx], T]) -> T:
        with contextlib.closing(self._engine.raw_connection()) as pooled:
            connection: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
            try:
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                return query(Tx(connection, "postgresql", self.shared, _is_clash))
            finally:
                connection.rollback()

    def _refuse_if_closed(self, *, writing: bool = False) -> None:
        if self._closed:
            raise ConfigurationError("The store is closed.")
        if writing and self.read_only:
            raise ConfigurationError("The store was opened read-only.", hint="Ask the running server to do this.")


def _is_clash(error: Exception) -> bool:
    return isinstance(error, pg.UniqueViolation)


def _first_line(error: OperationalError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
