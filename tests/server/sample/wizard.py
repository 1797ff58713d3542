"""A connection's set-up."""

from __future__ import annotations

from dataclasses import replace

from bascule.connectors.guide import guide
from bascule.connectors.registry import load
from bascule.model import StageType
from bascule.office.setting_up import Step
from bascule.server.show.wizard import TITLES
from bascule.server.views.parts import Choice, State, Tone
from bascule.server.views.wizard import StageRow, StepRow, WizardPage

from .parts import ago

DONE = State("Done.", Tone.IN_STEP)


def steps(here: Step, state: State, next: str = "") -> tuple[StepRow, ...]:
    """Every step done but one, which waits."""
    return tuple(
        StepRow(one, TITLES[one], state if one is here else DONE, next if one is here else "", one is here, True)
        for one in Step
    )


STAGES = WizardPage(
    name="greenhouse", label="vendor sandbox", at="/connections/greenhouse/setup", guide=guide(load("greenhouse")), base_url="/v3",
    answer=State("Stages: 1 of 2 stages are not understood", Tone.FAILING), rest="5 of 11 steps are done.",
    steps=steps(Step.STAGES, State("1 of 2 stages are not understood: Kaffeklatsch.", Tone.FAILING), "Choose one."),
    types=tuple(StageType),
    stages=(StageRow("Phone Screen", 14, "screen", "screen"), StageRow("Kaffeklatsch mit dem Team", 2, "", "")),
    entered="harvest:candidates:list\nharvest:jobs:list", missing=tuple(f"harvest:kind_{n}:list" for n in range(9)), unwaived=("harvest:candidates:destroy",), waivable=True, hook_url="/hooks/greenhouse", hook_secret="",
    hook_checked=ago(minutes=3), users=(Choice("7", "Robin Falk"),), may_administer=True, lacking=("Bascule score",),
    pilot="/connections/greenhouse/pilots/p1", for_pilot=(), rehearsal=False, to="listen", ready=True,
    jobs=(Choice("j1", "Backend Engineer"),), runs=False, practice="", told=False,
)  # fmt: skip
READING = replace(
    STAGES, guide=guide(load("lever")), label="simulator", rehearsal=True, runs=True, practice="/practice",
    steps=steps(Step.READING, State("Being read. 4,096 objects so far.", Tone.CATCHING_UP), "It goes on by itself."),
    answer=State("Reading: Being read", Tone.CATCHING_UP), stages=(), pilot="", to="", hook_checked=None, lacking=(),
)  # fmt: skip
WRONG = replace(
    STAGES, guide=guide(load("odoo")), may_administer=False, told=True, waivable=False, hook_secret="shown-once",
    steps=steps(Step.CREDENTIALS, State("Odoo refused our credentials: Access Denied.", Tone.FAILING), "In Odoo: ..."),
    answer=State("Credentials: Odoo refused our credentials", Tone.FAILING), to="live", ready=False,
)  # fmt: skip
