"""When an interview can be: times at which everybody on the panel is free, within their working hours. Pure.

All moments are aware; a day's hours are those of its interviewer's own time zone, so that a panel over several zones
meets where their days overlap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bascule.errors import InputError
from bascule.model import Fields

MOST_DAYS, MOST_MINUTES, MOST_PANEL = 60, 480, 10
STEP = timedelta(minutes=30)  # times begin on the half hour


class InterviewState(StrEnum):
    """Where an interview stands."""

    ASKED = "asked"  # the candidate has a link, and has chosen nothing
    PROPOSED = "proposed"  # the candidate has proposed times, and a recruiter is to answer
    BOOKED = "booked"
    CANCELLED = "cancelled"


class News(StrEnum):
    """What has become of an interview, by the name of the template that says so."""

    BOOKED = "interview-booked"
    MOVED = "interview-moved"
    CANCELLED = "interview-cancelled"


OPEN = frozenset({InterviewState.ASKED, InterviewState.PROPOSED, InterviewState.BOOKED})


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment until another, which is not in it."""

    start: datetime
    end: datetime

    def meets(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Working:
    """When somebody works: on these days (Monday is 0), from and until these minutes of the day, in their time zone."""

    zone: str = "UTC"
    days: frozenset[int] = frozenset(range(5))
    begin: int = 9 * 60
    end: int = 17 * 60

    def on(self, day: date) -> Span | None:
        """Their hours of a day; None where they do not work."""
        if day.weekday() not in self.days:
            return None
        zone, midnight = ZoneInfo(self.zone), datetime.combine(day, time())
        start, end = (
            (midnight + timedelta(minutes=at)).replace(tzinfo=zone).astimezone(UTC) for at in (self.begin, self.end)
        )
        return Span(start, end)


@dataclass(frozen=True, slots=True)
class Rules:
    """What an interview is to be like. `length` in minutes; `days`: how far ahead times are offered; `notice`: hours
    before the first time that is; `buffer`: minutes kept free before and after; `change`: until how many hours before
    it the candidate may still change or cancel it."""

    length: int = 45
    days: int = 14
    notice: int = 24
    buffer: int = 0
    change: int = 4

    @property
    def takes(self) -> timedelta:
        return timedelta(minutes=self.length)

    @property
    def around(self) -> timedelta:
        return timedelta(minutes=self.buffer)


def checked(rules: Rules) -> Rules:
    """The rules, if an interview can be like that. InputError says what is wrong."""
    for what, value, least, most, unit in (
        ("An interview takes", rules.length, 10, MOST_MINUTES, "minutes"),
        ("Times are offered for", rules.days, 1, MOST_DAYS, "days"),
        ("The notice is", rules.notice, 0, 14 * 24, "hours"),
        ("The buffer is", rules.buffer, 0, 120, "minutes"),
        ("A time can be changed until", rules.change, 0, 7 * 24, "hours before"),
    ):
        if not least <= value <= most:
            raise InputError(f"{what} {least} to {most} {unit}, not {value}.")
    if rules.notice >= rules.days * 24:
        raise InputError(
            f"With {rules.notice} hours of notice nothing is left of {rules.days} days.",
            hint="Offer more days, or ask for less notice.",
        )
    return rules


def working(begin: str, end: str, days: Collection[int], zone: str) -> Working:
    """Working hours as somebody has written them ("09:00"). InputError for what no clock shows."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise InputError(f"There is no time zone {zone!r}.", hint="For instance Europe/Berlin.") from None
    first, last = _minutes(begin), _minutes(end)
    if first >= last:
        raise InputError(f"Nobody works from {begin} to {end}.", hint="Write them as 09:00 and 17:00.")
    if not days or not set(days) <= set(range(7)):
        raise InputError("Somebody works on one day of the week at least.", hint="Monday is 0, Sunday 6.")
    return Working(zone, frozenset(days), first, last)


def _minutes(text: str) -> int:
    hours, _, minutes = text.strip().partition(":")
    if not (hours.isdecimal() and (minutes or "0").isdecimal()) or int(hours) > 24 or int(minutes or 0) > 59:
        raise InputError(f"{text!r} is no time of the day.", hint="Write it as 09:00.")
    found = int(hours) * 60 + int(minutes or 0)
    if found > 24 * 60:
        raise InputError(f"{text!r} is no time of the day.", hint="The last is 24:00.")
    return found


def clock(minutes: int) -> str:
    """Minutes of the day as a clock shows them."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def window(rules: Rules, now: datetime, until: datetime) -> Span:
    """Between which moments times are offered: after the notice, at most `days` ahead, and not beyond `until`."""
    first = now + timedelta(hours=rules.notice)
    return Span(first, min(now + timedelta(days=rules.days), until))


def slots(
    rules: Rules, within: Span, panel: Sequence[Working], busy: Mapping[int, Iterable[Span]]
) -> tuple[datetime, ...]:
    """When the interview can begin, the earliest first. `busy`: what each of the panel, by place, has already; nothing
    is offered that comes nearer to it than the buffer."""
    if not panel or within.start >= within.end:
        return ()
    taken = [sorted(busy.get(place, ()), key=lambda one: one.start) for place in range(len(panel))]
    day, last = (within.start - timedelta(days=1)).date(), (within.end + timedelta(days=1)).date()
    found: set[datetime] = set()
    while day <= last:
        hours = panel[0].on(day)
        if hours is not None:
            found.update(
                at
                for at in _halves(hours, rules.takes)
                if within.start <= at and at + rules.takes <= within.end and _fits(rules, at, panel, taken)
            )
        day += timedelta(days=1)
    return tuple(sorted(found))


def _halves(hours: Span, takes: timedelta) -> Iterable[datetime]:
    at = hours.start
    odd = (at - datetime(1970, 1, 1, tzinfo=UTC)) % STEP
    at += STEP - odd if odd else timedelta()
    while at + takes <= hours.end:
        yield at
        at += STEP


def _fits(rules: Rules, at: datetime, panel: Sequence[Working], taken: Sequence[Sequence[Span]]) -> bool:
    wanted = Span(at, at + rules.takes)
    near = Span(at - rules.around, at + rules.takes + rules.around)
    return all(_works(one, wanted) for one in panel) and not any(
        near.meets(span) for spans in taken for span in spans
    )  # fmt: skip


def _works(one: Working, wanted: Span) -> bool:
    day = wanted.start.astimezone(ZoneInfo(one.zone)).date()
    hours = one.on(day)
    return hours is not None and hours.start <= wanted.start and wanted.end <= hours.end


def goes_on(application: Fields, asked_at: str, stage: str) -> bool:
    """Whether an interview still makes sense: the application is open, at the stage where the interview was asked for
    or at the one it is for. A stage that nobody named is any."""
    if application.get("status") not in (None, "active"):
        return False
    here = str(application.get("stage") or "")
    return not asked_at or here in (asked_at, stage)
