"""Two records of one person become one, and can be told apart again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from bascule.core import identity, merges
from bascule.core.baseline import rebase_link, shown_since
from bascule.core.digest import canonical, elements
from bascule.core.draft import Context, Draft, Plan, is_empty
from bascule.core.gone import go_along
from bascule.core.twins import FILLED, SHOWN, fill, join_twins, owed
from bascule.core.writing import CLOSED_FOR_GOOD, DEPTH, arrange, unsettled
from bascule.errors import ConflictError, ForbiddenError, InputError
from bascule.model import (
    BASCULE,
    OURS,
    PARENT_OF,
    Actor,
    Family,
    FamilyState,
    Fields,
    History,
    HistoryKind,
    Link,
    Record,
    RecordState,
    Review,
    ReviewKind,
    ReviewState,
    Source,
    Transition,
    Value,
    WriteState,
    replace,
)


def merge(survivor: Family, other: Family, context: Context, actor: Actor, cause: str) -> tuple[Plan, Plan]:
    """`other` goes into `survivor`: links, children and open questions move, nothing is written because of it.

    The loser's record stays in the survivor's family as it was (state MERGED): that is its before-image, and its id an
    alias for ever; the survivor is known by the keys of both. A moved link is secondary where the survivor has a live
    primary at that connection. The second plan leaves `other` empty; commit it first. ConflictError while a call of
    either is unsettled: try again in a moment.
    """
    _may_merge(survivor, other)
    loser = other.root
    winner = survivor.root
    draft = Draft(survivor, context)
    source = Source(OURS, actor, cause, context.now)
    moved_links = [link.id for link in other.links.values() if link.record == loser.id]
    children = [r.id for r in other.records.values() if r.parent == loser.id]
    primary = [link.id for link in other.links.values() if link.primary]
    due = owed((*survivor.writes.values(), *other.writes.values()))
    for record in other.records.values():
        draft.save(_moved_record(record, survivor.id, loser.id, winner.id))
    for link in sorted(other.links.values(), key=lambda x: x.id):
        _move_link(draft, link, loser.id, winner.id)
    draft.transitions += other.transitions
    for write in other.writes.values():  # failures never disappear by themselves: they go along
        if write.state in CLOSED_FOR_GOOD:
            draft.write(replace(write, record=winner.id if write.record == loser.id else write.record))
    for review in other.reviews.values():
        draft.reviews[review.id] = replace(review, record=winner.id if review.record == loser.id else review.record)
    go_along(draft, source)
    filled = fill(draft, winner, loser, source)
    for link in list(draft.links.values()):
        if link.open:
            rebase_link(draft, link.id, due.get(link.id, frozenset()))
    image: Mapping[str, Value] = {
        "family": other.id,
        "record": loser.id,
        "links": tuple(moved_links),
        "children": tuple(children),
        "primary": tuple(primary),
        "filled": filled,
    }
    draft.note(winner.id, HistoryKind.MERGED, "", image, loser.id, source, "merged")
    _answer(draft, {winner.id, loser.id}, actor)
    merges.ask(draft, winner.id, moved_links)
    join_twins(draft)
    arrange(draft)
    draft.claims = identity.keys_of(draft.family, draft.records[winner.id])
    return draft.finish(), _emptied(other, context)


def suspect(family: Family, other: str, detail: Fields, context: Context, actor: Actor = BASCULE) -> Plan:
    """Ask whether somebody and the record `other` are one person. `detail`: what speaks for it."""
    draft = Draft(family, context)
    root = family.root
    if other in family.records and family.survivor(other) == root.id:
        return draft.finish()
    about = "|".join(("alike", *sorted((root.id, other))))
    if not detail and draft.asked(ReviewKind.MERGE, about) is not None:
        return draft.finish()
    draft.ask(ReviewKind.MERGE, root.id, None, "", about, {**detail, "other": other}, actor)
    return draft.finish()


def _may_merge(survivor: Family, other: Family) -> None:
    if survivor.id == other.id:
        raise InputError("A record cannot be merged with itself.")
    if survivor.kind != other.kind or survivor.workspace != other.workspace:
        raise InputError("Only two records of one kind, in one workspace, can be merged.")
    if survivor.state is not FamilyState.LIVE or other.state is not FamilyState.LIVE:
        raise ForbiddenError("One of them is erased or being erased: nothing moves.", hint="A person looks at both.")
    if any(unsettled(a) for family in (survivor, other) for a in family.attempts.values()):
        raise ConflictError("A call to a connected system is still unsettled.", hint="Try again in a minute.")


def _moved_record(record: Record, family: str, loser: str, winner: str) -> Record:
    if record.id == loser:
        return replace(record, family=family, state=RecordState.MERGED, merged_into=winner)
    return replace(record, family=family, parent=winner if record.parent == loser else record.parent)


def _move_link(draft: Draft, link: Link, loser: str, winner: str) -> None:
    if link.record != loser:
        draft.born(_unsalted(link))
        return
    primary = link.primary and draft.link_of(winner, link.connection) is None
    draft.born(replace(_unsalted(link), record=winner, primary=primary))


def _unsalted(link: Link) -> Link:
    """Without digests under the other family's salt: a pair that awaits is settled by its next read as it is."""
    return replace(link, pairs={name: replace(pair, awaiting=None) for name, pair in link.pairs.items()})


