"""A pilot is kept sealed, changes as it goes on, and goes with its connection; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bascule.store import Store
from bascule.store.pilots import Phase, Pilot
from bascule.store.sql import Sql

from .people import ATS, NOW, WORKSPACE

ONE = Pilot(
    "p1", WORKSPACE, ATS, NOW, NOW + timedelta(hours=1), False, "bascule-pilot-abc", "job-1",
    {"kind": "person", "id": "u", "name": "Maya"}, {"mode": "observe", "scope": {"jobs": ("j",)}, "live_since": None},
    ({"name": "Pilot Test 01", "given": {"emails": ("canary@pilot.example",)}},),
)  # fmt: skip


async def test_a_pilot_is_kept_as_it_is_and_tells_nothing_to_who_reads_the_file(store: Store) -> None:
    done = replace(ONE, phase=Phase.DONE, ended=NOW + timedelta(minutes=3), passed=False, lines=({"check": "score"},))
    later = replace(ONE, id="p2")
    await store.write(lambda tx: (tx.pilots.add(ONE), tx.pilots.add(later), tx.pilots.set(done)))
    assert await store.read(lambda tx: tx.pilots.get("p1")) == done
    assert await store.read(lambda tx: tx.pilots.get("p9")) is None
    assert await store.read(lambda tx: tx.pilots.of(ATS)) == [later, done]
    (row, *_) = await store.read(lambda tx: tx.rows(Sql("SELECT body FROM pilots")))
    assert b"canary" not in bytes(row[0])
    await store.write(lambda tx: tx.connections.remove(ATS))
    assert await store.read(lambda tx: tx.pilots.of(ATS)) == []
