"""What a consumer is shown of an event: the records it is about as they are now, as far as its fields allow. Pure.

One shape for everybody: the webhook's body, the log for catching up, the samples. Ids always stand in it; values of
fields only where they are named, and a person's only by name. A field is called `<kind>.<field>` by its canonical name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bascule.core.events import MERGED, STAGE_CHANGED, STATUS_CHANGED
from bascule.errors import InputError
from bascule.model import (
    CANDIDATE_ERASED,
    FIELDS,
    Event,
    EventFilter,
    Family,
    FamilyState,
    FieldType,
    Kind,
    Record,
    RecordState,
    field_spec,
    plain,
)

NAMED = {Kind.STAGE, Kind.JOB, Kind.SOURCE, Kind.REJECTION_REASON}  # what a reference to is shown with its name
BESIDE = (Kind.NOTE, Kind.MESSAGE, Kind.ATTACHMENT, Kind.INTERVIEW, Kind.SCORECARD, Kind.OFFER, Kind.HIRE)
SHOWN = (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB, *BESIDE)
USUAL = (
    "candidate.tags", "candidate.created_at",
    "application.stage", "application.status", "application.reason", "application.source", "application.tags",
    "application.applied_at", "application.rejected_at", "application.match_score", "application.match_skills",
    "application.ai_status", "application.audit_reference", "application.top_ten", "application.screening_status",
    "job.title", "job.requisition", "job.status", "job.department", "job.offices",
    "note.type", "note.visibility", "note.created_at", "message.channel", "message.created_at",
    "attachment.type", "attachment.created_at",
    "interview.name", "interview.status", "interview.starts_at", "interview.ends_at",
    "scorecard.rating", "scorecard.status", "scorecard.submitted_at",
    "offer.status", "offer.version", "offer.starts_on", "offer.sent_on", "offer.resolved_at",
    "hire.hired_at", "hire.starts_on",
)  # fmt: skip
"""The fields that are shown where none are named: none of them says who somebody is."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What an event is seen by: its family, and by id the records around it (job, stages), and each connection's name
    and label. `external` are ids at connections, by connection and record."""

    family: Family
    around: Mapping[str, Record] = field(default_factory=lambda: dict[str, Record]())
    connections: Mapping[str, tuple[str, str]] = field(default_factory=lambda: dict[str, tuple[str, str]]())
    external: Mapping[tuple[str, str], str] = field(default_factory=lambda: dict[tuple[str, str], str]())

    def record(self, id: object) -> Record | None:
        known = self.family.records.get(str(id)) if id else None
        return known or (self.around.get(str(id)) if id else None)

    def job_of(self, application: Record | None) -> Record | None:
        return self.record(application.fields.get("job")) if application is not None else None


def checked_fields(names: Sequence[str]) -> tuple[str, ...]:
    """Field names as they may be asked for. InputError names the first that there is not, or that is never shown."""
    for name in names:
        head, _, rest = name.partition(".")
        kinds = {str(kind): kind for kind in SHOWN}
        if head not in kinds or not rest:
            raise InputError(
                f"fields: {name!r} is no field.",
                hint=f"Write kind and field, such as candidate.emails; kinds are {', '.join(kinds)}.",
            )
        known = FIELDS[kinds[head]]
        if rest.partition(".")[0] not in known:
            raise InputError(f"fields: {head} has no field {rest!r}.", hint=f"It has {', '.join(sorted(known))}.")
        if known[rest.partition(".")[0]].secret:
            raise InputError(f"fields: {name} opens something by itself and is never shown.")
        if rest.partition(".")[0] == "tools" and rest.count(".") < 2:
            raise InputError(f"fields: {name!r} names no tool's field.", hint="Write application.tools.<tool>.score.")
        try:
            field_spec(kinds[head], rest)
        except KeyError:
            raise InputError(f"fields: {head} has no field {rest!r}.") from None
    return tuple(dict.fromkeys(names))


def personal(names: Collection[str]) -> tuple[str, ...]:
    """Those of these fields that say something of a person. What an ATS's own fields hold nobody can know."""
    return tuple(sorted(name for name in names if _personal(name)))


