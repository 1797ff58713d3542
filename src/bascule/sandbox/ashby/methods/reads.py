"""Lists and single objects that need nothing but their names, and how methods are put into a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...kit.tables import Row
from ..api import Call, Handler, Method, whole
from ..listing import Page


def table(**groups: Mapping[str, Handler]) -> Mapping[str, Method]:
    """`candidates_read={...}`: methods by the permission they need."""
    made: dict[str, Method] = {}
    for group, methods in groups.items():
        module, _, right = group.rpartition("_")
        scope = f"{module}:{right}" if module else ""
        made |= {name: Method(scope, handler) for name, handler in methods.items()}
    return made


def listed(kind: str, show: str, *, archived: bool = False, created: bool = False) -> Handler:
    """A list with pages and sync tokens; archived rows only where asked for."""

    def answer(call: Call) -> Page:
        rows = call.sight.all(kind)
        if archived:
            rows = call.unarchived(rows)
        if created:
            rows = call.newer(rows)
        return call.page(kind, rows, getattr(call.shower, show))

    return answer


def unpaged(kind: str, show: str) -> Handler:
    def answer(call: Call) -> Page:
        rows = call.sight.all(kind)
        if rows and "archived" in rows[0]:
            rows = call.unarchived(rows)
        return whole([getattr(call.shower, show)(row) for row in rows])

    return answer


def info(kind: str, name: str, what: str, show: str = "") -> Handler:
    def answer(call: Call) -> Any:
        return getattr(call.shower, show or what)(call.read(kind, call.found(kind, name, what)))

    return answer


def titled(call: Call, kind: str) -> Page:
    return whole([{"id": row["id"], "title": row["title"]} for row in call.sight.all(kind)])


def applied(call: Call) -> Row:
    """The application that a request is about."""
    return call.found("applications", "applicationId", "application")
