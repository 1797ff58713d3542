"""How well people who have not applied for a job fit it: those whose texts come nearest are scored like applicants.

By the job's rubric, from the CV that is kept, on the day it is of; so the same CV gives the same score here as it would
as an application, but for screening answers, which were given to another job. Nothing of it is written to a system.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bascule.core.rediscovery import Fact, outs
from bascule.engine.reconcile import Watchers
from bascule.engine.runtime import Runtime
from bascule.errors import NotFoundError
from bascule.match import Matcher, Person, Rubric, Score, Wrong, reasons_short
from bascule.model import Family, Fields, Kind
from bascule.store import Store, Tx
from bascule.store.codec import moment
from bascule.store.corrections import CorrectionKind
from bascule.store.fits import Fit
from bascule.store.tasks import TaskLease

from .indexing import FOR_EVER, applied_on, is_held, newest_text, whose
from .resumes import file_of, known, study_key
from .rubrics import Rubrics, job_of
from .telling import frozen, parts_of

FIT = "fit"  # the task: key is the job, payload the people, best first
AT_ONCE = 25
NO_RESUME = "No text of a CV is kept here."


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whom to score, loaded in one snapshot. `of`: when what they are found by was made; `studies` are what was made of
    their CV, for one application or another, and `key` of what it must have been made."""

    record: str
    family: str
    of: int
    text: str
    person: Person
    day: date
    wrong: Wrong
    studies: tuple[bytes, ...] = ()
    key: bytes = b""


class Fitting:
    """Handles the task `fit`."""

    def __init__(self, runtime: Runtime, store: Store, matcher: Matcher, rubrics: Rubrics, watchers: Watchers) -> None:
        self._runtime = runtime
        self._store = store
        self._matcher = matcher
        self._rubrics = rubrics
        self._watchers = watchers

    async def fit(self, task: TaskLease) -> float | None:
        """Score those of the people named who have no score by the rubric in force, of what is known of them now."""
        told = task.payload.get("records")
        records = [str(one) for one in told] if isinstance(told, tuple) else []
        try:
            job = await self._store.read(lambda tx: job_of(tx, task.workspace, task.key))
        except NotFoundError:
            return None
        newest = await self._store.read(lambda tx: tx.scores.rubric_version(job.id))
        rubric, version = await self._rubrics.of(job, newest)
        known = await self._store.read(lambda tx: tx.fits.figures(job.id, version))
        wanted = [id for id in records if id not in known or not known[id].fresh]
        for first in range(0, len(wanted), AT_ONCE):
            some = wanted[first : first + AT_ONCE]
            found = await self._store.read(lambda tx, some=some: self._load(tx, task.workspace, some))
            fits = await asyncio.to_thread(self._scored, found, rubric, version)
            await self._store.write(lambda tx, fits=fits: self._keep(tx, task, fits))
        return None

    def _load(self, tx: Tx, workspace: str, records: Sequence[str]) -> list[Candidate]:
        rows, now = tx.indexed.get(workspace, records), self._runtime.now()
        families = tx.families.families({row.family for row in rows.values()})
        return [
            _candidate(tx, families[row.family], record, row.updated, bool(row.flags & Fact.RESUME))
            for record in records
            if (row := rows.get(record)) is not None
            and row.family in families
            and is_held(families[row.family], record)
            and outs(row.flags, moment(row.until * 1_000_000) if row.until < FOR_EVER else None, now) is None
        ]

    def _scored(self, found: Sequence[Candidate], rubric: Rubric, version: int) -> list[Fit]:
        return [self._one(one, rubric, version) for one in found]

    def _one(self, one: Candidate, rubric: Rubric, version: int) -> Fit:
        now = self._runtime.now()
        if not one.text:
            body = frozen({"scored": False, "reason": NO_RESUME})
            return Fit(one.record, one.family, version, one.of, None, body, now)
        found = (known(self._matcher, kept, one.key) for kept in one.studies)
        study = next((each for each in found if each is not None and each.evidence is not None), None)
        if study is not None:
            score = self._matcher.judge(study, rubric, one.person, wrong=one.wrong)
        else:
            score = self._matcher.score(one.text, rubric, one.person, one.day, wrong=one.wrong)
        value = round(score.value, 1) if score.scored else None
        return Fit(one.record, one.family, version, one.of, value, body_of(score), now)

    def _keep(self, tx: Tx, task: TaskLease, fits: Sequence[Fit]) -> None:
        tx.tasks.hold(task)
        families = tx.families.families({fit.family for fit in fits})
        mine = [fit for fit in fits if fit.family in families and is_held(families[fit.family], fit.record)]
        tx.fits.set(task.workspace, task.key, mine)
        tx.after_commit(lambda: self._watchers.tell(str(Kind.JOB), task.key))


def body_of(score: Score) -> Fields:
    """A score as a page shows it."""
    return frozen(
        {
            "scored": score.scored,
            "reason": score.reason,
            "tenths": score.tenths,
            "confidence": score.confidence,
            "reasons": list(reasons_short(score)),
            "parts": parts_of(score),
            "conditions": score.conditions,
            "flags": score.flags,
            "as_of": score.as_of.isoformat(),
        }
    )


def _candidate(tx: Tx, family: Family, record: str, of: int, read: bool) -> Candidate:
    resume, text = newest_text(tx, family) if read else (None, "")
    day = applied_on(family, resume)
    person = whose(family.root)
    if resume is None:
        return Candidate(record, family.id, of, text, person, day, Wrong())
    wrong = _wrong(tx, family, file_of(resume))
    applications = [one.id for one in family.records.values() if one.kind is Kind.APPLICATION]
    at = [address for one in applications if (address := tx.stored.of(one, "study")) is not None]
    studies, key = tuple(map(tx.stored.get, at)), study_key(resume, person, day, wrong)
    return Candidate(record, family.id, of, text, person, day, wrong, studies, key)


def _wrong(tx: Tx, family: Family, file: str) -> Wrong:
    """What people have said is wrong in scores from this file."""
    applications = [one.id for one in family.records.values() if one.kind is Kind.APPLICATION]
    found = [one for some in tx.corrections.of(applications).values() for one in some if one.resume == file]
    return Wrong(
        frozenset(one.about for one in found if one.kind is CorrectionKind.SKILL),
        tuple((one.start, one.end) for one in found if one.kind is CorrectionKind.PASSAGE),
    )
