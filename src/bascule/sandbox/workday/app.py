"""The tenant as one web application."""

from __future__ import annotations

from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..kit.app import application
from ..kit.http import guarded
from ..kit.pages import pages, refused_page
from . import access
from .desk import desk
from .raas import Reports
from .rest import Rest
from .sandbox import Sandbox
from .soap import Soap


def create_app(sandbox: Sandbox) -> Starlette:
    """Reports, SOAP, REST and tokens under /ccx, the consent page at /{tenant}/authorize, the workspace at /ats."""

    async def token(request: Request) -> Response:
        if request.path_params["tenant"] != sandbox.options.tenant:
            return Response("not found", 404)
        return await access.token(sandbox, request)

    shown = desk(sandbox)
    routes = [
        Route("/ccx/oauth2/{tenant}/token", guarded(sandbox, token), methods=["POST"]),
        *Reports(sandbox).routes(), *Soap(sandbox).routes(), *Rest(sandbox).routes(),
        Route(f"/{sandbox.options.tenant}/authorize", partial(access.authorize, sandbox), methods=["GET", "POST"]),
        *pages(sandbox, shown),
    ]  # fmt: skip
    return application(sandbox, routes, refused_page(sandbox, shown))
