"""What people decided about applications beside their scores, and the log of what was done about the scores since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import Actor, ActorKind, Decision
from . import statements as s
from .codec import dumps, loads, moment, stamp

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

    def list(self, workspace: str, job: str = "") -> list[Outcome]:
        """All of a workspace, or of a job, the oldest first."""
        return [_outcome(row) for row in self._tx.rows(s.OUTCOMES, workspace=workspace, job=job)]

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
