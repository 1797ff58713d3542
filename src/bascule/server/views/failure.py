"""Writes that will not succeed by themselves, grouped by what mends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .parts import Exchange, Fact, Paging, State


@dataclass(frozen=True, slots=True)
class FailureRow:
    id: str
    at: datetime
    connection: str
    what: str
    subject: str
    subject_href: str
    reason: str
    words: str
    tries: int
    kind: str = "write"  # or "event"

    @property
    def href(self) -> str:
        return f"/failures/{self.id}"


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Failures with the same reason at the same connection: one thing to mend."""

    reason: str
    connection: str
    count: int
    since: datetime
    what_to_do: str
    rows: tuple[FailureRow, ...]
    cls: str  # the class of reason


@dataclass(frozen=True, slots=True)
class FailureList:
    groups: tuple[FailureGroup, ...]
    total: int
    paging: Paging
    connection: str = ""
    connections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailurePage:
    row: FailureRow
    what_to_do: str
    fields: tuple[Fact, ...]
    tries: tuple[Exchange, ...]
    actor: str
    cause: str
    state: State
    sent: str = ""  # "3 times", where it was
    replayable: bool = True
    why: str = ""
    mendable: tuple[Fact, ...] = ()  # what a person can type; `why` names the value
