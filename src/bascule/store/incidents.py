"""Incidents: when a connection's system was down, and whose changes waited for it. Ids only, no personal value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import NotFoundError
from ..model import Write
from . import statements as s
from .codec import dumps, loads, maybe_moment, moment, stamp
from .rows import read_write

if TYPE_CHECKING:
    from .tx import Row, Tx


LAST = 1 << 62


@dataclass(frozen=True, slots=True)
class Incident:
    """`ended` is None while it lasts. `families` are those with writes or reads that waited when it ended, `reads` the
    number of objects that were to be read, `left` how many of the families still wait for what was due by then."""

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
        rows = self._tx.rows(s.INCIDENTS, workspace=workspace, connection=connection, n=limit)
        return [self._left(_incident(row)) for row in rows]

    def get(self, workspace: str, id: int) -> Incident:
        """One, with how many of its families still wait. NotFoundError if there is none."""
        row = self._tx.row(s.INCIDENT, workspace=workspace, id=id)
        if row is None:
            raise NotFoundError("There is no such incident.", hint="List them: bascule incidents")
        return self._left(_incident(row))

    def _left(self, one: Incident) -> Incident:
        """What was asked for while it lasted and is not done yet; what came later has nothing to do with it."""
        if one.ended is None:
            waiting = self._waiting(one.connection)
            families = tuple(sorted({*one.families, *waiting}))
            return replace(one, families=families, left=len(waiting))
        rows = self._tx.rows(s.INCIDENT_LEFT, connection=one.connection, until=stamp(one.ended))
        return replace(one, left=len({family for (family,) in rows} & set(one.families)))

    def people(self, families: Collection[str]) -> Sequence[tuple[str, str, str, str]]:
        """The candidates of these families by name, once for each application: (family, record, name, job or "")."""
        rows = self._tx.rows(s.INCIDENT_PEOPLE, families=sorted(families)) if families else []
        names = self._tx.pages.called([record for _, record, _ in rows])
        return [(family, record, names.get(record, ""), job or "") for family, record, job in rows]

    def writes(self, incident: Incident, families: Collection[str]) -> dict[str, list[Write]]:
        """The writes of these families that were due while it lasted and had not ended when it began, by family."""
        found: defaultdict[str, list[Write]] = defaultdict(list)
        for row in self._tx.rows(
            s.INCIDENT_WRITES, families=sorted(families), connection=incident.connection,
            since=stamp(incident.began), until=stamp(incident.ended) if incident.ended else LAST,
        ) if families else ():  # fmt: skip
            found[row[0]].append(read_write(self._tx.vault, row))
        return dict(found)

    def scores(self, families: Collection[str]) -> dict[str, list[tuple[float, int, int]]]:
        """Of each scored application of these families: its score, how many of its job have a better one, and how many
        have any."""
        found: defaultdict[str, list[tuple[float, int, int]]] = defaultdict(list)
        for family, score, better, scored in (
            self._tx.rows(s.INCIDENT_SCORES, families=sorted(families)) if families else ()
        ):
            found[family].append((score, better, scored))
        return dict(found)

    def jobs(self, families: Collection[str]) -> set[str]:
        """The jobs that these families have applied to."""
        rows = self._tx.rows(s.INCIDENT_JOBS, families=sorted(families)) if families else ()
        return {job for (job,) in rows}


def _incident(row: Row) -> Incident:
    id, connection, began, ended, why, families, reads = row
    return Incident(id, connection, moment(began), maybe_moment(ended), why, tuple(loads(families)), reads)
