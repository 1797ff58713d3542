"""Sends webhooks in the background while a server runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

from .hooks import Reply
from .tenant import Tenant

# Deliveries under way at once, so that one slow receiver does not hold up the others.
TOGETHER = 8
TIMEOUT = 10.0
# The longest the worker sleeps before it looks at the clock again.
LONGEST_NAP = 30.0


async def work(sandbox: Tenant[Any]) -> None:
    """Deliver what is due, sleep until something is, for ever."""
    woken, gate, running = asyncio.Event(), asyncio.Semaphore(TOGETHER), set[asyncio.Task[None]]()
    sandbox.hooks.woken = sandbox.faults.woken = woken.set

    async def attempt_next() -> None:
        try:
            if (delivery := sandbox.hooks.take_due()) is not None:
                await sandbox.hooks.attempt(delivery)
        finally:
            gate.release()

    while True:
        due = sandbox.hooks.next_due()
        wait = LONGEST_NAP if due is None else (due - sandbox.db.real_now()).total_seconds()
        if due is not None and wait <= 0:
            await gate.acquire()
            task = asyncio.create_task(attempt_next())
            running.add(task)
            task.add_done_callback(running.discard)
            await asyncio.sleep(0)
            continue
        try:
            await asyncio.wait_for(woken.wait(), min(max(wait, 0.001), LONGEST_NAP))
        except TimeoutError:
            continue
        woken.clear()


class HttpDelivery:
    """Posts webhooks over HTTP; loopback addresses are welcome. Call `close` at the end."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                return Reply(response.status, response.headers.copy())
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
