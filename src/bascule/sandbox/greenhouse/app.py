"""The sandbox as one web application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..kit.app import application
from ..kit.errors import Refused
from .board import Board
from .careers import Careers
from .harvest import Harvest
from .pages import Ats
from .render import Pages
from .sandbox import Sandbox


def create_app(sandbox: Sandbox) -> Starlette:
    """Tokens at /token, the page of consent at /authorize, Harvest at /v3, the job board at /v1/boards, careers at
    /careers, the ATS at /, the oracle at /sandbox."""
    pages, harvest = Pages(sandbox), Harvest(sandbox)

    def refused(request: Request, error: Refused) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return pages.show(request, "refused.html", error.status, error=error)
        return JSONResponse(error.as_json(), error.status)

    async def authorize(request: Request) -> Response:
        """Where whoever is signed in lets a partner's integration act as them."""
        return await sandbox.oauth.authorize(request, pages.acting(request))

    routes = [
        Route("/authorize", authorize, methods=["GET", "POST"]),
        *Board(sandbox).routes(), *harvest.routes(), *Careers(sandbox, pages).routes(),
        *Ats(sandbox, pages).routes(harvest.guarded),
    ]  # fmt: skip
    return application(sandbox, routes, refused)