def _answer(draft: Draft, records: set[str], actor: Actor) -> None:
    """What was asked about just these two is answered by the merge."""
    for review in list(draft.reviews.values()):
        asked = review.state is ReviewState.OPEN and review.kind in (ReviewKind.IDENTITY, ReviewKind.MERGE)
        if asked and review.record in records and _names(review, records):
            draft.close(review, ReviewState.APPROVED, actor, "merged")


def _names(review: Review, records: set[str]) -> bool:
    named = {x for value in review.detail.values() for x in elements(value)}
    return "into" in review.detail or bool(named & records)


def _emptied(other: Family, context: Context) -> Plan:
    """What is left of the other family: its writes closed, everything else moved away."""
    writes = {
        w.id: replace(w, state=WriteState.MOOT, why="merged into another record", closed=context.now)
        for w in other.writes.values()
        if w.closed is None
    }
    empty = replace(other, records={}, links={}, attempts={}, writes=writes, reviews={}, transitions=())
    return Plan(empty)


def unmerge(
    survivor: Family, other: Family, image: Mapping[str, Value], context: Context, actor: Actor, cause: str
) -> tuple[Plan, Plan]:
    """Give back what still exists of a merge: `image` is the `old` value of its history line (`HistoryKind.MERGED`).

    `other` is the emptied family. The record returns as it was before; edits made since stay with the survivor; what it
    had filled from the other leaves it, and so does what its history says of that (`remaining`). What hangs on an
    object at a system is of whom that object is: what was made there meanwhile, for both, is a record of each.
    Nothing is written because of it. A merge made by a vendor cannot be undone there: that remains a person's task.
    """
    loser = survivor.records.get(str(image.get("record")))
    if loser is None or loser.state is not RecordState.MERGED:
        raise InputError("That merge is not to be found in this record.", hint="It may have been undone already.")
    if any(unsettled(a) for a in survivor.attempts.values()):
        raise ConflictError("A call to a connected system is still unsettled.", hint="Try again in a minute.")
    kept, back = Draft(survivor, context), Draft(other, context)
    source = Source(OURS, actor, cause, context.now)
    objects = set(elements(image.get("links")))
    returning = _returning(kept, loser.id, elements(image.get("children")), objects)
    primary = set(elements(image.get("primary")))
    into = survivor.lives_on_as(loser.id)[1:]
    _give_back(kept, loser, elements(image.get("filled")), into)
    for record in returning:
        del kept.records[record.id]
        back.save(_returned(record, other.id, loser, into))
    mine = {r.id for r in returning}
    parted: dict[tuple[bool, str], str] = {}
    for link in sorted(kept.links.values(), key=lambda one: (DEPTH.get(one.kind, 2), one.id)):
        root = _object_of(survivor, link)
        goes = link.record in mine if root is None else root.id in objects
        home = link.record if goes == (link.record in mine) else parted.get((goes, link.record))
        if link.kind is survivor.kind:
            home = loser.id if goes else link.record
        elif home is None:
            own, new = (kept, back) if goes else (back, kept)
            own.save(_no_younger(own.records[link.record], context))
            twin = _parted(new, own.records[link.record], link, loser.id if goes else into[-1], parted)
            home = parted[goes, link.record] = twin
        if goes:
            del kept.links[link.id]
            first = link.id in primary if home == loser.id else link.primary  # of its children all are as they were
            back.born(replace(_unsalted(link), record=home, primary=first))
        elif home != link.record:
            kept.link(replace(link, record=home))
    _moot_moved(kept)
    _return_failures(kept, back)
    _return_reviews(kept, back)
    for link in [one for one in back.links.values() if one.kind is survivor.kind and one.open]:
        shown_since(back, link.id, Source(link.connection, actor, cause, context.now))
    back.transitions += [t for t in kept.transitions if t.record in mine]
    kept.transitions = [t for t in kept.transitions if t.record not in mine]
    for draft in (kept, back):
        _lead(draft)
        merges.lapse(draft)
        for link in list(draft.links.values()):
            # what was last settled of an object that is gone, or of a field that is off, was settled for both
            live = {one.name for one in draft.maps(link.connection, link.kind)} if link.open else set[str]()
            draft.link(replace(link, pairs={name: pair for name, pair in link.pairs.items() if name in live}))
            if link.open:
                rebase_link(draft, link.id)
        draft.note((draft.root() or loser).id, HistoryKind.MERGED, "", loser.id, None, source, "told apart again")
        arrange(draft)
    return kept.finish(), back.finish()


