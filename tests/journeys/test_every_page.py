"""Every template with values of each of its states, looked through by axe: all in light and wide, and once each in dark
and narrow."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Route
from tests.server import sample

from bascule.server import rendering

from .test_a_morning import AXE

STATIC = Path(rendering.__file__).parent / "static"
ONCE = {template: name for name, (template, *_) in reversed(sample.PAGES.items())}.values()
RUN = """async () => {
    for (const each of document.querySelectorAll("details")) each.open = true;
    const found = await axe.run({resultTypes: ["violations"]});
    return found.violations.filter(one => ["serious", "critical"].includes(one.impact))
        .map(one => [one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 160))]);
}"""


async def answer(route: Route) -> None:
    """The static files, as the server would; an empty page for the rest."""
    path = route.request.url.removeprefix("http://bascule.test").split("?")[0]
    if path.startswith("/static/"):
        await route.fulfill(path=STATIC / path.removeprefix("/static/"))
    else:
        await route.fulfill(body="<!doctype html>", content_type="text/html")


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
async def test_every_page_is_free_of_hurdles(browser: Browser, theme: str, width: int) -> None:
    tab = await browser.new_page(viewport={"width": width, "height": 800})
    await tab.route("http://bascule.test/**", answer)
    await tab.goto("http://bascule.test/")
    await tab.evaluate(AXE)
    hurdles: dict[str, object] = {}
    for name in sample.PAGES if theme == "light" else ONCE:
        await tab.set_content(sample.page(name, theme))
        if found := await tab.evaluate(RUN):
            hurdles[name] = found
    assert hurdles == {}
