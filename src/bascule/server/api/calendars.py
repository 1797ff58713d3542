"""`/api/v1/calendars` and `/api/v1/interviewers`: how colleagues' calendars are reached, and when they work."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bascule.calendars.choice import stored
from bascule.core.interviews import clock
from bascule.hiring.interviewers import Interviewer
from bascule.office.calendars import Standing

from .caller import KEY, Admin, Done, InterviewsRead

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["interviews"])


class CalendarChoice(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    system: str = Field("caldav", description="caldav, graph or google.")
    on: bool = Field(False, description="Whether calendars are asked, and interviews written into them.")
    base_url: str = Field("", description='"": the vendor\'s own; CalDAV has none.')
    token_url: str = Field("", description='"": the vendor\'s own.')
    tenant: str = Field("", description="The directory id of Microsoft 365.")
    account: str = Field("", description="User name, application id, or the service account's e-mail.")
    secret: SecretStr = Field(SecretStr(""), description='Kept sealed, never shown again. "": forget it.')
    timeout: float = Field(10.0, description="Seconds.")


class CalendarStanding(BaseModel):
    system: str
    label: str
    on: bool
    base_url: str
    token_url: str
    tenant: str
    account: str
    secret: bool = Field(description="Whether one is kept.")
    timeout: float
    troubles: list[str]


class InterviewerHours(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=120, description="As candidates see it.")
    begin: str | None = Field(None, description="09:00")
    end: str | None = Field(None, description="17:00")
    days: list[int] | None = Field(None, description="Monday is 0, Sunday 6.")
    zone: str | None = Field(None, description="Such as Europe/Berlin.")
    calendar: str | None = Field(None, description="Of CalDAV the collection's path; elsewhere empty for their first.")


class InterviewerShown(BaseModel):
    email: str
    name: str
    begin: str
    end: str
    days: list[int]
    zone: str
    calendar: str


class InterviewersShown(BaseModel):
    items: list[InterviewerShown]
    next: str | None = None


class Tried(BaseModel):
    busy: int = Field(description="How often they are busy in the coming week.")


@router.get("/calendars", summary="How calendars are reached")
async def calendars(at: Admin) -> CalendarStanding:
    return _standing(await at.app.calendar_desk.told())


@router.patch("/calendars", summary="Connect calendars, or change how they are reached")
async def choose(at: Admin, body: CalendarChoice) -> CalendarStanding:
    given = body.model_dump(include=body.model_fields_set - {"secret"}, mode="json")
    secret = body.secret.get_secret_value() if "secret" in body.model_fields_set else None
    return _standing(await at.app.calendar_desk.choose(given, at.program.actor, secret=secret))


@router.get("/interviewers", summary="Interviewers of whom something was said")
async def interviewers(at: InterviewsRead) -> InterviewersShown:
    return InterviewersShown(items=[_shown(one) for one in await at.app.calendar_desk.interviewers()])


@router.put("/interviewers/{email}", summary="Say when somebody works, and where their calendar is")
async def put(at: Admin, email: str, body: InterviewerHours) -> InterviewerShown:
    one = await at.app.calendar_desk.set_interviewer(
        email, at.program.actor, name=body.name, begin=body.begin, end=body.end, days=body.days, zone=body.zone,
        calendar=body.calendar,
    )  # fmt: skip
    return _shown(one)


@router.delete("/interviewers/{email}", summary="Forget what was said of an interviewer")
async def remove(at: Admin, email: str) -> Done:
    await at.app.calendar_desk.remove_interviewer(email, at.program.actor)
    return Done()


@router.post("/interviewers/{email}/try", summary="Ask somebody's calendar about the coming week")
async def attempt(at: Admin, email: str) -> Tried:
    return Tried(busy=await at.app.calendar_desk.attempt(email))


def _standing(found: Standing) -> CalendarStanding:
    choice = found.choice
    return CalendarStanding.model_validate(
        {**stored(choice), "label": choice.vendor.label, "secret": found.secret, "troubles": list(found.troubles)}
    )


def _shown(one: Interviewer) -> InterviewerShown:
    work = one.working
    return InterviewerShown(
        email=one.email, name=one.name, begin=clock(work.begin), end=clock(work.end), days=sorted(work.days),
        zone=work.zone, calendar=one.calendar,
    )  # fmt: skip
