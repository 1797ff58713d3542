"""The set-up of one connection, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bascule.connectors.guide import Guide

from .figures import FlowPage
from .parts import Choice, State


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step. `open`: shown with what can be done; `acts`: there is something to do in it."""

    key: str
    title: str
    state: State
    next: str
    open: bool
    acts: bool


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage name there. `type`: what a person has said; `proposed`: what its name suggests."""

    name: str
    jobs: int
    type: str
    proposed: str


@dataclass(frozen=True, slots=True)
class WizardPage:
    """`hook_secret`: shown this once, "" else; `makes`: the system makes it; `missing`, `unwaived`: rights it lacks,
    and has too many of; `for_pilot`: those that it lacks for a pilot; `to`: the next mode, `ready` whether nothing
    stands before it; `jobs`: those that can be the first; `runs`: something goes on by itself."""

    name: str
    label: str
    at: str
    guide: Guide
    base_url: str
    answer: State
    rest: str
    steps: tuple[StepRow, ...]
    types: tuple[str, ...]
    stages: tuple[StageRow, ...]
    entered: str
    missing: tuple[str, ...]
    unwaived: tuple[str, ...]
    waivable: bool
    hook_url: str
    hook_secret: str
    hook_checked: datetime | None
    users: tuple[Choice, ...]
    may_administer: bool
    lacking: tuple[str, ...]  # fields that are made by a button ...
    pilot: str
    for_pilot: tuple[str, ...]
    rehearsal: bool
    to: str
    ready: bool
    jobs: tuple[Choice, ...]
    runs: bool
    practice: str
    told: bool
    by_hand: tuple[str, ...] = ()  # ... and by hand, there
    flow: FlowPage | None = None  # how people came up to now, once every stage has a type; of who may see figures
    back: str = ""  # where a consent leads back to
