"""Who has waited too long for a person's decision, as a page has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .parts import Paging


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A job in which people wait; `longest` is in days."""

    id: str
    title: str
    many: int
    longest: int
    href: str


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """Somebody who waits. `days` since they applied."""

    candidate: str
    application: str
    name: str
    applied: datetime
    days: int
    seen: datetime | None


@dataclass(frozen=True, slots=True)
class UndecidedPage:
    """All jobs, or the people of one. `days` 0: nobody is told of anyone."""

    days: int
    total: int
    jobs: tuple[WaitingJob, ...]
    may_set: bool
    id: str = ""
    title: str = ""
    people: tuple[WaitingPerson, ...] = ()
    paging: Paging = field(default_factory=Paging)
