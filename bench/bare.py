"""The baseline of the latency bench: a script that does the calls and nothing else.

    python -m bench.bare --ats URL [--forward URL]

Told of an application, it reads the candidate, the application, its stage, its attachments and the CV, and PATCHes the
score fields: the calls that Bascule makes, by the same HTTP transport, one after the other. It stores nothing, scores
nothing, retries nothing, and forgets everything when it ends. `--forward`: told of a stage change, it passes the
webhook's body on to that address as it came.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bascule.connectors.greenhouse import CONNECTOR
from bascule.connectors.spec import Tenant, scopes
from bascule.demo.ats import Ats
from bascule.engine.runtime import run, stopper
from bascule.engine.wire import AiohttpTransport, Transport, WireRequest

from .processes import say

REASONS = "Ten years of the work asked for\nEvery language asked for\nNo gap"


class Bare:
    """One account, a token, and what to do when somebody applies."""

    def __init__(self, url: str, transport: Transport, forward: str = "") -> None:
        self._url = url
        self._forward = forward
        self._transport = transport
        self._headers: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def sign_in(self, client_id: str, secret: str) -> None:
        basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        form = urlencode({"grant_type": "client_credentials"}).encode()
        headers = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
        answer = await self._ask("POST", f"{self._url}/token", headers, form)
        self._headers = {"authorization": f"Bearer {answer['access_token']}", "content-type": "application/json"}

    async def _ask(self, method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> Any:
        answer = await self._transport.send(WireRequest(method, url, headers, body), 30)
        assert answer.status < 300, f"{method} {url}: {answer.status}"
        return json.loads(answer.body)

    async def hook(self, request: web.Request) -> web.Response:
        told = await request.json()
        if told["action"] == "new_candidate_application":
            application = told["payload"]["application"]
            self._begin(self._work(application["id"], application["candidate"]["id"]))
        elif told["action"] == "candidate_stage_change" and self._forward:
            self._begin(self._pass_on(await request.read()))
        return web.Response()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def _pass_on(self, body: bytes) -> None:
        await self._transport.send(WireRequest("POST", self._forward, {"content-type": "application/json"}, body), 30)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        task.result()

    async def _list(self, path: str) -> Any:
        return await self._ask("GET", f"{self._url}/v3/{path}", self._headers)

    async def _work(self, application: int, candidate: int) -> None:
        await self._list(f"candidates?ids={candidate}")
        await self._list(f"applications?candidate_ids={candidate}")
        await self._list(f"application_stages?application_ids={application}")
        files = await self._list(f"attachments?candidate_ids={candidate}")
        await self._transport.send(WireRequest("GET", files[0]["url"], {}), 30)
        values = {"bascule_match_score": 71.5, "bascule_match_reasons": REASONS, "bascule_ai_status": "scored"}
        body = {"custom_fields": [{"name_key": key, "value": value} for key, value in values.items()]}
        url = f"{self._url}/v3/applications/{application}"
        await self._ask("PATCH", url, self._headers, json.dumps(body).encode())


async def serve(url: str, forward: str) -> None:
    stop = stopper()
    transport, ats = AiohttpTransport(), Ats(url)
    bare = Bare(url, transport, forward)
    app = web.Application()
    app.router.add_post("/hook", bare.hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        least = scopes(CONNECTOR, CONNECTOR.fields(Tenant(), ""), setup=True)
        await bare.sign_in(*await ats.make_credential("bare", sorted(least)))
        await ats.add_webhook("bare", f"http://127.0.0.1:{runner.addresses[0][1]}/hook", "secret")
        say({"ready": True})
        await stop.wait()
    finally:
        await runner.cleanup()
        await ats.close()
        await transport.close()


if __name__ == "__main__":
    line = argparse.ArgumentParser()
    line.add_argument("--ats", required=True)
    line.add_argument("--forward", default="")
    given = line.parse_args()
    run(serve(given.ats, given.forward))
