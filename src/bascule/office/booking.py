"""What a candidate does on the page that their link opens: take a free time, change or cancel it, or propose some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bascule.calendars.door import Calendars
from bascule.core.interviews import OPEN, InterviewState, Rules, Span, slots, window
from bascule.errors import ConflictError, DeclinedError, InputError, NotFoundError, RemoteError
from bascule.hiring import links
from bascule.hiring.form_words import LANGUAGES, words, zones
from bascule.hiring.interview_letters import InterviewLetters, News, panel_of, span_of, zone_of
from bascule.hiring.interviewers import Interviewer, interviewer
from bascule.hiring.interviewing import Interviewing, rules_of, stands
from bascule.hiring.links import Purpose
from bascule.hiring.messages import address_of, server_of
from bascule.model import Family, Record
from bascule.store import Tx
from bascule.store.interviews import Interview

from .applicants import applicant
from .desk import Desk

MOST_NOTE = 2000
PROPOSALS = 3


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens. `ends`: "" while something can be done, else why not: closed, cancelled, expired or over.
    `changes`: the booked time can still be changed, until `until`."""

    id: str
    state: str
    ends: str
    job: str
    people: tuple[str, ...]
    place: str
    rules: Rules
    zone: str
    language: str  # "" until one was chosen
    starts: datetime | None
    changes: bool
    until: datetime
    expires: datetime
    proposed: tuple[datetime, ...]
    chosen_zone: bool


@dataclass(frozen=True, slots=True)
class Free:
    """Times that can be taken. `silent`: nobody knows, since a calendar does not answer or none is connected."""

    times: tuple[datetime, ...]
    silent: bool = False


