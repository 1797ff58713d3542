"""What a change of a family is told as: events by type, with ids and names of fields, and nothing of what they say.

An event is a reference. Whoever reads or is sent one is shown the records as they are then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase

from bascule.core.plan import Plan
from bascule.model import (
    BASCULE,
    CANDIDATE_ERASED,
    FIELDS,
    Event,
    Family,
    FamilyState,
    FieldClass,
    Kind,
    Record,
    RecordState,
    ScreeningStatus,
    Value,
    is_secret,
)

STAGE_CHANGED = "application.stage_changed"
STATUS_CHANGED = "application.status_changed"
SCORED = "application.scored"
SCREENED = "screening.completed"
MERGED = "candidate.merged"
FIRED = "trigger.fired"

TYPES: Mapping[str, str] = {
    "application.created": "Somebody has applied",
    STAGE_CHANGED: "An application stands in another stage",
    STATUS_CHANGED: "An application was rejected, withdrawn, hired or taken up again",
    SCORED: "An application has another score, or another result of an AI tool",
    SCREENED: "An applicant has completed the screening form",
    "application.updated": "Something else of an application has changed",
    "application.deleted": "An application is gone where it came from",
    "candidate.created": "Somebody new is known",
    "candidate.updated": "Something of a person has changed",
    MERGED: "Two records of a person were joined",
    "candidate.deleted": "A person's record is gone where it came from",
    CANDIDATE_ERASED: "A person is erased: delete what you hold of them",
    "job.created": "A job is new",
    "job.updated": "Something of a job or of its stages has changed",
    "job.deleted": "A job is gone where it came from",
    "note.added": "A note about a person is new",
    "message.sent": "A message to or from a person is new",
    "attachment.added": "A file of a person's is new",
    "interview.created": "An interview is planned",
    "interview.updated": "Something of an interview has changed",
    "interview.booked": "A candidate has chosen a time for an interview, or a recruiter has",
    "interview.moved": "A booked interview has another time",
    "interview.cancelled": "A booked interview does not take place",
    "interview.feedback": "An outside tool has sent feedback about an interview",
    "scorecard.created": "A scorecard is new",
    "scorecard.updated": "Something of a scorecard has changed",
    "offer.created": "An offer is new",
    "offer.updated": "Something of an offer has changed",
    "hire.created": "Somebody is hired",
    FIRED: "A trigger that tells has fired: `after` is the word it was given",
}
"""Every type of event, and what it says."""

_NEW: Mapping[Kind, str] = {
    **{kind: f"{kind}.created" for kind in (
        Kind.APPLICATION, Kind.CANDIDATE, Kind.JOB, Kind.INTERVIEW, Kind.SCORECARD, Kind.OFFER, Kind.HIRE,
    )},
    Kind.NOTE: "note.added", Kind.MESSAGE: "message.sent", Kind.ATTACHMENT: "attachment.added",
}  # fmt: skip
_CHANGED = (Kind.APPLICATION, Kind.CANDIDATE, Kind.JOB, Kind.INTERVIEW, Kind.SCORECARD, Kind.OFFER)
_GONE = (Kind.APPLICATION, Kind.CANDIDATE, Kind.JOB)
_OWN = {"stage": STAGE_CHANGED, "status": STATUS_CHANGED}  # fields of an application with a type of their own
_RESULT = ("match_score", "ai_status", "tools")  # fields of an application that a result is seen by
_SCREENING = "screening_status"


def matching(patterns: Collection[str]) -> tuple[str, ...]:
    """The types that these name: a type, or a pattern such as `application.*`."""
    return tuple(type for type in TYPES if any(fnmatchcase(type, one) for one in patterns))


def events(
    before: Family | None, planned: Plan, now: datetime, *, live: bool = True, elsewhere: Collection[str] = ()
) -> tuple[Event, ...]:
    """What a commit tells of, as of `now`.

    `live` is False for what a first reading of everything meets: then nothing is new, and only a value that takes the
    place of another is a change. `elsewhere` are records that were in another family before. Of a person who is being
    erased nothing is told but that they are.
    """
    family = planned.family
    if family.kind not in (Kind.CANDIDATE, Kind.JOB):
        return ()
    if family.state is not FamilyState.LIVE:
        begins = before is not None and before.state is FamilyState.LIVE
        return (replace(_erased(family), at=now),) if begins else ()
    old = before.records if before is not None else {}
    found: list[Event] = []
    for record in family.records.values():
        was = old.get(record.id)
        if was is record:
            continue
        if was is None and record.id in elsewhere and record.state is not RecordState.MERGED:
            continue
        found += _of_record(family, was, record, live)
    return tuple(replace(one, at=now) for one in [*found, *_of_stages(before, family, live)])


def _of_record(family: Family, was: Record | None, record: Record, live: bool) -> Iterator[Event]:
    kind = record.kind
    if was is None or was.state is not record.state:
        if record.state is RecordState.LIVE and was is None and live and kind in _NEW:
            yield _event(_NEW[kind], family, record, _filled(record))
        elif record.state is RecordState.DELETED and was is not None and kind in _GONE:
            yield _event(f"{kind}.deleted", family, record)
        elif record.state is RecordState.MERGED and kind is Kind.CANDIDATE:
            yield _event(MERGED, family, record, after=record.merged_into)
        return
    changed = [name for name in _differing(was, record) if live or was.fields.get(name) not in (None, (), "")]
    if not changed or kind not in _CHANGED or record.state is not RecordState.LIVE:
        return
    rest = changed
    if kind is Kind.APPLICATION:
        own = [name for name in changed if name in _OWN and was.fields.get(name) is not None]
        for name in own:
            there, here = was.fields.get(name), record.fields.get(name)
            yield _event(_OWN[name], family, record, [name], _text(there), _text(here))
        if any(name in _RESULT for name in changed):
            results = [name for name in changed if FIELDS[kind][name].cls is FieldClass.AI_OUTPUT]
            yield _event(SCORED, family, record, results)
        if _SCREENING in changed and record.fields.get(_SCREENING) == ScreeningStatus.COMPLETED:
            yield _event(SCREENED, family, record, [_SCREENING])
        rest = [name for name in changed if name not in own and FIELDS[kind][name].cls is not FieldClass.AI_OUTPUT]
    if rest:
        yield _event(f"{kind}.updated", family, record, rest)


def _of_stages(before: Family | None, family: Family, live: bool) -> Iterable[Event]:
    """A job whose stages are others."""
    if before is None or family.kind is not Kind.JOB:
        return
    for job in (one for one in family.records.values() if one.kind is Kind.JOB and one.id in before.records):
        was, now = _stages(before, job.id), _stages(family, job.id)
        if was != (now if live else {id: stage for id, stage in now.items() if id in was}):
            yield _event("job.updated", family, job, ["stages"])


def _stages(family: Family, job: str) -> dict[str, tuple[RecordState, Mapping[str, Value]]]:
    return {one.id: (one.state, one.fields) for one in family.children(job, Kind.STAGE)}


def _erased(family: Family) -> Event:
    """That somebody is erased: their ids, so that a consumer knows whom to forget."""
    told = _event(CANDIDATE_ERASED, family, family.root)
    applications = tuple(sorted(one.id for one in family.records.values() if one.kind is Kind.APPLICATION))
    return replace(told, subjects={**told.subjects, "applications": applications})


def _event(
    type: str, family: Family, record: Record, changed: Iterable[str] = (), before: str | None = None,
    after: str | None = None,
) -> Event:  # fmt: skip
    names = tuple(sorted(changed))
    source = next((record.sources[name] for name in names if name in record.sources), None)
    actor, cause = (str(source.actor.kind), source.cause) if source is not None else (str(BASCULE.kind), "")
    subjects = _subjects(family, record)
    return Event(type, family.id, record.id, record.born, subjects, names, before, after, actor, cause)


def _subjects(family: Family, record: Record) -> dict[str, Value]:
    """The records that an event is about: its own, the candidate or job it belongs to, and the application."""
    found: dict[str, Value] = {str(record.kind): record.id}
    if family.kind is Kind.CANDIDATE and record.kind is not Kind.CANDIDATE:
        found[str(Kind.CANDIDATE)] = family.root.id
    above = record.fields.get("application") or (record.parent if record.kind is not Kind.APPLICATION else None)
    application = family.records.get(str(above)) if above else None
    if application is not None and application.kind is Kind.APPLICATION:
        found[str(Kind.APPLICATION)] = application.id
    return found


def _differing(was: Record, record: Record) -> list[str]:
    names = was.fields.keys() | record.fields.keys()
    return [name for name in sorted(names) if _told(record, name) and was.fields.get(name) != record.fields.get(name)]


def _filled(record: Record) -> list[str]:
    return [name for name, value in record.fields.items() if _told(record, name) and value not in (None, ())]


def _told(record: Record, name: str) -> bool:
    return name in FIELDS[record.kind] and not is_secret(record.kind, name)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