def _personal(name: str) -> bool:
    head, _, rest = name.partition(".")
    top = rest.partition(".")[0]
    document = FIELDS[Kind(head)][top].type is FieldType.DOCUMENT and top != "tools"
    return field_spec(Kind(head), rest).personal or (document and head != Kind.JOB)


# ------------------------------------------------------------------------------------------------------------- filter


def passes(event: Event, scene: Scene, wanted: EventFilter) -> bool:
    """Whether an event is one of those that a consumer wants. That somebody is erased is everybody's: by then nobody
    knows any more which jobs they had applied for."""
    if event.type == CANDIDATE_ERASED:
        return True
    family = scene.family
    if wanted.connections:
        known = scene.connections
        at = {known[one.connection][0] for one in family.links.values() if one.open and one.connection in known}
        if not at & set(wanted.connections):
            return False
    if family.kind is Kind.JOB:
        job = scene.record(event.subjects.get("job"))
        return job is not None and not _scoring(wanted) and not wanted.stage_types and _of_job(job, wanted)
    if not (wanted.jobs or wanted.departments or wanted.stage_types or _scoring(wanted)):
        return True
    return any(_of_application(one, scene, wanted) for one in _applications(event, family))


def _applications(event: Event, family: Family) -> list[Record]:
    """The application that an event is about; of an event about a person all that stand."""
    one = family.records.get(str(event.subjects.get("application") or ""))
    if one is not None:
        return [one]
    every = family.records.values()
    return [one for one in every if one.kind is Kind.APPLICATION and one.state is RecordState.LIVE]


def _of_application(one: Record, scene: Scene, wanted: EventFilter) -> bool:
    job, stage = scene.job_of(one), scene.record(one.fields.get("stage"))
    if (wanted.jobs or wanted.departments) and (job is None or not _of_job(job, wanted)):
        return False
    if wanted.stage_types and (stage is None or stage.fields.get("type") not in wanted.stage_types):
        return False
    score = one.fields.get("match_score")
    if not _scoring(wanted):
        return True
    if not isinstance(score, int | float):
        return False
    least, most = wanted.min_score, wanted.max_score
    return (least is None or score >= least) and (most is None or score <= most)


def _scoring(wanted: EventFilter) -> bool:
    return wanted.min_score is not None or wanted.max_score is not None


def _of_job(job: Record, wanted: EventFilter) -> bool:
    if wanted.jobs and job.id not in wanted.jobs:
        return False
    return not wanted.departments or job.fields.get("department") in wanted.departments


# --------------------------------------------------------------------------------------------------------------- body


def body(event: Event, scene: Scene, fields: Collection[str], address: str) -> dict[str, Any]:
    """What is sent of an event: `id`, `type`, `timestamp`, `number` and `data`. `address` is where our pages are.

    Of somebody who is erased there is nothing but ids.
    """
    told = {"id": f"evt_{event.number}", "type": event.type, "timestamp": event.at.isoformat(), "number": event.number}
    if scene.family.state is not FamilyState.LIVE or event.type == CANDIDATE_ERASED:
        return {**told, "data": {name: {"id": id} for name, id in event.subjects.items() if isinstance(id, str)}
                | {"applications": list(event.subjects.get("applications") or ())}}  # type: ignore[arg-type]  # fmt: skip
    names = fields or USUAL
    data: dict[str, Any] = {"changed": list(event.changed), "actor": event.actor}
    if event.type == STAGE_CHANGED:
        data |= {"from": _reference(scene, event.before), "to": _reference(scene, event.after)}
    elif event.type == STATUS_CHANGED:
        data |= {"from": event.before, "to": event.after}
    elif event.type == MERGED:
        data["into"] = {"id": event.after}
    application = scene.record(event.subjects.get("application"))
    job = scene.record(event.subjects.get("job")) or scene.job_of(application)
    about = [scene.record(event.subjects.get("candidate")), application, job, scene.record(event.record)]
    for record in about:
        if record is not None and record.kind in SHOWN:
            data[str(record.kind)] = _shown(record, scene, names)
    page = "jobs" if scene.family.kind is Kind.JOB else "candidates"
    data["url"] = f"{address}/{page}/{event.subjects.get('job' if page == 'jobs' else 'candidate')}"
    return {**told, "data": data}


