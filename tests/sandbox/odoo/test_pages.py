"""The small ATS: a person sees and does there what the interface shows and does."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import DANA, ROBIN, VIKTOR, Build, Rig


async def page(rig: Rig, path: str) -> str:
    answer = await rig.http.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return unescape(re.sub(r"\s+", " ", answer.text))


async def send(rig: Rig, path: str, **form: str) -> str:
    """Send a form; what the page then says."""
    answer = await rig.http.post(path, data=form, headers={"Accept": "text/html"})
    assert answer.status_code == 303, answer.text
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    return " ".join(told.get("flash", []) + told.get("wrong", []))


async def apply(rig: Rig, **form: str) -> int:
    data = {"first_name": "Ada", "last_name": "Byron", "email": "ada@example.org", "phone": "+44 20 7946 0000",
            "consent": "yes", **form}  # fmt: skip
    answer = await rig.http.post("/careers/jobs/11", data=data, headers={"Accept": "application/json"},
                                 files={"resume": ("cv.txt", b"Analyst at Engine Ltd", "text/plain")})  # fmt: skip
    assert answer.status_code == 201, answer.text
    return answer.json()["candidate_id"]


async def applicant_of(rig: Rig, person: int | str) -> int:
    if not rig.sandbox.options.persons:
        return int(person)
    return rig.sandbox.db["applications"].where("candidate_id", int(person))[0]["id"]


async def test_a_careers_form_makes_an_applicant_with_a_cv(rig: Rig) -> None:
    person = await apply(rig)
    id = await applicant_of(rig, person)
    row = await rig.one("hr.applicant", id, "partner_name", "email_from", "stage_id", "attachment_ids", "medium_id")
    assert (row["partner_name"], row["email_from"], row["stage_id"][1]) == ("Ada Byron", "ada@example.org", "New")
    assert row["medium_id"][1] == "Website"
    assert len(row["attachment_ids"]) == 1
    shown = await page(rig, f"/ats/candidates/{person}")
    assert "Ada Byron" in shown
    assert "cv.txt" in shown
    assert (await rig.http.get(f"/ats/files/{row['attachment_ids'][0]}")).content == b"Analyst at Engine Ltd"
    assert {one.actor.kind for one in rig.sandbox.db.log if one.object == rig.applicants} == {"careers"}


async def test_what_a_person_does_is_seen_by_programs_and_the_other_way_round(rig: Rig) -> None:
    person = await apply(rig)
    id = await applicant_of(rig, person)
    assert await send(rig, f"/ats/applications/{id}/move", to_stage_id=str(rig.stage("Qualification"))) == "Moved"
    assert await send(rig, f"/ats/candidates/{person}/notes/add", body="Called\n<at noon>") == "Logged"
    assert await send(rig, f"/ats/candidates/{person}/tags/add", name="Reserve") == "Tagged"
    assert await send(rig, f"/ats/candidates/{person}/tags/add", name="Brand new") == "Tagged"
    assert await send(rig, f"/ats/candidates/{person}/edit", field_partner_name="Augusta Ada") == "Saved"
    row = await rig.one("hr.applicant", id, "stage_id", "partner_name", "write_uid")
    assert (row["stage_id"][1], row["partner_name"]) == ("Qualification", "Augusta Ada")
    assert rig.outbox("message_post") == [], "a logged note tells nobody"
    model = "hr.candidate" if rig.sandbox.options.persons else "hr.applicant"
    notes = await rig.rpc(
        "mail.message", "search_read", [("model", "=", model), ("message_type", "=", "comment")], ["body"]
    )
    assert [one["body"] for one in notes] == ["<p>Called<br>&lt;at noon&gt;</p>"]
    await rig.rpc(model, "message_post", [int(person)], body="Score 87", message_type="comment")
    shown = await page(rig, f"/ats/candidates/{person}")
    for text in ("Augusta Ada", "Score 87", "Brand new", "Qualification", "<at noon>"):
        assert text in shown
    assert "Augusta Ada" in await page(rig, "/ats/candidates?q=augusta")
    assert "Augusta Ada" in await page(rig, "/ats/jobs/11")
    assert await send(rig, f"/ats/candidates/{person}/tags/remove", name="Reserve") == "Removed"
    assert {one.actor.kind for one in rig.sandbox.db.log if one.object == "tags"} == {"user:Dana Whitfield"}


async def test_refuse_and_back_and_hire(rig: Rig) -> None:
    person = await apply(rig)
    id = await applicant_of(rig, person)
    reason = str(rig.sandbox.db["reasons"].ids[0])
    assert "Choose a reason" in await send(rig, f"/ats/applications/{id}/reject", rejection_reason_id="")
    assert await send(rig, f"/ats/applications/{id}/reject", rejection_reason_id=reason) == "Refused"
    assert (await rig.one("hr.applicant", id, "application_status"))["application_status"] == "refused"
    assert [one["to"] for one in rig.outbox("refuse_template")] == [["ada@example.org"]]
    assert "Does not fit the job requirements" in await page(rig, f"/ats/candidates/{person}")
    assert await send(rig, f"/ats/applications/{id}/unreject") == "Back in the first stage"
    assert (await rig.one("hr.applicant", id, "application_status"))["application_status"] == "ongoing"
    assert await send(rig, f"/ats/applications/{id}/hire") == "Moved"
    assert (await rig.one("hr.applicant", id, "application_status"))["application_status"] == "hired"


async def test_scores_of_programs_are_shown(rig: Rig) -> None:
    person = await apply(rig)
    id = await applicant_of(rig, person)
    said = await send(
        rig, "/ats/configure/fields/new", field_label="AI score", field_type="float", field_model="hr.applicant"
    )
    assert said == "Made as x_ai_score"
    await rig.rpc("hr.applicant", "write", [id], {"x_ai_score": 87.5})
    for path in (f"/ats/candidates/{person}", "/ats/jobs/11"):
        assert "87.5" in await page(rig, path)
    assert "AI score" in await page(rig, f"/ats/candidates/{person}")


async def test_keys_are_made_shown_once_and_revoked(rig: Rig) -> None:
    said = await send(rig, "/ats/configure/keys/new", field_name="Bridge 2", field_user=str(ROBIN), field_days="90")
    secret = said.rpartition(" ")[2]
    row = rig.sandbox.db["credentials"].rows[2]
    assert (row["secret"], row["user_id"], len(secret)) == (secret, ROBIN, 40)
    assert secret not in await page(rig, "/ats/configure/keys")
    rig.key = row
    assert await rig.rpc("hr.job", "search_count", [])
    assert await send(rig, "/ats/configure/keys/2/revoke") == "Revoked"
    assert "error" in (await rig.rpc_raw("hr.job", "search_count", [])).json()


async def test_rules_are_entered_switched_and_deleted(rig: Rig) -> None:
    assert "address" in await send(rig, "/ats/configure/automation/new", field_url="nowhere")
    await send(rig, "/ats/configure/automation/new", field_url="http://127.0.0.1:9/hook/t", field_name="Bridge")
    person = await apply(rig)
    assert [event["_model"] for event in await rig.events()][-1] == "hr.applicant"
    rule = rig.sandbox.db["automations"].ids[0]
    await send(rig, f"/ats/configure/automation/{rule}/switch")
    await send(rig, f"/ats/candidates/{person}/edit", field_partner_name="B")
    assert await rig.events() == []
    assert await send(rig, f"/ats/configure/automation/{rule}/delete") == "Deleted"
    assert "None yet" in await page(rig, "/ats/configure/automation")


async def test_stages_get_templates_and_the_outbox_shows_what_they_send(rig: Rig) -> None:
    person = await apply(rig)
    id, to = await applicant_of(rig, person), rig.stage("First Interview")
    await send(rig, f"/ats/configure/stages/{to}/switch")
    said = await send(rig, f"/ats/applications/{id}/move", to_stage_id=str(to))
    assert said == "Moved, and the stage's e-mail was sent"
    shown = await page(rig, "/ats/configure/outbox")
    assert "ada@example.org" in shown
    assert "stage_template" in shown
    assert await send(rig, "/ats/stages/rename", stage_id=str(to), name="Chat") == "Renamed"
    assert "Chat" in await page(rig, f"/ats/candidates/{person}")


async def test_an_interviewer_cannot_act_and_is_not_offered(rig: Rig) -> None:
    shown = await page(rig, "/ats/candidates")
    assert 'value="2"' not in shown
    assert f'value="{DANA}"' in shown
    assert f'value="{VIKTOR}"' not in shown


async def test_jobs_are_opened_and_archived_with_their_applicants(rig: Rig) -> None:
    person = await apply(rig)
    await send(rig, "/ats/jobs/new", name="Welder", stages="Applied\nTrial\nHired")
    row = next(one for one in rig.sandbox.db["jobs"] if one["name"] == "Welder")
    shown = await page(rig, f"/ats/jobs/{row['id']}")
    assert "Trial" in shown
    await send(rig, "/ats/jobs/11/close")
    id = await applicant_of(rig, person)
    assert (await rig.one("hr.applicant", id, "active"))["active"] is False


async def test_deleting_somebody_takes_everything_of_theirs(rig: Rig) -> None:
    person = await apply(rig)
    await send(rig, f"/ats/candidates/{person}/delete")
    assert await rig.rpc("hr.applicant", "search", [], context={"active_test": False}) == []
    assert len(rig.sandbox.db["attachments"]) == 0
    gone = await rig.http.get(f"/ats/candidates/{person}", headers={"Accept": "text/html"})
    assert gone.status_code == 404


@pytest.mark.parametrize("version", ["17", "18", "19"])
async def test_every_page_of_a_soiled_database_is_shown(build: Build, version: str) -> None:
    rig = build(version=version, candidates=40, dirty=True, stages="own", companies=2)
    for path in ("/ats/candidates", "/ats/jobs", "/ats/deliveries", "/ats/activity", "/careers", "/careers/jobs/11",
                 *(f"/ats/configure/{key}" for key in ("keys", "automation", "fields", "stages", "outbox", "faults")),
                 *(f"/ats/jobs/{id}" for id in rig.sandbox.db["jobs"].ids),
                 *(f"/ats/candidates/{id}" for id in rig.sandbox.db["candidates"].ids)):  # fmt: skip
        await page(rig, path)
