"""Webhooks: what is signed, sent, tried again and given up, and the list of it a person can read."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from ..faults import Faults
from ..kinds import Drop, Fault, Late, OldBody, Reorder, Repeat
from .errors import missing
from .tables import Actor, Database, Row, iso, plain

EVENTS = (
    "new_candidate_application", "delete_application", "application_updated", "new_prospect_application",
    "candidate_stage_change", "hire_candidate", "unhire_candidate", "reject_candidate", "unreject_candidate",
    "update_candidate", "merge_candidate", "delete_candidate", "candidate_anonymized", "offer_created",
    "offer_approved", "offer_updated", "offer_deleted", "job_created", "job_updated", "job_deleted", "job_approved",
    "job_post_created", "job_post_updated", "job_post_deleted", "interview_deleted", "scorecard_deleted",
    "department_deleted", "office_deleted",
)  # fmt: skip
# Minutes from each failed attempt to the next.
RETRIES = (1, 15, 60, 120, 240, 480)
LISTED = 2_000

# Posts a body to a URL and says the status, or None when there was no answer.
Deliver = Callable[[str, Mapping[str, str], bytes], Awaitable[int | None]]


def encode(value: Any) -> bytes:
    """JSON as the vendor writes it: `<`, `>`, `&` and the two line separators are escaped."""
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode()


def sign(secret: str, body: bytes) -> str:
    """The Signature header for a raw body."""
    return "sha256 " + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def subject(payload: Mapping[str, Any]) -> str:
    """The object an event is about, as `candidate/66001`: what its payload wraps, or itself."""
    for name, inner in payload.items():
        if isinstance(inner, Mapping) and "id" in inner:
            return f"{name}/{inner['id']}"
    return next((f"{key.removesuffix('_id')}/{payload[key]}" for key in ("id", "candidate_id") if key in payload), "")


@dataclass
class Delivery:
    """One event on its way to one hook."""

    id: int
    hook_id: int
    url: str
    action: str
    body: bytes
    created_at: datetime
    about: str = ""
    event_id: int = 0
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


class Hooks:
    """The configured webhooks and the bounded queue towards them."""

    def __init__(self, db: Database, deliver: Deliver, faults: Faults, *, limit: int) -> None:
        self._db = db
        self._clock = db.real_now
        self._deliver = deliver
        self._faults = faults
        self._limit = limit
        self._count = 0
        # Nothing is sent while old data is filled in.
        self.muted = False
        # What waits, by when; an entry whose delivery has another time by now is void.
        self._waiting: list[tuple[datetime, int, Delivery]] = []
        self._queued: set[int] = set()
        # Held back until the next to the same hook has left.
        self._held: dict[int, list[Delivery]] = {}
        self.deliveries: deque[Delivery] = deque(maxlen=LISTED)
        self.woken: Callable[[], None] = lambda: None

    # Configuration: through the form only.

    async def save(self, actor: Actor, values: Mapping[str, Any], id: int | None = None) -> Row:
        """Create or change a hook and ping it; a ping that is not answered 200 leaves it disabled."""
        if id is None:
            row = self._db.create("webhooks", actor, enabled=False, **values)
        else:
            row = self._row(id)
            self._db.change("webhooks", id, actor, values)
        return await self.enable(actor, row["id"])

    async def enable(self, actor: Actor, id: int) -> Row:
        """Ping the hook and switch it on if the answer is 200."""
        row = self._row(id)
        body = encode({"action": "ping", "payload": {"id": id, "name": row["name"]}})
        delivery = self._record(row, "ping", body)
        status = await self._attempt(row, delivery)
        delivery.state = "delivered" if status == 200 else "failed"
        self._db.change("webhooks", id, actor, {"enabled": status == 200})
        return row

    def disable(self, actor: Actor, id: int) -> None:
        self._row(id)
        self._db.change("webhooks", id, actor, {"enabled": False})

    def remove(self, actor: Actor, id: int) -> None:
        self._row(id)
        self._db.delete("webhooks", id, actor)

    def _row(self, id: int) -> Row:
        row = self._db["webhooks"].get(id)
        if row is None:
            raise missing("webhook", id)
        return row

    # Events.

    def wanted(self, action: str) -> bool:
        """Whether any enabled hook is configured for an action."""
        return any(row["enabled"] and action in row["events"] for row in self._db["webhooks"])

    def emit(self, action: str, payload: Callable[[], Mapping[str, Any]]) -> None:
        """Queue an event for every hook configured for it; the payload is fixed now, as things stand."""
        hooks = [row for row in self._db["webhooks"] if row["enabled"] and action in row["events"]]
        if self.muted or not hooks:
            return
        shown = payload()
        body, about = encode({"action": action, "payload": shown}), subject(shown)
        for row in hooks:
            self._send(row, self._record(row, action, body, about))
        self.woken()

    def _send(self, row: Row, delivery: Delivery) -> None:
        """Put one delivery on its way, with what goes wrong on purpose."""
        acting = self._faults.for_webhook(delivery.action, delivery.about)
        if any(isinstance(one, Drop) for one in acting):
            delivery.state = "dropped"
            return
        if any(isinstance(one, OldBody) for one in acting):
            delivery.body = self._older(delivery) or delivery.body
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
                copy = self._record(row, delivery.action, delivery.body, delivery.about)
                copy.event_id = copy.event_id if fault.new_id else delivery.event_id
                copy.next_at = self._clock() + timedelta(seconds=fault.seconds * (number + 1))
                made.append(copy)
        return made

    def _older(self, delivery: Delivery) -> bytes | None:
        """The body with the object as the event before this one showed it to the same hook."""
        for one in reversed(self.deliveries):
            if one.id < delivery.id and (one.hook_id, one.about) == (delivery.hook_id, delivery.about):
                return encode({"action": delivery.action, "payload": json.loads(one.body)["payload"]})
        return None

    def _record(self, row: Row, action: str, body: bytes, about: str = "") -> Delivery:
        self._count += 1
        delivery = Delivery(self._count, row["id"], row["url"], action, body, self._clock(), about, self._count)
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
        """Send once; anything but 200 is tried again after the vendor's intervals until they are used up."""
        row = self._db["webhooks"].get(delivery.hook_id)
        delivery.next_at = None
        if row is None or not row["enabled"]:
            delivery.state = "dropped"
            return
        if (later := self._faults.down_until()) is not None:
            self._queue(delivery, later)
            self.woken()
            return
        status = await self._attempt(row, delivery)
        if status == 200:
            delivery.state = "delivered"
        elif len(delivery.attempts) > len(RETRIES):
            delivery.state = "failed"
        else:
            self._queue(delivery, self._clock() + timedelta(minutes=RETRIES[len(delivery.attempts) - 1]))
            self.woken()

    async def _attempt(self, row: Row, delivery: Delivery) -> int | None:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "sandbox-webhook",
            "Signature": sign(row["secret"], delivery.body),
            "Greenhouse-Event-ID": str(9_000_000_000 + delivery.event_id),
        }
        status = await self._deliver(row["url"], headers, delivery.body)
        delivery.attempts.append((self._clock(), status))
        return status
