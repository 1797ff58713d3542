"""How scores stand to what people decided: by job, by rubric and scorer version, by month; and what was done about it.

Figures say how often people agree with a score, not who is right: people see the score before they decide. They are of
jobs and versions, never of a recruiter: who decided is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bascule.core.outcomes import USUAL, Measured, Share
from bascule.errors import InputError
from bascule.hiring.judgements import Judgements, judgements, measured, measured_by, together
from bascule.hiring.rubrics import changes_of, job_of
from bascule.model import Actor, Decision
from bascule.store import Tx
from bascule.store.codec import stamp
from bascule.store.outcomes import Mark, Remediation

from .desk import Desk
from .managers import APPROVE, MAYBE

LONGEST = 2000
MOST_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Done:
    """What a person enters in the log: what they saw, what they changed, and the rubric's version that holds since (0:
    the newest)."""

    seen: str
    changed: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A job's outcomes as they were read, and by what it is known whether they have changed since."""

    mark: Mark
    found: Judgements


@dataclass(frozen=True, slots=True)
class Counted:
    """The outcomes of every job as they were at one look, and what was measured of them so far: by job ("": all of
    them), in all, by month, and of each job."""

    held: Mapping[str, Held]
    measured: dict[str, tuple[dict[str, Any], list[dict[str, Any]], Sequence[Measured]]]

    def of(self, job: str) -> tuple[list[str], Judgements]:
        """A job's ("": every job's), with the jobs in their order."""
        jobs = [one for one in sorted(self.held) if not job or one == job]
        return jobs, together([self.held[one].found for one in jobs])


