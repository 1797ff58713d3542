"""The sandbox's memory: tables of rows, and a log of every change for whoever wants to check the truth afterwards."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from .ids import Id, NewId

Row = dict[str, Any]


def iso(moment: datetime | None) -> str | None:
    """A time as most vendors write it: UTC, milliseconds, a trailing Z."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def plain(value: Any) -> Any:
    """A value fit for JSON: times and dates as text, bytes as their length, everything else unchanged."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


@dataclass(frozen=True)
class Actor:
    """Who does something: `api:<credential>`, `user:<name>`, `careers` or `system`, and as which user."""

    kind: str
    user_id: Id = None


SYSTEM = Actor("system")
CAREERS = Actor("careers")


@dataclass(frozen=True)
class Change:
    """One changed field, or one row that came (`old` is None) or went (`new` is None) as a whole."""

    seq: int
    at: float
    actor: Actor
    action: str
    object: str
    id: Id
    parents: Mapping[str, Id]
    field: str | None
    old: Any
    new: Any

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def as_json(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "at": self.at,
            "actor": self.actor.kind,
            "acting_user_id": self.actor.user_id,
            "action": self.action,
            "object": self.object,
            "id": self.id,
            "parents": dict(self.parents),
            "field": self.field,
            "old": plain(self.old),
            "new": plain(self.new),
        }


@dataclass(frozen=True)
class Kind:
    """One kind of object: how its ids are made, its columns that point to other kinds, and those by which it is looked
    up whatever the case."""

    new_id: NewId
    parents: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class Table:
    """Rows of one kind, by id, with an index for each column that points to another kind or is looked up.

    Rows stand in the order they came; where ids are numbers, in the order of their ids.
    """

    def __init__(self, name: str, kind: Kind) -> None:
        self.name = name
        self.parents = kind.parents
        self.rows: dict[Id, Row] = {}
        self.ids: list[Id] = []
        self._new_id = kind.new_id
        self._made = 0
        self._next = 0  # no number under this is given out
        self._places: dict[Id, int] = {}
        self._keys = kind.keys
        self._index: dict[str, dict[Id, dict[Id, None]]] = {name: {} for name in (*kind.parents, *kind.keys)}

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self.rows.values()))

    def get(self, id: Id) -> Row | None:
        return None if id is None else self.rows.get(id)

    def where(self, parent: str, id: Id) -> list[Row]:
        """The rows that point to `id`, oldest first."""
        return [self.rows[own] for own in self._index[parent].get(id, {})]

    def first(self, key: str, value: str) -> Row | None:
        """The row that came first of those with this value, whatever the case."""
        return min(self.where(key, value.casefold()), key=lambda row: self.place(row["id"]), default=None)

    def _under(self, name: str, row: Mapping[str, Any]) -> Any:
        """Where a row stands in the index of a column; None: nowhere."""
        value = row.get(name)
        return value.casefold() if name in self._keys and isinstance(value, str) else value

    def place(self, id: Id) -> int:
        """Where a row stands among all that ever were, for lists that are read on from there; KeyError if it never was.
        A number is its own place, whether or not there was such a row."""
        return id if isinstance(id, int) else self._places[id]

    def newest_first(self, below: Id = None) -> Iterator[Row]:
        """All rows that stand under `below`, the newest first."""
        at = len(self.ids) if below is None else bisect_left(self.ids, self.place(below), key=self.place)
        for position in range(at - 1, -1, -1):
            yield self.rows[self.ids[position]]

    def oldest_first(self, above: Id = None) -> Iterator[Row]:
        """All rows that stand above `above`, the oldest first."""
        at = 0 if above is None else bisect_left(self.ids, self.place(above) + 1, key=self.place)
        for id in self.ids[at:]:
            if id in self.rows:
                yield self.rows[id]

    def insert(self, row: Row) -> Row:
        id = row.get("id")
        if id is None or id == 0:
            id = self._give()
        if isinstance(id, int):
            self._next = max(self._next, id + 1)
        else:
            self._places.setdefault(id, len(self._places))
        row["id"] = id
        self.rows[id] = row
        if self.ids and self.place(id) < self.place(self.ids[-1]):
            insort(self.ids, id, key=self.place)
        else:
            self.ids.append(id)
        for name, index in self._index.items():
            if (value := self._under(name, row)) is not None:
                index.setdefault(value, {})[id] = None
        return row

    def _give(self) -> Id:
        id = self._new_id(self._made)
        self._made += 1
        return max(id, self._next) if isinstance(id, int) else id

    def update(self, row: Row, values: Mapping[str, Any]) -> None:
        for name, index in self._index.items():
            if name in values and values[name] != row.get(name):
                if (old := self._under(name, row)) is not None:
                    index.get(old, {}).pop(row["id"], None)
                if (new := self._under(name, values)) is not None:
                    index.setdefault(new, {})[row["id"]] = None
        row.update(values)

    def earlier(self, rows: Mapping[Id, Row | None]) -> Table:
        """A copy in which these rows are as given; None: not there."""
        past = copy(self)
        past.rows, past.ids = dict(self.rows), list(self.ids)
        past._index = {parent: {id: dict(own) for id, own in index.items()} for parent, index in self._index.items()}
        for id, row in rows.items():
            if id in past.rows:
                past.remove(id)
            if row is not None:
                past.insert(dict(row))
        return past

    def remove(self, id: Id) -> Row:
        row = self.rows.pop(id)
        del self.ids[bisect_left(self.ids, self.place(id), key=self.place)]
        for name, index in self._index.items():
            if (value := self._under(name, row)) is not None:
                index.get(value, {}).pop(id, None)
        return row


# How many changes can be undone to show the past.
REMEMBERED = 20_000
NONE: Mapping[str, Callable[[Database, Any], str]] = MappingProxyType({})


class Database:
    """All tables of one tenant and the log of what changed.

    `now` is the sandbox's own clock, which the log keeps to; what is stored and shown is `skew` ahead of it.
    `entries` names columns that hold an object whose entries are changed one by one, as custom fields are: the log has
    a line for each that became different, under the name that the function gives its key.
    """

    def __init__(
        self,
        kinds: Mapping[str, Kind],
        now: Callable[[], datetime],
        skew: Callable[[], timedelta] = timedelta,
        *,
        entries: Mapping[str, Callable[[Database, Any], str]] = NONE,
    ) -> None:
        self._now = now
        self._skew = skew
        self._entries = entries
        # While old data is filled in, the time it pretends to be.
        self.pretend: datetime | None = None
        self.tables = {name: Table(name, kind) for name, kind in kinds.items()}
        self.log: list[Change] = []
        self.logging = True
        # Told of every change as it is logged.
        self.noted: Callable[[Change], None] = lambda change: None
        # Rows as they were before each of the newest changes: (when, kind, id, row or None).
        self._past: deque[tuple[datetime, str, Id, Row | None]] = deque(maxlen=REMEMBERED)

    def __getitem__(self, kind: str) -> Table:
        return self.tables[kind]

    def now(self) -> datetime:
        """The time as it is stored: UTC, cut to milliseconds, so that what is shown can be asked for exactly."""
        moment = (self.pretend or self._now() + self._skew()).astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def real_now(self) -> datetime:
        """The clock's own time, whatever is pretended."""
        return self._now().astimezone(UTC)

    def create(self, kind: str, actor: Actor, /, **values: Any) -> Row:
        now = self.now()
        row = self.tables[kind].insert({"created_at": now, "updated_at": now, **values})
        self._remember(kind, row["id"], None)
        if self.logging:
            self._note(actor, "created", kind, row, None, None, dict(row))
        return row

    def change(self, kind: str, id: Id, actor: Actor, values: Mapping[str, Any], *, touch: bool = True) -> list[str]:
        """Set fields and say which of them became different. `updated_at` follows unless `touch` is off."""
        table = self.tables[kind]
        row = table.rows[id]
        before = {key: row.get(key) for key in values}
        changed = [key for key, value in values.items() if row.get(key) != value]
        if not changed:
            return []
        self._remember(kind, id, row)
        table.update(row, values)
        if touch:
            row["updated_at"] = self.now()
        if self.logging:
            for key in changed:
                self._note_field(actor, kind, row, key, before[key], row[key])
        return changed

    def mark(self, kind: str, id: Id, /, **values: Any) -> None:
        """Set what nobody changes by hand, as times of activity; not in the log, and `updated_at` does not follow."""
        row = self.tables[kind].rows[id]
        self._remember(kind, id, row)
        row.update(values)

    def delete(self, kind: str, id: Id, actor: Actor) -> Row:
        row = self.tables[kind].remove(id)
        self._remember(kind, id, row)
        if self.logging:
            self._note(actor, "deleted", kind, row, None, dict(row), None)
        return row

    def as_of(self, moment: datetime) -> Database:
        """This database as it was at a moment of its clock, to be read only. Reaches back `REMEMBERED` changes."""
        before: dict[str, dict[Id, Row | None]] = {}
        for at, kind, id, row in reversed(self._past):
            if at <= moment:
                break
            before.setdefault(kind, {})[id] = row
        past = copy(self)
        past.tables = {**self.tables, **{kind: self.tables[kind].earlier(rows) for kind, rows in before.items()}}
        return past

    def _remember(self, kind: str, id: Id, row: Row | None) -> None:
        if self.logging:
            self._past.append((self.real_now(), kind, id, row and dict(row)))

    def _note_field(self, actor: Actor, kind: str, row: Row, key: str, old: Any, new: Any) -> None:
        name_of = self._entries.get(key)
        if name_of is None:
            self._note(actor, "changed", kind, row, key, old, new)
            return
        for entry in {**(old or {}), **(new or {})}:
            was, now = (old or {}).get(entry), (new or {}).get(entry)
            if was != now:
                self._note(actor, "changed", kind, row, f"{key}.{name_of(self, entry)}", was, now)

    def _note(self, actor: Actor, action: str, kind: str, row: Row, field: str | None, old: Any, new: Any) -> None:
        parents = {parent: row[parent] for parent in self.tables[kind].parents if row.get(parent) is not None}
        at = self._now().timestamp()
        change = Change(len(self.log) + 1, at, actor, action, kind, row["id"], parents, field, old, new)
        self.log.append(change)
        self.noted(change)
