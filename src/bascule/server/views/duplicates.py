"""Records that may be one person, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .parts import Paging


@dataclass(frozen=True, slots=True)
class PairSide:
    """One of the records: since when it is known, where, and whether it is the one that would stay."""

    id: str
    name: str
    href: str
    met: datetime | None = None
    where: str = ""
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One value, and whether another side says it too."""

    text: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class PairLine:
    """One field of all sides: "same", "differs", or "on one side"."""

    name: str
    cells: tuple[tuple[Said, ...], ...]
    how: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """One question. Where it may be one of several, each but the first side is an answer of its own."""

    review: str
    sides: tuple[PairSide, ...]
    lines: tuple[PairLine, ...]
    shared: tuple[str, ...]
    certain: bool
    asked: datetime

    @property
    def title(self) -> str:
        names = list(dict.fromkeys(side.name for side in self.sides))
        return (
            f"{names[0]}, {'twice' if len(self.sides) == 2 else 'several times'}"
            if len(names) == 1
            else " and ".join(names)
        )


@dataclass(frozen=True, slots=True)
class BatchRow:
    id: str
    at: datetime
    who: str
    pairs: int


@dataclass(frozen=True, slots=True)
class DuplicateList:
    rows: tuple[PairRow, ...]
    total: int
    certain: int
    paging: Paging
    certain_of: int = 0  # among so many of the newest questions; 0: among all
    there: int = 0  # people who are one here and two in an ATS
    batches: tuple[BatchRow, ...] = ()
    sweeping: bool = False
    may: bool = False
    place: str = ""  # where this page begins


@dataclass(frozen=True, slots=True)
class CertainRow:
    """A pair whose answer is hardly in doubt: who stays, who is joined into them, and what each is known by."""

    review: str
    stays: PairSide
    goes: PairSide
    known: tuple[str, str]
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CertainList:
    rows: tuple[CertainRow, ...]
    total: int
    may: bool = False
