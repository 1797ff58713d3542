"""Jobs and their applicants."""

import csv
import io
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError
from bascule.office.outcomes import Done
from bascule.office.rubrics import BY_TEXT, NOT_ASKED, Asked

from ..desk import Desk, acting, download, seeing
from ..roles import Right
from ..show import fairness, job, outcomes, rubric
from ..views.job import FairnessPage
from ..views.parts import Column
from .candidates import plain
from .looks import listed

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
Edit = Annotated[Desk, Depends(acting(Right.EDIT))]
Probe = Annotated[Desk, Depends(acting(Right.CANDIDATES))]


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
    rows.writerow(
        [
            "id",
            "title",
            "department",
            "status",
            "applicants",
            "scored",
            "not looked at",
            "best score",
            "normalised title",
            "archived",
        ]
    )
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
                    plain(one.normal_title),
                    "yes" if one.archived else "",
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
async def one(at: See, id: str, after: str = "", ai: str = "") -> Response:
    """`ai`: "unreadable" for those alone whose CV could not be read."""
    may_edit = at.may(Right.EDIT)
    await at.app.rubric_desk.ready(id)
    view = await at.look(lambda tx: job.page(tx, at.workspace, id, after, may_edit=may_edit, ai=ai))
    if view.applicants:
        await listed(at, "applicants listed", id)
    return await at.page("job.html", view, columns=APPLICANTS)


@router.post("/jobs/{id}/resumes/again")
async def read_again(at: Edit, id: str) -> Response:
    many = await at.app.resume_desk.read_again(id, at.actor)
    words = "1 CV is read again." if many == 1 else f"{many} CVs are read again."
    return at.done(f"/jobs/{id}", words if many else "There was none to read again.")


@router.get("/jobs/{id}/rubric")
async def asked(at: Look, id: str) -> Response:
    may_edit = at.may(Right.EDIT)
    await at.app.rubric_desk.ready(id)
    view = await at.look(lambda tx: rubric.page(tx, at.workspace, id, may_edit))
    if may_edit:
        view = replace(view, also=rubric.besides((await at.app.rubric_desk.spoken(id))["items"]))
    return await at.page("rubric.html", view)


@router.post("/jobs/{id}/rubric")
async def change(at: Edit, id: str) -> Response:
    """Set what the form shows otherwise than the version it was made from."""
    now = await at.look(lambda tx: rubric.page(tx, at.workspace, id, True))
    seen = int(given) if (given := at.given("version")).isdigit() else -1
    told = await at.app.rubric_desk.change(id, Asked(_skills(at, now), _set(at, now)), seen, at.actor)
    if told["version"] == seen:
        return at.done(f"/jobs/{id}/rubric", "Nothing was changed.")
    return at.done(f"/jobs/{id}/rubric", f"Version {told['version']} holds. Scores that it changes are being redone.")


def _skills(at: Desk, now: rubric.RubricPage) -> dict[str, str | None]:
    stood = {one.id: one.importance for one in now.skills}
    ids, words = at.all_given("skill"), at.all_given("importance")
    if len(ids) != len(words):
        raise InputError("The form is incomplete.", hint="Load the page again.")
    found: dict[str, str | None] = {id: word for id, word in zip(ids, words, strict=True) if word != stood.get(id)}
    added = at.given("new_skill")
    if added:
        found[added] = at.given("new_importance", "should")
    return {name: None if word == BY_TEXT else word for name, word in found.items()}


def _set(at: Desk, now: rubric.RubricPage) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, stands in (
        ("years", now.years),
        ("role", now.role),
        ("languages", now.languages),
        ("shortlist", now.shortlist),
        ("low", now.low),
    ):
        if (given := at.given(name)) != stands:
            found[name] = rubric.languages_of(given) if name == "languages" and given else given
    shares = {one.key: at.given(f"weight-{one.key}") for one in now.weights}
    if conditions := _conditions(at, now):
        found["conditions"] = conditions
    if any(shares[one.key] != one.share for one in now.weights):
        found["weights"] = {key: share for key, share in shares.items() if share}
    return found


def _conditions(at: Desk, now: rubric.RubricPage) -> dict[str, str | None]:
    """Conditions that the form has otherwise than they stand."""
    keys, asked, details = (at.all_given(f"condition{one}") for one in ("", "_asked", "_detail"))
    if not len(keys) == len(asked) == len(details):
        raise InputError("The form is incomplete.", hint="Load the page again.")
    stood = {one.key: (one.asked, one.detail) for one in now.conditions}
    found: dict[str, str | None] = {}
    for key, word, detail in zip(keys, asked, details, strict=True):
        if word == BY_TEXT:
            found[key] = None
        elif (word != NOT_ASKED, detail if word != NOT_ASKED else "") != stood.get(key):
            found[key] = detail if word != NOT_ASKED else NOT_ASKED
    return found


@router.get("/outcomes")
async def decided(at: Look) -> Response:
    """How scores stood to what people decided, in all and by job."""
    return await at.page("outcomes.html", outcomes.page(await at.app.outcomes.told(), "", 0, may_edit=False))


@router.get("/jobs/{id}/outcomes")
async def decided_of(at: Look, id: str) -> Response:
    told = await at.app.outcomes.told(id)
    title, version = await at.look(lambda tx: (job.title_of(tx, at.workspace, id), tx.scores.rubric_version(id)))
    return await at.page("outcomes.html", outcomes.page(told, title, version, may_edit=at.may(Right.EDIT)))


@router.post("/jobs/{id}/outcomes")
async def remedied(at: Edit, id: str) -> Response:
    """Enter what was seen in the figures and what was changed because of it."""
    version = int(given) if (given := at.given("version")).isdigit() else 0
    await at.app.outcomes.log(id, Done(at.given("seen"), at.given("changed"), version), at.actor)
    return at.done(f"/jobs/{id}/outcomes", "Entered. Before and after stand beside it.")


@router.get("/jobs/{id}/fairness")
async def probed(at: See, id: str) -> Response:
    found = await at.look(lambda tx: job.title_of(tx, at.workspace, id))
    return await at.page("fairness.html", FairnessPage(id, found))


@router.post("/jobs/{id}/fairness")
async def run_probe(at: Probe, id: str) -> Response:
    """Take the probe, and show what came of it."""
    given = at.given("people")
    told = await at.app.fairness.probe(id, at.actor, people=int(given) if given.isdigit() else 0)
    found = await at.look(lambda tx: job.title_of(tx, at.workspace, id))
    return await at.page("fairness.html", fairness.page(id, found, told))
