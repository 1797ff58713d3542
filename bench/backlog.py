"""How fast lanes are found, leased and acknowledged while a backlog grows from nothing to 100,000 lanes.

The store is SQLite, on disk. Half of the backlog are objects to read, half are families with writes, at a connection
that answers less quickly than its customers ask. A round is what a worker's round asks of the lanes: what waits, a
lease of reads and one of writes, and their end, each in a commit as the worker has it. What is delivered comes on top
of what the backlog grows by. What counts is lanes delivered in a second of processor time, of every thread: the last
tenth of the way against the first.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

from bascule.core import audit
from bascule.engine.lanes import READ_BATCH
from bascule.model import Kind
from bascule.store import Arithmetic, Store, Tx, open_store
from bascule.store.lanes import Hint, ReadLease, WriteLease

from .rows import Row, median

LANES, STEPS, ROUNDS, GOAL = 100_000, 100, 20, 0.9  # lanes at the end, in so many steps, rounds measured after each
WRITES = 16  # lanes of writes in a round: a worker's slots
AT, OTHERS = "bench", tuple(f"idle-{n}" for n in range(4))  # every connection is asked for in a round
LEASE = timedelta(seconds=60)


class Queue:
    """One connection's lanes: more come, and rounds deliver some of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._numbers = count()

    async def grow(self, reads: int, writes: int) -> None:
        """So many more lanes are due."""
        objects, families = islice(self._numbers, reads), islice(self._numbers, writes)

        def unit(tx: Tx) -> None:
            now = datetime.now(UTC)
            tx.reads.wanted([Hint(AT, Kind.CANDIDATE, str(n)) for n in objects], now=now)
            for n in families:
                tx.writes.want(AT, f"family-{n:09}", now=now)

        await self._store.write(unit)

    async def round(self) -> int:
        """Find, lease and acknowledge; how many lanes were delivered."""
        reads, writes = await self._store.write(_lease)
        await self._store.write(lambda tx: _end(tx, reads, writes))
        return len(reads) + len(writes)


def _lease(tx: Tx) -> tuple[list[ReadLease], list[WriteLease]]:
    now = datetime.now(UTC)
    known = (AT, *OTHERS)
    if not tx.reads.waiting(known, now=now) or not tx.writes.waiting(known, now=now):
        raise RuntimeError("The backlog is empty: more is delivered than comes.")
    reads = tx.reads.lease(AT, READ_BATCH, now=now, until=now + LEASE, worker="bench")
    return reads, tx.writes.lease(AT, WRITES, now=now, until=now + LEASE, worker="bench")


def _end(tx: Tx, reads: list[ReadLease], writes: list[WriteLease]) -> None:
    now = datetime.now(UTC)
    tx.reads.ack(reads, number=tx.number(), started=now, now=now)
    tx.writes.ack(writes, now=now)


async def measure(lanes: int, rounds: int) -> list[float]:
    """Lanes delivered in a second of processor time, by step of the way from an empty backlog to `lanes`."""
    rates: list[float] = []
    half = lanes // STEPS // 2
    with tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder:
        arithmetic = Arithmetic(audit.digest, audit.value, audit.link, audit.GENESIS)
        store = open_store(f"sqlite:///{Path(folder) / 'bench.db'}", master=bytes(32), audit=arithmetic)
        try:
            queue = Queue(store)
            for _ in range(STEPS):
                await queue.grow(half + READ_BATCH * rounds, half + WRITES * rounds)
                began = time.process_time()
                done = sum([await queue.round() for _ in range(rounds)])
                rates.append(done / (time.process_time() - began))
        finally:
            await store.close()
    return rates


def run(size: float = 1.0) -> list[Row]:
    """One row. `size` 1 is a backlog of 100,000 lanes."""
    lanes, rounds = max(2 * STEPS, int(LANES * size)), max(1, int(ROUNDS * min(1.0, size * 10)))
    asyncio.run(measure(2 * STEPS, 1))  # what is read and compiled once is ready for the first tenth too
    rates = asyncio.run(measure(lanes, rounds))
    first, last = median(rates[: STEPS // 10]), median(rates[-STEPS // 10 :])
    ratio = round(last / first, 3)
    figures = {"lanes": lanes, "first_per_s": round(first), "last_per_s": round(last), "rounds": STEPS * rounds}
    return [
        Row(
            "backlog", f"Delivery while a backlog grows to {lanes:,} lanes", ratio,
            "last tenth's rate to the first's", f"{last:,.0f} lanes a second of processor time",
            f"the first tenth of the way: {first:,.0f}", f"at least {GOAL}", ratio >= GOAL, figures,
        )
    ]  # fmt: skip
