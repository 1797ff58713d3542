"""The nouns, as frozen values: what every other room speaks.

Nothing here reads a clock, a network or a database. A value is what JSON can carry, with tuples for lists; a set is a
tuple sorted by its folding. Times inside fields are ISO-8601 strings in UTC; times of our own are aware `datetime`s.
Identifiers of ours are UUIDv7 strings; a connected system's identifiers ("external") are strings in its own spelling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = "Scalar | tuple[Value, ...] | Mapping[str, Value]"
Fields: TypeAlias = Mapping[str, Value]
Json: TypeAlias = Any  # what json.loads returns: a vendor's raw object

T = TypeVar("T")

EMPTY: Mapping[Any, Any] = MappingProxyType({})


def replace(value: T, /, **changes: Any) -> T:
    """`dataclasses.replace` for the values of this module, in a fraction of the time: planning makes little else."""
    copy, setters = _slots(type(value))
    made = copy(value)
    for name, each in changes.items():
        if name not in setters:
            raise TypeError(f"{type(value).__name__} has no {name}, it has {', '.join(setters)}.")
        setters[name](made, each)
    return made


@cache
def _slots(cls: type[Any]) -> tuple[Callable[[Any], Any], dict[str, Callable[[Any, Any], None]]]:
    """(how one is copied, how each field is set) of a dataclass with slots; the copy is spelled out field by field, as
    `dataclasses` does with its own functions."""
    setters = {each.name: getattr(cls, each.name).__set__ for each in fields(cls)}
    names = {"cls": cls, "new": object.__new__, **{f"set_{name}": put for name, put in setters.items()}}
    lines = [f" set_{name}(made, value.{name})" for name in setters]
    exec("\n".join(["def copy(value):", " made = new(cls)", *lines, " return made"]), names)
    return names["copy"], setters


# ------------------------------------------------------------------------------------------------ kinds and fields


def plain(value: Value) -> Any:
    """A value as JSON has it."""
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return {key: plain(one) for key, one in value.items()} if isinstance(value, Mapping) else value


class Kind(StrEnum):
    """The canonical kinds of record."""

    CANDIDATE = "candidate"
    APPLICATION = "application"
    JOB = "job"
    STAGE = "stage"
    NOTE = "note"
    ATTACHMENT = "attachment"
    USER = "user"
    SOURCE = "source"
    REJECTION_REASON = "rejection_reason"
    OFFER = "offer"
    HIRE = "hire"
    INTERVIEW = "interview"
    SCORECARD = "scorecard"
    MESSAGE = "message"
    ACTIVITY = "activity"


class FieldType(StrEnum):
    """How a canonical field's value reads, and so how it is compared and shown."""

    TEXT = "text"
    LONG_TEXT = "long text"
    NUMBER = "number"
    BOOLEAN = "yes or no"
    TIME = "time"  # ISO-8601, UTC
    DATE = "date"  # ISO-8601
    CHOICE = "choice"  # one of a closed list of ours
    SET = "set"  # a tuple of text; order carries no meaning
    LIST = "list"  # a tuple of text; order carries meaning
    REFERENCE = "reference"  # the id of another record
    REFERENCES = "references"  # a tuple of ids of other records
    DOCUMENT = "document"  # a mapping, shown as it is


class FieldClass(StrEnum):
    """What a field is to the bridge (the mapping document's column of that name)."""

    SYNC = "sync"
    ENRICHMENT = "enrichment"
    AI_OUTPUT = "AI output"
    HOSTED = "hosted page"  # what applicants and hiring managers say on a page that Bascule hosts


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One canonical field: its type, its class, and what guards it.

    `contact` fields are never written by an AI actor. `personal` values are removed by erasure. A `secret` is a value
    that opens something by itself (a signed address): the newest is kept to be used; none enters the history, an answer
    or a page. `of` names the kind a reference points to.
    """

    name: str
    type: FieldType = FieldType.TEXT
    cls: FieldClass = FieldClass.SYNC
    contact: bool = False
    personal: bool = False
    secret: bool = False
    of: Kind | None = None
    choices: tuple[str, ...] = ()
    label: str = ""


class Status(StrEnum):
    """Where an application stands, apart from its stage."""

    ACTIVE = "active"
    HIRED = "hired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    """What people decided first about an application: a move beyond its job's first stage, or a rejection before."""

    FORWARD = "moved forward"
    REJECTED = "rejected"


class StageType(StrEnum):
    """Our ladder. Which stage has which type is said by the rules of the connection's mapping."""

    LEAD = "lead"
    APPLIED = "applied"
    SCREEN = "screen"
    ASSESS = "assess"
    INTERVIEW = "interview"
    OFFER = "offer"
    HIRED = "hired"


class Role(StrEnum):
    """The kinds of people who sign in to Bascule."""

    OWNER = "owner"
    RECRUITER = "recruiter"
    HIRING_MANAGER = "hiring manager"
    COMPLIANCE = "compliance"
    ADMINISTRATOR = "administrator"


class AiStatus(StrEnum):
    """The AI status of an application: a field Bascule owns and writes at once."""

    WAITING = "waiting"
    SCORED = "scored"
    UNREADABLE = "unreadable"
    NOT_SCORED = "not scored"  # switched off, opted out, or the job has no text
    REVIEWED = "reviewed"


