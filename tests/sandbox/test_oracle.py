"""What the sandbox tells about itself, and the tenants it fills."""

from __future__ import annotations

from bascule.sandbox.greenhouse import Options, Sandbox

from .conftest import Build, Clock, Rig


async def test_the_change_log_tells_every_change_in_order(rig: Rig) -> None:
    last = (await rig.http.get("/sandbox/changes")).json()["last"]
    ids = await rig.apply()
    rig.clock.move(seconds=2)
    await rig.call("POST", "custom_fields", json={"name": "Score", "field_type": "application", "value_type": "number"})
    await rig.call("PATCH", f"applications/{ids['application_id']}",
                   json={"custom_fields": [{"name_key": "score", "value": 87}]})  # fmt: skip
    answer = (await rig.http.get("/sandbox/changes", params={"after": last})).json()
    rows = answer["changes"]
    assert [row["seq"] for row in rows] == list(range(last + 1, answer["newest"] + 1))
    born = next(row for row in rows if (row["object"], row["action"]) == ("applications", "created"))
    assert (born["actor"], born["id"], born["parents"]["candidate_id"]) == (
        "careers", ids["application_id"], ids["candidate_id"])  # fmt: skip
    written = rows[-1]
    assert (written["field"], written["old"], written["new"]) == ("custom_fields.score", None, "87")
    assert (written["actor"], written["acting_user_id"]) == ("api:Bridge", 4_012_001)
    assert written["at"] - born["at"] == 2.0
    only = (await rig.http.get("/sandbox/changes", params={"object": "candidates", "limit": "1"})).json()["changes"]
    assert [row["object"] for row in only] == ["candidates"]


async def test_state_and_request_counters(rig: Rig) -> None:
    ids = await rig.apply()
    await rig.call("PATCH", f"candidates/{ids['candidate_id']}", json={"title": "x"})
    state = (await rig.http.get("/sandbox/state", params={"only": "candidates"})).json()
    assert [row["title"] for row in state["tables"]["candidates"]] == ["x"]
    rows = (await rig.http.get("/sandbox/requests")).json()["requests"]
    assert {"method": "PATCH", "endpoint": "/v3/candidates/{id}", "status": 200, "count": 1} in rows


async def test_latency_is_waited_for_on_the_interface_and_not_on_pages(build: Build) -> None:
    rig = build(latency=0.02)
    await rig.sign_in()
    await rig.call("GET", "jobs")
    await rig.http.get("/candidates")
    assert rig.slept == [0.02, 0.02]


def test_the_same_seed_is_the_same_tenant() -> None:
    def tenant(seed: int) -> list[tuple[object, ...]]:
        sandbox = Sandbox(Options(seed=seed, candidates=50, dirty=True), now=Clock())
        return [(row["id"], row["first_name"], row["email_addresses"], row["created_at"]) for row in
                sandbox.db["candidates"]]  # fmt: skip

    assert tenant(4) == tenant(4)
    assert tenant(4) != tenant(5)


def test_what_is_filled_in_lies_in_the_past_and_not_in_the_change_log() -> None:
    clock = Clock()
    sandbox = Sandbox(Options(candidates=300, dirty=True), now=clock)
    assert sandbox.db.log == []
    for table in sandbox.db.tables.values():
        assert all(row["created_at"] <= clock.at for row in table)
        assert all(row["updated_at"] <= clock.at for row in table)


def test_five_thousand_people_have_everything_a_tenant_has() -> None:
    sandbox = Sandbox(Options(candidates=5_000), now=Clock())
    assert len(sandbox.db["candidates"]) == 5_000
    kinds = ("applications", "notes", "attachments", "scorecards", "interviews", "offers", "rejection_details", "eeoc",
             "demographic_answers", "candidate_employments")  # fmt: skip
    for kind in kinds:
        assert len(sandbox.db[kind]) > 500, kind
    assert {row["status"] for row in sandbox.db["applications"]} == {"in_process", "rejected", "hired"}


def test_a_dirty_tenant_has_what_real_ones_have() -> None:
    sandbox = Sandbox(Options(candidates=200, dirty=True), now=Clock())
    db = sandbox.db
    people, applications, jobs = list(db["candidates"]), list(db["applications"]), list(db["jobs"])
    mails = [one["value"] for row in people for one in row["email_addresses"]]
    assert len(mails) > len(set(mails)), "shared addresses and duplicates"
    assert mails.count("jobs@agency.example") > 1
    own = [mail for mail in mails if mail != "jobs@agency.example"]
    assert len(own) > len(set(own)), "the same person twice"
    assert any(not row["email_addresses"] for row in people)
    assert any(row["private"] for row in people)
    assert any(row["prospect"] for row in applications)
    assert len({row["candidate_id"] for row in applications}) < len(applications), "re-applicants"
    assert any(row["confidential"] for row in jobs)
    assert any(row["status"] == "closed" and db["applications"].where("job_id", row["id"]) for row in jobs)
    ladders = {tuple(one["name"] for one in db["job_interview_stages"].where("job_id", row["id"])) for row in jobs}
    assert len(ladders) >= 3
    assert any(row["required"] for row in db["custom_fields"])
    assert any("Merged with candidate" in row["body"] for row in db["notes"])
    assert len(db["candidates"].ids) < db["candidates"].ids[-1] - db["candidates"].ids[0] + 1, "merged people are gone"


async def test_the_jobs_of_a_tenant_can_be_given(build: Build) -> None:
    rig = build(jobs=[{"title": "Pilot", "department": "Air", "office": "Cork", "description": "<p>Fly</p>",
                       "notes": "Urgent", "questions": ["Hours flown?"], "stages": ["In", "Out"]}])  # fmt: skip
    await rig.sign_in()
    (job,) = await rig.items("jobs")
    assert (job["name"], job["notes"], job["status"]) == ("Pilot", "Urgent", "open")
    assert [row["name"] for row in reversed(await rig.items("job_interview_stages"))] == ["In", "Out"]
    (post,) = await rig.items("job_posts")
    assert (post["content"], post["questions"][0]["label"]) == ("<p>Fly</p>", "Hours flown?")


async def test_more_people_can_be_added_while_it_runs(rig: Rig) -> None:
    await rig.hook("new_candidate_application", "reject_candidate")
    answer = await rig.http.post("/sandbox/seed", json={"candidates": 30})
    assert answer.json() == {"candidates": 30}
    assert await rig.events() == []
    assert len(await rig.items("candidates")) == 30
