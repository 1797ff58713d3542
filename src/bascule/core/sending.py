"""A write, a moment before it is sent: which are due, what must be read first, and the attempt that is made durable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bascule.core import counterparts, merge, merges
from bascule.core.bind import along_fields, created_fields, marker
from bascule.core.digest import of_elements, of_value
from bascule.core.draft import Context, Draft, Plan
from bascule.core.writing import CLOSED_FOR_GOOD, DEPTH, arrange, may_create, parents_of, unsettled
from bascule.model import (
    COPIED_KINDS,
    EMPTY,
    ActorKind,
    Attempt,
    AttemptState,
    ConnectionView,
    CreateRule,
    Direction,
    Family,
    FamilyState,
    FieldMap,
    Fields,
    Kind,
    Link,
    LinkState,
    Record,
    Value,
    Write,
    WriteState,
    replace,
)

FRESH = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A write, rendered and made durable: commit `plan`, then send exactly this.

    `fields` are what to send; `current` what the system held when last settled; `added` and `removed` the elements of
    sets. `parents` are the external ids of the record's parents there. `along` are the fields of a child that the same
    call creates. `into` is, of a merge, the external id of the object that stays.
    """

    plan: Plan
    attempt: str
    write: Write
    record: Record
    link: Link | None
    parents: Mapping[Kind, str]
    fields: Fields
    current: Fields
    added: Mapping[str, tuple[str, ...]]
    removed: Mapping[str, tuple[str, ...]]
    marker: str
    along: Fields = field(default_factory=lambda: EMPTY)
    into: str = ""


@dataclass(frozen=True, slots=True)
class Moot:
    """There is nothing left to write."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class ReadFirst:
    """Read these kinds of this root in the same turn, plan the read, and prepare again.

    Where that read did not show the field, the answer is ReadFirst again: the write waits for a later turn.
    """

    kinds: frozenset[Kind]
    root: tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not now: for links that do not exist yet (`for_`), or, when that is empty, for a call that is under way."""

    plan: Plan
    for_: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    plan: Plan
    why: str


def due(family: Family, connection: str, context: Context) -> tuple[str, ...]:
    """Ids of the writes that could be sent to a connection now: parents first, then what a person waits for, then in
    the order they arose."""
    draft = Draft(family, context)
    arrange(draft)
    return tuple(w.id for w in ready(draft, connection) if w.id in family.writes)


def ready(draft: Draft, connection: str) -> list[Write]:
    """The same inside a step whose writes are arranged."""
    found = [
        w for w in draft.writes.values() if w.connection == connection and w.state is WriteState.DUE and _free(draft, w)
    ]
    return sorted(found, key=lambda w: _order(draft, w))


def _order(draft: Draft, write: Write) -> tuple[int, bool, datetime, str]:
    machine = write.actor.kind is not ActorKind.PERSON
    return (DEPTH.get(draft.record(write.record).kind, 2), machine, write.at, write.id)


def _free(draft: Draft, write: Write) -> bool:
    """No call of ours is under way at the same object, and it, or what a new one is to hang on, is seen there."""
    target = draft.links[write.link] if write.link is not None else _hangs_on(draft, write)
    if target is not None and target.state is not LinkState.LIVE:
        return draft.before.state is FamilyState.ERASING
    return not any(
        a.link == write.link and a.record == write.record and a.connection == write.connection and _blocks(write, a)
        for a in draft.attempts.values()
    )


def _hangs_on(draft: Draft, write: Write) -> Link | None:
    """The object there under which a creation is to be made."""
    parent = draft.record(write.record).parent
    return draft.link_of(parent, write.connection) if parent else None


def _blocks(write: Write, attempt: Attempt) -> bool:
    if attempt.state is AttemptState.OPEN:
        return True
    return unsettled(attempt) and (
        attempt.link is None or not attempt.fields or bool(write.fields & set(attempt.fields))
    )


def orphaned(family: Family, connection: str, epoch: int) -> tuple[str, ...]:
    """Attempts left open by a worker whose lease is over: each is an UNANSWERED outcome, to be looked for."""
    return tuple(
        a.id
        for a in family.attempts.values()
        if a.connection == connection and a.state is AttemptState.OPEN and a.epoch < epoch
    )


