"""The top of a job's list, ordered anew by a stronger model's likeness where the workspace has chosen one.

Vectors of the CVs at the top, and of the job, are made in the background (the task `order`, one a job) and kept, sealed
for their person. A list is ordered from what is kept: it never waits for a model. Nobody's score moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from bascule.engine.runtime import Runtime
from bascule.errors import DeclinedError, RemoteError, UnansweredError, UnavailableError
from bascule.match import Matcher, best_first
from bascule.match.embed import Vector
from bascule.match.ranking import TOP, job_of, job_texts, resume_of, resume_texts
from bascule.model import Kind, Record
from bascule.models.choice import Choice
from bascule.models.door import About, Models, choice_of
from bascule.models.spaces import Embeds, change_over, current, embeds, wanted
from bascule.store import Store, Tx
from bascule.store.queries import Ranked
from bascule.store.tasks import TaskLease
from bascule.store.vectors import KeptVector

from .resumes import Readings, Subject, file_of, newest, person_of, subject
from .rubrics import Rubrics
from .telling import Told

ORDER = "order"
TOGETHER = 8  # CVs of one run of the task
LATER = 1800.0  # seconds until a job is looked at again whose model could not be asked


@dataclass(frozen=True, slots=True)
class _Due:
    """What of a job lacks a vector of the model that is wanted. `more`: CVs that are left for the next run."""

    choice: Choice
    job: Record | None
    rubric: int
    made: str  # what the job's vector was made from
    people: tuple[Subject, ...]
    more: bool


class Ordering:
    """Handles the task "order"."""

    def __init__(
        self, runtime: Runtime, store: Store, matcher: Matcher, rubrics: Rubrics, readings: Readings, models: Models
    ) -> None:
        self._runtime = runtime
        self._store = store
        self._matcher = matcher
        self._rubrics = rubrics
        self._readings = readings
        self._models = models

    def follow(self, tx: Tx, subject: Subject, told: Told) -> None:
        """A score is kept: its CV may be among the first of its job."""
        if told.value is not None and subject.job is not None and wanted(choice_of(tx, subject.family.workspace)):
            tx.tasks.put(subject.family.workspace, ORDER, subject.job.id, due=self._runtime.now())

    async def order(self, task: TaskLease) -> float | None:
        """Make what one job's list lacks, some at a time. When no job lacks anything, lists change over to the model;
        until then a job whose model cannot be asked is looked at again, and lists stay as they are."""
        due = await self._store.read(lambda tx: self._due(tx, task))
        space = embeds(self._models, task.workspace, due.choice)
        if space is None:
            return None
        try:
            await self._make(task, due, space)
        except (UnavailableError, UnansweredError) as error:
            if task.tries < due.choice.retries:
                raise
            await self._models.given_up(task.workspace, str(error))
            return LATER
        except (DeclinedError, RemoteError):
            return LATER  # why is said where the choice is shown
        if due.more:
            return 0.0
        await self._store.write(lambda tx: self._complete(tx, task, space.model))
        return None

    def _due(self, tx: Tx, task: TaskLease) -> _Due:
        choice = choice_of(tx, task.workspace)
        model = wanted(choice)
        job = tx.families.records(task.workspace, [task.key]).get(task.key)
        if not model or job is None or job.kind is not Kind.JOB:
            return _Due(choice, None, 0, "", (), False)
        top = [one.application for one in tx.pages.ranked(task.key, limit=TOP, named=False) if one.score is not None]
        files = resumes_of(tx, task.workspace, top)
        made = tx.vectors.made(task.workspace, model, [*(one.id for one in files.values()), job.id])
        lacking = [id for id in top if id in files and made.get(files[id].id) != file_of(files[id])]
        people = [found for id in lacking[:TOGETHER] if (found := subject(tx, id)) is not None and not _behind(found)]
        version = tx.scores.rubric_version(job.id)
        return _Due(choice, job, version, made.get(job.id, ""), tuple(people), len(lacking) > TOGETHER)

    async def _make(self, task: TaskLease, due: _Due, space: Embeds) -> None:
        if due.job is None:
            return
        rubric, _ = await self._rubrics.of(due.job, due.rubric)
        if due.made != rubric.version:
            rows = await space.vectors(job_texts(rubric))
            await self._keep(task, space.model, due.job.id, due.job.family, rubric.version, job_of(rows))
        for one in due.people:
            assert one.resume is not None
            evidence = (await self._readings.study(one)).study.evidence
            if evidence is None:
                continue
            person = person_of(one)
            rows = await space.vectors(resume_texts(evidence), About(one.family.id, one.application.id, person))
            await self._keep(task, space.model, one.resume.id, one.family.id, file_of(one.resume), resume_of(rows))

    async def _keep(self, task: TaskLease, model: str, record: str, family: str, of: str, vector: Vector) -> None:
        kept = KeptVector(record, of, vector.astype("<f2").tobytes())

        def unit(tx: Tx) -> None:
            tx.tasks.hold(task)
            if tx.families.record_family(record) == family:
                tx.vectors.put(task.workspace, family, model, kept, now=self._runtime.now())

        await self._store.write(unit)

    def _complete(self, tx: Tx, task: TaskLease, model: str) -> None:
        tx.tasks.hold(task)
        last = tx.tasks.count(task.workspace, ORDER) <= 1  # this one
        if last and current(tx, task.workspace) != model and wanted(choice_of(tx, task.workspace)) == model:
            change_over(tx, task.workspace, model)


def _behind(found: Subject) -> bool:
    """Whether another CV has come, which is scored first, or none is left."""
    return found.resume is None or (found.fresh and found.kept is not None)


def resumes_of(tx: Tx, workspace: str, applications: Sequence[str]) -> dict[str, Record]:
    """By application, the CV that it is judged by."""
    records = tx.families.records(workspace, applications)
    families = tx.families.families({one.family for one in records.values()})
    found: dict[str, Record] = {}
    for id, record in records.items():
        family = families.get(record.family)
        resume = newest(family, family.records[id]) if family is not None and id in family.records else None
        if resume is not None:
            found[id] = resume
    return found


def top_of(tx: Tx, workspace: str, job: str) -> tuple[list[Ranked], str]:
    """The first of a job's list as they stand now, and the model that has a say in it; "" where the score alone orders
    them. Whoever follows comes after them by score."""
    model = current(tx, workspace)
    rows = tx.pages.ranked(job, limit=TOP, named=False)
    scored = [one for one in rows if one.score is not None]
    if not model or not scored:
        return rows, ""
    files = resumes_of(tx, workspace, [one.application for one in scored])
    kept = tx.vectors.of(workspace, model, [*(one.id for one in files.values()), job])
    of_job = kept.get(job)
    vectors = {
        at: _vector(kept[files[one.application].id])
        for at, one in enumerate(scored)
        if one.application in files and files[one.application].id in kept
    }
    if of_job is None or not vectors:
        return rows, ""
    order = best_first([one.score or 0.0 for one in scored], vectors, _vector(of_job))
    return [*(scored[at] for at in order), *(one for one in rows if one.score is None)], model


def change(tx: Tx, workspace: str, before: Choice, after: Choice, now: datetime) -> None:
    """Another model is chosen: its vectors are made, job by job, and lists stay as they are until they are complete.
    Where none is chosen any more, the score alone orders lists from now on."""
    model = wanted(after)
    if model == wanted(before):
        return
    tx.tasks.drop(workspace, ORDER, "")
    jobs = [one.id for one in jobs_of(tx, workspace) if one.fields.get("status") != "closed"] if model else []
    if not jobs:
        change_over(tx, workspace, model)
        return
    tx.vectors.keep_only(workspace, [current(tx, workspace), model])
    for job in jobs:
        tx.tasks.put(workspace, ORDER, job, due=now)


def jobs_of(tx: Tx, workspace: str) -> list[Record]:
    """Every job."""
    found: list[Record] = []
    after = ""
    while some := tx.pages.jobs(workspace, after=after, limit=500):
        found += [one.job for one in some]
        after = some[-1].job.id
    return found


def _vector(kept: KeptVector) -> Vector:
    return np.frombuffer(kept.data, np.dtype("<f2")).astype(np.float32)
