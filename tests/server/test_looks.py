"""Whoever sees a candidate leaves an entry in the audit, by whatever page, interface or link."""

from __future__ import annotations

import pytest
from starlette.routing import Route

from bascule.store.audit import Line

from .conftest import Bench
from .full import NAMED, Full, full


@pytest.fixture
async def house(inside: Bench) -> Full:
    users = await inside.app.store.read(lambda tx: tx.people.users(inside.app.workspace))
    return await full(inside, users[0])


async def entries(bench: Bench) -> int:
    return len(await bench.app.store.read(lambda tx: tx.audit.page(bench.app.workspace, limit=1000)))


async def test_every_page_interface_and_link_that_shows_somebody_leaves_an_entry(inside: Bench, house: Full) -> None:
    headers = {"authorization": f"Bearer {inside.app.local_key}"}
    web, silent, shown = inside.server.state.web, [], set()
    routes = [one.path for one in inside.server.routes if isinstance(one, Route) and "GET" in (one.methods or ())]
    for route in routes:
        path = house.path(route)
        if path is None or route.startswith(("/events", "/static", "/login")):
            continue
        web.seen.clear()
        before = await entries(inside)
        answer = await inside.browser.get(path, headers=headers)
        assert answer.status_code < 500, path
        if answer.status_code == 200 and any(name in answer.text for name in NAMED):
            shown.add(route)
            if await entries(inside) == before:
                silent.append(route)
    assert silent == []
    assert {
        "/triggers",
        "/candidates/{id}/enrichment",
        "/decide/{token}",
        "/connections/{name}",
    } <= shown
    answer = await inside.browser.post(
        "/api/v1/messages/preview",
        headers=headers,
        json={"application": house.case.application, "template": "application-received"},
    )
    assert "Ada" in answer.text
    assert (await newest(inside)).action == "message previewed"
    web.seen.clear()
    await inside.browser.get(house.path("/decide/{token}") or "")
    once = await entries(inside)
    await inside.browser.get(house.path("/decide/{token}") or "")
    assert await entries(inside) == once, "again within a quarter of an hour"
    assert (await newest(inside)).action == "decisions opened"


async def newest(bench: Bench) -> Line:
    return (await bench.app.store.read(lambda tx: tx.audit.page(bench.app.workspace)))[0]
