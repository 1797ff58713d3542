"""A change on either side reaches the other; what is ours is not mistaken for somebody's; nothing is written too early."""

from __future__ import annotations

import pytest
from tests.databases import both_databases

from bascule.errors import ForbiddenError
from bascule.model import Actor, ActorKind, Kind, Mode, RecordState, Status
from bascule.sandbox.greenhouse import people, pipeline

from .kit import DANA, OWNER, ROBIN, Applied, Builder, House


@pytest.fixture
async def ada(house: House) -> Applied:
    """Somebody whose application is scored and in step."""
    applied = await house.apply()
    await house.pass_time(4)
    house.mark()
    return applied


async def test_an_email_and_a_name_changed_there_are_here_at_once_and_nothing_is_written(
    house: House, ada: Applied
) -> None:
    mails = [{"value": "ada@new.example", "type": "personal"}]
    people.update(house.sandbox, ROBIN, ada.candidate, {"email_addresses": mails, "last_name": "Lovelace"})
    await house.quiet()
    assert await house.value(Kind.CANDIDATE, ada.candidate, "emails") == ("ada@new.example",)
    assert await house.value(Kind.CANDIDATE, ada.candidate, "last_name") == "Lovelace"
    await house.pass_time(70)
    assert not house.written()


async def test_an_email_and_a_name_changed_here_are_there_and_the_types_of_the_others_stay(
    house: House, ada: Applied
) -> None:
    record = await house.record(Kind.CANDIDATE, ada.candidate)
    mails = ("ada@example.org", "work@example.org")
    await house.app.changes.edit(record.id, {"emails": mails, "first_name": "Augusta"}, OWNER)
    await house.quiet()
    row = house.candidate(ada.candidate)
    assert row["first_name"] == "Augusta"
    assert next((one["value"], one["type"]) for one in row["email_addresses"]) == ("ada@example.org", "personal")
    assert [one["value"] for one in row["email_addresses"]] == ["ada@example.org", "work@example.org"]
    written = len(house.written())
    await house.pass_time(70)
    assert len(house.written()) == written
    assert await house.value(Kind.CANDIDATE, ada.candidate, "emails") == mails


@both_databases
async def test_a_stage_moved_there_is_here(house: House, ada: Applied) -> None:
    target = house.stage("Backend Engineer", "Phone Screen")
    here = house.application(ada.application)["job_interview_stage_id"]
    pipeline.move(house.sandbox, ROBIN, ada.application, {"from_stage_id": here, "to_stage_id": target["id"]})
    await house.quiet()
    stage = await house.record(Kind.STAGE, target["id"])
    assert await house.value(Kind.APPLICATION, ada.application, "stage") == stage.id
    assert not house.written()


@both_databases
async def test_a_mapped_person_moves_an_application_as_themselves(house: House, ada: Applied) -> None:
    robin = await house.person("Robin Falk", ROBIN.user_id or 0)
    target = house.stage("Backend Engineer", "Phone Screen")
    application, stage = (
        await house.record(Kind.APPLICATION, ada.application),
        await house.record(Kind.STAGE, target["id"]),
    )
    await house.app.changes.advance(application.id, stage.id, robin)
    await house.pass_time(4)
    assert house.application(ada.application)["job_interview_stage_id"] == target["id"]
    moves = [c for c in house.written("applications") if c.field == "job_interview_stage_id"]
    assert [c.actor.user_id for c in moves] == [ROBIN.user_id]
    assert await house.value(Kind.APPLICATION, ada.application, "stage") == stage.id


async def test_a_person_who_is_mapped_to_nobody_cannot_decide_here(house: House, ada: Applied) -> None:
    application = await house.record(Kind.APPLICATION, ada.application)
    stage = await house.record(Kind.STAGE, house.stage("Backend Engineer", "Offer")["id"])
    with pytest.raises(ForbiddenError, match="not mapped"):
        await house.app.changes.advance(application.id, stage.id, OWNER)
    with pytest.raises(ForbiddenError, match="not mapped"):
        await house.app.changes.reject(application.id, None, OWNER)
    await house.quiet()
    assert not house.written()


async def test_a_rejection_with_its_reason_lands_there_and_is_taken_back_from_there(house: House, ada: Applied) -> None:
    robin = await house.person("Robin Falk", ROBIN.user_id or 0)
    reason = await house.record(Kind.REJECTION_REASON, house.reason("Lacks required experience")["id"])
    application = await house.record(Kind.APPLICATION, ada.application)
    await house.app.changes.reject(application.id, reason.id, robin, "No experience with our stack.")
    await house.pass_time(4)
    row = house.application(ada.application)
    assert row["status"] == "rejected"
    (detail,) = house.sandbox.db["rejection_details"].where("application_id", ada.application)
    assert detail["rejection_reason_id"] == house.reason("Lacks required experience")["id"]
    assert [n for n in house.notes(ada.candidate) if "No experience with our stack." in n["body"]]
    assert not house.sandbox.db["emails"].rows
    pipeline.unreject(house.sandbox, DANA, ada.application)
    await house.pass_time(4)
    assert await house.value(Kind.APPLICATION, ada.application, "status") == Status.ACTIVE
    assert await house.value(Kind.APPLICATION, ada.application, "reason") is None
    assert house.application(ada.application)["status"] == "in_process"


async def test_an_ai_can_neither_move_nor_reject_and_asks_instead(house: House, ada: Applied) -> None:
    application = await house.record(Kind.APPLICATION, ada.application)
    stage = await house.record(Kind.STAGE, house.stage("Backend Engineer", "Offer")["id"])
    ai = Actor(ActorKind.AI, "some tool", "Some tool")
    await house.app.changes.edit(application.id, {"stage": stage.id}, ai)
    with pytest.raises(ForbiddenError):
        await house.app.changes.edit(application.id, {"status": Status.REJECTED}, ai)
    await house.pass_time(4)
    assert not house.written()
    assert await house.value(Kind.APPLICATION, ada.application, "stage") != stage.id
    assert [item.review.kind for item in await house.open_reviews()] == ["proposal"]


