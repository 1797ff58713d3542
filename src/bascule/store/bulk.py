"""What one cause touches at one connection, counted over all families; and which causes wait for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from . import statements as s
from .codec import moment, stamp
from .lanes import NEVER

if TYPE_CHECKING:
    from .tx import Tx


@dataclass(frozen=True, slots=True)
class Bulk:
    """A cause that a person is asked about, or has answered. `state` is "held", "agreed" or "refused"."""

    connection: str
    cause: str
    state: str
    review: str
    until: datetime  # an agreement holds this long for more of the same


class Bulks:
    """`tx.bulk`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def touch(self, connection: str, cause: str, family: str, *, now: datetime, since: datetime) -> int:
        """Count a family; how many the cause has touched there since then. What was before is forgotten."""
        self._tx.run(s.BULK_FORGET, connection=connection, cause=cause, before=stamp(since))
        self._tx.run(s.BULK_TOUCH, connection=connection, cause=cause, family=family, now=stamp(now))
        row = self._tx.row(s.BULK_COUNT, connection=connection, cause=cause)
        return 0 if row is None else int(row[0])

    def records(self, connection: str) -> int:
        """How many root records a connection holds."""
        row = self._tx.row(s.BULK_RECORDS, connection=connection)
        return 0 if row is None else int(row[0])

    def get(self, connection: str, cause: str) -> Bulk | None:
        row = self._tx.row(s.BULK_ONE, connection=connection, cause=cause)
        return None if row is None else Bulk(connection, cause, row[0], row[1], moment(row[2]))

    def all(self, workspace: str) -> list[Bulk]:
        """Those a person is asked about, and those being refused."""
        rows = self._tx.rows(s.BULK_ALL, workspace=workspace)
        return [Bulk(*row[:4], until=moment(row[4])) for row in rows]

    def set(self, workspace: str, bulk: Bulk) -> None:
        self._tx.run(
            s.BULK_SET, workspace=workspace, connection=bulk.connection, cause=bulk.cause, state=bulk.state,
            review=bulk.review, until=stamp(bulk.until),
        )  # fmt: skip

    def drop(self, connection: str, cause: str) -> None:
        """It is over: count anew."""
        self._tx.run(s.BULK_DROP, connection=connection, cause=cause)
        self._tx.run(s.BULK_FORGET, connection=connection, cause=cause, before=stamp(NEVER))

    def holding(self, connection: str, *, after: str = "", limit: int = 200) -> list[str]:
        """Families with a held write at the connection, in order."""
        rows = self._tx.rows(s.BULK_HOLDING, connection=connection, after=after, limit=limit)
        return [family for (family,) in rows]
