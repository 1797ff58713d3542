"""What carries one request: over the network, or into an application of this process. It knows no connection.

Names resolve to public addresses only, where that is asked; no redirect is followed; an answer has a size limit.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from bascule.errors import RejectedError, UnansweredError, UnavailableError

MAX_ANSWER = 64_000_000  # bytes of one answer of an API
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address behind a translator


def _leave() -> None:
    """Nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class WireRequest:
    """One request as it leaves. `public`: the host must not resolve to a private address. `check` is asked when its
    bytes are about to leave; what it raises is raised by the transport, and nothing has left. `cut`: of an answer that
    is longer than `max_bytes` the rest is not read, and nothing is wrong with it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    max_bytes: int = MAX_ANSWER
    public: bool = False
    cut: bool = False
    check: Callable[[], None] = _leave


@dataclass(frozen=True, slots=True)
class WireResponse:
    """One answer as it came. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Carries one request and follows no redirect. The request's `check` is asked after all waiting, right before the
    first byte.

    Raises UnavailableError when nothing was sent, UnansweredError when it was and no (whole) answer came within
    `timeout` seconds, RejectedError when the answer is larger than allowed or its host is not public.
    """

    async def send(self, request: WireRequest, timeout: float) -> WireResponse: ...

    async def close(self) -> None: ...


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only, at the moment of connecting, so that a name cannot change in between."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        found: list[ResolveResult] = []
        for info_family, _, proto, _, address in infos:
            if is_public(str(address[0])):
                found.append(
                    ResolveResult(
                        hostname=host,
                        host=str(address[0]),
                        port=port,
                        family=info_family,
                        proto=proto,
                        flags=socket.AI_NUMERICHOST,
                    )
                )
        if not found:
            raise PrivateAddressError(host)
        return found

    async def close(self) -> None:
        return


class PrivateAddressError(OSError):
    """A host that must be public resolves to private addresses only."""


def is_literal(host: str) -> bool:
    """Whether a host is, or could be taken for, an IP address: its last label is a number. aiohttp connects to such a
    one without asking the resolver."""
    last = host.rstrip(".").rpartition(".")[2].lower()
    return ":" in host or last.isdigit() or last.startswith("0x")


def is_public(address: str) -> bool:
    """Whether an IP address (not a name) may be fetched from."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        carried = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if ip in NAT64:
            carried = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if carried is not None and (not carried.is_global or carried.is_multicast):
            return False
        ip = ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast


