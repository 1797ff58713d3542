"""What both sides are told of an interview: the candidate in the thread of their application, colleagues by letters of
their own, each with the event for their calendar. No letter says or implies why an interview is off."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bascule.calendars.choice import System
from bascule.calendars.door import SPOKEN, choice_of
from bascule.calendars.ics import Method, Party, letter
from bascule.calendars.speaking import Event
from bascule.core.interviews import News, Span
from bascule.core.messages import fill
from bascule.engine.runtime import Runtime
from bascule.errors import InputError
from bascule.model import EMPTY, Family, FamilyState, Fields, Record, Value
from bascule.store import Store, Tx
from bascule.store.codec import dumps, loads
from bascule.store.interviews import Interview
from bascule.store.messages import MessageState
from bascule.store.tasks import TaskLease

from .form_words import LANGUAGES, words
from .interviewers import interviewer
from .leaving import TOO_LATE, UNTOLD, withheld
from .mail import TRIES, Letter, Post, Took, later, made
from .messages import (
    LOCALE,
    SILENT,
    STOPPED_AGAIN,
    Messages,
    about_of,
    address_of,
    name_of,
    no_server,
    server_of,
    templates_of,
)

LETTER = "interview letter"  # the task that sends one to a colleague


_SUBJECTS: Mapping[News, str] = {
    News.BOOKED: "Interview: {what}",
    News.MOVED: "Interview at another time: {what}",
    News.CANCELLED: "Interview is off: {what}",
}
_FIRST: Mapping[News, str] = {
    News.BOOKED: "An interview is booked.",
    News.MOVED: "An interview has another time.",
    News.CANCELLED: "This interview does not take place. The time is yours again.",
}
_WRITE_BACK = (
    "Afterwards you can answer this letter with what you think of them: the recruiter looks at it, and it is kept in "
    "the ATS in your name."
)


def token_of(interview: str) -> str:
    """What the address carries to which colleagues answer."""
    return f"interview-{interview}"


@dataclass(frozen=True, slots=True)
class Told:
    """An interview with what its letters say."""

    one: Interview
    candidate: Record
    panel: tuple[tuple[str, str], ...]  # e-mail, name
    title: str
    place: str
    link: str

    @property
    def names(self) -> str:
        return ", ".join(name for _, name in self.panel)

    @property
    def person(self) -> str:
        return name_of(self.candidate) or "A candidate"

    def event(self, subject: str, text: str) -> Event:
        one = self.one
        assert one.starts is not None
        assert one.ends is not None
        return Event(str(one.said["uid"]), one.sequence, one.starts, one.ends, subject, text, self.place)

    def for_panel(self, address: str) -> Event:
        """As it stands in an interviewer's calendar."""
        page = f"{address}/candidates/{self.candidate.id}"
        return self.event(f"Interview: {self.person}, {self.title}", f"With {self.names}.\n{page}")


def panel_of(one: Interview) -> tuple[tuple[str, str], ...]:
    """(e-mail, name) of everybody who interviews."""
    kept: Any = one.said.get("panel") or ()
    return tuple((str(each["email"]), str(each["name"])) for each in kept)


def zone_of(tx: Tx, one: Interview) -> str:
    """The candidate's time zone: as chosen, else that of their screening, else of the first interviewer."""
    chosen = str(one.said.get("zone") or "")
    if chosen:
        return chosen
    screening = tx.screenings.of([one.application]).get(one.application)
    told = str(screening.said.get("zone") or "") if screening is not None else ""
    panel = panel_of(one)
    return told or (interviewer(tx, one.workspace, panel[0][0]).working.zone if panel else "UTC")


def language_of(tx: Tx, one: Interview) -> str:
    """In which language they are written to."""
    chosen = str(one.said.get("language") or "") or str(tx.workspaces.setting(one.workspace, LOCALE) or "en")
    return chosen if chosen in LANGUAGES else "en"


