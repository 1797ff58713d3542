"""The company as one web application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..kit.app import application
from ..kit.http import guarded
from ..kit.pages import pages, refused_page
from . import candidates, company, talk
from .api import Api
from .desk import desk
from .sandbox import Sandbox


def create_app(sandbox: Sandbox) -> Starlette:
    """The API at the root, tokens under /identity, the small ATS at /ats."""

    async def token(request: Request) -> Response:
        return await sandbox.oauth.token(request)

    async def allow(request: Request) -> Response:
        return await sandbox.oauth.authorize(request, _consenting(sandbox))

    api, shown = Api(sandbox), desk(sandbox)
    routes = [
        Route("/identity/oauth/token", guarded(sandbox, token), methods=["POST"]),
        Route("/identity/oauth/allow", allow, methods=["GET", "POST"]),
        *candidates.routes(api), *company.routes(api), *talk.routes(api), *pages(sandbox, shown),
    ]  # fmt: skip
    return application(sandbox, routes, refused_page(sandbox, shown))


def _consenting(sandbox: Sandbox) -> dict[str, str]:
    row = next(iter(sandbox.db["users"]))
    return {"id": row["id"], "name": f"{row['first_name']} {row['last_name']}"}
