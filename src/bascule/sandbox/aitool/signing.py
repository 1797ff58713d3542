"""Hints are signed as Standard Webhooks has it: HMAC-SHA-256 over `id.timestamp.body`."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

WITHIN = 300  # seconds a hint may be old, or ahead


def sign(secret: str, id: str, timestamp: str, body: bytes) -> str:
    """What the header `webhook-signature` is to hold."""
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    made = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def genuine(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether a hint is from our Bascule, and fresh. Header names are lower case."""
    id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not secret or not id or not timestamp.isdigit() or abs(now - int(timestamp)) > WITHIN:
        return False
    wanted = sign(secret, id, timestamp, body)
    return any(hmac.compare_digest(wanted, one) for one in headers.get("webhook-signature", "").split())