class ScreeningStatus(StrEnum):
    """Where an application's screening form stands: a field Bascule owns and writes at once."""

    INVITED = "invited"
    STARTED = "started"
    COMPLETED = "completed"
    OPTED_OUT = "opted out"  # a person looks at the application, and no AI does
    EXPIRED = "expired"


def _specs(*specs: FieldSpec) -> Mapping[str, FieldSpec]:
    return MappingProxyType({spec.name: spec for spec in specs})


_T = FieldType
_AI = FieldClass.AI_OUTPUT
_HOSTED = FieldClass.HOSTED
_F = FieldSpec

FIELDS: Mapping[Kind, Mapping[str, FieldSpec]] = MappingProxyType(
    {
        Kind.CANDIDATE: _specs(
            _F("first_name", contact=True, personal=True),
            _F("last_name", contact=True, personal=True),
            _F("preferred_name", contact=True, personal=True),
            _F("emails", _T.SET, contact=True, personal=True),
            _F("phones", _T.SET, contact=True, personal=True),
            _F("links", _T.SET, contact=True, personal=True, label="web and social links"),
            _F("company", contact=True, personal=True, label="current employer (ATS)"),
            _F("title", contact=True, personal=True, label="current title (ATS)"),
            _F("location", cls=FieldClass.ENRICHMENT, contact=True, personal=True, label="location (found)"),
            _F("tags", _T.SET),
            _F("can_email", _T.BOOLEAN, label="may be e-mailed"),
            _F("private", _T.BOOLEAN, label="private candidate"),
            _F("consent", _T.DOCUMENT, label="consent and retention flags"),
            _F("created_at", _T.TIME),
            _F("custom", _T.DOCUMENT, label="the ATS's own custom fields"),
        ),
        Kind.APPLICATION: _specs(
            _F("job", _T.REFERENCE, of=Kind.JOB),
            _F("stage", _T.REFERENCE, of=Kind.STAGE),
            _F("status", _T.CHOICE, choices=tuple(Status)),
            _F("reason", _T.REFERENCE, of=Kind.REJECTION_REASON, label="rejection reason"),
            _F("source", _T.REFERENCE, of=Kind.SOURCE, label="source attribution"),
            _F("prospect", _T.BOOLEAN),
            _F("tags", _T.SET, label="tags on the application"),
            _F("recruiter", _T.REFERENCE, of=Kind.USER),
            _F("coordinator", _T.REFERENCE, of=Kind.USER),
            _F("applied_at", _T.TIME),
            _F("rejected_at", _T.TIME),
            _F("answers", _T.DOCUMENT, personal=True, label="screening answers"),
            _F("custom", _T.DOCUMENT, label="the ATS's own custom fields"),
            _F("match_score", _T.NUMBER, _AI, label="match score (0-100)"),
            _F("match_reasons", _T.LIST, _AI, personal=True, label="reasons"),
            _F("match_skills", _T.SET, _AI, label="canonical skills"),
            _F("experience_title", cls=_AI, personal=True, label="current title (from the CV)"),
            _F("experience_employer", cls=_AI, personal=True, label="current employer (from the CV)"),
            _F("experience_years", _T.NUMBER, _AI, label="total years of experience (from the CV)"),
            _F("ai_status", _T.CHOICE, _AI, choices=tuple(AiStatus), label="AI status"),
            _F("audit_reference", cls=_AI),
            _F("shortlist_link", cls=_AI),
            _F("top_ten", _T.BOOLEAN, _AI, label="top 10 % of the job"),
            _F("screening_status", _T.CHOICE, _HOSTED, choices=tuple(ScreeningStatus), label="screening"),
            _F("screening_answers", _T.DOCUMENT, _HOSTED, personal=True, label="answers on the screening form"),
            _F("manager_feedback", cls=_HOSTED, personal=True, label="feedback of hiring managers"),
            _F("tools", _T.DOCUMENT, _AI, personal=True, label="what AI tools say"),
        ),
        Kind.JOB: _specs(
            _F("title"),
            _F("requisition", label="requisition id"),
            _F("status", _T.CHOICE, choices=("open", "closed", "draft")),
            _F("department"),
            _F("offices", _T.SET),
            _F("description", _T.LONG_TEXT),
            _F("confidential", _T.BOOLEAN),
            _F("recruiters", _T.REFERENCES, of=Kind.USER),
            _F("hiring_managers", _T.REFERENCES, of=Kind.USER),
            _F("opened_at", _T.TIME),
            _F("closed_at", _T.TIME),
            _F("custom", _T.DOCUMENT),
            _F("normal_title", _T.TEXT, FieldClass.ENRICHMENT, label="title, normalised here"),
            _F("archived", _T.BOOLEAN, FieldClass.ENRICHMENT, label="archived here"),
        ),
        Kind.STAGE: _specs(
            _F("name"),
            _F("order", _T.NUMBER),
            _F("active", _T.BOOLEAN),
            _F("kind", label="the ATS's own kind of stage"),
            _F("type", _T.CHOICE, choices=tuple(StageType), label="stage type"),
        ),
        Kind.NOTE: _specs(
            _F("body", _T.LONG_TEXT, personal=True),
            _F("visibility", _T.CHOICE, choices=("admin", "private", "public")),
            _F("author", _T.REFERENCE, of=Kind.USER),
            _F("application", _T.REFERENCE, of=Kind.APPLICATION),
            _F("created_at", _T.TIME),
            _F("type"),
        ),
        Kind.ATTACHMENT: _specs(
            _F("filename", personal=True),
            _F("type", label="resume, cover letter or other"),
            _F("application", _T.REFERENCE, of=Kind.APPLICATION),
            _F("created_at", _T.TIME),
            _F("url", personal=True, secret=True, label="signed address at the ATS; it expires"),
            _F("file", personal=True, label="digest of the stored file"),
            _F("version", label="digest that is another one for another content, where the id is not"),
        ),
        Kind.USER: _specs(
            _F("name"),
            _F("email"),
            _F("active", _T.BOOLEAN),
            _F("admin", _T.BOOLEAN, label="site admin"),
        ),
        Kind.SOURCE: _specs(_F("name"), _F("strategy")),
        Kind.REJECTION_REASON: _specs(_F("name"), _F("type")),
        Kind.OFFER: _specs(
            _F("application", _T.REFERENCE, of=Kind.APPLICATION),
            _F("status"),
            _F("version", _T.NUMBER),
            _F("starts_on", _T.DATE),
            _F("sent_on", _T.DATE),
            _F("resolved_at", _T.TIME),
            _F("created_at", _T.TIME),
        ),
        Kind.HIRE: _specs(
            _F("application", _T.REFERENCE, of=Kind.APPLICATION),
            _F("job", _T.REFERENCE, of=Kind.JOB),
            _F("hired_at", _T.TIME),
            _F("starts_on", _T.DATE),
        ),
        Kind.INTERVIEW: _specs(
            _F("application", _T.REFERENCE, of=Kind.APPLICATION),
            _F("name"),
            _F("status"),
            _F("starts_at", _T.TIME),
            _F("ends_at", _T.TIME),
            _F("place"),
            _F("interviewers", _T.REFERENCES, of=Kind.USER),
            _F("created_at", _T.TIME),
        ),
        Kind.SCORECARD: _specs(
            _F("application", _T.REFERENCE, of=Kind.APPLICATION),
            _F("interviewer", _T.REFERENCE, of=Kind.USER),
            _F("rating"),
            _F("status"),
            _F("submitted_at", _T.TIME),
            _F("notes", _T.LONG_TEXT, personal=True),
        ),
        Kind.MESSAGE: _specs(
            _F("subject", personal=True),
            _F("body", _T.LONG_TEXT, personal=True),
            _F("channel"),
            _F("created_at", _T.TIME),
        ),
        Kind.ACTIVITY: _specs(
            _F("body", _T.LONG_TEXT, personal=True),
            _F("type"),
            _F("created_at", _T.TIME),
        ),
    }
)

