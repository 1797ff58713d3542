"""What waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .parts import Choice, Paging, State


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One thing to do. `step` says what; `ends` is what a person says to end it by hand, "" where it ends with what it
    is about."""

    id: str
    kind: str
    what: str
    connection: str
    assignee: str
    since: datetime
    due: datetime
    state: State
    step: str
    href: str
    count: int = 1
    ends: str = ""
    sleeps: datetime | None = None
    instead_of: str = ""  # who is away


@dataclass(frozen=True, slots=True)
class Away:
    """Who is away, until when, and who acts. `person` is a user's id."""

    person: str
    name: str
    deputy: str
    since: datetime
    until: datetime
    now: bool


@dataclass(frozen=True, slots=True)
class TaskList:
    """`open`, `overdue` and `escalated` count what matches, on whatever page."""

    rows: tuple[TaskRow, ...]
    open: int
    overdue: int
    escalated: int
    paging: Paging
    kinds: tuple[Choice, ...] = ()
    connections: tuple[Choice, ...] = ()
    people: tuple[Choice, ...] = ()  # who may be named, by id
    late: bool = False  # only overdue ones are shown
    every: bool = False  # sleeping ones too
    may: bool = False  # assign and put off
    ending: bool = False  # end by hand
    narrowed: bool = False
    away: tuple[Away, ...] = ()
