"""A house whose workspace may ask a server of language models in this process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from tests.engine.kit import OWNER, Applied, Builder, House

from bascule.model import Kind
from bascule.models.choice import Provider
from bascule.sandbox.llm import Server, create_app

HOST = "127.0.0.1:7"
ADDRESSES = {Provider.OPENAI: f"http://{HOST}/v1", Provider.ANTHROPIC: f"http://{HOST}"}


@dataclass
class Asking:
    """The house, and the server."""

    house: House
    server: Server

    async def choose(self, provider: Provider = Provider.OPENAI, **more: Any) -> None:
        given = {
            "provider": str(provider), "model": "small", "base_url": ADDRESSES[provider], "purposes": ["explain"],
            "price_in": 1.0, "price_out": 2.0, **more,
        }  # fmt: skip
        await self.house.app.choices.choose(given, OWNER, key=self.server.options.key)

    async def applied(self, more: str = "", **given: Any) -> Applied:
        """Somebody applies, is scored, and what follows is done."""
        made = await self.house.apply(more=more, **given)
        await self.house.pass_time(8)
        return made

    async def body(self, applied: Applied) -> Mapping[str, Any]:
        """The stored score."""
        record = await self.house.record(Kind.APPLICATION, applied.application)
        found = await self.house.app.store.read(lambda tx: tx.scores.of(record.id))
        assert found is not None
        return found.body

    async def reasons(self, applied: Applied) -> tuple[str, ...]:
        return await self.house.value(Kind.APPLICATION, applied.application, "match_reasons")

    async def calls(self) -> list[Any]:
        """What was asked, the oldest first."""
        return (await self.house.app.choices.calls())[::-1]

    def sent(self) -> list[str]:
        """The bodies that left."""
        return [json.dumps(one.body, ensure_ascii=False) for one in self.server.seen]


@pytest.fixture
async def asking(build: Builder) -> AsyncIterator[Asking]:
    house = await build.house()
    server = Server(sleep=house.clock.sleep)
    house.transport.serve(HOST, create_app(server))
    yield Asking(house, server)
    assert not house.failures
