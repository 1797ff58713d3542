"""Webhooks as Ashby sends them: one event type a hook, a ping before it is switched on, ten attempts."""

from __future__ import annotations

import hashlib
import hmac
import json
from random import Random
from typing import Any
from uuid import UUID

from ..kit.hooks import Delivery, Hooks, Manner
from ..kit.tables import Row

EVENTS = (
    "applicationSubmit", "applicationUpdate", "candidateStageChange", "candidateHire", "candidateDelete",
    "candidateMerge", "interviewPlanTransition", "interviewScheduleCreate", "interviewScheduleUpdate", "jobCreate",
    "jobUpdate", "jobPostingUpdate", "jobPostingPublish", "jobPostingUnpublish", "openingCreate", "offerCreate",
    "offerUpdate", "offerDelete", "pushToHRIS", "signatureRequestUpdate", "surveySubmit",
)  # fmt: skip
# Those that webhook.create does not take; a person can still choose them on the page.
BY_HAND = frozenset({"jobCreate", "jobUpdate", "openingCreate", "signatureRequestUpdate"})
# Seconds from each failed attempt to the next, ten attempts in all.
RETRIES = tuple((2**attempt - 1) * 10 for attempt in range(1, 10))
FINAL = frozenset({401, 403, 404, 405, 410})


def sign(secret: str, body: bytes) -> str:
    """The Ashby-Signature header for a raw body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _action_id(payload: Any, hook: Row, one: Delivery) -> str:
    """The event's own id: the same for every hook and attempt, another one where a fault sends a new event."""
    first = payload["first"].setdefault(hook["id"], one.event_id)
    if first == one.event_id:
        return payload["id"]
    return str(UUID(int=Random(f"{payload['id']}-{one.event_id}").getrandbits(128), version=4))


def _body(hook: Row, one: Delivery) -> bytes:
    told: dict[str, Any] = {"action": one.action}
    if one.action == "ping":
        told["data"] = {"webhookActionType": "ping"}
    else:
        told |= {"webhookActionId": _action_id(one.payload, hook, one), "data": one.payload["data"]}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _headers(hook: Row, one: Delivery) -> dict[str, str]:
    signed = {"Ashby-Signature": sign(hook["secret"], one.body)} if hook["secret"] else {}
    return {"Content-Type": "application/json", **signed}


async def _ping(hooks: Hooks, hook: Row) -> bool:
    """Whether a ping is answered, and with nothing over 400."""
    delivery = hooks.record(hook, "ping", None)
    reply = await hooks.post(hook, delivery)
    answered = reply is not None and reply.status <= 400
    delivery.state = "delivered" if answered else "failed"
    return answered


MANNER = Manner(body=_body, headers=_headers, retries=RETRIES, final=FINAL, greet=_ping)
