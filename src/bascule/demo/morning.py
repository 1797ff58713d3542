"""A morning of both hiring teams: they move some of the demo's applicants on and turn some down, in their own ATS.

So that the flow and the KPIs have something to show. It is done by the ATS's forms, as people do it; the times that
follow are those of a demo, seconds.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable

from .ats import Ats, Row
from .sides import Side

ROUNDS = 3  # looks that a team takes at its applicants
PAUSE = 1.0  # seconds between two of them
EVERY = 5  # of five applicants one is turned down, two are moved on, two wait


async def decide(sides: Iterable[Side]) -> int:
    """How many moves and rejections were made. FormError where an ATS refuses one."""
    return sum(await asyncio.gather(*(_team(side.ats) for side in sides)))


async def _team(ats: Ats) -> int:
    """One team: only whoever stands where applications begin and has applied once, so that nothing is in doubt."""
    tables = await ats.tables("applications", "job_interview_stages")
    ladders: dict[int, list[Row]] = defaultdict(list)
    for stage in sorted(tables["job_interview_stages"], key=lambda one: (one["sort_order"], one["id"])):
        ladders[stage["job_id"]].append(stage)
    times = Counter(one["candidate_id"] for one in tables["applications"])
    waiting = [
        one
        for one in tables["applications"]
        if times[one["candidate_id"]] == 1
        and one["status"] == "in_process"
        and ladders[one["job_id"]]
        and one["job_interview_stage_id"] == ladders[one["job_id"]][0]["id"]
    ]
    done = 0
    for round in range(ROUNDS):
        for number, one in enumerate(waiting):
            ladder, kind = ladders[one["job_id"]], number % EVERY
            if round == 0 and kind == 0:
                await ats.reject(one["candidate_id"], one["id"])
            elif kind in (1, 2) and round + 1 < len(ladder) and number % (EVERY * (round + 1)) == kind:
                await ats.move(one["candidate_id"], one["id"], ladder[round + 1]["name"])
            else:
                continue
            done += 1
        await asyncio.sleep(PAUSE)
    return done
