"""`/api/v1/applications/ID/corrections`: what people say is wrong in a score, and how often the same is said."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.office.corrections import Said
from bascule.store.corrections import Correction as Stored

from .caller import KEY, CandidatesRead, Done, ReviewsWrite, Since

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


class Differs(BaseModel):
    """One thing that is not as it was when the score was told."""

    what: str
    then: str
    now: str


class Replay(BaseModel):
    """A score made again. `same`: value, parts, reasons and flags are what they were."""

    application: str
    version: int = Field(description="Of the rubric.")
    at: datetime = Field(description="When the score was told.")
    same: bool
    score: float | None
    again: float | None
    made_by: dict[str, str]
    inputs: list[Differs] = Field(description="What differs of what it was made of.")
    outcome: list[Differs] = Field(description="What differs of what came of it.")


@router.post("/applications/{id}/replay", tags=["candidates"], summary="Make a score again from what is stored")
async def replay(at: CandidatesRead, id: str, version: Since = 0) -> Replay:
    """Of the newest rubric, or of a `version`: the kept file is read again, the rubric derived again, and the outcome
    held against what was told. Nothing is changed by it."""
    found = await at.app.replays.of(id, at.program.actor, version=version)
    return Replay(
        application=found.application, version=found.version, at=found.at, same=found.same, score=found.score,
        again=found.again, made_by=dict(found.made_by),
        inputs=[Differs(what=one.what, then=one.then, now=one.now) for one in found.inputs],
        outcome=[Differs(what=one.what, then=one.then, now=one.now) for one in found.outcome],
    )  # fmt: skip


@router.get("/corrections", tags=["candidates"], summary="What is said to be wrong most often")
async def counted(at: CandidatesRead) -> Counts:
    return Counts(items=[Count(**one) for one in await at.app.corrections.counted()])
