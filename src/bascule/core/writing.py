"""From what differs to what is to be written: writes are derived, never remembered intentions.

After every step the open writes of a family are exactly what its pairs ask for: one per link (or creation), call and
actor, naming fields. A write is rendered when it is sent, and one that finds no difference closes as moot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bascule.core import counterparts, gates, merge, merges
from bascule.core.counterparts import going_on
from bascule.core.digest import canonical, same
from bascule.core.draft import Draft, conflict_key, is_empty, value_of, waits_for
from bascule.model import (
    BASCULE,
    COPIED_KINDS,
    FIELDS,
    OURS,
    Actor,
    ActorKind,
    Attempt,
    AttemptState,
    ConnectionView,
    CreateRule,
    Direction,
    Divergence,
    FamilyState,
    FieldMap,
    FieldType,
    Kind,
    Link,
    Mode,
    Record,
    RecordState,
    ReviewKind,
    ReviewState,
    Source,
    Value,
    Write,
    WriteState,
    replace,
)

DEPTH = {Kind.CANDIDATE: 0, Kind.JOB: 0, Kind.APPLICATION: 1, Kind.STAGE: 1}


FEW = 3
"""A list may show an object without a field it has shown so often; once more, and the field's visibility is lost."""
CLOSED_FOR_GOOD = frozenset({WriteState.DEAD, WriteState.DISCARDED})


@dataclass
class Wanted:
    """One write the pairs ask for."""

    connection: str
    record: str
    link: str | None
    call: str
    actor: Actor
    cause: str
    fields: set[str] = field(default_factory=lambda: set[str]())
    waits: dict[tuple[str, str], None] = field(default_factory=lambda: dict[tuple[str, str], None]())
    closed: str = ""  # why the system does not take it now

    @property
    def key(self) -> str:
        to = self.link or f"new:{self.record}"
        return f"{self.connection}|{to}|{self.call}|{self.actor.kind}:{self.actor.id}"


def arrange(draft: Draft) -> None:
    """Bring the open writes in line with what the pairs ask for, after any change to the family."""
    _lapse_moved(draft)
    _not_needed(draft)
    _forget_spent(draft)
    wanted = _wanted(draft)
    for write in list(draft.writes.values()):
        if write.closed is not None or write.state in CLOSED_FOR_GOOD:
            continue
        mine = wanted.pop(write.key, None)
        if write.state is WriteState.SENT:
            _after_sent(draft, write, mine)
        elif mine is None:
            draft.write(replace(write, state=WriteState.MOOT, why="no difference is left", closed=draft.now))
        else:
            _update(draft, write, mine)
    for mine in wanted.values():
        fresh = Write(
            id=draft.context.ids(),
            connection=mine.connection,
            record=mine.record,
            link=mine.link,
            call=mine.call,
            fields=frozenset(mine.fields),
            actor=mine.actor,
            cause=mine.cause,
            at=draft.now,
        )
        draft.write(fresh)
        _update(draft, fresh, mine)


def _after_sent(draft: Draft, write: Write, mine: Wanted | None) -> None:
    """A sent write stays so while its call is unsettled; then it is done, or due again."""
    if any(a.write == write.id and unsettled(a) for a in draft.attempts.values()):
        return
    if mine is None:
        draft.write(replace(write, state=WriteState.DONE, closed=draft.now))
    else:
        _update(draft, write, mine)


def _update(draft: Draft, write: Write, mine: Wanted) -> None:
    view = draft.context.connections[write.connection]
    waits = tuple(mine.waits)
    why = gates.held(view, draft.records.values()) or (
        gates.BULK if (write.connection, gates.cause_of(write)) in draft.context.held else ""
    )
    why = why or (mine.closed if not waits else "")
    state = WriteState.HELD if why else WriteState.WAITING if waits else WriteState.DUE
    if state is WriteState.DUE:
        why = write.why if write.state is WriteState.DUE else ""
    changed = replace(write, state=state, fields=frozenset(mine.fields), waits_for=waits, why=why, cause=mine.cause)
    draft.write(changed)


def unsettled(attempt: Attempt) -> bool:
    """Whether the outcome of a call is still open for any of its fields."""
    if attempt.state is AttemptState.OPEN or attempt.link is None or not attempt.fields:
        return True
    return bool(set(attempt.fields) - attempt.spent)


