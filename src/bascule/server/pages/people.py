"""For a job, the people met before; one of them beside it; and everybody the one box finds, as a file."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from bascule.store import Tx

from ..desk import Desk, acting, download, seeing
from ..roles import Right
from ..show import candidate as show_candidate
from ..show import people
from ..views.parts import Column, Link
from ..views.people import FoundRow
from .candidates import card, plain
from .looks import listed, viewed

router = APIRouter(include_in_schema=False)

COLUMNS = (
    Column("Name"),
    Column("Score", numeric=True),
    Column("First reason"),
    Column("Before"),
    Column("Last contact"),
    Column("Reach"),
    Column("Looked at"),
)
EXPORTED = 1000
HEADS = ("id", "name", "title", "score", "alike", "first reason", "last contact", "reach", "before", "outcome")

See = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Administer = Annotated[Desk, Depends(acting(Right.ADMINISTER))]
Decide = Annotated[Desk, Depends(acting(Right.DECIDE))]
After = Annotated[int, Query(ge=0)]


@router.get("/jobs/{id}/people")
async def page(at: See, id: str, after: After = 0) -> Response:
    given = dict(at.request.query_params)
    filters = people.filters_of(given)
    found, may = await at.app.rediscovery.of(id, filters, after=after, limit=people.LIMIT), at.may(Right.ADMINISTER)
    await listed(at, "people looked for", id)
    return await at.page("people.html", people.for_job(found, filters, given, after, may_fetch=may), columns=COLUMNS)


@router.post("/jobs/{id}/people")
async def fetch(at: Administer, id: str) -> Response:
    """Have the CVs of people who applied before Bascule came fetched and read."""
    await at.app.rediscovery.set_policy(replace(await at.app.rediscovery.policy(), read=True), at.actor)
    return at.done(f"/jobs/{id}/people", "CVs are being fetched, behind everything else that is asked of the ATS.")


@router.get("/jobs/{id}/people.csv")
async def export(at: See, id: str) -> Response:
    """The list as a file; an audit entry says who took it."""
    filters = people.filters_of(dict(at.request.query_params))
    rows: list[FoundRow] = []
    after: int | None = 0
    while after is not None and len(rows) < EXPORTED:
        found = await at.app.rediscovery.of(id, filters, after=after, limit=100)
        rows += [people.row(one, "") for one in found.items]
        after = found.after
    await at.app.desk.note(at.actor, "people exported", record=id, detail={"rows": len(rows)})
    return download(_csv(rows), "people.csv", "text/csv")


@router.get("/people.csv")
async def found(at: See) -> Response:
    """Who the one box finds, as a file; an audit entry says who took it."""
    given = dict(at.request.query_params)
    filters = people.filters_of(given)
    rows: list[FoundRow] = []
    after: int | None = 0
    while after is not None and len(rows) < EXPORTED:
        answer = await at.app.search.people(
            given.get("q", ""), like=given.get("like", ""), filters=filters, after=after, limit=100
        )
        rows += [people.row(one, "") for one in answer.items]
        after = answer.after
    await at.app.desk.note(at.actor, "people exported", detail={"rows": len(rows)})
    return download(_csv(rows), "people.csv", "text/csv")


def _csv(rows: Sequence[FoundRow]) -> str:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(HEADS)
    for one in rows:
        job, outcome = (one.last.job, one.last.outcome) if one.last else ("", "")
        sheet.writerow(
            [
                one.id, plain(one.name), plain(one.what), one.score, one.alike, plain(one.reason),
                one.contact.isoformat(), one.reach, plain(job), plain(outcome),
            ]
        )  # fmt: skip
    return out.getvalue()


@router.get("/jobs/{id}/people/{person}")
async def one(at: See, id: str, person: str) -> Response:
    """Why somebody fits, what became of them before, and the way onto the job."""
    someone, title = await at.app.rediscovery.one(id, person)
    way = await at.app.putting.way(id, person, at.actor)
    known = await card(at, person)
    parts = (part for part in show_candidate.maps(someone.fit.get("parts")) if part.get("weight"))
    view = people.person(
        someone, id, title, way,
        parts=[show_candidate.score_part(part) for part in parts],
        notes=[note for note in known.notes if not note.by_machine],
        contact=known.contact,
        ats=next((Link(str(fact.value), fact.href) for fact in known.links), None),
        may_put=at.may(Right.DECIDE),
        conditions=show_candidate.conditions(someone.fit),
    )  # fmt: skip
    await viewed(at, person)
    return await at.page("person.html", view)


@router.post("/jobs/{id}/people/{person}")
async def put(at: Decide, id: str, person: str) -> Response:
    def check(tx: Tx) -> str:
        return show_candidate.family_of(tx, at.workspace, person)

    await at.look(check)
    made = await at.app.putting.put(id, person, at.actor, at.given("note"))
    return at.done(
        f"/candidates/{person}#a-{made}", "Put on the job. It is on its way to the ATS.",
        next="The application shows as there once the ATS confirms it.",
    )  # fmt: skip
