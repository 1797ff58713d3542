"""Nothing is sent where it could hurt: to private addresses, by names that lead there, or behind a redirect."""

from __future__ import annotations

import socket

import pytest
from aiohttp import web
from tests.subscribers.conftest import Scene

from bascule.engine.http import checked_target
from bascule.engine.wire import AiohttpTransport, WireRequest, is_public
from bascule.errors import ConfigurationError, InputError, RejectedError

REFUSED = [
    "http://hooks.example/x", "https://127.0.0.2/x", "https://localhost/x", "https://a.localhost/x", "https://[::1]/x",
    "https://10.0.0.7/", "https://192.168.1.1:8443/", "https://169.254.169.254/latest/meta-data", "https://0.0.0.0/",
    "https://2130706433/", "https://127.1/", "https://0x7f.1/", "https://0177.0.0.1/", "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://user:word@hooks.example/", "ftp://hooks.example/",
    "https://hooks.example:99999/", "https://hooks.example\\@127.0.0.1/", "https:///x", "https://hooks。example/",
    "https://hooks.example/\r\nx: y", "https://hooks.example/a b", f"https://{'a' * 64}.example/", "hooks.example/x",
    f"https://hooks.example/{'x' * 2000}", "https://224.0.0.1/", "https://100.64.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_is_not_public_or_not_plain_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        checked_target(url)


def test_an_address_may_be_public_or_allowed_by_name() -> None:
    assert checked_target("https://hooks.zapier.com/hooks/standard/1/abc?x=1")
    assert checked_target("https://93.184.215.14:8443/x")
    assert not checked_target("http://127.0.0.1:5678/webhook/x", ("127.0.0.1",))
    assert not checked_target("https://n8n.lan/webhook/x", (".lan",))
    with pytest.raises(ConfigurationError, match="must be https"):
        checked_target("http://n8n.lan/webhook/x", (".lan",))


async def test_what_is_refused_is_said_with_what_to_do_and_nothing_is_kept(scene: Scene) -> None:
    with pytest.raises(InputError, match="not a public host") as refused:
        await scene.subscribe("*", url="https://10.0.0.7/hook")
    assert "BASCULE_ALLOWED_HOSTS" in refused.value.hint
    assert await scene.house.app.subscriptions.list() == []


@pytest.fixture
async def receiver() -> object:
    """A real server on this machine; its port, and how often it was asked."""
    heard: list[str] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(request.path)
        if request.path == "/away":
            raise web.HTTPTemporaryRedirect("/here")
        if request.path == "/long":
            return web.Response(body=b"x" * 1_000_000)
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/{path:.*}", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield site._server.sockets[0].getsockname()[1], heard  # type: ignore[union-attr]
    await runner.cleanup()


async def send(url: str, *, public: bool, most: int = 4096) -> tuple[int, bytes]:
    transport = AiohttpTransport()
    try:
        got = await transport.send(WireRequest("POST", url, {}, b"{}", most, public=public, cut=True), 5)
        return got.status, got.body
    finally:
        await transport.close()


async def test_a_name_that_leads_to_a_private_address_is_not_connected_to(receiver: tuple[int, list[str]]) -> None:
    port, heard = receiver
    own = socket.gethostname()
    private = not any(is_public(str(info[4][0])) for info in socket.getaddrinfo(own, port))
    names = ["localhost", *([own] if private else [])]
    for name in names:  # names, resolved when the connection is made
        with pytest.raises(RejectedError, match="not a public host"):
            await send(f"http://{name}:{port}/x", public=True)
    for literal in ("127.0.0.1", "127.1", "2130706433", "[::ffff:127.0.0.1]"):  # never resolved
        with pytest.raises(RejectedError, match="not a public host"):
            await send(f"http://{literal}:{port}/x", public=True)
    assert heard == []
    assert await send(f"http://127.0.0.1:{port}/x", public=False) == (200, b"ok")


async def test_a_redirect_is_not_followed_and_a_long_answer_is_not_read(receiver: tuple[int, list[str]]) -> None:
    port, heard = receiver
    assert (await send(f"http://127.0.0.1:{port}/away", public=False))[0] == 307
    assert heard == ["/away"]
    status, body = await send(f"http://127.0.0.1:{port}/long", public=False)
    assert (status, len(body)) == (200, 4096)
