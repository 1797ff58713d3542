"""Changes made here: by a person, the AI or a rule. What needs a person becomes a proposal and does not enter."""

from __future__ import annotations

from collections.abc import Mapping

from bascule.core import gates
from bascule.core.digest import canonical, elements, equal, in_order
from bascule.core.draft import Draft, is_set, value_of, with_value
from bascule.core.gates import Gate
from bascule.core.gone import delete
from bascule.errors import ConflictError, ForbiddenError, InputError
from bascule.model import (
    AI,
    COPIED_KINDS,
    FIELDS,
    OURS,
    PARENT_OF,
    ActorKind,
    Edit,
    FamilyState,
    Fields,
    FieldSpec,
    FieldType,
    HistoryKind,
    Kind,
    Record,
    RecordState,
    ReviewKind,
    Source,
    Value,
    enriches,
    field_spec,
    replace,
)

ADDED = COPIED_KINDS | {Kind.APPLICATION, Kind.INTERVIEW}
"""What can be added here: an application by a person only, as a gate says, and an interview as it is booked."""


def enter(draft: Draft, edit: Edit) -> None:
    """One edit: into the record, or to a person as a proposal.

    ForbiddenError where a gate says never, ConflictError where `base` has moved, InputError where it makes no sense.
    """
    if draft.before.state is not FamilyState.LIVE:
        raise ForbiddenError("This person is being erased; nothing is changed any more.")
    record = draft.record(edit.record)
    if record.state is not RecordState.LIVE:
        raise ConflictError(f"This {record.kind} is {record.state}.", hint="Load the page again.")
    source = Source(OURS, edit.actor, edit.cause or edit.id, draft.now)
    if edit.create is not None:
        create(draft, edit, record, source)
    elif edit.remove:
        remove(draft, edit, record, source)
    else:
        change(draft, edit, record, source)


def change(draft: Draft, edit: Edit, record: Record, source: Source) -> None:
    if record.kind in COPIED_KINDS and record.origin != OURS:
        raise ForbiddenError("It belongs to the system it came from.", hint="Change it there; it follows here.")
    _unmoved(record, edit)
    for name, value in edit.fields.items():
        checked(record.kind, name, value)
        target = _target(record, edit, name, value)
        if equal(target, value_of(record, name)):
            continue
        verdict = gates.gate(edit.actor, record, name, target, draft.refs.records)
        if verdict is Gate.ENTER and not edit.propose:
            draft.put(record.id, name, target, source)
        else:
            propose(draft, record, name, target, edit)


def _unmoved(record: Record, edit: Edit) -> None:
    """ConflictError when a field the editor saw has changed since. Sets are changed by element and never conflict."""
    moved = [
        name
        for name, seen in (edit.base or {}).items()
        if not is_set(record.kind, name) and not equal(value_of(record, name), seen)
    ]
    if moved:
        names = ", ".join(sorted(moved))
        raise ConflictError(f"Somebody else changed this meanwhile: {names}.", hint="Look again, then decide.")


def _target(record: Record, edit: Edit, name: str, value: Value) -> Value:
    """What the field is to be. For a set with a base, what the editor added and removed is applied to what is held."""
    if not is_set(record.kind, name):
        return value
    new = elements(value)
    if edit.base is not None and name in edit.base:
        base = elements(edit.base[name])
        held = [x for x in elements(value_of(record, name)) if x in new or x not in base]
        new = (*held, *(x for x in new if x not in base))
    return in_order(new)


def propose(draft: Draft, record: Record, name: str, value: Value, edit: Edit) -> None:
    """A change that waits for a person, with what it was based on; a newer one on the same field takes its place."""
    detail: Mapping[str, Value] = {
        "base": {name: value_of(record, name)},
        "proposed": value,
        "cause": edit.cause,
    }
    about = f"{record.id}|{name}"
    if (edit.actor.kind is ActorKind.AI and edit.actor != AI) or enriches(edit.actor):
        about = f"{about}|{edit.actor.id}"  # what one of them proposes does not take the place of what another does
    known = draft.asked(ReviewKind.PROPOSAL, about)
    if known is not None and canonical(known.detail) == canonical(detail):
        return
    if known is not None:
        draft.lapse(known, "a newer proposal took its place")
    draft.ask(ReviewKind.PROPOSAL, record.id, None, name, about, detail, edit.actor)


def create(draft: Draft, edit: Edit, above: Record, source: Source) -> None:
    """A child record of ours. Where it is created elsewhere follows from the mapping."""
    kind = edit.create
    assert kind is not None
    parent, about = _place(draft, above, kind)
    gates.may_create(edit.actor, kind)
    fields: Fields = {**about, **edit.fields}
    for name, value in fields.items():
        checked(kind, name, value)
    record = Record(
        id=draft.context.ids(),
        workspace=draft.before.workspace,
        kind=kind,
        family=draft.before.id,
        parent=parent.id,
        fields={},
        sources={},
        origin=OURS,
        born=draft.now,
    )
    for name, value in fields.items():
        record = with_value(record, name, value, source)
    draft.save(record)
    draft.note(record.id, HistoryKind.CHANGED, "", None, None, source, f"{kind} added")


def _place(draft: Draft, above: Record, kind: Kind) -> tuple[Record, Fields]:
    """The parent of a new child, and the reference it keeps to the application it was written on."""
    if kind not in ADDED:
        raise InputError(f"A {kind} cannot be added here.", hint="It is read from the ATS.")
    wanted = PARENT_OF[kind]
    about: Fields = {}
    if above.kind == Kind.APPLICATION and "application" in FIELDS[kind]:
        about = {"application": above.id}
    parent: Record | None = above
    while parent is not None and parent.kind != wanted:
        parent = draft.record(parent.parent) if parent.parent is not None else None
    if parent is None:
        raise InputError(f"A {kind} belongs to a {wanted}, not to a {above.kind}.")
    return parent, about


def remove(draft: Draft, edit: Edit, record: Record, source: Source) -> None:
    """Take back a note or attachment of ours; its copies are deleted where the systems can."""
    if record.kind not in COPIED_KINDS:
        raise ForbiddenError(f"A {record.kind} is not removed here.", hint="Erasure removes a person everywhere.")
    gates.may_remove(edit.actor, record)
    draft.save(replace(record, sources={**record.sources, "": source}))
    delete(draft, draft.records[record.id], source)


# ------------------------------------------------------------------------------------------------ what a value may be


def checked(kind: Kind, name: str, value: Value) -> None:
    """InputError when the field is unknown or the value is not of its type. None empties any field."""
    try:
        spec = field_spec(kind, name)
    except KeyError:
        raise InputError(f"A {kind} has no field {name!r}.") from None
    if value is not None and not _fits(spec, value):
        wanted = f"one of {', '.join(spec.choices)}" if spec.type is FieldType.CHOICE else str(spec.type)
        raise InputError(f"{name} must be {wanted}.")


def _fits(spec: FieldSpec, value: Value) -> bool:
    match spec.type:
        case FieldType.NUMBER:
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case FieldType.BOOLEAN:
            return isinstance(value, bool)
        case FieldType.CHOICE:
            return value in spec.choices
        case FieldType.SET | FieldType.LIST | FieldType.REFERENCES:
            return isinstance(value, tuple) and all(isinstance(x, str) for x in value)
        case FieldType.DOCUMENT:
            return isinstance(value, Mapping)
        case _:
            return isinstance(value, str)
