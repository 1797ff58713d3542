"""What a read has shown, applied to one family: is it evidence, and what does the table make of it?

A read is no evidence for a field while a call of ours is under way there, nor before the system has settled after an
answer, nor when an older answer arrives late. What is no evidence is read again; everything else is settled here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bascule.core import merge
from bascule.core.baseline import first_meeting, parsed, take_elements
from bascule.core.digest import of_elements, of_value, same
from bascule.core.draft import Draft, conflict_key, value_of
from bascule.core.gone import came_back, gone, lacking, unseen
from bascule.core.meeting import meet
from bascule.core.merge import Step
from bascule.model import (
    COPIED_KINDS,
    Actor,
    ActorKind,
    Attempt,
    AttemptState,
    Direction,
    Divergence,
    FieldMap,
    HistoryKind,
    Kind,
    Link,
    LinkState,
    Pair,
    Part,
    Presence,
    Read,
    ReviewKind,
    Source,
    Unmappable,
    Value,
    WriteState,
)

RESENDS = 3  # the old value came back this often after an accepted or lost write: settled as refused
REPAIRS = 3  # foreign edits of an `out` field that are repaired a day
DEPTH = {Kind.CANDIDATE: 0, Kind.JOB: 0, Kind.APPLICATION: 1, Kind.STAGE: 1}


def observe(draft: Draft, read: Read, joins: Mapping[tuple[str, Kind, str], str]) -> None:
    """One answer of a system, parents before children; then what whole collections lack."""
    source = source_of(draft, read)
    for part in sorted(read.parts, key=lambda p: DEPTH.get(p.kind, 2)):
        link = draft.link_at(read.connection, part.kind, part.external) or meet(draft, read, part, joins, source)
        if link is not None:
            see(draft, link.id, part, read, source)
    for collection in read.complete:
        lacking(draft, read, collection, source)


def source_of(draft: Draft, read: Read) -> Source:
    view = draft.view(read.connection)
    who = Actor(ActorKind.SYSTEM, read.connection, f"someone in {view.name}" if view else "someone there")
    return Source(read.connection, who, read.id, draft.now)


def see(draft: Draft, link_id: str, part: Part, read: Read, source: Source) -> None:
    """What one part says about the link it belongs to."""
    link = draft.links[link_id]
    if part.presence is Presence.HERE:
        if not link.open:
            came_back(draft, link, read)
        elif read.number < link.last_read:
            if any(f.name in part.seen and _differs(link, f, part.seen[f.name]) for f in _maps(draft, link)):
                draft.want_link(link, draft.now, "an older answer came late and differs")
        else:
            show(draft, link, part, read, source)
    elif part.presence in (Presence.ABSENT, Presence.HIDDEN):
        unseen(draft, link, read)
    elif link.open:
        gone(draft, link, part, read, source)


def _maps(draft: Draft, link: Link) -> tuple[FieldMap, ...]:
    return draft.maps(link.connection, link.kind)


def _differs(link: Link, fields: FieldMap, seen: Value) -> bool:
    pair = link.pairs.get(fields.name)
    return pair is not None and not same(fields, pair.theirs, seen)


def show(draft: Draft, link: Link, part: Part, read: Read, source: Source) -> None:
    """The newest read of a live object: every field it shows goes through evidence and table."""
    draft.link(
        replace(
            link,
            state=LinkState.LIVE,
            last_read=read.number,
            read_at=read.started,
            missing=(),
            missing_since=None,
            parent=part.parent if part.parent is not None else link.parent,
        )
    )
    for fields in _maps(draft, link):
        if fields.name in part.seen:
            field(draft, link.id, fields, part.seen[fields.name], read, source)
    _unshown(draft, link.id, part, read)


def field(draft: Draft, link_id: str, fields: FieldMap, seen: Value, read: Read, source: Source) -> None:
    """One shown field of one link."""
    link = draft.links[link_id]
    pair = link.pairs.get(fields.name)
    if pair is None:
        first_meeting(draft, link, fields, seen, read.number, source)
        return
    if pair.shown >= read.number:
        return
    if not evidence(draft, link, fields, pair, seen, read):
        return
    if not settle(draft, link, fields, pair, seen, source):
        table(draft, link_id, fields, seen, source)
    _shown(draft, link_id, fields, pair, read)


def _shown(draft: Draft, link_id: str, fields: FieldMap, before: Pair, read: Read) -> None:
    """Remember that this read has shown the field, and what the system held before it changed."""
    pair = replace(draft.links[link_id].pairs[fields.name], shown=read.number)
    if not same(fields, before.theirs, pair.theirs):
        until = read.started + draft.settle(read.connection)
        pair = replace(pair, previous=before.theirs, previous_until=until)
    draft.pair(link_id, fields.name, pair)


# ---------------------------------------------------------------------------------------------------- evidence


def evidence(draft: Draft, link: Link, fields: FieldMap, pair: Pair, seen: Value, read: Read) -> bool:
    """Whether this read says anything about the field; if not, the object is read again when one can."""
    differs = not same(fields, seen, pair.theirs)
    if any(a.state is AttemptState.OPEN and fields.name in a.fields for a in draft.open_attempts(link)):
        if differs:
            draft.want_link(link, draft.now + draft.settle(link.connection), "read while a call of ours was under way")
        return False
    if pair.fence is not None and read.started < pair.fence:
        if differs or pair.awaiting is not None:
            draft.want_link(link, pair.fence, "read before the system had settled")
        return False
    for attempt in _unsettled(draft, link, fields):
        if attempt.until is not None and read.started < attempt.until:
            draft.want_link(link, attempt.until, "a call was lost: read when it has landed or not")
            return False
    if _bounced(fields, pair, seen, read):
        draft.want_link(link, pair.previous_until or draft.now, "shows again what was there before")
        return False
    return True


def settle(draft: Draft, link: Link, fields: FieldMap, pair: Pair, seen: Value, source: Source) -> bool:
    """Settle calls of ours that this read decides. True when that says all there is to say about the field."""
    lost = _unsettled(draft, link, fields)
    for attempt in lost:
        settle_lost(draft, link.id, fields, attempt, seen, source)
    if pair.awaiting is not None:
        settle_awaiting(draft, link.id, fields, pair, seen, source)
    return bool(lost or pair.awaiting) and not fields.is_set


def _unsettled(draft: Draft, link: Link, fields: FieldMap) -> list[Attempt]:
    return [a for a in _lost(draft, link) if fields.name in a.fields and fields.name not in a.spent]


def _lost(draft: Draft, link: Link) -> list[Attempt]:
    return [a for a in draft.open_attempts(link) if a.state is AttemptState.LOST]


def _bounced(fields: FieldMap, pair: Pair, seen: Value, read: Read) -> bool:
    """A lagging replica: the value before the last one, in a read too close behind the one that changed it."""
    return (
        pair.previous_until is not None
        and read.started < pair.previous_until
        and same(fields, seen, pair.previous)
        and not same(fields, seen, pair.theirs)
    )


def _unshown(draft: Draft, link_id: str, part: Part, read: Read) -> None:
    """A lost call on a field that reads never show and that only goes out: past `late` it is simply due again."""
    link = draft.links[link_id]
    for attempt in _lost(draft, link):
        blind = {
            f.name
            for f in _maps(draft, link)
            if f.name in attempt.fields and f.name not in part.seen and f.direction is Direction.OUT
        }
        late = read.started > attempt.at + draft.late(link.connection)
        if blind - attempt.spent and late:
            draft.attempts[attempt.id] = replace(attempt, spent=attempt.spent | blind)


# ------------------------------------------------------------------------------------------ settling calls of ours


def settle_lost(draft: Draft, link_id: str, fields: FieldMap, attempt: Attempt, seen: Value, source: Source) -> None:
    """A call without an answer, and a read behind its fence: it landed, it did not, or something else is there."""
    link = draft.links[link_id]
    pair = link.pairs[fields.name]
    draft.attempts[attempt.id] = replace(attempt, spent=attempt.spent | {fields.name})
    if fields.is_set:
        _settle_elements(draft, link, fields, attempt.elements.get(fields.name, ((), ())), seen)
        return
    sent = attempt.fields[fields.name]
    shown = of_value(draft.salt, fields, seen)
    if shown == sent:
        _done(draft, link, fields, pair, sent, seen)
    elif shown == attempt.before.get(fields.name):
        _again(draft, link, fields, pair, sent, seen, source)
        _not_twice(draft, link, fields, attempt)
    else:
        _third(draft, link, fields, pair, sent, seen, source, Divergence.CONFLICT)


def settle_awaiting(draft: Draft, link_id: str, fields: FieldMap, pair: Pair, seen: Value, source: Source) -> None:
    """An answer that did not carry the field, and the first read behind its fence."""
    link = draft.links[link_id]
    awaiting = pair.awaiting
    assert awaiting is not None
    pair = replace(link.pairs[fields.name], awaiting=None)
    if fields.is_set:
        changed = (tuple(awaiting.sent.split()), tuple(awaiting.before.split()))
        missed = _settle_elements(draft, link, fields, changed, seen, clear=True)
        if missed:
            _again_set(draft, link_id, fields, seen, source)
        return
    shown = of_value(draft.salt, fields, seen)
    if shown == awaiting.sent:
        _done(draft, link, fields, pair, awaiting.sent, seen)
    elif shown == awaiting.before:
        _again(draft, link, fields, pair, awaiting.sent, seen, source)
    else:
        _third(draft, link, fields, pair, awaiting.sent, seen, source, Divergence.ALTERED)


def _sent_value(draft: Draft, link: Link, fields: FieldMap, pair: Pair, sent: str, seen: Value) -> Value:
    """The value behind the digest; where our record has moved on since, `seen`, so that the new value stays due."""
    rendered = draft.render(link, fields)
    step = fields.route(pair.theirs, rendered) if fields.route else rendered
    known = draft.recall(fields, sent, rendered, step, pair.ours, seen)
    return known[0] if known else seen


def _done(draft: Draft, link: Link, fields: FieldMap, pair: Pair, sent: str, seen: Value) -> None:
    ours = _sent_value(draft, link, fields, pair, sent, seen)
    settled = replace(pair, theirs=seen, ours=ours, has_ours=True, divergence=None, awaiting=None, resent=0, gap=False)
    draft.pair(link.id, fields.name, settled)


def _again(draft: Draft, link: Link, fields: FieldMap, pair: Pair, sent: str, seen: Value, source: Source) -> None:
    """The old value: send again, at most twice, then settled as refused."""
    resent = pair.resent + 1
    if resent < RESENDS:
        due = replace(pair, theirs=seen, ours=seen, has_ours=True, awaiting=None, resent=resent)
        draft.pair(link.id, fields.name, due)
        return
    ours = _sent_value(draft, link, fields, pair, sent, seen)
    refused = replace(
        pair, theirs=seen, ours=ours, has_ours=True, awaiting=None, resent=0, divergence=Divergence.REFUSED
    )
    draft.pair(link.id, fields.name, refused)
    _refused(draft, link, fields, seen, ours, source)


def _refused(draft: Draft, link: Link, fields: FieldMap, seen: Value, ours: Value, source: Source) -> None:
    draft.ask(
        ReviewKind.REFUSED,
        link.record,
        link.connection,
        fields.name,
        conflict_key(link, fields.name),
        {"seen": seen, "ours": ours},
    )
    why = "the system accepts the value and does not keep it"
    draft.note(link.record, HistoryKind.REFUSED, fields.canonical[0], ours, seen, source, why)


def _third(
    draft: Draft,
    link: Link,
    fields: FieldMap,
    pair: Pair,
    sent: str,
    seen: Value,
    source: Source,
    cause: Divergence,
) -> None:
    """Neither the old value nor ours: altered by the system, or edited in the window. Recorded, never taken."""
    ours = _sent_value(draft, link, fields, pair, sent, seen)
    settled = replace(pair, theirs=seen, ours=ours, has_ours=True, divergence=cause, awaiting=None, resent=0)
    draft.pair(link.id, fields.name, settled)
    why = "neither what was there nor what we sent"
    draft.note(link.record, HistoryKind.SEEN, fields.canonical[0], ours, seen, source, why)
    if link.kind not in COPIED_KINDS:
        _ask_conflict(draft, link, fields, seen, ours)


def _ask_conflict(draft: Draft, link: Link, fields: FieldMap, seen: Value, ours: Value) -> None:
    record = draft.record(link.record)
    base = {name: value_of(record, name) for name in fields.canonical}
    draft.ask(
        ReviewKind.CONFLICT,
        link.record,
        link.connection,
        fields.name,
        conflict_key(link, fields.name),
        {"seen": seen, "ours": ours, "base": base},
    )


def _not_twice(draft: Draft, link: Link, fields: FieldMap, attempt: Attempt) -> None:
    """A call that must not be repeated by itself becomes a failure that a person can replay."""
    view = draft.view(link.connection)
    write = draft.writes.get(attempt.write)
    if view is None or write is None or attempt.call not in view.once or write.state is not WriteState.SENT:
        return
    pair = draft.links[link.id].pairs[fields.name]
    dead = replace(pair, ours=draft.render(link, fields), divergence=Divergence.DEAD)
    draft.pair(link.id, fields.name, dead)
    why = "no answer came and nothing changed there; this call is not repeated without a person"
    draft.write(replace(write, state=WriteState.DEAD, why=why, closed=draft.now))


def _settle_elements(
    draft: Draft,
    link: Link,
    fields: FieldMap,
    changed: tuple[Iterable[str], Iterable[str]],
    seen: Value,
    *,
    clear: bool = False,
) -> bool:
    """Settle the elements one call changed, whatever came of it. True when some did not take effect."""
    pair = draft.links[link.id].pairs[fields.name]
    added, removed = (set(digests) for digests in changed)
    s, t, o = (merge.spelled(fields, v) for v in (seen, pair.theirs, pair.ours))
    missed = False
    for x in sorted({*s, *t, *o, *merge.spelled(fields, draft.render(link, fields))}):
        (digest,) = of_elements(draft.salt, fields, (x,))
        if digest not in added | removed:
            continue
        missed = missed or (x in s) != (digest in added)
        for side in (t, o):
            side.pop(x, None)
            if x in s:
                side[x] = s[x]
    if clear:
        pair = replace(pair, awaiting=None, resent=pair.resent if missed else 0)
    draft.pair(link.id, fields.name, replace(pair, theirs=merge.as_set(t), ours=merge.as_set(o)))
    return missed


def _again_set(draft: Draft, link_id: str, fields: FieldMap, seen: Value, source: Source) -> None:
    link = draft.links[link_id]
    pair = replace(link.pairs[fields.name], resent=link.pairs[fields.name].resent + 1)
    if pair.resent >= RESENDS:
        mine = draft.render(link, fields)
        pair = replace(pair, ours=mine, resent=0, divergence=Divergence.REFUSED)
        _refused(draft, link, fields, seen, mine, source)
    draft.pair(link_id, fields.name, pair)


# --------------------------------------------------------------------------------------------------------- the table


def table(draft: Draft, link_id: str, fields: FieldMap, seen: Value, source: Source) -> None:
    """Section by section: what we hold against what is seen, for one field that is evidence."""
    link = draft.links[link_id]
    if fields.is_set:
        _table_set(draft, link, fields, seen, source)
        return
    pair = link.pairs[fields.name]
    moved = not same(fields, seen, pair.theirs)
    rendered = draft.render(link, fields)
    agreed = same(fields, seen, rendered)
    if pair.held:
        _while_held(draft, link, fields, pair, seen, source, moved=moved, agreed=agreed)
    elif not moved:
        if pair.gap:
            draft.pair(link.id, fields.name, replace(pair, gap=False))
    elif not agreed and _landed_late(draft, link, fields, seen):
        draft.pair(link.id, fields.name, replace(pair, theirs=seen, ours=seen, has_ours=True))
        draft.note(link.record, HistoryKind.LANDED_LATE, fields.canonical[0], rendered, seen, source)
    elif not agreed and draft.record(link.record).frozen.intersection(fields.canonical):
        draft.pair(link.id, fields.name, replace(pair, theirs=seen, divergence=Divergence.FROZEN))
        _history(draft, link, fields, HistoryKind.SEEN, seen, source, "the field is frozen")
    else:
        _decide(draft, link, fields, pair, seen, rendered, source)


def _decide(
    draft: Draft, link: Link, fields: FieldMap, pair: Pair, seen: Value, rendered: Value, source: Source
) -> None:
    record = draft.record(link.record)
    copy = record.kind in COPIED_KINDS and link.connection != record.origin
    agreed = same(fields, seen, rendered)
    if copy and not agreed:
        draft.pair(link.id, fields.name, replace(pair, theirs=seen, divergence=Divergence.ALTERED))
        _history(draft, link, fields, HistoryKind.SEEN, seen, source, "a copy is never a source")
        return
    we_moved = not pair.has_ours or not draft.unmoved(link, fields, rendered, pair.ours)
    changes: Mapping[str, Value] | Unmappable = {}
    if not agreed and fields.direction is not Direction.OUT:
        changes = parsed(draft, link, fields, seen)
        if isinstance(changes, Unmappable):
            if not pair.gap:
                _history(draft, link, fields, HistoryKind.SEEN, seen, source, "the mapping does not know this value")
            draft.pair(link.id, fields.name, replace(pair, gap=True))
            return
    changing = [name for name, value in changes.items() if value_of(record, name) != value] or list(fields.canonical)
    wins = merge.winner(
        fields, link.connection, [record.sources.get(name) for name in changing], draft.context.connections
    )
    direction = (
        Direction.IN if record.kind in COPIED_KINDS and fields.direction is not Direction.OUT else fields.direction
    )
    match merge.step(direction, they_moved=True, we_moved=we_moved, agreed=agreed, winner=wins):
        case Step.AGREE:
            _agree(draft, link, fields, pair, seen, rendered)
        case Step.TAKE:
            if we_moved and direction is not Direction.IN:
                _history(draft, link, fields, HistoryKind.LOST, rendered, source, "the owner's change won")
            for name, value in changes.items():
                draft.put(link.record, name, value, source)
            _taken(draft, link, fields, pair, seen)
        case Step.KEEP:
            _history(draft, link, fields, HistoryKind.LOST, seen, source, "ours won")
            draft.pair(link.id, fields.name, replace(pair, theirs=seen, gap=False))
        case Step.ASK:
            _history(draft, link, fields, HistoryKind.SEEN, seen, source, "both sides changed: a person chooses")
            draft.pair(link.id, fields.name, replace(pair, held=True, gap=False))
            _ask_conflict(draft, link, fields, seen, rendered)
        case Step.DRIFT:
            _drift(draft, link, fields, pair, seen, rendered, source)
        case Step.NOTHING:
            pass


def _agree(draft: Draft, link: Link, fields: FieldMap, pair: Pair, seen: Value, rendered: Value) -> None:
    agreed = replace(pair, theirs=seen, ours=rendered, has_ours=True, divergence=None, resent=0, gap=False, held=False)
    draft.pair(link.id, fields.name, agreed)


def _taken(draft: Draft, link: Link, fields: FieldMap, pair: Pair, seen: Value) -> None:
    rendered = draft.render(link, fields)
    folded = None if same(fields, seen, rendered) else Divergence.FOLDED
    draft.pair(
        link.id,
        fields.name,
        replace(pair, theirs=seen, ours=rendered, has_ours=True, divergence=folded, resent=0, gap=False),
    )


def _history(
    draft: Draft, link: Link, fields: FieldMap, kind: HistoryKind, value: Value, source: Source, why: str
) -> None:
    record = draft.record(link.record)
    draft.note(record.id, kind, fields.canonical[0], value_of(record, fields.canonical[0]), value, source, why)


def _while_held(
    draft: Draft,
    link: Link,
    fields: FieldMap,
    pair: Pair,
    seen: Value,
    source: Source,
    *,
    moved: bool,
    agreed: bool,
) -> None:
    """A person has been asked: the item keeps the newest seen value, and lapses when there is nothing left to ask."""
    review = draft.asked(ReviewKind.CONFLICT, conflict_key(link, fields.name))
    if agreed:
        _agree(draft, link, fields, pair, seen, draft.render(link, fields))
    elif not moved:
        draft.pair(link.id, fields.name, replace(pair, held=False))
    if agreed or not moved:
        if review is not None:
            draft.lapse(review, "both sides agree again" if agreed else "their change was taken back")
        return
    if review is None:
        draft.pair(link.id, fields.name, replace(pair, held=False))
        table(draft, link.id, fields, seen, source)
        return
    if not same(fields, review.detail.get("seen"), seen):
        _history(draft, link, fields, HistoryKind.SEEN, seen, source, "both sides changed: a person chooses")
        _ask_conflict(draft, link, fields, seen, draft.render(link, fields))


def _drift(
    draft: Draft, link: Link, fields: FieldMap, pair: Pair, seen: Value, rendered: Value, source: Source
) -> None:
    """A foreign edit of a field that only goes out: recorded, repaired three times a day, then a person is asked."""
    _history(draft, link, fields, HistoryKind.DRIFT, seen, source, "")
    drift, repair = _one_more(draft, link, fields, pair)
    kept = replace(pair, theirs=seen, drift=drift, divergence=None if repair else Divergence.DRIFT)
    if repair and pair.has_ours:
        kept = replace(kept, ours=seen)
    elif not repair:
        kept = replace(kept, ours=rendered, has_ours=True)
    draft.pair(link.id, fields.name, kept)


def _one_more(draft: Draft, link: Link, fields: FieldMap, pair: Pair) -> tuple[tuple[object, ...], bool]:
    """The day's foreign edits with this one, and whether it is still repaired."""
    day = tuple(at for at in pair.drift if (draft.now - at).days < 1)
    drift = (*day, draft.now)
    if len(drift) > REPAIRS:
        detail = {"times": len(drift), "field": fields.name}
        key = conflict_key(link, fields.name)
        draft.ask(ReviewKind.CONFLICT, link.record, link.connection, fields.name, f"drift|{key}", detail)
    return drift, len(drift) <= REPAIRS


