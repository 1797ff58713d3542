"""CalDAV (RFC 4791): a free-busy-query of somebody's calendar, and their event as one object there. Pure.

Where a server knows no free-busy-query (7.10), its events are asked for (7.8), repeated ones expanded by the server. An
event is kept under its UID, so that writing it again changes nothing; a repeat is a replacement.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

import lxml.etree as etree

from bascule.core.interviews import Span
from bascule.engine.wire import WireRequest, WireResponse
from bascule.errors import MalformedError

from .choice import Choice, Who, collection
from .ics import busy_in, stored
from .speaking import Asked, Event, failure

LABEL = "The CalDAV server"
_NS = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
_DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"


class CalDav:
    """Speaks it."""

    same_uid = True

    def signs_in(self, choice: Choice, secret: str, who: Who, now: datetime) -> WireRequest | None:
        return None

    def headers(self, choice: Choice, secret: str, token: str) -> Mapping[str, str]:
        pair = base64.b64encode(f"{choice.account}:{secret}".encode()).decode()
        return {"authorization": f"Basic {pair}", "user-agent": "bascule"}

    def asks(self, choice: Choice, headers: Mapping[str, str], people: Sequence[Who], within: Span) -> Sequence[Asked]:
        start, end = (at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for at in (within.start, within.end))
        told = {**headers, "depth": "1", "content-type": 'application/xml; charset="utf-8"'}
        span = f'start="{start}" end="{end}"'
        busy = (
            f'<?xml version="1.0" encoding="utf-8"?><C:free-busy-query {_NS}><C:time-range {span}/></C:free-busy-query>'
        )
        events = (
            f'<?xml version="1.0" encoding="utf-8"?><C:calendar-query {_NS}><D:prop><C:calendar-data><C:expand {span}/>'
            '</C:calendar-data></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
            f"<C:time-range {span}/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        )
        return [
            Asked(
                (who,),
                WireRequest("REPORT", collection(choice, who), told, busy.encode()),
                WireRequest("REPORT", collection(choice, who), told, events.encode()),
            )
            for who in people
        ]

    def busy(self, answer: WireResponse, people: Sequence[Who], within: Span) -> Mapping[str, Sequence[Span]]:
        if answer.status == 207:
            return {people[0].email: [one for text in _objects(answer) for one in busy_in(text, within)]}
        if answer.status != 200:
            raise failure(LABEL, answer)
        return {people[0].email: busy_in(answer.body, within)}

    def puts(self, choice: Choice, headers: Mapping[str, str], who: Who, event: Event, known: str) -> WireRequest:
        address = collection(choice, who) + quote(f"{event.uid}.ics", safe="")
        told = {**headers, "content-type": "text/calendar; charset=utf-8"}
        return WireRequest("PUT", address, told, stored(event, event.start))

    def put(self, answer: WireResponse, who: Who, event: Event, known: str) -> str:
        if answer.status not in (200, 201, 204):
            raise failure(LABEL, answer)
        return self.named(event)

    def named(self, event: Event) -> str:
        return f"{event.uid}.ics"

    def finds(self, choice: Choice, headers: Mapping[str, str], who: Who, event: Event) -> WireRequest:
        return WireRequest("GET", collection(choice, who) + quote(self.named(event), safe=""), headers)

    def drops(self, choice: Choice, headers: Mapping[str, str], who: Who, known: str) -> WireRequest:
        return WireRequest("DELETE", collection(choice, who) + quote(known, safe=""), headers)


def _objects(answer: WireResponse) -> list[bytes]:
    """The iCalendar texts of a multistatus."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(answer.body, parser)
    except etree.XMLSyntaxError:
        raise MalformedError(f"{LABEL} answered with what is no XML.", status=answer.status) from None
    return [(one.text or "").encode() for one in root.iter(_DATA) if (one.text or "").strip()]
