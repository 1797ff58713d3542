"""After quiet, between Bascule and the vendors' sandboxes: what stands on each ATS's own pages stands here, or the
difference is listed; every edit is kept; what is ours stands once; and the product's own comparison finds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Known:
    """What is known here of one object of an account."""

    account: Account
    family: Family
    link: Link
    record: Record

    def listed(self, ledger: Ledger, *canonical: str) -> bool:
        """Whether a difference of these fields there is told: with its cause, before a person, or as what waits."""
        link, family = self.link, self.family
        maps = ledger.drafts[family.id].maps(link.connection, link.kind)
        names = {one.name for one in maps if set(canonical) & {*one.canonical}}
        pairs = [link.pairs[name] for name in names if name in link.pairs]
        waits = any(
            write.link == link.id and names & set(write.fields) and write.state in (WriteState.WAITING, WriteState.HELD)
            for write in family.writes.values()
        )
        return waits or not pairs or any(pair.held or pair.gap or pair.divergence is not None for pair in pairs)

    def differs(self, world: Mixed, what: str, there: object, here: object) -> None:
        about = (self.account.name, self.link.kind, self.link.external, what)
        world.wrong("they differ, and it is not listed", *about, "there", there, "here", here)


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
        _by_us(world, account)
        _overwritten(world, account)
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
        seen.add((Kind.CANDIDATE, person.id))
        if known := _one(world, ledger, account, Kind.CANDIDATE, person.id, person):
            _person(world, ledger, known, person)
        for one in person.applications:
            external = account.kind.application(account.tenant, one)
            seen.add((Kind.APPLICATION, external))
            if known := _one(world, ledger, account, Kind.APPLICATION, external, person):
                _application(world, ledger, known, person, one)
    for _, link, _ in ledger.links():
        ours = ledger.names[link.connection] == account.name and link.kind in (Kind.CANDIDATE, Kind.APPLICATION)
        if ours and link.state is LinkState.LIVE and (link.kind, link.external) not in seen:
            world.wrong("a live link to no object", account.name, link.kind, link.external)


def _one(world: Mixed, ledger: Ledger, account: Account, kind: Kind, external: str, person: Person) -> Known | None:
    links, whose = ledger.of(account.name, kind, external), account.whose.get(person.id, "")
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
    return Known(account, family, link, family.records[link.record])


def _texts(value: Value) -> set[str]:
    return {str(one).casefold() for one in value} if isinstance(value, tuple | list) else set()


def _person(world: Mixed, ledger: Ledger, known: Known, person: Person) -> None:
    record, shown = known.record, {one.key: one.value for one in person.contact}
    held = {name: str(record.fields.get(name) or "") for name in ("first_name", "last_name", "company", "title")}
    held["name"] = f"{held['first_name']} {held['last_name']}".strip()
    emails = _texts(record.fields.get("emails"))
    for name, key in known.account.kind.contact.items():
        there = shown.get(key, "")
        fields = {"name": ("first_name", "last_name"), "email": ("emails",)}.get(name, (name,))
        if not known.link.primary or known.listed(ledger, *fields):
            continue
        if name in held and held[name].casefold() != there.casefold():
            known.differs(world, name, there, held[name])
        if name == "emails" and {one.casefold() for one in there.split()} != emails:
            known.differs(world, name, there.split(), emails)
        if name == "email" and there and there.casefold() not in emails:
            known.differs(world, name, there, emails)
    _tags(world, ledger, known, person)
    _notes(world, known, person)


def _tags(world: Mixed, ledger: Ledger, known: Known, person: Person) -> None:
    on = [known]
    if known.account.kind.tags_on == "application":
        on = [
            replace(known, link=one, record=known.family.records[one.record])
            for one in known.family.links.values()
            if one.connection == known.link.connection and one.kind is Kind.APPLICATION and one.open
        ]
    there = {one.casefold() for one in person.tags}
    here = {tag for one in on for tag in _texts(one.record.fields.get("tags"))}
    if there != here and not any(one.listed(ledger, "tags") for one in on):
        known.differs(world, "tags", there, here)


def _notes(world: Mixed, known: Known, person: Person) -> None:
    """Each note that a person wrote there is here once; each of ours stands there once."""
    family, about = known.family, (known.account.name, person.id)
    live = [one for one in family.records.values() if one.kind is Kind.NOTE and one.state is RecordState.LIVE]
    here = Counter(str(one.fields.get("body")).strip() for one in live)
    there = Counter(note.text.split("\n")[0].strip() for note in person.notes)
    for body in there:
        if body.startswith("Noted") and (here[body] != 1 or there[body] != 1):
            world.wrong("a note there that is not here once", *about, body, here[body], there[body])
    waiting = {write.record for write in family.writes.values() if write.state is not WriteState.DONE}
    linked = {link.record for link in family.links.values() if link.connection == known.link.connection}
    for one in live:
        if one.origin != OURS or one.id in waiting:
            continue
        body = str(one.fields.get("body"))
        many = sum(body in note.text for note in person.notes)
        if many > 1 or (one.id in linked and many != 1):
            world.wrong("a note of ours that stands there more or less than once", *about, body, many)


def _application(world: Mixed, ledger: Ledger, known: Known, person: Person, one: Application) -> None:
    status, stage = known.record.fields.get("status"), known.record.fields.get("stage")
    if one.state != status and not known.listed(ledger, "status"):
        known.differs(world, "status", one.state, status)
    there = next((each.name for each in one.job.ladder if each.id == one.stage), None)
    here = _stage_name(ledger, str(stage))
    if one.state == "active" and there not in (None, here) and not known.listed(ledger, "stage"):
        known.differs(world, "stage", there, here)
    _score(world, ledger, known, person, one)


def _stage_name(ledger: Ledger, id: str) -> Value:
    return next((family.records[id].fields.get("name") for family in ledger.families if id in family.records), None)


def _score(world: Mixed, ledger: Ledger, known: Known, person: Person, one: Application) -> None:
    """The newest score stands there once, with its reason and with no older one."""
    score, reasons = known.record.fields.get("match_score"), known.record.fields.get("match_reasons")
    if score is None or not isinstance(reasons, tuple) or known.listed(ledger, "match_score", "match_reasons"):
        return
    about, reason = (known.account.name, known.link.external), str(reasons[0])
    shown = "\n".join(each.value for each in (*one.fields, *person.fields))
    if shown.count(reason) != 1:
        world.wrong("the newest reason does not stand there once", *about, reason, shown.count(reason))
    if f"{score:g}" not in shown:
        world.wrong("the newest score does not stand there", *about, score)
    if "Reason" in "\n".join(each.value for each in one.fields).replace(reason, ""):
        world.wrong("an older reason stands there still", *about)


# --------------------------------------------------------------------------------------------------- what we have done


def _ours(account: Account, since: int = 0) -> Sequence[Any]:
    """The changes that came by the interface, as the sandbox logged them."""
    return [one for one in account.tenant.db.log[since:] if one.actor.kind.startswith("api:")]


def _by_us(world: Mixed, account: Account) -> None:
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


def _overwritten(world: Mixed, account: Account) -> None:
    """Our call landed on an edit before a read could see it. Counted; the window is what the rules promise. Who was
    erased here is no such case: an erasure empties whatever stands there."""
    emptied = _emptied(world)
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


def _emptied(world: Mixed) -> set[tuple[str, str]]:
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
        if any(value in text for text in ledger.kept):
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
    emptied = _emptied(world)
    kept = {
        whose for name, one in world.accounts.items() for id, whose in one.whose.items() if (name, id) not in emptied
    }
    theirs = {whose for one in world.erasures for whose in one.whose} - world.merged - kept
    values = {f"{part}{whose}" for whose in theirs for part in ("first", "last")}
    values |= {one.value.casefold() for one in world.said if one.whose in theirs and one.what in SAID}
    erased.nothing_left(world, ledger, app, values)


def _gone(world: Mixed, ledger: Ledger, account: Account, id: str) -> None:
    if ledger.of(account.name, Kind.CANDIDATE, id):
        world.wrong("the erased are held again", account.name, id)
    person = next((one for one in account.people() if one.id == id), None)
    shown = " ".join(one.value for one in person.contact) if person else ""
    if account.whose[id] in shown and not ledger.by_hand(account.name, id):
        world.wrong("still there, and nobody is asked", account.name, id)


def _compared(world: Mixed) -> None:
    """The product's own comparison of every list."""
    for name, lists in world.compared.items():
        for one in lists:
            if one["error"] or one["left"] or one["healed"]:
                told = {key: one[key] for key in ("error", "left", "healed", "causes")}
                world.wrong("a comparison finds a difference", name, one["object"], told, one["differences"][:3])
