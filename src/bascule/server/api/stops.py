"""`/api/v1/connections/{name}/stop` and `release`: the writes of a connection, and what waits meanwhile."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.office.stops import HeldBack as Found

from .caller import KEY, Admin, Caller, Labelled, Why, known

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class WaitingCall(BaseModel):
    call: str
    writes: int
    since: datetime


class WaitingFor(BaseModel):
    record: str
    kind: str
    name: str
    since: datetime


class HeldBack(Labelled):
    """What is to be written to a connection and has not been."""

    connection: str
    stopped: str = Field(description='Who stopped the writes, since when and why; "" where they are not stopped.')
    writes: int
    oldest: datetime | None
    calls: list[WaitingCall]
    first: list[WaitingFor] = Field(description="The candidates and jobs that wait longest.")
    under_way: int = Field(description="How many are being written to now; 0 after a stop: it has taken effect.")


def _told(at: Caller, name: str, found: Found) -> HeldBack:
    return HeldBack(
        connection=name,
        connections=at.labels,
        stopped="" if found.stop is None else found.stop.words,
        writes=found.writes,
        oldest=found.oldest,
        calls=[WaitingCall(call=call, writes=n, since=since) for call, n, since in found.calls],
        first=[WaitingFor(record=w.record, kind=w.kind, name=w.name, since=w.since) for w in found.first],
        under_way=found.under_way,
    )


@router.get("/connections/{name}/stop", tags=["connections"], summary="What waits to be written")
async def held_back(at: Admin, name: str) -> HeldBack:
    """Counted by call, with those that wait longest."""
    return _told(at, name, await at.app.stops.held_back(known(at, name)))


@router.post("/connections/{name}/stop", tags=["connections"], summary="Stop all writes; reading goes on")
async def stop(at: Admin, name: str, body: Why) -> HeldBack:
    """Nothing is lost: what is to be written waits until it is released. The reason is shown to everybody."""
    return _told(at, name, await at.app.stops.stop(known(at, name), at.program.actor, body.why))


@router.post("/connections/{name}/release", tags=["connections"], summary="Write again, in order, what waits")
async def release(at: Admin, name: str, body: Why) -> HeldBack:
    """The answer says what waited, and is on its way now."""
    return _told(at, name, await at.app.stops.release(known(at, name), at.program.actor, body.why))
