"""How a command reaches the App: through the server that owns the data when one runs, else in this process.

A running server leaves its address and a key for this machine's user in `server.json` of the data folder. Both ways go
through the same API, so a command does the same whichever way it takes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bascule.errors import BasculeError, ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.settings import Settings

from .starting import uncollected

API = "/api/v1"
KINDS = {404: NotFoundError, 403: ForbiddenError, 409: ConflictError}


class Reach:
    """The API, wherever it is."""

    def __init__(self, session: aiohttp.ClientSession, base: str, key: str, host: str = "") -> None:
        self._session = session
        self._base = base
        self._key = key
        self._headers = {"host": host} if host else {}  # which of the server's workspaces

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, *, working: bool = False) -> AsyncGenerator[Reach]:
        """The running server's API; without one, an App of our own for as long as the command takes."""
        running = settings.data / "server.json"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as session:
            if running.exists():
                told = json.loads(running.read_text("utf-8"))
                reach = cls(session, told["url"], told["key"], told.get("host", ""))
                if await reach.answers():
                    yield reach
                    return
            with uncollected():
                from bascule.server.run import listening

            async with listening(settings, work=working) as alone:
                yield cls(session, alone.url, alone.app.local_key)

    async def answers(self) -> bool:
        """Whether a server is there at all."""
        try:
            async with self._session.get(f"{self._base}/healthz", headers=self._headers) as response:
                return response.status < 500
        except aiohttp.ClientError:
            return False

    async def get(self, path: str, **query: str) -> Any:
        kept = {name: value for name, value in query.items() if value}
        return await self._call("GET", f"{path}?{urlencode(kept)}" if kept else path)

    async def post(self, path: str, body: object) -> Any:
        return await self._call("POST", path, body)

    async def put(self, path: str, body: object) -> Any:
        return await self._call("PUT", path, body)

    async def patch(self, path: str, body: object) -> Any:
        return await self._call("PATCH", path, body)

    async def delete(self, path: str) -> Any:
        return await self._call("DELETE", path)

    async def _call(self, method: str, path: str, body: object = None) -> Any:
        headers = {"authorization": f"Bearer {self._key}", **self._headers}
        try:
            async with self._session.request(
                method, f"{self._base}{API}{path}", json=body, headers=headers
            ) as response:
                text = await response.text()
        except aiohttp.ClientError as error:
            raise BasculeError(
                f"The server at {urlsplit(self._base).netloc} does not answer ({type(error).__name__}).",
                hint="See: bascule doctor",
            ) from None
        answer = json.loads(text) if text else {}
        if response.status >= 400:
            raise KINDS.get(response.status, InputError)(
                str(answer.get("detail") or answer.get("title") or text), hint=str(answer.get("hint") or "")
            )
        return answer

    async def follow(self, connection: str, show: Console | None) -> Any:
        """Wait for a backfill, showing how far it is."""
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[objects]} objects{task.fields[left]}"),
            console=show or Console(quiet=True),
        ) as bar:
            row = bar.add_task("reading", total=None, objects=0, left="")
            while True:
                told = await self.get(f"/connections/{connection}/backfill")
                bar.update(
                    row,
                    description=told["list"] or told["state"],
                    total=told["of"] or told["lists"] or None,
                    completed=told["objects"] if told["of"] else told["lists_done"],
                    objects=told["objects"],
                    left=f", about {told['eta']:.0f} s left" if told["eta"] is not None else "",
                )
                if told["state"] != "running":
                    return told
                await asyncio.sleep(0.5)
