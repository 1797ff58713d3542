"""`/api/v1/jobs/ID/shortlists`: lists for hiring managers, and what they said."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.office.shortlists import DAYS, Made, Wanted

from .caller import KEY, Caller, CandidatesRead, Done, ReviewsWrite

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class ShortlistWanted(BaseModel):
    """Of whom, for whom. `people`: applications; else the `top` of the job by score."""

    name: str = Field(max_length=120, description="The hiring manager.")
    email: str = ""
    people: list[str] = []
    top: int = Field(0, ge=0, le=50)
    days: int = Field(DAYS, ge=1, le=90)
    redacted: bool = Field(False, description="Without names and contact data.")
    code: bool = Field(False, description="A code besides the link; it opens the list for one browser, once.")


class ShortlistedPerson(BaseModel):
    application: str
    candidate: str = Field(description='"" once they are erased.')
    answer: str = Field(description="approve, maybe, skip, or empty.")
    comment: str
    answered: datetime | None
    listed: bool = Field(description="Whether they are on the list still.")


class Shortlist(BaseModel):
    id: str
    job: str
    name: str
    email: str
    by: str
    redacted: bool
    created: datetime
    expires: datetime
    revoked: datetime | None
    opened: datetime | None
    link: str = Field(description="Opens the list without an account; empty once it has ended.")
    code: bool
    locked: bool
    people: list[ShortlistedPerson]


class Shortlists(BaseModel):
    items: list[Shortlist]


class MadeShortlist(Shortlist):
    told: str = Field("", description="The code, shown this once.")


@router.get("/jobs/{id}/shortlists", tags=["shortlists"], summary="A job's shortlists, and what was said")
async def of(at: CandidatesRead, id: str) -> Shortlists:
    found = [Shortlist.model_validate(one) for one in await at.app.shortlists.of(id)]
    await at.listed("shortlists listed", len(found), id)
    return Shortlists(items=found)


@router.post("/jobs/{id}/shortlists", tags=["shortlists"], summary="Make a shortlist and its link")
async def make(at: ReviewsWrite, id: str, body: ShortlistWanted) -> MadeShortlist:
    """Nothing is sent."""
    wanted = Wanted(body.name, body.email, body.people, body.top, body.days, body.redacted, body.code)
    return await _made(at, await at.app.shortlists.make(id, wanted, at.program.actor))


@router.post("/shortlists/{id}/renew", tags=["shortlists"], summary="A new link; the old one ends")
async def renew(at: ReviewsWrite, id: str) -> MadeShortlist:
    return await _made(at, await at.app.shortlists.renew(id, at.program.actor))


@router.delete("/shortlists/{id}", tags=["shortlists"], summary="End the link of a shortlist")
async def end(at: ReviewsWrite, id: str) -> Done:
    """What was said stays."""
    await at.app.shortlists.revoke(id, at.program.actor)
    return Done()


async def _made(at: Caller, made: Made) -> MadeShortlist:
    told = await at.web.look(lambda tx: at.app.shortlists.as_data(tx, made.shortlist))
    return MadeShortlist.model_validate({**told, "told": made.code})
