"""Calls of ours whose outcome a read decides: lost ones, and those answered without their fields.

It landed; it did not, and is due again, at most twice; or something else is there, which is recorded and never taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bascule.core import merge
from bascule.core.baseline import parsed
from bascule.core.digest import of_elements, of_value, same
from bascule.core.draft import Draft, conflict_key, value_of
from bascule.model import (
    COPIED_KINDS,
    Attempt,
    Direction,
    Divergence,
    FieldMap,
    HistoryKind,
    Link,
    Pair,
    Reason,
    ReviewKind,
    Source,
    Unmappable,
    Value,
    Write,
    WriteState,
    replace,
)

RESENDS = 3  # the old value came back this often after an accepted or lost write: settled as refused


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
    if fields.direction is not Direction.OUT and isinstance(parsed(draft, link, fields, seen), Unmappable):
        _unknown(draft, link, fields, pair, ours, seen, source)
        return
    settled = replace(pair, theirs=seen, ours=ours, has_ours=True, divergence=cause, awaiting=None, resent=0)
    draft.pair(link.id, fields.name, settled)
    why = "neither what was there nor what we sent"
    draft.note(link.record, HistoryKind.SEEN, fields.canonical[0], ours, seen, source, why)
    if link.kind not in COPIED_KINDS:
        ask_conflict(draft, link, fields, seen, ours)


def _unknown(draft: Draft, link: Link, fields: FieldMap, pair: Pair, ours: Value, seen: Value, source: Source) -> None:
    """A word that nobody has listed: a gap, as if our call had landed and somebody had said it after that. Nothing is
    written over it until a word is there that is known."""
    base = pair.theirs if same(fields, ours, seen) else ours
    gap = replace(pair, theirs=base, ours=base, has_ours=True, awaiting=None, resent=0, gap=True)
    draft.pair(link.id, fields.name, gap)
    why = "the mapping does not know this value"
    draft.note(link.record, HistoryKind.SEEN, fields.canonical[0], ours, seen, source, why)


def ask_conflict(draft: Draft, link: Link, fields: FieldMap, seen: Value, ours: Value) -> None:
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
    silent = replace(pair, ours=draft.render(link, fields), divergence=Divergence.DEAD)
    draft.pair(link.id, fields.name, silent)
    why = "no answer came and nothing changed there; this call is not repeated without a person"
    draft.write(dead(write, Reason.VENDOR, why, draft.now))


def dead(write: Write, reason: Reason, why: str, now: datetime) -> Write:
    """A write that will not succeed by itself: kept, explained, replayable."""
    return replace(write, state=WriteState.DEAD, reason=reason, why=why, closed=now)


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
