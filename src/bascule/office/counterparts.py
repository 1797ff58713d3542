"""Jobs and rejection reasons that are the same at two systems: proposed by what both show, paired by a person.

Nothing is guessed: an application is only created elsewhere for a job that a person has paired, and what waits for one
is a task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bascule.core import stages
from bascule.core.mapping import Chosen
from bascule.engine.connections import Connected
from bascule.engine.remap import families_after
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.model import Actor, Family, Kind, Record, RecordState
from bascule.store import Tx

from .desk import Desk
from .mappings import Mappings

KINDS = (Kind.JOB, Kind.REJECTION_REASON)
REQUISITION, PLACE, NAME = "requisition id", "title and place", "name"
"""Why two are proposed to be the same."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A job or a reason at one connection. `waiting` is how many people's applications wait for its counterpart."""

    record: str
    kind: Kind
    name: str
    requisition: str = ""
    place: str = ""
    open: bool = True
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """One at the first connection, with its counterpart at the second: the one that a person has chosen, or (`why`) the
    one that is proposed; None where there is neither."""

    one: Thing
    other: Thing | None
    why: str = ""

    @property
    def chosen(self) -> bool:
        return self.other is not None and not self.why


class Counterparts:
    """`app.counterparts`."""

    def __init__(self, desk: Desk, mappings: Mappings) -> None:
        self._desk = desk
        self._mappings = mappings

    async def listed(self, first: str, second: str) -> list[Pair]:
        """What the first connection has, what waits first, each with its counterpart at the second."""
        return (await self.compared(first, second))[0]

    async def compared(self, first: str, second: str) -> tuple[list[Pair], list[Thing]]:
        """(the same, what the second has that is nobody's counterpart)."""
        one, other = self._two(first, second)
        pairs, free = await self._desk.store.read(lambda tx: self._pairs(tx, one, other))
        pairs.sort(key=lambda pair: (-pair.one.waiting, pair.one.kind, not pair.chosen, pair.one.name))
        return pairs, free

    async def confirm(self, first: str, second: str, actor: Actor) -> list[Pair]:
        """Pair all that is proposed. Those that were paired."""
        proposed = [pair for pair in await self.listed(first, second) if pair.why and pair.other is not None]
        one, other = self._two(first, second)
        await self._choose(one, other, {p.one.record: p.other.record for p in proposed if p.other is not None}, actor)
        return proposed

    async def pair(self, record: str, other: str, actor: Actor) -> None:
        """Say that two are the same. InputError where they cannot be, ConflictError where one is paired already."""
        one, two = await self._desk.store.read(lambda tx: (self._at(tx, record), self._at(tx, other)))
        if one[1].kind is not two[1].kind or one[1].kind not in (*KINDS, Kind.STAGE):
            raise InputError("Only two jobs, two stages or two rejection reasons are paired.")
        if one[0].id == two[0].id:
            raise InputError("Both are at one connection.", hint="Name one of each of two connections.")
        await self._choose(one[0], two[0], {record: other}, actor)

    async def part(self, record: str, connection: str, actor: Actor) -> None:
        """Take back what was said of a record's counterpart at a connection. What was created stays where it is."""
        there = self._desk.connections.named(connection)
        at, _ = await self._desk.store.read(lambda tx: self._at(tx, record))
        if Chosen.read(there.row.choices).same.get(record) is None:
            raise NotFoundError(f"It has no counterpart at {connection}.")
        await self._choose(at, there, {record: ""}, actor)

    # ---------------------------------------------------------------------------------------------------------- looking

    def _two(self, first: str, second: str) -> tuple[Connected, Connected]:
        one, other = self._desk.connections.named(first), self._desk.connections.named(second)
        if one.id == other.id:
            raise InputError("Two connections are compared, not one with itself.")
        return one, other

    def _at(self, tx: Tx, record: str) -> tuple[Connected, Record]:
        """The connection a record is linked at."""
        home = tx.families.record_family(record)
        family = tx.families.family(home) if home is not None else None
        link = next((x for x in family.links.values() if x.record == record and x.open), None) if family else None
        at = self._desk.connections.known(link.connection) if link is not None else None
        if family is None or at is None or family.workspace != self._desk.workspace:
            raise NotFoundError(
                f"There is no record {record} at any connection.", hint="See: bascule counterparts list"
            )
        return at, family.records[record]

    def _pairs(self, tx: Tx, one: Connected, other: Connected) -> tuple[list[Pair], list[Thing]]:
        waiting = {record: n for at, record, n, _ in tx.families.awaited(self._desk.workspace) if at == other.id}
        same, found, free = Chosen.read(other.row.choices).same, list[Pair](), list[Thing]()
        for kind in KINDS:
            mine, theirs = (list(self._things(tx, at, kind, waiting)) for at in (one, other))
            there = {thing.record: thing for thing in theirs}
            taken = {same[thing.record] for thing in mine if thing.record in same}
            left = [thing for thing in theirs if thing.record not in taken]
            free += left
            proposed = propose([thing for thing in mine if thing.record not in same], left)
            for thing in mine:
                known = there.get(same.get(thing.record, ""))
                may_be, why = proposed.get(thing.record, (None, ""))
                found.append(Pair(thing, known) if known is not None else Pair(thing, may_be, why))
        return found, free

    def _things(self, tx: Tx, at: Connected, kind: Kind, waiting: Mapping[str, int]) -> Iterable[Thing]:
        for family in _families(tx, at, kind):
            root = family.root
            if root.state is RecordState.LIVE and family.link_of(root.id, at.id) is not None:
                yield thing_of(root, waiting.get(root.id, 0))

    # --------------------------------------------------------------------------------------------------------- choosing

    async def _choose(self, one: Connected, other: Connected, pairs: Mapping[str, str], actor: Actor) -> None:
        """Both connections' mappings say so, and everybody concerned is planned anew. "" for one that is taken back."""
        if not pairs:
            return
        forth, back = (Chosen.read(at.row.choices) for at in (other, one))
        same, turned = dict(forth.same), dict(back.same)
        for record, counterpart in pairs.items():
            before = same.pop(record, "")
            turned.pop(before, None)
            if counterpart:
                self._free(same, turned, record, counterpart, before)
                same[record], turned[counterpart] = counterpart, record
        for at, chosen in ((other, replace(forth, same=same)), (one, replace(back, same=turned))):
            await self._mappings.change(self._desk.connections.get(at.id), chosen, actor, "counterparts")

    @staticmethod
    def _free(same: Mapping[str, str], turned: Mapping[str, str], record: str, counterpart: str, before: str) -> None:
        if (before and before != counterpart) or counterpart in same.values() or counterpart in turned:
            raise ConflictError(
                "One of them is paired with another already.", hint="Take that back first: bascule counterparts part"
            )


