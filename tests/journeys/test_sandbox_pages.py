"""The sandboxes' own pages on a phone: nothing stands outside the screen where nobody can bring it in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser

from bascule.sandbox.kit.server import run
from bascule.sandbox.kit.tables import SYSTEM
from bascule.sandbox.registry import SANDBOXES, load

MOST = 30
LINKS = """[...document.querySelectorAll("a[href^='/']")].map(one => one.getAttribute("href").split(/[?#]/)[0])
    .filter(one => !/logout|files|resume|\\.\\w+$/.test(one))"""
OUTSIDE = """[...document.querySelectorAll("main table")].filter(one => {
    for (let box = one.parentElement; box; box = box.parentElement) {
        if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return false;
        if (box.tagName === "MAIN") break;
    }
    return one.getBoundingClientRect().right > document.documentElement.clientWidth + 1;
}).map(one => one.textContent.trim().slice(0, 60))"""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def filled(tenant: Any) -> None:
    """A letter in the outbox, with a subject that nothing breaks."""
    tenant.email(SYSTEM, next(iter(tenant.db["candidates"].rows)), "x" * 90, "Words", "a rule")


@pytest.mark.parametrize("name", sorted(SANDBOXES))
async def test_every_table_of_a_sandbox_can_be_read_whole_on_a_phone(browser: Browser, name: str) -> None:
    system, stop = load(name), asyncio.Event()
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def ready(url: str, tenant: Any) -> None:
        if name == "greenhouse":
            filled(tenant)
        told.set_result(url)

    serving = asyncio.create_task(run(system, 0, system.options(candidates=30), ready=ready, stop=stop))
    url = await told
    tab = await browser.new_page(viewport={"width": 360, "height": 740})
    waiting, seen, shapes, wrong = ["/ats", "/candidates"], set[str](), set[str](), dict[str, object]()
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        shape = "/".join("*" if any(each.isdigit() for each in part) else part for part in path.split("/"))
        if path in seen or shape in shapes:
            continue
        seen.add(path)
        shapes.add(shape)
        answer = await tab.goto(url + path)
        if answer is None or answer.status != 200:
            continue
        waiting += await tab.evaluate(LINKS)
        outside = await tab.evaluate(OUTSIDE)
        if outside or not await tab.evaluate(FITS):
            wrong[path] = outside or "the page is wider than the screen"
    await tab.close()
    stop.set()
    await serving
    assert len(seen) >= 5, seen
    assert wrong == {}
