"""A person at the pages: what is done there is what programs see, and the other way round."""

from __future__ import annotations

from typing import Any

from .conftest import Build, Rig


async def do(rig: Rig, path: str, **form: Any) -> str:
    answer = await rig.http.post(f"/ats/{path}", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_a_person_moves_archives_and_hires(rig: Rig) -> None:
    row = await rig.apply()
    one = f"applications/{row['id']}"
    assert "wrong=" not in await do(rig, f"{one}/move", to_stage_id="offer")
    await do(rig, f"{one}/reject", rejection_reason_id=rig.reason("Timing"))
    shown = await rig.get(f"opportunities/{row['id']}")
    assert (shown["stage"], shown["archived"]["reason"]) == ("offer", rig.reason("Timing"))
    assert "wrong=" in await do(rig, f"{one}/move", to_stage_id="lead-new")
    await do(rig, f"{one}/unreject")
    await do(rig, f"{one}/hire")
    assert (await rig.get(f"opportunities/{row['id']}"))["archived"]["reason"] == rig.reason("Hired")
    change = next(one for one in reversed(rig.sandbox.db.log) if one.field == "archived")
    assert change.actor.kind == "user:Dana Whitfield"


async def test_a_person_writes_notes_tags_and_contact(rig: Rig) -> None:
    row = await rig.apply()
    at = f"candidates/{row['candidate_id']}"
    await do(rig, f"{at}/notes/add", body="Spoke on the phone")
    await do(rig, f"{at}/tags/add", name="callback")
    await do(rig, f"{at}/tags/remove", name="Engineering")
    await do(
        rig, f"{at}/edit", field_name="Grace M. Hopper", field_phones="+1 2, work\n+1 3", field_emails="g@example.org"
    )
    shown = await rig.get(f"opportunities/{row['id']}")
    assert "callback" in shown["tags"]
    assert "Engineering" not in shown["tags"]
    assert (shown["name"], shown["emails"]) == ("Grace M. Hopper", ["g@example.org"])
    assert shown["phones"] == [{"type": "work", "value": "+1 2"}, {"type": "mobile", "value": "+1 3"}]
    (note,) = await rig.get(f"opportunities/{row['id']}/notes")
    assert (note["fields"][0]["value"], note["user"]) == ("Spoke on the phone", rig.user("Dana Whitfield"))
    assert "wrong=" in await do(rig, f"{at}/edit", field_emails="no address")
    await do(rig, f"notes/{note['id']}/delete")
    assert await rig.get(f"opportunities/{row['id']}/notes") == []


async def test_what_programs_write_is_seen_where_lever_shows_it(rig: Rig) -> None:
    row = await rig.apply()
    at = f"opportunities/{row['id']}"
    template = await rig.send("POST", "form_templates", 201, json={"text": "AI screening", "fields": [
        {"type": "currency", "text": "AI score"}, {"type": "text", "text": "Reasons"}]})  # fmt: skip
    values = [
        {"id": one["id"], "value": value}
        for one, value in zip(template["fields"], (87, "Ten years of COBOL"), strict=True)
    ]
    await rig.send("POST", f"{at}/forms", 201, json={"baseTemplateId": template["id"], "fields": values})
    await rig.send("POST", f"{at}/notes", 201, json={"value": "A strong match", "score": 4, "secret": True})
    page = (await rig.http.get(f"/ats/candidates/{row['candidate_id']}")).text
    for text in ("AI score", "87", "Ten years of COBOL", "A strong match", "score 4", "secret", "cv.txt"):
        assert text in page
    assert "AI score" in (await rig.http.get("/ats/candidates")).text, "a score has a column"
    assert "87" in (await rig.http.get(f"/ats/jobs/{row['job_id']}")).text
    score = template["fields"][0]["id"]
    await do(rig, f"applications/{row['id']}/fields", **{f"field_{score}": "42"})
    (form,) = await rig.get(f"{at}/forms")
    assert [one["value"] for one in form["fields"]] == [42, "Ten years of COBOL"], "a person may change a form"
    assert "wrong=" in await do(rig, f"applications/{row['id']}/fields", **{f"field_{score}": "many"})


async def test_every_page_opens(build: Build) -> None:
    rig = build(candidates=30, dirty=True, requisitions=True)
    rig.sandbox.access.app(rig.person, "Partner", ["stages:read:admin"], ["https://b.example"])
    await rig.hook("candidateHired")
    people = [f"candidates/{row['id']}" for row in list(rig.sandbox.db["candidates"])[:5]]
    jobs = [f"jobs/{row['id']}" for row in rig.sandbox.db["jobs"]]
    setups = ("keys", "apps", "events", "webhooks", "form_templates", "feedback_templates", "outbox", "faults")
    for path in ("candidates", "candidates?q=backend", "jobs", "jobs/none", "deliveries", "activity", *people, *jobs,
                 *(f"configure/{one}" for one in setups)):  # fmt: skip
        answer = await rig.http.get(f"/ats/{path}")
        assert answer.status_code == 200, path
    careers = (await rig.http.get("/careers")).text
    assert "Backend Engineer" in careers
    assert "Chief Financial Officer" not in careers


async def test_a_key_is_made_on_a_page_and_said_once(rig: Rig) -> None:
    where = await do(
        rig, "configure/keys/new", field_name="Mine", field_scopes=["stages:read:admin"], field_confidential="true"
    )
    key = where.partition("API+key%3A+")[2]
    rig.basic(key)
    assert (await rig.call("GET", "stages")).status_code == 200
    assert (await rig.call("GET", "users")).status_code == 403
    assert key not in (await rig.http.get("/ats/configure/keys")).text
    row = next(one for one in rig.sandbox.db["credentials"] if one["name"] == "Mine")
    assert row["confidential"]
    await do(rig, f"configure/keys/{row['id']}/revoke")
    assert (await rig.call("GET", "stages")).status_code == 401


async def test_templates_are_made_on_pages_and_jobs_opened_and_closed(rig: Rig) -> None:
    await do(
        rig, "configure/form_templates/new", field_text="Checks", field_fields="Verdict | dropdown | Good, Bad\nWhy"
    )
    shown = next(one for one in await rig.items("form_templates") if one["text"] == "Checks")
    assert [(one["text"], one["type"]) for one in shown["fields"]] == [("Verdict", "dropdown"), ("Why", "text")]
    await do(rig, "jobs/new", name="Night Guard", stages="")
    job = rig.job("Night Guard")
    assert (await rig.get(f"postings/{job}"))["state"] == "published"
    await do(rig, f"jobs/{job}/close")
    assert (await rig.get(f"postings/{job}"))["state"] == "closed"
    await do(rig, "stages/rename", stage_id="offer", name="Contract")
    assert (await rig.get("stages/offer"))["text"] == "Contract"


async def test_somebody_applies_on_the_careers_page_and_gets_a_mail(rig: Rig) -> None:
    row = await rig.apply()
    (sent,) = rig.sandbox.db["emails"]
    assert sent["to"] == ["grace@example.org"]
    assert "grace@example.org" in (await rig.http.get("/ats/configure/outbox")).text
    (application,) = await rig.get(f"opportunities/{row['id']}/applications")
    assert application["customQuestions"][0]["fields"][0]["value"] == "yes"
    job = rig.job()
    refused = await rig.http.post(
        f"/careers/jobs/{job}", data={"first_name": "A"}, headers={"Accept": "application/json"}
    )
    assert refused.status_code == 422
