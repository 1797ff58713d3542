"""A job's rubric: derived from its text, changed by people, kept in versions, and its scores made again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from bascule.engine.runtime import Runtime
from bascule.errors import ConflictError, NotFoundError
from bascule.match import Changes, Matcher, Rubric
from bascule.match.succession import Succession
from bascule.model import AI, Actor, Kind, Record, RecordState
from bascule.store import Store, Tx, scores
from bascule.store.tasks import TaskLease

from .telling import frozen

SCORE, RUBRIC = "score", "rubric"
RESCORE = "rescore"  # the task: every score of a job (its key) that is stale is made again


@dataclass(frozen=True, slots=True)
class JobText:
    """What a rubric is derived from: a job's title, its text, and where the ATS says it is."""

    title: str
    text: str
    offices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """A job's rubric, what it was derived from, and what a person has decided of it."""

    text: JobText
    changes: Changes
    rubric: Rubric
    version: int


class Rubrics:
    """The rubrics of jobs, each as its text stands now. Handles the task "rubric"."""

    def __init__(self, runtime: Runtime, store: Store, matcher: Callable[[], Matcher]) -> None:
        self._runtime = runtime
        self._store = store
        self._matcher = matcher
        self._known: dict[str, _Known] = {}  # by job

    async def of(self, job: Record, newest: int) -> tuple[Rubric, int]:
        """The job's rubric and its version; a changed one makes the job's scores stale. `newest` is the newest
        version stored, 0 for none."""
        text = text_of(job)
        known = self._known.get(job.id)
        if known is None or (known.text, known.version) != (text, newest):
            changes = await self._store.read(lambda tx: changes_of(tx.scores.rubric(job.id)))
            rubric = await asyncio.to_thread(self._derived, text, changes)
            version = await self._store.write(lambda tx: self._keep(tx, job, rubric, changes, AI, self._runtime.now()))
            known = self._known[job.id] = _Known(text, changes, rubric, version)
        return known.rubric, known.version

    async def derive(self, task: TaskLease) -> float | None:
        """A job's text has changed: derive its rubric anew, keep what people have decided of it, and, where it
        differs, score its applications again."""

        def load(tx: Tx) -> tuple[Record | None, int]:
            return tx.families.records(task.workspace, [task.key]).get(task.key), tx.scores.rubric_version(task.key)

        job, newest = await self._store.read(load)
        if job is not None:
            await self.of(job, newest)
            await self._store.write(lambda tx: self._again(tx, job))
        return None

    async def change(self, workspace: str, job: str, changes: Changes, seen: int, actor: Actor) -> int:
        """Put a person's decisions in place of the ones before; the version that then holds. `seen` is the version
        they looked at. NotFoundError where there is no such job, ConflictError where a newer version has come."""
        record = await self._store.read(lambda tx: job_of(tx, workspace, job))
        rubric = await asyncio.to_thread(self._derived, text_of(record), changes)

        def keep(tx: Tx) -> int:
            now = job_of(tx, workspace, job)
            newest = tx.scores.rubric_version(job)
            if newest != seen or text_of(now) != text_of(record):
                raise ConflictError(
                    f"The rubric has changed since you opened it: version {newest} holds, you saw {seen}.",
                    hint="Look at the new version, then change it again.",
                )
            version = self._keep(tx, now, rubric, changes, actor, self._runtime.now())
            self._again(tx, now)
            return version

        return await self._store.write(keep)

    async def carry(self, workspace: str, job: str, succession: Succession) -> bool:
        """Derive a rubric that was made with other tables again, with what people have decided under the ids that hold
        now, and have its applications scored again. False where the job has gone, or its rubric has changed
        meanwhile."""

        def load(tx: Tx) -> tuple[Record | None, scores.Rubric | None]:
            return tx.families.records(workspace, [job]).get(job), tx.scores.rubric(job)

        record, newest = await self._store.read(load)
        if record is None or record.kind is not Kind.JOB or record.state is not RecordState.LIVE or newest is None:
            return False
        changes = succession.carried(changes_of(newest))
        rubric = await asyncio.to_thread(self._derived, text_of(record), changes)

        def keep(tx: Tx) -> bool:
            now = tx.families.records(workspace, [job]).get(job)
            if now is None or tx.scores.rubric_version(job) != newest.version or text_of(now) != text_of(record):
                return False
            self._keep(tx, now, rubric, changes, AI, self._runtime.now())
            self._again(tx, now)
            return True

        return await self._store.write(keep)

    def again(self, kept: scores.Rubric, now: JobText) -> Rubric:
        """A version, derived again from what it was derived from (`now`, where that was not kept) and what people have
        decided of it."""
        return self._derived(kept_text(kept) or now, changes_of(kept))

    def _derived(self, text: JobText, changes: Changes) -> Rubric:
        return self._matcher().rubric_for(text.title, text.text, changes=changes, offices=text.offices)

    def _keep(self, tx: Tx, job: Record, rubric: Rubric, changes: Changes, actor: Actor, now: datetime) -> int:
        """Keep it as a new version where it says something else than the newest. Scores are stale only where they
        would be others."""
        tx.lock([_lock(job.id)])
        newest = tx.scores.rubric(job.id)
        same = newest is not None and newest.body.get("digest") == rubric.version
        if newest is not None and same and changes_of(newest) == changes:
            return newest.version
        version = 1 if newest is None else newest.version + 1
        body: dict[str, object] = {
            "digest": rubric.version,
            "of": asdict(text_of(job)),
            "taxonomy": self._matcher().taxonomy.version,
            "title": rubric.title,
            "years": rubric.years,
            "occupations": list(rubric.occupations),
            "written_in": rubric.written_in,
            "reason": rubric.reason,
            "skills": [asdict(skill) for skill in rubric.skills],
            "languages": [asdict(tongue) for tongue in rubric.languages],
            "conditions": [asdict(condition) for condition in rubric.conditions],
            "weights": dict(rubric.weights),
            "changes": changes.as_data(),
            "by": {"kind": str(actor.kind), "id": actor.id, "name": actor.name},
        }
        tx.scores.set_rubric(job.workspace, scores.Rubric(job.id, version, frozen(body), now), redo=not same)
        tx.audit.record(
            workspace=job.workspace, action="rubric derived" if actor == AI else "rubric changed", actor=actor, at=now,
            family=tx.families.record_family(job.id), record=job.id,
            detail={"version": version, "digest": rubric.version},
        )  # fmt: skip
        return version

    def _again(self, tx: Tx, job: Record) -> None:
        """Have every application scored again whose score is stale."""
        if tx.scores.to_redo(job.id, limit=1):
            tx.tasks.put(job.workspace, RESCORE, job.id, due=self._runtime.now())


