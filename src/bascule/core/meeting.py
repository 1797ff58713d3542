"""An object nobody has met: whose is it? Our own create's, a record's we hold, a merge's, or a new record.

Strangers are tried against open creates, markers and what the record naturally is, before they become records.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from bascule.core import identity
from bascule.core.bind import bind, marker
from bascule.core.digest import canonical, of_value
from bascule.core.draft import Draft, is_empty, value_of
from bascule.model import (
    EMPTY,
    PARENT_OF,
    Attempt,
    FamilyState,
    Kind,
    Link,
    Part,
    Presence,
    Read,
    Record,
    RecordState,
    ReviewKind,
    Source,
    Value,
    replace,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NATURAL: Mapping[Kind, str] = {Kind.APPLICATION: "job", Kind.STAGE: "name"}
"""What makes a child the same thing at two systems: an application is of one job, a stage of one name."""
MADE_AT = ("created_at", "applied_at", "opened_at")


def meet(
    draft: Draft, read: Read, part: Part, joins: Mapping[tuple[str, Kind, str], str], source: Source
) -> Link | None:
    """The link of an unknown object, made here; None when it has to wait, or is no business of this family."""
    if part.presence is not Presence.HERE or draft.before.state is not FamilyState.LIVE:
        return None
    joined = joins.get((read.connection, part.kind, part.external))
    if joined is not None:
        return attach(draft, read, part, draft.record(joined))
    ours = _our_create(draft, read, part)
    if ours is not None:
        return bind(draft, ours, part.external, part.parent, source)
    marked = next((r for r in draft.records.values() if part.marker and marker(r.id) == part.marker), None)
    if marked is not None:
        return attach(draft, read, part, draft.record(marked.id))
    if not part.marker_shown and _open_creates(draft, read.connection, part.kind):
        draft.want(read.connection, part.kind, part.external, _later(draft, read), "may be our own create")
        return None
    return _root(draft, read, part, source) if part.kind == draft.before.kind else _child(draft, read, part, source)


def _later(draft: Draft, read: Read) -> datetime:
    return draft.now + draft.settle(read.connection)


def _open_creates(draft: Draft, connection: str, kind: Kind) -> list[Attempt]:
    return [
        a
        for a in draft.attempts.values()
        if a.link is None and a.connection == connection and draft.record(a.record).kind == kind
    ]


def _our_create(draft: Draft, read: Read, part: Part) -> Attempt | None:
    """The create of ours that made this object: by its marker, else, where none can be shown, by what was sent."""
    creates = _open_creates(draft, read.connection, part.kind)
    if part.marker:
        return next((a for a in creates if a.marker == part.marker), None)
    if part.marker_shown or part.kind == draft.before.kind:
        return None  # a person is never recognised by what was sent
    return next((a for a in creates if _as_sent(draft, a, part)), None)


def _as_sent(draft: Draft, attempt: Attempt, part: Part) -> bool:
    """Whether every shown field that the create carried is what was sent, at least one of them."""
    shown = [
        of_value(draft.salt, fields, part.seen[fields.name]) == attempt.fields[fields.name]
        for fields in draft.maps(attempt.connection, part.kind)
        if fields.name in part.seen and fields.name in attempt.fields and not is_empty(part.seen[fields.name])
    ]
    return bool(shown) and all(shown)


def attach(draft: Draft, read: Read, part: Part, record: Record) -> Link:
    """A further object of a record we hold. A second one at a connection is read, never written, and shown."""
    others = [link for link in draft.links_of(record.id, read.connection) if link.open]
    under_way = any(a.record == record.id for a in _open_creates(draft, read.connection, part.kind))
    link = draft.born(_new_link(draft, read, part, record.id, primary=not others and not under_way))
    if others or under_way:
        detail = {"external": part.external, "known": tuple(other.external for other in others)}
        draft.ask(ReviewKind.DUPLICATE, record.id, read.connection, "", f"{read.connection}|{record.id}", detail)
    return link


def _new_link(draft: Draft, read: Read, part: Part, record: str, *, primary: bool = True) -> Link:
    return Link(
        draft.context.ids(), read.connection, part.kind, part.external, record, primary=primary, parent=part.parent
    )


def _root(draft: Draft, read: Read, part: Part, source: Source) -> Link | None:
    """The first root object makes the root record of an empty family; a further one needs recognition (`joins`)."""
    if draft.root() is not None:
        return None
    record = _new_record(draft, read, part, None)
    for review in list(draft.reviews.values()):
        if review.kind is ReviewKind.IDENTITY and review.record is None:
            draft.reviews[review.id] = replace(review, record=record.id)
    return draft.born(_new_link(draft, read, part, record.id))


def _child(draft: Draft, read: Read, part: Part, source: Source) -> Link | None:
    """A child of an object we know: the same thing as a child we hold, or a new record."""
    kind = PARENT_OF.get(part.kind)
    if kind is None or part.parent is None:
        return None
    parent = draft.link_at(read.connection, kind, part.parent)
    if parent is None or not parent.open:
        return None
    name = NATURAL.get(part.kind)
    free = [r for r in draft.records.values() if _could_be(draft, r, part.kind, parent.record, read.connection)]
    if name is not None and free:
        shown = trial(draft, read.connection, part).get(name)
        if shown is None:
            draft.want(read.connection, part.kind, part.external, _later(draft, read), f"{name} is not shown")
            return None
        alike = [r for r in free if canonical(_fold(value_of(r, name))) == canonical(_fold(shown))]
        if len(alike) == 1:
            return attach(draft, read, part, alike[0])
    record = _new_record(draft, read, part, parent.record)
    return draft.born(_new_link(draft, read, part, record.id))


def _could_be(draft: Draft, record: Record, kind: Kind, parent: str, connection: str) -> bool:
    return (
        record.kind == kind
        and record.parent == parent
        and record.state is RecordState.LIVE
        and not draft.links_of(record.id, connection)
    )


def _fold(value: Value) -> Value:
    return value.strip().casefold() if isinstance(value, str) else value


def trial(draft: Draft, connection: str, part: Part) -> Mapping[str, Value]:
    """The canonical fields a part shows, read into no record."""
    return identity.fields_of(part, draft.maps(connection, part.kind), draft.refs)


def _new_record(draft: Draft, read: Read, part: Part, parent: str | None) -> Record:
    record = Record(
        id=draft.context.ids(),
        workspace=draft.before.workspace,
        kind=part.kind,
        family=draft.before.id,
        parent=parent,
        fields=EMPTY,
        sources=EMPTY,
        origin=read.connection,
        born=_born(draft, read, part),
    )
    draft.save(record)
    return record


def _born(draft: Draft, read: Read, part: Part) -> datetime:
    """When the thing was made: the system's own time, else now. What a first crawl meets is old, however new to us."""
    shown = trial(draft, read.connection, part)
    for name in MADE_AT:
        value = shown.get(name)
        if isinstance(value, str):
            try:
                made = datetime.fromisoformat(value)
            except ValueError:
                continue
            return min(made if made.tzinfo else made.replace(tzinfo=UTC), draft.now)
    view = draft.view(read.connection)
    return draft.now if view is not None and view.crawled else EPOCH
