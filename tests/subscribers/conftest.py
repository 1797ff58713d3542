"""A customer's ATS, a Bascule connected to it, and receivers of events."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from standardwebhooks.webhooks import Webhook
from tests.engine.kit import OWNER, Builder, House
from tests.tools.conftest import Place, door

from bascule.model import Mode
from bascule.office.subscriptions import NewSubscription
from bascule.store.subscriptions import Subscription

HOST = "127.0.0.1:7"
HOOK = f"http://{HOST}/hook"


@dataclass
class Receiver:
    """Where events arrive. `answers` are used up first, one an event; then it says `status`."""

    house: House
    status: int = 204
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    heard: list[tuple[datetime, dict[str, str], bytes]] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/{path:path}")
        async def hear(request: Request) -> Response:
            self.paths.append(request.url.path)
            self.heard.append((self.house.clock.at, dict(request.headers), await request.body()))
            status = self.answers.pop(0) if self.answers else self.status
            return Response(self.text, status_code=status, headers=self.headers)

        return app

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.heard]

    @property
    def types(self) -> list[str]:
        return [one["type"] for one in self.bodies]

    def of(self, type: str) -> list[dict[str, Any]]:
        return [one for one in self.bodies if one["type"] == type]


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a receiver that holds this secret takes it: the library's own check, but for the clock, which is held."""
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=UTC)
    wanted = Webhook(secret).sign(headers["webhook-id"], at, body.decode())
    by_hand = hmac.new(
        base64.b64decode(secret.removeprefix("whsec_")),
        f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body, hashlib.sha256,
    ).digest()  # fmt: skip
    assert wanted == f"v1,{base64.b64encode(by_hand).decode()}"
    return wanted in headers["webhook-signature"].split()


@dataclass
class Scene:
    """Everything one test talks to."""

    place: Place
    receiver: Receiver

    @property
    def house(self) -> House:
        return self.place.house

    async def subscribe(self, *types: str, url: str = HOOK, **more: Any) -> tuple[Subscription, str]:
        new = NewSubscription(url, types or ("*",), **more)
        return await self.house.app.subscriptions.add(new, OWNER)

    async def state(self, one: Subscription) -> Any:
        return await self.house.app.subscriptions.get(one.id)

    async def deliveries(self, one: Subscription, state: str = "") -> Any:
        return await self.house.app.subscriptions.deliveries(one.id, state=state)

    async def events(self, **asked: Any) -> list[dict[str, Any]]:
        page = await self.house.app.subscriptions.events(OWNER, **asked)
        return [dict(one) for one in page.items]


@pytest.fixture
async def scene(build: Builder) -> AsyncIterator[Scene]:
    house = await build.house(Mode.LIVE)
    receiver = Receiver(house)
    house.transport.serve(HOST, receiver.app())
    async with door(house) as place:
        yield Scene(place, receiver)
