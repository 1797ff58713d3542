"""No page shows a form to somebody who may not send it."""

from __future__ import annotations

import httpx2
import pytest
from lxml import html
from starlette.routing import Route

from bascule.server.roles import Role

from .conftest import Bench
from .full import full


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMINISTRATOR])
async def test_no_page_shows_a_form_that_its_reader_may_not_send(inside: Bench, role: Role) -> None:
    """Each is sent without the session's token, so that it is refused, and by what, says whether the role would do."""
    users = await inside.app.store.read(lambda tx: tx.people.users(inside.app.workspace))
    house = await full(inside, users[0])
    await inside.enter(role)
    routes = [one.path for one in inside.server.routes if isinstance(one, Route) and "GET" in (one.methods or ())]
    wrong: set[tuple[str, str]] = set()
    seen = 0
    for route in routes:
        path = house.path(route)
        if path is None or route.startswith(("/events", "/static", "/login", "/api/", "/decide/")):
            continue
        answer = await inside.browser.get(path)
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        for action in set(
            html.fromstring(answer.text).xpath("//form[@method='post'][.//button[not(@disabled)]]/@action")
        ):
            seen += 1
            sent = await inside.browser.post(action, data={"csrf": "not it"}, headers={"accept": "text/html"})
            if "does not include this" in await said(inside, sent):
                wrong.add((route, action))
    assert wrong == set()
    assert seen > 20


async def said(bench: Bench, answer: httpx2.Response) -> str:
    """What a form was answered, on whatever page it is shown."""
    return answer.text if answer.status_code != 303 else (await bench.browser.get(answer.headers["location"])).text
