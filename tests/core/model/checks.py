"""What must hold after quiet, whatever happened before."""

from __future__ import annotations

from collections import Counter

from bascule.core.digest import same
from bascule.core.draft import Draft
from bascule.core.writing import unsettled
from bascule.model import COPIED_KINDS, Direction, Divergence, Family, FieldMap, Kind, Link, Value

from ..kit import LADDER
from .world import LAG, LATE_S, MOST, OF_C, QUIET, SCALARS, Thing, World, _texts, current

WRITES = 60  # a run has four edits and three systems: more than this is a war


def check(world: World) -> None:
    bad = world.bad
    if world.events >= MOST:
        bad["does not end"] += 1
    if any(when > QUIET + 110 for when, *_ in world.sends):
        bad["still writing after quiet"] += 1
    if world.needless and not world.faults:
        bad["wrote what was there"] += 1
    if len(world.sends) > WRITES:
        bad["write war"] += 1
    for family in world.store.values():
        _settled(world, family)
        _links(world, family)
        _bound(world, family)
    _created_once(world)
    _edits_kept(world)
    _tags_left_alone(world)
    _last_edit_everywhere(world)
    _first_writes(world)
    if len(world.store) > 1:
        bad["one person, two records"] += 1
    if "gone" in world.features:
        for connection in world.gone:
            if any(t.kind is Kind.CANDIDATE and t.now is not None for t in world.systems[connection].values()):
                bad["re-created the gone"] += 1
    if any(
        t.actor.kind == "ai" and t.field in ("stage", "status") for f in world.store.values() for t in f.transitions
    ):
        bad["AI moved an application"] += 1


def _settled(world: World, family: Family) -> None:
    bad = world.bad
    if any(unsettled(a) for a in family.attempts.values()):
        bad["a call never settled"] += 1
    draft = Draft(family, world.context)
    for link in family.links.values():
        state = current(world, link)
        if not (link.open and link.primary):
            continue
        if state is None:
            if link.connection not in world.gone and family.records[link.record].kind is Kind.CANDIDATE:
                bad["live link, no object"] += 1
            continue
        for fields in draft.maps(link.connection, link.kind):
            _pair(world, draft, link, fields, state.get(fields.name))


def _pair(world: World, draft: Draft, link: Link, fields: FieldMap, there: Value) -> None:
    bad, pair = world.bad, link.pairs.get(fields.name)
    record = draft.records[link.record]
    if pair is None:
        if fields.direction is Direction.BOTH:
            bad["never settled"] += 1
        return
    if fields.direction is not Direction.BOTH or record.frozen.intersection(fields.canonical) or pair.held:
        return
    rendered = draft.render(link, fields)
    copied_from = record.kind in COPIED_KINDS and record.origin == link.connection
    if not same(fields, there, pair.theirs):
        bad[f"seen != theirs ({fields.name})"] += 1
        world.log("BAD theirs", link.connection, fields.name, "there", there, pair, "ours", rendered)
    if not copied_from and not same(fields, rendered, pair.ours):
        bad[f"render != ours ({fields.name})"] += 1
        world.log("BAD ours", link.connection, fields.name, "there", there, pair, "ours", rendered)
    if pair.divergence is None and not same(fields, pair.theirs, pair.ours):
        bad[f"unlisted difference ({fields.name})"] += 1
        world.log("BAD unlisted", link.connection, fields.name, pair)


def _bound(world: World, family: Family) -> None:
    """What we created is never adopted: all that we hold is due there, also what the call could not carry."""
    for link in family.links.values():
        thing = world.systems[link.connection].get(link.external)
        adopted = [name for name, pair in link.pairs.items() if pair.divergence is Divergence.ADOPTED]
        if thing is not None and thing.by == "us" and adopted:
            world.bad["created, and then adopted"] += 1
            world.log("BAD adopted", link.connection, link.external, adopted)


