"""`/api/v1/reviews`: what waits for a person, and their answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from bascule.errors import ForbiddenError
from bascule.model import Review
from bascule.store import Tx
from bascule.store.queries import END

from ..roles import Scope
from ..show import review as show_review
from ..show import words
from .caller import KEY, Done, Json, Labelled, Limit, ReviewsRead, ReviewsWrite
from .values import frozen, plain

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class ReviewItem(BaseModel):
    id: str
    kind: str
    what: str
    record: str | None
    connection: str
    field: str
    name: str
    at: datetime
    detail: Json
    answers: list[str]


class Reviews(Labelled):
    items: list[ReviewItem]
    next: str | None


class Decision(BaseModel):
    answer: str
    value: Any = None


@router.get("/reviews", tags=["reviews"], summary="What waits for a person")
async def reviews(at: ReviewsRead, kind: str = "", limit: Limit = 50, after: str = "") -> Reviews:
    def read(tx: Tx) -> Reviews:
        rows = tx.pages.reviews(at.workspace, kind=kind, before=after or END, limit=limit + 1)
        names = words.connection_names(tx, at.workspace)
        items = [review_item(one.review, names, one.name) for one in rows[:limit]]
        return Reviews(items=items, connections=at.labels, next=items[-1].id if len(rows) > limit else None)

    found = await at.web.look(read)
    await at.listed("reviews listed", len(found.items))
    return found


@router.post("/reviews/{id}/decide", tags=["reviews"], summary="Answer a review")
async def decide(at: ReviewsWrite, id: str, body: Decision) -> Done:
    """In the name of the person whose key it is. `answer` is one of the item's `answers`. What erases people needs a
    key with the scope admin."""
    if not at.program.may(Scope.ADMIN) and await at.web.look(lambda tx: show_review.erases(tx, at.workspace, id)):
        raise ForbiddenError("This answer may erase people.", hint="Use a key that has the scope admin.")
    await at.app.changes.decide(id, body.answer, at.program.actor, frozen(body.value))
    return Done()


def review_item(review: Review, names: Mapping[str, str], name: str) -> ReviewItem:
    return ReviewItem(
        id=review.id,
        kind=review.kind,
        what=show_review.headline(review),
        record=review.record,
        connection=names.get(review.connection or "", ""),
        field=review.field,
        name=name,
        at=review.at,
        detail=plain(review.detail),
        answers=[one.value for one in show_review.answers(review, "")],
    )
