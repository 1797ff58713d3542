"""A connection's roll-out, and a pilot."""

from __future__ import annotations

from dataclasses import replace

from bascule.core.pilots import WORDS, Check
from bascule.core.rollout import Item, Result
from bascule.office.rollouts import EXEMPT
from bascule.server.show.rollout import SAID, STATES, VERDICTS
from bascule.server.views.parts import State, Tone
from bascule.server.views.rollout import GateLine, PilotLine, PilotPage, PilotRow, RolloutPage, WriteRow

from .parts import ago

FAILS: dict[Item, tuple[str, str]] = {
    Item.DAYS: (
        "9 of 14 clean days in listen: the last incident or failure was then (2026-11-13).",
        "Wait until 2026-11-27; an incident or failure begins them anew.",
    ),
    Item.DATA: ("Nobody has decided about the data check of 2026-11-20.", "Look at it, then say what was decided."),
    Item.PILOT: (
        "No pilot was run in the customer's own system; a rehearsal does not count.",
        "bascule pilot greenhouse-with-a-rather-long-name --resumes DIR",
    ),
    Item.DISCLOSURE: ("Version 4 of what applicants are told is not confirmed for greenhouse.", "Confirm it."),
}


def line(item: Item) -> GateLine:
    why, after = FAILS.get(item, ("", ""))
    result = Result.FAIL if item in FAILS else Result.PASS
    if item is Item.ALERT:
        result = Result.WAIVED
        why = "No alert has reached anybody yet. Waived by Ida Administrator on 2026-11-20: their mail comes next week"
    return GateLine(str(item), SAID[item], STATES[result], why, after, result is Result.FAIL)


WRITES = (
    WriteRow("application", "custom fields.bascule match score", 1204, ago(days=3)),
    WriteRow("candidate", "tags", 12, ago(hours=5)),
)
ROLLOUT = RolloutPage(
    name="greenhouse", label="live", mode="listen", since=ago(days=11), to="shadow", exempt="", ready=False,
    lines=tuple(line(one) for one in Item),
    contacts=(
        ("duties", "What the owner does, and how often", "Looks at the overview every morning; answers tasks in a day."),
        ("deputy", "The deputy", "Dora Deputy"), ("support", "Whom recruiters ask", "hiring-help@company.example"),
        ("escalation", "Whom to call when it stands still", "+47 22 00 00 00"),
    ),
    owner="Ola Owner", jobs=(("j1", "Backend Engineer, Platform", True), ("j2", "Registered Nurse", False)),
    departments="Digital Care Platform", offices="", limited=True,
    scope="Backend Engineer, Platform, department Digital Care Platform", ai=True,
    pilots=(
        PilotRow("p2", State("under way", Tone.CATCHING_UP), ago(minutes=4), 50, False),
        PilotRow("p1", State("not passed", Tone.FAILING), ago(days=2), 5, True),
    ),
    disclosure=4, may=True, may_waive=True,
    preview=(("Of records that go on", WRITES), ("Of records that were closed before", ())),
)  # fmt: skip
EXEMPTED = replace(
    ROLLOUT, does="Plans every write and shows it. Nothing is sent.", label="simulator", exempt=EXEMPT, ready=True, lines=(), preview=None, limited=False, scope="everybody",
    pilots=(), ai=False, to="live",
)  # fmt: skip
NOBODY = replace(
    ROLLOUT,
    may=False,
    may_waive=False,
    preview=None,
    piloting=True,
    scope="the test candidates of the pilot, and nobody else",
)


def found(check: Check, verdict: str, of: str = "", *more: str) -> PilotLine:
    candidate, field, expected, there, after = (*more, "", "", "", "", "")[:5]
    return PilotLine(WORDS[check], VERDICTS[verdict], of, candidate, field, expected, there, after)


PILOT = PilotPage(
    "greenhouse", "vendor sandbox", State("not passed", Tone.FAILING), False, ago(minutes=12), ago(minutes=2),
    "bascule-pilot-8a36ad", "Ida Administrator", 50,
    (
        found(Check.CREATED, "pass", "50 candidates"),
        found(Check.FIELDS, "fail", "", "Pilot Test 07 8a36ad", "custom_fields.bascule_match_reasons",
              "- Ten years of nursing\n- Triage in an emergency department", "nothing", "patch: the field is read-only"),
        found(Check.STAGE_HERE, "fail", "", "Pilot Test 01 8a36ad", "stage", "Technical Interview", "Phone screen",
              "Nobody moved them there while it ran."),
        found(Check.TRIGGERS, "not tried", "0 triggers"),
        found(Check.CHAIN, "pass", "1 chain"),
    ),
    (), False, ago(minutes=2), may=True,
)  # fmt: skip
RUNNING = replace(
    PILOT, state=State("under way", Tone.CATCHING_UP), ended=None, lines=(), running=True, rehearsal=True, goes_on=True,
    people=(("Pilot Test 01 8a36ad", State("waits to be moved to Technical Interview there", Tone.WAITING)),),
    moves=(("Pilot Test 01 8a36ad", "Technical Interview"), ("Pilot Test 02 8a36ad", "Technical Interview")),
)  # fmt: skip
