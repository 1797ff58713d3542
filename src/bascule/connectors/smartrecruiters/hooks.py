"""SmartRecruiters' webhooks: ids only, so each says whom to look at again. Only what is signed counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from bascule.connectors.spec import Claim, Hint, Signature, Webhook
from bascule.model import Json, Kind, Part, Presence

_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB
LOOK: Mapping[str, frozenset[Kind]] = {
    "application.created": frozenset({_C, _A, Kind.ATTACHMENT}),
    "application.status.updated": frozenset({_A}),
    "application.fields.updated": frozenset({_A}),
    "application.attachment.created": frozenset({Kind.ATTACHMENT}),
    "application.source.updated": frozenset({_A}),
    "application.screening-answers.created": frozenset({_A}),
    "application.screening-answers.updated": frozenset({_A}),
    "candidate.created": frozenset({_C, _A}),
    "candidate.updated": frozenset({_C, _A}),
}
"""Which lists of a candidate to read again."""
ON_JOB = frozenset({
    "job.created", "job.updated", "job.status.updated", "job.hiring-team.updated", "job.ad.created", "job.ad.updated",
})  # fmt: skip
SIGNED = ("event-id", "event-name", "event-version", "link")


def topic(body: Json) -> str:
    return str(body["event-name"])


def hints(body: Json) -> Iterable[Hint]:
    """What a delivery means. An event nobody knows means nothing; the polls still see what it was about."""
    name = topic(body)
    if name in ON_JOB:
        id = body.get("job_id") or body.get("id")
        return [Hint(_J, str(id), topic=name)] if id else []
    id = body.get("candidate_id") or (body.get("id") if name.startswith("candidate.") else None)
    if not id:
        return []
    if name == "candidate.deleted":
        return [Hint(_C, str(id), parts=(Part(_C, str(id), presence=Presence.DELETED),), topic=name)]
    return [Hint(_C, str(id), LOOK[name], topic=name)] if name in LOOK else []


def claim(headers: Mapping[str, str], body: bytes) -> Claim | None:
    """Time, body and the headers that say what it is about, joined by dots; several signatures while a key changes."""
    stamp = headers.get("smartrecruiters-timestamp", "")
    marks = [one.strip().partition("=") for one in headers.get("smartrecruiters-signature", "").split(";")]
    given = tuple(mark for version, _, mark in marks if version == "v1" and mark)
    if not given or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 11:
        return None
    pieces = [headers.get(name, "").encode() for name in SIGNED]
    return Claim(b".".join([stamp.encode(), body, *pieces]), given, datetime.fromtimestamp(int(stamp), UTC))


WEBHOOK = Webhook(
    verify=Signature(claim),
    delivery_id="event-id",
    topic=topic,
    hints=hints,
    named="event-name",
    accepted=202,
    echo="X-Hook-Secret",
    kinds=frozenset({_C, _A, _J, Kind.ATTACHMENT}),
    makes="secret key",
    setup=(
        "There is no page for webhooks: make a subscription by API (POST /webhooks-api/v201907/subscriptions) with "
        "this address and every event named on this connector's page, activate it (PUT .../activation), and make a "
        "key (POST .../secret-key): without one deliveries come unsigned and are refused."
    ),
)
