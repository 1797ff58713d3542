"""`bascule doctor`: this machine first, then what the App finds."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bascule.engine.health import Finding
from bascule.errors import BasculeError
from bascule.settings import Settings

from .reach import Reach

SLOW_SYNC = 0.02  # seconds: from here on the disk, not the engine, sets the pace


async def examine(settings: Settings, wait: float, say: Callable[[str], None]) -> list[Finding]:
    """Everything `doctor` prints, in the order to mend it. Webhooks that never arrived are waited for this many
    seconds, for the ping that the vendor sends when the hook is saved or tested."""
    found = [Finding("ok", f"Python {sys.version.split()[0]}."), *folder(settings.data)]
    running = (settings.data / "server.json").exists()
    found.append(
        Finding("ok", "A server is running on this data folder.")
        if running
        else Finding("look", "No server is running on this data folder: nothing is in step until it is.", "bascule up")
    )
    try:
        async with Reach.open(settings) as reach:
            if running:
                await listen(reach, wait, say)
            answer = await reach.get("/doctor")
            found += [Finding(one["state"], one["what"], one["next"]) for one in answer["findings"]]
    except BasculeError as error:
        found.append(Finding("wrong", str(error)))
    return found


async def listen(reach: Reach, wait: float, say: Callable[[str], None]) -> None:
    """Wait until every system that sends webhooks has reached us, or the time is over."""
    names = [row["name"] for row in (await reach.get("/connections"))["items"]]
    until, told = time.monotonic() + wait, set[str]()
    while True:
        heard = {name: await reach.get(f"/connections/{name}/hooks") for name in names}
        names = [name for name, one in heard.items() if one["sends"] and not one["arrives"]]
        if not names or time.monotonic() >= until:
            return
        for name in names:
            if name not in told:
                told.add(name)
                where = f"save or test the hook there, with the address {heard[name]['address']}"
                say(f"Waiting up to {wait:g} s for the ping of {heard[name]['system']} ({name}): {where}")
        await asyncio.sleep(1)


def folder(path: Path) -> list[Finding]:
    """The data folder: writable, its key private, its disk quick enough."""
    if not path.exists():
        return [Finding("look", f"The data folder {path} does not exist yet.", "bascule up")]
    if not os.access(path, os.W_OK):
        return [
            Finding(
                "wrong",
                f"The data folder {path} cannot be written to.",
                f"chown it to the user that runs Bascule: {path}",
            )
        ]
    found: list[Finding] = []
    key = path / "master.key"
    if key.exists() and key.stat().st_mode & 0o077:
        found.append(Finding("wrong", f"Others may read {key}.", f"chmod 600 {key}"))
    seconds = sync_time(path)
    words = f"The disk takes {seconds * 1000:.1f} ms to make a write durable."
    if seconds > SLOW_SYNC:
        found.append(
            Finding(
                "look",
                f"{words} Many commits share one, so this bounds latency more than throughput.",
                "Use a faster disk if latency matters.",
            )
        )
    else:
        found.append(Finding("ok", words))
    return found


def sync_time(path: Path) -> float:
    """The median of a few small durable writes, in seconds."""
    probe = path / ".doctor"
    times: list[float] = []
    try:
        with probe.open("wb") as file:
            for _ in range(5):
                began = time.perf_counter()
                file.write(b"x" * 4096)
                file.flush()
                os.fsync(file.fileno())
                times.append(time.perf_counter() - began)
    finally:
        probe.unlink(missing_ok=True)
    return sorted(times)[2]
