"""What several pages show in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bascule.model import EMPTY, Value


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
class Fact:
    """One value with its name; `why` is the path of its history."""

    name: str
    value: Value
    why: str = ""
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    words: str
    current: bool = False


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


class Way(StrEnum):
    """Between whom something moved."""

    IN = "in"  # from the ATS to Bascule
    OUT = "out"  # from Bascule to the ATS
    HERE = "here"  # only in Bascule
    THERE = "there"  # only in the ATS: seen, not taken


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person."""

    what: str
    subject: str
    href: str
    since: datetime
    tone: Tone = Tone.WAITING


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to a system and its answer."""

    method: str
    path: str
    status: int | None
    ms: float | None = None
    request_id: str = ""
    at: datetime | None = None
