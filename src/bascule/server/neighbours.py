"""The other workspaces of an installation, each an App of its own in this process. What is added, closed or removed by
`bascule workspaces` is followed while everything runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from bascule.app import App, make
from bascule.errors import BasculeError
from bascule.settings import Settings
from bascule.workspaces import Place, inside, places

from .application import create_server
from .front import Front, House

log = structlog.get_logger("bascule.server")

LOOK = 1.0  # seconds between two looks at what workspaces there are
AGAIN = 30.0  # seconds after which one that could not be served is tried again


class Neighbours:
    """Starts and stops them. One that cannot be served keeps nobody else from being served.

    `front` is told of them (None: workers only); `on_up` and `on_down` are called with one that has started, or is
    about to stop.
    """

    def __init__(
        self,
        settings: Settings,
        front: Front | None,
        *,
        work: bool = True,
        on_up: Callable[[App, Place], None] = lambda _app, _place: None,
        on_down: Callable[[App], None] = lambda _app: None,
    ) -> None:
        self._settings = settings
        self._front = front
        self._work = work
        self._on_up, self._on_down = on_up, on_down
        self._houses: dict[str, House] = {}
        self._main: Place | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.look()
        self._task = asyncio.get_running_loop().create_task(self._follow(), name="workspaces")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await asyncio.gather(*(self._close(house) for house in self._houses.values()))

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except Exception as error:  # nobody foresaw it; the next look may do better
                log.error("workspaces cannot be followed", error=type(error).__name__)

    async def look(self) -> None:
        """Bring what is served in step with what workspaces there are."""
        main, *others = places(self._settings)
        wanted = {place.name: place for place in others}
        before = {name: house.place for name, house in self._houses.items()}
        if before != wanted or main != self._main:
            for name in [*self._houses]:
                if _moved(self._houses[name].place, wanted.get(name)):
                    house = self._houses.pop(name)
                    self._tell(main)
                    await self._close(house)
            for name, place in wanted.items():
                self._houses.setdefault(name, House(place)).place = place
            self._main = main
            self._tell(main)
        for house in self._houses.values():
            if house.place.open and house.app is None and _due(house):
                await self._open(house)
                self._tell(main)

    def _tell(self, main: Place) -> None:
        if self._front is not None:
            self._front.set(main, dict(self._houses))

    async def _open(self, house: House) -> None:
        house.tried, name = time.monotonic(), house.place.name
        with structlog.contextvars.bound_contextvars(workspace=name):
            app = None
            try:
                app = await asyncio.to_thread(make, inside(self._settings, house.place))
                await app.start(work=self._work)
                house.server = create_server(app) if self._front is not None else None
            except Exception as error:
                house.trouble = str(error) if isinstance(error, BasculeError) else type(error).__name__
                log.error("workspace cannot be served", why=house.trouble)
                if app is not None:
                    await app.stop()
                return
            house.app, house.trouble = app, ""
            self._on_up(app, house.place)
            if self._front is not None:
                app.pool.keep(app.workspace, app.rediscovery.refresh)
            log.info("workspace is served", address=house.place.address)

    async def _close(self, house: House) -> None:
        app, web = house.app, house.web
        house.app = house.server = None
        if app is None:
            return
        self._on_down(app)
        if web is not None:
            await web.hub.close()
        with structlog.contextvars.bound_contextvars(workspace=house.place.name):
            await app.stop()
            log.info("workspace is no longer served")


def _moved(now: Place, wanted: Place | None) -> bool:
    """Whether what runs has to stop: it is gone, closed, or has another address, which its links would not bear."""
    return wanted is None or now.address != wanted.address or now.open != wanted.open


def _due(house: House) -> bool:
    return not house.trouble or time.monotonic() - house.tried >= AGAIN
