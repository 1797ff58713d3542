"""Headers of a webhook that we send, as Standard Webhooks 1.0.0 has them: id, time and signatures of one attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from standardwebhooks.webhooks import Webhook

PLAIN = {"content-type": "application/json", "user-agent": "bascule"}


def signed(secrets: Sequence[str], id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Signed with each of these secrets: a receiver takes what any of its own signs. `at` is in UTC."""
    text = body.decode()
    keys = [Webhook(one if one.startswith("whsec_") else one.encode()) for one in secrets]
    return {
        **PLAIN,
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(key.sign(id, at, text) for key in keys),
    }
