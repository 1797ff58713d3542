"""`/api/v1/kpis` and `flow`: figures people steer by, each with its definition."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from bascule.office.figures import WEEKS, Asked, flow_as_json

from .caller import KEY, ConnectionsWrite, JobsRead, Json
from .values import plain

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


def asked(
    job: Annotated[str, Query(description="A job's id.")] = "",
    department: str = "",
    connection: Annotated[str, Query(description="A connection's name.")] = "",
    weeks: Annotated[int, Query(ge=0, le=520, description="So many weeks up to now; 0: all there is.")] = WEEKS,
    since: Annotated[str, Query(description="The first day, as 2026-11-30, in place of `weeks`.")] = "",
    until: Annotated[str, Query(description="The last day.")] = "",
) -> Asked:
    return Asked(job, department, connection, weeks, since, until)


Wanted = Annotated[Asked, Depends(asked)]


class Targets(BaseModel):
    targets: dict[str, float | None] = Field(
        description="A figure's key, or stay:TYPE of a stage -> days, seconds (score_latency), per cent or hours; null "
        "takes it back."
    )


class Stated(BaseModel):
    before: float = Field(gt=0, le=600, description="Minutes to screen one application without a score.")
    now: float = Field(ge=0, le=600, description="Minutes with one.")
    source: str = Field(min_length=1, max_length=500, description="How that is known: who timed it, when, how often.")


@router.get("/kpis", tags=["looking"], summary="KPIs week by week, each with what it counts and what is left out")
async def kpis(at: JobsRead, wanted: Wanted) -> Json:
    """Times in seconds, shares from 0 to 1 (null where there are too few for one: see `many` and `n`). Weeks begin on
    Mondays, UTC."""
    return plain({**await at.app.figures.told(wanted), "connections": at.labels})


@router.put("/kpis/targets", tags=["looking"], summary="Set targets, shown beside the figures")
async def aim(at: ConnectionsWrite, body: Targets) -> Json:
    await at.app.figures.aim(body.targets, at.program.actor)
    return plain(await at.app.figures.told(Asked()))


@router.put("/kpis/stated", tags=["looking"], summary="State what screening one application takes")
async def state(at: ConnectionsWrite, body: Stated) -> Json:
    """The screening time saved is counted from this alone; nothing is made up without it."""
    await at.app.figures.state(body.before, body.now, body.source, at.program.actor)
    return plain(await at.app.figures.told(Asked()))


@router.post("/kpis/baseline", tags=["looking"], summary="Freeze the figures of a time as the baseline")
async def freeze(at: ConnectionsWrite, wanted: Wanted) -> Json:
    return plain(await at.app.figures.freeze(wanted, at.program.actor))


@router.get("/flow", tags=["looking"], summary="The way from application to offer: how many, how long, where they wait")
async def flow(at: JobsRead, wanted: Wanted) -> Json:
    """Of one job by its stages, else by the types of stages. Times in seconds."""
    return plain({**flow_as_json(*await at.app.figures.flow(wanted)), "connections": at.labels})
