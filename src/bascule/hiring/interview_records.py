"""Booked interviews in the ATS: as interviews of it where it takes them, and as a note where it does not.

A booked interview is a record beside its application, as one that an ATS shows is. Where it is made, changed and
cancelled follows from the mapping, as with everything that is written: once, looked for before it is sent again, and
known when it is read back. The note is for what that leaves: a system that takes none, one that its owner has not
chosen it for, and one that would not take this one, with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bascule.core import gates
from bascule.core.identity import email as folded
from bascule.core.interviews import InterviewState
from bascule.engine.connections import Connected, Connections
from bascule.engine.reconcile import Reconcile
from bascule.engine.runtime import Runtime
from bascule.model import (
    BASCULE,
    CANCELLED,
    OPEN_WRITES,
    OURS,
    SCHEDULED,
    Actor,
    ActorKind,
    Divergence,
    Edit,
    Family,
    Fields,
    Kind,
    Record,
    RecordState,
    Value,
    Write,
    WriteState,
)
from bascule.store import Tx
from bascule.store.interviews import Interview

from .interview_letters import Told, panel_of, when
from .interviewers import interviewer

REFUSED = frozenset({WriteState.DEAD, WriteState.DISCARDED})
TOLD = "ats"  # in what is kept of an interview: the last that was told of it, and whether a note did
SOMEONE = Actor(ActorKind.SYSTEM, "", "someone in the ATS")
LONGEST = 300  # characters of a system's own words in a note


class InterviewRecords:
    """What a booked, moved or cancelled time becomes in the ATS. Everything is done inside a unit."""

    def __init__(self, runtime: Runtime, connections: Connections, reconcile: Reconcile) -> None:
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile

    def tell(self, tx: Tx, told: Told, family: Family, verb: str, actor: Actor) -> None:
        """The interview's record as it is now, and a note where that does not reach."""
        one = told.one
        self._keep(tx, told, family, actor)
        family = tx.families.family(family.id)
        why = self._lacks(tx, one, family)
        if why is None and _by_note(one) and not _stands(family, one):
            why = []  # who was told of it by a note is told of its end by one
        if why is not None:
            self._note(tx, told, verb, why, actor)
        said: dict[str, Value] = {**one.said, TOLD: {"verb": verb, "noted": why is not None}}
        tx.interviews.set(replace(one, said=said))

    def refused(self, tx: Tx, told: Told, family: Family, actor: Actor) -> None:
        """What a system would not take after all is told by a note, once."""
        one = told.one
        last = one.said.get(TOLD)
        if not isinstance(last, Mapping) or _by_note(one) or one.starts is None:
            return
        why = self._refusals(one, family)
        if why:
            self._note(tx, told, str(last.get("verb")), why, actor)
            tx.interviews.set(replace(one, said={**one.said, TOLD: {**last, "noted": True}}))

    # --------------------------------------------------------------------------------------------------- the record

    def _keep(self, tx: Tx, told: Told, family: Family, actor: Actor) -> None:
        one, known = told.one, record_of(family, told.one)
        actor = BASCULE if actor.kind is ActorKind.SYSTEM else actor  # it only follows what was done there
        fields: Fields = {"status": CANCELLED}
        if one.state == InterviewState.BOOKED:
            assert one.starts is not None
            assert one.ends is not None
            fields = {
                "status": SCHEDULED, "name": f"Interview: {told.title}", "starts_at": one.starts.isoformat(),
                "ends_at": one.ends.isoformat(), "place": told.place or None,
            }  # fmt: skip
        if known is not None:
            edit = Edit(self._runtime.id(), known.id, fields, actor, one.id)
            self._reconcile.edit_in(tx, family.id, [edit])
        elif one.state == InterviewState.BOOKED and any(self._takes(at) for at in self._at(family, one)):
            users = self._users(tx, one)
            if all(email in users for email, _ in told.panel):
                fields = {**fields, "interviewers": tuple(users[email] for email, _ in told.panel)}
                edit = Edit(self._runtime.id(), one.application, fields, actor, one.id, create=Kind.INTERVIEW)
                self._reconcile.edit_in(tx, family.id, [edit])

    def _users(self, tx: Tx, one: Interview) -> dict[str, str]:
        """The users of connected systems among the panel, by the address by which the interview names them."""
        emails = {folded(email) or email: email for email, _ in panel_of(one)}
        found = tx.families.prospects(one.workspace, [f"email:{email}" for email in emails])
        known = tx.families.records(one.workspace, {record for _, _, record in found if record})
        return {
            emails[key.partition(":")[2]]: record
            for key, _, record in reversed(found)
            if record in known and known[record].kind is Kind.USER
        }

    # ------------------------------------------------------------------------------------------------------ the note

    def _note(self, tx: Tx, told: Told, verb: str, why: Sequence[str], actor: Actor) -> None:
        """A note beside the application: when, with whom, and why there is no more than a note."""
        one = told.one
        assert one.starts is not None
        zone = interviewer(tx, one.workspace, told.panel[0][0]).working.zone
        body = f"Interview {verb}: {when(one.starts, zone)}, with {told.names}. {told.place}".strip()
        if why:
            body += f"\nThis is a note only. {' '.join(why)}"
        fields: Fields = {"body": body, "visibility": "private", "application": one.application}
        home = tx.families.record_family(told.candidate.id)
        if home is not None:
            edit = Edit(self._runtime.id(), told.candidate.id, fields, actor, one.id, create=Kind.NOTE)
            self._reconcile.edit_in(tx, home, [edit])

    def _lacks(self, tx: Tx, one: Interview, family: Family) -> list[str] | None:
        """Why a note is needed: nothing to say of a system that takes no interviews of ours. None where every system
        that has the application takes this one."""
        systems = self._at(family, one)
        missing = [words for at in systems if self._takes(at) for words in [self._nobody(tx, at, one, family)] if words]
        missing += self._refusals(one, family, changes=False)  # a change is tried anew: `refused` tells of it
        plain = not systems or not all(self._takes(at) for at in systems)
        return missing if missing or plain else None

    def _nobody(self, tx: Tx, at: Connected, one: Interview, family: Family) -> str:
        """Who of the panel is no user there, while the interview is not there yet."""
        record = record_of(family, one)
        if record is not None and family.link_of(record.id, at.id) is not None:
            return ""
        users = self._users(tx, one)
        there = tx.families.refs(one.workspace, [at.id], set(users.values())).external
        names = [name for email, name in panel_of(one) if (at.id, users.get(email, "")) not in there]
        return f"{at.connector.label} has no user with the address of {', '.join(names)}." if names else ""

    def _refusals(self, one: Interview, family: Family, *, changes: bool = True) -> list[str]:
        """What systems have said to this interview that did not take it, or (`changes`) a change of it."""
        record = record_of(family, one)
        writes = [x for x in family.writes.values() if record is not None and x.record == record.id]
        return [
            f"{at.connector.label} did not take it: {_words(x)}"
            for x in writes
            if (changes or x.link is None)
            and _still_refused(family, x)
            and (at := self._connections.known(x.connection)) is not None
        ]

    def _at(self, family: Family, one: Interview) -> list[Connected]:
        """The systems that have the application, and are written to."""
        return [
            at
            for at in self._connections.all()
            if at.row.workspace == family.workspace
            and gates.plans_writes(at.view)
            and family.link_of(one.application, at.id) is not None
        ]

    @staticmethod
    def _takes(at: Connected) -> bool:
        return Kind.INTERVIEW in at.view.creates


