"""Screening forms of applications, and the versions of what they say and ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ..model import EMPTY, Fields, ScreeningStatus
from . import statements as s
from .codec import dumps, loads, maybe_moment, maybe_stamp, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx

Terms = Literal["disclosure", "questions"]


@dataclass(frozen=True, slots=True)
class Screening:
    """An application's form. `said`: all that is in it (`hiring.screening` says what), sealed for the person.
    `invited`: since when the candidate can have its link; None while the letter that brings it has not left."""

    id: str
    workspace: str
    family: str
    application: str
    job: str
    state: ScreeningStatus
    issue: int
    expires: datetime
    invited: datetime | None = None
    started: datetime | None = None
    completed: datetime | None = None
    opted_out: datetime | None = None
    adjustment: datetime | None = None
    looked: datetime | None = None
    said: Fields = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of a job's forms came how far. Who opted out may have started; who completed has. A form that was
    prepared, and whose letter never left, counts nowhere."""

    job: str
    invited: int
    started: int
    completed: int
    opted_out: int
    adjustments: int
    expired: int


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a job's disclosure or questions; `job` "": of the whole workspace."""

    job: str
    version: int
    at: datetime
    body: Mapping[str, Any]


class Screenings:
    """`tx.screenings`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def set(self, one: Screening) -> None:
        self._tx.run(
            s.SCREENING_SET, id=one.id, workspace=one.workspace, family=one.family, application=one.application,
            job=one.job, state=str(one.state), issue=one.issue, expires=stamp(one.expires),
            invited=maybe_stamp(one.invited), started=maybe_stamp(one.started), completed=maybe_stamp(one.completed),
            opted_out=maybe_stamp(one.opted_out), adjustment=maybe_stamp(one.adjustment),
            looked=maybe_stamp(one.looked),
            body=self._tx.vault.seal(one.workspace, one.family, dumps(one.said).encode()),
        )  # fmt: skip

    def get(self, id: str, *, hold: bool = False) -> Screening | None:
        """`hold`: nobody else changes it until this commit."""
        row = self._tx.row(s.SCREENING_HELD if hold else s.SCREENING, id=id)
        return None if row is None else self._read(row)

    def of(self, applications: Collection[str]) -> dict[str, Screening]:
        """Those of these applications, by application."""
        rows = self._tx.rows(s.SCREENINGS_OF, applications=sorted(applications)) if applications else []
        self._tx.vault.fetch([row[-1] for row in rows])
        return {row[3]: self._read(row) for row in rows}

    def asked(self, workspace: str, *, limit: int) -> list[Screening]:
        """Those of people who have asked for a person or an adjustment and were not dealt with yet."""
        rows = self._tx.rows(s.SCREENINGS_ASKED, workspace=workspace, limit=limit)
        self._tx.vault.fetch([row[-1] for row in rows])
        return [self._read(row) for row in rows]

    def counted(self, workspace: str) -> list[Counted]:
        """By job."""
        rows = self._tx.rows(s.SCREENINGS_COUNTED, workspace=workspace)
        return [Counted(job, *(int(number or 0) for number in rest)) for job, *rest in rows]

    def move(self, workspace: str, family: str, applications: Collection[str]) -> None:
        """Keep them for another person, whose applications these are now."""
        for one in self.of(applications).values():
            self.set(replace(one, workspace=workspace, family=family))

    def _read(self, row: Row) -> Screening:
        id, workspace, family, application, job, state, issue, expires, *times, body = row
        invited, started, completed, opted_out, adjustment, looked = map(maybe_moment, times)
        return Screening(
            id, workspace, family, application, job, ScreeningStatus(state), issue, moment(expires), invited,
            started, completed, opted_out, adjustment, looked, self._tx.vault.decoded(body, loads),
        )  # fmt: skip

    # --------------------------------------------------------------------------------------------------------- terms

    def terms(self, workspace: str, job: str, kind: Terms) -> list[Version]:
        """Every version, the newest first."""
        rows = self._tx.rows(s.TERMS, workspace=workspace, job=job, kind=kind)
        return [Version(of, version, moment(at), loads(body)) for of, version, at, body in rows]

    def add_terms(self, workspace: str, job: str, kind: Terms, body: Fields, *, now: datetime) -> Version:
        """Keep the next version. StaleError where another came at the same moment."""
        newest = self.terms(workspace, job, kind)
        version = newest[0].version + 1 if newest else 1
        self._tx.run(
            s.TERMS_ADD, workspace=workspace, job=job, kind=kind, version=version, at=stamp(now), body=dumps(body)
        )
        return Version(job, version, now, body)
