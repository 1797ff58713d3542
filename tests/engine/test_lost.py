"""Answers that never came: what landed is found and never doubled, what did not is sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bascule.engine.outcomes import outcome_of
from bascule.errors import UnavailableError
from bascule.model import Kind, OutcomeKind

from .kit import OWNER, ROBIN, House


async def behind_it_all(house: House) -> None:
    """Behind every settle, and every limit within which a call may land late."""
    await house.pass_time(15)
    await house.leap(360)
    await house.pass_time(15)


async def test_a_note_whose_answer_was_lost_is_found_by_its_marker_and_not_written_again(house: House) -> None:
    house.sandbox.faults.add({"kind": "lost_answer", "method": "POST", "path": "notes"})
    applied = await house.apply()
    await behind_it_all(house)
    assert len(house.notes(applied.candidate)) == 1
    assert len(house.written("notes")) == 1
    assert not await house.open_failures()
    assert not await house.open_reviews()
    ours = await house.record(Kind.NOTE, house.notes(applied.candidate)[0]["id"])
    assert ours.origin == "ours"


async def test_looking_for_a_lost_note_that_fails_does_not_write_it_again(house: House) -> None:
    house.sandbox.faults.add({"kind": "lost_answer", "method": "POST", "path": "notes"})
    house.sandbox.faults.add({"kind": "answer", "method": "GET", "path": "notes", "status": 503, "times": 12})
    applied = await house.apply()
    await behind_it_all(house)
    assert len(house.notes(applied.candidate)) == 1
    assert not await house.open_failures()


async def test_a_note_that_never_arrived_is_sent_again_when_looking_has_found_none(house: House) -> None:
    house.sandbox.faults.add({"kind": "answer", "method": "POST", "path": "notes", "status": 502})
    applied = await house.apply()
    await behind_it_all(house)
    assert len(house.notes(applied.candidate)) == 1
    assert not await house.open_failures()


async def test_fields_whose_answer_was_lost_are_settled_by_a_read_and_not_written_twice(house: House) -> None:
    house.sandbox.faults.add({"kind": "lost_answer", "method": "PATCH", "path": "applications"})
    applied = await house.apply()
    await behind_it_all(house)
    assert house.custom(house.application(applied.application))["bascule_ai_status"] == "scored"
    assert len([c for c in house.written("applications") if c.field == "custom_fields.bascule_match_score"]) == 1
    assert house.calls("PATCH", "applications") <= 1
    assert not await house.open_reviews()


async def test_a_tag_whose_answer_was_lost_is_there_once(house: House) -> None:
    applied = await house.apply()
    await house.pass_time(3)
    house.sandbox.faults.add({"kind": "lost_answer", "method": "POST", "path": "applied_candidate_tags"})
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.set_tags(record.id, OWNER, add=["Referral"])
    await behind_it_all(house)
    assert house.tags(applied.candidate) == ["Referral"]
    assert len(house.written("applied_candidate_tags")) == 1
    assert await house.value(Kind.CANDIDATE, applied.candidate, "tags") == ("Referral",)


async def test_a_move_whose_answer_was_lost_is_made_once(house: House) -> None:
    applied = await house.apply()
    await house.pass_time(3)
    robin = await house.person("Robin Falk", ROBIN.user_id or 0)
    target = house.stage("Backend Engineer", "Phone Screen")
    house.sandbox.faults.add({"kind": "lost_answer", "method": "POST", "path": "/move"})
    application = await house.record(Kind.APPLICATION, applied.application)
    stage = await house.record(Kind.STAGE, target["id"])
    await house.app.changes.advance(application.id, stage.id, robin)
    await behind_it_all(house)
    assert house.application(applied.application)["job_interview_stage_id"] == target["id"]
    assert len([c for c in house.written("applications") if c.field == "job_interview_stage_id"]) == 1
    assert not await house.open_reviews()


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_short_outage_of_the_ats_leaves_nothing_behind_but_the_value(house: House, status: int) -> None:
    applied = await house.apply()
    await house.pass_time(3)
    house.sandbox.faults.add({"kind": "answer", "method": "PATCH|POST", "status": status, "times": 5})
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": "Augusta"}, OWNER)
    await house.app.changes.add_note(record.id, "Call her.", "private", OWNER)
    await behind_it_all(house)
    assert house.candidate(applied.candidate)["first_name"] == "Augusta"
    assert len(house.notes(applied.candidate)) == 2
    assert not await house.open_failures()
    assert not await house.open_reviews()


async def test_what_met_a_page_for_people_for_a_while_is_written_soon_after_it_is_gone(house: House) -> None:
    applied = await house.apply()
    await house.pass_time(4)
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    house.sandbox.faults.add({"kind": "malformed", "method": "GET", "path": "^/v3/candidates", "until": 40})
    await house.app.changes.edit(record.id, {"title": "Countess"}, OWNER)
    await house.pass_time(40)
    assert house.candidate(applied.candidate)["title"] != "Countess"
    await house.pass_time(60)
    assert house.candidate(applied.candidate)["title"] == "Countess"


@pytest.mark.parametrize(
    ("status", "told", "creation", "change"),
    [
        (500, None, OutcomeKind.UNANSWERED, OutcomeKind.NOT_SENT),
        (502, None, OutcomeKind.UNANSWERED, OutcomeKind.NOT_SENT),
        (503, None, OutcomeKind.UNANSWERED, OutcomeKind.NOT_SENT),
        (503, 30, OutcomeKind.NOT_SENT, OutcomeKind.NOT_SENT),
        (504, None, OutcomeKind.UNANSWERED, OutcomeKind.UNANSWERED),
    ],
)
def test_what_may_have_been_made_is_looked_for_and_what_was_told_to_come_again_is_not(
    status: int, told: int | None, creation: OutcomeKind, change: OutcomeKind
) -> None:
    error = UnavailableError(status=status, retry_after=timedelta(seconds=told) if told else None)
    assert outcome_of(error, repeatable=False).kind is creation
    assert outcome_of(error, repeatable=True).kind is change