def _object_of(family: Family, link: Link) -> Link | None:
    """The person's object that a link's object hangs on there, as reads have shown it."""
    at: Link | None = link
    while at is not None and at.kind is not family.kind:
        above = PARENT_OF.get(at.kind)
        at = family.link_at(at.connection, above, at.parent) if above is not None and at.parent is not None else None
    return at


def _parted(draft: Draft, record: Record, link: Link, root: str, parted: Mapping[tuple[bool, str], str]) -> str:
    """A record of its own for what hangs on the object of one of the two, and was a copy of what is the other's."""
    twins = {old: new for (_, old), new in parted.items() if new in draft.records}
    fields = {
        name: twins.get(value, value) if isinstance(value, str) else value for name, value in record.fields.items()
    }
    mine = replace(
        record,
        id=draft.context.ids(),
        family=draft.before.id,
        parent=twins.get(record.parent or "", root),
        fields=fields,
        origin=link.connection,
    )
    draft.save(mine)
    return mine.id


def _no_younger(record: Record, context: Context) -> Record:
    """Older than any connection's life here: nothing more is made of it elsewhere unless a person chooses it. What was
    made of it for both of two bears its mark already."""
    lives = (view.live_since for view in context.connections.values() if view.live_since is not None)
    return replace(record, born=min([record.born, *(since - timedelta(seconds=1) for since in lives)]))


def _give_back(draft: Draft, loser: Record, filled: tuple[str, ...], into: tuple[str, ...]) -> None:
    """What the survivor has only from the other goes, and what is remembered of its coming; so does what others have of
    it `into` whom the survivor was merged since."""
    for at, id in enumerate(into):
        winner = draft.records[id]
        names = filled if at == 0 else tuple(name for name in loser.fields if _from(winner, loser, name))
        for name in names:
            held = winner.fields.get(name)
            own = _without(held, loser.fields.get(name))
            if is_empty(own):
                fields = {one: value for one, value in winner.fields.items() if one != name}
                sources = {one: source for one, source in winner.sources.items() if one != name}
                winner = replace(winner, fields=fields, sources=sources)
            elif own is not held:
                winner = replace(winner, fields={**winner.fields, name: own})
        draft.save(winner)
        draft.transitions = [
            left
            for one in draft.transitions
            if (left := _left(one, loser) if one.record == id and one.field in names else one) is not None
        ]


def _from(winner: Record, loser: Record, name: str) -> bool:
    """Whether a value came to the one from what the other was read to be."""
    held, theirs = winner.sources.get(name), loser.sources.get(name)
    return held is not None and theirs is not None and held.cause == theirs.cause


def _left(one: Transition, loser: Record) -> Transition | None:
    """What is left of a change of the survivor's field that was filled from the other."""
    theirs = loser.fields.get(one.field)
    mine = replace(one, old=_without(one.old, theirs), new=_without(one.new, theirs))
    return mine if mine == one or canonical(mine.old) != canonical(mine.new) else None


def _without(value: Value, theirs: Value) -> Value:
    """A value without what it has of another: all where the two are the same, and of a list their elements."""
    if canonical(value) == canonical(theirs):
        return None
    if not isinstance(value, (list, tuple)) or not isinstance(theirs, (list, tuple)):
        return value
    folded = {one.casefold() for one in elements(theirs)}
    own = tuple(one for one in value if str(one).casefold() not in folded)
    return own if len(own) < len(value) else value


def shown(family: Family, context: Context) -> frozenset[tuple[str, str]]:
    """What a root holds and what its own objects have shown, while it was merged too: (field, folded value)."""
    own = [(name, value) for name, value in family.root.fields.items()]
    for link in family.links.values():
        view = context.connections.get(link.connection)
        maps = view.fields.get(link.kind, ()) if view is not None and link.kind is family.kind else ()
        for fields in maps:
            pair = link.pairs.get(fields.name)
            if pair is not None:
                own += [(fields.canonical[0], pair.theirs), (fields.canonical[0], pair.previous)]
    return frozenset((name, canonical(value).casefold()) for name, value in own if not is_empty(value))


