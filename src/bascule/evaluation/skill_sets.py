"""Sentences of job adverts with their skills labelled: two kinds of files, read with care.

`esco_*.csv` (sentence, span, sub_span, label): the ESCO skills each sentence asks for, by preferred label; rows whose
label is UNDERSPECIFIED or LABEL NOT PRESENT say that ESCO has none. From Decorte and others (2022).
`skillspan_*.json` (one JSON object a line: tokens, tags_skill, tags_knowledge, source): which words name a skill or a
piece of knowledge, as B, I and O. From Zhang and others (2022). Both stand in the folder, or in `skill_ie` or
`matching/skill_ie` below it.
"""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bascule.errors import InputError

PLACES = ("", "skill_ie", "matching", "matching/skill_ie")
NO_LABEL = frozenset({"UNDERSPECIFIED", "LABEL NOT PRESENT"})
_COLUMNS = ("sentence", "span", "label")
_LISTS = ("tokens", "tags_skill", "tags_knowledge")


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence and the preferred labels of the skills it asks for, none where ESCO has none for it."""

    text: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A sentence in words, and the runs of words (first, after the last) that name knowledge, and skills."""

    words: tuple[str, ...]
    knowledge: tuple[tuple[int, int], ...]
    skills: tuple[tuple[int, int], ...]
    source: str

    @property
    def text(self) -> str:
        return " ".join(self.words)


def skill_files(folder: Path, pattern: str) -> list[Path]:
    """Files of that name in the folder, or in the usual places below it, by name."""
    for place in PLACES:
        if found := sorted((folder / place).glob(pattern)):
            return found
    return []


def asked(path: Path) -> list[Asked]:
    """The sentences of an `esco_*.csv`, in its order. Raises InputError for a malformed line."""
    found = dict[str, set[str]]()
    with path.open(encoding="utf-8", newline="") as stream:
        try:
            rows = csv.DictReader(stream)
            if missing := [name for name in _COLUMNS if name not in (rows.fieldnames or ())]:
                raise InputError(
                    f"{path.name}, line 1: there is no column {missing[0]!r}.",
                    hint=f"Expected the columns {', '.join(_COLUMNS)}.",
                )
            for row in rows:
                if row["label"] is None:
                    raise InputError(
                        f"{path.name}, line {rows.line_num}: too few columns.",
                        hint=f"Expected the columns {', '.join(_COLUMNS)}.",
                    )
                found.setdefault(row["sentence"], set()).update({row["label"]} - NO_LABEL)
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"{path.name}: {error}.", hint="Save it as CSV in UTF-8.") from None
    return [Asked(text, frozenset(labels)) for text, labels in found.items()]


def tagged(path: Path) -> list[Tagged]:
    """The sentences of a `skillspan_*.json`, in its order. Raises InputError for a malformed line."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}, byte {error.start}: not UTF-8.", hint="Save the file as UTF-8.") from None
    return [_tagged(line, f"{path.name}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _tagged(line: str, where: str) -> Tagged:
    expected = f"Expected a JSON object with {', '.join(_LISTS)}: lists of one length, tags being B, I and O."
    try:
        row: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: no JSON ({error.msg}, column {error.colno}).", hint=expected) from None
    if not isinstance(row, dict):
        raise InputError(f"{where}: a JSON {type(row).__name__}.", hint=expected)
    for name in _LISTS:
        if not isinstance(row.get(name), list) or not all(isinstance(one, str) for one in row[name]):
            raise InputError(
                f"{where}: {name!r} is {'missing' if name not in row else 'no list of texts'}.", hint=expected
            )
        if len(row[name]) != len(row["tokens"]):
            raise InputError(f"{where}: {len(row['tokens'])} tokens, but {len(row[name])} in {name!r}.", hint=expected)
    return Tagged(
        tuple(row["tokens"]), _runs(row["tags_knowledge"]), _runs(row["tags_skill"]), str(row.get("source") or "")
    )


def _runs(tags: Sequence[str]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    start = -1
    for at, tag in enumerate([*tags, "O"]):
        if tag != "I" and start >= 0:
            found.append((start, at))
            start = -1
        if tag != "O" and start < 0:
            start = at
    return tuple(found)