def _links(world: World, family: Family) -> None:
    bad = world.bad
    primaries = Counter((x.connection, x.record) for x in family.links.values() if x.open and x.primary)
    if any(n > 1 for n in primaries.values()):
        bad["two primaries"] += 1
    owners = Counter((x.connection, x.kind, x.external) for f in world.store.values() for x in f.links.values())
    if any(n > 1 for n in owners.values()):
        bad["one object, two records"] += 1


def _created_once(world: World) -> None:
    for connection, things in world.systems.items():
        marks = Counter(str((t.now or {}).get("marker")) for t in things.values() if t.by == "us" and t.now is not None)
        if any(n > 1 for n in marks.values()):
            world.bad["created twice"] += 1
        for kind in (Kind.CANDIDATE, Kind.APPLICATION):
            alive = [t for t in things.values() if t.kind is kind and t.now is not None]
            if len(alive) > 1:
                world.bad[f"created beside an existing one ({kind})"] += 1
        bodies = Counter(
            str((t.now or {}).get("body")).casefold() for t in things.values() if t.kind is Kind.NOTE and t.now
        )
        if any(n > 1 for n in bodies.values()):
            world.bad["note doubled"] += 1
            world.log("BAD doubled", connection, bodies)
        for external, thing in things.items():
            if thing.now is not None and not any(
                f.link_at(connection, thing.kind, external) for f in world.store.values()
            ):
                world.bad[f"object nobody knows ({thing.kind})"] += 1


def _kept(world: World) -> set[str]:
    kept: set[str] = set()

    def keep(value: Value) -> None:
        if isinstance(value, tuple):
            for inner in value:
                keep(inner)
        elif isinstance(value, dict):
            for inner in value.values():
                keep(inner)
        elif value is not None:
            kept.add(str(value).casefold())

    for line in world.history:
        keep(line.old)
        keep(line.new)
    for family in world.store.values():
        for record in family.records.values():
            keep(dict(record.fields))
        for review in family.reviews.values():
            keep(dict(review.detail))
    return kept


def _edits_kept(world: World) -> None:
    """Every edit that a read could have seen is a value or in the history."""
    kept = _kept(world)
    for connection, things in world.systems.items():
        if connection in world.gone:
            continue
        for thing in things.values():
            for i, (when, state, who, names) in enumerate(thing.log):
                if who != "user" or state is None:
                    continue
                for name in names:
                    value = state.get(name)
                    if name in ("tags", "st", "status", "job", "score") or value is None:
                        continue
                    if str(value).casefold() in kept:
                        continue
                    later = next((x for x in thing.log[i + 1 :] if name in x[3] or x[1] is None), None)
                    if later is None or (later[2] == "us" and later[0] - when > 8 and not _blurred(world)):
                        world.bad[f"edit lost ({name})"] += 1
                        world.log("BAD lost", connection, name, value, when, later)


def _blurred(world: World) -> bool:
    """Faults under which the window between a read and our write is longer than the rules can close."""
    return bool(world.faults & {"stale", "partial", "late", "hide"})


def _tags_left_alone(world: World) -> None:
    """We never take away a tag that nobody took away."""
    dropped = {str(v)[1:].casefold() for _, _, name, v in world.edits if name == "tags" and str(v).startswith("-")}
    for connection, things in world.systems.items():
        for thing in things.values():
            for (_, before, _, _), (when, now, who, names) in zip(thing.log, thing.log[1:], strict=False):
                if who != "us" or "tags" not in names or before is None or now is None:
                    continue
                away = _folded(before) - _folded(now) - dropped - _just_added(world, thing, when)
                if away:
                    world.bad["removed a tag nobody removed"] += 1
                    world.log("BAD removed", connection, away)


def _folded(state: dict[str, Value]) -> set[str]:
    return {x.casefold() for x in _texts(state.get("tags"))}


