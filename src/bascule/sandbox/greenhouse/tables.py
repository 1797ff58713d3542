"""The sandbox's memory: tables of rows, and a log of every change for whoever wants to check the truth afterwards."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]


def iso(moment: datetime | None) -> str | None:
    """A time as the vendor writes it: UTC, milliseconds, a trailing Z."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def plain(value: Any) -> Any:
    """A value fit for JSON: times as text, bytes as their length, everything else unchanged."""
    if isinstance(value, datetime):
        return iso(value)
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
    user_id: int | None = None


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
    id: int
    parents: Mapping[str, int]
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


class Table:
    """Rows of one kind, by id, with an index for each column that points to another kind."""

    def __init__(self, name: str, first_id: int, parents: tuple[str, ...] = ()) -> None:
        self.name = name
        self.parents = parents
        self.rows: dict[int, Row] = {}
        self.ids: list[int] = []
        self._next = first_id
        self._index: dict[str, dict[int, dict[int, None]]] = {parent: {} for parent in parents}

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self.rows.values()))

    def get(self, id: int | None) -> Row | None:
        return None if id is None else self.rows.get(id)

    def where(self, parent: str, id: int) -> list[Row]:
        """The rows that point to `id`, oldest first."""
        return [self.rows[own] for own in self._index[parent].get(id, {})]

    def newest_first(self, below: int | None = None) -> Iterator[Row]:
        """All rows with an id under `below`, highest id first."""
        at = len(self.ids) if below is None else bisect_left(self.ids, below)
        for position in range(at - 1, -1, -1):
            yield self.rows[self.ids[position]]

    def insert(self, row: Row) -> Row:
        id = row.get("id") or self._next
        self._next = max(self._next, id + 1)
        row["id"] = id
        self.rows[id] = row
        insort(self.ids, id)
        for parent, index in self._index.items():
            if (value := row.get(parent)) is not None:
                index.setdefault(value, {})[id] = None
        return row

    def update(self, row: Row, values: Mapping[str, Any]) -> None:
        for parent, index in self._index.items():
            if parent in values and values[parent] != row.get(parent):
                if (old := row.get(parent)) is not None:
                    index.get(old, {}).pop(row["id"], None)
                if (new := values[parent]) is not None:
                    index.setdefault(new, {})[row["id"]] = None
        row.update(values)

    def earlier(self, rows: Mapping[int, Row | None]) -> Table:
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

    def remove(self, id: int) -> Row:
        row = self.rows.pop(id)
        del self.ids[bisect_left(self.ids, id)]
        for parent, index in self._index.items():
            if (value := row.get(parent)) is not None:
                index.get(value, {}).pop(id, None)
        return row


# kind: (first id, columns that point to other kinds). The first ids differ so that mixing two kinds up shows.
KINDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "users": (4_012_001, ()),
    "user_emails": (4_900_001, ("user_id",)),
    "user_job_permissions": (4_500_001, ("user_id", "job_id")),
    "departments": (2_101, ("parent_id",)),
    "offices": (2_501, ("parent_id",)),
    "jobs": (5_501, ("department_id",)),
    "job_posts": (5_801_001, ("job_id",)),
    "job_owners": (5_860_001, ("job_id", "user_id")),
    "job_hiring_managers": (5_870_001, ("job_id", "user_id")),
    "openings": (5_900_001, ("job_id", "application_id")),
    "close_reasons": (1_401, ()),
    "job_interview_stages": (3_101, ("job_id",)),
    "job_interviews": (3_700_001, ("job_id", "job_interview_stage_id")),
    "interview_kits": (3_800_001, ("job_interview_id",)),
    "sources": (1_101, ()),
    "referrers": (1_201_001, ("user_id",)),
    "rejection_reasons": (1_301, ()),
    "email_templates": (1_501, ()),
    "custom_fields": (9_001, ()),
    "custom_field_options": (9_500_001, ("custom_field_id",)),
    "candidate_tags": (8_001, ()),
    "prospect_pools": (1_601, ()),
    "prospect_pool_stages": (1_650_001, ("prospect_pool_id",)),
    "candidates": (66_001, ()),
    "applied_candidate_tags": (80_000_001, ("candidate_id", "candidate_tag_id")),
    "candidate_educations": (81_000_001, ("candidate_id",)),
    "candidate_employments": (82_000_001, ("candidate_id",)),
    "applications": (77_001, ("candidate_id", "job_id")),
    "application_stages": (700_000_001, ("application_id", "job_interview_stage_id")),
    "rejection_details": (710_000_001, ("application_id",)),
    "notes": (300_000_001, ("candidate_id", "application_id", "user_id")),
    "attachments": (400_000_001, ("candidate_id", "application_id")),
    "scorecards": (500_000_001, ("application_id", "interview_id")),
    "scorecard_questions": (510_001, ("interview_kit_id",)),
    "scorecard_question_answers": (520_000_001, ("scorecard_id", "scorecard_question_id")),
    "scorecard_question_options": (530_001, ("scorecard_question_id",)),
    "job_candidate_attributes": (540_001, ("job_id",)),
    "scorecard_candidate_attributes": (550_000_001, ("scorecard_id", "job_candidate_attribute_id")),
    "interviews": (600_000_001, ("application_id", "job_id")),
    "interviewers": (610_000_001, ("interview_id", "user_id")),
    "offers": (620_000_001, ("application_id", "candidate_id", "job_id")),
    "eeoc": (630_000_001, ("application_id", "candidate_id")),
    "demographic_question_sets": (1_701, ()),
    "demographic_questions": (1_750_001, ("demographic_question_set_id",)),
    "demographic_answer_options": (1_760_001, ("demographic_question_id",)),
    "demographic_answers": (640_000_001, ("application_id", "demographic_question_id")),
    # Kinds that the interface does not show; people see them on pages.
    "credentials": (1, ()),
    "webhooks": (1, ()),
    "stage_rules": (1, ("job_interview_stage_id",)),
    "emails": (1, ("candidate_id",)),
}


