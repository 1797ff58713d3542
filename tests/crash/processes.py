"""Real processes of one installation on one database, that can be killed and paused; and this process beside them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from abc import ABC, abstractmethod
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bascule.app import App
from bascule.demo.ats import Ats
from bascule.server.run import bind

from .process import FastTime, installation, server

SPEED = 15.0
PATIENCE = 120.0  # seconds of the wall that any wait may take: what is waited for comes in a fraction of it


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def order(ats: Ats, *faults: dict[str, Any]) -> None:
    """Order faults of an ATS."""
    async with ats._session.post(f"{ats.url}/sandbox/faults", json=list(faults)) as answer:
        assert answer.status == 200, await answer.text()


@dataclass(kw_only=True)
class Processes(ABC):
    """What one test talks to: its processes by name."""

    data: Path
    database: str
    port: int = field(default_factory=free_port)
    speed: float = SPEED
    began: float = field(default_factory=time.time)
    processes: dict[str, Process] = field(default_factory=dict)

    @abstractmethod
    async def told(self) -> object:
        """What the ATS shows, for the message when something does not come."""

    async def start(self, *names: str) -> None:
        """Start processes: `up` is the server with its worker, any other name a worker alone. They work when it ends."""
        for name in names:
            command = [sys.executable, "-m", "tests.crash.process", "up" if name == "up" else "work"]
            values = [str(self.data), self.database, str(self.port), str(self.began), str(self.speed)]
            with self._log(name).open("ab") as log:
                self.processes[name] = await asyncio.create_subprocess_exec(
                    *command, *values, stdin=DEVNULL, stdout=PIPE, stderr=log, start_new_session=True,
                    cwd=Path(__file__).parents[2],
                )  # fmt: skip
        for name in names:
            await self._line(name, "up")

    def _log(self, name: str) -> Path:
        return self.data / f"{name}.log"

    async def _line(self, name: str, wanted: str) -> None:
        process = self.processes[name]
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while said := await process.stdout.readline():
                if said.strip() == wanted.encode():
                    return
        raise AssertionError(self._log(name).read_text()[-3000:])

    def signal(self, name: str, which: signal.Signals) -> None:
        os.killpg(self.processes[name].pid, which)

    async def kill(self, *names: str) -> None:
        """As a power cut does: all at once."""
        for name in names:
            self.signal(name, signal.SIGKILL)
        for name in names:
            await self.processes.pop(name).wait()

    def worker(self, name: str) -> str:
        """How a process calls itself in the leases it holds."""
        return f"{socket.gethostname()}:{self.processes[name].pid}"

    def logged(self, name: str, event: str) -> list[dict[str, Any]]:
        """Lines of a process's log about one event."""
        lines = (json.loads(line) for line in self._log(name).read_text().splitlines() if line.startswith("{"))
        return [line for line in lines if line.get("event") == event]

    # ---------------------------------------------------------------------------------------------------------- waiting

    async def until(self, what: str, holds: Callable[[], Awaitable[Any]]) -> Any:
        """What `holds` answers once it is true; AssertionError that says what never came."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            if found := await holds():
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"{what} did not come within {PATIENCE:.0f} s; there is {await self.told()}")

    async def quiet(self, seconds: float = 60) -> None:
        """So much of the installation's own time, in which nothing more may happen."""
        for _ in range(int(seconds)):
            await self._line(next(iter(self.processes)), "tick")

    async def end(self) -> None:
        """Kill whatever still runs, also what is paused."""
        left = [name for name, process in self.processes.items() if process.returncode is None]
        for name in left:
            self.signal(name, signal.SIGCONT)
        await self.kill(*left)

    # ---------------------------------------------------------------------------------------------------- this process

    @asynccontextmanager
    async def inside(self, *, work: bool = False) -> AsyncGenerator[App]:
        """The installation from this process, to look and to edit; on SQLite while no other runs."""
        clock = FastTime(self.began, self.speed)
        app = installation(self.data, self.database, self.port, clock, self.speed)
        try:
            await app.start(work=work)
            yield app
        finally:
            await app.stop()

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[App]:
        """The same with worker and server, to set things up."""
        async with self.inside(work=True) as app:
            serving = server(app)
            task = asyncio.ensure_future(serving.serve([bind("127.0.0.1", self.port)]))
            try:
                yield app
            finally:
                serving.should_exit = True
                await task
