"""The server as a program: `bascule sandbox peopledata`."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from ..kit.faults import from_file
from ..kit.parent import gone
from ..kit.server import listen
from ..kit.trouble import breaking_off
from .app import create_app
from .server import Options, Server

SAYS = "A provider of people's data as People Data Labs serves it (Person Enrichment v5), without anybody's data"


def start(arguments: Sequence[str], prog: str) -> None:
    """Run until Ctrl-C; a wrong option is one clear line."""
    line = argparse.ArgumentParser(prog=prog, description=SAYS)
    line.add_argument("--port", type=int, default=8404, help="on 127.0.0.1; 0 for a free one (default: %(default)s)")
    line.add_argument("--key", default=Options.key, help="the key that is taken (default: %(default)s)")
    line.add_argument("--credits", type=int, default=Options.credits, help="matches until it answers 402")
    line.add_argument("--rate", type=int, default=Options.rate, help="requests a minute until it answers 429")
    line.add_argument("--people", type=Path, help="a JSON list of person records that it knows; else it makes them up")
    line.add_argument("--faults", type=Path, help="a YAML, JSON or TOML file with what goes wrong on purpose")
    line.add_argument("--until-eof", action="store_true", help="end when standard input does")
    line.add_argument("--json", action="store_true", help="say the address in one line of JSON")
    given = line.parse_args(arguments)
    try:
        people = json.loads(given.people.read_text("utf-8")) if given.people else []
        faults = from_file(given.faults) if given.faults else []
        options = Options(given.key, given.credits, given.rate, people, not given.people, faults)
        asyncio.run(_serve(Server(options), given.port, as_json=given.json, until_eof=given.until_eof))
    except (OSError, ValueError) as error:
        line.error(str(error))
    except KeyboardInterrupt:
        pass


async def _serve(server: Server, port: int, *, as_json: bool, until_eof: bool) -> None:
    stop = asyncio.Event()
    watcher = asyncio.create_task(gone()) if until_eof else None
    if watcher is not None:
        watcher.add_done_callback(lambda _: stop.set())

    def ready(url: str) -> None:
        if as_json:
            print(json.dumps({"url": f"{url}/v5", "key": server.options.key}), flush=True)
        else:
            print(f"Sandbox data     {url}/v5\nKey              {server.options.key}")
            print(f"Seen             {url}/sandbox/seen\nFaults           {url}/sandbox/faults", flush=True)

    await listen(breaking_off(create_app(server)), port, ready=ready, stop=stop)