def _landed_late(draft: Draft, link: Link, fields: FieldMap, seen: Value) -> bool:
    """Whether this is a call of ours that got no answer, landing within the connector's limit."""
    shown = of_value(draft.salt, fields, seen)
    return any(a.fields.get(fields.name) == shown for a in _still_landing(draft, link))


def _still_landing(draft: Draft, link: Link) -> list[Attempt]:
    return [a for a in _lost(draft, link) if draft.now - a.at <= draft.late(link.connection)]


# ------------------------------------------------------------------------------------------------------------- sets


def _table_set(draft: Draft, link: Link, fields: FieldMap, seen: Value, source: Source) -> None:
    pair = link.pairs[fields.name]
    record = draft.record(link.record)
    name = fields.canonical[0]
    step = merge.step_set(
        fields,
        seen=seen,
        theirs=pair.theirs,
        ours=pair.ours,
        mine=draft.render(link, fields),
        winner=merge.winner(fields, link.connection, [record.sources.get(name)], draft.context.connections),
        landed=_landing_elements(draft, link, fields, seen, pair),
    )
    for element in step.lost:
        _history(draft, link, fields, HistoryKind.LOST, element, source, "ours won")
    for element in step.late:
        _history(draft, link, fields, HistoryKind.LANDED_LATE, element, source, "")
    if fields.direction is Direction.OUT:
        _drift_set(draft, link, fields, pair, step, source)
        return
    for element in step.drop:
        _history(draft, link, fields, HistoryKind.SEEN, element, source, "removed there")
    unread = take_elements(draft, link, fields, step.add, step.drop, source)
    _set_taken(draft, link.id, fields, step, unread)


