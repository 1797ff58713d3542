"""`/api/v1/interviews`: candidates asked to choose a time, what is booked, and what was proposed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from bascule.core.interviews import Rules
from bascule.office.interviews import Wanted
from bascule.store.interviews import Interview as Kept

from ..roles import Scope
from .caller import KEY, Caller, InterviewsRead, InterviewsWrite

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["interviews"])


class InterviewRules(BaseModel):
    model_config = ConfigDict(extra="forbid")

    length: int = Field(45, ge=10, le=480, description="Minutes.")
    days: int = Field(14, ge=1, le=60, description="How far ahead times are offered, and how long the link works.")
    notice: int = Field(24, ge=0, le=336, description="Hours before the first time that is offered.")
    buffer: int = Field(0, ge=0, le=120, description="Minutes kept free before and after.")
    change: int = Field(4, ge=0, le=168, description="Hours before it until which the candidate may change it.")


class InterviewWanted(InterviewRules):
    """Whom a candidate is asked to meet."""

    panel: list[str] = Field(description="E-mails of the interviewers; all of them must be free.", max_length=10)
    place: str = Field(max_length=300, description="A video link, a telephone number or an address.")
    stage: str = Field("", description="The stage it is for, by id, name or type; else where the application stands.")
    send: bool = Field(
        False, description="Send the invitation in the name of the key's owner; else only make the link."
    )


class Interviewer(BaseModel):
    email: str
    name: str


class Interview(BaseModel):
    id: str
    application: str
    candidate: str = Field(description='"" once they are erased.')
    job: str
    state: str = Field(description="asked, proposed, booked or cancelled.")
    starts: datetime | None
    ends: datetime | None
    created: datetime
    expires: datetime = Field(description="When the candidate's link ends.")
    link: str = Field(description="Opens its page without an account; empty without the scope interviews:write.")
    uid: str = Field(description="Of its calendar event; it never changes.")
    sequence: int = Field(description="Of its calendar event; it grows with every change.")
    place: str
    stage: str
    by: str = Field(description="Who asked for it.")
    panel: list[Interviewer]
    rules: InterviewRules
    proposed: list[datetime] = Field(description="Times that the candidate has proposed.")
    note: str = Field(description="What the candidate wrote with them; empty without the scope interviews:write.")
    why: str = Field(description="Why it is cancelled, never told to the candidate; empty without interviews:write.")


class Interviews(BaseModel):
    items: list[Interview]
    next: str | None = None


class Time(BaseModel):
    start: datetime = Field(description="With a time zone.")


class Again(BaseModel):
    send: bool = False


@router.get("/interviews", summary="Interviews to come, and those without a time yet")
async def upcoming(at: InterviewsRead) -> Interviews:
    found = [_shown(at, one) for one in await at.app.interviews.upcoming()]
    await at.listed("interviews listed", len(found))
    return Interviews(items=found)


@router.get("/interviews/{id}", summary="One interview")
async def one(at: InterviewsRead, id: str) -> Interview:
    return _shown(at, await at.app.interviews.one(id))


@router.get("/applications/{id}/interviews", summary="The interviews of an application")
async def of(at: InterviewsRead, id: str) -> Interviews:
    return Interviews(items=[_shown(at, one) for one in await at.app.interviews.of(id)])


@router.post("/applications/{id}/interviews", summary="Ask a candidate to choose a time")
async def ask(at: InterviewsWrite, id: str, body: InterviewWanted) -> Interview:
    rules = Rules(body.length, body.days, body.notice, body.buffer, body.change)
    wanted = Wanted(body.panel, body.place, rules, body.stage)
    return await _told(at, await at.app.interviews.ask(id, wanted, at.program.actor, send=body.send))


@router.post("/interviews/{id}/accept", summary="Book it at a time that was proposed, or agreed on")
async def accept(at: InterviewsWrite, id: str, body: Time) -> Interview:
    """Both sides are told. That the calendars are free is the caller's to look at."""
    return await _told(at, await at.app.interviews.accept(id, body.start, at.program.actor))


@router.post("/interviews/{id}/again", summary="None of the proposed times suits: send the link again")
async def again(at: InterviewsWrite, id: str) -> Interview:
    return await _told(at, await at.app.interviews.ask_again(id, at.program.actor))


@router.post("/interviews/{id}/renew", summary="A new link; the old one ends")
async def renew(at: InterviewsWrite, id: str, body: Again) -> Interview:
    return await _told(at, await at.app.interviews.renew(id, at.program.actor, send=body.send))


@router.delete("/interviews/{id}", summary="Cancel an interview")
async def cancel(at: InterviewsWrite, id: str, why: str = "") -> Interview:
    """Where it was booked both sides are told, in neutral words. `why` stays here."""
    return await _told(at, await at.app.interviews.cancel(id, at.program.actor, why))


async def _told(at: Caller, one: Kept) -> Interview:
    return _shown(at, await at.app.interviews.one(one.id))


def _shown(at: Caller, told: dict[str, Any]) -> Interview:
    if not at.program.may(Scope.INTERVIEWS_WRITE):
        told = {**told, "link": "", "note": "", "why": ""}
    return Interview.model_validate(told)
