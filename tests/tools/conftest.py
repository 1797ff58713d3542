"""A customer's ATS, a Bascule connected to it, and the door of AI tools, in this process."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from tests.engine.kit import OWNER, ROBIN, Applied, Builder, House

from bascule.engine.wire import AsgiApp, AsgiTransport, WireRequest
from bascule.errors import RemoteError
from bascule.model import Kind, Mode
from bascule.office.accounts import NewConnection
from bascule.sandbox.aitool import Answer, Send
from bascule.sandbox.greenhouse import pipeline
from bascule.server.application import create_server


@dataclass
class Tool:
    """An AI tool of a test's own: what it comes to the door with, and what it was answered."""

    name: str
    browser: httpx2.AsyncClient
    key: str
    secret: str = ""
    cursor: str = ""
    seen: dict[str, dict[str, Any]] = field(default_factory=lambda: {})

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    async def pull(self, after: str | None = None, limit: int = 100) -> dict[str, Any]:
        """One answer, from the cursor on unless told otherwise."""
        where = {"after": self.cursor if after is None else after, "limit": str(limit)}
        answer = await self.browser.get("/api/tools/v1/applications", params=where, headers=self.headers)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        if after is None:
            self.cursor = found["next"]
            self.seen |= {one["id"]: one for one in found["items"]}
        return found

    async def news(self) -> list[dict[str, Any]]:
        """Everything that has changed, to the end."""
        found: list[dict[str, Any]] = []
        while True:
            page = await self.pull()
            found += page["items"]
            if not page["more"]:
                return found

    async def say(self, application: str, **result: Any) -> httpx2.Response:
        path = f"/api/tools/v1/applications/{application}/result"
        return await self.browser.put(path, json=result, headers=self.headers)

    async def get(self, path: str) -> httpx2.Response:
        return await self.browser.get(f"/api/tools/v1{path}", headers=self.headers)

    async def forget(self, application: str) -> httpx2.Response:
        return await self.browser.delete(f"/api/tools/v1/applications/{application}", headers=self.headers)


@dataclass
class Place:
    """A house and its door."""

    house: House
    server: FastAPI
    browser: httpx2.AsyncClient

    async def tool(self, name: str = "quill", hook: str = "", **settings: str) -> Tool:
        new = NewConnection(name, "aitool", hook, settings=settings)
        made, key = await self.house.app.aitools.connect(new, OWNER)
        return Tool(name, self.browser, key, made.secrets["webhook_secret"])

    async def applied(self, *args: Any, **more: Any) -> Applied:
        """Somebody applies; they are scored here, and in step."""
        made = await self.house.apply(*args, **more)
        await self.house.pass_time(4)
        return made

    def move(self, applied: Applied, stage: str, job: str = "Backend Engineer") -> None:
        """A recruiter moves somebody in the ATS."""
        here = self.house.application(applied.application)["job_interview_stage_id"]
        steps = {"from_stage_id": here, "to_stage_id": self.house.stage(job, stage)["id"]}
        pipeline.move(self.house.sandbox, ROBIN, applied.application, steps)

    async def id(self, applied: Applied) -> str:
        """Our id of an application."""
        return (await self.house.record(Kind.APPLICATION, applied.application)).id

    async def said(self, applied: Applied) -> Mapping[str, Any]:
        """What tools have said of an application."""
        return (await self.house.value(Kind.APPLICATION, applied.application, "tools")) or {}


@asynccontextmanager
async def door(house: House) -> AsyncGenerator[Place]:
    """Open the door of a house."""
    server = create_server(house.app)
    transport = httpx2.ASGITransport(server, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://bascule.test") as browser:
        yield Place(house, server, browser)


def through(host: str, app: AsgiApp) -> Send:
    """The way of a sandbox's tool to a door in this process."""
    transport = AsgiTransport({host: app})

    async def send(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            found = await transport.send(WireRequest(method, url, headers, body or None), 10)
        except RemoteError:
            return Answer(0, {}, b"")
        return Answer(found.status, found.headers, found.body)

    return send


@pytest.fixture
async def place(build: Builder) -> AsyncIterator[Place]:
    """Live, with application fields."""
    async with door(await build.house(Mode.LIVE)) as place:
        yield place
