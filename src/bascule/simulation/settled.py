"""After quiet: both sides agree or the difference is listed; nothing is open without a reason."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

from bascule.connectors.lens import freeze
from bascule.core.digest import same
from bascule.core.draft import waits_for
from bascule.core.stages import unanswered
from bascule.core.writing import unsettled
from bascule.model import (
    COPIED_KINDS,
    ActorKind,
    Direction,
    Divergence,
    Family,
    FieldMap,
    HistoryKind,
    Kind,
    Link,
    LinkState,
    Pair,
    Record,
    RecordState,
    ReviewKind,
    ReviewState,
    Value,
    WriteState,
)

from .faults import CRASH, PAUSE
from .ledger import Ledger
from .network import CIRCLE
from .scenario import LOOK_AGAIN
from .vendor import APPLICATION, NOTE, PERSON, SCORE, US, Entry, Thing
from .world import World

KIND = {PERSON: Kind.CANDIDATE, APPLICATION: Kind.APPLICATION, NOTE: Kind.NOTE}
OVERDUE = timedelta(seconds=10)
RESTS = timedelta(minutes=15)  # of a lane that has failed as often as it may; it says why
APART = 45.0  # seconds between two namings that do not compete
OFTEN = 40  # readings of one address within `CIRCLE`: ten are many
UNDER_WAY = 12.0  # seconds for which a call may be under way that knew nothing of what somebody did meanwhile
STATUSES = (None, "active", "rejected", "hired", "withdrawn")
DECIDED = frozenset({"stage", "status", "reason"})


def check(world: World, ledger: Ledger) -> None:
    for family, link, record in ledger.links():
        if link.open and link.primary and record.state is RecordState.LIVE and link.kind in KIND.values():
            _link(world, ledger, family, link, record)
    identities(world, ledger)
    for system, vendor in world.vendors.items():
        for thing in vendor.things.values():
            if thing.state is not None and thing.kind in KIND and (system, thing.whose) not in world.gone:
                _object(world, ledger, system, thing)
    _ladders(world, ledger)
    _words(world, ledger)
    _fields(world, ledger)
    nothing_open(world, ledger)
    _circles(world)


def nothing_open(world: World, ledger: Ledger) -> None:
    """Nothing waits that nobody waits for, and no machine has decided."""
    for family in ledger.families:
        _open(world, ledger, family)
    _lanes(world, ledger)
    _machines(world, ledger)


# ---------------------------------------------------------------------------------------------------- both sides


def thing_of(world: World, ledger: Ledger, link: Link) -> Thing | None:
    return world.vendors[ledger.names[link.connection]].things.get(link.external)


def _link(world: World, ledger: Ledger, family: Family, link: Link, record: Record) -> None:
    thing = thing_of(world, ledger, link)
    if thing is None or thing.state is None:
        if link.state is not LinkState.UNSEEN and not (
            _hidden(family, link) or went_with_another(world, ledger, family, link)
        ):
            world.wrong("a live link to no object", ledger.names[link.connection], link.kind, link.external)
        return
    if link.state is LinkState.UNSEEN:
        world.wrong("an object is there and held for unseen", ledger.names[link.connection], link.kind, link.external)
    draft = ledger.drafts[family.id]
    for fields in draft.maps(link.connection, link.kind):
        if fields.name not in ("created",):
            _pair(world, ledger, family, link, record, fields, thing)


def _hidden(family: Family, link: Link) -> bool:
    """Whether a person is asked about the object, or about the one it hangs on, which is not seen: what hangs on it is
    hidden with it."""
    asked = {review.record for review in family.reviews.values() if review.kind is ReviewKind.VISIBILITY}
    return link.record in asked or _out_of_sight(family, link)


def _out_of_sight(family: Family, link: Link) -> bool:
    """Whether it, or the one it hangs on, is not seen, and a person is asked about them."""
    above = family.link_at(link.connection, Kind.CANDIDATE, link.parent) if link.parent is not None else None
    unseen = {one.record for one in (link, above) if one is not None and one.state is LinkState.UNSEEN}
    return any(one.kind is ReviewKind.VISIBILITY and one.record in unseen for one in family.reviews.values())


def went_with_another(world: World, ledger: Ledger, family: Family, link: Link) -> bool:
    """Whether it hung on somebody merged there into another, who is not the same person here, and went with that other:
    no read of either shows it, and the daily comparison, which no run lasts long enough for, finds it. So too where the
    other was erased here, and is an owner's task there."""
    above = family.link_at(link.connection, Kind.CANDIDATE, link.parent) if link.parent is not None else None
    other = link.parent if above is None else above.into
    if other is None or family.link_at(link.connection, Kind.CANDIDATE, other) is not None:
        return False
    system = ledger.names[link.connection]
    vendor = world.vendors.get(system)
    survivor = vendor.things.get(other) if vendor is not None else None
    if survivor is None:
        return False
    return survivor.state is None or bool(survivor.state.get("anonymised")) or ledger.by_hand(system, other)


