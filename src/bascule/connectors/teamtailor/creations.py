"""A candidacy in Teamtailor of somebody who is there: whom a person has put on a job."""

from __future__ import annotations

from typing import Any

from bascule.connectors.spec import Rendered, Request, Sends, Talk, Tenant
from bascule.model import CreateRule, Kind

from .objects import document, pages, unfold, writing
from .reads import WHOSE

SILENT = {"send-default-reply": False, "send-user-notifications": False}


def add_application(write: Rendered, tenant: Tenant) -> Talk:
    """In the stage it is in, else in the job's first. Teamtailor has everybody once on each job: an application that is
    open is this one, and beside one that was rejected it refuses another in its own words."""
    open_there = yield from find_application(write, tenant)
    if open_there:
        return open_there
    stage: dict[str, Any] = {"stage": ("stages", str(write.fields["stage"]))} if write.fields.get("stage") else {}
    body = document(
        "job-applications", attributes=SILENT, candidate=("candidates", write.parents[Kind.CANDIDATE]),
        job=("jobs", str(write.fields["job"])), **stage,
    )  # fmt: skip
    made = unfold((yield writing("POST", "/job-applications", body, write.acts_as)).json)
    return {"external": made[0]["id"]} if made else {}


def find_application(write: Rendered, tenant: Tenant) -> Talk:
    path = f"/candidates/{write.parents[Kind.CANDIDATE]}/job-applications"
    rows = yield from pages(Request("GET", path, {"include": WHOSE, "page[size]": "30"}))
    job = str(write.fields.get("job"))
    mine = [row for row in rows if (row.get("job") or {}).get("id") == job and not row.get("rejected-at")]
    return {"external": mine[0]["id"]} if mine else {}


MADE = (
    "Teamtailor is asked to answer nobody and to tell no colleague. It runs this customer's triggers of the first "
    "stage, which may e-mail the candidate, tag them or call a partner; there is no way to switch that off for one "
    "application."
)
PUT = Sends(
    "apply", Kind.APPLICATION, add_application, find_application, repeatable=False, hidden=MADE,
    scopes=("admin", "read", "write"),
)  # fmt: skip
APPLIED = CreateRule(Kind.APPLICATION, "apply", ("job", "stage"), parents=(Kind.CANDIDATE, Kind.JOB), open_only=True)
