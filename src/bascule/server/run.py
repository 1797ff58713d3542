"""Start and stop: the server on a socket of its own, the worker beside it, and a file that tells commands where."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from bascule.app import App, make
from bascule.engine.runtime import stopper
from bascule.errors import ConfigurationError
from bascule.logs import configure
from bascule.settings import Settings
from bascule.workspaces import places

from .application import create_server, create_watch
from .front import Front, House
from .neighbours import Neighbours

NOTE = "server.json"  # in the data folder while a server runs


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. The protocol is named, so that the loop may switch off Nagle's delay."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise ConfigurationError(
            f"Port {port} of {host} cannot be used ({error.strerror}).",
            hint="Choose another: --port N, or BASCULE_PORT=N.",
        ) from None
    made.listen(2048)
    return made


@dataclass(frozen=True, slots=True)
class Running:
    """A started App behind its server."""

    app: App
    url: str


@asynccontextmanager
async def listening(settings: Settings, *, work: bool = True, announce: bool = False) -> AsyncGenerator[Running]:
    """Start App and server; stop both cleanly at the end. `announce` takes the configured address, serves the
    installation's other workspaces too, and tells this machine's commands of it; without, a free port of loopback for
    as long as a command takes."""
    configure(settings)
    host, port = (settings.host, settings.port) if announce else ("127.0.0.1", 0)
    made = bind(host, port)
    settings = settings.model_copy(update={"port": made.getsockname()[1]})
    url = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{settings.port}"
    try:
        app = make(settings)
    except BaseException:
        made.close()
        raise
    neighbours: Neighbours | None = None
    try:
        await app.start(work=work)
        pages = create_server(app)
        front = Front(House(places(settings)[0], app, pages))
        server, serving = await _served(front, made, settings)
        if announce:
            _announce(url, app)
            app.pool.keep(app.workspace, app.rediscovery.refresh)
            neighbours = Neighbours(
                settings, front, work=work, on_up=lambda app, place: _announce(url, app, place.host), on_down=_silence
            )
            await neighbours.start()
        try:
            yield Running(app, url)
        finally:
            await pages.state.web.hub.close()
            server.should_exit = True
            if neighbours is not None:
                await neighbours.stop()
            await serving
    finally:
        if announce:
            _silence(app)
        await app.stop()
        made.close()


async def _served(front: ASGIApp, made: socket.socket, settings: Settings) -> tuple[uvicorn.Server, asyncio.Task[None]]:
    """A server that answers, and what runs it."""
    config = uvicorn.Config(
        front, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2,
        forwarded_allow_ips=list(settings.trusted_proxies) or None,
    )  # fmt: skip
    config.load()
    server = uvicorn.Server(config)
    serving = asyncio.get_running_loop().create_task(_serve(server, made), name="server")
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    return server, serving


async def _serve(server: uvicorn.Server, made: socket.socket) -> None:
    with suppress(asyncio.CancelledError):
        await server._serve([made])  # pyright: ignore[reportPrivateUsage]  # `serve` would take the signals over


def _announce(url: str, app: App, host: str = "") -> None:
    """Tell this machine's user's commands where the server is, and by which host name it knows this workspace."""
    descriptor = os.open(app.settings.data / NOTE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"url": url, "host": host, "key": app.local_key, "pid": os.getpid()}, file)


def _silence(app: App) -> None:
    (app.settings.data / NOTE).unlink(missing_ok=True)


class Say(Protocol):
    """Tells whoever started us: a line for people, the same as facts for a program."""

    def __call__(self, text: str, /, **facts: str) -> None: ...


async def serve(settings: Settings, say: Say) -> None:
    """Server and worker until Ctrl-C or a termination signal."""
    stop = stopper()
    async with listening(settings, announce=True) as running:
        link = await running.app.doors.first_login()  # first: who is told where it is may ask for one
        say(f"Bascule is at {running.url}", url=running.url)
        if link:
            say(f"Log in once, within 24 hours: {link}", login=link)
            if wrong := await running.app.reaching.of_a_link(elsewhere=False):
                say(f"That link will not open yet. {wrong}", warning=wrong)
        await stop.wait()
        say("Stopping ...", state="stopping")


async def work(settings: Settings, say: Say, *, watched: int | None = None) -> None:
    """A worker of every workspace without a server, until Ctrl-C or a termination signal. `watched`: a port of the
    configured host on which this process tells its own figures (`/metrics`) and that it lives (`/healthz`)."""
    configure(settings)
    stop = stopper()
    made = bind(settings.host, watched) if watched is not None else None
    app = make(settings)
    neighbours = Neighbours(settings, None)
    watching: tuple[uvicorn.Server, asyncio.Task[None]] | None = None
    try:
        await app.start()
        await neighbours.start()
        if made is not None:
            watching = await _served(create_watch(app), made, settings)
            url = f"http://{settings.host}:{made.getsockname()[1]}/metrics"
            say(f"Working. Its figures: {url}", state="working", metrics=url)
        else:
            say("Working.", state="working")
        await stop.wait()
        say("Stopping ...", state="stopping")
    finally:
        if watching is not None:
            watching[0].should_exit = True
            await watching[1]
        elif made is not None:
            made.close()
        await neighbours.stop()
        await app.stop()
