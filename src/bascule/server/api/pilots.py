"""`/api/v1/connections/NAME/pilots`: test candidates through the whole flow, and what was found."""

from __future__ import annotations

import base64
from datetime import timedelta

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.errors import InputError
from bascule.model import Actor, ActorKind
from bascule.office.judging import report
from bascule.office.pilots import MOST, File

from .caller import KEY, Caller, CandidatesRead, ConnectionsWrite, Json, Labelled, known

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["connections"])
PATH = "/connections/{name}/pilots"


class Cv(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    data: str = Field(description="The file's bytes, in base64.")


class NewPilot(BaseModel):
    candidates: int = Field(50, ge=1, le=MOST)
    resumes: list[Cv] = Field(min_length=1, description="CVs they apply with, in turn.")
    job: str = Field("", description="The job they apply for, by id; else the newest that is open there.")
    as_user: str = Field("", description="E-mail of the person here in whose name stages are set; else who asks.")
    minutes: float = Field(60, gt=0, le=24 * 60, description="When it is judged at the latest.")


class Pilots(Labelled):
    items: list[Json]
    next: str | None = None


@router.get(PATH, summary="Pilots of a connection")
async def pilots(at: CandidatesRead, name: str) -> Pilots:
    """The newest first. `rehearsal`: at a simulator, so that it says nothing of the customer's own system."""
    found = at.app.connections.named(name, at.workspace)
    rows = await at.app.pilots.of(name)
    return Pilots(connections=at.labels, items=[report(one, name, at.labels[found.row.name]) for one in rows])


@router.post(PATH, summary="Bring test candidates through the whole flow", status_code=201)
async def begin(at: ConnectionsWrite, name: str, body: NewPilot) -> Json:
    """While it runs nobody else is written to at this connection. Test candidates are made there, scored, moved, and
    removed again where the system can."""
    files = [File(one.name, _bytes(one)) for one in body.resumes]
    actor = await _person(at, body.as_user)
    made = await at.app.pilots.begin(
        known(at, name), files, body.candidates, actor, job=body.job, patience=timedelta(minutes=body.minutes)
    )
    return {"connections": at.labels, **report(made, name, at.labels[known(at, name)])}


@router.post(f"{PATH}/stop", summary="End the pilot that runs")
async def stop(at: ConnectionsWrite, name: str) -> Json:
    """It is judged as it stands."""
    ended = await at.app.pilots.stop(known(at, name))
    return {"connections": at.labels, **report(ended, name, at.labels[known(at, name)])}


def _bytes(one: Cv) -> bytes:
    try:
        return base64.b64decode(one.data, validate=True)
    except ValueError:
        raise InputError(f"{one.name} is not base64.") from None


async def _person(at: Caller, email: str) -> Actor:
    """Who it is done as. InputError for nobody here."""
    if not email:
        return at.program.actor
    user = await at.web.look(lambda tx: tx.people.user_by_email(at.workspace, email))
    if user is None or user.disabled is not None:
        raise InputError(f"Nobody here has the address {email}.", hint="See the page Settings.")
    return Actor(ActorKind.PERSON, user.id, user.name)
