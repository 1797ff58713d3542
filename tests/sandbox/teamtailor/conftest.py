"""A Teamtailor sandbox in this process, a clock that is held, a receiver, and addresses that have files."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from bascule.sandbox.kit.options import Rate
from bascule.sandbox.kit.tables import Actor, Row
from bascule.sandbox.teamtailor import EVENTS, Options, Sandbox, create_app

from ..conftest import Clock, Receiver

BASE = "http://ats.test"
VERSION = "20240904"
PLENTY = Rate(100_000, 10.0)
MEDIA = "application/vnd.api+json"


@dataclass
class Tt:
    """Everything a test talks to."""

    sandbox: Sandbox
    clock: Clock
    receiver: Receiver
    http: httpx2.AsyncClient
    # What is behind addresses that a program names.
    web: dict[str, bytes] = field(default_factory=dict)
    key: str = ""

    @property
    def person(self) -> Actor:
        row = self.sandbox.db["users"].rows[self.user("Robin Falk")]
        return Actor(f"user:{row['name']}", row["id"])

    def user(self, name: str) -> int:
        return next(row["id"] for row in self.sandbox.db["users"] if row["name"] == name)

    def field(self, api_name: str) -> int:
        return next(row["id"] for row in self.sandbox.db["custom_fields"] if row["api_name"] == api_name)

    def partner(self) -> Row:
        return next(iter(self.sandbox.db["partners"]))

    def partner_key(self) -> str:
        return next(row["secret"] for row in self.sandbox.db["credentials"] if row["kind"] == "partner")

    async def call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Ask the interface with the rig's key, version and media type, unless headers say otherwise."""
        headers = {"Authorization": f"Token token={self.key}", "X-Api-Version": VERSION, **more.pop("headers", {})}
        if "json" in more:
            headers.setdefault("Content-Type", MEDIA)
        url = path if path.startswith(("http", "/")) else f"/v1/{path}"
        return await self.http.request(method, url, headers=headers, **more)

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self.call("GET", path, params=params or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def write(
        self, method: str, path: str, type: str, attributes: Any = None, **relations: Any
    ) -> httpx2.Response:
        """POST or PATCH an object; relations are (type, id), lists of such, or None."""

        def linked(value: Any) -> Any:
            if isinstance(value, list):
                return [linked(one) for one in value]
            return value and {"type": value[0], "id": str(value[1])}

        data: dict[str, Any] = {"type": type, "attributes": attributes or {}}
        if method != "POST":
            data["id"] = path.rpartition("/")[2]
        if relations:
            data["relationships"] = {
                name.replace("_", "-"): {"data": linked(value)} for name, value in relations.items()
            }
        return await self.call(method, path, json={"data": data})

    async def partner_call(
        self, method: str, path: str, attributes: Any = None, scheme: str = "Token"
    ) -> httpx2.Response:
        headers = {"Authorization": f"{scheme} {self.partner_key()}"}
        if attributes is None:
            return await self.call(method, f"/partner/v1/{path}", headers=headers)
        data = {"type": path.partition("/")[0], "attributes": attributes}
        return await self.call(method, f"/partner/v1/{path}", headers=headers, json={"data": data})

    async def every(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every object of a list, following the links."""
        answer = await self.get(path, **params)
        rows = list(answer["data"])
        while following := answer["links"].get("next"):
            answer = await self.get(following)
            rows += answer["data"]
        return rows

    async def hook(self, *events: str, version: str = "v2") -> Row:
        return await self.sandbox.hook(
            self.person, "Bridge", "https://bridge.example/hooks", list(events or EVENTS), version
        )

    async def events(self) -> list[dict[str, Any]]:
        """Deliver what is due and say what arrived since the last call."""
        await self.sandbox.hooks.deliver_due()
        got = [json.loads(body) for _, _, body in self.receiver.got]
        self.receiver.got.clear()
        return got

    async def names(self) -> list[str]:
        return [one["payload"]["event_name"] for one in await self.events()]

    async def candidate(self, **attributes: Any) -> dict[str, Any]:
        given = {"first-name": "Ines", "last-name": "Holm", "email": "ines.holm@example.org", **attributes}
        answer = await self.write("POST", "candidates", "candidates", given)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    async def application(self, job: int = 7_199, **attributes: Any) -> dict[str, Any]:
        """Somebody new who has applied for a job."""
        number = len(self.sandbox.db["candidates"])
        person = await self.candidate(email=f"somebody.{number}@example.org")
        answer = await self.write("POST", "job-applications", "job-applications", attributes,
                                  candidate=("candidates", person["id"]), job=("jobs", job))  # fmt: skip
        assert answer.status_code == 201, answer.text
        return {**answer.json()["data"], "candidate": person["id"]}

    def stage(self, name: str, job: int = 7_199) -> int:
        return next(row["id"] for row in self.sandbox.db["stages"].where("job_id", job) if row["name"] == name)


Make = Callable[..., Tt]


@pytest.fixture
async def make() -> AsyncGenerator[Make]:
    clients: list[httpx2.AsyncClient] = []

    def made(**options: Any) -> Tt:
        clock, receiver, web = Clock(), Receiver(), dict[str, bytes]()

        async def fetch(url: str) -> bytes | None:
            return web.get(url)

        async def sleep(seconds: float) -> None:
            pass

        sandbox = Sandbox(Options(**{"rate": PLENTY, **options}), fetch=fetch, now=clock, deliver=receiver, sleep=sleep)
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(sandbox)), base_url=BASE)
        clients.append(http)
        return Tt(sandbox, clock, receiver, http, web, sandbox.key("Bridge")["secret"])

    yield made
    for client in clients:
        await client.aclose()


@pytest.fixture
async def tt(make: Make) -> Tt:
    """An empty company with a key that may do everything."""
    return make()
