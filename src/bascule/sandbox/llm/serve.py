"""The server as a program: `bascule sandbox llm`."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from ..kit.faults import listed
from ..kit.parent import gone
from ..kit.server import listen
from .app import create_app
from .faults import KINDS
from .server import Options, Server

SAYS = "Language models as OpenAI and Anthropic serve them, without a model: it answers by rules"


def start(arguments: Sequence[str], prog: str) -> None:
    """Run until Ctrl-C; a wrong option is one clear line."""
    line = argparse.ArgumentParser(prog=prog, description=f"{SAYS}. Faults: " + "; ".join(
        f"{kind} ({what})" for kind, what in KINDS.items()))  # fmt: skip
    line.add_argument("--port", type=int, default=8403, help="on 127.0.0.1; 0 for a free one (default: %(default)s)")
    line.add_argument("--key", default=Options.key, help="the key that is taken (default: %(default)s)")
    line.add_argument("--model", action="append", help="a model there is; may be repeated (default: small, text-small)")
    line.add_argument("--faults", type=Path, help="a YAML, JSON or TOML file with what goes wrong on purpose")
    line.add_argument("--until-eof", action="store_true", help="end when standard input does")
    line.add_argument("--json", action="store_true", help="say the address in one line of JSON")
    given = line.parse_args(arguments)
    try:
        faults = listed(given.faults) if given.faults else []
        options = Options(given.key, tuple(given.model or Options.models), faults=faults)
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
            print(json.dumps({"url": f"{url}/v1", "key": server.options.key}), flush=True)
        else:
            print(f"Sandbox models   {url}/v1\nKey              {server.options.key}\nSeen             {url}/seen")
            print(f"Models           {', '.join(server.options.models)}", flush=True)

    await listen(create_app(server), port, ready=ready, stop=stop)
