"""Lever's webhooks: each says whom to read again. Nothing else of a body is signed, so nothing else is believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bascule.connectors.spec import Hint, SignedFields, Webhook
from bascule.model import Json, Kind

_C, _A = Kind.CANDIDATE, Kind.APPLICATION
LOOK: Mapping[str, frozenset[Kind]] = {
    "applicationCreated": frozenset(),  # somebody new: everything
    "candidateStageChange": frozenset({_A}),
    "candidateArchiveChange": frozenset({_A}),
    "candidateHired": frozenset({_A, Kind.OFFER}),
    "candidateDeleted": frozenset({_C, _A}),
    "interviewCreated": frozenset({Kind.INTERVIEW}),
    "interviewUpdated": frozenset({Kind.INTERVIEW, Kind.SCORECARD}),
    "interviewDeleted": frozenset({Kind.INTERVIEW}),
    "contactCreated": frozenset(),
    "contactUpdated": frozenset({_C, _A}),
}
"""Which kinds of a contact to read again. A deletion is proven by the list of what was deleted."""


def topic(body: Json) -> str:
    return str(body["event"])


def hints(body: Json) -> Iterable[Hint]:
    """An event nobody knows means nothing; one without data is the test of Lever's own page."""
    event, data = topic(body), body.get("data") or {}
    if event not in LOOK:
        return []
    if not data:
        return [Hint(ping=True, topic=event)]
    contact = data.get("contactId")
    return [Hint(_C, str(contact), LOOK[event], topic=event)] if contact else []


WEBHOOK = Webhook(
    verify=SignedFields("signature", ("token", "triggeredAt"), time="triggeredAt"),
    delivery_id="",
    topic=topic,
    hints=hints,
    confirm=False,
    kinds=frozenset({_C, _A, Kind.OFFER, Kind.INTERVIEW}),
    makes="signature token",
    setup=(
        "In Settings > Integrations and API > Webhooks a Super Admin adds one webhook for each event with this address,"
        " and switches the event on. Lever makes a signature token for each."
    ),
)
