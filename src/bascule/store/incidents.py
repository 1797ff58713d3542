"""Incidents: when a connection's system was down, and whose changes waited for it. Ids only, no personal value."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import NotFoundError
from . import statements as s
from .codec import dumps, loads, maybe_moment, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Incident:
    """`ended` is None while it lasts. `families` are those with writes that waited when it ended, `reads` the number of
    objects that were to be read, `left` how many of the families still wait now."""

    id: int
    connection: str
    began: datetime
    ended: datetime | None
    why: str
    families: tuple[str, ...]
    reads: int
    left: int = 0


class Incidents:
    """`tx.incidents`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def open(self, connection: str) -> Incident | None:
        """The one that lasts, if any."""
        row = self._tx.row(s.INCIDENT_OPEN, connection=connection)
        return None if row is None else _incident(row)

    def begin(self, workspace: str, connection: str, why: str, *, now: datetime) -> Incident:
        """The one that lasts; it begins now where there is none."""
        id = self._tx.number()
        self._tx.run(s.INCIDENT_BEGIN, id=id, workspace=workspace, connection=connection, why=why, now=stamp(now))
        found = self.open(connection)
        assert found is not None
        return found

    def end(self, incident: Incident, *, now: datetime) -> None:
        """It is over; what waits for the connection now, or waited at the last look, is what it has made late."""
        connection = incident.connection
        families = sorted({*incident.families, *self._waiting(connection)})
        reads = self._tx.row(s.INCIDENT_READS, connection=connection)
        self._tx.run(
            s.INCIDENT_END, id=incident.id, families=dumps(families), reads=reads[0] if reads else 0, now=stamp(now)
        )

    def lasts(self, incident: Incident) -> None:
        """It is not over: whose writes wait now. The one that finds it over will have been written by then."""
        self._tx.run(s.INCIDENT_LASTS, id=incident.id, families=dumps(self._waiting(incident.connection)))

    def _waiting(self, connection: str) -> list[str]:
        return [family for (family,) in self._tx.rows(s.INCIDENT_FAMILIES, connection=connection)]

    def drop(self, incident: Incident) -> None:
        """It was too short to be told of."""
        self._tx.run(s.INCIDENT_DROP, id=incident.id)

    def list(self, workspace: str, *, connection: str = "", limit: int = 50) -> list[Incident]:
        """The newest first, with how many families still wait."""
        found = [_incident(r) for r in self._tx.rows(s.INCIDENTS, workspace=workspace, connection=connection, n=limit)]
        waiting = {id: set(self._waiting(id)) for id in {one.connection for one in found}}
        return [_left(one, waiting[one.connection]) for one in found]

    def get(self, workspace: str, id: int) -> tuple[Incident, frozenset[str]]:
        """One, and which of its families still wait. NotFoundError if there is none."""
        row = self._tx.row(s.INCIDENT, workspace=workspace, id=id)
        if row is None:
            raise NotFoundError("There is no such incident.", hint="List them: bascule incidents")
        waiting = set(self._waiting(row[1]))
        found = _left(_incident(row), waiting)
        return found, frozenset(waiting & set(found.families))

    def people(self, families: Collection[str]) -> Sequence[tuple[str, str, str, str]]:
        """The candidates of these families by name, once for each application: (family, record, name, job or "")."""
        rows = self._tx.rows(s.INCIDENT_PEOPLE, families=sorted(families)) if families else []
        names = self._tx.pages.called([record for _, record, _ in rows])
        return [(family, record, names.get(record, ""), job or "") for family, record, job in rows]


def _left(one: Incident, waiting: set[str]) -> Incident:
    families = waiting if one.ended is None else waiting & set(one.families)
    whose = tuple(sorted(waiting)) if one.ended is None else one.families
    return Incident(one.id, one.connection, one.began, one.ended, one.why, whose, one.reads, len(families))


def _incident(row: Row) -> Incident:
    id, connection, began, ended, why, families, reads = row
    return Incident(id, connection, moment(began), maybe_moment(ended), why, tuple(loads(families)), reads)
