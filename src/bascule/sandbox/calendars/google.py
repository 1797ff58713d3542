"""Google Calendar API v3: tokens for a service account that acts for somebody, freeBusy.query, events."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .server import Held, Server

ID = re.compile(r"[a-v0-9]{5,1024}")
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def error(status: int, reason: str, message: str) -> Response:
    inner = [{"domain": "global", "reason": reason, "message": message}]
    return JSONResponse({"error": {"code": status, "message": message, "errors": inner}}, status)


def token(server: Server, body: bytes) -> Response:
    """A signed assertion (RFC 7523) for a token that acts as `sub`. A wrong one is answered 400 with invalid_grant."""
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    claims = _claims(server, form.get("assertion", "")) if form.get("grant_type") == GRANT else None
    now = server.now().timestamp()
    if claims is None or claims.get("iss") != server.options.account or not 0 < claims.get("exp", 0) - now <= 3660:
        return JSONResponse({"error": "invalid_grant", "error_description": "Invalid JWT."}, 400)
    person = str(claims.get("sub") or "")
    if not server.has(person):
        return JSONResponse({"error": "unauthorized_client", "error_description": "Client is unauthorized."}, 401)
    return JSONResponse(server.sign_in("google", person))


def _claims(server: Server, assertion: str) -> dict[str, Any] | None:
    parts = assertion.split(".")
    if len(parts) != 3:
        return None
    try:
        head, claims = (json.loads(_decoded(part)) for part in parts[:2])
        signed = f"{parts[0]}.{parts[1]}".encode()
        server.key.public_key().verify(_decoded(parts[2]), signed, PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature):
        return None
    return claims if head.get("alg") == "RS256" and isinstance(claims, dict) else None


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def answered(server: Server, request: Request, body: bytes) -> Response:
    """A request to the API."""
    person = server.signed_in("google", request.headers.get("authorization", ""))
    if person is None:
        return error(401, "authError", "Invalid Credentials")
    path = request.path_params["path"]
    try:
        given = json.loads(body) if body else {}
    except ValueError:
        return error(400, "parseError", "Parse Error")
    if path == "freeBusy" and request.method == "POST":
        return _free_busy(server, given)
    parts = path.split("/")
    if len(parts) not in (3, 4) or parts[0] != "calendars" or parts[2] != "events":
        return error(404, "notFound", "Not Found")
    owner = person if parts[1] == "primary" else parts[1]
    if owner.casefold() != person or not server.has(owner):
        return error(404, "notFound", "Not Found")
    if len(parts) == 3:
        return _inserted(server, owner, given)
    held = server.one(owner, parts[3])
    if held is None:
        return error(404, "notFound", "Not Found")
    match request.method:
        case "PUT":
            _change(held, given)
            return JSONResponse(_shown(held))
        case "DELETE":
            server.drop(held)
            return Response(status_code=204)
        case _:
            return JSONResponse(_shown(held))


def _free_busy(server: Server, given: Mapping[str, Any]) -> Response:
    try:
        since, until = (_moment(given[name]) for name in ("timeMin", "timeMax"))
        wanted = [str(one["id"]) for one in given["items"]]
    except (KeyError, TypeError, ValueError):
        return error(400, "badRequest", "Bad Request")
    calendars: dict[str, Any] = {}
    for id in wanted:
        if not server.has(id):
            calendars[id] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
        else:
            busy = server.busy(id, since, until)
            calendars[id] = {"busy": [{"start": _time(one.start), "end": _time(one.end)} for one in busy]}
    return JSONResponse({"kind": "calendar#freeBusy", "calendars": calendars})


def _inserted(server: Server, owner: str, given: Mapping[str, Any]) -> Response:
    id = str(given.get("id") or "")
    if id and not ID.fullmatch(id):
        return error(400, "invalid", "Invalid resource id value.")
    if id and server.one(owner, id) is not None:
        return error(409, "duplicate", "The requested identifier already exists.")
    try:
        start, end = (_moment(given[name]["dateTime"]) for name in ("start", "end"))
    except (KeyError, TypeError, ValueError):
        return error(400, "required", "Missing end time.")
    held = server.add(owner, start, end, id=id)
    _change(held, given)
    return JSONResponse(_shown(held))


def _change(held: Held, given: Mapping[str, Any]) -> None:
    held.start, held.end = (_moment(given[name]["dateTime"]) for name in ("start", "end"))
    held.subject, held.text = str(given.get("summary", "")), str(given.get("description", ""))
    held.place, held.busy = str(given.get("location", "")), given.get("transparency") != "transparent"
    held.sequence += 1


def _shown(one: Held) -> dict[str, Any]:
    return {
        "kind": "calendar#event", "id": one.id, "status": "confirmed", "iCalUID": f"{one.id}@google.com",
        "summary": one.subject, "description": one.text, "location": one.place, "sequence": one.sequence,
        "start": {"dateTime": _time(one.start)}, "end": {"dateTime": _time(one.end)},
    }  # fmt: skip


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError("a time needs a zone")
    return found.astimezone(UTC)
