"""`/api/v1/visibility`: which colleagues see a candidate."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from bascule.office.visibility import Visible

from .caller import KEY, Admin

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["admin"])


class VisibilityChoice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    team_only: bool = Field(description="Only the hiring team of a job they applied to sees a candidate.")


class Colleague(BaseModel):
    """Somebody here."""

    name: str
    email: str
    role: str
    everybody: bool = Field(description="Whether, by their role, nobody is hidden from them.")
    users: int = Field(description="How many users of the connected systems they are; with 0 they are on no team.")


class VisibilityStanding(VisibilityChoice):
    items: list[Colleague]
    next: str | None = None


def _standing(found: Visible) -> VisibilityStanding:
    people = [
        Colleague(
            name=one.user.name, email=one.user.email, role=one.user.role, everybody=one.everybody, users=one.users
        )
        for one in found.people
    ]
    return VisibilityStanding(team_only=found.team_only, items=people)


@router.get("/visibility", summary="Which colleagues see a candidate, and whom the ATS knows them as")
async def visibility(at: Admin) -> VisibilityStanding:
    return _standing(await at.app.visibility.told())


@router.put("/visibility", summary="Choose which colleagues see a candidate")
async def choose_visibility(at: Admin, body: VisibilityChoice) -> VisibilityStanding:
    """Confidential jobs and private candidates are hidden from whoever is not on the team either way."""
    return _standing(await at.app.visibility.choose(body.team_only, at.program.actor))
