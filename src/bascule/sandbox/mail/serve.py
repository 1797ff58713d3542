"""The mailbox as a program: `bascule sandbox mail`."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
from collections.abc import Sequence

import aiohttp

from ..kit.parent import gone
from ..kit.server import listen
from .app import Answer, create_app
from .letters import Mailroom
from .smtp import Faults, listening

SAYS = "A mail server for this machine: whatever is sent to anybody arrives on one page, where it can be answered"


def start(arguments: Sequence[str], prog: str) -> None:
    """Run until Ctrl-C; a wrong option is one clear line."""
    line = argparse.ArgumentParser(prog=prog, description=SAYS)
    line.add_argument("--port", type=int, default=8405, help="of the pages, on 127.0.0.1 (default: %(default)s)")
    line.add_argument("--smtp-port", type=int, default=8425, help="for letters, on 127.0.0.1 (default: %(default)s)")
    line.add_argument("--answers-to", default="", help='POST answers there as {"letter": the whole letter in base64}')
    line.add_argument("--key", default="", help="the bearer key that goes with them")
    line.add_argument("--gone", action="append", default=[], help="an address that is refused for good; repeatable")
    line.add_argument("--later", action="append", default=[], help="an address that is refused for now; repeatable")
    line.add_argument("--until-eof", action="store_true", help="end when standard input does")
    line.add_argument("--json", action="store_true", help="say the addresses in one line of JSON")
    line.add_argument("--faults", help=argparse.SUPPRESS)
    given = line.parse_args(arguments)
    if given.faults is not None:
        line.error("a mailbox has no faults in a file; --gone and --later say whose letters are refused")
    faults = Faults(*(frozenset(one.lower() for one in some) for some in (given.gone, given.later)))
    answer = posting(given.answers_to, given.key) if given.answers_to else None
    try:
        asyncio.run(_serve(given.port, given.smtp_port, faults, answer, as_json=given.json, until_eof=given.until_eof))
    except (OSError, ValueError) as error:
        line.error(str(error))
    except KeyboardInterrupt:
        pass


def posting(url: str, key: str) -> Answer:
    """Hands answers over by HTTP."""

    async def hand(letter: bytes) -> str:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        body = {"letter": base64.b64encode(letter).decode()}
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10.0)) as client,
                client.post(url, json=body, headers=headers) as got,
            ):
                return "The answer has arrived." if got.ok else f"The answer was not taken: {got.status}."
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"The answer was not taken: {type(error).__name__}."

    return hand


async def _serve(
    port: int, smtp_port: int, faults: Faults, answer: Answer | None, *, as_json: bool, until_eof: bool
) -> None:
    stop = asyncio.Event()
    watcher = asyncio.create_task(gone()) if until_eof else None
    if watcher is not None:
        watcher.add_done_callback(lambda _: stop.set())
    room = Mailroom()
    async with listening(room, smtp_port, faults) as smtp:

        def ready(url: str) -> None:
            if as_json:
                print(json.dumps({"url": url, "host": "127.0.0.1", "smtp": smtp}), flush=True)
            else:
                print(f"Sandbox mail     {url}\nSMTP             127.0.0.1:{smtp}, no password", flush=True)

        await listen(create_app(room, answer), port, ready=ready, stop=stop)
