"""`/api/v1/jobs/ID/screening` and `/api/v1/screening`: what forms say and ask, and how many are completed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.office.forms import as_data
from bascule.office.screenings import Times

from .caller import KEY, Admin, JobsRead, JobsWrite, Json

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class FormQuestion(BaseModel):
    """A question of a job's own."""

    id: str = ""
    kind: str = Field("text", description="text, yes or no, number, choice or file.")
    text: str | dict[str, str] = Field(description="In English, or by language: en, de, fr, es.")
    options: list[str] = []
    required: bool = False


class FormChange(BaseModel):
    version: int = Field(description="The version that was looked at, 0 for none.")
    questions: list[FormQuestion] = Field([], description="All of the job's own questions.")
    left_out: list[str] = Field([], description="Ids of questions that are not asked.")


class DisclosureText(BaseModel):
    text: dict[str, str] = Field(description="By language: en, de, fr, es.")
    notice: date | None = Field(None, description="No AI scores before this day, where disclosures are asked for.")


class Disclosed(DisclosureText):
    job: str = Field(description="Empty: of the workspace.")
    version: int
    at: datetime
    by: str


class Rate(BaseModel):
    job: str
    invited: int
    started: int
    completed: int
    opted_out: int
    adjustments: int
    expired: int
    completion: float | None = Field(description="Completed of those invited, 0 to 1.")


class ScreeningPolicy(BaseModel):
    required: bool = Field(description="Scoring of a job waits until it has a disclosure.")
    link_days: int = Field(ge=1, le=90, description="How long a link works.")
    person_days: int = Field(ge=1, le=90, description="Within how many days a person looks at who opted out.")


class ScreeningStanding(ScreeningPolicy):
    disclosure: Disclosed | None
    rates: list[Rate]


@router.get("/jobs/{id}/screening", tags=["screening"], summary="What a job's form says and asks")
async def of(at: JobsRead, id: str) -> Json:
    return await at.app.forms.told(id)


@router.put("/jobs/{id}/screening", tags=["screening"], summary="A job's own questions, and what is not asked")
async def ask(at: JobsWrite, id: str, body: FormChange) -> Json:
    """Who has begun keeps what they began with. 409 where a newer version has come meanwhile."""
    given: list[dict[str, Any]] = [one.model_dump() for one in body.questions]
    await at.app.forms.ask(id, given, body.left_out, body.version, at.program.actor)
    return await at.app.forms.told(id)


@router.post("/jobs/{id}/disclosure", tags=["screening"], summary="What applicants of a job are told of AI")
async def disclose(at: JobsWrite, id: str, body: DisclosureText) -> Disclosed:
    """The next version. What waited for it is scored."""
    made = await at.app.forms.disclose(id, body.text, at.program.actor, notice=body.notice)
    return Disclosed.model_validate(as_data(made))


@router.get("/screening", tags=["screening"], summary="How many forms are completed, by job; what holds for all")
async def standing(at: JobsRead) -> ScreeningStanding:
    return ScreeningStanding.model_validate(await at.app.forms.standing())


@router.put("/screening", tags=["screening"], summary="What holds for all forms of the workspace")
async def policy(at: Admin, body: ScreeningPolicy) -> ScreeningStanding:
    await at.app.screenings.times(at.program.actor, Times(body.link_days, body.person_days))
    await at.app.forms.require(body.required, at.program.actor)
    return await standing(at)


@router.post("/screening/disclosure", tags=["screening"], summary="What applicants of all jobs are told of AI")
async def disclose_all(at: Admin, body: DisclosureText) -> Disclosed:
    """For jobs without a disclosure of their own."""
    made = await at.app.forms.disclose("", body.text, at.program.actor, notice=body.notice)
    return Disclosed.model_validate(as_data(made))
