"""Times in which something disturbed the way to a system, and whom they made late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .parts import Link


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A disturbance: `happened` says of the connection what it was ("was down"). `lasted` in words; `ended` is None
    while it lasts."""

    href: str
    connection: str
    happened: str
    began: datetime
    ended: datetime | None
    lasted: str
    why: str
    late: int
    left: int
    reads: int
    jobs: int = 0  # open requisitions that it touches


@dataclass(frozen=True, slots=True)
class Late:
    """A candidate whose changes waited: for which jobs (open ones first), and whether they wait still. `high`: one of
    the best of a job. `writes`: "1 move missed"."""

    name: str
    href: str
    jobs: tuple[Link, ...]
    waits: bool
    urgent: bool  # an open requisition is touched
    score: float | None = None
    high: bool = False
    writes: tuple[str, ...] = ()
    missed: bool = False


@dataclass(frozen=True, slots=True)
class IncidentPage:
    row: IncidentRow
    late: tuple[Late, ...]
    unnamed: int  # further families: jobs, and candidates who are gone
    high: int = 0  # of the best of their jobs
    moves: str = "none"
    messages: str = "none"
    values: str = "none"