TOOL_FIELDS: Mapping[str, FieldSpec] = _specs(
    _F("score", _T.NUMBER, _AI, label="score (0-100)"),
    _F("reasons", _T.LIST, _AI, personal=True, label="reasons"),
    _F("skills", _T.SET, _AI, label="skills"),
    _F("status", cls=_AI, personal=True, label="status"),
)
"""What an AI tool says of an application, each tool in fields of its own: `tools.<tool>.<name>`."""

ROOT_OF: Mapping[Kind, Kind] = MappingProxyType(
    {
        Kind.STAGE: Kind.JOB,
        **dict.fromkeys(
            (
                Kind.APPLICATION,
                Kind.NOTE,
                Kind.ATTACHMENT,
                Kind.OFFER,
                Kind.HIRE,
                Kind.INTERVIEW,
                Kind.SCORECARD,
                Kind.MESSAGE,
                Kind.ACTIVITY,
            ),
            Kind.CANDIDATE,
        ),
    }
)
"""A child kind's family root. Kinds not named here (candidate, job, user, source, rejection reason) are roots."""

PARENT_OF: Mapping[Kind, Kind] = MappingProxyType(
    {
        Kind.STAGE: Kind.JOB,
        Kind.APPLICATION: Kind.CANDIDATE,
        Kind.NOTE: Kind.CANDIDATE,
        Kind.ATTACHMENT: Kind.CANDIDATE,
        Kind.MESSAGE: Kind.CANDIDATE,
        Kind.ACTIVITY: Kind.CANDIDATE,
        Kind.OFFER: Kind.APPLICATION,
        Kind.HIRE: Kind.APPLICATION,
        Kind.INTERVIEW: Kind.APPLICATION,
        Kind.SCORECARD: Kind.APPLICATION,
    }
)
"""The kind of a child's parent: what `Part.parent` is an external id of, and `Record.parent` a record of."""

SCHEDULED, CANCELLED = "scheduled", "cancelled"
"""The status of an interview that was booked here; one of an ATS has that system's own word."""

COPIED_KINDS = frozenset({Kind.NOTE, Kind.ATTACHMENT, Kind.MESSAGE, Kind.ACTIVITY})
"""Kinds that are copied outward from their origin only and are never merged field by field."""


def is_secret(kind: Kind, name: str) -> bool:
    """Whether a field's value must not leave the record: no history, no answer, no page."""
    spec = FIELDS[kind].get(name)
    return spec is not None and spec.secret


def field_spec(kind: Kind, name: str) -> FieldSpec:
    """The spec of a canonical field; `custom.<key>` reads as text of the custom document, `tools.<tool>.<name>` as what
    that AI tool says. KeyError if unknown."""
    head, _, rest = name.partition(".")
    spec = FIELDS[kind][head]
    if head == "tools" and rest:
        tool, _, what = rest.rpartition(".")
        spec = TOOL_FIELDS[what]
        return replace(spec, name=name, label=f"{tool}: {spec.label}")
    return FieldSpec(name, FieldType.TEXT, spec.cls) if rest else spec


