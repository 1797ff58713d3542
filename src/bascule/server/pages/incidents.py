"""Incidents: the list, and one with whom it made late."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from ..api.caller import Number
from ..desk import Desk, seeing
from ..roles import Right
from ..show import incident

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]


@router.get("/incidents")
async def page(at: Look, connection: str = "") -> Response:
    id = at.app.connections.named(connection, at.workspace).id if connection else ""
    now = at.app.runtime.now()
    return await at.page("incidents.html", await at.look(lambda tx: incident.rows(tx, at.workspace, id, now)))


@router.get("/incidents/{id}")
async def one(at: Look, id: Number) -> Response:
    now = at.app.runtime.now()
    return await at.page("incident.html", await at.look(lambda tx: incident.page(tx, at.workspace, id, now)))
