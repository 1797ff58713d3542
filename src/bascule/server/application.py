"""The server: doors for systems, programs and people, and what surrounds every answer."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bascule.errors import (
    BasculeError,
    ConfigurationError,
    ConflictError,
    ErasedError,
    ForbiddenError,
    InputError,
    NotFoundError,
    RemoteError,
    ShutError,
    StaleError,
    StoreUnavailableError,
)
from bascule.store.sight import SIGHT, seeing

from . import api, hooks, hosted, live, pages, roles, tools
from .api.caller import KeyNeeded, calling
from .describing import described
from .desk import Desk, LoginNeeded, back_to, login_path, said
from .views.frame import Flash, Problem
from .views.parts import Tone
from .web import Web

if TYPE_CHECKING:
    from bascule.app import App

log = structlog.get_logger("bascule.server")

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
STATUS: tuple[tuple[type[BasculeError], int], ...] = (
    (ErasedError, 410),
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (ConflictError, 409),
    (InputError, 422),
    (StaleError, 409),
    (ConfigurationError, 500),
    (RemoteError, 502),
    (ShutError, 503),
    (StoreUnavailableError, 503),
)


AGAIN = "30"  # seconds after which to ask again what cannot be answered now
NEXT = {
    403: "Use a key that may do this.",
    404: "Look for it in the list of its kind.",
    409: "Read it again, then decide.",
    422: "Mend what is named and send it again.",
}


class Surround:
    """Headers on every answer, and no more than that: a plain ASGI wrapper leaves streams as they are."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = HEADERS + (((b"strict-transport-security", b"max-age=31536000"),) if https else ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kept = b"no-store" if not scope["path"].startswith("/static/") else b"public, max-age=31536000, immutable"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                wanted = (*self._headers, (b"cache-control", kept))
                message = {**message, "headers": headers + [(n, v) for n, v in wanted if n not in present]}
            await send(message)

        with seeing(None):  # until it is known who asks
            await self._app(scope, receive, with_headers)


def create_server(app: App) -> FastAPI:
    """The whole server over one App."""
    web = Web(app)

    server = FastAPI(
        title="Bascule",
        summary="Keeps an applicant tracking system and the tools that help decide in step, both ways.",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json" if app.settings.openapi else None,
    )
    server.state.web = web
    server.openapi = cache(lambda: described(server.routes, server.title, server.summary or ""))
    for router in (hooks.router, live.router, tools.router, *api.routers(), *pages.routers(), *hosted.routers()):
        server.router.routes += router.routes  # as they are: `include_router` would build each of them a second time
    server.add_api_route("/healthz", healthz, include_in_schema=False)
    server.add_api_route("/metrics", metrics, include_in_schema=False)
    server.mount("/static", StaticFiles(directory=STATIC), name="static")
    server.add_exception_handler(LoginNeeded, _login)
    server.add_exception_handler(KeyNeeded, _key_needed)
    server.add_exception_handler(tools.TooOftenError, _too_often)
    server.add_exception_handler(BasculeError, _ours)
    server.add_exception_handler(RequestValidationError, _invalid)
    server.add_exception_handler(HTTPException, _http)
    server.add_exception_handler(Exception, _unforeseen)
    server.add_middleware(Surround, https=web.secure)
    return server


def create_watch(app: App) -> FastAPI:
    """What a worker without a server answers: its own figures, and that it lives."""
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    server.state.web = Web(app)
    server.add_api_route("/healthz", healthz)
    server.add_api_route("/metrics", metrics)
    server.add_middleware(Surround, https=False)
    return server


async def healthz(request: Request) -> Response:
    """Whether the server answers and reaches its database."""
    web: Web = request.app.state.web
    waiting, oldest = await web.look(lambda tx: tx.audit.backlog())
    age = (web.app.runtime.now() - oldest).total_seconds() if oldest else 0.0
    return JSONResponse({"ok": True, "audit_unsealed": waiting, "audit_unsealed_seconds": round(age, 1)})