def prepare(
    family: Family, write_id: str, context: Context, epoch: int, *, turn: int | None = None
) -> Prepared | Moot | ReadFirst | Waiting | Held:
    """Render a write a moment before it is sent, and open its attempt.

    `turn` is the number of the read that was made first in this turn: a field it has shown is fresh, however long
    that read took. ReadFirst although a turn is given: that read was no evidence for the field; try in a later turn.
    """
    draft = Draft(family, context)
    arrange(draft)
    write = draft.writes.get(write_id)
    if write is None or write.closed is not None or write.state in CLOSED_FOR_GOOD:
        return Moot(draft.finish())
    if write.state is WriteState.HELD:
        return Held(draft.finish(), write.why)
    if write.state is WriteState.WAITING:
        return Waiting(draft.finish(), write.waits_for)
    if write.state is WriteState.SENT or not _free(draft, write):
        return Waiting(draft.finish())
    return prepared(draft, write, epoch, turn=turn)


def prepared(draft: Draft, write: Write, epoch: int, *, turn: int | None = None) -> Prepared | ReadFirst | Waiting:
    """The same inside a step, of a write that is ready."""
    if write.link is not None and _stale(draft, write, turn):
        return _read_first(draft, write)
    return _open(draft, write, epoch)


def _stale(draft: Draft, write: Write, turn: int | None) -> bool:
    """Whether a field must be read before it is written: two-way fields and whole lists, unless shown a moment ago."""
    link = draft.links[write.link or ""]
    for name in write.fields:
        fields = draft.map_of(link, name)
        if fields is None or draft.record(link.record).kind in COPIED_KINDS:
            continue
        single = fields.is_set and not fields.whole
        if single or (fields.direction is Direction.OUT and not fields.whole):
            continue
        if not _fresh(draft, link, fields, turn):
            return True
    return False


def _fresh(draft: Draft, link: Link, fields: FieldMap, turn: int | None) -> bool:
    pair = link.pairs.get(fields.name)
    if pair is None:
        return False
    if turn is not None and pair.shown >= turn:
        return True
    if pair.shown == link.last_read and link.read_at is not None and draft.now - link.read_at < FRESH:
        return pair.shown > 0
    if pair.fence is None or pair.awaiting is not None or pair.shown == 0:
        return False
    answered = pair.fence - draft.settle(link.connection)  # the answer carried the field
    return draft.now - answered < FRESH


def _read_first(draft: Draft, write: Write) -> ReadFirst | Waiting:
    link = draft.links[write.link or ""]
    external = draft.family.home_of(link)
    if external is None:
        return Waiting(draft.finish())
    return ReadFirst(frozenset({link.kind}), (draft.family.kind, external))


def _open(draft: Draft, write: Write, epoch: int) -> Prepared:
    """Render and open the attempt. A creation carries what is held; everything else what differs."""
    record = draft.record(write.record)
    link = draft.links[write.link] if write.link is not None else None
    body = _creation(draft, write, record) if link is None else _changes(draft, write, link)
    view = draft.context.connections[write.connection]
    maps = {f.name: f for f in draft.maps(write.connection, record.kind)}
    attempt = Attempt(
        id=draft.context.ids(),
        write=write.id,
        connection=write.connection,
        record=record.id,
        link=write.link,
        call=write.call,
        fields={name: of_value(draft.salt, maps[name], value) for name, value in body.fields.items()},
        before={name: of_value(draft.salt, maps[name], body.current.get(name)) for name in body.fields},
        elements={
            name: (_digests(draft, maps[name], body.added[name]), _digests(draft, maps[name], body.removed[name]))
            for name in body.added
        },
        marker=marker(record.id),
        epoch=epoch,
        at=draft.now,
    )
    draft.attempts[attempt.id] = attempt
    draft.write(replace(write, state=WriteState.SENT, tries=write.tries + 1, why=""))
    rule = view.creates.get(record.kind)
    return Prepared(
        plan=draft.finish(),
        attempt=attempt.id,
        write=draft.writes[write.id],
        record=record,
        link=link,
        parents=_parents(draft, record, write.connection, rule),
        fields=body.fields,
        current=body.current,
        added=body.added,
        removed=body.removed,
        marker=attempt.marker,
        along=_along(draft, record, view, rule) if link is None else EMPTY,
        into=stays.external if link is not None and (stays := merges.heir(draft, link, write.call)) else "",
    )


