"""Parity: what a system lists now against what is held of it, object by object and field by field, each with its cause.

Compared are three things: what the system shows, what we hold that it holds (`Pair.theirs`), and what we would write
now. A difference is on its way (a read or write of ours will end it), decided (adopted, refused, frozen, asked of a
person), or unexplained. What is unexplained is read again by the usual way and judged once more (`judge`); nothing is
mended here. The one thing beyond a reading is `doubt`: what a record claims to have from a system, and does not, is
taken from there again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bascule.core import gates, merge
from bascule.core.digest import digest, normal, same
from bascule.core.draft import Context, Draft, Plan, is_empty, waits_for
from bascule.core.writing import FEW, arrange, unsettled
from bascule.model import (
    COPIED_KINDS,
    AttemptState,
    Direction,
    Divergence,
    Family,
    FieldMap,
    Link,
    LinkState,
    Pair,
    Part,
    Presence,
    RecordState,
    ReviewKind,
    ReviewState,
    Value,
    Write,
    WriteState,
    replace,
)

WHOLE = 1 << 128  # digests of objects are added up modulo this: the order of a list carries no meaning


class Cause(StrEnum):
    """Why the two sides differ."""

    ON_ITS_WAY = "on its way"  # to be read, under way, queued, or read by itself a moment later
    HELD = "write held"  # by the mode, a gate or a stop, or waiting for a parent there
    FAILED = "write failed"  # a failure that a person can replay
    REVIEW = "with a person"
    GAP = "mapping gap"
    NOT_SHOWN = "field not shown any more"
    ADOPTED = "adopted"  # both were populated when they met, and stay as they were
    ALTERED = "altered there"
    FOLDED = "folded there"
    CANNOT = "cannot be written there"
    REFUSED = "refused there"
    FROZEN = "frozen"
    CONFLICT = "conflict"
    DRIFT = "changed there again and again"
    ERASED = "erased here"
    GONE = "gone there, and kept so here"
    LOST = "event lost"  # it changed there, or is new, and nothing told of it
    BULK = "bulk change"  # the same, of very many at once
    NOT_LISTED = "not shown there any more"  # deleted, hidden, or out of our rights: a read by id says which
    PERMISSION = "permission lost"
    HERE = "altered here"  # the record or our memory of the other side, and no edit, read or write of ours did it


MOVING = frozenset({Cause.ON_ITS_WAY})
UNEXPLAINED = frozenset({Cause.LOST, Cause.BULK, Cause.NOT_LISTED, Cause.PERMISSION, Cause.HERE})
DECIDED = frozenset(Cause) - MOVING - UNEXPLAINED

_DIVERGED = {
    Divergence.ADOPTED: Cause.ADOPTED,
    Divergence.ALTERED: Cause.ALTERED,
    Divergence.FOLDED: Cause.FOLDED,
    Divergence.CANNOT: Cause.CANNOT,
    Divergence.REFUSED: Cause.REFUSED,
    Divergence.FROZEN: Cause.FROZEN,
    Divergence.CONFLICT: Cause.CONFLICT,
    Divergence.DRIFT: Cause.DRIFT,
    Divergence.DEAD: Cause.FAILED,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one object; the field is empty where it is the object itself. `seen` is a keyed digest of what was
    shown (never the value), by which a later look knows whether that has arrived."""

    field: str
    cause: Cause
    seen: str = ""


def value_digest(key: str, fields: FieldMap, value: Value) -> str:
    """One value of a field, as the system would compare it, under a workspace's key."""
    return digest(key, fields.name, normal(fields, value))


def object_digest(key: str, part: Part, shown: Sequence[tuple[FieldMap, Value]]) -> int:
    """One object with these values of its mapped fields, as a number to be added to its list's. A field with nothing in
    it says the same as one that nothing has shown yet."""
    normals = [(fields.name, normal(fields, value)) for fields, value in shown]
    body = [(name, value) for name, value in normals if not is_empty(value)]
    return int(digest(key, part.kind, part.external, body), 16)


def shown(draft_maps: Iterable[FieldMap], part: Part) -> list[tuple[FieldMap, Value]]:
    """The mapped fields that a part shows, by name."""
    return [(fields, part.seen[fields.name]) for fields in sorted(draft_maps, key=_name) if fields.name in part.seen]


