"""Greenhouse's recruiting webhooks: what each says to look at again, and what no read could tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bascule.connectors.lens import ident
from bascule.connectors.spec import Hint, HmacSha256, Webhook
from bascule.model import Json, Kind, Part, Presence

_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB
APPLIED = frozenset({_C, _A, Kind.ATTACHMENT})
LOOK: Mapping[str, frozenset[Kind]] = {
    "new_candidate_application": APPLIED,
    "new_prospect_application": APPLIED,
    "application_updated": frozenset({_A, Kind.ATTACHMENT}),
    "candidate_stage_change": frozenset({_A}),
    "reject_candidate": frozenset({_A}),
    "unreject_candidate": frozenset({_A}),
    "hire_candidate": frozenset({_A, Kind.HIRE, Kind.OFFER}),
    "unhire_candidate": frozenset({_A, Kind.HIRE, Kind.OFFER}),
    "update_candidate": frozenset({_C, Kind.ATTACHMENT}),
    "offer_created": frozenset({Kind.OFFER}),
    "offer_approved": frozenset({Kind.OFFER}),
    "offer_updated": frozenset({Kind.OFFER}),
    "offer_deleted": frozenset({Kind.OFFER}),
    "interview_deleted": frozenset({Kind.INTERVIEW}),
    "scorecard_deleted": frozenset({Kind.SCORECARD}),
}
"""Which lists of a candidate to read again."""
ON_JOB = frozenset({"job_created", "job_updated", "job_approved", "job_deleted"})
ON_POST = frozenset({"job_post_created", "job_post_updated", "job_post_deleted"})
GONE = {
    "delete_application": (_A, "application"),
    "offer_deleted": (Kind.OFFER, "offer"),
    "interview_deleted": (Kind.INTERVIEW, "interview"),
    "scorecard_deleted": (Kind.SCORECARD, "scorecard"),
    "job_deleted": (_J, "job"),
}


def topic(body: Json) -> str:
    return str(body["action"])


def hints(body: Json) -> Iterable[Hint]:
    """What a delivery means. An action nobody knows means nothing; the polls still see what it was about."""
    action, payload = topic(body), body.get("payload") or {}
    match action:
        case "ping":
            return [Hint(ping=True, topic=action)]
        case "merge_candidate":
            return merged(payload["person"])
        case "delete_candidate":
            return [deleted(payload["person"])]
        case "candidate_anonymized":
            return [anonymised(payload)]
        case _ if action in ON_JOB | ON_POST:
            id = ident(payload.get("job_id") if action in ON_POST else dig(payload, "job").get("id"))
            return [Hint(_J, id, parts=gone(action, payload), topic=action)] if id else []
        case _ if action in LOOK.keys() | GONE.keys():
            id = person(payload)
            parts = gone(action, payload)
            if id is None:  # an offer, interview or scorecard that names its application only: a poll shows it
                return [Hint(parts=parts, topic=action)] if parts else []
            return [Hint(_C, id, LOOK.get(action, frozenset({_A})), parts, topic=action)]
        case _:
            return []


def dig(payload: Json, key: str) -> Json:
    """The object a payload is about: wrapped under its name, or not."""
    inner = payload.get(key)
    return inner if isinstance(inner, Mapping) else payload


def person(payload: Json) -> str | None:
    """The candidate a payload is about, wherever it stands."""
    application = dig(payload, "application")
    candidate = application.get("candidate") or payload.get("candidate") or payload.get("person")
    if isinstance(candidate, Mapping) and candidate.get("id") is not None:
        return ident(candidate["id"])
    return ident(application.get("candidate_id") or payload.get("candidate_id"))


def gone(action: str, payload: Json) -> tuple[Part, ...]:
    if action not in GONE:
        return ()
    kind, name = GONE[action]
    about = dig(payload, name)
    return (Part(kind, str(about["id"]), presence=Presence.DELETED),) if about.get("id") is not None else ()


def merged(who: Json) -> list[Hint]:
    into = ident(who.get("new_candidate_id"))
    part = Part(_C, str(who["id"]), presence=Presence.MERGED, into=into)
    return [Hint(_C, into or str(who["id"]), parts=(part,), topic="merge_candidate")]


def deleted(who: Json) -> Hint:
    """Children get no event of their own: their ids stand here only. A deletion is no request for erasure."""
    id = str(who["id"])
    children = tuple(
        Part(_A, str(one), parent=id, presence=Presence.DELETED) for one in who.get("deleted_application_ids") or ()
    )
    return Hint(_C, id, parts=(*children, Part(_C, id, presence=Presence.DELETED)), topic="delete_candidate")


def anonymised(payload: Json) -> Hint:
    """Somebody whose name went is gone; who lost other fields only is read again."""
    id = str(payload["candidate_id"])
    whole = "full_name" in (payload.get("anonymized_fields") or ())
    parts = (Part(_C, id, presence=Presence.ANONYMISED),) if whole else ()
    return Hint(_C, id, parts=parts, topic="candidate_anonymized")


WEBHOOK = Webhook(
    verify=HmacSha256(header="Signature", prefix="sha256 "),
    delivery_id="Greenhouse-Event-ID",
    topic=topic,
    hints=hints,
    kinds=frozenset({_C, _A, _J, Kind.OFFER, Kind.HIRE}),
    setup=(
        "Greenhouse has no API for webhooks. In Configure > Dev Center > Webhooks create one for every event offered, "
        "with this address and this secret; if its ping failed, enable the hook again by hand."
    ),
)