# How many changes can be undone to show the past.
REMEMBERED = 20_000


class Database:
    """All tables of one tenant and the log of what changed.

    `now` is the sandbox's own clock, which the log keeps to; what is stored and shown is `skew` ahead of it.
    """

    def __init__(self, now: Callable[[], datetime], skew: Callable[[], timedelta] = timedelta) -> None:
        self._now = now
        self._skew = skew
        # While old data is filled in, the time it pretends to be.
        self.pretend: datetime | None = None
        self.tables = {kind: Table(kind, first, parents) for kind, (first, parents) in KINDS.items()}
        self.log: list[Change] = []
        self.logging = True
        # Told of every change as it is logged.
        self.noted: Callable[[Change], None] = lambda change: None
        # Rows as they were before each of the newest changes: (when, kind, id, row or None).
        self._past: deque[tuple[datetime, str, int, Row | None]] = deque(maxlen=REMEMBERED)

    def __getitem__(self, kind: str) -> Table:
        return self.tables[kind]

    def now(self) -> datetime:
        """The time as it is stored: UTC, cut to milliseconds, so that what is shown can be asked for exactly."""
        moment = (self.pretend or self._now() + self._skew()).astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def real_now(self) -> datetime:
        """The clock's own time, whatever is pretended."""
        return self._now().astimezone(UTC)

    def create(self, kind: str, actor: Actor, **values: Any) -> Row:
        now = self.now()
        row = self.tables[kind].insert({"created_at": now, "updated_at": now, **values})
        self._remember(kind, row["id"], None)
        if self.logging:
            self._note(actor, "created", kind, row, None, None, dict(row))
        return row

    def change(self, kind: str, id: int, actor: Actor, values: Mapping[str, Any], *, touch: bool = True) -> list[str]:
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

    def mark(self, kind: str, id: int, **values: Any) -> None:
        """Set what nobody changes by hand, as times of activity; not in the log, and `updated_at` does not follow."""
        row = self.tables[kind].rows[id]
        self._remember(kind, id, row)
        row.update(values)

    def delete(self, kind: str, id: int, actor: Actor) -> Row:
        row = self.tables[kind].remove(id)
        self._remember(kind, id, row)
        if self.logging:
            self._note(actor, "deleted", kind, row, None, dict(row), None)
        return row

    def as_of(self, moment: datetime) -> Database:
        """This database as it was at a moment of its clock, to be read only. Reaches back `REMEMBERED` changes."""
        before: dict[str, dict[int, Row | None]] = {}
        for at, kind, id, row in reversed(self._past):
            if at <= moment:
                break
            before.setdefault(kind, {})[id] = row
        past = copy(self)
        past.tables = {**self.tables, **{kind: self.tables[kind].earlier(rows) for kind, rows in before.items()}}
        return past

    def _remember(self, kind: str, id: int, row: Row | None) -> None:
        if self.logging:
            self._past.append((self.real_now(), kind, id, row and dict(row)))

    def _note_field(self, actor: Actor, kind: str, row: Row, key: str, old: Any, new: Any) -> None:
        if key != "custom_fields":
            self._note(actor, "changed", kind, row, key, old, new)
            return
        for field_id in {**(old or {}), **(new or {})}:
            was, now = (old or {}).get(field_id), (new or {}).get(field_id)
            if was != now:
                definition = self.tables["custom_fields"].get(field_id)
                name = definition["name_key"] if definition else str(field_id)
                self._note(actor, "changed", kind, row, f"custom_fields.{name}", was, now)

    def _note(self, actor: Actor, action: str, kind: str, row: Row, field: str | None, old: Any, new: Any) -> None:
        parents = {parent: row[parent] for parent in self.tables[kind].parents if row.get(parent) is not None}
        at = self._now().timestamp()
        change = Change(len(self.log) + 1, at, actor, action, kind, row["id"], parents, field, old, new)
        self.log.append(change)
        self.noted(change)
