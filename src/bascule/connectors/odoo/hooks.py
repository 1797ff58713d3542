"""Odoo's automation rules: unsigned, told once, with a second of patience. They only ever say "look again"."""

from __future__ import annotations

from collections.abc import Iterable

from bascule.connectors.spec import Hint, Unsigned, Webhook
from bascule.model import Json, Kind

from .calls import APPLICANT, CANDIDATE, JOB
from .reads import ref


def topic(body: Json) -> str:
    return str(body.get("_model"))


def hints(body: Json) -> Iterable[Hint]:
    """Which object to read. In 18 an applicant is not the person: the rule has to send the field Candidate along."""
    model, id = topic(body), str(body.get("_id") or "")
    match model:
        case "hr.applicant" if id:
            return [Hint(Kind.CANDIDATE, ref(body.get("candidate_id")) or id, topic=model)]
        case "hr.candidate" if id:
            return [Hint(Kind.CANDIDATE, id, topic=model)]
        case "hr.job" if id:
            return [Hint(Kind.JOB, id, topic=model)]
        case _:
            return []


WEBHOOK = Webhook(
    verify=Unsigned(),
    delivery_id="",
    topic=topic,
    hints=hints,
    confirm=False,
    kinds=frozenset({Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB}),
    setup=(
        "Optional, as everything is polled: under Settings > Technical > Automation Rules make a rule “On create and "
        f"edit” for {APPLICANT} (18: also {CANDIDATE}; and {JOB}) with the action “Send Webhook Notification” to this "
        "address. In 18 choose the field Candidate for the rule on applicants."
    ),
)
