"""One field of one link: what was settled, what is seen, what we hold.

Change makes work, difference does not. `theirs` and `ours` are what both sides held when last settled, in the
system's own terms; they moved when what is seen is no longer `theirs`, we moved when what we render is no longer
`ours`. The scalar table and its form for sets, element by element, are all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bascule.core.digest import elements
from bascule.model import OURS, Authority, ConnectionView, Direction, FieldMap, Source, Value


class Step(StrEnum):
    """What one field asks for when a read has shown it. (Our own change is a write, whatever was seen.)"""

    NOTHING = "nothing"
    TAKE = "take"  # record := parse(seen), pair := (seen, render(record))
    AGREE = "agree"  # pair := (seen, render(record))
    KEEP = "keep"  # conflict, ours wins: theirs := seen, the write stays due, the loser goes to the history
    ASK = "ask"  # conflict: neither side moves until a person chooses
    DRIFT = "drift"  # a foreign edit of a field that only goes out


class Winner(StrEnum):
    LINK = "link"
    RECORD = "record"
    PERSON = "person"


def step(direction: Direction, *, they_moved: bool, we_moved: bool, agreed: bool, winner: Winner = Winner.LINK) -> Step:
    """The table. `agreed`: what we render is the same as what is seen. `winner` matters only in a conflict."""
    if not they_moved:
        return Step.NOTHING
    if agreed:
        return Step.AGREE
    if direction is Direction.OUT:
        return Step.DRIFT
    if not we_moved or direction is Direction.IN:
        return Step.TAKE
    return {Winner.LINK: Step.TAKE, Winner.RECORD: Step.KEEP, Winner.PERSON: Step.ASK}[winner]


def winner(
    fields: FieldMap,
    connection: str,
    sources: Iterable[Source | None],
    connections: Mapping[str, ConnectionView],
) -> Winner:
    """Who wins a conflict: the link, or the source of what the record holds. A tie goes to the link.

    `sources` are those of the canonical fields that taking the seen value would change. The owner order of a field
    the ATS owns is the connections by rank, then ours; of a field that is ours, ours first.
    """
    if fields.authority is Authority.REVIEW:
        return Winner.PERSON
    if fields.authority is Authority.LATEST:
        return Winner.LINK
    link = place(fields.authority, connection, connections)
    held = min((place(fields.authority, s.origin, connections) for s in sources if s is not None), default=link)
    return Winner.LINK if link <= held else Winner.RECORD


def place(authority: Authority, origin: str, connections: Mapping[str, ConnectionView]) -> int:
    """The place of an origin in a field's owner order; lower wins. A connection that is no more comes last."""
    if origin == OURS:
        return -1 if authority is Authority.OURS else 10**6
    view = connections.get(origin)
    return view.rank if view else 10**6 + 1


# ------------------------------------------------------------------------------------------------------------- sets


@dataclass(frozen=True, slots=True)
class SetStep:
    """What a set asks for. `theirs`, `ours` are the pair to be; elements are in the system's spelling.

    `add` and `drop` change the record. `lost` are changes of theirs that did not become the record's, `late` those
    that are our own call landing late.
    """

    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    late: tuple[str, ...] = ()


def spelled(fields: FieldMap, value: Value) -> dict[str, str]:
    """A set by its folding: folded element -> the spelling it has."""
    return {fields.fold(element): element for element in elements(value)}


def as_set(by_fold: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(by_fold[folded] for folded in sorted(by_fold))


def step_set(
    fields: FieldMap,
    *,
    seen: Value,
    theirs: Value,
    ours: Value,
    mine: Value,
    winner: Winner,
    landed: tuple[Collection[str], Collection[str]] = ((), ()),
) -> SetStep:
    """The table, element by element. An element they did not touch since it was settled is left as it is.

    `landed` are the folded elements (added, removed) of calls of ours that may still land. A person is never asked
    about one element: where the mapping says review, ours is kept and the other goes to the history.
    """
    s, t, o, m = (spelled(fields, v) for v in (seen, theirs, ours, mine))
    add, drop, lost, late = [], [], [], []
    for x in sorted({*s, *t}):
        there, held = x in s, x in m
        if there == (x in t):
            continue
        spelling = s.get(x) or t[x]
        if there == held:
            _settle(o, x, spelling, there)
        elif (there and x in landed[0]) or (not there and x in landed[1]):
            late.append(spelling)
            _settle(o, x, spelling, there)
        elif held != (x in o) and fields.direction is not Direction.IN and winner is not Winner.LINK:
            lost.append(spelling)
        else:
            (add if there else drop).append(spelling)
            _settle(o, x, spelling, there)
        _settle(t, x, spelling, there)
    t |= {x: s[x] for x in t if x in s}
    return SetStep(as_set(t), as_set(o), tuple(add), tuple(drop), tuple(lost), tuple(late))


def _settle(by_fold: dict[str, str], folded: str, spelling: str, present: bool) -> None:
    if present:
        by_fold[folded] = spelling
    else:
        by_fold.pop(folded, None)


def difference(fields: FieldMap, *, theirs: Value, ours: Value, mine: Value) -> SetStep:
    """What of a set is still to be written: `add` and `drop`; what the system already has so is settled in `ours`."""
    t, o, m = (spelled(fields, v) for v in (theirs, ours, mine))
    add, drop = [], []
    for x in sorted({*o, *m}):
        held = x in m
        if held == (x in o):
            continue
        if held == (x in t):
            _settle(o, x, t.get(x) or o.get(x) or x, held)
        elif held:
            add.append(m[x])
        else:
            drop.append(t[x])
    return SetStep(as_set(t), as_set(o), tuple(add), tuple(drop))
