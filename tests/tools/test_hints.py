"""A hint says that there is news and no more: signed, coalesced, sent again, and of no weight when it is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field

import pytest
from fastapi import FastAPI, Request, Response
from tests.engine.kit import OWNER
from tests.tools.conftest import Place, Tool

from bascule.errors import InputError
from bascule.office.accounts import NewConnection

THERE = "127.0.0.1:7"


@dataclass
class Ear:
    """Where a tool's hints arrive."""

    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=lambda: [])

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/hooks/bascule")
        async def hear(request: Request) -> Response:
            self.heard.append((dict(request.headers), await request.body()))
            return Response(status_code=self.status)

        return app


@pytest.fixture
def ear(place: Place) -> Ear:
    ear = Ear()
    place.house.transport._apps[THERE] = ear.app()  # type: ignore[index]
    return ear


async def listening(place: Place) -> Tool:
    return await place.tool(hook=f"http://{THERE}/hooks/bascule")


async def test_news_is_told_once_signed_and_without_a_word_of_anybody(place: Place, ear: Ear) -> None:
    tool = await listening(place)
    await place.applied()
    await place.applied("Bob", "Stone", "bob@example.org")
    headers, body = ear.heard[0]
    told = json.loads(body)
    assert told["type"] == "applications.changed"
    assert told["data"] == {"tool": "quill"}
    assert set(told) == {"type", "timestamp", "data"}
    key = base64.b64decode(tool.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert abs(int(headers["webhook-timestamp"]) - place.house.clock.at.timestamp()) < 60
    assert len({headers["webhook-id"] for headers, _ in ear.heard}) == len(ear.heard)


async def test_many_changes_are_one_hint_and_what_an_ai_says_is_none(place: Place, ear: Ear) -> None:
    ada = await place.applied()
    tool = await listening(place)
    await tool.news()
    for stage in ("Phone Screen", "Onsite", "Offer"):
        place.move(ada, stage)
    await place.house.pass_time(10)
    many = len(ear.heard)
    assert 1 <= many <= 2
    await tool.news()
    await tool.say(await place.id(ada), version=1, score=4)
    await place.house.pass_time(10)
    assert len(ear.heard) == many


async def test_changes_without_end_neither_starve_a_tool_nor_hurry_it(place: Place, ear: Ear) -> None:
    tool = await listening(place)
    at, house = place.house.app.connections.named(tool.name), place.house

    async def changes(seconds: int) -> None:
        """One every tenth of a second."""
        for _ in range(10 * seconds):
            now = house.clock.at
            await house.app.store.write(lambda tx, now=now: tx.tasks.put(at.row.workspace, "hint", at.id, due=now))
            await house.app.worker.step()
            await house.app.runtime.settle()
            house.clock.move(0.1)

    await changes(5)
    assert 4 <= len(ear.heard) <= 6
    ear.status, many = 500, len(ear.heard)
    await changes(30)  # at an address that does not work
    assert len(ear.heard) - many <= 6


async def test_a_lost_hint_changes_nothing_and_is_sent_again(place: Place, ear: Ear) -> None:
    tool = await listening(place)
    ear.status = 500
    ada = await place.applied()
    assert [one["id"] for one in await tool.news()] == [await place.id(ada)]
    ids = {headers["webhook-id"] for headers, _ in ear.heard}
    ear.status = 204
    await place.house.leap(200, step=15)
    assert ear.heard[-1][0]["webhook-id"] in ids
    many = len(ear.heard)
    await place.house.pass_time(60)
    assert len(ear.heard) == many


async def test_an_address_that_refuses_for_good_is_told_to_the_owner(place: Place, ear: Ear) -> None:
    await listening(place)
    ear.status = 401
    await place.applied()
    assert len(await place.house.notices("hints refused")) == 1
    ear.status = 204
    await place.house.leap(400)
    assert await place.house.notices("hints refused") == []


async def test_nothing_is_told_while_paused_and_nowhere_else_than_allowed(place: Place, ear: Ear) -> None:
    tool = await listening(place)
    await place.house.app.accounts.pause(tool.name, OWNER)
    await place.applied()
    assert ear.heard == []
    for url in ("http://tool.example/hook", "https://tool.example/hook", "https://10.0.0.7/hook", "ftp://x"):
        with pytest.raises(InputError) as refused:
            await place.house.app.aitools.connect(NewConnection("other", "aitool", url), OWNER)
        assert "still pulls" in refused.value.hint
