"""Log in, log out, light or dark."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from bascule.errors import ForbiddenError

from ..desk import THEME, THEMES, Desk, acting, local_path, own_form, theme_of
from ..rendering import render
from ..roles import Right
from ..views.frame import Door, Frame
from ..web import Web

router = APIRouter(include_in_schema=False)


def door(request: Request, view: Door, status: int = 200) -> Response:
    """A page outside: nothing of the inside is on it, and nothing on it is kept."""
    web: Web = request.app.state.web
    frame = Frame("", "", (), request.url.path, web.app.runtime.now(), theme=theme_of(request))
    response = HTMLResponse(render("door.html", frame=frame, view=view), status_code=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@router.get("/login")
async def confirm(request: Request, token: str = "", next: str = "/") -> Response:
    """Opening a link does nothing: its button does. A scanner that opens links uses nothing up."""
    return door(request, Door(token, next=local_path(next)))


@router.post("/login")
async def log_in(request: Request) -> Response:
    web: Web = request.app.state.web
    form = await own_form(request)
    token, next = form.get("token"), form.get("next")
    client = request.client.host if request.client else ""
    try:
        secret = await web.people.redeem(token if isinstance(token, str) else "", client)
    except ForbiddenError as refused:
        return door(request, Door(said=str(refused)), 403)
    response = RedirectResponse(local_path(next if isinstance(next, str) else "/"), status_code=303)
    hours = web.app.settings.session_hours
    response.set_cookie(
        web.cookie, secret, max_age=hours * 3600, httponly=True, samesite="lax", secure=web.secure, path="/"
    )
    return response


@router.post("/logout")
async def log_out(at: Annotated[Desk, Depends(acting(Right.LOOK))]) -> Response:
    await at.web.people.leave(at.signed)
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(at.web.cookie, path="/", secure=at.web.secure, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post("/theme")
async def theme(at: Annotated[Desk, Depends(acting(Right.LOOK))]) -> Response:
    chosen = at.given("theme")
    response = RedirectResponse(local_path(at.given("back")), status_code=303)
    response.set_cookie(
        THEME,
        chosen if chosen in THEMES else "auto",
        max_age=31_536_000,
        httponly=True,
        samesite="lax",
        secure=at.web.secure,
        path="/",
    )
    return response
