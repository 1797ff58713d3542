"""A connection's roll-out: what stands before its next mode, whom its mode covers, and its pilots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bascule.office.handover import Guide, Issue

from .parts import Fact, State


@dataclass(frozen=True, slots=True)
class GateLine:
    """One line of the gate. `next`: what to do, `href`: the page where; `waivable`: an administrator may let it pass
    in writing."""

    item: str
    words: str
    state: State
    why: str
    next: str
    waivable: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class PilotRow:
    id: str
    state: State
    began: datetime
    candidates: int
    rehearsal: bool


@dataclass(frozen=True, slots=True)
class WriteRow:
    """Writes of one field, and since when the oldest is wanted."""

    what: str
    field: str
    many: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class RolloutPage:
    """`to`: the next mode, "" after the last, and what it `does`; `exempt`: why no gate stands before it."""

    name: str
    label: str
    mode: str
    since: datetime
    to: str
    exempt: str
    ready: bool
    lines: tuple[GateLine, ...]
    contacts: tuple[tuple[str, str, str], ...]  # name, words, value
    owner: str
    jobs: tuple[tuple[str, str, bool], ...]  # record, title, chosen
    departments: str  # one a line
    offices: str
    limited: bool
    scope: str  # in words
    ai: bool
    pilots: tuple[PilotRow, ...]
    piloting: bool = False
    checked: bool = False  # there is a check of the data to decide about
    disclosure: int = 0  # the version that is not confirmed yet; 0: none
    may: bool = False
    may_waive: bool = False
    preview: tuple[tuple[str, tuple[WriteRow, ...]], ...] | None = None
    does: str = ""

    @property
    def at(self) -> str:
        return f"/connections/{self.name}/rollout"

    @property
    def answers(self) -> tuple[Fact, ...]:
        """Who answers, for whoever may only look."""
        return tuple(Fact(words, value or "not named") for _, words, value in self.contacts)

    @property
    def failing(self) -> int:
        return sum(one.state.words == "fails" for one in self.lines)


@dataclass(frozen=True, slots=True)
class HandoverPage:
    """A page of guides, each for one kind of reader."""

    name: str
    guides: tuple[Guide, ...]
    issued: Issue | None = None
    changed: tuple[str, ...] = ()  # guides that say something else than when they were issued


@dataclass(frozen=True, slots=True)
class PilotLine:
    what: str
    state: State
    of: str
    candidate: str
    field: str
    expected: str
    found: str
    next: str


@dataclass(frozen=True, slots=True)
class PilotPage:
    name: str
    label: str
    state: State
    rehearsal: bool
    began: datetime
    ended: datetime | None
    tag: str
    by: str
    candidates: int
    lines: tuple[PilotLine, ...]
    moves: tuple[tuple[str, str], ...]  # whom to move in the ATS, and to which stage
    running: bool
    until: datetime
    people: tuple[tuple[str, State], ...] = ()  # how far each is, while it runs
    goes_on: bool = False  # something changes by itself
    may: bool = False
