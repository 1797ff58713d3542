"""The real connectors and the vendors' sandboxes, mixed: what stands on each ATS's pages stands here, whatever happens."""

from __future__ import annotations

import json

import pytest

from bascule.connectors.registry import BUILT_IN
from bascule.simulation import draw_mixed, play
from bascule.simulation.sandboxes import KINDS
from bascule.simulation.scenario import MIXED_FAULTS, VENDORS

from .test_bites import forgotten_attempts, no_look, unread_writes
from .test_seeds import simulate

SEEDS = range(872, 880)  # every vendor in each of its ways; `make simulate ARGS="--systems mixed"` plays many more
TOGETHER = 4


@pytest.mark.parametrize("first", SEEDS[::TOGETHER])
def test_every_promise_holds_in_many_runs(first: int) -> None:
    told = simulate("--systems", "mixed", "--seed", str(first), "--seeds", str(TOGETHER))
    assert told["seeds"] == TOGETHER
    assert not told["failures"], json.dumps(told["failures"], indent=1)
    assert told["stats"]["writes"] > TOGETHER * 10


def test_the_runs_meet_every_system_and_fault() -> None:
    scenarios = [draw_mixed(seed) for seed in range(300)]
    assert {fault.kind for one in scenarios for fault in one.faults} == set(MIXED_FAULTS)
    assert {system for one in scenarios for system in one.systems} == set(VENDORS) == set(KINDS)
    assert {system for seed in SEEDS for system in draw_mixed(seed).systems} == set(VENDORS)
    assert {kind.system for kind in KINDS.values()} == set(BUILT_IN)
    assert all(len({system.split("-")[0] for system in one.systems}) == len(one.systems) for one in scenarios)


def test_a_seed_is_played_again_exactly() -> None:
    first, second = play(draw_mixed(37)), play(draw_mixed(37))
    assert first.diary == second.diary
    assert first.digest == second.digest


def test_a_name_that_a_system_takes_from_whoever_applies_again_is_the_last_that_was_said_there() -> None:
    outcome = play(draw_mixed(299))
    said = [line.split("SAID ", 1)[1] for line in outcome.diary if "SAID smartrecruiters p0" in line]
    again = said.index("smartrecruiters p0 apply again 1 ")
    assert "smartrecruiters p0 first_name Firstp0 " in said[again:]
    assert not outcome.wrong


def test_of_a_note_that_came_over_in_a_merge_that_nobody_told_of_a_person_is_asked() -> None:
    outcome = play(draw_mixed(196))
    assert any("SAID smartrecruiters p1 merge" in line for line in outcome.diary)
    assert not outcome.wrong


BREAKS = {
    "no look before a creation is sent again": (no_look, ("lost answer", "timeout"), ("note", "apply"), 0),
    "a dead worker's calls are forgotten": (forgotten_attempts, ("crash",), ("note", "rescore"), 0),
    "nothing is read before it is written": (unread_writes, ("hooks lost",), ("first_name", "company"), 13),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_engine_is_found_out_and_the_sound_one_holds_in_the_same_run(name: str) -> None:
    plant, faults, whats, seed = BREAKS[name]
    assert not play(draw_mixed(seed, faults=faults, whats=whats)).wrong
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        broken = (play(draw_mixed(one, faults=faults, whats=whats)).wrong for one in (seed, *range(12)))
        assert any(wrong.keys() - {"unforeseen"} for wrong in broken), "found by what stands there"
