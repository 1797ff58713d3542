"""The practice system: the sandbox Greenhouse as a program of its own beside this server, for somebody without an ATS
account. It begins empty each time and ends with this server; nothing it passes counts elsewhere."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
from urllib.parse import urlsplit

from bascule.engine.http import is_loopback
from bascule.errors import BasculeError, ForbiddenError

from .desk import Desk
from .pilots import File

SYSTEM = "greenhouse"
START_WITHIN, STOP_WITHIN = 60.0, 8.0
RATE, PEOPLE = "750/30", "12"
MATERIAL = files("bascule") / "demo" / "material"
TOLD = ("title", "description", "department", "office", "stages")


class Practice:
    """`app.practice`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._process: asyncio.subprocess.Process | None = None
        self._url = ""
        self._starting = asyncio.Lock()

    @property
    def url(self) -> str:
        """Where its pages are, "" while it does not run."""
        return self._url if self._process is not None and self._process.returncode is None else ""

    @property
    def offered(self) -> bool:
        """Only where people come to this server on its own machine: elsewhere they could not open its pages."""
        return is_loopback(urlsplit(self._desk.settings.address).hostname or "")

    async def start(self) -> str:
        """Its address; it is started where it does not run. ForbiddenError where it could not be opened, BasculeError
        where it does not start."""
        if not self.offered:
            raise ForbiddenError(
                "The practice system runs on the server's own machine, and its pages could not be opened from here.",
                hint="Try it on a laptop: bascule up, or make demo.",
            )
        async with self._starting:
            if not self.url:
                self._url = await self._started()
        return self._url

    async def _started(self) -> str:
        jobs = self._desk.settings.data / "practice-jobs.json"
        opened = json.loads((MATERIAL / "jobs.json").read_text("utf-8"))
        jobs.write_text(json.dumps([{name: one[name] for name in TOLD} for one in opened]), "utf-8")
        line = ("-m", "bascule.sandbox", SYSTEM, "--port", "0", "--rate", RATE, "--candidates", PEOPLE)
        process = await asyncio.create_subprocess_exec(
            sys.executable, *line, "--jobs", str(jobs), "--json", "--until-eof", stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        self._process = process
        try:
            async with asyncio.timeout(START_WITHIN):
                said = await process.stdout.readline()
                return str(json.loads(said)["url"])
        except (TimeoutError, ValueError, KeyError):
            await self.stop()
            raise BasculeError("The practice system has not started.", hint="Is this machine very busy?") from None

    async def stop(self) -> None:
        """End it, if it runs."""
        process, self._process = self._process, None
        if process is not None:
            await end(process)


def resumes() -> Sequence[File]:
    """CVs of nobody, as they ship for the demo: for a rehearsal, or for a pilot of somebody who has made none."""
    told = json.loads((MATERIAL / "applications.json").read_text("utf-8"))
    names = [one["file"] for one in told if one["kind"] == "honest" and one["job"] == "backend"]
    return tuple(File(name, (MATERIAL / "files" / name).read_bytes()) for name in names)


async def end(process: asyncio.subprocess.Process) -> None:
    """Ask a program to end, and see that it has."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
