"""The forms a person fills in."""

from __future__ import annotations

import re

import pytest

from .conftest import Rig

PAGES = ("/candidates", "/candidates/new", "/jobs", "/users", "/outbox", "/deliveries", "/activity",
         "/configure/webhooks", "/configure/credentials", "/configure/fields", "/configure/rules",
         "/configure/settings", "/careers", "/jobs/5501", "/careers/jobs/5501")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_opens_and_says_that_it_is_a_sandbox(rig: Rig, path: str) -> None:
    page = await rig.http.get(path)
    assert page.status_code == 200
    assert "sandbox" in page.text


async def test_applying_makes_a_candidate_with_an_application_a_resume_and_a_source(rig: Rig) -> None:
    ids = await rig.apply(question_2="https://code.example/ada")
    application = await rig.one("applications", ids["application_id"])
    assert (application["status"], application["stage_name"]) == ("in_process", "Application Review")
    assert {"question": "Link to code you are proud of", "answer": "https://code.example/ada"} in application["answers"]
    source = await rig.one("sources", application["source_id"])
    assert source["name"] == "Careers page"
    (file,) = await rig.items("attachments", application_ids=str(ids["application_id"]))
    assert (file["type"], file["filename"]) == ("resume", "cv.txt")


async def test_survey_answers_are_kept_apart(rig: Rig) -> None:
    question = rig.sandbox.db["demographic_questions"].ids[0]
    option = rig.sandbox.db["demographic_answer_options"].where("demographic_question_id", question)[0]
    ids = await rig.apply(**{f"demographic_{question}": str(option["id"])})
    assert "gender" not in str(await rig.one("applications", ids["application_id"])).lower()
    (answer,) = await rig.items("demographic_answers")
    assert answer["demographic_answer_option_id"] == option["id"]


async def test_the_form_says_what_is_missing_and_keeps_what_was_written(rig: Rig) -> None:
    page = await rig.http.post("/careers/jobs/5501", data={"first_name": "Ada"})
    assert page.status_code == 422
    assert 'value="Ada"' in page.text
    for words in ("last name", "attach your CV", "agree to the processing", "answer this question"):
        assert words in page.text
    assert len(rig.sandbox.db["candidates"]) == 0


async def test_a_browser_ends_on_the_thank_you_page(rig: Rig) -> None:
    data = {"first_name": "Ada", "last_name": "Byron", "email": "a@example.org", "consent": "yes", "question_1": "Yes"}
    page = await rig.http.post("/careers/jobs/5501", data=data, files={"resume": ("cv.pdf", b"%PDF-1.4")},
                               follow_redirects=True)  # fmt: skip
    assert "has arrived" in page.text


async def test_the_same_mail_is_one_person_only_while_auto_merge_is_on(rig: Rig) -> None:
    first, second = await rig.apply(5501), await rig.apply(5502, email="ADA@example.org")
    assert first["candidate_id"] == second["candidate_id"]
    assert first["application_id"] != second["application_id"]
    await rig.http.post("/configure/settings", data={})
    assert (await rig.apply(5503))["candidate_id"] != first["candidate_id"]


async def test_a_person_edits_contact_tags_notes_and_fields(rig: Rig) -> None:
    ids = await rig.apply()
    path = f"/candidates/{ids['candidate_id']}"
    await rig.http.post(
        f"{path}/edit", data={"first_name": "Augusta", "email_addresses": "new@example.org, work\nb@c.de"}
    )
    await rig.http.post(f"{path}/tags/add", data={"name": "star"})
    await rig.http.post(f"{path}/notes/add", data={"body": "Met her", "visibility": "private"})
    notice = next(row for row in rig.sandbox.db["custom_fields"] if row["name_key"] == "notice_period")
    await rig.http.post(f"{path}/fields", data={f"field_{notice['id']}": "4 weeks"})
    row = await rig.one("candidates", ids["candidate_id"])
    assert (row["first_name"], row["last_name"], row["tags"]) == ("Augusta", "Byron", ["star"])
    assert row["email_addresses"] == [{"value": "new@example.org", "type": "work"},
                                      {"value": "b@c.de", "type": "personal"}]  # fmt: skip
    assert row["phone_numbers"]
    assert row["custom_fields"]["notice_period"]["value"] == "4 weeks"
    (note,) = [row for row in await rig.items("notes") if row["type"] == "NOTE"]
    assert (note["body"], note["visibility"], note["user_id"]) == ("Met her", "privately_visible", 4_012_002)
    page = (await rig.http.get(path)).text
    for words in ("Augusta", "star", "Met her", "4 weeks", "cv.txt"):
        assert words in page
    await rig.http.post(f"/notes/{note['id']}/delete")
    await rig.http.post(f"{path}/tags/remove", data={"name": "star"})
    assert {row["type"] for row in await rig.items("notes")} == {"ACTIVITY"}
    assert (await rig.one("candidates", ids["candidate_id"]))["tags"] == []


