"""Bascule as a customer runs it, connected to a sandbox: server, worker and reader child, in a process of its own.

    python -m bench.connected --data DIR [--database URL] --ats URL [--read-only | --rarely]

Connects as the demo does: a credential made on the ATS's page, the account read whole, custom fields created, the
webhook entered in the ATS's form. Says how the first reading went in one line of JSON; afterwards answers each line on
its input with what is still on its way, `moves` with every move of an application that stands in the record, and
`subscribe URL FORMAT` with the subscription to stage changes that it has made; ends with SIGINT or SIGTERM.
`--read-only` stops after the first reading; `--rarely` has every list asked as seldom as an owner may set.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from bascule.app import App
from bascule.core.events import STAGE_CHANGED
from bascule.core.redelivery import Format
from bascule.demo.ats import Ats
from bascule.engine import rhythm
from bascule.engine.backfill import Progress
from bascule.engine.connections import Connected
from bascule.engine.runtime import run, stopper
from bascule.model import CANDIDATE_ERASED, Actor, ActorKind, Kind, Mode
from bascule.office.accounts import NewConnection
from bascule.office.subscriptions import NAMES, SLACK_FIELDS, NewSubscription
from bascule.server.run import Running, listening
from bascule.settings import Settings
from bascule.store import Tx
from bascule.store.sweeps import roots_after

from .processes import say

NAME = "bench"
ACTOR = Actor(ActorKind.PERSON, "bench", "bench")
LOOK = 0.05
EVERY = 100_000  # more applications than a bench makes


async def connect(app: App, ats: Ats) -> Connected:
    rights = app.grants.least("greenhouse")
    client_id, secret = await ats.make_credential("Bascule", rights)
    new = NewConnection(
        NAME, "greenhouse", f"{ats.url}/v3", settings={"client_id": client_id, "app_url": ats.url},
        secrets={"client_secret": secret}, granted=rights,
    )  # fmt: skip
    return await app.accounts.connect(new, ACTOR)


async def crawled(app: App) -> Progress:
    """Wait until the account has been read whole and nothing of it waits any more."""
    while (progress := await app.accounts.progress(NAME)).state != "done" or (await waiting(app))["reads"]:
        await asyncio.sleep(LOOK)
    return progress


async def go_live(running: Running, ats: Ats, at: Connected) -> None:
    await running.app.accounts.set_mode(NAME, Mode.LIVE, ACTOR)
    await running.app.accounts.create_fields(NAME, ACTOR)
    await ats.add_webhook("Bascule", f"{running.url}/hooks/{NAME}", at.secrets["webhook_secret"])


async def waiting(app: App) -> dict[str, int]:
    """What is on its way: reads, lanes with writes, scores to be made, and what has failed."""
    id = app.connections.named(NAME).id

    def query(tx: Tx) -> dict[str, int]:
        counts = tx.pages.overview([id])[id]
        scoring = tx.tasks.list(app.workspace, name="score", state="due")
        return {
            "reads": counts.reads, "writes": counts.write_lanes, "scores": len(scoring), "failures": counts.failures
        }  # fmt: skip

    return await app.store.read(query)


async def moves(app: App) -> list[tuple[str, str, float]]:
    """Moves of the last hour as the records hold them: (application, stage, when), by the ids there."""
    at = app.connections.named(NAME)

    def query(tx: Tx) -> list[tuple[str, str, float]]:
        externals = roots_after(tx, at.id, Kind.APPLICATION, "", EVERY)
        found = tx.families.resolve(at.id, [(Kind.APPLICATION, external) for external in externals])
        there = {one.record: external for (_, external), one in found.items()}
        families = tx.families.families({one.family for one in found.values()}).values()
        moved = [one for family in families for one in family.transitions if one.field == "stage" and one.old]
        stages = tx.families.refs(app.workspace, [at.id], {str(one.new) for one in moved}).external
        return [
            (there[one.record], stages[at.id, str(one.new)], one.at.timestamp())
            for one in moved
            if one.record in there and (at.id, str(one.new)) in stages
        ]

    return await app.store.read(query)


async def subscribe(app: App, url: str, format: str) -> str:
    """Send stage changes there; a message says who it is."""
    types, fields = (STAGE_CHANGED,), ()
    if format == Format.SLACK:
        types, fields = (STAGE_CHANGED, CANDIDATE_ERASED), (*SLACK_FIELDS, *NAMES)
    made, _ = await app.subscriptions.add(NewSubscription(url, types, fields=fields, format=format), ACTOR)
    return made.id


async def records(app: App) -> int:
    return sum((await app.store.read(lambda tx: tx.pages.records(app.workspace))).values())


async def rarely(app: App) -> None:
    """No list is asked by the clock for days."""
    longest = rhythm.BOUNDS[1].total_seconds()
    for one in await app.rhythms.told(NAME):
        await app.rhythms.choose(NAME, one["list"], longest, None, ACTOR)


async def serve(settings: Settings, url: str, *, read_only: bool, seldom: bool) -> None:
    stop = stopper()
    async with listening(settings) as running:
        ats = Ats(url)
        try:
            began = time.monotonic()
            at = await connect(running.app, ats)
            progress = await crawled(running.app)
            took = time.monotonic() - began
            if not read_only:
                await go_live(running, ats, at)
            if seldom:
                await rarely(running.app)
            say({"seconds": took, "pages": progress.pages, "records": await records(running.app)})
            answering = asyncio.create_task(_answer(running.app))
            await stop.wait()
            answering.cancel()
        finally:
            await ats.close()


async def _answer(app: App) -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while word := await lines.readline():
        told: dict[str, Any]
        match word.decode().split():
            case ["moves"]:
                told = {"moves": await moves(app)}
            case ["subscribe", url, format]:
                told = {"subscription": await subscribe(app, url, format)}
            case _:
                told = await waiting(app)
        say(told)


if __name__ == "__main__":
    line = argparse.ArgumentParser()
    line.add_argument("--data", type=Path, required=True)
    line.add_argument("--database", default="")
    line.add_argument("--ats", required=True)
    line.add_argument("--read-only", action="store_true")
    line.add_argument("--rarely", action="store_true")
    given = line.parse_args()
    chosen = Settings(data=given.data, database=given.database, port=0, log_level="error")
    run(serve(chosen, given.ats, read_only=given.read_only, seldom=given.rarely))
