"""The store: all that is durable, behind one port, on SQLite or PostgreSQL.

A unit of work is a plain function of a transaction, handed to the store, which runs it; no transaction is open across
an await. `Tx` is the only door to the tables.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Generator, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc, pool

from ..errors import ConfigurationError
from . import migrate, sqlite
from .listing import Listing
from .lock import FileLock
from .shared import Arithmetic, Shared
from .sql import Dialect
from .sqlite import SqliteStore, connect
from .tx import Tx
from .vault import MasterKeys, Vault

__all__ = ["Arithmetic", "Dialect", "Store", "Tx", "dialect_of", "emptied", "memory", "open_memory", "open_store"]

T = TypeVar("T")


class Store(Protocol):
    """Where units of work run."""

    shared: Shared

    @property
    def dialect(self) -> Dialect: ...

    @property
    def alone(self) -> bool:
        """Whether nobody else can change what is stored: one process owns it."""
        ...

    async def write(self, unit: Callable[[Tx], T]) -> T:
        """Run a unit in a commit; what it returned, durable. It may run again after a deadlock (PostgreSQL)."""
        ...

    async def read(self, query: Callable[[Tx], T]) -> T:
        """Run a query on a read-only snapshot, in another thread."""
        ...

    def transact(self, unit: Callable[[Tx], T]) -> T:
        """`write`, for a caller without an event loop."""
        ...

    def query(self, query: Callable[[Tx], T]) -> T:
        """`read`, for a caller without an event loop."""
        ...

    async def rotate(self) -> int:
        """Read the master keys again and wrap every key with the current one, while everything runs; how many."""
        ...

    def copy(self, folder: Path) -> None:
        """Put a consistent copy of the database into a folder, while everything runs."""
        ...

    def scrub(self) -> None:
        """Make sure that what was deleted is gone from disk too, as far as the back end allows."""
        ...

    async def close(self) -> None: ...


def open_store(
    url: str,
    *,
    master: bytes | Sequence[bytes] | MasterKeys,
    files: Path | None = None,
    audit: Arithmetic | None = None,
    read_only: bool = False,
    inline: bool = False,
    workers: int = 8,
    idle: float = 30.0,
) -> Store:
    """Open a store, bringing its schema up to date.

    `url` is `sqlite:///path`, `sqlite://` (in memory, units run inline in the caller's thread) or `postgresql://...`.
    `master` is the master key (32 bytes), several with the current one first, or a function giving them. `files` is the
    folder for what is too large for a table, `audit` the arithmetic of the audit chain. `inline` runs units in the
    caller's thread on a SQLite file too. `idle` is after how many seconds PostgreSQL, or whoever waits for its locks,
    ends the transaction of a process that was stopped in the middle of it.
    ConfigurationError if the database cannot be reached, another process owns the file, or the keys do not fit.
    """
    store = _opened(url, Shared(Vault(_keys(master)), files, audit), read_only, inline, workers, idle)
    if not read_only:
        while store.transact(_derive):
            pass
    return store


def _opened(url: str, shared: Shared, read_only: bool, inline: bool, workers: int, idle: float) -> Store:
    address = _address(url)
    if dialect_of(url) == "sqlite":
        return _open_sqlite(address.database or ":memory:", shared, read_only, inline)
    from .postgres import PostgresStore

    return PostgresStore(address, shared, read_only=read_only, workers=workers, idle=idle)


@contextlib.contextmanager
def emptied(url: str, *, replace: bool) -> Generator[Callable[[Path], None]]:
    """What puts a folder that `Store.copy` filled in the place of what is there; nobody may use the database meanwhile.
    ConflictError where there are data and `replace` is not given, or somebody uses it. `dialect_of` says for which."""
    address = _address(url)
    if dialect_of(url) == "sqlite":
        with sqlite.emptied(Path(address.database or ""), replace=replace) as put_back:
            yield put_back
        return
    from . import postgres

    with postgres.emptied(address, replace=replace) as put_back:
        yield put_back


def dialect_of(url: str) -> Dialect:
    """Which back end a database's address names. ConfigurationError if none that we know."""
    name = _address(url).get_backend_name()
    if name == "sqlite":
        return "sqlite"
    if name == "postgresql":
        return "postgresql"
    raise ConfigurationError(f"Bascule keeps its data in SQLite or PostgreSQL, not in {name}.")


def _address(url: str) -> sa.URL:
    try:
        return sa.make_url(url)
    except exc.ArgumentError:
        raise ConfigurationError(
            "The database address cannot be read.", hint="Use sqlite:///path or postgresql://user@host/name."
        ) from None


def memory() -> sqlite3.Connection:
    """An empty database in memory, its schema up to date; it lasts as long as somebody holds the connection."""
    connection = connect(":memory:")
    connection.deserialize(_empty())
    return connection


@cache
def _empty() -> bytes:
    with contextlib.closing(connect(":memory:")) as connection:
        _upgrade_sqlite(connection)
        return connection.serialize()


def open_memory(
    connection: sqlite3.Connection,
    *,
    master: bytes | Sequence[bytes] | MasterKeys,
    audit: Arithmetic | None = None,
    alone: bool = True,
) -> Store:
    """A store on such a database, units run inline. Opened again after a crash, it goes on where the last one was:
    whoever held a lease is gone. Not `alone`: several stores are open on the one database, each as if in a process of
    its own, and leases end by their time, as on PostgreSQL."""
    shared = Shared(Vault(_keys(master)), None, audit)
    store = SqliteStore(":memory:", shared, inline=True, connection=connection, alone=alone)
    if alone:
        store.transact(_revoke)
    return store


def _keys(master: bytes | Sequence[bytes] | MasterKeys) -> MasterKeys:
    if callable(master):
        return master
    keys = [master] if isinstance(master, bytes) else list(master)
    return lambda: keys


def _open_sqlite(path: str, shared: Shared, read_only: bool, inline: bool) -> SqliteStore:
    if path == ":memory:":
        return SqliteStore(path, shared, inline=True, connection=memory())
    if read_only:
        if not Path(path).exists():
            raise ConfigurationError(f"There is no data at {path} yet.", hint="Start Bascule once: bascule up")
        return SqliteStore(path, shared, read_only=True, inline=inline)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(Path(path))
    try:
        with contextlib.closing(connect(path)) as connection:
            _upgrade_sqlite(connection)
        Path(path).chmod(0o600)  # keys stand in it, if wrapped; the files beside it take its rights over
        store = SqliteStore(path, shared, inline=inline, lock=lock)
    except BaseException:
        lock.release()
        raise
    store.transact(_revoke)  # one process owns the file: whoever held a lease is gone
    return store


def _upgrade_sqlite(connection: sqlite3.Connection) -> None:
    engine = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=pool.StaticPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    migrate.upgrade(engine)


def _derive(tx: Tx) -> int:
    """One commit's part of making the tokens of names that an older version kept in clear."""
    found = [workspace.id for workspace in tx.workspaces.list()]
    return sum(Listing(tx).derive(id) + Listing(tx).derive_sight(id) for id in found)


def _revoke(tx: Tx) -> None:
    tx.reads.revoke()
    tx.writes.revoke()
    tx.tasks.revoke()
