"""First meetings, and new terms: the pair is set and nothing is written.

Two populated systems have no common past. What each holds is adopted as it is; the record fills only its empty
fields, and every other value seen goes to the history.
"""

from __future__ import annotations

from bascule.core.digest import elements, in_order, same
from bascule.core.draft import Draft, is_empty, is_set, value_of
from bascule.model import (
    Direction,
    Divergence,
    FieldMap,
    Fields,
    HistoryKind,
    Link,
    Pair,
    Record,
    Source,
    Unmappable,
    Value,
    field_spec,
    replace,
)


def first_meeting(
    draft: Draft, link: Link, fields: FieldMap, seen: Value, number: int, source: Source, of: str = ""
) -> None:
    """A link's field is shown for the first time, by the list `of`: adopt it."""
    record = draft.holder(fields, draft.record(link.record))
    gap = unread = False
    told = fields.direction is not Direction.OUT and not is_empty(seen)
    if told and _free(record, fields, link.connection):
        settled = _in_step(draft, link, fields)
        gap = not take(draft, link, fields, seen, source)
        _settle_others(draft, settled)
    elif told and not fields.is_set and isinstance(parsed(draft, link, fields, seen), Unmappable):
        unread = True
    elif not is_empty(seen) and not same(fields, seen, draft.render(link, fields)):
        draft.note(
            record.id, HistoryKind.ADOPTED, fields.canonical[0], value_of(record, fields.canonical[0]), seen, source
        )
    rendered = draft.render(link, fields)
    if fields.direction is Direction.OUT:
        pair = Pair(theirs=seen, ours=None, has_ours=False, shown=number, of=of)
    elif gap:
        pair = Pair(theirs=None, ours=rendered, shown=number, gap=True, of=of)
    else:
        differs = not same(fields, seen, rendered)
        divergence = Divergence.ADOPTED if differs else None
        pair = Pair(seen, rendered, divergence=divergence, shown=number, gap=unread, of=of)
    draft.pair(link.id, fields.name, pair)


def _in_step(draft: Draft, link: Link, fields: FieldMap) -> list[tuple[str, FieldMap]]:
    """Fields of the record's other links that show the same and owe nothing."""
    found: list[tuple[str, FieldMap]] = []
    about = draft.holder(fields, draft.record(link.record)).id
    for other in draft.links.values():
        if other.id == link.id or not other.open or other.created or other.record not in draft.records:
            continue
        held = draft.record(other.record)
        if about not in (held.id, held.parent):
            continue
        for each in draft.maps(other.connection, other.kind):
            if draft.holder(each, held).id != about:
                continue
            pair = other.pairs.get(each.name)
            if pair is None or not pair.has_ours or not set(each.canonical) & set(fields.canonical):
                continue
            if draft.unmoved(other, each, draft.render(other, each), pair.ours):
                found.append((other.id, each))
    return found


def _settle_others(draft: Draft, settled: list[tuple[str, FieldMap]]) -> None:
    """What a first meeting has filled in is not written elsewhere either: the difference is listed, a person picks."""
    for link_id, each in settled:
        link = draft.links[link_id]
        pair, rendered = link.pairs[each.name], draft.render(link, each)
        if not same(each, rendered, pair.ours):
            divergence = None if same(each, rendered, pair.theirs) else Divergence.ADOPTED
            draft.pair(link_id, each.name, replace(pair, ours=rendered, divergence=divergence))


def shown_since(draft: Draft, link_id: str, source: Source) -> None:
    """What an object has shown while its record was one with another: the record fills its empty fields with it, and
    every other value goes to its history, as at a first meeting."""
    for fields in draft.maps(draft.links[link_id].connection, draft.links[link_id].kind):
        link = draft.links[link_id]
        pair, record = link.pairs.get(fields.name), draft.holder(fields, draft.record(link.record))
        if fields.direction is Direction.OUT or pair is None or pair.gap or is_empty(pair.theirs):
            continue
        if same(fields, pair.theirs, draft.render(link, fields)):
            continue
        if _free(record, fields, link.connection):
            take(draft, link, fields, pair.theirs, source)
        else:
            name = fields.canonical[0]
            draft.note(record.id, HistoryKind.ADOPTED, name, value_of(record, name), pair.theirs, source)


