"""Webhook subscriptions: activated by a handshake, signed with keys that rotate, acknowledged by 202 alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..kit.access import secret
from ..kit.errors import Refused
from ..kit.hooks import Delivery, Hooks, Manner
from ..kit.ids import uuids
from ..kit.tables import SYSTEM, Actor, Row, plain
from .options import REDELIVERIES
from .tables import EVENTS, REVIEW_EVENTS

if TYPE_CHECKING:
    from .sandbox import Sandbox

VERSION = "v201910"
PATIENCE = 5.0
GREETING_PATIENCE = 20.0
MOST = 20
MOST_KEYS = 16
GRACE = timedelta(hours=24)


def signature(key: str, timestamp: str, body: bytes, headers: Mapping[str, str]) -> str:
    """HMAC-SHA256 over time, body, event-id, event-name, event-version and Link joined by dots."""
    pieces = [headers.get(name, "") for name in ("event-id", "event-name", "event-version", "Link")]
    text = b".".join([timestamp.encode(), body, *(one.encode() for one in pieces)])
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


def manner(sandbox: Callable[[], Sandbox], seed: int) -> Manner:
    event_id = uuids(seed, "events")

    def headers(hook: Row, one: Delivery) -> dict[str, str]:
        now = sandbox().now()
        told = {
            "event-id": event_id(one.event_id), "event-name": one.action, "event-version": VERSION,
            "Link": f"<{hook['base']}{one.payload['path']}>; rel=self",
        }  # fmt: skip
        stamp = str(int(now.timestamp()))
        marks = [f"v1={signature(key['key'], stamp, one.body, told)}" for key in hook["keys"]
                 if key["until"] is None or key["until"] > now]  # fmt: skip
        signed = {"smartrecruiters-signature": ";".join(marks)} if marks else {}
        return {"Content-Type": "application/json", **told, "smartrecruiters-timestamp": stamp, **signed,
                **authentication(hook)}  # fmt: skip

    async def greet(hooks: Hooks, row: Row) -> bool:
        word = secret(sandbox().random, 32)
        reply = await hooks.send(row["url"], {"X-Hook-Secret": word, **authentication(row)}, b"", GREETING_PATIENCE)
        echoed = {name.lower(): value for name, value in reply.headers.items()} if reply else {}
        return reply is not None and reply.status == 200 and echoed.get("x-hook-secret") == word

    return Manner(
        body=lambda hook, one: json.dumps(plain(one.payload["ids"]), separators=(",", ":")).encode(), headers=headers,
        retries=REDELIVERIES, accepted=lambda status: status == 202, patience=PATIENCE, greet=greet,
        gave_up=lambda row, delivery: give_up(sandbox(), row, delivery),
    )  # fmt: skip


def authentication(hook: Row) -> dict[str, str]:
    """What a subscriber asked to be shown with each call."""
    asked = hook["authentication"] or {}
    match str(asked.get("type", "")).lower():
        case "basic":
            pair = f"{asked.get('username', '')}:{asked.get('password', '')}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        case "header":
            return {str(asked.get("name", "Authorization")): str(asked.get("value", ""))}
        case _:
            return {}


def give_up(sandbox: Sandbox, row: Row, delivery: Delivery) -> None:
    """All redeliveries have failed: a mail to whoever is named, and suspension when that happened often enough."""
    sandbox.db.mark("webhooks", row["id"], failures=row["failures"] + 1)
    suspended = row["failures"] >= sandbox.options.suspend_after
    if row["alert"]:
        sandbox.mail(row["alert"], f"Callbacks to {row['url']} fail", f"{delivery.action} was given up", "webhooks")
    if suspended and row["enabled"]:
        sandbox.db.change("webhooks", row["id"], SYSTEM, {"enabled": False, "suspended": True})


def known(sandbox: Sandbox) -> tuple[str, ...]:
    return EVENTS + (REVIEW_EVENTS if sandbox.options.review_events else ())


def subscribe(sandbox: Sandbox, actor: Actor, credential_id: Any, base: str, asked: Mapping[str, Any]) -> Row:
    """A subscription, inactive until it is activated."""
    url, events = asked.get("callbackUrl"), asked.get("events")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise Refused(400, "callbackUrl must be an address", code="INVALID_FORMAT", field="callbackUrl")
    if not isinstance(events, list) or not events:
        raise Refused(400, "events must not be empty", code="INVALID_FORMAT", field="events")
    if unknown := sorted({str(one) for one in events} - set(known(sandbox))):
        raise Refused(400, f"There is no event {', '.join(unknown)}", code="INVALID_FORMAT", field="events")
    shown = asked.get("callbackAuthentication")
    if shown is not None and str(shown.get("type", "")).lower() not in ("basic", "header"):
        raise Refused(400, "This sandbox knows basic and header authentication", code="INVALID_FORMAT",
                      field="callbackAuthentication")  # fmt: skip
    mine = [row for row in sandbox.db["webhooks"]
            if (row["credential_id"], row["user_id"]) == (credential_id, actor.user_id)]  # fmt: skip
    if len(mine) >= MOST:
        raise Refused(409, f"There are {MOST} subscriptions already", code="SUBSCRIPTION_LIMIT_EXCEEDED")
    return sandbox.db.create(
        "webhooks", actor, url=url, events=list(events), enabled=False, suspended=False, failures=0, base=base, keys=[],
        alert=asked.get("alertingEmailAddress") or "", authentication=shown, credential_id=credential_id,
        user_id=actor.user_id,
    )  # fmt: skip


async def activate(sandbox: Sandbox, actor: Actor, id: Any) -> None:
    """Greet the callback, and send to it from now on if it echoed the secret."""
    row = await sandbox.hooks.enable(actor, id)
    if not row["enabled"]:
        raise Refused(
            400, "The callback did not answer 200 with the X-Hook-Secret it was sent", code="HANDSHAKE_FAILED"
        )
    sandbox.db.mark("webhooks", id, suspended=False, failures=0)


def new_key(sandbox: Sandbox, actor: Actor, row: Row) -> str:
    """A new key; the ones before it work for a day more."""
    now = sandbox.now()
    kept: Iterable[Row] = [one for one in row["keys"] if one["until"] is None or one["until"] > now]
    kept = [{**one, "until": one["until"] or now + GRACE} for one in kept]
    if len(kept) >= MOST_KEYS:
        raise Refused(409, f"There are {MOST_KEYS} keys already", code="SECRET_KEY_LIMIT_EXCEEDED")
    made = secret(sandbox.random, 40)
    sandbox.db.change("webhooks", row["id"], actor, {"keys": [*kept, {"key": made, "until": None}]})
    return made
