"""Interviews as iCalendar (RFC 5545) and as scheduling messages by e-mail (RFC 5546, RFC 6047). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from icalendar import Calendar, vCalAddress, vText
from icalendar import Event as Component

from bascule.core.interviews import Span
from bascule.errors import MalformedError

from .speaking import Event

PRODUCT = "-//Bascule//Interviews//EN"


class Method(StrEnum):
    """What a letter with an event asks its reader's calendar to do."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody named in an event."""

    email: str
    name: str = ""

    @property
    def address(self) -> vCalAddress:
        made = vCalAddress(f"mailto:{self.email}")
        if self.name:
            made.params["CN"] = vText(self.name)
        return made


def letter(event: Event, method: Method, organizer: Party, guests: Sequence[Party], now: datetime) -> str:
    """The event as it goes along with a letter: the same UID every time, a SEQUENCE that grows."""
    made = _calendar(event, now, cancelled=method is Method.CANCEL, organizer=organizer, guests=guests)
    made.add("method", str(method))
    return made.to_ical().decode()


def stored(event: Event, now: datetime) -> bytes:
    """The event as a calendar server keeps it: without METHOD (RFC 4791, 4.1) and without anybody to be written to."""
    return _calendar(event, now).to_ical()


def _calendar(
    event: Event, now: datetime, *, cancelled: bool = False, organizer: Party | None = None,
    guests: Sequence[Party] = (),
) -> Calendar:  # fmt: skip
    calendar, component = Calendar(), Component()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    component.add("uid", event.uid)
    component.add("sequence", event.sequence)
    component.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    component.add("dtstart", event.start.astimezone(UTC))
    component.add("dtend", event.end.astimezone(UTC))
    component.add("summary", event.subject)
    component.add("description", event.text)
    if event.place:
        component.add("location", event.place)
    component.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if organizer is not None:
        component.add("organizer", organizer.address)
    for guest in guests:
        address = guest.address
        address.params["ROLE"] = vText("REQ-PARTICIPANT")
        address.params["PARTSTAT"] = vText("ACCEPTED")
        component.add("attendee", address)
    calendar.add_component(component)
    return calendar


def busy_in(text: bytes, within: Span) -> list[Span]:
    """When somebody is busy, by what a calendar server has told of them: VFREEBUSY, or expanded events. MalformedError
    where it is no iCalendar."""
    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except (ValueError, IndexError, KeyError) as error:
        raise MalformedError("A calendar server answered with what is no iCalendar.") from error
    spans: list[Span] = []
    for calendar in calendars:
        for component in calendar.walk():
            if component.name == "VFREEBUSY":
                spans += _told_busy(component)
            elif component.name == "VEVENT":
                spans += _takes(component)
    return [one for one in spans if one.meets(within)]


def _told_busy(component: Any) -> Iterator[Span]:
    """FREEBUSY properties; FBTYPE=FREE says nothing (RFC 5545, 3.2.9)."""
    held = component.get("freebusy", [])
    for one in held if isinstance(held, list) else [held]:
        if str(one.params.get("FBTYPE", "BUSY")).upper() == "FREE":
            continue
        yield from _periods(one)


def _periods(value: Any) -> Iterable[Span]:
    found = value.dts if hasattr(value, "dts") else value if isinstance(value, list) else [value]
    for each in found:
        start, end = (each.start, each.end) if hasattr(each, "start") else each.dt
        yield Span(_utc(start), _utc(end) if not isinstance(end, timedelta) else _utc(start) + end)


def _takes(component: Any) -> Iterator[Span]:
    """An event's time, unless it is cancelled or takes none (TRANSP)."""
    free = str(component.get("transp", "OPAQUE")).upper() == "TRANSPARENT"
    if free or str(component.get("status", "")).upper() == "CANCELLED" or "dtstart" not in component:
        return
    start = component["dtstart"].dt
    if "dtend" in component:
        end = component["dtend"].dt
    elif "duration" in component:
        end = start + component["duration"].dt
    else:
        end = start + (timedelta() if isinstance(start, datetime) else timedelta(days=1))
    yield Span(_utc(start), _utc(end))


def _utc(at: date | datetime) -> datetime:
    """In UTC; a whole day from its midnight there, and a time without a zone, are taken for UTC."""
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=UTC)
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
