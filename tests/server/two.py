"""Two workspaces of one installation, both full, behind the front that a server has."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psycopg
from psycopg import sql

from bascule.app import App, running
from bascule.server.application import create_server
from bascule.server.front import Front, House
from bascule.server.neighbours import Neighbours
from bascule.server.people import Signed
from bascule.server.roles import Scope
from bascule.settings import Settings
from bascule.store import Tx
from bascule.workspaces import add, places

from .conftest import Bench
from .test_visibility import House as People

MAIN, ACME = "http://main.test", "http://acme.test"
HERE, THERE = "Herebert", "Zebedee"  # a candidate of main, and one of acme


@dataclass
class Side:
    """A workspace, a browser in which its administrator is signed in, a key that may do everything there, and the ids
    of one candidate with all that hangs on them."""

    bench: Bench
    ids: dict[str, str]
    key: str
    job: str

    @property
    def app(self) -> App:
        return self.bench.app

    @property
    def cookie(self) -> str:
        return self.bench.browser.cookies["bascule"]

    async def signed(self) -> Signed:
        signed = await self.bench.server.state.web.people.session(self.cookie)
        assert signed is not None
        return signed


@dataclass
class Two:
    main: Side
    acme: Side
    front: Front
    settings: Settings
    neighbours: Neighbours

    def browser(self, base: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(self.front, raise_app_exceptions=False), base_url=base)


@asynccontextmanager
async def two(folder: Path, database: str = "") -> AsyncGenerator[Two]:
    """Main and acme, each with a candidate, a connection called greenhouse, an administrator and a key."""
    settings = Settings(data=folder, database=database, public_url=MAIN, log_level="error")
    add(settings, "acme", "Acme GmbH", ACME)
    async with running(settings, work=False) as app:
        front = Front(House(places(settings)[0], app, create_server(app)))
        neighbours = Neighbours(settings, front, work=False)
        await neighbours.start()
        try:
            transport = httpx2.ASGITransport(front, raise_app_exceptions=False)
            async with (
                httpx2.AsyncClient(transport=transport, base_url=MAIN) as here,
                httpx2.AsyncClient(transport=transport, base_url=ACME) as there,
            ):
                acme = front.others["acme"]
                assert acme.app is not None
                assert acme.server is not None
                main = await _filled(Bench(app, front.main.server, here), HERE)  # type: ignore[arg-type]
                yield Two(main, await _filled(Bench(acme.app, acme.server, there), THERE), front, settings, neighbours)
        finally:
            await neighbours.stop()


async def _filled(bench: Bench, name: str) -> Side:
    await bench.enter()
    row = await bench.connection()
    secrets = {"client_secret": f"client-{name}", "webhook_secret": f"hook-{name}"}
    await bench.app.store.write(lambda tx: tx.connections.set_credentials(row.id, secrets))
    await bench.app.connections.refresh()
    people = People(bench, "", "", "", "", {})
    job = await people.job_of(f"Job of {name}")
    ids = {**await people.candidate(name, job), "job": job, "connection": row.id}
    signed = await bench.server.state.web.people.session(bench.browser.cookies["bascule"])
    key = await bench.server.state.web.people.make_key("all", frozenset(Scope), signed)
    return Side(bench, ids, key, job)


def held(app: App) -> str:
    """A digest of every row that a workspace's database holds, but for its list of webhooks that it refused."""
    kept = (row for row in _rows(app) if '"refusals"' not in row)
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


def _rows(app: App) -> Iterator[str]:
    url = app.settings.database_url
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(f"file:{app.settings.data / 'bascule.db'}?mode=ro", uri=True)) as connection:
            yield from connection.iterdump()
        return
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        for (table,) in tables:
            rows = connection.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table))).fetchall()
            yield table
            yield from sorted(row for (row,) in rows)


def rows_with(app: App, text: str) -> int:
    """How many rows of a workspace's database hold a text, in clear."""
    return sum(text in row for row in _rows(app))


async def accounts(side: Side, issuer: str, subject: str, *, disabled: bool = False) -> None:
    """Say that the administrator of a side is this subject at a provider of identities."""
    from dataclasses import replace

    from bascule.store.people import Subject

    signed = await side.signed()

    def unit(tx: Tx) -> None:
        tx.people.set_subject(side.app.workspace, Subject(issuer, subject, signed.user.id, False))
        if disabled:
            tx.people.set_user(replace(signed.user, disabled=side.app.runtime.now()))

    await side.app.store.write(unit)
