"""How scores stand to what people decided: by job, by rubric and scorer version, by month; and what was done about it.

Figures say how often people agree with a score, not who is right: people see the score before they decide. They are of
jobs and versions, never of a recruiter: who decided is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bascule.core.outcomes import USUAL, Judged, Measured, Share, measured
from bascule.errors import InputError
from bascule.hiring.rubrics import changes_of, job_of
from bascule.model import Actor, Decision
from bascule.store import Tx
from bascule.store.outcomes import Outcome, Remediation

from .desk import Desk
from .managers import APPROVE, MAYBE

K = TypeVar("K")
LONGEST = 2000
MOST_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Done:
    """What a person enters in the log: what they saw, what they changed, and the rubric's version that holds since (0:
    the newest)."""

    seen: str
    changed: str
    version: int = 0


class OutcomeDesk:
    """`app.outcomes`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def told(self, job: str = "") -> dict[str, Any]:
        """The figures of a job, or of the workspace and each of its jobs. NotFoundError where there is no such job."""
        return await self._desk.store.read(lambda tx: self._told(tx, job))

    def _told(self, tx: Tx, job: str) -> dict[str, Any]:
        workspace = self._desk.workspace
        if job:
            job_of(tx, workspace, job)
        outcomes = tx.outcomes.list(workspace, job)
        scored = [one for one in outcomes if job and one.version]
        corrected, thresholds = tx.outcomes.corrected(workspace), Thresholds(tx)
        figures: dict[str, Any] = {
            "job": job,
            "corrections": corrected.get(job, 0) if job else sum(corrected.values()),
            "all": thresholds.figures(outcomes),
            "versions": [
                {"version": version, "scorer": scorer, "threshold": thresholds.of(job, version), **told}
                for (version, scorer), told in thresholds.by(scored, lambda one: (one.version, one.scorer))
            ],
            "shortlists": self._shortlists(tx, job, thresholds),
            "months": [
                {"month": month, **told}
                for month, told in thresholds.by(outcomes, lambda one: f"{one.at:%Y-%m}")[-MOST_MONTHS:]
            ],
            "jobs": [] if job else self._jobs(tx, outcomes, corrected, thresholds),
            "remediations": [
                self._remedied(one, outcomes, thresholds) for one in tx.outcomes.logged(workspace, job)
            ],
        }  # fmt: skip
        return figures

    def _shortlists(self, tx: Tx, job: str, thresholds: Thresholds) -> dict[str, Any]:
        """What hiring managers said last of people on shortlists: approved counts as moved forward, skipped as
        rejected."""
        said = {one[0]: one for one in tx.shortlists.answers(self._desk.workspace, job)}
        kept = tx.scores.of_all(list(said))
        found: list[Outcome] = []
        for application, of, answer, at in said.values():
            if answer == MAYBE:
                continue
            then = next((one for one in kept.get(application, []) if one.at <= at), None)
            decision = Decision.FORWARD if answer == APPROVE else Decision.REJECTED
            score, version = (then.score, then.version) if then is not None else (None, 0)
            found.append(Outcome(application, of, decision, at, score, version, ""))
        maybe = sum(answer == MAYBE for _, _, answer, _ in said.values())
        return {**thresholds.figures(found), "maybe": maybe}

    def _jobs(
        self, tx: Tx, outcomes: Sequence[Outcome], corrected: dict[str, int], thresholds: Thresholds
    ) -> list[dict[str, Any]]:
        records = tx.families.records(self._desk.workspace, {one.job for one in outcomes})
        return [
            {
                "job": job,
                "title": str(records[job].fields.get("title") or ""),
                "corrections": corrected.get(job, 0),
                **told,
            }
            for job, told in thresholds.by(outcomes, lambda one: one.job)
            if job in records
        ]

    def _remedied(self, one: Remediation, outcomes: Sequence[Outcome], thresholds: Thresholds) -> dict[str, Any]:
        mine = [each for each in outcomes if not one.job or each.job == one.job]
        return {
            "id": one.id, "job": one.job, "at": one.at, "by": one.actor.name, "version": one.version, "seen": one.seen,
            "changed": one.changed, "before": thresholds.figures([each for each in mine if each.at < one.at]),
            "after": thresholds.figures([each for each in mine if each.at >= one.at]),
        }  # fmt: skip

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
    """The scores from which the versions of rubrics propose somebody for the shortlist, read once each."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._known: dict[tuple[str, int], float] = {}

    def of(self, job: str, version: int) -> float:
        """Of a version; the usual one where nobody has set it."""
        if (job, version) not in self._known:
            kept = changes_of(self._tx.scores.rubric(job, version)).shortlist if version else None
            self._known[job, version] = USUAL if kept is None else kept
        return self._known[job, version]

    def figures(self, outcomes: Iterable[Outcome]) -> dict[str, Any]:
        """Their measures as JSON data."""
        judged = (
            Judged(one.decision, one.score, (one.score or 0.0) >= self.of(one.job, one.version), one.hired)
            for one in outcomes
        )
        return _as_data(measured(judged))

    def by(self, outcomes: Iterable[Outcome], key: Callable[[Outcome], K]) -> list[tuple[K, dict[str, Any]]]:
        """The measures of groups, in the order of their keys."""
        groups: dict[K, list[Outcome]] = {}
        for one in outcomes:
            groups.setdefault(key(one), []).append(one)
        return [(group, self.figures(groups[group])) for group in sorted(groups, key=repr)]


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
