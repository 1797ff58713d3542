"""The sandboxes as programs of their own: started as a customer's ATS would stand there, ended with the demo."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bascule.errors import BasculeError
from bascule.office.practice import end

START_WITHIN = 60.0
URL = re.compile(r"Sandbox ATS\s+(http://\S+?)/candidates")


@dataclass(frozen=True, slots=True)
class Account:
    """A customer's account at the sandbox Greenhouse: its name here, its plan, and where it runs."""

    name: str
    tier: str
    url: str
    process: asyncio.subprocess.Process


@asynccontextmanager
async def account(
    name: str, tier: str, *, jobs: Sequence[Mapping[str, Any]], rate: str, port: int, folder: Path
) -> AsyncGenerator[Account]:
    """A running sandbox of this tier with these jobs open; ended at the end. BasculeError says why it did not start."""
    opened, said = folder / f"{name}-jobs.json", folder / f"{name}.log"
    opened.write_text(json.dumps(list(jobs)), "utf-8")
    line = ["-m", "bascule.sandbox", "greenhouse", "--port", str(port), "--rate", rate, "--tier", tier]
    with said.open("wb") as log:
        # In a session of its own, so that Ctrl-C reaches Bascule first and what is under way ends in order. Its input
        # is a pipe that we hold, so that it ends with us even when we are killed.
        process = await asyncio.create_subprocess_exec(
            sys.executable, *line, "--jobs", str(opened), "--until-eof",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield Account(name, tier, await _address(process, said, port), process)
    finally:
        await end(process)


async def _address(process: asyncio.subprocess.Process, said: Path, port: int) -> str:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_WITHIN):
            async for line in process.stdout:
                if found := URL.search(line.decode()):
                    return found[1]
    except TimeoutError:
        raise BasculeError(
            f"The sandbox ATS has not started within {START_WITHIN:.0f} seconds.", hint="Is this machine very busy?"
        ) from None
    words = said.read_text("utf-8", "replace").strip().splitlines()
    raise BasculeError(
        f"The sandbox ATS did not start: {words[-1] if words else 'it ended at once'}",
        hint=f"Is port {port} taken? --sandbox-port 0 takes a free one." if port else "",
    )
