"""AI tools: the feed of applications they read, what each was shown, what each has said, and their keys.

Whatever a tool should see marks its application, in the commit that changes it. A mark has no number: numbers are drawn
by who is about to read, one at a time for a workspace, from marks that are committed. So what becomes visible later
also has a higher number, and a cursor passes nothing over. Numbers are times, never below the last one: a database that
is restored goes on above every number it has given out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import StaleError
from ..model import FIELDS, Family, FieldClass, Fields, Kind, Record
from . import statements as s
from .codec import dumps, loads, maybe_moment, maybe_stamp, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx

SHOWN = {Kind.CANDIDATE, Kind.ATTACHMENT}  # of a person, what shows in every application of theirs
_OF_JOBS = {Kind.JOB: ("title", "description", "status", "department"), Kind.STAGE: ("name", "type", "order", "active")}
_TOLD = {
    kind: tuple(
        name
        for name, spec in FIELDS[kind].items()
        if (spec.cls is FieldClass.SYNC and not spec.secret) or name == "screening_status"  # it says who opts out
    )
    for kind in (*SHOWN, Kind.APPLICATION)
} | _OF_JOBS


@dataclass(frozen=True, slots=True)
class Change:
    """An application in the feed, at the place of its last change."""

    application: str
    position: int
    erased: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What a tool was shown of an application. `gone`: it is to hold nothing of it; `confirmed`: it says so."""

    connection: str
    application: str
    version: str
    at: datetime
    gone: datetime | None
    confirmed: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest result of a tool, without what it says: that is the record's."""

    version: int
    digest: str
    note: str
    answer: Fields
    at: datetime


@dataclass(frozen=True, slots=True)
class ToolKey:
    """What a tool comes with. `kind`: "key", or "token" for one that OAuth gave."""

    connection: str
    kind: str
    created: datetime
    until: datetime | None
    last_used: datetime | None


