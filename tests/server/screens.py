"""Pictures of every page, to be looked at: `python -m tests.server.screens FOLDER [PAGE ...]`.

Sample values, wide and narrow, light and dark, in headless Chromium. What is wider than its room is named, on a laptop too.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Route, sync_playwright
from tests.journeys.browser import chromium, too_wide

from bascule.server import rendering

from . import sample

STATIC = Path(rendering.__file__).parent / "static"
SIZES = {"wide": (1440, 900), "laptop": (1280, 800), "narrow": (360, 740)}
PICTURED = ("wide", "narrow")


def answer(route: Route) -> None:
    """Serve `/page/<name>/<theme>` and the static files, as the server would."""
    path = route.request.url.removeprefix("http://bascule.test").split("?")[0]
    if path.startswith("/static/"):
        route.fulfill(path=STATIC / path.removeprefix("/static/"))
    elif path.startswith("/page/"):
        _, _, name, theme = path.split("/")
        route.fulfill(body=sample.page(name, theme), content_type="text/html; charset=utf-8")
    else:
        route.fulfill(status=204)


def main(folder: Path, wanted: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for size, (width, height) in SIZES.items():
            tab = browser.new_page(viewport={"width": width, "height": height})
            tab.route("http://bascule.test/**", answer)
            for theme in ("light", "dark") if size in PICTURED else ("light",):
                for name in wanted or sample.PAGES:
                    tab.goto(f"http://bascule.test/page/{name}/{theme}")
                    for what in too_wide(tab):
                        print(f"{name} {size}: {what}")
                    if size in PICTURED:
                        tab.screenshot(path=str(folder / f"{name}-{size}-{theme}.png"), full_page=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
