"""Headless Chromium: where it is, and how a person logs in with it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

    from .world import World

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


async def log_in(tab: Page, made: World) -> None:
    """Open a login link and press its button."""
    await tab.goto(await made.login())
    await tab.get_by_role("button", name="Log in").click()
    await tab.wait_for_url(made.url + "/")
