"""Jobs: the list, and one with its rubric and applicants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .parts import Fact, Paging


@dataclass(frozen=True, slots=True)
class JobRow:
    id: str
    title: str
    department: str
    status: str
    applicants: int
    scored: int
    unseen: int
    top: float | None
    newest: datetime | None
    stale: bool = False
    place: str = ""  # what tells it from another job with that title
    connection: str = ""  # only where there are several

    @property
    def href(self) -> str:
        return f"/jobs/{self.id}"


@dataclass(frozen=True, slots=True)
class JobList:
    rows: tuple[JobRow, ...]
    paging: Paging
    q: str = ""
    status: str = ""
    unseen: int = 0


@dataclass(frozen=True, slots=True)
class RubricPart:
    name: str
    weight: float
    wants: tuple[str, ...] = ()
    from_text: str = ""


@dataclass(frozen=True, slots=True)
class Rubric:
    version: str
    at: datetime | None
    parts: tuple[RubricPart, ...] = ()
    stale: int = 0  # scores of an older version
    earlier: tuple[Fact, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Applicant:
    rank: int | None
    application: str
    candidate: str
    name: str
    stage: str
    status: str
    score: float | None
    ai: str
    reason: str
    seen: bool
    applied: datetime | None
    top: bool = False
    stale: bool = False

    @property
    def href(self) -> str:
        return f"/candidates/{self.candidate}"


@dataclass(frozen=True, slots=True)
class JobPage:
    id: str
    title: str
    facts: tuple[Fact, ...]
    applicants: tuple[Applicant, ...]
    unseen: int
    rubric: Rubric | None
    paging: Paging
    description: str = ""
    stages: tuple[Fact, ...] = ()
    total: int = 0
    stage: str = ""
    place: str = ""