class Booking:
    """`app.booking`."""

    def __init__(self, desk: Desk, interviewing: Interviewing, letters: InterviewLetters, calendars: Calendars) -> None:
        self._desk = desk
        self._interviewing = interviewing
        self._letters = letters
        self._calendars = calendars
        self._key = b""

    async def open(self, token: str) -> Opened:
        """What a link opens; looking changes nothing. NotFoundError where it opens nothing (any more)."""
        return await self._desk.store.read(lambda tx: self._told(tx, *self._opened(tx, token)))

    async def speak(self, token: str, *, language: str = "", zone: str = "") -> None:
        """Show the page in this language, and times in this zone, from now on."""

        def unit(tx: Tx) -> None:
            one, _, _ = self._opened(tx, token, hold=True)
            said = dict(one.said)
            said |= {"language": language} if language in LANGUAGES else {}
            said |= {"zone": zone} if zone in zones() else {}
            tx.interviews.set(replace(one, said=said))

        await self._desk.store.write(unit)

    async def free(self, token: str) -> Free:
        """The times at which everybody of the panel is free, as their calendars say now."""
        one, panel = await self._desk.store.read(lambda tx: self._asked(tx, token))
        return await self._free(one, panel)

    def _asked(self, tx: Tx, token: str) -> tuple[Interview, list[Interviewer]]:
        one, family, record = self._opened(tx, token)
        self._can(one, family, record)
        return one, [interviewer(tx, one.workspace, email) for email, _ in panel_of(one)]

    async def _free(self, one: Interview, panel: Sequence[Interviewer]) -> Free:
        rules, now = rules_of(one), self._desk.now()
        within = window(rules, now, _last(one, rules, now))
        around = Span(within.start - rules.around, within.end + rules.around)
        if within.start >= within.end:
            return Free(())
        try:
            told = await self._calendars.busy(one.workspace, [each.who for each in panel], around)
        except (DeclinedError, RemoteError):
            return Free((), silent=True)
        seats = await self._desk.store.read(
            lambda tx: tx.interviews.taken(one.workspace, [x.email for x in panel], around.start, around.end)
        )
        own = span_of(one)
        busy: dict[int, list[Span]] = {}
        for place, each in enumerate(panel):
            calendar = [span for span in told.get(each.email, ()) if span != own]  # the event that we wrote there
            here = [Span(x.starts, x.ends) for x in seats if x.interviewer == each.email and x.interview != one.id]
            busy[place] = [*calendar, *here]
        found = slots(rules, within, [each.working for each in panel], busy)
        return Free(tuple(at for at in found if at != one.starts))

    async def choose(self, token: str, start: str) -> None:
        """Take a time. ConflictError where it is not free (any more)."""
        at = _moment(start)
        one, panel = await self._desk.store.read(lambda tx: self._asked(tx, token))
        free = await self._free(one, panel)
        if at is None or at not in free.times:
            raise ConflictError("This time is not free any more.")

        def unit(tx: Tx) -> None:
            one, family, record = self._opened(tx, token, hold=True)
            self._can(one, family, record)
            self._interviewing.book(tx, one, family, at, applicant(family))

        await self._desk.reconcile.commit(unit)
        self._desk.wake()

    async def propose(self, token: str, given: Sequence[str], note: str, language: str) -> None:
        """Propose times, written as in the page's zone ("2026-12-01T10:00"). InputError, in the page's language, where
        none can be meant."""
        say = words(language)

        def unit(tx: Tx) -> None:
            one, family, record = self._opened(tx, token, hold=True)
            self._can(one, family, record)
            rules, now, zone = rules_of(one), self._desk.now(), zone_of(tx, one)
            within = window(rules, now, _last(one, rules, now))
            found = [at for text in given if text.strip() for at in [_local(text, zone)]]
            times = sorted({at for at in found if at is not None})[:PROPOSALS]
            if not times:
                raise InputError(say("interview_propose_needed"))
            if None in found or any(not within.start <= at <= within.end for at in times):
                first, last = say.when(within.start, zone), say.when(within.end, zone)
                raise InputError(say("interview_propose_between", first=first, last=last))
            said = {**one.said, "proposed": tuple(at.isoformat() for at in times), "note": note.strip()[:MOST_NOTE]}
            said["proposed_at"] = now.isoformat()
            if one.state == InterviewState.BOOKED:  # it stands until somebody has answered
                tx.interviews.set(replace(one, said=said))
            else:
                until = max(one.expires, max(times) + timedelta(days=1))
                tx.interviews.set(replace(one, state=InterviewState.PROPOSED, expires=until, said=said))
            tx.audit.record(
                workspace=one.workspace, at=now, action="interview times proposed", actor=applicant(family),
                family=family.id, record=record.id, detail={"interview": one.id, "times": len(times)},
            )  # fmt: skip

        await self._desk.store.write(unit)

    async def cancel(self, token: str) -> None:
        """They do not come. ConflictError where it is too late, or there is nothing to cancel."""

        def unit(tx: Tx) -> None:
            one, family, record = self._opened(tx, token, hold=True)
            self._can(one, family, record)
            self._interviewing.cancel(tx, one, family, applicant(family), "the candidate has cancelled it")

        await self._desk.reconcile.commit(unit)
        self._desk.wake()

    async def event(self, token: str) -> str:
        """The booked interview as an iCalendar object. NotFoundError where none is booked."""

        def read(tx: Tx) -> str:
            one, family, _ = self._opened(tx, token)
            told = self._interviewing.told(tx, one, family)
            if one.state != InterviewState.BOOKED or told is None:
                raise NotFoundError("No interview is booked.")
            server = server_of(tx, one.workspace)
            sender, company = (server.sender, server.name) if server is not None else ("noreply@bascule.invalid", "")
            to = address_of(told.candidate) or "candidate@bascule.invalid"
            return self._letters.event(told, News.BOOKED, sender, company, to)

        return await self._desk.store.read(read)

    # ----------------------------------------------------------------------------------------------------------- parts

    def forged(self, token: str) -> bool:
        """Whether a link was not made here; nothing is looked up for it."""
        return bool(self._key) and links.opens(self._key, Purpose.INTERVIEW, token) is None

    def _opened(self, tx: Tx, token: str, *, hold: bool = False) -> tuple[Interview, Family, Record]:
        """NotFoundError unless this is the newest link of an interview that is there, of a person who is."""
        if not self._key and tx.vault.has(self._desk.workspace):
            self._key = tx.vault.derived(self._desk.workspace, b"links")
        opens = links.opens(self._key, Purpose.INTERVIEW, token)
        one = tx.interviews.get(opens.id, hold=hold) if opens is not None else None
        if opens is None or one is None or one.issue != opens.issue or one.workspace != self._desk.workspace:
            raise NotFoundError("This link does not work.")
        home = tx.families.record_family(one.application)
        family = tx.families.family(home) if home is not None else None
        record = family.records.get(one.application) if family is not None else None
        if family is None or record is None:
            raise NotFoundError("This link does not work.")
        return one, family, record

    def _ends(self, one: Interview, family: Family, record: Record) -> str:
        now = self._desk.now()
        if one.state == InterviewState.CANCELLED:
            return "cancelled"
        if one.state == InterviewState.BOOKED and one.starts is not None and one.starts <= now:
            return "over"
        if not stands(family, record, one):
            return "cancelled"  # it is about to be
        return "expired" if one.state not in OPEN or one.expires <= now else ""

    def _can(self, one: Interview, family: Family, record: Record) -> None:
        """ConflictError where nothing can be done by the link: it has ended, or it is too late to change the time."""
        if self._ends(one, family, record) or not self._changes(one):
            raise ConflictError("Nothing can be changed here any more.", hint="Load the page again: it says why.")

    def _changes(self, one: Interview) -> bool:
        return one.state != InterviewState.BOOKED or self._desk.now() < _until(one)

    def _told(self, tx: Tx, one: Interview, family: Family, record: Record) -> Opened:
        job = tx.families.records(one.workspace, [one.job]).get(one.job) if one.job else None
        proposed: Any = one.said.get("proposed") or ()
        return Opened(
            id=one.id,
            state=one.state,
            ends=self._ends(one, family, record),
            job=str(job.fields.get("title") or "") if job is not None else "",
            people=tuple(name for _, name in panel_of(one)),
            place=str(one.said["place"]),
            rules=rules_of(one),
            zone=zone_of(tx, one),
            language=str(one.said.get("language") or ""),
            starts=one.starts,
            changes=self._changes(one),
            until=_until(one),
            expires=one.expires,
            proposed=tuple(datetime.fromisoformat(at) for at in proposed),
            chosen_zone=bool(one.said.get("zone")),
        )


def _until(one: Interview) -> datetime:
    """Until when a booked time can be changed."""
    if one.starts is None:
        return one.expires
    return one.starts - timedelta(hours=rules_of(one).change)


def _last(one: Interview, rules: Rules, now: datetime) -> datetime:
    """The last moment for which times are offered: that of the link, or of a booked one its days from now."""
    return now + timedelta(days=rules.days) if one.state == InterviewState.BOOKED else one.expires


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else None


def _local(text: str, zone: str) -> datetime | None:
    """A time as a browser's field gives it, in this zone."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
