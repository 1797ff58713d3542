"""Headless Chromium: which one, and how a person logs in with it.

`python -m tests.journeys.browser` starts it and says which one it is; an error says why there is none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING

from playwright.sync_api import Error, sync_playwright
from playwright.sync_api import Page as SyncPage

if TYPE_CHECKING:
    from playwright.async_api import Page

    from .world import World

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@cache
def chromium() -> str | None:
    """The program that `BASCULE_TEST_CHROMIUM` names, else the first in PATH that runs (some systems have a stub of
    that name), else None: the one that Playwright keeps, in the place it knows itself.
    """
    named = os.environ.get("BASCULE_TEST_CHROMIUM")
    return named or next((path for path in map(shutil.which, NAMES) if path and _runs(path)), None)


def _runs(path: str) -> bool:
    return subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60).returncode == 0


async def log_in(tab: Page, made: World) -> None:
    """Open a login link and press its button."""
    await tab.goto(await made.login())
    await tab.get_by_role("button", name="Log in").click()
    await tab.wait_for_url(made.url + "/")


CLIPPED = """[...document.querySelectorAll(".scroll")].filter(one => one.scrollWidth > one.clientWidth + 1)
    .map(one => `${one.querySelector("caption")?.textContent ?? "?"}: ${one.scrollWidth - one.clientWidth} px`)"""
"""Tables that are wider than what they stand in."""


def too_wide(tab: SyncPage) -> list[str]:
    """What of a page scrolls sideways: the page itself, and tables that are wider than what they stand in."""
    over = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = [f"{over} px too wide"] if over > 0 else []
    return found + [f"a table is clipped: {one}" for one in tab.evaluate(CLIPPED)]


def main() -> None:
    """Start it once. SystemExit with the reason when it does not start."""
    with sync_playwright() as play:
        try:
            browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        except Error as error:
            raise SystemExit(
                f"{chromium() or 'The Chromium of Playwright'} does not start: {error.message.splitlines()[0]}"
            ) from None
        print(f"{chromium() or 'The Chromium of Playwright'}, version {browser.version}")
        browser.close()


if __name__ == "__main__":
    main()