def _free(record: Record, fields: FieldMap, connection: str) -> bool:
    """Whether nothing is held yet of what the field is about. What it says besides (a reason that makes the rejection a
    withdrawal) may be held from the same system, by another field of it."""
    about, *besides = fields.canonical
    held = [record.sources.get(name) for name in besides if not is_empty(value_of(record, name))]
    from_there = all(source is not None and source.origin == connection for source in held)
    return is_empty(value_of(record, about)) and from_there


def take(draft: Draft, link: Link, fields: FieldMap, seen: Value, source: Source) -> bool:
    """record := parse(seen). False, and a gap, when nobody can parse it."""
    changes = parsed(draft, link, fields, seen)
    if isinstance(changes, Unmappable):
        return False
    holder = draft.holder(fields, draft.record(link.record)).id
    for name, value in changes.items():
        draft.put(holder, name, value, source)
    return True


def parsed(draft: Draft, link: Link, fields: FieldMap, seen: Value) -> Fields | Unmappable:
    """The canonical fields of a seen value. What cannot be read becomes a gap; an unknown object is asked for."""
    record = draft.holder(fields, draft.record(link.record))
    changes = fields.parse(seen, record, draft.refs)
    if isinstance(changes, Unmappable):
        pair = link.pairs.get(fields.name)
        draft.gap(link, fields.name, changes.value)
        if pair is None or not pair.gap:
            _ask_for_unknown(draft, link, fields, changes)
    return changes


def _ask_for_unknown(draft: Draft, link: Link, fields: FieldMap, gap: Unmappable) -> None:
    """A reference to an object we have never met: read that object, and then this one again."""
    spec = field_spec(link.kind, fields.canonical[0])
    if spec.of is None:
        return
    draft.want(link.connection, spec.of, gap.value, draft.now, f"referred to by {fields.name}")
    draft.want_link(link, draft.now + draft.settle(link.connection), f"{fields.name} referred to an unknown object")


def take_elements(
    draft: Draft, link: Link, fields: FieldMap, add: tuple[str, ...], drop: tuple[str, ...], source: Source
) -> tuple[str, ...]:
    """Change the record's set element by element, in its own spelling. Returns the elements nobody could parse."""
    record = draft.holder(fields, draft.record(link.record))
    name = fields.canonical[0]
    held = list(elements(value_of(record, name)))
    away = {fields.fold(x) for x in drop}
    kept = [e for e in held if not _renders(draft, fields, record, name, e) & away]
    unread: list[str] = []
    for element in add:
        changes = parsed(draft, link, fields, (element,))
        if isinstance(changes, Unmappable):
            unread.append(element)
            continue
        kept += [e for e in elements(changes.get(name)) if e not in kept]
    if kept != held:
        draft.put(record.id, name, in_order(kept), source)
    return tuple(unread)


def _renders(draft: Draft, fields: FieldMap, record: Record, name: str, element: str) -> frozenset[str]:
    """The folded elements that one element of ours becomes over there."""
    if not is_set(record.kind, name):
        return frozenset({fields.fold(element)})
    alone = replace(record, fields={**record.fields, name: (element,)})
    none = replace(record, fields={**record.fields, name: ()})
    with_it = {fields.fold(x) for x in elements(draft.rendered(fields, alone))}
    without = {fields.fold(x) for x in elements(draft.rendered(fields, none))}
    return frozenset(with_it - without)


def rebase_link(draft: Draft, link_id: str, due: frozenset[str] = frozenset()) -> None:
    """The pairs of one link in today's terms: (theirs, render(record)). What was due stays due."""
    for fields in draft.maps(draft.links[link_id].connection, draft.links[link_id].kind):
        link = draft.links[link_id]
        pair = link.pairs.get(fields.name)
        if pair is None or fields.name in due or pair.held or pair.awaiting is not None:
            continue
        rendered = draft.render(link, fields)
        if pair.gap:
            draft.want_link(link, draft.now, f"{fields.name} may be known to the new mapping")
        if not pair.has_ours and is_empty(rendered):
            continue
        if pair.has_ours and same(fields, pair.ours, rendered):
            continue
        differs = not same(fields, pair.theirs, rendered)
        divergence = Divergence.ADOPTED if differs else None
        draft.pair(link_id, fields.name, replace(pair, ours=rendered, has_ours=True, divergence=divergence))
