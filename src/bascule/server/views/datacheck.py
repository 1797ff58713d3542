"""What a connection's data will cost: counts, lists, and what can be applied in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .parts import Fact, Paging


@dataclass(frozen=True, slots=True)
class CountRow:
    """One thing that was counted: how many of how many, and where they are listed."""

    what: str
    many: int
    of: int
    href: str = ""
    why: str = ""

    @property
    def share(self) -> str:
        """In per cent, as it would be said."""
        if not self.of or not self.many:
            return ""
        part = 100 * self.many / self.of
        return "under 1 %" if part < 1 else "over 99 %" if 99 < part < 100 else f"{part:.0f} %"


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """Something that can be applied in bulk: what it does, and the page that shows it before."""

    words: str
    effect: str
    many: int
    href: str
    button: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    id: str
    words: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class DataPage:
    name: str
    ready: bool
    checked: datetime | None = None
    going: bool = False
    looked_at: int = 0
    of: int = 0
    error: str = ""
    hours: str = ""  # of a person's work, in words
    figures: tuple[Fact, ...] = ()
    remedies: tuple[RemedyRow, ...] = ()
    people: tuple[CountRow, ...] = ()
    jobs: tuple[CountRow, ...] = ()
    custom: tuple[CountRow, ...] = ()
    minutes: tuple[Fact, ...] = ()
    assumed: tuple[Fact, ...] = ()
    batches: tuple[BatchRow, ...] = ()
    may: bool = False  # apply and take back, and check
    at: str = ""  # the path of this page


@dataclass(frozen=True, slots=True)
class FoundRow:
    """Somebody, or a job. `before` and `after`: what a remedy would change."""

    name: str
    href: str
    about: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class FindingPage:
    name: str
    title: str
    what: str
    total: int
    rows: tuple[FoundRow, ...]
    paging: Paging
    why: str = ""
    remedy: str = ""  # what is applied from this page
    button: str = ""
    effect: str = ""
    kept: int = 0  # so many are listed of more
    may: bool = False
    at: str = ""