def _forget_spent(draft: Draft) -> None:
    """A settled call is remembered only while it may still land; a field no longer mapped is not waited for."""
    for attempt in list(draft.attempts.values()):
        link = draft.links.get(attempt.link or "")
        if link is not None and attempt.state is AttemptState.LOST and draft.view(link.connection) is not None:
            unmapped = {name for name in attempt.fields if draft.map_of(link, name) is None} - attempt.spent
            if unmapped:
                attempt = draft.attempts[attempt.id] = replace(attempt, spent=attempt.spent | unmapped)
        if not unsettled(attempt) and draft.now > attempt.at + draft.late(attempt.connection):
            del draft.attempts[attempt.id]


def _not_needed(draft: Draft) -> None:
    """A creation that has failed is over once the record is there: it was read, and known. That of an interview is,
    too, once it does not take place."""
    for write in list(draft.writes.values()):
        failed = write.link is None and write.state is WriteState.DEAD and write.record in draft.records
        if failed and draft.link_of(draft.record(write.record).id, write.connection) is not None:
            draft.write(replace(write, state=WriteState.MOOT, why="it is there", closed=draft.now))
        elif failed and (record := draft.record(write.record)).kind is Kind.INTERVIEW and not going_on(record):
            draft.write(replace(write, state=WriteState.MOOT, why="it does not take place", closed=draft.now))


def _lapse_moved(draft: Draft) -> None:
    """What a person was asked about a value that has moved on since is asked no more."""
    for review in list(draft.reviews.values()):
        if review.state is not ReviewState.OPEN or review.record is None:
            continue
        if review.kind is ReviewKind.LOST_CREATE and draft.links_of(review.record, review.connection or ""):
            draft.lapse(review, "it was found")
        base = review.detail.get("base")
        if review.kind not in (ReviewKind.CONFLICT, ReviewKind.PROPOSAL) or not isinstance(base, Mapping):
            continue
        record = draft.record(review.record)
        if all(canonical(value_of(record, name)) == canonical(value) for name, value in base.items()):
            continue
        draft.lapse(review, "the value has changed since")
        for link in list(draft.links.values()):
            pair = link.pairs.get(review.field)
            if pair is not None and pair.held and review.about == conflict_key(link, review.field):
                draft.pair(link.id, review.field, replace(pair, held=False, shown=0))
                draft.want_link(link, draft.now, "the value in question has changed")


def _wanted(draft: Draft) -> dict[str, Wanted]:
    wanted: dict[str, Wanted] = {}
    if draft.before.state is FamilyState.ERASING:
        _want_erasure(draft, wanted)
    if draft.before.state is not FamilyState.LIVE:
        return wanted
    for link in sorted(draft.links.values(), key=lambda x: x.id):
        view = draft.view(link.connection)
        if view is None or not link.open or not _covered(draft, view, draft.record(link.record)):
            continue
        record = draft.record(link.record)
        if record.state is RecordState.DELETED:
            _want_deletion(draft, wanted, view, link, record)
        elif link.primary and record.state is RecordState.LIVE:
            for fields in view.outward(link.kind):
                if not _as_settled(draft, link.id, record, fields) and owed(draft, link.id, fields):
                    _want_field(draft, wanted, link, fields)
    _want_merge(draft, wanted)
    for record in sorted(draft.records.values(), key=lambda r: (DEPTH.get(r.kind, 2), r.id)):
        for view in draft.context.connections.values():
            _want_creation(draft, wanted, view, record)
    return wanted


def _covered(draft: Draft, view: ConnectionView, record: Record) -> bool:
    return gates.plans_writes(view) and gates.in_scope(view, record, draft.records.values(), draft.refs.records)


def _join(wanted: dict[str, Wanted], mine: Wanted) -> Wanted:
    return wanted.setdefault(mine.key, mine)


def _want_field(draft: Draft, wanted: dict[str, Wanted], link: Link, fields: FieldMap) -> None:
    source = source_of(draft, draft.record(link.record), fields.canonical)
    mine = _join(wanted, Wanted(link.connection, link.record, link.id, fields.call, source.actor, source.cause))
    mine.fields.add(fields.name)
    waited = waits_for(draft.render(link, fields))
    if waited is not None:
        mine.waits[waited] = None
    if fields.closed is not None:
        held = {name: pair.theirs for name, pair in link.pairs.items()}
        mine.closed = mine.closed or fields.closed(draft.record(link.record), held, draft.refs)


def source_of(draft: Draft, record: Record, names: Iterable[str]) -> Source:
    """Who is behind these fields: the newest source of the record's, else of the family's (a field one level up)."""
    names = tuple(names)
    own = [record.sources[name] for name in names if name in record.sources]
    found = own or [r.sources[name] for r in draft.records.values() for name in names if name in r.sources]
    return max(found, key=lambda s: s.at, default=Source(OURS, BASCULE, "", draft.now))


