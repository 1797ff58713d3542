"""What must not leave, and must not enter, without a person. Nothing here can be configured away.

An AI or a rule never rejects, hires or moves an application backwards, and never touches contact data that is there;
what it may want instead is a proposal. Enrichment fills what is empty and adds beside what is there. Hiring is read
from the ATS and never written, by anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from bascule.core import stages
from bascule.core.digest import elements
from bascule.core.draft import is_empty, is_set, value_of
from bascule.errors import ForbiddenError, InputError
from bascule.model import (
    Actor,
    ActorKind,
    ConnectionView,
    FieldClass,
    Kind,
    Mode,
    Record,
    StageType,
    Status,
    Value,
    Write,
    enriches,
    field_spec,
)

MACHINES = frozenset({ActorKind.AI, ActorKind.RULE, ActorKind.SYSTEM, ActorKind.BASCULE})
MAY_CREATE = frozenset({Kind.NOTE, Kind.ATTACHMENT, Kind.ACTIVITY})
"""Kinds a machine may add by itself: nothing a candidate sees."""

BOOK = frozenset({ActorKind.RULE, ActorKind.BASCULE})
"""Machines that may add an interview, change and cancel it: as somebody has chosen, or the application has moved."""

OURS = frozenset({FieldClass.AI_OUTPUT, FieldClass.HOSTED})
"""Classes of fields that Bascule alone fills, by a machine too."""

PILOT = "bascule-pilot-"
"""How the tag of a pilot's test candidates begins."""

FENCE = "a pilot is under way"
"""Why a write is held that is of nobody in the pilot."""

BULK = "a bulk change waits for a person"
"""Why a write is held that a bulk change would make (`bulk`)."""


class Gate(StrEnum):
    """What an edit of one field may do."""

    ENTER = "enter"
    PROPOSE = "propose"  # waits for a person; does not enter the record


def gate(actor: Actor, record: Record, name: str, value: Value, stages_of: Mapping[str, Record]) -> Gate:
    """Whether a change of one field enters the record or becomes a proposal. ForbiddenError where it is neither.

    `stages_of` are the stage records the application's stage field may name.
    """
    if record.kind == Kind.APPLICATION and name == "status" and value == Status.HIRED:
        raise ForbiddenError(
            "Hiring is read from the ATS and never written.", hint="Mark the person as hired in the ATS; it shows here."
        )
    if record.kind == Kind.APPLICATION and name == "stage":
        _stage_exists(record, value, stages_of)
    if actor.kind not in MACHINES:
        return Gate.ENTER
    if record.kind == Kind.APPLICATION and name in ("stage", "status", "reason"):
        return _decision(record, name, value, stages_of)
    if record.kind == Kind.INTERVIEW and record.origin == "ours" and actor.kind in BOOK:
        return Gate.ENTER
    spec = field_spec(record.kind, name)
    if spec.contact and enriches(actor):
        return Gate.ENTER if _takes_nothing_away(record, name, value) else Gate.PROPOSE
    if spec.contact:
        if not is_empty(value_of(record, name)):
            raise ForbiddenError(
                f"{_who(actor)} never overwrites contact data ({name}).", hint="A person can change it."
            )
        return Gate.PROPOSE
    if spec.cls in OURS or (record.kind == Kind.CANDIDATE and name == "tags"):
        return Gate.ENTER
    return Gate.PROPOSE


def _takes_nothing_away(record: Record, name: str, value: Value) -> bool:
    held = value_of(record, name)
    return is_empty(held) or (is_set(record.kind, name) and set(elements(held)) <= set(elements(value)))


def _who(actor: Actor) -> str:
    return {"ai": "An AI", "rule": "A rule"}.get(actor.kind, "A system")


def _decision(record: Record, name: str, value: Value, stages_of: Mapping[str, Record]) -> Gate:
    """Stage, status and reason are a person's; a machine may propose a step forward."""
    if name != "stage":
        raise ForbiddenError(
            "Only a person may reject an application or change its status.", hint="Ask a person to decide."
        )
    held = record.fields.get("stage")
    here = stages_of.get(held) if isinstance(held, str) else None
    there = stages_of.get(value) if isinstance(value, str) else None
    if there is not None and there.fields.get("type") == StageType.HIRED:
        raise ForbiddenError("Only a person may hire, and does so in the ATS.")
    forward = stages.is_forward(here, there)
    if forward is None:
        raise ForbiddenError(
            "Whether this move is forward is not known, so a machine may not propose it.",
            hint="Confirm the stage types in the connection's mapping.",
        )
    if not forward:
        raise ForbiddenError("Only a person may move an application backwards.")
    return Gate.PROPOSE


