"""The ATS as a person uses it: what they see, what they do, what they set up."""

from __future__ import annotations

import re
from typing import Any

from bascule.sandbox.teamtailor import people

from .conftest import Make, Tt

HTML = {"Accept": "text/html"}
ADA = {"first_name": "Ada", "last_name": "Byron", "email": "Ada@Example.org", "phone": "+44", "consent": "yes",
       "question_44221": "true", "question_44222": "https://code.example/ada"}  # fmt: skip


async def send(tt: Tt, path: str, **form: Any) -> str:
    """Send a form and say what the page then says."""
    answer = await tt.http.post(f"/ats{path}", data=form, headers={"Referer": "http://ats.test/ats/candidates"})
    assert answer.status_code == 303, answer.text
    page = await tt.http.get(answer.headers["location"], headers=HTML)
    assert page.status_code == 200, page.text
    (said,) = re.findall(r'<p class="flash[^>]*>([^<]*)</p>', page.text)
    return said


async def apply(tt: Tt, job: int = 7_199, **form: Any) -> Any:
    return await tt.http.post(f"/careers/jobs/{job}", data={**ADA, **form}, headers={"Accept": "application/json"},
                              files={"resume": ("cv.txt", b"Analyst at Engine Ltd", "text/plain")})  # fmt: skip


async def test_somebody_applies_and_programs_see_it(tt: Tt) -> None:
    await tt.hook()
    answer = await apply(tt)
    id = answer.json()["candidate_id"]
    assert await tt.names() == ["candidate.create", "job_application.create"]
    shown = await tt.get(f"candidates/{id}", include="answers.question,job-applications.stage")
    assert shown["data"]["attributes"]["email"] == "ada@example.org"
    answers = {
        one["attributes"]["boolean"] or one["attributes"]["text"]
        for one in shown["included"]
        if one["type"] == "answers"
    }
    assert answers == {True, "https://code.example/ada"}
    assert (await tt.http.get(shown["data"]["attributes"]["original-resume"])).content == b"Analyst at Engine Ltd"
    assert (await tt.get("uploads"))["data"] == []
    assert [row["why"] for row in tt.sandbox.db["emails"]] == ["default reply"]
    assert {change.actor.kind for change in tt.sandbox.db.log if change.object == "applications"} == {"careers"}
    again = await apply(tt, 7_200, phone="+44 2")
    assert again.json()["candidate_id"] == id, "the same address is the same candidate"
    twice = await apply(tt)
    assert (twice.status_code, twice.json()["errors"][0]["field"]) == (422, "email")


async def test_only_published_jobs_are_on_the_careers_page(make: Make) -> None:
    tt = make(dirty=True)
    page = (await tt.http.get("/careers", headers=HTML)).text
    assert "Account Executive" in page
    for hidden in ("Chief Financial Officer", "TEST do not use", "Store Manager", "Summer Intern", "Open application"):
        assert hidden not in page


async def test_what_a_person_does_is_told_under_their_name(tt: Tt) -> None:
    id = (await apply(tt)).json()["candidate_id"]
    application = next(iter(tt.sandbox.db["applications"]))["id"]
    await tt.hook()
    await send(tt, f"/applications/{application}/move", to_stage_id=tt.stage("Onsite"))
    reason = tt.sandbox.db["reject_reasons"].ids[0]
    await send(tt, f"/applications/{application}/reject", rejection_reason_id=reason)
    await send(tt, f"/applications/{application}/unreject")
    await send(tt, f"/applications/{application}/hire")
    await send(tt, f"/candidates/{id}/edit", field_first_name="Augusta")
    await send(tt, f"/candidates/{id}/tags/add", name="math")
    await send(tt, f"/candidates/{id}/notes/add", body="Brilliant")
    assert await tt.names() == [*["job_application.update"] * 4, "candidate.update"]
    row = tt.sandbox.db["applications"].rows[application]
    assert (row["stage_id"], row["rejected_at"]) == (tt.stage("Hired"), None)
    by = {
        change.actor.kind for change in tt.sandbox.db.log if change.object in ("applications", "notes") and change.field
    }
    assert by == {"user:Dana Whitfield"}
    note = (await tt.get("notes"))["data"][0]["attributes"]
    assert (note["note"], note["user-id"]) == ("Brilliant", tt.user("Dana Whitfield"))
    page = (await tt.http.get(f"/ats/candidates/{id}", headers=HTML)).text
    for shown in ("Augusta Byron", "math", "Brilliant", "cv.txt (resume)", 'aria-current="step">Hired'):
        assert shown in page
    await send(tt, f"/candidates/{id}/tags/remove", name="math")
    assert (await tt.get(f"candidates/{id}"))["data"]["attributes"]["tags"] == []


