"""The sandbox as one web application."""

from __future__ import annotations

from starlette.applications import Starlette

from ..kit.app import application
from .api import Customer, Partner, Storage
from .sandbox import Sandbox


def create_app(sandbox: Sandbox) -> Starlette:
    """The customer's interface at /v1, the partner's at /partner/v1, files at /storage, the oracle at /sandbox."""
    return application(sandbox, [
        *Customer(sandbox).routes(), *Partner(sandbox).routes(), *Storage(sandbox).routes(),
    ])  # fmt: skip
