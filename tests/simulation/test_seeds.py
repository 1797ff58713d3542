"""Whatever happens, after quiet both sides agree or say why not; and a seed is a run, to the last line of its diary."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from typing import Any

import pytest

from bascule.core import table
from bascule.simulation import draw, loop, play, shrink
from bascule.simulation.faults import CRASH, KINDS
from bascule.simulation.scenario import SCHEMA

SEEDS, TOGETHER = 300, 50  # as many in one process as share the tests' workers well
PATH = ":".join(sys.path)


def simulate(*arguments: str, hashes: str = "0") -> dict[str, Any]:
    """`bascule simulate`, as a person would call it; what it told."""
    command = [sys.executable, "-c", "from bascule.cli import main; main()", "simulate", *arguments, "--json"]
    env = {"PYTHONHASHSEED": hashes, "PYTHONPATH": PATH}
    done = subprocess.run(command, capture_output=True, env=env, check=False)
    assert done.stdout, done.stderr.decode()
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (1 if told["failed"] else 0)
    return told


@pytest.mark.parametrize("first", range(0, SEEDS, TOGETHER))
def test_every_promise_holds_in_many_runs(first: int) -> None:
    told = simulate("--seed", str(first), "--seeds", str(TOGETHER))
    assert told["seeds"] == TOGETHER
    assert not told["failures"], json.dumps(told["failures"], indent=1)
    assert told["stats"].get("crashes", 0) >= crashing(range(first, first + TOGETHER))
    assert told["stats"]["writes"] > TOGETHER * 10


def crashing(seeds: range) -> int:
    """In how many of these a process may end at any moment for a while."""
    return sum(any(fault.kind == CRASH for fault in draw(seed).faults) for seed in seeds)


def test_the_runs_meet_every_fault_and_many_crashes() -> None:
    scenarios = [draw(seed) for seed in range(SEEDS)]
    assert crashing(range(SEEDS)) > SEEDS / 10
    assert {fault.kind for one in scenarios for fault in one.faults} == set(KINDS)
    assert {system for one in scenarios for system in one.systems} == {"a", "b", "c"}
    assert {act.what for one in scenarios for act in one.acts} >= set(SCHEMA)


def test_a_seed_is_played_again_exactly() -> None:
    for seed in (3, 11):
        first, second = play(draw(seed)), play(draw(seed))
        assert first.diary == second.diary
        assert first.digest == second.digest


def test_other_processes_play_the_same_runs_whatever_their_hashes() -> None:
    alone = simulate("--seed", "5", hashes="1")
    assert alone == simulate("--seed", "5", hashes="2")
    shared = simulate("--seed", "5", "--seeds", "2", "--jobs", "2")
    assert shared["stats"]["writes"] == alone["stats"]["writes"] + play(draw(6)).stats["writes"]


def test_who_goes_in_circles_ends_a_run() -> None:
    async def round_and_round(_clock: loop.Clock) -> None:
        while True:
            await asyncio.sleep(0)

    with pytest.raises(loop.Stuck, match="no time passes"):
        loop.run("0", round_and_round)


def test_nothing_runs_in_another_thread() -> None:
    before = threading.active_count()
    play(draw(1))
    assert threading.active_count() == before


def test_a_failing_run_is_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*about: object) -> None:
        return None

    monkeypatch.setattr(table, "_taken", nothing)
    monkeypatch.setattr(table, "_agree", nothing)
    failed = next(one for one in (play(draw(seed, faults=())) for seed in range(20)) if one.wrong)
    smallest = shrink(failed, tries=60)
    assert set(smallest.wrong) & set(failed.wrong)
    assert len(smallest.scenario.acts) <= 3
    assert len(smallest.scenario.lines()) < len(failed.scenario.lines())
    assert play(smallest.scenario).digest == smallest.digest
