"""Google Calendar API v3: freeBusy.query, and events, by a service account that acts for each interviewer. Pure.

Reference, read 2026-11-30: developers.google.com/workspace/calendar/api/v3/reference (freebusy/query, events/insert,
update, delete) and developers.google.com/identity/protocols/oauth2/service-account (domain-wide delegation). It is
created under an id of ours, so that a repeated insert is answered 409 and never makes a second one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bascule.core.interviews import Span
from bascule.engine.wire import WireRequest, WireResponse
from bascule.errors import AbsentError, DisconnectedError

from .choice import Choice, Who
from .speaking import Asked, Event, as_object, body, moment

LABEL = "Google Calendar"
SCOPES = "https://www.googleapis.com/auth/calendar.freebusy https://www.googleapis.com/auth/calendar.events"
LASTS = 3600  # seconds of a token; more is not given
PRIMARY = "primary"


class Google:
    """Speaks it."""

    same_uid = False

    def signs_in(self, choice: Choice, secret: str, who: Who, now: datetime) -> WireRequest | None:
        at = int(now.timestamp())
        claims = {
            "iss": choice.account, "sub": who.email, "scope": SCOPES, "aud": choice.signs_in_at, "iat": at,
            "exp": at + LASTS,
        }  # fmt: skip
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": _signed(claims, secret)}
        told = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        return WireRequest("POST", choice.signs_in_at, told, urlencode(form).encode())

    def headers(self, choice: Choice, secret: str, token: str) -> Mapping[str, str]:
        return {
            "authorization": f"Bearer {token}", "content-type": "application/json", "accept": "application/json",
            "user-agent": "bascule",
        }  # fmt: skip

    def asks(self, choice: Choice, headers: Mapping[str, str], people: Sequence[Who], within: Span) -> Sequence[Asked]:
        wanted = {
            "timeMin": _time(within.start), "timeMax": _time(within.end), "timeZone": "UTC",
            "items": [{"id": _id(who)} for who in people],
        }  # fmt: skip
        return [Asked(tuple(people), WireRequest("POST", f"{choice.address}/freeBusy", headers, body(wanted)))]

    def busy(self, answer: WireResponse, people: Sequence[Who], within: Span) -> Mapping[str, Sequence[Span]]:
        calendars = as_object(LABEL, answer).get("calendars")
        found: dict[str, list[Span]] = {}
        for who in people:
            one = calendars.get(_id(who)) if isinstance(calendars, dict) else None
            if not isinstance(one, dict) or one.get("errors") or not isinstance(one.get("busy"), list):
                raise AbsentError(f"{LABEL} does not say when {who.email} is busy.", status=answer.status)
            found[who.email] = [Span(moment(LABEL, each["start"]), moment(LABEL, each["end"])) for each in one["busy"]]
        return found

    def puts(self, choice: Choice, headers: Mapping[str, str], who: Who, event: Event, known: str) -> WireRequest:
        told = {
            "summary": event.subject, "description": event.text, "location": event.place, "status": "confirmed",
            "start": {"dateTime": _time(event.start)}, "end": {"dateTime": _time(event.end)},
        }  # fmt: skip
        where = f"{choice.address}/calendars/{quote(who.calendar or PRIMARY, safe='@')}/events"
        if known:
            return WireRequest("PUT", f"{where}/{quote(known, safe='')}?sendUpdates=none", headers, body(told))
        return WireRequest("POST", f"{where}?sendUpdates=none", headers, body({**told, "id": _named(event)}))

    def put(self, answer: WireResponse, who: Who, event: Event, known: str) -> str:
        as_object(LABEL, answer)
        return known or self.named(event)

    def named(self, event: Event) -> str:
        return _named(event)

    def finds(self, choice: Choice, headers: Mapping[str, str], who: Who, event: Event) -> WireRequest:
        where = f"{choice.address}/calendars/{quote(who.calendar or PRIMARY, safe='@')}/events/{_named(event)}"
        return WireRequest("GET", where, headers)

    def drops(self, choice: Choice, headers: Mapping[str, str], who: Who, known: str) -> WireRequest:
        where = f"{choice.address}/calendars/{quote(who.calendar or PRIMARY, safe='@')}/events/{quote(known, safe='')}"
        return WireRequest("DELETE", f"{where}?sendUpdates=none", headers)


def _id(who: Who) -> str:
    return who.calendar or who.email


def _named(event: Event) -> str:
    """An id of ours: letters a to v and digits (base32hex), which those of a UUID are."""
    return "".join(letter for letter in event.uid.partition("@")[0].lower() if letter in "0123456789abcdef")


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _signed(claims: Mapping[str, object], pem: str) -> str:
    """A JSON Web Token, RS256 (RFC 7515, RFC 7523). DisconnectedError where the key is none."""
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise DisconnectedError("The service account's private key is no RSA key in PEM.")
    head = f"{_text({'alg': 'RS256', 'typ': 'JWT'})}.{_text(claims)}"
    return f"{head}.{_encoded(key.sign(head.encode(), PKCS1v15(), hashes.SHA256()))}"


def _text(value: Mapping[str, object]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
