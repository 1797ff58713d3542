"""A job's scores made again, in portions, from what was kept of the CVs: its rubric has changed.

What a portion gives is what scoring its applications one by one gives; they are loaded, judged and kept together.
Whoever cannot go along, because their CV is to be read, because something of them changes just now, or because nobody
may look at them yet, is left to the task `score`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from bascule.engine.reconcile import Reconcile
from bascule.engine.runtime import Runtime
from bascule.errors import BasculeError, LeaseLostError, StaleError, StoreUnavailableError
from bascule.match import Rubric
from bascule.match.judges import Judges
from bascule.match.judging import Judged
from bascule.model import FamilyState, Kind, Record
from bascule.store import Store, Tx
from bascule.store.tasks import TaskLease

from .disclosure import waits
from .portions import ahead, in_portions
from .results import opted_out
from .resumes import Subject, asked, subjects
from .rubrics import RESCORE, SCORE, Rubrics, in_force
from .scoring import AT_ONCE, RANK, Scoring
from .telling import Told

PAGE = 500  # applications whose ids are looked up at once


@dataclass(frozen=True, slots=True)
class _Judged:
    """A portion: what is to be kept of whom, and who is left to be scored by themselves."""

    told: Mapping[str, tuple[Subject, Told]] = field(default_factory=dict[str, tuple[Subject, Told]])
    left: Collection[str] = ()


class Rescoring:
    """Handles the task "rescore"."""

    def __init__(
        self, runtime: Runtime, store: Store, reconcile: Reconcile, scoring: Scoring, rubrics: Rubrics, judges: Judges
    ) -> None:
        self._runtime = runtime
        self._store = store
        self._reconcile = reconcile
        self._scoring = scoring
        self._rubrics = rubrics
        self._judges = judges

    async def rescore(self, task: TaskLease) -> float | None:
        """Make every stale score of a job again. What has failed before is left to be scored one by one, so that
        nobody keeps the others waiting. A newer rubric ends it: then the task is there again."""
        job, version = await self._store.read(lambda tx: self._job(tx, task))
        if job is None:
            return None
        rubric, version = await self._rubrics.of(job, version)
        after = ""
        while page := await self._store.read(lambda tx, a=after: tx.scores.to_redo(job.id, after=a, limit=PAGE)):
            after = page[-1]
            if not await self._page(task, job, page, rubric, version):
                return None
        await self._store.write(lambda tx: self._done(tx, task))
        return None

    def _done(self, tx: Tx, task: TaskLease) -> None:
        tx.tasks.hold(task)
        tx.tasks.put(task.workspace, RANK, task.key, due=self._runtime.now())

    @staticmethod
    def _job(tx: Tx, task: TaskLease) -> tuple[Record | None, int]:
        job = tx.families.records(task.workspace, [task.key]).get(task.key)
        return job if job is not None and job.kind is Kind.JOB else None, tx.scores.rubric_version(task.key)

    async def _page(self, task: TaskLease, job: Record, page: Sequence[str], rubric: Rubric, version: int) -> bool:
        """One portion is kept while the next are judged. False where the rubric is not in force any more."""

        async def make(portion: Sequence[str]) -> _Judged:
            return await self._judged(task, job, portion, len(page), rubric, version)

        async with aclosing(ahead(self._runtime, in_portions(page, AT_ONCE), make)) as portions:
            async for judged in portions:
                if not await self._kept(task, job, judged, rubric, version):
                    return False
        return True

    async def _judged(
        self, task: TaskLease, job: Record, portion: Sequence[str], of: int, rubric: Rubric, version: int
    ) -> _Judged:
        if task.tries:
            return _Judged(left=portion)
        found = await self._store.read(lambda tx: self._load(tx, job, portion))
        known = [(one, ask) for one in found if (ask := asked(one)) is not None]
        answers = await self._judges.judge([ask for _, ask in known], rubric, of)
        subjects = [(one, answer) for (one, _), answer in zip(known, answers, strict=True)]
        told = await asyncio.to_thread(self._told, subjects, rubric, version)
        return _Judged(told, [id for id in portion if id not in told])

    def _load(self, tx: Tx, job: Record, portion: Sequence[str]) -> list[Subject]:
        if waits(tx, job.workspace, job.id, self._runtime.now()) is not None:
            return []
        found = subjects(tx, portion).values()
        return [one for one in found if one.job is not None and not opted_out(one.application)]

    def _told(
        self, judged: Sequence[tuple[Subject, Judged | None]], rubric: Rubric, version: int
    ) -> dict[str, tuple[Subject, Told]]:
        return {
            one.application.id: (one, self._scoring.told(one, answer, rubric, version))
            for one, answer in judged
            if answer is not None
        }

    async def _kept(self, task: TaskLease, job: Record, judged: _Judged, rubric: Rubric, version: int) -> bool:
        try:
            return await self._reconcile.commit(lambda tx: self._keep(tx, task, job, judged, rubric, version))
        except (LeaseLostError, StaleError, StoreUnavailableError):
            raise
        except BasculeError:  # of one of them, who is told of it alone
            alone = _Judged(left=[*judged.told, *judged.left])
            return await self._reconcile.commit(lambda tx: self._keep(tx, task, job, alone, rubric, version))

    def _keep(self, tx: Tx, task: TaskLease, job: Record, judged: _Judged, rubric: Rubric, version: int) -> bool:
        """Of whoever is still as they were judged, and is not being scored by somebody else."""
        tx.tasks.hold(task)
        if not in_force(tx, job.id, version):
            return False
        now, workspace = self._runtime.now(), job.workspace
        busy = tx.tasks.among(workspace, SCORE, judged.told)
        people = {one.family.id: one.family for one, _ in judged.told.values()}
        tx.families.recall(people.values())
        tx.vault.ready(workspace, people)
        families = tx.families.families(people)
        newest = tx.scores.newest_of(judged.told)
        left = [*judged.left]
        for id, (one, told) in judged.told.items():
            now_is = families.get(one.family.id)
            if id in busy or now_is is None or now_is.rev != one.family.rev or now_is.state is not FamilyState.LIVE:
                left.append(id)
            else:
                self._scoring.put(tx, one, newest.get(id), rubric, version, told)
        for id in left:
            tx.tasks.put(workspace, SCORE, id, due=now)
        return True


__all__ = ["RESCORE", "Rescoring"]
