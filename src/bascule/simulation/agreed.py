"""After quiet, between Bascule and the vendors' sandboxes: what stands on each ATS's own pages stands here, or the
difference is listed; every edit is kept; what is ours stands once; and the product's own comparison finds nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from bascule.app import App
from bascule.engine.connections import MISSING_RIGHT
from bascule.model import (
    Direction,
    Family,
    FieldMap,
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

from . import erased, our_calls, settled
from .ledger import Ledger
from .mixed import Mixed
from .sandboxes import Account
from .scenario import OURS

ENDED = {"withdrawn": "rejected"}  # the pages have one word for both
SAID = frozenset({"first_name", "company", "title", "email", "note"})


@dataclass(frozen=True)
class Known:
    """What is known here of one object of an account."""

    account: Account
    family: Family
    link: Link
    record: Record

    def of(self, link: Link) -> Known:
        """Of another object of the same family."""
        return replace(self, link=link, record=self.family.records[link.record])

    def maps(self, ledger: Ledger, kind: Kind, *canonical: str) -> list[FieldMap]:
        """The fields in which this account shows of such objects what is called so here."""
        maps = ledger.drafts[self.family.id].maps(self.link.connection, kind)
        return [one for one in maps if set(canonical) & {*one.canonical}]

    def takes(self, ledger: Ledger, *canonical: str) -> bool:
        """Whether a change of these can be written there at all, as its connector says."""
        return any(one.direction is not Direction.IN for one in self.maps(ledger, self.link.kind, *canonical))

    def listed(self, ledger: Ledger, *canonical: str) -> bool:
        """Whether a difference of these fields there is told: with its cause, before a person, or as what waits."""
        link, family = self.link, self.family
        names = {one.name for one in self.maps(ledger, link.kind, *canonical)}
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
    if MISSING_RIGHT in ledger.notices:
        world.wrong("a right is missing, and nobody knew before", *ledger.notices)
    for account in world.accounts.values():
        if missing := app.grants.of(app.connections.named(account.name)).missing:
            world.wrong("a right is missing", account.name, missing)
        _everybody(world, ledger, account)
        our_calls.by_us(world, account)
        our_calls.overwritten(world, account)
        our_calls.quiet(world, account)
    _edits_kept(world, ledger)
    _erased(world, ledger, app)
    _compared(world)
    dead = [write for one in ledger.families for write in one.writes.values() if write.state is WriteState.DEAD]
    world.stats["failures before a person"] = len(dead)
    world.stats["writes"] = sum(len(our_calls.ours(account)) for account in world.accounts.values())


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
    for family, link, _ in ledger.links():
        ours = ledger.names[link.connection] == account.name and link.kind in (Kind.CANDIDATE, Kind.APPLICATION)
        if ours and link.open and (link.kind, link.external) not in seen and not _asked_where(ledger, family, link):
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
        if (account.name, whose) not in world.gone and not _asked_back(ledger, link):
            world.wrong("a live object behind a closed link", account.name, kind, external, link.state)
        return None
    return Known(account, family, link, family.records[link.record])


def _asked_where(ledger: Ledger, family: Family, link: Link) -> bool:
    """Whether a person is asked what has become of it, or of whom it hangs on: not shown, and no one knows why."""
    above = family.link_at(link.connection, Kind.CANDIDATE, link.parent) if link.parent else None
    unseen = {one.id for one in (link, above) if one is not None and one.state is LinkState.UNSEEN}
    return any(one.kind is ReviewKind.VISIBILITY and one.about in unseen for one, _ in ledger.reviews)


def _asked_back(ledger: Ledger, link: Link) -> bool:
    """Whether a person is asked what it is, as it was held for gone and is shown again."""
    return any(one.kind is ReviewKind.GONE and one.about.startswith(f"{link.id}|") for one, _ in ledger.reviews)


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
        if not known.maps(ledger, Kind.CANDIDATE, *fields):
            world.wrong("a field of which its connector knows nothing", known.account.name, name)
        if not known.link.primary or known.listed(ledger, *fields):
            continue
        if not known.takes(ledger, *fields):  # it stays as it is there, whatever is said elsewhere
            if there and there.casefold() not in ledger.kept:
                known.differs(world, name, there, held.get(name))
            continue
        if name in held and held[name].casefold() != there.casefold():
            known.differs(world, name, there, held[name])
        if name == "emails" and {one.casefold() for one in there.split()} != emails:
            known.differs(world, name, there.split(), emails)
        if name == "email" and there and there.casefold() not in emails:
            known.differs(world, name, there, emails)
    _tags(world, ledger, known, person)
    if known.maps(ledger, Kind.NOTE, "body"):
        _notes(world, ledger, known, person)


def _tags(world: Mixed, ledger: Ledger, known: Known, person: Person) -> None:
    """On the person or on their applications, as its connector maps them. Of several objects one is written."""
    if not known.link.primary:
        return
    on = [
        known.of(one)
        for one in known.family.links.values()
        if one.connection == known.link.connection
        and one.open
        and known.link.external in (one.external, one.parent)
        and known.maps(ledger, one.kind, "tags")
    ]
    there = {one.casefold() for one in person.tags}
    here = {tag for one in on for tag in _texts(one.record.fields.get("tags"))}
    if not any(one.takes(ledger, "tags") for one in on):  # what is tagged elsewhere does not come there
        here = there if there <= ledger.kept else here
    if on and there != here and not any(one.listed(ledger, "tags") for one in on):
        known.differs(world, "tags", there, here)


def _notes(world: Mixed, ledger: Ledger, known: Known, person: Person) -> None:
    """Each note that a person wrote there is here once, or a person is asked of whom it is, as it came over from
    somebody who went in a merge; each of ours stands there once, on one of those that are one person here."""
    asked = {
        str(record.fields.get("body")).strip() for _, link, record in ledger.links()
        if link.kind is Kind.NOTE and link.connection == known.link.connection and _asked_back(ledger, link)
    }  # fmt: skip
    family, about = known.family, (known.account.name, person.id)
    live = [one for one in family.records.values() if one.kind is Kind.NOTE and one.state is RecordState.LIVE]
    here = Counter(str(one.fields.get("body")).strip() for one in live)
    there = Counter(note.text.split("\n")[0].strip() for note in person.notes)
    for body in there:
        if body.startswith("Noted") and body not in asked and (here[body] != 1 or there[body] != 1):
            world.wrong("a note there that is not here once", *about, body, here[body], there[body])
    waiting = {write.record for write in family.writes.values() if write.state is not WriteState.DONE}
    linked = {link.record for link in family.links.values() if link.connection == known.link.connection}
    objects = {link.external for link in family.links.values() if link.connection == known.link.connection}
    shown = [note.text for each in known.account.people() if each.id in objects for note in each.notes]
    for one in live:
        if one.origin != OURS or one.id in waiting:
            continue
        body = str(one.fields.get("body"))
        many = sum(body in text for text in shown)
        if many > 1 or (one.id in linked and many != 1):
            world.wrong("a note of ours that stands there more or less than once", *about, body, many)


def _application(world: Mixed, ledger: Ledger, known: Known, person: Person, one: Application) -> None:
    status, stage = known.record.fields.get("status"), known.record.fields.get("stage")
    if one.state != ENDED.get(str(status), status) and not known.listed(ledger, "status"):
        known.differs(world, "status", one.state, status)
    there = next((each.name for each in one.job.ladder if each.id == one.stage), None)
    here = _stage_name(ledger, str(stage))
    if one.state == "active" and there not in (None, here) and not known.listed(ledger, "stage"):
        known.differs(world, "stage", there, here)
    _score(world, ledger, known, person, one)


def _stage_name(ledger: Ledger, id: str) -> Value:
    return next((family.records[id].fields.get("name") for family in ledger.families if id in family.records), None)


def _score(world: Mixed, ledger: Ledger, known: Known, person: Person, one: Application) -> None:
    """The newest score stands there once, with its reason and no older one: on the application, or on the person."""
    score, reasons = known.record.fields.get("match_score"), known.record.fields.get("match_reasons")
    above = known.family.link_at(known.link.connection, Kind.CANDIDATE, person.id)
    on = known if known.maps(ledger, known.link.kind, "match_score") or above is None else known.of(above)
    if score is None or not isinstance(reasons, tuple) or on.listed(ledger, "match_score", "match_reasons"):
        return
    about, reason = (known.account.name, known.link.external), str(reasons[0])
    of_this = "\n".join(known.account.kind.outputs(known.account.tenant, one))
    own = {each.key for each in one.fields}
    shown = "\n".join([of_this, *(each.value for each in person.fields if each.key not in own)])
    if shown.count(reason) != 1:
        world.wrong("the newest reason does not stand there once", *about, reason, shown.count(reason))
    if not any(f"{each:g}" in shown for each in (score, *_numbers(ledger, on, "match_score"))):
        world.wrong("the newest score does not stand there", *about, score)
    if "Reason" in of_this.replace(reason, ""):
        world.wrong("an older reason stands there still", *about)


def _numbers(ledger: Ledger, known: Known, canonical: str) -> list[float]:
    """A number of ours as the system takes it: some take whole ones only."""
    draft = ledger.drafts[known.family.id]
    rendered = (draft.render(known.link, one) for one in known.maps(ledger, known.link.kind, canonical))
    return [one for one in rendered if isinstance(one, int | float)]


# ------------------------------------------------------------------------------------------------------ edits are kept


def _edits_kept(world: Mixed, ledger: Ledger) -> None:
    """The last that a person said of each field at each place is a value, in history, or before a person; unless a call
    of ours landed on it before a read could see it, which is counted."""
    last = {(one.where, one.whose, one.what): one for one in world.said if one.sure}
    taken_back = {(one.where, one.value) for one in world.said if one.what == "unnote"}
    for (where, whose, what), one in last.items():
        if what not in SAID or whose in world.merged or (where, whose) in world.gone or whose in world.erased:
            continue
        value = one.value.casefold()
        if any(value in text for text in ledger.kept):
            continue
        account = world.accounts.get(where)
        noted = account is None or account.kind.shows(Kind.NOTE)
        if what == "note" and (not noted or (where, one.value) in taken_back):
            continue
        if account is None or not our_calls.landed_on(world, account, value):
            world.wrong("an edit that nobody kept", where, whose, what, one.value)


def _erased(world: Mixed, ledger: Ledger, app: App) -> None:
    """Who was erased is gone or anonymised at each system that can, is somebody's task at the others, and nothing that
    only they were ever called or said to be stands in any table here."""
    for one in world.erasures:
        erased.ended(world, ledger, app, one)
        for system, id in sorted(
            one.objects & {(name, id) for name, one in world.accounts.items() for id in one.whose}
        ):
            _gone(world, ledger, world.accounts[system], id)
    emptied = our_calls.emptied(world)
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
