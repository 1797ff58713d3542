"""The recruiting business process: which step an application may go to from where it stands.

A stage is Workday's own (Review, Screen, ...); a *step* is the tenant's, one or more within a stage, and each process
has steps of its own even where they are called the same. Rejecting is going to a disposition step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..kit.ids import Id
from ..kit.tables import SYSTEM, Database, Row

# Workday's stages: reference id and name.
STAGES = {
    "REVIEW": "Review", "SCREEN": "Screen", "ASSESSMENT": "Assessment", "INTERVIEW": "Interview",
    "REFERENCE_CHECK": "Reference Check", "OFFER": "Offer", "BACKGROUND_CHECK": "Background Check",
    "READY_FOR_HIRE": "Ready for Hire",
}  # fmt: skip
# By what a step of the tenant's own is told to be of a stage.
MARKS = {
    "ready for hire": "READY_FOR_HIRE", "background": "BACKGROUND_CHECK", "licen": "BACKGROUND_CHECK",
    "offer": "OFFER", "contract": "OFFER", "reference": "REFERENCE_CHECK", "assess": "ASSESSMENT", "test": "ASSESSMENT",
    "interview": "INTERVIEW", "onsite": "INTERVIEW", "trial": "INTERVIEW", "screen": "SCREEN", "call": "SCREEN",
}  # fmt: skip
READY = "READY_FOR_HIRE"


@dataclass(frozen=True)
class Reason:
    """A disposition: why an application ends. `late` ones are offered from the offer on, others until then."""

    ref: str
    name: str
    late: bool | None = None


REASONS = (
    Reason("NOT_QUALIFIED", "Does not meet basic qualifications", late=False),
    Reason("EXPERIENCE_OR_SKILLS", "Experience or skills do not match", late=False),
    Reason("OTHER_CANDIDATE_SELECTED", "More qualified candidate selected"),
    Reason("POSITION_FILLED", "Position filled"),
    Reason("CANDIDATE_WITHDREW", "Candidate withdrew"),
    Reason("OFFER_DECLINED", "Candidate declined the offer", late=True),
    Reason("FAILED_BACKGROUND_CHECK", "Did not pass the background check", late=True),
)


@dataclass(frozen=True)
class Step:
    name: str
    stage: str
    optional: bool = False


PROFESSIONAL = (
    Step("Review", "REVIEW"), Step("Recruiter Screen", "SCREEN"),
    Step("Hiring Manager Review", "SCREEN", optional=True), Step("Assess Candidate", "ASSESSMENT", optional=True),
    Step("Interview", "INTERVIEW"), Step("Reference Check", "REFERENCE_CHECK", optional=True), Step("Offer", "OFFER"),
    Step("Background Check", "BACKGROUND_CHECK", optional=True), Step("Ready for Hire", READY),
)  # fmt: skip
FRONTLINE = (Step("Review", "REVIEW"), Step("Interview", "INTERVIEW"), Step("Offer", "OFFER"),
             Step("Ready for Hire", READY))  # fmt: skip


def named(names: Sequence[str]) -> tuple[Step, ...]:
    """The steps of a process of which only the names are told. It ends in Ready for Hire, as all do."""
    steps = [Step(name, next((stage for mark, stage in MARKS.items() if mark in name.lower()), "REVIEW"))
             for name in names]  # fmt: skip
    return (*steps, *(() if steps and steps[-1].stage == READY else (Step("Ready for Hire", READY),)))


def open_process(db: Database, name: str, steps: Sequence[Step], ref: int) -> Row:
    """A process with its steps; from each one may go to the following ones up to the first that is not optional."""
    process = db.create("processes", SYSTEM, name=name)
    stages = {row["ref"]: row["id"] for row in db["recruiting_stages"]}
    reasons = {row["ref"]: row["id"] for row in db["dispositions"]}
    made = [
        db.create("stages", SYSTEM, process_id=process["id"], recruiting_stage_id=stages[step.stage], name=step.name,
                  ref=f"WORKFLOW_STEP-{ref}-{place}", place=place, disposition_id=None, next=[], dispositions=[])
        for place, step in enumerate(steps, start=1)
    ]  # fmt: skip
    ends = {
        reason.ref: db.create("stages", SYSTEM, process_id=process["id"], recruiting_stage_id=None, name=reason.name,
                              ref=f"WORKFLOW_STEP-{ref}-{place}", place=place, disposition_id=reasons[reason.ref],
                              next=[], dispositions=[])
        for place, reason in enumerate(REASONS, start=len(steps) + 1)
    }  # fmt: skip
    offer = next((place for place, step in enumerate(steps) if step.stage == "OFFER"), len(steps) - 1)
    for place, row in enumerate(made):
        following: list[Id] = []
        for other, target in zip(steps[place + 1 :], made[place + 1 :], strict=True):
            following.append(target["id"])
            if not other.optional:
                break
        allowed = [ends[one.ref]["id"] for one in REASONS if one.late is None or one.late == (place >= offer)]
        db.change("stages", row["id"], SYSTEM, {"next": following, "dispositions": allowed}, touch=False)
    return process


def first_step(db: Database, process_id: Id) -> Row:
    return min(db["stages"].where("process_id", process_id), key=lambda row: row["place"])


def steps_of(db: Database, process_id: Id) -> list[Row]:
    """The steps of a process without those that end it, in their order."""
    rows = [row for row in db["stages"].where("process_id", process_id) if row["disposition_id"] is None]
    return sorted(rows, key=lambda row: row["place"])


def stage_of(db: Database, step: Row) -> str:
    """The reference id of Workday's stage that a step is of."""
    row = db["recruiting_stages"].get(step["recruiting_stage_id"])
    return row["ref"] if row else ""
