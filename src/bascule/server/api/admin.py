"""`/api/v1/doctor`, login links and master keys: what an administrator runs the house with."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from .caller import KEY, Admin, Done, Json

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class WhoLogsIn(BaseModel):
    email: str = "admin@localhost"


@router.get("/doctor", tags=["admin"], summary="What is wrong, and what mends it")
async def doctor(at: Admin) -> Json:
    return {"findings": [one.as_json() for one in await at.app.health.examine(at.app.workspace)]}


@router.post("/login-links", tags=["admin"], summary="A link that logs a user in once")
async def login_link(at: Admin, body: WhoLogsIn) -> Json:
    """`warning`: why the link will not open, where its address does not lead here; "" else."""
    url = await at.app.doors.login_link(body.email)
    return {"url": url, "warning": await at.app.reaching.of_a_link(elsewhere=False)}


@router.delete("/decision-links/{person}", tags=["admin"], summary="End the link by which a user decides")
async def end_decision_link(at: Admin, person: str) -> Done:
    """`person`: their id or e-mail. At once; the next letter about what is held for them brings another."""
    await at.app.decisions.end(person, at.program.actor)
    return Done()


@router.post("/keys/rotate", tags=["admin"], summary="Wrap every key with a new master key")
async def rotate(at: Admin) -> Json:
    return {"rewrapped": await at.app.keys.rotate(at.program.actor)}
