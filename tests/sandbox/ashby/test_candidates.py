"""Candidates, notes, tags, custom fields and files: what programs can write, and what is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bascule.sandbox.ashby import people

from .conftest import DANA, Build, Rig


def field(rig: Rig, title: str) -> str:
    return next(row["id"] for row in rig.db["custom_fields"] if row["title"] == title)


async def define(rig: Rig, type: str, of: str = "Candidate", **more: Any) -> str:
    return (await rig.got("customField.create", fieldType=type, objectType=of, title=f"A {type}", **more))["id"]


async def put(rig: Rig, person: str, id: str, value: Any) -> Any:
    return await rig.got("customField.setValue", objectType="Candidate", objectId=person, fieldId=id, fieldValue=value)


# Candidates.


async def test_a_candidate_is_made_and_read_back(rig: Rig) -> None:
    source, user = rig.db["sources"].ids[0], rig.db["users"].ids[1]
    made = await rig.got(
        "candidate.create", name="Ada Byron", email="ada@example.org", phoneNumber="+44 1", sourceId=source,
        alternateEmailAddresses=["countess@example.org"], linkedInUrl="https://linkedin.com/in/ada",
        githubUrl="https://github.com/ada", website="https://ada.example", creditedToUserId=user,
        location={"city": "London", "country": "United Kingdom"},
    )  # fmt: skip
    assert made == await rig.got("candidate.info", id=made["id"])
    assert [(one["value"], one["isPrimary"]) for one in made["emailAddresses"]] == [
        ("ada@example.org", True), ("countess@example.org", False)]  # fmt: skip
    assert {one["type"]: one["url"] for one in made["socialLinks"]} == {
        "LinkedIn": "https://linkedin.com/in/ada", "GitHub": "https://github.com/ada",
        "Website": "https://ada.example"}  # fmt: skip
    assert (made["source"]["id"], made["creditedToUser"]["id"]) == (source, user)
    assert made["location"]["locationSummary"] == "London, United Kingdom"
    assert made["profileUrl"] == f"http://ats.test/ats/candidates/{made['id']}"
    behind = await rig.send(
        "candidate.info", {"id": made["id"]}, **{"X-Forwarded-Proto": "https", "Host": "ats.example"}
    )
    assert behind.json()["results"]["profileUrl"].startswith("https://ats.example/ats/")
    (change,) = [one for one in rig.db.log if one.object == "candidates"]
    assert (change.actor.kind, change.action) == ("api:Bridge", "created")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_input"), ({"name": " "}, "invalid_input"), ({"name": "A", "email": "nobody"}, "invalid_input"),
        ({"name": "A", "sourceId": "x"}, "invalid_input"), ({"name": "A", "linkedInUrl": "x"}, "invalid_input"),
        ({"name": "A", "sourceId": "3ae2b801-19f6-41ef-ad28-214bd731948f"}, "source_not_found"),
        ({"name": "A", "creditedToUserId": "3ae2b801-19f6-41ef-ad28-214bd731948f"}, "user_not_found"),
        ({"name": "A", "createdAt": "yesterday"}, "invalid_input"),
    ],
)  # fmt: skip
async def test_what_a_candidate_cannot_be_is_refused_and_nobody_is_made(
    rig: Rig, body: dict[str, Any], code: str
) -> None:
    assert await rig.refused("candidate.create", **body) == code
    assert len(rig.db["candidates"]) == 0


async def test_an_id_that_is_none_is_invalid_and_one_that_nobody_has_is_not_found(rig: Rig) -> None:
    assert await rig.refused("candidate.info") == "invalid_input"
    assert await rig.refused("candidate.info", id="17") == "invalid_input"
    assert await rig.refused("candidate.info", id="3ae2b801-19f6-41ef-ad28-214bd731948f") == "candidate_not_found"


async def test_an_update_sets_what_it_names(rig: Rig) -> None:
    person = await rig.person(website="https://old.example")
    await rig.got("candidate.update", candidateId=person, email="new@example.org", websiteUrl="https://new.example")
    shown = await rig.got("candidate.update", candidateId=person, website="https://ignored.example")
    assert shown["primaryEmailAddress"]["value"] == "new@example.org"
    assert [one["value"] for one in shown["emailAddresses"]] == ["new@example.org", "ada@example.org"]
    assert [one["url"] for one in shown["socialLinks"]] == ["https://new.example"], "website is its name on create"
    twitter = {"type": "Twitter", "url": "https://twitter.com/ada"}
    shown = await rig.got("candidate.update", candidateId=person, socialLinks=[twitter])
    assert shown["socialLinks"] == [twitter], "the list replaces all of them"
    assert await rig.refused("candidate.update", candidateId=person, name=" ") == "invalid_input"
    assert shown["name"] == "Ada Byron"


async def test_an_update_that_changes_nothing_moves_nothing(rig: Rig) -> None:
    person = await rig.person()
    rig.clock.move(seconds=5)
    shown = await rig.got("candidate.update", candidateId=person, name="Ada Byron", email="ada@example.org")
    assert shown["updatedAt"] == shown["createdAt"]


# Erasing.


async def test_nobody_with_an_application_under_way_is_anonymized(rig: Rig) -> None:
    made = await rig.application(person := await rig.person(phoneNumber="+44 1"))
    await rig.got("candidate.createNote", candidateId=person, note="Hello")
    assert await rig.refused("candidate.anonymize", candidateId=person) == "candidate_has_active_applications"
    await rig.got("application.changeStage", applicationId=made["id"], interviewStageId=rig.stage("Archived"),
                  archiveReasonId=rig.db["archive_reasons"].ids[0])  # fmt: skip
    shown = await rig.got("candidate.anonymize", candidateId=person)
    assert (shown["name"], shown["emailAddresses"], shown["phoneNumbers"]) == ("Anonymized Candidate", [], [])
    assert await rig.got("candidate.listNotes", candidateId=person) == []
    assert "ada" not in str(await rig.got("application.info", applicationId=made["id"])).lower()


async def test_a_lead_is_under_way_too_and_who_was_hired_is_not(rig: Rig) -> None:
    lead = await rig.application(person := await rig.person(), interviewStageId=None)
    assert lead["status"] == "Lead"
    assert await rig.refused("candidate.anonymize", candidateId=person) == "candidate_has_active_applications"
    await rig.got("application.changeStage", applicationId=lead["id"], interviewStageId=rig.stage("Hired"))
    assert (await rig.got("candidate.anonymize", candidateId=person))["name"] == "Anonymized Candidate"


async def test_a_merge_takes_the_id_of_one_and_keeps_what_was_theirs(rig: Rig) -> None:
    kept = await rig.person("Ada Byron")
    gone = await rig.person("Ada B.", email="other@example.org", phoneNumber="+44 2")
    made = await rig.application(gone)
    await rig.got("candidate.createNote", candidateId=gone, note="Hello")
    people.merge(rig.sandbox, DANA, kept, gone)
    assert await rig.refused("candidate.info", id=gone) == "candidate_not_found"
    shown = await rig.got("candidate.info", id=kept)
    assert (shown["applicationIds"], shown["primaryPhoneNumber"]["value"]) == ([made["id"]], "+44 2")
    assert [one["value"] for one in shown["emailAddresses"]] == ["ada@example.org", "other@example.org"]
    assert len(await rig.got("candidate.listNotes", candidateId=kept)) == 1
    assert (await rig.got("application.info", applicationId=made["id"]))["candidate"]["id"] == kept


# Notes.


async def test_notes_are_plain_or_of_a_few_elements_and_only_ever_added(rig: Rig) -> None:
    person = await rig.person()
    plain = await rig.got("candidate.createNote", candidateId=person, note="5 < 6 & <b>", isPrivate=True)
    assert (plain["content"], plain["isPrivate"]) == ("5 < 6 & <b>", True)
    assert plain["author"]["id"] == rig.key["user_id"]
    html = '<h1>Score</h1><p>is <b onclick="x">87</b> &amp; <a href="https://x.example">why</a><a href="javascript:x">!</a>'
    rich = await rig.got("candidate.createNote", candidateId=person, note={"type": "text/html", "value": html})
    assert rich["content"] == 'Scoreis <b>87</b> &amp; <a href="https://x.example">why</a><a>!</a>'
    sent = await rig.got("candidate.createNote", candidateId=person, note="Old", createdAt="2020-01-01T00:00:00Z")
    assert sent["createdAt"] == "2020-01-01T00:00:00.000Z"
    listed, token = await rig.all("candidate.listNotes", candidateId=person, limit=2)
    assert ([one["id"] for one in listed], bool(token)) == ([plain["id"], rich["id"], sent["id"]], True)
    for wrong in (None, "", {"type": "text/markdown", "value": "x"}, {"type": "text/plain"}):
        assert await rig.refused("candidate.createNote", candidateId=person, note=wrong) == "invalid_input"
    assert len(rig.db["emails"]) == 0
    await rig.got("candidate.createNote", candidateId=person, note="Look", sendNotifications=True)
    (mail,) = rig.db["emails"]
    assert (mail["why"], mail["body"]) == ("note notification", "Look")


# Tags.


async def test_tags_are_found_by_title_and_given_by_id(rig: Rig) -> None:
    person = await rig.person()
    first = await rig.got("candidateTag.create", title="Strong match")
    assert await rig.got("candidateTag.create", title="Strong match") == first
    for _ in range(2):
        shown = await rig.got("candidate.addTag", candidateId=person, tagId=first["id"])
        assert [one["title"] for one in shown["tags"]] == ["Strong match"]
    for _ in range(2):
        assert (await rig.got("candidate.removeTag", candidateId=person, tagId=first["id"]))["tags"] == []
    assert await rig.refused("candidate.addTag", candidateId=person, tagId="Strong match") == "invalid_input"
    assert (await rig.got("candidateTag.archive", tagId=first["id"]))["isArchived"]
    assert await rig.refused("candidate.addTag", candidateId=person, tagId=first["id"]) == "invalid_input"
    listed = {one["id"] for one in await rig.got("candidateTag.list")}
    everything = {one["id"] for one in await rig.got("candidateTag.list", includeArchived=True)}
    assert (first["id"] in listed, first["id"] in everything) == (False, True)


# Custom fields.

MONEY = {"value": 5, "currencyCode": "EUR"}
PAY = {"type": "compensation-range", "minValue": 1, "maxValue": 2, "currencyCode": "EUR", "interval": "1 YEAR"}
CHOICES = [{"label": "Strong", "value": "strong"}, {"label": "Weak", "value": "weak"}]


@pytest.mark.parametrize(
    ("type", "good", "bad"),
    [
        ("Boolean", True, "true"), ("Number", 87.5, "87"), ("String", "x", 1), ("LongText", "x", None or []),
        ("Date", "2026-11-20", "20.11.2026"), ("Url", "https://x.example/a", "x.example"),
        ("UUID", "3ae2b801-19f6-41ef-ad28-214bd731948f", "3ae2"), ("Currency", MONEY, {"value": 5}),
        ("NumberRange", {"type": "number-range", "minValue": 1, "maxValue": 2}, {"minValue": 1, "maxValue": 2}),
        ("CompensationRange", PAY, {**PAY, "interval": "year"}), ("ValueSelect", "strong", "Strong"),
        ("MultiValueSelect", ["strong", "weak"], ["strong", "none"]),
    ],
)  # fmt: skip
async def test_each_type_of_field_takes_its_values_and_no_others(rig: Rig, type: str, good: Any, bad: Any) -> None:
    person, id = await rig.person(), await define(rig, type, selectableValues=CHOICES)
    assert (await put(rig, person, id, good))["value"] == good
    body = {"objectType": "Candidate", "objectId": person, "fieldId": id, "fieldValue": bad}
    assert await rig.refused("customField.setValue", **body) == "invalid_input"
    (shown,) = (await rig.got("candidate.info", id=person))["customFields"]
    assert (shown["id"], shown["value"]) == (id, good)
    if "Select" in type:
        assert shown["valueLabel"] == ("Strong" if type == "ValueSelect" else ["Strong", "Weak"])


async def test_null_clears_a_value_or_is_refused(build: Build) -> None:
    for clears in (True, False):
        rig = build(null_clears=clears)
        person, id = await rig.person(), await define(rig, "Number")
        await put(rig, person, id, 87)
        body = {"objectType": "Candidate", "objectId": person, "fieldId": id, "fieldValue": None}
        answer = await rig.call("customField.setValue", **body)
        assert answer["success"] is clears
        assert bool((await rig.got("candidate.info", id=person))["customFields"]) is not clears


async def test_a_field_is_set_on_its_own_kind_of_object_alone(rig: Rig) -> None:
    person, id = await rig.person(), await define(rig, "Number", "Application")
    body = {"objectType": "Candidate", "objectId": person, "fieldId": id, "fieldValue": 1}
    assert await rig.refused("customField.setValue", **body) == "invalid_input"
    assert await rig.refused("customField.setValue", **{**body, "objectType": "Employee"}) == "invalid_input"
    assert await rig.refused("customField.setValue", **{**body, "objectType": "Application"}) == "application_not_found"
    unknown = {**body, "fieldId": "3ae2b801-19f6-41ef-ad28-214bd731948f"}
    assert await rig.refused("customField.setValue", **unknown) == "custom_field_not_found"


async def test_set_values_is_all_or_nothing(rig: Rig) -> None:
    person, score, grade = await rig.person(), await define(rig, "Number"), await define(rig, "String")
    good, bad = {"fieldId": score, "fieldValue": 87}, {"fieldId": grade, "fieldValue": 5}
    body = {"objectType": "Candidate", "objectId": person}
    assert await rig.refused("customField.setValues", **body, values=[good, bad]) == "invalid_input"
    assert rig.db["candidates"].rows[person]["custom_fields"] == {}
    shown = await rig.got("customField.setValues", **body, values=[good, {**bad, "fieldValue": "A"}])
    assert [(one["id"], one["value"]) for one in shown] == [(score, 87), (grade, "A")]
    assert await rig.refused("customField.setValues", **body, values=[]) == "invalid_input"


async def test_two_set_value_at_once_lose_one_of_the_values_and_set_values_does_not(rig: Rig) -> None:
    person, score, grade = await rig.person(), await define(rig, "Number"), await define(rig, "String")
    await asyncio.gather(put(rig, person, score, 87), put(rig, person, grade, "A"))
    assert rig.db["candidates"].rows[person]["custom_fields"] == {grade: "A"}
    assert rig.slept == [rig.sandbox.options.race] * 2
    body = {"objectType": "Candidate", "objectId": person, "values": [{"fieldId": score, "fieldValue": 87}]}
    await asyncio.gather(rig.got("customField.setValues", **body), put(rig, person, grade, "B"))
    await rig.got("customField.setValues", **body)
    assert rig.db["candidates"].rows[person]["custom_fields"] == {score: 87, grade: "B"}


async def test_fields_are_made_and_their_options_merged(rig: Rig) -> None:
    person = await rig.person()
    id = await define(rig, "ValueSelect", selectableValues=CHOICES)
    await put(rig, person, id, "weak")
    given = [{"label": "Very strong", "value": "strong"}, {"label": "New", "value": "new"}]
    shown = await rig.got("customField.updateSelectableValues", customFieldId=id, selectableValues=given)
    assert [(one["label"], one["value"], one["isArchived"]) for one in shown["selectableValues"]] == [
        ("Very strong", "strong", False), ("Weak", "weak", True), ("New", "new", False)]  # fmt: skip
    body = {"objectType": "Candidate", "objectId": person, "fieldId": id, "fieldValue": "weak"}
    assert await rig.refused("customField.setValue", **body) == "invalid_input"
    (kept,) = (await rig.got("candidate.info", id=person))["customFields"]
    assert (kept["value"], kept["valueLabel"]) == ("weak", "Weak"), "what was chosen before stays"
    for wrong in ({"fieldType": "Email"}, {"objectType": "Opening"}, {"title": ""},
                  {"fieldType": "ValueSelect", "selectableValues": []}):  # fmt: skip
        asked = {"fieldType": "Number", "objectType": "Candidate", "title": "X", **wrong}
        assert await rig.refused("customField.create", **asked) == "invalid_input"
    opening = await rig.got("customField.create", fieldType="Number", objectType="Opening_Version", title="Level")
    assert opening["objectType"] == "Opening"


# Files.


async def uploaded(rig: Rig, context: str, content: bytes = b"Analyst at Engine Ltd", name: str = "cv.txt") -> str:
    made = await rig.got("file.createFileUploadHandle", fileUploadContext=context, filename=name,
                         contentType="text/plain", contentLength=len(content))  # fmt: skip
    answer = await rig.http.post(made["url"], data=made["fields"], files={"file": (name, content, "text/plain")})
    assert answer.status_code == 204, answer.text
    return made["handle"]


async def test_a_resume_goes_in_by_a_handle_and_comes_out_by_an_address_that_expires(build: Build) -> None:
    rig = build(file_lifetime=60)
    person = await rig.person(name="Ada Byron")
    handle = await uploaded(rig, "CandidateResume")
    shown = await rig.got("candidate.uploadResume", candidateId=person, resumeHandle=handle)
    assert (shown["position"], shown["company"]) == ("Analyst", "Engine Ltd")
    assert [one["id"] for one in shown["fileHandles"]] == [shown["resumeFileHandle"]["id"]]
    address = (await rig.got("file.info", fileHandle=shown["resumeFileHandle"]["handle"]))["url"]
    file = await rig.http.get(address)
    assert (file.content, file.headers["content-disposition"]) == (
        b"Analyst at Engine Ltd", 'attachment; filename="cv.txt"')  # fmt: skip
    assert (await rig.http.get(address.replace("Signature=", "Signature=0"))).status_code == 403
    rig.clock.move(seconds=60)
    expired = await rig.http.get(address)
    assert (expired.status_code, "Request has expired" in expired.text) == (403, True)
    assert await rig.refused("candidate.uploadResume", candidateId=person, resumeHandle=handle) == "invalid_input"


async def test_a_resume_fills_in_only_what_was_not_known_and_files_nothing(rig: Rig) -> None:
    person = await rig.person()
    file = await uploaded(rig, "CandidateFiles")
    shown = await rig.got("candidate.uploadFile", candidateId=person, fileHandle=file)
    assert ("position" in shown, "resumeFileHandle" in shown, len(shown["fileHandles"])) == (False, False, 1)
    people.update(rig.sandbox, DANA, person, {"company": "Known Ltd"})
    shown = await rig.got("candidate.uploadResume", candidateId=person,
                          resumeHandle=await uploaded(rig, "CandidateResume"))  # fmt: skip
    assert (shown["position"], shown["company"], len(shown["fileHandles"])) == ("Analyst", "Known Ltd", 2)


async def test_a_handle_is_for_one_use_for_ten_minutes_and_for_the_file_it_was_made_for(rig: Rig) -> None:
    person = await rig.person()
    wrong = await uploaded(rig, "CandidateFiles")
    assert await rig.refused("candidate.uploadResume", candidateId=person, resumeHandle=wrong) == "invalid_input"
    asked = {"fileUploadContext": "CandidateResume", "filename": "cv.txt", "contentType": "text/plain"}
    made = await rig.got("file.createFileUploadHandle", **asked, contentLength=3)
    empty = await rig.refused("candidate.uploadResume", candidateId=person, resumeHandle=made["handle"])
    assert empty == "invalid_input"
    file = {"file": ("cv.txt", b"abc", "text/plain")}
    long = await rig.http.post(made["url"], data=made["fields"], files={"file": ("cv.txt", b"abcd", "text/plain")})
    bare = await rig.http.post(made["url"], files=file)
    assert (long.status_code, "EntityTooLarge" in long.text, bare.status_code) == (400, True, 403)
    rig.clock.move(minutes=10)
    late = await rig.http.post(made["url"], data=made["fields"], files=file)
    assert (late.status_code, "expired" in late.text) == (403, True)
    for more in ({"contentLength": 0}, {"contentLength": 3, "fileUploadContext": "Other"}):
        assert await rig.refused("file.createFileUploadHandle", **{**asked, **more}) == "invalid_input"


async def test_the_old_way_sends_the_file_in_the_request(rig: Rig) -> None:
    person = await rig.person()
    answer = await rig.http.post("/candidate.uploadFile", data={"candidateId": person}, auth=(rig.key["secret"], ""),
                                 files={"file": ("letter.txt", b"Dear all", "text/plain")})  # fmt: skip
    (shown,) = answer.json()["results"]["fileHandles"]
    assert shown["name"] == "letter.txt"


async def test_an_assessment_of_a_partner_is_kept_once_and_seen_on_the_page(rig: Rig) -> None:
    person, id = await rig.person(), "3ae2b801-19f6-41ef-ad28-214bd731948f"
    result = {"identifier": "score", "label": "Match score", "type": "numeric_score", "value": 87}
    assessment = {"assessmentTypeId": id, "assessmentId": id, "assessmentName": "Bridge", "metadata": []}
    body = {"candidateId": person, "partnerId": id, "timestamp": 1_795_000_000_000}
    for value in (87, 91):
        await rig.got("assessment.addCompletedToCandidate", **body,
                      assessment={**assessment, "result": {**result, "value": value}})  # fmt: skip
    (row,) = rig.db["assessments"]
    assert row["assessment"]["result"]["value"] == 91
    page = (await rig.http.get(f"/ats/candidates/{person}")).text
    assert "Bridge: Match score" in page
    assert "91" in page
    wrong = {**assessment, "result": {**result, "value": "87"}}
    assert await rig.refused("assessment.addCompletedToCandidate", **body, assessment=wrong) == "invalid_input"
