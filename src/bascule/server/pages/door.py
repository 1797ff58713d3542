"""Log in, log out, light or dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from bascule.errors import ConfigurationError, ForbiddenError, RemoteError
from bascule.office.signin import LASTS

from ..desk import THEME, THEMES, Desk, acting, local_path, own_form, theme_of
from ..rendering import render
from ..roles import Right
from ..views.frame import Door, Frame
from ..web import Web

if TYPE_CHECKING:
    from bascule.app import App

router = APIRouter(include_in_schema=False)


def door(request: Request, view: Door, status: int = 200) -> Response:
    """A page outside: nothing of the inside is on it, and nothing on it is kept."""
    web: Web = request.app.state.web
    frame = Frame("", "", (), request.url.path, web.app.runtime.now(), theme=theme_of(request))
    response = HTMLResponse(render("door.html", frame=frame, view=view), status_code=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


async def _way_in(request: Request, *, said: str = "", next: str = "/", status: int = 200) -> Response:
    """The page that says how to come in."""
    choice = (await _app(request).sign_in.told()).choice
    provider = choice.named if choice.on else ""
    return door(request, Door(said=said, next=next, provider=provider, links=choice.local), status)


def _app(request: Request) -> App:
    web: Web = request.app.state.web
    return web.app


@router.get("/login")
async def confirm(request: Request, token: str = "", next: str = "/") -> Response:
    """Opening a link does nothing: its button does. A scanner that opens links uses nothing up."""
    if token:
        return door(request, Door(token, next=local_path(next)))
    return await _way_in(request, next=local_path(next))


@router.post("/login")
async def log_in(request: Request) -> Response:
    web: Web = request.app.state.web
    form = await own_form(request)
    token, next = form.get("token"), form.get("next")
    try:
        secret = await web.people.redeem(
            token if isinstance(token, str) else "", _client(request), device=_device(request),
            former=request.cookies.get(web.cookie, ""),
        )  # fmt: skip
    except ForbiddenError as refused:
        return await _way_in(request, said=str(refused), status=403)
    return _inside(web, secret, next if isinstance(next, str) else "/")


def _inside(web: Web, secret: str, next: str) -> Response:
    response = RedirectResponse(local_path(next), status_code=303)
    hours = web.app.settings.session_hours
    response.set_cookie(
        web.cookie, secret, max_age=hours * 3600, httponly=True, samesite="lax", secure=web.secure, path="/"
    )
    return response


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _device(request: Request) -> str:
    return request.headers.get("user-agent", "")


# ------------------------------------------------------------------------------------ by a provider of identities


@router.get("/login/oidc")
async def to_provider(request: Request, next: str = "/") -> Response:
    """To the provider's sign-in page. What must come back the same is kept in this browser, signed."""
    web: Web = request.app.state.web
    try:
        begun = await web.app.sign_in.begin(local_path(next))
    except ForbiddenError as refused:
        return await _way_in(request, said=str(refused), status=403)
    except (RemoteError, ConfigurationError) as trouble:
        return await _way_in(request, said=f"The provider cannot be used now. {trouble}", status=503)
    response = RedirectResponse(begun.url, status_code=303)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.set_cookie(
        web.begun, begun.kept, max_age=int(LASTS.total_seconds()), httponly=True, samesite="lax", secure=web.secure,
        path="/",
    )  # fmt: skip
    return response


@router.get("/login/oidc/callback")
async def from_provider(request: Request) -> Response:
    """Back from there. The session that opens is a fresh one; what was kept in the browser is used up."""
    web: Web = request.app.state.web
    client, now = _client(request), web.app.runtime.now()
    try:
        if web.people.tries.refuse(client, now):
            raise ForbiddenError("Too many wrong tries.", hint="Wait five minutes, then sign in again.")
        came = await web.app.sign_in.finish(dict(request.query_params), request.cookies.get(web.begun, ""))
    except ForbiddenError as refused:
        web.people.tries.wrong(client, now)
        response = await _way_in(request, said=str(refused), status=403)
    except (RemoteError, ConfigurationError) as trouble:
        response = await _way_in(request, said=f"The provider cannot be used now. {trouble}", status=503)
    else:
        former = request.cookies.get(web.cookie, "")
        response = _inside(
            web, await web.people.enter(came.user, came.issuer, device=_device(request), former=former), came.next
        )
    response.delete_cookie(web.begun, path="/", secure=web.secure, httponly=True, samesite="lax")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@router.post("/logout")
async def log_out(at: Annotated[Desk, Depends(acting(Right.LOOK))]) -> Response:
    """End this session. Whoever came in by a provider is told how to sign out there too; it is not done unasked."""
    await at.web.people.leave(at.signed)
    out = await at.app.sign_in.end(at.signed.issuer) if at.signed.issuer else ""
    if out:
        choice = (await at.app.sign_in.told()).choice
        view = Door(left=True, out=out, provider=choice.named, links=choice.local)
        response = door(at.request, view)
    else:
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
