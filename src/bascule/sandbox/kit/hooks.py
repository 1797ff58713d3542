"""Webhooks: what is queued, signed, sent, tried again and given up, and the list of it a person can read.

What a vendor does in its own way stands in its `Manner`; when an event happens, its sandbox calls `hooks.emit`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any, NamedTuple

from .errors import Refused
from .faults import Faults
from .ids import Id
from .kinds import Drop, Fault, Late, OldBody, Reorder, Repeat
from .tables import Actor, Database, Row, iso

LISTED = 2_000


class Reply(NamedTuple):
    """What a receiver answered."""

    status: int
    headers: Mapping[str, str] = {}


# Posts a body to a URL. Says what was answered, or only its status; None when there was no answer.
Deliver = Callable[[str, Mapping[str, str], bytes], Awaitable[Reply | int | None]]


async def refuse(url: str, headers: object, body: object) -> None:
    """The transport of a sandbox that was given none: nothing is reachable."""


@dataclass
class Delivery:
    """One event on its way to one hook."""

    id: int
    hook_id: Id
    url: str
    action: str
    # What the event shows; `body` is made of it.
    payload: Any
    created_at: datetime
    about: str = ""
    event_id: int = 0
    body: bytes = b""
    state: str = "waiting"  # waiting, delivered, failed (all attempts used), dropped
    attempts: list[tuple[datetime, int | None]] = field(default_factory=list[tuple[datetime, int | None]])
    next_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "webhook_id": self.hook_id, "url": self.url, "action": self.action, "about": self.about,
            "event_id": self.event_id, "state": self.state,
            "created_at": iso(self.created_at), "next_at": iso(self.next_at),
            "attempts": [{"at": iso(at), "status": status} for at, status in self.attempts],
            "body": self.body.decode(),
        }  # fmt: skip


@dataclass(frozen=True)
class Manner:
    """How a vendor sends its webhooks.

    A hook is a row of `table` with at least `id` and `url`. `wants` says whether it gets an action; the usual columns
    are `enabled` and `events`.
    """

    # The body, made once; all attempts send the same. A signature inside it is made here.
    body: Callable[[Row, Delivery], bytes]
    # The headers, made for every attempt: a signature over `delivery.body`, a time stamp.
    headers: Callable[[Row, Delivery], Mapping[str, str]]
    # Seconds from each failed attempt to the next; empty: never again.
    retries: Sequence[float] = ()
    # Which statuses count as received.
    accepted: Callable[[int], bool] = lambda status: 200 <= status < 300
    # Statuses after which it is not tried again.
    final: frozenset[int] = frozenset()
    # Seconds a receiver has to answer; None for as long as the transport allows.
    patience: float | None = None
    table: str = "webhooks"
    wants: Callable[[Row, str], bool] = lambda row, action: bool(row["enabled"]) and action in row["events"]
    # The object an event is about, as `candidate/66001`, for faults that name one.
    about: Callable[[Any], str] = lambda payload: ""
    # Told when the last attempt has failed: some vendors switch the hook off.
    gave_up: Callable[[Row, Delivery], object] = lambda row, delivery: None
    # A ping or handshake before a hook is switched on: whether it may be. None: it is on as soon as it is saved.
    greet: Callable[[Hooks, Row], Awaitable[bool]] | None = None


# Of a vendor without webhooks.
SILENT = Manner(lambda row, delivery: b"", lambda row, delivery: {})


class Hooks:
    """The configured webhooks and the bounded queue towards them."""

    def __init__(self, db: Database, deliver: Deliver, faults: Faults, manner: Manner, *, limit: int) -> None:
        self._db = db
        self._clock = db.real_now
        self._deliver = deliver
        self._faults = faults
        self._limit = limit
        self._count = 0
        self.manner = manner
        # Nothing is sent while old data is filled in.
        self.muted = False
        # What waits, by when; an entry whose delivery has another time by now is void.
        self._waiting: list[tuple[datetime, int, Delivery]] = []
        self._queued: set[int] = set()
        # Held back until the next to the same hook has left.
        self._held: dict[Id, list[Delivery]] = {}
        self.deliveries: deque[Delivery] = deque(maxlen=LISTED)
        self.woken: Callable[[], None] = lambda: None

    # Configuration.

    async def save(self, actor: Actor, values: Mapping[str, Any], id: Id = None) -> Row:
        """Create or change a hook and greet it; one that does not answer as it should is left disabled."""
        if id is None:
            row = self._db.create(self.manner.table, actor, **{"enabled": False, **values})
        else:
            row = self._row(id)
            self._db.change(self.manner.table, id, actor, values)
        return await self.enable(actor, row["id"])

    async def enable(self, actor: Actor, id: Id) -> Row:
        """Greet the hook, and switch it on if it answers as it should."""
        row = self._row(id)
        answered = self.manner.greet is None or await self.manner.greet(self, row)
        self._db.change(self.manner.table, id, actor, {"enabled": answered})
        return row

    def disable(self, actor: Actor, id: Id) -> None:
        self._row(id)
        self._db.change(self.manner.table, id, actor, {"enabled": False})

    def remove(self, actor: Actor, id: Id) -> None:
        self._row(id)
        self._db.delete(self.manner.table, id, actor)

    def _row(self, id: Id) -> Row:
        row = self._db[self.manner.table].get(id)
        if row is None:
            raise Refused(404, f"No webhook with the id {id}")
        return row

    # Events.

    def _rows(self) -> Iterable[Row]:
        return self._db[self.manner.table] if self.manner.table in self._db.tables else ()

    def wanted(self, action: str) -> bool:
        """Whether any hook gets an action."""
        return any(self.manner.wants(row, action) for row in self._rows())

    def emit(self, action: str, payload: Callable[[], Any], *, about: str | None = None) -> None:
        """Queue an event for every hook that wants it; the payload is fixed now, as things stand."""
        hooks = [row for row in self._rows() if self.manner.wants(row, action)]
        if self.muted or not hooks:
            return
        shown = payload()
        subject = self.manner.about(shown) if about is None else about
        for row in hooks:
            self._send(row, self.record(row, action, shown, subject))
        self.woken()

    def _send(self, row: Row, delivery: Delivery) -> None:
        """Put one delivery on its way, with what goes wrong on purpose."""
        acting = self._faults.for_webhook(delivery.action, delivery.about)
        if any(isinstance(one, Drop) for one in acting):
            delivery.state = "dropped"
            return
        if any(isinstance(one, OldBody) for one in acting):
            self._show_older(row, delivery)
        copies = [delivery, *self._copies(row, delivery, acting)]
        late = timedelta(seconds=sum(one.seconds for one in acting if isinstance(one, Late)))
        held = [one.seconds for one in acting if isinstance(one, Reorder)]
        before = self._held.pop(row["id"], []) if not held else []
        for one in copies:
            self._queue(one, (one.next_at or self._clock()) + late + timedelta(seconds=max(held, default=0.0)))
        if held:
            self._held.setdefault(row["id"], []).extend(copies)
        for one in before:
            if one.id in self._queued:
                self._queue(one, self._clock() + late + timedelta(milliseconds=1))

    def _copies(self, row: Row, delivery: Delivery, acting: list[Fault]) -> list[Delivery]:
        made: list[Delivery] = []
        for fault in acting:
            for number in range(fault.copies if isinstance(fault, Repeat) else 0):
                assert isinstance(fault, Repeat)
                event = None if fault.new_id else delivery.event_id
                copy = self.record(row, delivery.action, delivery.payload, delivery.about, event=event)
                copy.body = copy.body if fault.new_id else delivery.body
                copy.next_at = self._clock() + timedelta(seconds=fault.seconds * (number + 1))
                made.append(copy)
        return made

    def _show_older(self, row: Row, delivery: Delivery) -> None:
        """Show the object as the event before this one showed it to the same hook, if there was one."""
        for one in reversed(self.deliveries):
            if one.id < delivery.id and (one.hook_id, one.about) == (delivery.hook_id, delivery.about):
                delivery.payload = one.payload
                delivery.body = self.manner.body(row, delivery)
                return

    def record(self, row: Row, action: str, payload: Any, about: str = "", *, event: int | None = None) -> Delivery:
        """A delivery that is listed and not yet queued. `event` is the number of an event that was sent before."""
        self._count += 1
        delivery = Delivery(self._count, row["id"], row["url"], action, payload, self._clock(), about,
                            self._count if event is None else event)  # fmt: skip
        delivery.body = self.manner.body(row, delivery)
        self.deliveries.append(delivery)
        return delivery

    def _queue(self, delivery: Delivery, at: datetime) -> None:
        if len(self._queued) >= self._limit:
            self._drop_oldest()
        delivery.next_at = at
        self._queued.add(delivery.id)
        heappush(self._waiting, (at, delivery.id, delivery))

    def _drop_oldest(self) -> None:
        if (oldest := self._pop()) is not None:
            oldest.state = "dropped"

    def _head(self) -> tuple[datetime, int, Delivery] | None:
        """The next that waits, void entries thrown away."""
        while self._waiting:
            at, id, delivery = self._waiting[0]
            if id in self._queued and delivery.next_at == at:
                return self._waiting[0]
            heappop(self._waiting)
        return None

    def _pop(self) -> Delivery | None:
        head = self._head()
        if head is None:
            return None
        heappop(self._waiting)
        self._queued.discard(head[1])
        return head[2]

    # Sending.

    @property
    def waiting(self) -> int:
        return len(self._queued)

    def next_due(self) -> datetime | None:
        """When the next attempt, or the next deed of a fault, is due; None when nothing waits."""
        head, deed = self._head(), self._faults.next_due()
        return min((one for one in (head and head[0], deed) if one is not None), default=None)

    def take_due(self) -> Delivery | None:
        """The next delivery that is due now, taken off the queue."""
        self._faults.run_due()
        head = self._head()
        return None if head is None or head[0] > self._clock() else self._pop()

    async def deliver_due(self) -> int:
        """Attempt everything that is due now, in order, one after another; how many attempts were made."""
        count = 0
        while (delivery := self.take_due()) is not None:
            await self.attempt(delivery)
            count += 1
        return count

    async def attempt(self, delivery: Delivery) -> None:
        """Send once; what is not received is tried again after the vendor's intervals until they are used up."""
        row = self._db[self.manner.table].get(delivery.hook_id)
        delivery.next_at = None
        if row is None or not row.get("enabled", True):
            delivery.state = "dropped"
            return
        if (later := self._faults.down_until()) is not None:
            self._queue(delivery, later)
            self.woken()
            return
        reply = await self.post(row, delivery)
        if reply is not None and self.manner.accepted(reply.status):
            delivery.state = "delivered"
        elif len(delivery.attempts) > len(self.manner.retries) or (reply and reply.status in self.manner.final):
            delivery.state = "failed"
            self.manner.gave_up(row, delivery)
        else:
            wait = self.manner.retries[len(delivery.attempts) - 1]
            self._queue(delivery, self._clock() + timedelta(seconds=wait))
            self.woken()

    async def post(self, row: Row, delivery: Delivery) -> Reply | None:
        """One attempt, listed, whatever becomes of it; also for pings and handshakes that wait for their answer."""
        reply = await self.send(row["url"], self.manner.headers(row, delivery), delivery.body)
        delivery.attempts.append((self._clock(), reply and reply.status))
        return reply

    async def send(
        self, url: str, headers: Mapping[str, str], body: bytes, patience: float | None = None
    ) -> Reply | None:
        """What a receiver answers to a body, within the vendor's patience, or another one for a handshake."""
        try:
            async with asyncio.timeout(patience or self.manner.patience):
                said = await self._deliver(url, headers, body)
        except TimeoutError:
            return None
        return Reply(said) if isinstance(said, int) else said
