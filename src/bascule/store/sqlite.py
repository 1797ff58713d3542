"""SQLite: one writer thread with group commit, readers on connections of their own, one process owns the file.

Many units share one commit; each runs in a savepoint, so that an exception undoes its own unit only. WAL with
`synchronous=FULL`: what `write` returned survives a power cut. `secure_delete` overwrites what is deleted.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from ..errors import ConfigurationError, ConflictError
from .lock import FileLock
from .shared import Shared
from .sight import sighted
from .sql import Dialect
from .tx import Tx, rewrap, run_hooks

T = TypeVar("T")

GROUP = 512  # units in one commit at most
GROUP_SECONDS = 0.05  # and no unit joins a group that has been running for longer
READERS = 4
COPY = "bascule.db"  # what a copy is called in its folder


@dataclass(slots=True)
class _Job(Generic[T]):
    unit: Callable[[Tx], T]
    answer: Future[T] | asyncio.Future[T]
    loop: asyncio.AbstractEventLoop | None


_Settled = tuple[Any, Any, BaseException | None]  # future, result, error


def connect(path: str, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with our pragmas; transactions are begun by hand."""
    where = f"{Path(path).resolve().as_uri()}?mode=ro" if read_only else path
    connection = sqlite3.connect(
        where, isolation_level=None, check_same_thread=False, cached_statements=512, timeout=30.0, uri=read_only
    )
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        if "not a database" not in str(error):
            raise
        raise ConfigurationError(
            f"{path} is no SQLite database.", hint="Look at BASCULE_DATABASE and --data, or restore a backup."
        ) from None
    if not read_only:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -16384")
    return connection


