"""The overview, and its live feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .connection import ConnectionRow
from .parts import Lag, Need, State, Tone, Way


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
    may: bool = False  # connect a system, and see what is wrong
    may_figures: bool = False
