"""What follows from applications, under every fault: one message for each cause, and none that nobody wanted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bascule.core.messages import Template
from bascule.core.triggers import Trigger
from bascule.hiring import messages as mailing
from bascule.hiring.interviewing import Interviewing
from bascule.hiring.messages import About, Messages
from bascule.model import Actor
from bascule.simulation import Outcome, draw_flow, play
from bascule.simulation.scenario import FLOW_FAULTS, FLOW_HERE, FLOW_SYSTEMS, FLOW_THERE
from bascule.store import Tx
from bascule.store.messages import Message
from bascule.store.triggers import Triggers as Fired

from .test_seeds import simulate

SEEDS, TOGETHER = 16, 8

Patch = pytest.MonkeyPatch


@pytest.mark.parametrize("first", range(0, SEEDS, TOGETHER))
def test_every_promise_holds_in_many_runs(first: int) -> None:
    told = simulate("--flow", "--seed", str(first), "--seeds", str(TOGETHER))
    assert told["seeds"] == TOGETHER
    assert not told["failures"], json.dumps(told["failures"], indent=1)
    assert told["stats"]["messages sent"] > TOGETHER
    assert told["stats"]["firings"] > TOGETHER * 5


def test_the_runs_meet_every_fault_and_doing() -> None:
    scenarios = [draw_flow(seed) for seed in range(300)]
    assert {fault.kind for one in scenarios for fault in one.faults} == set(FLOW_FAULTS)
    assert {one.systems for one in scenarios} == set(FLOW_SYSTEMS)
    assert {act.what for one in scenarios for act in one.acts} == {*FLOW_THERE, *FLOW_HERE}
    assert all(one.leaps for one in scenarios)


def test_a_seed_is_played_again_exactly() -> None:
    first, second = play(draw_flow(4)), play(draw_flow(4))
    assert first.diary == second.diary
    assert first.digest == second.digest


# --------------------------------------------------------------------------------------------------- does it bite?


def no_once(patch: Patch) -> None:
    """That a rule has fired for a cause is forgotten."""
    patch.setattr(Fired, "of", lambda *about: [])


def no_hold(patch: Patch) -> None:
    """What should wait for a person leaves at once."""

    def at_once(self: Messages, tx: Tx, about: About, message: Message, actor: Actor, why: str) -> Message:
        tx.messages.add(about.family.workspace, message)
        self.send(tx, about.family.workspace, message)
        return message

    patch.setattr(Messages, "hold", at_once)


def no_second_look(patch: Patch) -> None:
    """What has been answered, or is off, in the hours before a letter leaves is not looked at."""
    patch.setattr(mailing, "outdated", lambda *about: "")


def no_uncertainty(patch: Patch) -> None:
    """A letter of which nobody knows whether it left is sent again."""

    def again(self: Messages, tx: Tx, workspace: str, message: Message, words: str) -> None:
        self.send(tx, workspace, message)

    patch.setattr(Messages, "_unknown", again)


def low_scores_earn(patch: Patch) -> None:
    """What turns people away may be sent by a rule."""
    patch.setattr(Trigger, "turns_away", False)
    patch.setattr(Template, "turns_away", False)


def no_seats(patch: Patch) -> None:
    """Two candidates may take one time."""
    patch.setattr(Interviewing, "_free", lambda *about: None)


@dataclass(frozen=True, slots=True)
class Break:
    plant: Callable[[Patch], None]
    found: str
    seeds: tuple[int, ...]
    faults: tuple[str, ...] = ()
    whats: tuple[str, ...] = ()
    acts: int = 24

    def run(self, seed: int) -> Outcome:
        return play(draw_flow(seed, acts=self.acts, faults=self.faults, whats=self.whats, processes=1, systems=("a",)))


BREAKS = {
    "that it has fired is forgotten": Break(no_once, "two letters of one rule in one mailbox", (0,), (), ("desk", "title", "rescore")),
    "what is held leaves": Break(no_hold, "left without a person", (0,), (), ("stage",), 6),
    "nothing is looked at again before it leaves": Break(no_second_look, "written to somebody who has moved on", (0,), (), ("stage", "desk")),
    "an uncertain letter is sent again": Break(no_uncertainty, "one message taken twice", (1,), ("mail lost answer",), ("desk",)),
    "a low score writes by itself": Break(low_scores_earn, "left without a person", (5,), (), ("title",), 6),
    "a time is taken twice": Break(no_seats, "two interviews at one time", (1,), ("race",), ("interview", "two choose"), 40),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_flow_is_found_out_and_the_sound_one_holds_in_the_same_run(name: str) -> None:
    one = BREAKS[name]
    for seed in one.seeds:
        outcome = one.run(seed)
        assert not outcome.wrong, outcome.why
    with pytest.MonkeyPatch.context() as patch:
        one.plant(patch)
        assert any(one.found in one.run(seed).wrong for seed in (*one.seeds, *range(12)))
