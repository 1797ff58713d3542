"""Models of others, as the settings show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bascule.models.choice import Choice as Chosen

from .parts import Choice, Fact, Paging


@dataclass(frozen=True, slots=True)
class CallRow:
    at: datetime
    purpose: str
    model: str
    prompt: str
    tokens: int
    cost: float
    outcome: str
    good: bool
    dropped: int


@dataclass(frozen=True, slots=True)
class ModelsPart:
    """What is chosen, how it stands, and what was asked last. `choice` fills the form."""

    choice: Chosen
    key: bool
    facts: tuple[Fact, ...]
    providers: tuple[Choice, ...]
    purposes: tuple[Choice, ...]
    orders: tuple[Choice, ...]
    lists: str = ""  # what orders the top of lists, where that is not the score alone
    troubles: tuple[str, ...] = ()
    installed: bool = True
    calls: tuple[CallRow, ...] = ()
    paging: Paging = field(default_factory=Paging)  # of the calls
