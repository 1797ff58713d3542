"""The same world and the same judgement on PostgreSQL, in real time: threads, row locks, and processes that overtake."""

from __future__ import annotations

from contextlib import ExitStack

from tests.conftest import TEMPLATE
from tests.databases import Cluster

from bascule.simulation import draw, play_on
from bascule.simulation.faults import KINDS, RACE

SEEDS = (3, 37, 48, 56, 90, 98)  # crashes, pauses, erasures, and people told apart
SPEED = 5.0  # a run of three minutes takes forty seconds


def test_the_promises_hold_on_postgresql_where_several_processes_really_overtake(cluster: Cluster) -> None:
    """All at once, each with two processes and a database of its own; races are real and not drawn."""
    with ExitStack() as databases:
        scenarios = [draw(seed, faults=set(KINDS) - {RACE}, processes=2) for seed in SEEDS]
        played = play_on({databases.enter_context(cluster.database(TEMPLATE)): one for one in scenarios}, speed=SPEED)
    assert {one.scenario.seed: one.why for one in played if one.wrong} == {}
    assert sum(one.stats["writes"] for one in played) > 3 * len(SEEDS)
    assert sum(one.stats.get("crashes", 0) for one in played) > 0
