"""What is written, what is refused, and what moves `updatedAt`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Build, Json, Rig


async def stamp(rig: Rig, one: str) -> int:
    return (await rig.get(f"opportunities/{one}"))["updatedAt"]


async def moves(rig: Rig, one: str, method: str, path: str, status: int = 200, **more: Any) -> bool:
    """Do something a second later: whether the opportunity's `updatedAt` says so."""
    before = await stamp(rig, one)
    rig.clock.move(seconds=1)
    await rig.send(method, path, status, **more)
    return await stamp(rig, one) != before


# Creating.


async def test_a_known_address_links_to_the_contact_whose_data_wins(rig: Rig) -> None:
    first = await rig.create(headline="Engine Ltd")
    answer = await rig.call("POST", f"opportunities?perform_as={rig.user('Jamie Osei')}",
                            json={"name": "Augusta King", "emails": ["ADA@example.org"], "headline": "Other"})  # fmt: skip
    assert answer.status_code == 201
    body = answer.json()
    assert body["deduped"] is True
    assert body["data"]["id"] != first["id"]
    assert (body["data"]["contact"], body["data"]["name"], body["data"]["headline"]) == (
        first["contact"], "Ada Byron", "Engine Ltd")  # fmt: skip
    named = await rig.create(contact=first["contact"], emails=["second@example.org"], name="Nobody")
    assert (named["name"], named["emails"]) == ("Ada Byron", ["ada@example.org", "second@example.org"])


async def test_a_new_opportunity_is_a_lead_of_whoever_acts(rig: Rig) -> None:
    shown = await rig.create(postings=[rig.job()], tags=["imported"], sources=["AI tool"])
    robin = rig.user("Robin Falk")
    assert (shown["stage"], shown["owner"], shown["followers"], shown["sourcedBy"]) == (
        "lead-new",
        robin,
        [robin],
        robin,
    )
    assert (shown["tags"], shown["sources"]) == (["imported"], ["AI tool"])
    assert shown["stageChanges"] == [{"toStageId": "lead-new", "toStageIndex": 0, "userId": robin,
                                      "updatedAt": shown["createdAt"]}]  # fmt: skip
    (application,) = await rig.get(f"opportunities/{shown['id']}/applications")
    assert (application["type"], application["name"]) == ("user", None)


@pytest.mark.parametrize("given", [
    {"createdAt": 99_999_999_999_999}, {"createdAt": "yesterday"}, {"origin": "moon"}, {"stage": "no-such"},
    {"postings": ["no-such"]}, {"emails": "a@b.example"}, {"emails": ["no address"]}, {"phones": [{"value": ""}]},
    {"phones": [{"type": "fax", "value": "1"}]}, {"tags": "one"}, {"owner": "nobody"}, {"isAnonymized": True},
    {"stageChanges": []}, {"archived": {"reason": "no-such"}},
])  # fmt: skip
async def test_what_cannot_be_is_refused_and_nothing_is_made(rig: Rig, given: Json) -> None:
    path = f"opportunities?perform_as={rig.user('Robin Falk')}"
    answer = await rig.call("POST", path, json={"name": "Ada", **given})
    assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")
    assert len(rig.sandbox.db["candidates"]) == 0
    two = {"name": "Ada", "postings": [rig.job(), rig.job("Data Analyst")]}
    assert (await rig.call("POST", path, json=two)).status_code == 400, "postings takes one"


async def test_history_can_be_brought_in(rig: Rig) -> None:
    at = round(rig.clock.at.timestamp() * 1000)
    shown = await rig.create(createdAt=at - 9000, archived={"reason": rig.reason("Hired"), "archivedAt": at - 5000})
    assert (shown["createdAt"], shown["archived"]) == (
        at - 9000,
        {"reason": rig.reason("Hired"), "archivedAt": at - 5000},
    )
    refused = await rig.call("POST", f"opportunities?perform_as={rig.user('Robin Falk')}",
                             json={"archived": {"reason": rig.reason("Hired"), "archivedAt": at - 5000}})  # fmt: skip
    assert refused.status_code == 400


