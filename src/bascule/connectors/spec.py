"""The words a connector is written in. A connector translates; the engine talks, waits, retries, verifies and logs.

A connector is one module with pure functions and one `Connector` value. It imports `model`, `errors` and this module,
never an HTTP client, a logger or the store, and it catches no exception.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TypeAlias

from bascule.errors import RejectedError, RemoteError
from bascule.model import (
    Actor,
    CreateRule,
    DeleteRule,
    Direction,
    EraseRule,
    FieldMap,
    Fields,
    Json,
    Kind,
    MergeRule,
    Part,
    Record,
)

NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Entered:
    """Stands in a request's JSON, or in the body of its envelope, for what a person entered under this name: the engine
    puts it there when it sends."""

    name: str


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, relative to the connection's base URL (or absolute, for next links and signed addresses).
    `{name}` in the path or in a header stands for that setting of the connection; a header is left out where that was
    not entered.

    `soap` is, instead of `json`, what stands in the body of a SOAP envelope, by the prefixes of `Connector.soap`.
    `acts_as` is the system's own id of the user this is done as ("" = the service user). `budget` names the endpoint
    class whose rate it spends. `done_if` are error statuses that mean "already so" and count as success. `safe`: it
    changes nothing there although it is a POST, so that a lost answer leaves no doubt. `files` (field -> file name,
    content) make the body a form, in which `json` are the other fields, each a text or a list of them.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=lambda: NONE)
    json: Json = None
    headers: Mapping[str, str] = field(default_factory=lambda: NONE)
    acts_as: str = ""
    budget: str = "default"
    done_if: tuple[int, ...] = ()
    soap: Mapping[str, Json] | None = None
    safe: bool = False
    raw: bool = False  # the answer is a file: its body is not parsed
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=lambda: dict[str, tuple[str, bytes]]())


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. `json` is the parsed body (None when empty); header names are lower case.

    Of XML, `json` is {name: {name: ...}} without prefixes; an attribute is "@name", the text beside attributes "#text",
    several elements of one name are a list (`lens.many` reads one, none and several alike). Of a SOAP envelope it is
    what stands in its body.
    """

    status: int
    headers: Mapping[str, str]
    json: Json
    body: bytes = b""


Talk: TypeAlias = Generator[Request, Response, Fields]
"""A conversation: yields requests, is sent responses, returns the vendor fields the answer showed (or nothing)."""

FileTalk: TypeAlias = Generator[Request, Response, "bytes | str"]
"""A conversation about a file: returns its bytes, or the address it can be had from without credentials."""


# ------------------------------------------------------------------------------------------------------ signing in


@dataclass(frozen=True, slots=True)
class Consent:
    """The page on which a user of the system consents to a client (RFC 6749, 4.1). `asks`: what it is asked besides,
    where `{base_url}` stands for the address of the interface; `scope`: what is asked for besides the rights needed."""

    path: str  # where the system stands at an address of its own, as the token's
    url: str  # the vendor's
    asks: Mapping[str, str] = field(default_factory=dict[str, str])
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OAuth:
    """Client credentials, HTTP Basic at the token endpoint (or in the form, with `in_form`); or the refresh token that
    a user's consent gave, where one was entered. `subject`: the form field that names the acting user; with a consent
    it is always who gave it."""

    token_path: str  # relative to `token_url` of the connection's settings
    token_url: str  # default absolute URL of the authorization server; "" where every customer's is on their own host
    subject: str = ""
    expires_at: str = "expires_at"  # ISO timestamp in the answer
    expires_in: str = "expires_in"  # seconds in the answer
    refresh_life: timedelta | None = None  # of a refresh token that is not used, where the answer does not say
    in_form: bool = False
    needs: tuple[str, ...] = ("client_id", "client_secret")  # the settings that it takes
    consent: Consent | None = None  # where a user gives the refresh token, if it can be asked for from here


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in a header."""

    header: str
    prefix: str = ""
    needs: tuple[str, ...] = ("api_key",)


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP Basic: the key as the user name and an empty password, or a name and a password."""

    needs: tuple[str, ...] = ("api_key",)


