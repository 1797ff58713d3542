"""One process of an installation, to be killed, paused and stopped: server and worker, or a worker alone.

`python process.py ROLE DATA DATABASE PORT BEGAN SPEED`. It says `up` when it works, then `tick` every second of the
installation's own time, which runs faster than the wall's and is the same in all its processes.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from bascule.app import App, master_keys
from bascule.engine.runtime import Runtime
from bascule.engine.wire import AiohttpTransport, WireRequest, WireResponse
from bascule.logs import configure
from bascule.server.application import create_server
from bascule.server.run import bind
from bascule.settings import Settings
from bascule.store import open_store
from bascule.trust.audit import ARITHMETIC

LEASE, TIMEOUT = 60.0, 30.0  # seconds of the installation's own time
IDLE = 3.0  # seconds of the wall's


class FastTime:
    """The wall's time at `began`, from then on `speed` times as fast; a process that was stopped finds it gone on."""

    def __init__(self, began: float, speed: float) -> None:
        self._began, self._speed = began, speed

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._began, UTC) + timedelta(seconds=(time.time() - self._began) * self._speed)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


class FastTransport(AiohttpTransport):
    """Waits for an answer by the same time as everything else."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        return await super().send(request, timeout / self._speed)


def installation(data: Path, database: str, port: int, clock: FastTime, speed: float) -> App:
    settings = Settings(
        data=data, database=database, port=port, lease=LEASE, request_timeout=TIMEOUT, log_level="info", log_json=True
    )
    configure(settings)
    store = open_store(database, master=master_keys(settings), files=data / "files", audit=ARITHMETIC, idle=IDLE)
    return App(settings, store, Runtime(FastTransport(speed), now=clock.now, sleep=clock.sleep))


def server(app: App) -> uvicorn.Server:
    config = uvicorn.Config(create_server(app), log_config=None, access_log=False, lifespan="off")
    return uvicorn.Server(config)


async def ticking(clock: FastTime, over: Callable[[], Awaitable[bool]]) -> None:
    print("up", flush=True)
    while not await over():
        await clock.sleep(1)
        print("tick", flush=True)


async def main(role: str, data: Path, database: str, port: int, began: float, speed: float) -> None:
    clock = FastTime(began, speed)
    app = installation(data, database, port, clock, speed)
    await app.start()
    serving = None
    if role == "up":
        serving = asyncio.ensure_future(server(app).serve([bind("127.0.0.1", port)]))

    async def over() -> bool:
        return serving is not None and serving.done()

    await ticking(clock, over)


if __name__ == "__main__":
    chosen, folder, database_url, listens, epoch, factor = sys.argv[1:]
    asyncio.run(main(chosen, Path(folder), database_url, int(listens), float(epoch), float(factor)))
