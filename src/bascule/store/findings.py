"""Data checks: one look through all that is held of a connection, what it counted, and whom or what it found.

Ids, names of findings and counts only; no value. What was found of somebody goes with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .codec import codec, maybe_moment, maybe_stamp, moment, stamp
from .sql import Sql

if TYPE_CHECKING:
    from .tx import Row, Tx

_COLUMNS = "id, workspace, connection, began, ended, body"
_BEGIN = Sql("""
    INSERT INTO data_checks (id, workspace, connection, began, ended, body)
    VALUES (:id, :workspace, :connection, :began, :ended, :body)""")
_SET = Sql("UPDATE data_checks SET ended = :ended, body = :body WHERE id = :id")
_GOING = Sql(f"""
    SELECT {_COLUMNS} FROM data_checks WHERE connection = :connection AND ended IS NULL ORDER BY id DESC LIMIT 1""")
_NEWEST = Sql(f"""
    SELECT {_COLUMNS} FROM data_checks WHERE connection = :connection AND ended IS NOT NULL
    ORDER BY id DESC LIMIT 1""")
_ADD = Sql("""
    INSERT INTO data_findings (check_id, finding, record) VALUES (:check_id, :finding, :record)
    ON CONFLICT DO NOTHING""")
_PAGE = Sql("""
    SELECT record FROM data_findings
    WHERE check_id = :check_id AND finding = :finding AND record > :after ORDER BY record LIMIT :limit""")
_OTHERS = Sql("SELECT id FROM data_checks WHERE connection = :connection AND id <> :id")
_DROP = (
    Sql("DELETE FROM data_findings WHERE check_id IN :ids"),
    Sql("DELETE FROM data_checks WHERE id IN :ids"),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `place` is where it goes on while it goes; `counts` by what was counted, `custom` by custom field."""

    id: str
    workspace: str
    connection: str
    began: datetime
    ended: datetime | None = None
    place: tuple[str, str] = ("", "")
    counts: Mapping[str, int] = field(default_factory=lambda: dict[str, int]())
    custom: Mapping[str, int] = field(default_factory=lambda: dict[str, int]())


_BODY = codec(Check, ("id", "workspace", "connection", "began", "ended"))


class Findings:
    """`tx.findings`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def begin(self, check: Check) -> None:
        self._tx.run(
            _BEGIN, id=check.id, workspace=check.workspace, connection=check.connection, began=stamp(check.began),
            ended=maybe_stamp(check.ended), body=_BODY.text(check),
        )  # fmt: skip

    def set(self, check: Check) -> None:
        self._tx.run(_SET, id=check.id, ended=maybe_stamp(check.ended), body=_BODY.text(check))

    def end(self, check: Check) -> None:
        """It is done: it takes the place of all before."""
        self.set(check)
        others = [id for (id,) in self._tx.rows(_OTHERS, connection=check.connection, id=check.id)]
        for sql in _DROP if others else ():
            self._tx.run(sql, ids=others)

    def going(self, connection: str) -> Check | None:
        """The one that goes on, if any."""
        row = self._tx.row(_GOING, connection=connection)
        return None if row is None else _check(row)

    def newest(self, connection: str) -> Check | None:
        """The newest that is done."""
        row = self._tx.row(_NEWEST, connection=connection)
        return None if row is None else _check(row)

    def add(self, check: Check, found: Iterable[tuple[str, str]]) -> None:
        """(finding, record) of each."""
        rows = [{"check_id": check.id, "finding": finding, "record": record} for finding, record in found]
        self._tx.many(_ADD, rows)

    def page(self, check: Check, finding: str, after: str, limit: int) -> list[str]:
        """Up to `limit` records of a finding, by id, behind `after`."""
        rows = self._tx.rows(_PAGE, check_id=check.id, finding=finding, after=after, limit=limit)
        return [record for (record,) in rows]


def _check(row: Row) -> Check:
    id, workspace, connection, began, ended, body = row
    return _BODY.read(
        body, id=id, workspace=workspace, connection=connection, began=moment(began), ended=maybe_moment(ended)
    )
