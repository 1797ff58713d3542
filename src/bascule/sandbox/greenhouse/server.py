"""The sandbox as a program of its own."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Mapping

from ..kit import server
from ..kit.server import Vendor
from .app import create_app
from .options import Options
from .sandbox import Sandbox


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rate", type=server.rate, help="requests in seconds (`75/30`)")
    parser.add_argument(
        "--tier", choices=("enterprise", "standard"), help="`enterprise` (application fields) or `standard`"
    )
    parser.add_argument("--board", help="the job board's token in public addresses (default: sandbox)")


def _told(url: str, sandbox: Sandbox) -> list[tuple[str, str]]:
    rate = sandbox.options.rate
    return [
        ("Sandbox ATS", f"{url}/candidates"), ("Careers page", f"{url}/careers"),
        ("Harvest API", f"{url}/v3   tokens at {url}/token   {rate.limit} requests/{rate.seconds:g} s"),
        ("Job board", f"{url}/v1/boards/{sandbox.options.board}/jobs"),
        ("Tier", sandbox.options.tier),
    ]  # fmt: skip


def _facts(sandbox: Sandbox) -> Mapping[str, str]:
    return {"tier": sandbox.options.tier}


VENDOR = Vendor("greenhouse", "Harvest v3, webhooks, careers page and a small ATS", Sandbox, create_app, Options,
                _arguments, _told, _facts)  # fmt: skip


async def run(port: int, options: Options, *, ready: Callable[[str, Sandbox], object] | None = None,
              stop: asyncio.Event | None = None) -> None:  # fmt: skip
    """Serve on 127.0.0.1 until cancelled or `stop` is set; port 0 takes a free one. `ready` is told the URL."""
    await server.run(VENDOR, port, options, ready=ready, stop=stop)
