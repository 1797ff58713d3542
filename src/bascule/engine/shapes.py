"""Are answers still as they were when the connector was written? The first page of each list in an hour is compared
with the recorded shape; what differs, and what headers say of an interface's end, is told to the owner, once each.

Looked at while the page is in hand, kept a little later: only keys, types and counts stay, no value. What a person has
ended is told again only when it changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bascule.connectors.drift import Drift, What
from bascule.connectors.shapes import NOTHING, Ends, Learned, Seen, compare, ends, learn, look
from bascule.connectors.spec import Connector, Reads
from bascule.model import EMPTY, Fields, Json, Value
from bascule.store import Tx
from bascule.store.tasks import TaskLease

from . import drift
from .connections import Connected, Connections
from .http import Observation
from .runtime import Runtime

ANSWERS = "answers"  # the task, and the cursor: what was found, by list
EACH = 30.0
SAMPLED = timedelta(hours=1)  # one page of a list in this time
ENDING, ENDS_SOON = "interface deprecated", "interface ends"  # kinds of notice
URGENT = timedelta(days=90)  # a sunset within this must not wait


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a connection's answers. `lists` were looked at, the last one at `at`; `changes` by list: (what,
    path, was, now); `ends` by endpoint: (deprecated, sunset, more)."""

    lists: int = 0
    at: datetime | None = None
    changes: Mapping[str, tuple[tuple[str, str, str, str], ...]] = field(default_factory=lambda: EMPTY)
    ends: Mapping[str, Ends] = field(default_factory=lambda: EMPTY)

    @property
    def keys(self) -> list[str]:
        """Every key that differs, as `list.path: how`."""
        return [
            f"{name}.{path} {what}" + (f": {now}" if what == What.RETYPED else "")
            for name, found in sorted(self.changes.items())
            for what, path, _, now in found
        ]


def standing(kept: Value) -> Standing:
    """From what is kept."""
    body: Mapping[str, Any] = kept if isinstance(kept, Mapping) else {}
    lists: Mapping[str, Mapping[str, Any]] = body.get("lists", {})
    told: Mapping[str, Mapping[str, Any]] = body.get("ends", {})
    return Standing(
        len(lists),
        max((datetime.fromisoformat(one["at"]) for one in lists.values()), default=None),
        {name.strip("/"): tuple(one["changes"]) for name, one in lists.items() if one["changes"]},
        {name: Ends(_moment(one["deprecated"]), _moment(one["sunset"]), one["more"]) for name, one in told.items()},
    )


def words(found: Standing) -> tuple[str, str]:
    """(how answers stand, how the interface stands) in words; "" where nothing is known."""
    differ = found.keys
    answers = f"{len(differ)} differ: {', '.join(differ[:5])}" if differ else f"as recorded, in {found.lists} lists"
    over = [
        f"{endpoint} " + (f"ends on {one.sunset:%d %b %Y}" if one.sunset is not None else "is deprecated")
        for endpoint, one in sorted(found.ends.items())
    ]
    return answers if found.lists else "", ", ".join(over)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""


