"""What people decided about applications beside their scores, and the log of what was done about the scores since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import Actor, ActorKind, Decision
from . import statements as s
from .codec import dumps, loads, maybe_moment, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Outcome:
    """One application's first decision. `score` is what stood there then, by that version of the rubric and that
    scorer; None, 0 and "" where nothing did. Who decided is not kept."""

    application: str
    job: str
    decision: Decision
    at: datetime
    score: float | None
    version: int
    scorer: str
    hired: bool = False


@dataclass(frozen=True, slots=True)
class Remediation:
    """What somebody saw in the figures, and what was changed because of it. `job` is "" where it is of all jobs,
    `version` the job's rubric that holds since; 0 for none."""

    id: str
    job: str
    at: datetime
    version: int
    actor: Actor
    seen: str
    changed: str


Mark = tuple[int, int, int]
"""How many outcomes a job has, their times summed, and how many were hired."""
TOGETHER = 500  # jobs that are read at once
Place = tuple[datetime, str]
"""Where an application stands among those nobody has decided about: when it was made, and its id."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """An open application about which no person's decision is known. `seen`: when somebody first looked at it."""

    application: str
    family: str
    candidate: str
    score: float | None
    applied: datetime
    seen: datetime | None


class Outcomes:
    """`tx.outcomes`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def set(self, workspace: str, family: str, one: Outcome) -> None:
        self._tx.run(
            s.OUTCOME_SET, application=one.application, workspace=workspace, family=family, job=one.job,
            decision=str(one.decision), at=stamp(one.at), score=one.score, version=one.version, scorer=one.scorer,
            hired=one.hired,
        )  # fmt: skip

    def drop(self, application: str) -> None:
        """The decision was taken back."""
        self._tx.run(s.OUTCOME_DROP, application=application)

    def of(self, applications: Collection[str]) -> dict[str, Outcome]:
        rows = self._tx.rows(s.OUTCOMES_OF, applications=applications) if applications else []
        return {row[0]: _outcome(row) for row in rows}

    def marks(self, workspace: str) -> dict[str, Mark]:
        """By job, what its outcomes would be read as: the same as long as none of them has changed. A decision never
        changes without its time, but for what has become of a hire."""
        hired = {job: int(many) for job, many in self._tx.rows(s.OUTCOME_MARKS_HIRED, workspace=workspace)}
        rows = self._tx.rows(s.OUTCOME_MARKS, workspace=workspace)
        return {job: (int(many), int(times), hired.get(job, 0)) for job, many, times in rows}

    def of_jobs(self, workspace: str, jobs: Collection[str]) -> dict[str, list[Row]]:
        """By job, the oldest first: (at as a stamp, decision, hired, score, version, scorer)."""
        found: dict[str, list[Row]] = {}
        every = sorted(jobs)
        for place in range(0, len(every), TOGETHER):
            some = every[place : place + TOGETHER]
            for job, *rest in self._tx.rows(s.OUTCOMES_OF_JOBS, workspace=workspace, jobs=some):
                found.setdefault(job, []).append(tuple(rest))
        return found

    def undecided_stages(self, workspace: str, before: datetime) -> list[tuple[str, str, int, datetime]]:
        """Open applications made until then of which no decision is known: (job, stage or "", how many, the oldest)."""
        rows = self._tx.rows(s.UNDECIDED_STAGES, workspace=workspace, before=stamp(before))
        return [(job, stage or "", int(many), moment(oldest)) for job, stage, many, oldest in rows]

    def undecided(
        self, workspace: str, job: str, stages: Collection[str], before: datetime, *, after: Place | None, limit: int
    ) -> list[Undecided]:
        """Those of a job that stand in these stages ("" for none), the oldest first; `after`: the last one's place."""
        applied, record = (stamp(after[0]), after[1]) if after is not None else (0, "")
        rows = self._tx.rows(
            s.UNDECIDED, workspace=workspace, job=job, stages=sorted(stages), before=stamp(before), applied=applied,
            record=record, limit=limit,
        )  # fmt: skip
        return [
            Undecided(record, family, candidate or "", None if score < 0 else score, moment(at), maybe_moment(seen))
            for record, family, candidate, _, _, _, score, at, seen in rows
        ]

    def corrected(self, workspace: str) -> dict[str, int]:
        """By job, how many reasons of its scores people have said are wrong."""
        return {job: int(many) for job, many in self._tx.rows(s.CORRECTIONS_OF_JOBS, workspace=workspace)}

    def log(self, workspace: str, one: Remediation) -> None:
        """Enter what was done. An entry is never changed."""
        body = {
            "actor": {"kind": str(one.actor.kind), "id": one.actor.id, "name": one.actor.name},
            "seen": one.seen, "changed": one.changed,
        }  # fmt: skip
        self._tx.run(
            s.REMEDIATION_ADD, id=one.id, workspace=workspace, job=one.job, at=stamp(one.at), version=one.version,
            body=self._tx.vault.seal(workspace, None, dumps(body).encode()),
        )  # fmt: skip

    def logged(self, workspace: str, job: str = "") -> list[Remediation]:
        """The log, or a job's, the newest first."""
        return [self._remediation(row) for row in self._tx.rows(s.REMEDIATIONS, workspace=workspace, job=job)]

    def _remediation(self, row: Row) -> Remediation:
        id, job, at, version, sealed = row
        body = loads(self._tx.vault.open(bytes(sealed)).decode())
        by = body["actor"]
        actor = Actor(ActorKind(str(by["kind"])), str(by["id"]), str(by["name"]))
        return Remediation(id, job, moment(at), int(version), actor, str(body["seen"]), str(body["changed"]))


def _outcome(row: Row) -> Outcome:
    application, job, decision, at, score, version, scorer, hired = row
    return Outcome(application, job, Decision(decision), moment(at), score, int(version), scorer, bool(hired))