def _there(thing: Thing, fields: FieldMap) -> Value:
    name = SCORE if fields.canonical == ("match_score",) else fields.name  # whatever it is called at the moment
    return freeze((thing.state or {}).get(name))


def _pair(
    world: World, ledger: Ledger, family: Family, link: Link, record: Record, fields: FieldMap, thing: Thing
) -> None:
    pair, there = link.pairs.get(fields.name), _there(thing, fields)
    about = (ledger.names[link.connection], link.kind, link.external, fields.name)
    if pair is None:
        world.wrong("a field that was never settled", *about)
        return
    if pair.awaiting is not None and not went_with_another(world, ledger, family, link):
        world.wrong("an answer that was never settled", *about)
    if pair.held:
        _held(world, family, link, fields, there, about)
        return
    unknown = world.vendors[ledger.names[link.connection]].unknown(thing.kind, fields.name, there)
    if pair.gap:
        shown = ledger.gaps.get((about[0], link.kind, fields.name, str(there)), set())
        if not unknown:
            world.wrong("a gap that is none", *about, there)
        elif record.id not in shown:
            world.wrong("an unknown word that is not listed", *about, there, sorted(shown))
        return
    if unknown and not (pair.divergence not in (None, Divergence.FOLDED) and same(fields, there, pair.theirs)):
        world.wrong("an unknown word taken for a known one", *about, there, _told(pair))
        return
    if not same(fields, there, pair.theirs):
        world.wrong("seen != theirs", *about, "there", there, _told(pair))
    if fields.direction is Direction.IN or (record.kind in COPIED_KINDS and record.origin == link.connection):
        return
    ours(world, ledger, family, link, record, fields, pair, about)


def ours(
    world: World,
    ledger: Ledger,
    family: Family,
    link: Link,
    record: Record,
    fields: FieldMap,
    pair: Pair,
    about: tuple[object, ...],
) -> None:
    draft = ledger.drafts[family.id]
    rendered = draft.render(link, fields)
    if not pair.has_ours and rendered in (None, ()):
        return
    open_ = {WriteState.WAITING, WriteState.HELD} | (
        {WriteState.DUE} if link.connection in _resting(ledger, family) else set()
    )
    waiting = any(w.link == link.id and fields.name in w.fields and w.state in open_ for w in family.writes.values())
    frozen = bool(record.frozen.intersection(fields.canonical))
    # a failure whose stage is no longer there names the one it was tried with
    named = pair.divergence is not Divergence.DEAD or waits_for(rendered) is None
    if (
        not (waiting or frozen)
        and named
        and not draft.unmoved(link, fields, rendered, pair.ours if pair.has_ours else None)
    ):
        world.wrong("render != ours", *about, "renders", rendered, _told(pair))
    if pair.divergence is None and not waiting and not frozen and not same(fields, pair.theirs, pair.ours):
        world.wrong("a difference that is not listed", *about, _told(pair))


def _held(world: World, family: Family, link: Link, fields: FieldMap, there: Value, about: tuple[object, ...]) -> None:
    """A review item owns the field: it is open, and shows what is there."""
    asked = next(
        (r for r in family.reviews.values() if r.state is ReviewState.OPEN and r.about == f"{link.id}|{fields.name}"),
        None,
    )
    if asked is None:
        world.wrong("held, and nobody is asked", *about)
    elif not same(fields, asked.detail.get("seen"), there):
        world.wrong("a person is shown an old value", *about, "shown", asked.detail.get("seen"), "there", there)


def _told(pair: Pair) -> str:
    return f"theirs {pair.theirs!r}, ours {pair.ours!r}, {pair.divergence}"


# ------------------------------------------------------------------------------------------------------- the schema


