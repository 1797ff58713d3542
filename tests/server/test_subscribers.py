"""The page Subscribers: whoever keeps the bridge running adds one, tries it, looks at what became of events."""

from __future__ import annotations

import json

import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from bascule.model import Event
from bascule.server.roles import Role
from bascule.store.tasks import TaskLease

from .conftest import Bench


@pytest.fixture
async def receiver(bench: Bench):  # type: ignore[no-untyped-def]
    """A real server on this machine: its address, and what it was sent. It answers what is set."""
    heard: list[tuple[dict[str, str], bytes]] = []
    answer = {"status": 200}

    async def hear(request: web.Request) -> web.Response:
        heard.append((dict(request.headers), await request.read()))
        return web.Response(status=answer["status"])

    app = web.Application()
    app.router.add_post("/{path:.*}", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    allowed = bench.app.settings.model_copy(update={"allowed_hosts": ("127.0.0.1",)})
    bench.app.desk.settings = allowed
    bench.app.subscribers._allowed = allowed.allowed_hosts
    yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/canary-path", heard, answer  # type: ignore[union-attr]
    await runner.cleanup()


async def work(bench: Bench, id: str) -> None:
    """What the worker does for one subscriber."""
    app, now = bench.app, bench.app.runtime.now()
    await app.subscribers.announce(TaskLease(app.workspace, "announce", "all", {}, now, 0, 0, 0))
    await app.subscribers.send(TaskLease(app.workspace, "send events", id, {}, now, 0, 0, 0))


async def test_an_owner_adds_tries_follows_and_removes_one(bench: Bench, receiver) -> None:  # type: ignore[no-untyped-def]
    url, heard, answer = receiver
    await bench.enter(Role.OWNER)
    made = await bench.post("/subscribers", target=url, type=["candidate.created", "job.updated"], name="My flow")
    assert made.status_code == 200
    secret = made.text.split('id="secret">')[1].split("<")[0]
    [one] = await bench.app.subscriptions.list()
    path = f"/subscribers/{one.one.id}"
    page = (await bench.browser.get(path)).text
    assert secret not in page
    assert "canary-path" not in page + (await bench.browser.get("/subscribers")).text
    assert (await bench.post(f"{path}/test")).status_code == 303
    assert "The test was taken: answered 200" in (await bench.browser.get(path)).text
    headers, body = heard[0]
    assert Webhook(secret).verify(body, headers)["test"] is True

    candidate = await bench.candidate()
    family = await bench.app.store.read(lambda tx: tx.families.record_family(candidate))
    told = Event("candidate.created", family or "", candidate, bench.app.runtime.now(), {"candidate": candidate})
    await bench.app.store.write(lambda tx: tx.events.add(bench.app.workspace, [told]))
    answer["status"] = 500
    await work(bench, one.one.id)
    page = (await bench.browser.get(path)).text
    assert "answered 500" in page
    assert "Failing" in page
    assert json.loads(heard[-1][1])["data"]["candidate"]["id"] == candidate
    answer["status"] = 200
    await bench.post(f"{path}/resume")
    await bench.post(f"{path}/replay", event=str(json.loads(heard[-1][1])["number"]))
    await work(bench, one.one.id)
    page = (await bench.browser.get(path)).text
    assert "Takes events" in page
    assert heard[-1][0]["webhook-id"] == heard[-2][0]["webhook-id"]
    again = (await bench.post(f"{path}/secret")).text.split('id="secret">')[1].split("<")[0]
    assert again != secret
    await bench.post(f"{path}/pause")
    assert "Paused" in (await bench.browser.get(path)).text
    await bench.post(f"{path}/remove")
    assert "Events are sent to nobody yet" in (await bench.browser.get("/subscribers")).text


async def test_what_cannot_be_is_said_and_nobody_else_comes_here(bench: Bench) -> None:
    await bench.enter(Role.OWNER)
    good = "https://hooks.example/x"
    for said, form in (
        ("BASCULE_ALLOWED_HOSTS", {"target": "https://10.0.0.7/x", "type": "*"}),
        ("Choose at least one type of event", {"target": good}),
        ("is no score", {"target": good, "type": "*", "score": "high"}),
        ("must include candidate.erased", {"target": good, "type": "note.added", "fields": "note.body"}),
    ):
        await bench.post("/subscribers", **form)
        assert said in (await bench.browser.get("/subscribers")).text
    assert await bench.app.subscriptions.list() == []
    await bench.browser.post("/logout", data={"csrf": await bench.csrf()})
    bench.browser.cookies.clear()
    await bench.enter(Role.RECRUITER)
    assert (await bench.browser.get("/subscribers")).status_code == 403
