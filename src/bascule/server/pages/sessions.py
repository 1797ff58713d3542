"""What is signed in: a person's own log-ins, and everybody's for administrators; each can be ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from ..desk import Desk, acting, seeing
from ..roles import Right
from ..show import settings

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.LOOK))]
Act = Annotated[Desk, Depends(acting(Right.LOOK))]
Administer = Annotated[Desk, Depends(acting(Right.ADMINISTER))]
HERE = "/sessions"


@router.get("/sessions")
async def page(at: Look) -> Response:
    now, idle, everybody = at.app.runtime.now(), at.web.people.idle, at.may(Right.ADMINISTER)
    hours = at.app.settings.session_hours
    view = await at.look(lambda tx: settings.sessions(tx, at.signed, now, idle, hours, everybody=everybody))
    return await at.page("sessions.html", view)


@router.post("/sessions/elsewhere")
async def leave_elsewhere(at: Act) -> Response:
    ended = await at.web.people.leave_elsewhere(at.signed)
    return at.done(HERE, f"{ended} other {'log-in has' if ended == 1 else 'log-ins have'} ended.")


@router.post("/sessions/one")
async def end(at: Act) -> Response:
    """One log-in, by its digest: one's own, or anybody's for an administrator."""
    await at.web.people.end_session(at.given("session"), at.signed)
    return at.done(HERE, "Ended. That browser is asked to sign in again.")


@router.post("/sessions/person")
async def end_all(at: Administer) -> Response:
    ended = await at.web.people.end_all(at.given("person"), at.signed)
    return at.done(HERE, f"{ended} {'log-in has' if ended == 1 else 'log-ins have'} ended.")
