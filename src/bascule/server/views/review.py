"""What a person has to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .parts import Choice, Fact, Paging, State


@dataclass(frozen=True, slots=True)
class ReviewRow:
    id: str
    kind: str
    what: str
    subject: str
    subject_href: str
    connection: str
    at: datetime
    state: str = "open"

    @property
    def href(self) -> str:
        return f"/review/{self.id}"


@dataclass(frozen=True, slots=True)
class ReviewList:
    rows: tuple[ReviewRow, ...]
    kinds: tuple[tuple[str, int], ...]
    paging: Paging
    kind: str = ""
    total: int = 0
    pairs: int = 0  # of them, whether two records are one person


@dataclass(frozen=True, slots=True)
class Answer:
    """One way to decide: the button, and what it will do."""

    value: str
    words: str
    effect: str
    primary: bool = False
    asks: str = ""  # label of a value the person must give
    danger: bool = False
    choice: str = ""  # the record that this answer means, where several may be meant
    options: tuple[Choice, ...] = ()  # of the value asked for, where it is one of these


@dataclass(frozen=True, slots=True)
class Alike:
    """One of the records that may be one person."""

    id: str
    name: str
    href: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that waits to be sent, and may be changed before; or one that came in."""

    to: str
    subject: str
    text: str
    open: bool  # to changes


@dataclass(frozen=True, slots=True)
class ReviewPage:
    row: ReviewRow
    question: str
    sides: tuple[Fact, ...]
    evidence: tuple[Fact, ...]
    answers: tuple[Answer, ...]
    actor: str
    decided: State | None = None
    why: str = ""
    next: str = ""
    alike: tuple[Alike, ...] = ()
    letter: Letter | None = None
    instead: str = ""  # why it cannot be decided here, and `ats` is where it can
    ats: str = ""
    system: str = ""
