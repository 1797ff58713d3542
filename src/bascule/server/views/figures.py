"""The KPIs, the flow and the doctor, as their pages have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .parts import Tone


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a filter."""

    value: str
    words: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for, and what may be. `query` brings it back; `words` say the time."""

    jobs: tuple[Choice, ...]
    departments: tuple[Choice, ...]
    connections: tuple[Choice, ...]
    periods: tuple[Choice, ...]
    since: str
    until: str
    words: str
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """One week in a chart, on a field 100 wide and 40 high. `top` None: nothing that week; `part`: where the filled
    part of a bar begins; `few`: of so few that it says little."""

    x: float
    top: float | None
    part: float | None
    few: bool
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure week by week. `bars`, or else dots that a line joins (`lines`: its parts, without gaps); `goal`: the
    height of the target."""

    title: str
    bars: bool
    width: float
    marks: tuple[Mark, ...]
    lines: tuple[str, ...]
    top: str
    first: str
    last: str
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class WeekRow:
    week: str
    words: str
    of: str


@dataclass(frozen=True, slots=True)
class FigureView:
    """One figure. `value` "" where there is none, and `why`."""

    key: str
    title: str
    value: str
    sub: str
    why: str
    counts: str
    without: str
    baseline: str
    target: str
    chart: Chart | None
    weeks: tuple[WeekRow, ...]


@dataclass(frozen=True, slots=True)
class RateRow:
    name: str
    messages: int
    answered: int
    share: str


@dataclass(frozen=True, slots=True)
class TeamRow:
    department: str
    recruiters: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetField:
    name: str
    words: str
    unit: str
    value: str


@dataclass(frozen=True, slots=True)
class KpisPage:
    answer: str
    rest: str
    as_of: datetime
    filter: Filter
    counted: tuple[str, ...]  # what it is counted from, a sentence a connection
    empty: bool
    groups: tuple[tuple[str, str, tuple[FigureView, ...]], ...]  # heading, what is said of it, figures
    queue: str
    queue_sub: str
    rates: tuple[tuple[str, tuple[RateRow, ...]], ...]
    teams: tuple[TeamRow, ...]
    team_heads: tuple[str, ...]
    small_teams: int
    completion: str
    stated: str
    frozen: str
    targets: tuple[TargetField, ...]
    may_set: bool


@dataclass(frozen=True, slots=True)
class StepTrigger:
    name: str
    on: bool
    words: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """A stage. `volume` and `wait` are shares of the largest, of 100."""

    name: str
    type: str
    entered: int
    met: int
    volume: float
    stay: str
    stay_sub: str
    wait: float
    left: str
    stand: int
    now: str
    longest: bool
    baseline: str
    target: str
    triggers: tuple[StepTrigger, ...] = ()


@dataclass(frozen=True, slots=True)
class UnplacedRow:
    name: str
    on: bool
    why: str


@dataclass(frozen=True, slots=True)
class FlowPage:
    answer: str
    rest: str
    as_of: datetime
    filter: Filter
    counted: tuple[str, ...]  # what it is counted from, a sentence a connection
    steps: tuple[StepRow, ...]
    unplaced: tuple[UnplacedRow, ...]
    anywhere: tuple[StepTrigger, ...]
    all_jobs: bool
    empty: bool
    team: bool  # only the jobs on which the reader is named
    frozen: bool  # a baseline stands beside some step ...
    aims: bool  # ... or a target


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One thing that was looked at. `next`: a command; `connection`: whose set-up mends it too, "" for none."""

    tone: Tone
    state: str
    what: str
    next: str
    connection: str = ""


@dataclass(frozen=True, slots=True)
class DoctorPage:
    answer: str
    tone: Tone
    rows: tuple[FindingRow, ...]
