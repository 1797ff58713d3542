"""The page Alerts: whoever keeps the bridge running sees where alerts go, tries it, and chooses the digest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bascule.server.roles import Role

from .conftest import Bench


@asynccontextmanager
async def receiver(status: int = 200) -> AsyncIterator[tuple[str, list[bytes]]]:
    """An HTTP server on this machine that answers every message so, and its Apprise address."""
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(one.split(b":")[1]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length")
        )
        got.append(await reader.readexactly(length))
        writer.write(f"HTTP/1.1 {status} Answer\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"json://somebody:canary-word@127.0.0.1:{server.sockets[0].getsockname()[1]}/here", got


async def test_an_owner_adds_tries_and_removes_an_address_whose_secret_is_never_shown(bench: Bench) -> None:
    await bench.enter(Role.OWNER)
    async with receiver() as (address, got):
        assert (await bench.post("/alerts", address=address)).status_code == 303
        page = (await bench.browser.get("/alerts")).text
        assert "none yet" in page
        assert "canary-word" not in page
        assert (await bench.post("/alerts/test", number="1")).status_code == 303
        page = (await bench.browser.get("/alerts")).text
        assert "Taken by 1 address" in page
        assert "Test alert taken" in page
        assert b"test alert" in got[0]
        assert "canary-word" not in page
    assert (await bench.post("/alerts/remove", number="1")).status_code == 303
    assert "Alerts go nowhere yet" in (await bench.browser.get("/alerts")).text


async def test_an_address_that_does_not_take_the_message_is_named(bench: Bench) -> None:
    await bench.enter(Role.OWNER)
    async with receiver(503) as (address, _):
        await bench.post("/alerts", address=address)
        await bench.post("/alerts/test")
        page = (await bench.browser.get("/alerts")).text
        assert "Not taken: json://" in page
        assert "1 address did not take the last message" in page
        assert "canary-word" not in page


async def test_what_is_wrong_is_said_and_nothing_is_kept(bench: Bench) -> None:
    await bench.enter(Role.OWNER)
    for path, given in (
        ("/alerts", {"address": "nonsense://x"}),
        ("/alerts/test", {}),
        ("/alerts/test", {"number": "7"}),
        ("/alerts/remove", {"number": "7"}),
        ("/alerts/digest", {"digest": "hourly"}),
    ):
        assert (await bench.post(path, **given)).status_code in (303, 404, 422), path
    seen = await bench.app.alerts.overview()
    assert (seen.places, str(seen.digest)) == ((), "two weeks")


async def test_the_digest_is_chosen_on_the_page_and_the_api_says_it(bench: Bench) -> None:
    await bench.enter(Role.OWNER)
    assert (await bench.post("/alerts/digest", digest="daily")).status_code == 303
    assert 'value="daily" checked' in (await bench.browser.get("/alerts")).text
    headers = {"authorization": f"Bearer {bench.app.local_key}"}
    told = (await bench.browser.get("/api/v1/alerts", headers=headers)).json()
    assert told["digest"] == "daily"
    told = (await bench.browser.put("/api/v1/alerts/digest", json={"digest": "never"}, headers=headers)).json()
    assert told["digest"] == "never"
    assert (await bench.browser.put("/api/v1/alerts/digest", json={"digest": "x"}, headers=headers)).status_code == 422


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.HIRING_MANAGER, Role.COMPLIANCE])
async def test_others_neither_see_it_nor_change_it(bench: Bench, role: Role) -> None:
    await bench.enter(role)
    assert (await bench.browser.get("/alerts")).status_code == 403
    assert 'href="/alerts"' not in (await bench.browser.get("/jobs")).text
    await bench.post("/alerts", address="json://127.0.0.1:9/x")
    await bench.post("/alerts/digest", digest="never")
    seen = await bench.app.alerts.overview()
    assert (seen.places, str(seen.digest)) == ((), "two weeks")
