"""What a connection's data will cost, before anybody relies on it; and what of it is mended in bulk."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError
from bascule.office.remedies import Remedy

from ..desk import Desk, acting, seeing
from ..rendering import count
from ..roles import Right
from ..show import datacheck
from ..views.parts import Tone

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.LOOK))]
See = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Operate = Annotated[Desk, Depends(acting(Right.OPERATE))]
PAGE = "/connections/{name}/data"


def _name(at: Desk, name: str) -> str:
    return at.app.connections.named(name, at.workspace).row.name


@router.get(PAGE)
async def page(at: Look, name: str) -> Response:
    known, may = _name(at, name), at.may(Right.OPERATE)
    return await at.page(
        "data.html",
        await at.look(lambda tx: datacheck.page(tx, at.app.data_checks, at.app.remedies, at.workspace, known, may=may)),
    )


@router.post(PAGE)
async def check(at: Operate, name: str) -> Response:
    """Look through everything that was read."""
    await at.app.data_checks.begin(_name(at, name), at.actor)
    said = "Everything that was read is being looked through. Nothing is changed."
    return at.done(PAGE.format(name=name), said, tone=Tone.CATCHING_UP)


@router.post(f"{PAGE}/undo")
async def undo(at: Operate, name: str) -> Response:
    jobs = await at.app.remedies.undo(_name(at, name), at.given("batch"), at.actor)
    return at.done(PAGE.format(name=name), f"Taken back of {count(jobs, 'job')}.")


@router.post(f"{PAGE}/apply")
async def apply(at: Operate, name: str) -> Response:
    """Apply a remedy to all that it finds now."""
    if at.given("remedy") not in set(Remedy):
        raise InputError("There is no such remedy.", hint="Load the page again.")
    remedy = Remedy(at.given("remedy"))
    batch, jobs = await at.app.remedies.apply(_name(at, name), remedy, at.actor)
    path = PAGE.format(name=name)
    if not jobs:
        return at.done(path, "There was nothing to change any more.", tone=Tone.QUIET)
    done = "normalised" if remedy is Remedy.TITLES else "archived"
    noun = datacheck.EFFECTS[remedy][1]
    said = f"{count(jobs, noun)} {done}."
    return at.done(path, said, undo=f"{path}/undo", undo_fields={"batch": batch})


@router.get(f"{PAGE}/{{finding}}")
async def listed(at: See, name: str, finding: str, after: str = "") -> Response:
    known, may = _name(at, name), at.may(Right.OPERATE)
    view = await at.look(
        lambda tx: datacheck.finding(tx, at.app.data_checks, at.app.remedies, known, finding, after, may=may)
    )
    return await at.page("finding.html", view)