def remaining(
    line: History, merged: History, held: Fields, into: Collection[str], seen: Collection[tuple[str, str]]
) -> History | None:
    """What stays of a line of the survivor's history when the record that was `merged` into it, and `held` this, is
    told apart: nothing of what was `copied` from it, and of a list that was filled from it no element of it. `into` are
    the survivor, and all whom it was merged into since; `seen` is what the record and its objects have `shown`."""
    if copied(line, merged, seen, into):
        return None
    filled = elements(merged.old.get("filled")) if isinstance(merged.old, Mapping) else ()
    if line.record not in into or line.at <= merged.at or line.field not in filled:
        return line
    theirs = held.get(line.field)
    if not isinstance(theirs, (list, tuple)):
        return line
    mine = replace(line, old=_without(line.old, theirs), new=_without(line.new, theirs))
    if mine == line:
        return line
    return mine if canonical(mine.old) != canonical(mine.new) else None


def copied(line: History, merged: History, seen: Collection[tuple[str, str]], into: Collection[str]) -> bool:
    """Whether a line of the survivor's history says what the other record held: written by their merge or a later one,
    or by a call since then that overwrote it on the other's object."""
    if line.record not in into:
        return False
    if line.at <= merged.at:
        return line.record == merged.record and line.at == merged.at and line.why in (FILLED, SHOWN)
    if line.kind is HistoryKind.WRITTEN:
        return (line.field, canonical(line.old).casefold()) in seen
    # their object, taken for the record's own meanwhile; or what the survivor had of them, when it was merged
    met = line.kind is HistoryKind.ADOPTED or line.why in (FILLED, SHOWN)
    return met and (line.field, canonical(line.new).casefold()) in seen


def _return_reviews(kept: Draft, back: Draft) -> None:
    """What was asked about an object goes where the object has gone."""
    for review in list(kept.reviews.values()):
        about = review.about.split("|")[0]
        link, stays = back.links.get(about), kept.links.get(about)
        if stays is not None and review.record not in kept.records:
            kept.reviews[review.id] = replace(review, record=stays.record)
        if link is not None:
            del kept.reviews[review.id]
            back.reviews[review.id] = replace(review, record=link.record)


def _returning(draft: Draft, loser: str, children: tuple[str, ...], objects: set[str]) -> list[Record]:
    """The loser, its former children that still exist, what was met only on the loser's own objects, all that hangs on
    those, and whoever had been merged into one of them."""
    ids = {loser, *(c for c in children if c in draft.records)}
    for record in draft.records.values():
        on = [_object_of(draft.before, link) for link in draft.before.links.values() if link.record == record.id]
        if record.parent is not None and record.origin != OURS and on and all(o and o.id in objects for o in on):
            ids.add(record.id)
    for _ in range(3):
        ids |= {r.id for r in draft.records.values() if r.parent in ids and r.parent != loser}
        ids |= {r.id for r in draft.records.values() if r.merged_into in ids}
    return [draft.records[x] for x in sorted(ids) if x in draft.records]


def _returned(record: Record, family: str, loser: Record, into: Collection[str]) -> Record:
    if record.id == loser.id:
        return replace(record, family=family, state=RecordState.LIVE, merged_into=None)
    direct = record.parent in into
    return replace(record, family=family, parent=loser.id if direct else record.parent)


def _return_failures(kept: Draft, back: Draft) -> None:
    """Failures go where their object or record has gone."""
    for write in list(kept.writes.values()):
        link, stays = back.links.get(write.link or ""), kept.links.get(write.link or "")
        if write.state in CLOSED_FOR_GOOD and stays is not None:
            kept.write(replace(write, record=stays.record))
        elif write.state in CLOSED_FOR_GOOD and (link is not None or write.record in back.records):
            del kept.writes[write.id]
            back.write(replace(write, record=link.record if link is not None else write.record))


def _lead(draft: Draft) -> None:
    """Where the object that a record was written by has gone with the other, its oldest one there is from now on."""
    led = {(link.connection, link.record) for link in draft.links.values() if link.open and link.primary}
    for link in sorted(draft.links.values(), key=lambda one: one.id):
        if link.open and (link.connection, link.record) not in led:
            led.add((link.connection, link.record))
            draft.link(replace(link, primary=True))


def _moot_moved(draft: Draft) -> None:
    for write in list(draft.writes.values()):
        if write.closed is None and (
            write.record not in draft.records or (write.link and write.link not in draft.links)
        ):
            draft.write(replace(write, state=WriteState.MOOT, why="no longer of this record", closed=draft.now))
