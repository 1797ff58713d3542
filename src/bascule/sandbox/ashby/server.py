"""The sandbox as one web application, and as a program of its own."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from starlette.applications import Starlette

from ..kit import server
from ..kit.app import application
from ..kit.pages import pages, refused_page
from ..kit.server import Vendor
from . import desk
from .api import Api
from .board import Board
from .methods import METHODS
from .options import Options
from .sandbox import Sandbox
from .storage import Storage


def create_app(sandbox: Sandbox) -> Starlette:
    """The interface at /, the job board at /posting-api, files at /storage, the ATS at /ats, careers at
    /careers, the oracle at /sandbox."""
    shown = desk.made(sandbox)
    routes = [
        *Api(sandbox, METHODS).routes(), *Board(sandbox).routes(), *Storage(sandbox).routes(), *pages(sandbox, shown),
    ]  # fmt: skip
    return application(sandbox, routes, refused_page(sandbox, shown))


def _arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--rate", type=server.rate, help="requests/seconds of each key (default: 1000/60)")
    add("--partner-rate", type=server.rate, help="requests/seconds of all keys together")
    add("--retry-after", action="store_true", default=None, help="a 429 says how long to wait")
    add("--cursor-lifetime", type=float, help="seconds a cursor works (default: 3600)")
    add("--token-lifetime", type=float, help="seconds a sync token works (default: a week)")
    add("--sync-pages", type=int, help="pages until an incremental sync is too large (default: 100)")
    add("--sync-status", type=int, choices=(200, 400), help="HTTP status of refused cursors and sync tokens")
    add("--race", type=float, help="seconds between read and write inside customField.setValue")
    add("--file-lifetime", type=float, help="seconds the address of a file works (default: 900)")
    add("--hire-by", choices=("stage", "offer"), help="what hires: a move to the stage, or an accepted offer")
    add("--keep-archived", dest="unarchive", action="store_false", default=None, help="archived stays archived")
    add("--no-null", dest="null_clears", action="store_false", default=None, help="null clears no custom field")
    add("--silent-create", dest="api_submits", action="store_false", default=None,
        help="application.create sends no applicationSubmit")  # fmt: skip
    add(
        "--activity-touches",
        action="store_true",
        default=None,
        help="notes and applications move a candidate's updatedAt",
    )
    add(
        "--version-status",
        choices=("active", "deprecated", "unsupported"),
        help="what every answer says of its version",
    )
    add("--board", help="the name of the public job board (default: sandbox)")
    add("--shared-plan", action="store_true", default=None, help="one interview plan for all jobs")


def _key(sandbox: Sandbox) -> str:
    return next(iter(sandbox.db["credentials"]))["secret"]


def _told(url: str, sandbox: Sandbox) -> Sequence[tuple[str, str]]:
    rate = sandbox.options.rate
    return [
        ("Sandbox ATS", f"{url}/ats"), ("Careers page", f"{url}/careers"),
        ("Ashby API", f"{url}   POST /<category>.<method>   {rate.limit} requests/{rate.seconds:g} s"),
        ("Job board", f"{url}/posting-api/job-board/{sandbox.options.board}"),
        ("API key", f"{_key(sandbox)}   (user name of Basic auth, no password)"),
    ]  # fmt: skip


def _facts(sandbox: Sandbox) -> Mapping[str, str]:
    return {"api_key": _key(sandbox)}


VENDOR = Vendor("ashby", "RPC API, sync tokens, webhooks, careers page and a small ATS", Sandbox, create_app, Options,
                _arguments, _told, _facts)  # fmt: skip
