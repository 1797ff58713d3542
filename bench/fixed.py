"""A server that has one answer for everything: the other side of the delivery bench, as quick as it can be made.

    python -m bench.fixed [--answer SECONDS]

It speaks as much of Harvest as a PATCH of a candidate takes: a token, the candidate before it and after it. It reads
nothing of what it is sent but the address and the length, and remembers nothing; lists of anything else are empty; no
rate limit is named that anybody meets. Each answer takes so many seconds. Says where it listens in one line of JSON;
answers each line on its input with how many PATCHes it has answered since the last, how many requests in all, and the
seconds from the first request's coming to the last one's answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from typing import cast

from bascule.engine.runtime import run, stopper

from .processes import say

TITLE = "Staff Engineer"  # what every PATCH sets, and every answer shows
TOKEN = {"access_token": "fixed", "token_type": "Bearer", "expires_in": 86_400}
BEFORE = {
    "first_name": "Ida", "last_name": "Berg", "preferred_name": None, "company": "Northwind", "title": "Engineer",
    "private": False, "can_email": True, "created_at": "2026-01-05T09:00:00.000Z",
    "updated_at": "2026-01-05T09:00:00.000Z", "tags": [], "custom_fields": {}, "website_addresses": [],
    "social_media_addresses": [], "phone_numbers": [{"value": "+46 70 174 0605", "type": "mobile"}],
}  # fmt: skip


def candidate(id: int, **changed: object) -> dict[str, object]:
    """A candidate as Harvest shows one."""
    email = {"value": f"ida.{id}@mail.example", "type": "personal"}
    return {"id": id, **BEFORE, "email_addresses": [email], **changed}


def answer(body: object) -> bytes:
    text = json.dumps(body).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n"
        "X-RateLimit-Limit: 1000000\r\nX-RateLimit-Remaining: 999999\r\n\r\n"
    )
    return head.encode() + text


MARK = 77_777_777  # stands in an answer where the id goes; ids have as many digits
CHANGED = answer(candidate(MARK, title=TITLE, updated_at="2026-11-20T09:00:00.000Z"))
SHOWN = answer([candidate(MARK)])
SIGNED_IN, NOTHING = answer(TOKEN), answer([])


def answer_to(method: bytes, path: bytes) -> bytes:
    if path.endswith(b"/token"):
        return SIGNED_IN
    if method == b"PATCH":
        return CHANGED.replace(b"%d" % MARK, path.rpartition(b"/")[2])
    asked = path.partition(b"/candidates?")[2].partition(b"ids=")[2][:8]
    return SHOWN.replace(b"%d" % MARK, asked) if asked else NOTHING


class Count:
    """Requests answered since it was last asked; sign-ins are none."""

    def __init__(self) -> None:
        self.patched, self.requests, self.first, self.last = 0, 0, 0.0, 0.0

    def came(self) -> None:
        self.first = self.first or time.monotonic()

    def answered(self, method: bytes) -> None:
        self.requests += 1
        self.patched += method == b"PATCH"
        self.last = time.monotonic()

    def told(self) -> dict[str, float]:
        said = {"patched": self.patched, "requests": self.requests, "seconds": self.last - self.first}
        self.patched, self.requests, self.first, self.last = 0, 0, 0.0, 0.0
        return said


class Server(asyncio.Protocol):
    """One keep-alive connection; a client sends its next request when it has the answer to the last."""

    def __init__(self, count: Count, takes: float) -> None:
        self._count = count
        self._takes = takes
        self._heard = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by its methods only

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end:
            return
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        if len(body) < int(length or 0):
            return
        self._heard = b""
        method, path, _ = head.split(b" ", 2)
        if method != b"POST":
            self._count.came()
        if self._takes:
            asyncio.get_running_loop().call_later(self._takes, self._say, method, path)
        else:
            self._say(method, path)

    def _say(self, method: bytes, path: bytes) -> None:
        assert self._transport is not None
        self._transport.write(answer_to(method, path))
        if method != b"POST":
            self._count.answered(method)


async def serve(takes: float) -> None:
    stop, loop, count = stopper(), asyncio.get_running_loop(), Count()
    server = await loop.create_server(lambda: Server(count, takes), "127.0.0.1", 0, backlog=512)
    say({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"})
    answering = asyncio.create_task(_answer(count))
    await stop.wait()
    answering.cancel()
    server.close()


async def _answer(count: Count) -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while await lines.readline():
        say(count.told())


if __name__ == "__main__":
    line = argparse.ArgumentParser()
    line.add_argument("--answer", type=float, default=0.0)
    run(serve(line.parse_args().answer))
