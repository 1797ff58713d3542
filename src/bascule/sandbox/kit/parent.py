"""A sandbox that somebody started for themselves ends with them, however they end."""

from __future__ import annotations

import asyncio
import sys


class _Watch(asyncio.Protocol):
    def __init__(self, over: asyncio.Event) -> None:
        self._over = over

    def connection_lost(self, exc: Exception | None) -> None:
        self._over.set()


async def gone() -> None:
    """Until standard input ends: whoever holds its other end has closed it, or was killed."""
    over = asyncio.Event()
    await asyncio.get_running_loop().connect_read_pipe(lambda: _Watch(over), sys.stdin)
    await over.wait()
