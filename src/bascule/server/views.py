"""What the pages show, as plain frozen values: each template is given one of these and nothing else.

They hold words and numbers ready to be read, links as paths, and times as aware datetimes; no database row and no
vendor object reaches a template. `assemble` makes them from the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bascule.core.mapping import Difference
from bascule.model import EMPTY, Value
from bascule.office.alerts import Place, Told
from bascule.office.retention import Kept
from bascule.office.standing import Stand, Word

# ------------------------------------------------------------------------------------------------ shared pieces


class Tone(StrEnum):
    """A state's shape and colour; its words always stand beside it."""

    IN_STEP = "in-step"
    CATCHING_UP = "catching-up"
    WAITING = "waiting"  # for a person
    PAUSED = "paused"
    FAILING = "failing"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class State:
    """How something stands, in words. `since` and `why` where they help."""

    words: str
    tone: Tone = Tone.QUIET
    since: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Lag:
    """Seconds from "stored there" to "seen here and written back", over the last hour; None while nothing moved."""

    p50: float | None = None
    p95: float | None = None
    slowest: float | None = None


@dataclass(frozen=True, slots=True)
class Link:
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class NavItem:
    name: str
    href: str
    icon: str
    key: str
    count: int = 0
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class NavGroup:
    title: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class Flash:
    """What the last action did, shown once. `undo` posts `undo_fields` to that path."""

    words: str
    tone: Tone = Tone.IN_STEP
    next: str = ""
    undo: str = ""
    undo_fields: Mapping[str, str] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page."""

    user: str
    role: str
    nav: tuple[NavGroup, ...]
    path: str
    now: datetime
    csrf: str = ""
    theme: str = "auto"
    flash: Flash | None = None
    connections: tuple[tuple[str, str], ...] = ()  # name, label (simulator, vendor sandbox, live) of each


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list. `sort` is the query value that sorts by it ("" = cannot)."""

    title: str
    sort: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """Keyset paging: paths of the next and first page, the sort in force, and how many there are in all."""

    sort: str = ""
    descending: bool = False
    next: str = ""
    first: str = ""
    total: int | None = None
    query: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    export: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One value with its name; `why` is the path of its history."""

    name: str
    value: Value
    why: str = ""
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error a person can act on."""

    status: int
    what: str
    where: str = ""
    next: str = ""


# -------------------------------------------------------------------------------------------------- overview


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    name: str
    system: str
    label: str
    mode: str
    state: State
    lag: Lag
    backlog: int = 0
    failures: int = 0
    reviews: int = 0
    gaps: int = 0
    last_read: datetime | None = None
    stand: Stand = field(default_factory=lambda: Stand(Word.IN_STEP))

    @property
    def href(self) -> str:
        return f"/connections/{self.name}"


class Way(StrEnum):
    """Between whom something moved."""

    IN = "in"  # from the ATS to Bascule
    OUT = "out"  # from Bascule to the ATS
    HERE = "here"  # only in Bascule
    THERE = "there"  # only in the ATS: seen, not taken


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the live feed."""

    id: str
    at: datetime
    way: Way
    what: str
    who: str
    subject: str
    href: str
    connection: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person."""

    what: str
    subject: str
    href: str
    since: datetime
    tone: Tone = Tone.WAITING


@dataclass(frozen=True, slots=True)
class Overview:
    state: State
    candidates: int
    applications: int
    scored: int
    lag: Lag
    backlog: int
    failures: int
    reviews: int
    gaps: int
    connections: tuple[ConnectionRow, ...] = ()
    needs: tuple[Need, ...] = ()
    latest: tuple[Movement, ...] = ()
    tasks: int = 0
    overdue: int = 0
    audit_seal: State = State("Sealed", Tone.IN_STEP)