def _stage_exists(record: Record, value: Value, stages_of: Mapping[str, Record]) -> None:
    stage = stages_of.get(value) if isinstance(value, str) else None
    if stage is None or stage.kind != Kind.STAGE:
        raise InputError("That stage is not known.", hint="Choose one of the job's stages.")
    job = record.fields.get("job")
    if job is not None and stage.parent is not None and stage.parent != job:
        raise InputError("That stage belongs to another job.", hint="Choose one of the application's own job.")


def may_create(actor: Actor, kind: Kind) -> None:
    """ForbiddenError when this actor may not add a record of this kind by itself."""
    if kind == Kind.INTERVIEW and actor.kind in BOOK:
        return
    if actor.kind in MACHINES and kind not in MAY_CREATE:
        raise ForbiddenError(f"{_who(actor)} may not add a {kind} without a person.", hint="Ask a person to send it.")


def may_remove(actor: Actor, record: Record) -> None:
    """ForbiddenError when this actor may not remove this record. What another system holds is removed there."""
    if record.origin != "ours":
        raise ForbiddenError("It belongs to the system it came from.", hint="Remove it there; it follows here.")
    if actor.kind in MACHINES and any(s.actor.kind == ActorKind.PERSON for s in record.sources.values()):
        raise ForbiddenError(f"{_who(actor)} may not remove what a person wrote.")


def never_written(record: Record, canonical: Iterable[str]) -> bool:
    """A hire is never written to a system, whoever says so."""
    return record.kind == Kind.APPLICATION and "status" in canonical and record.fields.get("status") == Status.HIRED


def plans_writes(view: ConnectionView | None) -> bool:
    """In `observe` and `listen` nothing is planned; in `shadow` it is planned, shown and held."""
    return view is not None and view.mode in (Mode.SHADOW, Mode.LIVE)


def held(view: ConnectionView, records: Iterable[Record]) -> str:
    """Why a planned write is not sent: "" when it is due. What a pilot's fence holds is what a person has asked for
    besides (an erasure, a merge): nothing else is planned outside of it (`in_scope`)."""
    if view.mode is Mode.SHADOW:
        return "shadow"
    return FENCE if fenced_off(view, records) else ""


def cause_of(write: Write) -> str:
    """What a write counts under as a bulk change (`bulk`): what somebody does in one system, or one rule. "" for what
    is not counted: what a person does here, an AI's own fields, and creations, which touch nothing that is there."""
    if write.link is None or write.actor.kind not in (ActorKind.SYSTEM, ActorKind.RULE):
        return ""
    return f"{write.actor.kind}:{write.actor.id}"


def pilot_of(records: Iterable[Record]) -> str:
    """The tag of the pilot whose test candidate a family is; "" for everybody else."""
    for record in records:
        if record.kind == Kind.CANDIDATE:
            tags = record.fields.get("tags")
            for tag in tags if isinstance(tags, tuple) else ():
                if isinstance(tag, str) and tag.casefold().startswith(PILOT):
                    return tag.casefold()
    return ""


def fenced_off(view: ConnectionView, records: Iterable[Record]) -> bool:
    """Whether a pilot keeps a connection and somebody apart: while one runs there nobody but its test candidates is
    written to, and these are written to nowhere else."""
    return pilot_of(records) != view.scope.pilot


def in_scope(view: ConnectionView, record: Record, records: Collection[Record], known: Mapping[str, Record]) -> bool:
    """Whether the connection's mode covers this record: by its job, or that job's department or one of its offices.

    An application by its job; a job by itself; a candidate, and what hangs on it, by any of its applications. What is
    not covered is treated as in `observe`. While a pilot runs there, its test candidates are all that is covered.
    """
    scope = view.scope
    if record.kind in (Kind.JOB, Kind.STAGE):
        if scope.pilot:
            return False
        jobs = [record.id if record.kind == Kind.JOB else record.parent]
    else:
        if fenced_off(view, records):
            return False
        applications = [record] if record.kind == Kind.APPLICATION else records
        jobs = [r.fields.get("job") for r in applications if r.kind == Kind.APPLICATION]
    if scope.pilot or not (scope.jobs or scope.departments or scope.offices):
        return True
    return any(isinstance(job, str) and _covers(view, known.get(job), job) for job in jobs)


def _covers(view: ConnectionView, job: Record | None, job_id: str) -> bool:
    scope = view.scope
    if job_id in scope.jobs:
        return True
    if job is None:
        return False
    offices = job.fields.get("offices")
    return job.fields.get("department") in scope.departments or (
        isinstance(offices, tuple) and not scope.offices.isdisjoint(map(str, offices))
    )
