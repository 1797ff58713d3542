"""One SQL text for both back ends.

A statement is written once, with `:name` for a parameter, `IN :names` for a list of text, `IN :names!int` for a list of
numbers, and `ROWS(:rows, a text, b bigint)` for a table of values. `LEAST` and `GREATEST` must get no NULL, because the
back ends treat it differently. `FOR UPDATE` and `SKIP LOCKED` vanish on SQLite, where one thread writes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from .codec import dumps

Dialect = Literal["sqlite", "postgresql"]

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_LIST = re.compile(r"\bIN :([a-z_]+)(!int)?")
_ROWS = re.compile(r"\bROWS\(:([a-z_]+), ([^)]+)\)")
_LOCK = re.compile(r"\s+FOR UPDATE( OF \w+)?( SKIP LOCKED)?")


class Sql:
    """A statement, prepared for each back end once."""

    __slots__ = ("lists", "postgresql", "rows", "sqlite", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.lists = tuple(match[1] for match in _LIST.finditer(text))
        self.rows = {match[1]: len(match[2].split(",")) for match in _ROWS.finditer(text)}
        self.sqlite = _sqlite(text)
        self.postgresql = _postgresql(text)

    def __repr__(self) -> str:
        return f"Sql({' '.join(self.text.split())[:80]!r})"

    def bind(self, dialect: Dialect, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parameters as the back end wants them."""
        if not self.lists and not self.rows:
            return parameters
        bound = dict(parameters)
        for name in self.lists:
            bound[name] = dumps(list(bound[name])) if dialect == "sqlite" else list(bound[name])
        for name, width in self.rows.items():
            table: Sequence[Sequence[Any]] = bound.pop(name)
            if dialect == "sqlite":
                bound[name] = dumps(table)
            else:
                bound.update({f"{name}_{i}": [row[i] for row in table] for i in range(width)})
        return bound


def _columns(text: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind in (column.split() for column in text.split(","))]


def _sqlite(text: str) -> str:
    def table(match: re.Match[str]) -> str:
        columns = ", ".join(
            f"json_extract(value, '$[{i}]') AS {name}" for i, (name, _) in enumerate(_columns(match[2]))
        )
        return f"(SELECT {columns} FROM json_each(:{match[1]}))"

    text = _ROWS.sub(table, text)
    text = _LIST.sub(r"IN (SELECT value FROM json_each(:\1))", text)
    text = _LOCK.sub("", text)
    return text.replace("LEAST(", "min(").replace("GREATEST(", "max(")


def _postgresql(text: str) -> str:
    def table(match: re.Match[str]) -> str:
        columns = _columns(match[2])
        arrays = ", ".join(f":{match[1]}_{i}::{kind}[]" for i, (_, kind) in enumerate(columns))
        names = ", ".join(name for name, _ in columns)
        return f"(SELECT * FROM unnest({arrays}) AS given({names}))"

    text = text.replace("%", "%%")
    text = _ROWS.sub(table, text)
    text = _LIST.sub(lambda m: f"= ANY(:{m[1]}::{'bigint' if m[2] else 'text'}[])", text)
    return _PARAMETER.sub(r"%(\1)s", text)
