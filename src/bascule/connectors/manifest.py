"""What a connector can do and what it needs, read from its declaration: for README, docs and `bascule connectors`.

Pure. What cannot be derived (plan, agreement, how to get the vendor's sandbox, what is done by hand) stands in
`Connector.facts` under the names that `FACTS` explains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from bascule.model import Direction, FieldMap, Kind

from .spec import SOONEST, ApiKey, Auth, Basic, Connector, InBody, OAuth, StageHistory, Tenant, WsSecurity, scopes

FACTS: Mapping[str, str] = {
    "api": "the interface and its version",
    "sunset": "when that version ends, as far as the vendor says",
    "predecessor": "what it has taken the place of",
    "plan": "the plan the customer needs",
    "agreement": "what has to be agreed with the vendor",
    "vendor sandbox": "whether the vendor has a test system, and how to get one",
    "by hand": "what a person does in the vendor's own pages",
    "credential": "where and how the credential is made there",
    "rights": "where its rights are seen and changed there",
    "automations": "which of its own automations its interface shows, and how soon",
    "support": "who answers when it fails",
    "clients": "those of others that have read our sandbox of it, unmodified",
}
NO_AUTOMATIONS = (
    "None is shown by its interface, as far as its reference says: write those that message candidates into the file "
    "of triggers, with `by:`."
)
SUPPORT = "The maintainers of Bascule, for this connector; the vendor, for its interface."
NEVER_LIVE = "No run against the vendor's own servers or a live account yet."


@dataclass(frozen=True, slots=True)
class Access:
    """What is done with one kind of object. `every`: how many seconds lie between two looks at it where the owner sets
    nothing else (None: only read with what it belongs to); `soonest`: how few an owner may set."""

    kind: str
    read: bool
    create: bool
    update: bool
    delete: bool
    webhook: bool
    every: float | None = None
    soonest: float | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One connector. `lossy`: fields that come back otherwise than they were sent, or hold less; `effects`: what a call
    may do besides; `unverified`: what the vendor's papers leave open, and how that is met."""

    name: str
    label: str
    native: bool
    maintainer: str
    api: str
    sunset: str
    auth: tuple[str, ...]
    webhooks: bool
    hook_by_hand: str
    rate: str
    stage_history: str  # where the ATS tells by which stages people came before Bascule, and how much of it
    objects: tuple[Access, ...]
    lossy: Mapping[str, str]
    effects: Mapping[str, str]
    scopes: tuple[str, ...]
    copying: tuple[str, ...]  # the scopes it takes besides, where records of another system are created there
    booking: tuple[str, ...]  # ... and where interviews that are booked here are made there
    excess: Mapping[str, str]
    plan: str
    agreement: str
    vendor_sandbox: str
    by_hand: str
    credential: str
    rights: str
    automations: str
    support: str
    unverified: tuple[str, ...]
    tested: tuple[str, ...]
    last_run: str  # when the contract was last run for it, and what came of it; "" where nothing says so

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def manifest(connector: Connector, *, sandbox: bool, native: bool = True, last_run: str = "") -> Manifest:
    """`sandbox`: this project has one of it. The fact "clients" names those of others that have read that sandbox."""
    fields = connector.fields(Tenant(), "")
    facts = connector.facts
    clients = [one for one in facts.get("clients", "").split(", ") if one]
    first = next(iter(connector.rates.values()), None)
    least = scopes(connector, fields)
    return Manifest(
        name=connector.name,
        label=connector.label,
        native=native,
        maintainer="the Bascule maintainers" if native else "the package that brings it",
        api=facts.get("api", ""),
        sunset=facts.get("sunset", ""),
        auth=tuple(_auth(one) for one in _ways(connector)),
        webhooks=connector.webhook is not None,
        hook_by_hand=connector.webhook.setup if connector.webhook else "",
        rate=f"{first.requests} in {first.per.total_seconds():g} s" if first else "none documented",
        stage_history=_stage_history(connector),
        objects=tuple(_access(connector, kind, fields) for kind in _kinds(connector, fields)),
        lossy={f"{each.kind}.{each.name}": each.note for each in fields if each.note},
        effects={call: sends.hidden for call, sends in connector.sends.items() if sends.hidden},
        scopes=tuple(sorted(least)),
        copying=tuple(sorted(scopes(connector, fields, copies=True) - least)),
        booking=tuple(sorted({*booking(connector)} - least)),
        excess=dict(connector.excess),
        plan=facts.get("plan", ""),
        agreement=facts.get("agreement", ""),
        vendor_sandbox=facts.get("vendor sandbox", ""),
        by_hand=facts.get("by hand", connector.webhook.setup if connector.webhook else ""),
        credential=facts.get("credential", ""),
        rights=facts.get("rights", ""),
        automations=facts.get("automations", NO_AUTOMATIONS),
        support=facts.get("support", SUPPORT if native else "Whoever publishes the package."),
        unverified=tuple(text for name, text in facts.items() if name.startswith("unverified")),
        tested=(
            "the vendor's documented examples (recordings)",
            *(("a sandbox written from the vendor's published interface",) if sandbox else ()),
            *(f"{one}, an unmodified client of somebody else, on that sandbox" for one in clients if sandbox),
            *(("seeded runs under faults, on that sandbox beside others",) if sandbox and native else ()),
            NEVER_LIVE,
        ),
        last_run=last_run,
    )


