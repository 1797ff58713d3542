"""Connecting a system: which one, how, and who enters its credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bascule.connectors.guide import Guide

from .hosted import Wrong
from .parts import State


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A system that can be connected."""

    name: str
    label: str
    api: str
    plan: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link for IT. `refused`: what stood against the last try; `url`: "" once nothing can be entered by it."""

    id: str
    connection: str
    system: str
    who: str
    by: str
    state: State
    expires: datetime
    url: str
    refused: str = ""
    words: str = ""
    there: bool = False  # the connection is


@dataclass(frozen=True, slots=True)
class SetupPage:
    """Where connecting begins. `unfinished`: connections that are not live."""

    systems: tuple[SystemRow, ...]
    links: tuple[LinkRow, ...]
    first: bool
    unfinished: tuple[tuple[str, str, str], ...] = ()  # name, system, mode
    practice: bool = False  # the practice system can be opened from here
    practising: bool = False  # it runs


@dataclass(frozen=True, slots=True)
class SystemPage:
    """One system: the steps there, and what is entered here. `entered`: before, without secrets."""

    guide: Guide
    name: str
    labels: tuple[tuple[str, str], ...]
    entered: Mapping[str, str] = field(default_factory=dict)
    wrong: Wrong | None = None
    practice: str = ""  # the practice system's address, where it is the one
    back: str = ""  # where a consent leads back to


@dataclass(frozen=True, slots=True)
class LinkPage:
    link: LinkRow
    label: str