# ------------------------------------------------------------------------------------------------------ tasks


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One thing to do. `step` says what, `command` how from a terminal; `ends` is what a person says to end it by hand,
    "" where it ends with what it is about."""

    id: str
    kind: str
    what: str
    connection: str
    assignee: str
    since: datetime
    due: datetime
    state: State
    step: str
    command: str
    href: str
    count: int = 1
    ends: str = ""
    sleeps: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskList:
    """`open`, `overdue` and `escalated` count what matches, on whatever page."""

    rows: tuple[TaskRow, ...]
    open: int
    overdue: int
    escalated: int
    paging: Paging
    kinds: tuple[Choice, ...] = ()
    connections: tuple[Choice, ...] = ()
    people: tuple[Choice, ...] = ()  # who may be named, by id
    late: bool = False  # only overdue ones are shown
    every: bool = False  # sleeping ones too
    may: bool = False  # assign and put off
    ending: bool = False  # end by hand
    narrowed: bool = False


# ------------------------------------------------------------------------------------------------ connections


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """One right of our credential: needed by the mapping, granted by the system, or both."""

    name: str
    needed: bool
    granted: bool | None  # None: the system does not tell
    why: str = ""
    unavoidable: bool = False

    @property
    def finding(self) -> str:
        if self.granted is None:
            return "Not told"
        if self.needed:
            return "As needed" if self.granted else "Missing"
        return "Unavoidable excess" if self.unavoidable else "Excess"

    @property
    def tone(self) -> Tone:
        tones = {"Missing": Tone.FAILING, "Excess": Tone.WAITING, "As needed": Tone.IN_STEP}
        return tones.get(self.finding, Tone.QUIET)


@dataclass(frozen=True, slots=True)
class FeedRow:
    """How one or several lists are followed, and what is promised."""

    name: str
    by: str  # "webhook", "polling every 3 s" ...
    promised: str
    last: datetime | None
    note: str = ""
    measured: str = ""  # how soon changes were really here
    late: bool = False  # slower than promised


@dataclass(frozen=True, slots=True)
class BudgetRow:
    name: str
    limit: str
    used: float  # 0..1 of the current window
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class BackfillRow:
    kind: str
    state: State
    done: int
    of: int | None
    eta: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ParityRow:
    """One list at its last comparison. `differences`: (what, why, its page or ""). `done`: it has been compared."""

    name: str
    state: State
    done: bool = False
    theirs: int = 0
    ours: int = 0
    note: str = ""
    differences: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ModeStep:
    """One step of the mode ladder, with what stands in its way."""

    mode: str
    does: str
    current: bool
    blocked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """Writes of one call that wait."""

    call: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Waits:
    """What is to be written to a connection. `stopped`: who stopped its writes, since when and why, or "". `under_way`:
    how many are still being written to."""

    stopped: str = ""
    calls: tuple[WaitingCall, ...] = ()
    first: tuple[Link, ...] = ()
    under_way: int = 0

    @property
    def count(self) -> int:
        return sum(one.count for one in self.calls)


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    row: ConnectionRow
    vendor: str
    base_url: str
    owner: str
    modes: tuple[ModeStep, ...]
    hooks: State
    hook_url: str
    hook_setup: str
    hook_last: datetime | None
    hook_count: int
    scopes: tuple[ScopeRow, ...] = ()
    rights: State = State("Not known")
    waived: State | None = None
    told: bool = False  # by the system itself, so that nobody has to enter them
    entered: str = ""  # the rights a person has entered, one a line
    waivable: bool = False
    feeds: tuple[FeedRow, ...] = ()
    rhythms: tuple[tuple[str, str, str], ...] = ()  # list, interval and promise in seconds
    health: tuple[Fact, ...] = ()
    budgets: tuple[BudgetRow, ...] = ()
    backfills: tuple[BackfillRow, ...] = ()
    parity: State = State("Not compared yet")
    parities: tuple[ParityRow, ...] = ()
    facts: tuple[Fact, ...] = ()
    known: tuple[Fact, ...] = ()  # what is particular to the system and this account
    users: tuple[Link, ...] = ()  # who may be chosen as owner: (name, user id)
    paused: bool = False
    waits: Waits = field(default_factory=Waits)
    may_stop: bool = False
    policies: tuple[Choice, ...] = ()  # what follows when the system anonymises a person


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A time in which a system was down. `lasted` in words; `ended` is None while it lasts."""

    href: str
    connection: str
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
class AlertsPage:
    """`digests` are the choices, `digest` the one in force, `until` when that of the first weeks ends. `labels` say of
    what sort each connection is."""

    places: tuple[Place, ...]
    last: tuple[Told, ...]
    digests: tuple[tuple[str, str], ...]
    digest: str
    until: datetime | None
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IncidentPage:
    row: IncidentRow
    late: tuple[Late, ...]
    unnamed: int  # further families: jobs, and candidates who are gone
    high: int = 0  # of the best of their jobs
    moves: str = "none"
    messages: str = "none"
    values: str = "none"


