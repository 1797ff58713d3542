"""The small ATS: what a person sees and does, by the functions that the interface uses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import Build, Rig

HTML = {"Accept": "text/html"}


async def send(rig: Rig, path: str, **form: Any) -> str:
    """Send a form and say what the page then says."""
    answer = await rig.http.post(f"/ats{path}", data=form, headers={"Referer": "http://ats.test/ats/candidates"})
    assert answer.status_code == 303, answer.text
    page = await rig.http.get(answer.headers["location"], headers=HTML)
    (said,) = re.findall(r'<p class="flash[^>]*>([^<]*)</p>', page.text)
    return said


async def test_somebody_applies_on_the_careers_page_and_is_seen(rig: Rig) -> None:
    await rig.hook("applicationSubmit")
    job = rig.job()
    page = (await rig.http.get(f"/careers/jobs/{job['id']}")).text
    names = re.findall(r'name="(question_[^"]+)"', page)
    form = {"first_name": "Ada", "last_name": "Byron", "email": "ada@example.org", "phone": "+44", "consent": "yes",
            **dict.fromkeys(names, "Yes")}  # fmt: skip
    answer = await rig.http.post(f"/careers/jobs/{job['id']}", data=form, headers={"Accept": "application/json"},
                                 files={"resume": ("cv.txt", b"Analyst at Engine Ltd", "text/plain")})  # fmt: skip
    assert answer.status_code == 201, answer.text
    person = answer.json()["candidate_id"]
    assert [one["action"] for one in await rig.events()] == ["applicationSubmit"]
    shown = (await rig.http.get(f"/ats/candidates/{person}")).text
    for words in ("Ada Byron", "ada@example.org", "Analyst at Engine Ltd", "cv.txt", "Application Review"):
        assert words in shown
    (row,) = rig.db["applications"].where("candidate_id", person)
    assert (row["status"], bool(row["posting_id"])) == ("Active", True)


async def test_a_person_moves_archives_hires_and_the_webhooks_tell(rig: Rig) -> None:
    made = await rig.application()
    await rig.hook("candidateStageChange", "candidateHire")
    path = f"/applications/{made['id']}"
    await send(rig, f"{path}/move", to_stage_id=rig.stage("Active"))
    assert (
        await send(rig, f"{path}/reject", rejection_reason_id="")
        == "archiveReasonId Required when moving to an archived stage"
    )
    assert await send(rig, f"{path}/reject", rejection_reason_id=rig.db["archive_reasons"].ids[0]) == "Archived"
    assert await send(rig, f"{path}/unreject") == "Active again"
    assert rig.db["applications"].rows[made["id"]]["stage_id"] == rig.stage("Active")
    assert await send(rig, f"{path}/hire") == "Hired"
    told = [one["action"] for one in await rig.events()]
    assert sorted(told) == ["candidateHire", *["candidateStageChange"] * 4]
    edits = {one.actor.kind for one in rig.db.log if one.object == "applications" and one.action == "changed"}
    assert edits == {"user:Dana Whitfield"}


async def test_a_person_edits_contact_fields_tags_and_notes(rig: Rig) -> None:
    person = await rig.person()
    notice, permit = rig.db["custom_fields"].ids[:2]
    await send(rig, f"/candidates/{person}/edit", field_name="Ada Lovelace", field_email="new@example.org")
    await send(rig, f"/candidates/{person}/fields", **{f"field_{notice}": "4 weeks", f"field_{permit}": "permit"})
    await send(rig, f"/candidates/{person}/tags/add", name="met in person")
    await send(rig, f"/candidates/{person}/notes/add", body="Spoke well")
    shown = await rig.got("candidate.info", id=person)
    assert (shown["name"], shown["primaryEmailAddress"]["value"]) == ("Ada Lovelace", "new@example.org")
    assert {one["id"]: one["value"] for one in shown["customFields"]} == {notice: "4 weeks", permit: "permit"}
    assert [one["title"] for one in shown["tags"]] == ["met in person"]
    (note,) = await rig.got("candidate.listNotes", candidateId=person)
    assert (note["content"], note["author"]["firstName"]) == ("Spoke well", "Dana")
    await send(rig, f"/candidates/{person}/tags/remove", name="met in person")
    await send(rig, f"/notes/{note['id']}/delete")
    assert await rig.got("candidate.listNotes", candidateId=person) == []


async def test_scores_stand_where_a_recruiter_looks(rig: Rig) -> None:
    made = await rig.application(person := await rig.person())
    score = (await rig.got("customField.create", fieldType="Number", objectType="Application", title="AI score"))["id"]
    await rig.got("customField.setValue", objectType="Application", objectId=made["id"], fieldId=score, fieldValue=87)
    assert "AI score 87" in (await rig.http.get(f"/ats/jobs/{rig.job()['id']}")).text
    assert "87" in (await rig.http.get(f"/ats/candidates/{person}")).text


async def test_keys_hooks_and_fields_are_made_on_pages(rig: Rig) -> None:
    said = await send(rig, "/configure/keys/new", field_name="Reader", field_scopes=["", "candidates:read"],
                      field_confidential="true", field_private_fields="false",
                      field_update_history="false")  # fmt: skip
    row = list(rig.db["credentials"])[-1]
    assert (said, row["scopes"], row["confidential"], row["private_fields"]) == (
        f"The key is {row['secret']}", ["candidates:read"], True, False)  # fmt: skip
    assert (await rig.send("candidate.list", key=row)).json()["success"]
    assert await send(rig, f"/configure/keys/{row['id']}/revoke") == "Deactivated"
    rig.receiver.status = 500
    asked = {"field_type": "jobUpdate", "field_url": "http://hooks.test/in", "field_secret": ""}
    assert "Saved disabled" in await send(rig, "/configure/webhooks/new", **asked)
    rig.receiver.status = 200
    hook = list(rig.db["webhooks"])[-1]
    assert await send(rig, f"/configure/webhooks/{hook['id']}/enable") == "Enabled"
    assert "Ashby-Signature" not in rig.receiver.got[-1][1]
    await send(rig, "/configure/fields/new", field_title="Grade", field_of="Candidate", field_type="ValueSelect",
               field_options="A\nB", field_private="false")  # fmt: skip
    assert [one["value"] for one in list(rig.db["custom_fields"])[-1]["options"]] == ["A", "B"]


async def test_an_offer_is_answered_on_its_page(build: Build) -> None:
    rig = build(hire_by="offer")
    made = await rig.application()
    process = await rig.got("offerProcess.start", applicationId=made["id"])
    start = await rig.got("offer.start", offerProcessId=process["id"])
    salary = {"path": "salary", "value": {"value": 5, "currencyCode": "EUR"}}
    offer = await rig.got("offer.create", offerProcessId=process["id"], offerFormId=start["id"],
                          offerForm={"fieldSubmissions": [salary]})  # fmt: skip
    assert await send(rig, f"/configure/offers/{offer['id']}/accept") == "Accepted"
    assert (await rig.got("application.info", applicationId=made["id"]))["status"] == "Hired"


@pytest.mark.parametrize(
    "path", ["candidates", "jobs", "deliveries", "activity", "configure/keys", "configure/webhooks", "configure/fields",
             "configure/offers", "configure/outbox", "configure/faults"],
)  # fmt: skip
async def test_every_page_of_a_full_tenant_is_there(build: Build, path: str) -> None:
    rig = build(candidates=20, dirty=True)
    assert (await rig.http.get(f"/ats/{path}")).status_code == 200
    for kind in ("candidates", "jobs"):
        assert (await rig.http.get(f"/ats/{kind}/{rig.db[kind].ids[0]}")).status_code == 200
    gone = await rig.http.get("/ats/candidates/nobody", headers=HTML)
    assert (gone.status_code, "No such candidate" in gone.text) == (404, True)
