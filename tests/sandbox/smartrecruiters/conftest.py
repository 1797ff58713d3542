"""SmartRecruiters in this process, a clock that is held, a callback that shakes hands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from bascule.sandbox.kit.hooks import Reply
from bascule.sandbox.kit.tables import Actor
from bascule.sandbox.smartrecruiters import Options, Rate, Sandbox, create_app
from bascule.sandbox.smartrecruiters import doings as people

from ..conftest import Clock

PLENTY = Rate(100_000, 1.0)
SUBSCRIPTIONS = "/webhooks-api/v201907/subscriptions"
REVIEWS = "/reviews-api/v201910/reviews"


@dataclass
class Callback:
    """What a subscription's URL got, how it answers, and whether it echoes the secret."""

    status: int = 202
    echoes: bool = True
    got: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if "X-Hook-Secret" in headers:
            return Reply(200, {"x-hook-secret": headers["X-Hook-Secret"] if self.echoes else "other"})
        self.got.append((headers, body))
        return Reply(self.status)


@dataclass
class Rig:
    sandbox: Sandbox
    clock: Clock
    callback: Callback
    http: httpx2.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = {"X-SmartToken": self.credential("key")["secret"]}

    def credential(self, type: str) -> Any:
        return next(row for row in self.sandbox.db["credentials"] if row["type"] == type)

    async def call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        return await self.http.request(method, path, headers={**self.headers, **more.pop("headers", {})}, **more)

    async def ok(self, method: str, path: str, **more: Any) -> Any:
        answer = await self.call(method, path, **more)
        assert answer.status_code in (200, 201, 204), answer.text
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, **more: Any) -> tuple[int, str]:
        """Status and code of a refusal, which has the vendor's shape."""
        answer = await self.call(method, path, **more)
        told = answer.json()
        assert set(told) == {"message", "errors"}
        return answer.status_code, told["errors"][0]["code"]

    async def token(self, **form: str) -> httpx2.Response:
        client = self.credential("client")
        asked = {
            "grant_type": "client_credentials",
            "client_id": client["client_id"],
            "client_secret": client["secret"],
        }
        return await self.http.post("/identity/oauth/token", data={**asked, **form})

    # What there is.

    def job(self, title: str = "Backend Engineer") -> Any:
        return next(row for row in self.sandbox.db["jobs"] if row["title"] == title)

    def user(self, first: str = "Dana") -> Any:
        return next(row for row in self.sandbox.db["users"] if row["first_name"] == first)

    def dana(self) -> Actor:
        return Actor("user:Dana Whitfield", self.user()["id"])

    def property(self, label: str = "Screening score") -> Any:
        return next(row for row in self.sandbox.db["properties"] if row["label"] == label)

    def person(self, first: str = "Ada", last: str = "Byron", job: str | None = "Backend Engineer", **more: Any) -> Any:
        """Somebody made by a person; with an application, unless there is no job."""
        named = {"first_name": first, "last_name": last, "email": f"{first}.{last}@mail.example".lower(), **more}
        row = people.create_candidate(self.sandbox, self.dana(), named)
        if job:
            people.apply(self.sandbox, self.dana(), row["id"], self.job(job)["id"])
        return row

    def applied(self, person: Any) -> Any:
        return people.primary(self.sandbox, person["id"])

    def at(self, person: Any, job: str = "Backend Engineer") -> str:
        return f"/candidates/{person['id']}/jobs/{self.job(job)['id']}"

    async def subscribe(self, *events: str, active: bool = True) -> Any:
        row = await self.ok("POST", SUBSCRIPTIONS, json={"callbackUrl": "http://sync.test/sr", "events": list(events),
                                                         "alertingEmailAddress": "ops@company.example"})  # fmt: skip
        if active:
            await self.ok("PUT", f"{SUBSCRIPTIONS}/{row['id']}/activation")
        return row

    async def events(self) -> list[tuple[str, bytes]]:
        """Deliver what is due and say (name, body) of what arrived since the last call."""
        await self.sandbox.hooks.deliver_due()
        got = [(headers["event-name"], body) for headers, body in self.callback.got]
        self.callback.got.clear()
        return got


Build = Callable[..., Rig]


@pytest.fixture
async def build() -> AsyncGenerator[Build]:
    clients: list[httpx2.AsyncClient] = []

    def make(**options: Any) -> Rig:
        clock, callback = Clock(), Callback()
        sandbox = Sandbox(Options(**{"rate": PLENTY, **options}), now=clock, deliver=callback)
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(sandbox)), base_url="http://ats.test")
        clients.append(http)
        return Rig(sandbox, clock, callback, http)

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def rig(build: Build) -> Rig:
    return build()