def in_force(tx: Tx, job: str, version: int) -> bool:
    """Whether this is the version of the job's rubric that holds, until the unit's commit."""
    tx.lock([_lock(job)])
    return tx.scores.rubric_version(job) == version


def _lock(job: str) -> str:
    return f"rubric {job}"


def text_of(job: Record) -> JobText:
    """What its rubric is derived from."""
    offices = job.fields.get("offices")
    named = tuple(sorted(str(one) for one in offices)) if isinstance(offices, tuple | frozenset) else ()
    return JobText(str(job.fields.get("title") or ""), str(job.fields.get("description") or ""), named)


def kept_text(rubric: scores.Rubric) -> JobText | None:
    """What a version was derived from; None of one that was kept before that was."""
    kept = rubric.body.get("of")
    if not isinstance(kept, Mapping):
        return None
    offices = kept.get("offices")
    named = tuple(str(one) for one in offices) if isinstance(offices, tuple) else ()
    return JobText(str(kept.get("title") or ""), str(kept.get("text") or ""), named)


def changes_of(rubric: scores.Rubric | None) -> Changes:
    """What people have decided of a job's rubric."""
    kept = rubric.body.get("changes") if rubric else None
    return Changes.of(kept) if isinstance(kept, Mapping) else Changes()


def job_of(tx: Tx, workspace: str, id: str) -> Record:
    """A live job of a workspace. NotFoundError if there is none."""
    record = tx.families.records(workspace, [id]).get(id)
    if record is None or record.kind is not Kind.JOB or record.state is not RecordState.LIVE:
        raise NotFoundError("There is no such job.", hint="See the list under Jobs.")
    return record
