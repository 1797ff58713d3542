"""Screening: the form of an application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .parts import Fact, State


@dataclass(frozen=True, slots=True)
class ScreeningPart:
    """The form of one application; without `id` nobody was invited. `waits`: somebody has asked for a person or an
    adjustment, and nobody has dealt with it."""

    id: str = ""
    state: State | None = None
    link: str = ""
    until: datetime | None = None
    done: int = 0
    of: int = 0
    answers: tuple[Fact, ...] = ()
    files: tuple[tuple[str, str], ...] = ()  # name, path
    asked_for: str = ""
    waits: bool = False
    person_by: datetime | None = None
    notes_left: int = 0
    may_edit: bool = False
    may_invite: bool = True
    opted_out: bool = False
