"""Incidents: when something disturbed the way to a system, and whose changes waited. Ids only, no personal value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from ..errors import NotFoundError
from ..model import Write
from . import statements as s
from .codec import dumps, loads, maybe_moment, moment, stamp
from .rows import read_write

if TYPE_CHECKING:
    from .tx import Row, Tx


LAST = 1 << 62


class Cause(StrEnum):
    """What disturbed."""

    OUTAGE = "outage"  # the system was down
    CREDENTIALS = "credentials"  # it refused ours
    PAUSE = "pause"  # the connection was paused for another reason
    LIMITS = "limits"  # its rate limits let nothing through for minutes
    STOP = "stop"  # a person stopped the writes to it
    WEBHOOKS = "webhooks"  # it told of nothing any more, and changes were found late
    ABSENCE = "absence"  # Bascule itself was not running


BY_A_PERSON = frozenset({Cause.PAUSE, Cause.STOP})
NO_READS = frozenset({Cause.STOP, Cause.WEBHOOKS})  # reading went on
NO_WRITES = frozenset({Cause.WEBHOOKS})  # writing too: late is what was found late


@dataclass(frozen=True, slots=True)
class Incident:
    """`connection` is "" where it concerned every one. `ended` is None while it lasts. `families` are those with writes
    or reads that waited when it ended, or that were found late; `reads` the number of objects that were to be read,
    `left` how many of the families still wait for what was due by then."""

    id: int
    workspace: str
    connection: str
    cause: Cause
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

    def open(self, connection: str, cause: Cause) -> Incident | None:
        """The one of this cause that lasts, if any."""
        row = self._tx.row(s.INCIDENT_OPEN, connection=connection, cause=cause)
        return None if row is None else _incident(row)

    def lasting(self, workspace: str) -> list[Incident]:
        """All that last, the oldest first."""
        return [_incident(row) for row in self._tx.rows(s.INCIDENTS_OPEN, workspace=workspace)]

    def ended(self, workspace: str, *, since: datetime) -> list[Incident]:
        """Those that have ended since."""
        return [_incident(row) for row in self._tx.rows(s.INCIDENTS_ENDED, workspace=workspace, since=stamp(since))]

    def begin(self, workspace: str, connection: str, cause: Cause, why: str, *, now: datetime) -> Incident:
        """The one of this cause that lasts; it begins now where there is none."""
        id = self._tx.number()
        self._tx.run(
            s.INCIDENT_BEGIN, id=id, workspace=workspace, connection=connection, cause=cause, why=why, now=stamp(now)
        )
        found = self.open(connection, cause)
        assert found is not None
        return found

    def end(self, incident: Incident, *, now: datetime) -> None:
        """It is over; what waits now, or waited at the last look, is what it has made late."""
        families = sorted({*incident.families, *self._waiting(incident)})
        counts = incident.cause not in NO_READS
        row = self._tx.row(s.INCIDENT_READS, connections=self._connections(incident)) if counts else None
        self._tx.run(
            s.INCIDENT_END, id=incident.id, families=dumps(families), reads=row[0] if row else 0, now=stamp(now)
        )

    def lasts(self, incident: Incident) -> None:
        """It is not over: whose writes wait now. The one that finds it over will have been written by then."""
        if incident.cause not in NO_WRITES:
            self._tx.run(s.INCIDENT_LASTS, id=incident.id, families=dumps(self._waiting(incident)))

    def add(self, incident: Incident, families: Collection[str]) -> None:
        """These were found late because of it, too."""
        every = sorted({*incident.families, *families})
        self._tx.run(s.INCIDENT_LASTS, id=incident.id, families=dumps(every))

    def _waiting(self, incident: Incident) -> list[str]:
        if incident.cause in NO_WRITES:
            return []
        reads, connections = int(incident.cause not in NO_READS), self._connections(incident)
        rows = self._tx.rows(s.INCIDENT_FAMILIES, connections=connections, reads=reads)
        return [family for (family,) in rows]

    def _connections(self, incident: Incident) -> list[str]:
        if incident.connection:
            return [incident.connection]
        return [row.id for row in self._tx.connections.list(incident.workspace)]

    def drop(self, incident: Incident) -> None:
        """It was too short to be told of."""
        self._tx.run(s.INCIDENT_DROP, id=incident.id)

    def list(self, workspace: str, *, connection: str = "", limit: int = 50) -> list[Incident]:
        """The newest first, with how many families still wait; of a connection also those that concerned every one."""
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
            waiting = self._waiting(one)
            families = tuple(sorted({*one.families, *waiting}))
            return replace(one, families=families, left=len(waiting))
        if one.cause in NO_WRITES:
            return one
        connections, reads = self._connections(one), int(one.cause not in NO_READS)
        rows = self._tx.rows(s.INCIDENT_LEFT, connections=connections, until=stamp(one.ended), reads=reads)
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
            s.INCIDENT_WRITES, families=sorted(families), connections=self._connections(incident),
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
    id, workspace, connection, cause, began, ended, why, families, reads = row
    late = tuple(loads(families))
    return Incident(id, workspace, connection, Cause(cause), moment(began), maybe_moment(ended), why, late, reads)
