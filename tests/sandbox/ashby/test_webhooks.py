"""What is sent, signed how, tried again when; and what nothing tells of."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from bascule.sandbox.ashby import people, pipeline
from bascule.sandbox.ashby.hooks import EVENTS, RETRIES, sign

from .conftest import DANA, Build, Rig

APPLICATION = ("applicationSubmit", "applicationUpdate", "candidateStageChange", "candidateHire")


def actions(events: list[dict[str, Any]]) -> list[str]:
    return sorted(one["action"] for one in events)


async def stage(rig: Rig, id: str, type: str, **more: Any) -> None:
    await rig.got("application.changeStage", applicationId=id, interviewStageId=rig.stage(type), **more)


async def test_a_signature_is_the_hmac_of_the_raw_body(rig: Rig) -> None:
    assert sign("key", b"The quick brown fox jumps over the lazy dog") == (
        "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8")  # fmt: skip
    await rig.hook("applicationSubmit", secret="s3cret")
    await rig.application(await rig.person("Zoë"))
    await rig.sandbox.hooks.deliver_due()
    ((url, headers, body),) = rig.receiver.got
    expected = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert (url, headers["Ashby-Signature"]) == ("http://hooks.test/in", f"sha256={expected}")
    assert json.loads(body)["data"]["application"]["candidate"]["name"] == "Zoë"


async def test_a_webhook_is_of_one_event_and_pinged_when_it_is_made(rig: Rig) -> None:
    made = await rig.got("webhook.create", webhookType="candidateHire", requestUrl="http://hooks.test/in",
                         secretToken="s")  # fmt: skip
    assert (made["enabled"], made["webhookType"], made["secretToken"]) == (True, "candidateHire", "s")
    ((_, headers, body),) = rig.receiver.got
    assert json.loads(body) == {"action": "ping", "data": {"webhookActionType": "ping"}}
    assert headers["Ashby-Signature"] == sign("s", body)
    assert "secretToken" not in await rig.got("webhook.info", webhookId=made["id"])
    for wrong in (
        {"webhookType": "jobCreate"},
        {"webhookType": "noteCreate"},
        {"requestUrl": "x"},
        {"secretToken": ""},
    ):
        body = {"webhookType": "candidateHire", "requestUrl": "http://hooks.test/in", "secretToken": "s", **wrong}
        assert await rig.refused("webhook.create", **body) == "invalid_input"


@pytest.mark.parametrize(("status", "enabled"), [(200, True), (302, True), (400, True), (401, False), (500, False),
                                                 (None, False)])  # fmt: skip
async def test_a_ping_that_is_not_answered_saves_the_webhook_disabled(
    rig: Rig, status: int | None, enabled: bool
) -> None:
    rig.receiver.status = status
    made = await rig.got("webhook.create", webhookType="applicationSubmit", requestUrl="http://hooks.test/in",
                         secretToken="s")  # fmt: skip
    assert made["enabled"] is enabled
    rig.receiver.status = 200
    rig.receiver.got.clear()
    await rig.application()
    assert bool(await rig.events()) is enabled
    again = await rig.got("webhook.update", webhookId=made["id"], enabled=True)
    assert again["enabled"]


async def test_an_edit_pings_again_and_a_deleted_one_gets_nothing(rig: Rig) -> None:
    (made,) = await rig.hook("applicationSubmit")
    await rig.got("webhook.update", webhookId=made["id"], requestUrl="http://hooks.test/other")
    assert [url for url, _, _ in rig.receiver.got] == ["http://hooks.test/other"]
    rig.receiver.got.clear()
    assert not (await rig.got("webhook.update", webhookId=made["id"], enabled=False))["enabled"]
    assert rig.receiver.got == [], "switching off asks nobody"
    assert await rig.refused("webhook.update", webhookId=made["id"]) == "invalid_input"
    assert await rig.got("webhook.delete", webhookId=made["id"]) == {"webhookId": made["id"]}
    await rig.application()
    assert await rig.events() == []
    assert await rig.refused("webhook.info", webhookId=made["id"]) == "webhook_not_found"


async def test_one_hire_is_three_events_with_ids_of_their_own_in_no_certain_order(build: Build) -> None:
    orders: set[tuple[str, ...]] = set()
    for seed in range(12):
        rig = build(seed=seed)
        await rig.hook(*APPLICATION)
        made = await rig.application()
        assert actions(await rig.events()) == ["applicationSubmit"]
        await stage(rig, made["id"], "Hired")
        told = await rig.events()
        assert actions(told) == ["applicationUpdate", "candidateHire", "candidateStageChange"]
        assert len({one["webhookActionId"] for one in told}) == 3
        assert all(one["data"]["application"]["status"] == "Hired" for one in told)
        orders.add(tuple(one["action"] for one in told))
    assert len(orders) > 1


async def test_a_hire_shows_the_offer_that_was_accepted(rig: Rig) -> None:
    await rig.hook("candidateHire")
    made = await rig.application()
    process = pipeline.start_offer(rig.sandbox, DANA, made["id"])
    offer = pipeline.make_offer(rig.sandbox, DANA, process["id"], {"value": 5, "currencyCode": "EUR"}, None)
    pipeline.decide_offer(rig.sandbox, DANA, offer["id"], accepted=True)
    await stage(rig, made["id"], "Hired")
    (told,) = await rig.events()
    assert told["data"]["offer"]["id"] == offer["id"]


async def test_what_is_told_of_an_application(rig: Rig) -> None:
    await rig.hook(*APPLICATION)
    made, other = await rig.application(), rig.job(1)
    await rig.events()
    await stage(rig, made["id"], "Active")
    assert actions(await rig.events()) == ["applicationUpdate", "candidateStageChange"]
    await stage(rig, made["id"], "Active")
    assert await rig.events() == [], "it stood there"
    await stage(rig, made["id"], "Archived", archiveReasonId=rig.db["archive_reasons"].ids[0])
    assert actions(await rig.events()) == ["applicationUpdate", "candidateStageChange"]
    await rig.got("application.transfer", applicationId=made["id"], jobId=other["id"],
                  interviewPlanId=other["plan_id"], interviewStageId=rig.stage("Active", other))  # fmt: skip
    assert actions(await rig.events()) == ["applicationUpdate"]
    await rig.got("application.changeSource", applicationId=made["id"], sourceId=rig.db["sources"].ids[0])
    assert actions(await rig.events()) == ["applicationUpdate"]
    salary = next(row["id"] for row in rig.db["custom_fields"] if row["title"] == "Expected salary")
    await rig.got("customField.setValue", objectType="Application", objectId=made["id"], fieldId=salary,
                  fieldValue={"value": 1, "currencyCode": "EUR"})  # fmt: skip
    (told,) = await rig.events()
    assert (told["action"], told["data"]["application"]["customFields"]) == ("applicationUpdate", []), "it is private"


async def test_nothing_tells_of_notes_tags_candidates_their_fields_and_files_or_of_erasing(rig: Rig) -> None:
    await rig.hook(*(one for one in EVENTS if not one.startswith(("job", "opening", "signature"))))
    person = await rig.person()
    await rig.got("candidate.update", candidateId=person, name="Another Name")
    await rig.got("candidate.createNote", candidateId=person, note="Hello", sendNotifications=True)
    await rig.got("candidate.addTag", candidateId=person, tagId=rig.db["tags"].ids[0])
    await rig.got("customField.setValue", objectType="Candidate", objectId=person, fieldValue="x",
                  fieldId=rig.db["custom_fields"].ids[0])  # fmt: skip
    people.attach(rig.sandbox, DANA, person, "cv.txt", "text/plain", b"x", resume=True)
    await rig.got("candidate.anonymize", candidateId=person)
    assert await rig.events() == []


async def test_deleting_and_merging_are_told_with_ids(rig: Rig) -> None:
    await rig.hook("candidateDelete", "candidateMerge")
    one, two = await rig.person("One"), await rig.person("Two")
    people.merge(rig.sandbox, DANA, one, two)
    people.delete(rig.sandbox, DANA, one)
    told = {event["action"]: event["data"] for event in await rig.events()}
    assert told == {"candidateMerge": {"deletedCandidate": {"id": two}, "mergedCandidate": {"id": one}},
                    "candidateDelete": {"candidate": {"id": one}}}  # fmt: skip


async def test_of_a_confidential_job_only_the_hire_is_told(build: Build) -> None:
    rig = build(dirty=True)
    hidden = next(row for row in rig.db["jobs"] if row["confidential"])
    await rig.hook(*APPLICATION)
    made = await rig.application(jobId=hidden["id"], interviewStageId=None)
    assert await rig.events() == []
    await rig.got("application.changeStage", applicationId=made["id"], interviewStageId=rig.stage("Hired", hidden))
    assert actions(await rig.events()) == ["candidateHire"]


async def test_whether_a_program_that_applies_for_somebody_is_told_is_an_option(build: Build) -> None:
    rig = build(api_submits=False)
    await rig.hook("applicationSubmit")
    await rig.application()
    assert await rig.events() == []


async def test_an_event_has_one_id_for_all_its_hooks_and_attempts(rig: Rig) -> None:
    await rig.hook("applicationSubmit")
    await rig.hook("applicationSubmit", url="http://hooks.test/second")
    rig.receiver.status = 500
    await rig.application()
    first = await rig.events()
    rig.clock.move(seconds=10)
    second = await rig.events()
    ids = {one["webhookActionId"] for one in [*first, *second]}
    assert (len(first), len(second), len(ids)) == (2, 2, 1)


async def test_a_repeated_event_keeps_its_id_and_a_new_one_does_not(rig: Rig) -> None:
    await rig.hook("applicationSubmit")
    for new, count in ((False, 1), (True, 2)):
        rig.sandbox.faults.add({"kind": "repeat", "topic": "applicationSubmit", "new_id": new})
        await rig.application()
        got = await rig.events()
        assert (len(got), len({one["webhookActionId"] for one in got})) == (2, count)


async def test_what_is_not_received_is_tried_ten_times_in_all(rig: Rig) -> None:
    assert RETRIES[:4] == (10, 30, 70, 150)
    await rig.hook("applicationSubmit")
    rig.receiver.status = 503
    await rig.application()
    assert len(await rig.events()) == 1
    for wait in RETRIES:
        rig.clock.move(seconds=wait - 1)
        assert await rig.events() == []
        rig.clock.move(seconds=1)
        assert len(await rig.events()) == 1
    rig.clock.move(days=30)
    assert await rig.events() == []
    assert [one.state for one in rig.sandbox.hooks.deliveries if one.action != "ping"] == ["failed"]


@pytest.mark.parametrize("status", [401, 403, 404, 405, 410])
async def test_some_answers_are_final(rig: Rig, status: int) -> None:
    await rig.hook("applicationSubmit")
    rig.receiver.status = status
    await rig.application()
    assert len(await rig.events()) == 1
    rig.clock.move(days=30)
    assert await rig.events() == []


async def test_an_interview_schedule_is_told_as_created_and_as_updated(rig: Rig) -> None:
    await rig.hook("interviewScheduleCreate", "interviewScheduleUpdate")
    made = await rig.application()
    event = {"startTime": "2026-12-01T10:00:00Z", "endTime": "2026-12-01T11:00:00Z",
             "interviewers": [{"email": rig.sandbox.admin["email"]}]}  # fmt: skip
    schedule = await rig.got("interviewSchedule.create", applicationId=made["id"], interviewEvents=[event])
    assert actions(await rig.events()) == ["interviewScheduleCreate", "interviewScheduleUpdate"]
    await rig.got("interviewSchedule.cancel", id=schedule["id"])
    (told,) = await rig.events()
    assert told["data"]["interviewSchedule"]["status"] == "Cancelled"
