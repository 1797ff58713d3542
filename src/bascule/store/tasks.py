"""Tasks: handlers to run and timers to fire, one row each, level-triggered.

Putting a task again replaces its payload and due time; putting it while it runs makes it run once more afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import LeaseLostError
from ..model import EMPTY, Fields
from . import statements as s
from .codec import dumps, loads, moment, stamp

if TYPE_CHECKING:
    from .tx import Tx


class Retry(float):
    """What a task says that has failed and is tried again: in how many seconds. It counts as a try; a plain number is a
    wait, and does not."""


@dataclass(frozen=True, slots=True)
class TaskLease:
    """The right to run one task."""

    workspace: str
    name: str
    key: str
    payload: Fields
    due: datetime
    epoch: int
    seq: int
    tries: int


@dataclass(frozen=True, slots=True)
class Task:
    """A task as pages show it. `state` is "ready" or "dead"."""

    workspace: str
    name: str
    key: str
    due: datetime
    payload: Fields
    tries: int
    error: str
    state: str


class Tasks:
    """`tx.tasks`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, workspace: str, name: str, key: str, *, due: datetime, payload: Fields = EMPTY) -> None:
        """Want this task run at `due`; one a (workspace, name, key)."""
        self._tx.run(
            s.TASK_PUT,
            workspace=workspace,
            name=name,
            key=key,
            due=stamp(due),
            payload=dumps(payload),
            seq=self._tx.number(),
        )

    def gather(self, workspace: str, name: str, key: str, *, due: datetime, now: datetime) -> None:
        """Want this task run at `due` at the latest: one that waits for an earlier time stays as it is, so that what
        many ask for within that time is done once, and is not put off by each of them."""
        self._tx.run(
            s.TASK_GATHER,
            workspace=workspace,
            name=name,
            key=key,
            due=stamp(due),
            now=stamp(now),
            seq=self._tx.number(),
        )

    def cancel(self, workspace: str, name: str, key: str) -> bool:
        """Take the task away; False if there was none."""
        return self._tx.run(s.TASK_CANCEL, workspace=workspace, name=name, key=key) > 0

    def count(self, workspace: str, name: str, begins: str = "") -> int:
        """How many of that name wait or are being run, by what their keys begin with."""
        row = self._tx.row(s.TASKS_COUNT, workspace=workspace, name=name, first=begins)
        return 0 if row is None else int(row[0])

    def drop(self, workspace: str, name: str, begins: str) -> int:
        """Take those of that name away whose keys begin so; how many."""
        return self._tx.run(s.TASKS_DROP, workspace=workspace, name=name, first=begins)

    def lease(self, names: Sequence[str], n: int, *, now: datetime, until: datetime, worker: str) -> list[TaskLease]:
        """Up to `n` due tasks of these names, the longest due first."""
        if not names:
            return []
        epoch = self._tx.number()
        rows = self._tx.rows(
            s.TASKS_LEASE, names=names, n=n, now=stamp(now), until=stamp(until), epoch=epoch, worker=worker
        )
        return [
            TaskLease(workspace, name, key, loads(payload), moment(due), epoch, seq, tries)
            for due, seq, workspace, name, key, payload, tries in sorted(rows)
        ]

    def among(self, workspace: str, name: str, keys: Collection[str]) -> set[str]:
        """Those of these keys that have a task of that name, whether it waits or is being run."""
        rows = self._tx.rows(s.TASKS_AMONG, workspace=workspace, name=name, keys=keys) if keys else []
        return {key for (key,) in rows}

    def renew(self, lease: TaskLease, *, until: datetime) -> None:
        """Hold on for longer. LeaseLostError if it is lost."""
        if not self._tx.run(s.TASK_RENEW, until=stamp(until), epoch=lease.epoch, **_key(lease)):
            raise LeaseLostError

    def hold(self, lease: TaskLease) -> None:
        """Locked until this commit: what this unit does for the task no other worker can do. LeaseLostError if it is
        lost. A commit that would do harm if two workers made it begins with this."""
        self._held(lease)

    def done(self, lease: TaskLease) -> None:
        """The task goes, unless it was put again meanwhile. LeaseLostError if it is lost."""
        if self._held(lease) == lease.seq:
            self._tx.run(s.TASK_DONE, epoch=lease.epoch, seq=lease.seq, **_key(lease))
        else:
            self._tx.run(s.TASK_RELEASE, epoch=lease.epoch, **_key(lease))

    def again(self, lease: TaskLease, *, due: datetime, error: str = "", tried: bool = True) -> None:
        """Once more at `due`. LeaseLostError if it is lost."""
        self._later(lease, due, error, int(tried), "ready")

    def dead(self, lease: TaskLease, *, error: str) -> None:
        """Not again by itself: kept, shown, replayable. LeaseLostError if it is lost."""
        self._later(lease, lease.due, error, 1, "dead")

    def replay(self, workspace: str, name: str, key: str, *, now: datetime) -> bool:
        """Make a dead task due; False if there is none."""
        return self._tx.run(s.TASK_REPLAY, workspace=workspace, name=name, key=key, now=stamp(now)) > 0

    def wake(self, workspace: str, begins: str, *, now: datetime) -> int:
        """Make due now what was put off after an error, by what its key begins with; how many."""
        return self._tx.run(s.TASKS_WAKE, workspace=workspace, first=begins, now=stamp(now))

    def next_due(self, names: Sequence[str], *, now: datetime) -> datetime | None:
        """When the next task nobody holds is due."""
        row = self._tx.row(s.TASKS_NEXT, names=names, now=stamp(now)) if names else None
        return None if row is None or row[0] is None else moment(row[0])

    def list(self, workspace: str, *, name: str = "", state: str = "", limit: int = 100) -> list[Task]:
        """Tasks by due time."""
        rows = self._tx.rows(s.TASKS, workspace=workspace, name=name, state=state, limit=limit)
        return [
            Task(w, n, k, moment(due), loads(payload), tries, e, st) for w, n, k, due, payload, tries, e, st in rows
        ]

    def revoke(self) -> None:
        """End every lease: only where no other process can hold one."""
        self._tx.run(s.TASKS_REVOKE)

    def _held(self, lease: TaskLease) -> int:
        row = self._tx.row(s.TASK_HELD, epoch=lease.epoch, **_key(lease))
        if row is None:
            raise LeaseLostError
        return int(row[0])

    def _later(self, lease: TaskLease, due: datetime, error: str, tried: int, state: str) -> None:
        if self._held(lease) != lease.seq:  # put again meanwhile: that wins
            self._tx.run(s.TASK_RELEASE, epoch=lease.epoch, **_key(lease))
            return
        self._tx.run(
            s.TASK_AGAIN,
            due=stamp(due),
            error=error,
            tried=tried,
            state=state,
            epoch=lease.epoch,
            seq=lease.seq,
            **_key(lease),
        )


def _key(lease: TaskLease) -> dict[str, str]:
    return {"workspace": lease.workspace, "name": lease.name, "key": lease.key}
