"""What people do, at the systems and here. Each doing draws its own dice, so that one less changes no other."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bascule.app import App
from bascule.core import mapping
from bascule.core.bind import marker
from bascule.core.reviews import ABOUT_TWO, named
from bascule.errors import BasculeError, ConflictError, NotFoundError
from bascule.model import (
    AI,
    Actor,
    ActorKind,
    Direction,
    Edit,
    Family,
    FamilyState,
    Kind,
    Record,
    RecordState,
    Review,
    ReviewKind,
    Value,
)
from bascule.store import Tx

from .connector import score_of
from .faults import dice
from .life import Crashed
from .scenario import LOOK_AGAIN, OURS, Act
from .vendor import APPLICATION, JOBS, NOTE, ON_HOLD, PERSON, SCORE, SOMEBODY, STAGES, Thing, Vendor
from .world import OWNER, Apart, Decided, Erasure, Remapped, Said, World

PERSON_HERE = Actor(ActorKind.PERSON, "rita", "Rita Recruiter")
SCALARS = ("first_name", "title", "company")


async def act(world: World, one: Act) -> None:
    """One doing, at its time. Whoever finds Bascule down comes back when it is up."""
    await world.until(one.at)
    drawn = dice("act", world.scenario.seed, one)
    if one.where == OURS:
        await here(world, one, drawn, HERE)
    else:
        there(world, world.vendors[one.where], one.what, drawn)


# ------------------------------------------------------------------------------------------------- at a system


def there(world: World, vendor: Vendor, what: str, drawn: random.Random) -> None:
    if what in ("apply", "same person", "under another name"):
        _arrive(world, vendor, what, drawn)
        return
    if what in _MADE_OF:
        _MADE_OF[what](world, vendor, drawn)
        return
    everybody = [t for t in vendor.live(PERSON) if _is_there(world, vendor, t)]
    if not everybody:
        return
    person = drawn.choice(everybody)
    if vendor.things[person.id].shown_from > world.clock.seconds:
        return  # not there yet for people either
    _THERE[what if what not in SCALARS else "scalar"](world, vendor, person, what, drawn)


def _is_there(world: World, vendor: Vendor, person: Thing) -> bool:
    """Whom people there still see as somebody: also who was erased here, until somebody erases them there by hand."""
    if person.whose in world.erased:
        return not vendor.traits.erases and not (person.state or {}).get("anonymised")
    return (vendor.name, person.whose) not in world.gone


def _arrive(world: World, vendor: Vendor, what: str, drawn: random.Random) -> None:
    there = [p for p in world.people if (vendor.name, p) not in world.gone]
    known = [p for p in there if not vendor.live(PERSON, p)]
    if what == "under another name":  # perhaps a second time at one system
        known = known or there
    whose = f"p{len(world.people)}" if what == "apply" or not known else drawn.choice(known)
    if len(world.people) >= 4 and whose not in world.people:
        return
    first = "Other" if what == "under another name" else "First"
    world.person(vendor.name, whose, drawn.choice(((JOBS[0],), (JOBS[0],), (JOBS[1],), JOBS)), first)
    said(world, vendor.name, whose, "apply", whose)
    if what != "apply":
        world.twice.add(whose)


def said(world: World, where: str, whose: str, what: str, value: str, *, sure: bool = True) -> None:
    world.said.append(Said(world.clock.seconds, where, whose, what, value, sure))
    world.log("SAID", where, whose, what, value, "" if sure else "(perhaps)")


def _scalar(world: World, vendor: Vendor, person: Thing, what: str, drawn: random.Random) -> None:
    value = world.value(what)
    said(world, vendor.name, person.whose, what, value)
    vendor.change(person.id, {what: value}, SOMEBODY)


def _bulk(world: World, vendor: Vendor, person: Thing, what: str, drawn: random.Random) -> None:
    """Somebody changes everybody at once; no webhook tells of it."""
    for one in [t for t in vendor.live(PERSON) if _is_there(world, vendor, t)]:
        value = world.value("title")
        said(world, vendor.name, one.whose, "title", value)
        vendor.change(one.id, {"title": value}, SOMEBODY, told=False)


def _email(world: World, vendor: Vendor, person: Thing, what: str, drawn: random.Random) -> None:
    held = list((person.state or {}).get("emails") or ())
    value = f"{person.whose}.{world.value('x').replace(' ', '')}@people.example"
    said(world, vendor.name, person.whose, "email", value)
    vendor.change(person.id, {"emails": [*held, value]}, SOMEBODY)


def _tag(world: World, vendor: Vendor, person: Thing, what: str, drawn: random.Random) -> None:
    held = list((person.state or {}).get("tags") or ())
    if what == "untag" and held:
        away = drawn.choice(held)
        said(world, vendor.name, person.whose, "untag", away)
        vendor.change(person.id, {"tags": [one for one in held if one != away]}, SOMEBODY)
    else:
        value = world.value("Tag")
        said(world, vendor.name, person.whose, "tag", value)
        vendor.change(person.id, {"tags": [*held, value]}, SOMEBODY)


def _note(world: World, vendor: Vendor, person: Thing, what: str, drawn: random.Random) -> None:
    own = [note for note in vendor.children(person.id, NOTE) if note.by == SOMEBODY]
    if what == "unnote" and own:
        gone = drawn.choice(own)
        said(world, vendor.name, person.whose, "unnote", str((gone.state or {}).get("body")))
        vendor.remove(gone.id, SOMEBODY)
    else:
        value = world.value("note")
        said(world, vendor.name, person.whose, "note", value)
        vendor.create(NOTE, person.id, {"body": value}, SOMEBODY, person.whose)


def _stage(world: World, vendor: Vendor, person: Thing, what: str, drawn: random.Random) -> None:
    applications = vendor.children(person.id, APPLICATION)
    if not applications:
        return
    one = drawn.choice(applications)
    job = str((one.state or {}).get("job")).removeprefix(f"{vendor.name}-")
    folded = vendor.traits.folds_stages
    if what == "stage":
        known = [vendor.stage_id(job, stage) for stage in STAGES]  # one that stands for several as often as they
        ladder = vendor.ladders[job]
        value = drawn.choice([id for id in known if id in ladder] + sorted(ladder.keys() - set(known)))
        changes: dict[str, Any] = {"stage": value}
    elif what == "reject":
        changes = {"stage": "archived"} if folded else {"status": "rejected"}
    else:
        changes = {"stage": vendor.stage_id(job, STAGES[0])} if folded else {"status": "open"}
    said(world, vendor.name, person.whose, what, f"{job} {next(iter(changes.values()))}")
    vendor.change(one.id, changes, SOMEBODY)


def _on_hold(world: World, vendor: Vendor, drawn: random.Random) -> None:
    """Somebody uses a word of which nobody had ever heard: a status, or where stage and status are one, a stage."""
    able = [one for one in vendor.live(APPLICATION) if _is_there(world, vendor, one)]
    if not able:
        return
    one = drawn.choice(able)
    field = "stage" if vendor.traits.folds_stages else "status"
    said(world, vendor.name, one.whose, ON_HOLD, one.id)
    vendor.change(one.id, {field: ON_HOLD}, SOMEBODY)


def _rename_stage(world: World, vendor: Vendor, drawn: random.Random) -> None:
    job = drawn.choice(JOBS)
    id = drawn.choice(list(vendor.ladders[job]))
    name = world.value(vendor.ladders[job][id].split()[0])
    world.log("RENAMED", vendor.name, id, name)
    vendor.rename_stage(job, id, name)


def _add_stage(world: World, vendor: Vendor, drawn: random.Random) -> None:
    """A stage more, perhaps one that another system has, too; perhaps somebody stands in it at once."""
    job, name = drawn.choice(JOBS), drawn.choice(("xylo", "yonder"))
    if f"{vendor.name}-{job}-{name}" in {*vendor.ladders[job], *vendor.retired}:
        return  # an id is never given twice
    world.log("ADDED", vendor.name, job, name)
    id = vendor.add_stage(job, name)
    here = [one for one in vendor.live(APPLICATION) if (one.state or {}).get("job") == f"{vendor.name}-{job}"]
    able = [one for one in here if _is_there(world, vendor, one)]
    if able and drawn.random() < 0.6:
        one = drawn.choice(able)
        said(world, vendor.name, one.whose, "stage", f"{job} {id}")
        vendor.change(one.id, {"stage": id}, SOMEBODY)


def _retire_stage(world: World, vendor: Vendor, drawn: random.Random) -> None:
    """A stage less; never the first one, in which everybody begins."""
    job = drawn.choice(JOBS)
    later = list(vendor.ladders[job])[1:]
    if later:
        id = drawn.choice(later)
        world.log("RETIRED", vendor.name, id)
        vendor.retire_stage(job, id)


def _rename_field(world: World, vendor: Vendor, drawn: random.Random) -> None:
    vendor.score = world.value(SCORE)
    world.log("RENAMED", vendor.name, SCORE, vendor.score)


_MADE_OF: Mapping[str, Callable[[World, Vendor, random.Random], None]] = {
    "on hold": _on_hold, "rename stage": _rename_stage, "add stage": _add_stage, "retire stage": _retire_stage,
    "rename field": _rename_field,
}  # fmt: skip


def _again(world: World, vendor: Vendor, person: Thing, what: str, drawn: random.Random) -> None:
    has = {(a.state or {}).get("job") for a in vendor.children(person.id, APPLICATION)}
    free = [job for job in JOBS if f"{vendor.name}-{job}" not in has]
    if free:
        said(world, vendor.name, person.whose, "apply again", free[0])
        world.application(vendor.name, person.id, free[0])


def _delete(world: World, vendor: Vendor, person: Thing, what: str, drawn: random.Random) -> None:
    said(world, vendor.name, person.whose, what, person.id)
    world.gone.add((vendor.name, person.whose))
    if what == "delete":
        vendor.remove(person.id, SOMEBODY)
    else:
        vendor.anonymise(person.id, SOMEBODY)


def _merge(world: World, vendor: Vendor, person: Thing, what: str, drawn: random.Random) -> None:
    others = [t for t in vendor.live(PERSON) if t.id != person.id and (vendor.name, t.whose) not in world.gone]
    if not others or person.whose in world.erased:
        return
    survivor = drawn.choice(others)
    said(world, vendor.name, person.whose, "merge", f"{person.id} into {survivor.id}")
    world.merged |= {person.whose, survivor.whose}
    vendor.merge(person.id, survivor.id, SOMEBODY)


_THERE: Mapping[str, Callable[[World, Vendor, Thing, str, random.Random], None]] = {
    "scalar": _scalar, "bulk": _bulk, "email": _email, "tag": _tag, "untag": _tag,
    "note": _note, "unnote": _note, "stage": _stage,
    "reject": _stage, "reopen": _stage, "apply again": _again, "delete": _delete, "anonymise": _delete, "merge": _merge,
}  # fmt: skip


# --------------------------------------------------------------------------------------------------------- here


Here = Callable[[World, App, str, random.Random], Awaitable[None]]


async def here(world: World, one: Act, drawn: random.Random, doings: Mapping[str, Here]) -> None:
    app = await world.working()
    doing = doings[one.what if one.what not in SCALARS else "scalar"]
    try:
        await doing(world, app, one.what, drawn)
    except BasculeError as error:
        world.log("said no", one.what, str(error))
        world.stats["said no"] += 1
    except Crashed:
        world.log("nobody knows", one.what)


async def _do(world: World, whose: str, what: str, value: str, work: Awaitable[object]) -> None:
    """A change of ours: it counts once it is answered; when the answer is lost in a crash, perhaps."""
    try:
        await work
    except Crashed:
        said(world, OURS, whose, what, value, sure=False)
        raise
    said(world, OURS, whose, what, value)


async def _somebody(world: World, app: App, drawn: random.Random) -> tuple[Family, str] | None:
    """A person we hold, and who that is."""
    families = await app.store.read(lambda tx: world.families(tx, app))
    people = sorted(
        (whose, family.id)
        for family in families
        if family.kind is Kind.CANDIDATE and family.records and (whose := world.whose(family))
    )
    if not people:
        return None
    whose, id = drawn.choice(people)
    return next(f for f in families if f.id == id), whose


async def _scalar_here(world: World, app: App, what: str, drawn: random.Random) -> None:
    found = await _somebody(world, app, drawn)
    if found is not None:
        family, whose = found
        value = world.value(what)
        await _do(world, whose, what, value, app.changes.edit(family.root.id, {what: value}, PERSON_HERE))


async def _email_here(world: World, app: App, what: str, drawn: random.Random) -> None:
    found = await _somebody(world, app, drawn)
    if found is not None:
        family, whose = found
        value = f"{whose}.{world.value('x').replace(' ', '')}@people.example"
        held = _texts(family.root.fields.get("emails"))
        fields: Mapping[str, Value] = {"emails": (*held, value)}
        await _do(
            world, whose, "email", value, app.changes.edit(family.root.id, fields, PERSON_HERE, base={"emails": held})
        )


async def _tag_here(world: World, app: App, what: str, drawn: random.Random) -> None:
    found = await _somebody(world, app, drawn)
    if found is None:
        return
    family, whose = found
    held = _texts(family.root.fields.get("tags"))
    if what == "untag" and held:
        away = drawn.choice(held)
        await _do(world, whose, "untag", away, app.changes.set_tags(family.root.id, PERSON_HERE, remove=[away]))
    else:
        value = world.value("Tag")
        await _do(world, whose, "tag", value, app.changes.set_tags(family.root.id, PERSON_HERE, add=[value]))


async def _note_here(world: World, app: App, what: str, drawn: random.Random) -> None:
    found = await _somebody(world, app, drawn)
    if found is None:
        return
    family, whose = found
    own = [r for r in _live(family, Kind.NOTE) if r.origin == "ours"]
    if what == "unnote" and own:
        gone = drawn.choice(own)
        body = str(gone.fields.get("body"))
        await _do(world, whose, "unnote", body, app.changes.remove_note(gone.id, PERSON_HERE))
    else:
        value = world.value("note")
        await _do(world, whose, "note", value, app.changes.add_note(family.root.id, value, "private", PERSON_HERE))


async def _stage_here(world: World, app: App, what: str, drawn: random.Random) -> None:
    found = await _somebody(world, app, drawn)
    applications = _live(found[0], Kind.APPLICATION) if found else []
    if found is None or not applications:
        return
    one, whose = drawn.choice(applications), found[1]
    if what == "stage":
        stage = await _a_stage(app, one, drawn)
        if stage is None:
            return
        fields: Mapping[str, Value] = {"stage": stage.id}
        value = str(stage.fields.get("name"))
    else:
        fields = {"status": "rejected" if what == "reject" else "active"}
        value = str(fields["status"])
    edit = Edit(app.runtime.id(), one.id, fields, PERSON_HERE, app.runtime.id())
    await _do(world, whose, what, value, app.reconcile.edit(found[0].id, [edit]))


async def _a_stage(app: App, application: Record, drawn: random.Random) -> Record | None:
    job = application.fields.get("job")
    if not isinstance(job, str):
        return None
    family = await app.store.read(lambda tx: tx.families.family(tx.families.record_family(job) or ""))
    stages = sorted(_live(family, Kind.STAGE), key=lambda r: r.id)
    return drawn.choice(stages) if stages else None


async def _decide(world: World, app: App, what: str, drawn: random.Random) -> None:
    """Somebody answers what waits for a person."""
    items = await app.store.read(lambda tx: tx.pages.reviews(app.workspace, limit=100))
    if not items:
        return
    item = drawn.choice(sorted(items, key=lambda item: item.review.id))
    review = item.review
    if review.kind in (ReviewKind.CONFLICT, ReviewKind.REFUSED):
        answer = drawn.choice(("take_theirs", "write_ours", "leave"))
    else:
        answer = drawn.choice(("approve", "decline"))
    if review.kind is ReviewKind.DUPLICATE:  # the vendors' own merges are of people there
        answer = "leave"
    family = await app.store.read(lambda tx: tx.families.family(item.family))
    asked = frozenset(world.everybody(family))
    world.decided.append(Decided(world.clock.seconds, asked, review.kind, review.field, answer))
    world.log("DECIDE", review.kind, review.field, answer)
    which = None
    if answer == "approve" and review.kind in ABOUT_TWO:
        which, _ = await _whom(world, app, item.family, review, drawn)
    await app.changes.decide(review.id, answer, PERSON_HERE, which)


async def _join(world: World, app: App, what: str, drawn: random.Random) -> None:
    """Somebody says that two are one person, where that is asked."""
    items = await app.store.read(lambda tx: tx.pages.reviews(app.workspace, limit=100))
    asked = sorted((item for item in items if item.review.kind in ABOUT_TWO), key=lambda item: item.review.id)
    if not asked:
        return
    item = drawn.choice(asked)
    which, whose = await _whom(world, app, item.family, item.review, drawn)
    world.log("JOIN", item.review.kind, which)
    world.decided.append(Decided(world.clock.seconds, whose, item.review.kind, item.review.field, "approve"))
    await app.changes.decide(item.review.id, "approve", PERSON_HERE, which)
    world.stats["joined"] += 1


async def _apart(world: World, app: App, what: str, drawn: random.Random) -> None:
    """Somebody says that two who were taken for one are two."""
    families = await app.store.read(lambda tx: world.families(tx, app))
    joined = sorted(
        (record.id, family.id)
        for family in families
        for record in family.records.values()
        if record.kind is Kind.CANDIDATE and record.state is RecordState.MERGED
    )
    if not joined:
        return
    record, home = drawn.choice(joined)
    whose = frozenset(world.everybody(next(one for one in families if one.id == home)))
    world.merged |= whose
    world.log("APART", record, *sorted(whose))
    await app.joins.apart(record, PERSON_HERE)
    since = max([d.at for d in world.decided if d.answer == "approve" and d.whose & whose], default=0.0)
    world.apart.append(Apart(since, world.clock.seconds, record, whose))
    world.stats["told apart"] += 1


async def _erase(world: World, app: App, what: str, drawn: random.Random) -> None:
    """Somebody is erased. Who got no answer asks again, until it is said that it has begun."""
    found = await _somebody(world, app, drawn)
    if found is None or found[0].state is not FamilyState.LIVE:
        return
    family = found[0]
    marks = frozenset(map(marker, family.records))
    whose = frozenset(world.everybody(family))
    asked = Erasure(world.clock.seconds, family.root.id, whose, world.objects(family), marks)
    world.log("ERASE", family.root.id, *sorted(asked.whose))
    again = False
    while True:
        try:
            await app.erasures.begin(family.root.id, PERSON_HERE)
            break
        except Crashed:
            again = True
            app = await world.working()
        except (ConflictError, NotFoundError):
            if not again:
                raise
            break
    world.erasures.append(asked)
    world.gone |= {(system, whose) for system in world.vendors for whose in asked.whose}
    world.stats["erased"] += 1
    await _not_told_apart(world, app, asked)


async def _not_told_apart(world: World, app: App, asked: Erasure) -> None:
    """Who was told apart from them in the very moment before is erased no more."""
    families: list[Family] | None = None
    while families is None:
        try:
            families = await app.store.read(lambda tx, app=app: world.families(tx, app))
        except Crashed:
            app = await world.working()
    others = [one for one in families if one.state is FamilyState.LIVE]
    kept = {known for one in others for known in world.objects(one)}
    asked.objects -= kept
    asked.marks -= {marker(record) for one in others for record in one.records}


async def _whom(
    world: World, app: App, family: str, review: Review, drawn: random.Random
) -> tuple[str | None, frozenset[str]]:
    """Whom a record is joined with, and all whom the two are about: what belonged to either is of both from then on."""
    may_be = sorted(named(review))
    chosen = drawn.choice(may_be) if may_be else None

    def both(tx: Tx) -> list[Family]:
        other = tx.families.record_family(chosen) if chosen else None
        return list(tx.families.families({family, other} if other else {family}).values())

    whose = frozenset(who for one in await app.store.read(both) for who in world.everybody(one))
    world.merged |= whose
    return chosen, whose


async def _replay(world: World, app: App, what: str, drawn: random.Random) -> None:
    items = await app.store.read(lambda tx: tx.pages.failures(app.workspace, limit=100))
    if items:
        chosen = drawn.choice(sorted(items, key=lambda item: item.write.id))
        write, family = chosen.write, await app.store.read(lambda tx: tx.families.family(chosen.family))
        world.log("REPLAY", write.call)
        if any(r.kind is ReviewKind.LOST_CREATE and r.detail.get("write") == write.id for r in family.reviews.values()):
            whose = frozenset(world.everybody(family))  # whoever replays what may have been made says: make it again
            world.decided.append(Decided(world.clock.seconds, whose, ReviewKind.LOST_CREATE, "", "approve"))
        await app.failures.replay(write.id, PERSON_HERE)


async def _rescore(world: World, app: App, what: str, drawn: random.Random) -> None:
    found = await _somebody(world, app, drawn)
    due = app.runtime.now()
    for one in _live(found[0], Kind.APPLICATION) if found else ():
        await app.store.write(lambda tx, id=one.id: tx.tasks.put(app.workspace, "score", id, due=due))
    app.worker.wake()


async def _ai_move(world: World, app: App, what: str, drawn: random.Random) -> None:
    """A machine would like to move or change somebody; the gates make it a proposal or say no."""
    found = await _somebody(world, app, drawn)
    applications = _live(found[0], Kind.APPLICATION) if found else []
    if found is None or not applications:
        return
    one = drawn.choice(applications)
    stage = await _a_stage(app, one, drawn)
    fields: Mapping[str, Value] = {"stage": stage.id} if stage and drawn.random() < 0.7 else {"status": "rejected"}
    edit = Edit(app.runtime.id(), one.id, fields, AI, app.runtime.id())
    world.log("AI would like", fields)
    await app.reconcile.edit(found[0].id, [edit])


async def _mapping(world: World, app: App, what: str, drawn: random.Random) -> None:
    """An owner changes which way a field goes."""
    known = sorted(app.connections.all(), key=lambda at: at.row.name)
    if not known:  # this process has only just begun
        return
    at = drawn.choice(known)
    field = drawn.choice(("title", "company"))
    choice = mapping.Choice(on=drawn.random() < 0.7, direction=drawn.choice((None, Direction.IN, Direction.BOTH)))
    world.log("MAPPING", at.row.name, field, choice)
    goes = choice.on and choice.direction is not Direction.IN
    world.remapped.append(Remapped(world.clock.seconds, at.row.name, field, comes=choice.on, goes=goes))
    await app.mappings.choose(at.row.name, Kind.CANDIDATE, field, choice, PERSON_HERE)


async def _hour(app: App, connection: str) -> None:
    """The hour is over in which an account is looked at once."""
    due = app.runtime.now()
    await app.store.write(lambda tx: tx.tasks.put(app.workspace, "discover", connection, due=due))
    app.worker.wake()


async def _look_again(world: World, app: App, what: str, drawn: random.Random) -> None:
    """Bascule looks at the accounts again in which a field is called otherwise: because its hour has come, or because
    an owner says so, who tries again while it cannot."""
    asked = drawn.random() < 0.5

    def late() -> str:
        known = {name: score_of(app.connections.named(name).tenant) for name in world.vendors}
        return next((name for name, vendor in world.vendors.items() if known[name] != vendor.score), "")

    while name := late():
        at = app.connections.named(name)
        world.log("LOOK AGAIN", at.row.name, "by hand" if asked else "by itself")
        try:
            if asked:
                await app.accounts.create_fields(at.row.name, OWNER)
            else:
                await _hour(app, at.id)
        except (Crashed, BasculeError):
            pass
        await asyncio.sleep(3.0)
        app = await world.working()
        world.stats["new names seen"] += not asked and late() != name


def _live(family: Family, kind: Kind) -> list[Record]:
    return sorted(
        (r for r in family.records.values() if r.kind is kind and r.state is RecordState.LIVE), key=lambda r: r.id
    )


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, tuple) else ()


HERE: Mapping[str, Here] = {
    "scalar": _scalar_here, "email": _email_here, "tag": _tag_here, "untag": _tag_here, "note": _note_here,
    "unnote": _note_here, "stage": _stage_here, "reject": _stage_here, "reopen": _stage_here, "decide": _decide,
    "replay": _replay, "rescore": _rescore, "ai move": _ai_move, "mapping": _mapping, "join": _join, "apart": _apart,
    "erase": _erase, LOOK_AGAIN: _look_again,
}  # fmt: skip
