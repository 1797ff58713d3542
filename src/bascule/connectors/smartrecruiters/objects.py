"""How SmartRecruiters names things: an application is a candidate and a job, a stage a status with a sub-status."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime

from bascule.connectors.spec import Request, Response
from bascule.errors import AbsentError
from bascule.model import Json

USERS = "/user-api/v201804/users"
REVIEWS = "/reviews-api/v201910/reviews"
REASONS = ("rejection", "withdrawal")
ACTIVE = ("LEAD", "NEW", "IN_REVIEW", "INTERVIEW", "OFFERED")
STATUS = {**dict.fromkeys(ACTIVE, "active"), "REJECTED": "rejected", "WITHDRAWN": "withdrawn", "HIRED": "hired"}
"""Theirs -> ours. TRANSFERRED is missing: who was moved lives on as an application for another job."""


def application_id(candidate: Json, job: Json) -> str:
    """The id of an application, as here: "<candidate>:<job>". The primary assignment of a person can change, so none is
    ever addressed without its job."""
    return f"{candidate}:{job}"


def of(application: str) -> tuple[str, str]:
    candidate, _, job = application.partition(":")
    return candidate, job


def path(application: str) -> str:
    candidate, job = of(application)
    return f"/candidates/{candidate}/jobs/{job}"


def stage_id(job: Json, status: Json, sub: Json = None) -> str:
    """The id of a stage, as here: "<job>/<status>/<sub-status>", or without the last where a status has none."""
    return f"{job}/{status}/{sub}" if sub else f"{job}/{status}"


def place(stage: str) -> tuple[str, str]:
    """Status and sub-status ("": none) of a stage."""
    _, status, sub = (*stage.split("/", 2), "", "")[:3]
    return status, sub


def stage_name(status: str, sub: str = "") -> str:
    return sub or status.replace("_", " ").capitalize()


def assignments(candidate: Json) -> Iterator[Json]:
    """What a person has applied for, the primary one first."""
    first = candidate.get("primaryAssignment")
    for one in (first, *(candidate.get("secondaryAssignments") or ())):
        if isinstance(one, Mapping) and isinstance(one.get("job"), Mapping) and one["job"].get("id"):
            yield one


def here(candidate: str, assignment: Json) -> str:
    return application_id(candidate, assignment["job"]["id"])


def stamp(moment: datetime) -> str:
    """In UTC with a Z: there is no + in it that an address could lose."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(body: Json) -> list[Json]:
    """The objects of a list, or the one object that was asked for."""
    if not isinstance(body, Mapping):
        return []
    return list(body["content"] or ()) if "content" in body else [body]


def person(id: str) -> Generator[Request, Response, Json]:
    """A candidate as it stands there now. AbsentError where there is none."""
    response = yield Request("GET", f"/candidates/{id}", budget="candidates")
    return response.json if isinstance(response.json, Mapping) else {}


def applied(application: str) -> Generator[Request, Response, Json]:
    """One application as its candidate shows it: status, sub-status, reason."""
    id, _ = of(application)
    found = yield from person(id)
    for one in assignments(found):
        if here(id, one) == application:
            return one
    raise AbsentError("SmartRecruiters shows no application of this candidate for this job.")


def every(path: str, **more: str) -> Generator[Request, Response, list[Json]]:
    """All objects of a list that is paged by offset, inside a conversation."""
    found: list[Json] = []
    while True:
        response = yield Request("GET", path, {"limit": "100", "offset": str(len(found)), **more})
        page = shown(response.json)
        found += page
        if not page or len(found) >= int(response.json.get("totalFound") or 0):
            return found


# ------------------------------------------------------------------------------------------ a review's comment of ours

OURS = {
    name: "bascule_" + name
    for name in (
        "match_score", "match_reasons", "match_skills", "experience_title", "experience_employer", "experience_years",
        "ai_status", "audit_reference", "shortlist_link", "screening_status", "screening_answers", "manager_feedback",
    )
}  # fmt: skip
"""Our outputs, and the keys of the properties that hold them: their labels in small letters."""
LABEL = {key: key.replace("_", " ").capitalize().replace(" ai ", " AI ") for key in OURS.values()}
"""The labels that a person gives these properties."""
LINES = {"AI status" if "AI" in label else label.split(" ", 1)[1].capitalize(): key for key, label in LABEL.items()}
HEAD = "Scored by Bascule. People decide."


def comment(values: Mapping[str, Json]) -> str:
    """Our outputs, one under the other, as people read them in a review."""
    return "\n".join([HEAD, *(f"{line}: {values[key]}" for line, key in LINES.items() if values.get(key))])


def lines(text: str) -> dict[str, str]:
    """The same read back: what follows a label, up to the next one."""
    found: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        head, colon, rest = line.partition(":")
        if colon and head in LINES:
            key, line = LINES[head], rest
        if key:
            found[key] = f"{found[key]}\n{line}" if key in found else line.strip()
    return {key: text.strip() for key, text in found.items() if text.strip()}
