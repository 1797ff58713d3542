"""The sandbox as one web application, and as a program of its own."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.applications import Starlette

from ..kit import server
from ..kit.app import application
from ..kit.pages import pages, refused_page
from ..kit.server import Vendor
from .ats import desk
from .options import Options
from .rpc import Rpc
from .sandbox import Sandbox

SAYS = "JSON-2, JSON-RPC and XML-RPC of 17, 18 or 19, automation webhooks, a small ATS"


def create_app(sandbox: Sandbox) -> Starlette:
    """The interfaces at Odoo's own addresses, the ATS at /ats, careers at /careers, the oracle at /sandbox."""
    shown = desk(sandbox)
    return application(sandbox, [*Rpc(sandbox).routes(), *pages(sandbox, shown)], refused_page(sandbox, shown))


def _stages(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", choices=("17", "18", "19"), help="of Odoo (default: 19)")
    parser.add_argument("--recruiter", choices=("user", "employee"), help="who is in charge: user_id, or recruiter_id "
                                                                          "as after 19.0 (default: user)")  # fmt: skip
    parser.add_argument("--stages", choices=("odoo", "own"), help="six for all jobs, or own ones for each")
    parser.add_argument("--mail-stages", type=_stages, help="names of stages that mail whoever enters (default: New)")
    parser.add_argument("--companies", type=int, help="how many (default: 1)")
    parser.add_argument("--plan", choices=("custom", "standard"), help="standard lets no program in")
    parser.add_argument("--errors", choices=("object", "string"), help="body of refusals over JSON-2")
    parser.add_argument("--rate", type=server.rate, help="requests/seconds a proxy lets through (default: no limit)")
    parser.add_argument("--commit-lag", type=float, help="seconds that write_date lies before the commit (default: 0)")
    parser.add_argument("--key-days", type=float, help="days after which API keys expire (default: never)")
    parser.add_argument("--database", help="its name (default: acme)")


def _told(url: str, sandbox: Sandbox) -> Sequence[tuple[str, str]]:
    ways = f"{url}/json/2, {url}/jsonrpc" if sandbox.options.version == "19" else f"{url}/jsonrpc"
    return [("Sandbox ATS", f"{url}/ats"), ("Interfaces", f"{ways}, {url}/xmlrpc/2"),
            ("Odoo", f"{sandbox.options.number}, database {sandbox.options.database}")]  # fmt: skip


def _facts(sandbox: Sandbox) -> Mapping[str, Any]:
    return {"version": sandbox.options.version, "database": sandbox.options.database}


VENDOR = Vendor("odoo", SAYS, Sandbox, create_app, Options, _arguments, _told, _facts)
