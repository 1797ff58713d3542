"""Interviews at work: a time that is taken by one candidate and no other, moved, cancelled; written into calendars.

Whose time an interview takes is kept in the commit that books it, under a lock of each interviewer, so that of two
candidates who choose the same time one gets it. Calendars follow by a task of their own, which makes each look as the
interview does now, whatever went wrong before; it also takes events away after their person is erased.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from bascule.calendars.door import Calendars
from bascule.core.interviews import MOST_MINUTES, OPEN, InterviewState, Rules, Span, goes_on
from bascule.engine.entries import log
from bascule.engine.reconcile import React, Reconcile, Task
from bascule.engine.runtime import Runtime
from bascule.errors import ConflictError, DeclinedError, RemoteError
from bascule.hiring import links
from bascule.hiring.links import Purpose
from bascule.model import (
    BASCULE,
    Actor,
    Event,
    Family,
    FamilyState,
    Fields,
    Kind,
    Record,
    RecordState,
    Value,
)
from bascule.store import Store, Tx
from bascule.store.interviews import Interview, Seat
from bascule.store.tasks import TaskLease

from .interview_letters import InterviewLetters, News, Told, panel_of
from .interview_records import InterviewRecords, changed, changed_there, turned_away
from .interviewers import interviewer

CALENDAR = "calendar"  # the task that makes calendars look as an interview does
CHECK = "interview"  # the task that cancels an application's interviews where they make no sense any more
AFTER = timedelta(days=2)  # the link of an interview works so long after it
ELSEWHERE = "interview moved there"  # the notice that a time of the ATS could not be taken over
LEAST = 10  # minutes that an interview takes
TAKEN = "This time has just been taken."
LATER = 300.0  # seconds until a calendar that does not answer is tried again, at first


class Interviewing:
    """The handlers of the tasks "calendar" and "interview", and every step of an interview inside a unit."""

    def __init__(
        self, runtime: Runtime, store: Callable[[], Store], reconcile: Reconcile, calendars: Calendars,
        letters: InterviewLetters, records: InterviewRecords, *, address: str,
    ) -> None:  # fmt: skip
        self._runtime = runtime
        self._store = store
        self._reconcile = reconcile
        self._calendars = calendars
        self._letters = letters
        self._records = records
        self._address = address

    # ---------------------------------------------------------------------------------------------------------- steps

    def book(self, tx: Tx, one: Interview, family: Family, start: datetime, actor: Actor) -> Interview:
        """Give it this time. ConflictError where one of the panel has another interview then, or it is the time it has
        already; nothing is changed then."""
        rules, panel, now = rules_of(one), panel_of(one), self._runtime.now()
        span = Span(start, start + rules.takes)
        if one.state == InterviewState.BOOKED and (one.starts, one.ends) == (span.start, span.end):
            raise ConflictError("It is at this time already.")
        self._free(tx, one, span, rules)
        before = one.state == InterviewState.BOOKED
        said: dict[str, Value] = {**one.said, "proposed": (), "note": "", "why": ""}
        one = replace(
            one, state=InterviewState.BOOKED, starts=span.start, ends=span.end, said=said,
            sequence=one.sequence + 1, expires=max(one.expires, span.end + AFTER),
        )  # fmt: skip
        tx.interviews.set(one)
        tx.notices.close(one.workspace, ELSEWHERE, one.id, now=now)
        held = {seat.interviewer: seat for seat in tx.interviews.seats(one.id)}
        for email, _ in panel:
            kept = held.get(email) or Seat(one.id, email, one.workspace, span.start, span.end)
            tx.interviews.seat(replace(kept, starts=span.start, ends=span.end))
        self._follow(tx, one, family, News.MOVED if before else News.BOOKED, actor, now)
        return one

    def _free(self, tx: Tx, one: Interview, span: Span, rules: Rules) -> None:
        """ConflictError unless nobody of the panel has another interview near this time."""
        emails = [email for email, _ in panel_of(one)]
        tx.lock([f"interviewer|{one.workspace}|{email}" for email in emails])
        taken = tx.interviews.taken(one.workspace, emails, span.start - rules.around, span.end + rules.around)
        if any(seat.interview != one.id for seat in taken):
            raise ConflictError(TAKEN)

    def cancel(self, tx: Tx, one: Interview, family: Family, actor: Actor, why: str) -> Interview:
        """Cancel it. `why` is for colleagues here; no letter says it."""
        now, booked = self._runtime.now(), one.state == InterviewState.BOOKED
        said: dict[str, Value] = {**one.said, "proposed": (), "why": why}
        sequence = one.sequence + 1 if booked else one.sequence
        one = replace(one, state=InterviewState.CANCELLED, sequence=sequence, said=said)
        tx.interviews.set(one)
        tx.notices.close(one.workspace, ELSEWHERE, one.id, now=now)
        if booked and one.starts is not None and one.starts > now:
            self._follow(tx, one, family, News.CANCELLED, actor, now)
        else:
            self._note_it(tx, one, "interview cancelled", actor, {"why": why})
        return one

    def _follow(self, tx: Tx, one: Interview, family: Family, news: News, actor: Actor, now: datetime) -> None:
        """What a booked, moved or cancelled time brings about: letters, calendars, a line in the ATS, an event."""
        told = self.told(tx, one, family)
        if told is not None:
            self._letters.tell(tx, told, news, family)
        tx.tasks.put(one.workspace, CALENDAR, one.id, due=now)
        verb = {News.BOOKED: "booked", News.MOVED: "moved", News.CANCELLED: "cancelled"}[news]
        if told is not None and family.state is FamilyState.LIVE:
            self._records.tell(tx, told, family, verb, actor)
            about: dict[str, Value] = {"candidate": told.candidate.id, "application": one.application}
            record = Event(
                f"interview.{verb}", family.id, one.application, now, about, actor=str(actor.kind),
                cause=one.id,
            )  # fmt: skip
            log(tx, one.workspace, [record], now)
        self._note_it(tx, one, f"interview {verb}", actor, {"starts": one.starts.isoformat() if one.starts else ""})

    def told(self, tx: Tx, one: Interview, family: Family) -> Told | None:
        """The interview as letters tell of it; None where its person is not known any more."""
        application = family.records.get(one.application)
        candidate = family.records.get(application.parent or "") if application is not None else None
        if candidate is None:
            return None
        job = tx.families.records(one.workspace, [one.job]).get(one.job) if one.job else None
        title = str(job.fields.get("title") or "") if job is not None else ""
        place = str(one.said.get("place") or "")
        return Told(one, candidate, panel_of(one), title or "Interview", place, self.link(tx, one))

    def link(self, tx: Tx, one: Interview) -> str:
        """The address of its page, "" where none works."""
        if one.state not in OPEN or one.expires <= self._runtime.now():
            return ""
        secret = links.token(tx.vault.derived(one.workspace, b"links"), Purpose.INTERVIEW, one.id, one.issue)
        return f"{self._address}/{Purpose.INTERVIEW}/{secret}"

    def _note_it(self, tx: Tx, one: Interview, action: str, actor: Actor, detail: Fields) -> None:
        tx.audit.record(
            workspace=one.workspace, at=self._runtime.now(), action=action, actor=actor,
            family=tx.families.record_family(one.application) or one.family, record=one.application,
            detail={"interview": one.id, **detail},
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------------------- what moves

    async def check(self, task: TaskLease) -> float | None:
        """The task "interview": one application has moved; what makes no sense any more is cancelled."""

        def unit(tx: Tx) -> None:
            tx.tasks.hold(task)
            open_ = [one for one in tx.interviews.of([task.key]) if one.state in OPEN]
            home = tx.families.record_family(task.key)
            family = tx.families.family(home) if home is not None else None
            record = family.records.get(task.key) if family is not None else None
            if family is None or record is None:
                return
            for one in open_:
                if one.starts is not None and one.starts <= self._runtime.now():
                    continue
                if not stands(family, record, one):
                    self.cancel(tx, one, family, BASCULE, _why(family, record))
            for one in tx.interviews.of([task.key]):
                self._follow_there(tx, one, tx.families.family(family.id))
            for one in tx.interviews.of([task.key]):
                now = tx.families.family(family.id)
                told = self.told(tx, one, now) if now.state is FamilyState.LIVE else None
                if told is not None:
                    self._records.refused(tx, told, now, BASCULE)

        await self._reconcile.commit(unit)
        return None

    def _follow_there(self, tx: Tx, one: Interview, family: Family) -> None:
        """What somebody has done in the ATS with a booked interview that is to come holds here too. A time that one of
        the panel has not is not taken over: the owner is told."""
        change = changed_there(family, one) if family.state is FamilyState.LIVE else None
        if change is None:
            tx.notices.close(one.workspace, ELSEWHERE, one.id, now=self._runtime.now())
            return
        if one.starts is None or one.starts <= self._runtime.now():
            return
        if change.start is None:
            self.cancel(tx, one, family, change.actor, "it was cancelled in the ATS")
            return
        if change.start <= self._runtime.now() or not LEAST <= change.minutes <= MOST_MINUTES:
            return
        rules: dict[str, Value] = {**asdict(rules_of(one)), "length": change.minutes}
        try:
            self.book(tx, replace(one, said={**one.said, "rules": rules}), family, change.start, change.actor)
        except ConflictError as error:
            when_there = f"{change.start:%Y-%m-%d %H:%M} UTC"
            text = f"An interview was moved to {when_there} in the ATS, and is not here: {error} Book another time."
            tx.notices.put(one.workspace, ELSEWHERE, one.id, text, now=self._runtime.now())

    def erasing(self, tx: Tx, family: Family) -> None:
        """A person is being erased: in the commit that begins it, while their address is still known. Events of theirs
        are taken out of every calendar, also those of interviews that have been."""
        ids = [one.id for one in family.records.values() if one.kind is Kind.APPLICATION]
        for one in tx.interviews.of(ids):
            if one.state in OPEN:
                self.cancel(tx, one, family, BASCULE, "the person is erased")
            tx.tasks.put(one.workspace, CALENDAR, one.id, due=self._runtime.now() + timedelta(seconds=1))

    # -------------------------------------------------------------------------------------------------------- calendars

    async def calendar(self, task: TaskLease) -> float | None:
        """The task "calendar": every interviewer's calendar as the interview is now."""
        workspace = task.workspace

        def read(tx: Tx) -> tuple[Interview | None, Told | None, list[Seat]]:
            one, seats = tx.interviews.get(task.key), tx.interviews.seats(task.key)
            home = tx.families.record_family(one.application) if one is not None else None
            family = tx.families.family(home) if home is not None else None
            live = family is not None and family.state is FamilyState.LIVE
            told = self.told(tx, one, family) if one is not None and family is not None and live else None
            return one, told, seats

        one, told, seats = await self._store().read(read)
        wait = 0.0
        for seat in seats:
            try:
                await self._one(workspace, one, told, seat)
            except DeclinedError:
                await self._drop_seat(one, told, seat)
            except RemoteError:
                wait = min(6 * 3600.0, LATER * 2 ** min(task.tries, 7))
        return wait or None

    async def _one(self, workspace: str, one: Interview | None, told: Told | None, seat: Seat) -> None:
        who = (await self._store().read(lambda tx: interviewer(tx, workspace, seat.interviewer))).who
        if one is not None and told is not None and one.state == InterviewState.BOOKED:
            if seat.written == one.sequence:
                return
            event = await self._calendars.put(workspace, who, told.for_panel(self._address), seat.event)
            kept = replace(seat, event=event, written=one.sequence)
            await self._store().write(lambda tx: _keep(tx, kept))
            return
        if seat.event or seat.written >= 0:
            await self._calendars.drop(workspace, who, seat.event)
        await self._store().write(lambda tx: tx.interviews.leave(seat))

    async def _drop_seat(self, one: Interview | None, told: Told | None, seat: Seat) -> None:
        """No calendars are connected: nothing is written. A seat is kept while its time is taken, or an event of it may
        stand somewhere."""
        if seat.event or seat.written >= 0:
            return
        if one is None or told is None or one.state != InterviewState.BOOKED:
            await self._store().write(lambda tx: tx.interviews.leave(seat))


