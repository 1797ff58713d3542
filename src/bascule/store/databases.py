"""Whole databases: the address of one beside another, making it, and taking it away."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import errors as pg
from psycopg import sql

from ..errors import ConfigurationError, ConflictError, InputError
from .lock import FileLock

LONGEST = 63  # letters of a name that PostgreSQL keeps
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
LEAVING, AGAIN = 20.0, 0.2  # seconds that whoever uses it has to leave, and between two looks


def beside(url: str, name: str) -> str:
    """The address of another database on the same PostgreSQL server. InputError where its name would be too long."""
    address = sa.make_url(url)
    made = f"{address.database or address.username or 'bascule'}_{name}"
    if len(made.encode()) > LONGEST:
        raise InputError(f"A database cannot be called {made}: that is too long.", hint="Choose a shorter name.")
    return address.set(database=made).render_as_string(hide_password=False)


def create(url: str) -> None:
    """Make the PostgreSQL database; an empty one that somebody has made is taken. ConflictError where one is there that
    holds something; ConfigurationError where the user may not make one, or the server cannot be reached."""
    address = sa.make_url(url)
    name = sql.Identifier(address.database or "")
    with _server(address) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
            return
        except pg.DuplicateDatabase:
            pass
        except pg.InsufficientPrivilege:
            made = f'CREATE DATABASE "{address.database}" OWNER "{address.username}"'
            raise ConfigurationError(
                f"The database's user {address.username} may not make a database.",
                hint=f"Make it as an administrator of PostgreSQL ({made};), then type the command again.",
            ) from None
    with _connected(address, address.database) as connection:
        row = connection.execute(TABLES).fetchone()
        if row and row[0]:
            raise ConflictError(f"The database {address.database} is there already and holds tables.")


def drop(url: str) -> None:
    """Take a database away for good, once nobody uses it; one that is not there is none the less gone. ConflictError
    where somebody goes on using it, ConfigurationError where the server cannot be reached."""
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        _unlink(Path(address.database or ""))
        return
    statement = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(address.database or ""))
    ends = time.monotonic() + LEAVING
    with _server(address) as connection:
        while True:
            try:
                connection.execute(statement)
                return
            except pg.ObjectInUse:
                if time.monotonic() > ends:
                    raise ConflictError(
                        f"The database {address.database} is in use.", hint="Stop whatever uses it, then try again."
                    ) from None
                time.sleep(AGAIN)


def _unlink(database: Path) -> None:
    if not database.exists():
        return
    ends = time.monotonic() + LEAVING
    while True:
        try:
            lock = FileLock(database)
            break
        except ConfigurationError as error:
            if time.monotonic() > ends:
                raise ConflictError(str(error)) from None
            time.sleep(AGAIN)
    try:
        for ending in ("", "-wal", "-shm"):
            database.with_name(database.name + ending).unlink(missing_ok=True)
    finally:
        lock.release()


def _server(address: sa.URL) -> contextlib.AbstractContextManager[psycopg.Connection]:
    """Connected to the server, to whichever database everybody has."""
    try:
        return _connected(address, "postgres")
    except ConfigurationError:
        return _connected(address, "template1")


def _connected(address: sa.URL, database: str | None) -> psycopg.Connection:
    where = address.set(drivername="postgresql", database=database).render_as_string(hide_password=False)
    try:
        return psycopg.connect(where, autocommit=True)
    except psycopg.OperationalError as error:
        first = str(error).strip().splitlines()[0]
        raise ConfigurationError(
            f"The database server cannot be used: {first}", hint="Check BASCULE_DATABASE, and that the server runs."
        ) from None