@dataclass(frozen=True, slots=True)
class WsSecurity:
    """A name and a password: in the envelope's header where a request is SOAP (WS-Security 1.0, UsernameToken, password
    as text), else HTTP Basic."""

    needs: tuple[str, ...] = ("username", "password")


@dataclass(frozen=True, slots=True)
class InBody:
    """Every request carries the credentials itself (`Entered`)."""

    needs: tuple[str, ...] = ("api_key",)


Auth: TypeAlias = OAuth | ApiKey | Basic | WsSecurity | InBody


# ----------------------------------------------------------------------------------------------------- rate, pages


@dataclass(frozen=True, slots=True)
class Rate:
    """A budget per endpoint class: `requests` per `per`, as documented; answer headers say what it is for this account.

    `concurrency`: at most so many at once (0: as many as come). The reset header holds an epoch, or seconds from now.
    """

    requests: int
    per: timedelta
    concurrency: int = 0
    limit_header: str = "x-ratelimit-limit"
    remaining_header: str = "x-ratelimit-remaining"
    reset_header: str = "x-ratelimit-reset"


@dataclass(frozen=True, slots=True)
class LinkHeader:
    """RFC 8288 `Link: <...>; rel="next"`; the next link is followed as it is."""


@dataclass(frozen=True, slots=True)
class CursorInBody:
    """The next page's cursor stands in the body at `next` and is sent as `param`, with everything else as before.
    `more`: where the body says whether there is another page, for systems that give a cursor on the last one too."""

    param: str
    next: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class LinkInBody:
    """The next page's whole address stands in the body at `next`; it is followed as it is."""

    next: str


@dataclass(frozen=True, slots=True)
class PageNumber:
    """Pages are numbered from `first` and asked for by `param`; the body says at `total` how many there are, else a
    page that is not full is the last one. `frozen`: all pages are asked for as of the moment the first one was
    (`Asked.begun`, by the system's own clock as its answers tell it), so that rows do not shift between them."""

    param: str
    total: str = ""
    first: int = 1
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class Offset:
    """`param` is how many items to pass over; the body says at `total` how many items there are, else a page that is
    not full is the last one."""

    param: str
    total: str = ""


@dataclass(frozen=True, slots=True)
class Keyset:
    """The next page begins after the last item of this one: `key` is that item's place in the order the list is asked
    for in, and comes as `Asked.at`. A page that is not full is the last one. Rows that change meanwhile come again;
    none is passed over. Such a list has an `ask` of its own."""

    key: Callable[[Json], str]


Pages: TypeAlias = LinkHeader | CursorInBody | LinkInBody | PageNumber | Offset | Keyset


@dataclass(frozen=True, slots=True)
class Asked:
    """One page of a list, as it is wanted. `at` is where the last page led to ("" for the first), `begun` when the
    first one was asked for, where that counts (`PageNumber.frozen`). `token` is what the last complete reading gave
    (`SyncToken`), `tenant` what is known of the account."""

    by: Kind | None = None
    ids: Sequence[str] = ()
    since: datetime | None = None
    at: str = ""
    size: int = 0
    token: str = ""
    begun: datetime | None = None
    tenant: Tenant = field(default_factory=lambda: Tenant())


def next_link(headers: Mapping[str, str], relations: Sequence[str] = ("next",)) -> str:
    """The address of the next page (or with another of these relations) in a `Link` header, or ""."""
    named = "|".join(relations)
    for one in re.finditer(r'<([^<>]*)>((?:[^,<"]|"[^"]*")*)', headers.get("link", "")):
        if re.search(rf';\s*rel\s*=\s*(?:"[^"]*\b(?:{named})\b[^"]*"|(?:{named})\b)', one[2], re.IGNORECASE):
            return one[1]
    return ""


