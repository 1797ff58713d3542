"""Jobs and their applicants."""

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from ..desk import Desk, download, seeing
from ..roles import Right
from ..show import job
from ..views.parts import Column
from .candidates import plain

router = APIRouter(include_in_schema=False)

COLUMNS = (
    Column("Job", "title"),
    Column("Department"),
    Column("Status"),
    Column("Applicants", "applicants", True),
    Column("Scored", numeric=True),
    Column("Not looked at", "unseen", True),
    Column("Best score", numeric=True),
    Column("Newest", "newest"),
)
APPLICANTS = (
    Column("Rank", numeric=True),
    Column("Name"),
    Column("Stage"),
    Column("Score", numeric=True),
    Column("First reason"),
    Column("Looked at"),
    Column("Applied"),
)

Look = Annotated[Desk, Depends(seeing(Right.LOOK))]
See = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]


@router.get("/jobs")
async def page(at: Look, q: str = "", status: str = "open", sort: str = "-unseen", after: str = "") -> Response:
    counted = await at.look(lambda tx: job.rows(tx, at.workspace))
    view = job.page_of(counted, q=q, status=status, sort=sort, after=after)
    return await at.page("jobs.html", view, columns=COLUMNS)


@router.get("/jobs.csv")
async def export(at: Look, q: str = "", status: str = "open", sort: str = "-unseen") -> Response:
    counted = await at.look(lambda tx: job.rows(tx, at.workspace))
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["id", "title", "department", "status", "applicants", "scored", "not looked at", "best score"])
    after = ""
    while True:
        view = job.page_of(counted, q=q, status=status, sort=sort, after=after)
        for one in view.rows:
            rows.writerow(
                [
                    one.id,
                    plain(one.title),
                    plain(one.department),
                    one.status,
                    one.applicants,
                    one.scored,
                    one.unseen,
                    one.top,
                ]
            )
        if not view.paging.next:
            return download(out.getvalue(), "jobs.csv", "text/csv")
        after = view.rows[-1].id


@router.get("/jobs/{id}.csv")
async def export_one(at: See, id: str) -> Response:
    """A job's applicants as a file; an audit entry says who took it."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["rank", "candidate", "name", "stage", "status", "score", "first reason", "applied"])
    after, count = "", 0
    while True:
        view = await at.look(lambda tx, a=after: job.page(tx, at.workspace, id, a))
        for one in view.applicants:
            when = one.applied.isoformat() if one.applied else ""
            rows.writerow(
                [
                    one.rank,
                    one.candidate,
                    plain(one.name),
                    plain(one.stage),
                    one.status,
                    one.score,
                    plain(one.reason),
                    when,
                ]
            )
        count += len(view.applicants)
        if not view.paging.next:
            break
        after = job.after_of(view.paging.next)
    await at.app.desk.note(at.actor, "applicants exported", record=id, detail={"rows": count})
    return download(out.getvalue(), "applicants.csv", "text/csv")


@router.get("/jobs/{id}")
async def one(at: See, id: str, after: str = "") -> Response:
    return await at.page(
        "job.html", await at.look(lambda tx: job.page(tx, at.workspace, id, after)), columns=APPLICANTS
    )
