"""Jobs: the list, and one with its rubric and applicants."""

from __future__ import annotations

from collections.abc import Mapping
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
    archived: bool = False
    normal_title: str = ""  # the title as it would be written everywhere, where somebody has had it normalised

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
    elsewhere: int = 0  # jobs that match what is searched for, of another status
    archived: bool = False  # whether any job is


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
    may_edit: bool = False
    unreadable: int = 0  # open applications whose CV could not be read
    only: str = ""  # "unreadable": those alone are listed
    ordered_by: str = ""  # the model that has a say in the order of the first few hundred


@dataclass(frozen=True, slots=True)
class AskedSkill:
    """A skill of a rubric; `set`: a person has set its importance."""

    id: str
    label: str
    importance: str
    set: bool
    quote: str


@dataclass(frozen=True, slots=True)
class AskedCondition:
    """Place or eligibility; `set`: a person has decided whether it is asked for, and what of it."""

    key: str
    asked: bool
    detail: str
    set: bool
    quote: str


@dataclass(frozen=True, slots=True)
class Weight:
    key: str
    name: str
    share: str
    usual: str


@dataclass(frozen=True, slots=True)
class RubricVersion:
    """An earlier or the present version, and what it asked for that the one before did not."""

    number: int
    at: datetime
    by: str
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RubricPage:
    """What a job asks for. Values are texts as the form has them; "" where people left it to the job's text, and
    then `of_text` says what the text gives."""

    id: str
    title: str
    version: int
    skills: tuple[AskedSkill, ...]
    years: str
    languages: str
    role: str
    shortlist: str
    low: str
    of_text: Mapping[str, str]
    conditions: tuple[AskedCondition, ...]
    weights: tuple[Weight, ...]
    versions: tuple[RubricVersion, ...]
    stale: int
    note: str
    may_edit: bool
    also: tuple[tuple[str, str], ...] = ()
    """Skills that the text speaks of besides, each with the words that say so, the likeliest first."""


@dataclass(frozen=True, slots=True)
class ProbedRow:
    """What came of one attribute; differences in points."""

    attribute: str
    how: str
    exact: bool
    pairs: int
    differ: int
    most: float
    mean: float
    broken: bool


@dataclass(frozen=True, slots=True)
class FairnessPage:
    """A job's fairness probe; without `taken` it has not been taken yet."""

    id: str
    title: str
    taken: bool = False
    resumes: int = 0
    rubric: int = 0
    broken: bool = False
    rows: tuple[ProbedRow, ...] = ()
    left: tuple[Fact, ...] = ()