def owed(draft: Draft, link_id: str, fields: FieldMap) -> bool:
    """Whether this field of this link is to be written. What needs no call, or can have none, is settled on the way."""
    link = draft.links[link_id]
    record = draft.record(link.record)
    if fields.direction is Direction.IN or (record.origin == link.connection and record.kind in COPIED_KINDS):
        return False
    pair = link.pairs.get(fields.name)
    rendered = draft.render(link, fields)
    if pair is None:
        return fields.direction is Direction.OUT and bool(fields.call) and not is_empty(rendered)
    if pair.gap or pair.held or pair.missed > FEW or pair.awaiting is not None or _under_way(draft, link, fields):
        return False
    if fields.is_set:
        return _owed_set(draft, link, fields, rendered)
    if not pair.has_ours:
        if is_empty(rendered):
            return False
    elif draft.unmoved(link, fields, rendered, pair.ours):
        return False
    if same(fields, rendered, pair.theirs):
        agreed = replace(pair, ours=rendered, has_ours=True, divergence=None, resent=0)
        draft.pair(link.id, fields.name, agreed)
        return False
    return _may_go(draft, link, fields, rendered)


def _as_settled(draft: Draft, link_id: str, record: Record, fields: FieldMap) -> bool:
    """The usual case, quickly: what we would write is to the letter what it was when settled."""
    pair = draft.links[link_id].pairs.get(fields.name)
    if pair is None or not pair.has_ours:
        return False
    ours, rendered = pair.ours, draft.rendered(fields, record)
    return rendered is ours or (type(rendered) is type(ours) and type(ours) in _LETTERS and rendered == ours)


_LETTERS = frozenset({str, bool, int, float, tuple})


def _under_way(draft: Draft, link: Link, fields: FieldMap) -> bool:
    return any(
        a.state is AttemptState.OPEN or fields.name not in a.spent
        for a in draft.open_attempts(link)
        if fields.name in a.fields
    )


def _may_go(draft: Draft, link: Link, fields: FieldMap, rendered: Value) -> bool:
    """False where the field is frozen, is a hire, or has no call there: settled, and said so."""
    record = draft.record(link.record)
    pair = link.pairs[fields.name]
    if record.frozen.intersection(fields.canonical):
        draft.pair(link.id, fields.name, replace(pair, divergence=Divergence.FROZEN))
        return False
    if fields.call and not gates.never_written(record, fields.canonical):
        return True
    settled = replace(pair, ours=rendered, has_ours=True, divergence=Divergence.CANNOT)
    draft.pair(link.id, fields.name, settled)
    return False


def _owed_set(draft: Draft, link: Link, fields: FieldMap, rendered: Value) -> bool:
    pair = link.pairs[fields.name]
    step = merge.difference(fields, theirs=pair.theirs, ours=pair.ours if pair.has_ours else (), mine=rendered)
    if step.ours != pair.ours:
        settled = step.theirs == step.ours
        divergence = None if settled else pair.divergence
        draft.pair(link.id, fields.name, replace(pair, ours=step.ours, has_ours=True, divergence=divergence))
    if not step.add and not step.drop:
        return False
    return _may_go(draft, draft.links[link.id], fields, rendered)


def _want_deletion(draft: Draft, wanted: dict[str, Wanted], view: ConnectionView, link: Link, record: Record) -> None:
    rule = view.deletes.get(record.kind)
    if rule is None or record.kind not in COPIED_KINDS or link.connection == record.origin:
        return
    if any(w.link == link.id and w.call == rule.call and w.state in CLOSED_FOR_GOOD for w in draft.writes.values()):
        return
    source = source_of(draft, record, tuple(record.sources))
    _join(wanted, Wanted(link.connection, record.id, link.id, rule.call, source.actor, source.cause))


def _want_erasure(draft: Draft, wanted: dict[str, Wanted]) -> None:
    """The person's removal, by every link of theirs at every live connection whose system can."""
    for link in sorted(draft.links.values(), key=lambda x: x.id):
        view = draft.view(link.connection)
        rule = view.erases.get(link.kind) if view is not None and view.mode is Mode.LIVE else None
        if rule is None or not link.open:
            continue
        if any(w.link == link.id and w.call == rule.call and w.state in CLOSED_FOR_GOOD for w in draft.writes.values()):
            continue
        _join(wanted, Wanted(link.connection, link.record, link.id, rule.call, BASCULE, "erasure"))


def _want_merge(draft: Draft, wanted: dict[str, Wanted]) -> None:
    """What a person has asked for stays asked for, as long as both objects are there."""
    for write in draft.writes.values():
        link = draft.links.get(write.link or "")
        if link is None or write.closed is not None or write.state in CLOSED_FOR_GOOD or not link.open:
            continue
        if merges.heir(draft, link, write.call) is not None:
            _join(wanted, Wanted(link.connection, link.record, link.id, write.call, write.actor, write.cause))


