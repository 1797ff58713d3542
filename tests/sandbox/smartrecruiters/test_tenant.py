"""Companies differ by options; people work on the small ATS; the same seed is the same company."""

from __future__ import annotations

import re

from bascule.sandbox.kit.server import options_of, own_arguments
from bascule.sandbox.smartrecruiters import VENDOR, Options, Sandbox

from ..conftest import Clock
from .conftest import Build, Rig


def test_the_same_seed_is_the_same_company_and_another_is_not() -> None:
    first, second, other = (Sandbox(Options(seed=seed, candidates=5), now=Clock()) for seed in (3, 3, 4))
    shown = [[(row["id"], row["email"]) for row in one.db["candidates"]] for one in (first, second, other)]
    assert shown[0] == shown[1] != shown[2]
    assert first.db.log == []
    assert [row["secret"] for row in first.db["credentials"]] == [row["secret"] for row in second.db["credentials"]]


def test_a_company_that_is_years_old() -> None:
    sandbox = Sandbox(Options(candidates=40, dirty=True), now=Clock())
    db = sandbox.db
    with_none = [row for row in db["candidates"] if not db["applications"].where("candidate_id", row["id"])]
    assert with_none
    assert {"LEAD", "TRANSFERRED"} <= {row["status"] for row in db["applications"]}
    assert {"CANCELLED", "ON_HOLD"} <= {row["status"] for row in db["jobs"]}


def test_every_option_can_be_given_on_the_command_line() -> None:
    own = own_arguments(VENDOR, ["--rating", "overallRating", "--no-bulk", "--search-lag", "5", "--rate", "3/1"], "x")
    options = options_of(VENDOR, own)
    assert isinstance(options, Options)
    assert (options.rating, options.no_bulk, options.search_lag, options.rate.limit) == ("overallRating", True, 5.0, 3)


async def test_jobs_of_ones_own_bring_their_stages(build: Build) -> None:
    rig = build(jobs=[{"title": "Pilot", "stages": ["Papers", "Simulator interview", "Contract"]}])
    told = (await rig.ok("GET", "/configuration/hiring-processes"))["content"][-1]
    assert told["subStatuses"] == {
        "IN_REVIEW": ["Papers"],
        "INTERVIEW": ["Simulator interview"],
        "OFFERED": ["Contract"],
    }


async def test_a_person_works_on_the_ats(rig: Rig) -> None:
    form = {"first_name": "Ada", "last_name": "Byron", "email": "ada@mail.example", "phone": "+44 1", "consent": "yes",
            "q0": "true", "question_q0": "Yes"}  # fmt: skip
    page = await rig.http.get(f"/careers/jobs/{rig.job()['id']}")
    names = re.findall(r'name="([^"]*q0)"', page.text)
    sent = await rig.http.post(f"/careers/jobs/{rig.job()['id']}", data={**form, **dict.fromkeys(names, "Yes")},
                               files={"resume": ("cv.txt", b"Analyst", "text/plain")})  # fmt: skip
    assert sent.status_code in (200, 201, 303), sent.text
    (row,) = rig.sandbox.db["candidates"]
    own, page = rig.applied(row), f"/ats/candidates/{row['id']}"
    rig.sandbox.db.change("applications", own["id"], rig.dana(), {"properties": {rig.property()["id"]: 87}})
    shown = await rig.http.get(page)
    assert "Screening score" in shown.text
    assert "87" in shown.text
    process = rig.job()["process_id"]
    stage = rig.sandbox.stage(process, "INTERVIEW", "Onsite")
    assert stage is not None
    assert (
        await rig.http.post(f"/ats/applications/{own['id']}/move", data={"to_stage_id": stage["id"]})
    ).status_code == 303
    assert own["status"] == "INTERVIEW"
    await rig.http.post(f"{page}/notes/add", data={"body": "Very good"})
    await rig.http.post(f"{page}/tags/add", data={"name": "callback"})
    reason = next(one["id"] for one in rig.sandbox.db["reasons"] if one["kind"] == "withdrawal")
    await rig.http.post(f"/ats/applications/{own['id']}/reject", data={"rejection_reason_id": reason})
    assert own["status"] == "WITHDRAWN"
    await rig.http.post(f"/ats/applications/{own['id']}/unreject")
    assert (own["status"], own["reason_id"]) == ("INTERVIEW", None)
    told = await rig.ok("GET", f"/candidates/{row['id']}")
    assert told["tags"] == ["callback"]
    for key in ("credentials", "webhooks", "properties", "processes", "outbox"):
        assert (await rig.http.get(f"/ats/configure/{key}")).status_code == 200
    for path in ("/ats", "/ats/candidates", "/ats/jobs", f"/ats/jobs/{rig.job()['id']}", "/careers"):
        assert (await rig.http.get(path, follow_redirects=True)).status_code == 200
