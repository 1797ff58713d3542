"""Teamtailor's company webhooks: what each says to look at again, and what no read could tell."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from bascule.connectors.spec import Claim, Hint, Signature, Webhook
from bascule.model import Json, Kind, Part, Presence

_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB
ABOUT = {"candidate": _C, "job_application": _A, "job": _J}
KINDS = {
    "candidate.create": frozenset({_C, _A, Kind.ATTACHMENT}),
    "candidate.update": frozenset({_C, Kind.ATTACHMENT}),
    "candidate.destroy": frozenset({_C}),
    "job_application.create": frozenset({_A}),
    "job_application.update": frozenset({_A}),
    "job_application.destroy": frozenset({_A}),
    "job.create": frozenset({_J, Kind.STAGE}),
    "job.update": frozenset({_J, Kind.STAGE}),
    "job.destroy": frozenset({_J}),
}
EMBEDDED = re.compile(rb',\s*"signature"\s*:\s*"[^"]*"\s*\}\s*$')


def claim(headers: Mapping[str, str], body: bytes) -> Claim | None:
    """v2 signs the second of sending and the body; v1 nothing but the id, and so is the same for every event of an
    object. What v1 signs says "look again", never that something is gone."""
    given = headers.get("tt-signature") or str(json.loads(body)["signature"])
    text = base64.b64decode(given, validate=True).decode()
    stamped = re.fullmatch(r"t=(\d{1,11}),v2=([0-9a-fA-F]{64})", text)
    if stamped:
        plain = EMBEDDED.sub(b"}", body)  # where the body has the signature too, it was signed without
        return Claim(f"{stamped[1]}.".encode() + plain, (stamped[2],), datetime.fromtimestamp(int(stamped[1]), UTC))
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return None
    return Claim(str(json.loads(body)["payload"]["data"]["id"]).encode(), (text,), whole=False)


def topic(body: Json) -> str:
    return str(body["payload"]["event_name"])


def hints(body: Json) -> Iterable[Hint]:
    """What a delivery means. An application is named by its own id only: whose it is, is known here or read."""
    event, id = topic(body), str(body["payload"]["data"]["id"])
    if event not in KINDS:
        return []
    kind = ABOUT[event.split(".")[0]]
    gone = (Part(kind, id, presence=Presence.DELETED),) if event.endswith(".destroy") else ()
    return [Hint(kind, id, KINDS[event], gone, topic=event)]


WEBHOOK = Webhook(
    verify=Signature(claim),
    delivery_id="",
    topic=topic,
    hints=hints,
    kinds=frozenset({_C, _A, _J}),
    makes="signature key",
    setup=(
        "Teamtailor has no API for webhooks, and the customer needs its Webhooks feature. In Settings > Integrations > "
        "Webhooks enter one for every event offered, with this address and signature version 2. Teamtailor makes a "
        "key for each. Nothing is sent again when it failed: polls see it."
    ),
)
