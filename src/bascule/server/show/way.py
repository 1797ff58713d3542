"""The flow from application to offer, and the doctor's findings, as their pages show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bascule.engine.health import Finding
from bascule.hiring.figures.flow import Flow, Placed, Step
from bascule.office.figures import STAYS, TARGETS, Seen
from bascule.office.places import Place, parts

from ..views.figures import DoctorPage, FindingRow, FlowPage, StepRow, StepTrigger, UnplacedRow
from ..views.parts import Tone
from .figures import filters, took


def page(
    seen: Seen, found: Flow, triggers: Sequence[Placed], kept: Mapping[str, Any], connections: Sequence[str], *,
    team: bool,
) -> FlowPage:  # fmt: skip
    """The page. `team`: only the jobs on which the reader is named."""
    rows = tuple(_step(one, found, triggers, kept) for one in found.steps)
    answer, rest = _answer(found)
    return FlowPage(
        answer, rest, seen.at, filters(seen, connections),
        tuple(one.said for one in seen.counted), rows,
        tuple(UnplacedRow(one.trigger.name, one.trigger.on, one.why) for one in triggers if one.why),
        tuple(_trigger(one) for one in triggers if one.anywhere), not seen.asked.job,
        not any(one.entered or one.met or one.stand or one.left for one in found.steps), team,
        any(row.baseline for row in rows), any(row.target for row in rows),
    )  # fmt: skip


def _answer(found: Flow) -> tuple[str, str]:
    worst = found.narrowest
    if worst is None:
        many = sum(one.stays.n for one in found.steps)
        return "Too few stays have ended to say where people wait longest.", f"{many:,} ended in this time."
    said = f"half of {worst.stays.n:,} stayed {took(worst.stays.value)} or more"
    said += f", one in ten {took(worst.stays.p90)} or more"
    stand = f"; {worst.stand:,} stand{'s' if worst.stand == 1 else ''} there now" if worst.stand else ""
    where = f"stages of the type {worst.name}" if worst.key == worst.type else worst.name
    return f"People wait longest in {where}:", f"{said}{stand}."


def _trigger(one: Placed) -> StepTrigger:
    return StepTrigger(one.trigger.name, one.trigger.on, one.trigger.words)


def _step(one: Step, found: Flow, triggers: Sequence[Placed], kept: Mapping[str, Any]) -> StepRow:
    most = max((step.entered for step in found.steps), default=0) or 1
    longest = max((step.stays.value or 0.0 for step in found.steps), default=0.0) or 1.0
    stays = one.stays
    few = "; few" if stays.few else f", 9 of 10 within {took(stays.p90)}"
    went = one.left - sum(one.ended.values())
    left = [f"{went:,} went on"] if went else []
    left += [f"{many:,} {status}" for status, many in one.ended.items()]
    frozen = (kept["figures.baseline"] or {}).get("stays", {}).get(one.key)
    aim = kept[TARGETS].get(f"{STAYS}{one.key}")
    return StepRow(
        one.name, one.type, one.entered, one.met, round(100 * one.entered / most, 1),
        took(stays.value) if stays.n else "", f"of {stays.n:,}{few}" if stays.n else "nobody has left it",
        round(100 * (stays.value or 0.0) / longest, 1), ", ".join(left), one.stand,
        f"half for {took(one.now.value)} or more" if one.now.n else "nobody tells since when" if one.stand else "",
        one.key == found.bottleneck, f"{took(frozen['value'])} of {frozen['n']:,}" if frozen else "",
        f"{aim:g} days" if aim else "", tuple(_trigger(t) for t in triggers if one.key in t.steps),
    )  # fmt: skip


TONES = {"wrong": Tone.FAILING, "look": Tone.WAITING, "ok": Tone.IN_STEP}


def doctor(findings: Sequence[Finding], connections: Collection[str]) -> DoctorPage:
    """What was looked at, what is wrong first. `connections`: their names."""
    order = list(TONES)
    rows = sorted(findings, key=lambda one: order.index(one.state))
    wrong, look = (sum(one.state == state for one in findings) for state in ("wrong", "look"))
    words = [f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong"] if wrong else []
    words += [f"{look} {'is' if look == 1 else 'are'} worth a look"] if look else []
    answer = f"{' and '.join(words)}." if words else f"Nothing is wrong: {len(findings)} things were looked at."
    tone = Tone.FAILING if wrong else Tone.WAITING if look else Tone.IN_STEP
    return DoctorPage(
        answer, tone,
        tuple(
            FindingRow(TONES[one.state], _STATES[one.state], one.what, one.next, _named(one, connections))
            for one in rows
        ),
    )  # fmt: skip


def _named(one: Finding, connections: Collection[str]) -> str:
    """The connection that a finding begins with, where something is to be done and no page of its own is named."""
    first, named = one.what.partition(" ")[0].rstrip(":"), any(isinstance(part, Place) for part in parts(one.next))
    return first if one.next and not named and first in connections else ""


_STATES = {"wrong": "Wrong", "look": "Look", "ok": "All right"}
