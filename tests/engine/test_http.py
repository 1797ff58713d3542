"""The one client: what leaves, where to, and what an answer or its absence becomes."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bascule.connectors.greenhouse import CONNECTOR
from bascule.connectors.spec import FileReads, Request, Response
from bascule.engine.http import Client, Observation, checked_base, grouped, template
from bascule.engine.wire import AiohttpTransport, PublicResolver, WireRequest, WireResponse, is_public
from bascule.errors import (
    AbsentError,
    ConfigurationError,
    DisconnectedError,
    LeaseLostError,
    MalformedError,
    PermissionMissingError,
    RejectedError,
    ThrottledError,
    UnansweredError,
    UnavailableError,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FILES = FileReads("url", (".amazonaws.com",), max_bytes=1_000)


async def a_turn_of_the_loop() -> None:
    loop = asyncio.get_running_loop()
    turn = loop.create_future()
    loop.call_soon(turn.set_result, None)
    await turn


@dataclass
class Wire:
    """A transport that answers from a function, and remembers what left."""

    answer: Callable[[WireRequest], WireResponse | Exception]
    sent: list[WireRequest] = field(default_factory=list[WireRequest])
    tokens: int = 0
    token: Callable[[int], tuple[int, Any]] = lambda number: (200, {"access_token": f"t{number}", "expires_in": 3600})

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        if request.url.endswith("/token"):
            self.tokens += 1
            await a_turn_of_the_loop()
            status, body = self.token(self.tokens)
            return WireResponse(status, {}, json.dumps(body).encode())
        self.sent.append(request)
        found = self.answer(request)
        if isinstance(found, Exception):
            raise found
        return found


def ok(body: Any = None, status: int = 200, **headers: str) -> WireResponse:
    return WireResponse(status, headers, b"" if body is None else json.dumps(body).encode())


@dataclass
class Held:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


def client(wire: Any, base: str = "http://127.0.0.1:9/v3", **more: Any) -> Client:
    given = {"settings": {"client_id": "id", **more.pop("settings", {})}, "secrets": {"client_secret": "s"}}
    return Client(CONNECTOR, wire, base_url=base, **{"now": Held(), **given, **more})


GET = Request("GET", "/candidates", {"updated_at": "gte|2026-11-20T09:00:00Z"})
PATCH = Request("PATCH", "/candidates/66001", json={"company": "Ünïcode"})


# ---------------------------------------------------------------------------------------------------------- what leaves


async def test_a_request_leaves_signed_in_encoded_and_under_the_base_url() -> None:
    wire = Wire(lambda _: ok([]))
    await client(wire).send(GET)
    (sent,) = wire.sent
    assert sent.url == "http://127.0.0.1:9/v3/candidates?updated_at=gte%7C2026-11-20T09%3A00%3A00Z"
    assert sent.headers["authorization"] == "Bearer t1"
    assert sent.body is None


async def test_the_token_is_asked_for_with_basic_credentials_and_names_the_acting_user() -> None:
    seen: list[WireRequest] = []

    class Recorder(Wire):
        async def send(self, request: WireRequest, timeout: float) -> WireResponse:
            seen.append(request)
            return await super().send(request, timeout)

    await client(Recorder(lambda _: ok([]))).send(replace(GET, acts_as="4012345"))
    assert seen[0].url == "http://127.0.0.1:9/token"
    assert seen[0].body == b"grant_type=client_credentials&sub=4012345"
    assert base64.b64decode(seen[0].headers["authorization"].removeprefix("Basic ")) == b"id:s"


async def test_tokens_come_from_the_vendors_own_address_only_for_the_vendors_own_host() -> None:
    urls: list[str] = []

    class Recorder(Wire):
        async def send(self, request: WireRequest, timeout: float) -> WireResponse:
            urls.append(request.url)
            return await super().send(request, timeout)

    await client(Recorder(lambda _: ok([])), CONNECTOR.base_url).send(GET)
    await client(Recorder(lambda _: ok([])), settings={"token_url": "http://localhost:8/token"}).send(GET)
    assert urls[0] == "https://auth.greenhouse.io/token"
    assert urls[2] == "http://localhost:8/token"


async def test_whoever_comes_while_a_token_is_renewed_waits_for_that_one() -> None:
    wire = Wire(lambda _: ok([]))
    one = client(wire)
    await asyncio.gather(*(one.send(GET) for _ in range(8)))
    assert wire.tokens == 1
    assert len(wire.sent) == 8


async def test_each_acting_user_has_a_token_of_their_own() -> None:
    wire = Wire(lambda _: ok([]))
    one = client(wire)
    for user in ("", "1", "2", "1", ""):
        await one.send(replace(GET, acts_as=user))
    assert wire.tokens == 3


@pytest.mark.parametrize(
    ("ends", "lives"),
    [
        ({"expires_at": "2026-11-20T10:00:00Z"}, 3540),
        ({"expires_at": "2026-11-20T10:00:00"}, 3540),
        ({"expires_in": 600}, 540),
        ({"expires_in": "600"}, 540),
        ({"expires_in": 60}, 30),
        ({"expires_at": "whenever"}, 540),
        ({}, 540),
    ],
)
async def test_a_token_is_renewed_early_but_not_at_once(ends: dict[str, Any], lives: int) -> None:
    wire, clock = Wire(lambda _: ok([]), token=lambda _: (200, {"access_token": "t", **ends})), Held()
    one = client(wire, now=clock)
    await one.send(GET)
    clock.at += timedelta(seconds=lives - 1)
    await one.send(GET)
    assert wire.tokens == 1
    clock.at += timedelta(seconds=2)
    await one.send(GET)
    assert wire.tokens == 2


async def test_a_401_is_answered_with_one_fresh_token_and_then_believed() -> None:
    wire = Wire(lambda request: ok([]) if request.headers["authorization"] == "Bearer t2" else ok(None, 401))
    assert (await client(wire).send(GET)).status == 200
    wire = Wire(lambda _: ok(None, 401))
    with pytest.raises(DisconnectedError):
        await client(wire).send(PATCH)
    assert (wire.tokens, len(wire.sent)) == (2, 2)


async def test_a_token_that_ends_on_the_way_says_nothing_of_the_credentials() -> None:
    """A system slower than its tokens live paused the connection, and its owner was asked for a key that was good."""
    clock = Held()

    def slow(_: WireRequest) -> WireResponse:
        clock.at += timedelta(seconds=3)
        return ok(None, 401)

    wire = Wire(slow, token=lambda number: (200, {"access_token": f"t{number}", "expires_in": 2}))
    with pytest.raises(UnavailableError, match="ended on the way"):
        await client(wire, now=clock).send(GET)


@pytest.mark.parametrize(
    ("status", "acts_as", "error"),
    [
        (401, "", DisconnectedError),
        (400, "", DisconnectedError),
        (401, "7", PermissionMissingError),
        (429, "", ThrottledError),
        (503, "", UnavailableError),
    ],
)
async def test_a_sign_in_that_fails_says_whose_fault_it_is(status: int, acts_as: str, error: type[Exception]) -> None:
    wire = Wire(lambda _: ok([]), token=lambda _: (status, {"error": "invalid_client"}))
    with pytest.raises(error):
        await client(wire).send(replace(GET, acts_as=acts_as))
    assert not wire.sent


# -------------------------------------------------------------------------------------------------- what comes back


async def test_a_lost_answer_to_a_write_is_unknown_and_to_a_read_only_busy() -> None:
    wire = Wire(lambda _: UnansweredError("gone"))
    with pytest.raises(UnansweredError):
        await client(wire).send(PATCH)
    with pytest.raises(UnavailableError):
        await client(wire).send(GET)


@pytest.mark.parametrize("body", [b'[{"id": 1', b"<html>", b"\xff\xfe", b"[" * 100_000])
async def test_an_answer_nobody_can_read_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        await client(Wire(lambda _: WireResponse(200, {}, body))).send(GET)


async def test_an_error_whose_body_nobody_can_read_is_still_that_error() -> None:
    with pytest.raises(UnavailableError):
        await client(Wire(lambda _: WireResponse(502, {}, b"<html>Bad gateway"))).send(GET)


async def test_a_list_that_is_no_list_is_malformed() -> None:
    with pytest.raises(MalformedError):
        await client(Wire(lambda _: ok({"items": []}))).page(CONNECTOR.reads[0])


async def test_a_redirect_is_not_followed() -> None:
    wire = Wire(lambda _: ok(None, 302, location="http://elsewhere.example/"))
    with pytest.raises(MalformedError, match="redirect"):
        await client(wire).send(GET)
    assert len(wire.sent) == 1


async def test_a_status_that_means_already_so_is_a_success() -> None:
    response = await client(Wire(lambda _: ok({"message": "no"}, 404))).send(replace(PATCH, done_if=(404,)))
    assert response.status == 404


async def test_a_conversation_is_carried_to_its_end_and_closed_when_it_breaks() -> None:
    closed: list[bool] = []

    def talk() -> Any:
        try:
            first = yield GET
            second = yield replace(GET, path="/jobs")
            return {"sum": first.json + second.json}
        finally:
            closed.append(True)

    numbers = iter([1, 2])
    assert await client(Wire(lambda _: ok(next(numbers)))).run(talk()) == {"sum": 3}
    with pytest.raises(UnavailableError):
        await client(Wire(lambda _: ok(None, 503))).run(talk())
    assert closed == [True, True]


# ------------------------------------------------------------------------------------------------------------ pages


def paged(*pages: tuple[Any, str]) -> Wire:
    """Pages by their number in the address."""

    def answer(request: WireRequest) -> WireResponse:
        number = int(request.url.rsplit("cursor=", 1)[1]) if "cursor=" in request.url else 0
        items, following = pages[number]
        return ok(items, **({"link": f'<{following}>; rel="next"'} if following else {}))

    return Wire(answer)


async def test_the_next_link_is_followed_as_it_is_and_alone() -> None:
    wire = paged(([1], "http://127.0.0.1:9/v3/users?cursor=1"), ([2], ""))
    found = [items async for items in client(wire).list(CONNECTOR.reads[0])]
    assert found == [[1], [2]]
    assert wire.sent[1].url == "http://127.0.0.1:9/v3/users?cursor=1"


@pytest.mark.parametrize(
    "following",
    ["https://127.0.0.1:9/v3/users?cursor=1", "http://127.0.0.1:10/v3/users?cursor=1", "http://evil.example/?cursor=1",
     "http://127.0.0.1:9@evil.example/?cursor=1", "//evil.example/?cursor=1", "file:///etc/passwd"],
)  # fmt: skip
async def test_a_next_link_to_another_place_is_never_followed(following: str) -> None:
    wire = paged(([1], following), ([2], ""))
    with pytest.raises(MalformedError):
        assert [items async for items in client(wire).list(CONNECTOR.reads[0])]
    assert len(wire.sent) == 1


async def test_pages_that_lead_in_a_circle_end() -> None:
    wire = paged(([1], "http://127.0.0.1:9/v3/users?cursor=1"), ([2], "http://127.0.0.1:9/v3/users?cursor=1"))
    with pytest.raises(MalformedError, match="circle"):
        assert [items async for items in client(wire).list(CONNECTOR.reads[0])]


async def test_ids_are_asked_for_in_batches() -> None:
    reads = next(one for one in CONNECTOR.reads if one.title == "candidates")
    wire = Wire(lambda _: ok([]))
    async for _ in client(wire).list(reads, by=reads.kind, ids=[str(n) for n in range(120)]):
        pass
    assert [request.url.count("%2C") for request in wire.sent] == [49, 49, 19]


def test_gathered_items_name_everybody_who_was_asked_for() -> None:
    found = grouped([{"job": 1, "x": "a"}, {"job": 1, "x": "b"}, {"job": 3, "x": "c"}], "job", ["1", "2"])
    assert [(one["job"], len(one["items"])) for one in found] == [("1", 2), ("2", 0), ("3", 1)]


# ------------------------------------------------------------------------------------------------------ observation


async def test_every_request_is_observed_without_ids_or_values() -> None:
    seen: list[Observation] = []
    headers = {"x-ratelimit-limit": "75", "x-ratelimit-remaining": "74", "x-ratelimit-reset": "1763629230"}
    one = client(Wire(lambda _: ok({"id": 66001}, **headers)), on_request=seen.append)
    await one.send(PATCH)
    token, patch = seen
    assert (token.endpoint, token.status) == ("token", 200)
    assert (patch.method, patch.endpoint, patch.status) == ("PATCH", "/candidates/{id}", 200)
    assert (patch.limit, patch.remaining, patch.reset) == (75, 74, "1763629230")
    assert "66001" not in repr(seen)
    assert "code" not in repr(seen)


async def test_a_request_without_an_answer_is_observed_too() -> None:
    seen: list[Observation] = []
    with pytest.raises(UnavailableError):
        await client(Wire(lambda _: UnavailableError("down")), on_request=seen.append).send(GET)
    assert [(one.status, one.error) for one in seen] == [(200, ""), (0, "UnavailableError")]


def test_a_template_holds_no_id_of_any_kind() -> None:
    assert template("https://h/v3/applications/77001/move?x=1", "https://h/v3") == "/applications/{id}/move"
    assert template("https://h/v3/bulk/0b1e-77aa/items", "https://h/v3") == "/bulk/{id}/items"


def test_a_client_shows_no_secret() -> None:
    assert "client_secret" not in repr(client(Wire(lambda _: ok())))


# -------------------------------------------------------------------------------------------------- which addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://harvest.greenhouse.io/v3",
        "http://127.0.0.1:8100/v3",
        "http://localhost/v3",
        "http://[::1]:1/v3",
        "https://ats.acme.example/",
    ],
)
def test_a_base_url_is_the_vendors_loopback_or_allowed(url: str) -> None:
    assert checked_base(CONNECTOR, url, ("ats.acme.example",)) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/v3", "http://harvest.greenhouse.io/v3", "https://harvest.greenhouse.io.evil.example/", "ftp://127.0.0.1/",
     "https://user@harvest.greenhouse.io/v3", "harvest.greenhouse.io", "", "http://10.0.0.1/v3", "http://ats.acme.example/"],
)  # fmt: skip
def test_any_other_base_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        checked_base(CONNECTOR, url or "x", ("ats.acme.example",))


async def test_a_file_is_fetched_without_credentials_from_a_declared_public_host() -> None:
    wire = Wire(lambda _: WireResponse(200, {"content-type": "application/pdf; x=y"}, b"%PDF"))
    file = await client(wire, CONNECTOR.base_url).download("https://a.s3.amazonaws.com/cv.pdf?sig=1", FILES)
    assert (file.data, file.media_type) == (b"%PDF", "application/pdf")
    assert wire.sent[0].public
    assert "authorization" not in wire.sent[0].headers
    assert wire.sent[0].max_bytes == 1_000
    assert wire.tokens == 0


@pytest.mark.parametrize(
    "url",
    ["http://a.s3.amazonaws.com/cv", "https://amazonaws.com.evil.example/cv", "https://evilamazonaws.com/cv", "file:///etc/passwd",
     "https://169.254.169.254/latest/meta-data", "https://127.0.0.1/cv",
     "https://user@a.amazonaws.com/cv", "https://[::1]/cv", "nothing"],
)  # fmt: skip
async def test_a_file_anywhere_else_is_not_fetched(url: str) -> None:
    wire = Wire(lambda _: ok())
    with pytest.raises(RejectedError):
        await client(wire, CONNECTOR.base_url).download(url, FILES)
    assert not wire.sent


async def test_a_connection_on_loopback_may_fetch_from_itself_and_from_no_other_port() -> None:
    wire = Wire(lambda _: WireResponse(200, {}, b"x"))
    assert (await client(wire).download("http://127.0.0.1:9/files/1", FILES)).data == b"x"
    with pytest.raises(RejectedError):
        await client(wire).download("http://127.0.0.1:10/files/1", FILES)


@pytest.mark.parametrize(
    ("status", "error"), [(403, AbsentError), (404, AbsentError), (503, UnavailableError), (301, RejectedError)]
)
async def test_a_file_that_is_not_there_says_what_to_do(status: int, error: type[Exception]) -> None:
    wire = Wire(lambda _: WireResponse(status, {"location": "http://10.0.0.1/"}, b""))
    with pytest.raises(error):
        await client(wire, CONNECTOR.base_url).download("https://a.amazonaws.com/cv", FILES)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1%eth0",
     "fc00::1", "::ffff:10.0.0.1", "100.64.0.1", "224.0.0.1", "not an address"],
)  # fmt: skip
def test_private_addresses_are_private_in_every_spelling(address: str) -> None:
    assert not is_public(address)


def test_public_addresses_are_public() -> None:
    assert is_public("8.8.8.8")
    assert is_public("2606:4700::1111")


async def test_a_name_that_resolves_to_this_machine_is_not_connected_to() -> None:
    with pytest.raises(OSError, match="localhost"):
        await PublicResolver().resolve("localhost", 80, socket.AF_UNSPEC)


# ------------------------------------------------------------------------------------------------- a real connection


@dataclass
class Raw:
    """A server on loopback that answers every connection with the same bytes, or not at all."""

    answer: bytes | None
    url: str = ""
    asked: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        await reader.readuntil(b"\r\n\r\n")
        if self.answer is not None:
            writer.write(self.answer)
            await writer.drain()
            writer.close()
            return
        await reader.read()
        writer.close()


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    one = AiohttpTransport()
    yield one
    await one.close()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[bytes | None], Any]]:
    servers: list[asyncio.Server] = []

    async def start(answer: bytes | None) -> Raw:
        raw = Raw(answer)
        server = await asyncio.start_server(raw, "127.0.0.1", 0)
        servers.append(server)
        raw.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return raw

    yield start
    for server in servers:
        server.close()


def wire(url: str, method: str = "GET", **more: Any) -> WireRequest:
    return WireRequest(method, url, {"accept": "*/*"}, **more)


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-RateLimit-Limit: 75\r\nConnection: close\r\n\r\n{}"


async def test_an_answer_comes_whole_with_lower_case_headers(transport: AiohttpTransport, serve: Any) -> None:
    raw = await serve(ANSWER)
    found = await transport.send(wire(raw.url + "/x?a=gte%7C1&b=%2C"), 5)
    assert (found.status, found.body, found.headers["x-ratelimit-limit"]) == (200, b"{}", "75")


async def test_nobody_listening_means_nothing_was_sent(transport: AiohttpTransport) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UnavailableError):
        await transport.send(wire(f"http://127.0.0.1:{port}/", "POST"), 5)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
     b"nonsense\r\n\r\n"],
    ids=["closed", "truncated", "broken chunk", "not HTTP"],
)  # fmt: skip
async def test_an_answer_that_breaks_off_is_no_answer(transport: AiohttpTransport, serve: Any, answer: bytes) -> None:
    raw = await serve(answer)
    with pytest.raises(UnansweredError):
        await transport.send(wire(raw.url, "POST", body=b"{}"), 5)
    assert raw.asked == 1, "a write is never repeated by the transport"


async def test_a_silent_server_is_given_up_on(transport: AiohttpTransport, serve: Any) -> None:
    raw = await serve(None)
    with pytest.raises(UnansweredError):
        await transport.send(wire(raw.url, "POST", body=b"{}"), 0.05)


async def test_an_answer_over_the_limit_is_cut_off(transport: AiohttpTransport, serve: Any) -> None:
    raw = await serve(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b"x" * 20)
    with pytest.raises(RejectedError, match="larger"):
        await transport.send(wire(raw.url, max_bytes=19), 5)


async def test_the_transport_follows_no_redirect(transport: AiohttpTransport, serve: Any) -> None:
    raw = await serve(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    assert (await transport.send(wire(raw.url), 5)).status == 302
    assert raw.asked == 1


async def test_a_public_request_never_reaches_this_machine(transport: AiohttpTransport, serve: Any) -> None:
    raw = await serve(ANSWER)
    port = raw.url.rsplit(":", 1)[1]
    with pytest.raises(RejectedError):
        await transport.send(wire(f"http://localhost:{port}/", public=True), 5)
    assert raw.asked == 0


class Counting:
    """A server that answers each request when told, and counts what it was sent."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.answers = asyncio.Event()
        self.sent = bytearray()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65_536):
            self.sent += chunk
            self.begun.set()
            await self.answers.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()
        writer.close()


