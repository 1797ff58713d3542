"""When an interview can be: everybody of the panel free, within the hours of each, in their own time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bascule.core.interviews import Rules, Span, Working, checked, goes_on, slots, window, working
from bascule.errors import InputError

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
BERLIN, YORK = Working("Europe/Berlin"), Working("America/New_York")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def days(count: int) -> Span:
    return Span(MONDAY, MONDAY + timedelta(days=count))


def test_a_panel_meets_where_the_days_of_all_overlap() -> None:
    found = slots(Rules(length=60), days(1), [BERLIN, YORK], {})
    assert found == (at(0, 14), at(0, 14, 30), at(0, 15)), "Berlin ends at 16:00 UTC, New York begins at 14:00 UTC"
    assert slots(Rules(length=60), days(1), [YORK, BERLIN], {}) == found, "whoever is named first"


def test_what_anybody_has_already_is_not_offered_and_the_buffer_keeps_its_distance() -> None:
    busy = {1: [Span(at(0, 10), at(0, 11))]}
    day = slots(Rules(length=30), days(1), [BERLIN, BERLIN], busy)
    assert at(0, 9, 30) in day
    assert not {at(0, 10), at(0, 10, 30)} & set(day)
    assert at(0, 11) in day
    apart = slots(Rules(length=30, buffer=15), days(1), [BERLIN, BERLIN], busy)
    assert not {at(0, 9, 30), at(0, 11)} & set(apart)
    assert {at(0, 9), at(0, 11, 30)} <= set(apart)


def test_hours_follow_the_clock_of_the_place_when_it_changes() -> None:
    """Summer time ends in Berlin on 25 October 2026: nine o'clock is an hour later by UTC."""
    friday = datetime(2026, 10, 23, tzinfo=UTC)
    found = slots(Rules(length=60), Span(friday, friday + timedelta(days=4)), [BERLIN], {})
    firsts = [min(x for x in found if x.date() == day) for day in sorted({x.date() for x in found})]
    assert [(x.day, x.hour) for x in firsts] == [(23, 7), (26, 8)]


def test_the_weekend_the_notice_and_the_last_day_bound_what_is_offered() -> None:
    rules, now = Rules(length=60, days=7, notice=24), at(3, 12)  # Thursday noon
    found = slots(rules, window(rules, now, now + timedelta(days=30)), [BERLIN], {})
    assert found[0] == at(4, 12)
    assert not {x.weekday() for x in found} & {5, 6}
    assert found[-1] + rules.takes <= now + timedelta(days=7)
    assert window(rules, now, at(4, 14)).end == at(4, 14), "not beyond the link"


@pytest.mark.parametrize("end", [8 * 60, 9 * 60 + 20])
def test_hours_too_short_for_it_offer_nothing(end: int) -> None:
    assert slots(Rules(length=60), days(5), [Working(begin=8 * 60, end=end)], {}) in (
        (),
        tuple(at(d, 8) for d in range(5)),
    )
    assert slots(Rules(length=60), days(5), [], {}) == ()


@pytest.mark.parametrize(
    "rules",
    [Rules(length=5), Rules(days=0), Rules(days=90), Rules(notice=-1), Rules(days=1, notice=24), Rules(buffer=500)],
)
def test_what_cannot_be_is_said(rules: Rules) -> None:
    with pytest.raises(InputError):
        checked(rules)


def test_working_hours_are_read_as_people_write_them() -> None:
    assert working("9:00", "17:30", [0, 1], "Europe/Berlin") == Working("Europe/Berlin", frozenset({0, 1}), 540, 1050)
    assert working("08:00", "24:00", [6], "UTC").end == 1440
    for begin, end, on, zone in (("17:00", "9:00", [0], "UTC"), ("x", "9", [0], "UTC"), ("9", "17", [], "UTC"),
                                 ("9", "17", [7], "UTC"), ("9", "17", [0], "Mars/Base"), ("9", "25:00", [0], "UTC")):  # fmt: skip
        with pytest.raises(InputError):
            working(begin, end, on, zone)


def test_an_interview_goes_on_at_its_stage_or_the_one_it_is_for() -> None:
    for stage, status, holds in (("here", "active", True), ("there", None, True), ("else", "active", False),
                                 ("here", "rejected", False), ("there", "withdrawn", False)):  # fmt: skip
        assert goes_on({"stage": stage, "status": status}, "here", "there") is holds
