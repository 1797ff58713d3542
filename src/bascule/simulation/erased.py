"""After quiet: who was erased is gone, here and there, and two who were told apart are two."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType

from bascule.app import App
from bascule.errors import ConfigurationError, NotFoundError
from bascule.model import HistoryKind, RecordState
from bascule.store import Tx
from bascule.store.schema import metadata
from bascule.store.sql import Sql

from .ledger import Ledger
from .loop import BEGINNING
from .settled import KIND, went_with_another
from .vendor import NOTE, PERSON, US, Entry, State, Thing
from .world import Apart, Erasure, World

PERSONAL = ("first_name", "last_name", "title", "company", "emails", "tags", "body")
SETTLED = 45.0  # seconds after which nothing is on its way any more


def check(world: World, ledger: Ledger, app: App) -> None:
    mine = _theirs(world)
    for one in world.erasures:
        ended(world, ledger, app, one)
        for system, id in sorted(mine):
            if world.vendors[system].things[id].whose in one.whose:
                _there(world, ledger, system, id)
    if world.erasures:
        nothing_left(world, ledger, app, _values(world, ledger, mine), _copied(world, ledger, mine))
    for one in world.apart:
        _two(world, ledger, one)


def _theirs(world: World) -> set[tuple[str, str]]:
    """Objects of everybody who was erased: those they were known by here, those we made, and what hangs on these."""
    known = {known for one in world.erasures for known in one.objects}
    marks = {mark for one in world.erasures for mark in one.marks}
    mine: set[tuple[str, str]] = set()
    for system, vendor in world.vendors.items():
        for thing in vendor.things.values():  # in the order of their making: a parent before its children
            made = (thing.log[0].state or {}).get("ref") in marks
            if (thing.kind == PERSON and ((system, thing.id) in known or made)) or (system, thing.parent) in mine:
                mine.add((system, thing.id))
    return mine


# --------------------------------------------------------------------------------------------------------- erasure


def ended(world: World, ledger: Ledger, app: App, one: Erasure) -> None:
    begun = app.store.query(lambda tx: tx.erasure.list(app.workspace, limit=1000))
    found = [erased for erased in begun if erased.record == one.record]
    if not found:
        world.wrong("an erasure nobody knows of", one.record)
    elif found[0].ended is None and not ledger.delays.get(found[0].family):
        world.wrong("an erasure that has not ended", *sorted(one.whose))


def _there(world: World, ledger: Ledger, system: str, id: str) -> None:
    """Nobody is held here by that object, and there they are gone, or somebody is asked to see to it. What hung on
    another, and went with them when that other was merged into them there, is found by the next comparison."""
    thing = world.vendors[system].things[id]
    held = ledger.of(system, KIND[thing.kind], id)
    if not all(went_with_another(world, ledger, family, link) for family, link in held):
        world.wrong("the erased are held again", system, thing.kind, id)
    if thing.kind != PERSON or thing.state is None or thing.state.get("anonymised"):
        return
    if not ledger.by_hand(system, id):
        world.wrong("still there, and nobody is asked", system, id)


def _values(world: World, ledger: Ledger, mine: set[tuple[str, str]]) -> set[str]:
    """What only the erased were ever called, said or noted to be, but for what was read of them first while they and
    somebody else were taken for one: that was said of both."""
    late = _read_for_both(world, ledger)
    theirs = {
        v for system, id in mine for v in _said_of_them(world, world.vendors[system].things[id]) if (id, v) not in late
    }
    others = {
        v
        for system, vendor in world.vendors.items()
        for thing in vendor.things.values()
        if (system, thing.id) not in mine
        for v in _said_of(_entries(thing))
    }
    return {value for value in theirs - others if re.search(r"\d", value)}


def _said_of_them(world: World, thing: Thing) -> Iterator[str]:
    """But for what was said while they and somebody else were taken for one."""
    return _said_of(one for one in _entries(thing) if not _for_both(world, thing, one))


def _entries(thing: Thing) -> Iterable[Entry]:
    return thing.log if thing.kind in (PERSON, NOTE) else ()


def _said_of(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.state is not None and not entry.state.get("anonymised"):
            yield from _said_in(entry.state)


def _said_in(state: State) -> Iterator[str]:
    for name in PERSONAL:
        value = state.get(name)
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield str(one).casefold().lstrip("~")


def _for_both(world: World, thing: Thing, entry: Entry, after: float = SETTLED) -> bool:
    return any(one.since <= entry.at <= one.at + after and thing.whose in one.whose for one in world.apart)


def _read_for_both(world: World, ledger: Ledger) -> set[tuple[str, str]]:
    """(object, value): changes that were read of an object while its person and another were taken for one."""
    return {
        (line.cause.rpartition(":")[2], value)
        for line in ledger.history
        if line.kind is HistoryKind.CHANGED
        and any(one.since < (line.at - BEGINNING).total_seconds() <= one.at for one in world.apart)
        for value in _said_in({line.field: list(line.new) if isinstance(line.new, tuple) else line.new})
    }


def _copied(world: World, ledger: Ledger, mine: set[tuple[str, str]]) -> dict[str, set[str]]:
    """What we wrote on an object of somebody else while they and the erased were taken for one, by the family that
    holds that object: it stands there, so there it is the other's."""
    found: dict[str, set[str]] = defaultdict(set)
    for system, vendor in world.vendors.items():
        for thing in vendor.things.values():
            if thing.kind in (PERSON, NOTE) and (system, thing.id) not in mine:
                calls = [one for one in thing.log if one.who == US and _for_both(world, thing, one, after=0.0)]
                values = {value for one in calls for value in _said_in(_written(one))}
                for family, _ in ledger.of(system, KIND[thing.kind], thing.id) if values else ():
                    found[family.id] |= values
    return found


