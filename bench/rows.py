"""What a program has to say: rows with a ratio first, and a table of them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `ratio` is measured / baseline unless `of` says otherwise; `reached` None: no goal."""

    program: str
    what: str
    ratio: float
    of: str  # what is divided by what
    measured: str
    baseline: str
    goal: str = ""
    reached: bool | None = None
    figures: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile. NaN of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else math.nan


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as a Markdown table: ratios first, absolute figures second, then the goal."""
    lines = ["| | Ratio | of | Measured | Baseline | Goal | |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        reached = {True: "reached", False: "**not reached**", None: ""}[row["reached"]]
        cells = (
            row["what"],
            f"**{row['ratio']:.3g}**",
            row["of"],
            row["measured"],
            row["baseline"],
            row["goal"],
            reached,
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
