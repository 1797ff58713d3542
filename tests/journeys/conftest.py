"""A small world for each journey, and a fresh window of the run's one browser.

A browser belongs to the event loop that it was started in, so what uses it runs in the session's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from bascule.sandbox.calendars import Server, create_app
from bascule.sandbox.kit.server import listen
from bascule.sandbox.kit.trouble import breaking_off

from .browser import chromium
from .world import DANA, ROBIN, SETUP, World, world


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever takes `made` or `browser` runs in the session's loop; a fixture of its own says so itself."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and {"made", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session")
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path / "data") as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chrome() -> AsyncIterator[Browser]:
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chrome: Browser) -> AsyncIterator[Browser]:
    """Without a window or a cookie, and so again afterwards."""
    yield chrome
    for context in chrome.contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """A window in which nothing may fail unseen: an error in a script or a refused policy fails the test."""
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console", lambda said: wrong.append(said.text) if said.type == "error" and "404" not in said.text else None
    )
    yield page
    await page.close()
    assert wrong == []


@pytest_asyncio.fixture(loop_scope="session")
async def calendars(made: World) -> AsyncIterator[Server]:
    """A calendar server beside the world, which Bascule asks for two colleagues."""
    server, stop = Server(), asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(listen(breaking_off(create_app(server)), 0, ready=ready.set_result, stop=stop))
    given = {"system": "caldav", "base_url": f"{await ready}/dav", "account": server.options.user, "on": True}
    await made.app.calendar_desk.choose(given, SETUP, secret=server.options.password)
    for email, name in ((DANA, "Dana Whitfield"), (ROBIN, "Robin Falk")):
        await made.app.calendar_desk.set_interviewer(
            email, SETUP, name=name, zone="Europe/Berlin", calendar=f"{email}/", days=range(7)
        )
    yield server
    stop.set()
    await serving
