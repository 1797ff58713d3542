"""After quiet, between Bascule and the vendors' sandboxes: what stands on each ATS's own pages stands here, or the
difference is listed; every edit is kept; what is ours stands once; and the product's own comparison finds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bascule.app import App
from bascule.model import (
    Direction,
    Family,
    Kind,
    Link,
    LinkState,
    Record,
    RecordState,
    ReviewKind,
    Value,
    WriteState,
)
from bascule.sandbox.kit.desk import Application, Person

from . import erased, settled
from .faults import PAUSE, RACE
from .ledger import Ledger
from .mixed import Mixed
from .sandboxes import Account
from .scenario import LEASE, OURS

WINDOW = 4.0  # seconds between the read before a write and its landing, the way included
SAID = frozenset({"first_name", "company", "title", "email", "note"})
STATES = {"active": "active", "hired": "hired", "rejected": "rejected"}


def check(world: Mixed, ledger: Ledger, app: App) -> None:
    settled.identities(world, ledger)
    settled.nothing_open(world, ledger)
    for family, link, record in ledger.links():
        if (
            link.open
            and link.primary
            and record.state is RecordState.LIVE
            and link.kind in (Kind.CANDIDATE, Kind.APPLICATION)
        ):
            _settled(world, ledger, family, link, record)
    for account in world.accounts.values():
        _everybody(world, ledger, account)
        _by_us(world, ledger, account)
        _overwritten(world, ledger, account)
        _quiet(world, account)
    _edits_kept(world, ledger)
    _erased(world, ledger, app)
    _compared(world)
    world.stats["writes"] = sum(len(_ours(account)) for account in world.accounts.values())


# -------------------------------------------------------------------------------------------------- both sides agree


def _settled(world: Mixed, ledger: Ledger, family: Family, link: Link, record: Record) -> None:
    """What we would write is what was written, or the difference is listed with its cause."""
    system = ledger.names[link.connection]
    for fields in ledger.drafts[family.id].maps(link.connection, link.kind):
        pair = link.pairs.get(fields.name)
        about = (system, link.kind, link.external, fields.name)
        if pair is None or pair.held or pair.gap:
            continue
        if pair.awaiting is not None:
            world.wrong("an answer that was never settled", *about)
        elif fields.direction is not Direction.IN and fields.call:
            settled.ours(world, ledger, family, link, record, fields, pair, about)


def _everybody(world: Mixed, ledger: Ledger, account: Account) -> None:
    """Each person and application there has one link and one record here, with what the pages show."""
    seen: set[tuple[str, str]] = set()
    for person in account.people():
        whose = account.whose.get(person.id, "")
        found = _one(world, ledger, account, Kind.CANDIDATE, person.id, whose)
        seen.add((Kind.CANDIDATE, person.id))
        for one in person.applications:
            external = account.kind.application(account.tenant, one)
            seen.add((Kind.APPLICATION, external))
            applied = _one(world, ledger, account, Kind.APPLICATION, external, whose)
            if applied is not None:
                _application(world, ledger, account, person, one, *applied)
        if found is not None:
            _person(world, ledger, account, person, *found)
    for _, link, _record in ledger.links():
        known = ledger.names[link.connection] == account.name and link.kind in (Kind.CANDIDATE, Kind.APPLICATION)
        if known and link.state is LinkState.LIVE and (link.kind, link.external) not in seen:
            world.wrong("a live link to no object", account.name, link.kind, link.external)


def _one(
    world: Mixed, ledger: Ledger, account: Account, kind: Kind, external: str, whose: str
) -> tuple[Family, Link, Record] | None:
    links = ledger.of(account.name, kind, external)
    if not links:
        if whose not in world.erased and (account.name, whose) not in world.gone:
            world.wrong("an object nobody knows", account.name, kind, external, whose)
        return None
    if len(links) > 1:
        world.wrong("one object, two records", account.name, kind, external)
    family, link = links[0]
    if not link.open:
        if (account.name, whose) not in world.gone and not ledger.asked(whose, ReviewKind.GONE):
            world.wrong("a live object behind a closed link", account.name, kind, external, link.state)
        return None
    return family, link, family.records[link.record]


def _listed(ledger: Ledger, family: Family, link: Link, *canonical: str) -> bool:
    """Whether a difference of these fields there is told: with its cause, before a person, or as what waits."""
    names = {
        one.name
        for one in ledger.drafts[family.id].maps(link.connection, link.kind)
        if set(canonical) & {*one.canonical}
    }
    pairs = [link.pairs[name] for name in names if name in link.pairs]
    waits = any(
        write.link == link.id and names & set(write.fields) and write.state in (WriteState.WAITING, WriteState.HELD)
        for write in family.writes.values()
    )
    return waits or not pairs or any(pair.held or pair.gap or pair.divergence is not None for pair in pairs)


def _texts(value: Value) -> set[str]:
    return {str(one).casefold() for one in value} if isinstance(value, tuple | list) else set()


def _person(
    world: Mixed, ledger: Ledger, account: Account, person: Person, family: Family, link: Link, record: Record
) -> None:
    keys, shown = account.kind.contact, {one.key: one.value for one in person.contact}
    held: dict[str, str] = {
        name: str(record.fields.get(name) or "") for name in ("first_name", "last_name", "company", "title")
    }
    held["name"] = f"{held['first_name']} {held['last_name']}".strip()
    about = (account.name, person.id)
    for name in keys:
        there = shown.get(keys[name], "")
        fields = ("first_name", "last_name") if name == "name" else ("emails",) if name == "email" else (name,)
        if _listed(ledger, family, link, *fields) or link.primary is False:
            continue
        if name in held and held[name].casefold() != there.casefold():
            world.wrong("they differ, and it is not listed", *about, name, "there", there, "here", held[name])
        if name == "emails" and {one.casefold() for one in there.split()} != _texts(record.fields.get("emails")):
            world.wrong("they differ, and it is not listed", *about, name, there.split(), record.fields.get("emails"))
        if name == "email" and there and there.casefold() not in _texts(record.fields.get("emails")):
            world.wrong("they differ, and it is not listed", *about, name, there, record.fields.get("emails"))
    _tags(world, ledger, account, person, family, link, record)
    _notes(world, ledger, account, person, family)


def _tags(
    world: Mixed, ledger: Ledger, account: Account, person: Person, family: Family, link: Link, record: Record
) -> None:
    there = {one.casefold() for one in person.tags}
    if account.kind.tags_on == "candidate":
        if not _listed(ledger, family, link, "tags") and there != _texts(record.fields.get("tags")):
            world.wrong(
                "they differ, and it is not listed", account.name, person.id, "tags", there, record.fields.get("tags")
            )
        return
    mine = [
        one
        for one in family.links.values()
        if one.connection == link.connection and one.kind is Kind.APPLICATION and one.open
    ]
    here = {tag for one in mine for tag in _texts(family.records[one.record].fields.get("tags"))}
    if there != here and not any(_listed(ledger, family, one, "tags") for one in mine):
        world.wrong("they differ, and it is not listed", account.name, person.id, "tags", there, here)


def _notes(world: Mixed, ledger: Ledger, account: Account, person: Person, family: Family) -> None:
    """Each note that a person wrote there is here once; each of ours stands there once."""
    here = Counter(
        str(one.fields.get("body")).strip()
        for one in family.records.values()
        if one.kind is Kind.NOTE and one.state is RecordState.LIVE
    )
    there = Counter(note.text.split("\n")[0].strip() for note in person.notes)
    for note in person.notes:
        body = note.text.split("\n")[0].strip()
        if body.startswith("Noted") and (here[body] != 1 or there[body] != 1):
            world.wrong("a note there that is not here once", account.name, person.id, body, here[body], there[body])
    waiting = {write.record for write in family.writes.values() if write.state not in (WriteState.DONE,)}
    connection = next(id for id, name in ledger.names.items() if name == account.name)
    for one in family.records.values():
        mine = one.kind is Kind.NOTE and one.origin == OURS and one.state is RecordState.LIVE
        if not mine or one.id in waiting:
            continue
        many = sum(str(one.fields.get("body")) in note.text for note in person.notes)
        linked = any(link.record == one.id and link.connection == connection for link in family.links.values())
        if many > 1 or (linked and many != 1):
            world.wrong(
                "a note of ours that stands there more or less than once",
                account.name,
                person.id,
                one.fields.get("body"),
                many,
            )


def _application(
    world: Mixed,
    ledger: Ledger,
    account: Account,
    person: Person,
    one: Application,
    family: Family,
    link: Link,
    record: Record,
) -> None:
    about = (account.name, "application", link.external)
    if not _listed(ledger, family, link, "status") and record.fields.get("status") != STATES[one.state]:
        world.wrong("they differ, and it is not listed", *about, "status", one.state, record.fields.get("status"))
    stage = next((each.name for each in one.job.ladder if each.id == one.stage), None)
    if stage is not None and one.state == "active" and not _listed(ledger, family, link, "stage"):
        here = _stage_name(ledger, record.fields.get("stage"))
        if here != stage:
            world.wrong("they differ, and it is not listed", *about, "stage", stage, here)
    _score(world, ledger, account, person, one, family, link, record)


def _stage_name(ledger: Ledger, id: Value) -> Value:
    return next(
        (
            family.records[id].fields.get("name")
            for family in ledger.families
            if isinstance(id, str) and id in family.records
        ),
        None,
    )


def _score(
    world: Mixed,
    ledger: Ledger,
    account: Account,
    person: Person,
    one: Application,
    family: Family,
    link: Link,
    record: Record,
) -> None:
    """The newest score stands there once, with its reason and with no older one."""
    score, reasons = record.fields.get("match_score"), record.fields.get("match_reasons")
    if score is None or not isinstance(reasons, tuple) or _listed(ledger, family, link, "match_score", "match_reasons"):
        return
    shown = "\n".join(each.value for each in (*one.fields, *person.fields))
    reason = str(reasons[0])
    if shown.count(reason) != 1:
        world.wrong(
            "the newest reason does not stand there once", account.name, link.external, reason, shown.count(reason)
        )
    if f"{score:g}" not in shown:
        world.wrong("the newest score does not stand there", account.name, link.external, score)
    if "Reason" in "\n".join(each.value for each in one.fields).replace(reason, ""):
        world.wrong("an older reason stands there still", account.name, link.external)


# --------------------------------------------------------------------------------------------------- what we have done


def _ours(account: Account, since: int = 0) -> Sequence[Any]:
    """The changes that came by the interface, as the sandbox logged them."""
    return [one for one in account.tenant.db.log[since:] if one.actor.kind.startswith("api:")]


def _by_us(world: Mixed, ledger: Ledger, account: Account) -> None:
    """Nobody was made or removed there by us, and contact data holds only what people said or were."""
    said = {word.casefold() for one in world.said for word in one.value.split()}
    said |= {word for whose in world.people for word in (f"first{whose}", f"last{whose}", f"{whose}@people.example")}
    for one in _ours(account):
        if one.object in ("candidates", "applications") and one.action in ("created", "deleted") and one.field is None:
            world.wrong(f"{one.action} there by us", account.name, one.object, one.id)
        gone = account.whose.get(str(one.id)) in world.erased
        if one.object == "candidates" and one.field in account.kind.columns and not gone:
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


def _overwritten(world: Mixed, ledger: Ledger, account: Account) -> None:
    """Our call landed on an edit before a read could see it. Counted; the window is what the rules promise. Who was
    erased here is no such case: an erasure empties whatever stands there."""
    emptied = {known for one in world.erasures for known in one.objects}
    for one in account.tenant.overwrites.found:
        if one.window is None or one.object != "candidates" or one.field not in account.kind.columns:
            continue
        if (account.name, str(one.id)) in emptied:
            continue
        world.stats["overwritten in a window"] += 1
        window = one.written_at - one.edited_at
        world.stats["longest window (ms)"] = max(world.stats["longest window (ms)"], round(window * 1000))
        if window > WINDOW + _blurred(world, account):
            world.wrong(
                "an edit overwritten long after it was made", account.name, one.id, one.field, f"{window:.1f} s"
            )


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


def _quiet(world: Mixed, account: Account) -> None:
    late = _ours(account, world.marks.get(account.name, 0))
    if late:
        told = [(one.object, one.id, one.field or one.action) for one in late[:5]]
        world.wrong("still writing after quiet", account.name, told)


# ------------------------------------------------------------------------------------------------------ edits are kept


def _edits_kept(world: Mixed, ledger: Ledger) -> None:
    """The last that a person said of each field at each place is a value, in history, or before a person; unless a call
    of ours landed on it before a read could see it, which is counted."""
    last = {(one.where, one.whose, one.what): one for one in world.said if one.sure}
    for (where, whose, what), one in last.items():
        if what not in SAID or whose in world.merged or (where, whose) in world.gone or whose in world.erased:
            continue
        value = one.value.casefold()
        if value in ledger.kept or any(value in text for text in ledger.kept):
            continue
        account = world.accounts.get(where)
        if account is None or not _landed_on(world, account, value):
            world.wrong("an edit that nobody kept", where, whose, what, one.value)


def _landed_on(world: Mixed, account: Account, value: str) -> bool:
    edits = {one.seq for one in account.tenant.db.log if value in str(one.new).casefold()}
    return any(one.edit in edits for one in account.tenant.overwrites.found)


def _erased(world: Mixed, ledger: Ledger, app: App) -> None:
    """Who was erased is gone or anonymised at each system that can, is somebody's task at the others, and nothing that
    only they were ever called or said to be stands in any table here."""
    for one in world.erasures:
        erased.ended(world, ledger, app, one)
        for system, id in sorted(
            one.objects & {(name, id) for name, one in world.accounts.items() for id in one.whose}
        ):
            _gone(world, ledger, world.accounts[system], id)
    known = {known for one in world.erasures for known in one.objects}
    kept = {whose for name, one in world.accounts.items() for id, whose in one.whose.items() if (name, id) not in known}
    theirs = {whose for one in world.erasures for whose in one.whose} - world.merged - kept
    values = {f"{part}{whose}" for whose in theirs for part in ("first", "last")}
    values |= {one.value.casefold() for one in world.said if one.whose in theirs and one.what in SAID}
    erased.nothing_left(world, ledger, app, values)


def _gone(world: Mixed, ledger: Ledger, account: Account, id: str) -> None:
    if ledger.of(account.name, Kind.CANDIDATE, id):
        world.wrong("the erased are held again", account.name, id)
    person = next((one for one in account.people() if one.id == id), None)
    shown = " ".join(one.value for one in person.contact) if person else ""
    connection = next(c for c, name in ledger.names.items() if name == account.name)
    if account.whose[id] in shown and f"erase|{connection}|{id}" not in ledger.asked_by_hand:
        world.wrong("still there, and nobody is asked", account.name, id)


def _compared(world: Mixed) -> None:
    """The product's own comparison of every list."""
    for name, lists in world.compared.items():
        for one in lists:
            if one["error"] or one["left"] or one["healed"]:
                told = {key: one[key] for key in ("error", "left", "healed", "causes")}
                world.wrong("a comparison finds a difference", name, one["object"], told, one["differences"][:3])
