"""What stands before a mode, line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bascule.core.rollout import Facts, Item, Result, clean_days, following, gate, refused
from bascule.model import Mode

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def days(n: float) -> datetime:
    return NOW - timedelta(days=n)


@pytest.mark.parametrize(
    ("since", "trouble", "clean", "passes"),
    [
        (20, None, 20, True),
        (14, None, 14, True),
        (13.9, None, 13, False),
        (40, 3, 3, False),  # an incident begins them anew
        (40, 14, 14, True),
        (15, 90, 15, True),  # what was before the mode began does not count
    ],
)
def test_clean_days_count_from_the_modes_beginning_or_the_last_trouble(
    since: float, trouble: float | None, clean: int, passes: bool
) -> None:
    facts = Facts(Mode.LISTEN, days(since), trouble=days(trouble) if trouble is not None else None)
    assert clean_days(facts, NOW) == clean
    assert bool(refused(gate(facts, Mode.SHADOW, NOW))) is not passes


def test_a_line_that_fails_says_what_to_do_and_is_waived_with_a_name_but_for_the_firm_ones() -> None:
    wrong = {Item.GAPS: ("2 gaps.", "map them"), Item.TRIGGERS: ("They clash.", "check them")}
    facts = Facts(Mode.SHADOW, days(1), wrong=wrong)
    lines = {one.item: one for one in gate(facts, Mode.LIVE, NOW)}
    assert (lines[Item.GAPS].result, lines[Item.GAPS].next) == (Result.FAIL, "map them")
    assert lines[Item.DAYS].result is Result.PASS  # shadow asks for none
    waived = dict.fromkeys(wrong, "Waived by Ida: for a trial")
    lines = {one.item: one for one in gate(replace(facts, waived=waived), Mode.LIVE, NOW)}
    assert (lines[Item.GAPS].result, lines[Item.TRIGGERS].result) == (Result.WAIVED, Result.FAIL)
    assert "Ida" in lines[Item.GAPS].why


def test_modes_come_one_after_the_other_and_going_back_needs_nothing() -> None:
    early = Facts(Mode.OBSERVE, days(30))
    assert [one.item for one in refused(gate(early, Mode.LIVE, NOW))] == [Item.ORDER]
    assert not refused(gate(replace(early, hooks=False), Mode.SHADOW, NOW))
    assert following(Mode.OBSERVE, hooks=False) is Mode.SHADOW
    assert following(Mode.LIVE, hooks=True) is None
    assert gate(Facts(Mode.LIVE, days(0)), Mode.OBSERVE, NOW) == []