def _ladders(world: World, ledger: Ledger) -> None:
    """Every stage that is there is one live record, under the name it was given last; one that is gone is held for
    gone there, and lives on where another system has it."""
    for system, vendor in world.vendors.items():
        for ladder in vendor.ladders.values():
            for id, name in ladder.items():
                links = ledger.of(system, Kind.STAGE, id)
                if len(links) != 1:
                    world.wrong("a stage that is not one record", system, id, len(links))
                    continue
                family, link = links[0]
                record = family.records[link.record]
                if not link.open or record.state is not RecordState.LIVE:
                    world.wrong("a stage that is there and held for gone", system, id, link.state, record.state)
                elif not link.missing and (pair := link.pairs.get("name")) is not None and pair.theirs != name:
                    world.wrong("a stage under an old name", system, id, "there", name, "here", pair.theirs)
                elif record.fields.get("name") not in _names(world, ledger, family, record):
                    world.wrong("a stage's record under an old name", system, id, record.fields.get("name"))
                elif unanswered(record) and not any(
                    record.id in shown for (_, kind, _, _), shown in ledger.gaps.items() if kind is Kind.STAGE
                ):
                    world.wrong("a stage without a type that is not listed", system, id, name)
        for id in sorted(vendor.retired):
            for _, link in ledger.of(system, Kind.STAGE, id):
                if link.open:
                    world.wrong("a stage that is gone and held for live", system, id, link.state)


def _names(world: World, ledger: Ledger, family: Family, record: Record) -> set[str]:
    """What a stage's record may be called: as it was named last; as anywhere where nobody renamed it, or where the one
    with the new name may have been retired before a read saw it."""
    mine = {
        (ledger.names[link.connection], link.external) for link in family.links.values() if link.record == record.id
    }
    renamed = [one for system, id in mine for one in world.vendors[system].renamed if one[1] == id]
    last = max((at for at, _, _ in renamed), default=0.0)
    newest = {name for at, _, name in renamed if last - at < APART}
    if renamed and not any(id in world.vendors[system].retired for system, id in mine):
        return newest
    ladders = [ladder for system, _ in mine for ladder in world.vendors[system].ladders.values()]
    return newest | {ladder[id] for ladder in ladders for _, id in mine if id in ladder}


def _words(world: World, ledger: Ledger) -> None:
    """A word that nobody has listed is never turned into another: not in a record, and not there by a call of ours,
    but for one that was under way."""
    for _, link, record in ledger.links():
        if record.kind is Kind.APPLICATION and record.fields.get("status") not in STATUSES:
            world.wrong(
                "a record with a word that nobody knows", ledger.names[link.connection], record.fields.get("status")
            )
    for system, vendor in world.vendors.items():
        for thing in vendor.things.values():
            for name in ("status", "stage"):
                said = [entry for entry in thing.log if name in entry.changed and entry.state is not None]
                for before, after in pairwise(said):
                    was, late = (before.state or {}).get(name), after.at - before.at > UNDER_WAY + world.slack
                    if after.who != US or not late or not vendor.unknown(thing.kind, name, was):
                        continue
                    if not _as_a_default(world, system, thing, name, before):
                        world.wrong("a word turned into another", system, thing.id, was, (after.state or {}).get(name))


def _as_a_default(world: World, system: str, thing: Thing, name: str, said: Entry) -> bool:
    """Said before it could be read of what we had just made, as its status, which no call that makes one names: a read
    cannot tell it from a default of the system."""
    made = thing.log[0]
    blind = [one for one in world.scenario.faults if one.at == system or one.kind in (CRASH, PAUSE)]
    readable = made.at
    for one in sorted(blind, key=lambda each: each.start):
        if one.start < readable + UNDER_WAY:
            readable = max(readable, one.start + one.seconds)
    return name == "status" and made.who == US and said.at < readable + UNDER_WAY


def _fields(world: World, ledger: Ledger) -> None:
    """A field that is called otherwise is carried by its new name, once somebody has looked again; where Bascule has by
    itself, the owner is told."""
    looks = [one for one in world.scenario.acts if one.what == LOOK_AGAIN]
    for system, vendor in world.vendors.items():
        if ledger.keys[system] != vendor.score and looks:
            world.wrong("a field by its old name", system, ledger.keys[system], vendor.score)
    if len(looks) == 1 and world.stats["new names seen"] and "schema drift" not in ledger.notices:
        world.wrong("a field by another name, and nobody is told")


# ----------------------------------------------------------------------------------------------------- identities


def identities(world: World, ledger: Ledger) -> None:
    primaries = Counter((link.connection, link.record) for _, link, _ in ledger.links() if link.open and link.primary)
    for (connection, record), n in primaries.items():
        if n > 1:
            world.wrong("two primary links", ledger.names[connection], record)
    for _, link, record in ledger.links():
        if link.open and record.state is RecordState.LIVE and not primaries[link.connection, link.record]:
            world.wrong("a live link, and none is primary", ledger.names[link.connection], link.kind, link.external)