async def test_a_person_moves_rejects_unrejects_hires_and_takes_back(rig: Rig) -> None:
    id = (await rig.apply())["application_id"]

    async def press(deed: str, **form: str) -> str:
        answer = await rig.http.post(f"/applications/{id}/{deed}", data=form)
        assert answer.status_code == 303
        row = await rig.one("applications", id)
        return row["stage_name"] if row["status"] == "in_process" else row["status"]

    assert await press("move", to_stage_id="3103") == "Technical Interview"
    assert await press("move") == "Onsite"
    assert await press("reject", rejection_reason_id="1301") == "rejected"
    assert await press("unreject") == "Onsite"
    assert await press("hire", opening_id=str(rig.sandbox.db["openings"].ids[0])) == "hired"
    assert await press("unhire") == "Onsite"
    assert await press("transfer", to_job_id="5502") == "New"


async def test_the_vendors_own_addresses_of_people_and_jobs_lead_to_their_pages(rig: Rig) -> None:
    applied = await rig.apply()
    person = await rig.http.get(f"/people/{applied['candidate_id']}", follow_redirects=True)
    assert (person.status_code, "Ada Byron" in person.text) == (200, True)
    assert (await rig.http.get("/sdash/5501", follow_redirects=True)).url.path == "/jobs/5501"


async def test_an_old_page_cannot_move_someone_twice(rig: Rig) -> None:
    id = (await rig.apply())["application_id"]
    form = {"from_stage_id": "3101", "to_stage_id": "3102"}
    await rig.http.post(f"/applications/{id}/move", data=form)
    answer = await rig.http.post(f"/applications/{id}/move", data=form)
    assert "wrong=" in answer.headers["location"]


async def test_the_acting_user_is_who_the_change_log_names(rig: Rig) -> None:
    ids = await rig.apply()
    await rig.http.post("/acting", data={"user_id": "4012003"})
    await rig.http.post(f"/candidates/{ids['candidate_id']}/edit", data={"title": "Analyst"})
    change = rig.sandbox.db.log[-1].as_json()
    assert (change["actor"], change["acting_user_id"]) == ("user:Robin Falk", 4_012_003)
    assert (change["field"], change["old"], change["new"]) == ("title", None, "Analyst")


async def test_a_credential_made_on_the_page_works(rig: Rig) -> None:
    form = {"name": "By hand", "user_id": "4012002", "scopes": ["harvest:jobs:list"]}
    page = (await rig.http.post("/configure/credentials/new", data=form, follow_redirects=True)).text
    client_id = re.findall(r'id="client-id-\d+">(\w+)<', page)[-1]
    secret = re.findall(r'id="client-secret-\d+">(\w+)<', page)[-1]
    answer = await rig.take_token({"client_id": client_id, "secret": secret})
    rig.token = answer.json()["access_token"]
    assert (await rig.call("GET", "jobs")).status_code == 200
    assert secret not in (await rig.http.get("/configure/credentials")).text


async def test_search_finds_by_name_mail_tag_and_job(rig: Rig) -> None:
    await rig.apply()
    await rig.apply(5502, email="grace@example.org", first_name="Grace", last_name="Hopper")
    for query, found in (("q=hopper", "Hopper"), ("q=GRACE@", "Hopper"), ("job=5502", "Hopper"), ("q=ada", "Byron")):
        page = (await rig.http.get(f"/candidates?{query}")).text
        assert found in page
        assert ("Byron" if found == "Hopper" else "Hopper") not in page


