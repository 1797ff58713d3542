"""Who is sent events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bascule.office.subscriptions import Standing
from bascule.store.subscriptions import Delivery

from .parts import Choice, Tone


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """A subscriber in the list; `tone` is how it stands."""

    standing: Standing
    tone: Tone
    owner: str = ""


@dataclass(frozen=True, slots=True)
class SubscribersPage:
    """Every subscriber, and what a new one may choose from; connections by name and label."""

    rows: Sequence[SubscriberRow]
    types: Sequence[Choice]
    connections: Sequence[tuple[str, str]]
    stage_types: Sequence[str]


@dataclass(frozen=True, slots=True)
class SubscriberPage:
    """One subscriber and what became of its last events. `secret` is a new one, shown this once."""

    row: SubscriberRow
    deliveries: Sequence[Delivery]
    chosen: Sequence[tuple[str, str]]
    secret: str = ""