def held(link: Link, values: Sequence[tuple[FieldMap, Value]]) -> list[tuple[FieldMap, Value]]:
    """The same fields as we hold that the system holds them. What was never settled is left out."""
    return [(f, link.pairs[f.name].theirs) for f, _ in values if f.name in link.pairs]


def _name(fields: FieldMap) -> str:
    return fields.name


# ----------------------------------------------------------------------------------------------------------- comparing


def compare(draft: Draft, link: Link, part: Part, key: str, asked: datetime, *, moving: bool) -> list[Difference]:
    """What a part that a list showed says against what is held of it. `asked`: when the list was asked; `moving`: a
    read of this object is waiting or under way already."""
    if not link.open:
        return _closed(draft, link, part, moving=moving)
    if part.presence is not Presence.HERE:
        return [Difference("", Cause.ON_ITS_WAY if moving else Cause.LOST)]
    found: list[Difference] = []
    for fields, seen in shown(draft.maps(link.connection, link.kind), part):
        pair = link.pairs.get(fields.name)
        cause = None
        if pair is None:
            cause = _unmet(draft, link, fields, seen, moving=moving)
        elif not same(fields, seen, pair.theirs):
            cause = _moved(draft, link, fields, pair, seen, asked, moving=moving)
        else:
            cause = ours(draft, link, fields)
        if cause is not None:
            found.append(Difference(fields.name, cause, value_digest(key, fields, seen)))
    return found


def _unmet(draft: Draft, link: Link, fields: FieldMap, seen: Value, *, moving: bool) -> Cause | None:
    """A field that nothing has shown yet: it was made, or mapped, after the object was read. With nothing in it there
    and nothing of ours to go there, both sides say the same."""
    if is_empty(normal(fields, seen)) and is_empty(draft.render(link, fields)):
        return None
    mine = [w for w in draft.writes.values() if w.link == link.id and fields.name in w.fields]
    under_way = next((cause for w in mine if (cause := _of_write(w)) is not None), None)
    return Cause.ON_ITS_WAY if moving else under_way or Cause.LOST


def _closed(draft: Draft, link: Link, part: Part, *, moving: bool) -> list[Difference]:
    """The list shows what we hold for gone."""
    if part.presence is not Presence.HERE:
        return []
    asked = any(
        r.state is ReviewState.OPEN and r.kind in (ReviewKind.GONE, ReviewKind.MERGE) for r in draft.reviews.values()
    )
    if link.state is LinkState.DELETED and not asked and not moving:
        return [Difference("", Cause.LOST)]
    return [Difference("", Cause.ON_ITS_WAY if moving else Cause.REVIEW if asked else Cause.GONE)]


def _moved(
    draft: Draft, link: Link, fields: FieldMap, pair: Pair, seen: Value, asked: datetime, *, moving: bool
) -> Cause:
    """The system shows another value than we hold that it holds."""
    if moving or pair.awaiting is not None or (pair.fence is not None and asked < pair.fence):
        return Cause.ON_ITS_WAY
    if pair.previous_until is not None and asked < pair.previous_until:
        return Cause.ON_ITS_WAY
    if any(fields.name in a.fields and unsettled(a) for a in draft.open_attempts(link)):
        return Cause.ON_ITS_WAY
    if pair.gap:
        return Cause.GAP
    if pair.held:
        return Cause.REVIEW
    rendered = draft.render(link, fields)
    settled = pair.has_ours and same(fields, pair.ours, seen) and same(fields, rendered, seen)
    if settled and fields.direction is not Direction.OUT and pair.divergence is None:
        return Cause.HERE  # the record and our side of the pair say what is there: only the memory of theirs does not
    return Cause.LOST


def ours(draft: Draft, link: Link, fields: FieldMap) -> Cause | None:
    """Why what we would write differs from what is there, None where it does not or need not travel."""
    pair, record = link.pairs[fields.name], draft.record(link.record)
    copied = record.kind in COPIED_KINDS and record.origin == link.connection
    if fields.direction is Direction.IN or copied or not link.primary or record.state is not RecordState.LIVE:
        return None
    rendered = draft.render(link, fields)
    if same(fields, rendered, pair.theirs) or (not pair.has_ours and is_empty(rendered)):
        return None
    if fields.is_set:
        step = merge.difference(fields, theirs=pair.theirs, ours=pair.ours if pair.has_ours else (), mine=rendered)
        if not step.add and not step.drop:
            return _DIVERGED.get(pair.divergence, Cause.ADOPTED) if pair.divergence is not None else Cause.ADOPTED
    return _listed(draft, link, fields, pair, rendered) or Cause.HERE


