"""Screening by a hosted form: who is invited, by which link, and what became of it; opting out for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.hiring import links, screening
from bascule.hiring.deciding import request
from bascule.hiring.form_words import FIRST, words
from bascule.hiring.links import Purpose
from bascule.hiring.opting_out import withdraw
from bascule.model import BASCULE as ENGINE
from bascule.model import Actor, Edit, Family, FamilyState, Fields, Kind, Record, RecordState, ScreeningStatus, Status
from bascule.store import Tx
from bascule.store.screenings import Counted, Screening
from bascule.store.tasks import TaskLease

from .desk import Desk

EXPIRE = "screening"  # the task that ends a link
SETTING = "screening"
DAYS, PERSON_DAYS = 7, 5
MOST_DAYS = 90
PREPARED = "prepared"  # the status of a form of which nobody has been told
OPEN = (ScreeningStatus.INVITED, ScreeningStatus.STARTED)


@dataclass(frozen=True, slots=True)
class Times:
    """How many days a link works, and within how many a person looks at the application of who opted out."""

    link: int = DAYS
    person: int = PERSON_DAYS


class Screenings:
    """`app.screenings`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # ------------------------------------------------------------------------------------------------------- inviting

    async def invite(self, application: str, actor: Actor, *, days: int | None = None, anew: bool = False) -> Screening:
        """The form of an application, with a link that works: made where there is none, renewed where it has ended,
        else as it is. `anew`: a new link, and the old one ends. Nothing is sent. NotFoundError where there is no such
        application, ConflictError where there is nothing to ask any more."""
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise InputError(f"A link works for 1 to {MOST_DAYS} days, not {days}.")

        def unit(tx: Tx) -> Screening:
            family, record = self.application(tx, application)
            made = _invited(self._made(tx, family, record, days, anew), self._desk.now())
            if made.state is not ScreeningStatus.COMPLETED:
                tx.tasks.put(family.workspace, EXPIRE, application, due=made.expires)
            self.keep(tx, family, made, actor)
            detail: Fields = {"screening": made.id, "issue": made.issue, "expires": made.expires.isoformat()}
            self._note(tx, made, "screening invited", actor, detail)
            return made

        made = await self._desk.reconcile.commit(unit)
        self._desk.wake()
        return made

    def _made(self, tx: Tx, family: Family, record: Record, days: int | None, anew: bool) -> Screening:
        desk, now = self._desk, self._desk.now()
        until = now + timedelta(days=days or times_of(tx, desk.workspace).link)
        known = tx.screenings.of([record.id]).get(record.id)
        job = str(record.fields.get("job") or "")
        if known is None:
            return Screening(desk.id(), family.workspace, family.id, record.id, job, ScreeningStatus.INVITED, 1, until)
        if known.state is ScreeningStatus.OPTED_OUT:
            raise ConflictError("They have asked that only people look at their application.", hint="Call them.")
        if known.state is ScreeningStatus.COMPLETED:
            raise ConflictError("They have answered already.", hint="Their answers stand on the candidate's page.")
        state = ScreeningStatus.STARTED if known.started else ScreeningStatus.INVITED
        ended = known.state is ScreeningStatus.EXPIRED or known.expires <= now
        if not (ended or anew or days is not None):
            return known
        issue = known.issue + 1 if anew or ended else known.issue
        return replace(known, state=state, issue=issue, expires=until)

    def prepare_in(self, tx: Tx, application: str) -> str:
        """The link of an application's form, inside a unit, before anybody is invited: the ATS is told once they are
        (`invited_in`). Errors as for `invite`."""
        family, record = self.application(tx, application)
        made = self._made(tx, family, record, None, False)
        if tx.screenings.of([application]).get(application) != made:
            tx.screenings.set(made)
        return self.link(tx, made)

    def invited_in(self, tx: Tx, application: str, actor: Actor) -> None:
        """The link that was prepared has gone out: its days begin now. Nothing where it is answered or open no more."""
        one = tx.screenings.of([application]).get(application)
        home = tx.families.record_family(application)
        if one is None or home is None or one.state not in OPEN:
            return
        now = self._desk.now()
        until = now + timedelta(days=times_of(tx, one.workspace).link)
        one = _invited(replace(one, expires=max(one.expires, until)), now)
        tx.tasks.put(one.workspace, EXPIRE, application, due=one.expires)
        self.keep(tx, tx.families.family(home), one, actor)
        detail: Fields = {"screening": one.id, "issue": one.issue, "expires": one.expires.isoformat()}
        self._note(tx, one, "screening invited", actor, detail)

    def unsent_in(self, tx: Tx, id: str, issue: int) -> None:
        """The letter with this link will not leave: a form that was prepared for it ends. Nothing where its link was
        given to the candidate, or is another by now."""
        one = tx.screenings.get(id, hold=True)
        if one is not None and is_prepared(one) and one.issue == issue:
            ended = replace(one, state=ScreeningStatus.EXPIRED, issue=one.issue + 1, expires=self._desk.now())
            tx.screenings.set(ended)

    async def revoke(self, application: str, actor: Actor) -> Screening:
        """End its link at once. What was answered is kept. ConflictError where none works."""

        def unit(tx: Tx) -> Screening:
            family, one = self._held(tx, application)
            if one.state not in OPEN:
                raise ConflictError(f"There is no link to end: the form is {one.state}.")
            now = self._desk.now()
            one = replace(one, state=ScreeningStatus.EXPIRED, issue=one.issue + 1, expires=now)
            self.keep(tx, family, one, actor)
            self._note(tx, one, "screening link ended", actor, {"screening": one.id})
            return one

        return await self._desk.reconcile.commit(unit)

    async def expire(self, task: TaskLease) -> float | None:
        """The task `screening`: a link that has ended is said to have."""

        def unit(tx: Tx) -> float | None:
            tx.tasks.hold(task)
            one = tx.screenings.of([task.key]).get(task.key)
            if one is None or one.state not in OPEN:
                return None
            rest = (one.expires - self._desk.now()).total_seconds()
            if rest > 0:
                return rest
            family = tx.families.family(one.family)
            self.keep(tx, family, replace(one, state=ScreeningStatus.EXPIRED), ENGINE)
            return None

        return await self._desk.reconcile.commit(unit)

    # ------------------------------------------------------------------------------------------------------ opting out

    async def opt_out(self, application: str, actor: Actor, why: str = "") -> Screening:
        """Note that somebody has asked (by telephone, by post) that only people look at their application."""

        def unit(tx: Tx) -> Screening:
            family, record = self.application(tx, application)
            known = tx.screenings.of([application]).get(application) or self._made(tx, family, record, None, False)
            return self.opted_out(tx, family, record, known, actor, why)

        made = await self._desk.reconcile.commit(unit)
        self._desk.wake()
        return made

    def opted_out(self, tx: Tx, family: Family, record: Record, one: Screening, actor: Actor, why: str) -> Screening:
        """The same inside a unit; once said, it stands."""
        if one.opted_out is not None:
            return one
        now = self._desk.now()
        left = withdraw(tx, self._desk.reconcile, self._desk.id, family, record, actor, now)
        said = {**one.said, "opt_out": {"by": actor.name, "why": why.strip()[:500], "notes_left": left}}
        one = replace(one, state=ScreeningStatus.OPTED_OUT, opted_out=now, looked=None, said=said)
        tx.screenings.set(one)
        request(tx, one.workspace, one.id, now)
        self._note(tx, one, "opted out of AI", actor, {"screening": one.id, "notes_left": left})
        return one

    async def looked(self, id: str, actor: Actor) -> None:
        """A person has dealt with what somebody asked for. NotFoundError where nothing waits."""

        await self._desk.store.write(lambda tx: self.looked_in(tx, id, actor))

    def looked_in(self, tx: Tx, id: str, actor: Actor) -> None:
        """The same inside a unit."""
        one = tx.screenings.get(id, hold=True)
        if one is None or one.workspace != self._desk.workspace or one.looked is not None:
            raise NotFoundError("Nothing waits there; somebody may have dealt with it already.")
        tx.screenings.set(replace(one, looked=self._desk.now()))
        self._note(tx, one, "request dealt with", actor, {"screening": one.id})

    # --------------------------------------------------------------------------------------------------------- looking

    def link(self, tx: Tx, one: Screening) -> str:
        """The address of its form, "" where none works."""
        if one.state not in OPEN or one.expires <= self._desk.now():
            return ""
        key = tx.vault.derived(one.workspace, b"links")
        secret = links.token(key, Purpose.SCREENING, one.id, one.issue)
        return f"{self._desk.settings.address}/{Purpose.SCREENING}/{secret}"

    async def told(self, application: str) -> dict[str, Any]:
        """The form of an application: its link, how far it is, and what was said. NotFoundError where there is no such
        application."""

        def read(tx: Tx) -> dict[str, Any]:
            self.application(tx, application)
            one = tx.screenings.of([application]).get(application)
            return {"application": application, "status": ""} if one is None else self.as_data(tx, one)

        return await self._desk.store.read(read)

    def as_data(self, tx: Tx, one: Screening) -> dict[str, Any]:
        """As programs are told of it."""
        asked, say = screening.kept(one.said), words(FIRST)
        answers = one.said.get("answers")
        answers = answers if isinstance(answers, Mapping) else {}
        times = times_of(tx, one.workspace)
        return {
            "application": one.application, "screening": one.id,
            "status": PREPARED if is_prepared(one) else str(one.state), "link": self.link(tx, one),
            "expires": one.expires, "invited": one.invited, "started": one.started, "completed": one.completed,
            "opted_out": one.opted_out, "asked_for": str(one.said.get("adjustment") or ""),
            "person_by": one.opted_out + timedelta(days=times.person) if one.opted_out else None,
            "looked": one.looked, "language": str(one.said.get("language") or ""),
            "zone": str(one.said.get("zone") or ""),
            "answers": [
                {"question": screening.asked(each, say), "answer": screening.shown(each, answers, say)}
                for each in asked
                if each.kind is not screening.QuestionKind.FILE
            ],
            "answered": screening.done(asked, answers), "of": len(asked),
        }  # fmt: skip

    async def file(self, id: str, question: str, actor: Actor) -> tuple[str, bytes]:
        """(name, content) of a file that was given as an answer and is kept with the form; that it was taken is
        audited. NotFoundError where there is none."""

        def unit(tx: Tx) -> tuple[str, bytes]:
            one = tx.screenings.get(id)
            address = tx.stored.of(f"{id}|{question}", "answer")
            if one is None or one.workspace != self._desk.workspace or address is None:
                raise NotFoundError("There is no such file.", hint="It may be in the ATS: see the person's files.")
            self._note(tx, one, "answer file taken", actor, {"screening": id, "question": question})
            return tx.stored.item(address).media, tx.stored.get(address)

        return await self._desk.store.write(unit)

    async def rates(self) -> list[Counted]:
        """How many forms came how far, by job."""
        return await self._desk.store.read(lambda tx: tx.screenings.counted(self._desk.workspace))

    async def times(self, actor: Actor, times: Times) -> None:
        """How long links work, and how soon a person looks. InputError for what makes no sense."""
        for what, days in (("A link works", times.link), ("A person looks within", times.person)):
            if not 1 <= days <= MOST_DAYS:
                raise InputError(f"{what} 1 to {MOST_DAYS} days, not {days}.")
        kept = {"link": times.link, "person": times.person}
        await self._desk.store.write(lambda tx: tx.workspaces.set_setting(self._desk.workspace, SETTING, kept))
        await self._desk.note(actor, "screening times set", detail=kept)

    # ----------------------------------------------------------------------------------------------------------- parts

    def application(self, tx: Tx, id: str) -> tuple[Family, Record]:
        """An application that somebody can be asked about. NotFoundError, or ConflictError where it is closed."""
        home = tx.families.record_family(id)
        family = tx.families.family(home) if home is not None else None
        record = family.records.get(id) if family is not None else None
        if family is None or record is None or record.kind is not Kind.APPLICATION:
            raise NotFoundError("There is no such application.", hint="It may have been deleted in the ATS.")
        if family.workspace != self._desk.workspace:
            raise NotFoundError("There is no such application.", hint="It may have been deleted in the ATS.")
        if not stands(family, record):
            raise ConflictError("This application is not open any more.", hint="Open it in the ATS first.")
        return family, record

    def _held(self, tx: Tx, application: str) -> tuple[Family, Screening]:
        family, _ = self.application(tx, application)
        known = tx.screenings.of([application]).get(application)
        one = tx.screenings.get(known.id, hold=True) if known is not None else None
        if one is None:
            raise NotFoundError("Nobody was invited for this application.", hint="Invite them first.")
        return family, one

    def keep(self, tx: Tx, family: Family, one: Screening, actor: Actor, more: Fields | None = None) -> None:
        """The form as it is now, and its status with the application, on its way to the ATS; in the unit's commit."""
        tx.screenings.set(one)
        record = family.records.get(one.application)
        if record is None or record.state is not RecordState.LIVE or family.state is not FamilyState.LIVE:
            return
        fields: Fields = {"screening_status": one.state, **(more or {})}
        desk = self._desk
        desk.reconcile.edit_in(tx, family.id, [Edit(desk.id(), one.application, fields, actor, desk.id())])

    def _note(self, tx: Tx, one: Screening, action: str, actor: Actor, detail: Fields) -> None:
        tx.audit.record(
            workspace=one.workspace, at=self._desk.now(), action=action, actor=actor, family=one.family,
            record=one.application, detail=detail,
        )  # fmt: skip


def is_prepared(one: Screening) -> bool:
    """Whether it waits for the letter that brings its link to leave."""
    return one.state is ScreeningStatus.INVITED and one.invited is None


def _invited(one: Screening, now: datetime) -> Screening:
    return one if one.invited is not None else replace(one, invited=now)


def stands(family: Family, record: Record) -> bool:
    """Whether an application is one that somebody can still be asked about."""
    return is_open(record) and family.state is FamilyState.LIVE


def is_open(record: Record) -> bool:
    return record.fields.get("status") in (None, Status.ACTIVE) and record.state is RecordState.LIVE


def times_of(tx: Tx, workspace: str) -> Times:
    kept = tx.workspaces.setting(workspace, SETTING)
    link, person = (kept.get(name) for name in ("link", "person")) if isinstance(kept, Mapping) else (None, None)
    return Times(link if isinstance(link, int) else DAYS, person if isinstance(person, int) else PERSON_DAYS)