def booking(connector: Connector) -> tuple[str, ...]:
    """The rights by which an interview that was booked here is made, changed and cancelled there."""
    return tuple(one for sends in connector.sends.values() if sends.kind is Kind.INTERVIEW for one in sends.scopes)


def _ways(connector: Connector) -> tuple[Auth, ...]:
    return connector.auth if isinstance(connector.auth, tuple) else (connector.auth,)


def _oauth(way: OAuth) -> str:
    """What tokens are given for. A way that needs a refresh token has no client credentials of its own."""
    own = () if "refresh_token" in way.needs else ("client credentials",)
    there = "a user's consent" if way.consent is not None else "a refresh token that is made there" if not own else ""
    renewed = " whose refresh token is renewed" if there and way.refresh_life is not None else ""
    return ", or ".join((*own, *([there + renewed] if there else [])))


def _auth(way: Auth) -> str:
    match way:
        case OAuth():
            return f"OAuth 2 ({_oauth(way)})"
        case ApiKey(header=header):
            return f"key in the header {header}"
        case Basic(needs=needs):
            return "key as the name of HTTP Basic" if len(needs) == 1 else "HTTP Basic"
        case WsSecurity():
            return "user name and password (WS-Security; HTTP Basic beside SOAP)"
        case InBody():
            return "key in each request"


def _stage_history(connector: Connector) -> str:
    told = connector.stage_history
    if told is None:
        return "none is told: figures begin with what Bascule sees"
    return "; else ".join(_told_by(one) for one in (told, told.otherwise) if one is not None)


def _told_by(told: StageHistory) -> str:
    whole = "every stage" if told.whole else "only since when people stand where they are"
    if told.reads is None:
        return f"{told.says}: {whole}, with the first reading"
    each = told.reads.at_once(Kind.APPLICATION)
    asked = "one request an application" if each == 1 else f"one request for {each} applications"
    beside = ", with what is read anyway; else" if told.shown_by else ":"
    return f"{told.says}: {whole}{beside} {asked}, with what the rate leaves over"


def _kinds(connector: Connector, fields: Iterable[FieldMap]) -> list[Kind]:
    """Those that have a list, that are made there, or that are shown by the lists of others (stages, by their jobs)."""
    known = {kind for reads in connector.reads for kind in (reads.kind, *reads.also)} | connector.creates.keys()
    known |= {each.kind for each in fields}
    return [kind for kind in Kind if kind in known]


def _access(connector: Connector, kind: Kind, fields: Iterable[FieldMap]) -> Access:
    lists = [reads for reads in connector.reads if kind in (reads.kind, *reads.also)]
    looks = [each for reads in lists for each in (reads.every, reads.sweep) if each is not None]
    looks += [reads.sweep for reads in connector.reads if kind in reads.follow and reads.sweep is not None]
    every = min(looks, default=timedelta(0)).total_seconds() or None
    return Access(
        kind=str(kind),
        read=bool(lists) or any(each.kind is kind and each.direction is not Direction.OUT for each in fields),
        create=kind in connector.creates,
        update=any(each.kind is kind and each.call and each.direction is not Direction.IN for each in fields),
        delete=kind in connector.deletes or kind in connector.erases,
        webhook=connector.webhook is not None and kind in connector.webhook.kinds,
        every=every,
        soonest=SOONEST.total_seconds() if every else None,
    )
