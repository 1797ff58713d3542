"""Interviews that candidates choose a time for, whose time they take, and feedback about them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import EMPTY, Fields
from . import statements as s
from .codec import dumps, loads, maybe_moment, maybe_stamp, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Interview:
    """One interview. `state` is one of `core.interviews.InterviewState`; `sequence` the version of its calendar event;
    `said`: panel, rules, who asked, what was proposed, sealed for the person."""

    id: str
    workspace: str
    family: str
    application: str
    job: str
    state: str
    issue: int
    sequence: int
    created: datetime
    expires: datetime
    starts: datetime | None = None
    ends: datetime | None = None
    said: Fields = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Seat:
    """One interviewer's part in a booked interview. `event`: what their calendar calls it, "" where it has none;
    `written`: the sequence that stands there, -1 for none."""

    interview: str
    interviewer: str
    workspace: str
    starts: datetime
    ends: datetime
    event: str = ""
    written: int = -1


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a tool said of an interview; `key` is the tool's own, `program` whose key it came with."""

    id: str
    workspace: str
    family: str
    application: str
    key: str
    program: str
    at: datetime
    said: Fields = field(default_factory=lambda: EMPTY)


class Interviews:
    """`tx.interviews`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def set(self, one: Interview) -> None:
        self._tx.run(
            s.INTERVIEW_SET, id=one.id, workspace=one.workspace, family=one.family, application=one.application,
            job=one.job, state=one.state, issue=one.issue, sequence=one.sequence, created=stamp(one.created),
            expires=stamp(one.expires), starts=maybe_stamp(one.starts), ends=maybe_stamp(one.ends),
            body=self._tx.vault.seal(one.workspace, one.family, dumps(one.said).encode()),
        )  # fmt: skip

    def get(self, id: str, *, hold: bool = False) -> Interview | None:
        """`hold`: nobody else changes it until this commit."""
        row = self._tx.row(s.INTERVIEW_HELD if hold else s.INTERVIEW, id=id)
        return None if row is None else self._read(row)

    def of(self, applications: Collection[str]) -> list[Interview]:
        """Those of these applications, the oldest first."""
        return self._all(self._tx.rows(s.INTERVIEWS_OF, applications=sorted(applications)) if applications else [])

    def list(self, workspace: str, states: Collection[str], *, since: datetime, limit: int = 200) -> list[Interview]:
        """Those in these states that begin at `since` or later, or have no time yet; the next first."""
        rows = self._tx.rows(
            s.INTERVIEWS_IN, workspace=workspace, states=sorted(states), since=stamp(since), limit=limit
        )
        return self._all(rows)

    def move(self, workspace: str, family: str, applications: Collection[str]) -> None:
        """Keep them, and what was said of them, for another person, whose applications these are now."""
        for one in self.of(applications):
            self.set(replace(one, workspace=workspace, family=family))
        for each in self.feedback(applications):
            body = self._tx.vault.seal(workspace, family, dumps(each.said).encode())
            self._tx.run(s.FEEDBACK_MOVE, id=each.id, workspace=workspace, family=family, body=body)

    # ------------------------------------------------------------------------------------------------ the panel's time

    def seat(self, one: Seat) -> None:
        self._tx.run(
            s.PANEL_SET, interview=one.interview, interviewer=one.interviewer, workspace=one.workspace,
            starts=stamp(one.starts), ends=stamp(one.ends), event=one.event, written=one.written,
        )  # fmt: skip

    def seats(self, interview: str) -> list[Seat]:
        return [_seat(row) for row in self._tx.rows(s.PANEL, interview=interview)]

    def taken(self, workspace: str, interviewers: Collection[str], since: datetime, until: datetime) -> list[Seat]:
        """What booked interviews take of these people's time, the earliest first."""
        rows = self._tx.rows(
            s.PANEL_BUSY, workspace=workspace, interviewers=sorted(interviewers), since=stamp(since), until=stamp(until)
        )
        return [_seat(row) for row in rows]

    def leave(self, one: Seat) -> None:
        """Its event is gone from their calendar, or never was there."""
        self._tx.run(s.PANEL_DROP, interview=one.interview, interviewer=one.interviewer)

    # -------------------------------------------------------------------------------------------------------- feedback

    def add_feedback(self, one: Feedback) -> bool:
        """Keep it; False where this tool's key is known."""
        return self._tx.run(
            s.FEEDBACK_ADD, id=one.id, workspace=one.workspace, family=one.family, application=one.application,
            key=one.key, program=one.program, at=stamp(one.at),
            body=self._tx.vault.seal(one.workspace, one.family, dumps(one.said).encode()),
        ) > 0  # fmt: skip

    def keyed(self, workspace: str, program: str, key: str) -> Feedback | None:
        row = self._tx.row(s.FEEDBACK_KEYED, workspace=workspace, program=program, key=key)
        return None if row is None else self._feedback(row)

    def feedback(self, applications: Collection[str]) -> list[Feedback]:
        """Of these applications, the oldest first."""
        rows = self._tx.rows(s.FEEDBACK_OF, applications=sorted(applications)) if applications else []
        self._tx.vault.fetch([row[-1] for row in rows])
        return [self._feedback(row) for row in rows]

    def _feedback(self, row: Row) -> Feedback:
        id, workspace, family, application, key, program, at, body = row
        return Feedback(
            id, workspace, family, application, key, program, moment(at), self._tx.vault.decoded(body, loads)
        )

    def _all(self, rows: list[Row]) -> list[Interview]:
        self._tx.vault.fetch([row[-1] for row in rows])
        return [self._read(row) for row in rows]

    def _read(self, row: Row) -> Interview:
        id, workspace, family, application, job, state, issue, sequence, created, expires, starts, ends, body = row
        return Interview(
            id, workspace, family, application, job, state, issue, sequence, moment(created), moment(expires),
            maybe_moment(starts), maybe_moment(ends), self._tx.vault.decoded(body, loads),
        )  # fmt: skip


def _seat(row: Row) -> Seat:
    interview, interviewer, workspace, starts, ends, event, written = row
    return Seat(interview, interviewer, workspace, moment(starts), moment(ends), event, written)
