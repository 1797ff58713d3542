"""CalDAV (RFC 4791): each person's calendar is the collection /dav/PERSON/."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import lxml.etree as etree
from icalendar import Calendar
from starlette.requests import Request
from starlette.responses import Response

from .server import Held, Server

C, D = "{urn:ietf:params:xml:ns:caldav}", "{DAV:}"
TIME = "%Y%m%dT%H%M%SZ"


def collection(server: Server, request: Request, body: bytes) -> Response:
    """A request to a calendar."""
    refused = _refused(server, request)
    if refused is not None:
        return refused
    person = request.path_params["person"]
    if not server.has(person):
        return _xml(404, "")
    if request.method == "OPTIONS":
        return Response("", 200, {"DAV": "1, 2, calendar-access", "Allow": "OPTIONS, GET, PUT, DELETE, REPORT"})
    if request.method != "REPORT":
        return _xml(405, "")
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False))
        span = next(root.iter(f"{C}time-range"))
        since, until = (datetime.strptime(span.get(at), TIME).replace(tzinfo=UTC) for at in ("start", "end"))
    except (etree.XMLSyntaxError, StopIteration, TypeError, ValueError):
        return _xml(400, "<D:error/>")
    busy = server.busy(person, since, until)
    if root.tag == f"{C}free-busy-query":
        if not server.options.free_busy:
            return _xml(403, "<D:error><D:supported-report/></D:error>")
        return Response(_free_busy(busy, since, until), 200, media_type="text/calendar")
    if root.tag == f"{C}calendar-query":
        return _xml(207, "".join(_response(request, one) for one in server.of(person) if one in busy), "multistatus")
    return _xml(403, "<D:error><D:supported-report/></D:error>")


def resource(server: Server, request: Request, body: bytes) -> Response:
    """A request to one object of a calendar."""
    refused = _refused(server, request)
    if refused is not None:
        return refused
    person, name = request.path_params["person"], request.path_params["name"]
    if not server.has(person):
        return _xml(404, "")
    held = server.named(person, name)
    match request.method:
        case "PUT":
            if held is not None and request.headers.get("if-none-match") == "*":
                return _xml(412, "")
            return _put(server, person, name, body, held)
        case "GET" if held is not None:
            return Response(held.raw or _event(held), 200, {"ETag": _tag(held)}, "text/calendar")
        case "DELETE" if held is not None:
            server.drop(held)
            return Response(status_code=204)
        case "GET" | "DELETE":
            return _xml(404, "")
        case _:
            return _xml(405, "")


def _put(server: Server, person: str, name: str, body: bytes, held: Held | None) -> Response:
    """An object must be one event, without METHOD, under a UID that no other object has (5.3.2.1)."""
    try:
        calendar = Calendar.from_ical(body)
    except (ValueError, IndexError):
        return _xml(403, "<D:error><C:valid-calendar-data/></D:error>")
    events: list[Any] = list(calendar.walk("VEVENT"))
    if "METHOD" in calendar or len(events) != 1 or not events[0].get("UID"):
        return _xml(403, "<D:error><C:valid-calendar-object-resource/></D:error>")
    event: Any = events[0]
    uid = str(events[0]["UID"])
    other = next((one for one in server.of(person) if one.uid == uid and one is not held), None)
    if other is not None:
        return _xml(409, f"<D:error><C:no-uid-conflict><D:href>{other.name}</D:href></C:no-uid-conflict></D:error>")
    told: dict[str, Any] = {
        "uid": uid, "name": name, "subject": str(event.get("SUMMARY", "")), "text": str(event.get("DESCRIPTION", "")),
        "place": str(event.get("LOCATION", "")), "busy": str(event.get("TRANSP", "OPAQUE")) != "TRANSPARENT",
        "raw": body, "sequence": int(event.get("SEQUENCE", 0)),
    }  # fmt: skip
    if held is not None:
        server.drop(held)
    made = server.add(
        person, event["DTSTART"].dt, event["DTEND"].dt, id=held.id if held is not None else "", **told
    )  # fmt: skip
    return Response(status_code=204 if held is not None else 201, headers={"ETag": _tag(made)})


def _free_busy(busy: list[Held], since: datetime, until: datetime) -> str:
    lines = [f"FREEBUSY;FBTYPE=BUSY:{one.start.strftime(TIME)}/{one.end.strftime(TIME)}" for one in busy]
    return "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sandbox//Calendars//EN", "BEGIN:VFREEBUSY",
        f"DTSTAMP:{since.strftime(TIME)}", f"DTSTART:{since.strftime(TIME)}", f"DTEND:{until.strftime(TIME)}", *lines,
        "END:VFREEBUSY", "END:VCALENDAR", "",
    ])  # fmt: skip


def _event(one: Held) -> str:
    return "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sandbox//Calendars//EN", "BEGIN:VEVENT", f"UID:{one.uid}",
        f"DTSTAMP:{one.start.strftime(TIME)}", f"DTSTART:{one.start.strftime(TIME)}",
        f"DTEND:{one.end.strftime(TIME)}", f"SUMMARY:{one.subject}", "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip


def _response(request: Request, one: Held) -> str:
    text = (one.raw.decode() or _event(one)).replace("&", "&amp;").replace("<", "&lt;")
    return (
        f"<D:response><D:href>{request.url.path}{one.name}</D:href><D:propstat><D:prop><D:getetag>{_tag(one)}"
        f"</D:getetag><C:calendar-data>{text}</C:calendar-data></D:prop><D:status>HTTP/1.1 200 OK</D:status>"
        "</D:propstat></D:response>"
    )


def _tag(one: Held) -> str:
    return f'"{one.id}-{one.sequence}"'


def _xml(status: int, inner: str, root: str = "") -> Response:
    spaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    if root:
        inner = f"<D:{root} {spaces}>{inner}</D:{root}>"
    elif inner:
        inner = inner.replace("<D:error", f"<D:error {spaces}", 1)
    head = '<?xml version="1.0" encoding="utf-8"?>\n' if inner else ""
    return Response(head + inner, status, media_type="application/xml")


def _refused(server: Server, request: Request) -> Response | None:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(given).decode().partition(":")
    except ValueError:
        user = password = ""
    if kind.lower() != "basic" or (user, password) != (server.options.user, server.options.password):
        return Response("", 401, {"WWW-Authenticate": 'Basic realm="Calendars"'})
    return None
