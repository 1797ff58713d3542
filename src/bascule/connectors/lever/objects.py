"""Lever's envelopes, times and lists, inside a conversation."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bascule.connectors.spec import Rendered, Request, Response
from bascule.errors import AbsentError
from bascule.model import Json, Kind

EXPANDED = {"expand": "applications"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(milliseconds: Json) -> datetime | None:
    """A time; Lever counts milliseconds since 1970."""
    if not isinstance(milliseconds, int) or isinstance(milliseconds, bool):
        return None
    return EPOCH + timedelta(milliseconds=milliseconds)


def when(milliseconds: Json, minutes: int = 0) -> str | None:
    """The same as ISO-8601."""
    at = instant(milliseconds)
    if at is None:
        return None
    return (at + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def answered(response: Response) -> Json:
    """The object of an answer."""
    return response.json.get("data") if isinstance(response.json, Mapping) else None


def every(request: Request) -> Generator[Request, Response, list[Json]]:
    """All items of a list. A status in `done_if` gives none."""
    items: list[Json] = []
    while True:
        response = yield request
        body = response.json if isinstance(response.json, Mapping) else {}
        items += body.get("data") or []
        if not body.get("hasNext"):
            return items
        request = replace(request, query={**request.query, "offset": str(body["next"])})


def opportunity(id: str) -> Generator[Request, Response, Json]:
    """One opportunity with its application. AbsentError when it is not shown."""
    response = yield Request("GET", f"/opportunities/{id}", EXPANDED)
    return answered(response)


def posting(raw: Json) -> str | None:
    """The posting that an opportunity is for: of its one application, if it has any."""
    applied = next((one for one in raw.get("applications") or () if isinstance(one, Mapping)), None)
    return str(applied["posting"]) if applied and applied.get("posting") else None


def fields_of(form: Json) -> dict[str, Json]:
    """The values of a form by the ids of its fields."""
    return {str(one.get("id")): one.get("value") for one in (form or {}).get("fields") or ()}


def of_contact(contact: str) -> Generator[Request, Response, list[Json]]:
    """The opportunities of a contact, each with its application."""
    query = {"contact_id": contact, "confidentiality": "all", **EXPANDED}
    return (yield from every(Request("GET", "/opportunities", query)))


def newest(contact: str) -> Generator[Request, Response, Json]:
    """The newest open opportunity of a contact, else the newest. AbsentError where there is none."""
    rows = yield from of_contact(contact)
    best = max(rows, key=lambda one: (not one.get("archived"), one.get("createdAt") or 0), default=None)
    if best is None:
        raise AbsentError("Lever shows no opportunity of this contact.", status=404)
    return best


def home(write: Rendered) -> Generator[Request, Response, str]:
    """The opportunity that a note or a file stands on: the one it is about, else the candidate's newest."""
    on = write.fields.get("application_id") or write.parents.get(Kind.APPLICATION)
    if on:
        return str(on)
    row = yield from newest(write.parents[Kind.CANDIDATE])
    return str(row["id"])
