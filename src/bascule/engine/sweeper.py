"""Weighs everybody against everybody in a child process, with Splink on DuckDB, where that is installed.

The child is given keyed digests and ids over a pipe and keeps everything in memory: no name, no address, nothing on
disk.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from bascule.errors import BasculeError

from .doubles import Weigh

NEEDS = ("splink", "duckdb")
MEMORY = 2500  # MB that DuckDB may take


def sweeper() -> Weigh | None:
    """The sweeper, where its libraries are installed (`pip install 'bascule[sweep]'`)."""
    return weigh if all(find_spec(one) is not None for one in NEEDS) else None


async def weigh(lines: AsyncIterator[bytes]) -> list[tuple[str, str]]:
    """Pairs of people who are likely one, the likeliest first. BasculeError when the child fails, with its last
    line."""
    root = Path(__file__).resolve().parents[2]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "bascule.match.sweeping", "--memory", str(MEMORY),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.defpath, "PYTHONPATH": str(root), "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    answers = asyncio.gather(child.stdout.read(), child.stderr.read())
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # it has ended: its answer says why
            async for some in lines:
                child.stdin.write(some)
                await child.stdin.drain()
            child.stdin.close()
        found, said = await answers
        code = await child.wait()
    except BaseException:
        if child.returncode is None:
            child.kill()
        answers.cancel()
        raise
    if code:
        last = (said.decode("utf-8", "replace").strip().splitlines() or ["no word"])[-1]
        raise BasculeError(
            f"The sweep for duplicates failed ({code}): {last}", hint="Who is new or changes is still looked at."
        )
    return [(one, other) for one, other, _ in (line.split("\t") for line in found.decode().splitlines())]