def _just_added(world: World, thing: Thing, when: float) -> set[str]:
    """Tags added within the window between the read before a whole-list call and its landing: nobody could know."""
    window = when - 4 - (LAG if "stale" in world.faults else 0)
    states = [state for t, state, _, _ in thing.log if t <= window and state is not None]
    latest = [state for t, state, who, _ in thing.log if window < t <= when and who == "user" and state is not None]
    return {tag for state in latest for tag in _folded(state)} - (_folded(states[-1]) if states else set())


def _last_edit_everywhere(world: World) -> None:
    """The last edit of a field, if nobody competed with it, stands in every system, or the difference is listed."""
    for name in (*SCALARS, "stage", "tags"):
        said = [e for e in world.edits if e[2] == name]
        if name == "tags" and said:
            said = [e for e in said if str(e[3])[1:].casefold() == str(said[-1][3])[1:].casefold()]
        if not said or (len(said) > 1 and said[-1][0] - said[-2][0] < 60):
            continue
        _, where, _, value = said[-1]
        if where in world.gone:
            continue
        for family in world.store.values():
            if _in_question(family, name, where) or _in_a_window(world, said[-1]):
                continue
            for link in family.links.values():
                state = current(world, link)
                if link.open and link.primary and state is not None and link.connection not in world.gone:
                    _arrived(world, link, state, name, value, where)


def _in_question(family: Family, name: str, where: str) -> bool:
    """The edit met a call of ours in its window: it waits for a person instead of travelling."""
    vendor = "st" if name == "stage" else name
    return any(
        pair.divergence in LISTED or pair.held
        for link in family.links.values()
        if link.connection == where and (pair := link.pairs.get(vendor)) is not None
    )


def _in_a_window(world: World, edit: tuple[float, str, str, Value]) -> bool:
    """A call of ours landed on the edit before any read could see it: no system here has a conditional write."""
    when, where, name, _ = edit
    vendor = "st" if name == "stage" else name
    late = LATE_S if "late" in world.faults else 4 + (LAG if "stale" in world.faults else 0)
    return any(
        when <= t <= when + late and who.startswith("us") and vendor in names
        for thing in world.systems.get(where, {}).values()
        for t, _, who, names in thing.log
    )


LISTED = {Divergence.REFUSED, Divergence.CONFLICT, Divergence.ALTERED, Divergence.DEAD, Divergence.FROZEN}


def _arrived(world: World, link: Link, state: dict[str, Value], name: str, value: Value, where: str) -> None:
    if name == "stage" and link.kind is Kind.APPLICATION:
        pair = link.pairs.get("st")
        step = str(value)
        wanted = {"a": {step}, "b": {f"b{LADDER.index(step)}"}, "c": {OF_C[step]}}[link.connection]
        if where == "c":
            wanted = {"a": set(LADDER), "b": {f"b{i}" for i in range(5)}, "c": {OF_C[step]}}[link.connection]
        ok = state.get("st") in wanted
    elif name in SCALARS and link.kind is Kind.CANDIDATE:
        pair = link.pairs.get(name)
        held, meant = str(state.get(name)).casefold().lstrip("~"), str(value).casefold()
        ok = held == meant
    elif name == "tags" and link.kind is Kind.CANDIDATE:
        pair = link.pairs.get("tags")
        held_tags = {x.casefold() for x in _texts(state.get("tags"))}
        ok = (str(value)[1:].casefold() in held_tags) == str(value).startswith("+")
    else:
        return
    listed = LISTED | ({Divergence.ADOPTED} if "partial" in world.faults else set())  # first shown after the edit
    if not ok and not (pair is not None and (pair.divergence in listed or pair.held)):
        world.bad[f"last edit did not reach every system ({name})"] += 1
        world.log("BAD last", link.connection, name, value, "by", where, state, pair)


def _first_writes(world: World) -> None:
    first = min((e[0] for e in world.edits), default=10**9)
    if "adopt" in world.features and any(when < first for when, *_ in world.sends):
        world.bad["wrote before anybody changed anything"] += 1