async def test_a_multipart_body_brings_files(rig: Rig) -> None:
    answer = await rig.call(
        "POST", f"opportunities?perform_as={rig.user('Robin Falk')}",
        data={"name": "Ada", "emails[]": ["ada@example.org", "b@example.org"], "phones[0][type]": "mobile",
              "phones[0][value]": "+44 1", "tags[]": "imported", "createdAt": "1700000000000"},
        files=[("resumeFile", ("cv.txt", b"Analyst", "text/plain")), ("files[]", ("letter.txt", b"Dear", "text/plain"))],
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    shown = answer.json()["data"]
    assert shown["emails"] == ["ada@example.org", "b@example.org"]
    assert shown["phones"] == [{"type": "mobile", "value": "+44 1"}]
    assert (shown["tags"], shown["createdAt"]) == (["imported"], 1_700_000_000_000)
    (resume,) = await rig.get(f"opportunities/{shown['id']}/resumes")
    (file,) = await rig.get(f"opportunities/{shown['id']}/files")
    assert (resume["file"]["name"], file["name"]) == ("cv.txt", "letter.txt")


# Stages and archiving.


async def test_a_move_is_remembered_and_the_same_stage_changes_nothing(rig: Rig) -> None:
    one = (await rig.create())["id"]
    onsite = rig.stage("On-site interview")
    rig.clock.move(seconds=1)
    shown = await rig.send("PUT", f"opportunities/{one}/stage", json={"stage": onsite})
    assert shown["stage"] == onsite
    assert shown["lastAdvancedAt"] == shown["updatedAt"] == shown["stageChanges"][-1]["updatedAt"]
    assert shown["stageChanges"][-1]["toStageIndex"] == 6
    assert not await moves(rig, one, "PUT", f"opportunities/{one}/stage", json={"stage": onsite})
    assert len((await rig.get(f"opportunities/{one}"))["stageChanges"]) == 2
    for wrong in ({"stage": "nowhere"}, {"stage": None}, {}, {"stageId": onsite}):
        assert (await rig.call("PUT", f"opportunities/{one}/stage", json=wrong)).status_code == 400


async def test_archived_is_rejected_or_hired_and_null_takes_it_back(rig: Rig) -> None:
    one, at = (await rig.create(postings=[rig.job()]))["id"], "opportunities/{}/archived"
    at = at.format(one)
    rig.clock.move(seconds=1)
    shown = await rig.send("PUT", at, json={"reason": rig.reason("Underqualified")})
    assert shown["archived"] == {"reason": rig.reason("Underqualified"), "archivedAt": shown["updatedAt"]}
    assert shown["lastAdvancedAt"] == shown["updatedAt"]
    assert (await rig.get(f"opportunities/{one}/applications"))[0]["archived"] == shown["archived"]
    assert not await moves(rig, one, "PUT", at, json={"reason": rig.reason("Underqualified")})
    hired = await rig.send("PUT", at, json={"reason": rig.reason("Hired")})
    assert hired["archived"]["reason"] == rig.reason("Hired")
    assert (await rig.send("PUT", at, json={"reason": None}))["archived"] is None
    assert not await moves(rig, one, "PUT", at, json={"reason": None})
    for wrong in ({"reason": "no"}, {"reason": rig.reason("Culture fit")}, {}, {"reason": None, "note": "x"}):
        assert (await rig.call("PUT", at, json=wrong)).status_code == 400


async def test_an_archived_opportunity_must_be_unarchived_before_it_moves(build: Build) -> None:
    for choice, status in (("refuse", 400), ("allow", 200)):
        rig = build(archived_stage=choice)
        one = (await rig.create(archived={"reason": rig.reason("Timing")}))["id"]
        assert (await rig.call("PUT", f"opportunities/{one}/stage", json={"stage": "offer"})).status_code == status


async def test_a_hire_may_count_against_a_requisition(build: Build) -> None:
    rig = build(requisitions=True)
    rows = {one["name"]: one for one in await rig.items("requisitions")}
    one = (await rig.create(postings=[rig.job()]))["id"]

    def body(title: str, reason: str = "Hired") -> Json:
        return {"reason": rig.reason(reason), "requisitionId": rows[title]["id"]}

    for wrong in (
        body("Data Analyst"),
        body("Backend Engineer", "Timing"),
        {**body("Data Analyst"), "requisitionId": "x"},
    ):
        assert (await rig.call("PUT", f"opportunities/{one}/archived", json=wrong)).status_code == 400
    await rig.send("PUT", f"opportunities/{one}/archived", json=body("Backend Engineer"))
    assert (await rig.get(f"requisitions/{rows['Backend Engineer']['id']}"))["headcountHired"] == 1
    (application,) = await rig.get(f"opportunities/{one}/applications")
    assert application["requisitionForHire"]["requisitionCode"] == "R-101"
    kept = rows["Data Analyst"]
    put = await rig.send("PUT", f"requisitions/{kept['id']}", json={"requisitionCode": "R-9", "name": "New name"})
    assert (put["postings"], put["owner"]) == ([], None), "PUT replaces the whole object"


# Tags, links, contacts.


async def test_tags_sources_and_links_are_added_and_removed(rig: Rig) -> None:
    one = await rig.create(tags=["a"])
    at = f"opportunities/{one['id']}"
    assert (await rig.send("POST", f"{at}/addTags", json={"tags": ["b", "a", "b"]}))["tags"] == ["a", "b"]
    assert (await rig.send("POST", f"{at}/removeTags", json={"tags": ["a", "never"]}))["tags"] == ["b"]
    assert (await rig.send("POST", f"{at}/addSources", json={"sources": ["Fair"]}))["sources"] == ["Fair"]
    assert (await rig.send("POST", f"{at}/removeSources", json={"sources": ["Fair"]}))["sources"] == []
    other = await rig.create()
    assert (await rig.send("POST", f"{at}/addLinks", json={"links": ["https://a.example"]}))["links"] == [
        "https://a.example"
    ]
    assert (await rig.get(f"opportunities/{other['id']}"))["links"] == ["https://a.example"], "links are the person's"
    assert (await rig.send("POST", f"{at}/removeLinks", json={"links": ["https://a.example"]}))["links"] == []
    assert (await rig.call("POST", f"{at}/addTags", json={"tags": "b"})).status_code == 400
    assert not await moves(rig, one["id"], "POST", f"{at}/addTags", json={"tags": ["b"]})


async def test_a_contact_changes_every_opportunity_of_the_person(rig: Rig) -> None:
    one, two = await rig.create(), await rig.create()
    rig.clock.move(seconds=1)
    given = {"name": "Ada King", "location": {"name": "London"}, "phones": [{"type": "work", "value": "+44 2"}]}
    shown = await rig.send("PUT", f"contacts/{one['contact']}", json=given)
    assert (shown["name"], shown["location"], shown["emails"]) == ("Ada King", {"name": "London"}, ["ada@example.org"])
    for each in (one, two):
        now = await rig.get(f"opportunities/{each['id']}")
        assert (now["name"], now["location"]) == ("Ada King", "London")
        assert now["updatedAt"] == each["updatedAt"] + 1000
    for wrong in ({"isAnonymized": True}, {"id": "x"}, {"emails": "a@b.example"}, {"name": 7}, {"tags": ["x"]}):
        assert (await rig.call("PUT", f"contacts/{one['contact']}", json=wrong)).status_code == 400


async def test_a_merged_contact_moves_its_opportunities(build: Build) -> None:
    for choice, status in (("moved", 301), ("gone", 404)):
        rig = build(merged=choice)
        kept, gone = await rig.create(), await rig.create(emails=["b@example.org"], name="A. Byron")
        rig.clock.move(seconds=1)
        await rig.http.post(f"/ats/candidates/{kept['contact']}/merge", data={"duplicate_id": gone["contact"]})
        now = await rig.get(f"opportunities/{gone['id']}")
        assert (now["contact"], now["name"]) == (kept["contact"], "Ada Byron")
        assert now["emails"] == ["ada@example.org", "b@example.org"]
        assert now["updatedAt"] == gone["updatedAt"] + 1000
        answer = await rig.call("GET", f"contacts/{gone['contact']}")
        assert answer.status_code == status
        if status == 301:
            assert answer.headers["location"].endswith(f"/v1/contacts/{kept['contact']}")


async def test_an_anonymized_contact_says_so_and_nothing_else(rig: Rig) -> None:
    row = await rig.apply()
    await rig.send("POST", f"opportunities/{row['id']}/notes", 201, json={"value": "Grace is great"})
    before = await stamp(rig, row["id"])
    rig.clock.move(seconds=1)
    await rig.http.post(f"/ats/candidates/{row['candidate_id']}/anonymize")
    shown = await rig.get(f"opportunities/{row['id']}")
    assert (shown["isAnonymized"], shown["emails"], shown["phones"], shown["headline"]) == (True, [], [], "")
    assert shown["updatedAt"] > before
    assert "race" not in json.dumps(await rig.get(f"opportunities/{row['id']}/applications"))
    assert await rig.get(f"opportunities/{row['id']}/notes") == []
    assert await rig.get(f"opportunities/{row['id']}/resumes") == []
    assert (await rig.call("PUT", f"contacts/{row['candidate_id']}", json={"name": "x"})).status_code == 400


async def test_no_call_deletes_a_person(rig: Rig) -> None:
    one = await rig.create()
    for path in (f"opportunities/{one['id']}", f"contacts/{one['contact']}"):
        assert (await rig.call("DELETE", path)).status_code == 405


# Notes.


async def test_a_note_has_a_score_from_one_to_four_and_answers_its_id(rig: Rig) -> None:
    one = (await rig.create())["id"]
    at = f"opportunities/{one}/notes"
    assert await moves(rig, one, "POST", at, 201, json={"value": "AI score 87/100", "score": 4, "secret": True})
    (shown,) = await rig.get(at)
    (field,) = shown["fields"]
    assert (field["type"], field["value"], field["score"], shown["secret"]) == ("note", "AI score 87/100", 4, True)
    for wrong in ({}, {"value": ""}, {"value": "x", "score": 5}, {"value": "x", "score": "4"}, {"value": "x", "secret": 1},
                  {"value": "x", "createdAt": 99_999_999_999_999}, {"body": "x"}):  # fmt: skip
        assert (await rig.call("POST", at, json=wrong)).status_code == 400
    made = await rig.send("POST", f"{at}?note_id={shown['id']}", 201, json={"value": "A reply"})
    assert made["noteId"] == shown["id"]
    assert [each["value"] for each in (await rig.get(at))[0]["fields"]] == ["AI score 87/100", "A reply"]


async def test_only_notes_made_through_the_interface_can_be_changed_through_it(rig: Rig) -> None:
    row = await rig.apply()
    at = f"opportunities/{row['id']}/notes"
    await rig.http.post(f"/ats/candidates/{row['candidate_id']}/notes/add", data={"body": "By hand"})
    (by_hand,) = await rig.get(at)
    new = {"values": [{"value": "AI score 91/100"}]}
    assert (await rig.call("PUT", f"{at}/{by_hand['id']}", json=new)).status_code == 403
    assert (await rig.call("DELETE", f"{at}/{by_hand['id']}")).status_code == 403
    made = (await rig.send("POST", at, 201, json={"value": "AI score 87/100"}))["noteId"]
    assert await moves(rig, row["id"], "PUT", f"{at}/{made}", json=new)
    assert (await rig.get(f"{at}/{made}"))["fields"][0]["value"] == "AI score 91/100"
    assert (await rig.call("DELETE", f"{at}/{made}")).status_code == 204
    assert (await rig.call("GET", f"{at}/{made}")).status_code == 404
    other = (await rig.create())["id"]
    assert (await rig.call("GET", f"opportunities/{other}/notes/{by_hand['id']}")).status_code == 404


async def test_deleted_notes_may_stay_in_lists_with_the_time(build: Build) -> None:
    rig = build(deleted="marked")
    at = f"opportunities/{(await rig.create())['id']}/notes"
    made = (await rig.send("POST", at, 201, json={"value": "x"}))["noteId"]
    await rig.call("DELETE", f"{at}/{made}")
    assert [one["deletedAt"] is not None for one in await rig.get(at)] == [True]
    assert (await rig.call("DELETE", f"{at}/{made}")).status_code == 404


async def test_followers_are_told_by_mail_only_if_asked(rig: Rig) -> None:
    one = (await rig.create(followers=[rig.user("Mei Tanaka")]))["id"]
    at = f"opportunities/{one}/notes?perform_as={rig.user('Robin Falk')}"
    await rig.send("POST", at, 201, json={"value": "Quiet"})
    assert len(rig.sandbox.db["emails"]) == 0
    await rig.send("POST", at, 201, json={"value": "Loud", "notifyFollowers": True})
    (sent,) = rig.sandbox.db["emails"]
    assert sent["to"] == ["mei.tanaka@tenant.example"], "not whoever wrote it"


# Forms and feedback: what takes the place of custom fields.


async def test_a_form_takes_all_fields_of_its_template_and_there_is_no_change(rig: Rig) -> None:
    fields = [
        {"type": "text", "text": "AI score"},
        {"type": "dropdown", "text": "Verdict", "options": ["Strong", "Weak"]},
    ]
    template = await rig.send("POST", "form_templates", 201, json={"text": "AI screening", "fields": fields})
    score, verdict = (one["id"] for one in template["fields"])
    one = (await rig.create())["id"]
    at = f"opportunities/{one}/forms"

    def body(*values: tuple[str, Any]) -> Json:
        return {"baseTemplateId": template["id"], "fields": [{"id": id, "value": value} for id, value in values]}

    assert not await moves(rig, one, "POST", at, 201, json=body((score, "87"), (verdict, "Strong")))
    for wrong in (body((score, "87")), body((score, "87"), (verdict, "Great")), body((score, 87), (verdict, "Weak")),
                  body((score, "87"), (verdict, "Weak"), ("other", "x")), {"fields": []}):  # fmt: skip
        assert (await rig.call("POST", at, json=wrong)).status_code == 400
    (shown,) = await rig.get(at)
    assert [(each["text"], each["value"]) for each in shown["fields"]] == [("AI score", "87"), ("Verdict", "Strong")]
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await rig.call(method, f"{at}/{shown['id']}", json={})).status_code == 405
    await rig.send("POST", at, 201, json=body((score, "91"), (verdict, "Strong")))
    assert len(await rig.get(at)) == 2, "each value is another form"


