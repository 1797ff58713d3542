"""What was found of people: on their own page, as a list that waits for a yes, and who may be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bascule.enrichment.choice import Choice as Chosen
from bascule.model import Value

from .parts import Choice, Fact, Paging, State


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One value, where it comes from, and what became of it or would."""

    field: str
    value: str
    source: str  # in words: "the CV", "People Data Labs"
    seen: str
    sure: int  # per cent
    state: State
    quote: str = ""
    href: str = ""  # of the proposal that it is
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundPart:
    """On a candidate's page: what was found, and why contact data may be out of date."""

    rows: tuple[FoundRow, ...]
    stale: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Somebody who could be asked. `why` not; "" where they would be, for `price`."""

    value: str
    words: str
    why: str
    price: str = ""
    left: str = ""


@dataclass(frozen=True, slots=True)
class EnrichPage:
    """What enriching one person would do."""

    id: str
    name: str
    missing: tuple[str, ...]
    stale: tuple[str, ...]
    contacted: datetime | None
    resume: bool
    rows: tuple[FoundRow, ...]
    changes: int  # of them, how many would enter or be proposed
    sources: tuple[Source, ...]
    may: bool


@dataclass(frozen=True, slots=True)
class ProposalRow:
    href: str
    candidate: str
    name: str
    field: str
    now: Value
    value: str
    source: str
    seen: str
    sure: int
    quote: str


@dataclass(frozen=True, slots=True)
class ManyPart:
    """What enriching many would do, in words; `people` 0: nobody."""

    people: int
    words: str
    lookups: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """What waits for a yes, by a filter, and who could be enriched."""

    rows: tuple[ProposalRow, ...]
    total: int
    fields: tuple[Choice, ...]
    sources: tuple[Choice, ...]
    sure: str
    job: str
    may_decide: bool
    may_enrich: bool
    connections: tuple[Choice, ...]
    lacking: tuple[Choice, ...]
    stale: bool
    providers: tuple[Choice, ...]
    many: ManyPart | None = None


@dataclass(frozen=True, slots=True)
class LookupRow:
    at: datetime
    provider: str
    candidate: str
    sent: str
    cost: float
    outcome: str
    good: bool
    found: int


@dataclass(frozen=True, slots=True)
class ProviderPart:
    """A provider, as the settings show it. `choice` fills the form."""

    name: str
    label: str
    choice: Chosen
    key: bool
    facts: tuple[Fact, ...]
    troubles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProvidersPart:
    providers: tuple[ProviderPart, ...]
    switched: tuple[Choice, ...]  # connections whose CVs fill gaps by themselves, or not
    lookups: tuple[LookupRow, ...]
    paging: Paging = field(default_factory=Paging)  # of the look-ups