@pytest.mark.parametrize(
    ("method", "body", "asked_before"),
    [("POST", b"{}", 0), ("POST", b"{}", 1), ("DELETE", None, 0)],
    ids=["waiting for a connection", "holding one", "without a body"],
)
async def test_a_request_that_may_no_longer_leave_does_not(method: str, body: bytes | None, asked_before: int) -> None:
    """A process may be stopped anywhere on the way to the socket; what it finds when it goes on counts."""
    counting, late, asked = Counting(), asyncio.Event(), 0
    server = await asyncio.start_server(counting, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    transport = AiohttpTransport(limit=1)

    def check() -> None:
        nonlocal asked
        asked += 1
        if late.is_set() and asked > asked_before:
            raise LeaseLostError

    first = asyncio.ensure_future(transport.send(wire(url), 5))
    await counting.begun.wait()
    second = asyncio.ensure_future(transport.send(wire(url, method, body=body, check=check), 5))
    await asyncio.sleep(0)
    late.set()
    counting.answers.set()
    assert (await first).status == 200
    with pytest.raises(LeaseLostError):
        await second
    assert counting.sent.count(b"HTTP/1.1") == 1
    assert (await transport.send(wire(url), 5)).status == 200, "the transport goes on"
    await transport.close()
    server.close()


async def test_the_real_client_and_a_real_socket_agree(transport: AiohttpTransport, serve: Any) -> None:
    body = b'{"access_token": "t", "id": 1}'
    raw = await serve(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))
    response: Response = await client(transport, raw.url + "/v3").send(GET)
    assert (response.status, response.json["id"]) == (200, 1)
