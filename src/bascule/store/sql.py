"""One SQL text for both back ends.

A statement is written once, with `:name` for a parameter, `IN :names` for a list of text, `IN :names!int` for a list of
numbers, and `ROWS(:rows, a text, b bigint)` for a table of values. `SEEN(family)` and `SEEN_RECORD(record)` are TRUE,
but for whoever may not see everybody (`sight`). `LEAST` and `GREATEST` must get no NULL, because the back ends treat it
differently. `FOR UPDATE` and `SKIP LOCKED` vanish on SQLite, where one thread writes.
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
_SEEN = re.compile(r"\bSEEN(_RECORD)?\(([\w.]+)\)")
_LOCK = re.compile(r"\s+FOR UPDATE( OF \w+)?( SKIP LOCKED)?")


class Sql:
    """A statement, prepared for each back end once."""

    __slots__ = ("lists", "postgresql", "rows", "sqlite", "text", "walled")

    def __init__(self, text: str) -> None:
        self.walled = Sql(_SEEN.sub(_wall, text)) if _SEEN.search(text) else None
        text = _SEEN.sub("TRUE", text)
        self.text = text
        self.lists = tuple(dict.fromkeys(match[1] for match in _LIST.finditer(text)))
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


# The jobs, and the applications, that somebody is named on: asked once a statement. Aliases are its own, because it
# stands inside other statements.
_NAMED = "(SELECT t_.record FROM teams AS t_ WHERE t_.person IN :sight_users)"
_MINE = f"(a_.job IN {_NAMED} OR a_.record IN {_NAMED})"
_FAMILY = f"""EXISTS (
    SELECT 1 FROM families AS f_ WHERE f_.id = {{}} AND CASE f_.kind
    WHEN 'candidate' THEN
        NOT EXISTS (
            SELECT 1 FROM applications AS a_ JOIN confined AS c_ ON c_.record = a_.job
            WHERE a_.family = f_.id AND a_.state = 'live' AND NOT {_MINE})
        AND ((:sight_open = 1 AND NOT EXISTS (
                SELECT 1 FROM candidates AS p_ JOIN confined AS c_ ON c_.record = p_.record
                WHERE p_.family = f_.id AND p_.state = 'live'))
            OR EXISTS (SELECT 1 FROM applications AS a_ WHERE a_.family = f_.id AND a_.state = 'live' AND {_MINE}))
    WHEN 'job' THEN
        NOT EXISTS (
            SELECT 1 FROM records AS r_ JOIN confined AS c_ ON c_.record = r_.id
            WHERE r_.family = f_.id AND r_.id NOT IN {_NAMED})
    ELSE TRUE END)"""
_RECORD = f"NOT EXISTS (SELECT 1 FROM records AS s_ WHERE s_.id = {{}} AND NOT {_FAMILY.format('s_.family')})"


def _wall(match: re.Match[str]) -> str:
    """The condition under which a family, or what a record belongs to, is seen."""
    return (_RECORD if match[1] else _FAMILY).format(match[2])


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
