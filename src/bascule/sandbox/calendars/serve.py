"""The server as a program: `bascule sandbox calendars`."""

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

SAYS = "Calendars as CalDAV, Microsoft Graph v1.0 and Google Calendar v3 serve them"


def start(arguments: Sequence[str], prog: str) -> None:
    """Run until Ctrl-C; a wrong option is one clear line."""
    line = argparse.ArgumentParser(prog=prog, description=SAYS)
    line.add_argument("--port", type=int, default=8405, help="on 127.0.0.1; 0 for a free one (default: %(default)s)")
    line.add_argument("--person", action="append", default=[], help="whose calendar there is; without any: everybody's")
    line.add_argument("--no-free-busy", action="store_true", help="CalDAV knows no free-busy-query, as some servers")
    line.add_argument("--key-file", type=Path, help="where the service account's private key is written")
    line.add_argument("--faults", type=Path, help="a YAML, JSON or TOML file with what goes wrong on purpose")
    line.add_argument("--until-eof", action="store_true", help="end when standard input does")
    line.add_argument("--json", action="store_true", help="say the addresses in one line of JSON")
    given = line.parse_args(arguments)
    try:
        faults = from_file(given.faults) if given.faults else []
        server = Server(Options(given.person, free_busy=not given.no_free_busy, faults=faults))
        if given.key_file:
            given.key_file.write_text(server.pem, "utf-8")
        asyncio.run(_serve(server, given.port, as_json=given.json, until_eof=given.until_eof))
    except (OSError, ValueError) as error:
        line.error(str(error))
    except KeyboardInterrupt:
        pass


async def _serve(server: Server, port: int, *, as_json: bool, until_eof: bool) -> None:
    stop = asyncio.Event()
    watcher = asyncio.create_task(gone()) if until_eof else None
    if watcher is not None:
        watcher.add_done_callback(lambda _: stop.set())
    options = server.options

    def ready(url: str) -> None:
        if as_json:
            told = {"caldav": f"{url}/dav", "graph": f"{url}/graph/v1.0", "google": f"{url}/google/calendar/v3"}
            print(json.dumps({**told, "user": options.user, "password": options.password}), flush=True)
            return
        print(f"CalDAV           {url}/dav/PERSON/   {options.user} / {options.password}")
        graph = f"{url}/graph/v1.0, token {url}/graph/token"
        print(f"Microsoft Graph  {graph}   {options.client_id} / {options.client_secret}")
        print(f"Google           {url}/google/calendar/v3, token {url}/google/token   {options.account}")
        print(f"What stands      {url} and {url}/sandbox/events\nFaults           {url}/sandbox/faults", flush=True)

    await listen(breaking_off(create_app(server)), port, ready=ready, stop=stop)
