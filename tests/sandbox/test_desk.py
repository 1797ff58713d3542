"""The small ATS of every sandbox, as a person uses it, on a vendor that does not exist."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest

from bascule.sandbox.kit.tables import Actor

from .test_kit import Rig

HTML = {"Accept": "text/html"}
CV = {"resume": ("cv.txt", b"Analyst at Engine Ltd", "text/plain")}
ADA = {"first_name": "Ada", "last_name": "Byron", "email": "ada@example.org", "phone": "+44", "consent": "yes",
       "question_hours": "900", "question_language": "sv"}  # fmt: skip


@pytest.fixture
async def rig() -> AsyncGenerator[Rig]:
    one = Rig(candidates=3)
    yield one
    await one.http.aclose()


async def send(rig: Rig, path: str, **form: Any) -> str:
    """Send a form and say what the page then says."""
    answer = await rig.http.post(f"/ats{path}", data=form, headers={"Referer": "http://ats.test/ats/candidates"})
    assert answer.status_code == 303, answer.text
    page = await rig.http.get(answer.headers["location"], headers=HTML)
    assert page.status_code == 200, page.text
    (said,) = re.findall(r'<p class="flash[^>]*>([^<]*)</p>', page.text)
    return said


async def applied(rig: Rig, **form: Any) -> httpx2.Response:
    job = next(iter(rig.sandbox.db["jobs"]))
    return await rig.http.post(f"/careers/jobs/{job['id']}", data={**ADA, **form}, files=CV,
                               headers={"Accept": "application/json"})  # fmt: skip


async def somebody(rig: Rig) -> tuple[str, str]:
    id = (await applied(rig)).json()["candidate_id"]
    return id, rig.sandbox.db["applications"].where("candidate_id", id)[0]["id"]


async def test_somebody_applies_and_is_seen_with_everything(rig: Rig) -> None:
    id, _ = await somebody(rig)
    page = (await rig.http.get(f"/ats/candidates/{id}")).text
    for shown in ("Ada Byron", "ada@example.org", "Pilot", "cv.txt", "900", 'aria-current="step">New'):
        assert shown in page
    assert {change.actor.kind for change in rig.sandbox.db.log if change.object != "credentials"} == {"careers"}
    held = rig.sandbox.db["attachments"].where("candidate_id", id)[0]
    file = await rig.http.get(f"/ats/files/{held['id']}")
    assert (file.content, file.headers["content-disposition"]) == (
        CV["resume"][1],
        "attachment; filename*=UTF-8''cv.txt",
    )


async def test_what_is_missing_is_said_beside_its_field_and_what_was_written_stays(rig: Rig) -> None:
    answer = await applied(rig, email="nobody", consent="", question_hours="")
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} == {"email", "consent", "question_hours"}
    job = next(iter(rig.sandbox.db["jobs"]))["id"]
    page = await rig.http.post(f"/careers/jobs/{job}", data={**ADA, "email": ""})
    assert "Please give your e-mail address" in page.text
    assert "Please attach your CV" in page.text
    assert 'value="Byron"' in page.text
    assert '<option value="sv" selected>' in page.text
    refused = await applied(rig, email="blocked@example.org")
    assert refused.json()["errors"] == [{"field": "email", "message": "is blocked"}]


async def test_a_person_moves_rejects_notes_tags_and_edits_under_their_own_name(rig: Rig) -> None:
    id, application = await somebody(rig)
    db = rig.sandbox.db
    talk = next(row["id"] for row in db["stages"] if row["name"] == "Talk")
    assert await send(rig, f"/applications/{application}/move", to_stage_id=talk) == "Saved"
    assert db["applications"].rows[application]["stage_id"] == talk
    assert await send(rig, f"/applications/{application}/reject", rejection_reason_id="") == "Choose a reason"
    said = await send(rig, f"/applications/{application}/reject", rejection_reason_id="skills")
    assert (said, db["applications"].rows[application]["status"]) == ("Rejected for good", "rejected")
    await send(rig, f"/candidates/{id}/notes/add", body="Spoke <b>well</b>")
    await send(rig, f"/candidates/{id}/tags/add", name="imported")
    await send(rig, f"/candidates/{id}/edit", field_name="Ada Lovelace")
    await send(rig, f"/candidates/{id}/fields", field_site="https://ada.example", field_score="99")
    row = db["candidates"].rows[id]
    assert (row["name"], row["email"], row["site"]) == ("Ada Lovelace", "ada@example.org", "https://ada.example")
    assert row["fields"] == {}, "a field that is fixed cannot be changed by hand"
    page = (await rig.http.get(f"/ats/candidates/{id}")).text
    assert "Spoke &lt;b&gt;well&lt;/b&gt;" in page
    assert '<a href="https://ada.example" rel="noopener">' in page
    edits = [change for change in db.log if change.actor.kind not in ("careers", "system")]
    assert {(change.actor.kind, change.actor.user_id) for change in edits} == {
        ("user:Dana Whitfield", rig.sandbox.admin["id"])}  # fmt: skip


async def test_what_the_vendor_cannot_do_has_no_button_and_no_address(rig: Rig) -> None:
    id, application = await somebody(rig)
    page = (await rig.http.get(f"/ats/candidates/{id}")).text
    assert "Delete candidate" in page
    assert not any(words in page for words in ("Hire</button>", "Anonymize", "Merge into", "Attach a file"))
    assert (await rig.http.post(f"/ats/applications/{application}/hire")).status_code == 404
    assert await send(rig, f"/candidates/{id}/delete") == "Deleted"
    gone = await rig.http.get(f"/ats/candidates/{id}", headers=HTML)
    assert (gone.status_code, "No person" in gone.text) == (404, True)


async def test_scores_stand_in_the_list_on_the_board_and_on_the_profile(rig: Rig) -> None:
    id, _ = await somebody(rig)
    row = rig.sandbox.db["candidates"].rows[id]
    rig.sandbox.change_candidate(Actor("api:Bridge"), row, {"fields": {rig.sandbox.score: 87}})
    listed = (await rig.http.get("/ats/candidates", params={"q": "ada@"})).text
    assert '<th class="num">Score</th>' in listed
    assert re.search(r'data-label="Score" class="num">87<', listed)
    assert "1 people" in listed
    job = next(iter(rig.sandbox.db["jobs"]))["id"]
    assert "Score 87" in (await rig.http.get(f"/ats/jobs/{job}")).text
    assert 'data-field="score">87<' in (await rig.http.get(f"/ats/candidates/{id}")).text


async def test_a_list_is_read_page_by_page(rig: Rig) -> None:
    rig.sandbox.add_people(60)
    first, second = [(await rig.http.get("/ats/candidates", params={"page": page})).text for page in "12"]
    assert "Page 1 of 2" in first
    ids = [set(re.findall(r'href="/ats/candidates/([0-9a-f-]{36})"', page)) for page in (first, second)]
    assert (len(ids[0]), len(ids[1]), ids[0] & ids[1]) == (50, 13, set())


async def test_settings_are_a_table_a_form_and_buttons(rig: Rig) -> None:
    await rig.http.get("/ats/configure/webhooks")
    said = await send(rig, "/configure/webhooks/new", field_url="http://hooks.test/in",
                      field_events=["", "candidate.created", "candidate.deleted"])  # fmt: skip
    (row,) = rig.sandbox.db["webhooks"]
    assert (said, row["events"]) == ("Enabled", ["candidate.created", "candidate.deleted"])
    rig.apply()
    await rig.sandbox.hooks.deliver_due()
    assert "candidate.created" in (await rig.http.get("/ats/deliveries")).text
    await send(rig, f"/configure/webhooks/{row['id']}/disable")
    assert not row["enabled"]
    assert (await rig.http.get("/ats/configure/nothing")).status_code == 404


async def test_faults_are_ordered_and_removed_on_their_page(rig: Rig) -> None:
    assert "kind: drop" in (await rig.http.get("/ats/configure/faults", params={"kind": "drop"})).text
    assert await send(rig, "/configure/faults/new", faults="{kind: drop, times: 3}") == "Ordered"
    assert "unknown fault" in await send(rig, "/configure/faults/new", faults="{kind: nonsense}")
    assert await send(rig, "/configure/faults/1/delete") == "Removed"
    assert rig.sandbox.faults.ordered == []
    assert "no fault 1" in await send(rig, "/configure/faults/1/delete")


@pytest.mark.parametrize(
    "path", ["/ats/jobs", "/ats/activity", "/careers", "/ats/configure/webhooks", "/static/ats.css"]
)
async def test_every_page_is_there(rig: Rig, path: str) -> None:
    assert (await rig.http.get(path)).status_code == 200
    home = await rig.http.get("/ats")
    assert home.headers["location"] == "/ats/candidates"
