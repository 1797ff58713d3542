"""The table at work: what a shown field makes of the record and of the pair it was settled in."""

from __future__ import annotations

from collections.abc import Mapping

from bascule.core import merge
from bascule.core.baseline import parsed, take_elements
from bascule.core.digest import of_elements, of_value, same
from bascule.core.draft import Draft, conflict_key, is_empty, value_of
from bascule.core.merge import Step
from bascule.core.settle import ask_conflict
from bascule.model import (
    COPIED_KINDS,
    Attempt,
    Direction,
    Divergence,
    FieldMap,
    HistoryKind,
    Link,
    Pair,
    ReviewKind,
    Source,
    Unmappable,
    Value,
    replace,
)

REPAIRS = 3  # foreign edits of an `out` field that are repaired a day


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
        if pair.gap and agreed:
            _agree(draft, link, fields, pair, seen, rendered)
        elif pair.gap and isinstance(parsed(draft, link, fields, seen), Unmappable):
            return  # nobody knew the word when the two first met, and nobody does
        elif pair.gap or unsaid(fields, pair):
            settled = replace(pair, ours=rendered, has_ours=True) if agreed and unsaid(fields, pair) else pair
            draft.pair(link.id, fields.name, replace(settled, gap=False))
    elif not agreed and _landed_late(draft, link, fields, seen):
        draft.pair(link.id, fields.name, replace(pair, theirs=seen, ours=seen, has_ours=True))
        draft.note(link.record, HistoryKind.LANDED_LATE, fields.canonical[0], rendered, seen, source)
    elif not agreed and draft.record(link.record).frozen.intersection(fields.canonical):
        draft.pair(link.id, fields.name, replace(pair, theirs=seen, divergence=Divergence.FROZEN))
        _history(draft, link, fields, HistoryKind.SEEN, seen, source, "the field is frozen")
    else:
        _decide(draft, link, fields, pair, seen, rendered, source)


def unsaid(fields: FieldMap, pair: Pair) -> bool:
    """Whether neither side has said anything of a two-way field yet, in what we created. Once a read shows that it is
    empty there as here, what comes next is an edit, and no default of the system."""
    return fields.direction is Direction.BOTH and not pair.has_ours


def _decide(
    draft: Draft, link: Link, fields: FieldMap, pair: Pair, seen: Value, rendered: Value, source: Source
) -> None:
    record = draft.holder(fields, draft.record(link.record))
    copy = record.kind in COPIED_KINDS and link.connection != record.origin
    agreed = same(fields, seen, rendered)
    if copy and not agreed:
        draft.pair(link.id, fields.name, replace(pair, theirs=seen, divergence=Divergence.ALTERED))
        _history(draft, link, fields, HistoryKind.SEEN, seen, source, "a copy is never a source")
        return
    if not pair.has_ours and fields.direction is Direction.BOTH and not agreed and not is_empty(rendered):
        _history(draft, link, fields, HistoryKind.SEEN, seen, source, "a default of the system in what we created")
        draft.pair(link.id, fields.name, replace(pair, theirs=seen))
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
                draft.put(record.id, name, value, source)
            _taken(draft, link, fields, pair, seen)
        case Step.KEEP:
            _history(draft, link, fields, HistoryKind.LOST, seen, source, "ours won")
            draft.pair(link.id, fields.name, replace(pair, theirs=seen, gap=False))
        case Step.ASK:
            _history(draft, link, fields, HistoryKind.SEEN, seen, source, "both sides changed: a person chooses")
            draft.pair(link.id, fields.name, replace(pair, held=True, gap=False))
            ask_conflict(draft, link, fields, seen, rendered)
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
    record = draft.holder(fields, draft.record(link.record))
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
        ask_conflict(draft, link, fields, seen, draft.render(link, fields))


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
    return [a for a in draft.lost_calls(link) if draft.now - a.at <= draft.late(link.connection)]


def _table_set(draft: Draft, link: Link, fields: FieldMap, seen: Value, source: Source) -> None:
    pair = link.pairs[fields.name]
    record = draft.holder(fields, draft.record(link.record))
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
        if fields.whole and attempt.fields.get(fields.name) == of_value(draft.salt, fields, seen):
            before, now = merge.spelled(fields, pair.theirs), merge.spelled(fields, seen)
            added |= set(now) - set(before)
            removed |= set(before) - set(now)  # a whole list landing late takes away what was added meanwhile
        added |= {digests[d] for d in plus if d in digests}
        removed |= {digests[d] for d in minus if d in digests}
    return frozenset(added), frozenset(removed)