async def test_templates_keep_the_ids_of_their_fields_and_forms_what_they_said(rig: Rig) -> None:
    made = await rig.send(
        "POST", "form_templates", 201, json={"text": "AI", "fields": [{"type": "text", "text": "Score"}]}
    )
    field = made["fields"][0]["id"]
    one = (await rig.create())["id"]
    filled = {"baseTemplateId": made["id"], "fields": [{"id": field, "value": "1"}]}
    await rig.send("POST", f"opportunities/{one}/forms", 201, json=filled)
    new = {
        "text": "AI",
        "fields": [{"id": field, "type": "text", "text": "AI score"}, {"type": "date", "text": "When"}],
    }
    put = await rig.send("PUT", f"form_templates/{made['id']}", json=new)
    assert put["fields"][0]["id"] == field
    assert (await rig.call("POST", f"opportunities/{one}/forms", json=filled)).status_code == 400, (
        "there is one more field"
    )
    assert (await rig.get(f"opportunities/{one}/forms"))[0]["fields"][0]["text"] == "Score"
    by_hand = rig.template()["id"]
    assert (await rig.call("DELETE", f"form_templates/{by_hand}")).status_code == 403
    assert (await rig.call("DELETE", f"form_templates/{made['id']}")).status_code == 204
    for wrong in ({"text": "x"}, {"text": "x", "fields": [{"type": "score", "text": "y"}]},
                  {"text": "x", "fields": [{"type": "dropdown", "text": "y"}]}, {"fields": [{"type": "text", "text": "y"}]}):  # fmt: skip
        assert (await rig.call("POST", "form_templates", json=wrong)).status_code == 400