async def test_what_people_typed_is_shown_as_text(rig: Rig) -> None:
    ids = await rig.apply(first_name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in (await rig.http.get(f"/candidates/{ids['candidate_id']}")).text


async def test_a_private_person_is_closed_to_users_without_permission(rig: Rig) -> None:
    ids = await rig.apply()
    await rig.http.post(f"/candidates/{ids['candidate_id']}/edit", data={"private_shown": "1", "private": "yes"})
    await rig.http.post("/acting", data={"user_id": "4012003"})
    assert (await rig.http.get(f"/candidates/{ids['candidate_id']}")).status_code == 403
    assert "Byron" not in (await rig.http.get("/candidates")).text


async def test_jobs_stages_and_fields_are_edited_on_pages(rig: Rig) -> None:
    form = {"name": "Baker", "department": "Kitchen", "stages": "In\nOut", "content": "<p>Bread</p>"}
    page = await rig.http.post("/jobs/new", data=form)
    job_id = int(re.findall(r"/jobs/(\d+)", page.headers["location"])[0])
    assert "Bread" in (await rig.http.get(f"/careers/jobs/{job_id}")).text
    await rig.http.post(f"/jobs/{job_id}/edit", data={"name": "Head baker", "content": "<p>Rye</p>"})
    (post,) = await rig.items("job_posts", job_ids=str(job_id))
    assert (post["title"], post["content"]) == ("Head baker", "<p>Rye</p>")
    stage = (await rig.items("job_interview_stages", job_ids=str(job_id)))[0]
    await rig.http.post(f"/stages/{stage['id']}/edit", data={"name": "Done"})
    assert (await rig.one("job_interview_stages", stage["id"]))["name"] == "Done"
    await rig.http.post(f"/jobs/{job_id}/status", data={"status": "closed"})
    assert (await rig.one("jobs", job_id))["status"] == "closed"
    form = {
        "name": "Size",
        "field_type": "candidate",
        "value_type": "single_select",
        "options": "S\nM",
        "private": "yes",
    }
    await rig.http.post("/configure/fields/new", data=form)
    made = (await rig.items("custom_fields"))[0]
    assert (made["name"], made["private"]) == ("Size", True)
    assert len(await rig.items("custom_field_options", custom_field_ids=str(made["id"]))) == 2


async def test_private_notes_and_fields_are_for_those_on_the_job(rig: Rig) -> None:
    field = {"name": "Reasons", "field_type": "application", "value_type": "long_text", "private": True}
    await rig.call("POST", "custom_fields", json=field)
    ids = await rig.apply()
    await rig.call("PATCH", f"applications/{ids['application_id']}",
                   json={"custom_fields": [{"name_key": "reasons", "value": "Knows Python"}]})  # fmt: skip
    for visibility in ("private", "admin_only"):
        body = {"candidate_id": ids["candidate_id"], "body": f"A note: {visibility}", "visibility": visibility}
        await rig.call("POST", "notes", json=body)
    seen = {"Dana Whitfield": (True, True, True), "Robin Falk": (True, True, False), "Mei Tanaka": (False,) * 3}
    for row in rig.sandbox.db["users"]:
        if row["name"] in seen:
            await rig.http.post("/acting", data={"user_id": str(row["id"])})
            page = (await rig.http.get(f"/candidates/{ids['candidate_id']}")).text
            words = ("Knows Python", "A note: private", "A note: admin_only")
            assert tuple(one in page for one in words) == seen[row["name"]], row["name"]


async def test_faults_are_ordered_seen_and_cleared_on_a_page(rig: Rig) -> None:
    page = (await rig.http.get("/configure/faults", params={"kind": "late"})).text
    assert "kind: late" in page
    assert "It leaves seconds later" in page
    form = {"faults": "- kind: answer\n  status: 503\n- kind: rename_stage\n  name: Nowhere\n  to: x"}
    assert "Ordered" in (await rig.http.post("/configure/faults/new", data=form)).headers["location"]
    assert (await rig.call("GET", "jobs")).status_code == 503
    page = (await rig.http.get("/configure/faults")).text
    assert "status: 503" in page
    assert "no job has a stage" in page
    refused = await rig.http.post("/configure/faults/new", data={"faults": "- kind: gremlin"})
    assert "unknown+fault" in refused.headers["location"]
    await rig.http.post("/configure/faults/clear")
    assert "Nothing goes wrong on purpose" in (await rig.http.get("/configure/faults")).text
