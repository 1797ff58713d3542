"""The labelled sets, read with care: a malformed line names file, line and what was expected.

Adverts and resumes stand in `category_queries*.jsonl` and `category_resumes*.jsonl`, in the folder itself or in
`matching` below it, one JSON object a line.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bascule.errors import InputError

BELOW = "matching"


@dataclass(frozen=True, slots=True)
class Advert:
    """A job advert, and the category whose resumes fit it."""

    category: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Resume:
    """A resume's text and the category it was filed under."""

    id: str
    category: str
    text: str


def files(folder: Path, pattern: str) -> list[Path]:
    """Files of that name in the folder, or in `matching` below it, by name."""
    return sorted(folder.glob(pattern)) or sorted((folder / BELOW).glob(pattern))


def adverts(folder: Path) -> list[Advert]:
    """Every advert; none where there is no such file. Raises InputError for a malformed line."""
    rows = _rows(folder, "category_queries*.jsonl", "category", "title", "text")
    return [Advert(row["category"], row["title"], row["text"]) for row in rows]


def resumes(folder: Path) -> list[Resume]:
    """Every resume; none where there is no such file. Raises InputError for a malformed line."""
    rows = _rows(folder, "category_resumes*.jsonl", "id", "category", "text")
    return [Resume(row["id"], row["category"], row["text"]) for row in rows]


def _rows(folder: Path, pattern: str, *names: str) -> Iterator[Mapping[str, str]]:
    for path in files(folder, pattern):
        for number, line in enumerate(_text(path).split("\n"), 1):
            if line.strip():
                yield _row(line, f"{path.name}, line {number}", names)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}, byte {error.start}: not UTF-8.", hint="Save the file as UTF-8.") from None


def _row(line: str, where: str, names: tuple[str, ...]) -> Mapping[str, str]:
    expected = f"Expected a JSON object with {', '.join(names)}, each a text."
    try:
        row: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: no JSON ({error.msg}, column {error.colno}).", hint=expected) from None
    if not isinstance(row, dict):
        raise InputError(f"{where}: a JSON {type(row).__name__}.", hint=expected)
    for name in names:
        if not isinstance(row.get(name), str):
            raise InputError(f"{where}: {name!r} is {'missing' if name not in row else 'no text'}.", hint=expected)
    return row
