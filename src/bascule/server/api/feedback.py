"""`/api/v1/interview-feedback`: what interview copilots and note takers send about an interview."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field

from bascule.office.feedback import LONGEST, LONGEST_KEY, MOST_SCORES, Given, Named, Score
from bascule.store.interviews import Feedback

from .caller import KEY, FeedbackWrite, InterviewsRead

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["interviews"])


class RecordNamed(BaseModel):
    """By the id here, or by the id that a connection has for it."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1)
    connection: str = Field("", description="The connection whose id it is; empty for the id here.")

    @property
    def named(self) -> Named:
        return Named(self.id, self.connection)


class CriterionScore(BaseModel):
    model_config = ConfigDict(extra="forbid")

    criterion: str = Field(min_length=1, max_length=200)
    score: str = Field(min_length=1, max_length=40, description="In the tool's own scale, such as 4 of 5.")
    note: str = Field("", max_length=2000)


class FeedbackGiven(BaseModel):
    """The header `Idempotency-Key` is the tool's own key for it: sent again, it changes nothing."""

    model_config = ConfigDict(extra="forbid")

    candidate: RecordNamed
    interview: RecordNamed | None = Field(None, description="One made here, or one of the ATS.")
    application: RecordNamed | None = Field(None, description="Where no interview is known.")
    tool: str = Field(min_length=1, max_length=80, description="How the tool is called; it stands in the note.")
    interviewer: str = Field(min_length=1, max_length=120)
    email: str = Field("", max_length=200, description="With that of a user here, it is noted as that user.")
    rating: str = Field("", max_length=80)
    scores: list[CriterionScore] = Field([], max_length=MOST_SCORES)
    text: str = Field("", max_length=LONGEST)


class FeedbackTaken(BaseModel):
    id: str
    at: datetime
    application: str
    interview: str = Field(description="Its id here; empty where none was named.")
    key: str
    written: str = Field("note", description="As what it goes to the ATS.")
    repeated: bool = Field(description="This key was taken before; nothing was done again.")


class FeedbackShown(BaseModel):
    id: str
    at: datetime
    application: str
    interview: str
    tool: str
    interviewer: str
    email: str
    rating: str
    scores: list[CriterionScore]
    text: str


class FeedbackList(BaseModel):
    items: list[FeedbackShown]
    next: str | None = None


@router.post("/interview-feedback", summary="Attach feedback to an interview")
async def take(
    at: FeedbackWrite, body: FeedbackGiven, key: Annotated[str, Header(alias="Idempotency-Key", max_length=LONGEST_KEY)]
) -> FeedbackTaken:
    """It stands on the candidate's page, and goes to the ATS as a private note of who interviewed."""
    given = Given(
        key, body.candidate.named, body.tool, body.interviewer, body.email,
        body.interview.named if body.interview is not None else None,
        body.application.named if body.application is not None else None,
        body.rating, [Score(one.criterion, one.score, one.note) for one in body.scores], body.text,
    )  # fmt: skip
    taken = await at.app.feedback.take(given, at.program.key, at.program.actor)
    one = taken.feedback
    return FeedbackTaken(
        id=one.id, at=one.at, application=one.application, interview=str(one.said["interview"]), key=one.key,
        written="note", repeated=taken.repeated,
    )  # fmt: skip


@router.get("/applications/{id}/interview-feedback", summary="Feedback about the interviews of an application")
async def of(at: InterviewsRead, id: str) -> FeedbackList:
    return FeedbackList(items=[_shown(one) for one in await at.app.feedback.of(id)])


def _shown(one: Feedback) -> FeedbackShown:
    said: dict[str, Any] = dict(one.said)
    return FeedbackShown.model_validate({"id": one.id, "at": one.at, "application": one.application, **said})