class Tools:
    """`tx.tools`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # -------------------------------------------------------------------------------------------------- the feed

    def mark(self, old: Family, new: Family, changed: Sequence[Record], gone: Sequence[str]) -> None:
        """Mark the applications that a change of a family lets tools see otherwise."""
        if new.kind is Kind.JOB:
            jobs = {record.id if record.kind is Kind.JOB else record.parent for record in changed
                    if record.kind in _OF_JOBS and record.id in old.records and _told(old, record)}  # fmt: skip
            if jobs:
                self._tx.run(s.TOOL_FEED_JOBS, jobs=sorted(job for job in jobs if job))
            return
        if new.kind is not Kind.CANDIDATE:
            return
        every = old.state is not new.state or any(one.kind in SHOWN and _told(old, one) for one in changed)
        lost = [id for id in gone if old.records[id].kind in (Kind.APPLICATION, Kind.ATTACHMENT)]
        every = every or bool(lost)
        among = new.records.values() if every else changed
        marked = {one.id for one in among if one.kind is Kind.APPLICATION and (every or _told(old, one))}
        marked |= {id for id in lost if old.records[id].kind is Kind.APPLICATION}
        self._mark(new.workspace, marked)

    def _mark(self, workspace: str, applications: Collection[str]) -> None:
        rows = [{"application": id, "workspace": workspace, "erased": False} for id in sorted(applications)]
        self._tx.many(s.TOOL_FEED_MARK, rows)

    def mark_all(self, workspace: str) -> None:
        """What a tool is shown has been chosen anew: every application is looked at again."""
        self._tx.run(s.TOOL_FEED_ALL, workspace=workspace)

    def mark_erased(self, applications: Collection[str]) -> None:
        """Their person is erased: what stays is that they are."""
        if applications:
            self._tx.run(s.TOOL_FEED_ERASED, applications=sorted(applications), yes=True)

    def waits(self, workspace: str) -> bool:
        """Whether anything is marked that has no number yet."""
        return self._tx.row(s.TOOL_FEED_WAITS, workspace=workspace) is not None

    def number(self, workspace: str, limit: int, *, now: datetime) -> int:
        """Give marks that are committed their numbers; how many. Only one does so at a time. What another commit is
        just changing is left to the next."""
        self._tx.lock([f"tool feed {workspace}"])
        due = [id for (id,) in self._tx.rows(s.TOOL_FEED_DUE, workspace=workspace, limit=limit)]
        row = self._tx.row(s.TOOL_FEED_LAST, workspace=workspace)
        first = max(stamp(now), int(row[0]) + 1 if row else 0)
        rows = [{"application": id, "position": first + n} for n, id in enumerate(due)]
        self._tx.many(s.TOOL_FEED_NUMBER, rows)
        return len(due)

    def page(self, workspace: str, after: int, limit: int) -> list[Change]:
        """What has changed behind this place, the oldest change first."""
        rows = self._tx.rows(s.TOOL_FEED_PAGE, workspace=workspace, after=after, limit=limit)
        return [Change(application, int(position), bool(erased)) for application, position, erased in rows]

    def behind(self, workspace: str, after: int) -> int:
        """How many applications have changed behind this place."""
        row = self._tx.row(s.TOOL_FEED_BEHIND, workspace=workspace, after=after)
        return int(row[0]) if row else 0

    def erased(self, workspace: str, application: str) -> bool | None:
        """Whether an application's person was erased; None for an application that never was."""
        row = self._tx.row(s.TOOL_FEED_ONE, workspace=workspace, application=application)
        return None if row is None else bool(row[0])

    def homes(self, workspace: str, records: Collection[str]) -> dict[str, str]:
        """The families that these records are of."""
        return dict(self._tx.rows(s.TOOL_HOMES, workspace=workspace, ids=sorted(records))) if records else {}

    # ------------------------------------------------------------------------------------------------ what was shown

    def given(self, connection: str, applications: Collection[str]) -> dict[str, Given]:
        """What this tool was shown of these."""
        rows = self._tx.rows(s.TOOL_GIVEN, connection=connection, applications=sorted(applications))
        return {one.application: one for one in map(_given, rows)}

    def given_of(self, applications: Collection[str]) -> list[Given]:
        """What every tool was shown of these."""
        return [_given(row) for row in self._tx.rows(s.TOOL_GIVEN_OF, applications=sorted(applications))]

    def counted(self, connection: str) -> tuple[int, int]:
        """(applications that the tool holds, those it is to forget and has not said so)"""
        row = self._tx.row(s.TOOL_GIVEN_COUNT, connection=connection)
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def give(self, connection: str, workspace: str, shown: Mapping[str, str], *, now: datetime) -> None:
        """The tool is shown these, in these versions ("": it is about to be)."""
        rows = [
            {"connection": connection, "application": id, "workspace": workspace, "version": version,
             "now": stamp(now)}
            for id, version in sorted(shown.items())
        ]  # fmt: skip
        self._tx.many(s.TOOL_GIVE, rows)

    def take(self, connection: str, applications: Collection[str], *, now: datetime) -> None:
        """The tool is to hold nothing of these any more."""
        if applications:
            self._tx.run(s.TOOL_TAKE, connection=connection, applications=sorted(applications), now=stamp(now))

    def confirm(self, connection: str, application: str, *, now: datetime) -> bool:
        """The tool says that it holds nothing of it; False where it had said so before."""
        return self._tx.run(s.TOOL_CONFIRM, connection=connection, application=application, now=stamp(now)) > 0

    # ------------------------------------------------------------------------------------------------ what it has said

    def result(self, connection: str, application: str) -> Kept | None:
        row = self._tx.row(s.TOOL_RESULT, connection=connection, application=application)
        if row is None:
            return None
        version, digest, note, answer, at = row
        return Kept(int(version), digest, note, loads(answer), moment(at))

    def keep_result(self, connection: str, workspace: str, application: str, kept: Kept) -> None:
        """StaleError where a newer one has been kept meanwhile."""
        done = self._tx.run(
            s.TOOL_RESULT_SET, connection=connection, application=application, workspace=workspace,
            version=kept.version, digest=kept.digest, note=kept.note, answer=dumps(kept.answer), now=stamp(kept.at),
        )  # fmt: skip
        if not done:
            raise StaleError("A newer result of this tool has been kept meanwhile.")

    # ---------------------------------------------------------------------------------------------------------- keys

    def add_key(
        self, workspace: str, connection: str, kind: str, secret: str, *, now: datetime, until: datetime | None = None
    ) -> None:
        """Only a digest is kept."""
        self._tx.run(
            s.TOOL_KEY_ADD, hash=_digest(secret), workspace=workspace, connection=connection, kind=kind,
            now=stamp(now), until=maybe_stamp(until),
        )  # fmt: skip

    def key(self, secret: str, *, now: datetime) -> ToolKey | None:
        """What this secret is, while it is good."""
        row = self._tx.row(s.TOOL_KEY, hash=_digest(secret), now=stamp(now))
        return None if row is None else _key(row)

    def keys(self, connection: str, *, now: datetime) -> list[ToolKey]:
        """The keys that are good, the oldest first."""
        return [_key(row) for row in self._tx.rows(s.TOOL_KEYS, connection=connection, now=stamp(now))]

    def used(self, secret: str, *, now: datetime) -> None:
        self._tx.run(s.TOOL_KEY_USED, hash=_digest(secret), now=stamp(now))

    def end_keys(self, connection: str, *, until: datetime, tokens: bool) -> None:
        """No key made before is good after this; with `tokens`, none of theirs is from now on."""
        self._tx.run(s.TOOL_KEYS_END, connection=connection, until=stamp(until))
        if tokens:
            self._tx.run(s.TOOL_TOKENS_DROP, connection=connection)

    def expire(self, *, now: datetime) -> None:
        """Forget what is good no longer."""
        self._tx.run(s.TOOL_KEYS_EXPIRE, now=stamp(now))


def _told(old: Family, new: Record) -> bool:
    """Whether a record's change shows to tools."""
    before = old.records.get(new.id)
    if before is None or (before.state, before.parent) != (new.state, new.parent):
        return True
    return any(before.fields.get(name) != new.fields.get(name) for name in _TOLD[new.kind])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _given(row: Row) -> Given:
    connection, application, version, at, gone, confirmed = row
    return Given(connection, application, version, moment(at), maybe_moment(gone), maybe_moment(confirmed))


def _key(row: Row) -> ToolKey:
    connection, kind, created, until, used = row
    return ToolKey(connection, kind, moment(created), maybe_moment(until), maybe_moment(used))
