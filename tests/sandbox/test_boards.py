"""Public job boards: what everybody sees without a key, and what nobody does."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from bascule.sandbox.greenhouse import jobs
from bascule.sandbox.kit.tables import SYSTEM
from bascule.sandbox.registry import load

HIDDEN = {"title": "Chief Operating Officer", "confidential": True, "description": "<p>Nobody knows yet.</p>"}
OPEN = {
    "title": "Nurse & Carer", "department": "Care", "office": "Stockholm", "description": "<p>You care for <b>R&amp;D</b>.</p>",
    "questions": ({"label": "Your licence number", "required": True}, {"label": "Nights?", "type": "yes_no"}),
}  # fmt: skip


class Board:
    def __init__(self, name: str, **more: Any) -> None:
        vendor = load(name)
        self.tenant = vendor.make(vendor.options(jobs=(OPEN, HIDDEN), **more))
        transport = httpx2.ASGITransport(vendor.app(self.tenant))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://ats.test")

    async def get(self, path: str, status: int = 200) -> Any:
        answer = await self.http.get(path)
        assert answer.status_code == status, answer.text
        return answer.json() if status == 200 or "json" in answer.headers["content-type"] else answer.text


async def test_a_greenhouse_job_stands_there_as_its_post_with_its_html_escaped() -> None:
    board = Board("greenhouse", board="acme")
    (job,) = (row for row in board.tenant.db["jobs"] if row["name"] == OPEN["title"])
    (post,) = board.tenant.db["job_posts"].where("job_id", job["id"])
    listed = await board.get("/v1/boards/acme/jobs")
    assert listed["meta"] == {"total": 1}
    (brief,) = listed["jobs"]
    assert (brief["id"], brief["internal_job_id"], brief["title"]) == (post["id"], job["id"], "Nurse & Carer")
    assert "content" not in brief
    (whole,) = (await board.get("/v1/boards/acme/jobs?content=true"))["jobs"]
    assert whole["content"] == "&lt;p&gt;You care for &lt;b&gt;R&amp;amp;D&lt;/b&gt;.&lt;/p&gt;"
    assert [one["name"] for one in (*whole["departments"], *whole["offices"])] == ["Care", "Stockholm"]
    page = await board.http.get(whole["absolute_url"])
    assert "Nurse &amp; Carer" in page.text


async def test_greenhouses_form_has_what_is_always_asked_and_the_posts_own_questions_but_private_ones() -> None:
    board = Board("greenhouse")
    post = next(iter(board.tenant.db["job_posts"]))
    questions = [
        *post["questions"],
        {"id": 9, "label": "Secret", "required": False, "private": True, "type": "short_text"},
    ]
    board.tenant.db.change("job_posts", post["id"], SYSTEM, {"questions": questions})
    one = await board.get(f"/v1/boards/sandbox/jobs/{post['id']}?questions=true&pay_transparency=true")
    asked = {question["label"]: question for question in one["questions"]}
    assert asked["Resume"]["fields"][0]["type"] == "input_file"
    assert asked["Your licence number"]["required"] is True
    assert [value["label"] for value in asked["Nights?"]["fields"][0]["values"]] == ["No", "Yes"]
    assert "Secret" not in asked
    assert one["pay_input_ranges"] == []
    assert "questions" not in await board.get(f"/v1/boards/sandbox/jobs/{post['id']}")


async def test_greenhouses_departments_and_offices_show_the_jobs_posted_in_them() -> None:
    board = Board("greenhouse")
    for kind, name in (("departments", "Care"), ("offices", "Stockholm")):
        found = {one["name"]: one for one in (await board.get(f"/v1/boards/sandbox/{kind}"))[kind]}
        assert [job["title"] for job in found[name]["jobs"]] == ["Nurse & Carer"]
    assert await board.get("/v1/boards/another/jobs", 404) == {"status": 404, "error": "Job board not found"}
    assert await board.get("/v1/boards/sandbox/jobs/1", 404) == {"status": 404, "error": "Job not found"}
    assert (await board.get("/v1/boards/sandbox"))["name"] == "sandbox"


async def test_ashbys_board_is_one_answer_and_says_of_a_posting_that_it_is_not_listed() -> None:
    board = Board("ashby", board="acme")
    found = await board.get("/posting-api/job-board/acme?includeCompensation=true")
    (job,) = found["jobs"]
    assert (found["apiVersion"], job["title"], job["isListed"]) == ("1", "Nurse & Carer", True)
    assert job["id"] in job["jobUrl"]
    assert job["descriptionHtml"] == OPEN["description"]
    assert "Nurse" in (await board.http.get(job["jobUrl"])).text
    assert job["compensation"]["compensationTiers"] == []
    assert "compensation" not in (await board.get("/posting-api/job-board/acme"))["jobs"][0]
    board.tenant.db.change("postings", job["id"], SYSTEM, {"listed": False})
    assert [one["isListed"] for one in (await board.get("/posting-api/job-board/acme"))["jobs"]] == [False]
    board.tenant.db.change("postings", job["id"], SYSTEM, {"published": False})
    assert (await board.get("/posting-api/job-board/acme"))["jobs"] == []
    await board.get("/posting-api/job-board/another", 404)


async def test_a_smartrecruiters_posting_has_a_number_and_a_uuid_and_its_text_only_by_itself() -> None:
    board = Board("smartrecruiters")
    listed = await board.get("/v1/companies/sandbox/postings")
    (brief,) = listed["content"]
    assert (listed["totalFound"], brief["name"], brief["id"].isdigit()) == (1, "Nurse & Carer", True)
    assert "jobAd" not in brief
    for id in (brief["id"], brief["uuid"]):
        whole = await board.get(f"/v1/companies/sandbox/postings/{id}")
        assert whole["jobAd"]["sections"]["jobDescription"]["text"] == OPEN["description"]
    assert (await board.http.get(whole["postingUrl"])).status_code == 200
    assert (await board.get("/v1/companies/nobody/postings"))["totalFound"] == 0


@pytest.mark.parametrize("path", ["/v1/boards/sandbox/jobs?content=true", "/v1/boards/sandbox/offices"])
async def test_a_job_that_is_closed_is_on_no_board(path: str) -> None:
    board = Board("greenhouse")
    job = next(iter(board.tenant.db["jobs"]))
    jobs.update(board.tenant, SYSTEM, job["id"], {"status": "closed"})  # type: ignore[arg-type]
    assert "Nurse" not in (await board.http.get(path)).text