async def metrics(request: Request) -> Response:
    """Counts and times for Prometheus; no personal data is in a label. Beside other workspaces it takes a key."""
    web: Web = request.app.state.web
    if web.among:  # whose network is whose is no wall between them
        await calling(roles.Scope.STATUS_READ)(request)
    ids = [at.id for at in web.app.connections.all()]
    counts = await web.look(lambda tx: tx.pages.overview(ids, objects=False))
    waiting = {id: (counts[id].reads + counts[id].write_lanes, counts[id].failures) for id in ids}
    body, media = web.app.metrics.told(request.headers.get("accept", ""), waiting)
    return Response(body, media_type=media)


# ----------------------------------------------------------------------------------------------------------- errors


def _for_program(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/hooks/", "/metrics", "/healthz", "/events"))


def problem(
    request: Request, status: int, title: str, hint: str = "", headers: dict[str, str] | None = None, **more: Any
) -> Response:
    """An error for a program: what, where, what next (RFC 9457)."""
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": title,
        "where": request.url.path,
        "hint": hint,
        **more,
    }
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


async def _show(request: Request, status: int, what: str, hint: str) -> Response:
    """An error for a person: on the page they were on if they sent a form, else a page of its own."""
    signed = getattr(request.state, "signed", None)
    web: Web = request.app.state.web
    if signed is None:
        return PlainTextResponse(f"{what} {hint}".strip(), status)
    SIGHT.set(signed.sight)
    if request.method == "POST" and status < 500:
        return said(web, request, signed, back_to(request), Flash(what, Tone.WAITING, hint))
    from starlette.datastructures import FormData

    desk = Desk(request, web, signed, FormData())
    view = Problem(status, what, request.url.path, hint or "Go back, or start from the overview.")
    return await desk.page("problem.html", view, status=status)


async def _login(request: Request, _: Exception) -> Response:
    if _for_program(request):
        return problem(request, 401, "Nobody is logged in.", "Log in first.")
    path = login_path(request) if request.method == "GET" else "/login"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": path})
    return RedirectResponse(path, status_code=303)


async def _key_needed(request: Request, error: Exception) -> Response:
    made = "`bascule connections key NAME` makes one" if tools.is_door(request) else "keys are made under Settings"
    hint = f"Send it as `Authorization: Bearer <key>`; {made}."
    return problem(request, 401, str(error), hint, {"WWW-Authenticate": "Bearer"})


async def _too_often(request: Request, error: Exception) -> Response:
    assert isinstance(error, tools.TooOftenError)
    hint = "Wait as long as Retry-After says; nothing is lost."
    return problem(request, 429, str(error), hint, {"Retry-After": f"{error.seconds:.0f}"})


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, BasculeError)
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    what = str(error).removesuffix(error.hint).strip() if error.hint else str(error)
    if _for_program(request):
        later = {"Retry-After": AGAIN} if status == 503 else None
        return problem(request, status, what, error.hint or NEXT.get(status, "Try again later."), later)
    return await _show(request, status, what, error.hint)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [{"where": ".".join(str(part) for part in one["loc"]), "what": one["msg"]} for one in error.errors()]
    what = "; ".join(f"{one['where']}: {one['what']}" for one in wrong)
    if _for_program(request):
        return problem(request, 422, what, "Mend the values named and send it again.", errors=wrong)
    return await _show(request, 422, what, "Mend the values named and send it again.")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {404: "There is no such page.", 405: "This cannot be done here."}.get(error.status_code, str(error.detail))
    if _for_program(request):
        return problem(request, error.status_code, words, "See /api/v1/openapi.json.", dict(error.headers or {}))
    if error.status_code == 404 and request.method == "GET" and not request.url.path.startswith("/static/"):
        web: Web = request.app.state.web
        request.state.signed = await web.people.session(request.cookies.get(web.cookie, ""))
    return await _show(request, error.status_code, words, "Look for it from the overview.")


async def _unforeseen(request: Request, error: Exception) -> Response:
    """Something nobody thought of. A reference leads from the page to the log; no value is in either."""
    reference = secrets.token_hex(4)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    log.error("request failed", reference=reference, error=type(error).__name__, place=place, method=request.method)
    what, hint = (
        "Something went wrong here.",
        f"The log has it under {reference}. Try again; if it stays, report it with that reference.",
    )
    if _for_program(request):
        return problem(request, 500, what, hint)
    return PlainTextResponse(f"{what} {hint}", 500)
