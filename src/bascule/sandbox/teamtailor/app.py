"""The sandbox as one web application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ..kit.app import application
from ..kit.http import base_url
from ..kit.pages import pages, refused_page
from .api import Customer, Partner, Storage
from .desk import desk
from .sandbox import Sandbox


class Based:
    """Remembers under which address the company was last called, for the addresses in what is sent to partners."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self.app = app
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.sandbox.base = base_url(Request(scope))
        await self.app(scope, receive, send)


def create_app(sandbox: Sandbox) -> Starlette:
    """The customer's interface at /v1, the partner's at /partner/v1, files at /storage, the ATS at /ats, careers at
    /careers, the oracle at /sandbox."""
    shown = desk(sandbox)
    routes = [
        *Customer(sandbox).routes(), *Partner(sandbox).routes(), *Storage(sandbox).routes(), *pages(sandbox, shown),
    ]  # fmt: skip
    app = application(sandbox, routes, refused_page(sandbox, shown))
    app.add_middleware(Based, sandbox=sandbox)
    return app