async def test_feedback_is_given_as_somebody_and_refused_without_a_reason(rig: Rig) -> None:
    one, template = (await rig.create())["id"], rig.template("feedback_templates")
    rating, text = (field["id"] for field in template["fields"])
    at = f"opportunities/{one}/feedback"
    acting = f"?perform_as={rig.user('Mei Tanaka')}"

    def body(value: Any, **more: Any) -> Json:
        return {"baseTemplateId": template["id"],
                "fieldValues": [{"id": rating, "value": value}, {"id": text, "value": "AI says so"}], **more}  # fmt: skip

    assert not await moves(rig, one, "POST", at + acting, 201, json=body("4 - Strong Hire"))
    (shown,) = await rig.get(at)
    assert (shown["type"], shown["user"], shown["interview"]) == ("interview", rig.user("Mei Tanaka"), None)
    for wrong in (body("?"), body(None), {**body("3 - Hire"), "fieldValues": []}):
        refused = await rig.call("POST", at + acting, json=wrong)
        assert (refused.status_code, refused.json()["message"]) == (400, "Unable to create feedback")
    assert (await rig.call("POST", at + acting, json=body("3 - Hire", panel="x"))).status_code == 400
    changed = await rig.send(
        "PUT", f"{at}/{shown['id']}{acting}", json={"fieldValues": body("2 - No Hire")["fieldValues"]}
    )
    assert changed["fields"][0]["value"] == "2 - No Hire"
    assert (await rig.call("DELETE", f"{at}/{shown['id']}")).status_code == 204