class OutcomeDesk:
    """`app.outcomes`. Outcomes are held as columns, by job, and read again where any of a job has changed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._counted = Counted({}, {})
        self._limits: dict[tuple[str, int], float] = {}

    async def told(self, job: str = "") -> dict[str, Any]:
        """The figures of a job, or of the workspace and each of its jobs. NotFoundError where there is no such job."""
        return await self._desk.store.read(lambda tx: self._told(tx, job))

    def _told(self, tx: Tx, job: str) -> dict[str, Any]:
        workspace = self._desk.workspace
        if job:
            job_of(tx, workspace, job)
        corrected, thresholds = tx.outcomes.corrected(workspace), Thresholds(tx, self._limits)
        counted = self._count(tx, thresholds)
        jobs, every = counted.of(job)
        if job not in counted.measured:
            place = np.repeat(np.arange(len(jobs)), [len(counted.held[one].found) for one in jobs])
            by_job = [] if job else measured_by(every, place, len(jobs))
            counted.measured[job] = _as_data(measured(every)), _months(every), by_job
        whole, months, by_job = counted.measured[job]
        figures: dict[str, Any] = {
            "job": job,
            "corrections": corrected.get(job, 0) if job else sum(corrected.values()),
            "all": whole,
            "versions": _versions(every, job, thresholds) if job else [],
            "shortlists": self._shortlists(tx, job, thresholds),
            "months": months,
            "jobs": [] if job else self._jobs(tx, jobs, by_job, corrected),
            "remediations": [
                _remedied(one, every if job else counted.of(one.job)[1])
                for one in tx.outcomes.logged(workspace, job)
            ],
        }  # fmt: skip
        return figures

    def _count(self, tx: Tx, thresholds: Thresholds) -> Counted:
        """The outcomes of every job; only those of jobs where something has changed are read."""
        marks, before = tx.outcomes.marks(self._desk.workspace), self._counted
        held = {job: one for job, one in before.held.items() if marks.get(job) == one.mark}
        for job, rows in tx.outcomes.of_jobs(self._desk.workspace, marks.keys() - held.keys()).items():
            limits = [thresholds.of(job, int(row[4])) for row in rows]
            held[job] = Held(marks[job], judgements(rows, limits))
        if held.keys() == before.held.keys() and all(one is before.held[job] for job, one in held.items()):
            return before
        self._counted = found = Counted(held, {})
        return found

    def _shortlists(self, tx: Tx, job: str, thresholds: Thresholds) -> dict[str, Any]:
        """What hiring managers said last of people on shortlists: approved counts as moved forward, skipped as
        rejected."""
        said = {one[0]: one for one in tx.shortlists.answers(self._desk.workspace, job)}
        scored = tx.scores.times(list(said))
        rows: list[tuple[Any, ...]] = []
        limits: list[float] = []
        for application, of, answer, at in said.values():
            if answer == MAYBE:
                continue
            _, score, version = next((one for one in scored.get(application, []) if one[0] <= at), (at, None, 0))
            decision = Decision.FORWARD if answer == APPROVE else Decision.REJECTED
            rows.append((0, decision, False, score, version, ""))
            limits.append(thresholds.of(of, version))
        maybe = sum(answer == MAYBE for _, _, answer, _ in said.values())
        return {**_as_data(measured(judgements(rows, limits))), "maybe": maybe}

    def _jobs(
        self, tx: Tx, jobs: Sequence[str], told: Sequence[Measured], corrected: dict[str, int]
    ) -> list[dict[str, Any]]:
        records = tx.families.records(self._desk.workspace, jobs)
        return [
            {
                "job": job,
                "title": str(records[job].fields.get("title") or ""),
                "corrections": corrected.get(job, 0),
                **_as_data(one),
            }
            for job, one in zip(jobs, told, strict=True)
            if job in records
        ]

    async def log(self, job: str, done: Done, actor: Actor) -> dict[str, Any]:
        """Enter what was seen and what was done about it; `job` "" for all jobs. The figures with the entry. InputError
        where one of the two is missing or the rubric has no such version, NotFoundError where there is no such job."""
        seen, changed = (" ".join(text.split()) for text in (done.seen, done.changed))
        for text, what in ((seen, "what was seen"), (changed, "what was changed")):
            if not text or len(text) > LONGEST:
                raise InputError(f"The log needs {what}, in at most {LONGEST} characters.")

        def unit(tx: Tx) -> dict[str, Any]:
            newest = tx.scores.rubric_version(job_of(tx, self._desk.workspace, job).id) if job else 0
            if not 0 <= done.version <= newest:
                raise InputError(
                    f"The rubric has no version {done.version}.",
                    hint=f"Its newest is {newest}." if job else "Name a job.",
                )
            now = self._desk.now()
            one = Remediation(self._desk.id(), job, now, done.version or newest, actor, seen, changed)
            tx.outcomes.log(self._desk.workspace, one)
            tx.audit.record(
                workspace=self._desk.workspace, at=now, action="remediation logged", actor=actor, record=job or None,
                detail={"version": one.version},
            )  # fmt: skip
            return self._told(tx, job)

        return await self._desk.store.write(unit)


class Thresholds:
    """The scores from which the versions of rubrics propose somebody for the shortlist. A version never changes: what
    is `known` of one is known for good."""

    def __init__(self, tx: Tx, known: dict[tuple[str, int], float] | None = None) -> None:
        self._tx = tx
        self._known = {} if known is None else known

    def of(self, job: str, version: int) -> float:
        """Of a version; the usual one where nobody has set it."""
        if (job, version) not in self._known:
            kept = changes_of(self._tx.scores.rubric(job, version)).shortlist if version else None
            self._known[job, version] = USUAL if kept is None else kept
        return self._known[job, version]


def _months(found: Judgements) -> list[dict[str, Any]]:
    names, group = np.unique(found.months, return_inverse=True)
    told = measured_by(found, group, len(names))
    return [{"month": str(name), **_as_data(one)} for name, one in zip(names, told, strict=True)][-MOST_MONTHS:]


def _versions(found: Judgements, job: str, thresholds: Thresholds) -> list[dict[str, Any]]:
    """Of those that were scored, by version of the rubric and of the scorer."""
    scored = found.where(found.version > 0)
    size = max(len(scored.scorers), 1)
    keys, group = np.unique(scored.version * size + scored.scorer, return_inverse=True)
    told = measured_by(scored, group, len(keys))
    rows = [(int(key) // size, scored.scorers[int(key) % size], one) for key, one in zip(keys, told, strict=True)]
    return [
        {"version": version, "scorer": scorer, "threshold": thresholds.of(job, version), **_as_data(one)}
        for version, scorer, one in sorted(rows, key=lambda row: row[:2])
    ]


def _remedied(one: Remediation, found: Judgements) -> dict[str, Any]:
    """An entry of the log, with the measures before it and after it."""
    before = found.at < stamp(one.at)
    return {
        "id": one.id, "job": one.job, "at": one.at, "by": one.actor.name, "version": one.version, "seen": one.seen,
        "changed": one.changed, "before": _as_data(measured(found.where(before))),
        "after": _as_data(measured(found.where(~before))),
    }  # fmt: skip


def _as_data(told: Measured) -> dict[str, Any]:
    return {
        "decided": told.decided, "forward": told.forward, "rejected": told.rejected, "hired": told.hired,
        "unscored": told.unscored, "precision": _share(told.precision),
        "false_positives": _share(told.false_positives), "missed": _share(told.missed),
        "order": None if told.order is None else round(told.order, 3),
    }  # fmt: skip


def _share(one: Share) -> dict[str, Any]:
    share = one.share
    return {
        "many": one.many, "of": one.of, "share": None if share is None else round(share, 3), "low": round(one.low, 3),
        "high": round(one.high, 3), "few": one.few,
    }  # fmt: skip