# -------------------------------------------------------------------------------------------------- candidates


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


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the CV that a reason stands on."""

    text: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    words: str
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One named part of a score: `points` of at most `weight`."""

    name: str
    points: float
    weight: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    total: float | None
    at: datetime | None
    rubric: str
    rubric_href: str
    stale: bool = False
    state: State = State("Scored", Tone.IN_STEP)
    parts: tuple[ScorePart, ...] = ()
    skills: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()  # what the reader found and did not believe: hidden text, instructions ...
    written: State | None = None  # is it in the ATS?
    why: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    words: str
    current: bool = False


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


# ------------------------------------------------------------------------------------------------ erasure


@dataclass(frozen=True, slots=True)
class ErasePage:
    """What will happen to somebody who is erased. `word` is what must be typed."""

    candidate: str
    name: str
    word: str
    systems: tuple[Fact, ...]  # name: the system; value: what will be done; note: "by hand"
    backups: datetime | None


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """An erasure in the list. `left`: places that a person still has to see to."""

    id: str
    candidate: str
    asked_by: str
    begun: datetime
    ended: datetime | None
    left: int


@dataclass(frozen=True, slots=True)
class ErasurePage:
    """One erasure: every place with its outcome, once it is done. `facts`: who asked, when, the certificate's key."""

    row: ErasureRow
    state: State
    places: tuple[Fact, ...]  # note: "by hand" where it is left to a person
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ErasureList:
    """Erasures, the newest first. `rule`: by what rule people are erased, in words."""

    rows: tuple[ErasureRow, ...]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class DueRow:
    """Somebody who would be erased by the rule."""

    name: str
    href: str
    closed: datetime


@dataclass(frozen=True, slots=True)
class DuePage:
    """A rule of retention and who would be erased by it now. `in_force`: the rule that holds, in words; `same`: this is
    that rule; `may_set`: whether who looks may set it."""

    in_force: str
    on: bool
    same: bool
    months: int
    rejected: bool
    withdrawn: bool
    tags: str
    field: str
    count: int
    rows: tuple[DueRow, ...]
    may_set: bool


# ---------------------------------------------------------------------------------------------- timelines


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to a system and its answer."""

    method: str
    path: str
    status: int | None
    ms: float | None = None
    request_id: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """One value that moved."""

    field: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of a timeline. `there` is what happened in the ATS, `here` in Bascule; `way` draws the arrow.

    `changes` are the values that moved in this step, by one actor and for one cause.
    """

    id: str
    at: datetime
    way: Way
    field: str
    there: str = ""
    here: str = ""
    changes: tuple[Changed, ...] = ()
    actor: str = ""
    actor_kind: str = ""
    cause: str = ""
    cause_href: str = ""
    why: str = ""
    connection: str = ""
    exchange: Exchange | None = None
    payload: str = ""
    tone: Tone = Tone.QUIET
    thing: str = ""  # what it happened to, where that is not the candidate: "Note", "File", "Application" ...

    @property
    def head(self) -> str:
        """What moved, in a few words."""
        if self.thing in ("Note", "File") or not self.changes:
            return self.thing or self.field
        names = [one.field for one in self.changes]
        return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


@dataclass(frozen=True, slots=True)
class Timeline:
    """Why a value says what it says."""

    subject: str
    subject_href: str
    field: str
    label: str
    value: Value
    answer: str
    systems: tuple[str, ...]
    moments: tuple[Moment, ...]
    fields: tuple[Choice, ...] = ()
    base: str = ""
    next: str = ""
    whole: bool = False


# ---------------------------------------------------------------------------------------------------- jobs


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


# -------------------------------------------------------------------------------------------------- mapping


@dataclass(frozen=True, slots=True)
class MappingRow:
    kind: str
    canonical: str
    label: str
    ats: str
    type: str
    cls: str
    direction: str
    authority: str
    promised: str
    measured: str
    gaps: tuple[str, ...] = ()
    note: str = ""
    on: bool = True
    switch: str = ""  # "<kind>.<canonical>" of an output that the owner can switch off


