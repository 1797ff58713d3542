"""Shortlists of a job, as recruiters see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .parts import Choice, State


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody on a list, and what was said of them. `listed`: they are still on it."""

    href: str
    name: str
    answer: str
    comment: str
    at: datetime | None
    listed: bool


@dataclass(frozen=True, slots=True)
class ShortlistPart:
    id: str
    name: str
    by: str
    state: State
    created: datetime
    expires: datetime
    link: str
    code: bool
    redacted: bool
    done: int
    people: tuple[Answered, ...]
    mail: str = ""  # opens a letter with the link in one's own mail program


@dataclass(frozen=True, slots=True)
class ShortlistsPage:
    """The lists of a job, and whom a new one could show: (application, name, score)."""

    id: str
    title: str
    lists: tuple[ShortlistPart, ...]
    people: tuple[Choice, ...]
    may_edit: bool
    waiting: int = 0
