"""People Data Labs, Person Enrichment API v5. Pure.

Reference, read 2026-11-30: docs.peopledatalabs.com/docs/ reference-person-enrichment-api,
input-parameters-person-enrichment-api, output-response-person-enrichment-api, errors, usage-limits, example-record.
A match is charged, a 404 is not. Fields outside a plan come as `true` in place of their value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from bascule.engine.wire import WireRequest, WireResponse
from bascule.errors import (
    DisconnectedError,
    MalformedError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnavailableError,
)

from .choice import Choice
from .people import Match, Query, Told

SENT = {"name": "name", "emails": "email", "phones": "phone", "links": "profile", "company": "company",
        "location": "location"}  # fmt: skip
"""Our fields, by its parameters."""
ASKED = {
    "emails": ("emails", "personal_emails", "recommended_personal_email"),
    "phones": ("mobile_phone", "phone_numbers"),
    "links": ("linkedin_url", "github_url"),
    "title": ("job_title", "job_last_verified"),
    "company": ("job_company_name", "job_last_verified"),
    "location": ("location_name", "location_last_updated"),
}
"""Its fields that hold what we want; the others are not sent to us."""
PAID_FOR = {"emails": "personal_emails", "phones": "mobile_phone", "links": "linkedin_url", "title": "job_title",
            "company": "job_company_name", "location": "location_name"}  # fmt: skip
"""A match without any of those wanted is no match, and costs nothing."""
PERSONAL = "personal"
FEW = 3  # values of one field at most


class PeopleData:
    """Speaks its interface."""

    def request(self, choice: Choice, key: str, query: Query) -> WireRequest:
        """A POST: nothing about anybody stands in an address."""
        fields = dict.fromkeys(each for name in query.wanted for each in ASKED[name])
        body: dict[str, Any] = {
            **{SENT[name]: list(values) for name, values in query.given.items()},
            "min_likelihood": choice.likelihood,
            "required": " OR ".join(PAID_FOR[name] for name in query.wanted),
            "data_include": ",".join(("id", *fields)),
            "titlecase": True,
        }
        headers = {"x-api-key": key, "content-type": "application/json", "accept": "application/json",
                   "user-agent": "bascule"}  # fmt: skip
        return WireRequest("POST", f"{choice.address}/person/enrich", headers, json.dumps(body).encode())

    def charged(self, answer: WireResponse) -> bool:
        return answer.status == 200

    def read(self, answer: WireResponse, query: Query) -> Match | None:
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise _failure(answer)
        told = _object(answer)
        data, likelihood = told.get("data"), told.get("likelihood")
        if not isinstance(data, dict) or not isinstance(likelihood, int) or not isinstance(data.get("id"), str):
            raise MalformedError("People Data Labs answered without a person.", status=answer.status)
        values = tuple(one for name in query.wanted for one in _values(name, data, sure(likelihood)))
        return Match(data["id"], likelihood, values)


def sure(likelihood: int) -> float:
    """Its likelihood (1 to 10) as a confidence: 6 fills a gap, 5 asks a person."""
    return round(min(0.95, 0.45 + 0.05 * likelihood), 2)


def _values(name: str, data: Mapping[str, Any], confidence: float) -> Iterator[Told]:
    match name:
        case "emails":
            yield from _emails(data, confidence)
        case "phones":
            for one in _texts(data.get("mobile_phone"), data.get("phone_numbers")):
                yield Told(name, one, confidence)
        case "links":
            for one in _texts(data.get("linkedin_url"), data.get("github_url")):
                yield Told(name, one if "//" in one else f"https://{one}", confidence)
        case "location":
            yield from _one(name, data.get("location_name"), confidence, data.get("location_last_updated"))
        case "title":
            yield from _one(name, data.get("job_title"), confidence, data.get("job_last_verified"))
        case _:
            yield from _one("company", data.get("job_company_name"), confidence, data.get("job_last_verified"))


def _emails(data: Mapping[str, Any], confidence: float) -> Iterator[Told]:
    """Personal addresses. One at an employer is no place to write to an applicant."""
    listed = data.get("emails")
    seen = {
        str(each.get("address")): str(each.get("last_seen") or "")[:10]
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and each.get("type") == PERSONAL
    }
    best = _texts(data.get("recommended_personal_email"), data.get("personal_emails"), [*seen])
    for one in best[:FEW]:
        if "@" in one:
            yield Told("emails", one, confidence, seen.get(one, ""))


def _one(name: str, value: object, confidence: float, seen: object) -> Iterator[Told]:
    if isinstance(value, str) and value.strip():
        yield Told(name, value.strip(), confidence, seen[:10] if isinstance(seen, str) else "")


def _texts(*values: object) -> tuple[str, ...]:
    """What is text among these values and lists, each once; `true` stands for what is outside the plan."""
    found = (each for value in values for each in (value if isinstance(value, list) else (value,)))
    return tuple(dict.fromkeys(one.strip() for one in found if isinstance(one, str) and one.strip()))[:FEW]


def _object(answer: WireResponse) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise MalformedError("People Data Labs answered with what is no JSON object.", status=answer.status)
    return told


def _failure(answer: WireResponse) -> RemoteError:
    """What an answer that is neither a match nor a 404 asks for."""
    status, words = answer.status, _words(answer)
    wait = answer.headers.get("retry-after", "")
    later = timedelta(seconds=float(wait)) if wait.replace(".", "", 1).isdigit() else None
    match status:
        case 401 | 403:
            return DisconnectedError("People Data Labs refuses the key.", status=status, words=words)
        case 402:
            return DisconnectedError("The account at People Data Labs is used up.", status=status, words=words)
        case 429:
            return ThrottledError(
                "People Data Labs is asked too quickly.", retry_after=later, status=status, words=words
            )
        case _ if status >= 500:
            return UnavailableError("People Data Labs does not answer.", retry_after=later, status=status, words=words)
        case _:
            return RejectedError(f"People Data Labs takes no such request ({status}).", status=status, words=words)


def _words(answer: WireResponse) -> str:
    try:
        return str(json.loads(answer.body)["error"]["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return ""
