"""The rubric's page and its door in the API: what a person sets, and what they are told."""

from __future__ import annotations

from tests.databases import both_databases

from bascule.model import Family, Kind, Record, Source
from bascule.server.roles import Role

from .conftest import SOMEBODY, Bench

TEXT = """You plan visits for our nurses. You will work closely with colleagues from sales.

You must have
- Kubernetes and PostgreSQL in production
- 3 years of experience with Python
"""


async def with_job(bench: Bench) -> str:
    """A job with a rubric of its own text."""
    app, now = bench.app, bench.app.runtime.now()
    id, home = app.runtime.id(), app.runtime.id()
    fields = {"title": "Backend Engineer", "description": TEXT}
    sources = dict.fromkeys(fields, Source("ours", SOMEBODY, "read", now))
    job = Record(id, app.workspace, Kind.JOB, home, None, fields, sources, "ours", now)
    await app.store.write(
        lambda tx: tx.families.save(None, Family(home, app.workspace, Kind.JOB, 0, "salt", {id: job}, {}), now=now)
    )
    await app.rubrics.of(job, 0)
    return id


@both_databases
async def test_a_person_changes_a_rubric_on_its_page_and_a_program_through_the_api(inside: Bench) -> None:
    id = await with_job(inside)
    path, key = f"/jobs/{id}/rubric", {"authorization": f"Bearer {inside.app.local_key}"}
    page = (await inside.browser.get(path)).text
    assert "Kubernetes and PostgreSQL in production" in page
    assert "The text also speaks of: liaise with colleagues (“work closely with colleagues”)" in page
    skills = [part.split('"')[0] for part in page.split('name="skill" value="')[1:]]
    weights = {f"weight-{key}": share for key, share in
               (("skills", "30"), ("experience", "35"), ("role", "20"), ("years", "10"), ("languages", "5"))}  # fmt: skip
    form = {"version": "1", "skill": skills, "importance": ["nice"] + ["must"] * (len(skills) - 1), **weights}
    form |= {"condition": ["driving licence", "travel"], "condition_asked": ["asked for", "not asked for"],
             "condition_detail": ["B", ""]}  # fmt: skip
    form |= {"new_skill": "Terraform", "new_importance": "must", "years": "5", "languages": "German: B2"}
    answer = await inside.post(path, **form)
    assert answer.status_code == 303, answer.text
    page = (await inside.browser.get(path)).text
    assert "IBM Terraform: must (new)" in page
    assert "Years of experience: 3 → 5" in page
    assert "Languages: none → German (working level)" in page

    assert "Place and eligibility: none → driving licence, B" in page
    assert page.count("set by a person") >= 2

    await inside.post(path, **form)
    assert "version 2 holds, you saw 1" in (await inside.browser.get(path)).text

    told = (await inside.browser.put(f"/api/v1{path}", json={"version": 2, "years": None}, headers=key)).json()
    assert (told["version"], told["years"]) == (3, 3)
    wrong = await inside.browser.put(f"/api/v1{path}", json={"version": 3, "weights": {"charm": 3}}, headers=key)
    assert wrong.status_code == 422
    assert "no part 'charm'" in wrong.text


async def test_who_may_not_edit_sees_the_rubric_and_cannot_change_it(bench: Bench) -> None:
    id = await with_job(bench)
    await bench.enter(Role.HIRING_MANAGER)
    page = await bench.browser.get(f"/jobs/{id}/rubric")
    assert "Save as version" not in page.text
    assert "also speaks of" not in page.text
    await bench.post(f"/jobs/{id}/rubric", version="1", years="9")
    assert (await bench.app.rubric_desk.told(id))["version"] == 1


async def test_what_no_score_says_cannot_be_marked_wrong_through_the_api(inside: Bench) -> None:
    key = {"authorization": f"Bearer {inside.app.local_key}"}
    for method, path, body in (
        ("POST", "/api/v1/applications/nobody/corrections", {"skill": "x"}),
        ("GET", "/api/v1/applications/nobody/corrections", None),
        ("DELETE", "/api/v1/applications/nobody/corrections/none", None),
    ):
        answer = await inside.browser.request(method, path, json=body, headers=key)
        assert answer.status_code == 404, answer.text
    assert (await inside.browser.get("/api/v1/corrections", headers=key)).json() == {"items": [], "next": None}


@both_databases
async def test_outcomes_have_a_page_and_a_log_and_who_may_not_edit_cannot_enter_anything(inside: Bench) -> None:
    id = await with_job(inside)
    key = {"authorization": f"Bearer {inside.app.local_key}"}
    page = (await inside.browser.get(f"/jobs/{id}/outcomes")).text
    assert "Nobody has been decided about since they were scored" in page
    await inside.post(
        f"/jobs/{id}/outcomes", seen="Precision fell in November.", changed="Kubernetes is a must.", version="1"
    )
    page = (await inside.browser.get(f"/jobs/{id}/outcomes")).text
    assert "Precision fell in November." in page
    assert "version 1 since" in page
    told = (await inside.browser.get(f"/api/v1/jobs/{id}/outcomes", headers=key)).json()
    assert [one["changed"] for one in told["remediations"]] == ["Kubernetes is a must."]
    body = {"seen": "x", "changed": "y", "version": 9}
    refused = await inside.browser.post(f"/api/v1/jobs/{id}/remediations", json=body, headers=key)
    assert (refused.status_code, "no version 9" in refused.text) == (422, True)
    assert (await inside.browser.get("/outcomes")).status_code == 200
    assert (await inside.browser.get("/api/v1/outcomes", headers=key)).json()["all"]["decided"] == 0
    await inside.enter(Role.HIRING_MANAGER)
    assert "Enter what was done" not in (await inside.browser.get(f"/jobs/{id}/outcomes")).text
    await inside.post(f"/jobs/{id}/outcomes", seen="x", changed="y", version="0")
    assert len((await inside.app.outcomes.told(id))["remediations"]) == 1
