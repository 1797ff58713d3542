"""Brings a database to the schema of this version. Run at start-up; a database that is up to date is left alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ..errors import ConfigurationError

_HERE = Path(__file__).parent / "migrations"
_LOCK = 0x6261_7363  # one process migrates a PostgreSQL database at a time


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.attributes["connection"] = connection
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def head() -> str:
    """The revision this version of the code needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def current(connection: sa.Connection) -> str | None:
    """The revision a database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: sa.Engine) -> None:
    """Migrate to the head, in one transaction. ConfigurationError if a newer version has been here."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        at = current(connection)
        if at == head():
            return
        _refuse_newer(at)
        command.upgrade(_config(connection), "head")


def make(connection: sa.Connection, revision: str) -> None:
    """The tables of a revision, in an empty database. ConfigurationError if a newer version made it."""
    _refuse_newer(revision)
    command.upgrade(_config(connection), revision)


def downgrade(engine: sa.Engine, revision: str) -> None:
    """Back to an older revision. What only newer versions know is lost."""
    with engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def _refuse_newer(revision: str | None) -> None:
    if revision is None:
        return
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision not in known:
        raise ConfigurationError(
            f"The database is at schema {revision}, which this version does not know.",
            hint="Start the newer version of Bascule, or restore a backup made with this one.",
        )