# Files and interviews.


async def test_files_are_kept_read_and_deleted_within_thirty_megabytes(rig: Rig) -> None:
    one = (await rig.create())["id"]
    at, acting = f"opportunities/{one}/files", f"?perform_as={rig.user('Robin Falk')}"
    made = await rig.send("POST", at + acting, 201, files={"file": ("a report.pdf", b"%PDF", "application/pdf")})
    assert (made["name"], made["ext"], made["size"], made["status"]) == ("a report.pdf", "pdf", 4, "processed")
    got = await rig.call("GET", f"{at}/{made['id']}/download")
    assert (got.content, got.headers["content-type"]) == (b"%PDF", "application/pdf")
    assert (await rig.http.get(f"/v1/{at}/{made['id']}/download")).status_code == 401
    large = await rig.call("POST", at + acting, files={"file": ("x.bin", b"x" * (30 * 1024 * 1024 + 1))})
    assert large.status_code == 400
    assert (await rig.call("POST", at + acting, json={})).status_code == 400
    assert (await rig.call("DELETE", f"{at}/{made['id']}")).status_code == 204
    assert await rig.get(at) == []


async def test_a_resume_is_processed_after_a_while(build: Build) -> None:
    rig = build(processing=30.0, candidates=1)
    (one,) = await rig.items("opportunities")
    rig.sandbox.db.mark("attachments", rig.sandbox.db["attachments"].ids[0], created_at=rig.clock.at)
    (resume,) = await rig.get(f"opportunities/{one['id']}/resumes")
    assert (resume["file"]["status"], resume["parsedData"]["positions"]) == ("processing", [])
    rig.clock.move(seconds=30)
    (resume,) = await rig.get(f"opportunities/{one['id']}/resumes")
    assert resume["file"]["status"] == "processed"
    assert resume["parsedData"]["positions"][0]["org"]