def tool_field(tool: str, name: str) -> str:
    """The canonical field that holds what a tool says under this name."""
    return f"tools.{tool}.{name}"


# -------------------------------------------------------------------------------------------- who, why and how sure


class ActorKind(StrEnum):
    PERSON = "person"
    AI = "ai"
    RULE = "rule"
    SYSTEM = "system"  # somebody or something in a connected system
    BASCULE = "bascule"  # the engine itself: baselines, landings, settlements


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. `id` is ours (user id, rule name, connection id); `name` is what a page shows."""

    kind: ActorKind
    id: str = ""
    name: str = ""


BASCULE = Actor(ActorKind.BASCULE, "", "Bascule")
COMMAND_LINE = "command line"  # the id of who gives commands on this machine: no user, and nobody's owner
AI = Actor(ActorKind.AI, "match", "Bascule match")
_ENRICHES = "enrichment:"


def enricher(source: str, name: str) -> Actor:
    """Whoever enters what a source knows of a person: fills gaps, adds beside, and else proposes."""
    return Actor(ActorKind.RULE, f"{_ENRICHES}{source}", name)


def enriches(actor: Actor) -> bool:
    """Whether this is such an actor."""
    return actor.kind is ActorKind.RULE and actor.id.startswith(_ENRICHES)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record's value came from. `origin` is a connection's id, or "ours"."""

    origin: str
    actor: Actor
    cause: str  # id of the read, edit, review decision or rule version
    at: datetime


OURS = "ours"


# ------------------------------------------------------------------------------------------------------- a family


class RecordState(StrEnum):
    LIVE = "live"
    DELETED = "deleted"
    MERGED = "merged"  # into `merged_into`, which stays an alias for ever
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Record:
    """One canonical thing. `parent` is a record of its family; `origin` the connection it was met at, or "ours"."""

    id: str
    workspace: str
    kind: Kind
    family: str
    parent: str | None
    fields: Fields
    sources: Mapping[str, Source]
    origin: str
    born: datetime
    state: RecordState = RecordState.LIVE
    merged_into: str | None = None
    frozen: frozenset[str] = frozenset()  # fields that came back too often: no outbound writes until a person looks


class Divergence(StrEnum):
    """Why a settled pair may differ for ever."""

    ADOPTED = "adopted"
    ALTERED = "altered"
    FOLDED = "folded"
    CANNOT = "cannot"
    REFUSED = "refused"
    FROZEN = "frozen"
    CONFLICT = "conflict"
    DRIFT = "drift"
    DEAD = "dead"  # a failure a person can replay


@dataclass(frozen=True, slots=True)
class Awaiting:
    """An answer that did not carry the field: the first read behind the fence settles it. Digests, never values."""

    before: str
    sent: str
    attempt: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Per link and vendor field: what they held and what we would have written, when the two were last settled.

    Both are in that system's own terms. `has_ours` is False while nothing was ever rendered (an `out` field met for
    the first time), so that the first value is due.
    """

    theirs: Value
    ours: Value
    has_ours: bool = True
    divergence: Divergence | None = None
    shown: int = 0  # number of the last read that showed this field
    fence: datetime | None = None  # reads started before this are no evidence
    awaiting: Awaiting | None = None
    resent: int = 0  # times the old value came back after an accepted write
    previous: Value = None  # what `theirs` was before its last change ...
    previous_until: datetime | None = None  # ... and until when a read may still show it from a lagging replica
    drift: tuple[datetime, ...] = ()  # foreign edits on an `out` field, repaired at most three times a day
    gap: bool = False  # the seen value is one nobody can parse: neither taken nor written
    held: bool = False  # a review item owns it: neither side moves
    of: str = ""  # the list that showed it last ...
    missed: int = 0  # ... and how often that list has shown the object without it since
    failed: Value = None  # what `ours` of a list was before a failure: what a replay would still change begins there


class LinkState(StrEnum):
    LIVE = "live"
    UNSEEN = "unseen"  # a 404 or missing row: probed again, then shown; never gone
    DELETED = "deleted"
    MERGED = "merged"
    ANONYMISED = "anonymised"
    ERASED = "erased"


GONE = frozenset({LinkState.DELETED, LinkState.MERGED, LinkState.ANONYMISED, LinkState.ERASED})


@dataclass(frozen=True, slots=True)
class Link:
    """(connection, kind, external id) -> record. `last_read` is the number of the newest read applied to it."""

    id: str
    connection: str
    kind: Kind
    external: str
    record: str
    primary: bool = True
    state: LinkState = LinkState.LIVE
    pairs: Mapping[str, Pair] = field(default_factory=lambda: EMPTY)
    last_read: int = 0
    read_at: datetime | None = None  # when that read was started
    missing: tuple[int, ...] = ()  # numbers of reads of its complete collection that lacked it
    missing_since: datetime | None = None
    into: str | None = None  # external id it was merged into
    parent: str | None = None  # external id of the parent object at that system
    created: bool = False  # made by a create of ours: all that we hold is due there, also what the call did not carry
    version: str = ""  # the newest version (the system's own time) that a read has shown of it

    @property
    def open(self) -> bool:
        return self.state in (LinkState.LIVE, LinkState.UNSEEN)


class AttemptState(StrEnum):
    OPEN = "open"  # durable before sending; no outcome known
    LOST = "lost"  # no answer: looked for behind `until`


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call that was, or is about to be, sent. Digests of each field's normal form, never values."""

    id: str
    write: str
    connection: str
    record: str
    link: str | None  # None for a create
    call: str
    fields: Mapping[str, str]  # vendor field -> digest of what was sent
    before: Mapping[str, str]  # vendor field -> digest of what was there
    elements: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]  # set field -> digests (added, removed)
    marker: str
    epoch: int
    at: datetime
    state: AttemptState = AttemptState.OPEN
    until: datetime | None = None  # behind this a read is evidence
    spent: frozenset[str] = frozenset()  # fields a read has settled; remembered until `late`, lest it land after all
    accepted: bool = False  # the system has said that it makes the object, and not yet which it is
    removed: bool = False  # meanwhile one of its kind that nobody here has met was removed there: perhaps what it made


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of a record's field: the history, and what freezes a ping-pong."""

    record: str
    field: str
    old: Value
    new: Value
    origin: str
    actor: Actor
    cause: str
    at: datetime