SOONEST = timedelta(seconds=1)  # between two askings of one list, whatever an owner sets
LONGEST_WAIT = 1e9  # seconds: what is longer is no number of seconds that anybody means


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long a system asks to be left alone: seconds, or a date, by the system's own clock (RFC 9110, 10.2.3)."""
    told = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", told):
        return timedelta(seconds=min(float(told), LONGEST_WAIT))
    until, there = http_date(told), http_date(headers.get("date", ""))
    return max(timedelta(0), until - there) if until is not None and there is not None else None


def http_date(text: str) -> datetime | None:
    """A date as HTTP headers write it; None where it is none."""
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def every_page(request: Request) -> Generator[Request, Response, list[Json]]:
    """All items of a list that is paged by `Link` headers, inside a conversation. A status in `done_if` gives none."""
    items: list[Json] = []
    while True:
        response = yield request
        items += response.json if isinstance(response.json, list) else []
        following = next_link(response.headers)
        if not following:
            return items
        request = Request("GET", following, acts_as=request.acts_as, budget=request.budget, done_if=request.done_if)


def not_there(
    system: str,
    addresses: Sequence[str],
    holders: Callable[[Sequence[str]], Generator[Request, Response, list[Json]]],
) -> Generator[Request, Response, None]:
    """Refuse to create whom no e-mail address tells from others: by it they are found when no answer comes. Who has it
    already is never made a second time. `holders` asks the system who has one of these addresses."""
    if not addresses:
        raise RejectedError(
            f"Nobody is added to {system} without an e-mail address: they could not be found again there.",
            hint="Enter an address, then replay it.",
        )
    if (yield from holders(addresses)):
        raise RejectedError(
            f"{system} holds somebody with this e-mail address already.",
            hint="Bascule joins the two when it has read them; where the names differ, look at both.",
        )


# ------------------------------------------------------------------------------------------------------- the tenant


@dataclass(frozen=True, slots=True)
class CustomField:
    """One custom field definition of the tenant's live schema."""

    id: str
    key: str
    name: str
    level: str  # the vendor's own word: candidate, application, job ...
    type: str  # the vendor's own word
    active: bool = True
    private: bool = False
    required: bool = False
    options: Mapping[str, str] = field(default_factory=lambda: NONE)  # option id -> name


@dataclass(frozen=True, slots=True)
class Automation:
    """What the system does by itself about applications, as its interface shows it. `name`: what sets it off, as people
    there know it; `what` it does then. `writes`: it sends the candidate something. It is set off in one of `stages`
    (external ids; `stage`: their name) or by a `status` of ours; neither: what sets it off is not shown. `jobs`: of
    these only (external ids); none: of all."""

    name: str
    what: str
    writes: bool = True
    stages: tuple[str, ...] = ()
    stage: str = ""
    status: str = ""
    jobs: tuple[str, ...] = ()


HIDDEN_AUTOMATIONS = "automations hidden"  # the fact that says, in a sentence, which of them are not shown, and why


@dataclass(frozen=True, slots=True)
class Tenant:
    """What is particular to this customer's account: read from the system, refreshed on a schedule, stored.

    `custom` is keyed "<level>.<key>". `facts` are the connector's own findings (for instance whether application
    custom fields exist). `granted` are the scopes of our credential where the system tells them. `automations` are what
    the account does by itself. `learned`: when all this was read.
    """

    custom: Mapping[str, CustomField] = field(default_factory=lambda: dict[str, CustomField]())
    facts: Mapping[str, str] = field(default_factory=lambda: NONE)
    granted: frozenset[str] = frozenset()
    fields: tuple[tuple[str, str, str], ...] = ()  # the live schema's standard fields: (object, field, type)
    automations: tuple[Automation, ...] = ()
    learned: datetime | None = None


