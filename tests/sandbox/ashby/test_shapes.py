"""Answers and webhooks have the shape that the published document says. `shapes.json` says where it is from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bascule.sandbox.ashby import people, pipeline
from bascule.sandbox.ashby.methods import METHODS

from .conftest import DANA, Build, Rig

SHAPES: dict[str, Any] = json.loads((Path(__file__).parent / "shapes.json").read_text("utf-8"))
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# What every list tells, where the document says so and where it forgets to.
PAGED = {"success": "boolean", "moreDataAvailable": "boolean", "nextCursor": "string", "syncToken": "string"}
TYPES: dict[str, Any] = {"string": str, "boolean": bool, "integer": int, "number": (int, float), "null": type(None)}


def wrong(shape: Any, value: Any, at: str = "") -> str:
    """Where a value is not of a shape; empty where it is."""
    match shape:
        case "*":
            return ""
        case str() if shape.startswith("$"):
            return wrong(SHAPES["parts"][shape[1:]], value, at)
        case str():
            return "" if _fits(shape, value) else f"{at}: {value!r} is no {shape}"
        case [inner]:
            if not isinstance(value, list):
                return f"{at}: no list"
            return next(
                (said for number, one in enumerate(value) if (said := wrong(inner, one, f"{at}[{number}]"))), ""
            )
        case {"?": choices}:
            said = [wrong(one, value, at) for one in choices]
            return "" if "" in said else said[0]
        case _:
            return _object(shape, value, at)


def _object(shape: dict[str, Any], value: Any, at: str) -> str:
    if not isinstance(value, dict):
        return f"{at}: {value!r} is no object"
    known = {key.rstrip("!"): inner for key, inner in shape.items()}
    if left := [key for key in value if key not in known]:
        return f"{at}: unknown {left}"
    if gone := [key[:-1] for key in shape if key.endswith("!") and key[:-1] not in value]:
        return f"{at}: without {gone}"
    return next((said for key, one in value.items() if (said := wrong(known[key], one, f"{at}.{key}"))), "")


def _fits(shape: str, value: Any) -> bool:
    if shape == "uuid":
        return isinstance(value, str) and ID.fullmatch(value) is not None
    if shape == "time":
        return isinstance(value, str) and TIME.fullmatch(value) is not None
    if shape in TYPES or "," in shape:
        kinds = [TYPES[one] for one in shape.split(",")]
        return any(isinstance(value, kind) and not (kind is not bool and isinstance(value, bool)) for kind in kinds)
    return value in shape.split("|")


def test_the_checker_finds_what_is_wrong() -> None:
    stage = {"id": "3ae2b801-19f6-41ef-ad28-214bd731948f", "title": "Offer", "type": "Offer",
             "orderInInterviewPlan": 1, "interviewPlanId": "3ae2b801-19f6-41ef-ad28-214bd731948f"}  # fmt: skip
    assert wrong("$stage", stage) == ""
    assert "without ['title']" in wrong("$stage", {key: one for key, one in stage.items() if key != "title"})
    assert "unknown ['name']" in wrong("$stage", {**stage, "name": "x"})
    assert "is no integer" in wrong("$stage", {**stage, "orderInInterviewPlan": "1"})


async def _answers(rig: Rig) -> list[tuple[str, dict[str, Any]]]:
    """A call of every method that can be made of the ids there are."""
    db = rig.db
    one = {kind: db[kind].ids[0] for kind in db.tables if len(db[kind])}
    person = await rig.person("Shape", phoneNumber="+44 1", linkedInUrl="https://linkedin.com/in/x",
                              location={"city": "Cork", "country": "Ireland"}, sourceId=one["sources"],
                              creditedToUserId=one["users"])  # fmt: skip
    made = await rig.application(person)
    offered = db["offers"].ids[0]
    asked: list[tuple[str, dict[str, Any]]] = [
        (method, {}) for method in METHODS if method.endswith(".list") and method not in (
            "interviewStage.list", "interviewEvent.list", "version.list")
    ]  # fmt: skip
    form, score = one["forms"], {"path": "overall_recommendation", "value": "Yes"}
    process = (await rig.got("offerProcess.start", applicationId=made["id"]))["id"]
    start = await rig.got("offer.start", offerProcessId=process)
    money = {"path": "salary", "value": {"value": 5, "currencyCode": "EUR"}}
    offer = {"offerProcessId": process, "offerFormId": start["id"], "offerForm": {"fieldSubmissions": [money]}}
    event = {"startTime": "2026-12-01T10:00:00Z", "endTime": "2026-12-01T11:00:00Z",
             "interviewers": [{"email": db["users"].rows[one["users"]]["email"], "feedbackRequired": True}]}  # fmt: skip
    result = {"identifier": "score", "label": "Score", "type": "numeric_score", "value": 87}
    id, assessment = "3ae2b801-19f6-41ef-ad28-214bd731948f", {"metadata": [], "assessmentName": "Match"}
    asked += [
        ("candidate.info", {"id": person}), ("candidate.search", {"name": "shape"}), ("apiKey.info", {}),
        ("candidate.update", {"candidateId": person, "websiteUrl": "https://x.example"}),
        ("candidate.createNote", {"candidateId": person, "note": "Hi"}), ("candidate.listNotes", {"candidateId": person}),
        ("candidate.addTag", {"candidateId": person, "tagId": one["tags"]}),
        ("candidate.removeTag", {"candidateId": person, "tagId": one["tags"]}),
        ("candidate.addProject", {"candidateId": person, "projectId": one["projects"]}),
        ("candidate.listProjects", {"candidateId": person}), ("project.search", {"title": "future"}),
        ("project.info", {"projectId": one["projects"]}),
        ("candidate.removeProject", {"candidateId": person, "projectId": one["projects"]}),
        ("candidate.setFraudStatus", {"candidateId": person, "fraudStatus": "NotFraudulent"}),
        ("candidate.addEmailMessage", {"candidateId": person, "emailProviderEmailId": "1", "subject": "s", "from": "a@b.c",
                                       "to": "d@e.f", "body": "text"}),
        ("candidate.create", {"name": "Another"}),
        ("application.info", {"applicationId": made["id"], "expand": ["openings", "applicationFormSubmissions",
                                                                      "referrals"]}),
        ("application.list", {"expand": ["openings"]}),
        ("application.update", {"applicationId": made["id"], "sourceId": one["sources"]}),
        ("application.changeSource", {"applicationId": made["id"], "sourceId": one["sources"]}),
        ("application.listHistory", {"applicationId": made["id"]}),
        ("application.listCriteriaEvaluations", {"applicationId": made["id"]}),
        ("application.addHiringTeamMember", {"applicationId": made["id"], "teamMemberId": one["users"],
                                             "roleId": one["roles"]}),
        ("application.removeHiringTeamMember", {"applicationId": made["id"], "teamMemberId": one["users"],
                                                "roleId": one["roles"]}),
        ("applicationFeedback.submit", {"applicationId": made["id"], "formDefinitionId": form, "userId": one["users"],
                                        "feedbackForm": {"fieldSubmissions": [score]}}),
        ("assessment.addCompletedToCandidate", {
            "candidateId": person, "partnerId": id, "timestamp": 1, "assessment": {
                **assessment, "assessmentTypeId": id, "assessmentId": id, "result": result}}),
        ("job.info", {"id": one["jobs"], "expand": ["location", "openings"]}), ("job.search", {"title": "engineer"}),
        ("job.update", {"jobId": one["jobs"], "title": "Engineer"}),
        ("job.create", {"title": "New", "teamId": one["departments"], "locationId": one["locations"]}),
        ("job.setStatus", {"jobId": db["jobs"].ids[1], "status": "Closed"}),
        ("jobPosting.info", {"jobPostingId": one["postings"]}), ("jobInterviewPlan.info", {"jobId": one["jobs"]}),
        ("opening.info", {"openingId": one["openings"]}), ("opening.search", {"identifier": "101-1"}),
        ("interviewStage.list", {"interviewPlanId": one["plans"]}),
        ("interviewStage.info", {"interviewStageId": one["stages"]}), ("interview.info", {"id": one["interviews"]}),
        ("interviewEvent.list", {"interviewScheduleId": one["schedules"], "expand": ["interview"]}),
        ("interviewSchedule.create", {"applicationId": made["id"], "interviewEvents": [event]}),
        ("interviewSchedule.cancel", {"id": one["schedules"]}),
        ("candidateTag.create", {"title": "New"}), ("candidateTag.archive", {"tagId": db["tags"].ids[3]}),
        ("customField.info", {"customFieldId": one["custom_fields"]}),
        ("customField.create", {"title": "AI score", "fieldType": "Number", "objectType": "Application"}),
        ("customField.create", {"title": "Grade", "fieldType": "ValueSelect", "objectType": "Application",
                                "selectableValues": [{"label": "A", "value": "a"}]}),
        ("customField.setValue", {"objectType": "Candidate", "objectId": person, "fieldId": one["custom_fields"],
                                  "fieldValue": "soon"}),
        ("customField.setValues", {"objectType": "Candidate", "objectId": person, "values": [
            {"fieldId": db["custom_fields"].ids[1], "fieldValue": "permit"}]}),
        ("customField.updateSelectableValues", {"customFieldId": db["custom_fields"].ids[1], "selectableValues": [
            {"label": "Citizen", "value": "citizen"}]}),
        ("feedbackFormDefinition.info", {"feedbackFormDefinitionId": form}), ("user.info", {"userId": one["users"]}),
        ("user.search", {"email": "dana.whitfield@tenant.example"}), ("hiringTeamRole.list", {"namesOnly": False}),
        ("department.info", {"departmentId": one["departments"]}), ("location.info", {"locationId": one["locations"]}),
        ("offer.info", {"offerId": offered}), ("offer.create", offer), ("offer.list", {"applicationId": made["id"]}),
        ("file.createFileUploadHandle", {"fileUploadContext": "CandidateResume", "filename": "cv.pdf",
                                         "contentType": "application/pdf", "contentLength": 3}),
        ("file.info", {"fileHandle": db["attachments"].rows[one["attachments"]]["handle"]}),
        ("application.changeStage", {"applicationId": made["id"], "interviewStageId": rig.stage("Active")}),
        ("application.transfer", {"applicationId": made["id"], "jobId": one["jobs"], "interviewPlanId": one["plans"],
                                  "interviewStageId": rig.stage("Offer")}),
        ("webhook.create", {"webhookType": "candidateMerge", "requestUrl": "http://hooks.test/in", "secretToken": "s"}),
    ]  # fmt: skip
    answered = [(method, await rig.call(method, **body)) for method, body in asked]
    schedule = next(answer["results"] for method, answer in answered if method == "interviewSchedule.create")
    change = {**event, "interviewEventId": schedule["interviewEvents"][0]["id"]}
    body = {"interviewScheduleId": schedule["id"], "interviewEvent": change}
    return [*answered, ("interviewSchedule.update", await rig.call("interviewSchedule.update", **body))]


async def test_every_answer_has_its_published_shape(build: Build) -> None:
    rig = build(candidates=25)
    answered = await _answers(rig)
    for method, answer in answered:
        assert answer["success"], (method, answer)
        if method in SHAPES["methods"]:
            whole = {**PAGED, **SHAPES["methods"][method]}
            if method == "hiringTeamRole.list" and isinstance(answer["results"][0], dict):
                whole["results!"] = [{"id": "uuid", "title": "string"}]
            assert wrong(_without(whole), answer, method) == "", method
    rare = {"application.delete", "application.create", "candidate.anonymize", "candidate.uploadFile",
            "candidate.uploadResume", "applicationForm.submit", "application.updateHistory", "offer.approve",
            "offer.update", "offer.start", "offerProcess.start", "version.list", "webhook.delete", "webhook.info",
            "webhook.update"}  # fmt: skip
    assert set(METHODS) - {method for method, _ in answered} == rare


def _without(shape: dict[str, Any]) -> dict[str, Any]:
    """A key that is always there is not one that may be."""
    return {key: one for key, one in shape.items() if f"{key}!" not in shape}


async def test_every_webhook_has_its_published_shape(rig: Rig) -> None:
    types = [one for one in SHAPES["webhooks"] if one not in ("ping", "jobCreate", "jobUpdate")]
    await rig.hook(*types)
    made = await rig.application(person := await rig.person())
    await rig.got("application.changeStage", applicationId=made["id"], interviewStageId=rig.stage("Hired"))
    form = {"fieldSubmissions": [{"path": "salary", "value": {"value": 5, "currencyCode": "EUR"}}]}
    other = await rig.application(person)
    process = pipeline.start_offer(rig.sandbox, DANA, other["id"])
    offer = pipeline.make_offer(rig.sandbox, DANA, process["id"], form["fieldSubmissions"][0]["value"], None)
    pipeline.approve_offer(rig.sandbox, DANA, offer["versions"][-1]["id"])
    interviewer = [{"email": rig.sandbox.admin["email"]}]
    await rig.got("interviewSchedule.create", applicationId=other["id"], interviewEvents=[
        {"startTime": "2026-12-01T10:00:00Z", "endTime": "2026-12-01T11:00:00Z", "interviewers": interviewer}])  # fmt: skip
    await rig.got("job.update", jobId=rig.job()["id"], defaultInterviewPlanId=rig.job(1)["plan_id"])
    last = await rig.person("Somebody Else")
    people.merge(rig.sandbox, DANA, person, last)
    people.delete(rig.sandbox, DANA, person)
    got = await rig.events()
    assert {one["action"] for one in got} == set(types)
    for one in got:
        assert re.fullmatch(r"[0-9a-f-]{36}", one.pop("webhookActionId"))
        assert wrong(SHAPES["webhooks"][one["action"]], one, one["action"]) == ""


@pytest.mark.parametrize("name", ["candidate", "application", "job", "user", "stage", "field", "note"])
def test_the_main_objects_are_described(name: str) -> None:
    assert any(key.endswith("!") for key in SHAPES["parts"][name])
