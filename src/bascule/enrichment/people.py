"""What a provider is asked and what it answers: one interface for all of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from bascule.engine.wire import WireRequest, WireResponse
from bascule.model import Record, Value

from .choice import Choice


@dataclass(frozen=True, slots=True)
class Query:
    """Who is asked about, no more than is needed to tell them from others: `given` under the names of our fields (and
    "name"). `wanted`: the fields that the record lacks or doubts; nothing else is asked for."""

    given: Mapping[str, tuple[str, ...]]
    wanted: tuple[str, ...]

    @property
    def sent(self) -> str:
        """The names of what is sent."""
        return ", ".join(self.given)


@dataclass(frozen=True, slots=True)
class Told:
    """One value. `seen`: the day as of which the provider knew it; "" where it does not say."""

    field: str
    value: str
    confidence: float
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a provider found: its own id of them, how sure it says it is, and what it knows of what was wanted."""

    reference: str
    likelihood: int
    values: tuple[Told, ...]


OLD = timedelta(days=730)
DOUBTFUL = 0.7  # at most so sure is what a provider has not seen for so long: a person decides


def aged(one: Told, today: date) -> float:
    """How sure a value is now, by when it was last seen."""
    try:
        seen = date.fromisoformat(one.seen)
    except ValueError:
        return one.confidence
    return min(one.confidence, DOUBTFUL) if today - seen > OLD else one.confidence


class Speaks(Protocol):
    """A provider's interface."""

    def request(self, choice: Choice, key: str, query: Query) -> WireRequest:
        """The request that asks it."""
        ...

    def read(self, answer: WireResponse, query: Query) -> Match | None:
        """Its answer; None where it knows nobody like that. Raises RemoteError for everything else."""
        ...

    def charged(self, answer: WireResponse) -> bool:
        """Whether a look-up with this answer is paid for."""
        ...


def query_of(person: Record, wanted: tuple[str, ...]) -> Query | None:
    """The least that tells somebody from others: their name with one e-mail, profile or number, else with employer or
    place. None where there is none (`no_query` says why)."""
    name = " ".join(str(person.fields.get(part) or "") for part in ("first_name", "last_name")).strip()
    if not name or not wanted:
        return None
    for field, among in (("emails", _any), ("links", _profile), ("phones", _any)):
        found = next((one for one in _texts(person.fields.get(field)) if among(one)), "")
        if found:
            return Query({"name": (name,), field: (found,)}, wanted)
    for field in ("company", "location"):
        if text := person.fields.get(field):
            return Query({"name": (name,), field: (str(text),)}, wanted) if " " in name else None
    return None


def no_query(wanted: tuple[str, ...]) -> str:
    """Why there is nothing to ask."""
    if not wanted:
        return "The record lacks nothing that it could be asked for."
    return "The record says too little to tell them from others."


def _any(value: str) -> bool:
    return bool(value.strip())


def _profile(value: str) -> bool:
    return "linkedin.com/in/" in value.casefold()


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple) else ()
