"""After quiet: every edit is kept, every effect happened once, and nobody's tag was taken away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, TypeVar

from bascule.core.reviews import ABOUT_TWO
from bascule.model import Divergence, Family, HistoryKind, Kind, Pair, RecordState, ReviewKind

from .connector import LATE as LANDS_WITHIN
from .faults import CRASH, PAUSE, RACE
from .ledger import Ledger
from .loop import BEGINNING
from .network import STALE
from .scenario import LEASE, OURS, TROUBLE_ENDS
from .settled import thing_of
from .vendor import APPLICATION, LATE, NOTE, PERSON, SCORE, SOMEBODY, US, Entry, Thing
from .world import FOR_EVER, Said, World

T = TypeVar("T")
SCALARS = ("first_name", "title", "company")
WINDOW = 2.0 + 0.5  # seconds between the read before a write and its landing, the way included
DOUBTS = (ReviewKind.IDENTITY, ReviewKind.MERGE, ReviewKind.DUPLICATE, ReviewKind.LOST_CREATE, ReviewKind.GONE)
UNSURE = frozenset({Divergence.REFUSED, Divergence.CONFLICT, Divergence.ALTERED, Divergence.DEAD, Divergence.FROZEN,
                    Divergence.CANNOT})  # fmt: skip
POLLED, SWEPT = 30.0, 60.0 + 5.0  # seconds within which a new object, and a field that is back, is read
APART = 45.0  # seconds between two edits that do not compete


def check(world: World, ledger: Ledger) -> None:
    _created_once(world, ledger)
    _people_once(world, ledger)
    _notes_once(world, ledger)
    _edits_kept(world, ledger)
    _tags_left_alone(world, ledger)
    _in_order(world, ledger)
    _last_word(world, ledger)
    _met(world, ledger)
    _silence(world)


# ------------------------------------------------------------------------------------------------------ only once


def _made_for_both(world: World, thing: Thing) -> bool:
    return any(one.since <= thing.log[0].at <= one.at and thing.whose in one.whose for one in world.apart)


def _created_once(world: World, ledger: Ledger) -> None:
    """One object for each mark of ours. Where looking is not reliable, a second one needs a person who was asked. What
    was made while two were taken for one stays with one of them; the other may get it too when they are apart."""
    for system, vendor in world.vendors.items():
        things = [
            t for t in vendor.things.values() if t.by != SOMEBODY and t.state and (system, t.whose) not in world.gone
        ]
        made = _twice(things, lambda t: (t.kind, str((t.state or {}).get("ref")), _made_for_both(world, t)))
        for (kind, mark, _), whose in made:
            reliable = vendor.traits.note_marker if kind == NOTE else vendor.traits.marker
            asked = not reliable and any(
                ledger.asked(one, ReviewKind.LOST_CREATE, ReviewKind.DUPLICATE) for one in whose
            )
            if not asked and not any(world.said_so(one, ReviewKind.LOST_CREATE) for one in whose):
                world.wrong("created twice", system, kind, mark)


def _twice(things: Iterable[Thing], key: Callable[[Thing], T]) -> Iterable[tuple[T, set[str]]]:
    """What is there more than once by this key, and whose that is."""
    found: dict[T, list[str]] = {}
    for thing in things:
        found.setdefault(key(thing), []).append(thing.whose)
    return ((one, set(whose)) for one, whose in found.items() if len(whose) > 1)


def _people_once(world: World, ledger: Ledger) -> None:
    for whose in world.people:
        if whose in world.merged or whose in world.erased:
            continue
        doubted = ledger.asked(whose, *DOUBTS)
        for system, vendor in world.vendors.items():
            there = [one for one in vendor.live(PERSON, whose) if not (one.state or {}).get("anonymised")]
            if len(there) > 1 and any(t.by != SOMEBODY for t in there) and not doubted:
                world.wrong("created beside an existing person", system, whose)
            if len([t for t in there if t.by != SOMEBODY]) and (system, whose) in world.gone:
                _recreated(world, ledger, system, whose)
        held = [f for f in ledger.families if f.records and whose in world.everybody(f) and _live(f)]
        if len(held) > 1 and not doubted:
            world.wrong("one person, two records", whose)


def _recreated(world: World, ledger: Ledger, system: str, whose: str) -> None:
    """Somebody who was removed there is there again by our hand, and no person said so."""
    things = [t for t in world.vendors[system].things.values() if t.kind == PERSON and t.whose == whose]
    made = max((t.log[0].at for t in things if t.state is not None and t.by == US), default=FOR_EVER)
    removed = [t for t in things if t.state is None and not _never_met(world, ledger, system, t, made)]
    gone = {family.id for t in removed for family, _ in ledger.of(system, Kind.CANDIDATE, t.id)}
    first = min((t.log[-1].at for t in removed), default=FOR_EVER)
    again = [t for t in things if t.state is not None and t.by == US and t.log[0].at > first + 0.3]
    again = [t for t in again if not _another(world, ledger, system, t, gone)]
    if again and not any(world.said_so(whose, kind) for kind in (ReviewKind.GONE, ReviewKind.LOST_CREATE)):
        world.wrong("made the gone again", system, whose)


def _never_met(world: World, ledger: Ledger, system: str, thing: Thing, until: float) -> bool:
    """Whether nobody could know of it: no read told of it before it was gone, and, where we made it, no answer and no
    webhook until then that it is. Of whom others made there, and nothing ever showed, a webhook names only an id."""
    if ledger.of(system, Kind.CANDIDATE, thing.id):
        return False
    told = (json.loads(body) for at, name, body in world.network.told if name == system and at < until)
    return thing.by == SOMEBODY or not any(one.get("id") == thing.id and one.get("action") == "deleted" for one in told)


def _another(world: World, ledger: Ledger, system: str, thing: Thing, gone: set[str]) -> bool:
    """Whether it was made of another record than those that were removed, and a person had said that they are two."""
    said = any(
        one.answer == "decline" and one.kind in ABOUT_TWO and thing.whose in one.whose and one.at <= thing.log[0].at
        for one in world.decided
    )
    return said and not gone & {family.id for family, _ in ledger.of(system, Kind.CANDIDATE, thing.id)}


def _live(family: Family) -> bool:
    return any(r.kind is Kind.CANDIDATE and r.state is RecordState.LIVE for r in family.records.values())


def _notes_once(world: World, ledger: Ledger) -> None:
    for system, vendor in world.vendors.items():
        for body, whose in _twice(vendor.live(NOTE), lambda t: str((t.state or {}).get("body"))):
            if not whose & world.merged and not any(ledger.asked(one, *DOUBTS) for one in whose):
                world.wrong("a note twice", system, body)
        made = [t for t in vendor.live(APPLICATION) if t.by != SOMEBODY]
        for about, whose in _twice(made, lambda t: (t.parent, (t.state or {}).get("job"))):
            if not whose & world.merged:
                world.wrong("an application twice", system, *about)


# --------------------------------------------------------------------------------------------------- edits are kept


def _edits_kept(world: World, ledger: Ledger) -> None:
    """Every edit that a read could have seen is a value, in history, or before a person."""
    for system, vendor in world.vendors.items():
        for thing in vendor.things.values():
            if (system, thing.whose) in world.gone or thing.kind not in (PERSON, NOTE):
                continue
            for n, entry in enumerate(thing.log):
                if entry.who == SOMEBODY and entry.state is not None:
                    _kept(world, ledger, system, thing, n)


def _kept(world: World, ledger: Ledger, system: str, thing: Thing, n: int) -> None:
    entry = thing.log[n]
    for name in {"first_name", "last_name", "title", "company", "body"} & set(entry.changed):
        value = (entry.state or {}).get(name)
        if value is None or str(value).casefold() in ledger.kept:
            continue
        after = next((e for e in thing.log[n + 1 :] if e.state is None or name in e.changed), None)
        if not world.carried("comes", system, name, entry.at, after.at if after else FOR_EVER):
            continue
        if after is None:
            world.wrong("an edit that nobody kept", system, thing.id, name, value)
        elif after.who in (US, LATE):
            _overwritten(world, system, name, value, entry, after)


def _overwritten(world: World, system: str, name: str, value: Any, entry: Entry, after: Entry) -> None:
    """Our call landed on an edit before a read could see it. Counted; the window is what the rules promise."""
    window = after.at - entry.at
    world.stats["overwritten in a window"] += 1
    world.stats["longest window (ms)"] = max(world.stats["longest window (ms)"], round(window * 1000))
    if after.who == LATE:
        world.stats["overwritten by a late landing"] += 1
        return
    blurred = _blurred(world, system, entry.at, after.at)
    if window > WINDOW + blurred:
        world.wrong("an edit overwritten long after it was made", system, name, value, f"{window:.1f} s")


def _blurred(world: World, system: str, start: float, end: float) -> float:
    """By how much faults widen the window: a lagging replica, a call that is slow on its way, commits that others
    overtake, and a process that stands still between its read and its call; for no longer than its lease."""
    met = [f for f in world.scenario.faults if f.at in ("", system) and f.start <= end and start <= f.start + f.seconds]
    lasting = {f.kind for f in met}
    still = min(LEASE, sum(f.seconds for f in met if f.kind == PAUSE))
    return (
        world.slack
        + STALE * ("stale" in lasting)
        + 8.0 * bool({"slow", "timeout"} & lasting)
        + 2.0 * (RACE in lasting)
        + still
    )


def _tags_left_alone(world: World, ledger: Ledger) -> None:
    """We never take away a tag that nobody took away."""
    dropped = {s.value.casefold() for s in world.said if s.what == "untag"} | _bared(world)
    for system, vendor in world.vendors.items():
        for thing in vendor.things.values():
            for before, after in zip(thing.log, thing.log[1:], strict=False):
                if after.who not in (US, LATE) or "tags" not in after.changed or not before.state or not after.state:
                    continue
                away = _folded(before) - _folded(after) - dropped - _just_added(world, system, thing, after)
                if away and thing.whose not in world.merged:
                    world.wrong("took away a tag that nobody took away", system, thing.id, sorted(away), after.who)


def _folded(entry: Entry) -> set[str]:
    return {str(one).casefold() for one in (entry.state or {}).get("tags") or ()}


def _bared(world: World) -> set[str]:
    """Tags that went with an anonymising and that the answer to a call of ours of that moment did not show any more:
    nothing in it says why."""
    return {
        tag
        for vendor in world.vendors.values()
        for thing in vendor.things.values()
        for before, after in pairwise(thing.log)
        if _anonymised(after) and not _anonymised(before)
        and any(id == thing.id and after.at <= at <= after.at + WINDOW for at, _, _, id in vendor.calls)
        for tag in _folded(before)
    }  # fmt: skip


def _anonymised(entry: Entry) -> bool:
    return bool((entry.state or {}).get("anonymised"))


def _just_added(world: World, system: str, thing: Thing, after: Entry) -> set[str]:
    """Tags added between the read before a whole-list call and its landing: nobody could know of them."""
    window = (
        LANDS_WITHIN.total_seconds() if after.who == LATE else WINDOW + _blurred(world, system, after.at - 12, after.at)
    )
    earlier = [e for e in thing.log if e.at < after.at - window and e.state]
    within = [e for e in thing.log if after.at - window <= e.at <= after.at and e.who == SOMEBODY and e.state]
    return {tag for e in within for tag in _folded(e)} - (_folded(earlier[-1]) if earlier else set())


# ------------------------------------------------------------------------------------------------------- in order


def _in_order(world: World, ledger: Ledger) -> None:
    """What was said here in one order never lands there in another, and what was overtaken is not replayed."""
    for whose in world.people:
        if whose in world.merged:
            continue
        for name in [name for name in SCALARS if not world.answered(whose, name)]:
            said = [s.value.casefold() for s in world.said if (s.where, s.whose, s.what) == (OURS, whose, name)]
            for system, vendor in world.vendors.items():
                for thing in vendor.live(PERSON, whose):
                    landed = [
                        said.index(value)
                        for e in thing.log
                        if e.who == US and e.state and name in e.changed
                        and (value := str(e.state[name]).casefold().lstrip("~")) in said
                    ]  # fmt: skip
                    if landed != sorted(landed):
                        world.wrong("landed out of order", system, whose, name, [said[i] for i in landed])


def _last_word(world: World, ledger: Ledger) -> None:
    """The last edit of a field that nobody competed with stands everywhere, or the difference is listed."""
    for whose in world.people:
        if whose in world.merged or whose in world.twice or whose in world.erased:
            continue
        for name in SCALARS:
            said = [s for s in world.said if s.whose == whose and s.what == name]
            if said and _uncontested(world, said, name) and not _in_a_window(world, said[-1], name):
                _stands(world, ledger, said[-1], name)


def _uncontested(world: World, said: list[Said], name: str) -> bool:
    """Nobody else said anything of it about then, or answered what was asked about it; and it could be read."""
    last = said[-1]
    rivals = [s for s in said[:-1] if last.at - s.at < APART + _blind(world, s.at, last.at)]
    return (
        last.sure
        and not rivals
        and not world.answered(last.whose, name, since=last.at - APART)
        and world.carried("comes", last.where, name, last.at)
        and (last.where, last.whose) not in world.gone
        and last.at > world.live_at + 5
    )


def _blind(world: World, since: float, until: float) -> float:
    """Seconds of that time in which Bascule kept dying or stood still, so that it may have read nothing."""
    down = [one for one in world.scenario.faults if one.kind in (CRASH, PAUSE)]
    return sum(max(0.0, min(until, one.start + one.seconds) - max(since, one.start)) for one in down)


def _in_a_window(world: World, last: Said, name: str) -> bool:
    """A call of ours landed on the edit before any read could see it."""
    vendor = world.vendors.get(last.where)
    window = WINDOW + LANDS_WITHIN.total_seconds()
    return vendor is not None and any(
        last.at <= e.at <= last.at + window and e.who in (US, LATE) and name in e.changed
        for thing in vendor.things.values()
        if thing.whose == last.whose
        for e in thing.log
    )


def _stands(world: World, ledger: Ledger, last: Said, name: str) -> None:
    for family in ledger.families:
        if last.whose not in world.everybody(family) or _in_question(world, ledger, family, last, name):
            continue
        if _lost_to_late(world, ledger, last):
            continue
        for link in family.links.values():
            system = ledger.names[link.connection]
            thing = thing_of(world, ledger, link)
            if link.kind is not Kind.CANDIDATE or not (link.open and link.primary) or thing is None or not thing.state:
                continue
            if not world.carried("goes", system, name, last.at) or thing.whose != last.whose:
                continue
            if (system, last.whose) in world.gone:
                continue
            pair = link.pairs.get(name)
            there = str(thing.state.get(name)).casefold().lstrip("~")
            listed = (
                pair is None or pair.held or pair.divergence in UNSURE or _met_late(world, system, thing, pair, last)
            )
            if there != last.value.casefold() and not listed:
                about = (system, "by", last.where, name, last.value, "there", there)
                world.wrong("the last word did not reach everybody", *about)


def _met_late(world: World, system: str, thing: Thing, pair: Pair, last: Said) -> bool:
    """The object came while that system did not show the field, so that the field was met only after the edit: a first
    meeting takes nothing and writes nothing, and says so."""
    return pair.divergence is Divergence.ADOPTED and any(
        field == last.what and start - POLLED <= thing.log[0].at <= end and last.at <= end + SWEPT
        for field, start, end in world.vendors[system].lacked
    )


def _lost_to_late(world: World, ledger: Ledger, last: Said) -> bool:
    """Somebody who came at a system that did not show the field brought a value of it that could be read only after the
    edit. The two met as changes of both sides, and the edit is listed as the one that lost."""
    came = any(
        field == last.what and start - POLLED <= thing.log[0].at <= last.at <= end + SWEPT and thing.by == SOMEBODY
        for system, vendor in world.vendors.items()
        for field, start, end in vendor.lacked
        for thing in vendor.live(PERSON, last.whose)
        if system != last.where
    )
    return came and any(
        line.kind is HistoryKind.LOST and line.field == last.what and str(line.new).casefold() == last.value.casefold()
        for line in ledger.history
    )


def _in_question(world: World, ledger: Ledger, family: Family, last: Said, name: str) -> bool:
    """The edit met a call of ours: it waits for a person instead of travelling."""
    return any(
        ledger.names[link.connection] == last.where
        and (pair := link.pairs.get(name)) is not None
        and (pair.held or pair.divergence in UNSURE)
        for link in family.links.values()
    )


def _met(world: World, ledger: Ledger) -> None:
    """What was met at a system is not written over because of the meeting: only because somebody said something, then
    or a moment before, so that it was read only when the object was there."""
    for system, vendor in world.vendors.items():
        for thing in vendor.live(PERSON):
            if thing.by != SOMEBODY or thing.whose in world.merged:
                continue
            for name in SCALARS:
                said = [s for s in world.said if s.whose == thing.whose and s.what == name]
                since = [s for s in said if max(s.at, _read_at(ledger, s)) > thing.log[0].at]
                ours = [
                    now
                    for before, now in pairwise(thing.log)
                    if now.who in (US, LATE) and name in now.changed and not _filled_in(thing, name, before, now)
                ]
                if ours and not since and not world.answered(thing.whose, name):
                    world.wrong("wrote over what was met", system, thing.id, name)


def _filled_in(thing: Thing, name: str, before: Entry, now: Entry) -> bool:
    """A creation of ours was taken for somebody who was there already: what it said and they lacked was sent again."""
    if (before.state or {}).get(name) is not None:
        return False
    return any(now.state is not None and said.get(name) == now.state.get(name) for said in thing.attached)


def _read_at(ledger: Ledger, said: Said) -> float:
    """When what somebody said became a value here; 0 when it never did."""
    found = [
        line.at
        for line in ledger.history
        if (line.kind, line.field) == (HistoryKind.CHANGED, said.what)
        and str(line.new).casefold().lstrip("~") == said.value.casefold()
    ]
    return (min(found) - BEGINNING).total_seconds() if found else 0.0


def _silence(world: World) -> None:
    """When nothing happens any more, nothing is written any more."""
    quiet = (world.rested or TROUBLE_ENDS + LANDS_WITHIN.total_seconds() + 45 + world.scenario.linger) + world.slack
    for system, vendor in world.vendors.items():
        late = [what for at, _, what, _ in vendor.calls if at > quiet]
        if late:
            world.wrong("still writing after quiet", system, late[:5])
    if not world.scenario.faults:
        for system, vendor in world.vendors.items():
            for when, id, what in vendor.needless:
                whose = vendor.things[id].whose
                if what == SCORE and vendor.score != SCORE:
                    continue  # a field of ours by a new name is a new field, and is filled
                if any(_anonymised(e) and when - WINDOW <= e.at <= when for e in vendor.things[id].log):
                    continue  # nobody could know yet that they are
                if all(_said_meanwhile(vendor.things[id], name, when) for name in what.split(",")):
                    continue  # nobody could know yet that it stands there
                if whose not in world.merged and not world.answered(whose):
                    world.wrong("wrote what was there", system, id, what, f"{when:.1f}")


def _said_meanwhile(thing: Thing, name: str, when: float) -> bool:
    """Somebody set the field there after the last moment at which a read had to see it, and before our call came."""
    return any(e.who == SOMEBODY and name in e.changed and when - WINDOW <= e.at <= when for e in thing.log)
