"""The network between the engine and the systems: it delays, breaks, repeats and loses, as the plan of faults says.

What was sent is carried out there even when the engine has crashed meanwhile: a request under way belongs to nobody.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from bascule.engine.wire import WireRequest, WireResponse
from bascule.errors import UnansweredError, UnavailableError

from .faults import Trouble
from .vendor import LATE, TOKEN, US, State, Vendor

SAFE = ("GET", "HEAD")
STALE = 2.5  # seconds a replica lags behind at most: less than what the connectors declare
ERRORS = (500, 502, 503, 504)
CIRCLE = 30.0  # seconds in which readings of one address are counted together


class System(Protocol):
    """What stands at the other end."""

    @property
    def name(self) -> str: ...

    @property
    def late(self) -> float:
        """Seconds within which a lost call may still land."""
        ...

    async def answer(self, request: WireRequest, who: str, lag: float) -> WireResponse: ...


@dataclass
class Simulated:
    """A simulated vendor, as a system on the network."""

    vendor: Vendor
    late: float

    @property
    def name(self) -> str:
        return self.vendor.name

    async def answer(self, request: WireRequest, who: str, lag: float) -> WireResponse:
        url = urlsplit(request.url)
        path = url.path.removeprefix(f"/{self.vendor.name}")
        return self.vendor.answer(request, path, dict(parse_qsl(url.query)), who, lag)


Receive = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]


@dataclass
class Network:
    """Carries requests and webhooks. `log` is the run's diary; `receive` takes a delivery and says the status."""

    trouble: Trouble
    dice: random.Random
    now: Callable[[], float]
    log: Callable[..., None]
    receive: Receive
    systems: dict[str, System] = field(default_factory=dict[str, System])  # by host, or by what paths begin with
    sent: int = 0
    asked: Counter[tuple[str, str, int]] = field(default_factory=Counter[tuple[str, str, int]])
    """How often each address of a system was read, by the so-and-so-many-eth `CIRCLE`."""
    told: list[tuple[float, str, str]] = field(default_factory=list[tuple[float, str, str]])
    """Webhooks that were taken: when, of which system, what they say."""
    # Systems that once named no time with a 429: the engine waits longer each time, longer than a run can be.
    _untold: set[str] = field(default_factory=set[str])
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])

    # ----------------------------------------------------------------------------------------------------- requests

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        """One request, its answer, or one of the errors a transport raises."""
        request.check()
        url = urlsplit(request.url)
        system = self.systems.get(url.netloc) or self.systems[url.path.split("/")[1]]
        answer: asyncio.Future[WireResponse] = asyncio.get_running_loop().create_future()
        self._start(self._carry(system, request, timeout, answer))
        return await answer

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(
        self, system: System, request: WireRequest, timeout: float, answer: asyncio.Future[WireResponse]
    ) -> None:
        self.sent += 1
        number = self.sent
        if request.method in SAFE:
            self.asked[system.name, _path(request), int(self.now() // CIRCLE)] += 1
        what = f"#{number} {system.name} {request.method} {_path(request)}"
        self.log("request", what, (request.body or b"").decode())
        try:
            response = await self._through(system, request, timeout, what)
        except (UnavailableError, UnansweredError) as error:
            self.log("no answer", what, str(error))
            if not answer.done():
                answer.set_exception(error)
            return
        self.log("answer", what, response.status)
        if not answer.done():
            answer.set_result(response)

    async def _through(self, system: System, request: WireRequest, timeout: float, what: str) -> WireResponse:
        at, strikes = system.name, lambda kind: self.trouble.strikes(kind, system.name, self.now())
        await asyncio.sleep(self.dice.uniform(0.01, 0.1))
        if strikes("outage"):
            raise UnavailableError(f"{at} cannot be reached.")
        if drawn := strikes("throttled"):
            told = at in self._untold or drawn.random() < 0.7
            self._untold |= set() if told else {at}
            return WireResponse(429, {"retry-after": str(drawn.randint(1, 8))} if told else {}, b"{}")
        if strikes("reset"):
            raise UnansweredError(f"{at} broke off.")
        if request.method not in SAFE and not request.url.endswith(TOKEN) and strikes("refused"):
            return WireResponse(422, {}, b'{"message": "not today"}')
        if drawn := strikes("broken"):
            if drawn.random() < 0.5:
                await system.answer(request, US, 0.0)
            return WireResponse(drawn.choice(ERRORS), {}, b"<html>")
        if drawn := strikes("timeout"):
            await self._time_out(system, request, timeout, drawn)
        if drawn := strikes("slow"):
            await asyncio.sleep(drawn.uniform(0.5, timeout * 0.45))
        lag = drawn.uniform(0, STALE) if request.method in SAFE and (drawn := strikes("stale")) else 0.0
        response = await system.answer(request, US, lag)
        await asyncio.sleep(self.dice.uniform(0.01, 0.1))
        if strikes("lost answer"):
            raise UnansweredError(f"{at} broke off.")
        return self._spoilt(request, response, strikes)

    async def _time_out(self, system: System, request: WireRequest, timeout: float, drawn: random.Random) -> None:
        """No answer in time. It may have landed at once, may land within the connector's limit, or never."""
        fate = drawn.random()
        if fate < 0.35:
            await system.answer(request, US, 0.0)
        elif fate < 0.7 and request.method not in SAFE:
            latest = max(timeout, system.late - 4.0)
            self._start(self._land(system, request, drawn.uniform(1.0, latest)))
        await asyncio.sleep(timeout)
        raise UnansweredError(f"{system.name} did not answer within {timeout:g} s.")

    async def _land(self, system: System, request: WireRequest, seconds: float) -> None:
        await asyncio.sleep(seconds)
        response = await system.answer(request, LATE, 0.0)
        self.log("landed late", system.name, request.method, _path(request), response.status)

    def _spoilt(
        self, request: WireRequest, response: WireResponse, strikes: Callable[[str], random.Random | None]
    ) -> WireResponse:
        """An answer as it comes: cut off, without some fields, or without an object."""
        if response.status == 200 and strikes("malformed"):
            return WireResponse(200, {"content-type": "text/html"}, b"<html><body>We are back soon.</body></html>")
        if response.body and strikes("truncated"):
            return WireResponse(response.status, response.headers, response.body[: len(response.body) // 2])
        if request.method not in SAFE or response.status != 200:
            return response
        items = json.loads(response.body)
        if not isinstance(items, list) or not items or not isinstance(items[0], dict):
            return response
        by_mark = "ref" in dict(parse_qsl(urlsplit(request.url).query))  # what is declared to be found is found
        if not by_mark and (drawn := strikes("absent")):
            items.pop(drawn.randrange(len(items)))
        if drawn := strikes("partial"):
            items = [_without(item, drawn) for item in items]
        return WireResponse(response.status, response.headers, json.dumps(items).encode())

    async def close(self) -> None:
        return

    # ----------------------------------------------------------------------------------------------------- webhooks

    def tell(self, vendor: Vendor, body: State) -> None:
        """A system sends a webhook."""
        headers, raw = vendor.signed(body)
        headers["x-event"] = f"{vendor.name}-{self.sent}-{len(self.systems)}-{self.dice.random()}"
        self.post(vendor.name, headers, raw)

    def post(self, name: str, headers: Mapping[str, str], raw: bytes) -> None:
        now = self.now()
        if self.trouble.strikes("hooks lost", name, now):
            return
        wait = self.dice.uniform(0.05, 1.0)
        if drawn := self.trouble.strikes("hooks late", name, now):
            wait = drawn.uniform(2.0, 30.0)
        self._start(self._deliver(name, headers, raw, wait))
        if drawn := self.trouble.strikes("hooks twice", name, now):
            self._start(self._deliver(name, headers, raw, wait + drawn.uniform(0.1, 30.0)))

    async def _deliver(self, name: str, headers: Mapping[str, str], raw: bytes, wait: float) -> None:
        """Sent, and sent again while it is not answered 200."""
        for more in (wait, 10.0, 30.0):
            await asyncio.sleep(more)
            status = await self.receive(name, headers, raw)
            self.log("hook", name, raw.decode()[:120], status)
            if status == 200:
                self.told.append((self.now(), name, raw.decode()))
                return


def _path(request: WireRequest) -> str:
    url = urlsplit(request.url)
    return url.path + (f"?{url.query}" if url.query else "")


def _without(item: Any, drawn: random.Random) -> Any:
    """An item without some of what it holds: ids stay, and that somebody has been anonymised."""
    keep = {"id", "person", "job_id", "candidate_id", "application_id", "updated", "updated_at", "anonymised"}
    keep |= {"job"} if "order" in item else set()  # a stage's is whose it is, an application's what it is for
    return {name: value for name, value in item.items() if name in keep or drawn.random() > 0.2}