class WriteState(StrEnum):
    DUE = "due"
    WAITING = "waiting"  # for a parent not yet linked there
    HELD = "held"  # shadow mode, consent, or a gate; `why` says which
    SENT = "sent"  # an attempt is open
    DONE = "done"
    MOOT = "moot"  # found no difference when it was to be sent
    DEAD = "dead"  # a failure: kept, explained, replayable
    DISCARDED = "discarded"  # by a person, with a reason


class Reason(StrEnum):
    """Why a write is a failure, by what mends it."""

    MAPPING = "mapping"  # the system does not know a field, option or stage that the mapping names
    VALUE = "value"  # it refuses this very value
    PERMISSION = "permission"
    GONE = "gone"  # what it was for is not there any more
    CONFLICT = "conflict"  # the other side has moved, or more than one object claims to be it
    VENDOR = "vendor error"  # an error of its own, or no answer, after every retry


OPEN_WRITES = frozenset({WriteState.DUE, WriteState.WAITING, WriteState.HELD, WriteState.SENT})


@dataclass(frozen=True, slots=True)
class Write:
    """(link or creation, one vendor call, actor): names fields, never values; rendered when it is sent.

    At most one is open per `key`. `link` is None for a creation of `record` at `connection`.
    """

    id: str
    connection: str
    record: str
    link: str | None
    call: str
    fields: frozenset[str]
    actor: Actor
    cause: str
    at: datetime
    state: WriteState = WriteState.DUE
    waits_for: tuple[tuple[str, str], ...] = ()  # (kind, record id) not yet linked at the connection
    tries: int = 0
    why: str = ""  # why it waits; of a dead one the system's own words
    reason: Reason | None = None  # of a dead one
    given_up: str = ""  # of a discarded one: a person's reason
    approved: str = ""  # digest of what a person approved; lapses when it changes
    closed: datetime | None = None

    @property
    def key(self) -> str:
        """Depends only on (link or creation, call, actor kind and id)."""
        to = self.link or f"new:{self.record}"
        return f"{self.connection}|{to}|{self.call}|{self.actor.kind}:{self.actor.id}"


class ReviewKind(StrEnum):
    PROPOSAL = "proposal"  # a change that needs a person before it enters the record
    CONFLICT = "conflict"  # both sides changed, or an answer nobody expected
    IDENTITY = "identity"  # may be somebody we know
    MERGE = "merge"
    DUPLICATE = "duplicate"  # one record, two objects at one system
    HELD_WRITE = "held write"
    FROZEN = "frozen"  # a field that keeps coming back
    REFUSED = "refused"  # the system accepted a value and does not keep it
    LOST_CREATE = "lost create"
    GONE = "gone"  # an object is gone, or came back
    VISIBILITY = "visibility lost"
    BULK = "bulk change"
    GAP = "mapping gap"
    MESSAGE = "candidate message"  # may it leave?
    REPLY = "reply"  # what a candidate has answered, and somebody has to act on
    SHORTLIST = "shortlist"  # should a hiring manager see them?
    FEEDBACK = "feedback"  # what an interviewer has written: is it about this interview?


class ReviewState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Review:
    """Something that waits for a person. `about` identifies it, so that the same thing is asked once."""

    id: str
    kind: ReviewKind
    record: str | None
    connection: str | None
    field: str
    about: str
    detail: Fields  # base, proposed, seen, evidence: what a person needs to decide
    actor: Actor
    at: datetime
    state: ReviewState = ReviewState.OPEN
    decided_by: Actor | None = None
    decided_at: datetime | None = None
    answer: str = ""


class HistoryKind(StrEnum):
    CHANGED = "changed"  # the record's value moved
    SEEN = "seen, not taken"  # a value a system showed that did not become the record's
    LOST = "lost the conflict"
    ADOPTED = "met at first meeting"
    LANDED_LATE = "our own write, landing late"
    DRIFT = "drift"
    WRITTEN = "written"
    REFUSED = "refused"
    GONE = "gone"
    MERGED = "merged"
    BOUND = "bound"


