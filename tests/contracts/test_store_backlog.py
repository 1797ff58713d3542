"""What a worker asks of the lanes in every round is a seek into an index, however many lanes wait."""

from __future__ import annotations

import pytest

from bascule import model as m
from bascule.store import Store, Tx
from bascule.store import statements as s
from bascule.store.lanes import Hint, Priority
from bascule.store.sql import Sql

from .people import ATS, NOW, TOOL

BACKLOG = 3000  # lanes of each sort, all due at one moment, as after an outage
LEASED = {"connection": ATS, "n": 10, "now": 2**60, "until": 2**60, "epoch": 1, "worker": "one"}
ROUND = {
    "reads waiting": (s.READS_WAITING, {"queues": [(ATS, 0), (ATS, 1), (TOOL, 0)], "now": 2**60}),
    "writes waiting": (s.WRITE_LANES_WAITING, {"queues": [(ATS, 0), (ATS, 1), (TOOL, 0)], "now": 2**60}),
    "lease reads": (s.READS_LEASE, {**LEASED, "priority": 0}),
    "lease writes": (s.WRITES_LEASE, {**LEASED, "rank": 1}),
    "reads held": (s.READS_HELD, {"connection": ATS, "leases": [("candidate", "1", 1)]}),
    "writes held": (s.WRITE_LANES_HELD, {"connection": ATS, "leases": [("family-1", 1)]}),
    "a lane done": (s.WRITE_LANE_DONE, {"connection": ATS, "family": "family-1", "epoch": 1}),
    "a lane woken": (s.WRITE_LANE_WAKE, {"connection": ATS, "family": "family-1", "now": 2**60}),
}


def pile_up(store: Store) -> None:
    def unit(tx: Tx) -> None:
        hints = [Hint(at, m.Kind.CANDIDATE, str(n)) for n in range(BACKLOG) for at in (ATS, TOOL)]
        tx.reads.wanted(hints, now=NOW)
        for n in range(BACKLOG):
            tx.writes.want(ATS, f"family-{n}", now=NOW)
        if tx.dialect == "postgresql":  # as autovacuum does after so many rows
            tx.run(Sql("ANALYZE read_lanes"))
            tx.run(Sql("ANALYZE write_lanes"))

    store.transact(unit)


def plan(store: Store, sql: Sql, parameters: dict[str, object]) -> list[str]:
    explain = "EXPLAIN QUERY PLAN" if store.dialect == "sqlite" else "EXPLAIN"
    return [str(row[-1]) for row in store.transact(lambda tx: tx.rows(Sql(f"{explain} {sql.text}"), **parameters))]


def reads_too_much(step: str) -> bool:
    """A step that reads or sorts all lanes. On SQLite, aliases stand for the tables; what is scanned beside the given
    rows and the few that were picked is a table."""
    if "Seq Scan on" in step or "Bitmap" in step:
        return "lanes" in step
    if step.startswith("SCAN"):
        return not any(small in step for small in ("json_each", "picked", "CONSTANT ROW", "connections"))
    return "USE TEMP B-TREE" in step or "Sort Key" in step


@pytest.mark.parametrize("name", ROUND)
def test_no_statement_of_a_round_reads_or_sorts_the_whole_backlog(store: Store, name: str) -> None:
    pile_up(store)
    sql, parameters = ROUND[name]
    found = plan(store, sql, parameters)
    assert [step for step in found if reads_too_much(step)] == [], "\n".join(found)
    assert any("Index" in step or "USING" in step for step in found), "\n".join(found)


def test_the_earliest_of_each_queue_is_told_whoever_else_waits(store: Store) -> None:
    pile_up(store)
    reads = store.query(lambda tx: tx.reads.waiting([TOOL, "nobody"], now=NOW))
    assert reads == [(TOOL, Priority.LIVE, NOW)]
    assert store.query(lambda tx: tx.writes.waiting([ATS, TOOL, "nobody"], now=NOW)) == [(ATS, NOW)]
