"""The sandbox as a program of its own."""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import uvicorn

from ..faults import from_file
from ..parent import gone
from ..trouble import breaking_off
from .app import create_app
from .options import Options, Rate
from .sandbox import Sandbox
from .worker import HttpDelivery


async def run(port: int, options: Options, *, ready: Callable[[str, Sandbox], object] | None = None,
              stop: asyncio.Event | None = None) -> None:  # fmt: skip
    """Serve on 127.0.0.1 until cancelled or `stop` is set; port 0 takes a free one. `ready` is told the URL."""
    deliver = HttpDelivery()
    sandbox = Sandbox(options, deliver=deliver)
    # The protocol is named because asyncio switches Nagle's delay off only where it is: 40 ms an answer otherwise.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = breaking_off(create_app(sandbox))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, date_header=False))

    async def told() -> None:
        while not server.started:
            await asyncio.sleep(0.01)
        if ready:
            ready(url, sandbox)
        if stop:
            await stop.wait()
            server.should_exit = True

    watcher = asyncio.create_task(told())
    try:
        await server.serve(sockets=[listener])
    finally:
        watcher.cancel()
        await deliver.close()


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The quicker loop, where there is one."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


def serve(port: int, options: Options, *, as_json: bool = False, until_eof: bool = False) -> None:
    """Run in the foreground until Ctrl-C (or the end of standard input), printing the URL (one line of JSON for a
    program)."""

    def ready(url: str, sandbox: Sandbox) -> None:
        rate = options.rate
        if as_json:
            print(json.dumps({"url": url, "people": len(sandbox.db["candidates"]), "tier": options.tier}), flush=True)
            return
        print(f"Sandbox ATS      {url}/candidates")
        print(f"Careers page     {url}/careers")
        print(f"Harvest API      {url}/v3   tokens at {url}/token   {rate.limit} requests/{rate.seconds:g} s")
        if options.faults:
            print(f"Faults           {len(options.faults)}   {url}/configure/faults")
        print(f"People           {len(sandbox.db['candidates'])}   tier {options.tier}", flush=True)

    async def main() -> None:
        stop = asyncio.Event()
        watcher = asyncio.create_task(gone()) if until_eof else None
        if watcher is not None:
            watcher.add_done_callback(lambda _: stop.set())
        await run(port, options, ready=ready, stop=stop)

    try:
        with asyncio.Runner(loop_factory=_loop()) as runner:
            runner.run(main())
    except KeyboardInterrupt:
        pass
    except OSError as error:
        raise SystemExit(f"Port {port} cannot be used: {error.strerror}. Choose another with --port.") from None


def parser(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the options of this sandbox to a command line."""
    parser.add_argument("--port", type=int, default=8765, help="0 for a free one (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--candidates", type=int, default=0, help="how many people to fill in")
    parser.add_argument("--rate", default="75/30", help="requests/seconds (default: %(default)s)")
    parser.add_argument("--dirty", action="store_true", help="fill it as real tenants look")
    parser.add_argument("--tier", choices=("enterprise", "standard"), default="enterprise")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds each answer takes")
    parser.add_argument("--jobs", type=Path, help="a JSON file with the jobs to open")
    parser.add_argument("--until-eof", action="store_true", help="end when standard input does")
    parser.add_argument("--faults", type=Path, help="a YAML, JSON or TOML file with what goes wrong on purpose")
    return parser


def options_of(values: argparse.Namespace) -> Options:
    """Options from a parsed command line. Raises ValueError or OSError with what is wrong."""
    jobs: list[dict[str, Any]] | None = json.loads(values.jobs.read_text()) if values.jobs else None
    return Options(seed=values.seed, candidates=values.candidates, dirty=values.dirty, rate=Rate.parse(values.rate),
                   tier=values.tier, latency=values.latency, jobs=jobs,
                   faults=from_file(values.faults) if values.faults else ())  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    line = parser(argparse.ArgumentParser(prog="greenhouse", description="A local server that behaves as Greenhouse."))
    values = line.parse_args(sys.argv[1:] if arguments is None else arguments)
    try:
        options = options_of(values)
    except (ValueError, OSError) as error:
        line.error(str(error))
    serve(values.port, options, until_eof=values.until_eof)