async def test_scores_are_seen_where_the_vendor_shows_them(tt: Tt) -> None:
    id = (await apply(tt)).json()["candidate_id"]
    await tt.partner_call("POST", "partner-results", {"status": "completed", "candidate-id": int(id), "summary": "Knows engines",
                                                      "assessment": {"score": 82, "grade": "top_fit"}})  # fmt: skip
    field = await tt.write(
        "POST", "custom-fields", "custom-fields", {"name": "Score", "field-type": "CustomField::Number"}
    )
    await tt.write("POST", "custom-field-values", "custom-field-values", {"value": 77}, owner=("candidates", id),
                   custom_field=("custom-fields", field.json()["data"]["id"]))  # fmt: skip
    for path in (f"candidates/{id}", "candidates"):
        page = (await tt.http.get(f"/ats/{path}", headers=HTML)).text
        assert "82 % · top fit · Knows engines" in page
        assert "77" in page
    board = (await tt.http.get("/ats/jobs/7199", headers=HTML)).text
    assert "82 % · top fit" in board


async def test_fields_of_every_type_are_edited_and_emptied(tt: Tt) -> None:
    id = (await apply(tt)).json()["candidate_id"]
    edit = f"/candidates/{id}/fields"
    await send(tt, edit, **{"field_salary-expectation": "52000.5", "field_driving-licence": "true", "field_work-permit": "1505",
                            "field_spoken-languages": ["1501", "1503"], "field_notice-period": "a month"})  # fmt: skip
    values = {one["attributes"]["field-type"].rpartition(":")[2]: one["attributes"]["value"]
              for one in await tt.every(f"candidates/{id}/custom-field-values")}  # fmt: skip
    assert values == {
        "Number": 52000.5,
        "Checkbox": "true",
        "Select": "1505",
        "MultiSelect": ["1501", "1503"],
        "Text": "a month",
    }
    assert "invalid" in await send(tt, edit, **{"field_salary-expectation": "much"})
    await send(tt, edit, **{"field_notice-period": ""})
    assert len(await tt.every(f"candidates/{id}/custom-field-values")) == 4


async def test_keys_and_webhooks_are_made_by_hand(tt: Tt) -> None:
    said = await send(tt, "/configure/keys/new", field_name="Reader", field_level="admin", field_rights="read")
    tt.key = said.rpartition(" ")[2]
    assert (await tt.call("GET", "candidates")).status_code == 200
    assert (await tt.write("POST", "candidates", "candidates", {"email": "x@example.org"})).status_code == 403
    row = next(one for one in tt.sandbox.db["credentials"] if one["name"] == "Reader")
    await send(tt, f"/configure/keys/{row['id']}/revoke")
    assert (await tt.call("GET", "candidates")).status_code == 401

    form = {"field_name": "B", "field_url": "https://b.example/x", "field_version": "v1",
            "field_events": ["candidate.create", "candidate.destroy"]}  # fmt: skip
    said = await send(tt, "/configure/webhooks/new", **form)
    hook = next(one for one in tt.sandbox.db["webhooks"] if one["kind"] == "company")
    assert (said, hook["events"]) == (f"The signature key of B: {hook['secret']}", form["field_events"])
    assert "HTTPS" in await send(tt, "/configure/webhooks/new", **{**form, "field_url": "http://b.example/x"})
    await send(tt, f"/configure/webhooks/{hook['id']}/disable")
    await apply(tt)
    assert await tt.events() == []
    await send(tt, f"/configure/webhooks/{hook['id']}/enable")
    await apply(tt, email="other@example.org")
    assert await tt.names() == ["candidate.create"]


