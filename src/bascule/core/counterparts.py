"""The same thing at two systems under a record of each: the jobs and reasons a person has paired, and their stages.

An application speaks of one job, that of the system it was met at, in the stages of that job. Where it stands at
another system too, its fields are said there in the counterpart's terms, and read back into its own. A stage's
counterpart is the one a person has named, else the stage of the same name, else the first of the same type; where there
is none, nothing is guessed: outward it waits, inward it is a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bascule.core import stages
from bascule.core.draft import Draft
from bascule.model import (
    OURS,
    SCHEDULED,
    ConnectionView,
    Family,
    FieldMap,
    Fields,
    Kind,
    Record,
    RecordState,
    Refs,
    Status,
    Unmappable,
    Value,
    Waits,
    replace,
)

Same = Mapping[str, str]
"""A record of another system -> its counterpart here."""
PAIRED = frozenset({Kind.JOB, Kind.STAGE, Kind.REJECTION_REASON})
NO_JOB, NO_STAGE = "the job has no counterpart here", "no stage of the application's job is its counterpart"


def spoken(fields: FieldMap, same: Same) -> FieldMap:
    """An application's job, stage or reason, said in the terms of this system."""
    if fields.kind is not Kind.APPLICATION or not same or fields.canonical[0] not in _BACK:
        return fields
    name, back = fields.canonical[0], {here: there for there, here in sorted(same.items(), reverse=True)}

    def render(record: Record, family: Family, refs: Refs) -> Value | Waits:
        return fields.render(_there(record, same, refs), family, refs)

    def parse(seen: Value, record: Record, refs: Refs) -> Fields | Unmappable:
        there = _there(record, same, refs)
        found = fields.parse(seen, there, refs)
        if isinstance(found, Unmappable) or found.get(name) is None:
            return found
        if found[name] == there.fields.get(name):
            return {**found, name: record.fields.get(name)}
        mine = _BACK[name](str(found[name]), record, same, back, refs)
        return mine if isinstance(mine, Unmappable) else {**found, name: mine}

    return replace(fields, render=render, parse=parse)


def _away(record: Record, same: Same) -> str | None:
    """This system's job for an application whose own job is another system's."""
    return same.get(str(record.fields.get("job")))


def _there(record: Record, same: Same, refs: Refs) -> Record:
    """The application in this system's terms, as far as there are any."""
    said: dict[str, Value] = {}
    job, stage, reason = _away(record, same), record.fields.get("stage"), record.fields.get("reason")
    if job is not None:
        said["job"] = job
        if isinstance(stage, str):
            said["stage"] = stage_at(stage, job, same, refs) or stage
    if isinstance(reason, str) and reason in same:
        said["reason"] = same[reason]
    return replace(record, fields={**record.fields, **said}) if said else record


def _job_back(found: str, record: Record, same: Same, back: Same, refs: Refs) -> str | Unmappable:
    """A job of this system that an application was taken to."""
    return found if _away(record, same) is None else back.get(found) or Unmappable(found, NO_JOB)


def _stage_back(found: str, record: Record, same: Same, back: Same, refs: Refs) -> str | Unmappable:
    """A stage of this system as a stage of the application's own job."""
    if _away(record, same) is None:
        return found
    return stage_at(found, str(record.fields["job"]), back, refs) or Unmappable(
        _name(refs.records.get(found)), NO_STAGE
    )


def _reason_back(found: str, record: Record, same: Same, back: Same, refs: Refs) -> str | Unmappable:
    return back.get(found, found) if _away(record, same) is not None else found


_BACK: Mapping[str, Callable[[str, Record, Same, Same, Refs], str | Unmappable]] = {
    "job": _job_back,
    "stage": _stage_back,
    "reason": _reason_back,
}


def stage_at(stage: str, job: str, named: Same, refs: Refs) -> str | None:
    """The stage of a job that is the counterpart of another job's stage. People are hired in one system only, so that a
    stage of that type is none's."""
    known = refs.records.get(stage)
    if known is None or known.parent == job:
        return stage if known is not None else None
    mine = sorted((one for one in refs.records.values() if _open_stage(one, job)), key=stages.order)
    if any(one.id == named.get(stage) for one in mine):
        return named[stage]
    alike = [one.id for one in mine if stages.fold(_name(one)) == stages.fold(_name(known))]
    kind = known.fields.get("type")
    typed = [one.id for one in mine if kind and one.fields.get("type") == kind]
    return next(iter((*alike[:1], *typed[:1])), None)


def _open_stage(record: Record, job: str) -> bool:
    return (
        record.kind is Kind.STAGE
        and record.parent == job
        and record.state is RecordState.LIVE
        and record.fields.get("active") is not False
        and stages.place(str(record.fields.get("type") or "")) != stages.place("hired")
    )


def _name(record: Record | None) -> str:
    return str(record.fields.get("name") or "") if record is not None else ""


# ------------------------------------------------------------------------------------------------- what may be created


def placed(
    draft: Draft, view: ConnectionView, record: Record, may: Callable[[Record], bool]
) -> tuple[Record, tuple[str, str] | None] | None:
    """(the candidacy a person is created there for, what it waits for): the newest whose job is there, else the newest.
    None where no candidacy of theirs may be created, or where their own system keeps them private."""
    rule = view.creates[record.kind]
    if rule.needs is None or record.fields.get("private") is True:
        return None
    mine = [one for one in draft.records.values() if one.kind is rule.needs and one.parent == record.id and may(one)]
    mine.sort(key=lambda one: (str(one.fields.get("applied_at") or one.born.isoformat()), one.id), reverse=True)
    found: tuple[Record, tuple[str, str] | None] | None = None
    for one in mine:
        waited = unplaced(draft, view, one)
        if waited is None:
            return one, None
        found = found or (one, waited)
    return found


def unplaced(draft: Draft, view: ConnectionView, application: Record) -> tuple[str, str] | None:
    """The job that has no counterpart there: what an application waits for."""
    job = application.fields.get("job")
    if not isinstance(job, str) or (view.id, view.same.get(job, job)) in draft.refs.external:
        return None
    return str(Kind.JOB), job


def going_on(record: Record) -> bool:
    """Whether an application stands open, for a job; whether an interview that was booked here is to take place."""
    if record.kind is Kind.INTERVIEW:
        return record.origin == OURS and record.fields.get("status") == SCHEDULED
    return record.fields.get("status") in (None, Status.ACTIVE) and isinstance(record.fields.get("job"), str)
