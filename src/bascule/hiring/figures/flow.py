"""The way from application to offer, by the history of stages: how many, how long, where people wait longest. Pure.

A stay is one application in one stage, from when it was seen to enter to when it was seen to leave, or from and to when
the ATS's own history tells it did. Who stood in a stage when they were met, and of whom that tells nothing, is counted
there and gives no time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bascule.core.stages import fold
from bascule.core.triggers import Name, Trigger, covers
from bascule.model import StageType

from .columns import ENDS, LADDER, Columns, Job
from .definitions import Unit
from .measures import FEW_TIMES, Told, Wanted, rows_of, span_of, ticks, told, within

WAY: tuple[str, ...] = tuple(str(one) for one in StageType if one is not StageType.HIRED)
NO_TYPE = "no type"


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of a job, or a type of stages of all of them. `entered`: stays that began in the time; `met`: who stood
    there when Bascule came, ever; `stays`: the times of those that ended in it; `ended`: how many of these ended there,
    by status; `now`: who stands there, and for how long, as far as anybody knows."""

    key: str  # the stage's id, or the type
    name: str
    type: str
    entered: int
    met: int
    stays: Told
    left: int
    ended: Mapping[str, int]
    now: Told
    stand: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A trigger and the steps at which it acts. `anywhere`: at every stage; `why`: why it acts at none."""

    trigger: Trigger
    steps: tuple[str, ...] = ()
    anywhere: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """The steps in order, and the key of the one in which people wait longest ("" where too few stays have ended)."""

    steps: tuple[Step, ...]
    bottleneck: str
    hired: int

    @property
    def narrowest(self) -> Step | None:
        return next((one for one in self.steps if one.key == self.bottleneck), None)


def flow(of: Columns, wanted: Wanted, now: datetime) -> Flow:
    """The flow of one job by its stages, of several by the types of theirs."""
    p = rows_of(of, of.passages, wanted)
    job = _one(of, wanted)
    if job is not None:
        parts = [(one.id, one.name, one.type, p["stage"] == number) for number, one in enumerate(job.stages)]
    else:
        parts = [(kind, kind, kind, p["type"] == LADDER.index(kind)) for kind in WAY]
        parts.append((NO_TYPE, NO_TYPE, "", (p["type"] == 0) & (p["stage"] >= 0)))
    moment, span = ticks(now), span_of(wanted)
    steps = tuple(
        _step(key, name, kind, {k: v[np.flatnonzero(at)] for k, v in p.items()}, span, moment)
        for key, name, kind, at in parts
    )
    mine = {stage.type for one in of.jobs if wanted.jobs is None or one.id in wanted.jobs for stage in one.stages}
    seen = tuple(one for one in steps if job is not None or one.entered or one.met or one.left or one.key in mine)
    slow = [one for one in seen if one.stays.n >= FEW_TIMES and one.stays.value]
    worst = max(slow, key=lambda one: one.stays.value or 0.0, default=None)
    hired = p["until"][p["ended"] == ENDS.index("hired")]
    return Flow(seen, worst.key if worst is not None else "", int(within(hired, span).sum()))


def _one(of: Columns, wanted: Wanted) -> Job | None:
    if wanted.jobs is None or len(wanted.jobs) != 1:
        return None
    (id,) = wanted.jobs
    return next((one for one in of.jobs if one.id == id), None)


def _step(
    key: str, name: str, kind: str, p: Mapping[str, NDArray[Any]], span: tuple[int | None, int | None], now: int
) -> Step:
    entered, until, stands = p["entered"], p["until"], p["stands"] > 0
    over = within(until, span) & (until >= 0)
    known = over & (entered >= 0)
    waits = stands & (entered >= 0)
    ended = {name: int((over & (p["ended"] == place)).sum()) for place, name in enumerate(ENDS) if name}
    return Step(
        key, name, kind, int((within(entered, span) & (entered >= 0)).sum()), int((entered < 0).sum()),
        told(Unit.SECONDS, until[known] - entered[known]), int(over.sum()),
        {name: many for name, many in ended.items() if many},
        told(Unit.SECONDS, np.maximum(now - entered[waits], 0)), int(stands.sum()),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ where triggers act


def placed(triggers: Iterable[Trigger], of: Columns, wanted: Wanted, connections: Sequence[str]) -> list[Placed]:
    """At which steps each trigger acts. `connections`: the names of those that there are."""
    jobs = [one for one in of.jobs if wanted.jobs is None or one.id in wanted.jobs]
    job = _one(of, wanted)
    most = max((len(one.stages) for one in of.jobs), default=0) + 1
    seen = np.unique(of.passages["job"] * most + of.passages["stage"] + 1)  # one number a pair: pairs are slow to sort
    been = {divmod(int(pair) - 1, most) for pair in seen if pair > 0}
    return [_placed(one, jobs, job, of, been, connections) for one in triggers]


def _placed(
    trigger: Trigger, jobs: Sequence[Job], job: Job | None, of: Columns, been: set[tuple[int, int]],
    connections: Sequence[str],
) -> Placed:  # fmt: skip
    reach = trigger.reach
    if reach.connections and not reach.connections & set(connections):
        return Placed(trigger, why=f"There is no connection named {' or '.join(sorted(reach.connections))}.")
    mine = [
        one
        for one in jobs
        if covers(trigger, connections=connections, job=(one.id, one.requisition), department=one.department)
    ]
    kinds, names = trigger.test(Name.STAGE), trigger.test(Name.STAGE_NAMED)
    if kinds is None and names is None:
        return Placed(trigger, anywhere=True) if mine else Placed(trigger, why="No job is within its reach.")
    place = {one.id: number for number, one in enumerate(of.jobs)}
    there = [
        (place[one.id], number, stage)
        for one in mine
        for number, stage in enumerate(one.stages)
        if (kinds is None or (stage.type or "") in kinds.among) and (names is None or fold(stage.name) in names.among)
    ]
    asked = " and ".join(test.words for test in (kinds, names) if test is not None)
    if not there:
        return Placed(trigger, why=f"No job within its reach has such a stage ({asked}): it never fires.")
    steps = dict.fromkeys(stage.id if job is not None else stage.type or NO_TYPE for _, _, stage in there)
    never = not any((at, number) in been for at, number, _ in there)
    why = f"Nobody has stood in such a stage yet ({asked})." if never else ""
    return Placed(trigger, tuple(steps), why=why)
