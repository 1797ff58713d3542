"""Interviews: of an application, those to come, and how calendars are reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bascule.core.interviews import Working, clock
from bascule.hiring.interviewers import Interviewer
from bascule.office.calendars import Standing

from .parts import State


@dataclass(frozen=True, slots=True)
class InterviewPart:
    """One interview. `when`: in the time zone of whoever is first on the panel; `proposed`: (moment, in words)."""

    id: str
    state: State
    when: str
    at: datetime | None
    panel: str
    place: str
    minutes: int
    link: str
    expires: datetime
    proposed: tuple[tuple[str, str], ...] = ()
    note: str = ""
    why: str = ""
    open: bool = False
    asked: bool = False
    name: str = ""
    href: str = ""
    job: str = ""
    unwritten: int = 0  # calendars in which it does not stand yet
    ats: tuple[str, ...] = ()  # the connections at which it is an interview of the ATS


@dataclass(frozen=True, slots=True)
class FeedbackPart:
    """What an outside tool has sent: (criterion, score, note)."""

    by: str
    tool: str
    at: datetime
    rating: str
    scores: tuple[tuple[str, str, str], ...]
    text: str


@dataclass(frozen=True, slots=True)
class InterviewsPart:
    """The interviews of an application. `may_ask`: a form asks for another."""

    rows: tuple[InterviewPart, ...] = ()
    feedback: tuple[FeedbackPart, ...] = ()
    may_edit: bool = False
    may_ask: bool = False
    panel: str = ""  # who may be on it: as a hint
    calendars: bool = False
    elsewhere: tuple[tuple[str, str], ...] = ()  # those of the ATS: what and when, as it says how they stand


@dataclass(frozen=True, slots=True)
class InterviewsPage:
    """Interviews to come, the next first, and those that have no time yet."""

    booked: tuple[InterviewPart, ...]
    waiting: tuple[InterviewPart, ...]
    calendars: bool
    may_set_up: bool
    proposed: int = 0


@dataclass(frozen=True, slots=True)
class AtsPart:
    """An ATS that takes interviews that are booked here. `effect`: what it may do besides; `missing`: the rights that
    its credential lacks."""

    name: str
    system: str
    on: bool
    effect: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetupPage:
    """Calendars and interviewers. `systems`: (name, label)."""

    standing: Standing
    systems: tuple[tuple[str, str], ...]
    people: tuple[Interviewer, ...]
    chosen: Interviewer | None
    zone: str
    ats: tuple[AtsPart, ...] = ()
    days: tuple[str, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

    @staticmethod
    def hours(one: Working) -> tuple[str, str]:
        return clock(one.begin), clock(one.end)
