"""Any sandbox as a program of its own."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from .faults import from_file
from .options import Options, Rate
from .parent import gone
from .tenant import Tenant
from .trouble import breaking_off
from .worker import HttpDelivery


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    pass


@dataclass(frozen=True)
class Vendor:
    """How to run the sandbox of one vendor."""

    name: str
    # One line: what of the vendor is simulated.
    says: str
    # Tenant(options, now=, deliver=, sleep=).
    make: Callable[..., Tenant[Any]]
    app: Callable[[Any], Starlette]
    options: type[Options] = Options
    # Adds the vendor's own options to a command line: each is called as the field of `options` it sets.
    arguments: Callable[[argparse.ArgumentParser], object] = _no_arguments
    # What is printed at the start: (name, value) for each line, from the URL and the tenant.
    told: Callable[[str, Any], Sequence[tuple[str, str]]] = lambda url, tenant: [("Sandbox ATS", f"{url}/ats")]
    # More for the line of JSON that a program reads at the start.
    facts: Callable[[Any], Mapping[str, Any]] = lambda tenant: {}


async def run(vendor: Vendor, port: int, options: Options, *, ready: Callable[[str, Any], object] | None = None,
              stop: asyncio.Event | None = None) -> None:  # fmt: skip
    """Serve on 127.0.0.1 until cancelled or `stop` is set; port 0 takes a free one. `ready` is told the URL."""
    deliver = HttpDelivery()
    tenant = vendor.make(options, deliver=deliver)
    try:
        await listen(breaking_off(vendor.app(tenant)), port, ready=lambda url: ready and ready(url, tenant), stop=stop)
    finally:
        await deliver.close()


async def listen(app: ASGIApp, port: int, *, ready: Callable[[str], object], stop: asyncio.Event | None = None) -> None:
    """Serve an application on 127.0.0.1, in the same way."""
    # The protocol is named because asyncio switches Nagle's delay off only where it is: 40 ms an answer otherwise.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, date_header=False))

    async def told() -> None:
        while not server.started:
            await asyncio.sleep(0.01)
        ready(url)
        if stop:
            await stop.wait()
            server.should_exit = True

    watcher = asyncio.create_task(told())
    try:
        await server.serve(sockets=[listener])
    finally:
        watcher.cancel()


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The quicker loop, where there is one."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


def serve(vendor: Vendor, port: int, options: Options, *, as_json: bool = False, until_eof: bool = False) -> None:
    """Run in the foreground until Ctrl-C (or the end of standard input), printing the URL (one line of JSON for a
    program)."""

    def ready(url: str, tenant: Tenant[Any]) -> None:
        if as_json:
            print(json.dumps({"url": url, "people": tenant.people(), **vendor.facts(tenant)}), flush=True)
            return
        lines = [*vendor.told(url, tenant)]
        if options.faults:
            lines.append(("Faults", f"{len(options.faults)}   {url}/sandbox/faults"))
        for name, value in lines:
            print(f"{name:<17}{value}")
        print(f"{'People':<17}{tenant.people()}", flush=True)

    async def main() -> None:
        stop = asyncio.Event()
        watcher = asyncio.create_task(gone()) if until_eof else None
        if watcher is not None:
            watcher.add_done_callback(lambda _: stop.set())
        await run(vendor, port, options, ready=ready, stop=stop)

    try:
        with asyncio.Runner(loop_factory=_loop()) as runner:
            runner.run(main())
    except KeyboardInterrupt:
        pass
    except OSError as error:
        raise SystemExit(f"Port {port} cannot be used: {error.strerror}. Choose another with --port.") from None


# The command line.


def rate(text: str) -> Rate:
    """The type of an option that takes requests/seconds."""
    try:
        return Rate.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parser(vendor: Vendor, parser: argparse.ArgumentParser, port: int = 8765) -> argparse.ArgumentParser:
    """Add the options of a vendor's sandbox to a command line."""
    parser.add_argument("--port", type=int, default=port, help="on 127.0.0.1; 0 for a free one (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same people (default: %(default)s)")
    parser.add_argument("--candidates", type=int, default=0, help="how many people to fill in")
    parser.add_argument("--dirty", action="store_true", help="fill it as real tenants look")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds each answer takes")
    parser.add_argument("--jobs", type=Path, help="a JSON file with the jobs to open")
    parser.add_argument("--faults", type=Path, help="a YAML, JSON or TOML file with what goes wrong on purpose")
    parser.add_argument("--until-eof", action="store_true", help="end when standard input does")
    parser.add_argument("--json", action="store_true", help="say the address in one line of JSON")
    vendor.arguments(parser)
    return parser


def own_arguments(vendor: Vendor, arguments: Sequence[str], prog: str) -> dict[str, Any]:
    """The values of the options that only this vendor's sandbox takes; a wrong one ends the program with a line."""
    line = argparse.ArgumentParser(prog=prog, description=vendor.says, epilog="`--help` lists what all sandboxes take.")
    vendor.arguments(line)
    return vars(line.parse_args(arguments))


def _jobs(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}. Name a JSON file with jobs.") from None
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}") from None


def options_of(vendor: Vendor, values: Mapping[str, Any]) -> Options:
    """Options from the values of a command line. Raises ValueError with what is wrong."""
    read: dict[str, Callable[[Path], Any]] = {"jobs": _jobs, "faults": from_file}
    chosen: dict[str, Any] = {}
    for one in dataclasses.fields(vendor.options):
        value = values.get(one.name)
        if value is not None:
            chosen[one.name] = read[one.name](value) if one.name in read else value
    return vendor.options(**chosen)


def start(vendor: Vendor, arguments: Sequence[str], prog: str, port: int = 8765) -> None:
    """Run a sandbox as its command line says; a wrong option is one clear line."""
    line = parser(vendor, argparse.ArgumentParser(prog=prog, description=vendor.says), port)
    values = line.parse_args(arguments)
    try:
        options = options_of(vendor, vars(values))
    except (ValueError, OSError) as error:
        line.error(str(error))
    serve(vendor, values.port, options, as_json=values.json, until_eof=values.until_eof)
