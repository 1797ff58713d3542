"""The sandbox as one web application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .careers import Careers
from .errors import Refused
from .harvest import Harvest, answer_refused
from .oracle import Oracle
from .pages import Ats
from .render import HERE, Pages
from .sandbox import Sandbox
from .worker import work


class Dated:
    """Puts the tenant's own time into each answer's Date header."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self.app = app
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = format_datetime(self.sandbox.now(), usegmt=True).encode()
                message["headers"] = [*message.get("headers", ()), (b"date", now)]
            await send(message)

        await self.app(scope, receive, dated if scope["type"] == "http" else send)


def create_app(sandbox: Sandbox) -> Starlette:
    """Tokens at /token, Harvest at /v3, careers at /careers, the ATS at /, the oracle at /sandbox.

    Webhooks leave by themselves while the application's lifespan runs; without it, `sandbox.hooks.deliver_due()`
    sends what is due.
    """
    pages, harvest = Pages(sandbox), Harvest(sandbox)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        worker = asyncio.create_task(work(sandbox))
        try:
            yield
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        if "text/html" in request.headers.get("accept", ""):
            return pages.show(request, "refused.html", error.status, error=error)
        return answer_refused(error)

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return Response(error.detail, error.status_code)

    routes: list[Route | Mount] = [
        *harvest.routes(),
        *Careers(sandbox, pages).routes(),
        *Oracle(sandbox).routes(),
        *Ats(sandbox, pages).routes(harvest.guarded),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    return Starlette(
        routes=routes, lifespan=lifespan, middleware=[Middleware(Dated, sandbox=sandbox)],
        exception_handlers={Refused: refused, HTTPException: unknown},
    )  # fmt: skip
