"""People who were found: for a job, and by the one box; and one of them beside the job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .candidate import Condition, NotePart, ScorePart
from .parts import Choice, Fact, Link, Paging


@dataclass(frozen=True, slots=True)
class PastRow:
    """What became of an application of theirs."""

    job: str
    href: str
    stage: str
    outcome: str  # status, with the reason where there is one
    applied: datetime


@dataclass(frozen=True, slots=True)
class SaidRow:
    """Something asked for that they say, and where it stands."""

    asked: str
    label: str
    quote: str
    source: str


@dataclass(frozen=True, slots=True)
class FoundRow:
    id: str
    href: str
    name: str
    what: str  # title and employer
    contact: datetime
    reach: str
    reachable: bool
    last: PastRow | None
    more: int  # further applications
    notes: int
    alike: int  # per cent
    score: float | None = None
    state: str = ""  # why there is no score
    reason: str = ""
    fresh: bool = True
    looked_at: bool = False
    resume: bool = True
    by_name: bool = False
    said: tuple[SaidRow, ...] = ()


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The filters as they stand, and what can be chosen."""

    within: str = ""
    quiet: str = ""
    reached: str = ""
    outcome: str = ""
    reachable: bool = False
    place: str = ""
    stages: tuple[Choice, ...] = ()
    outcomes: tuple[Choice, ...] = ()
    any: bool = False


@dataclass(frozen=True, slots=True)
class FoundPage:
    """`left_out`: how many, by why. `loading`: how much of the index is there, "" once all of it is."""

    rows: tuple[FoundRow, ...]
    paging: Paging
    filters: FilterForm
    considered: int
    left_out: tuple[Fact, ...] = ()
    loading: str = ""
    # for a job
    job: str = ""
    title: str = ""
    reason: str = ""
    reading: int = 0
    unseen: int = 0
    here: int = 0
    unread: int = 0
    fetching: int | None = None
    may_fetch: bool = False
    # by the box
    q: str = ""
    like: str = ""
    like_id: str = ""
    asked: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Somebody beside a job: why they fit, what became of them, and what putting them on it would do."""

    job: str
    title: str
    id: str
    name: str
    row: FoundRow
    parts: tuple[ScorePart, ...]
    past: tuple[PastRow, ...]
    notes: tuple[NotePart, ...]
    contact: tuple[Fact, ...]
    may_put: bool
    system: str = ""
    why: str = ""
    hint: str = ""
    effect: str = ""
    as_user: str = ""
    ats: Link | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def href(self) -> str:
        return f"/candidates/{self.id}"