def propose(mine: Sequence[Thing], theirs: Sequence[Thing]) -> dict[str, tuple[Thing, str]]:
    """By record, what is its counterpart by all that both show: a requisition id that each has once, else a title and a
    place (a name, of reasons) that each has once."""
    found: dict[str, tuple[Thing, str]] = {}
    for why, key in ((REQUISITION, _requisition), (PLACE, _place), (NAME, _name)):
        taken = {thing.record for thing, _ in found.values()}
        free = [one for one in mine if one.record not in found]
        left = [one for one in theirs if one.record not in taken]
        often = Counter(key(one) for one in free), Counter(key(one) for one in left)
        by_key = {key(one): one for one in left}
        for one in free:
            known = key(one)
            if known and often[0][known] == often[1][known] == 1:
                found[one.record] = by_key[known], why
    return found


def _requisition(one: Thing) -> str:
    return one.requisition.strip().casefold()


def _place(one: Thing) -> str:
    here, there = stages.fold(one.name), stages.fold(one.place)
    return f"{here}|{there}" if here and there and one.kind is Kind.JOB else ""


def _name(one: Thing) -> str:
    return stages.fold(one.name) if one.kind is not Kind.JOB else ""


def thing_of(record: Record, waiting: int = 0) -> Thing:
    fields = record.fields
    offices = fields.get("offices")
    return Thing(
        record.id,
        record.kind,
        str(fields.get("title") or fields.get("name") or ""),
        str(fields.get("requisition") or ""),
        ", ".join(sorted(str(one) for one in offices)) if isinstance(offices, tuple) else "",
        fields.get("status") in (None, "open"),
        waiting,
    )


def _families(tx: Tx, at: Connected, kind: Kind) -> Iterable[Family]:
    after = ""
    while page := families_after(tx, at.id, kind, after, 200):
        after = page[-1][0]
        yield from tx.families.families({family for _, family in page}).values()
