"""Subscriptions: who is sent events, which, and what of each; and what became of every event at every subscriber."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from ..errors import NotFoundError
from ..model import EventFilter
from . import statements as s
from .codec import dumps, loads, maybe_moment, maybe_stamp, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


class State(StrEnum):
    """Whether a subscriber is sent anything."""

    ACTIVE = "active"
    PAUSED = "paused"  # by a person
    STOPPED = "stopped"  # it has refused for too long, or said that it is no more


class Outcome(StrEnum):
    """What has become of an event at a subscriber."""

    DELIVERED = "delivered"
    WAITING = "waiting"  # it is tried again at `due`
    GIVEN_UP = "given up"  # it is sent again only when a person says so


@dataclass(frozen=True, slots=True)
class Wanted:
    """Types of events, which of them, and the fields that are shown (none named: those that are no person's)."""

    types: tuple[str, ...]
    filter: EventFilter = field(default_factory=EventFilter)
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscriber. Its address and secrets are not part of it: `tx.subscriptions.target`.

    `cursor` is the number of the last event that it was tried with, or that was passed over. `failed` attempts in a
    row have failed, since `failing`; nothing is sent to it before `rests`.
    """

    id: str
    workspace: str
    name: str
    format: str
    host: str
    wanted: Wanted
    owner: str
    created: datetime
    state: State = State.ACTIVE
    why: str = ""
    expires: datetime | None = None
    cursor: int = 0
    failed: int = 0
    failing: datetime | None = None
    rests: datetime | None = None
    last_ok: datetime | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where events are sent and what they are signed with: a secret, and the former one while it is still good."""

    url: str
    secret: str
    former: str = ""
    former_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What has become of an event. `status` is the last answer's, 0 for none; `words` say what it was."""

    subscription: str
    event: int
    type: str
    state: Outcome
    tries: int
    first: datetime
    at: datetime
    due: datetime | None = None
    status: int = 0
    words: str = ""


class Subscriptions:
    """`tx.subscriptions`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # ---------------------------------------------------------------------------------------------------- subscribers

    def add(self, one: Subscription, target: Target) -> None:
        self._tx.run(
            s.SUBSCRIPTION_ADD, id=one.id, workspace=one.workspace, name=one.name, format=one.format, host=one.host,
            target=self._digest(one.workspace, target.url), body=self._sealed(one.workspace, target),
            wanted=_wanted_text(one.wanted), owner=one.owner, state=one.state, now=stamp(one.created),
            expires=maybe_stamp(one.expires), cursor=one.cursor,
        )  # fmt: skip

    def get(self, workspace: str, id: str) -> Subscription:
        """NotFoundError if there is none of that id."""
        row = self._tx.row(s.SUBSCRIPTION, workspace=workspace, id=id)
        if row is None:
            raise NotFoundError(f"There is no subscription {id}.", hint="See: bascule subscriptions list")
        return _subscription(row)

    def find(self, workspace: str, id: str) -> tuple[Subscription, Target] | None:
        """A subscription with where it is sent to; None where it is gone."""
        row = self._tx.row(s.SUBSCRIPTION, workspace=workspace, id=id)
        return None if row is None else (_subscription(row), self._open(bytes(row[5])))

    def target(self, workspace: str, id: str) -> Target:
        """NotFoundError if there is none of that id."""
        found = self.find(workspace, id)
        if found is None:
            raise NotFoundError(f"There is no subscription {id}.", hint="See: bascule subscriptions list")
        return found[1]

    def list(self, workspace: str) -> list[Subscription]:
        """The oldest first."""
        return [_subscription(row) for row in self._tx.rows(s.SUBSCRIPTIONS, workspace=workspace)]

    def at(self, workspace: str, url: str) -> list[Subscription]:
        """Those that are sent to this address."""
        if not self.any(workspace):  # the key that addresses are compared by is made with the first
            return []
        rows = self._tx.rows(s.SUBSCRIPTIONS_AT, workspace=workspace, target=self._digest(workspace, url))
        return [_subscription(row) for row in rows]

    def any(self, workspace: str) -> bool:
        """Whether there is one, of whatever state."""
        return self._tx.row(s.SUBSCRIPTION_ANY, workspace=workspace) is not None

    def active(self, workspace: str) -> dict[str, Wanted]:
        """What those want that are sent events, by their ids."""
        return {id: _wanted(wanted) for id, wanted in self._tx.rows(s.SUBSCRIBED, workspace=workspace)}

    def change(self, one: Subscription) -> None:
        """Keep its name, what it wants, and when it ends."""
        self._tx.run(
            s.SUBSCRIPTION_WANTED, workspace=one.workspace, id=one.id, name=one.name, wanted=_wanted_text(one.wanted),
            expires=maybe_stamp(one.expires),
        )  # fmt: skip

    def set_state(self, workspace: str, id: str, state: State, why: str = "") -> None:
        self._tx.run(s.SUBSCRIPTION_STATE, workspace=workspace, id=id, state=state, why=why)

    def set_target(self, workspace: str, id: str, target: Target) -> None:
        """Keep other secrets."""
        self._tx.run(s.SUBSCRIPTION_SEALED, workspace=workspace, id=id, body=self._sealed(workspace, target))

    def drop(self, workspace: str, id: str) -> bool:
        """Take it away with all that is known of its deliveries; False where there was none."""
        self._tx.run(s.EVENT_DELIVERIES_DROP, subscription=id)
        return self._tx.run(s.SUBSCRIPTION_DROP, workspace=workspace, id=id) > 0

    # ----------------------------------------------------------------------------------------------------- deliveries

    def hold(self, id: str) -> bool:
        """Locked until this commit; False where it is gone."""
        return self._tx.row(s.SUBSCRIPTION_HELD, id=id) is not None

    def passed(self, id: str, number: int) -> None:
        """Events up to this one are dealt with, or are none of its."""
        self._tx.run(s.SUBSCRIPTION_CURSOR, id=id, cursor=number)

    def keep(self, workspace: str, one: Delivery) -> None:
        """What has become of an event."""
        self._tx.run(s.EVENT_DELIVERY_SET, **_delivery_row(workspace, one))

    def keep_all(self, workspace: str, them: list[Delivery]) -> None:
        self._tx.many(s.EVENT_DELIVERY_SET, [_delivery_row(workspace, one) for one in them])

    def went_well(self, id: str, *, now: datetime, rests: datetime | None = None) -> None:
        """It has taken something."""
        self._tx.run(s.SUBSCRIPTION_WENT_WELL, id=id, now=stamp(now), rests=maybe_stamp(rests))

    def has_failed(self, id: str, *, now: datetime, rests: datetime) -> None:
        """It has taken nothing, and is left alone for a while."""
        self._tx.run(s.SUBSCRIPTION_FAILED, id=id, now=stamp(now), rests=stamp(rests))

    def delivery(self, id: str, event: int) -> Delivery | None:
        row = self._tx.row(s.EVENT_DELIVERY_ONE, subscription=id, event=event)
        return None if row is None else _delivery(row)

    def due(self, id: str, limit: int, *, now: datetime) -> list[Delivery]:
        """What is to be tried again by now, the oldest event first."""
        return [
            _delivery(row)
            for row in self._tx.rows(s.EVENT_DELIVERIES_DUE, subscription=id, now=stamp(now), limit=limit)
        ]

    def next_due(self, id: str) -> datetime | None:
        row = self._tx.row(s.EVENT_DELIVERIES_NEXT, subscription=id)
        return None if row is None else maybe_moment(row[0])

    def due_now(self, id: str, *, now: datetime) -> int:
        """Everything that waits is tried again now; how many."""
        return self._tx.run(s.EVENT_DELIVERIES_SOON, subscription=id, now=stamp(now))

    def deliveries(self, id: str, *, state: str = "", limit: int = 50) -> list[Delivery]:
        """What happened last first."""
        return [_delivery(row) for row in self._tx.rows(s.EVENT_DELIVERIES, subscription=id, state=state, limit=limit)]

    def counts(self, workspace: str) -> dict[tuple[str, str], int]:
        """(subscription, what became of it) -> how many events."""
        rows = self._tx.rows(s.EVENT_DELIVERIES_COUNT, workspace=workspace)
        return {(id, state): int(n) for id, state, n in rows}

    def forget(self, id: str, event: int) -> None:
        """There is no such event any more."""
        self._tx.run(s.EVENT_DELIVERY_DROP, subscription=id, event=event)

    def expire(self, *, delivered: datetime, given_up: datetime) -> int:
        """Forget what was delivered, and what was given up, before these times."""
        return self._tx.run(s.EVENT_DELIVERIES_EXPIRE, delivered=stamp(delivered), given=stamp(given_up))

    # --------------------------------------------------------------------------------------------------------- sealed

    def _sealed(self, workspace: str, target: Target) -> bytes:
        body = {**asdict(target), "former_until": maybe_stamp(target.former_until)}
        return self._tx.vault.seal(workspace, None, dumps(body).encode())

    def _open(self, sealed: bytes) -> Target:
        body = loads(self._tx.vault.open(sealed).decode())
        return Target(body["url"], body["secret"], body["former"], maybe_moment(body["former_until"]))

    def _digest(self, workspace: str, url: str) -> str:
        return self._tx.vault.digest(workspace, None, b"subscriber" + url.encode())


def _wanted_text(wanted: Wanted) -> str:
    return dumps(asdict(wanted))


def _wanted(text: str) -> Wanted:
    told: Mapping[str, object] = loads(text)
    return Wanted(tuple(told["types"]), EventFilter(**told["filter"]), tuple(told["fields"]))  # type: ignore[arg-type]


def _subscription(row: Row) -> Subscription:
    (id, workspace, name, format, host, _, wanted, owner, state, why, created, expires, cursor, failed, failing, rests,
     last_ok) = row  # fmt: skip
    return Subscription(
        id, workspace, name, format, host, _wanted(wanted), owner, moment(created), State(state), why,
        maybe_moment(expires), int(cursor), int(failed), maybe_moment(failing), maybe_moment(rests),
        maybe_moment(last_ok),
    )  # fmt: skip


def _delivery(row: Row) -> Delivery:
    subscription, event, type, state, tries, first, at, due, status, words = row
    return Delivery(
        subscription, int(event), type, Outcome(state), int(tries), moment(first), moment(at), maybe_moment(due),
        int(status), words,
    )  # fmt: skip


def _delivery_row(workspace: str, one: Delivery) -> dict[str, object]:
    return {
        **asdict(one), "workspace": workspace, "first": stamp(one.first), "at": stamp(one.at),
        "due": maybe_stamp(one.due),
    }  # fmt: skip