def _set_taken(draft: Draft, link_id: str, fields: FieldMap, step: merge.SetStep, unread: tuple[str, ...]) -> None:
    """The pair after taking: an element we still render, or still do not, makes no work of its own."""
    link = draft.links[link_id]
    pair = link.pairs[fields.name]
    mine = merge.spelled(fields, draft.render(link, fields))
    theirs, ours = merge.spelled(fields, step.theirs), merge.spelled(fields, step.ours)
    for element in (*step.add, *step.drop):
        x = fields.fold(element)
        ours.pop(x, None)
        if x in mine:
            ours[x] = mine[x]
    for element in unread:
        theirs.pop(fields.fold(element), None)
        ours.pop(fields.fold(element), None)
    differs = set(theirs) != set(ours)
    divergence = (pair.divergence or Divergence.FOLDED) if differs else None
    draft.pair(
        link_id,
        fields.name,
        replace(pair, theirs=merge.as_set(theirs), ours=merge.as_set(ours), has_ours=True, divergence=divergence),
    )


def _drift_set(draft: Draft, link: Link, fields: FieldMap, pair: Pair, step: merge.SetStep, source: Source) -> None:
    changed = (*step.add, *step.drop)
    for element in changed:
        _history(draft, link, fields, HistoryKind.DRIFT, element, source, "")
    kept = replace(pair, theirs=step.theirs, ours=step.ours, has_ours=True)
    if changed:
        drift, repair = _one_more(draft, link, fields, pair)
        kept = replace(kept, drift=drift, divergence=None if repair else Divergence.DRIFT)
        if not repair:
            kept = replace(kept, ours=draft.render(link, fields))
    draft.pair(link.id, fields.name, kept)


def _landing_elements(
    draft: Draft, link: Link, fields: FieldMap, seen: Value, pair: Pair
) -> tuple[frozenset[str], frozenset[str]]:
    """Folded elements (added, removed) by calls that got no answer and may still land."""
    known = {*merge.spelled(fields, seen), *merge.spelled(fields, pair.theirs)}
    digests = {of_elements(draft.salt, fields, (x,))[0]: x for x in known}
    added: set[str] = set()
    removed: set[str] = set()
    for attempt in _still_landing(draft, link):
        plus, minus = attempt.elements.get(fields.name, ((), ()))
        added |= {digests[d] for d in plus if d in digests}
        removed |= {digests[d] for d in minus if d in digests}
    return frozenset(added), frozenset(removed)
