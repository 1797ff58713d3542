"""Names for things: what a field, a record, an actor, a state is called on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bascule.core import stages
from bascule.model import FIELDS, Actor, ActorKind, FieldType, Kind, Record, Value, WriteState, field_spec
from bascule.store import Tx
from bascule.store.listing import name_of

from ..rendering import count, stamp
from ..views.parts import State, Tone

LABELS: Mapping[str, str] = {
    "emails": "E-mail",
    "phones": "Phone",
    "links": "Web",
    "company": "Current employer",
    "title": "Current title",
    "location": "Location",
    "first_name": "First name",
    "last_name": "Last name",
    "can_email": "May be e-mailed",
    "custom": "Custom fields",
    "match_score": "Match score",
    "experience_title": "Current title, from the CV",
    "experience_employer": "Current employer, from the CV",
    "experience_years": "Years of experience, from the CV",
    "top_ten": "Among the top 10 % of the job",
    "ai_status": "AI status",
}
UUID_LENGTH = 36
ONLY_HERE: Mapping[Kind, Mapping[str, str]] = {Kind.JOB: {"title": "Title"}, Kind.STAGE: {"type": "Stage type"}}


def label(kind: Kind, field: str) -> str:
    """What a canonical field is called on a page, also where an account keeps it on another object than we do; a
    vendor's own field keeps its name."""
    if field in ONLY_HERE.get(kind, {}):
        return ONLY_HERE[kind][field]
    if field in LABELS:
        return LABELS[field]
    if field.partition(".")[0] not in FIELDS[kind]:
        kind = next((other for other in Kind if field in FIELDS[other]), kind)
        if field not in FIELDS[kind]:
            return field
    text = field_spec(kind, field).label or field.replace("_", " ").replace("custom.", "")
    return text[:1].upper() + text[1:]


def title(record: Record | None) -> str:
    """What a record is called."""
    if record is None:
        return ""
    match record.kind:
        case Kind.CANDIDATE:
            return name_of(record)
        case Kind.JOB:
            return str(record.fields.get("title") or "Job without a title")
        case Kind.ATTACHMENT:
            return str(record.fields.get("filename") or "File")
        case Kind.STAGE | Kind.USER | Kind.SOURCE | Kind.REJECTION_REASON:
            return str(record.fields.get("name") or f"{record.kind.replace('_', ' ')} without a name")
        case _:
            return record.kind.replace("_", " ").capitalize()


def mark(job: Record | None) -> str:
    """The shortest thing that tells a job from another one with its title."""
    offices = job.fields.get("offices") if job else None
    return str(job.fields.get("requisition") or (text(offices) if offices else "")) if job else ""


def place_of(job: Record | None) -> str:
    """What tells a job from another one with its title: requisition id, offices, since when it is open."""
    if job is None:
        return ""
    offices = job.fields.get("offices")
    opened = moment(job.fields.get("opened_at"))
    told = (
        str(job.fields.get("requisition") or ""),
        text(offices) if offices else "",
        f"opened {opened.day} {opened:%b %Y}" if opened else "",
    )
    return ", ".join(one for one in told if one)


def stage_type(stage: Record) -> str:
    """The type of a stage, or the one its name suggests until a person confirms it."""
    given = stage.fields.get("type")
    if given:
        return str(given)
    proposed = stages.propose(str(stage.fields.get("name") or ""))
    return f"{proposed}, proposed" if proposed else "not known yet"


def place(stage: Record) -> tuple[float, str]:
    """Where a stage stands in its job."""
    order = stage.fields.get("order")
    return (float(order) if isinstance(order, int | float) else 0.0), stage.id


def referred(records: Iterable[Record]) -> set[str]:
    """Ids of the records that these refer to."""
    found: set[str] = set()
    for record in records:
        for name, value in record.fields.items():
            spec = FIELDS[record.kind].get(name)
            if spec is not None and spec.type is FieldType.REFERENCE and isinstance(value, str):
                found.add(value)
            elif spec is not None and spec.type is FieldType.REFERENCES and isinstance(value, tuple):
                found.update(str(one) for one in value)
    return found


def shown(kind: Kind, field: str, value: Value, known: Mapping[str, Record]) -> Value:
    """A field's value as people read it: references as names, times with their zone."""
    head = field.partition(".")[0]
    spec = FIELDS[kind].get(head)
    if spec is None or value is None:
        return value
    if spec.type is FieldType.REFERENCE:
        record = known.get(str(value))
        which = mark(record) if record and record.kind is Kind.JOB else ""
        return f"{title(record)} ({which})" if which else title(record) or str(value)
    if spec.type is FieldType.REFERENCES and isinstance(value, tuple):
        return tuple(title(known.get(str(one))) or str(one) for one in value)
    if spec.type is FieldType.TIME:
        at = moment(value)
        return stamp(at) if at else value
    return value


def moment(value: Value) -> datetime | None:
    """An ISO time of a field, where it is one."""
    try:
        at = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def text(value: Value) -> str:
    """A value in one line of words."""
    if value is None or value == "" or value == ():
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(text(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {text(one)}" for key, one in value.items())
    return str(value)


def sentence(why: str) -> str:
    """A reason as a sentence. One that begins with a system's own name of something is left as it is."""
    if not why:
        return ""
    own = "_" in why.split(" ", 1)[0]
    return f"{why[:1] if own else why[:1].upper()}{why[1:]}{'' if why.endswith(('.', '!', '?')) else '.'}"


def correction(kind: str, label: str) -> str:
    """What somebody has said is wrong in a score."""
    return f"{label}: not theirs" if kind == "skill" else f"{label}: not so"


def actor(who: Actor, people: Mapping[str, str]) -> str:
    """Who did it, by name where it is known."""
    known = people.get(who.id) or who.name
    if known:
        return known
    if who.kind is ActorKind.PERSON and who.id and len(who.id) != UUID_LENGTH:
        return who.id  # "command line", a program's name
    return {
        ActorKind.AI: "Bascule match",
        ActorKind.BASCULE: "Bascule",
        ActorKind.SYSTEM: "somebody in the ATS",
        ActorKind.RULE: who.id or "a rule",
        ActorKind.PERSON: "a person",
    }[who.kind]


def people(tx: Tx, workspace: str) -> dict[str, str]:
    """User id -> name, of everybody who may sign in."""
    return {user.id: user.name or user.email for user in tx.people.users(workspace)}


def connection_names(tx: Tx, workspace: str) -> dict[str, str]:
    """Connection id -> name."""
    return {one.id: one.name for one in tx.connections.list(workspace)}


PENDING = (WriteState.DUE, WriteState.SENT, WriteState.WAITING)


def in_step(states: Mapping[str, int], reviews: int, linked: bool = True) -> State:
    """How one person stands, from their open writes and reviews: the worst first."""
    dead = states.get(WriteState.DEAD, 0)
    pending = sum(states.get(state, 0) for state in PENDING)
    if dead:
        return State(f"{count(dead, 'change')} could not be written", Tone.FAILING)
    if reviews:
        return State("Waiting for a person", Tone.WAITING)
    if pending:
        return State("Catching up", Tone.CATCHING_UP, None, f"{count(pending, 'change')} on the way to the ATS.")
    if states.get(WriteState.HELD, 0):
        return State("Held", Tone.PAUSED)
    if not linked:
        return State("Not in the ATS", Tone.QUIET)
    return State("In step", Tone.IN_STEP)
