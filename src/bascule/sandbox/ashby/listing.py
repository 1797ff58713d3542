"""Pages, cursors and sync tokens.

A full sync goes through the rows in the order they came; an incremental one through those changed since, in the order
of their change. Only the last page has a sync token; it stands for the moment at which the first page was asked for,
so what changes meanwhile comes with the next sync, and what changed in that very millisecond comes twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..kit.paging import after, pack, unpack
from ..kit.tables import Row
from .errors import Refused, invalid
from .options import Options

MOST = 100
FULL = "Start a full sync: ask again without a cursor and without a sync token."


def millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@dataclass(frozen=True)
class Page:
    """`whole` lists have neither cursor nor token, only all their rows."""

    results: list[Any]
    cursor: str | None = None
    token: str | None = None

    def as_json(self) -> dict[str, Any]:
        told = {"nextCursor": self.cursor, "syncToken": self.token}
        return {"success": True, "results": self.results, "moreDataAvailable": self.cursor is not None,
                **{key: value for key, value in told.items() if value is not None}}  # fmt: skip


def limit_of(body: Mapping[str, Any]) -> int:
    """How many a page may have; more than 100 is 100."""
    wanted = body.get("limit")
    if wanted is None:
        return MOST
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or wanted < 1 or wanted != math.floor(wanted):
        raise invalid("A number from 1 to 100", "limit")
    return min(int(wanted), MOST)


def created_after(body: Mapping[str, Any]) -> int | None:
    wanted = body.get("createdAfter")
    if wanted is None:
        return None
    if isinstance(wanted, bool) or not isinstance(wanted, int | float):
        raise invalid("Milliseconds since 1970", "createdAfter")
    return int(wanted)


@dataclass(frozen=True)
class Lister:
    """How one list is paged: under which name its cursors work, and where a row stands in it."""

    name: str
    options: Options
    now: datetime
    place: Callable[[Row], int]
    # Whether it has sync tokens.
    syncs: bool = True
    # Cursors and tokens of another era have expired, whatever the clock says.
    era: int = 0

    def _refused(self, code: str, message: str) -> Refused:
        return Refused(self.options.sync_status, message, code=code)

    def _read(self, text: Any, keys: tuple[str, ...], code: str) -> dict[str, Any]:
        try:
            found = unpack(text) if isinstance(text, str) else None
        except ValueError:
            found = None
        if not isinstance(found, dict) or found.get("list") != self.name or any(key not in found for key in keys):
            raise self._refused(code, f"This cannot be read. {FULL}")
        return found

    def page(self, rows: Iterable[Row], body: Mapping[str, Any], show: Callable[[Row], Any]) -> Page:
        limit, now = limit_of(body), millis(self.now)
        at = self._begin(body, now)
        since = at["since"]
        if since is not None and at["page"] > self.options.sync_pages:
            raise self._refused("incremental_sync_too_large", f"Too much has changed for an incremental sync. {FULL}")
        if since is None:
            chosen, key = rows, self._came
        else:
            chosen, key = (row for row in rows if millis(row["updated_at"]) >= since), self._changed
        shown, following = after(chosen, key, at["after"], limit)
        results = [show(row) for row in shown]
        if following is not None:
            cursor = {**at, "list": self.name, "after": following, "page": at["page"] + 1, "at": now, "era": self.era}
            return Page(results, pack(cursor))
        token = {"list": self.name, "since": at["start"], "at": now, "era": self.era}
        return Page(results, None, pack(token) if self.syncs else None)

    def _begin(self, body: Mapping[str, Any], now: int) -> dict[str, Any]:
        """Where this page goes on. A cursor says it; without one a sync token begins an incremental pass."""
        if body.get("cursor") is not None:
            known = ("after", "page", "since", "start", "at", "era")
            found = self._read(body["cursor"], known, "invalid_next_cursor")
            if self._old(found, now, self.options.cursor_lifetime):
                raise self._refused("next_cursor_expired", f"This cursor has expired. {FULL}")
            return found
        since = None
        if self.syncs and body.get("syncToken") is not None:
            found = self._read(body["syncToken"], ("since", "at", "era"), "sync_token_invalid")
            if self._old(found, now, self.options.token_lifetime):
                raise self._refused("sync_token_expired", f"This sync token has expired. {FULL}")
            since = found["since"]
        return {"since": since, "after": None, "page": 1, "start": now}

    def _old(self, found: Mapping[str, Any], now: int, lifetime: float) -> bool:
        return found["era"] != self.era or now - found["at"] >= lifetime * 1000

    def _came(self, row: Row) -> list[Any]:
        return [self.place(row)]

    def _changed(self, row: Row) -> list[Any]:
        return [millis(row["updated_at"]), self.place(row)]
