"""The shape of what was measured."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as they are shown. The same figures, unrounded, are in the section's `figures`."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """One thing that was measured, or why it was not."""

    key: str = ""
    title: str = ""
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    """What must be known to read the tables."""
    figures: dict[str, Any] | None = None
    """The figures as JSON data."""
    skipped: str = ""
    """Which files were looked for and not found; empty where all of it was measured."""
    seconds: float = 0.0

    def as_data(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)
