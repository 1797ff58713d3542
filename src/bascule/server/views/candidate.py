"""Candidates: the list, and one with applications, scores and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .enrichment import FoundPart
from .flow import MessageRow
from .interviews import InterviewsPart
from .parts import Choice, Fact, Need, Paging, State, Tone
from .screening import ScreeningPart
from .timeline import Moment

if TYPE_CHECKING:
    from .people import FilterForm, FoundPage


@dataclass(frozen=True, slots=True)
class CandidateRow:
    id: str
    name: str
    job: str
    job_id: str
    stage: str
    status: str
    score: float | None
    ai: str
    more: int  # further applications
    changed: datetime
    state: State | None = None  # only when not in step
    place: str = ""  # of the job

    @property
    def href(self) -> str:
        return f"/candidates/{self.id}"


@dataclass(frozen=True, slots=True)
class CandidateList:
    rows: tuple[CandidateRow, ...]
    paging: Paging
    q: str = ""
    total: int = 0
    found: FoundPage | None = None  # what the one box found, where something was asked for
    filters: FilterForm | None = None
    pairs: int = 0  # questions whether two are one person


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the CV that a reason stands on."""

    text: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """`skill`, or `start` and `end`: what a person would say is wrong in it; neither where nothing can be said."""

    words: str
    quotes: tuple[Quote, ...] = ()
    skill: str = ""
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One named part of a score: `points` of at most `weight`."""

    name: str
    points: float
    weight: float
    reasons: tuple[Reason, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Place or eligibility: what the job asks for, and what the person says of it."""

    words: str
    said: str
    tone: Tone
    quotes: tuple[Quote, ...] = ()
    lives: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What somebody has said is wrong in the score."""

    id: str
    words: str
    quote: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Score:
    total: float | None
    at: datetime | None
    rubric: str
    rubric_href: str
    stale: bool = False
    state: State = State("Scored", Tone.IN_STEP)
    parts: tuple[ScorePart, ...] = ()
    skills: tuple[tuple[str, str], ...] = ()  # id, label
    conditions: tuple[Condition, ...] = ()
    weighed: bool = False  # whether a person has given the conditions a weight
    gains: tuple[tuple[str, float], ...] = ()  # what would raise it, and by how many points
    corrected: tuple[Corrected, ...] = ()
    flags: tuple[str, ...] = ()  # what the reader found and did not believe: hidden text, instructions ...
    written: State | None = None  # is it in the ATS?
    why: str = ""
    explained: tuple[Reason, ...] = ()  # its reasons in the sentences of a language model ...
    explained_by: str = ""  # ... and which
    extracted: tuple[Reason, ...] = ()  # positions and skills that a language model has read in the CV ...
    extracted_by: str = ""  # ... and which


@dataclass(frozen=True, slots=True)
class Moves:
    """What the signed-in person may do with an application, and what it will do.

    `as_user` is the ATS user it is done as; without one `instead` says why and `ats` is where to do it.
    """

    stages: tuple[Choice, ...] = ()
    reasons: tuple[Choice, ...] = ()
    as_user: str = ""
    system: str = ""
    move_effect: str = ""
    reject_effect: str = ""
    instead: str = ""
    ats: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationPart:
    id: str
    job: str
    job_href: str
    stage: str
    status: str
    applied: datetime | None
    facts: tuple[Fact, ...]
    score: Score | None
    moves: Moves
    pending: State | None = None
    stage_why: str = ""
    place: str = ""  # of the job
    screening: ScreeningPart = field(default_factory=ScreeningPart)
    interviews: InterviewsPart = field(default_factory=InterviewsPart)


@dataclass(frozen=True, slots=True)
class NotePart:
    id: str
    author: str
    at: datetime
    body: str
    visibility: str
    origin: str
    by_machine: bool = False
    state: State | None = None
    removable: bool = True
    letter: bool = False  # of a message to the candidate, which is long and known


@dataclass(frozen=True, slots=True)
class Editable:
    """A contact field with its form value; sets are one element a line."""

    name: str
    label: str
    value: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """A record that was joined with this one."""

    id: str
    name: str
    by: str
    at: datetime
    undo: bool  # a merge made by a connected system cannot be undone there


@dataclass(frozen=True, slots=True)
class ReadValue:
    """A value that was read in a CV: `text[start:end]`, in the line `quote`. `sure`: per cent."""

    what: str
    value: str
    sure: int
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ResumePage:
    """What was read in the newest CV. `more`: skills that are not shown."""

    id: str
    name: str
    values: tuple[ReadValue, ...]
    more: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class CandidatePage:
    id: str
    name: str
    state: State
    contact: tuple[Fact, ...]
    editable: tuple[Editable, ...]
    tags: tuple[str, ...]
    tags_why: str
    applications: tuple[ApplicationPart, ...]
    notes: tuple[NotePart, ...]
    files: tuple[Fact, ...]
    links: tuple[Fact, ...]
    latest: tuple[Moment, ...] = ()
    reviews: tuple[Need, ...] = ()
    note_delay: str = ""  # "follows within 3 s"
    erased: bool = False
    may_erase: bool = False
    family: str = ""
    joined: tuple[Joined, ...] = ()
    base: str = ""  # what the editor saw, so that a later change is not overwritten
    found: FoundPart | None = None
    messages: tuple[MessageRow, ...] = ()
    cv_read: bool = False  # there is one that was read
