"""Jobs, their postings and openings, and the stages of interview plans."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .. import pipeline, storage
from ..api import Call, whole
from ..errors import invalid
from ..listing import Page
from .reads import info, listed, table, unpaged


def _status(call: Call) -> Any:
    wanted = call.body.get("status")
    if wanted is None:
        return ("Open", "Closed", "Archived")
    if not isinstance(wanted, list) or any(one not in pipeline.MOVES for one in wanted):
        raise invalid(f"A list of {', '.join(pipeline.MOVES)}", "status")
    return wanted


def jobs(call: Call) -> Page:
    wanted, expand = _status(call), call.expand("location", "openings")
    rows = [row for row in call.newer(call.sight.all("jobs")) if row["status"] in wanted]
    for name, column, later in (("openedAfter", "opened_at", True), ("openedBefore", "opened_at", False),
                                ("closedAfter", "closed_at", True), ("closedBefore", "closed_at", False)):  # fmt: skip
        bound = call.body.get(name)
        if isinstance(bound, int | float):
            at = datetime.fromtimestamp(bound / 1000, UTC)
            rows = [row for row in rows if row[column] and (row[column] > at if later else row[column] < at)]
    return call.page("jobs", rows, lambda row: call.shower.job(row, expand))


def job_info(call: Call) -> Any:
    expand = call.expand("location", "openings")
    return call.shower.job(call.read("jobs", call.found("jobs", "id", "job")), expand)


def job_search(call: Call) -> Any:
    title, requisition = call.text("title", optional=True), call.text("requisitionId", optional=True)
    if not title and not requisition:
        raise invalid("A title or a requisitionId is needed")
    return [call.shower.job(row) for row in call.sight.all("jobs")
            if (not title or title.lower() in row["title"].lower())
            and (not requisition or row["requisition"] == requisition)]  # fmt: skip


def job_create(call: Call) -> Any:
    db = call.sandbox.db
    plan = call.named("plans", "defaultInterviewPlanId", "interview_plan") or db["plans"].ids[0]
    team, place = call.found("departments", "teamId", "department"), call.found("locations", "locationId", "location")
    job = db.create(
        "jobs", call.actor, title=call.text("title"), status="Draft", confidential=False, employment="FullTime",
        location_id=place["id"], department_id=team["id"], plan_id=plan, plan_ids=[plan], requisition=None, team=[],
        author_id=call.key["user_id"], opened_at=None, closed_at=None, custom_fields={}, questions=[], description="",
    )  # fmt: skip
    call.sandbox.tell_job(job, "jobCreate")
    return call.shower.job(call.made(job))


def job_update(call: Call) -> Any:
    job = call.found("jobs", "jobId", "job")
    values: dict[str, Any] = {}
    if call.body.get("title") is not None:
        values["title"] = call.text("title")
    if call.body.get("customRequisitionId") is not None:
        values["requisition"] = call.text("customRequisitionId")
    for name, key, kind, what in (("teamId", "department_id", "departments", "department"),
                                  ("locationId", "location_id", "locations", "location")):  # fmt: skip
        if call.body.get(name) is not None:
            values[key] = call.named(kind, name, what)
    if call.sandbox.db.change("jobs", job["id"], call.actor, values):
        call.sandbox.tell_job(job)
    if (plan := call.id("defaultInterviewPlanId", optional=True)) is not None:
        pipeline.switch_plan(call.sandbox, call.actor, job["id"], plan)
    return call.shower.job(job)


def job_status(call: Call) -> Any:
    job = call.found("jobs", "jobId", "job")
    return call.shower.job(pipeline.set_status(call.sandbox, call.actor, job["id"], call.body.get("status")))


def postings(call: Call) -> Page:
    listed_only = call.flag("listedOnly")
    rows = [row for row in call.sight.all("postings") if row["published"] and (row["listed"] or not listed_only)]
    shown = [call.shower.posting(row) for row in rows]
    for name, key in (("location", "locationName"), ("department", "departmentName")):
        if wanted := call.text(name, optional=True):
            shown = [one for one in shown if one[key] == wanted]
    return whole(shown)


def posting_info(call: Call) -> Any:
    row = call.found("postings", "jobPostingId", "job_posting")
    return call.shower.posting_whole(row, storage.application_form(row))


def job_plan(call: Call) -> Any:
    job = call.found("jobs", "jobId", "job")
    shown: list[Any] = []
    for stage in pipeline.stages(call.sandbox, job["plan_id"]):
        one = call.shower.stage(stage)
        shown.append({key: value for key, value in one.items() if key != "interviewPlanId"} | {"activities": []})
    return {"jobId": job["id"], "interviewPlanId": job["plan_id"], "stages": shown}


def stages(call: Call) -> Page:
    plan = call.found("plans", "interviewPlanId", "interview_plan")
    rows = sorted(call.sight.of("stages", "plan_id", plan["id"]), key=lambda row: row["order"])
    return whole([call.shower.stage(row) for row in rows])


def opening_search(call: Call) -> Any:
    wanted = call.text("identifier")
    return [call.shower.opening(row) for row in call.sight.all("openings") if row["identifier"] == wanted]


METHODS = table(
    jobs_read={
        "job.list": jobs, "job.info": job_info, "job.search": job_search, "jobPosting.list": postings,
        "jobPosting.info": posting_info, "jobInterviewPlan.info": job_plan,
        "opening.list": listed("openings", "opening", created=True),
        "opening.info": info("openings", "openingId", "opening"), "opening.search": opening_search,
    },
    jobs_write={"job.create": job_create, "job.update": job_update, "job.setStatus": job_status},
    interviews_read={
        "interviewPlan.list": listed("plans", "plan", archived=True), "interviewStage.list": stages,
        "interviewStage.info": info("stages", "interviewStageId", "interview_stage", "stage"),
        "interviewStageGroup.list": unpaged("stage_groups", "group"),
    },
)  # fmt: skip
