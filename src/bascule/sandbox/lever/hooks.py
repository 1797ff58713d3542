"""Webhooks as Lever sends them: the signature stands in the body and covers nothing but itself."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from ..kit.access import secret
from ..kit.hooks import Delivery, Manner
from ..kit.tables import Actor, Row
from .errors import invalid

if TYPE_CHECKING:
    from .sandbox import Sandbox

# Whether an event can be narrowed to origins.
EVENTS: Mapping[str, bool] = {
    "applicationCreated": True, "candidateHired": True, "candidateStageChange": True, "candidateArchiveChange": True,
    "candidateDeleted": False, "interviewCreated": False, "interviewUpdated": False, "interviewDeleted": False,
    "contactCreated": False, "contactUpdated": False,
}  # fmt: skip
ORIGINS = ("agency", "applied", "internal", "referred", "sourced", "university")
# Seconds from each failed attempt to the next. Lever says five retries, each later than the one before; not when.
RETRIES = (15.0, 60.0, 300.0, 1800.0, 7200.0)
# Where plain http will do: a certificate cannot be had for this machine.
LOCAL = ("127.0.0.1", "localhost", "::1")


def ms(moment: datetime | None) -> int | None:
    """A time as Lever writes it: milliseconds since 1970."""
    return None if moment is None else round(moment.timestamp() * 1000)


def sign(signature_token: str, token: str, triggered_at: int) -> str:
    """The signature in a body: over its token and its time, not over its data."""
    return hmac.new(signature_token.encode(), f"{token}{triggered_at}".encode(), hashlib.sha256).hexdigest()


def manner(sandbox: Sandbox) -> Manner:
    """How this tenant's webhooks leave."""

    def body(hook: Row, delivery: Delivery) -> bytes:
        dice = Random(f"delivery-{sandbox.options.seed}-{delivery.event_id}-{hook['id']}")
        token, at = f"{dice.getrandbits(192):048x}", ms(sandbox.now())
        assert at is not None
        made = {
            "id": str(UUID(int=dice.getrandbits(128), version=4)), "event": delivery.action, "triggeredAt": at,
            "token": token, "signature": sign(hook["signature_token"], token, at), "data": delivery.payload,
        }  # fmt: skip
        return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()

    def wants(hook: Row, action: str) -> bool:
        if not hook["enabled"] or hook["event"] != action or not switched_on(sandbox, action):
            return False
        about: Mapping[str, Any] = sandbox.subject
        if about.get("confidentiality") == "confidential" and not hook["confidential"]:
            return False
        return not EVENTS[action] or not hook["origins"] or about.get("origin") in hook["origins"]

    return Manner(
        body=body, headers=lambda hook, delivery: {"Content-Type": "application/json", "User-Agent": "Lever-Webhooks"},
        retries=RETRIES, wants=wants,
    )  # fmt: skip


def switched_on(sandbox: Sandbox, event: str) -> bool:
    """Whether a Super Admin has turned an event on, on the page of webhooks."""
    return any(row["event"] == event and row["on"] for row in sandbox.db["webhook_events"])


def save_hook(
    sandbox: Sandbox, actor: Actor, given: Mapping[str, Any], before: Row | None, *, made_by: str, confidential: bool
) -> Row:  # fmt: skip
    """Save a webhook. Its event must be on, on the page of webhooks, for anything to be sent."""
    url, event = urlsplit(str(given.get("url") or "")), str(given.get("event"))
    if not url.hostname or (url.scheme != "https" and not (url.scheme == "http" and url.hostname in LOCAL)):
        raise invalid("url must be an https address")
    if event not in EVENTS:
        raise invalid(f"event must be one of {', '.join(EVENTS)}")
    configured = given.get("configuration") or {}
    origins = (configured.get("conditions") or {}).get("origins") or []
    if not isinstance(origins, list) or any(one not in ORIGINS for one in origins):
        raise invalid(f"origins must be of {', '.join(ORIGINS)}")
    if origins and not EVENTS[event]:
        raise invalid(f"{event} takes no conditions")
    chosen = {"url": given["url"], "event": event, "events": [event], "origins": origins}
    if before is not None:
        sandbox.db.change("webhooks", before["id"], actor, chosen)
        return before
    return sandbox.db.create("webhooks", actor, signature_token=secret(sandbox.random, 40), verified_at=None,
                             made_by=made_by, confidential=confidential, enabled=True, **chosen)  # fmt: skip
