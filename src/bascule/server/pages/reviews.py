"""What waits for a person."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.model import Value

from ..desk import Desk, acting, seeing
from ..roles import Right
from ..show import review

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Decide = Annotated[Desk, Depends(acting(Right.DECIDE))]


@router.get("/review")
async def page(at: Look, kind: str = "", connection: str = "", before: str = "") -> Response:
    return await at.page(
        "reviews.html", await at.look(lambda tx: review.page_of(tx, at.workspace, kind, connection, before))
    )


@router.get("/review/{id}")
async def one(at: Look, id: str) -> Response:
    return await at.page("review.html", await at.look(lambda tx: review.one_of(tx, at.workspace, id)))


@router.post("/review/{id}")
async def decide(at: Decide, id: str) -> Response:
    await at.look(lambda tx: review.one_of(tx, at.workspace, id))
    value: Value = at.given("value") or None
    await at.app.changes.decide(id, at.given("answer"), at.actor, value)
    return at.done(f"/review/{id}", "Decided, in your name.")
