"""What people decide about applications, kept beside the score that stood there when they did.

Decisions are read off the record: a stage or a status that a person has set here, or that the ATS shows. The score is
Bascule's own. Nothing is written to a system because of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bascule.core.outcomes import decision_of
from bascule.core.plan import Plan
from bascule.engine.reconcile import Task
from bascule.engine.runtime import Runtime
from bascule.model import Decision, Family, Kind, Record, RecordState, Status
from bascule.store import Store, Tx
from bascule.store.outcomes import Outcome
from bascule.store.tasks import TaskLease

DECIDED = "decided"  # the task: key is the application
TOLD_BY = ("stage", "status")


def reaction(before: Family | None, planned: Plan, live: bool) -> Sequence[Task]:
    """An application whose stage or status has moved since it was first met may have been decided about."""
    if before is None or planned.family.kind is not Kind.CANDIDATE or not live:
        return []
    return [
        Task(DECIDED, record.id)
        for record in planned.family.records.values()
        if record.kind is Kind.APPLICATION
        and (old := before.records.get(record.id)) is not None
        and any(old.fields.get(name) != record.fields.get(name) for name in TOLD_BY)
    ]


class Deciding:
    """Handles the task `decided`."""

    def __init__(self, runtime: Runtime, store: Store) -> None:
        self._runtime = runtime
        self._store = store

    async def look(self, task: TaskLease) -> None:
        """Keep what was decided first about one application; the same again changes nothing."""
        await self._store.write(lambda tx: self._look(tx, task))

    def _look(self, tx: Tx, task: TaskLease) -> None:
        tx.tasks.hold(task)
        application = tx.families.records(task.workspace, [task.key]).get(task.key)
        job = str(application.fields.get("job") or "") if application is not None else ""
        if application is None or application.state is not RecordState.LIVE or not job:
            return
        before = tx.outcomes.of([application.id]).get(application.id)
        found = decision_of(application, _stages(tx, task.workspace, job), before.decision if before else None)
        if found is None:
            tx.outcomes.drop(application.id)
            return
        decision, at = found
        hired = application.fields.get("status") == Status.HIRED
        if before is not None and before.decision is decision:
            if before.hired is not hired:
                tx.outcomes.set(task.workspace, application.family, _as(before, hired))
            return
        tx.outcomes.set(task.workspace, application.family, _outcome(tx, application, job, decision, at, hired))


def _as(one: Outcome, hired: bool) -> Outcome:
    return Outcome(one.application, one.job, one.decision, one.at, one.score, one.version, one.scorer, hired)


def _outcome(tx: Tx, application: Record, job: str, decision: Decision, at: datetime, hired: bool) -> Outcome:
    """With the score that stood there then: the newest of those made until that moment."""
    kept = tx.scores.of_all([application.id]).get(application.id, [])
    then = next((one for one in kept if one.at <= at), None)
    if then is None or then.score is None:
        return Outcome(application.id, job, decision, at, None, 0, "", hired)
    return Outcome(
        application.id, job, decision, at, then.score, then.version, str(then.body.get("scorer") or ""), hired
    )


def _stages(tx: Tx, workspace: str, job: str) -> list[Record]:
    record = tx.families.records(workspace, [job]).get(job)
    if record is None:
        return []
    children = tx.families.family(record.family).children(record.id, Kind.STAGE)
    return [one for one in children if one.state is RecordState.LIVE]