def when(at: datetime, zone: str) -> str:
    """A moment as colleagues read it."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%A} {there.day} {there:%B %Y}, {there:%H:%M} ({zone.replace('_', ' ')})"


class InterviewLetters:
    """Writes them, and the handler of the task "interview letter"."""

    def __init__(self, runtime: Runtime, store: Callable[[], Store], messages: Messages, *, address: str) -> None:
        self._runtime = runtime
        self._store = store
        self._messages = messages
        self._address = address

    @property
    def _post(self) -> Post:
        return self._messages.post

    def tell(self, tx: Tx, told: Told, news: News, family: Family) -> None:
        """Both sides, in this commit."""
        self._candidate(tx, told, news, family)
        self.panel(tx, told, news)

    # -------------------------------------------------------------------------------------------------- the candidate

    def _candidate(self, tx: Tx, told: Told, news: News, family: Family) -> None:
        one, workspace = told.one, told.one.workspace
        if family.state is not FamilyState.LIVE:
            if news is News.CANCELLED:
                links = (x for x in family.links.values() if x.record == one.application and x.primary)
                self._farewell(tx, told, next((x.connection for x in links), ""))
            return
        about, template = about_of(tx, one.application), templates_of(tx, workspace).get(news)
        if about is None or template is None:
            return
        language = language_of(tx, one)
        more = self._more(tx, told, language)
        event = self._event_for(tx, told, news, language)
        try:
            message = self._messages.write(
                tx, about, template, link=told.link or self._address, locale=language, sender=_sender(one), more=more,
                event=event,
            )  # fmt: skip
        except InputError as error:  # an interview stands, whether or not a letter can say so
            self._untold(tx, workspace, str(error))
            return
        tx.messages.add(workspace, message)
        if message.state is not MessageState.WITHHELD:
            self._messages.send(tx, workspace, message)

    def _more(self, tx: Tx, told: Told, language: str) -> dict[str, str]:
        one = told.one
        at = words(language).when(one.starts, zone_of(tx, one)) if one.starts is not None else ""
        return {
            "interview_time": at, "interviewers": told.names, "interview_place": told.place, "job_title": told.title,
        }  # fmt: skip

    def _untold(self, tx: Tx, workspace: str, why: str) -> None:
        """A candidate got no letter: the owner is told. Without a mail server that is why."""
        now = self._runtime.now()
        if server_of(tx, workspace) is None:
            no_server(tx, workspace, now)
            return
        text = f"A candidate was not written to about an interview: {why} Their page has it; see that they know."
        tx.notices.put(workspace, UNTOLD, "all", text, now=now)

    def _event_for(self, tx: Tx, told: Told, news: News, language: str) -> str:
        """The candidate's event; "" without a mail server, in whose name it would be."""
        server = server_of(tx, told.one.workspace)
        to = address_of(told.candidate)
        if server is None or not to:
            return ""
        return self.event(told, news, server.sender, server.name, to)

    def event(self, told: Told, news: News, sender: str, company: str, to: str) -> str:
        """The event that the candidate puts into their calendar. It names nobody's address but theirs."""
        text = f"{told.names}\n{told.link}".strip()
        event = told.event(f"{told.title}, {company}".strip(", "), text)
        guests = [Party(to, name_of(told.candidate))]
        return letter(event, _method(news), Party(sender, company), guests, self._runtime.now())

    def _farewell(self, tx: Tx, told: Told, connection: str) -> None:
        """To somebody who is being erased: a last letter, of which nothing is kept once it has left, or once the time
        of the interview has come."""
        one = told.one
        to, language = address_of(told.candidate), language_of(tx, told.one)
        template, server = templates_of(tx, one.workspace).get(News.CANCELLED), server_of(tx, one.workspace)
        if not to or template is None or server is None:
            return
        given = {
            "first_name": str(told.candidate.fields.get("first_name") or "") or told.person, "name": told.person,
            "company": server.name, "sender_name": server.name,
            "link": self._address, "unsubscribe": self._address, **self._more(tx, told, language),
        }  # fmt: skip
        try:
            said = fill(template.in_(language)[1], given)
        except InputError:
            return
        event = self.event(told, News.CANCELLED, server.sender, server.name, to)
        assert one.starts is not None
        held: dict[str, Value] = {
            "connection": connection, "starts": one.starts.isoformat(), "since": self._runtime.now().isoformat(),
        }  # fmt: skip
        self._put(tx, one, to, said.subject, said.text, event, held)

    # ------------------------------------------------------------------------------------------------------- the panel

    def panel(self, tx: Tx, told: Told, news: News, people: Sequence[tuple[str, str]] | None = None) -> None:
        """Every interviewer (or these), in their own time zone. Where their calendar has the event from us under
        another UID than the letter's, the letter brings none: it would stand there twice."""
        one, workspace = told.one, told.one.workspace
        assert one.starts is not None
        assert one.ends is not None
        server, choice = server_of(tx, workspace), choice_of(tx, workspace)
        with_event = server is not None and (not choice.on or SPOKEN[System(choice.system)].same_uid)
        event = ""
        if with_event and server is not None:
            guests = [Party(email, name) for email, name in told.panel]
            event = letter(
                told.for_panel(self._address), _method(news), Party(server.sender, server.name), guests,
                self._runtime.now(),
            )  # fmt: skip
        what = f"{told.person}, {told.title}"
        for email, _ in told.panel if people is None else people:
            zone = interviewer(tx, workspace, email).working.zone
            until = f"{one.ends.astimezone(ZoneInfo(zone)):%H:%M}"
            text = (
                f"{_FIRST[news]}\n\n{what}\n{when(one.starts, zone)}, until {until}\n{told.place}\n"
                f"With: {told.names}\n\n{self._address}/candidates/{told.candidate.id}\n"
            )
            if server is not None and server.answers and news is not News.CANCELLED:
                text += f"\n{_WRITE_BACK}\n"
            self._put(tx, one, email, _SUBJECTS[news].format(what=what), text, event)

    def _put(self, tx: Tx, one: Interview, to: str, subject: str, text: str, event: str, held: Fields = EMPTY) -> None:
        """A letter on its way, sealed while it waits. `held`: of one to a candidate, what a stop asks for."""
        payload = {
            "to": to, "subject": subject[:200], "text": text, "event": event, "interview": one.id,
            "sequence": str(one.sequence),
        }  # fmt: skip
        sealed = base64.b64encode(tx.vault.seal(one.workspace, None, dumps(payload).encode())).decode()
        payload_of: Fields = {**held, "sealed": sealed}
        tx.tasks.put(one.workspace, LETTER, self._runtime.id(), due=self._runtime.now(), payload=payload_of)

    async def send(self, task: TaskLease) -> float | None:
        """The task "interview letter". One that may have left is not sent again."""

        def opened(tx: Tx) -> dict[str, str]:
            held: dict[str, str] = loads(tx.vault.open(base64.b64decode(str(task.payload["sealed"]))).decode())
            one = tx.interviews.get(held.get("interview", ""))
            newer = one is not None and one.sequence > int(held.get("sequence", one.sequence))
            return {} if newer else held

        now, connection = self._runtime.now(), str(task.payload.get("connection") or "")
        if connection and await self._store().read(lambda tx: tx.connections.silenced(connection)) is not None:
            if datetime.fromisoformat(str(task.payload["starts"])) > now:
                return STOPPED_AGAIN
            await self._store().write(lambda tx: withheld(tx, task.workspace, TOO_LATE, now))
            return None
        server = await self._store().read(lambda tx: server_of(tx, task.workspace))
        if server is None:
            return await self._store().write(lambda tx: no_server(tx, task.workspace, now))
        given = await self._store().read(opened)
        if not given:
            return None  # it has changed since, and a newer letter says how
        token = "interview-letter" if "starts" in task.payload else token_of(given["interview"])
        out = Letter(
            f"<{task.key}@{server.domain}>", given["to"], given["subject"], given["text"], "", token, now,
            automatic=True, event=given["event"],
        )  # fmt: skip
        posted = await self._post.send(server, given["to"], made(out, server))
        if posted.took is Took.NOT_NOW and task.tries + 1 < TRIES:
            said = f"Messages wait: the mail server says {posted.words}."
            await self._store().write(lambda tx: tx.notices.put(task.workspace, SILENT, "all", said, now=now))
            return later(task.tries)
        if posted.took is not Took.TAKEN:
            text = f"The letter about an interview to {given['to']} was not taken: {posted.words}. See that they know."
            await self._store().write(lambda tx: tx.notices.put(task.workspace, UNTOLD, given["to"], text, now=now))
        return None


def _method(news: News) -> Method:
    return Method.CANCEL if news is News.CANCELLED else Method.REQUEST


def _sender(one: Interview) -> str:
    """In whose name the candidate is written to: the user who asked for the interview, "" for a rule or a program."""
    by: Any = one.said.get("by") or {}
    return str(by.get("id") or "") if by.get("kind") == "person" else ""


def span_of(one: Interview) -> Span | None:
    return Span(one.starts, one.ends) if one.starts is not None and one.ends is not None else None