@dataclass(frozen=True, slots=True)
class UnmappedRow:
    object: str
    field: str
    type: str
    why: str


@dataclass(frozen=True, slots=True)
class StageRow:
    """Stages of one name. `type` is what a person has said ("" = nobody yet), `proposed` what the name suggests."""

    name: str
    jobs: int
    type: str
    proposed: str = ""


@dataclass(frozen=True, slots=True)
class VersionRow:
    number: int
    at: datetime
    by: str
    why: str
    changed: tuple[Difference, ...] = ()
    current: bool = False


@dataclass(frozen=True, slots=True)
class MappingPage:
    connection: str
    system: str
    label: str
    version: str
    at: datetime | None
    rows: tuple[MappingRow, ...]
    unmapped: tuple[UnmappedRow, ...]
    gaps: int
    connections: tuple[str, ...] = ()
    stages: tuple[StageRow, ...] = ()
    types: tuple[str, ...] = ()  # that a stage may have
    kinds: tuple[str, ...] = ()  # in the order of the sections
    history: tuple[VersionRow, ...] = ()
    file: str = ""
    may: bool = False  # change it


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One value of a record that a mapping would change."""

    record: str
    kind: str
    name: str
    href: str
    field: str
    label: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a mapping would do: nothing has been changed. `text` or `version` is what would be applied; a `problem` says
    why the text cannot be."""

    differences: tuple[Difference, ...] = ()
    families: int = 0
    records: int = 0
    by_field: tuple[tuple[str, int], ...] = ()
    rows: tuple[EffectRow, ...] = ()
    unlike: tuple[tuple[str, int], ...] = ()
    ended: tuple[tuple[str, int], ...] = ()
    dropped: int = 0
    text: str = ""
    version: int = 0
    connection: str = ""
    label: str = ""
    problem: str = ""
    hint: str = ""


# ------------------------------------------------------------------------------------------ failures, reviews


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


@dataclass(frozen=True, slots=True)
class Alike:
    """One of the records that may be one person."""

    id: str
    name: str
    href: str
    facts: tuple[Fact, ...] = ()


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
    instead: str = ""  # why it cannot be decided here, and `ats` is where it can
    ats: str = ""
    system: str = ""


# ---------------------------------------------------------------------------------------------------- audit


@dataclass(frozen=True, slots=True)
class AuditRow:
    seq: int
    at: datetime
    action: str
    actor: str
    subject: str
    subject_href: str
    connection: str
    endpoint: str
    status: int | None
    fields: tuple[str, ...]
    version: str = ""
    digest: str = ""
    sealed: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuditList:
    rows: tuple[AuditRow, ...]
    paging: Paging
    actions: tuple[str, ...]
    seal: State
    total: int
    action: str = ""
    actor: str = ""
    candidate: str = ""
    since: str = ""
    until: str = ""
    verified: State | None = None
    toggle: str = ""  # the same list with, or without, pulls


# -------------------------------------------------------------------------------------------------- settings


@dataclass(frozen=True, slots=True)
class PersonRow:
    id: str
    name: str
    email: str
    role: str
    last_seen: datetime | None
    active: bool = True
    ats_user: str = ""
    you: bool = False


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: str
    name: str
    scopes: tuple[str, ...]
    made: datetime
    made_by: str
    last_used: datetime | None
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: str
    person: str
    since: datetime
    last_seen: datetime
    device: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class SettingsPage:
    people: tuple[PersonRow, ...]
    keys: tuple[KeyRow, ...]
    sessions: tuple[SessionRow, ...]
    roles: tuple[Choice, ...]
    scopes: tuple[Choice, ...]
    facts: tuple[Fact, ...] = ()
    secret: str = ""  # a new key or login link, shown once
    secret_for: str = ""
    ats_users: tuple[Choice, ...] = ()
    kept: tuple[Kept, ...] = ()  # what is in force, by kind


@dataclass(frozen=True, slots=True)
class Door:
    """The sign-in pages."""

    token: str = ""
    name: str = ""
    said: str = ""
    next: str = ""
