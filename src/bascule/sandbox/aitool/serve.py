"""The tool as a program: `bascule sandbox aitool --door URL --key KEY`."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from ..kit.faults import listed
from ..kit.parent import gone
from ..kit.server import listen
from .app import HOOK, create_app
from .door import Http
from .faults import KINDS
from .tool import Options, Tool

SAYS = "An AI tool, built from docs/ai-tools.md alone: it scores by shared words, with a page of its own"


def start(arguments: Sequence[str], prog: str) -> None:
    """Run until Ctrl-C; a wrong option is one clear line."""
    line = argparse.ArgumentParser(prog=prog, description=f"{SAYS}. Faults: " + "; ".join(
        f"{kind} ({what})" for kind, what in KINDS.items()))  # fmt: skip
    line.add_argument("--door", required=True, help="where Bascule's door is: http://127.0.0.1:8400/api/tools/v1")
    line.add_argument("--key", required=True, help="the key of the tool's connection")
    line.add_argument("--client-id", default="", help="exchange the key for tokens (OAuth) under this client id")
    line.add_argument("--secret", default="", help="what hints are signed with")
    line.add_argument("--port", type=int, default=8402, help="on 127.0.0.1; 0 for a free one (default: %(default)s)")
    line.add_argument("--every", type=float, default=30.0, help="seconds between two looks (default: %(default)s)")
    line.add_argument("--propose", type=float, help="from this score on, propose the next stage")
    line.add_argument("--notes", action="store_true", help="send a note with each result")
    line.add_argument("--database", default=":memory:", help="a file that keeps what it holds (default: memory)")
    line.add_argument("--faults", type=Path, help="a YAML, JSON or TOML file with what goes wrong on purpose")
    line.add_argument("--until-eof", action="store_true", help="end when standard input does")
    line.add_argument("--json", action="store_true", help="say the address in one line of JSON")
    given = line.parse_args(arguments)
    try:
        faults = listed(given.faults) if given.faults else []
        options = Options(
            given.door, given.key, given.secret, given.client_id, given.database, given.every, propose=given.propose,
            notes=given.notes, faults=faults,
        )  # fmt: skip
        asyncio.run(_serve(options, given.port, as_json=given.json, until_eof=given.until_eof))
    except (OSError, ValueError) as error:
        line.error(str(error))
    except KeyboardInterrupt:
        pass


async def _serve(options: Options, port: int, *, as_json: bool, until_eof: bool) -> None:
    send = Http()
    tool = Tool(options, send)
    stop = asyncio.Event()
    watcher = asyncio.create_task(gone()) if until_eof else None
    if watcher is not None:
        watcher.add_done_callback(lambda _: stop.set())
    following = asyncio.create_task(tool.run())

    def ready(url: str) -> None:
        if as_json:
            print(json.dumps({"url": url, "hook": f"{url}{HOOK}"}), flush=True)
        else:
            print(f"Sandbox AI tool  {url}\nHints to         {url}{HOOK}\nDoor             {options.door}", flush=True)

    try:
        await listen(create_app(tool), port, ready=ready, stop=stop)
    finally:
        following.cancel()
        await send.close()
        tool.close()
