"""The sandbox as a program: a real socket, a real receiver, its own background worker."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import pytest
from aiohttp import web

from bascule.sandbox.greenhouse import Actor, Options, Sandbox, people, run
from bascule.sandbox.greenhouse.options import Rate

PATIENCE = 30
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "bascule.sandbox", "greenhouse", "--port", "0", "--until-eof"],
                         stdin=subprocess.PIPE, start_new_session=True)
sys.stdin.read()
"""


@pytest.fixture
async def served() -> AsyncGenerator[tuple[str, Sandbox]]:
    ready: asyncio.Future[tuple[str, Sandbox]] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    task = asyncio.create_task(
        run(0, Options(), ready=lambda url, sandbox: ready.set_result((url, sandbox)), stop=stop)
    )
    async with asyncio.timeout(PATIENCE):
        yield await ready
    stop.set()
    await task


@pytest.fixture
async def receiver() -> AsyncGenerator[tuple[str, asyncio.Queue[dict[str, object]]]]:
    got: asyncio.Queue[dict[str, object]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        got.put_nowait(json.loads(await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hooks", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hooks", got
    await runner.cleanup()


async def test_webhooks_leave_by_themselves_while_the_server_runs(
    served: tuple[str, Sandbox], receiver: tuple[str, asyncio.Queue[dict[str, object]]]
) -> None:
    (url, _), (hook, got) = served, receiver
    async with aiohttp.ClientSession(url) as http:
        form = {"name": "Bridge", "url": hook, "secret": "s", "events": "new_candidate_application"}
        await http.post("/configure/webhooks/new", data=form)
        assert (await got.get())["action"] == "ping"
        data = aiohttp.FormData({"first_name": "Ada", "last_name": "Byron", "email": "ada@example.org",
                                 "consent": "yes", "question_1": "Yes"})  # fmt: skip
        data.add_field("resume", b"Analyst", filename="cv.txt")
        async with http.post("/careers/jobs/5501", data=data) as page:
            assert "has arrived" in await page.text()
        assert (await got.get())["action"] == "new_candidate_application"


async def order(http: aiohttp.ClientSession, *faults: dict[str, object]) -> None:
    async with http.post("/sandbox/faults", json=list(faults)) as answer:
        assert answer.status == 200, await answer.text()


@pytest.mark.parametrize("kind", ["lost_answer", "reset"])
async def test_a_connection_is_reset_before_any_answer(served: tuple[str, Sandbox], kind: str) -> None:
    url, _ = served
    async with aiohttp.ClientSession(url) as http:
        await order(http, {"kind": kind, "path": "/v3/jobs"})
        with pytest.raises((ConnectionResetError, aiohttp.ClientOSError)):
            await http.post("/v3/jobs")  # aiohttp sends a GET again by itself
        async with http.post("/v3/jobs") as answer:
            assert answer.status == 401


async def test_an_answer_breaks_off_in_the_middle(served: tuple[str, Sandbox]) -> None:
    url, _ = served
    async with aiohttp.ClientSession(url) as http:
        await order(http, {"kind": "truncate", "path": "/v3/jobs"})
        async with http.get("/v3/jobs") as answer:
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()


async def test_one_date_header_tells_the_time_of_the_tenant(served: tuple[str, Sandbox]) -> None:
    url, sandbox = served
    async with aiohttp.ClientSession(url) as http:
        await order(http, {"kind": "clock", "seconds": 86_400, "until": 3600})
        async with http.get("/v3/jobs") as answer:
            (told,) = answer.headers.getall("Date")
    assert abs(parsedate_to_datetime(told) - sandbox.now()) < timedelta(minutes=1)
    assert sandbox.now() - datetime.now(UTC) > timedelta(hours=23)


async def test_what_is_ordered_for_later_happens_by_itself(
    served: tuple[str, Sandbox], receiver: tuple[str, asyncio.Queue[dict[str, object]]]
) -> None:
    (url, sandbox), (hook, got) = served, receiver
    people.create(sandbox, Actor("user:Dana"), {"first_name": "Ada", "last_name": "Byron"})
    async with aiohttp.ClientSession(url) as http:
        form = {"name": "Bridge", "url": hook, "secret": "s", "events": "delete_candidate"}
        await http.post("/configure/webhooks/new", data=form)
        assert (await got.get())["action"] == "ping"
        await order(http, {"kind": "delete", "from": 0.2, "quiet": False})
        assert (await got.get())["action"] == "delete_candidate"


async def test_it_is_a_program_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bascule.sandbox", "greenhouse", "--port", "0", "--candidates", "5", "--tier", "standard",
        stdout=asyncio.subprocess.PIPE)  # fmt: skip
    assert process.stdout
    try:
        async with asyncio.timeout(PATIENCE):
            url = (await process.stdout.readline()).decode().split()[-1]
            async with aiohttp.ClientSession() as http, http.get(url) as page:
                assert "5 people" in await page.text()
    finally:
        process.terminate()
        await process.wait()


async def test_it_ends_with_whoever_started_it() -> None:
    """The parent is killed: nobody is left to stop the sandbox, and it stops by itself."""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)  # fmt: skip
    assert parent.stdout
    async with asyncio.timeout(PATIENCE):
        url = (await parent.stdout.readline()).decode().split()[-1]
        async with aiohttp.ClientSession() as http, http.get(url) as page:
            assert page.status == 200
        parent.kill()
        await parent.wait()
        await parent.stdout.read()  # which ends once nobody holds its other end: neither the parent nor the sandbox
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.ClientConnectionError):
                await http.get(url)


async def test_a_wrong_option_is_one_clear_line() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bascule.sandbox", "greenhouse", "--rate", "fast",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)  # fmt: skip
    _, said = await process.communicate()
    assert process.returncode == 2
    assert "write requests/seconds, for example 75/30" in said.decode()


@pytest.mark.parametrize(("text", "rate"), [("75/30", Rate(75, 30)), ("750", Rate(750, 30)), ("10/0.5", Rate(10, 0.5))])
def test_rates_are_read(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate
