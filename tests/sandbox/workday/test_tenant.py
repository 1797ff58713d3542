"""Tenants: the same options give the same people and secrets, others give others; options, command line, workspace."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bascule.sandbox.kit.server import options_of, own_arguments
from bascule.sandbox.workday import VENDOR, Options, Sandbox
from bascule.sandbox.workday.process import steps_of

from .conftest import Clock, Rig
from .test_candidates import get, ordered
from .test_writes import put_more


def test_the_same_seed_gives_the_same_tenant_and_another_gives_other_ids() -> None:
    def taken(**options: Any) -> tuple[set[str], list[str], list[str]]:
        made = Sandbox(Options(candidates=20, **options), now=Clock())
        return ({row["id"] for row in made.db["candidates"]}, [row["secret"] for row in made.db["credentials"]],
                [row["ref"] for row in made.db["candidates"]])  # fmt: skip

    assert taken() == taken()
    ids, secrets, refs = taken(seed=2)
    assert not ids & taken()[0]
    assert not set(secrets) & set(taken()[1])
    assert refs == taken()[2], "reference ids are counted, in every tenant alike"


def test_a_tenant_can_have_its_own_jobs_and_steps() -> None:
    job = {"title": "Pilot", "stages": ["CV check", "Phone Screen", "Simulator Test", "Offer"], "openings": 2}
    made = Sandbox(Options(jobs=[job], candidates=3), now=Clock())
    (row,) = made.db["jobs"]
    steps = steps_of(made.db, row["process_id"])
    stages = made.db["recruiting_stages"].rows
    assert [(step["name"], stages[step["recruiting_stage_id"]]["ref"]) for step in steps] == [
        ("CV check", "REVIEW"), ("Phone Screen", "SCREEN"), ("Simulator Test", "ASSESSMENT"), ("Offer", "OFFER"),
        ("Ready for Hire", "READY_FOR_HIRE")]  # fmt: skip
    assert made.people() == 3


def test_real_tenants_are_dirty() -> None:
    made = Sandbox(Options(candidates=60, dirty=True), now=Clock())
    people = list(made.db["candidates"])
    assert any(row["purged"] for row in people)
    assert any(row["prospect"] for row in people)
    assert any(not row["email"] for row in people)
    assert any(len(made.db["applications"].where("candidate_id", row["id"])) > 1 for row in people)
    assert {made.db["job_statuses"].rows[row["status_id"]]["ref"] for row in made.db["jobs"]} >= {
        "OPEN",
        "CLOSED",
        "FROZEN",
    }


def test_the_command_line_chooses_every_way() -> None:
    own = own_arguments(VENDOR, ["--tenant", "acme", "--empty-criteria", "everything", "--no-custom-object",
                                 "--required", "phone,country", "--rate", "5/1", "--zone", "Europe/Berlin"], "workday")  # fmt: skip
    chosen = options_of(VENDOR, own)
    assert isinstance(chosen, Options)
    assert (chosen.tenant, chosen.empty_criteria, chosen.custom_object, chosen.required) == (
        "acme",
        "everything",
        False,
        ("phone", "country"),
    )
    assert (chosen.rate.limit, chosen.zone, chosen.tags) == (5, "Europe/Berlin", "written")
    for wrong in ({"zone": "Mars/Base"}, {"required": ("shoe",)}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Options(**wrong)


def test_what_is_told_at_the_start_gets_one_in(rig: Rig) -> None:
    facts = VENDOR.facts(rig.sandbox)
    assert facts["username"] == "ISU_Screening@sandbox"
    assert facts["password"] == rig.credential("isu")["secret"]
    assert rig.sandbox.tokens.good("refresh", facts["refresh_token"])
    assert dict(VENDOR.told("http://wd.test", rig.sandbox))["Workspace"] == "http://wd.test/ats"


# The workspace, as a person uses it.


async def send(rig: Rig, path: str, **form: Any) -> str:
    """Send a form of the workspace and say what the page then says."""
    named = {f"field_{key}": value for key, value in form.items()}  # what is edited stands there with a prefix
    answer = await rig.http.post(
        f"/ats{path}", data={**form, **named}, headers={"Referer": "http://wd.test/ats/candidates"}
    )
    assert answer.status_code == 303, answer.text
    page = await rig.http.get(answer.headers["location"], headers={"Accept": "text/html"})
    assert page.status_code == 200, page.text
    (said,) = re.findall(r'<p class="flash[^>]*>([^<]*)</p>', page.text)
    return said


async def test_somebody_applies_on_the_careers_page(rig: Rig) -> None:
    form = {"first_name": "Ada", "last_name": "Byron", "email": "ada@example.org", "phone": "+44 1", "consent": "yes",
            "question_q0": "Yes", "question_q1": "https://code.example"}  # fmt: skip
    answer = await rig.http.post(f"/careers/jobs/{rig.job()['id']}", data=form, headers={"Accept": "application/json"},
                                 files={"resume": ("cv.txt", b"Analyst at Engine Ltd", "text/plain")})  # fmt: skip
    assert answer.status_code in (200, 201), answer.text
    got = await get(rig)
    assert ordered(got.root) > 8
    assert got.text("Email_Address") == "ada@example.org"
    assert got.texts("Answer_Text") == ["Yes", "https://code.example"]
    assert got.texts("Filename") == ["cv.txt"]
    again = await rig.http.post(f"/careers/jobs/{rig.job()['id']}", data=form, headers={"Accept": "application/json"},
                                files={"resume": ("cv.txt", b"x", "text/plain")})  # fmt: skip
    assert (again.status_code, len(rig.db["candidates"])) == (422, 1)


async def test_a_person_moves_rejects_comments_tags_and_edits_under_their_own_name(rig: Rig) -> None:
    row = rig.person()
    application, id = rig.applied(row), row["id"]
    before = len(rig.db.log)
    page = (await rig.http.get(f"/ats/candidates/{id}")).text
    assert "Ada Byron" in page
    choices = page.split('name="to_stage_id"')[1].split("</select>")[0]
    assert re.findall(r">([^<]+)</option>", choices) == ["Recruiter Screen"], "only what may come next can be chosen"
    reasons = page.split('name="rejection_reason_id"')[1].split("</select>")[0]
    assert "Candidate declined the offer" not in reasons
    assert (
        await send(rig, f"/applications/{application['id']}/move", to_stage_id=rig.step("Offer")["id"])
        == "The next step is not valid."
    )
    assert (
        await send(rig, f"/applications/{application['id']}/move", to_stage_id=rig.step("Recruiter Screen")["id"])
        == "Saved"
    )
    reason = rig.sandbox.named("dispositions", "POSITION_FILLED")["id"]
    assert await send(rig, f"/applications/{application['id']}/reject", rejection_reason_id=reason) == "Saved"
    assert (await get(rig)).ids("Disposition_Reference", "Recruiting_Disposition_ID") == ["POSITION_FILLED"]
    assert await send(rig, f"/applications/{application['id']}/unreject") == "Saved"
    assert await send(rig, f"/candidates/{id}/notes/add", body="Called her") == "Saved"
    assert await send(rig, f"/candidates/{id}/tags/add", name="night shifts") == "Saved"
    assert await send(rig, f"/candidates/{id}/tags/add", name="referred") == "Saved"
    assert await send(rig, f"/candidates/{id}/tags/remove", name="night shifts") == "Saved"
    contact = {"first_name": "Augusta", "middle_name": "", "last_name": "King", "email": "a@example.org", "phone": "",
               "address": "", "city": "London", "postal_code": ""}  # fmt: skip
    assert await send(rig, f"/candidates/{id}/edit", **contact) == "Saved"
    assert await send(rig, f"/candidates/{id}/fields", do_not_hire="true", withdrawn="false") == "Saved"
    assert (row["first_name"], row["city"], row["do_not_hire"], len(row["tags"])) == ("Augusta", "London", True, 1)
    assert {one.actor.kind for one in rig.db.log[before:]} == {"user:Dana Whitfield"}


async def test_a_person_sees_scores_and_corrects_them(rig: Rig) -> None:
    row = rig.person()
    application = rig.applied(row)
    await put_more(rig, application, "<c:score>87</c:score><c:summary>Knows SQL</c:summary>")
    page = (await rig.http.get(f"/ats/candidates/{row['id']}")).text
    assert "Knows SQL" in page
    assert "87" in (await rig.http.get("/ats/candidates")).text
    values = {"screeningResult.score": "60", "screeningResult.summary": "Less", "screeningResult.link": "",
              "screeningResult.recommendation": "Hold", "screeningResult.scoredOn": ""}  # fmt: skip
    assert await send(rig, f"/applications/{application['id']}/fields", **values) == "Saved"
    assert application["additional"]["screeningResult"] == {"score": "60", "summary": "Less", "recommendation": "Hold"}


async def test_people_are_hired_merged_purged_and_deleted_there(rig: Rig) -> None:
    ada, bob, eve = rig.person(job="Registered Nurse"), rig.person("Bob"), rig.person("Eve")
    application = rig.applied(ada)
    assert await send(rig, f"/applications/{application['id']}/hire") == "The candidate is not ready for hire."
    for step in ("Interview", "Offer", "Ready for Hire"):
        await rig.move(application, step, "Registered Nurse")
    assert (await send(rig, f"/applications/{application['id']}/hire")).startswith("Hired as worker")
    assert await send(rig, f"/candidates/{eve['id']}/merge", duplicate_id=bob["id"]) == "Saved"
    assert await send(rig, f"/candidates/{eve['id']}/anonymize") == "Saved"
    assert f"Candidate {eve['ref']}" in (await rig.http.get("/ats/candidates")).text
    assert await send(rig, f"/candidates/{eve['id']}/delete") == "Deleted"
    assert [one["id"] for one in rig.db["candidates"]] == [ada["id"]]


async def test_settings_make_users_and_clients_and_show_process_and_outbox(rig: Rig) -> None:
    said = await send(rig, "/configure/users/new", name="ISU_Two", domains=["Candidate Data", "Move Candidate"])
    name, password = said.split(", password ")
    assert (await rig.soap("Server_Timestamp_Get", header=rig.header(name, password))).status == 200
    row = next(one for one in rig.db["credentials"] if one["name"] == "ISU_Two")
    assert row["scopes"] == ["Candidate Data", "Move Candidate"]
    said = await send(rig, "/configure/clients/new", name="Two", user=row["id"], areas=["Recruiting"], redirect="")
    assert "refresh token" in said
    assert (await send(rig, f"/configure/users/{row['id']}/new password")).startswith("New secret")
    assert await send(rig, f"/configure/users/{row['id']}/revoke") == "Saved"
    assert (await rig.soap("Server_Timestamp_Get", header=rig.header(name, row["secret"]))).status == 500
    rig.person()
    for key, shown in (("processes", "Recruiter Screen"), ("outbox", "Thank you for applying")):
        assert shown in (await rig.http.get(f"/ats/configure/{key}")).text


async def test_jobs_are_opened_and_closed_there(rig: Rig) -> None:
    assert await send(rig, "/jobs/new", name="Pilot", stages="Review\nSimulator Test") == "Job opened"
    job = rig.job("Pilot")
    assert [step["name"] for step in steps_of(rig.db, job["process_id"])] == [
        "Review",
        "Simulator Test",
        "Ready for Hire",
    ]
    assert await send(rig, f"/jobs/{job['id']}/close") == "Saved"
    assert rig.db["job_statuses"].rows[job["status_id"]]["ref"] == "CLOSED"
    assert (await rig.http.get(f"/ats/jobs/{rig.job()['id']}")).status_code == 200
