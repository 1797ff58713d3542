"""How scores stood to what people decided, as a page has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShareView:
    """A share in words, "0.62"; "" of none. `between` is its interval and of how many."""

    words: str
    between: str
    few: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures of some decisions, under a name."""

    name: str
    decided: int
    forward: int
    rejected: int
    hired: int
    unscored: int
    precision: ShareView
    false_positives: ShareView
    missed: ShareView
    order: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Remedied:
    """An entry of the remediation log with the measures before and after it."""

    at: datetime
    by: str
    version: int
    seen: str
    changed: str
    rows: tuple[Figures, Figures]


@dataclass(frozen=True, slots=True)
class OutcomesPage:
    """`id` is "" for the whole workspace."""

    id: str
    title: str
    all: Figures
    versions: tuple[Figures, ...]
    months: tuple[Figures, ...]
    jobs: tuple[Figures, ...]
    corrections: int
    log: tuple[Remedied, ...]
    version: int = 0
    may_edit: bool = False
    shortlists: Figures | None = None  # what hiring managers said on shortlists ...
    maybe: int = 0  # ... and of how many "maybe"
