"""Webhooks of two systems: the ones a company enters, and the one that comes with a partner's integration.

Neither is ever sent twice. Both are rows of `webhooks`, told apart by their `kind`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from ..kit.hooks import Delivery, Manner
from ..kit.tables import Row

EVENTS = tuple(
    f"{resource}.{action}"
    for resource in ("candidate", "job", "job_application")
    for action in ("create", "update", "destroy")
)
# The event of a trigger in a stage, on its way to the partner.
TRIGGERED = "partner.webhook"
SIGNATURES = ("v2", "v1")

# Which columns make an update; everything else changes in silence.
WATCHED: Mapping[str, frozenset[str]] = {
    "candidates": frozenset({
        "email", "first_name", "last_name", "phone", "pitch", "linkedin_url", "picture", "referring_site",
        "referring_url", "internal", "restricted_at", "custom_fields", "location_ids",
    }),
    "applications": frozenset({"stage_id", "rejected_at", "cover_letter", "job_title", "promotion_id"}),
    "jobs": frozenset({
        "title", "body", "pitch", "status", "internal", "employment_type", "employment_level", "remote_status",
        "language_code", "currency", "min_salary", "max_salary", "salary_time_unit", "start_date", "end_date",
        "resume_requirement", "additional_files_requirement", "recruiter_email", "user_id", "department_id", "role_id",
        "tags", "custom_fields", "location_ids", "departments", "team_memberships",
    }),
}  # fmt: skip


def _hex(key: str, message: bytes) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def sign_v1(key: str, id: str) -> str:
    """The signature of every event there ever is of one record."""
    return base64.b64encode(_hex(key, id.encode()).encode()).decode()


def sign_v2(key: str, body: bytes, at: int) -> str:
    """The signature of a body at a second."""
    return base64.b64encode(f"t={at},v2={_hex(key, f'{at}.'.encode() + body)}".encode()).decode()


def sign_partner(secret: str, event_id: str, at: int) -> str:
    """The header of a partner's webhook: over the event's id, not its body. `v0` is there to be ignored."""
    signed = _hex(secret, f"{at}.{event_id}".encode())
    return f"t={at},v1={signed},v0={hashlib.sha256(signed.encode()).hexdigest()}"


def encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _second(delivery: Delivery) -> int:
    return int(delivery.created_at.timestamp())


def manner(embeds: bool, failed: Callable[[Row, Delivery], object]) -> Manner:
    """How both are sent. `failed` is told of what the receiver did not take."""

    def body(hook: Row, delivery: Delivery) -> bytes:
        if hook["kind"] == "partner":
            return encode(delivery.payload)
        content = {"payload": {"event_name": delivery.action, "data": delivery.payload}}
        if hook["signature_version"] == "v1":
            return encode({**content, "signature": sign_v1(hook["secret"], delivery.payload["id"])})
        if embeds:
            return encode({**content, "signature": sign_v2(hook["secret"], encode(content), _second(delivery))})
        return encode(content)

    def headers(hook: Row, delivery: Delivery) -> dict[str, str]:
        if hook["kind"] == "partner":
            event = delivery.payload["partner-event"]["id"]
            return {
                "Content-Type": "application/json", "Authorization": f"Bearer {hook['provider_key']}",
                "Teamtailor-Signature": sign_partner(hook["secret"], event, _second(delivery)),
                "Teamtailor-Host": hook["host"],
                **({"Teamtailor-Api-Token": hook["api_token"]} if hook["api_token"] else {}),
            }  # fmt: skip
        if hook["signature_version"] == "v1":
            signature = sign_v1(hook["secret"], delivery.payload["id"])
        else:
            content = {"payload": {"event_name": delivery.action, "data": delivery.payload}}
            signed = encode(content) if embeds else delivery.body
            signature = sign_v2(hook["secret"], signed, _second(delivery))
        return {"Content-Type": "application/json", "TT-Signature": signature}

    return Manner(body=body, headers=headers, retries=(), gave_up=failed)
