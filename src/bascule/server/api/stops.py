"""`/api/v1/connections/{name}/stop` and `release`: the writes of a connection, or its messages to candidates alone, and
what waits meanwhile."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.office.stops import HeldBack as Found
from bascule.store.connections import Stopped

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


class WaitingTemplate(BaseModel):
    template: str
    messages: int
    since: datetime


class WaitingMessage(BaseModel):
    id: str
    candidate: str
    name: str
    template: str
    due: datetime


class Order(Why):
    """What is stopped or released."""

    what: Stopped = Field(Stopped.WRITES, description="All writes, or messages to candidates alone.")


class HeldBack(Labelled):
    """What is to be written to a connection, or sent to candidates about it, and has not been."""

    connection: str
    stopped: str = Field(description='Who stopped the writes, since when and why; "" where they are not stopped.')
    writes: int
    oldest: datetime | None
    calls: list[WaitingCall]
    first: list[WaitingFor] = Field(description="The candidates and jobs that wait longest.")
    under_way: int = Field(description="How many are being written to now; 0 after a stop: it has taken effect.")
    messages_stopped: str = Field(description="The same as `stopped`, of messages to candidates alone.")
    messages: int = Field(description="How many messages to candidates are to leave. A stop of all writes holds them.")
    templates: list[WaitingTemplate]
    first_messages: list[WaitingMessage] = Field(description="Those that leave first.")
    sending: int = Field(description="How many messages the mail server is taking now; 0: the stop has taken effect.")


def _told(at: Caller, name: str, found: Found) -> HeldBack:
    letters = found.letters
    return HeldBack(
        connection=name,
        connections=at.labels,
        stopped="" if found.stop is None else found.stop.words,
        writes=found.writes,
        oldest=found.oldest,
        calls=[WaitingCall(call=call, writes=n, since=since) for call, n, since in found.calls],
        first=[WaitingFor(record=w.record, kind=w.kind, name=w.name, since=w.since) for w in found.first],
        under_way=found.under_way,
        messages_stopped="" if letters.stop is None else letters.stop.words,
        messages=letters.count,
        templates=[WaitingTemplate(template=name, messages=n, since=since) for name, n, since in letters.templates],
        first_messages=[
            WaitingMessage(id=one.id, candidate=one.candidate, name=name, template=one.template, due=one.due)
            for one, name in letters.first
        ],
        sending=letters.under_way,
    )


@router.get("/connections/{name}/stop", tags=["connections"], summary="What waits to be written and sent")
async def held_back(at: Admin, name: str) -> HeldBack:
    """Counted by call and by template, with those that wait longest."""
    found = await at.app.stops.held_back(known(at, name))
    await at.listed("waiting listed", len(found.first) + len(found.letters.first))
    return _told(at, name, found)


@router.post("/connections/{name}/stop", tags=["connections"], summary="Stop all writes, or messages alone")
async def stop(at: Admin, name: str, body: Order) -> HeldBack:
    """Nothing is lost: what is to leave waits until it is released. The reason is shown to everybody. Both can be
    stopped at once; each is released by itself."""
    return _told(at, name, await at.app.stops.stop(known(at, name), at.program.actor, body.why, body.what))


@router.post("/connections/{name}/release", tags=["connections"], summary="Let go, in order, what waits")
async def release(at: Admin, name: str, body: Order) -> HeldBack:
    """The answer says what waited, and is on its way now, unless the other stop holds it. A message that has been
    overtaken is withheld, and says why."""
    return _told(at, name, await at.app.stops.release(known(at, name), at.program.actor, body.why, body.what))
