"""What people do where the vendors' sandboxes are the systems: on the pages of each ATS, and here."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any

from bascule.app import App
from bascule.model import Kind, RecordState
from bascule.sandbox.kit.desk import Application, Person
from bascule.sandbox.kit.errors import Refused

from . import people
from .faults import dice
from .mixed import RITA, Mixed
from .people import said
from .sandboxes import Account
from .scenario import OURS, Act
from .world import World

MOST = 5  # people of one run


async def act(world: Mixed, one: Act) -> None:
    """One doing, at its time. Who finds Bascule down comes back when it is up; what a system refuses is not done."""
    await world.until(one.at)
    drawn = dice("act", world.scenario.seed, one)
    if one.where == OURS:
        await people.here(world, one, drawn, HERE)
        return
    try:
        done = _there(world, world.accounts[one.where], one.what, drawn)
        if isawaitable(done):
            await done
    except Refused as refused:
        world.log("REFUSED", one.where, one.what, refused.spoken)
        world.stats["refused there"] += 1


# ------------------------------------------------------------------------------------------------------ at a system


def _there(world: Mixed, account: Account, what: str, drawn: random.Random) -> Any:
    if what in ("apply", "same person"):
        return _arrive(world, account, what, drawn)
    there = [one for one in account.people() if _is_there(world, account, one)]
    if not there:
        return None
    return _THERE.get(what, _edit)(world, account, drawn.choice(there), what, drawn)


def _is_there(world: Mixed, account: Account, person: Person) -> bool:
    whose = account.whose.get(person.id)
    if whose in world.erased and account.kind.erases:
        return False
    return whose is not None and (account.name, whose) not in world.gone and not account.hidden("candidates", person.id)


def _arrive(world: Mixed, account: Account, what: str, drawn: random.Random) -> None:
    here = set(account.whose.values())
    elsewhere = [one for one in world.people if one not in here]
    whose = drawn.choice(elsewhere) if what == "same person" and elsewhere else f"p{len(world.people)}"
    if len(world.people) >= MOST and whose not in world.people:
        return
    said(world, account.name, whose, "apply", whose)
    world.person(account.name, whose, job=drawn.randrange(2))


def _again(world: Mixed, account: Account, person: Person, what: str, drawn: random.Random) -> None:
    """With the same address on another job, as the form has it: the same person there, or one more. What the form
    changes of who was there is said by it: some systems take the name of whoever applies again."""
    whose, keys = account.whose[person.id], account.kind.contact
    taken = {one.job.id for one in person.applications}
    free = [n for n, job in enumerate(account.jobs()) if job.id not in taken]
    if free:
        said(world, account.name, whose, "apply again", str(free[0]))
        id = world.person(account.name, whose, job=free[0])
        if id != person.id:
            world.twice.add(whose)
        before, after = (_contact(one) for one in (person, next(one for one in account.people() if one.id == id)))
        for name, key in keys.items():
            if id == person.id and name in SCALARS and after.get(key) and after[key] != before.get(key):
                said(world, account.name, whose, name, after[key])


SCALARS = frozenset({"first_name", "company", "title"})  # of contact data, what a form replaces


def _contact(person: Person) -> dict[str, str]:
    return {one.key: one.value for one in person.contact}


def _edit(world: Mixed, account: Account, person: Person, what: str, drawn: random.Random) -> Any:
    """A name, an employer, a title, an address, as the form of that ATS has it."""
    keys, whose = account.kind.contact, account.whose[person.id]
    held = _contact(person)
    value = world.value(what.title().replace("_", ""))
    if what == "email":
        value = f"{whose}.{value.replace(' ', '')}@people.example".lower()
        several = keys.get("emails")
        values = {several: f"{held[several]}\n{value}".strip()} if several else {keys["email"]: value}
    elif what == "first_name":
        value = value.replace(" ", "")
        values = _named(keys, held, value)
    elif what in keys:
        values = {keys[what]: value}
    else:
        return None
    said(world, account.name, whose, what, value)
    return account.desk.edit(account.who, person.id, values)


def _named(keys: Mapping[str, str], held: Mapping[str, str], first: str) -> dict[str, str]:
    if "first_name" in keys:
        return {keys["first_name"]: first}
    return {keys["name"]: " ".join([first, *held[keys["name"]].split()[1:]])}


def _bulk(world: Mixed, account: Account, person: Person, what: str, drawn: random.Random) -> None:
    """Somebody changes everybody at once; no webhook tells of it."""
    hooks = account.tenant.hooks
    hooks.muted = True
    try:
        for one in account.people():
            if _is_there(world, account, one):
                _edit(world, account, one, "company" if "company" in account.kind.contact else "first_name", drawn)
    finally:
        hooks.muted = False


def _tag(world: Mixed, account: Account, person: Person, what: str, drawn: random.Random) -> Any:
    desk, whose = account.desk, account.whose[person.id]
    if desk.tag is None or desk.untag is None:
        return None
    if what == "untag" and person.tags:
        away = drawn.choice(sorted(person.tags))
        said(world, account.name, whose, "untag", away)
        return desk.untag(account.who, person.id, away)
    value = world.value("Tag")
    said(world, account.name, whose, "tag", value)
    return desk.tag(account.who, person.id, value)


def _note(world: Mixed, account: Account, person: Person, what: str, drawn: random.Random) -> Any:
    desk, whose = account.desk, account.whose[person.id]
    own = [one for one in person.notes if one.text.startswith("Noted there")]
    if what == "unnote" and own and desk.delete_note is not None:
        gone = drawn.choice(own)
        said(world, account.name, whose, "unnote", gone.text)
        return desk.delete_note(account.who, gone.id)
    value = world.value("Noted there")
    said(world, account.name, whose, "note", value)
    return desk.note(account.who, person.id, value)


def _stage(world: Mixed, account: Account, person: Person, what: str, drawn: random.Random) -> Any:
    desk = account.desk
    wanted = "rejected" if what == "reopen" else "active"
    able = [one for one in person.applications if one.state == wanted]
    if not able:
        return None
    one = drawn.choice(able)
    world.log("SAID", account.name, account.whose[person.id], what, one.id)
    if what == "reopen":
        return desk.unreject and desk.unreject(account.who, one.id)
    if what == "reject":
        reasons = list(one.reasons) if one.reasons is not None else [each.id for each in desk.reasons()]
        return desk.reject(account.who, one.id, drawn.choice(reasons)) if reasons else None
    further = _further(one)
    return desk.move(account.who, one.id, drawn.choice(further)) if further else None


def _further(one: Application) -> list[str]:
    if one.next is not None:
        return list(one.next)
    return [stage.id for stage in one.job.ladder if stage.id != one.stage]


def _leave(world: Mixed, account: Account, person: Person, what: str, drawn: random.Random) -> Any:
    do = account.desk.delete if what == "delete" else account.desk.anonymize
    if do is None:
        return None
    whose = account.whose[person.id]
    said(world, account.name, whose, what, person.id)
    done = do(account.who, person.id)
    world.gone.add((account.name, whose))
    return done


def _merge(world: Mixed, account: Account, person: Person, what: str, drawn: random.Random) -> Any:
    others = [one for one in account.people() if one.id != person.id and _is_there(world, account, one)]
    if not others or account.desk.merge is None:
        return None
    survivor = drawn.choice(others)
    both = {account.whose[person.id], account.whose[survivor.id]}
    said(world, account.name, account.whose[person.id], "merge", f"{person.id} into {survivor.id}")
    world.merged |= both
    return account.desk.merge(account.who, survivor.id, person.id)


Deed = Callable[[Mixed, Account, Person, str, random.Random], Any]
_THERE: Mapping[str, Deed] = {
    "bulk": _bulk, "tag": _tag, "untag": _tag, "note": _note, "unnote": _note, "stage": _stage, "reject": _stage,
    "reopen": _stage, "apply again": _again, "delete": _leave, "anonymise": _leave, "merge": _merge,
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- here


async def _decides(world: World, app: App, what: str, drawn: random.Random) -> None:
    """A recruiter moves or rejects somebody here, as their own user of the ATS."""
    families = await app.store.read(lambda tx: world.families(tx, app))
    records = sorted((one for family in families for one in family.records.values()), key=lambda one: one.id)
    live = [one for one in records if one.state is RecordState.LIVE]
    able = [one for one in live if one.kind is Kind.APPLICATION]
    if not able:
        return
    one = drawn.choice(able)
    world.log("SAID", OURS, one.id, what)
    if what == "reject":
        reasons = [each.id for each in live if each.kind is Kind.REJECTION_REASON and each.origin == one.origin]
        await app.changes.reject(one.id, drawn.choice(reasons) if reasons else None, RITA)
    elif what == "stage":
        steps = [each.id for each in live if each.kind is Kind.STAGE and each.parent == one.fields.get("job")]
        if steps:
            await app.changes.advance(one.id, drawn.choice(steps), RITA)


HERE: Mapping[str, people.Here] = {**people.HERE, "stage": _decides, "reject": _decides, "reopen": _decides}
