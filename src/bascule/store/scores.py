"""Rubrics by job and version, and the score of an application from one of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import Fields
from . import statements as s
from .codec import dumps, loads, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Rubric:
    """What a job asks for, as scored. `stale`: a newer version exists."""

    job: str
    version: int
    body: Fields
    at: datetime
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """One application under one rubric version. `score` is None where it could not be scored (`body` says why)."""

    application: str
    version: int
    job: str
    score: float | None
    body: Fields
    at: datetime
    stale: bool = False


class Scores:
    """`tx.scores`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def set_rubric(self, workspace: str, rubric: Rubric, *, redo: bool = True) -> None:
        """Keep a version (a version never changes); older ones are stale from now on, and with `redo` the job's
        scores."""
        self._tx.run(
            s.RUBRIC_SET,
            workspace=workspace,
            job=rubric.job,
            version=rubric.version,
            body=dumps(rubric.body),
            now=stamp(rubric.at),
        )
        self._tx.run(s.RUBRICS_STALE, job=rubric.job, version=rubric.version)
        if redo:
            self._tx.run(s.SCORES_STALE, job=rubric.job, version=rubric.version)

    def rubric(self, job: str, version: int | None = None) -> Rubric | None:
        """A version, or the newest."""
        if version is None:
            row = self._tx.row(s.RUBRIC, job=job)
        else:
            row = self._tx.row(s.RUBRIC_VERSION, job=job, version=version)
        return None if row is None else Rubric(row[0], row[1], loads(row[2]), moment(row[3]), bool(row[4]))

    def rubrics(self, workspace: str, *, after: str = "", limit: int) -> list[Rubric]:
        """The newest version of every job, by job, those after one."""
        rows = self._tx.rows(s.RUBRICS_NEWEST, workspace=workspace, after=after, limit=limit)
        return [Rubric(row[0], row[1], loads(row[2]), moment(row[3]), bool(row[4])) for row in rows]

    def newest(self, workspace: str, *, after: str = "", limit: int) -> list[Score]:
        """The newest score of every application, by application, those after one."""
        rows = self._tx.rows(s.SCORES_NEWEST, workspace=workspace, after=after, limit=limit)
        self._tx.vault.fetch([row[4] for row in rows])
        return [self._score(row) for row in rows]

    def rubric_version(self, job: str) -> int:
        """The newest version's number, 0 where there is none."""
        row = self._tx.row(s.RUBRIC_NEWEST, job=job)
        return 0 if row is None or row[0] is None else int(row[0])

    def set(self, workspace: str, family: str, score: Score) -> None:
        """Keep the score of an application under its rubric version, replacing one of that version."""
        self._tx.run(
            s.SCORE_SET,
            workspace=workspace,
            family=family,
            application=score.application,
            version=score.version,
            job=score.job,
            score=score.score,
            body=self._tx.vault.seal(workspace, family, dumps(score.body).encode()),
            now=stamp(score.at),
        )

    def of(self, application: str) -> Score | None:
        """The newest score of an application."""
        row = self._tx.row(s.SCORE, application=application)
        return None if row is None else self._score(row)

    def newest_of(self, applications: Collection[str]) -> dict[str, Score]:
        """By application, the newest score of each of these that has one."""
        rows = self._tx.rows(s.SCORES_NEWEST_OF, applications=applications) if applications else []
        self._tx.vault.fetch([row[4] for row in rows])
        return {row[0]: self._score(row) for row in rows}

    def of_all(self, applications: Collection[str]) -> dict[str, list[Score]]:
        """Every score of these applications, the newest version first."""
        found: dict[str, list[Score]] = {}
        rows = self._tx.rows(s.SCORES_OF, applications=applications) if applications else []
        self._tx.vault.fetch([row[4] for row in rows])
        for row in rows:
            found.setdefault(row[0], []).append(self._score(row))
        return found

    def times(self, applications: Collection[str]) -> dict[str, list[tuple[datetime, float | None, int]]]:
        """When these applications were scored, how, and by which version of the rubric, the newest version first."""
        found: dict[str, list[tuple[datetime, float | None, int]]] = {}
        rows = self._tx.rows(s.SCORES_TIMES, applications=applications) if applications else []
        for application, at, score, version in rows:
            found.setdefault(application, []).append((moment(at), score, int(version)))
        return found

    def make_stale(self, application: str) -> None:
        """What it was scored from has changed (a new CV, an edited answer)."""
        self._tx.run(s.SCORE_STALE, application=application)

    def drop(self, application: str) -> None:
        """Nothing is to be kept of how an application was scored."""
        self._tx.run(s.SCORES_DROP, application=application)

    def to_redo(self, job: str, *, after: str = "", limit: int = 500) -> list[str]:
        """Applications of a job whose newest score is stale, those with an id above `after`."""
        return [application for (application,) in self._tx.rows(s.STALE_SCORES, job=job, after=after, limit=limit)]

    def _score(self, row: Row) -> Score:
        """Its reasons quote the CV: sealed for the candidate."""
        application, version, job, score, body, at, stale = row
        return Score(application, version, job, score, self._tx.vault.decoded(body, loads), moment(at), bool(stale))