async def test_only_panels_managed_from_outside_can_be_changed_and_put_replaces(rig: Rig) -> None:
    one = (await rig.create())["id"]
    acting, mei = f"?perform_as={rig.user('Robin Falk')}", {"id": rig.user("Mei Tanaka")}
    at = round(rig.clock.at.timestamp() * 1000) + 86_400_000
    plan = {"subject": "Talk", "interviewers": [mei], "date": at, "duration": 30, "location": "Room 1"}
    panel = await rig.send("POST", f"opportunities/{one}/panels{acting}", 201, json={"interviews": [plan]})
    assert (panel["externallyManaged"], panel["start"], panel["end"]) == (True, at, at + 1_800_000)
    (interview,) = panel["interviews"]
    put = await rig.send("PUT", f"opportunities/{one}/interviews/{interview['id']}{acting}",
                         json={"interviewers": [mei], "date": at, "duration": 45})  # fmt: skip
    assert (put["duration"], put["location"], put["subject"]) == (45, None, "Interview")
    by_hand = rig.sandbox.db.create("panels", rig.person, application_id=one, candidate_id=panel["id"],
                                    externally_managed=False, user_id=None, stage_id="offer", canceled_at=None, note="",
                                    timezone="UTC", feedback_reminder="none")  # fmt: skip
    refused = await rig.call("PUT", f"opportunities/{one}/panels/{by_hand['id']}{acting}", json={"interviews": [plan]})
    assert refused.status_code == 403
    await rig.send(
        "PUT", f"opportunities/{one}/archived", json={"reason": rig.reason("Timing"), "cleanInterviews": True}
    )
    assert (await rig.get(f"opportunities/{one}/interviews/{interview['id']}"))["canceledAt"] is not None


