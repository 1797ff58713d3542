"""The mapping of a connection, its versions, and what another would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bascule.core.mapping import Difference
from bascule.model import Value


@dataclass(frozen=True, slots=True)
class MappingRow:
    kind: str
    canonical: str
    label: str
    ats: str
    type: str
    cls: str
    direction: str
    authority: str
    promised: str
    measured: str
    gaps: tuple[str, ...] = ()
    note: str = ""
    on: bool = True
    switch: str = ""  # "<kind>.<canonical>" of an output that the owner can switch off


@dataclass(frozen=True, slots=True)
class UnmappedRow:
    object: str
    field: str
    type: str
    why: str


@dataclass(frozen=True, slots=True)
class StageRow:
    """Stages of one name. `type` is what a person has said ("" = nobody yet), `proposed` what the name suggests."""

    name: str
    jobs: int
    type: str
    proposed: str = ""


@dataclass(frozen=True, slots=True)
class RungRow:
    """A stage of a ladder: its type, the rule that says so in words, and whether a person has still to say it."""

    name: str
    type: str
    rule: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class LadderRow:
    """A row of stages and its jobs (id, title); `exceptions` are (job's title, stage, type)."""

    rungs: tuple[RungRow, ...]
    jobs: tuple[tuple[str, str], ...]
    exceptions: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class VersionRow:
    number: int
    at: datetime
    by: str
    why: str
    changed: tuple[Difference, ...] = ()
    current: bool = False


@dataclass(frozen=True, slots=True)
class PairRow:
    """A job or reason here with its counterpart at another connection. `waiting` people's applications wait for one."""

    record: str
    kind: str
    name: str
    counterpart: str
    words: str
    tone: str
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class PairTable:
    """What of this connection is what of another. `free` are those there without one, by kind: (id, name)."""

    other: str
    rows: tuple[PairRow, ...]
    left: int  # more than are shown
    proposed: int
    free: tuple[tuple[str, str, str], ...] = ()  # (kind, id, name)


@dataclass(frozen=True, slots=True)
class MappingPage:
    connection: str
    system: str
    label: str
    version: str
    at: datetime | None
    rows: tuple[MappingRow, ...]
    unmapped: tuple[UnmappedRow, ...]
    gaps: int
    connections: tuple[str, ...] = ()
    stages: tuple[StageRow, ...] = ()
    types: tuple[str, ...] = ()  # that a stage may have
    ladders: tuple[LadderRow, ...] = ()
    kinds: tuple[str, ...] = ()  # in the order of the sections
    history: tuple[VersionRow, ...] = ()
    file: str = ""
    may: bool = False  # change it
    pairs: tuple[PairTable, ...] = ()


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One value of a record that a mapping would change."""

    record: str
    kind: str
    name: str
    href: str
    field: str
    label: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a mapping would do: nothing has been changed. `text`, `version` or `rule` (job, stage, type) is what would
    be applied; a `problem` says why the text cannot be."""

    differences: tuple[Difference, ...] = ()
    families: int = 0
    records: int = 0
    by_field: tuple[tuple[str, int], ...] = ()
    rows: tuple[EffectRow, ...] = ()
    unlike: tuple[tuple[str, int], ...] = ()
    ended: tuple[tuple[str, int], ...] = ()
    dropped: int = 0
    text: str = ""
    version: int = 0
    rule: tuple[str, str, str] | None = None
    jobs: int = 0  # of the families, with something that would change
    connection: str = ""
    label: str = ""
    problem: str = ""
    hint: str = ""
