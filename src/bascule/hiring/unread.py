"""CVs that could not be read, and jobs without a text to score against: each job's are one task of its owner's, until
none is left."""

from __future__ import annotations

from collections.abc import Sequence

from bascule.engine.runtime import Runtime
from bascule.match.wording import counted
from bascule.model import Kind, Record, RecordState, Status
from bascule.store import Store, Tx
from bascule.store.queries import Ranked
from bascule.store.tasks import TaskLease

UNREAD = "unread"  # the task: key the job's id
UNREADABLE, TEXTLESS = "CVs that cannot be read", "job without a text"  # notices, about a job
EVERY = 3600.0  # applications end without anybody being scored
MOST = 1000  # applicants without a score who are looked at
WITHOUT_SCORE = (-0.5, "")  # behind the last one who has one


class Unread:
    """Handles the task `unread`."""

    def __init__(self, runtime: Runtime, store: Store) -> None:
        self._runtime = runtime
        self._store = store

    async def look(self, task: TaskLease) -> float | None:
        """Say how many of a job's CVs could not be read, and that it has no text; again after an hour, while it is
        so."""
        open_ = await self._store.write(lambda tx: self._look(tx, task))
        return EVERY if open_ else None

    def _look(self, tx: Tx, task: TaskLease) -> bool:
        tx.tasks.hold(task)
        now, workspace, id = self._runtime.now(), task.workspace, task.key
        job = tx.families.records(workspace, [id]).get(id)
        left = unscored(tx, id) if job is not None and job.kind is Kind.JOB and _stands(tx, job) else []
        title = str(job.fields.get("title") or "a job") if job is not None else ""
        rubric = tx.scores.rubric(id)
        told = {
            UNREADABLE: (len(unreadable(tx, left)), f"of applicants for “{title}” could not be read"),
            TEXTLESS: (
                len(left) if rubric is not None and rubric.body.get("reason") else 0,
                f"without a score, as the job “{title}” has no text to score against",
            ),
        }
        for kind, (many, words) in told.items():
            if many:
                text = f"{counted(many, 'CV' if kind == UNREADABLE else 'applicant')} {words}"
                tx.notices.put(workspace, kind, id, text, now=now, connection=job.origin if job is not None else None)
            else:
                tx.notices.close(workspace, kind, id, now=now)
        return any(many for many, _ in told.values())


def _stands(tx: Tx, job: Record) -> bool:
    """Whether a connection that there is shows it still: nobody is asked to mend what was taken away."""
    there = {one.id for one in tx.connections.list(job.workspace)}
    links = tx.families.family(job.family).links.values()
    mine = (link for link in links if link.record == job.id and link.open)
    return job.state is RecordState.LIVE and any(link.connection in there for link in mine)


def unscored(tx: Tx, job: str) -> list[Ranked]:
    """A job's open applications without a score."""
    rows = tx.pages.ranked(job, after=WITHOUT_SCORE, limit=MOST, named=False)
    return [row for row in rows if row.status == Status.ACTIVE]


def unreadable(tx: Tx, among: Sequence[Ranked]) -> list[Ranked]:
    """Those of them whose CV could not be read."""
    newest = tx.scores.newest_of([row.application for row in among])
    return [
        row for row in among if row.application in newest and newest[row.application].body["status"] == "unreadable"
    ]
