"""`/api/v1/incidents`: when something disturbed the way to a system, and what that did to candidates."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.office.incidents import open_jobs, report
from bascule.store.incidents import Incident as FoundIncident

from .caller import KEY, Caller, CandidatesRead, ConnectionsRead, Labelled, Limit, Number

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class Incident(BaseModel):
    """A time in which something disturbed the way to a system."""

    id: int
    connection: str = Field(description="Its name; empty where it concerned every connection.")
    cause: str = Field(
        description="outage, credentials (refused), pause, limits (rate limits let nothing through), stop (of writes), "
        "webhooks (silent), absence (Bascule was not running)."
    )
    began: datetime
    ended: datetime | None = Field(description="None while it lasts.")
    why: str
    families: list[str] = Field(description="Whose writes or reads waited; of one that lasts, so far.")
    late: int = Field(description="How many those are.")
    reads: int = Field(description="Objects that were to be read when it ended.")
    left: int = Field(description="How many of the families still wait for what was due while it lasted.")
    open_jobs: int = Field(description="How many open requisitions it touches: what its urgency follows.")


class LateWrite(BaseModel):
    """A call that was due while it lasted."""

    write: str
    record: str
    what: str = Field(description="move (a stage or a rejection), message (a note) or value.")
    call: str
    fate: str = Field(description="arrived, waits, or missed: a failure, given up, or overtaken.")
    due: datetime
    arrived: datetime | None


class LateCandidate(BaseModel):
    """Somebody whose writes or reads waited."""

    record: str
    name: str
    jobs: list[str] = Field(description="Those applied to by id, the open ones first.")
    urgent: bool = Field(description="An open requisition is touched.")
    score: float | None
    high: bool = Field(description="Among the best tenth of a job's scored applicants, or its best.")
    writes: list[LateWrite]


class IncidentReport(Incident):
    """What an incident did, candidates of open requisitions first, of those the best."""

    candidates: list[LateCandidate]
    high: int = Field(description="How many of the best waited.")
    unnamed: int = Field(description="Further families: jobs, people who are gone, or beyond what is named.")


class Incidents(Labelled):
    items: list[Incident]


@router.get("/incidents", tags=["connections"], summary="What disturbed connections, and whose changes were late")
async def incidents(at: ConnectionsRead, connection: str = "", limit: Limit = 50) -> Incidents:
    """The newest first, of half a minute and more; of a connection also those that concerned every one."""
    id = at.app.connections.named(connection, at.workspace).id if connection else ""
    found = await at.web.look(lambda tx: tx.incidents.list(at.workspace, connection=id, limit=limit))
    jobs = await at.web.look(lambda tx: open_jobs(tx, at.workspace, found))
    items = [Incident(**_incident(at, one, jobs[one.id])) for one in found]
    return Incidents(items=items, connections=at.labels)


@router.get("/incidents/{id}", tags=["connections"], summary="What one incident did: who and what was late or missed")
async def incident(at: CandidatesRead, id: Number) -> IncidentReport:
    """Candidates with their messages and moves, those of open requisitions first, of those the best."""
    told = await at.web.look(lambda tx: report(tx, at.workspace, id))
    late = [
        LateCandidate(
            record=one.record, name=one.name, jobs=[job.id for job in one.jobs], urgent=one.urgent, score=one.score,
            high=one.high, writes=[LateWrite(**asdict(write)) for write in one.writes],
        )
        for one in told.late
    ]  # fmt: skip
    return IncidentReport(
        **_incident(at, told.incident, told.open_jobs), candidates=late, high=told.high, unnamed=told.unnamed
    )


def _incident(at: Caller, one: FoundIncident, jobs: int) -> dict[str, Any]:
    known = at.app.connections.known(one.connection)
    return {
        "id": one.id, "connection": known.row.name if known is not None else one.connection, "cause": str(one.cause),
        "began": one.began,
        "ended": one.ended, "why": one.why, "families": list(one.families), "late": len(one.families),
        "reads": one.reads, "left": one.left, "open_jobs": jobs,
    }  # fmt: skip