async def test_data_and_privacy(tt: Tt) -> None:
    ids = [(await apply(tt, email=f"{name}@example.org")).json()["candidate_id"] for name in ("a", "b", "c")]
    await send(tt, "/configure/privacy/new", field_ids=ids[0], field_way="flag")
    page = (await tt.http.get("/ats/configure/privacy", headers=HTML)).text
    assert "Ada Byron" in page
    await send(tt, f"/configure/privacy/{ids[0]}/keep")
    tt.clock.move(days=8)
    assert (await tt.get("candidates"))["meta"]["record-count"] == 3
    application = tt.sandbox.db["applications"].where("candidate_id", int(ids[2]))[0]["id"]
    await send(tt, f"/applications/{application}/reject", rejection_reason_id=tt.sandbox.db["reject_reasons"].ids[0])
    await send(tt, "/configure/privacy/new", field_ids=ids[2], field_way="rejected")
    assert (await tt.get("job-applications"))["meta"]["record-count"] == 2
    await send(tt, "/configure/privacy/new", field_ids=f"{ids[0]}, {ids[1]}", field_way="delete")
    assert [one["id"] for one in (await tt.get("candidates"))["data"]] == [ids[2]]
    page = (await tt.http.get("/ats/configure/audit", headers=HTML)).text
    assert "Deleting 2 candidates" in page
    assert "could not be found" in await send(tt, "/configure/privacy/new", field_ids="17", field_way="flag")


async def test_triggers_fields_jobs_and_merging(tt: Tt) -> None:
    ids = [(await apply(tt, email=f"{name}@example.org")).json()["candidate_id"] for name in ("a", "b")]
    await send(tt, f"/candidates/{ids[0]}/merge", duplicate_id=ids[1])
    assert len(tt.sandbox.db["candidates"]) == 1
    await send(tt, "/configure/triggers/new", field_stage=tt.stage("Onsite"), field_kind="Message", field_text="Come and see us",
               field_partner="")  # fmt: skip
    for wrong, said in (({"field_kind": "Webhook"}, "must be chosen"), ({"field_kind": "Tag"}, "be blank"),
                        ({"field_stage": "", "field_kind": "Tag", "field_text": "x"}, "could not be found")):  # fmt: skip
        form = {"field_stage": tt.stage("Onsite"), "field_text": "", "field_partner": "", **wrong}
        assert said in await send(tt, "/configure/triggers/new", **form)
    assert len(tt.sandbox.db["triggers"]) == 1
    application = next(iter(tt.sandbox.db["applications"]))["id"]
    await send(tt, f"/applications/{application}/move", to_stage_id=tt.stage("Onsite"))
    outbox = (await tt.http.get("/ats/configure/outbox", headers=HTML)).text
    assert "News about your application" in outbox
    await send(
        tt, "/configure/fields/new", field_name="Fit", field_type="CustomField::Select", field_options="high\nlow"
    )
    assert [row["value"] for row in tt.sandbox.db["custom_field_options"]][-2:] == ["high", "low"]
    await send(tt, "/jobs/new", name="Cook", stages="Trial\nTalk")
    job = tt.sandbox.db["jobs"].ids[-1]
    stages = [one["attributes"]["name"] for one in (await tt.get(f"jobs/{job}/stages", sort="row-order"))["data"]]
    assert stages == ["Inbox", "Trial", "Talk", "Hired"]
    assert "cannot be changed" in await send(tt, "/stages/rename", stage_id=tt.stage("Inbox"), name="New")
    await send(tt, f"/jobs/{job}/close")
    assert (await tt.get(f"jobs/{job}"))["data"]["attributes"]["status"] == "archived"
    said = await send(tt, "/configure/partners/new", field_name="Other", field_base_url="https://o.example")
    assert said.startswith("The API key of Other: ")
    await send(tt, f"/candidates/{ids[0]}/delete")
    assert not list(tt.sandbox.db["candidates"])


async def test_every_page_of_a_full_company_is_shown(make: Make) -> None:
    tt = make(candidates=30, dirty=True)
    people.note(tt.sandbox, tt.person, tt.sandbox.db["candidates"].ids[0], tt.user("Robin Falk"), "x")
    paths = ["candidates", "jobs", "deliveries", "activity",
             *(f"configure/{key}" for key in ("keys", "webhooks", "partners", "fields", "triggers", "privacy", "audit", "outbox", "faults")),
             *(f"candidates/{id}" for id in tt.sandbox.db["candidates"].ids), *(f"jobs/{id}" for id in tt.sandbox.db["jobs"].ids)]  # fmt: skip
    for path in paths:
        assert (await tt.http.get(f"/ats/{path}", headers=HTML)).status_code == 200, path
    assert (await tt.http.get("/ats/candidates/1", headers=HTML)).status_code == 404
