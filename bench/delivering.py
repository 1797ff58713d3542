"""One worker of the delivery bench, without a server; or, with `--bare`, the loop it is compared with.

    python -m bench.delivering --data DIR [--database URL]
    python -m bench.delivering --bare --ats URL --writes N

The worker is Bascule's own, with its slots as they are set by default. It says that it is ready, and then carries out
what its input says, a line each: `fill N URL` puts N candidates into the store as a first reading does, at a connection
to that address, and changes the title of each, as a person does; `go` starts the work; `status` tells what is left of
it. The bare loop waits for `go`, makes the same calls with the same HTTP transport (each candidate read, then changed),
as many at once as the worker has slots, and says so when it has ended. Both end with SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bascule.app import App, make
from bascule.engine.observe import parse
from bascule.engine.runtime import run, stopper
from bascule.engine.wire import AiohttpTransport, WireRequest
from bascule.model import Actor, ActorKind, Edit, Kind, Label, Mode, Read
from bascule.settings import Settings
from bascule.store import Tx
from bascule.store.connections import Connection

from .fixed import TITLE, candidate
from .processes import say

NAME = "bench"
OWNER = Actor(ActorKind.PERSON, "owner", "Olga Owner")
FIRST_ID = 40_000_000
BATCH = 100  # candidates in one commit
TIMEOUT = 30.0


async def connected(app: App, url: str) -> str:
    """A connection that has been made already and asks for nothing by the clock; its id."""
    row = Connection(
        app.runtime.id(), app.workspace, NAME, "greenhouse", Label.SIMULATOR, f"{url}/v3", app.runtime.now(), Mode.LIVE,
        settings={"client_id": "-"}, live_since=app.runtime.now(),
    )  # fmt: skip

    def unit(tx: Tx) -> None:
        tx.connections.add(row)
        tx.connections.set_credentials(row.id, {"client_secret": "-", "webhook_secret": "-"})

    await app.store.write(unit)
    await app.connections.refresh()
    return row.id


async def fill(app: App, count: int, url: str) -> None:
    """Candidates as they were read there, each with a change of a person's that is due there."""
    id = await connected(app, url)
    at = app.connections.get(id)
    shape = next(one for one in at.connector.reads if one.kind is Kind.CANDIDATE and one.since)
    for start in range(0, count, BATCH):
        number, started = await app.connections.number()
        shown = [candidate(FIRST_ID + n) for n in range(start, min(start + BATCH, count))]
        parts = parse(shape, shown, at.tenant)
        reads = {p.external: Read(app.runtime.id(), number, id, started, (p,)) for p in parts}
        settled = await app.reconcile.reads(at, Kind.CANDIDATE, reads, live=False)
        families = frozenset(settled.families.values())
        await app.reconcile.commit(lambda tx, them=families: _edit(app, tx, them))


def _edit(app: App, tx: Tx, families: frozenset[str]) -> None:
    for family in tx.families.families(families).values():
        edit = Edit(app.runtime.id(), family.root.id, {"title": TITLE}, OWNER, app.runtime.id())
        app.reconcile.edit_in(tx, family.id, [edit])


async def status(app: App) -> dict[str, int]:
    def query(tx: Tx) -> dict[str, int]:
        found = tx.pages.overview([one.id for one in app.connections.all()]).values()
        return {
            "lanes": sum(one.write_lanes for one in found), "reads": sum(one.reads for one in found),
            "failures": sum(one.failures for one in found),
        }  # fmt: skip

    return await app.store.read(query)


async def work(settings: Settings) -> None:
    stop, app = stopper(), make(settings)
    try:
        await app.start(work=False)
        obeying = asyncio.create_task(_obey(app))
        say({"ready": True})
        await stop.wait()
        obeying.cancel()
    finally:
        await app.stop()


async def _obey(app: App) -> None:
    async for word, *rest in _lines():
        match word:
            case "fill":
                await fill(app, int(rest[0]), rest[1])
                say(await status(app))
            case "go":
                app.runtime.spawn(app.worker.run(), "worker")
            case _:
                say(await status(app))


async def bare(url: str, writes: int, at_once: int) -> None:
    """The baseline: the calls and nothing else, as many at once as a worker has slots."""
    transport, numbers = AiohttpTransport(), iter(range(writes))
    headers = {"authorization": "Bearer fixed", "accept": "application/json"}
    body = json.dumps({"title": TITLE}).encode()

    async def ask(request: WireRequest) -> Any:
        return json.loads((await transport.send(request, TIMEOUT)).body)

    async def one_after_the_other() -> None:
        for id in (FIRST_ID + number for number in numbers):
            (before,) = await ask(WireRequest("GET", f"{url}/v3/candidates?ids={id}&per_page=500", headers))
            assert before["title"] != TITLE
            typed = {**headers, "content-type": "application/json"}
            after = await ask(WireRequest("PATCH", f"{url}/v3/candidates/{id}", typed, body))
            assert after["title"] == TITLE

    say({"ready": True})
    async for _ in _lines():
        break
    await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))
    await transport.close()
    say({"writes": writes})


async def _lines() -> AsyncIterator[list[str]]:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while said := await lines.readline():
        yield said.decode().split()


if __name__ == "__main__":
    line = argparse.ArgumentParser()
    line.add_argument("--data", type=Path)
    line.add_argument("--database", default="")
    line.add_argument("--bare", action="store_true")
    line.add_argument("--ats", default="")
    line.add_argument("--writes", type=int, default=0)
    given = line.parse_args()
    if given.bare:
        run(bare(given.ats, given.writes, Settings().workers))
    else:
        run(work(Settings(data=given.data, database=given.database, port=0, log_level="error")))
