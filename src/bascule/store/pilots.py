"""Pilots: test candidates brought through the whole flow at one connection, and what was found.

The body is sealed: it names the test candidates and shows values of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from ..model import Fields
from .codec import codec, maybe_moment, maybe_stamp, moment, stamp
from .sql import Sql

if TYPE_CHECKING:
    from .tx import Row, Tx

_COLUMNS = "id, workspace, connection, began, ended, rehearsal, passed, body"
_ADD = Sql(f"""
    INSERT INTO pilots ({_COLUMNS})
    VALUES (:id, :workspace, :connection, :began, :ended, :rehearsal, :passed, :body)""")
_SET = Sql("UPDATE pilots SET ended = :ended, passed = :passed, body = :body WHERE id = :id")
_ONE = Sql(f"SELECT {_COLUMNS} FROM pilots WHERE id = :id")
_OF = Sql(f"SELECT {_COLUMNS} FROM pilots WHERE connection = :connection ORDER BY id DESC LIMIT :limit")


class Phase(StrEnum):
    """Where a pilot stands."""

    RUNNING = "running"
    REMOVING = "removing"  # judged; its test candidates are being taken away
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Pilot:
    """One pilot. `until` is when it is judged at the latest; `before` is what the connection's mode, scope and
    beginning of life were; `people` are its test candidates and `lines` what was found (`core.pilots`)."""

    id: str
    workspace: str
    connection: str
    began: datetime
    until: datetime
    rehearsal: bool
    tag: str
    job: str
    actor: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    before: Fields = field(default_factory=lambda: dict[str, str]())
    people: tuple[Fields, ...] = ()
    lines: tuple[Fields, ...] = ()
    phase: str = Phase.RUNNING
    ended: datetime | None = None
    passed: bool | None = None


_BODY = codec(Pilot, ("id", "workspace", "connection", "began", "ended", "rehearsal", "passed"))


class Pilots:
    """`tx.pilots`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, one: Pilot) -> None:
        self._tx.run(
            _ADD, id=one.id, workspace=one.workspace, connection=one.connection, began=stamp(one.began),
            ended=maybe_stamp(one.ended), rehearsal=one.rehearsal, passed=one.passed, body=self._sealed(one),
        )  # fmt: skip

    def set(self, one: Pilot) -> None:
        self._tx.run(_SET, id=one.id, ended=maybe_stamp(one.ended), passed=one.passed, body=self._sealed(one))

    def get(self, id: str) -> Pilot | None:
        row = self._tx.row(_ONE, id=id)
        return None if row is None else self._pilot(row)

    def of(self, connection: str, limit: int = 20) -> list[Pilot]:
        """The newest first."""
        return [self._pilot(row) for row in self._tx.rows(_OF, connection=connection, limit=limit)]

    def _sealed(self, one: Pilot) -> bytes:
        return self._tx.vault.seal(one.workspace, None, _BODY.text(one).encode())

    def _pilot(self, row: Row) -> Pilot:
        id, workspace, connection, began, ended, rehearsal, passed, body = row
        return _BODY.read(
            self._tx.vault.open(bytes(body)).decode(), id=id, workspace=workspace, connection=connection,
            began=moment(began), ended=maybe_moment(ended), rehearsal=bool(rehearsal),
            passed=None if passed is None else bool(passed),
        )  # fmt: skip
