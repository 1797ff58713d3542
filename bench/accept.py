"""Accepting webhooks over HTTP: verify, drop repeats, store, answer; against only storing the body.

32 keep-alive connections send signed Greenhouse deliveries, each the next one as soon as the last is answered. Every
twentieth delivery is sent twice, as vendors do. The baseline is an endpoint of the same server, behind the same
middleware, that stores the body by the same group commit and does nothing else. Both take turns, so that a busy
machine slows both; the ratio is the median of the turns'.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bascule.sandbox import greenhouse

from .cluster import Durable
from .processes import Program, program, spent
from .rows import Row, median, percentile

CLIENTS, TURNS, EVENTS, REPEATED = 32, 5, 1_500, 20
SECRET = "bench-webhook-secret"
PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Turn:
    """One burst: events a second, and seconds each took."""

    rate: float
    took: tuple[float, ...]


class _Client(asyncio.Protocol):
    """One keep-alive connection that sends prepared requests one after the other. As little work as possible, so that
    the server is what is measured."""

    def __init__(self, requests: Iterator[bytes], took: list[float], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._took = took
        self._done = done
        self._heard = b""
        self._sent = 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send_next(self) -> None:
        assert self.transport is not None
        request = next(self._requests, None)
        if request is None:
            self._done.set_result(None)
            return
        self._sent = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self._fail(RuntimeError(f"The server answered {head.splitlines()[0].decode()}."))
            return
        self._took.append(time.perf_counter() - self._sent)
        self._heard = b""
        self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or RuntimeError("The server closed the connection."))

    def _fail(self, error: Exception) -> None:
        if not self._done.done():
            self._done.set_exception(error)


async def burst(url: str, requests: Sequence[bytes]) -> Turn:
    """All requests over the connections, each connection taking the next one when it is free."""
    where = urlsplit(url)
    loop = asyncio.get_running_loop()
    waiting, took = iter(requests), list[float]()
    clients: list[_Client] = []
    ends: list[asyncio.Future[None]] = []
    for _ in range(min(CLIENTS, len(requests))):
        done: asyncio.Future[None] = loop.create_future()
        client = _Client(waiting, took, done)
        await loop.create_connection(lambda client=client: client, where.hostname, where.port)
        clients.append(client)
        ends.append(done)
    began = time.perf_counter()
    for client in clients:
        client.send_next()
    await asyncio.gather(*ends)
    spent = time.perf_counter() - began
    for client in clients:
        assert client.transport is not None
        client.transport.close()
    return Turn(len(requests) / spent, tuple(took))


# ----------------------------------------------------------------------------------------------------------- deliveries


async def _body() -> dict[str, Any]:
    """What the sandbox sends when somebody applies."""
    from bascule.sandbox.greenhouse.pipeline import submit

    sent: list[bytes] = []

    async def take(url: str, headers: object, body: bytes) -> int:
        sent.append(body)
        return 200

    ats = greenhouse.Sandbox(deliver=take)
    person = greenhouse.Actor("person", None)
    hook = {
        "name": "bench",
        "url": "http://127.0.0.1:1/hooks/bench",
        "secret": SECRET,
        "events": list(greenhouse.EVENTS),
    }
    await ats.hooks.save(person, hook)
    who = {
        "first_name": "Ida", "last_name": "Berg",
        "email_addresses": [{"value": "ida.berg@mail.example", "type": "personal"}],
        "phone_numbers": [{"value": "+46 70 174 0605", "type": "mobile"}],
    }  # fmt: skip
    job = next(iter(ats.db["jobs"]))["id"]
    submit(
        ats,
        person,
        who,
        {"job_id": job},
        [("resume", "cv.txt", b"Ida Berg", "text/plain")],
        answers=[],
        job_post_id=None,
    )
    await ats.hooks.deliver_due()
    return json.loads(sent[-1])


def deliveries(body: dict[str, Any], start: int, count: int) -> list[tuple[str, bytes]]:
    """(event id, body), about `PEOPLE` people in turn; every so often one that was sent before."""
    made: list[tuple[str, bytes]] = []
    for number in range(start, start + count):
        if number > start and number % REPEATED == 0:
            made.append(made[-1])
            continue
        application = body["payload"]["application"]
        application["id"] = 50_000_000 + number
        application["candidate"]["id"] = 40_000_000 + number % PEOPLE
        made.append((str(9_000_000_000 + number), greenhouse.encode(body)))
    return made


def requests(path: str, made: Sequence[tuple[str, bytes]]) -> list[bytes]:
    """Prepared, signed requests."""
    return [
        (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"User-Agent: bench\r\nSignature: {greenhouse.sign(SECRET, body)}\r\nGreenhouse-Event-ID: {id}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        + body
        for id, body in made
    ]


# ---------------------------------------------------------------------------------------------------------------- runs


def measure(server: Program, events: int, turns: int) -> dict[str, Any]:
    """Both endpoints in turn. AssertionError when what was stored is not what was sent."""
    url = server.said()["url"]
    body = asyncio.run(_body())
    accept, insert, distinct, size = list[Turn](), list[Turn](), 0, 0
    used = {"/hooks/bench": 0.0, "/bench/insert": 0.0}
    for turn in range(turns + 1):
        count = events if turn else max(CLIENTS, events // 8)  # the first turn warms up and is thrown away
        made = deliveries(body, turn * events, count)
        distinct += len({id for id, _ in made})
        size = round(sum(len(one) for _, one in made) / len(made))
        order = [("/hooks/bench", accept), ("/bench/insert", insert)]
        for path, turns_of in order if turn % 2 else order[::-1]:
            prepared, before = requests(path, made), spent(server.pid)
            found = asyncio.run(burst(url, prepared))
            if turn:
                used[path] += spent(server.pid) - before
                turns_of.append(found)
    server.tell("count")
    stored = server.said()
    assert stored["accepted"] == distinct, f"{distinct} different deliveries were sent and {stored['accepted']} stored."
    took, plain = [s for t in accept for s in t.took], [s for t in insert for s in t.took]
    return {
        "events_per_s": round(median([t.rate for t in accept])),
        "baseline_per_s": round(median([t.rate for t in insert])),
        "ratio": round(median([a.rate / b.rate for a, b in zip(accept, insert, strict=True)]), 3),
        "p50_ms": round(1000 * percentile(took, 0.5), 1), "p95_ms": round(1000 * percentile(took, 0.95), 1),
        "baseline_p50_ms": round(1000 * percentile(plain, 0.5), 1),
        "baseline_p95_ms": round(1000 * percentile(plain, 0.95), 1),
        "cpu_ms": round(1000 * used["/hooks/bench"] / (events * turns), 2),
        "baseline_cpu_ms": round(1000 * used["/bench/insert"] / (events * turns), 2),
        "clients": CLIENTS, "events": events * turns, "bytes": size,
    }  # fmt: skip


def run(size: float = 1.0) -> list[Row]:
    """One row for SQLite, one for PostgreSQL. `size` 1 is about 45 seconds."""
    events, turns = max(CLIENTS, int(EVENTS * size)), TURNS if size >= 1 else 1
    rows: list[Row] = []
    with ExitStack() as stack:
        cluster = Durable()
        stack.callback(cluster.stop)
        for name in ("SQLite", "PostgreSQL"):
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bascule-bench-")))
            database = stack.enter_context(cluster.database()) if name == "PostgreSQL" else ""
            line = ["--data", str(data), "--secret", SECRET, *(["--database", database] if database else [])]
            with program("-m", "bench.receiving", *line) as server:
                found = measure(server, events, turns)
            rows.append(_row(name, found))
    return rows


def _row(name: str, found: dict[str, Any]) -> Row:
    return Row(
        "accept", f"Accept a signed webhook, {name}", found["ratio"], "events/s to baseline's",
        f"{found['events_per_s']:,}/s; p50 {found['p50_ms']} ms, p95 {found['p95_ms']} ms; "
        f"{found['cpu_ms']} ms of processor time",
        f"store the body, same group commit: {found['baseline_per_s']:,}/s; p50 {found['baseline_p50_ms']} ms, "
        f"p95 {found['baseline_p95_ms']} ms; {found['baseline_cpu_ms']} ms of processor time",
        figures=found,
    )  # fmt: skip
