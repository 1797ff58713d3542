"""What every sandbox's HTTP does alike: faults, latency and counters before a handler, its own Date, bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import Refused
from .tenant import Tenant
from .trouble import Handler, through

# What stands for an object in a path: numbers, UUIDs, long hexadecimal ids.
IDS = re.compile(r"/(\d+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{20,})(?=/|$)")
# Which path a request counts under and faults meet, where its address does not say it (RPC, SOAP).
Named = Callable[[Request], Awaitable[str]]


def guarded(tenant: Tenant[Any], handler: Handler, named: Named | None = None) -> Handler:
    """Let faults meet the request, wait as long as configured, and count the answer."""

    async def slow(request: Request) -> Response:
        if tenant.options.latency:
            await tenant.sleep(tenant.options.latency)
        return await handler(request)

    async def guard(request: Request) -> Response:
        path = request.url.path if named is None else await named(request)
        endpoint = IDS.sub("/{id}", path)

        def count(status: int) -> None:
            tenant.requests[request.method, endpoint, status] += 1

        return await through(tenant.faults, tenant.sleep, request, slow, count, tenant.words, path)

    return guard


def base_url(request: Request) -> str:
    """Scheme and host as the caller sees them, through whatever stands in front."""
    proto = request.headers.get("x-forwarded-proto", request.url.scheme).split(",")[0].strip()
    return f"{proto}://{request.headers.get('host', request.url.netloc)}"


async def body_within(request: Request, most: int) -> bytes:
    """The raw body. Raises Refused (413) beyond `most` bytes, without reading them all."""
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > most:
        raise Refused(413, f"The body is larger than {most} bytes")
    if hasattr(request, "_body"):  # read before, for a name
        return await request.body()
    taken = bytearray()
    async for part in request.stream():
        taken += part
        if len(taken) > most:
            raise Refused(413, f"The body is larger than {most} bytes")
    request._body = bytes(taken)  # pyright: ignore[reportPrivateUsage]  # as Request.body() keeps it
    return request._body  # pyright: ignore[reportPrivateUsage]


async def json_within(request: Request, most: int) -> Any:
    """The JSON of a body, None where there is no body. Raises Refused (413, or 400 where it is not JSON)."""
    raw = await body_within(request, most)
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        raise Refused(400, "The body is not JSON") from None


class Dated:
    """Puts the tenant's own time into each answer's Date header."""

    def __init__(self, app: ASGIApp, sandbox: Tenant[Any]) -> None:
        self.app = app
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = format_datetime(self.sandbox.now(), usegmt=True).encode()
                message["headers"] = [*message.get("headers", ()), (b"date", now)]
            await send(message)

        await self.app(scope, receive, dated if scope["type"] == "http" else send)
