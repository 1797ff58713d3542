"""A candidacy in Ashby of somebody who is there: whom a person has put on a job."""

from __future__ import annotations

from collections.abc import Generator

from bascule.connectors.spec import Rendered, Request, Response, Sends, Talk, Tenant
from bascule.model import CreateRule, Json, Kind

from .objects import ask, do

FIRST = "FirstPreInterviewScreen"  # Ashby's word for it; without one an application begins as a lead


def add_application(write: Rendered, tenant: Tenant) -> Talk:
    """In the stage it is in, else in the first. One that is open there for this job is this one."""
    open_there = yield from find_application(write, tenant)
    if open_there:
        return open_there
    job, stage = str(write.fields["job"]), str(write.fields.get("stage") or "")
    of, _, at = stage.partition("/")
    source: dict[str, Json] = {"sourceId": write.fields["source"]} if write.fields.get("source") else {}
    made = yield from do(
        "application.create", candidateId=write.parents[Kind.CANDIDATE], jobId=job,
        interviewStageId=at if at and of == job else FIRST, **source,
    )  # fmt: skip
    return {"external": str(made["id"])} if made and made.get("id") else {}


def find_application(write: Rendered, tenant: Tenant) -> Talk:
    rows = yield from of_candidate(write.parents[Kind.CANDIDATE])
    job = str(write.fields.get("job"))
    mine = [row for row in rows if str(row["job"]["id"]) == job and row.get("status") in ("Active", "Lead")]
    row = max(mine, key=lambda one: str(one.get("createdAt") or ""), default=None)
    return {"external": str(row["id"])} if row is not None else {}


def of_candidate(id: str) -> Generator[Request, Response, list[Json]]:
    """Everything somebody is considered for; Ashby shows it one by one."""
    person = yield from ask("candidate.info", id=id)
    rows: list[Json] = []
    for one in person.get("applicationIds") or ():
        rows.append((yield from ask("application.info", applicationId=one)))
    return rows


MADE = (
    "An application is made without filling in the form of a job post. It begins where this customer's interview plan "
    "does, and Ashby starts what is set up for that stage (automatic activities, which may e-mail the candidate); "
    "there is no way to switch that off for one application."
)
PUT = Sends(
    "apply", Kind.APPLICATION, add_application, find_application, repeatable=False, hidden=MADE,
    scopes=("candidates:write", "candidates:read"),
)  # fmt: skip
APPLIED = CreateRule(
    Kind.APPLICATION, "apply", ("job", "stage", "source"), parents=(Kind.CANDIDATE, Kind.JOB), open_only=True
)
