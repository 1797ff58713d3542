"""A sandbox as one web application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from .errors import Refused
from .http import Dated
from .oracle import Oracle
from .tenant import Tenant
from .worker import work

STATIC = Path(__file__).parent / "static"
# Answers a refusal that no handler of the vendor's has answered: on a page, or at the oracle.
Answer = Callable[[Request, Refused], Response]


def plainly(request: Request, error: Refused) -> Response:
    return JSONResponse(error.as_json(), error.status, headers=error.headers)


def application(tenant: Tenant[Any], routes: Sequence[BaseRoute], refused: Answer = plainly) -> Starlette:
    """The vendor's own routes, the oracle at /sandbox and what pages need at /static.

    Webhooks leave by themselves while the application's lifespan runs; without it, `tenant.hooks.deliver_due()` sends
    what is due.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        worker = asyncio.create_task(work(tenant))
        try:
            yield
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    async def refusal(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return refused(request, error)

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return Response(error.detail, error.status_code)

    return Starlette(
        routes=[*routes, *Oracle(tenant).routes(), Mount("/static", StaticFiles(directory=STATIC))],
        lifespan=lifespan, middleware=[Middleware(Dated, sandbox=tenant)],
        exception_handlers={Refused: refusal, HTTPException: unknown},
    )  # fmt: skip