def record_of(family: Family, one: Interview) -> Record | None:
    """The record of an interview that was booked here; None where there is none (any more)."""
    return next((each for each in _records(family, one) if each.state is RecordState.LIVE), None)


def _records(family: Family, one: Interview) -> list[Record]:
    return [
        record
        for record in family.records.values()
        if _ours(record) and any(source.cause == one.id for source in record.sources.values())
    ]


def _ours(record: Record) -> bool:
    return record.kind is Kind.INTERVIEW and record.origin == OURS


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody has done in the ATS with an interview that was booked here: another time or length, or (no `start`)
    its end. `minutes`: how long it takes there."""

    actor: Actor
    start: datetime | None = None
    minutes: int = 0


def changed_there(family: Family, one: Interview) -> Change | None:
    """What is different there from what is booked here; None for nothing."""
    records = _records(family, one)
    live = next((each for each in records if each.state is RecordState.LIVE), None)
    if one.state != InterviewState.BOOKED or not records:
        return None
    if live is None or live.fields.get("status") == CANCELLED:
        last = max(live.sources.values() if live else records[-1].sources.values(), key=lambda source: source.at)
        return Change(last.actor if last.actor.kind is ActorKind.SYSTEM else SOMEONE)
    begins, ends = (_moment(live.fields.get(name)) for name in ("starts_at", "ends_at"))
    booked = (("starts_at", begins, one.starts), ("ends_at", ends, one.ends))
    other = [live.sources.get(name) for name, there, here in booked if there != here]
    by = [source.actor for source in other if source is not None and source.actor.kind is ActorKind.SYSTEM]
    if begins is None or ends is None or ends <= begins or not by or len(by) < len(other):
        return None
    return Change(by[0], begins, int((ends - begins).total_seconds() // 60))


def _moment(value: Value) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def changed(before: Family, family: Family) -> set[str]:
    """The applications of interviews of ours whose time, status or existence a commit has changed."""
    return {
        str(record.parent)
        for record in family.records.values()
        if _ours(record)
        and (was := before.records.get(record.id)) is not None
        and (
            was.state is not record.state
            or any(was.fields.get(n) != record.fields.get(n) for n in ("starts_at", "ends_at", "status"))
        )
    }


def _by_note(one: Interview) -> bool:
    last = one.said.get(TOLD)
    return isinstance(last, Mapping) and bool(last.get("noted"))


def _stands(family: Family, one: Interview) -> bool:
    """Whether some system holds it as an interview."""
    record = record_of(family, one)
    return record is not None and any(link.record == record.id and link.open for link in family.links.values())


def turned_away(before: Family, family: Family) -> set[str]:
    """The applications of interviews that a system has just refused."""
    return {
        str(record.parent)
        for write in family.writes.values()
        if write.state in REFUSED
        and (write.id not in before.writes or before.writes[write.id].state not in REFUSED)
        and (record := family.records.get(write.record)) is not None
        and _ours(record)
    }


def _still_refused(family: Family, write: Write) -> bool:
    """Whether what a system would not take is not there still: later it may have taken that, or the next change, or
    that is on its way."""
    coming = (x for x in family.writes.values() if x.state in OPEN_WRITES and x.closed is None)
    if write.state not in REFUSED or any((x.record, x.connection) == (write.record, write.connection) for x in coming):
        return False
    link = family.links.get(write.link) if write.link is not None else None
    if link is None:
        return family.link_of(write.record, write.connection) is None
    return any(pair.divergence is Divergence.DEAD for name, pair in link.pairs.items() if name in write.fields)


def _words(write: Write) -> str:
    words = (write.given_up or write.why or "no reason was given").strip()[:LONGEST]
    return words if words.endswith((".", "!", "?")) else f"{words}."
