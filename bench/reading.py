"""Bascule as a customer runs it, reading an account for the first time: the other half of `bench.vendor_account`.

    python -m bench.reading --data DIR [--same | --first]

Is told the account in one line of JSON on its input, and says in two how each reading went. First a bare loop: the same
lists page by page, by the same client, and nothing is kept: what the account itself takes. Then Bascule: how long after
connecting a hundred candidates could be read over its API, and the whole reading. `--same`: of an Ashby account only
the lists that airbyte-source-ashby reads too, so that both read the same objects. `--first`: either ends with the first
hundred.

What a connection asks to know the account (`discover`) is counted on neither side.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bascule.app import App
from bascule.connectors import registry
from bascule.connectors.spec import Reads
from bascule.engine.backfill import FIRST
from bascule.engine.http import Client
from bascule.engine.observe import parse
from bascule.engine.runtime import run
from bascule.engine.wire import AiohttpTransport
from bascule.model import Kind
from bascule.office.accounts import NewConnection
from bascule.server.run import Running, listening
from bascule.settings import Settings
from bascule.store import Tx

from .connected import ACTOR, NAME, records, waiting
from .processes import say

READABLE = 100
LOOK = 0.2
PLENTY = 10_000_000
# The lists that Bascule and airbyte-source-ashby both read, by what the source calls them.
SHARED = {
    "candidates": "/candidate.list", "applications": "/application.list", "jobs": "/job.list", "users": "/user.list",
    "sources": "/source.list", "archive_reasons": "/archiveReason.list", "offers": "/offer.list",
    "interview_schedules": "/interviewSchedule.list",
}  # fmt: skip


def only_shared() -> None:
    """From now on the Ashby connector of this process has no other lists, reads nothing again by id, and polls none."""
    whole = registry.load("ashby")
    shared = tuple(replace(one, follow=(), every=None) for one in whole.reads if one.path in SHARED.values())
    globals()["CONNECTOR"] = replace(whole, reads=shared)
    registry.BUILT_IN["ashby"] = f"{__name__}:CONNECTOR"
    registry.load.cache_clear()


async def connect(app: App, told: dict[str, Any]) -> None:
    system = told["system"]
    await app.accounts.connect(
        NewConnection(
            NAME, system, told["base_url"], settings=told["settings"], secrets=told["secrets"],
            granted=app.grants.least(system),
        ),
        ACTOR,
    )  # fmt: skip
    at = app.connections.named(NAME)

    def lift(tx: Tx) -> None:
        """As though the account's own answers had named such a limit."""
        for cls in at.connector.rates:
            tx.budgets.learn(at.id, cls, now=app.runtime.now(), limit=PLENTY)

    await app.store.write(lift)


async def readable(running: Running, many: int) -> None:
    """Wait until so many candidates are in the list of the API."""
    headers = {"Authorization": f"Bearer {running.app.local_key}"}
    async with aiohttp.ClientSession(running.url, headers=headers) as http:
        while True:
            async with http.get(f"/api/v1/candidates?limit={many}") as answer:
                assert answer.status == 200, await answer.text()
                if len((await answer.json())["items"]) >= many:
                    return
            await asyncio.sleep(LOOK)


async def reading(settings: Settings, told: dict[str, Any], beside: Counter[str], how: Namespace) -> dict[str, Any]:
    """Bascule's. `beside`: requests that are not the reading's."""
    async with listening(settings) as running:
        before, began, used = await asked_of(told["url"]), time.monotonic(), time.process_time()
        await connect(running.app, told)
        await readable(running, min(READABLE, told["candidates"]))
        first = time.monotonic() - began
        while not how.first and not await _whole(running.app):
            await asyncio.sleep(LOOK)
        seconds, cpu = time.monotonic() - began, time.process_time() - used
        asked = await asked_of(told["url"]) - before - beside
        return {"first": first, "seconds": seconds, "cpu": cpu, "records": await records(running.app), "asked": asked}


async def _whole(app: App) -> bool:
    return (await app.accounts.progress(NAME)).state == "done" and not (await waiting(app))["reads"]


async def bare(told: dict[str, Any], how: Namespace) -> tuple[dict[str, Any], Counter[str]]:
    """The lists of a first reading, one after the other, page by page; and what knowing the account takes."""
    transport, connector, unknown = AiohttpTransport(), registry.load(told["system"]), await asked_of(told["url"])
    try:
        began, used = time.monotonic(), time.process_time()
        client = Client(
            connector, transport, base_url=told["base_url"], settings=told["settings"], secrets=told["secrets"],
            now=lambda: datetime.now(UTC),
        )  # fmt: skip
        client = client.knowing(await client.run(connector.discover()))
        known = await asked_of(told["url"])
        seen, people, first = set[tuple[Kind, str]](), min(READABLE, told["candidates"]), 0.0
        async for shown in _pages(told, client):
            seen |= shown
            if not first and sum(kind is Kind.CANDIDATE for kind, _ in seen) >= people:
                first = time.monotonic() - began
            if first and how.first:
                break
        seconds, cpu = time.monotonic() - began, time.process_time() - used
        asked = await asked_of(told["url"]) - known
        return (
            {"first": first, "seconds": seconds, "cpu": cpu, "records": len(seen), "asked": asked}, known - unknown
        )  # fmt: skip
    finally:
        await transport.close()


async def _pages(told: dict[str, Any], client: Client) -> AsyncGenerator[set[tuple[Kind, str]]]:
    """What each page shows: kinds and ids."""
    for reads in _walked(told, client):
        async for items in client.list(reads):
            yield {(part.kind, part.external) for part in parse(reads, items, client.tenant)}


def _walked(told: dict[str, Any], client: Client) -> list[Reads]:
    """As a backfill reads them: those that this account has, reference kinds before people."""
    there = [one for one in client.connector.reads if one.walked and one.by]
    has = [one for one in there if one.where is None or one.where(client.tenant, told["settings"])]
    return sorted(has, key=lambda one: FIRST.index(one.kind) if one.kind in FIRST else len(FIRST))


async def asked_of(url: str) -> Counter[str]:
    """Requests that the sandbox has answered so far, by endpoint."""
    async with aiohttp.ClientSession() as http, http.get(f"{url}/sandbox/requests") as answer:
        rows = (await answer.json())["requests"]
    found = Counter[str]()
    for row in rows:
        found[row["endpoint"]] += row["count"]
    return found


async def both(settings: Settings, told: dict[str, Any], how: Namespace) -> None:
    loop, beside = await bare(told, how)
    say(loop)
    say(await reading(settings, told, beside, how))


if __name__ == "__main__":
    line = argparse.ArgumentParser()
    line.add_argument("--data", type=Path, required=True)
    line.add_argument("--same", action="store_true")
    line.add_argument("--first", action="store_true")
    given = line.parse_args()
    if given.same:
        only_shared()
    account = json.loads(sys.stdin.readline())
    run(both(Settings(data=given.data, port=0, log_level="error"), account, given))
