"""`/api/v1/applications/ID/corrections`: what people say is wrong in a score, and how often the same is said."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.office.corrections import Said
from bascule.store.corrections import Correction as Stored

from .caller import KEY, CandidatesRead, Done, ReviewsWrite

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class Wrong(BaseModel):
    """A skill that is not theirs, or a passage that proves nothing, as the newest score names it."""

    skill: str = Field("", description="The id of a skill that the score names.")
    part: str = Field("", description="Or the key of a part, and the place of its reason in the resume.")
    start: int = -1
    end: int = -1
    why: str = Field("", max_length=500)


class Correction(BaseModel):
    id: str
    kind: str
    about: str
    label: str
    quote: str
    why: str
    by: str
    at: datetime


class Corrections(BaseModel):
    items: list[Correction]
    next: str | None = None


class Count(BaseModel):
    kind: str
    about: str
    label: str
    times: int
    people: int
    jobs: int


class Counts(BaseModel):
    items: list[Count]
    next: str | None = None


def _told(one: Stored) -> Correction:
    return Correction(
        id=one.id,
        kind=one.kind,
        about=one.about,
        label=one.label,
        quote=one.quote,
        why=one.why,
        by=one.actor.name,
        at=one.at,
    )


@router.get("/applications/{id}/corrections", tags=["candidates"], summary="What people say is wrong in a score")
async def corrections(at: CandidatesRead, id: str) -> Corrections:
    return Corrections(items=[_told(one) for one in await at.app.corrections.of(id)])


@router.post("/applications/{id}/corrections", tags=["candidates"], summary="Say that something in a score is wrong")
async def correct(at: ReviewsWrite, id: str, body: Wrong) -> Correction:
    """It is left out, and the score is made again. The words stay with the person and go with them."""
    said = Said(body.skill, body.part, body.start, body.end, body.why)
    return _told(await at.app.corrections.mark(id, said, at.program.actor))


@router.delete("/applications/{id}/corrections/{correction}", tags=["candidates"], summary="Take a correction back")
async def undo(at: ReviewsWrite, id: str, correction: str) -> Done:
    await at.app.corrections.undo(id, correction, at.program.actor)
    return Done()


@router.get("/corrections", tags=["candidates"], summary="What is said to be wrong most often")
async def counted(at: CandidatesRead) -> Counts:
    return Counts(items=[Count(**one) for one in await at.app.corrections.counted()])