@dataclass(frozen=True, slots=True)
class History:
    """One line of a record's timeline. Every value a read has shown is in the record, a review item, or here."""

    record: str
    kind: HistoryKind
    field: str
    old: Value
    new: Value
    connection: str | None
    actor: Actor
    cause: str
    at: datetime
    why: str = ""


class FamilyState(StrEnum):
    LIVE = "live"
    ERASING = "erasing"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Family:
    """The unit of planning and of commit: compare-and-set on `rev`.

    `writes` holds the open ones and those closed as failures; `reviews` the open ones; `transitions` the last hour's.
    `salt` salts digests and dies with the person.
    """

    id: str
    workspace: str
    kind: Kind  # of the root
    rev: int
    salt: str
    records: Mapping[str, Record] = field(default_factory=lambda: dict[str, Record]())
    links: Mapping[str, Link] = field(default_factory=lambda: dict[str, Link]())  # by link id
    attempts: Mapping[str, Attempt] = field(default_factory=lambda: dict[str, Attempt]())
    writes: Mapping[str, Write] = field(default_factory=lambda: dict[str, Write]())
    reviews: Mapping[str, Review] = field(default_factory=lambda: dict[str, Review]())
    transitions: tuple[Transition, ...] = ()
    state: FamilyState = FamilyState.LIVE

    def link_of(self, record: str, connection: str) -> Link | None:
        """The open primary link of a record at a connection."""
        for link in self.links.values():
            if link.record == record and link.connection == connection and link.primary and link.open:
                return link
        return None

    def link_at(self, connection: str, kind: Kind, external: str) -> Link | None:
        for link in self.links.values():
            if link.connection == connection and link.kind == kind and link.external == external:
                return link
        return None

    def home_of(self, link: Link) -> str | None:
        """External id of the root object that a link's object hangs on there: by the parents that reads have shown,
        else that of the root's primary link. A person may have several objects at one system."""
        at = link
        while at.kind != self.kind:
            above = PARENT_OF.get(at.kind)
            up = self.link_at(at.connection, above, at.parent) if above is not None and at.parent is not None else None
            if up is None or not up.open:
                root = self.link_of(self.root.id, at.connection)
                return root.external if root is not None else None
            at = up
        return at.external

    def children(self, record: str, kind: Kind) -> tuple[Record, ...]:
        return tuple(r for r in self.records.values() if r.parent == record and r.kind == kind)

    def lives_on_as(self, record: str) -> tuple[str, ...]:
        """A record, and all that it was merged into, one after the other."""
        into = self.records[record].merged_into
        return (record, *self.lives_on_as(into)) if into is not None and into in self.records else (record,)

    def survivor(self, record: str) -> str:
        """The record that this one lives on as: itself, or at the end of all its merges."""
        return self.lives_on_as(record)[-1]

    @property
    def root(self) -> Record:
        """The family's root record (the survivor, where records were merged)."""
        return next(
            r
            for r in self.records.values()
            if r.kind == self.kind and r.parent is None and r.state is not RecordState.MERGED
        )


# ------------------------------------------------------------------------------------------- what comes from outside


class Presence(StrEnum):
    """What a read or an event says about an object's existence."""

    HERE = "here"
    ABSENT = "absent"  # 404 or a missing row: `unseen`, no evidence
    DELETED = "deleted"
    MERGED = "merged"  # into Part.into
    ANONYMISED = "anonymised"
    HIDDEN = "hidden"  # the system says it exists and is not shown to us


@dataclass(frozen=True, slots=True)
class Part:
    """What one vendor object says about one record.

    A field in `seen` was shown; None or () there is "shown empty"; a field not in `seen` is unseen and never
    compared. `parent` and references are external ids at the same connection. `version` may only drop a read.
    """

    kind: Kind
    external: str
    seen: Fields = field(default_factory=lambda: EMPTY)
    parent: str | None = None
    presence: Presence = Presence.HERE
    into: str | None = None
    marker: str = ""
    marker_shown: bool = False  # could this read have shown the marker?
    version: str = ""  # the system's own time of its last change, where it shows one
    of: str = ""  # the list that showed it
    raw: Json = None
    via: tuple[Kind, str] | None = None  # what it hangs on besides, where it does not say whose child it is


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection this read showed whole: all `kind` children of the object `parent_kind`/`parent`."""

    parent_kind: Kind
    parent: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request to a system and how it ended, as the audit keeps it: its endpoint without ids, 0 for no answer."""

    endpoint: str
    status: int
    ms: int
    request: str = ""  # what the system itself calls it


@dataclass(frozen=True, slots=True)
class Read:
    """One answer of a system, numbered from the store's sequence before it was asked for."""

    id: str
    number: int
    connection: str
    started: datetime
    parts: tuple[Part, ...]
    complete: tuple[Collection, ...] = ()
    event: bool = False  # a signed event that carries what no read can give (deleted, merged, anonymised)
    asked: Mapping[Kind, Exchange] = field(
        default_factory=lambda: EMPTY
    )  # the request that showed what there is of a kind
    sought: frozenset[Kind] = frozenset()  # of which it was asked by id to show all; a list's page seeks none


@dataclass(frozen=True, slots=True)
class Edit:
    """A change by a person, the AI or a rule; `create` makes a child record of that kind under `record`.

    `base` is what the editor saw; a field that has moved since makes the edit a ConflictError. `propose`: it does not
    enter, whoever asks for it; a person who may decide it is asked.
    """

    id: str
    record: str
    fields: Fields
    actor: Actor
    cause: str
    base: Fields | None = None
    create: Kind | None = None
    remove: bool = False  # delete this child record (a note, an attachment) outward too
    propose: bool = False


