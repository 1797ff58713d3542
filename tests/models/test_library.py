"""The library speaks to both kinds of provider through our own transport: what leaves, what comes back, what goes wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bascule.engine.wire import AiohttpTransport, AsgiTransport, Transport, WireRequest, WireResponse
from bascule.errors import (
    DeclinedError,
    DisconnectedError,
    MalformedError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnansweredError,
    UnavailableError,
)
from bascule.models import library, prompts
from bascule.models.choice import Choice, Provider
from bascule.models.shapes import Explained
from bascule.sandbox.kit.server import listen
from bascule.sandbox.llm import Options, Server, create_app

DATA = json.dumps({"parts": [{"reasons": [{"text": "Python", "quote": "Built in Python"}], "missing": ["Go"]}]})
KEY = Options.key
PATHS = {Provider.OPENAI: "/v1", Provider.ANTHROPIC: ""}


@dataclass
class Rig:
    """A server of models, and a way to ask it."""

    provider: Provider
    server: Server
    transport: Transport
    host: str = "127.0.0.1:1"
    sent: list[WireRequest] = field(default_factory=list)
    timeout: float = 5.0

    async def send(self, request: WireRequest) -> WireResponse:
        self.sent.append(request)
        return await self.transport.send(request, self.timeout)

    async def ask(self, key: str = KEY, model: str = "small") -> Explained:
        choice = Choice(self.provider, model, f"http://{self.host}{PATHS[self.provider]}")
        return await library.structured(choice, key, prompts.load("explain"), DATA, Explained, 500, self.send)


@pytest.fixture(params=list(Provider))
def rig(request: pytest.FixtureRequest) -> Rig:
    server = Server()
    return Rig(request.param, server, AsgiTransport({"127.0.0.1:1": create_app(server)}))


async def test_an_answer_has_the_shape_asked_for_and_the_request_says_nothing_of_the_machine(rig: Rig) -> None:
    answer = await rig.ask()
    assert answer.sentences[0].quotes == ["Built in Python"]
    (request,) = rig.sent
    assert set(request.headers) <= {
        "authorization", "x-api-key", "anthropic-version", "content-type", "accept", "user-agent",
    }  # fmt: skip
    assert request.headers["user-agent"] == "bascule"
    told = request.body.decode() if request.body else ""
    assert "<data>" in told
    assert prompts.load("explain").text.splitlines()[0] in told
    assert json.loads(told)["model"] == "small"


@pytest.mark.parametrize(
    ("kind", "error", "requests"),
    [
        ("throttled", ThrottledError, 1),
        ("overloaded", UnavailableError, 1),
        ("fails", UnavailableError, 1),
        ("quota", DisconnectedError, 1),
        ("cut", MalformedError, 1),
        ("malformed", MalformedError, 2),  # asked for once more
        ("talks", MalformedError, 2),
        ("refuses", RejectedError, 1),
    ],
)
async def test_each_thing_that_goes_wrong_is_one_of_our_errors(
    rig: Rig, kind: str, error: type[RemoteError], requests: int
) -> None:
    rig.server.faults.add({"kind": kind, "seconds": 7})
    with pytest.raises(error) as raised:
        await rig.ask()
    assert type(raised.value) is error
    assert len(rig.sent) == requests, "whether to ask again is not the library's to decide"
    if isinstance(raised.value, ThrottledError):
        assert raised.value.retry_after == timedelta(seconds=7)


async def test_an_answer_that_fits_no_shape_is_asked_for_once_more(rig: Rig) -> None:
    rig.server.faults.add({"kind": "malformed", "times": 1})
    assert (await rig.ask()).sentences
    assert [one.status for one in rig.server.seen] == [200, 200]


async def test_a_wrong_key_and_an_unknown_model_are_told_apart(rig: Rig) -> None:
    with pytest.raises(DisconnectedError, match="refuses the key"):
        await rig.ask(key="sk-other")
    with pytest.raises(RejectedError) as raised:
        await rig.ask(model="large")
    assert "does not exist" in raised.value.words


async def test_what_its_way_out_raises_is_what_is_raised(rig: Rig) -> None:
    async def shut(_: WireRequest) -> WireResponse:
        raise DeclinedError("no room")

    rig.send = shut  # type: ignore[method-assign]
    with pytest.raises(DeclinedError, match="no room"):
        await rig.ask()


@pytest.fixture
async def outside(rig: Rig) -> AsyncIterator[Rig]:
    """The same over a real socket."""
    stop, where = asyncio.Event(), asyncio.get_running_loop().create_future()
    served = asyncio.create_task(listen(create_app(rig.server), 0, ready=where.set_result, stop=stop))
    rig.host, rig.transport = (await where).removeprefix("http://"), AiohttpTransport()
    yield rig
    await rig.transport.close()
    stop.set()
    await served


async def test_it_works_over_a_socket_and_a_late_answer_is_none(outside: Rig) -> None:
    assert (await outside.ask()).sentences
    outside.server.faults.add({"kind": "slow", "times": 1, "seconds": 0.5})
    outside.timeout = 0.05
    with pytest.raises(UnansweredError):
        await outside.ask()


def test_without_the_library_it_is_said_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_name: str) -> Any:
        return None

    monkeypatch.setattr(library, "find_spec", nowhere)
    with pytest.raises(Exception, match=r"pip install 'bascule\[llm\]'"):
        library.needed()
