"""What a change is told as: a table of families before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bascule.core.events import TYPES, events, matching
from bascule.core.plan import Plan
from bascule.core.redelivery import Answer, Format, Verdict, judged, next_try, rest
from bascule.model import EMPTY, Family, FamilyState, Kind, Record, RecordState, Value

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def record(id: str, kind: Kind, **fields: Value) -> Record:
    parent = None if kind in (Kind.CANDIDATE, Kind.JOB) else "j" if kind is Kind.STAGE else "c"
    return Record(id, "w", kind, "f", parent, fields, EMPTY, "ats", NOW)


def family(*records: Record) -> Family:
    return Family("f", "w", records[0].kind, 1, "", {one.id: one for one in records})


ADA = record("c", Kind.CANDIDATE, first_name="Ada", emails=("ada@example.org",))
APPLIED = record("a", Kind.APPLICATION, job="j", stage="s1", status="active")
JOB = record("j", Kind.JOB, title="Engineer")
STAGE = record("s", Kind.STAGE, name="Screen")


def told(before: Family | None, after: Family, **more: bool) -> list[str]:
    return [one.type for one in events(before, Plan(after), NOW, **more)]


def changed(of: Record, **fields: Value) -> Record:
    return replace(of, fields={**of.fields, **fields})


@pytest.mark.parametrize(
    ("fields", "types"),
    [
        ({"stage": "s2"}, ["application.stage_changed"]),
        ({"status": "rejected"}, ["application.status_changed"]),
        ({"stage": "s2", "status": "rejected", "tags": ("x",)},
         ["application.stage_changed", "application.status_changed", "application.updated"]),
        ({"match_score": 70.0, "match_reasons": ("x",)}, ["application.scored"]),
        ({"tools": {"quill.score": 4}}, ["application.scored"]),
        ({"match_reasons": ("worded",)}, []),
        ({"screening_status": "started"}, ["application.updated"]),
        ({"screening_status": "completed"}, ["screening.completed", "application.updated"]),
    ],
)  # fmt: skip
def test_a_change_of_an_application_is_told_by_what_changed(fields: Mapping[str, Value], types: list[str]) -> None:
    assert told(family(ADA, APPLIED), family(ADA, changed(APPLIED, **fields))) == types


def test_what_is_new_is_told_and_what_a_first_reading_meets_is_not() -> None:
    note = record("n", Kind.NOTE, body="Nice")
    assert told(None, family(ADA, APPLIED)) == ["candidate.created", "application.created"]
    assert told(None, family(ADA, APPLIED), live=False) == []
    assert told(family(ADA), family(ADA, note)) == ["note.added"]
    assert told(family(ADA), family(ADA, note), live=False) == []
    bare = replace(APPLIED, fields={"job": "j"})
    assert told(family(ADA, bare), family(ADA, APPLIED), live=False) == []  # filled in, and nothing was there
    moved = family(ADA, changed(APPLIED, stage="s2"))
    assert told(family(ADA, APPLIED), moved, live=False) == ["application.stage_changed"]


def test_a_signed_address_that_changes_is_no_news() -> None:
    file = record("x", Kind.ATTACHMENT, filename="cv.pdf", url="https://files.example/1?signature=a")
    after = changed(file, url="https://files.example/1?signature=b")
    assert told(family(ADA, file), family(ADA, after)) == []
    [one] = events(family(ADA), Plan(family(ADA, file)), NOW)
    assert one.changed == ("filename",)


def test_gone_merged_and_erased_are_told_apart() -> None:
    before = family(ADA, APPLIED)
    assert told(before, family(ADA, replace(APPLIED, state=RecordState.DELETED))) == ["application.deleted"]
    other = replace(ADA, id="c2", state=RecordState.MERGED, merged_into="c")
    moved = family(ADA, APPLIED, other)
    [one] = events(before, Plan(moved), NOW, elsewhere={"c2"})
    assert (one.type, one.record, one.after) == ("candidate.merged", "c2", "c")
    erasing = replace(before, state=FamilyState.ERASING)
    [one] = events(before, Plan(erasing), NOW)
    assert (one.type, one.subjects) == ("candidate.erased", {"candidate": "c", "applications": ("a",)})
    assert events(erasing, Plan(replace(erasing, rev=2)), NOW) == ()


def test_a_job_is_told_with_its_stages_once() -> None:
    assert told(None, family(JOB, STAGE)) == ["job.created"]
    assert told(family(JOB, STAGE), family(JOB, changed(STAGE, name="Phone"))) == ["job.updated"]
    assert told(family(JOB), family(JOB, STAGE), live=False) == []


def test_types_are_named_by_patterns() -> None:
    assert matching(["*"]) == tuple(TYPES)
    assert set(matching(["application.*", "job.created"])) == {
        "job.created", *(type for type in TYPES if type.startswith("application."))
    }  # fmt: skip
    assert matching(["Application.*", "nothing"]) == ()


def test_the_schedule_is_followed_whatever_the_jitter_and_ends_on_the_eighth_day() -> None:
    for key in map(str, range(200)):
        tries, at = 1, NOW
        while (following := next_try(NOW, tries, at, key)) is not None:
            tries, at = tries + 1, following
        assert tries == 14
        assert timedelta(days=7) < at - NOW <= timedelta(days=8)
    asked = next_try(NOW, 1, NOW, "x", timedelta(hours=3))
    assert asked == NOW + timedelta(hours=3)
    assert next_try(NOW, 1, NOW, "x", timedelta(days=400)) == NOW + timedelta(days=1)
    assert rest(1) < rest(3) < rest(9) == rest(99) == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("format", "status", "text", "verdict"),
    [
        (Format.STANDARD, 204, "", Verdict.TAKEN),
        (Format.STANDARD, 200, "no_service", Verdict.TAKEN),
        (Format.STANDARD, 301, "", Verdict.LATER),
        (Format.STANDARD, 404, "", Verdict.LATER),
        (Format.STANDARD, 410, "", Verdict.UNSUBSCRIBED),
        (Format.STANDARD, 0, "", Verdict.LATER),
        (Format.SLACK, 200, "ok", Verdict.TAKEN),
        (Format.SLACK, 429, "", Verdict.LATER),
        (Format.SLACK, 404, "no_service\n", Verdict.CLOSED),
        (Format.SLACK, 410, "channel_is_archived", Verdict.CLOSED),
        (Format.SLACK, 400, "invalid_payload", Verdict.NEVER),
        (Format.SLACK, 500, "server_error", Verdict.LATER),
    ],
)
def test_an_answer_means_what_its_sender_means_by_it(format: Format, status: int, text: str, verdict: Verdict) -> None:
    got, words = judged(format, Answer(status, text=text))
    assert got is verdict
    assert "ada" not in words
    assert "ada" not in judged(format, Answer(500, text="could not take ada@example.org"))[1]
