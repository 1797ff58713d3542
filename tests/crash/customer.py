"""A Bascule of its own process, to be killed: server, worker and a clock that runs faster than the wall's.

`python customer.py DATA DATABASE ATS PORT SPEED`. It says `up` when it listens and is connected, then `tick` every
second of its own time. The first start connects it to the ATS at that address, as a customer does.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from bascule.app import App
from bascule.demo.ats import Ats
from bascule.engine.http import AiohttpTransport
from bascule.engine.runtime import Runtime
from bascule.logs import configure
from bascule.model import Actor, ActorKind, Mode
from bascule.office.accounts import NewConnection
from bascule.office.keys import master_keys
from bascule.server.application import create_server
from bascule.server.run import bind
from bascule.settings import Settings
from bascule.store import open_store
from bascule.trust.audit import ARITHMETIC

OWNER = Actor(ActorKind.PERSON, "owner", "Olga Owner")


class FastTime:
    """The wall's time until now, from then on faster: every start goes on from what the wall says, plus a lead that
    is kept in a file, so that time never goes back."""

    def __init__(self, speed: float, kept: Path) -> None:
        self._speed, self._kept = speed, kept
        self._from = time.monotonic()
        before = datetime.fromisoformat(kept.read_text()) if kept.exists() and kept.read_text() else None
        now = datetime.now(UTC)
        self._base = now if before is None else max(now, before) + timedelta(seconds=1)

    def now(self) -> datetime:
        return self._base + timedelta(seconds=(time.monotonic() - self._from) * self._speed)

    def keep(self) -> None:
        self._kept.write_text(self.now().isoformat())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


async def main(data: Path, database: str, ats: str, port: int, speed: float) -> None:
    settings = Settings(data=data, database=database, port=port, log_level="warning")
    configure(settings)
    clock = FastTime(speed, data / "clock")
    store = open_store(database, master=master_keys(settings), files=data / "files", audit=ARITHMETIC)
    app = App(settings, store, Runtime(AiohttpTransport(), now=clock.now, sleep=clock.sleep))
    await app.start()
    config = uvicorn.Config(create_server(app), log_config=None, access_log=False, lifespan="off")
    serving = asyncio.ensure_future(uvicorn.Server(config).serve([bind("127.0.0.1", port)]))
    if not app.connections.all():
        await connect(app, ats, clock)
    print("up", flush=True)
    while not serving.done():
        await clock.sleep(1)
        clock.keep()
        print("tick", flush=True)


async def connect(app: App, url: str, clock: FastTime) -> None:
    ats = Ats(url)
    try:
        rights = app.grants.least("greenhouse")
        id, secret = await ats.make_credential("Bascule", rights)
        given = {"client_secret": secret}
        new = NewConnection(
            "acme", "greenhouse", f"{url}/v3", settings={"client_id": id}, secrets=given, granted=rights
        )
        at = await app.accounts.connect(new, OWNER)
        while not app.connections.get(at.id).row.crawled:
            await clock.sleep(1)
        await app.accounts.set_mode("acme", Mode.LIVE, OWNER)
        await app.accounts.create_fields("acme", OWNER)
        await ats.add_webhook("Bascule", f"{app.settings.address}/hooks/acme", at.secrets["webhook_secret"])
    finally:
        await ats.close()


if __name__ == "__main__":
    folder, database_url, ats_url, chosen, factor = sys.argv[1:]
    asyncio.run(main(Path(folder), database_url, ats_url, int(chosen), float(factor)))
