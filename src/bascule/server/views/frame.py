"""What surrounds every page, and the pages that stand alone: an error, and the way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bascule.model import EMPTY

from .parts import Tone


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
    workspace: str = ""  # which one this is; "" where the installation has no other
    may: frozenset[str] = frozenset()  # the rights of who looks: a form stands there for whoever may send it
    others: tuple[tuple[str, str], ...] = ()  # title and address of those that this person may use too


@dataclass(frozen=True, slots=True)
class Problem:
    """An error a person can act on."""

    status: int
    what: str
    where: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """The sign-in pages. `provider`: what the button calls the provider of identities, "" without one; `links`: whether
    login links are for everybody; `out`: where somebody who has left signs out at the provider too."""

    token: str = ""
    name: str = ""
    said: str = ""
    next: str = ""
    provider: str = ""
    links: bool = True
    left: bool = False
    out: str = ""
