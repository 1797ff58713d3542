"""A database in this process, a clock that is held, a receiver of webhooks, and the three ways in."""

from __future__ import annotations

import json
import xmlrpc.client
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from bascule.sandbox.kit.tables import Row
from bascule.sandbox.odoo import Actor, Options, Sandbox, create_app

PERSON = Actor("user:Dana Whitfield", 3)
INTEGRATION, DANA, ROBIN, JAMIE, NOOR, VIKTOR = 2, 3, 4, 5, 6, 7


@dataclass
class Clock:
    """Time that moves only when a test says so."""

    at: datetime = datetime(2026, 11, 20, 9, 0, 0, 250_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Receiver:
    """What a webhook's URL got, what it answers, and what is done while it is being asked."""

    status: int | None = 200
    meanwhile: Callable[[], Any] | None = None
    got: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        self.got.append((url, headers, body))
        if self.meanwhile is not None:
            await self.meanwhile()
        return self.status


class OdooError(Exception):
    """What the interface refused: the name of the exception and its text."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(f"{told.get('name')}: {told.get('message')}")
        self.name = str(told.get("name", "")).rpartition(".")[2]
        self.message = str(told.get("message"))


@dataclass
class Rig:
    """Everything a test talks to."""

    sandbox: Sandbox
    clock: Clock
    receiver: Receiver
    http: httpx2.AsyncClient
    key: Row

    @property
    def applicants(self) -> str:
        """The table that applicants are in."""
        return self.sandbox.models["hr.applicant"].table

    def as_user(self, user_id: int, **more: Any) -> None:
        """Later calls use a new key of a user."""
        self.key = self.sandbox.new_key(PERSON, f"Key of {user_id}", user_id, **more)

    async def rpc(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """execute_kw over JSON-RPC."""
        answer = await self.rpc_raw(model, method, *args, **kwargs)
        told = answer.json()
        assert answer.status_code == 200
        assert told["jsonrpc"] == "2.0"
        if "error" in told:
            raise OdooError(told["error"]["data"])
        return told.get("result")

    async def rpc_raw(self, model: str, method: str, *args: Any, **kwargs: Any) -> httpx2.Response:
        called = [
            self.sandbox.options.database,
            self.key["user_id"],
            self.key["secret"],
            model,
            method,
            list(args),
            kwargs,
        ]
        return await self.common("object", "execute_kw", called)

    async def common(self, service: str, method: str, args: list[Any]) -> httpx2.Response:
        body = {"jsonrpc": "2.0", "method": "call", "id": 7,
                "params": {"service": service, "method": method, "args": args}}  # fmt: skip
        return await self.http.post("/jsonrpc", json=body)

    async def xml(self, service: str, method: str, *args: Any) -> Any:
        """A call over XML-RPC; a fault is raised."""
        body = xmlrpc.client.dumps(args, method)
        answer = await self.http.post(f"/xmlrpc/2/{service}", content=body, headers={"Content-Type": "text/xml"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/xml")
        return xmlrpc.client.loads(answer.content)[0][0]

    async def xml_kw(self, model: str, method: str, args: list[Any], kwargs: dict[str, Any] | None = None) -> Any:
        database, uid, key = self.sandbox.options.database, self.key["user_id"], self.key["secret"]
        return await self.xml("object", "execute_kw", database, uid, key, model, method, args, kwargs or {})

    async def json2(
        self, model: str, method: str, headers: Mapping[str, str] | None = None, **body: Any
    ) -> httpx2.Response:
        sent = {"Authorization": f"bearer {self.key['secret']}", **(headers or {})}
        return await self.http.post(f"/json/2/{model}/{method}", json=body, headers=sent)

    async def one(self, model: str, id: int, *fields: str) -> dict[str, Any]:
        (row,) = await self.rpc(model, "read", [id], list(fields))
        return row

    async def applicant(self, **values: Any) -> int:
        """Somebody applies for the first job."""
        person = {"partner_name": "Ada Byron", "email_from": "ada@example.org", **values}
        person.setdefault("job_id", self.sandbox.db["jobs"].ids[0])
        match self.sandbox.options.version:
            case "17":
                person = {"name": "Backend Engineer", **person}
            case "18":
                own = {key: person.pop(key) for key in ("partner_name", "email_from", "partner_phone") if key in person}
                person["candidate_id"] = await self.rpc("hr.candidate", "create", own)
            case _:
                pass
        return await self.rpc("hr.applicant", "create", person)

    def stage(self, name: str) -> int:
        return next(row["id"] for row in self.sandbox.db["stages"] if row["name"] == name)

    def outbox(self, why: str = "") -> list[Row]:
        """What was mailed for a reason; for any but that there is somebody new, which the recruiter is always told."""
        return [
            row for row in self.sandbox.db["emails"] if (row["why"] == why if why else row["why"] != "new_applicant")
        ]

    async def hook(
        self, model: str = "hr.applicant", trigger: str = "on_create_or_write", *fields: str, **more: Any
    ) -> int:
        """An automation rule with a webhook, as the interface makes one."""
        (of,) = await self.rpc("ir.model", "search", [("model", "=", model)])
        shown = await self.rpc("ir.model.fields", "search", [("model", "=", model), ("name", "in", list(fields))])
        action = {"name": "Tell Bascule", "state": "webhook", "model_id": of, "webhook_url": "http://127.0.0.1:9/hook/t0ken",
                  "webhook_field_ids": [[6, 0, shown]]}  # fmt: skip
        return await self.rpc("base.automation", "create", {
            "name": "Bascule", "model_id": of, "trigger": trigger, "action_server_ids": [[0, 0, action]], **more})  # fmt: skip

    async def events(self) -> list[dict[str, Any]]:
        """Deliver what is due and say what arrived since the last call."""
        await self.sandbox.hooks.deliver_due()
        got = [json.loads(body) for _, _, body in self.receiver.got]
        self.receiver.got.clear()
        return got


Build = Callable[..., Rig]


@pytest.fixture
async def build() -> AsyncGenerator[Build]:
    clients: list[httpx2.AsyncClient] = []

    def make(**options: Any) -> Rig:
        clock, receiver = Clock(), Receiver()

        async def sleep(seconds: float) -> None:
            clock.move(seconds=seconds)

        sandbox = Sandbox(Options(**options), now=clock, deliver=receiver, sleep=sleep)
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(sandbox)), base_url="http://ats.test")
        clients.append(http)
        return Rig(sandbox, clock, receiver, http, sandbox.new_key(PERSON, "Bridge", INTEGRATION))

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture(params=["17", "18", "19"])
def rig(build: Build, request: pytest.FixtureRequest) -> Rig:
    """An empty database of each version, with a key that may do everything."""
    return build(version=request.param)


@pytest.fixture
def newest(build: Build) -> Rig:
    return build(version="19")