class SqliteStore:
    """The store on one SQLite file, or in memory (`path` ":memory:", units run inline in the caller's thread)."""

    dialect: Dialect = "sqlite"

    def __init__(
        self,
        path: str,
        shared: Shared,
        *,
        read_only: bool = False,
        inline: bool = False,
        lock: FileLock | None = None,
        connection: sqlite3.Connection | None = None,
        alone: bool = True,
    ) -> None:
        self.shared = shared
        self.alone = alone
        self.path = path
        self.read_only = read_only
        self._lock = lock
        self._closed = False
        self._inline = inline
        self._writer = connection or connect(path, read_only=read_only)
        self._jobs: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._pool: ThreadPoolExecutor | None = None
        self._thread: threading.Thread | None = None
        if not inline:
            self._pool = ThreadPoolExecutor(READERS, "bascule-read")
            if not read_only:
                self._thread = threading.Thread(target=self._work, name="bascule-write", daemon=True)
                self._thread.start()

    # ---------------------------------------------------------------------------------------------------- the port

    async def write(self, unit: Callable[[Tx], T]) -> T:
        """Run the unit in a commit; what it returned, once that commit is durable. Raises what the unit raised."""
        unit = sighted(unit)
        self._refuse_if_closed(writing=True)
        if self._thread is None:
            return self._run_inline(unit)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(unit, answer, loop))
        return await answer

    async def read(self, query: Callable[[Tx], T]) -> T:
        """Run the query on a read-only snapshot in another thread."""
        query = sighted(query)
        self._refuse_if_closed()
        if self._pool is None:
            return self._query_inline(query)
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._query, query)

    async def rotate(self) -> int:
        """Read the master keys again and wrap every key with the current one, while everything runs; how many."""
        self.shared.vault.reload()
        done = 0
        while wrapped := await self.write(rewrap):
            done += wrapped
        return done

    def transact(self, unit: Callable[[Tx], T]) -> T:
        """`write` for a caller without an event loop; waits."""
        unit = sighted(unit)
        self._refuse_if_closed(writing=True)
        if self._thread is None:
            return self._run_inline(unit)
        answer: Future[T] = Future()
        self._jobs.put(_Job(unit, answer, None))
        return answer.result()

    def query(self, query: Callable[[Tx], T]) -> T:
        """`read` for a caller without an event loop; waits."""
        query = sighted(query)
        self._refuse_if_closed()
        return self._query_inline(query) if self._pool is None else self._pool.submit(self._query, query).result()

    def copy(self, folder: Path) -> None:
        """A consistent copy of the database into a folder, while everything runs: one file."""
        here = connect(self.path, read_only=True)
        with contextlib.closing(here), contextlib.closing(sqlite3.connect(folder / COPY)) as there:
            here.backup(there, pages=4096)

    def scrub(self) -> None:
        """Fold the write-ahead log into the file and empty it, so that overwritten values are gone from disk."""
        if self.path != ":memory:" and not self.read_only:
            with contextlib.closing(connect(self.path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Finish what was handed in, then let go of the file."""
        if self._closed:
            return
        self._closed = True
        if self._pool is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._stop)
        else:
            self._stop()

    # ------------------------------------------------------------------------------------------------- the writer

    def _work(self) -> None:
        """The writer thread: groups of units, a commit each."""
        stopping = False
        while not stopping:
            first = self._jobs.get()
            if first is None:
                return
            stopping = self._group(first)

    def _group(self, first: _Job[Any]) -> bool:
        """Run and commit one group; True when the store is closing."""
        settled: list[tuple[_Job[Any], Any, BaseException | None]] = []
        hooks: list[Callable[[], None]] = []
        job: _Job[Any] | None = first
        ends = time.monotonic() + GROUP_SECONDS
        stopping = False
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            while job is not None:
                settled.append((job, *self._one(job.unit, hooks)))
                job = None
                if len(settled) < GROUP and time.monotonic() < ends:
                    with contextlib.suppress(Empty):
                        job = self._jobs.get_nowait()
                        stopping = job is None
            self._writer.execute("COMMIT")
        except BaseException as error:  # the commit itself failed: nobody's work is durable
            with contextlib.suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")
            if job is not None:
                settled.append((job, None, error))
            settled = [(done, None, failed or error) for done, _, failed in settled]
            hooks = []
        run_hooks(hooks)
        _answer(settled)
        return stopping

    def _one(self, unit: Callable[[Tx], T], hooks: list[Callable[[], None]]) -> tuple[T | None, BaseException | None]:
        tx = Tx(self._writer, "sqlite", self.shared, _is_clash)
        try:
            with tx.savepoint():
                result = unit(tx)
        except BaseException as error:
            if not self._writer.in_transaction:  # the disk is full or failing: SQLite has undone the whole group
                raise
            return None, error
        hooks += tx.hooks
        return result, None

    # ------------------------------------------------------------------------------------- inline, and the readers

    def _run_inline(self, unit: Callable[[Tx], T]) -> T:
        tx = Tx(self._writer, "sqlite", self.shared, _is_clash)
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            result = unit(tx)
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        self._writer.execute("COMMIT")
        run_hooks(tx.hooks)
        return result

    def _query_inline(self, query: Callable[[Tx], T]) -> T:
        return self._snapshot(self._writer, query)

    def _query(self, query: Callable[[Tx], T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self.path, read_only=self.read_only)
            self._local.connection = connection
            self._readers.append(connection)
        return self._snapshot(connection, query)

    def _snapshot(self, connection: sqlite3.Connection, query: Callable[[Tx], T]) -> T:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        try:
            return query(Tx(connection, "sqlite", self.shared, _is_clash))
        finally:
            connection.execute("ROLLBACK")
            connection.execute("PRAGMA query_only = OFF")

    # --------------------------------------------------------------------------------------------------- lifetime

    def _refuse_if_closed(self, *, writing: bool = False) -> None:
        if self._closed:
            raise ConfigurationError("The store is closed.")
        if writing and self.read_only:
            raise ConfigurationError("The store was opened read-only.", hint="Ask the running server to do this.")

    def _stop(self) -> None:
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
        if self._pool is not None:
            self._pool.shutdown(wait=True)
        for reader in self._readers:
            reader.close()
        if not self.read_only and self.path != ":memory:":
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._writer.close()
        if self._lock is not None:
            self._lock.release()


@contextlib.contextmanager
def emptied(database: Path, *, replace: bool) -> Generator[Callable[[Path], None]]:
    """What puts a folder that `SqliteStore.copy` filled in the place of the database file. Nobody else may have it open
    meanwhile. ConflictError where there is one and `replace` is not given."""
    if database.exists() and not replace:
        raise ConflictError(f"{database} holds data already.", hint="Add --replace to put the backup in their place.")
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(database)
    try:
        yield lambda folder: _put_back(database, folder)
    finally:
        lock.release()


def _put_back(database: Path, folder: Path) -> None:
    for ending in ("-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)
    shutil.move(folder / COPY, database)
    database.chmod(0o600)


def _is_clash(error: Exception) -> bool:
    taken = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
    return isinstance(error, sqlite3.IntegrityError) and error.sqlite_errorcode in taken


def _answer(settled: Sequence[tuple[_Job[Any], Any, BaseException | None]]) -> None:
    """Tell everybody, waking each event loop once."""
    loops: defaultdict[asyncio.AbstractEventLoop, list[_Settled]] = defaultdict(list)
    for job, result, error in settled:
        if job.loop is None:
            _settle([(job.answer, result, error)])
        else:
            loops[job.loop].append((job.answer, result, error))
    for loop, answers in loops.items():
        with contextlib.suppress(RuntimeError):  # that loop has ended; nobody waits there
            loop.call_soon_threadsafe(_settle, answers)


def _settle(answers: Sequence[_Settled]) -> None:
    for answer, result, error in answers:
        if answer.done():
            continue
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)
