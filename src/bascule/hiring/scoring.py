"""A match score for every application: read its CV, derive the job's rubric, score, explain, hand the result to the
engine as a change to the record made by the actor `ai`.

Nothing here talks to a system or writes to one: the score's way into the ATS is planning and delivery, like any change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

from bascule.core.plan import Plan
from bascule.engine.connections import Connections
from bascule.engine.reconcile import React, Reconcile, Task
from bascule.engine.runtime import Runtime
from bascule.match import InterruptedReadError, Matcher, Rubric, Study
from bascule.match.judging import Judged
from bascule.model import (
    AI,
    AiStatus,
    Edit,
    Family,
    FieldClass,
    Fields,
    Kind,
    Record,
    RecordState,
    Status,
    field_spec,
)
from bascule.store import Store, Tx, scores
from bascule.store.tasks import Retry, TaskLease

from .disclosure import Wait, waits
from .indexing import INDEX, SOON
from .results import Result, enter, opted_out, shown_by, stands, switched_on
from .resumes import Readings, Studied, Subject, answers_of, file_of, person_of, wrong_of
from .resumes import subject as subject_of
from .rubrics import RUBRIC, SCORE, Rubrics, in_force
from .telling import Told, carried, tell
from .unread import UNREAD

RANK = "rank"
GATHER = timedelta(seconds=3)  # scores of a job that come within it move its top tenth once
READ_TRIES = 2  # tasks that leave a CV unread, a minute and ten apart, before one says that it cannot be read
AT_ONCE = 40  # people of one commit: nobody who writes waits much longer for it than for any other
TOP_SHARE = 10  # the top tenth of a job's scored applications is marked ...
TOP_FROM = 5  # ... once there are this many
MATTERS = {
    Kind.APPLICATION: frozenset({"job", "answers", "screening_answers", "status"}),
    Kind.ATTACHMENT: frozenset({"filename", "type", "created_at", "version"}),
}
JOB_TEXT = frozenset({"title", "description", "offices"})


def reaction(connections: Connections) -> React:
    """What a commit calls for: a score for an application that is new or whose CV, job or answers changed."""

    def react(before: Family | None, planned: Plan, live: bool) -> Sequence[Task]:
        family = planned.family
        if family.kind is Kind.JOB:
            return _job_tasks(before, family, live and _met_here(connections, family))
        if family.kind is not Kind.CANDIDATE or not live or not _scored_here(connections, family):
            return []
        old = before.records if before else {}
        moved = {
            record.id
            for record in family.records.values()
            if record.kind in MATTERS and _differs(old.get(record.id), record, MATTERS[record.kind])
        }
        attachment_moved = any(family.records[id].kind is Kind.ATTACHMENT for id in moved)
        return [
            Task(SCORE, record.id)
            for record in family.records.values()
            if record.kind is Kind.APPLICATION
            and record.state is RecordState.LIVE
            and record.fields.get("status") in (None, Status.ACTIVE)
            and not opted_out(record)
            and (record.id in moved or attachment_moved)
        ]

    return react


def _job_tasks(before: Family | None, after: Family, live: bool) -> list[Task]:
    """Jobs whose rubric is to be derived: whose text has changed, and who have opened just now."""
    old = before.records if before is not None else {}
    return [
        Task(RUBRIC, record.id)
        for record in after.records.values()
        if record.kind is Kind.JOB
        and (
            (before is not None and _differs(old.get(record.id), record, JOB_TEXT))
            or (live and _is_open(record) and not _is_open(old.get(record.id)))
        )
    ]


def _is_open(job: Record | None) -> bool:
    return job is not None and job.state is RecordState.LIVE and job.fields.get("status") in (None, "open")


def _met_here(connections: Connections, job: Family) -> bool:
    """Whether it is shown by a system that has been read once, and has AI on: of what the first crawl meets a rubric is
    derived when it is asked for."""
    shown = (connections.known(link.connection) for link in job.links.values() if link.kind is Kind.JOB)
    return any(at is not None and at.row.crawled and switched_on(at) for at in shown)


def _differs(old: Record | None, new: Record, names: frozenset[str]) -> bool:
    return old is None or any(old.fields.get(name) != new.fields.get(name) for name in names)


def _scored_here(connections: Connections, family: Family) -> bool:
    """AI is a switch of its own, per connection, and works from the end of the first crawl on."""
    return any(at.row.crawled and switched_on(at) for at in shown_by(connections, family))


class Scoring:
    """The handlers of the tasks "score", "rubric" and "rank"."""

    def __init__(
        self,
        runtime: Runtime,
        connections: Connections,
        reconcile: Reconcile,
        matcher: Matcher,
        rubrics: Rubrics,
        readings: Readings,
        *,
        address: str,
        follow: Callable[[Tx, Subject, Told], None] = lambda _tx, _subject, _told: None,
    ) -> None:
        """`follow` is told, in its commit, of every score that is kept."""
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._matcher = matcher
        self._rubrics = rubrics
        self._readings = readings
        self._address = address
        self._follow = follow

    @property
    def _store(self) -> Store:
        return self._connections.store

    # --------------------------------------------------------------------------------------------------------- score

    async def score(self, task: TaskLease) -> float | None:
        """Score one application, or say why it cannot be scored. Same inputs, same score: then nothing is written."""
        subject, wait = await self._store.read(lambda tx: self._to_score(tx, task.key))
        if subject is None or opted_out(subject.application):
            return None
        if subject.job is None:
            return 2.0 if task.tries < 30 else None  # the job is on its way: its gap is shown meanwhile
        if wait is not None:
            await self._reconcile.commit(lambda tx: self._waiting(tx, task, subject))
            return None if wait.until is None else max(1.0, (wait.until - self._runtime.now()).total_seconds())
        if subject.resume is None:
            await self._reconcile.commit(lambda tx: self._waiting(tx, task, subject))
            return None
        try:
            studied = await self._readings.study(subject, last=task.tries >= READ_TRIES)
        except InterruptedReadError:
            return Retry(60.0 * 10**task.tries)
        rubric, version = await self._rubrics.of(subject.job, subject.rubric)
        told = await asyncio.to_thread(self.judge, subject, studied.study, rubric, version)
        await self._reconcile.commit(lambda tx: self._keep(tx, task, subject, studied, rubric, version, told))
        return None

    def _to_score(self, tx: Tx, application: str) -> tuple[Subject | None, Wait | None]:
        """What is to be scored, and why not yet."""
        found = subject_of(tx, application)
        if found is None or found.job is None:
            return found, None
        return found, waits(tx, found.family.workspace, found.job.id, self._runtime.now())

    def _waiting(self, tx: Tx, task: TaskLease, subject: Subject) -> None:
        """No CV yet, or no disclosure: said once, changed by its arrival."""
        tx.tasks.hold(task)
        if stands(tx, subject.family.id, subject.application.id):
            self._edit(tx, subject, {"ai_status": AiStatus.WAITING})

    def judge(self, subject: Subject, study: Study, rubric: Rubric, version: int) -> Told:
        """A CV that was studied by one version of its job's rubric, in all the forms that are kept. Pure."""
        result = None
        if study.evidence is not None:
            result = self._matcher.judge(study, rubric, person_of(subject), answers_of(subject), wrong_of(subject))
        return self.told(subject, Judged(study.reading, result, study.profile), rubric, version)

    def told(self, subject: Subject, judged: Judged, rubric: Rubric, version: int) -> Told:
        """What was judged, in all the forms that are kept. Pure."""
        result = judged.score
        profile = judged.profile if result is not None and result.scored else None
        return tell(subject, judged.reading, rubric, version, result, profile, self._address)

    # ------------------------------------------------------------------------------------------------------ keeping it

    def _keep(
        self,
        tx: Tx,
        task: TaskLease,
        subject: Subject,
        studied: Studied,
        rubric: Rubric,
        version: int,
        told: Told,
    ) -> None:
        """The CV where it is new, the score and all that goes with it: one commit, of whoever holds the task."""
        tx.tasks.hold(task)
        tx.families.recall([subject.family])
        if not stands(tx, subject.family.id, subject.application.id):
            return
        now, workspace = self._runtime.now(), subject.family.workspace
        assert subject.job is not None
        if not in_force(tx, subject.job.id, version):  # changed since: once more, by the newer one
            tx.tasks.put(workspace, SCORE, subject.application.id, due=now)
            return
        studied.keep(tx, subject, now)
        if studied.kept is not None:
            tx.tasks.gather(workspace, INDEX, subject.family.id, due=now + SOON, now=now)
        self.put(tx, subject, tx.scores.of(subject.application.id), rubric, version, told)
        tx.tasks.gather(workspace, RANK, subject.job.id, due=now + GATHER, now=now)

    def put(
        self, tx: Tx, subject: Subject, before: scores.Score | None, rubric: Rubric, version: int, told: Told
    ) -> None:
        """The score, its place in the record, the note and the audit, inside a unit that knows that the application
        stands. `before` is the newest score that is kept."""
        assert subject.job is not None
        assert subject.resume is not None
        now, workspace, family = self._runtime.now(), subject.family.workspace, subject.family.id
        told = carried(told, before, file_of(subject.resume))
        again = before is not None and before.version == version
        if before is None or not again or before.stale or before.body.get("digest") != told.body["digest"]:
            kept = scores.Score(subject.application.id, version, subject.job.id, told.value, told.body, now)
            tx.scores.set(workspace, family, kept)
        said = before is not None and again and before.body.get("told") == told.body["told"]
        self._edit(tx, subject, told.fields, None if said else told.note)
        tx.audit.record(
            workspace=workspace, action="scored", actor=AI, at=now, family=family, record=subject.application.id,
            connection=subject.connection,
            detail={"rubric": version, "rubric_digest": rubric.version, "reader": str(told.body["reader"]),
                    "status": str(told.body["status"]), "reference": str(told.body["reference"])},
            values={"match_score": told.value},
        )  # fmt: skip
        self._follow(tx, subject, told)
        if told.value is None or (before is not None and before.score is None):
            tx.tasks.gather(workspace, UNREAD, subject.job.id, due=now + GATHER, now=now)

    def _edit(self, tx: Tx, subject: Subject, fields: Fields, told: str | None = None) -> None:
        """The way every AI's result goes: through the one door."""
        enter(tx, self._reconcile, self._runtime.id, subject.application.id, Result(fields, told), AI)

    async def rubric(self, task: TaskLease) -> float | None:
        """A job's text has changed."""
        return await self._rubrics.derive(task)

    # ------------------------------------------------------------------------------------------------------------ rank

    async def rank(self, task: TaskLease) -> float | None:
        """Mark the top tenth of a job's active, scored applications, and unmark who is no longer among them."""

        moved = await self._store.read(lambda tx: self._moved_ranks(tx, task))
        for first in range(0, len(moved), AT_ONCE):
            some = moved[first : first + AT_ONCE]
            await self._reconcile.commit(lambda tx, some=some: self._mark(tx, task, some))
        return None

    def _mark(self, tx: Tx, task: TaskLease, moved: Sequence[tuple[str, str, bool]]) -> None:
        tx.tasks.hold(task)
        for family, application, top in moved:
            if stands(tx, family, application):
                edit = Edit(self._runtime.id(), application, {"top_ten": top}, AI, self._runtime.id())
                self._reconcile.edit_in(tx, family, [edit])

    @staticmethod
    def _moved_ranks(tx: Tx, task: TaskLease) -> list[tuple[str, str, bool]]:
        """(family, application, whether it is of the top tenth now) where that has changed."""
        rows = [row for row in tx.pages.ranked(task.key, limit=5000, named=False) if row.score is not None]
        active = [row for row in rows if row.status == Status.ACTIVE]
        enough = len(active) >= TOP_FROM
        top = {row.application for row in active[: -(-len(active) // TOP_SHARE)]} if enough else set[str]()
        records = tx.families.records(task.workspace, [row.application for row in rows])
        return [
            (row.family, row.application, row.application in top)
            for row in rows
            if row.application in records
            and bool(records[row.application].fields.get("top_ten")) != (row.application in top)
        ]


def is_ai_output(kind: Kind, name: str) -> bool:
    """Whether a field is what the AI wrote."""
    return field_spec(kind, name).cls is FieldClass.AI_OUTPUT


__all__ = ["RANK", "RUBRIC", "SCORE", "Scoring", "is_ai_output", "reaction"]
