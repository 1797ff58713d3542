"""What a data check found stands until the next one is done, and is paged through in order, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bascule.store import Store, Tx
from bascule.store.findings import Check

from .people import ATS, NOW, WORKSPACE


async def test_findings_are_paged_and_the_next_check_takes_their_place(store: Store) -> None:
    first = Check("a", WORKSPACE, ATS, NOW, counts={"stale": 5}, place=("candidate", "x"))

    def begin(tx: Tx) -> None:
        tx.findings.begin(first)
        tx.findings.add(first, [("stale", f"r{n}") for n in range(5)] + [("stale", "r0"), ("twice", "r9")])

    await store.write(begin)
    assert await store.read(lambda tx: (tx.findings.going(ATS), tx.findings.newest(ATS))) == (first, None)
    done = replace(first, ended=NOW + timedelta(seconds=3))
    await store.write(lambda tx: tx.findings.end(done))
    assert await store.read(lambda tx: (tx.findings.going(ATS), tx.findings.newest(ATS))) == (None, done)
    assert await store.read(lambda tx: tx.findings.page(done, "stale", "", 3)) == ["r0", "r1", "r2"]
    assert await store.read(lambda tx: tx.findings.page(done, "stale", "r2", 3)) == ["r3", "r4"]
    second = Check("b", WORKSPACE, ATS, NOW, NOW + timedelta(seconds=9))

    def again(tx: Tx) -> None:
        tx.findings.begin(replace(second, ended=None))
        tx.findings.end(second)

    await store.write(again)
    assert await store.read(lambda tx: tx.findings.newest(ATS)) == second
    assert await store.read(lambda tx: tx.findings.page(done, "stale", "", 3)) == []
