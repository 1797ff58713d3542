"""`/api/v1/pull` and `push`, which read and write now, and what is still on its way."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from .caller import KEY, ConnectionsWrite, StatusRead

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class Named(BaseModel):
    """What to push or pull: a record or job by its id, or a connection by its name."""

    target: str = Field(min_length=1)
    connection: str = Field("", description="Only at this connection.")


class Pushed(Named):
    differences: bool = Field(False, description="Write also over what was settled as it is (a record or a job).")
    create: bool = Field(False, description="Create it also where it is not there yet (a record or a job).")


class Asked(BaseModel):
    count: int = Field(description="Objects or lists to read; families to write.")
    connections: list[str]


class Left(BaseModel):
    reads: int
    writes: int
    held: int = Field(description="Writes that a mode or a gate holds.")
    failures: int
    drifts: list[str] = Field(
        description="Of a whole connection: what has changed in the system's own configuration, not dealt with yet."
    )


@router.post("/pull", tags=["connections"], summary="Read a record, a job or a connection now")
async def pull(at: ConnectionsWrite, body: Named) -> Asked:
    """The usual way, only now; no webhook is needed."""
    made = await at.app.runs.pull(body.target, at.program.actor, connection=body.connection)
    return Asked(count=made.count, connections=list(made.connections))


@router.post("/push", tags=["connections"], summary="Write a record, a job or a connection now")
async def push(at: ConnectionsWrite, body: Pushed) -> Asked:
    """What is owed, through the same gates."""
    made = await at.app.runs.push(
        body.target, at.program.actor, connection=body.connection, differences=body.differences, create=body.create
    )
    return Asked(count=made.count, connections=list(made.connections))


@router.get("/waiting", tags=["looking"], summary="What is still on its way for a record, a job or a connection")
async def waiting(at: StatusRead, target: str, connection: str = "") -> Left:
    left = await at.app.runs.left(target, connection=connection)
    return Left(reads=left.reads, writes=left.writes, held=left.held, failures=left.failures, drifts=list(left.drifts))
