"""Whatever happens, after quiet both sides agree or say why not; and a seed is a run, to the last line of its diary."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import pytest

from bascule.core import table
from bascule.simulation import draw, play, shrink
from bascule.simulation.faults import KINDS

SEEDS = 20
PARTS = 5


@pytest.mark.parametrize("part", range(PARTS))
def test_every_promise_holds(part: int) -> None:
    wrong = {}
    for seed in range(part * SEEDS // PARTS, (part + 1) * SEEDS // PARTS):
        outcome = play(draw(seed))
        if outcome.wrong:
            wrong[seed] = outcome.why
    assert not wrong


def test_the_runs_meet_every_fault_and_many_crashes() -> None:
    scenarios = [draw(seed) for seed in range(300)]
    assert {fault.kind for one in scenarios for fault in one.faults} == set(KINDS)
    assert {system for one in scenarios for system in one.systems} == {"a", "b", "c"}


def test_a_seed_is_played_again_exactly() -> None:
    for seed in (3, 11):
        first, second = play(draw(seed)), play(draw(seed))
        assert first.diary == second.diary
        assert first.digest == second.digest


def test_another_process_plays_the_same_run_whatever_its_hashes() -> None:
    def run(hashes: str) -> dict[str, object]:
        command = [sys.executable, "-c", "from bascule.cli import main; main()", "simulate", "--seed", "5", "--json"]
        done = subprocess.run(
            command, capture_output=True, env={"PYTHONHASHSEED": hashes, "PYTHONPATH": PATH}, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    assert run("1") == run("2")


PATH = ":".join(sys.path)


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
