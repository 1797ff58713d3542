"""REST Recruiting v4: postings, interviews and feedback as the worker one is, prospects with their files."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from .conftest import Rig


async def interview(rig: Rig) -> Any:
    application = rig.applied(rig.person())
    for step in ("Recruiter Screen", "Interview"):
        await rig.move(application, step)
    (row,) = rig.db["interviews"]
    return row


async def test_postings_come_in_pages_of_at_most_a_hundred(rig: Rig) -> None:
    answer = await rig.rest("GET", "jobPostings", params={"limit": "3"})
    assert (answer.json()["total"], len(answer.json()["data"])) == (4, 3)
    rest = await rig.rest("GET", "jobPostings", params={"limit": "1000", "offset": "3"})
    assert len(rest.json()["data"]) == 1
    first = answer.json()["data"][0]
    assert first["url"] == f"http://wd.test/careers/jobs/{rig.job()['id']}"
    assert first["title"] == "Backend Engineer"
    one = await rig.rest(
        "GET", f"jobPostings/{first['id']}", headers={**await rig.bearer(), "X-Forwarded-Proto": "https"}
    )
    assert one.json()["url"].startswith("https://wd.test/")
    by_job = await rig.rest("GET", "jobPostings", params={"jobRequisition": f"Job_Requisition_ID={rig.job()['ref']}"})
    assert [row["id"] for row in by_job.json()["data"]] == [first["id"]]
    assert (await rig.rest("GET", "jobPostings", params={"limit": "0"})).json() == {
        "error": "invalid request: validation errors", "errors": [{"error": "limit must be a whole number", "field": "limit"}]}  # fmt: skip
    assert (await rig.rest("GET", "jobPostings/nothing")).status_code == 404
    assert (await rig.rest("GET", f"jobPostings/{first['id']}/questionnaire")).json()["total"] == 1
    assert (await rig.rest("GET", "values/common/countries")).json()["total"] == 13


async def test_feedback_is_given_by_those_who_interview_and_once(rig: Rig) -> None:
    row = await interview(rig)
    rating = {"overallRating": {"id": rig.sandbox.named("ratings", "HIRE")["id"]}, "comment": "Clear"}
    path = f"interviews/{row['id']}/feedback"
    noor = rig.as_worker("Noor Haddad")
    waiting = await rig.rest("GET", "interviews", noor, params={"interviewStatus": "AWAITING_ME"})
    assert [one["id"] for one in waiting.json()["data"]] == [row["id"]]
    assert (await rig.rest("GET", "interviews", params={"interviewStatus": "AWAITING_ME"})).json()["total"] == 0
    for headers, body, code in (
        (await rig.bearer(), rating, "A131"), (rig.as_worker("Jamie Osei"), rating, "A131"),
        (noor, {"comment": "x"}, "A136"), (noor, {**rating, "overallRating": {"id": "no"}}, "A130"),
    ):  # fmt: skip
        answer = await rig.rest("POST", path, headers, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)
    given = await rig.rest("POST", path, noor, json=rating)
    assert (given.status_code, given.json()["dateSubmitted"]) == (201, "2026-11-20")
    assert (await rig.rest("POST", path, noor, json=rating)).json()["errors"][0]["code"] == "A129"
    told = (await rig.rest("GET", f"interviews/{row['id']}", noor)).json()
    assert [one["descriptor"] for one in told["interviewStatuses"]] == [
        "SCHEDULED",
        "PENDING_FEEDBACK",
        "SUBMITTED_FEEDBACK",
    ]
    assert len(told["workersPendingFeedback"]) == 1
    other = next(one for one in row["interviewers"] if one != rig.sandbox.named("users", "Noor Haddad")["id"])
    assert (
        await rig.rest("POST", path, rig.as_worker(rig.db["users"].rows[other]["name"]), json=rating)
    ).status_code == 201
    assert (await rig.rest("GET", "interviews", params={"interviewStatus": "COMPLETED"})).json()["total"] == 1
    assert (await rig.rest("GET", path)).json()["total"] == 2
    assert (await rig.rest("GET", f"{path}/{given.json()['id']}")).json()["comment"] == "Clear"


def prospect(rig: Rig, **candidate: Any) -> dict[str, Any]:
    return {"candidate": {"name": {"country": {"id": rig.sandbox.named("countries", "GB")["id"]}, "firstName": "Alan",
                                   "lastName": "Turing"}, "email": "alan@mail.example", **candidate},
            "candidateTags": [{"id": rig.sandbox.named("tags", "referred")["id"]}], "contactConsent": True}  # fmt: skip


async def test_a_prospect_is_added_with_history_and_cv(rig: Rig) -> None:
    made = await rig.rest("POST", "prospects", json=prospect(rig))
    assert made.status_code == 201, made.text
    id = made.json()["id"]
    assert made.json()["href"] == f"http://wd.test/ccx/api/recruiting/v4/sandbox/prospects/{id}"
    told = (await rig.rest("GET", f"prospects/{id}")).json()
    assert (told["candidate"]["email"], told["candidateTags"][0]["descriptor"]) == ("alan@mail.example", "referred")
    skill = await rig.rest("POST", f"prospects/{id}/skills", json={"name": "Logic"})
    assert skill.status_code == 201
    twice = await rig.rest("POST", f"prospects/{id}/skills", json={"name": "logic"})
    assert twice.json()["errors"][0]["code"] == "A259"
    bulk = await rig.rest(
        "POST", f"prospects/{id}/skills", params={"bulk": "true"}, json={"data": [{"name": "Go"}, {}]}
    )
    assert bulk.json()["errors"][0]["code"] == "A257"
    assert (await rig.rest("GET", f"prospects/{id}/skills")).json()["total"] == 1, "all or none"
    work = await rig.rest(
        "POST",
        f"prospects/{id}/experiences",
        json={"companyName": "Bletchley", "title": "Analyst", "startYear": "1938-01-01", "startMonth": 13},
    )
    assert work.json()["errors"][0]["code"] == "A286"
    file = {"fileName": "cv.pdf", "fileLength": 8, "attachmentContent": base64.b64encode(b"%PDF-1.7").decode()}
    added = await rig.rest("POST", f"prospects/{id}/resumeAttachments", json=file)
    assert added.json()["contentType"]["descriptor"] == "application/pdf"
    listed = (await rig.rest("GET", f"prospects/{id}/resumeAttachments")).json()["data"]
    assert listed == [{"id": added.json()["id"], "fileName": "cv.pdf", "fileExtension": "pdf", "fileLength": 8}]
    seen = await rig.rest("GET", f"prospects/{id}/resumeAttachments/{listed[0]['id']}", params={"type": "viewFile"})
    assert (seen.content, seen.headers["content-type"]) == (b"%PDF-1.7", "application/pdf")
    assert {one.actor.kind for one in rig.writes()} == {"api:ISU_Screening"}


@pytest.mark.parametrize(
    ("candidate", "code", "field"),
    [({"name": {"firstName": "A"}}, None, "candidate.name.country"), ({"email": ""}, "A249", "candidate.email"),
     ({"email": "no"}, "A269", "candidate.email")],
)  # fmt: skip
async def test_what_a_prospect_must_have(rig: Rig, candidate: Any, code: str | None, field: str) -> None:
    answer = await rig.rest("POST", "prospects", json=prospect(rig, **candidate))
    error = answer.json()["errors"][0]
    assert (answer.status_code, error.get("code"), error["field"]) == (400, code, field)
    assert len(rig.db["candidates"]) == 0


async def test_files_have_kinds_and_a_prospect_is_no_applicant(rig: Rig) -> None:
    id = (await rig.rest("POST", "prospects", json=prospect(rig))).json()["id"]
    for body, code in (
        ({"fileName": "cv.exe", "attachmentContent": "YQ=="}, "A246"),
        ({"attachmentContent": "YQ=="}, "A252"),
        ({"fileName": "a.pdf"}, "A270"),
    ):
        answer = await rig.rest("POST", f"prospects/{id}/resumeAttachments", json=body)
        assert answer.json()["errors"][0]["code"] == code
    applicant = rig.person()
    assert (await rig.rest("GET", f"prospects/{applicant['id']}")).status_code == 404
    assert (await rig.rest("GET", "jobApplications")).status_code == 404, "there are no applications here"