async def test_offers_are_read_only(build: Build) -> None:
    rig = build(candidates=60)
    one = next(row["application_id"] for row in rig.sandbox.db["offers"])
    (offer,) = await rig.get(f"opportunities/{one}/offers")
    assert offer["fields"][0]["identifier"] == "salary_amount"
    assert (await rig.call("GET", f"opportunities/{one}/offers/{offer['id']}/download")).status_code == 200
    assert (await rig.call("POST", f"opportunities/{one}/offers", json={})).status_code == 405


async def test_which_deeds_count_as_interactions_is_the_tenants_choice(build: Build) -> None:
    rig = build(interactions=["files"])
    one = (await rig.create())["id"]
    assert not await moves(rig, one, "POST", f"opportunities/{one}/notes", 201, json={"value": "x"})
    acting = f"?perform_as={rig.user('Robin Falk')}"
    assert await moves(rig, one, "POST", f"opportunities/{one}/files{acting}", 201, files={"file": ("a.txt", b"a")})
    with pytest.raises(ValueError, match="interactions can be"):
        build(interactions=["weather"])


async def test_a_body_that_is_no_json_is_refused(rig: Rig) -> None:
    one = (await rig.create())["id"]
    for content in (b"{", b"[]", b""):
        answer = await rig.call("PUT", f"opportunities/{one}/stage", content=content)
        assert answer.status_code == 400
    assert (await rig.call("PATCH", f"opportunities/{one}", json={})).status_code == 405


async def test_the_log_names_who_wrote_and_what_was_overwritten_unseen(rig: Rig) -> None:
    one = await rig.create()
    await rig.get(f"contacts/{one['contact']}")
    rig.clock.move(seconds=3)
    await rig.http.post(f"/ats/candidates/{one['contact']}/edit", data={"field_name": "By hand"})
    rig.clock.move(seconds=2)
    await rig.send("PUT", f"contacts/{one['contact']}", json={"name": "By program"})
    (found,) = (await rig.http.get("/sandbox/overwritten")).json()["overwritten"]
    assert (found["field"], found["edited_by"], found["written_by"], found["window"]) == (
        "name", "user:Dana Whitfield", "api:Bridge", 5.0)  # fmt: skip
    told = (await rig.http.get("/sandbox/changes", params={"candidate": one["contact"]})).json()["changes"]
    assert {"candidates", "applications"} <= {each["object"] for each in told}