class AiohttpTransport:
    """Pooled connections; one pool for APIs, one that reaches public addresses only, for files."""

    def __init__(self, *, limit: int = 64, connect_timeout: float = 10.0) -> None:
        self._limit = limit
        self._connect_timeout = connect_timeout
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    def _session(self, public: bool) -> aiohttp.ClientSession:
        session = self._sessions.get(public)
        if session is None or session.closed:
            resolver = PublicResolver() if public else None
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._limit, resolver=resolver, ttl_dns_cache=30),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                trace_configs=[_asking()],
            )
            self._sessions[public] = session
        return session

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        limits = aiohttp.ClientTimeout(total=timeout, connect=min(timeout, self._connect_timeout))
        host = urlsplit(request.url).hostname or ""
        if request.public and is_literal(host) and not is_public(host):  # such a host is asked no resolver about
            raise RejectedError(f"{host} is not a public host; nothing is sent to it.")
        leaving = _Leaving(request.check)
        try:
            async with self._session(request.public).request(
                request.method,
                yarl.URL(request.url, encoded=True),
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
                timeout=limits,
                trace_request_ctx=leaving,
            ) as response:
                body = await _read(response.content, request.max_bytes, cut=request.cut)
                headers = {key.lower(): value for key, value in response.headers.items()}
                return WireResponse(response.status, headers, body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            if isinstance(getattr(error, "os_error", None), PrivateAddressError):
                raise RejectedError(f"{host} is not a public host; nothing is sent to it.") from None
            raise UnavailableError(f"{host} cannot be reached ({_reason(error)}).") from error
        except TimeoutError as error:
            raise UnansweredError(f"{host} did not answer within {timeout:g} s.") from error
        except aiohttp.ClientError as error:
            if leaving.stopped is not None:
                raise leaving.stopped from None
            raise UnansweredError(f"{host} broke off ({_reason(error)}).") from error

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()


@dataclass
class _Leaving:
    """A request on its way through aiohttp, and what stopped it."""

    check: Callable[[], None]
    stopped: Exception | None = None

    def ask(self) -> None:
        try:
            self.check()
        except Exception as error:
            self.stopped = error  # of a body's writer aiohttp reports no more than that it failed
            raise


def _asking() -> aiohttp.TraceConfig:
    """Asks each request's check once there is a connection for it: before its head, and again before its body. aiohttp
    tells of either right before it hands it to the socket, and holds the head back until it has the body."""

    async def ask(_session: aiohttp.ClientSession, told: SimpleNamespace, _what: object) -> None:
        told.trace_request_ctx.ask()

    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(ask)
    config.on_request_chunk_sent.append(ask)
    return config


def _reason(error: BaseException) -> str:
    os_error = getattr(error, "os_error", None)
    return type(os_error or error).__name__


async def _read(content: aiohttp.StreamReader, max_bytes: int, *, cut: bool) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in content.iter_chunked(65_536):
        size += len(chunk)
        chunks.append(chunk)
        if size > max_bytes:
            if cut:
                break
            raise RejectedError(f"The answer is larger than the limit of {max_bytes} bytes.")
    return b"".join(chunks)[:max_bytes]


AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]


class AsgiTransport:
    """Calls ASGI applications in this process, by "host" or "host:port"; for tests and simulation.

    An application that breaks off with an exception is one whose answer was lost.
    """

    def __init__(self, apps: Mapping[str, AsgiApp]) -> None:
        self._apps = dict(apps)

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        url = urlsplit(request.url)
        app = self._apps.get(url.netloc) or self._apps.get(url.hostname or "")
        if app is None:
            raise UnavailableError(f"{url.netloc} cannot be reached (no such host here).")
        answer = _Answer(request.body or b"")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": url.scheme,
            "path": _unquoted(url.path),
            "raw_path": url.path.encode("ascii"),
            "query_string": url.query.encode("ascii"),
            "root_path": "",
            "headers": [
                (b"host", url.netloc.encode("ascii")),
                *((key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in request.headers.items()),
                (b"content-length", str(len(request.body or b"")).encode("ascii")),
            ],
            "server": (url.hostname, url.port or (443 if url.scheme == "https" else 80)),
            "client": ("127.0.0.1", 0),
            "state": {},
        }
        request.check()
        try:
            async with asyncio.timeout(timeout):
                await app(scope, answer.receive, answer.send)
        except TimeoutError as error:
            raise UnansweredError(f"{url.netloc} did not answer within {timeout:g} s.") from error
        except Exception as error:
            raise UnansweredError(f"{url.netloc} broke off ({type(error).__name__}).") from error
        if answer.status == 0:
            raise UnansweredError(f"{url.netloc} broke off without an answer.")
        if len(answer.body) > request.max_bytes and not request.cut:
            raise RejectedError(f"The answer is larger than the limit of {request.max_bytes} bytes.")
        return WireResponse(answer.status, answer.headers, bytes(answer.body[: request.max_bytes]))

    async def close(self) -> None:
        return


def _unquoted(path: str) -> str:
    return yarl.URL(path, encoded=True).path


@dataclass
class _Answer:
    """Both ends of one ASGI exchange."""

    sent: bytes
    status: int = 0
    headers: dict[str, str] = field(default_factory=lambda: dict[str, str]())
    body: bytearray = field(default_factory=bytearray)
    given: bool = False

    async def receive(self) -> dict[str, Any]:
        if self.given:
            return {"type": "http.disconnect"}
        self.given = True
        return {"type": "http.request", "body": self.sent, "more_body": False}

    async def send(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in message["headers"]}
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