@dataclass(frozen=True, slots=True)
class FoundValue:
    """One value that a source knows of a candidate, and how it knows.

    `source` is "resume" or a provider's name. `confidence` is 0 to 1. `seen`: the day as of which the source knew it
    ("2026-11-20", "" where it does not say). `reference`: the file of the CV, or the provider's id of the person.
    `quote`: the words of the CV; "" for a provider.
    """

    id: str
    record: str
    field: str
    value: str
    source: str
    confidence: float
    seen: str
    at: datetime
    reference: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Want:
    """Read this again: not before `after`."""

    connection: str
    kind: Kind
    external: str
    after: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A value, stage or field of a system that the mapping does not know."""

    connection: str
    kind: Kind
    field: str
    value: str
    record: str | None = None


# -------------------------------------------------------------------------------------------------- connections


class Mode(StrEnum):
    OBSERVE = "observe"  # read only
    LISTEN = "listen"  # and hooks
    SHADOW = "shadow"  # writes planned and shown, not sent
    LIVE = "live"


class Label(StrEnum):
    """What stands at the other end. Shown wherever the connection is named."""

    SIMULATOR = "simulator"
    VENDOR_SANDBOX = "vendor sandbox"
    LIVE = "live"

    @property
    def words(self) -> str:
        """For people, beside a mode that is called live too."""
        return "live account" if self is Label.LIVE else str(self)


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    BOTH = "both"


class Authority(StrEnum):
    """Who wins when both sides changed. `ours` is allowed only for fields Bascule created."""

    ATS = "ats"
    OURS = "ours"
    LATEST = "latest"
    REVIEW = "review"


# ---------------------------------------------------------------------------------------------- outcomes of a call


class OutcomeKind(StrEnum):
    ANSWERED = "answered"  # 2xx; `seen` holds the fields the answer carried, if any
    REFUSED = "refused"  # for good
    UNANSWERED = "unanswered"  # no answer: it may have landed
    NOT_SENT = "not sent"  # 429, 5xx that is known not to act, connection refused: send again later
    GUARDED = "guarded"  # the system's own guard said the object has moved
    ABSENT = "absent"  # the target does not exist there


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended."""

    kind: OutcomeKind
    seen: Fields = field(default_factory=lambda: EMPTY)
    external: str | None = None  # id of a created object, where the answer named it
    along: Fields = field(default_factory=lambda: EMPTY)  # of the child that was created with it: "external", fields
    gone: bool = False  # the object is not there any more after this call
    words: str = ""
    status: int = 0
    at: datetime | None = None
    started: datetime | None = None
    reason: Reason = Reason.VENDOR  # of what was refused


# -------------------------------------------------------------------------------------- a connection's mapping


@dataclass(frozen=True, slots=True)
class Unmappable:
    """`parse` could not read a value: a gap. The field is neither taken nor written until the mapping knows it."""

    value: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Waits:
    """`render` needs the external id of a record that has no link at that connection yet."""

    kind: Kind
    record: str


@dataclass(frozen=True, slots=True)
class Refs:
    """External ids of the records a family refers to (jobs, stages, users ...), at every connection, both ways.

    Loaded by the engine before planning; `external` is keyed (connection, record id), `record` (connection, kind,
    external id). `records` holds those referred records themselves (a job's title for a candidate-level field).
    """

    external: Mapping[tuple[str, str], str] = field(default_factory=lambda: EMPTY)
    record: Mapping[tuple[str, Kind, str], str] = field(default_factory=lambda: EMPTY)
    records: Mapping[str, Record] = field(default_factory=lambda: EMPTY)


def _same(value: Value) -> Value:
    return value


def _folded(element: str) -> str:
    return element.strip().casefold()


@dataclass(frozen=True, slots=True)
class FieldMap:
    """One vendor field of one kind at one connection, and the canonical fields behind it.

    `render` gives the vendor's value of our record (or says what it waits for); `parse` gives the canonical fields of
    a seen value, and keeps the record's own value where that already renders to what was seen. `normal` is the form
    in which two vendor values are compared; `fold` the same for one element of a set. `call` names the vendor call
    that writes the field ("" when none can). A set is written element by element unless `whole` (the call replaces
    the list, so it reads, applies the changes and writes in one turn). `closed`: where the system takes the field only
    at some points of the object's way, why not now ("" when it does), by our record and by what is held there under the
    vendor's names; its write is held for that reason, and due when it is over. All fields of a call share it.
    `opt_in`: this field, the others of its call and what a creation carries of it go out only where the owner has
    chosen so; until then they are read.
    """

    kind: Kind
    name: str  # the vendor's field, as in Part.seen; "custom.<name_key>" for custom fields
    canonical: tuple[str, ...]
    render: Callable[[Record, Family, Refs], Value | Waits]
    parse: Callable[[Value, Record, Refs], Fields | Unmappable]
    direction: Direction = Direction.BOTH
    authority: Authority = Authority.ATS
    call: str = ""
    is_set: bool = False
    whole: bool = False
    single: bool = False  # of a set: the system holds one element
    normal: Callable[[Value], Value] = _same
    fold: Callable[[str], str] = _folded
    closed: Callable[[Record, Fields, Refs], str] | None = None
    route: Callable[[Value, Value], Value] | None = None  # where only steps are allowed: (current, target) -> next
    label: str = ""  # what the field is called in that system's own pages
    type: str = ""  # the vendor's type of it
    created: bool = False  # Bascule created this field there
    missing: bool = False  # to be created there: it can be chosen, and carries nothing yet
    opt_in: bool = False
    above: bool = False  # the value is not this record's but its parent's (tags of a candidacy that are the person's)
    note: str = ""  # what a reader of the mapping document should know (private, folded, asynchronous ...)


