"""The first page."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.office.tasks import Wanted

from ..desk import Desk, seeing
from ..roles import Right
from ..show import overview
from .looks import listed

router = APIRouter(include_in_schema=False)


@router.get("/")
async def page(at: Annotated[Desk, Depends(seeing(Right.LOOK))]) -> Response:
    lags, now = at.web.lags(), at.app.runtime.now()
    maps = at.web.maps()
    tasks, etas = at.app.tasks, at.app.etas.of
    view = await at.look(lambda tx: overview.page(tx, at.workspace, lags, now, maps, tasks.listed(tx, Wanted()), etas))
    if view.latest or any(need.subject for need in view.needs):
        await listed(at, "overview listed")
    may = replace(view, may=at.may(Right.OPERATE), may_figures=at.may(Right.FIGURES))
    return await at.page("overview.html", may)
