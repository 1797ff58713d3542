"""How well people who have not applied for a job fit it: those whose texts come nearest are scored like applicants.

By the job's rubric, from the CV that is kept, on the day it is of; so the same CV gives the same score here as it would
as an application, but for screening answers, which were given to another job. Nothing of it is written to a system.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date

from bascule.core.rediscovery import Fact, outs
from bascule.engine.reconcile import Watchers
from bascule.engine.runtime import Runtime
from bascule.errors import NotFoundError
from bascule.match import Matcher, Person, Rubric, Score, Wrong, reasons_short
from bascule.match.judges import Judges
from bascule.match.judging import Ask
from bascule.model import Family, Fields, Kind
from bascule.store import Store, Tx
from bascule.store.codec import moment
from bascule.store.corrections import Correction, CorrectionKind
from bascule.store.fits import Fit
from bascule.store.indexed import Indexed
from bascule.store.tasks import TaskLease

from .indexing import FOR_EVER, applied_on, is_held, resumes_of, whose
from .portions import ahead, in_portions
from .resumes import file_of, study_key
from .rubrics import Rubrics, job_of
from .telling import frozen, parts_of

FIT = "fit"  # the task: key is the job, payload the people, best first
AT_ONCE = 50
KINDS = (Kind.CANDIDATE, Kind.APPLICATION, Kind.ATTACHMENT)
NO_RESUME = "No text of a CV is kept here."


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whom to score, loaded in one snapshot. `of`: when what they are found by was made; `rev`: of their family;
    `resume`: where the text of their newest CV is kept, "" for none; `study` is what was made of that CV, None where
    nothing was kept of it."""

    record: str
    family: str
    rev: int
    of: int
    resume: str
    person: Person
    day: date
    wrong: Wrong = field(default_factory=Wrong)
    study: bytes | None = None


class Fitting:
    """Handles the task `fit`."""

    def __init__(
        self, runtime: Runtime, store: Store, matcher: Matcher, rubrics: Rubrics, watchers: Watchers, judges: Judges
    ) -> None:
        self._runtime = runtime
        self._store = store
        self._matcher = matcher
        self._rubrics = rubrics
        self._watchers = watchers
        self._judges = judges

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

        async def make(portion: Sequence[str]) -> tuple[list[Fit], dict[str, int]]:
            return await self._made(task, portion, len(wanted), rubric, version)

        async with aclosing(ahead(self._runtime, in_portions(wanted, AT_ONCE), make)) as portions:
            async for fits, revs in portions:
                await self._store.write(lambda tx, fits=fits, revs=revs: self._keep(tx, task, fits, revs))
        return None

    async def _made(
        self, task: TaskLease, portion: Sequence[str], of: int, rubric: Rubric, version: int
    ) -> tuple[list[Fit], dict[str, int]]:
        """The fits of a portion, and what their families were when they were loaded."""
        found = await self._store.read(lambda tx: self._load(tx, task.workspace, portion))
        asks = [(one, Ask(study, one.person, wrong=one.wrong)) for one in found if (study := one.study) is not None]
        answers = await self._judges.judge([ask for _, ask in asks], rubric, of)
        scores = {
            one.record: answer.score
            for (one, _), answer in zip(asks, answers, strict=True)
            if answer is not None and answer.score is not None
        }
        unread = [one for one in found if one.resume and one.record not in scores]
        if unread:
            texts = await self._store.read(lambda tx: _texts(tx, unread))
            scores |= await asyncio.to_thread(self._read, unread, texts, rubric)
        fits = [self._fit(one, version, scores.get(one.record)) for one in found]
        return fits, {one.family: one.rev for one in found}

    def _load(self, tx: Tx, workspace: str, records: Sequence[str]) -> list[Candidate]:
        rows, now = tx.indexed.get(workspace, records), self._runtime.now()
        families = tx.families.shown({row.family for row in rows.values()}, KINDS)
        mine = [
            (row, families[row.family])
            for record in records
            if (row := rows.get(record)) is not None
            and row.family in families
            and is_held(families[row.family], record)
            and outs(row.flags, moment(row.until * 1_000_000) if row.until < FOR_EVER else None, now) is None
        ]
        return _candidates(tx, mine)

    def _read(self, unread: Sequence[Candidate], texts: Mapping[str, str], rubric: Rubric) -> dict[str, Score]:
        return {
            one.record: self._matcher.score(text, rubric, one.person, one.day, wrong=one.wrong)
            for one in unread
            if (text := texts.get(one.resume))
        }

    def _fit(self, one: Candidate, version: int, score: Score | None) -> Fit:
        value = round(score.value, 1) if score is not None and score.scored else None
        body = body_of(score) if score is not None else frozen({"scored": False, "reason": NO_RESUME})
        return Fit(one.record, one.family, version, one.of, value, body, self._runtime.now())

    def _keep(self, tx: Tx, task: TaskLease, fits: Sequence[Fit], revs: Mapping[str, int]) -> None:
        tx.tasks.hold(task)
        now_are = tx.families.revs(revs)
        moved = tx.families.families({one.family for one in fits if now_are.get(one.family) != revs[one.family]})
        mine = [
            one
            for one in fits
            if now_are.get(one.family) == revs[one.family]
            or (one.family in moved and is_held(moved[one.family], one.record))
        ]
        tx.fits.set(task.workspace, task.key, mine)
        tx.after_commit(lambda: self._watchers.tell(str(Kind.JOB), task.key))


def _texts(tx: Tx, unread: Sequence[Candidate]) -> dict[str, str]:
    """By where it is kept, the text of their CVs."""
    kept = tx.stored.contents({one.resume for one in unread})
    return {address: data.decode() for address, data in kept.items()}


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


def _candidates(tx: Tx, found: Sequence[tuple[Indexed, Family]]) -> list[Candidate]:
    """All that scoring them needs, in a few statements for all."""
    resumes = {row.record: resumes_of(family) if row.flags & Fact.RESUME else [] for row, family in found}
    texts = tx.stored.of_all({one.id for some in resumes.values() for one in some}, "text")
    applications = {row.record: _applications(family) for row, family in found if resumes[row.record]}
    every = {id for some in applications.values() for id in some}
    studies, wrong = tx.stored.of_all(every, "study"), tx.corrections.of(every)
    kept = tx.stored.contents(set(studies.values()))

    def one(row: Indexed, family: Family) -> Candidate:
        resume = next((each for each in resumes[row.record] if each.id in texts), None)
        person, day = whose(family.root), applied_on(family, resume)
        if resume is None:
            return Candidate(row.record, family.id, family.rev, row.updated, "", person, day)
        mine, file = applications[row.record], file_of(resume)
        said = _wrong([each for id in mine for each in wrong.get(id, ()) if each.resume == file])
        key = study_key(resume, person, day, said)
        made = (kept[studies[id]] for id in mine if studies.get(id) in kept)
        study = next((each[len(key) :] for each in made if each.startswith(key)), None)
        return Candidate(
            row.record, family.id, family.rev, row.updated, texts[resume.id], person, day, said, study
        )  # fmt: skip

    return [one(row, family) for row, family in found]


def _applications(family: Family) -> list[str]:
    return [one.id for one in family.records.values() if one.kind is Kind.APPLICATION]


def _wrong(said: Sequence[Correction]) -> Wrong:
    """What people have said is wrong in scores from one file."""
    return Wrong(
        frozenset(one.about for one in said if one.kind is CorrectionKind.SKILL),
        tuple((one.start, one.end) for one in said if one.kind is CorrectionKind.PASSAGE),
    )
