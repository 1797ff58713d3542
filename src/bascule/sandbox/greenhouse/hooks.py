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

from .errors import missing
from .faults import Faults
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


@dataclass
class Delivery:
    """One event on its way to one hook."""

    id: int
    hook_id: int
    url: str
    action: str
    body: bytes
    created_at: datetime
    state: str = "waiting"  # waiting, delivered, failed (all attempts used), dropped
    attempts: list[tuple[datetime, int | None]] = field(default_factory=list[tuple[datetime, int | None]])
    next_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "webhook_id": self.hook_id, "url": self.url, "action": self.action, "state": self.state,
            "created_at": iso(self.created_at), "next_at": iso(self.next_at),
            "attempts": [{"at": iso(at), "status": status} for at, status in self.attempts],
            "body": self.body.decode(),
        }  # fmt: skip


class Hooks:
    """The configured webhooks and the bounded queue towards them."""

    def __init__(self, db: Database, deliver: Deliver, faults: Faults, *, limit: int) -> None:
        self._db = db
        self._deliver = deliver
        self._faults = faults
        self._limit = limit
        self._count = 0
        # Nothing is sent while old data is filled in.
        self.muted = False
        self._waiting: list[tuple[datetime, int, Delivery]] = []
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
        body = encode({"action": action, "payload": payload()})
        for row in hooks:
            delivery = self._record(row, action, body)
            if self._faults.for_delivery(action):
                delivery.state = "dropped"
                continue
            if len(self._waiting) >= self._limit:
                heappop(self._waiting)[2].state = "dropped"
            self._queue(delivery, delivery.created_at)
        self.woken()

    def _record(self, row: Row, action: str, body: bytes) -> Delivery:
        self._count += 1
        delivery = Delivery(self._count, row["id"], row["url"], action, body, self._db.now())
        self.deliveries.append(delivery)
        return delivery

    def _queue(self, delivery: Delivery, at: datetime) -> None:
        delivery.next_at = at
        heappush(self._waiting, (at, delivery.id, delivery))

    # Sending.

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def next_due(self) -> datetime | None:
        """When the next attempt is due, or None when nothing waits."""
        return self._waiting[0][0] if self._waiting else None

    def take_due(self) -> Delivery | None:
        """The next delivery that is due now, taken off the queue."""
        if not self._waiting or self._waiting[0][0] > self._db.now():
            return None
        return heappop(self._waiting)[2]

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
        status = await self._attempt(row, delivery)
        if status == 200:
            delivery.state = "delivered"
        elif len(delivery.attempts) > len(RETRIES):
            delivery.state = "failed"
        else:
            self._queue(delivery, self._db.now() + timedelta(minutes=RETRIES[len(delivery.attempts) - 1]))
            self.woken()

    async def _attempt(self, row: Row, delivery: Delivery) -> int | None:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "sandbox-webhook",
            "Signature": sign(row["secret"], delivery.body),
            "Greenhouse-Event-ID": str(9_000_000_000 + delivery.id),
        }
        status = await self._deliver(row["url"], headers, delivery.body)
        delivery.attempts.append((self._db.now(), status))
        return status
