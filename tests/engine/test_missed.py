"""Webhooks that never came: polls and sweeps find what they would have told."""

from __future__ import annotations

import pytest
from tests.databases import both_databases

from bascule.model import Kind, LinkState, ReviewKind, Status
from bascule.sandbox.greenhouse import people, pipeline

from .kit import DANA, GARDENER, OWNER, ROBIN, Builder, House


@pytest.fixture
async def deaf(build: Builder) -> House:
    """A customer that never entered the webhook."""
    return await build.house(hooks=False)


async def test_without_any_webhook_an_application_is_scored_within_the_polling_interval(deaf: House) -> None:
    applied = await deaf.apply()
    await deaf.pass_time(65)
    assert deaf.custom(deaf.application(applied.application))["bascule_ai_status"] == "scored"
    assert len(deaf.notes(applied.candidate)) == 1


async def test_without_any_webhook_edits_moves_and_rejections_follow(deaf: House) -> None:
    applied = await deaf.apply()
    await deaf.pass_time(65)
    deaf.mark()
    people.update(deaf.sandbox, ROBIN, applied.candidate, {"first_name": "Augusta"})
    target = deaf.stage("Backend Engineer", "Onsite")
    here = deaf.application(applied.application)["job_interview_stage_id"]
    pipeline.move(deaf.sandbox, ROBIN, applied.application, {"from_stage_id": here, "to_stage_id": target["id"]})
    reason = deaf.reason("Role closed")["id"]
    pipeline.reject(deaf.sandbox, ROBIN, applied.application, {"rejection_reason_id": reason})
    await deaf.pass_time(65)
    assert await deaf.value(Kind.CANDIDATE, applied.candidate, "first_name") == "Augusta"
    stage = await deaf.record(Kind.STAGE, target["id"])
    assert await deaf.value(Kind.APPLICATION, applied.application, "stage") == stage.id
    assert await deaf.value(Kind.APPLICATION, applied.application, "status") == Status.REJECTED
    known = await deaf.record(Kind.REJECTION_REASON, reason)
    assert await deaf.value(Kind.APPLICATION, applied.application, "reason") == known.id
    assert not deaf.written()


async def test_without_any_webhook_a_deletion_is_seen_as_missing_within_a_day(deaf: House) -> None:
    applied = await deaf.apply()
    await deaf.pass_time(65)
    people.delete(deaf.sandbox, DANA, applied.candidate)
    deaf.mark()
    await deaf.leap(86_400 + 120, step=3600)
    family = await deaf.family(Kind.CANDIDATE, applied.candidate)
    assert family is not None
    link = family.link_at(deaf.at.id, Kind.CANDIDATE, str(applied.candidate))
    assert link is not None
    assert link.state is LinkState.UNSEEN
    assert not deaf.written()


async def test_a_merge_that_no_webhook_told_of_stops_no_list_and_ends_before_a_person(deaf: House) -> None:
    """The application hangs on the survivor there, and here still on the one who was merged away."""
    loser, survivor = await deaf.apply(), await deaf.apply("Grace", "Hopper", "grace@example.org", job="Staff Nurse")
    await deaf.pass_time(65)
    people.merge(deaf.sandbox, DANA, loser.candidate, survivor.candidate)
    deaf.mark()
    await deaf.leap(86_400 + 120, step=3600)
    later = await deaf.apply("Alan", "Turing", "alan@example.org")
    await deaf.pass_time(65)
    assert deaf.custom(deaf.application(later.application))["bascule_ai_status"] == "scored"
    asked = [one.review.kind for one in await deaf.open_reviews()]
    assert asked
    assert set(asked) <= {ReviewKind.VISIBILITY, ReviewKind.GONE, ReviewKind.MERGE}
    assert not deaf.failures
    family = await deaf.family(Kind.APPLICATION, loser.application)
    assert family is not None
    tasks = await deaf.app.store.read(lambda tx: tx.tasks.list(deaf.app.workspace, name="poll"))
    assert not [task for task in tasks if task.error]


async def test_deliveries_dropped_on_the_way_are_made_up_for(house: House) -> None:
    house.sandbox.faults.add({"kind": "drop", "times": 1})
    applied = await house.apply()
    await house.pass_time(65)
    assert house.custom(house.application(applied.application))["bascule_ai_status"] == "scored"


@both_databases
async def test_deliveries_out_of_order_and_repeated_end_in_what_the_ats_holds(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    kept: list[bytes] = []
    for name in ("A", "B", "C"):
        people.update(house.sandbox, ROBIN, applied.candidate, {"first_name": name})
        kept.append(house.sandbox.hooks.deliveries[-1].body)
        await house.quiet()
    for body in reversed(kept + kept):
        assert await house.deliver(body) == 200
    await house.pass_time(5)
    assert await house.value(Kind.CANDIDATE, applied.candidate, "first_name") == "C"
    assert not [c for c in house.written("candidates") if c.field == "first_name"]


async def test_somebody_known_who_applies_again_unheard_is_judged_by_the_cv_of_that_application(house: House) -> None:
    """The list of applications shows it alone: judged then, it would be by the CV of the earlier one, and told twice."""
    first = await house.apply(job="Staff Nurse", file=GARDENER)
    await house.pass_time(5)
    await house.app.rhythms.choose(house.name, "attachments", 150, None, OWNER)  # later than applications
    await house.leap(160)
    house.sandbox.faults.add({"kind": "drop", "times": 100})
    again = await house.apply(job="Backend Engineer")
    assert again.candidate == first.candidate
    await house.leap(320)
    told = [note["body"] for note in house.notes(first.candidate) if "Backend Engineer" in note["body"]]
    assert len(told) == 1, "one score, said once"
    assert "PostgreSQL" in told[0], "by the CV that came with it"