def to_look_for(draft: Draft, attempt: Attempt) -> Prepared:
    """What a look needs to know of the creation it looks for."""
    record, view = draft.record(attempt.record), draft.context.connections[attempt.connection]
    rule = view.creates.get(record.kind)
    write = draft.writes[attempt.write]
    return Prepared(
        plan=draft.finish(),
        attempt=attempt.id,
        write=write,
        record=record,
        link=None,
        parents={
            **_merged_parent(draft, record, attempt.connection),
            **_parents(draft, record, attempt.connection, rule),
        },
        fields=_creation(draft, write, record).fields,
        current={},
        added={},
        removed={},
        marker=attempt.marker,
        along=_along(draft, record, view, rule),
    )


def _along(draft: Draft, record: Record, view: ConnectionView, rule: CreateRule | None) -> Fields:
    """The fields of the child that is created by the same call."""
    if rule is None or rule.needs is None or not rule.along:
        return EMPTY
    place = counterparts.placed(draft, view, record, lambda one: may_create(draft, view, one))
    return along_fields(draft, view, place[0]) if place is not None else EMPTY


def _digests(draft: Draft, fields: FieldMap, elements: Iterable[str]) -> tuple[str, ...]:
    return of_elements(draft.salt, fields, {fields.fold(x) for x in elements})


@dataclass
class _Body:
    fields: dict[str, Value] = field(default_factory=lambda: dict[str, Value]())
    current: dict[str, Value] = field(default_factory=lambda: dict[str, Value]())
    added: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict[str, tuple[str, ...]]())
    removed: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict[str, tuple[str, ...]]())


def _creation(draft: Draft, write: Write, record: Record) -> _Body:
    rendered = {
        f.name: draft.rendered(f, record) for f in draft.maps(write.connection, record.kind) if f.name in write.fields
    }
    body = _Body(fields=created_fields(rendered))
    for fields in draft.maps(write.connection, record.kind):
        if fields.is_set and fields.name in body.fields:
            body.added[fields.name] = merge.as_set(merge.spelled(fields, body.fields[fields.name]))
            body.removed[fields.name] = ()
    return body


def _changes(draft: Draft, write: Write, link: Link) -> _Body:
    body = _Body()
    for name in sorted(write.fields):
        fields = draft.map_of(link, name)
        if fields is None:
            continue
        pair = link.pairs.get(name)
        rendered = draft.render(link, fields)
        theirs: Value = pair.theirs if pair else None
        body.current[name] = theirs
        if not fields.is_set:
            body.fields[name] = fields.route(theirs, rendered) if fields.route else rendered
            continue
        ours: Value = pair.ours if pair and pair.has_ours else ()
        step = merge.difference(fields, theirs=theirs, ours=ours, mine=rendered)
        body.added[name], body.removed[name] = step.add, step.drop
        away = {fields.fold(x) for x in step.drop}
        target = merge.spelled(fields, theirs) | merge.spelled(fields, step.add)
        body.fields[name] = merge.as_set({x: s for x, s in target.items() if x not in away})
    return body


def _merged_parent(draft: Draft, record: Record, connection: str) -> dict[Kind, str]:
    """What the record hangs on at the connection by now, where that was merged into another object there."""
    above = draft.records.get(record.parent or "")
    into = draft.survivor_there(above.id, connection) if above is not None else None
    return {above.kind: into} if above is not None and into is not None else {}


def _parents(draft: Draft, record: Record, connection: str, rule: CreateRule | None) -> dict[Kind, str]:
    """External ids, at the connection, of what the record hangs on and of what its creation needs."""
    ids = parents_of(draft, record, rule) if rule else []
    above = record.parent
    while above is not None and above in draft.records:
        ids.append(above)
        above = draft.records[above].parent
    found: dict[Kind, str] = {}
    same = draft.context.connections[connection].same
    for name in ids:
        external = draft.refs.external.get((connection, same.get(name, name)))
        known = draft.refs.records.get(name)
        if external is not None and known is not None:
            found.setdefault(known.kind, external)
    return found
