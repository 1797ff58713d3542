"""`/api/v1/duplicates`: two records that are one person, joined by a person, one by one or all that are certain."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from .caller import KEY, Done, ReviewsRead, ReviewsWrite

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["candidates"])


class Two(BaseModel):
    """Two candidates that are one person."""

    record: str = Field(min_length=1)
    other: str = Field(min_length=1)


class Kept(BaseModel):
    record: str = Field(description="The record that stays: the one that was met first.")


class Certain(BaseModel):
    review: str
    record: str
    other: str
    shared: list[str] = Field(description="What the two have in common.")


class AllCertain(BaseModel):
    items: list[Certain]
    next: str | None = None


class Chosen(BaseModel):
    reviews: list[str] = Field(min_length=1, max_length=1000)


class Joined(BaseModel):
    records: list[str] = Field(description="The records that stay.")
    left: dict[str, str] = Field(description="By review: why it was not joined.")


@router.get("/duplicates/certain", summary="Questions about two records whose answer is hardly in doubt")
async def certain(at: ReviewsRead) -> AllCertain:
    """Two records with an e-mail address, number or profile that only they have, and names that agree."""
    found = await at.app.joins.certain()
    return AllCertain(items=[Certain(review=a, record=b, other=c, shared=list(d)) for a, b, c, d in found])


@router.post("/duplicates/certain", summary="Join all of these that are certain")
async def join(at: ReviewsWrite, body: Chosen) -> Joined:
    """Each is one commit in the name of the key's person; each can be undone by itself."""
    records, left = await at.app.joins.merge_certain(body.reviews, at.program.actor)
    return Joined(records=records, left=left)


@router.post("/duplicates/sweep", summary="Compare everybody with everybody now")
async def sweep(at: ReviewsWrite) -> Done:
    """It begins at once, beside the rest of the work; what it finds are reviews of the kind merge."""
    await at.app.joins.sweep()
    return Done()


@router.post("/duplicates/merge", summary="Join two records, asked or not")
async def merge(at: ReviewsWrite, body: Two) -> Kept:
    """Nothing is written to a system because of it. Where both are objects of one system, whether they are merged there
    too is asked as a review."""
    return Kept(record=await at.app.joins.merge(body.record, body.other, at.program.actor))


@router.post("/duplicates/{record}/unmerge", summary="Tell apart what was joined")
async def unmerge(at: ReviewsWrite, record: str) -> Done:
    """`record` is the one that was joined into another. What still exists of it goes back to it."""
    await at.app.joins.apart(record, at.program.actor)
    return Done()
