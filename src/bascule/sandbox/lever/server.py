"""The sandbox as a program of its own."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Mapping

from ..kit import server
from ..kit.server import Vendor
from .app import create_app
from .options import INTERACTIONS, Options
from .sandbox import Sandbox


def _arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--rate", type=server.rate, help="requests/seconds of a key, beyond the first 20 (default: 10/1)")
    add("--posting-rate", type=server.rate, help="applications/seconds of the Postings API (default: 2/1)")
    add("--site", help="the job site's name in the Postings API (default: sandbox)")
    add(
        "--stages", type=lambda text: [one.strip() for one in text.split(",")], help="the pipeline, separated by commas"
    )
    add("--requisitions", action="store_true", default=None, help="the account hires against requisitions")
    add("--webhooks-on", action="store_true", default=None, help="every webhook event is switched on from the start")
    add("--archived-stage", choices=("refuse", "allow"), help="moving an archived opportunity (default: refuse)")
    add("--confidential", type=int, choices=(403, 404), help="answer about what is confidential (default: 404)")
    add("--order", choices=("created", "updated"), help="what opportunities are listed by (default: created)")
    add("--interactions", type=lambda text: text.split(",") if text else [],
        help=f"what moves updatedAt: {','.join(INTERACTIONS)} (default: notes)")  # fmt: skip
    add("--deleted", choices=("gone", "marked"), help="deleted notes, forms and feedback in lists (default: gone)")
    add("--merged", choices=("moved", "gone"), help="a merged contact answers 301 or 404 (default: moved)")
    add("--no-posting-tags", dest="posting_tags", action="store_false", default=None,
        help="an application leaves the posting's tags off")  # fmt: skip
    add("--processing", type=float, help="seconds until a new file is processed (default: 0)")


def _told(url: str, sandbox: Sandbox) -> list[tuple[str, str]]:
    rate = sandbox.options.rate
    return [
        ("Sandbox ATS", f"{url}/ats"), ("Careers page", f"{url}/careers"),
        ("Data API", f"{url}/v1   {rate.limit} requests/{rate.seconds:g} s, 20 at once"),
        ("OAuth", f"{url}/authorize   {url}/oauth/token"),
        ("Postings API", f"{url}/v0/postings/{sandbox.options.site}?mode=json"),
    ]  # fmt: skip


def _facts(sandbox: Sandbox) -> Mapping[str, str]:
    return {"site": sandbox.options.site}


SAYS = "Data API v1, Postings API, webhooks and a small ATS"
VENDOR = Vendor("lever", SAYS, Sandbox, create_app, Options, _arguments, _told, _facts)


async def run(port: int, options: Options, *, ready: Callable[[str, Sandbox], object] | None = None,
              stop: asyncio.Event | None = None) -> None:  # fmt: skip
    """Serve on 127.0.0.1 until cancelled or `stop` is set; port 0 takes a free one. `ready` is told the URL."""
    await server.run(VENDOR, port, options, ready=ready, stop=stop)
