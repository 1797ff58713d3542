"""What the page of an AI tool shows."""

from __future__ import annotations

from dataclasses import dataclass

from .connection import ConnectionRow
from .parts import Fact, Link


@dataclass(frozen=True, slots=True)
class ToolPage:
    """One AI tool. `fields`: (ATS, its fields there, those not created yet)."""

    row: ConnectionRow
    behind: int
    held: int
    unconfirmed: int
    paused: bool
    owner: str
    sees: tuple[Fact, ...]
    fields: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    facts: tuple[Fact, ...]
    users: tuple[Link, ...] = ()
    jobs: tuple[tuple[str, str, bool], ...] = ()  # open ones, or chosen: record, title, chosen
    switches: tuple[tuple[str, str, bool], ...] = ()  # name, words, on
    hook: str = ""  # where it is told that there is news
    may: bool = False
