"""The log of events: what has happened, by reference, in an order that a reader never skips anything in.

An event is written in the commit that makes the change, without a number. Numbers are drawn by who is about to read,
one at a time for a workspace, for events that are committed: so the order of numbers is the order of visibility.
Numbers are times in microseconds, never below the last one, so that a restored database goes on above every cursor.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import CANDIDATE_ERASED, Event
from . import statements as s
from .codec import dumps, loads, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


class Events:
    """`tx.events`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, workspace: str, events: Sequence[Event]) -> None:
        """Write these into the log. Who is erased leaves it."""
        for one in events:
            if one.type == CANDIDATE_ERASED:
                self.forget(one.family)
        rows = [
            {"workspace": workspace, "type": one.type, "family": one.family, "record": one.record,
             "body": _body(one), "now": stamp(one.at)}
            for one in events
        ]  # fmt: skip
        self._tx.many(s.EVENT_ADD, rows)

    def waits(self, workspace: str) -> bool:
        """Whether anything is in the log that has no number yet."""
        return self._tx.row(s.EVENTS_WAIT, workspace=workspace) is not None

    def number(self, workspace: str, limit: int, *, now: datetime) -> set[str]:
        """Give events that are committed their numbers; of which types they are. Only one does so at a time."""
        self._tx.lock([f"events {workspace}"])
        due = self._tx.rows(s.EVENTS_DUE, workspace=workspace, limit=limit)
        first = max(stamp(now), self.last(workspace) + 1)
        self._tx.many(s.EVENT_NUMBER, [{"id": id, "number": first + n} for n, (id, _) in enumerate(due)])
        return {type for _, type in due}

    def last(self, workspace: str) -> int:
        """The number of the newest; 0 where there is none."""
        row = self._tx.row(s.EVENTS_LAST, workspace=workspace)
        return int(row[0]) if row else 0

    def page(self, workspace: str, after: int, types: Collection[str], limit: int) -> list[Event]:
        """Events of these types behind a number, the oldest first."""
        rows = self._tx.rows(s.EVENTS_PAGE, workspace=workspace, after=after, types=sorted(types), limit=limit)
        return [_logged(row) for row in rows]

    def get(self, workspace: str, number: int) -> Event | None:
        row = self._tx.row(s.EVENT_ONE, workspace=workspace, number=number)
        return None if row is None else _logged(row)

    def number_of(self, family: str, type: str) -> int | None:
        """The number of the newest event of a type that is told of a family; None where it has none (yet)."""
        row = self._tx.row(s.EVENT_NUMBER_OF, family=family, type=type)
        return None if row is None or row[0] is None else int(row[0])

    def newest(self, workspace: str, limit: int) -> list[Event]:
        """The newest first."""
        return [_logged(row) for row in self._tx.rows(s.EVENTS_NEWEST, workspace=workspace, limit=limit)]

    def forget(self, family: str) -> int:
        """Take a family's events out, and what became of them at subscribers; that it is erased stays. How many."""
        self._tx.run(s.EVENT_DELIVERIES_FORGET, family=family, kept=CANDIDATE_ERASED)
        return self._tx.run(s.EVENTS_FORGET, family=family, kept=CANDIDATE_ERASED)

    def rehome(self, old: str, new: str, records: Collection[str] | None = None) -> None:
        """What is told of a family (of these records of it) is told of another from now on."""
        if records is None:
            self._tx.run(s.EVENTS_HOME, old=old, new=new)
        else:
            self._tx.run(s.EVENTS_HOME_OF, old=old, new=new, records=sorted(records))

    def expire(self, *, before: datetime) -> int:
        """Take out what is older; how many."""
        return self._tx.run(s.EVENTS_EXPIRE, before=stamp(before))


def _body(one: Event) -> str:
    body = {
        "subjects": dict(one.subjects), "changed": one.changed, "before": one.before, "after": one.after,
        "actor": one.actor, "cause": one.cause,
    }  # fmt: skip
    return dumps({name: value for name, value in body.items() if value})


def _logged(row: Row) -> Event:
    number, type, family, record, body, at = row
    return Event(type, family, record, moment(at), number=int(number), **loads(body))
