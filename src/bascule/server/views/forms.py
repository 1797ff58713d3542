"""What screening forms say and ask, and how many are completed, as their owner sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from .parts import Choice, Fact


@dataclass(frozen=True, slots=True)
class RateRow:
    href: str
    title: str
    invited: int
    started: int
    completed: int
    opted_out: int
    expired: int
    completion: str  # a share in words, "" where nobody was invited


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    """A version; `text` by language."""

    version: int
    at: datetime
    by: str
    notice: date | None
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """What applicants could be told, by language, before anybody has confirmed it. `of`: what it was made from; `wrong`
    and `next`: why what somebody has written was not taken."""

    text: Mapping[str, str]
    of: tuple[Fact, ...] = ()
    notice: str = ""
    wrong: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class FormsPage:
    """All forms of the workspace."""

    rows: tuple[RateRow, ...]
    total: RateRow
    required: bool
    link_days: int
    person_days: int
    disclosures: tuple[DisclosureRow, ...]
    languages: tuple[tuple[str, str], ...]
    may_set: bool
    draft: Draft | None = None  # where nothing is told yet


@dataclass(frozen=True, slots=True)
class QuestionRow:
    id: str
    text: str
    kind: str
    own: bool
    asked: bool
    required: bool


@dataclass(frozen=True, slots=True)
class JobFormPage:
    """A job's form. `own_disclosure`: it has one of its own, else the workspace's holds."""

    id: str
    title: str
    rate: RateRow
    version: int
    questions: tuple[QuestionRow, ...]
    kinds: tuple[Choice, ...]
    disclosures: tuple[DisclosureRow, ...]
    own_disclosure: bool
    waits: str
    languages: tuple[tuple[str, str], ...]
    may_edit: bool
    draft: Draft | None = None  # where nothing is told yet, of all jobs either
