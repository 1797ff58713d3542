"""What attributes, filters and relations are mostly made of: columns of a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...kit.tables import Row
from ..jsonapi import Keep, Resource, View


def own(*names: str) -> Callable[[View, Row], dict[str, Any]]:
    """Attributes that are columns of the same name; times are told in the company's zone."""

    def shown(view: View, row: Row) -> dict[str, Any]:
        return {name: view.sandbox.when(row[column]) if column.endswith("_at") else row[column]
                for name in names for column in [name.replace("-", "_")]}  # fmt: skip

    return shown


def by(column: str) -> Callable[[View, list[str]], Keep]:
    """A filter: the column has one of the values."""

    def made(view: View, values: list[str]) -> Keep:
        return lambda row: str(row[column]) in values

    return made


def among(column: str) -> Callable[[View, list[str]], Keep]:
    """A filter: one of the values is in the column, which is a list."""

    def made(view: View, values: list[str]) -> Keep:
        return lambda row: any(str(one) in values for one in row[column])

    return made


def below(table: str, column: str, keep: Callable[[Row], bool] = lambda row: True) -> Callable[[View, Row], list[Row]]:
    """The rows of a table that point here."""
    return lambda view, row: [one for one in view.sandbox.db[table].where(column, row["id"]) if keep(one)]


def listed(table: str, column: str) -> Callable[[View, Row], list[Row]]:
    """The rows whose ids a column lists."""
    return lambda view, row: [
        one for one in (view.sandbox.db[table].get(id) for id in row[column]) if one is not None
    ]  # fmt: skip


def plain(type: str, *names: str, level: str = "public", **more: Any) -> Resource:
    """A type that is only read, and only has columns."""
    return Resource(type, type.replace("-", "_"), own(*names), sorts=names, level=level, **more)
