"""What is said about a task beyond what it is: who does it, by when, whether it sleeps or was escalated.

The tasks themselves are what is open elsewhere (reviews, failures, gaps, notices, stopped work): nothing is copied.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import ReviewKind
from . import statements as s
from .codec import maybe_moment, maybe_stamp, moment

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Assignment:
    """About one task. An empty assignee is the owner of its connection; no `due` is the usual time for its kind."""

    task: str
    assignee: str = ""
    due: datetime | None = None
    snoozed: datetime | None = None  # not shown before
    escalated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """An open review as a list of tasks needs it: no values."""

    id: str
    kind: ReviewKind
    connection: str | None
    about: str
    at: datetime
    person: str = ""  # who was asked to decide it first, a user's id; "" where nobody was


def _assignment(row: Row) -> Assignment:
    task, assignee, due, snoozed, escalated = row
    return Assignment(task, assignee, maybe_moment(due), maybe_moment(snoozed), maybe_moment(escalated))


class Assignments:
    """`tx.assignments`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def all(self, workspace: str) -> dict[str, Assignment]:
        """By task."""
        return {row[0]: _assignment(row) for row in self._tx.rows(s.ASSIGNMENTS, workspace=workspace)}

    def of(self, workspace: str, task: str) -> Assignment:
        """What was said about a task; nothing, if nothing was."""
        row = self._tx.row(s.ASSIGNMENT, workspace=workspace, task=task)
        return Assignment(task) if row is None else _assignment(row)

    def set(self, workspace: str, said: Assignment) -> None:
        self._tx.run(
            s.ASSIGNMENT_SET,
            workspace=workspace,
            task=said.task,
            assignee=said.assignee,
            due=maybe_stamp(said.due),
            snoozed=maybe_stamp(said.snoozed),
            escalated=maybe_stamp(said.escalated),
        )

    def drop(self, workspace: str, tasks: Collection[str]) -> None:
        """Tasks that are over."""
        if tasks:
            self._tx.run(s.ASSIGNMENTS_DROP, workspace=workspace, tasks=sorted(tasks))

    def reviews(self, workspace: str, *, limit: int) -> list[Asked]:
        """Open reviews, the oldest first."""
        return [
            Asked(id, ReviewKind(kind), connection, about, moment(at), person or "")
            for id, kind, connection, about, at, person in self._tx.rows(
                s.OPEN_REVIEWS, workspace=workspace, limit=limit
            )
        ]