def _listed(draft: Draft, link: Link, fields: FieldMap, pair: Pair, rendered: Value) -> Cause | None:
    """What the family itself says of a difference."""
    record = draft.record(link.record)
    mine = [w for w in draft.writes.values() if w.link == link.id and fields.name in w.fields]
    if under_way := next((cause for w in mine if (cause := _of_write(w)) is not None), None):
        return under_way
    calls = [a for a in draft.open_attempts(link) if fields.name in a.fields]
    if pair.awaiting is not None or any(a.state is AttemptState.OPEN or unsettled(a) for a in calls):
        return Cause.ON_ITS_WAY
    if waits_for(rendered) is not None or waits_for(pair.ours) is not None:
        return Cause.HELD
    if pair.held:
        return Cause.REVIEW
    if pair.gap:
        return Cause.GAP
    if record.frozen.intersection(fields.canonical):
        return Cause.FROZEN
    if pair.divergence is not None and (not pair.has_ours or draft.unmoved(link, fields, rendered, pair.ours)):
        return _DIVERGED[pair.divergence]
    if pair.missed > FEW:
        return Cause.NOT_SHOWN
    if not fields.call or gates.never_written(record, fields.canonical):
        return Cause.CANNOT
    view = draft.view(link.connection)
    if view is None or not gates.plans_writes(view):
        return Cause.HELD
    if not gates.in_scope(view, record, draft.records.values(), draft.refs.records):
        return Cause.HELD
    return None


def _of_write(write: Write) -> Cause | None:
    match write.state:
        case WriteState.DUE | WriteState.SENT:
            return Cause.ON_ITS_WAY
        case WriteState.WAITING | WriteState.HELD:
            return Cause.HELD
        case WriteState.DEAD | WriteState.DISCARDED:
            return Cause.FAILED
        case _:
            return None


# ------------------------------------------------------------------------------------------------------- looking again


def judge(draft: Draft, link: Link, name: str, seen: str, number: int, key: str) -> Cause | None:
    """What is left of a difference of this field: None once what was `seen` (by the read of that `number`), or
    something newer, has been taken in, and nothing unexplained remains."""
    if not link.open:
        return None  # it is known by now that the object is gone
    if not name:
        return None if link.last_read > number else Cause.LOST
    fields, pair = draft.map_of(link, name), link.pairs.get(name)
    if fields is None:
        return None  # not mapped any more
    if pair is None:
        return Cause.LOST
    arrived = pair.shown > number or value_digest(key, fields, pair.theirs) == seen
    if not arrived and not (pair.gap or pair.held):
        return Cause.LOST
    cause = ours(draft, link, fields)
    return cause if cause is Cause.HERE else None


def doubt(family: Family, connection: str, names: Iterable[tuple[str, str]], context: Context) -> Plan:
    """Fields (link id, vendor's name) of which our record or memory was altered here. Where the record says that it has
    the value from that very system, the pair is settled on what the record holds and the object read again, so that
    what is there is taken for the newer; what comes from elsewhere is owed there, and becomes a write as always."""
    draft = Draft(family, context)
    for link_id, name in sorted(names):
        link = draft.links.get(link_id)
        fields = draft.map_of(link, name) if link is not None else None
        pair = link.pairs.get(name) if link is not None else None
        if link is None or fields is None or pair is None or link.connection != connection or not link.open:
            continue
        sources = [draft.record(link.record).sources.get(each) for each in fields.canonical]
        if fields.direction is not Direction.OUT and all(s is not None and s.origin == connection for s in sources):
            mine = draft.render(link, fields)
            if waits_for(mine) is None:
                draft.pair(link.id, name, replace(pair, theirs=mine, ours=mine, has_ours=True, divergence=None))
        draft.want_link(link, draft.now, "differs from what is there, and nothing here says why")
    arrange(draft)
    return draft.finish()
