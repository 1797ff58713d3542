"""What an evaluation says: sections of tables, as text for a terminal, as Markdown, or as data."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bascule.errors import InputError

from . import duplicates, fairness, parsing, ranking, skills, titles, tricks
from .tables import Section, Table
from .vectors import Vectors

__all__ = ["Section", "Table", "evaluate", "markdown", "plain"]


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to measure: its key, what it is called, and what measures it in a folder."""

    key: str
    title: str
    measure: Callable[[Path, Vectors], Section]


PARTS = (
    Part("ranking", "Ranking resumes for an advert", ranking.measure),
    Part("skills", "Finding skills", skills.measure),
    Part("parsing", "Reading files", parsing.measure),
    Part("titles", "The same work under another title", titles.measure),
    Part("fairness", "Twins: the same resume of somebody else", fairness.measure),
    Part("duplicates", "Who is one person", duplicates.measure),
    Part("tricks", "Tricks in a resume", tricks.measure),
)
"""What can be measured. Another part is a module of this room with a `measure`, and a line here."""


def evaluate(folder: Path, vectors: Vectors | None = None, only: Sequence[str] = ()) -> tuple[Section, ...]:
    """Measure all that the folder has data for, or only the parts named.

    Raises InputError for a folder that is none, a part nobody knows, or a malformed file: it names file and line."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.", hint="Name the folder that holds the evaluation data.")
    if unknown := sorted(set(only) - {part.key for part in PARTS}):
        known = ", ".join(part.key for part in PARTS)
        raise InputError(f"There is no part {unknown[0]!r}.", hint=f"The parts are: {known}.")
    return tuple(_timed(part, folder, vectors or Vectors()) for part in PARTS if not only or part.key in only)


def _timed(part: Part, folder: Path, vectors: Vectors) -> Section:
    began = time.monotonic()
    section = part.measure(folder, vectors)
    return replace(section, key=part.key, title=part.title, seconds=round(time.monotonic() - began, 1))


def plain(sections: Sequence[Section]) -> str:
    """For a terminal."""
    lines: list[str] = []
    for section in sections:
        lines += [section.title, "=" * len(section.title), ""]
        lines += [f"Skipped: {section.skipped}", ""] if section.skipped else []
        for table in section.tables:
            lines += [table.title, *_columns(table), ""]
        lines += [*(f"- {note}" for note in section.notes), ""] if section.notes else []
    return "\n".join(lines)


def _columns(table: Table) -> list[str]:
    rows = [table.columns, *table.rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.columns))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def markdown(sections: Sequence[Section], level: int = 2) -> str:
    """For a page."""
    lines: list[str] = []
    for section in sections:
        lines += [f"{'#' * level} {section.title}", ""]
        lines += [f"Skipped: {section.skipped}", ""] if section.skipped else []
        for table in section.tables:
            lines += [f"{table.title}:", "", _row(table.columns), _row(["---"] * len(table.columns))]
            lines += [*(_row(row) for row in table.rows), ""]
        lines += [*(f"- {note}" for note in section.notes), ""] if section.notes else []
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