@dataclass(frozen=True, slots=True)
class CreateRule:
    """How a kind is created at a system, and how a lost creation is looked for.

    `fields` are the vendor fields the call carries. `parents` are kinds that must be linked there first. A record is
    created only where it was born in Bascule, or copied outward from its origin.

    `needs`: what came from another system is created only for a child of this kind that may be created too (a person
    travels with a candidacy); `along`: the same call makes that child. `open_only`: only while it is going on; of an
    interview: only one that was booked here, until it is cancelled.
    """

    kind: Kind
    call: str
    fields: tuple[str, ...]
    parents: tuple[Kind, ...] = ()
    reliable: bool = True  # is looking for a lost one reliable?
    settle: timedelta = timedelta(seconds=5)
    late: timedelta = timedelta(minutes=5)
    needs: Kind | None = None
    along: bool = False
    open_only: bool = False


@dataclass(frozen=True, slots=True)
class DeleteRule:
    """Whether a child record's deletion travels to a system (absent rule: it cannot, and is settled as `cannot`)."""

    kind: Kind
    call: str


@dataclass(frozen=True, slots=True)
class EraseRule:
    """The call by which a person is erased at a system (absent rule: it cannot, and the owner gets a task). A 404 to it
    proves nothing, for the person may be hidden; where it can only mean gone, the conversation says so (`done_if`)."""

    kind: Kind
    call: str
    outcome: str  # what the call leaves behind there, in words for the certificate


@dataclass(frozen=True, slots=True)
class MergeRule:
    """The call by which two objects of one kind become one at a system (absent rule: it cannot, and a person does it
    there). It is sent of the object that goes; `Rendered.into` names the one that stays."""

    kind: Kind
    call: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Which records a connection's mode covers; empty means all. `jobs` by record; `departments` and `offices` as the
    jobs name them. `pilot`: only the test candidates with this tag, and nothing else."""

    jobs: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    pilot: str = ""

    @property
    def whole(self) -> bool:
        return not (self.jobs or self.departments or self.offices or self.pilot)


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """All that planning needs to know of one connection.

    `same` are records of other systems and their counterparts here (a job, a stage, a reason that a person has paired).
    `takes` says what of other systems is created here: the connection it came from, and since when; None: all of it.
    """

    id: str
    name: str
    mode: Mode
    fields: Mapping[Kind, tuple[FieldMap, ...]]
    creates: Mapping[Kind, CreateRule] = field(default_factory=lambda: EMPTY)
    deletes: Mapping[Kind, DeleteRule] = field(default_factory=lambda: EMPTY)
    erases: Mapping[Kind, EraseRule] = field(default_factory=lambda: EMPTY)
    merges: Mapping[Kind, MergeRule] = field(default_factory=lambda: EMPTY)
    scope: Scope = Scope()
    live_since: datetime | None = None  # when it last became live
    crawled: bool = False  # its first crawl showed every collection whole
    settle: timedelta = timedelta(seconds=5)  # how long after an answer a read may still show the old state
    late: timedelta = timedelta(minutes=5)  # how long an unanswered call may still land
    rank: int = 0  # lower wins between connections
    once: frozenset[str] = frozenset()  # calls that must not be sent again after a lost answer without a person
    mapping_version: int = 1
    same: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    takes: Mapping[str, datetime] | None = None
    _outward: dict[Kind, tuple[FieldMap, ...]] = field(default_factory=lambda: {}, init=False, compare=False)

    def outward(self, kind: Kind) -> tuple[FieldMap, ...]:
        """The fields that may be written there."""
        found = self._outward.get(kind)
        if found is None:
            found = tuple(one for one in self.fields.get(kind, ()) if one.direction is not Direction.IN)
            self._outward[kind] = found
        return found


# ------------------------------------------------------------------------------------------------------------- events

CANDIDATE_ERASED = "candidate.erased"  # the one event of a person's that outlives them: it says that they are


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened to `record`, by reference: no value of anybody's stands in it.

    `number` is its place in the log, 0 before it has one. `subjects` are the ids of the records it is about, by kind;
    `changed` names of fields; `before` and `after` a stage (its id) or a status. `actor` is the kind of who did it.
    """

    type: str
    family: str
    record: str
    at: datetime
    subjects: Fields = field(default_factory=lambda: EMPTY)
    changed: tuple[str, ...] = ()
    before: str | None = None
    after: str | None = None
    actor: str = str(BASCULE.kind)
    cause: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events of the wanted types are sent: those of any of the named, of every sort that is named."""

    connections: tuple[str, ...] = ()  # names
    jobs: tuple[str, ...] = ()  # ids
    departments: tuple[str, ...] = ()
    stage_types: tuple[str, ...] = ()
    min_score: float | None = None  # of the application's match score, 0 to 100
    max_score: float | None = None
