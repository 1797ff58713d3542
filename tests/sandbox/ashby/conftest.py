"""Ashby in this process, a clock that is held, a receiver that keeps what was sent to it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any

import httpx2
import pytest

from bascule.sandbox.ashby import Options, Sandbox, create_app
from bascule.sandbox.ashby.access import SCOPES
from bascule.sandbox.kit.options import Rate
from bascule.sandbox.kit.tables import Actor, Row

from ..conftest import Clock, Receiver

BASE = "http://ats.test"
DANA = Actor("user:Dana Whitfield")


class Rig:
    """Everything a test talks to."""

    def __init__(self, **options: Any) -> None:
        self.clock, self.receiver = Clock(), Receiver()
        traits: dict[str, Any] = {"rate": Rate(100_000, 60.0), **options}
        chosen = Options(**traits)
        self.sandbox = Sandbox(chosen, now=self.clock, deliver=self.receiver, sleep=self.sleep)
        self.db = self.sandbox.db
        self.slept: list[float] = []
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(self.sandbox)), base_url=BASE)
        self.key = self.make_key("Bridge", confidential=True, private_fields=True)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    def make_key(self, name: str, scopes: Iterable[str] = SCOPES, **switches: Any) -> Row:
        return self.sandbox.create_key(DANA, name, list(scopes), **switches)

    async def send(self, method: str, body: Any = None, key: Any = None, **headers: str) -> httpx2.Response:
        named = base64.b64encode(f"{(key or self.key)['secret']}:".encode()).decode()
        told = {"Authorization": f"Basic {named}", **headers}
        return await self.http.post(f"/{method}", json={} if body is None else body, headers=told)

    async def call(self, method: str, *, key: Any = None, **body: Any) -> dict[str, Any]:
        answer = await self.send(method, body, key)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def got(self, method: str, *, key: Any = None, **body: Any) -> Any:
        """The results of a call that must succeed."""
        answer = await self.call(method, key=key, **body)
        assert answer["success"], answer
        return answer["results"]

    async def refused(self, method: str, *, key: Any = None, **body: Any) -> str:
        """The code of a call that must not succeed, in the envelope that every refusal has."""
        answer = await self.call(method, key=key, **body)
        assert answer["success"] is False, answer
        info = answer["errorInfo"]
        assert (answer["errors"], len(info["requestId"]), bool(info["message"])) == ([info["code"]], 26, True)
        return info["code"]

    async def all(self, method: str, **body: Any) -> tuple[list[dict[str, Any]], str | None]:
        """Every row of a list, page by page, and the sync token of its last page."""
        rows: list[dict[str, Any]] = []
        while True:
            page = await self.call(method, **body)
            assert page["success"], page
            rows += page["results"]
            if not page["moreDataAvailable"]:
                assert "nextCursor" not in page
                return rows, page.get("syncToken")
            assert "syncToken" not in page
            body["cursor"] = page["nextCursor"]

    async def hook(self, *types: str, secret: str = "shh", url: str = "http://hooks.test/in") -> list[dict[str, Any]]:
        made = [await self.got("webhook.create", webhookType=type, requestUrl=url, secretToken=secret)
                for type in types]  # fmt: skip
        self.receiver.got.clear()
        return made

    async def events(self) -> list[dict[str, Any]]:
        """Deliver what is due and say what arrived since the last call."""
        await self.sandbox.hooks.deliver_due()
        got = [json.loads(body) for _, _, body in self.receiver.got]
        self.receiver.got.clear()
        return got

    # What most tests begin with.

    def job(self, number: int = 0) -> Row:
        return list(self.db["jobs"])[number]

    def stage(self, type: str, job: Row | None = None, number: int = 0) -> str:
        """The id of a job's n-th stage of a type."""
        own = self.db["stages"].where("plan_id", (job or self.job())["plan_id"])
        return [row["id"] for row in sorted(own, key=lambda row: row["order"]) if row["type"] == type][number]

    async def person(self, name: str = "Ada Byron", **more: Any) -> str:
        return (await self.got("candidate.create", name=name, **{"email": "ada@example.org", **more}))["id"]

    async def application(self, person: str | None = None, **more: Any) -> dict[str, Any]:
        wanted = {"candidateId": person or await self.person(), "jobId": self.job()["id"],
                  "interviewStageId": self.stage("PreInterviewScreen"), **more}  # fmt: skip
        return await self.got("application.create", **wanted)


Build = Callable[..., Rig]


@pytest.fixture
async def build() -> AsyncGenerator[Build]:
    made: list[Rig] = []

    def make(**options: Any) -> Rig:
        made.append(Rig(**options))
        return made[-1]

    yield make
    for one in made:
        await one.http.aclose()


@pytest.fixture
async def rig(build: Build) -> Rig:
    """A clean tenant and a key that may do and see everything."""
    return build()
