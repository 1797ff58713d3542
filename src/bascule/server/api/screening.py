"""`/api/v1/applications/ID/screening`: the hosted form of an application, its link, and opting out of AI."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from .caller import KEY, Caller, CandidatesRead, Done, ReviewsWrite

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class GivenAnswer(BaseModel):
    question: str
    answer: str


class ScreeningForm(BaseModel):
    application: str
    status: str = Field(
        description="prepared (the letter with its link has not left), invited, started, completed, opted out or "
        "expired; empty: there is none."
    )
    screening: str = ""
    link: str = Field("", description="Opens the form without an account. Whoever has it can fill it in.")
    expires: datetime | None = None
    invited: datetime | None = Field(None, description="Empty while the letter with the link has not left.")
    started: datetime | None = None
    completed: datetime | None = None
    opted_out: datetime | None = None
    person_by: datetime | None = Field(None, description="By when a person looks at the application of who opted out.")
    asked_for: str = Field("", description="The adjustment that was asked for, in their words.")
    looked: datetime | None = Field(None, description="When a person had dealt with what they asked for.")
    language: str = ""
    zone: str = ""
    answers: list[GivenAnswer] = []
    answered: int = 0
    of: int = 0


class Invitation(BaseModel):
    days: int | None = Field(None, ge=1, le=90, description="How long the link works; else as the workspace says.")
    anew: bool = Field(False, description="A new link; the old one ends.")


class OptOut(BaseModel):
    why: str = Field("", max_length=500, description="How they said so.")


@router.get("/applications/{id}/screening", tags=["screening"], summary="The screening form of an application")
async def of(at: CandidatesRead, id: str) -> ScreeningForm:
    return await _told(at, id)


@router.post("/applications/{id}/screening", tags=["screening"], summary="Make, renew or show the link to the form")
async def invite(at: ReviewsWrite, id: str, body: Invitation) -> ScreeningForm:
    """Nothing is sent. Called again, it answers the same link as long as that works."""
    await at.app.screenings.invite(id, at.program.actor, days=body.days, anew=body.anew)
    return await _told(at, id)


@router.delete("/applications/{id}/screening", tags=["screening"], summary="End the link to the form")
async def end(at: ReviewsWrite, id: str) -> ScreeningForm:
    """What was answered is kept."""
    await at.app.screenings.revoke(id, at.program.actor)
    return await _told(at, id)


@router.post("/applications/{id}/screening/opt-out", tags=["screening"], summary="Somebody wants no AI")
async def opt_out(at: ReviewsWrite, id: str, body: OptOut) -> ScreeningForm:
    """Score, reasons and skills leave the ATS and the ranking; a person looks. It cannot be undone."""
    await at.app.screenings.opt_out(id, at.program.actor, body.why)
    return await _told(at, id)


@router.post("/screenings/{id}/looked", tags=["screening"], summary="A person has dealt with what was asked for")
async def looked(at: ReviewsWrite, id: str) -> Done:
    await at.app.screenings.looked(id, at.program.actor)
    return Done()


async def _told(at: Caller, id: str) -> ScreeningForm:
    return ScreeningForm.model_validate(await at.app.screenings.told(id))
