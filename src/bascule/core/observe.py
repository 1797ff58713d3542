"""What a read has shown, applied to one family: is it evidence, and what does the table make of it?

A read is no evidence for a field while a call of ours is under way there, nor before the system has settled after an
answer, nor when an older answer arrives late. What is no evidence is read again; everything else is settled here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bascule.core.baseline import first_meeting
from bascule.core.digest import same
from bascule.core.draft import Draft
from bascule.core.gone import came_back, gone, lacking, lost_deletions, unseen
from bascule.core.meeting import meet
from bascule.core.settle import settle_awaiting, settle_lost
from bascule.core.table import table, unsaid
from bascule.core.writing import FEW
from bascule.model import (
    Actor,
    ActorKind,
    Attempt,
    AttemptState,
    Direction,
    FieldMap,
    Kind,
    Link,
    LinkState,
    Pair,
    Part,
    Presence,
    Read,
    Source,
    Value,
    replace,
)

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
        elif _lags(draft, link, part, read):
            draft.want_link(link, read.started + draft.settle(link.connection), "an older version of it was shown")
        elif read.number < link.last_read:
            if any(f.name in part.seen and _differs(link, f, part.seen[f.name]) for f in _maps(draft, link)):
                draft.want_link(link, draft.now, "an older answer came late and differs")
        else:
            show(draft, link, part, read, source)
    elif part.presence in (Presence.ABSENT, Presence.HIDDEN):
        unseen(draft, link, read, source)
    elif link.open:
        gone(draft, link, part, read, source)


def _lags(draft: Draft, link: Link, part: Part, read: Read) -> bool:
    """A copy that lags behind: an older version than one shown a moment ago. Past `settle` it is believed: a system's
    clock may have been set back. A version may drop a read, and never admits one."""
    if link.read_at is None or read.started >= link.read_at + draft.settle(link.connection):
        return False
    ours, theirs = _moment(link.version), _moment(part.version)
    return ours is not None and theirs is not None and theirs < ours


def _moment(version: str) -> datetime | None:
    """A version as a time; None where it is none, or names no zone."""
    try:
        at = datetime.fromisoformat(version)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _maps(draft: Draft, link: Link) -> tuple[FieldMap, ...]:
    return draft.maps(link.connection, link.kind)


def _differs(link: Link, fields: FieldMap, seen: Value) -> bool:
    pair = link.pairs.get(fields.name)
    return pair is not None and not same(fields, pair.theirs, seen)


def _waits(link: Link, fields: FieldMap) -> bool:
    pair = link.pairs.get(fields.name)
    return pair is not None and (pair.gap or pair.held)


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
            version=part.version or link.version,
        )
    )
    unmoved = _unmoved(draft, draft.links[link.id], part, read)
    if unmoved:
        pairs = {**link.pairs, **{name: replace(link.pairs[name], shown=read.number, of=part.of) for name in unmoved}}
        draft.link(replace(draft.links[link.id], pairs=pairs))
    _same_version(draft, link, part)
    for fields in _maps(draft, link):
        if fields.name not in part.seen:
            _missed(draft, link.id, fields, part)
        elif fields.name not in unmoved:
            field(draft, link.id, fields, part.seen[fields.name], read, source, part.of)
            _seen_in(draft, link.id, fields, part)
    _unshown(draft, link.id, part, read)
    for attempt in lost_deletions(draft, draft.links[link.id], read):
        del draft.attempts[attempt.id]  # it is still there: due again


def _same_version(draft: Draft, link: Link, part: Part) -> None:
    """Two contents under one version: either may be the newer, so the object is read once more. A field that waits for
    a person has not been settled as what it shows, and says nothing of that."""
    if (
        part.version
        and part.version == link.version
        and any(
            f.name in part.seen and _differs(link, f, part.seen[f.name]) and not _waits(link, f)
            for f in _maps(draft, link)
        )
    ):
        draft.want_link(link, draft.now + draft.settle(link.connection), "changed without a new version")


def _unmoved(draft: Draft, link: Link, part: Part, read: Read) -> set[str]:
    """Fields shown as they were settled, with nothing of ours in the way: all there is to do is to remember that."""
    if draft.open_attempts(link):
        return set()
    found: set[str] = set()
    for fields in _maps(draft, link):
        pair = link.pairs.get(fields.name)
        if pair is None or fields.name not in part.seen or pair.shown >= read.number:
            continue
        if pair.awaiting or pair.held or pair.gap or pair.missed or unsaid(fields, pair):
            continue
        if pair.fence is not None and read.started < pair.fence:
            continue
        seen = part.seen[fields.name]
        if fields.is_set:  # in step, element for element
            if seen == pair.theirs == pair.ours and pair.has_ours and pair.divergence is None:
                found.add(fields.name)
        elif same(fields, seen, pair.theirs):
            found.add(fields.name)
    return found


def _seen_in(draft: Draft, link_id: str, fields: FieldMap, part: Part) -> None:
    """Remember which list showed the field; one that was lost and is shown again is written again too."""
    link = draft.links[link_id]
    pair = link.pairs.get(fields.name)
    if pair is None or (pair.of == part.of and not pair.missed):
        return
    if pair.missed > FEW:
        draft.shown[(link.connection, link.kind, fields.name)] = None
    draft.pair(link_id, fields.name, replace(pair, of=part.of, missed=0))


def _missed(draft: Draft, link_id: str, fields: FieldMap, part: Part) -> None:
    """The list that has shown this field shows the object without it. More than a few times is visibility lost: its
    outbound writes stop (`owed`), for what became of them could not be seen."""
    link = draft.links[link_id]
    pair = link.pairs.get(fields.name)
    if pair is None or not part.of or pair.of != part.of or pair.missed > FEW:
        return
    draft.pair(link_id, fields.name, replace(pair, missed=pair.missed + 1))
    if pair.missed == FEW:
        draft.lost[(link.connection, link.kind, fields.name)] = None


def field(draft: Draft, link_id: str, fields: FieldMap, seen: Value, read: Read, source: Source, of: str = "") -> None:
    """One field of one link, shown by the list `of`."""
    link = draft.links[link_id]
    pair = link.pairs.get(fields.name)
    if pair is None:
        first_meeting(draft, link, fields, seen, read.number, source, of)
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
    return [a for a in draft.lost_calls(link) if fields.name in a.fields and fields.name not in a.spent]


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
    for attempt in draft.lost_calls(link):
        blind = {
            f.name
            for f in _maps(draft, link)
            if f.name in attempt.fields and f.name not in part.seen and f.direction is Direction.OUT
        }
        late = read.started > attempt.at + draft.late(link.connection)
        if blind - attempt.spent and late:
            draft.attempts[attempt.id] = replace(attempt, spent=attempt.spent | blind)
