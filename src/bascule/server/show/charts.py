"""Charts as numbers for a template to draw, on a field 100 wide and 40 high: they need no script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..views.figures import Chart, Mark

HIGH = 40.0


def chart(
    title: str, weeks: Sequence[Mapping[str, Any]], days: Sequence[str], unit: str, words: Callable[[float], str],
    goal: float | None = None,
) -> Chart | None:  # fmt: skip
    """A figure week by week; None where fewer than two weeks are known: the number says it all.

    Shares are bars of how many, the part of them filled, because a share of three is none; times are dots of medians;
    sums are bars.
    """
    if sum(bool(one["n"]) and _height(one, unit) is not None for one in weeks) < 2:
        return None
    bars = unit != "seconds"
    top = max([_height(one, unit) or 0.0 for one in weeks] + ([goal] if goal and unit != "share" else []))
    scale = top or 1.0
    step = 100 / len(weeks)
    marks = tuple(
        _mark(one, unit, (n + 0.5) * step, scale, f"Week of {day}: {_told(one, unit, words)}")
        for n, (one, day) in enumerate(zip(weeks, days, strict=True))
    )
    return Chart(
        title, bars, round(min(step * 0.62, 6.0), 3), marks, () if bars else _lines(marks), words(top), days[0],
        days[-1], round(HIGH - HIGH * goal / scale, 2) if goal and unit != "share" else None,
    )  # fmt: skip


def _height(one: Mapping[str, Any], unit: str) -> float | None:
    return float(one["n"]) if unit == "share" else one["value"]


def _mark(one: Mapping[str, Any], unit: str, x: float, scale: float, words: str) -> Mark:
    height = _height(one, unit)
    if not one["n"] or height is None:
        return Mark(round(x, 2), None, None, False, words)
    part = one["many"] if unit == "share" else height
    return Mark(
        round(x, 2), _from_top(height, scale), _from_top(part, scale), bool(one["few"]) and unit == "seconds", words
    )


def _from_top(value: float, scale: float) -> float:
    return round(HIGH - HIGH * value / scale, 2)


def _told(one: Mapping[str, Any], unit: str, words: Callable[[float], str]) -> str:
    if not one["n"]:
        return "none"
    if unit == "share":
        return f"{one['many']} of {one['n']}"
    return f"{'unknown' if one['value'] is None else words(one['value'])}, of {one['n']}"


def _lines(marks: Sequence[Mark]) -> tuple[str, ...]:
    """Through weeks that follow each other; a week of which nothing is known breaks the line."""
    found: list[list[str]] = [[]]
    for one in marks:
        if one.top is None:
            found.append([])
        else:
            found[-1].append(f"{one.x} {one.top}")
    return tuple(f"M{' L'.join(points)}" for points in found if len(points) > 1)
