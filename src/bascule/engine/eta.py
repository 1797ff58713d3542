"""When will a backlog be gone? From what waits, what each sort of work costs, and the part of the rate it gets.

An estimate says how far it may be off: by how far the estimates before it were. While a backlog lasts each estimate is
kept; when it is gone, what it took is compared with what was said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from bascule.model import Fields, Mode, Value
from bascule.store import Tx
from bascule.store.budgets import FLOOR, Budget, Work
from bascule.store.queries import Queue
from bascule.store.tasks import TaskLease

from .connections import Connected, Connections
from .runtime import Runtime

CURSOR = "eta"
BEHIND = timedelta(seconds=10)  # work that has waited longer than this is a backlog
EACH = 30.0  # seconds between two estimates that are kept
USUAL = 2.0  # requests a piece takes, before it is known
FOLLOW = 2  # turns of writing that a new object leads to, at most and before it is known
MANY = 40  # new objects that were read tell what one takes in all
NEW = "new"
FEW, UNKNOWN = 4, (0.5, 2.0)  # with fewer estimates to compare with, it may be half or twice as long
LEAST = 0.1  # nobody's estimate is better than this
SHORT = 60.0  # seconds: estimates of less are not worth comparing
REMEMBERED = 60  # comparisons kept from backlogs that are over
GREW = 1.05  # by this much more work than at the last estimate: more has come
SAMPLES = 400  # estimates kept of one that lasts; then every other one is thrown away


@dataclass(frozen=True, slots=True)
class Part:
    """One sort of work: how many pieces wait or will follow from what waits, and requests for each."""

    work: str
    pieces: int
    price: float


@dataclass(frozen=True, slots=True)
class Eta:
    """`seconds` until nothing waits any more, likely between `low` and `high`. `requests` to go, `per_second` of them
    for what waits; `measured`: that was seen, and is not only what the rate allows. `compared`: with how many earlier
    estimates. `new`: objects to be read whole, each of which leads to more."""

    seconds: float
    low: float
    high: float
    requests: float
    per_second: float
    measured: bool
    parts: tuple[Part, ...]
    new: int = 0
    compared: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "seconds": round(self.seconds), "low": round(self.low), "high": round(self.high),
            "requests": round(self.requests), "per_second": round(self.per_second, 2), "measured": self.measured,
            "compared": self.compared,
            "parts": [{"work": p.work, "pieces": p.pieces, "price": round(p.price, 2)} for p in self.parts],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """An estimate that is kept: when (Unix time), and what it said. `owed`: of its requests, those no new object asks
    for."""

    at: float
    seconds: float
    requests: float
    new: int
    per_second: float
    owed: float = 0.0


@dataclass(frozen=True)
class Past:
    """What earlier estimates tell. `samples`: of the backlog that lasts. `ratios`: what backlogs that are over took, by
    what had been said. `each`: requests that a new object took with all that followed from it, in the last one; 0: not
    known."""

    samples: tuple[Sample, ...] = ()
    ratios: tuple[float, ...] = ()
    each: float = 0.0


def forecast(queue: Queue, budgets: Sequence[Budget], past: Past, now: datetime, *, writing: bool) -> Eta | None:
    """When what waits will be done; None where nothing waits long enough, or no rate is known to reckon with. Of
    several endpoint classes the slowest says."""
    if queue.oldest is None or now - queue.oldest < BEHIND:
        return None
    found = [_of(one.at(now), queue, past, now, writing) for one in budgets]
    slowest = max((one for one in found if one is not None), key=lambda one: one.seconds, default=None)
    if slowest is None:
        return None
    ends = now.timestamp() + slowest.seconds
    low, high = _band(past.ratios, [(ends - one.at) / one.seconds for one in past.samples if one.seconds >= SHORT])
    return replace(slowest, low=slowest.seconds * low, high=slowest.seconds * high, compared=len(past.ratios))


def _of(budget: Budget, queue: Queue, past: Past, now: datetime, writing: bool) -> Eta | None:
    """By one budget. Every write is confirmed by one more read; what an object leads to that nobody knows yet is taken
    from others like it: those of the last backlog, and more and more those of this one. What is spent on all this is
    measured once it has waited for three windows; before that, and where by that measure not one request had left in
    all the time, it is what the rate allows."""
    assert queue.oldest is not None
    write, live = (_price(budget, work) for work in (Work.WRITE, Work.LIVE))
    writes = queue.writes + (queue.tasks if writing else 0)
    usual = past.each or live + FOLLOW * (write + live)
    fresh = _each(past.samples, usual) if writing else live
    reads = queue.reads - queue.new + writes
    parts = (Part("write", writes, write), Part("read", reads, live), Part(NEW, queue.new, fresh))
    requests = sum(part.pieces * part.price for part in parts)
    seen = sum(budget.share(work).pace for work in (Work.WRITE, Work.LIVE))
    waited = (now - queue.oldest) / budget.per
    measured = waited > 3 and seen * waited >= 1
    rate = (seen if measured else budget.limit * (1 - 2 * FLOOR)) / budget.per.total_seconds()
    return Eta(requests / rate, 0, 0, requests, rate, measured, parts, queue.new) if rate else None


def _price(budget: Budget, work: Work) -> float:
    share = budget.share(work)
    return share.spent / share.units if share.units >= 1 else USUAL


# ------------------------------------------------------------------------------------------------- how far it was off


def _band(over: Sequence[float], running: Sequence[float]) -> tuple[float, float]:
    """Between which factors nine of ten estimates were right: of backlogs that are over. Those of the running one, held
    against the newest, can only show that it is worse: what they all do not know of shows at the end."""
    low, high = _most(over) if len(over) >= FEW else UNKNOWN
    lower, higher = _most(running) if len(running) >= FEW else (1.0, 1.0)
    return min(low, lower, 1 - LEAST), max(high, higher, 1 + LEAST)


def _most(ratios: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(ratios)
    return ordered[len(ordered) // 20], ordered[-1 - len(ordered) // 20]


def noted(past: Past, eta: Eta | None, now: datetime) -> Past:
    """What is kept for the next estimate: this one, or what came of them once the backlog is gone. An estimate that
    could not know of work that came later is no longer compared."""
    if eta is None:
        return _over(past, now) if past.samples else past
    samples = past.samples
    if samples and (eta.new > samples[-1].new or (not eta.new and eta.requests > samples[-1].requests * GREW)):
        samples = ()
    rest = samples[:: 2 if len(samples) >= SAMPLES else 1]
    owed = sum(part.pieces * part.price for part in eta.parts if part.work != NEW)
    mine = Sample(
        round(now.timestamp()), round(eta.seconds), round(eta.requests), eta.new, round(eta.per_second, 3), round(owed)
    )  # fmt: skip
    return replace(past, samples=(*rest, mine))


def _over(past: Past, now: datetime) -> Past:
    over = [(now.timestamp() - one.at) / one.seconds for one in past.samples if one.seconds >= SHORT]
    some = over[:: max(1, -(-len(over) // (REMEMBERED // 2)))]
    read, taken = _read(past.samples)
    each = max(1.0, (taken - past.samples[-1].owed) / read) if read >= MANY else past.each
    return Past((), tuple(round(one, 3) for one in (*past.ratios, *some)[-REMEMBERED:]), each)


def _read(samples: Sequence[Sample]) -> tuple[int, float]:
    """How many new objects were read while these were kept, and requests they took or are still owed."""
    if not samples:
        return 0, 0.0
    spent = sum(later.per_second * (later.at - earlier.at) for earlier, later in pairwise(samples))
    return samples[0].new - samples[-1].new, spent + samples[-1].owed - samples[0].owed


def _each(samples: Sequence[Sample], usual: float) -> float:
    """Requests that a new object takes with all that follows from it. Those that were read last have not led to
    everything yet, so what is usual counts as if that many more had been read; before any number was, it is usual."""
    read, taken = _read(samples)
    if read < MANY:
        return usual
    return (usual * 2 * MANY + max(0.0, taken)) / (2 * MANY + read)


class Etas:
    """`app.etas`: estimates for connections, and the task "estimate" that keeps them."""

    def __init__(self, runtime: Runtime, connections: Connections, written: Sequence[str]) -> None:
        """`written`: names of tasks whose result will be written."""
        self._runtime = runtime
        self._connections = connections
        self._written = written

    def of(self, tx: Tx, connection: str) -> Eta | None:
        """When this connection's backlog will be gone; None where there is none, or it is not worked off."""
        at, now = self._connections.known(connection), self._runtime.now()
        if at is None or not self._connections.working(at, now):
            return None
        queue = tx.pages.queue(at.id, self._written)
        past = _past(tx.connections.cursor(at.id, CURSOR))
        return forecast(queue, tx.budgets.list(at.id), past, now, writing=at.row.mode is Mode.LIVE)

    async def keep(self, _task: TaskLease) -> float:
        """The handler: every connection that is behind, or was."""
        for at in self._connections.all():
            await self._connections.store.write(lambda tx, at=at: self._keep(tx, at))
        return EACH

    def _keep(self, tx: Tx, at: Connected) -> None:
        now = self._runtime.now()
        if not self._connections.working(at, now):
            return  # what waits for a system that is away says nothing of the rate
        past, eta = _past(tx.connections.cursor(at.id, CURSOR)), self.of(tx, at.id)
        after = noted(past, eta, now)
        if after != past:
            tx.connections.set_cursor(at.id, CURSOR, _stored(after), now=now)


def _past(value: Value) -> Past:
    """From its stored form."""
    if not isinstance(value, Mapping):
        return Past()
    kept: Mapping[str, Any] = value
    return Past(tuple(Sample(**one) for one in kept["samples"]), tuple(kept["ratios"]), kept["each"])


def _stored(past: Past) -> Fields:
    return {
        "samples": tuple(asdict(one) for one in past.samples), "ratios": past.ratios, "each": round(past.each, 2)
    }  # fmt: skip
