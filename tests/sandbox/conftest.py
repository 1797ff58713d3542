"""A sandbox in this process, a clock that is held, and a receiver that keeps what was sent to it."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from bascule.sandbox.greenhouse import Actor, Options, Rate, Sandbox, create_app
from bascule.sandbox.greenhouse.harvest import scopes

BASE = "http://ats.test"
PLENTY = Rate(100_000, 30.0)
PERSON = Actor("user:Dana Whitfield", 4_012_002)


@dataclass
class Clock:
    """Time that moves only when a test says so."""

    at: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Receiver:
    """What a webhook's URL got: (url, headers, body), and the status it answers with."""

    status: int | None = 200
    got: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        self.got.append((url, headers, body))
        return self.status


@dataclass
class Rig:
    """Everything a test talks to."""

    sandbox: Sandbox
    clock: Clock
    receiver: Receiver
    http: httpx2.AsyncClient
    slept: list[float]
    token: str = ""

    async def sign_in(self, wanted: list[str] | None = None, user: str = "Integration Service", **more: Any) -> str:
        """Make a credential and take a token; later calls use it."""
        users = {row["name"]: row["id"] for row in self.sandbox.db["users"]}
        row = self.sandbox.access.create(PERSON, more.get("name", "Bridge"), users[user], wanted or scopes())
        self.token = (await self.take_token(row)).json()["access_token"]
        return self.token

    async def sign_in_after(self, *statuses: int) -> None:
        """Take a token that is refused with these first."""
        row = self.sandbox.access.create(PERSON, "Bridge", 4_012_001, scopes())
        for status in statuses:
            assert (await self.take_token(row)).status_code == status
        self.token = (await self.take_token(row)).json()["access_token"]

    async def take_token(self, row: Mapping[str, Any], secret: str | None = None, **form: str) -> httpx2.Response:
        basic = base64.b64encode(f"{row['client_id']}:{secret or row['secret']}".encode()).decode()
        return await self.http.post(
            "/token", data={"grant_type": "client_credentials", **form}, headers={"Authorization": f"Basic {basic}"}
        )

    async def call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return await self.http.request(method, f"/v3/{path}", headers=headers, **more)

    async def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every row of a list, following the links."""
        response = await self.call("GET", path, params=params)
        rows: list[dict[str, Any]] = []
        while True:
            assert response.status_code == 200, response.text
            rows += response.json()
            following = response.links.get("next")
            if not following:
                return rows
            response = await self.http.get(following["url"], headers={"Authorization": f"Bearer {self.token}"})

    async def one(self, path: str, id: int) -> dict[str, Any]:
        (row,) = await self.items(path, ids=str(id))
        return row

    async def hook(self, *events: str, secret: str = "shh") -> None:
        """Enter a webhook in the form, as a person does."""
        form = {"name": "Bridge", "url": "http://127.0.0.1:9/hooks", "secret": secret, "events": list(events)}
        response = await self.http.post("/configure/webhooks/new", data=form)
        assert response.status_code == 303
        self.receiver.got.clear()

    async def events(self) -> list[dict[str, Any]]:
        """Deliver what is due and say what arrived since the last call."""
        await self.sandbox.hooks.deliver_due()
        got = [json.loads(body) for _, _, body in self.receiver.got]
        self.receiver.got.clear()
        return got

    async def apply(self, job_id: int | None = None, **form: Any) -> dict[str, int]:
        """Send the application form of the first open job."""
        job_id = job_id or next(iter(self.sandbox.db["jobs"].ids))
        post = self.sandbox.db["job_posts"].where("job_id", job_id)[0]
        answers = {f"question_{one['id']}": "Yes" for one in post["questions"] if one["required"]}
        data = {"first_name": "Ada", "last_name": "Byron", "email": "ada@example.org", "phone": "+44 20 7946 0000",
                "consent": "yes", **answers, **form}  # fmt: skip
        response = await self.http.post(
            f"/careers/jobs/{job_id}", data=data, files={"resume": ("cv.txt", b"Analyst at Engine Ltd", "text/plain")},
            headers={"Accept": "application/json"},
        )  # fmt: skip
        assert response.status_code == 201, response.text
        return response.json()


Build = Callable[..., Rig]


@pytest.fixture
async def build() -> AsyncGenerator[Build]:
    clients: list[httpx2.AsyncClient] = []

    def make(**options: Any) -> Rig:
        clock, receiver, slept = Clock(), Receiver(), list[float]()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        sandbox = Sandbox(
            Options(**{"rate": PLENTY, **options}), now=clock, deliver=receiver, sleep=sleep)  # fmt: skip
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(sandbox)), base_url=BASE)
        clients.append(http)
        return Rig(sandbox, clock, receiver, http, slept)

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def rig(build: Build) -> Rig:
    """A clean tenant with a token that may do everything."""
    made = build()
    await made.sign_in()
    return made
