"""The server of the accept bench: Bascule's own, without a worker, and beside `/hooks` an endpoint that only inserts.

    python -m bench.receiving --data DIR [--database URL] --secret SECRET

Says where it listens in one line of JSON; afterwards answers each line on its input with a line of counts; ends with
SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response

from bascule.app import App, make
from bascule.engine.runtime import run, stopper
from bascule.model import Label, Mode
from bascule.server.application import create_server
from bascule.server.hooks import _bounded as bounded  # type: ignore[reportPrivateUsage]  # the same way to take a body
from bascule.server.run import bind
from bascule.settings import Settings
from bascule.store import Tx
from bascule.store.connections import Connection
from bascule.store.sql import Sql

from .processes import say

NAME = "bench"
TABLE = {
    "sqlite": Sql("CREATE TABLE IF NOT EXISTS bench_bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL)"),
    "postgresql": Sql("CREATE TABLE IF NOT EXISTS bench_bodies (id bigserial PRIMARY KEY, body bytea NOT NULL)"),
}
INSERT = Sql("INSERT INTO bench_bodies (body) VALUES (:body)")
COUNT = Sql("SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM bench_bodies)")
BATCH = 256  # bodies in one commit, as ingest has it


class Insert:
    """The baseline: a body and nothing else, durable before the answer, by the same group commit."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._flushing = False

    async def __call__(self, request: Request) -> Response:
        body = await bounded(request, self._app.settings.max_hook_bytes)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((body, done))
        if not self._flushing:
            self._flushing = True
            self._app.runtime.spawn(self._flush(), "insert")
        await done
        return Response("accepted", media_type="text/plain")

    async def _flush(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                rows = [{"body": body} for body, _ in batch]
                await self._app.store.write(lambda tx, rows=rows: tx.many(INSERT, rows))
                for _, done in batch:
                    done.set_result(None)
        finally:
            self._flushing = False


async def connected(app: App, secret: str) -> None:
    """A connection that has been made already: nothing is asked of any system here."""
    row = Connection(
        app.runtime.id(), app.workspace, NAME, "greenhouse", Label.SIMULATOR, "http://127.0.0.1:9/v3",
        app.runtime.now(), Mode.LISTEN,
    )  # fmt: skip

    def unit(tx: Tx) -> None:
        tx.connections.add(row)
        tx.connections.set_credentials(row.id, {"client_id": "-", "client_secret": "-", "webhook_secret": secret})
        tx.run(TABLE[tx.dialect])

    await app.store.write(unit)
    await app.connections.refresh()


async def serve(settings: Settings, secret: str) -> None:
    stop = stopper()
    app = make(settings)
    made = bind("127.0.0.1", 0)
    try:
        await app.start(work=False)
        await connected(app, secret)
        server = create_server(app)
        add(server, app)
        config = uvicorn.Config(server, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2)
        config.load()
        running = uvicorn.Server(config)
        serving = asyncio.create_task(running._serve([made]))  # type: ignore[reportPrivateUsage]  # as `bascule up` does: the signals are ours
        counting = asyncio.create_task(_count(app))
        while not running.started:
            await asyncio.sleep(0.01)
        say({"url": f"http://127.0.0.1:{made.getsockname()[1]}"})
        await stop.wait()
        running.should_exit = True
        await serving
        counting.cancel()
    finally:
        await app.stop()
        made.close()


def add(server: FastAPI, app: App) -> None:
    server.add_api_route("/bench/insert", Insert(app).__call__, methods=["POST"], include_in_schema=False)


async def _count(app: App) -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while await lines.readline():
        rows = await app.store.read(lambda tx: tx.rows(COUNT))
        say({"accepted": rows[0][0], "inserted": rows[0][1]})


if __name__ == "__main__":
    line = argparse.ArgumentParser()
    line.add_argument("--data", type=Path, required=True)
    line.add_argument("--database", default="")
    line.add_argument("--secret", required=True)
    given = line.parse_args()
    chosen = Settings(data=given.data, database=given.database, port=0, log_level="error")
    run(serve(chosen, given.secret))