def _object(world: World, ledger: Ledger, system: str, thing: Thing) -> None:
    links = ledger.of(system, KIND[thing.kind], thing.id)
    above = world.vendors[system].things.get(thing.parent or "")
    if not links and above is not None and (above.state or {}).get("anonymised"):
        return  # first shown of somebody anonymised there, it is nobody's
    if not links and above is not None and ledger.by_hand(system, above.id):
        return  # it hangs on somebody erased here, whose removal there is an owner's task
    if not links:
        world.wrong("an object nobody knows", system, thing.kind, thing.id, thing.whose)
    elif len(links) > 1:
        world.wrong("one object, two records", system, thing.kind, thing.id)
    elif not links[0][1].open and not (ledger.asked(thing.whose, ReviewKind.GONE) or _asked_about(*links[0])):
        world.wrong("a live object behind a closed link", system, thing.kind, thing.id, links[0][1].state)


def _asked_about(family: Family, link: Link) -> bool:
    """Whether somebody is asked about just this object, whoever it is of by now."""
    about = (one for one in family.reviews.values() if one.kind is ReviewKind.GONE and one.state is ReviewState.OPEN)
    return any(one.about.split("|")[0] == link.id for one in about)


# ---------------------------------------------------------------------------------------------------- what is open


def _resting(ledger: Ledger, family: Family) -> set[str]:
    """Connections at which what is to be written is tried again before long, and a person who looks reads why."""
    return {
        connection
        for connection, delay in ledger.delays[family.id].items()
        if _readable(delay.why) and ledger.now < delay.until <= ledger.now + RESTS
    }


def _readable(why: str) -> bool:
    """Words for a person, not the name of an exception."""
    return len(why.split()) > 3 and not why.split()[0].endswith("Error")


def _open(world: World, ledger: Ledger, family: Family) -> None:
    resting = _resting(ledger, family)
    adrift = {
        one.id
        for one in family.links.values()
        if one.open and (went_with_another(world, ledger, family, one) or _out_of_sight(family, one))
    }
    for attempt in family.attempts.values():
        if unsettled(attempt) and attempt.connection not in resting and attempt.link not in adrift:
            world.wrong("a call that was never settled", ledger.names[attempt.connection], attempt.call, attempt.state)
    for write in family.writes.values():
        about = (ledger.names[write.connection], write.call, write.record, write.why)
        if write.link in adrift:
            continue
        if write.state in (WriteState.DUE, WriteState.SENT) and write.connection not in resting:
            world.wrong(f"a write that is still {write.state}", *about)
        elif write.state is WriteState.WAITING and not write.waits_for:
            world.wrong("a write that waits for nothing", *about)
        elif write.state is WriteState.WAITING:
            linked = [
                r for _, r in write.waits_for if ledger.drafts[family.id].refs.external.get((write.connection, r))
            ]
            if len(linked) == len(write.waits_for):
                world.wrong("a write that waits for what is there", *about, write.waits_for)


def _lanes(world: World, ledger: Ledger) -> None:
    late = ledger.now - OVERDUE - timedelta(seconds=world.slack)
    for connection, kind, external, due, why in ledger.reads:
        if due < late:
            world.wrong("a read that is overdue", ledger.names.get(connection), kind, external, why)
    for connection, family, due, why, state in ledger.lanes:
        if state == "ready" and due < late:
            world.wrong("a lane that is overdue", ledger.names.get(connection), family, why)
    for task in ledger.dead:
        world.wrong("a task that died", task.name, task.key, task.error)
    for system, why in ledger.paused:
        world.wrong("paused, though somebody has entered the new key", system, why)
    if "disconnected" in ledger.notices:
        world.wrong("an owner is asked for a key that is good")
    if "unreadable object" in ledger.notices:
        world.wrong("an object that cannot be planned")


def _circles(world: World) -> None:
    """Nothing is read again and again, whatever became of what it showed."""
    for (system, path, n), times in world.network.asked.items():
        if times > OFTEN:
            world.wrong("read in circles", system, path, f"{times} times from {n * CIRCLE:.0f} s on")


def _machines(world: World, ledger: Ledger) -> None:
    """No machine decides about people or overwrites how to reach them."""
    for line in ledger.history:
        moved = line.kind is HistoryKind.CHANGED and line.field in DECIDED | {"first_name", "last_name", "emails"}
        if moved and line.actor.kind is ActorKind.AI:
            world.wrong("a machine decided", line.field, line.new)
