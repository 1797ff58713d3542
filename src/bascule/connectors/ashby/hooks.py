"""Ashby's webhooks, one type of event each: what to look at again, and what no read could tell.

One hire is three deliveries in no promised order, each with an id of its own: they all say "look at this candidate".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bascule.connectors.lens import ident
from bascule.connectors.spec import Hint, HmacSha256, Webhook
from bascule.model import Json, Kind, Part, Presence

_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB
LOOK: Mapping[str, frozenset[Kind]] = {
    "applicationSubmit": frozenset({_C, _A, Kind.NOTE}),
    "applicationUpdate": frozenset({_C, _A}),
    "candidateStageChange": frozenset({_A}),
    "candidateHire": frozenset({_A, Kind.OFFER}),
    "pushToHRIS": frozenset({_A}),
}
"""Which lists of an application's candidate to read again."""
JOBS = frozenset({"jobCreate", "jobUpdate", "interviewPlanTransition"})
POSTINGS = frozenset({"jobPostingUpdate", "jobPostingPublish", "jobPostingUnpublish"})


def topic(body: Json) -> str:
    return str(body["action"])


def hints(body: Json) -> Iterable[Hint]:
    """What a delivery means. An action nobody knows means nothing; the polls still see what it was about."""
    action, data = topic(body), body.get("data") or {}
    match action:
        case "ping":
            return [Hint(ping=True, topic=action)]
        case "candidateDelete":
            id = str(data["candidate"]["id"])
            return [Hint(_C, id, parts=(Part(_C, id, presence=Presence.DELETED),), topic=action)]
        case "candidateMerge":
            into = str(data["mergedCandidate"]["id"])
            gone = Part(_C, str(data["deletedCandidate"]["id"]), presence=Presence.MERGED, into=into)
            return [Hint(_C, into, parts=(gone,), topic=action)]
        case "offerDelete":  # an offer names its application only
            return [Hint(parts=(Part(Kind.OFFER, str(data["offer"]["id"]), presence=Presence.DELETED),), topic=action)]
        case "interviewScheduleUpdate":
            of = ident((data.get("interviewSchedule") or {}).get("candidateId"))
            return [Hint(_C, of, frozenset({Kind.INTERVIEW, Kind.SCORECARD}), topic=action)] if of else []
        case _ if action in LOOK:
            of = ident(((data.get("application") or {}).get("candidate") or {}).get("id"))
            return [Hint(_C, of, LOOK[action], topic=action)] if of else []
        case _ if action in JOBS | POSTINGS:
            about = data.get("jobPosting") or {}
            job = ident(data.get("jobId") or about.get("jobId") or (data.get("job") or {}).get("id"))
            return [Hint(_J, job, topic=action)] if job else []
        case _:
            return []


WEBHOOK = Webhook(
    verify=HmacSha256(header="Ashby-Signature", prefix="sha256="),
    delivery_id="",  # a delivery's own id, the same in every attempt, stands in the signed body
    topic=topic,
    hints=hints,
    kinds=frozenset({_C, _A, _J}),
    setup=(
        "In Admin > Integrations > Webhooks create one for each of applicationSubmit, applicationUpdate, "
        "candidateStageChange, candidateHire, candidateDelete, candidateMerge, interviewPlanTransition, "
        "interviewScheduleUpdate, jobCreate, jobUpdate, jobPostingUpdate and offerDelete, with this address and this "
        "secret token; one whose ping failed is saved disabled, and is to be enabled again."
    ),
)