def _shown(record: Record, scene: Scene, names: Collection[str]) -> dict[str, Any]:
    family = scene.family.links.values()
    here = {(one.connection, one.external) for one in family if one.record == record.id and one.open}
    around = {(at, external) for (at, id), external in scene.external.items() if id == record.id}
    known = sorted((*scene.connections[at], id) for at, id in here | around if at in scene.connections)
    links = [{"connection": name, "label": label, "id": id} for name, label, id in known]
    told: dict[str, Any] = {"id": record.id, "links": links}
    for name in names:
        head, _, rest = name.partition(".")
        if head == record.kind:
            _put(told, rest, _value(record, rest, scene))
    return told


def _put(told: dict[str, Any], name: str, value: object) -> None:
    """Parts of a document stand in it as in the record."""
    head, _, rest = name.partition(".")
    if rest:
        document = told.setdefault(head, {})
        document[rest] = value
    else:
        told[head] = value


def _value(record: Record, name: str, scene: Scene) -> object:
    head, _, rest = name.partition(".")
    spec = FIELDS[record.kind][head]
    value = record.fields.get(head)
    if rest:
        return plain(value.get(rest)) if isinstance(value, Mapping) else None
    if spec.type is FieldType.REFERENCE:
        return _reference(scene, value, spec.of in NAMED) if value else None
    return plain(value)


def _reference(scene: Scene, id: object, named: bool = True) -> dict[str, Any] | None:
    if not id:
        return None
    record = scene.record(id)
    told: dict[str, Any] = {"id": str(id)}
    if record is not None and named:
        told["name"] = record.fields.get("title" if record.kind is Kind.JOB else "name")
        if record.kind is Kind.STAGE:
            told["type"] = record.fields.get("type")
    return told


def referred(event: Event, family: Family) -> set[str]:
    """The records outside of its family that an event is shown with, as far as the family tells."""
    found = {event.before or "", event.after or ""} if event.type == STAGE_CHANGED else set[str]()
    for one in family.records.values():
        if one.kind is Kind.APPLICATION:
            found |= {str(one.fields.get(name) or "") for name in ("job", "stage", "reason", "source")}
    return found - {""} - family.records.keys()


# -------------------------------------------------------------------------------------------------------------- Slack


def slack(told: Mapping[str, Any]) -> dict[str, Any]:
    """A body as a message of Slack's incoming webhooks, from nothing but what the body shows."""
    data: Mapping[str, Any] = told["data"]
    if told["type"] == CANDIDATE_ERASED:
        return {"text": f"Somebody was erased. Delete what stands here about candidate {data['candidate']['id']}."}
    who = _escaped(" ".join(_texts(data.get("candidate", {}), "first_name", "last_name")) or "An applicant")
    job = _escaped(str(data.get("job", {}).get("title") or ""))
    of = f", {job}" if job else ""
    said = _SAID.get(told["type"], _plain)(told["type"], data)
    mark = "(a test) " if told.get("test") else ""
    return {"text": f"{mark}*{who}*{of}: {said} <{data['url']}|Open>"}


def _plain(type: str, data: Mapping[str, Any]) -> str:
    changed = ", ".join(name.replace("_", " ") for name in data["changed"])
    words = type.replace(".", " ").replace("_", " ")
    return _escaped(f"{words} ({changed})" if type.endswith(".updated") and changed else words)


def _moved(_type: str, data: Mapping[str, Any]) -> str:
    there, here = (str((data[one] or {}).get("name") or "no stage") for one in ("from", "to"))
    return f"{_escaped(there)} → *{_escaped(here)}*"


def _status(_type: str, data: Mapping[str, Any]) -> str:
    return f"{_escaped(str(data['from']))} → *{_escaped(str(data['to']))}*"


def _scored(_type: str, data: Mapping[str, Any]) -> str:
    score = data.get("application", {}).get("match_score")
    return f"match score {score:g}" if isinstance(score, int | float) else "no match score"


_SAID: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    STAGE_CHANGED: _moved, STATUS_CHANGED: _status, "application.scored": _scored,
}  # fmt: skip


def _texts(shown: Mapping[str, Any], *names: str) -> Iterable[str]:
    return (str(shown[name]) for name in names if shown.get(name))


def _escaped(text: str) -> str:
    """The three characters that Slack's own markup begins with."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
