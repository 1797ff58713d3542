"""A termination signal ends `bascule up` soon, whatever it is doing and whoever looks at its pages."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from .installation import Installation, running
from .processes import PATIENCE

SOON = 30.0  # seconds of a busy machine; on an idle one it is under ten


@asynccontextmanager
async def up(made: Installation) -> AsyncGenerator[tuple[Process, str]]:
    """The real program, and its address. However this ends, the program has ended."""
    log = (made.data / "up.log").open("ab")
    with log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from bascule.cli import main; main()", "up", "--data", str(made.data), "--json",
            "--port", str(made.port), stdin=DEVNULL, stdout=PIPE, stderr=log,
            env={"BASCULE_DATABASE": made.database, "PATH": "", "PYTHONPATH": ":".join(sys.path)},
        )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            first = await process.stdout.readline()
        assert first, (made.data / "up.log").read_text()[-3000:]
        yield process, json.loads(first)["url"]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def an_open_page(http: aiohttp.ClientSession, data: Path, url: str) -> aiohttp.ClientResponse:
    """Log in as a person does and hold the stream of changes that a page listens to; it has begun."""
    key = json.loads((data / "server.json").read_text())["key"]
    async with http.post(f"{url}/api/v1/login-links", headers={"Authorization": f"Bearer {key}"}, json={}) as made:
        link: dict[str, Any] = await made.json()
        assert made.status < 300, link
    token = str(next(iter(link.values()))).rpartition("token=")[2]
    async with http.post(f"{url}/login", data={"token": token}, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
    stream = await http.get(f"{url}/events")
    assert (await stream.content.readline()).startswith(b"retry")
    return stream


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.long)])
async def test_a_termination_signal_ends_it_soon_in_the_middle_of_a_load(
    database: str, tmp_path: Path, times: int
) -> None:
    async with running(database, tmp_path, (), speed=1.0) as made:
        await made.order({"kind": "delay", "seconds": 1, "until": 3600})
        for _ in range(times):
            jar = aiohttp.CookieJar(unsafe=True)
            async with up(made) as (process, url), aiohttp.ClientSession(cookie_jar=jar) as http:
                stream = await an_open_page(http, made.data, url)
                await made.apply(4)
                assert b"change" in await stream.content.readuntil(b"change"), "the work has begun"
                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(SOON):
                    assert await process.wait() == 0
                stream.close()
        assert not [line for line in (made.data / "up.log").read_text().splitlines() if "Traceback" in line]
