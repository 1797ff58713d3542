"""Erasures: what one will do, how far it is, its certificate, and who is due by a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .parts import Fact, State


@dataclass(frozen=True, slots=True)
class ErasePage:
    """What will happen to somebody who is erased. `word` is what must be typed."""

    candidate: str
    name: str
    word: str
    systems: tuple[Fact, ...]  # name: the system; value: what will be done; note: "by hand"
    backups: datetime | None


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """An erasure in the list. `left`: places that a person still has to see to."""

    id: str
    candidate: str
    asked_by: str
    begun: datetime
    ended: datetime | None
    left: int


@dataclass(frozen=True, slots=True)
class ErasurePage:
    """One erasure: every place with its outcome, once it is done. `facts`: who asked, when, the certificate's key."""

    row: ErasureRow
    state: State
    places: tuple[Fact, ...]  # note: "by hand" where it is left to a person
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ErasureList:
    """Erasures, the newest first. `rule`: by what rule people are erased, in words."""

    rows: tuple[ErasureRow, ...]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class DueRow:
    """Somebody who would be erased by the rule."""

    name: str
    href: str
    closed: datetime


@dataclass(frozen=True, slots=True)
class DuePage:
    """A rule of retention and who would be erased by it now. `in_force`: the rule that holds, in words; `same`: this is
    that rule; `may_set`: whether who looks may set it."""

    in_force: str
    on: bool
    same: bool
    months: int
    rejected: bool
    withdrawn: bool
    tags: str
    field: str
    count: int
    rows: tuple[DueRow, ...]
    may_set: bool