@dataclass(frozen=True, slots=True)
class SchemaField:
    """One field of the system's schema. `into` is the mapped vendor field (of that kind) which carries it, "" where
    none can; `why` says why it is not carried."""

    object: str  # the vendor's own word
    name: str
    type: str = ""
    kind: Kind | None = None
    into: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the objects that a system answers with. `types`: the JSON types its value may have besides null; none:
    they are learned. `always`: every object shows it, be it as null."""

    types: frozenset[str] = frozenset()
    always: bool = False


Shape: TypeAlias = Mapping[str, Key]
"""Keys by path: `a`, `a.b` within an object, `a[].b` within the objects of a list. What has no paths below it is not
looked into."""


def shape(text: str) -> Shape:
    """From "name string!, tags list!, note": a key with its types (or "|" between several); "!" for one that is always
    there."""
    found: dict[str, Key] = {}
    for one in text.split(","):
        path, _, types = one.strip().removesuffix("!").partition(" ")
        found[path] = Key(frozenset(types.split("|")) if types else frozenset(), one.strip().endswith("!"))
    return found


# --------------------------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class SyncToken:
    """Changes are asked for by a token instead of a time: the last page of a whole reading shows it at `path`, and it
    is sent as `param` the next time. A token that is no longer good is a `ResyncError`: then the list is read whole."""

    param: str
    path: str


@dataclass(frozen=True, slots=True)
class Reads:
    """One list endpoint, and how its items become parts.

    `root` is the family root kind its parts belong to. `by` says how to ask for the items of given objects: kind of
    the known ids -> parameter taking a comma-separated list of at most `batch` ids ("candidate" -> "candidate_ids"), or
    a path with `{id}` in it, one object a request, whose answer may be that object alone. When asked that way the
    answer is complete for those parents (`collection`), or, for ids of `kind` itself, an id that is not in the answer
    (or is answered with "no such object") is `absent`.

    `since` is a parameter whose value has `{since}` in it (ISO-8601; `{since_ms}`: milliseconds since 1970), for
    changes since a watermark; `watermark` the item's own time field (a dotted path), in either form. `token`: changes
    are asked for by a token. Parameters go into the query, or with `in_body` into the JSON body of a POST; where that
    is not enough, `ask` makes the request. `pages`: where this list is paged otherwise than the system's others.
    `items` is where the items stand in the body; `unfold` takes them out of a body where that says too little (they
    are one element or several, or belong together with what is included elsewhere).
    `every` is how often it is polled when no webhook tells (None: never by itself). `sweep`: removal can only be seen
    by reading whole collections.
    `newest_first`: it has no such parameter, and is asked for with the newest watermark first; a poll then ends at the
    first page that ends before what it has seen.
    `filters` go with every request; `drop` are keys removed at any depth before anything is stored.

    `group`: what one object shows is spread over several items (its owners, say). `parse` is given them together, as
    {group: id, "items": [...]}, once for every id asked for, also where there are none; such a list is never polled.
    `only`: asked only of objects whose field (first) was shown in the same reading with one of these values.
    `where`: whether this account has the list at all, by what is known of it and by its settings.
    `asked`: the key under which each item is given the id it was asked for by, where it does not say itself whose it is
    (a path with `{id}`); a part without a parent then belongs to the root that was asked for.
    `moved`: the key under which the id of the survivor stands, where an object that has gone into another is answered
    by a redirect to that one: the item is then nothing but {"id": the id asked for, moved: the survivor's}.
    `also`: kinds that stand within its items and have no list of their own (the files of a candidate).
    `through`: what to ask for each object by, where that is not its own id but stands in what the list of these objects
    has shown of it (the id of a job's posting); objects that show none are not asked for.
    `follow`: kinds of the same family that are read again by id when this list shows that an object of it is not as it
    was when they were last asked for, because no list shows their changes; on a first reading too, and at every sweep
    of a list of the roots.
    What an item shows of objects of other families (the stages that applications are in) is taken where it is polled or
    read for the first time.
    A list with an empty `by` is only polled or swept, and shows a few fields of objects: of one that is unknown here
    it says that it exists, and the object is to be read.
    """

    kind: Kind
    path: str
    parse: Callable[[Json, Tenant], Iterable[Part]]
    root: Kind
    by: Mapping[Kind, str] = field(default_factory=lambda: dict[Kind, str]())
    batch: int = 50
    page_size: tuple[str, int] = ("per_page", 100)  # the most the vendor allows
    items: str = ""
    in_body: bool = False
    ask: Callable[[Asked], Request] | None = None
    pages: Pages | None = None
    collection: bool = False
    since: tuple[str, str] | None = None
    watermark: str = ""
    newest_first: bool = False
    every: timedelta | None = None
    sweep: timedelta | None = None
    filters: Mapping[str, Json] = field(default_factory=lambda: NONE)
    drop: tuple[str, ...] = ()
    group: str = ""
    only: tuple[str, tuple[str, ...]] | None = None
    unfold: Callable[[Json], list[Json]] | None = None
    asked: str = ""
    moved: str = ""
    also: tuple[Kind, ...] = ()
    through: Callable[[Json], str] | None = None
    follow: tuple[Kind, ...] = ()
    token: SyncToken | None = None
    where: Callable[[Tenant, Mapping[str, str]], bool] | None = None
    scopes: tuple[str, ...] = ()
    budget: str = "default"
    name: str = ""  # for pages and metrics; the path when empty

    @property
    def title(self) -> str:
        return self.name or self.path.strip("/").split("/")[-1]

    def at_once(self, by: Kind) -> int:
        """How many objects one request asks for: a path names one."""
        return 1 if self.by[by].startswith("/") else self.batch

    @property
    def walked(self) -> bool:
        """Whether the whole list can be read, page by page; else it is only asked for what belongs to given objects:
        its path has `{id}` in it, it is gathered, or it is neither polled nor swept."""
        return not self.group and "{id}" not in self.path and bool(self.every or self.sweep)


@dataclass(frozen=True, slots=True)
class FileReads:
    """How the bytes of an attachment are fetched: by a signed address in one of its fields, through the URL guard; or,
    with a `talk`, by a conversation about what stands in that field (an id, a path), signed in as every other."""

    url_field: str
    hosts: tuple[str, ...] = ()  # host names (or suffixes starting with ".") that such addresses may have
    max_bytes: int = 20_000_000
    talk: Callable[[str], FileTalk] | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of an application's own history of stages: at that time (None: when it was made) it came into this
    stage, or, with `left`, went from it. `stage` "": it left whichever it was in; `ended`: with that status of ours
    (hired, rejected, withdrawn), where it is told."""

    application: str
    at: datetime | None
    stage: str = ""
    ended: str = ""
    left: bool = False


@dataclass(frozen=True, slots=True)
class StageHistory:
    """How a system tells by which stages its applications came to where they stand: what was before Bascule is in no
    other answer.

    `reads` asks for it by the ids of applications (its `parse` is not called), `moves` are what an item of it shows.
    `shown_by`: titles of lists that are read anyway and whose items show as much; without `reads` nothing else does.
    `of_job`: stages are told by what they are called within a job, whose stage is "<job>/<stage>" here. `whole`: every
    stage that somebody came through; else only since when they stand where they are. `says`: where it comes from, for
    people. `where`: whether this account tells it, by what is known of it; `otherwise`: what it tells where not.
    """

    reads: Reads | None
    moves: Callable[[Json, Tenant], Iterable[Moved]]
    says: str
    shown_by: frozenset[str] = frozenset()
    of_job: bool = False
    whole: bool = True
    where: Callable[[Tenant], bool] = lambda _tenant: True
    otherwise: StageHistory | None = None

    def told_by(self, tenant: Tenant) -> StageHistory | None:
        """How this account tells it, if it does."""
        if self.where(tenant):
            return self
        return self.otherwise.told_by(tenant) if self.otherwise is not None else None


# --------------------------------------------------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True)
class Rendered:
    """A write, rendered in the vendor's terms a moment before it is sent."""

    call: str
    kind: Kind
    record: Record
    external: str  # "" for a creation
    parents: Mapping[Kind, str]  # external ids of the parents at this connection
    fields: Fields  # vendor field -> value to send
    current: Fields  # vendor field -> what the system held when last settled (`theirs`)
    added: Mapping[str, tuple[str, ...]]  # set fields: elements to add ...
    removed: Mapping[str, tuple[str, ...]]  # ... and to remove
    marker: str
    actor: Actor
    acts_as: str  # the system's id of the user who does it; "" = service user
    known: Fields = field(default_factory=lambda: NONE)  # what it held of every field of this object when last seen
    along: Fields = field(default_factory=lambda: NONE)  # of a child that the same call creates (`CreateRule.along`)
    content: bytes = b""  # of an attachment that is created
    into: str = ""  # of a merge: the external id of the object that stays


@dataclass(frozen=True, slots=True)
class Sends:
    """One vendor call that writes.

    `talk` carries it out; of a creation it returns "external", and "along" for a child made with it (its "external",
    and its fields as answered); of a change that has removed the object, "gone": True besides. `look` finds what a lost
    creation made and returns the same, or nothing. `hidden` says, in a sentence, what the system may do besides (e-mail
    people, run rules).
    `preread`: fields are read first in the same turn unless read less than two seconds ago.
    """

    call: str
    kind: Kind
    talk: Callable[[Rendered, Tenant], Talk]
    look: Callable[[Rendered, Tenant], Talk] | None = None
    repeatable: bool = True  # sending it twice changes the system once
    preread: bool = True
    hidden: str = ""
    scopes: tuple[str, ...] = ()
    budget: str = "default"


# --------------------------------------------------------------------------------------------------------- webhooks


@dataclass(frozen=True, slots=True)
class HmacSha256:
    """Hex HMAC-SHA-256 of the raw body. `prefix` stands before the hex in the header (for instance "sha256 ")."""

    header: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class SignedFields:
    """Hex HMAC-SHA-256 over some fields of the JSON body joined together; the signature is itself a field. The rest of
    the body is not covered, so it only ever says "look again". `time`: the field with the time of sending (milliseconds
    since 1970); older than `within`, or as far ahead, it is stale. Every hook may have a secret of its own: all that
    were entered, one a line, are tried."""

    signature: str
    fields: tuple[str, ...]
    time: str = ""
    within: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a delivery says of itself: that the HMAC-SHA-256 of `message` is one of `given` (hex), and that it was sent
    `at` (None: it does not say). `whole`: the message covers the whole body, so that deletions in it count."""

    message: bytes
    given: tuple[str, ...]
    at: datetime | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Signature:
    """Signed in a way of the system's own: `claim` reads it out of (headers, body), None where there is none; what it
    cannot read (a ValueError, a key that is not there) is not signed. Every
    secret that was entered, one a line, is tried; what was sent longer ago than `within`, or as far ahead, is stale."""

    claim: Callable[[Mapping[str, str], bytes], Claim | None]
    within: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Unsigned:
    """Not signed at all: the address has the secret as its last part, and a delivery only ever says "look again"."""


Verify: TypeAlias = HmacSha256 | SignedFields | Signature | Unsigned


@dataclass(frozen=True, slots=True)
class Hint:
    """What one delivery says: these objects may have changed. `kinds` are what to read of the family (empty: all).
    `root` may be a child's kind, where a delivery names nothing else: its family is read if it is known, else the lists
    of that kind are polled at once.

    `parts` carry only what no read can give (deleted, merged, anonymised). `ping` is the vendor's own test.
    """

    root: Kind | None = None
    external: str = ""
    kinds: frozenset[Kind] = frozenset()
    parts: tuple[Part, ...] = ()
    ping: bool = False
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Webhook:
    """How deliveries are verified and read. The engine performs `verify`, closed by default."""

    verify: Verify
    delivery_id: str  # header that is unique per delivery ("" = digest of the body)
    topic: Callable[[Json], str]
    hints: Callable[[Json], Iterable[Hint]]
    confirm: bool = True  # the signature covers the whole body, so deletions in it count
    setup: str = ""  # how a person enters the hook in the vendor's own pages, in a sentence
    named: str = ""  # header that names the event, where the body does not: put into the body as this header's name
    accepted: int = 200  # the status that acknowledges
    kinds: frozenset[Kind] = frozenset()  # what it tells of
    echo: str = ""  # header that is sent back as it came, when the system asks whether the address is ours
    makes: str = ""  # what the system calls the secret where it makes it itself, and people copy it from there

    def secret_step(self, system: str, name: str) -> str:
        """What a person does about the secret, in a sentence. `name` is the connection's."""
        if self.makes:
            enter = f"bascule connections credentials {name} --set webhook_secret=-"
            return f"Copy the {self.makes} that {system} shows, of several webhooks one a line: {enter}"
        where = "as the last part of the address" if isinstance(self.verify, Unsigned) else "in the webhook's form"
        return f"Enter {name}'s webhook secret in {system}, {where}."

    def steps(self, system: str, name: str) -> str:
        """All that a person does there, and with what they find there."""
        return f"{self.setup} {self.secret_step(system, name)}" if self.makes else self.setup


# --------------------------------------------------------------------------------------------------- the connector


@dataclass(frozen=True, slots=True)
class Setup:
    """One custom field to be created in the customer's account, if missing: canonical field -> definition."""

    canonical: str
    level: str
    name: str
    key: str
    type: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Connector:
    """Everything the engine needs to know about one system. See the module docstring."""

    name: str
    label: str
    base_url: str
    hosts: tuple[str, ...]  # the vendor's own host names; any other base URL must be loopback or allowed
    auth: Auth | tuple[Auth, ...]  # of several, the first of which everything was entered
    settings: tuple[tuple[str, str, bool], ...]  # (name, what it is, secret?) a person enters
    pages: Pages
    rates: Mapping[str, Rate]
    reads: Sequence[Reads]
    sends: Mapping[str, Sends]
    creates: Mapping[Kind, CreateRule]
    deletes: Mapping[Kind, DeleteRule]
    fields: Callable[[Tenant, str], Sequence[FieldMap]]  # (tenant, connection id): references are looked up by it
    discover: Callable[[], Generator[Request, Response, Tenant]]
    setup: Callable[[Tenant, Sequence[str]], Sequence[Setup]]  # (tenant, canonical AI fields wanted) -> missing ones
    create_field: Callable[[Setup], Talk]  # returns {"level": where it was made}, which may not be the level asked for
    errors: Callable[[Request, Response], RemoteError | None]  # asked of every answer, as some refuse with a 200
    schema: Callable[[Tenant], Sequence[SchemaField]] = lambda _tenant: ()  # everything that its objects show
    shapes: Mapping[str, tuple[str, Shape]] = field(default_factory=lambda: dict[str, tuple[str, Shape]]())
    """By a list's path: what its objects are called, and the shape they have in the version this was written for."""
    erases: Mapping[Kind, EraseRule] = field(default_factory=lambda: dict[Kind, EraseRule]())
    merges: Mapping[Kind, MergeRule] = field(default_factory=lambda: dict[Kind, MergeRule]())
    stage_history: StageHistory | None = None
    webhook: Webhook | None = None
    files: FileReads | None = None
    settle: timedelta = timedelta(seconds=5)
    late: timedelta = timedelta(minutes=5)
    user_url: Callable[[Mapping[str, str], Kind, str], str] | None = None  # settings, kind, external -> page there
    scopes: tuple[str, ...] = ()  # what `discover` needs
    setup_scopes: tuple[str, ...] = ()  # what `create_field` needs, and nothing after it
    optional: frozenset[str] = frozenset()  # of the settings, what may be left out
    excess: Mapping[str, str] = field(default_factory=lambda: NONE)  # unavoidable excess rights -> what to do
    facts: Mapping[str, str] = field(default_factory=lambda: NONE)  # manifest: api version, sunset, plan, unverified
    headers: Mapping[str, str] = field(default_factory=lambda: NONE)  # of every request
    users: tuple[str, ...] = ()  # settings that each hold the id of a user there
    acting: str = ""  # the query parameter that names the acting user, where that is how a system is told
    soap: Mapping[str, str] = field(default_factory=lambda: NONE)
    """Namespaces of SOAP requests, by prefix; `{name}` in one stands for that setting of the connection."""
    soap_header: Mapping[str, Json] = field(default_factory=lambda: NONE)  # in the header of every envelope

    @property
    def default_class(self) -> str:
        """The endpoint class that most calls belong to."""
        return "default" if "default" in self.rates or not self.rates else next(iter(self.rates))


def sign_in(connector: Connector, given: Mapping[str, str]) -> Auth:
    """The way of signing in for which everything was entered; of several that lack something, the first."""
    ways = connector.auth if isinstance(connector.auth, tuple) else (connector.auth,)
    return next((one for one in ways if all(given.get(name) for name in one.needs)), ways[0])


def consenting(connector: Connector) -> OAuth | None:
    """The way of signing in whose refresh token a user's consent can give from here; None where there is none."""
    ways = connector.auth if isinstance(connector.auth, tuple) else (connector.auth,)
    return next((one for one in ways if isinstance(one, OAuth) and one.consent is not None), None)


def lacking(connector: Connector, given: Mapping[str, str]) -> tuple[str, ...]:
    """The settings that must be entered yet. What another way of signing in takes need not be."""
    ways = connector.auth if isinstance(connector.auth, tuple) else (connector.auth,)
    used = sign_in(connector, given)
    others = {name for one in ways for name in one.needs} - set(used.needs)
    return tuple(
        name
        for name, _, _ in connector.settings
        if name not in given and name != "webhook_secret" and name not in connector.optional and name not in others
    )


COPIED = frozenset({Kind.CANDIDATE, Kind.APPLICATION, Kind.ATTACHMENT})
"""What is created at a system only where its owner has records of another one copied there."""


def scopes(
    connector: Connector, fields: Iterable[FieldMap], *, setup: bool = False, copies: bool = False
) -> frozenset[str]:
    """The least scopes that these mapped fields need: lists of the kinds they are of, calls that write them.

    A field mapped inward only needs no right to write; a kind of which nothing is mapped is not read. `setup` adds
    what creating custom fields needs, `copies` what it takes to create people and their candidacies there. What goes
    out by the owner's choice only (`opt_in`) counts where that was made.
    """
    fields = tuple(fields)
    kinds = {each.kind for each in fields}
    shut = {(each.kind, each.call) for each in fields if each.opt_in}
    written = [each for each in fields if each.direction is not Direction.IN and (each.kind, each.call) not in shut]
    calls = {each.call for each in written if each.call}
    for kind, rule in connector.creates.items():
        wanted = copies or kind not in COPIED
        if wanted and any(each.kind == kind and each.name in rule.fields for each in written):
            calls.add(rule.call)
    needed = set(connector.scopes) | (set(connector.setup_scopes) if setup else set())
    for reads in connector.reads:
        needed |= set(reads.scopes) if kinds & {reads.kind, *reads.also} else set()
    if (told := connector.stage_history) is not None and told.reads is not None and Kind.APPLICATION in kinds:
        needed |= set(told.reads.scopes)
    if written:  # who writes there about a person can also be asked to erase them there
        unchosen = {kind for kind, _ in shut}
        calls |= {rule.call for kind, rule in connector.erases.items() if kind in kinds - unchosen}
    for call in calls:
        needed |= set(connector.sends[call].scopes)
    return frozenset(needed)