def _written(entry: Entry) -> State:
    return {name: (entry.state or {}).get(name) for name in entry.changed}


def nothing_left(
    world: World, ledger: Ledger, app: App, values: set[str], copied: Mapping[str, set[str]] = MappingProxyType({})
) -> None:
    """No table holds such a value: in clear, or sealed with a key that is still there. `copied`: those that rows of a
    family may hold, by family."""

    @cache
    def pattern(family: object) -> re.Pattern[str]:
        wanted = values - copied.get(str(family), set())
        any_of = "|".join(re.escape(value) for value in sorted(wanted, key=len, reverse=True)) or "(?!)"
        return re.compile(rf"(?<!\w)({any_of})(?!\w)")

    def search(tx: Tx) -> list[tuple[str, str, str]]:
        return [
            (table, column, found[0])
            for table, column, family, text in _texts(tx)
            if (found := pattern(family).search(text.casefold())) is not None
        ]

    if values:
        for table, column, value in sorted(set(app.store.query(search))):
            world.wrong("left of somebody erased", table, column, value)
        for path in sorted(world.folder.rglob("*")):
            if path.is_file() and (found := pattern(None).search(path.read_text(errors="replace").casefold())):
                world.wrong("left of somebody erased", path.name, found[0])


def _texts(tx: Tx) -> Iterator[tuple[str, str, object, str]]:
    """Everything in every table that can be read by who holds the database and its master key, with the family whose
    row it stands in."""
    for name, table in metadata.tables.items():
        columns, of = [column.name for column in table.columns], "id" if name == "families" else "family"
        quoted = ", ".join(f'"{column}"' for column in columns)
        for row in tx.rows(Sql(f'SELECT {quoted} FROM "{name}"')):
            family = row[columns.index(of)] if of in columns else None
            for column, value in zip(columns, row, strict=True):
                for text in _readable(tx, value):
                    yield name, column, family, text


def _readable(tx: Tx, value: object) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, bytes | memoryview):
        return ()
    raw = bytes(value)
    try:
        return (raw.decode(errors="replace"), tx.vault.open(raw).decode(errors="replace"))
    except (ConfigurationError, NotFoundError):  # not sealed, or its key is gone
        return (raw.decode(errors="replace"),)


# ------------------------------------------------------------------------------------------------------- told apart


def _two(world: World, ledger: Ledger, one: Apart) -> None:
    """Who was told apart is a person of their own, unless somebody joined, merged or erased them again since; and
    nothing was written anywhere because of it."""
    later = [d for d in world.decided if d.at > one.at and d.whose & one.whose]
    moved = [s for s in world.said if s.at > one.at - SETTLED and s.whose in one.whose]
    if not later and not moved and not one.whose & world.erased:
        home = next((f for f in ledger.families if one.record in f.records), None)
        record = home.records[one.record] if home else None
        if home is None or record is None or record.state is not RecordState.LIVE or home.root.id != one.record:
            world.wrong("told apart, and not a person of their own", one.record)
    if later or moved or any(f.start + f.seconds > one.at - SETTLED for f in world.scenario.faults):
        return
    for system, vendor in world.vendors.items():
        for at, who, what, id in vendor.calls:
            if who == US and at > one.at and what != "score" and vendor.things[id].whose in one.whose:
                world.wrong("written because two were told apart", system, id, what)
