"""Microsoft Graph v1.0: a token for an application, getSchedule, events of mailboxes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .server import Held, Server

LONGEST = 62  # days of one getSchedule
FILTER = re.compile(r"singleValueExtendedProperties/Any\(ep: ep/id eq '([^']*)' and ep/value eq '([^']*)'\)")


def error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


def token(server: Server, body: bytes) -> Response:
    """The client credentials flow: a wrong secret is answered 401 with invalid_client."""
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    if form.get("grant_type") != "client_credentials" or not form.get("scope", "").endswith("/.default"):
        return JSONResponse({"error": "invalid_request", "error_description": "AADSTS900144"}, 400)
    options = server.options
    if (form.get("client_id"), form.get("client_secret")) != (options.client_id, options.client_secret):
        return JSONResponse({"error": "invalid_client", "error_description": "AADSTS7000215"}, 401)
    return JSONResponse(server.sign_in("graph", ""))


def answered(server: Server, request: Request, body: bytes) -> Response:
    """A request to a mailbox."""
    if server.signed_in("graph", request.headers.get("authorization", "")) is None:
        return error(401, "InvalidAuthenticationToken", "Access token is empty or has expired.")
    person, path = request.path_params["person"], request.path_params["path"]
    allowed = {one.casefold() for one in server.options.mailboxes}
    if not server.has(person):
        return error(404, "ErrorInvalidUser", f"The requested user '{person}' is invalid.")
    if allowed and person.casefold() not in allowed:
        return error(403, "ErrorAccessDenied", "Access to OData is disabled by an application access policy.")
    try:
        given = json.loads(body) if body else {}
    except ValueError:
        return error(400, "BadRequest", "Unable to read JSON request payload.")
    if path == "calendar/getSchedule" and request.method == "POST":
        return _schedules(server, given)
    if path == "events":
        return _created(server, person, given) if request.method == "POST" else _listed(server, person, request)
    held = server.one(person, path.removeprefix("events/"))
    if held is None:
        return error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    match request.method:
        case "PATCH":
            _change(held, given)
            return JSONResponse(_shown(held))
        case "DELETE":
            server.drop(held)
            return Response(status_code=204)
        case _:
            return JSONResponse(_shown(held))


def _schedules(server: Server, given: Mapping[str, Any]) -> Response:
    try:
        since, until = (_moment(given[name]) for name in ("startTime", "endTime"))
        wanted = [str(one) for one in given["schedules"]]
    except (KeyError, TypeError, ValueError):
        return error(400, "ErrorInvalidParameter", "schedules, startTime and endTime are needed.")
    if (until - since).days > LONGEST or until <= since:
        return error(400, "ErrorInvalidTimeInterval", "The requested time duration is not valid.")
    found: list[dict[str, Any]] = []
    for person in wanted:
        if not server.has(person):
            wrong = {"responseCode": "ErrorMailRecipientNotFound", "message": "Unable to resolve e-mail address."}
            found.append({"scheduleId": person, "scheduleItems": [], "error": wrong})
            continue
        items = [
            {"status": "busy", "isPrivate": True, "start": _told(one.start), "end": _told(one.end)}
            for one in server.busy(person, since, until)
        ]
        found.append({"scheduleId": person, "availabilityView": "", "scheduleItems": items})
    return JSONResponse({"value": found})


def _created(server: Server, person: str, given: Mapping[str, Any]) -> Response:
    transaction = str(given.get("transactionId") or "")
    if transaction and any(one.transaction == transaction for one in server.of(person)):
        return error(409, "ErrorDuplicateTransactionId", "An event with this transaction id exists already.")
    try:
        start, end = _moment(given["start"]), _moment(given["end"])
    except (KeyError, TypeError, ValueError):
        return error(400, "ErrorPropertyValidationFailure", "start and end are needed.")
    properties = {str(one["id"]): str(one["value"]) for one in given.get("singleValueExtendedProperties", ())}
    held = server.add(person, start, end, transaction=transaction, properties=properties)
    _change(held, given)
    return JSONResponse(_shown(held), 201)


def _listed(server: Server, person: str, request: Request) -> Response:
    found = FILTER.fullmatch(request.query_params.get("$filter", ""))
    if found is None:
        return error(400, "BadRequest", "The query specified in the URI is not valid.")
    rows = [one for one in server.of(person) if one.properties.get(found[1]) == found[2]]
    return JSONResponse({"value": [_shown(one) for one in rows]})


def _change(held: Held, given: Mapping[str, Any]) -> None:
    held.start = _moment(given["start"]) if "start" in given else held.start
    held.end = _moment(given["end"]) if "end" in given else held.end
    held.subject = str(given.get("subject", held.subject))
    held.text = str((given.get("body") or {}).get("content", held.text))
    held.place = str((given.get("location") or {}).get("displayName", held.place))
    held.busy = given.get("showAs", "busy") not in ("free", "workingElsewhere")
    held.sequence += 1


def _shown(one: Held) -> dict[str, Any]:
    return {
        "id": one.id, "iCalUId": f"040000008200E00074C5B7101A82E008{one.id}", "subject": one.subject,
        "start": _told(one.start), "end": _told(one.end), "location": {"displayName": one.place},
        "body": {"contentType": "text", "content": one.text}, "transactionId": one.transaction or None,
    }  # fmt: skip


def _told(at: datetime) -> dict[str, str]:
    return {"dateTime": at.strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": "UTC"}


def _moment(given: Mapping[str, Any]) -> datetime:
    if given.get("timeZone") != "UTC":
        raise ValueError("this sandbox knows UTC alone")
    return datetime.fromisoformat(str(given["dateTime"]).partition(".")[0]).replace(tzinfo=UTC)
