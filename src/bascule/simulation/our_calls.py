"""What our calls have done at the vendors' sandboxes, as those logged it: nobody made or removed, nothing said that
nobody said, no edit overwritten but in a short window, and nothing at all once all is quiet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .faults import PAUSE, RACE
from .mixed import Mixed
from .sandboxes import Account
from .scenario import LEASE

WINDOW = 4.0  # seconds between the read before a write and its landing, the way included


def ours(account: Account, since: int = 0) -> Sequence[Any]:
    """The changes that came by the interface, as the sandbox logged them."""
    return [one for one in account.tenant.db.log[since:] if one.actor.kind.startswith("api:")]


def by_us(world: Mixed, account: Account) -> None:
    """Nobody was made or removed there by us but who was to be erased, and contact data holds only what people said or
    were."""
    said = {word.casefold() for one in world.said for word in one.value.split()}
    said |= {word for whose in world.people for word in (f"first{whose}", f"last{whose}", f"{whose}@people.example")}
    for one in ours(account):
        if any(account.whose.get(str(id)) in world.erased for id in (one.id, *one.parents.values())):
            continue
        if one.object in ("candidates", "applications") and one.action in ("created", "deleted") and one.field is None:
            world.wrong(f"{one.action} there by us", account.name, one.object, one.id)
        if one.object == "candidates" and one.field in account.kind.columns:
            words = {word.casefold() for word in _words(one.new)} - {word.casefold() for word in _words(one.old)}
            if words - said:
                world.wrong("contact data that nobody said", account.name, one.id, one.field, sorted(words - said))


def _words(value: Any) -> Iterable[str]:
    match value:
        case str():
            yield from value.split()
        case Mapping():
            yield from _words(value.get("value") or value.get("address"))
        case list() | tuple():
            for one in value:
                yield from _words(one)
        case _:
            return


def overwritten(world: Mixed, account: Account) -> None:
    """Our call landed on an edit before a read could see it. Counted; the window is what the rules promise. Who was
    erased here is no such case: an erasure empties whatever stands there."""
    erased = emptied(world)
    for one in account.tenant.overwrites.found:
        if one.window is None or one.object != "candidates" or one.field not in account.kind.columns:
            continue
        if (account.name, str(one.id)) in erased:
            continue
        world.stats["overwritten in a window"] += 1
        window = one.written_at - one.edited_at
        world.stats["longest window (ms)"] = max(world.stats["longest window (ms)"], round(window * 1000))
        if window > WINDOW + _blurred(world, account):
            world.wrong(
                "an edit overwritten long after it was made", account.name, one.id, one.field, f"{window:.1f} s"
            )


def emptied(world: Mixed) -> set[tuple[str, str]]:
    """The objects by which those were known here who were erased, by system and id."""
    return {known for one in world.erasures for known in one.objects}


def _blurred(world: Mixed, account: Account) -> float:
    """By how much what was drawn widens the window: a late landing, a lagging replica, a slow way, overtaken commits, a
    process that stands still."""
    kinds = {fault.kind for fault in world.scenario.faults if fault.at in ("", account.name)}
    return (
        (account.late if "timeout" in kinds else 0.0)
        + 1.5 * ("stale" in kinds)
        + 8.0 * ("slow" in kinds)
        + 2.0 * (RACE in kinds)
        + LEASE * (PAUSE in kinds)
    )


def quiet(world: Mixed, account: Account) -> None:
    late = ours(account, world.marks.get(account.name, 0))
    if late:
        told = [(one.object, one.id, one.field or one.action) for one in late[:5]]
        world.wrong("still writing after quiet", account.name, told)


def landed_on(world: Mixed, account: Account, value: str) -> bool:
    edits = {one.seq for one in account.tenant.db.log if value in str(one.new).casefold()}
    return any(one.edit in edits for one in account.tenant.overwrites.found)
