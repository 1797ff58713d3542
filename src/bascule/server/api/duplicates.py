"""`/api/v1/duplicates`: two records that are one person, joined by a person, one by one or many together."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.office import merges

from .caller import KEY, Done, ReviewsRead, ReviewsWrite

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["candidates"])


class Two(BaseModel):
    """Two candidates that are one person."""

    record: str = Field(min_length=1)
    other: str = Field(min_length=1)


class Pairs(BaseModel):
    """Pairs of candidates, each of one person."""

    pairs: list[Two] = Field(min_length=1, max_length=merges.MOST)
    preview: bool = Field(False, description="Only say what would come of it.")


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
    reviews: list[str] = Field(min_length=1, max_length=merges.MOST)


class Joined(BaseModel):
    batch: str = Field(description="By which all of it is taken back; empty in a preview.")
    records: list[str] = Field(description="The records that stay.")
    left: dict[str, str] = Field(description="By review, or by the pair's two ids: why it was not joined.")


class Batch(BaseModel):
    batch: str = Field(min_length=1)


class Undone(BaseModel):
    records: list[str] = Field(description="Who is a person of their own again.")
    left: dict[str, str] = Field(description="By record: why it stays joined.")


class Made(BaseModel):
    batch: str
    at: datetime
    actor: str
    pairs: int


class Batches(BaseModel):
    items: list[Made]
    next: str | None = None


@router.get("/duplicates/certain", summary="Questions about two records whose answer is hardly in doubt")
async def certain(at: ReviewsRead) -> AllCertain:
    """Two records with an e-mail address, number or profile that only they have, and names that agree."""
    found = await at.app.merges.certain()
    items = [Certain(review=one.review, record=one.record, other=one.other, shared=list(one.shared)) for one in found]
    return AllCertain(items=items)


@router.post("/duplicates/certain", summary="Join all of these that are certain")
async def join(at: ReviewsWrite, body: Chosen) -> Joined:
    """Each is one commit in the name of the key's person; each can be undone by itself, or all by the batch."""
    return _joined(await at.app.merges.join_certain(body.reviews, at.program.actor))


@router.post("/duplicates/pairs", summary="Join a list of pairs, asked or not")
async def pairs(at: ReviewsWrite, body: Pairs) -> Joined:
    """As `merge`, for many: a pair that cannot be joined stops no other."""
    given = [merges.Two(one.record, one.other) for one in body.pairs]
    if body.preview:
        return _joined(await at.app.merges.preview(given))
    return _joined(await at.app.merges.join(given, at.program.actor))


@router.get("/duplicates/batches", summary="What was joined together lately")
async def batches(at: ReviewsRead) -> Batches:
    """The newest batches that were not taken back."""
    found = await at.app.merges.batches(limit=50)
    return Batches(items=[Made(batch=one.id, at=one.at, actor=one.actor, pairs=one.pairs) for one in found])


@router.post("/duplicates/undo", summary="Tell apart all that a batch has joined")
async def undo(at: ReviewsWrite, body: Batch) -> Undone:
    """Where they were a question before, they are one again."""
    done = await at.app.merges.undo(body.batch, at.program.actor)
    return Undone(records=done.records, left=done.left)


@router.post("/duplicates/sweep", summary="Compare everybody with everybody now")
async def sweep(at: ReviewsWrite) -> Done:
    """It begins at once, beside the rest of the work; what it finds are reviews of the kind merge."""
    await at.app.merges.sweep()
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


def _joined(done: merges.Batch) -> Joined:
    return Joined(batch=done.id, records=done.records, left=done.left)
