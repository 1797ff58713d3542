"""Webhooks as Greenhouse sends them: how they are signed, when they are tried again, what switches one on."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from ..kit.hooks import Delivery, Hooks, Manner
from ..kit.tables import Row, plain

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


def _body(row: Row, delivery: Delivery) -> bytes:
    return encode({"action": delivery.action, "payload": delivery.payload})


def _headers(row: Row, delivery: Delivery) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "sandbox-webhook",
        "Signature": sign(row["secret"], delivery.body),
        "Greenhouse-Event-ID": str(9_000_000_000 + delivery.event_id),
    }


async def _ping(hooks: Hooks, row: Row) -> bool:
    """Whether a ping is answered with 200."""
    delivery = hooks.record(row, "ping", {"id": row["id"], "name": row["name"]})
    reply = await hooks.post(row, delivery)
    answered = reply is not None and reply.status == 200
    delivery.state = "delivered" if answered else "failed"
    return answered


MANNER = Manner(
    body=_body, headers=_headers, retries=tuple(minutes * 60 for minutes in RETRIES),
    accepted=lambda status: status == 200, about=subject, greet=_ping,
)  # fmt: skip
