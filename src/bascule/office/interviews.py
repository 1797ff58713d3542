"""Interviews as recruiters and programs ask for them: whom, with whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bascule.core.interviews import MOST_PANEL, OPEN, InterviewState, Rules, checked
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.hiring.interview_letters import panel_of
from bascule.hiring.interviewers import interviewer
from bascule.hiring.interviewing import Interviewing, rules_of
from bascule.hiring.messages import Messages, about_of, templates_of
from bascule.hiring.triggers import load
from bascule.model import Actor, Family, Fields, Kind, Record, Status, Value
from bascule.store import Tx
from bascule.store.interviews import Interview
from bascule.store.messages import MessageState

from .desk import Desk

INVITATION = "interview-invitation"
NEVER = (MessageState.WITHHELD, MessageState.BOUNCED)  # what such a letter was to bring, nobody has
LONGEST_PLACE, LONGEST_WHY = 300, 500
BACK = timedelta(hours=3)  # an interview that has begun stands among those to come so long


@dataclass(frozen=True, slots=True)
class Wanted:
    """An interview that somebody is asked to choose a time for. `panel`: e-mails; all of them must be free. `place`:
    a video link, a telephone number, an address. `stage`: of the ATS, the one it is for; else where they stand."""

    panel: Sequence[str]
    place: str
    rules: Rules = field(default_factory=Rules)
    stage: str = ""


class InterviewDesk:
    """`app.interviews`."""

    def __init__(self, desk: Desk, interviewing: Interviewing, messages: Messages) -> None:
        self._desk = desk
        self._interviewing = interviewing
        self._messages = messages

    # ---------------------------------------------------------------------------------------------------------- asking

    async def ask(self, application: str, wanted: Wanted, actor: Actor, *, send: bool = False) -> Interview:
        """Ask a candidate to choose a time: a link that works until the last time it offers. `send`: by a message in
        the actor's name; ConflictError, and nothing is made, where that must not be sent. ConflictError too where one
        is open for the same stage. InputError for what cannot be an interview."""

        def unit(tx: Tx) -> Interview:
            family, record = self._application(tx, application)
            one = self.prepare_in(tx, family, record, wanted, actor)
            if send:
                self._send(tx, one, actor)
            return one

        one = await self._desk.reconcile.commit(unit)
        self._desk.wake()
        return one

    def prepare_in(self, tx: Tx, family: Family, record: Record, wanted: Wanted, actor: Actor) -> Interview:
        """The same inside a unit; nothing is sent."""
        rules = checked(wanted.rules)
        panel = self._panel(tx, wanted.panel)
        place = " ".join(wanted.place.split())
        if not place or len(place) > LONGEST_PLACE:
            raise InputError(
                "Say where the interview is.", hint="A video link, a telephone number or an address, on one line."
            )
        here = str(record.fields.get("stage") or "")
        stage = self._stage(tx, family, record, wanted.stage) or here
        now = self._desk.now()
        for other in tx.interviews.of([record.id]):
            if other.state in OPEN and other.said.get("stage") == stage and not _past(other, now):
                raise ConflictError("They are asked, or booked, for this stage already.", hint="Cancel that one first.")
        id = self._desk.id()
        said: Fields = {
            "uid": f"{id}@{self._domain}", "panel": panel, "rules": asdict(rules), "place": place, "stage": stage,
            "asked_at": here, "by": {"kind": str(actor.kind), "id": actor.id, "name": actor.name}, "proposed": (),
            "note": "", "why": "",
        }  # fmt: skip
        job = str(record.fields.get("job") or "")
        until = now + timedelta(days=rules.days)
        one = Interview(
            id, family.workspace, family.id, record.id, job, InterviewState.ASKED, 1, -1, now, until, said=said
        )
        tx.interviews.set(one)
        detail: Fields = {"interview": id, "panel": tuple(each["email"] for each in panel), "length": rules.length}
        self._note(tx, one, "interview asked for", actor, detail)
        return one

    @property
    def _domain(self) -> str:
        return self._desk.settings.address.partition("//")[2].partition("/")[0].partition(":")[0] or "bascule"

    def _panel(self, tx: Tx, given: Sequence[str]) -> tuple[dict[str, Value], ...]:
        emails = list(dict.fromkeys(one.strip().lower() for one in given if one.strip()))
        if not 1 <= len(emails) <= MOST_PANEL:
            raise InputError(f"An interview has 1 to {MOST_PANEL} interviewers.", hint="Give their e-mail addresses.")
        for one in emails:
            local, _, domain = one.partition("@")
            if not local or "." not in domain or any(mark in one for mark in " <>,;\r\n"):
                raise InputError(f"{one!r} is no e-mail address.")
        return tuple(
            {"email": one, "name": interviewer(tx, self._desk.workspace, one).name} for one in emails
        )  # fmt: skip

    def _stage(self, tx: Tx, family: Family, record: Record, wanted: str) -> str:
        """A stage of the application's job, by its id here, its name or its type."""
        if not wanted:
            return ""
        job = str(record.fields.get("job") or "")
        home = tx.families.record_family(job) if job else None
        stages = tx.families.family(home).children(job, Kind.STAGE) if home is not None else ()
        for one in stages:
            if (
                wanted in (one.id, one.fields.get("type"))
                or wanted.casefold() == str(one.fields.get("name")).casefold()
            ):
                return one.id
        known = ", ".join(str(one.fields.get("name")) for one in stages)
        raise InputError(f"The job has no stage {wanted!r}.", hint=f"There are: {known}." if known else "")

    def message(self, tx: Tx, one: Interview) -> dict[str, str]:
        """What the invitation fills in besides its link."""
        return {
            "interviewers": ", ".join(name for _, name in panel_of(one)),
            "interview_place": str(one.said["place"]),
        }

    def _send(self, tx: Tx, one: Interview, actor: Actor) -> None:
        about, template = about_of(tx, one.application), templates_of(tx, one.workspace)[INVITATION]
        assert about is not None
        link = self._interviewing.link(tx, one)
        message = self._messages.write(tx, about, template, link=link, sender=actor.id, more=self.message(tx, one))
        if message.state is MessageState.WITHHELD:
            raise ConflictError(f"It is not sent: {message.why}.", hint="Make the link without sending it.")
        tx.messages.add(one.workspace, message)
        self._messages.send(tx, one.workspace, message)

    async def send(self, id: str, actor: Actor) -> Interview:
        """The link that there is leaves by a message in the actor's name. ConflictError where nobody is asked by it any
        more, another letter brings it, or it must not be sent."""

        def unit(tx: Tx) -> Interview:
            one = self._held(tx, id)
            if one.state != InterviewState.ASKED or _past(one, self._desk.now()):
                raise ConflictError("Nobody is asked by this link any more.", hint="Make a new one.")
            _, record = self._application(tx, one.application)
            secret = self._interviewing.link(tx, one).rpartition("/")[2]
            brought = (each for each in tx.messages.of([record.parent or ""]) if each.state not in NEVER)
            if any(secret in each.text for each in brought):
                raise ConflictError(
                    "A letter with this link has left, or waits to.", hint="Make a new link, and send it."
                )
            self._send(tx, one, actor)
            return one

        one = await self._desk.reconcile.commit(unit)
        self._desk.wake()
        return one

    async def renew(self, id: str, actor: Actor, *, send: bool = False) -> Interview:
        """A new link, and the old one ends; its days begin anew. For an interview that is asked for."""

        def unit(tx: Tx) -> Interview:
            one = self._held(tx, id)
            if one.state != InterviewState.ASKED:
                raise ConflictError(f"The interview is {one.state}: its link stays as it is.")
            self._application(tx, one.application)
            until = self._desk.now() + timedelta(days=rules_of(one).days)
            one = replace(one, issue=one.issue + 1, expires=until)
            tx.interviews.set(one)
            self._note(tx, one, "interview link made anew", actor, {"interview": id})
            if send:
                self._send(tx, one, actor)
            return one

        one = await self._desk.reconcile.commit(unit)
        self._desk.wake()
        return one

    # --------------------------------------------------------------------------------------------------------- deciding

    async def accept(self, id: str, start: datetime, actor: Actor) -> Interview:
        """Book the interview at a time: one that the candidate has proposed, or that was agreed on with them. It is the
        recruiter who looks whether everybody is free; only that no other interview here takes the time is checked."""
        if start.tzinfo is None:
            raise InputError("The time needs a zone.", hint="Write it like 2026-11-30T09:00:00Z.")

        def unit(tx: Tx) -> Interview:
            one = self._held(tx, id)
            if one.state not in OPEN:
                raise ConflictError(f"The interview is {one.state}.", hint="Ask for another.")
            if start <= self._desk.now():
                raise InputError("That time is over.", hint="Name one that is to come.")
            family, _ = self._application(tx, one.application)
            return self._interviewing.book(tx, one, family, start, actor)

        one = await self._desk.reconcile.commit(unit)
        self._desk.wake()
        return one

    async def ask_again(self, id: str, actor: Actor) -> Interview:
        """None of the proposed times suits: the candidate is sent the link again, to choose or to propose others."""

        def unit(tx: Tx) -> Interview:
            one = self._held(tx, id)
            if one.state != InterviewState.PROPOSED:
                raise ConflictError(f"Nothing is proposed: the interview is {one.state}.")
            until = self._desk.now() + timedelta(days=rules_of(one).days)
            one = replace(one, state=InterviewState.ASKED, expires=until, said={**one.said, "proposed": (), "note": ""})
            tx.interviews.set(one)
            self._note(tx, one, "interview asked for again", actor, {"interview": id})
            self._send(tx, one, actor)
            return one

        one = await self._desk.reconcile.commit(unit)
        self._desk.wake()
        return one

    async def cancel(self, id: str, actor: Actor, why: str = "") -> Interview:
        """Cancel it. Both sides are told, in neutral words, where it was booked; `why` stays here."""

        def unit(tx: Tx) -> Interview:
            one = self._held(tx, id)
            if one.state not in OPEN or _past(one, self._desk.now()):
                raise ConflictError("There is nothing to cancel: it is over, or cancelled already.")
            home = tx.families.record_family(one.application) or one.family
            return self._interviewing.cancel(tx, one, tx.families.family(home), actor, why.strip()[:LONGEST_WHY])

        one = await self._desk.reconcile.commit(unit)
        self._desk.wake()
        return one

    # ---------------------------------------------------------------------------------------------------------- looking

    async def upcoming(self) -> list[dict[str, Any]]:
        """Those that are booked and to come (or have just begun), and those that wait for a time."""
        return await self._desk.store.read(lambda tx: [self.as_data(tx, one) for one in self.upcoming_in(tx)])

    def upcoming_in(self, tx: Tx) -> list[Interview]:
        since = self._desk.now() - BACK
        found = tx.interviews.list(self._desk.workspace, OPEN, since=since)
        return sorted(found, key=lambda one: (one.starts is None, one.starts or one.created, one.id))

    async def of(self, application: str) -> list[dict[str, Any]]:
        """Those of an application, the oldest first. NotFoundError where there is no such application."""

        def read(tx: Tx) -> list[dict[str, Any]]:
            if load(tx, application) is None:
                raise NotFoundError("There is no such application.", hint="It may have been deleted in the ATS.")
            return [self.as_data(tx, one) for one in tx.interviews.of([application])]

        return await self._desk.store.read(read)

    async def one(self, id: str) -> dict[str, Any]:
        """NotFoundError where there is none of that id."""
        return await self._desk.store.read(lambda tx: self.as_data(tx, self._there(tx, id)))

    def as_data(self, tx: Tx, one: Interview) -> dict[str, Any]:
        """As programs are told of it."""
        records = tx.families.records(one.workspace, [one.application])
        application = records.get(one.application)
        proposed: Any = one.said.get("proposed") or ()
        by: Any = one.said.get("by") or {}
        return {
            "id": one.id, "application": one.application, "job": one.job, "state": one.state,
            "candidate": (application.parent or "") if application is not None else "",
            "starts": one.starts, "ends": one.ends, "created": one.created, "expires": one.expires,
            "link": self._interviewing.link(tx, one), "sequence": max(one.sequence, 0), "uid": str(one.said["uid"]),
            "place": str(one.said["place"]), "stage": str(one.said.get("stage") or ""), "by": str(by.get("name") or ""),
            "panel": [{"email": email, "name": name} for email, name in panel_of(one)],
            "rules": asdict(rules_of(one)), "proposed": [datetime.fromisoformat(at) for at in proposed],
            "note": str(one.said.get("note") or ""), "why": str(one.said.get("why") or ""),
        }  # fmt: skip

    # ------------------------------------------------------------------------------------------------------------ parts

    def _application(self, tx: Tx, id: str) -> tuple[Family, Record]:
        """An application that goes on. NotFoundError, or ConflictError where it is closed."""
        loaded = load(tx, id)
        if loaded is None or loaded[0].workspace != self._desk.workspace or loaded[1].kind is not Kind.APPLICATION:
            raise NotFoundError("There is no such application.", hint="It may have been deleted in the ATS.")
        if (loaded[1].fields.get("status") or Status.ACTIVE) != Status.ACTIVE:
            raise ConflictError("This application is not open any more.", hint="Open it in the ATS first.")
        return loaded

    def _there(self, tx: Tx, id: str) -> Interview:
        one = tx.interviews.get(id)
        if one is None or one.workspace != self._desk.workspace:
            raise NotFoundError("There is no such interview.", hint="See: bascule interviews list")
        return one

    def _held(self, tx: Tx, id: str) -> Interview:
        one = tx.interviews.get(id, hold=True)
        if one is None or one.workspace != self._desk.workspace:
            raise NotFoundError("There is no such interview.", hint="See: bascule interviews list")
        return one

    def _note(self, tx: Tx, one: Interview, action: str, actor: Actor, detail: Mapping[str, Value]) -> None:
        tx.audit.record(
            workspace=one.workspace, at=self._desk.now(), action=action, actor=actor, family=one.family,
            record=one.application, detail=detail,
        )  # fmt: skip


def _past(one: Interview, now: datetime) -> bool:
    """Whether its time, or the time to choose one, is over."""
    if one.starts is not None and one.state == InterviewState.BOOKED:
        return one.starts <= now
    return one.expires <= now
