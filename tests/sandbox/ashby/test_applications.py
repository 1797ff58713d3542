"""Applications on their way: stages, archiving, hiring, transfers, plans, feedback, offers."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.sandbox.ashby import pipeline

from .conftest import DANA, Build, Rig

NOBODY = "3ae2b801-19f6-41ef-ad28-214bd731948f"


async def move(rig: Rig, id: str, type: str, **more: Any) -> Any:
    return await rig.got("application.changeStage", applicationId=id, interviewStageId=rig.stage(type), **more)


def reason(rig: Rig) -> str:
    return rig.db["archive_reasons"].ids[0]


async def test_an_application_begins_among_the_leads_or_where_it_is_told(rig: Rig) -> None:
    person = await rig.person()
    lead = await rig.application(person, interviewStageId=None)
    first = await rig.application(person, interviewStageId="FirstPreInterviewScreen")
    named = await rig.application(person, interviewStageId=rig.stage("Active"), createdAt="2024-01-01T00:00:00Z")
    assert [(one["status"], one["currentInterviewStage"]["type"]) for one in (lead, first, named)] == [
        ("Lead", "Lead"), ("Active", "PreInterviewScreen"), ("Active", "Active")]  # fmt: skip
    assert named["createdAt"] == "2024-01-01T00:00:00.000Z"
    shown = await rig.got("candidate.info", id=person)
    assert shown["applicationIds"] == [lead["id"], first["id"], named["id"]]
    assert {one["role"] for one in lead["hiringTeam"]} == {"Recruiter", "Hiring Manager"}


async def test_what_an_application_cannot_begin_with_is_refused(rig: Rig) -> None:
    person, job = await rig.person(), rig.job()
    whole = {"candidateId": person, "jobId": job["id"]}
    for more, code in (
        ({"candidateId": NOBODY}, "candidate_not_found"), ({"jobId": NOBODY}, "job_not_found"),
        ({"interviewPlanId": NOBODY}, "interview_plan_not_found"),
        ({"interviewStageId": rig.stage("Active", rig.job(1))}, "interview_stage_not_found"),
        ({"interviewStageId": rig.stage("Archived")}, "invalid_input"), ({"sourceId": NOBODY}, "source_not_found"),
    ):  # fmt: skip
        assert await rig.refused("application.create", **{**whole, **more}) == code
    await rig.got("job.setStatus", jobId=job["id"], status="Closed")
    assert await rig.refused("application.create", **whole) == "invalid_input"
    assert len(rig.db["applications"]) == 0


async def test_a_move_is_kept_in_the_history(rig: Rig) -> None:
    made = await rig.application()
    rig.clock.move(hours=1)
    shown = await move(rig, made["id"], "Active")
    assert (shown["currentInterviewStage"]["type"], shown["updatedAt"]) == ("Active", "2026-11-20T10:00:00.000Z")
    first, second = await rig.got("application.listHistory", applicationId=made["id"])
    assert (first["leftStageAt"], second["enteredStageAt"]) == ("2026-11-20T10:00:00.000Z",) * 2
    assert (first["stageNumber"], second["stageNumber"], "leftStageAt" in second) == (0, 1, False)
    rig.clock.move(hours=1)
    assert (await move(rig, made["id"], "Active"))["updatedAt"] == "2026-11-20T10:00:00.000Z", "it stood there"
    assert len(await rig.got("application.listHistory", applicationId=made["id"])) == 2


async def test_a_stage_of_another_plan_is_not_found(rig: Rig) -> None:
    made = await rig.application()
    for stage in (rig.stage("Active", rig.job(1)), NOBODY):
        assert await rig.refused("application.changeStage", applicationId=made["id"],
                                 interviewStageId=stage) == "interview_stage_not_found"  # fmt: skip
    assert await rig.refused("application.changeStage", applicationId=NOBODY,
                             interviewStageId=stage) == "application_not_found"  # fmt: skip


async def test_archiving_needs_a_reason_that_is_in_use(rig: Rig) -> None:
    made = await rig.application()
    body = {"applicationId": made["id"], "interviewStageId": rig.stage("Archived")}
    assert await rig.refused("application.changeStage", **body) == "invalid_input"
    old = next(row["id"] for row in rig.db["archive_reasons"] if row["archived"])
    for id in (NOBODY, old):
        assert await rig.refused("application.changeStage", **body, archiveReasonId=id) == "archive_reason_not_found"
    shown = await rig.got("application.changeStage", **body, archiveReasonId=reason(rig))
    assert (shown["status"], shown["archivedAt"]) == ("Archived", "2026-11-20T09:00:00.000Z")
    assert shown["archiveReason"] == {"id": reason(rig), "text": "Lacks required experience", "isArchived": False,
                                      "reasonType": "RejectedByOrg", "customFields": []}  # fmt: skip


async def test_what_is_archived_comes_back_by_a_move_or_stays_where_a_tenant_says_so(build: Build) -> None:
    for back in (True, False):
        rig = build(unarchive=back)
        made = await rig.application()
        await move(rig, made["id"], "Archived", archiveReasonId=reason(rig))
        body = {"applicationId": made["id"], "interviewStageId": rig.stage("Active")}
        answer = await rig.call("application.changeStage", **body)
        assert answer["success"] is back
        if back:
            shown = answer["results"]
            assert (shown["status"], "archiveReason" in shown, "archivedAt" in shown) == ("Active", False, False)


async def test_an_archive_email_goes_to_the_outbox_the_next_morning_unless_a_time_is_given(rig: Rig) -> None:
    email, in_mail = rig.db["templates"].ids
    made = await rig.application()

    def sent(template: str, **more: Any) -> dict[str, Any]:
        return {"applicationId": made["id"], "interviewStageId": rig.stage("Archived"), "archiveReasonId": reason(rig),
                "archiveEmail": {"communicationTemplateId": template, **more}}  # fmt: skip

    assert await rig.refused("application.changeStage", **sent(NOBODY)) == "communication_template_not_found"
    assert await rig.refused("application.changeStage", **sent(in_mail)) == "communication_template_not_allowed"
    active = {**sent(email), "interviewStageId": rig.stage("Active")}
    assert await rig.refused("application.changeStage", **active) == "communication_template_not_allowed"
    assert (len(rig.db["emails"]), rig.db["applications"].rows[made["id"]]["status"]) == (0, "Active")
    await rig.got("application.changeStage", **sent(email))
    await rig.got("application.changeStage", **sent(email))
    (mail,) = rig.db["emails"]
    assert (mail["to"], mail["why"]) == (["ada@example.org"], "archive e-mail, leaves 2026-11-21 09:32")
    other = await rig.application()
    await rig.got("application.changeStage",
                  **{**sent(email, sendAt="2026-01-01T00:00:00Z"), "applicationId": other["id"]})  # fmt: skip
    assert list(rig.db["emails"])[-1]["why"].endswith("leaves 2026-11-20 09:00"), "at once, where it is past"


async def test_a_hire_is_a_move_to_its_stage(rig: Rig) -> None:
    made = await rig.application()
    shown = await move(rig, made["id"], "Hired")
    assert (shown["status"], shown["currentInterviewStage"]["type"]) == ("Hired", "Hired")
    assert [one["id"] for one in await rig.got("application.list", status="Hired")] == [made["id"]]


async def test_where_hires_come_by_offers_the_move_is_refused_until_one_is_accepted(build: Build) -> None:
    rig = build(hire_by="offer")
    made = await rig.application()
    body = {"applicationId": made["id"], "interviewStageId": rig.stage("Hired")}
    assert await rig.refused("application.changeStage", **body) == "invalid_input"
    process = await rig.got("offerProcess.start", applicationId=made["id"])
    start = await rig.got("offer.start", offerProcessId=process["id"])
    salary = {"path": "salary", "value": {"value": 60_000, "currencyCode": "EUR"}}
    offer = await rig.got("offer.create", offerProcessId=process["id"], offerFormId=start["id"],
                          offerForm={"fieldSubmissions": [salary]})  # fmt: skip
    approved = await rig.got("offer.approve", offerVersionId=offer["latestVersion"]["id"])
    assert (offer["acceptanceStatus"], approved["offerStatus"]) == ("Pending", "WaitingOnCandidateResponse")
    pipeline.decide_offer(rig.sandbox, DANA, offer["id"], accepted=True)
    assert (await rig.got("application.info", applicationId=made["id"]))["status"] == "Hired"
    assert (await rig.got("offer.info", offerId=offer["id"]))["acceptanceStatus"] == "Accepted"


async def test_a_transfer_changes_job_plan_and_stage_together(rig: Rig) -> None:
    made, other = await rig.application(), rig.job(1)
    body = {"applicationId": made["id"], "jobId": other["id"], "interviewPlanId": other["plan_id"]}
    wrong = {**body, "interviewPlanId": rig.job()["plan_id"], "interviewStageId": rig.stage("Active")}
    assert await rig.refused("application.transfer", **wrong) == "interview_plan_not_found"
    mixed = {**body, "interviewStageId": rig.stage("Active")}
    assert await rig.refused("application.transfer", **mixed) == "interview_stage_not_found"
    shown = await rig.got("application.transfer", **body, interviewStageId=rig.stage("Active", other))
    assert (shown["job"]["id"], shown["currentInterviewStage"]["interviewPlanId"]) == (other["id"], other["plan_id"])


async def test_an_update_is_of_source_and_credit_and_knows_no_archiving(rig: Rig) -> None:
    made, user = await rig.application(), rig.db["users"].ids[2]
    shown = await rig.got("application.update", applicationId=made["id"], creditedToUserId=user)
    assert (shown["creditedToUser"]["id"], [one["why"] for one in rig.db["emails"]]) == (
        user, ["application notification"])  # fmt: skip
    shown = await rig.got("application.update", applicationId=made["id"], creditedToUserId=rig.db["users"].ids[1],
                          sendNotifications=False)  # fmt: skip
    assert len(rig.db["emails"]) == 1
    shown = await rig.got("application.update", applicationId=made["id"], isArchived=True, status="Hired")
    assert shown["status"] == "Active", "what an update does not know, it does not do"
    assert (
        await rig.refused("application.changeSource", applicationId=made["id"], sourceId=NOBODY) == "source_not_found"
    )


async def test_a_deleted_application_is_gone_with_its_history(rig: Rig) -> None:
    made = await rig.application()
    assert await rig.got("application.delete", applicationId=made["id"]) == {"applicationId": made["id"]}
    assert await rig.refused("application.info", applicationId=made["id"]) == "application_not_found"
    assert len(rig.db["history"]) == 0


async def test_stages_hang_on_plans_that_jobs_share(build: Build) -> None:
    rig = build(shared_plan=True)
    jobs = await rig.got("job.list")
    assert len({one["defaultInterviewPlanId"] for one in jobs}) == 1
    rig = build()
    jobs = await rig.got("job.list")
    plans = [one["defaultInterviewPlanId"] for one in jobs]
    assert (len(plans), len(set(plans))) == (4, 3)
    stages = await rig.got("interviewStage.list", interviewPlanId=plans[0])
    assert [one["orderInInterviewPlan"] for one in stages] == list(range(len(stages)))
    assert {one["type"] for one in stages} == {"Lead", "PreInterviewScreen", "Active", "Offer", "Hired", "Archived"}
    assert await rig.refused("interviewStage.list") == "invalid_input"
    assert await rig.refused("interviewStage.list", interviewPlanId=NOBODY) == "interview_plan_not_found"


async def test_a_job_that_follows_another_plan_takes_its_applications_along(rig: Rig) -> None:
    made, other = await rig.application(), rig.job(1)
    await rig.hook("interviewPlanTransition")
    shown = await rig.got("job.update", jobId=rig.job()["id"], defaultInterviewPlanId=other["plan_id"])
    assert shown["interviewPlanIds"] == [other["plan_id"]]
    stage = (await rig.got("application.info", applicationId=made["id"]))["currentInterviewStage"]
    assert (stage["interviewPlanId"], stage["type"]) == (other["plan_id"], "PreInterviewScreen")
    (event,) = await rig.events()
    mapped = {one["fromInterviewStageId"]: one["toInterviewStageId"] for one in event["data"]["interviewStageMappings"]}
    assert mapped[made["currentInterviewStage"]["id"]] == stage["id"]


@pytest.mark.parametrize(("path", "end"), [(("Closed", "Draft", "Open"), "Open"), (("Closed", "Archived"), "Archived")])
async def test_a_job_goes_from_state_to_state_as_documented(rig: Rig, path: tuple[str, ...], end: str) -> None:
    job = rig.job()["id"]
    assert await rig.refused("job.setStatus", jobId=job, status="Archived") == "invalid_input"
    shown = [await rig.got("job.setStatus", jobId=job, status=status) for status in path]
    assert shown[-1]["status"] == end
    drafts = [one["id"] for one in await rig.got("job.list", status=["Draft"])]
    assert drafts == []


async def test_drafts_are_listed_only_where_they_are_asked_for(build: Build) -> None:
    rig = build(dirty=True)
    states = {one["status"] for one in await rig.got("job.list")}
    everything = {one["status"] for one in await rig.got("job.list", status=["Draft", "Open", "Closed", "Archived"])}
    assert (states, everything) == ({"Open", "Closed", "Archived"}, {"Draft", "Open", "Closed", "Archived"})


async def test_feedback_is_handed_in_on_a_form_and_marks_the_event_it_answers(rig: Rig) -> None:
    made, form = await rig.application(), rig.db["forms"].ids[0]
    user = rig.sandbox.admin
    event = {"startTime": "2026-12-01T10:00:00Z", "endTime": "2026-12-01T11:00:00Z",
             "interviewers": [{"email": user["email"], "feedbackRequired": True}]}  # fmt: skip
    schedule = await rig.got("interviewSchedule.create", applicationId=made["id"], interviewEvents=[event])
    (shown,) = schedule["interviewEvents"]
    assert shown["hasSubmittedFeedback"] is False
    await rig.hook("interviewScheduleUpdate")
    body = {"applicationId": made["id"], "formDefinitionId": form, "userId": user["id"],
            "interviewEventId": shown["id"]}  # fmt: skip
    for wrong in ([], [{"path": "nowhere", "value": 1}], [{"path": "score", "value": {"score": 5}}],
                  [{"path": "overall_recommendation", "value": "Maybe"}]):  # fmt: skip
        assert await rig.refused("applicationFeedback.submit", **body,
                                 feedbackForm={"fieldSubmissions": wrong}) == "invalid_input"  # fmt: skip
    good = [{"path": "score", "value": {"score": 4}}, {"path": "overall_recommendation", "value": "Yes"}]
    made_form = await rig.got("applicationFeedback.submit", **body, feedbackForm={"fieldSubmissions": good})
    (listed,) = await rig.got("applicationFeedback.list", applicationId=made["id"])
    assert listed["submittedValues"] == {"score": {"score": 4}, "overall_recommendation": "Yes"}
    assert made_form["submittedFormInstance"]["id"] == listed["id"]
    (told,) = await rig.events()
    assert told["data"]["interviewSchedule"]["interviewEvents"][0]["hasSubmittedFeedback"] is True


async def test_somebody_applies_through_a_careers_page_of_ones_own(rig: Rig) -> None:
    posting = next(iter(rig.db["postings"]))
    form = (await rig.got("jobPosting.info", jobPostingId=posting["id"]))["applicationFormDefinition"]
    asked = {one["field"]["path"]: one for one in form["sections"][0]["fields"]}
    answers = [{"path": path, "value": {"_systemfield_name": "Ada Byron", "_systemfield_email": "ada@example.org"}.get(
        path, "Yes")} for path, one in asked.items() if one["isRequired"]]  # fmt: skip
    body = {"jobPostingId": posting["id"], "applicationForm": {"fieldSubmissions": answers}}
    short = {**body, "applicationForm": {"fieldSubmissions": answers[:2]}}
    assert await rig.refused("applicationForm.submit", **short) == "invalid_input"
    assert len(rig.db["candidates"]) == 0
    await rig.hook("applicationSubmit")
    sent = await rig.got("applicationForm.submit", **body)
    shown = await rig.got("application.info", submittedFormInstanceId=sent["submittedFormInstance"]["id"],
                          expand=["applicationFormSubmissions"])  # fmt: skip
    assert (shown["candidate"]["name"], shown["appliedViaJobPostingId"]) == ("Ada Byron", posting["id"])
    assert shown["applicationFormSubmissions"][0]["submittedValues"]["_systemfield_name"] == "Ada Byron"
    assert [one["action"] for one in await rig.events()] == ["applicationSubmit"]


async def test_a_schedule_is_changed_by_the_key_that_made_it_alone(rig: Rig) -> None:
    made = await rig.application()
    who = [{"email": next(iter(rig.db["users"]))["email"]}]
    event = {"startTime": "2026-12-01T09:00:00Z", "endTime": "2026-12-01T10:00:00Z", "interviewers": who,
             "extraData": {"ours_ref": "7"}}  # fmt: skip
    schedule = await rig.got("interviewSchedule.create", applicationId=made["id"], interviewEvents=[event])
    (first,) = schedule["interviewEvents"]
    later = {**event, "startTime": "2026-12-02T09:00:00Z", "endTime": "2026-12-02T10:00:00Z"}
    body = {"interviewScheduleId": schedule["id"], "interviewEvent": {**later, "interviewEventId": first["id"]}}
    changed = await rig.got("interviewSchedule.update", **body)
    (shown,) = changed["interviewEvents"]
    assert (shown["id"], shown["startTime"][:10], shown["extraData"]) == (first["id"], "2026-12-02", {"ours_ref": "7"})
    other = rig.make_key("Another")
    assert await rig.refused("interviewSchedule.update", key=other, **body) == "invalid_input"
    big = {**body, "interviewEvent": {**later, "extraData": {"ours_ref": "x" * 600}}}
    assert await rig.refused("interviewSchedule.update", **big) == "invalid_input"
    assert await rig.refused("interviewSchedule.update", interviewScheduleId=schedule["id"]) == "invalid_input"
    await rig.got("interviewSchedule.cancel", id=schedule["id"])
    assert await rig.refused("interviewSchedule.update", **body) == "invalid_input"