def _keep(tx: Tx, seat: Seat) -> None:
    """What is known of the event, beside the time as it is by now."""
    current = next((x for x in tx.interviews.seats(seat.interview) if x.interviewer == seat.interviewer), None)
    if current is not None:
        tx.interviews.seat(replace(current, event=seat.event, written=seat.written))


def rules_of(one: Interview) -> Rules:
    """What the interview is to be like."""
    kept: Any = one.said.get("rules") or {}
    names: Sequence[str] = tuple(Rules.__dataclass_fields__)
    return Rules(**{name: int(kept[name]) for name in names if name in kept})


def stands(family: Family, record: Record, one: Interview) -> bool:
    """Whether the interview makes sense as the application is now."""
    if family.state is not FamilyState.LIVE or record.state is not RecordState.LIVE:
        return False
    return goes_on(record.fields, str(one.said.get("asked_at") or ""), str(one.said.get("stage") or ""))


def _why(family: Family, record: Record) -> str:
    if family.state is not FamilyState.LIVE or record.state is not RecordState.LIVE:
        return "the application is not there any more"
    if record.fields.get("status") not in (None, "active"):
        return f"the application is {record.fields.get('status')}"
    return "the application was moved to another stage"


def reaction() -> React:
    """What a commit calls for: a look at the interviews of every application that has moved, or that a system did not
    take."""

    def react(before: Family | None, planned: Any, live: bool) -> Sequence[Task]:
        family: Family = planned.family
        if family.kind is not Kind.CANDIDATE or before is None:
            return []
        old: Mapping[str, Record] = before.records
        refused = (turned_away(before, family) if family.writes else set[str]()) | changed(before, family)
        return [
            Task(CHECK, record.id)
            for record in family.records.values()
            if record.kind is Kind.APPLICATION
            and (record.id in refused or (record.id in old and _moved(old[record.id], record)))
        ]

    return react


def _moved(old: Record, new: Record) -> bool:
    return old.state is not new.state or any(
        old.fields.get(name) != new.fields.get(name) for name in ("stage", "status")
    )
