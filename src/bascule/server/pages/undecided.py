"""Applicants about whom nobody has decided for too long."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError

from ..desk import Desk, acting, seeing
from ..roles import Right
from ..show import undecided
from .looks import listed

router = APIRouter(include_in_schema=False)

See = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Operate = Annotated[Desk, Depends(acting(Right.OPERATE))]


@router.get("/undecided")
async def page(at: See, job: str = "", after: str = "") -> Response:
    """By job, or who waits in one."""
    now, may = at.app.runtime.now(), at.may(Right.OPERATE)
    view = await at.look(lambda tx: undecided.page(tx, at.app.undecided, at.workspace, now, job, after, may_set=may))
    await listed(at, "undecided listed", job or None)
    return await at.page("undecided.html", view)


@router.post("/undecided")
async def set_days(at: Operate) -> Response:
    """After how many days somebody is told."""
    given = at.given("days").strip()
    if not given.isdigit():
        raise InputError("Say in how many days, as a whole number.", hint="0 tells of nobody.")
    await at.app.undecided.set_days(int(given), at.actor)
    return at.done("/undecided", "Set. Who waits is looked for again now, and every hour.")