def _want_creation(draft: Draft, wanted: dict[str, Wanted], view: ConnectionView, record: Record) -> None:
    rule = view.creates.get(record.kind)
    if rule is None or not may_create(draft, view, record) or not _covered(draft, view, record):
        return
    waits: dict[tuple[str, str], None] = {}
    if rule.needs is not None and record.origin != OURS:
        place = counterparts.placed(draft, view, record, lambda one: may_create(draft, view, one))
        if place is None:
            return
        if place[1] is not None:
            waits[place[1]] = None
    parents = parents_of(draft, record, rule)
    if len(parents) < len(rule.parents):
        return  # its job, say, has not been shown yet
    for parent in parents:
        if parent in draft.records and draft.link_of(parent, view.id) is None:
            links = draft.links_of(parent, view.id)
            coming = any(w.link is None and w.record == parent and w.connection == view.id for w in wanted.values())
            if links or not (coming or _creating(draft, parent, view.id)):
                return
        if (view.id, view.same.get(parent, parent)) not in draft.refs.external:
            waits[(str(_kind_of(draft, parent)), parent)] = None
    body = {f.name: draft.rendered(f, record) for f in view.fields.get(record.kind, ()) if f.name in rule.fields}
    if rule.fields and all(is_empty(value) for value in body.values()):
        return  # nothing is known of it yet
    maker = maker_of(draft, record)
    mine = _join(wanted, Wanted(view.id, record.id, None, rule.call, maker.actor, maker.cause))
    mine.fields.update(rule.fields)
    waits |= {waited: None for value in body.values() if (waited := waits_for(value)) is not None}
    mine.waits.update(waits)


def maker_of(draft: Draft, record: Record) -> Source:
    """Who a creation is done for: the system the record came from, else whoever made it here."""
    if record.origin == OURS:
        return source_of(draft, record, tuple(record.sources))
    view = draft.view(record.origin)
    name = f"someone in {view.name}" if view else "someone there"
    return Source(record.origin, Actor(ActorKind.SYSTEM, record.origin, name), record.id, draft.now)


def _creating(draft: Draft, record: str, connection: str) -> bool:
    return any(
        w.link is None and w.record == record and w.connection == connection and w.state is WriteState.SENT
        for w in draft.writes.values()
    )


def _kind_of(draft: Draft, record: str) -> Kind:
    known = draft.refs.records.get(record)
    return known.kind if known else draft.before.kind


def parents_of(draft: Draft, record: Record, rule: CreateRule) -> list[str]:
    """The records that must be linked there before this one can be created, one for each of the rule's kinds; fewer
    where one is not known yet."""
    found: list[str] = []
    for kind in rule.parents:
        above = record.parent
        while above is not None and above in draft.records and draft.records[above].kind != kind:
            above = draft.records[above].parent
        if above is not None and above in draft.records:
            found.append(above)
            continue
        for name, spec in FIELDS[record.kind].items():
            value = record.fields.get(name)
            if spec.type is FieldType.REFERENCE and spec.of == kind and isinstance(value, str):
                found.append(value)
                break
    return found


def may_create(draft: Draft, view: ConnectionView, record: Record) -> bool:
    """By itself only what is younger than the connection's life here, and of another system only what its owner has
    chosen; with a person's word, anything not there."""
    rule = view.creates.get(record.kind)
    if record.state is not RecordState.LIVE or rule is None or (rule.open_only and not counterparts.going_on(record)):
        return False
    links = draft.links_of(record.id, view.id)
    if any(link.open for link in links):
        return False
    creations = [
        w for w in draft.writes.values() if w.link is None and w.record == record.id and w.connection == view.id
    ]
    if any(w.state in CLOSED_FOR_GOOD for w in creations):
        return False
    if any(r.kind is ReviewKind.IDENTITY and r.state is ReviewState.OPEN for r in draft.reviews.values()):
        return False
    if any(w.approved and w.closed is None for w in creations):
        return True
    if links or record.origin == view.id or draft.asked(ReviewKind.LOST_CREATE, f"{view.id}|{record.id}") is not None:
        return False
    return _young(view, record, rule)


def _young(view: ConnectionView, record: Record, rule: CreateRule) -> bool:
    if not view.crawled:
        return False
    if view.mode is Mode.SHADOW:
        return record.origin == OURS
    if view.live_since is None:
        return False
    if record.origin == OURS or view.takes is None:
        return record.born >= view.live_since
    since = view.takes.get(record.origin)
    return since is not None and (rule.needs is not None or record.born >= since)