async def test_a_note_written_there_is_here_and_one_written_here_is_there(house: House, ada: Applied) -> None:
    values = {"candidate_id": ada.candidate, "body": "Nice on the phone.", "visibility": "public"}
    people.note(house.sandbox, ROBIN, values)
    record = await house.record(Kind.CANDIDATE, ada.candidate)
    await house.app.changes.add_note(record.id, "Call her on Monday.", "private", OWNER)
    await house.polls()
    family = await house.family(Kind.CANDIDATE, ada.candidate)
    assert family is not None
    bodies = [str(n.fields["body"]) for n in family.children(record.id, Kind.NOTE)]
    assert len(bodies) == 3
    assert "Nice on the phone." in bodies
    there = [n for n in house.notes(ada.candidate) if n["body"].startswith("Call her on Monday.")]
    assert [n["visibility"] for n in there] == ["privately_visible"]
    await house.pass_time(70)
    assert len(house.notes(ada.candidate)) == 3


async def test_a_note_deleted_there_is_gone_here_after_two_whole_readings_a_while_apart(
    house: House, ada: Applied
) -> None:
    row = people.note(
        house.sandbox, ROBIN, {"candidate_id": ada.candidate, "body": "By mistake.", "visibility": "public"}
    )
    await house.polls()
    note = await house.record(Kind.NOTE, row["id"])
    people.delete_note(house.sandbox, ROBIN, row["id"])
    await house.polls(4)
    family = await house.family(Kind.CANDIDATE, ada.candidate)
    assert family is not None
    assert family.records[note.id].state is RecordState.DELETED
    assert not house.written()


async def test_tags_follow_both_ways_and_removal_does_too(house: House, ada: Applied) -> None:
    people.tag(house.sandbox, ROBIN, ada.candidate, "Referral")
    await house.polls()
    assert await house.value(Kind.CANDIDATE, ada.candidate, "tags") == ("Referral",)
    record = await house.record(Kind.CANDIDATE, ada.candidate)
    await house.app.changes.set_tags(record.id, OWNER, add=["Talks"])
    await house.polls()
    assert house.tags(ada.candidate) == ["Referral", "Talks"]
    (applied,) = [
        one for one in house.sandbox.db["applied_candidate_tags"].where("candidate_id", ada.candidate)
        if house.sandbox.db["candidate_tags"].rows[one["candidate_tag_id"]]["name"] == "Referral"
    ]  # fmt: skip
    people.remove_tag(house.sandbox, ROBIN, applied["id"])
    await house.polls()
    assert await house.value(Kind.CANDIDATE, ada.candidate, "tags") == ("Talks",)
    await house.app.changes.set_tags(record.id, OWNER, remove=["Talks"])
    await house.polls()
    assert house.tags(ada.candidate) == []
    assert await house.value(Kind.CANDIDATE, ada.candidate, "tags") == ()


async def test_a_tag_removed_here_stays_removed_when_nothing_else_happens(house: House, ada: Applied) -> None:
    people.tag(house.sandbox, ROBIN, ada.candidate, "Referral")
    await house.polls()
    record = await house.record(Kind.CANDIDATE, ada.candidate)
    await house.app.changes.set_tags(record.id, OWNER, remove=["Referral"])
    await house.pass_time(60)
    assert house.tags(ada.candidate) == []
    assert len(house.written("applied_candidate_tags")) == 1


@both_databases
async def test_both_sides_change_at_once_and_the_ats_wins_with_the_loser_in_history(house: House, ada: Applied) -> None:
    record = await house.record(Kind.CANDIDATE, ada.candidate)
    house.sandbox.db.change("candidates", ada.candidate, ROBIN, {"first_name": "Theirs"})  # its webhook is lost
    await house.app.changes.edit(record.id, {"first_name": "Ours"}, OWNER)
    await house.pass_time(70)
    assert house.candidate(ada.candidate)["first_name"] == "Theirs"
    assert await house.value(Kind.CANDIDATE, ada.candidate, "first_name") == "Theirs"
    lines = await house.app.store.read(lambda tx: tx.pages.timeline(record.family))
    assert any("Ours" in str(moment) for moment in lines)


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.LISTEN, Mode.SHADOW])
async def test_nothing_is_written_before_a_connection_is_live(build: Builder, mode: Mode) -> None:
    house = await build.house(mode, fields=False)
    applied = await house.apply()
    await house.quiet()
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": "Changed"}, OWNER)
    await house.app.changes.set_tags(record.id, OWNER, add=["Ours"])
    await house.app.changes.add_note(record.id, "Ours", "private", OWNER)
    await house.pass_time(30)
    assert not house.written()


async def test_going_live_writes_nothing_old_to_a_populated_tenant(build: Builder) -> None:
    house = await build.house(None, candidates=40, dirty=True)
    await house.connect(Mode.SHADOW, fields=False)
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER)
    await house.pass_time(130)
    assert not house.written()
    known = await house.app.store.read(lambda tx: tx.pages.records(house.app.workspace))
    assert known[Kind.CANDIDATE] >= 38


async def test_what_was_held_in_shadow_is_not_sent_by_going_live(build: Builder) -> None:
    house = await build.house(Mode.SHADOW)
    applied = await house.apply()
    await house.pass_time(5)
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": "Held"}, OWNER)
    await house.pass_time(5)
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER)
    await house.pass_time(70)
    assert not house.written()
