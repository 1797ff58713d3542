"""Versions of a workspace's triggers, and what each has done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from ..model import Actor, ActorKind, History, HistoryKind, Scalar
from . import statements as s
from .codec import dumps, loads, maybe_moment, maybe_stamp, moment, stamp
from .lanes import NEVER
from .queries import history_of

if TYPE_CHECKING:
    from .tx import Row, Tx

NEWEST = 2**31 - 1
END = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Version:
    """One state of the triggers: the whole file; since when each rule that is on has been in force as it is."""

    number: int
    at: datetime
    actor: Actor
    text: str
    since: Mapping[str, datetime]
    why: str = ""


class FiringState(StrEnum):
    """What became of what a trigger wanted."""

    WAITING = "waiting"  # for a person
    DONE = "done"
    CHANGED = "changed"  # a person changed it before it was done
    WITHHELD = "withheld"  # by a person, or by what is known of the candidate; `why` says which
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Firing:
    """One trigger's deed for one cause. `facts` are what it saw; `effect` what came of it, by id."""

    id: str
    trigger: str
    version: int
    application: str
    cause: str
    connection: str | None
    job: str | None
    at: datetime
    since: datetime
    facts: Mapping[str, Scalar]
    action: str
    state: FiringState
    why: str = ""
    effect: str | None = None
    decided: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How often a trigger has ended so, and when last."""

    trigger: str
    state: FiringState
    times: int
    last: datetime


def _firing(row: Row) -> Firing:
    id, trigger, version, application, cause, connection, job, at, since, facts, action, state, why, effect, done = row
    return Firing(
        id, trigger, version, application, cause, connection, job, moment(at), moment(since), loads(facts), action,
        FiringState(state), why, effect, maybe_moment(done),
    )  # fmt: skip


class Triggers:
    """`tx.triggers`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # ------------------------------------------------------------------------------------------------------- versions

    def add(self, workspace: str, one: Version) -> None:
        """Keep a version. StaleError where somebody else was faster."""
        self._tx.run(
            s.TRIGGERS_ADD, workspace=workspace, version=one.number, at=stamp(one.at), actor_kind=str(one.actor.kind),
            actor_id=one.actor.id, actor_name=one.actor.name, text=one.text, why=one.why,
            since=dumps({name: at.isoformat() for name, at in one.since.items()}),
        )  # fmt: skip

    def version(self, workspace: str, number: int = NEWEST) -> Version | None:
        """The version in force, or an older one; None before the first."""
        found = self.versions(workspace, upto=number, limit=1)
        return found[0] if found and number in (NEWEST, found[0].number) else None

    def versions(self, workspace: str, *, upto: int = NEWEST, limit: int = 50) -> list[Version]:
        """The newest first."""
        return [
            Version(
                number, moment(at), Actor(ActorKind(kind), id, name), text,
                {each: datetime.fromisoformat(str(when)) for each, when in loads(since).items()}, why,
            )
            for number, at, kind, id, name, text, since, why in self._tx.rows(
                s.TRIGGERS_NEWEST, workspace=workspace, version=upto, limit=limit
            )
        ]  # fmt: skip

    # -------------------------------------------------------------------------------------------------------- firings

    def fire(self, workspace: str, one: Firing) -> bool:
        """Keep that it has fired; False where it has for this cause already."""
        return self._tx.run(
            s.FIRING_ADD, id=one.id, workspace=workspace, trigger=one.trigger, version=one.version,
            application=one.application, cause=one.cause, connection=one.connection, job=one.job, at=stamp(one.at),
            since=stamp(one.since), facts=dumps(dict(one.facts)), action=one.action, state=str(one.state), why=one.why,
            effect=one.effect, decided=maybe_stamp(one.decided),
        ) > 0  # fmt: skip

    def settle(self, id: str, state: FiringState, why: str = "", *, now: datetime) -> None:
        """How what it wanted has ended."""
        self._tx.run(s.FIRING_SET, id=id, state=str(state), why=why, decided=stamp(now))

    def reopen(self, id: str) -> None:
        """What it wanted waits again: whoever answered has taken the answer back."""
        self._tx.run(s.FIRING_SET, id=id, state=str(FiringState.WAITING), why="", decided=None)

    def of(self, application: str) -> list[Firing]:
        """All of one application, the oldest first."""
        return [_firing(row) for row in self._tx.rows(s.FIRINGS_OF, application=application)]

    def one(self, workspace: str, id: str) -> Firing | None:
        row = self._tx.row(s.FIRING, workspace=workspace, id=id)
        return None if row is None else _firing(row)

    def behind(self, effect: str) -> Firing | None:
        """What a message, review or record came of."""
        row = self._tx.row(s.FIRING_BEHIND, effect=effect)
        return None if row is None else _firing(row)

    def list(
        self, workspace: str, *, trigger: str = "", state: str = "", before: str = END, limit: int = 50
    ) -> list[Firing]:
        """The newest first."""
        rows = self._tx.rows(
            s.FIRINGS, workspace=workspace, trigger=trigger, state=state, before=before or END, limit=limit
        )
        return [_firing(row) for row in rows]

    def active(self, workspace: str, *, after: str = "", limit: int = 200) -> list[str]:
        """Applications that go on, by id."""
        return [row[0] for row in self._tx.rows(s.ACTIVE_APPLICATIONS, workspace=workspace, after=after, limit=limit)]

    def moved(self, workspace: str, *, since: datetime, limit: int) -> list[str]:
        """Applications that go on, or were received since then, by id."""
        rows = self._tx.rows(s.APPLICATIONS_MOVED, workspace=workspace, since=stamp(since), limit=limit)
        return [row[0] for row in rows]

    def changes(self, family: str, record: str) -> list[History]:
        """How the fields of a record have changed, the oldest first."""
        rows = self._tx.rows(s.HISTORY_OF, family=family, record=record, since=0, before=stamp(NEVER), limit=NEWEST)
        lines = [history_of(self._tx.vault, row) for row in reversed(rows)]
        return [line for line in lines if line.kind is HistoryKind.CHANGED]

    def counted(self, workspace: str) -> list[Count]:
        """How often each has ended in each way."""
        rows = self._tx.rows(s.FIRINGS_COUNTED, workspace=workspace)
        return [Count(trigger, FiringState(state), times, moment(at)) for trigger, state, times, at in rows]

    def tallied(
        self, workspace: str, trigger: str, connection: str, since: datetime
    ) -> tuple[int, int, datetime | None, int]:
        """Of what has ended at a connection since then: how many, how many of them were changed, withheld or failed,
        the first, and how many of their jobs have ended in a hire."""
        asked = {"workspace": workspace, "trigger": trigger, "connection": connection, "since": stamp(since)}
        row = self._tx.row(s.FIRINGS_TALLIED, **asked)
        hired = self._tx.row(s.JOBS_FILLED, **asked)
        items, breaches, first = row or (0, 0, None)
        return int(items), int(breaches or 0), maybe_moment(first), int(hired[0]) if hired else 0