class Shapes:
    """The handler of the task "answers", and who is shown pages and requests as they come."""

    def __init__(self, runtime: Runtime, connections: Connections) -> None:
        self._runtime = runtime
        self._connections = connections
        self._next: dict[tuple[str, str], datetime] = {}
        self._pages: dict[tuple[str, str], Seen] = {}
        self._ends: dict[tuple[str, str], Ends] = {}

    # ---------------------------------------------------------------------------------------------------- as they come

    def page(self, connection: str, connector: Connector, reads: Reads, items: Sequence[Json]) -> None:
        """One page of a list. Lists that show a few fields only, and empty pages, say nothing of a shape."""
        known = connector.shapes.get(reads.path)
        if known is None or not items or not reads.by:
            return
        key, now = (connection, reads.path), self._runtime.now()
        if self._next.get(key, now) > now:
            return
        self._next[key] = now + SAMPLED
        self._pages[key] = look(items, known[1])

    def heard(self, connection: str, seen: Observation) -> None:
        """One answer: does it speak of the interface's end?"""
        if seen.deprecation or seen.sunset:
            found = ends(seen.deprecation, seen.sunset, seen.link)
            if found is not None:
                self._ends[connection, f"{seen.method} {seen.endpoint}"] = found

    # ----------------------------------------------------------------------------------------------------- being kept

    async def keep(self, _task: TaskLease) -> float:
        """What has been seen since the last time, compared, kept and told."""
        pages, self._pages = self._pages, {}
        told, self._ends = self._ends, {}
        for id in {connection for connection, _ in [*pages, *told]}:
            at = self._connections.known(id)
            if at is None:
                continue
            mine = {path: seen for (connection, path), seen in pages.items() if connection == id}
            over = {endpoint: one for (connection, endpoint), one in told.items() if connection == id}
            await self._connections.store.write(lambda tx, at=at, mine=mine, over=over: self._unit(tx, at, mine, over))
        return EACH

    def _unit(self, tx: Tx, at: Connected, pages: Mapping[str, Seen], over: Mapping[str, Ends]) -> None:
        now, kept = self._runtime.now(), tx.connections.cursor(at.id, ANSWERS)
        body: dict[str, Any] = dict(kept) if isinstance(kept, Mapping) else {}
        lists, ended = dict(body.get("lists", {})), dict(body.get("ends", {}))
        for path, seen in pages.items():
            lists[path] = self._compared(tx, at, path, seen, lists.get(path, {}), now)
        for endpoint, one in over.items():
            ended[endpoint] = self._told_of(tx, at, endpoint, one, ended.get(endpoint, {}), now)
        tx.connections.set_cursor(at.id, ANSWERS, {"lists": lists, "ends": ended}, now=now)

    def _compared(
        self, tx: Tx, at: Connected, path: str, seen: Seen, before: Mapping[str, Any], now: datetime
    ) -> Fields:
        """One list's page: what is new since the last one is told, what is over is told no longer."""
        object, shape = at.connector.shapes[path]
        learned: Learned = before.get("learned", NOTHING)
        found = {(one.what, one.id): one for one in compare(object, shape, learned, seen)}
        was = {(what, name): (old, new) for what, name, old, new in before.get("changes", ())}
        for key, one in found.items():
            if was.get((str(key[0]), key[1])) != (one.was, one.now):
                tx.notices.put(
                    at.row.workspace, drift.DRIFT, drift.about(at, one.what, one), drift.text(at, one, at.tenant),
                    now=now, connection=at.id,
                )  # fmt: skip
        for what, name in was:
            if (What(what), name) not in found:
                tx.notices.close(
                    at.row.workspace,
                    drift.DRIFT,
                    drift.about(at, What(what), Drift(What(what), object, name, name, name)),
                    now=now,
                )
        changes = tuple((str(one.what), one.id, one.was, one.now) for one in found.values())
        return {"at": now.isoformat(), "changes": changes, "learned": dict(learn(shape, learned, seen))}

    def _told_of(
        self, tx: Tx, at: Connected, endpoint: str, one: Ends, before: Mapping[str, Any], now: datetime
    ) -> Fields:
        """An endpoint is to end, or has been replaced: once, and once more when its end comes near or is moved."""
        soon = one.sunset is not None and one.sunset - now <= URGENT
        after = {
            "deprecated": _text(one.deprecated), "sunset": _text(one.sunset), "more": one.more, "soon": soon,
        }  # fmt: skip
        if {**before} != after:
            about, workspace = f"{at.id}|{endpoint}", at.row.workspace
            kind, other = (ENDS_SOON, ENDING) if soon else (ENDING, ENDS_SOON)
            tx.notices.close(workspace, other, about, now=now)
            tx.notices.put(workspace, kind, about, said(at.row.name, endpoint, one, now), now=now, connection=at.id)
        return after


def said(name: str, endpoint: str, one: Ends, now: datetime) -> str:
    """What headers say, in a sentence or two."""
    if one.sunset is not None:
        days = (one.sunset - now).days
        when = f"in {days} days" if days > 0 else "that is now, or over"
        first = f"{name}: {endpoint} ends on {one.sunset:%d %b %Y} ({when})."
        first = f"Urgent. {first}" if one.sunset - now <= URGENT else first
    else:
        first = f"{name}: {endpoint} is deprecated."
    since = f" It is deprecated from {one.deprecated:%d %b %Y} on." if one.deprecated is not None else ""
    more = f" The system says more at {one.more}" if one.more else ""
    return f"{first}{since} A connector for what replaces it is needed before.{more}".rstrip()
