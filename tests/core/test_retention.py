"""Who may not be kept any longer: what keeps a person, and from when they are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bascule.core.retention import Rule, checked, judge, read, stored
from bascule.errors import InputError
from bascule.model import (
    BASCULE,
    Family,
    FamilyState,
    Fields,
    Kind,
    Link,
    LinkState,
    Record,
    RecordState,
    Source,
    Status,
)

NOW = datetime(2027, 3, 31, 12, tzinfo=UTC)
LONG_AGO = "2025-11-02T10:00:00+00:00"
RULE = Rule(on=True, months=12, statuses=frozenset({Status.REJECTED}), tags=("Talent pool",), field="keep until")


def person(*applications: Fields, state: LinkState = LinkState.LIVE, **fields: object) -> Family:
    root = Record("c", "w", Kind.CANDIDATE, "f", None, fields, {}, "ats", NOW)  # type: ignore[arg-type]
    records = {"c": root}
    for n, one in enumerate(applications):
        source = Source("ats", BASCULE, "read", datetime(2026, 1, 1, tzinfo=UTC))
        records[f"a{n}"] = Record(f"a{n}", "w", Kind.APPLICATION, "f", "c", one, {"status": source}, "ats", NOW)
    link = Link("l", "ats", Kind.CANDIDATE, "1", "c", state=state)
    return Family("f", "w", Kind.CANDIDATE, 1, "salt", records, {"l": link})


REJECTED: Fields = {"status": "rejected", "rejected_at": LONG_AGO}


def test_somebody_rejected_long_ago_is_due_since_the_last_rejection() -> None:
    later: Fields = {"status": "rejected", "rejected_at": "2026-02-01T10:00:00+00:00"}
    assert judge(person(REJECTED), RULE, NOW).closed == datetime.fromisoformat(LONG_AGO)
    assert judge(person(REJECTED, later), RULE, NOW).closed == datetime(2026, 2, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("family", "why"),
    [
        (person(), "no application"),
        (person(REJECTED, {"status": "active"}), "open"),
        (person(REJECTED, {}), "open"),
        (person(REJECTED, {"status": "hired"}), "hired"),
        (person({"status": "withdrawn", "rejected_at": LONG_AGO}), "withdrawn"),
        (person(REJECTED, {"status": "rejected", "rejected_at": "2026-06-01T00:00:00+00:00"}), "lately"),
        (person(REJECTED, tags=("talent POOL",)), "consent"),
        (person(REJECTED, custom={"Keep until": "2027-03-31"}), "consent"),
        (person(REJECTED, custom={"Keep until": "yes"}), "consent"),
        (person(REJECTED, state=LinkState.UNSEEN), "not shown"),
        (replace(person(REJECTED), state=FamilyState.ERASING), "erased"),
    ],
)
def test_what_keeps_a_person(family: Family, why: str) -> None:
    verdict = judge(family, RULE, NOW)
    assert verdict.closed is None
    assert why in verdict.why


def test_what_does_not_keep_a_person() -> None:
    for family in (
        person(REJECTED, custom={"Keep until": "2027-03-30"}),
        person(REJECTED, custom={"Keep until": "no", "Other": "yes"}),
        person(REJECTED, tags=("warm",)),
    ):
        assert judge(family, RULE, NOW).closed is not None
    deleted = person(REJECTED, {"status": "active"})
    gone = replace(deleted.records["a1"], state=RecordState.DELETED)
    assert judge(replace(deleted, records={**deleted.records, "a1": gone}), RULE, NOW).closed is not None


def test_without_a_day_of_rejection_it_counts_from_when_the_status_was_seen() -> None:
    seen = datetime(2026, 1, 1, tzinfo=UTC)
    assert judge(person({"status": "rejected"}), RULE, NOW).closed == seen
    assert judge(person({"status": "rejected", "rejected_at": "?"}), replace(RULE, months=15), NOW).closed is None


@given(st.integers(1, 240), st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1)))
def test_months_are_those_of_the_calendar(months: int, at: datetime) -> None:
    now = at.replace(tzinfo=UTC)
    before = replace(RULE, months=months).before(now)
    assert (now.year * 12 + now.month) - (before.year * 12 + before.month) == months
    assert before.day <= now.day


def test_a_rule_reads_as_it_was_stored_and_a_wrong_one_is_refused() -> None:
    assert read(stored(RULE)) == RULE
    assert read(None) == Rule()
    for wrong in (
        replace(RULE, months=0),
        replace(RULE, statuses=frozenset({Status.HIRED})),
        replace(RULE, statuses=frozenset()),
    ):
        with pytest.raises(InputError):
            checked(wrong)
