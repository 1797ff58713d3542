"""The library's way out: each of its requests leaves as one of ours, with the headers that the interface needs and none
that tell of the machine. Loaded with the library."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx2

from bascule.engine.wire import WireRequest, WireResponse
from bascule.errors import BasculeError

_SENT = frozenset({"authorization", "x-api-key", "anthropic-version", "anthropic-beta", "content-type", "accept"})
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})


class Wire(httpx2.AsyncBaseTransport):
    """Carries the library's requests by `send`. What `send` raises reaches the library as a connection that failed; as
    it was, it stands in `stopped`."""

    def __init__(self, send: Callable[[WireRequest], Awaitable[WireResponse]]) -> None:
        self._send = send
        self.stopped: BasculeError | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        headers = {name: value for name, value in request.headers.items() if name in _SENT}
        headers["user-agent"] = "bascule"
        body = await request.aread()
        try:
            answer = await self._send(WireRequest(request.method, str(request.url), headers, body))
        except BasculeError as error:
            self.stopped = error
            raise httpx2.ConnectError("Nothing came.") from error
        shown = {name: value for name, value in answer.headers.items() if name not in _OF_THE_WIRE}
        return httpx2.Response(answer.status, headers=shown, content=answer.body)
