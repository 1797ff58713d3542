"""An App over a real database behind the real server, in-process: no worker, and nothing on a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi import FastAPI

from bascule.app import App, running
from bascule.model import Actor, ActorKind, Kind, Label, Link, Record, Source
from bascule.server.application import create_server
from bascule.server.roles import Role
from bascule.settings import Settings
from bascule.store import Tx
from bascule.store.connections import Connection
from bascule.store.people import User

SOMEBODY = Actor(ActorKind.PERSON, "test", "test")


@dataclass
class Bench:
    """The App, its server, and a browser without JavaScript."""

    app: App
    server: FastAPI
    browser: httpx2.AsyncClient

    async def enter(self, role: Role = Role.ADMINISTRATOR) -> None:
        """Log in as somebody of that role."""
        user = User(
            self.app.runtime.id(),
            self.app.workspace,
            f"{role.replace(' ', '')}@mail.example",
            role.title(),
            role,
            self.app.runtime.now(),
        )

        def add(tx: Tx) -> None:
            if tx.people.user_by_email(self.app.workspace, user.email) is None:
                tx.people.set_user(user)

        await self.app.store.write(add)
        token = parse_qs(urlsplit(await self.app.doors.login_link(user.email)).query)["token"][0]
        answer = await self.browser.post("/login", data={"token": token})
        assert answer.status_code == 303, answer.text

    async def csrf(self) -> str:
        """The token that this session's forms carry."""
        page = await self.browser.get("/jobs")
        return page.text.split('name="csrf" value="')[1].split('"')[0]

    async def post(self, path: str, **values: str | Sequence[str]) -> httpx2.Response:
        """Send a form of our own."""
        return await self.browser.post(
            path, data={"csrf": await self.csrf(), **values}, headers={"origin": "http://bascule.test"}
        )

    async def connection(self, name: str = "greenhouse", label: Label = Label.SIMULATOR) -> Connection:
        """A connection that nothing talks to."""
        row = Connection(
            id=self.app.runtime.id(),
            workspace=self.app.workspace,
            name=name,
            system="greenhouse",
            label=label,
            base_url="http://127.0.0.1:9/v3",
            created=self.app.runtime.now(),
            settings={"client_id": "x"},
        )

        def add(tx: Tx) -> None:
            tx.connections.add(row)
            tx.connections.set_credentials(
                row.id, {"client_secret": "canary-client-secret", "webhook_secret": "canary-hook-secret"}
            )

        await self.app.store.write(add)
        await self.app.connections.refresh()
        return row

    async def candidate(self, first: str = "Ada", last: str = "Byron", connection: str = "") -> str:
        """Somebody with one e-mail; the record's id."""
        from bascule.model import Family

        app, now = self.app, self.app.runtime.now()
        id, family = app.runtime.id(), app.runtime.id()
        source = Source(connection or "ours", SOMEBODY, "read", now)
        fields = {"first_name": first, "last_name": last, "emails": ("ada@mail.example",), "tags": ()}
        record = Record(
            id, app.workspace, Kind.CANDIDATE, family, None, fields, dict.fromkeys(fields, source), source.origin, now
        )
        links = {}
        if connection:
            link = Link(app.runtime.id(), connection, Kind.CANDIDATE, "77", id)
            links[link.id] = link
        made = Family(family, app.workspace, Kind.CANDIDATE, 0, "salt", {id: record}, links)
        await app.store.write(lambda tx: tx.families.save(None, made, now=now))
        return id


@pytest.fixture
async def bench(database: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """An installation of its own for the test."""
    settings = Settings(data=tmp_path / "data", database=database, log_level="error", undo_seconds=0)
    async with running(settings, work=False) as app:
        server = create_server(app)
        transport = httpx2.ASGITransport(server, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://bascule.test") as browser:
            yield Bench(app, server, browser)


@pytest.fixture
async def inside(bench: Bench) -> Bench:
    """Somebody who may do everything is logged in."""
    await bench.enter()
    return bench
