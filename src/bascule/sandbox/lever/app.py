"""The sandbox as one web application."""

from __future__ import annotations

from starlette.applications import Starlette

from ..kit.app import application
from ..kit.pages import pages, refused_page
from .data import DataApi
from .desk import desk
from .postings import PostingsApi
from .sandbox import Sandbox


def create_app(sandbox: Sandbox) -> Starlette:
    """The Data API at /v1, OAuth at /authorize and /oauth/token, postings at /v0, the ATS at /ats, careers at
    /careers, the oracle at /sandbox."""
    shown = desk(sandbox)
    routes = [*DataApi(sandbox).routes(), *PostingsApi(sandbox).routes(), *pages(sandbox, shown)]
    return application(sandbox, routes, refused_page(sandbox, shown))
