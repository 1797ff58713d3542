"""Microsoft Graph v1.0: getSchedule, and events in a mailbox, with application permissions. Pure.

Reference, read 2026-11-30: learn.microsoft.com/graph/api/ calendar-getschedule, user-post-events, event-update,
event-delete; /graph/auth-v2-service. Permissions: Calendars.ReadBasic (or Calendars.Read) and Calendars.ReadWrite; an
application access policy should keep them to the interviewers' mailboxes. `transactionId` makes a repeated create one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote, urlencode

from bascule.core.interviews import Span
from bascule.engine.wire import WireRequest, WireResponse
from bascule.errors import AbsentError, MalformedError

from .choice import Choice, Who
from .speaking import Asked, Event, as_object, body, moment, plain

LABEL = "Microsoft 365"
AT_ONCE = 20  # mailboxes of one getSchedule
FREE = frozenset({"free", "workingElsewhere"})
OURS = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name BasculeInterview"
"""The extended property that holds our UID, by which an event is found again."""


class Graph:
    """Speaks it."""

    same_uid = False

    def signs_in(self, choice: Choice, secret: str, who: Who, now: datetime) -> WireRequest | None:
        form = {
            "grant_type": "client_credentials", "client_id": choice.account, "client_secret": secret,
            "scope": "https://graph.microsoft.com/.default",
        }  # fmt: skip
        told = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        return WireRequest("POST", choice.signs_in_at, told, urlencode(form).encode())

    def headers(self, choice: Choice, secret: str, token: str) -> Mapping[str, str]:
        return {
            "authorization": f"Bearer {token}", "content-type": "application/json", "accept": "application/json",
            "prefer": 'outlook.timezone="UTC"', "user-agent": "bascule",
        }  # fmt: skip

    def asks(self, choice: Choice, headers: Mapping[str, str], people: Sequence[Who], within: Span) -> Sequence[Asked]:
        start, end = ({"dateTime": plain(at), "timeZone": "UTC"} for at in (within.start, within.end))
        asked: list[Asked] = []
        for at in range(0, len(people), AT_ONCE):
            some = tuple(people[at : at + AT_ONCE])
            wanted = {
                "schedules": [who.email for who in some], "startTime": start, "endTime": end,
                "availabilityViewInterval": 30,
            }  # fmt: skip
            address = f"{_mailbox(choice, some[0])}/calendar/getSchedule"
            asked.append(Asked(some, WireRequest("POST", address, headers, body(wanted))))
        return asked

    def busy(self, answer: WireResponse, people: Sequence[Who], within: Span) -> Mapping[str, Sequence[Span]]:
        told = as_object(LABEL, answer).get("value")
        schedules = {str(one.get("scheduleId", "")).casefold(): one for one in told or () if isinstance(one, dict)}
        found: dict[str, list[Span]] = {}
        for who in people:
            one = schedules.get(who.email.casefold())
            if one is None or one.get("error") or not isinstance(one.get("scheduleItems"), list):
                raise AbsentError(f"{LABEL} does not say when {who.email} is busy.", status=answer.status)
            found[who.email] = [
                Span(moment(LABEL, item["start"]["dateTime"]), moment(LABEL, item["end"]["dateTime"]))
                for item in one["scheduleItems"]
                if item.get("status") not in FREE
            ]
        return found

    def puts(self, choice: Choice, headers: Mapping[str, str], who: Who, event: Event, known: str) -> WireRequest:
        told: dict[str, object] = {
            "subject": event.subject, "body": {"contentType": "text", "content": event.text},
            "start": {"dateTime": plain(event.start), "timeZone": "UTC"},
            "end": {"dateTime": plain(event.end), "timeZone": "UTC"}, "location": {"displayName": event.place},
            "showAs": "busy", "singleValueExtendedProperties": [{"id": OURS, "value": event.uid}],
        }  # fmt: skip
        if known:
            return WireRequest("PATCH", f"{_mailbox(choice, who)}/events/{quote(known, safe='')}", headers, body(told))
        return WireRequest(
            "POST", f"{_mailbox(choice, who)}/events", headers, body({**told, "transactionId": event.uid})
        )

    def put(self, answer: WireResponse, who: Who, event: Event, known: str) -> str:
        told = as_object(LABEL, answer)
        listed = told.get("value")
        one = listed[0] if isinstance(listed, list) and listed else told
        id = one.get("id") or known
        if not id or not isinstance(id, str):
            raise MalformedError(f"{LABEL} answered without an event.", status=answer.status)
        return id

    def named(self, event: Event) -> str:
        return ""

    def finds(self, choice: Choice, headers: Mapping[str, str], who: Who, event: Event) -> WireRequest:
        where = f"singleValueExtendedProperties/Any(ep: ep/id eq '{OURS}' and ep/value eq '{event.uid}')"
        wanted = urlencode({"$filter": where, "$select": "id"})
        return WireRequest("GET", f"{_mailbox(choice, who)}/events?{wanted}", headers)

    def drops(self, choice: Choice, headers: Mapping[str, str], who: Who, known: str) -> WireRequest:
        return WireRequest("DELETE", f"{_mailbox(choice, who)}/events/{quote(known, safe='')}", headers)


def _mailbox(choice: Choice, who: Who) -> str:
    return f"{choice.address}/users/{quote(who.email, safe='@')}"
