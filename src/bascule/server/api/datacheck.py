"""`/api/v1/connections/NAME/data`: what of a system's data will cost work, before anybody relies on it."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.office import datacheck
from bascule.office.datacheck import MISSING, Finding
from bascule.office.remedies import Remedy

from ..show import words
from .caller import KEY, CandidatesRead, ConnectionsRead, ConnectionsWrite, Done, Labelled, Limit, known

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["connections"])


class Data(Labelled):
    """Counts of what was read, as of the last check. `findings`: whom or what is listed, one by one."""

    connection: str
    checked: datetime | None = Field(description="When the last check was done; null: never, and nothing is counted.")
    going: bool = Field(description="Whether a check goes on, or waits for its turn.")
    looked_at: int = Field(description="Candidates and jobs that it has looked at so far.")
    of: int
    error: str = Field(description="Why a check stopped.")
    candidates: int
    jobs: int
    duplicates: int = Field(description="Open questions whether two are one person.")
    certain: int = Field(description="Of them, hardly in doubt.")
    missing: dict[str, int] = Field(description="By field: candidates without it.")
    findings: dict[str, int] = Field(description="By name of a finding: how many.")
    spellings: int = Field(description="Normalised titles that are written in more than one way.")
    custom_fields: dict[str, int] = Field(description="By kind and field: records that have a value.")
    gaps: int = Field(description="Values and stages the mapping does not know.")
    minutes: dict[str, float] = Field(description="Assumed minutes of a person's time, by what they go into.")
    hours: float = Field(description="Their sum. What people must agree on comes on top.")


@router.get("/connections/{name}/data", summary="What a check of a system's data has found")
async def told(at: ConnectionsRead, name: str) -> Data:
    """The last check, and how far one is that goes on."""
    found = await at.app.data_checks.told(known(at, name))
    return Data(
        connections=at.labels,
        connection=found.connection, checked=found.ended, going=found.going, looked_at=found.looked_at, of=found.of,
        error=found.error, candidates=found.count(datacheck.CANDIDATES), jobs=found.count(datacheck.JOBS),
        duplicates=found.count(datacheck.DUPLICATES), certain=found.count(datacheck.CERTAIN),
        missing={name: found.count(finding) for name, finding in MISSING.items()},
        findings={finding: found.count(finding) for finding in Finding}, spellings=found.count(datacheck.SPELT),
        custom_fields=dict(sorted(found.custom.items(), key=lambda one: (-one[1], one[0]))),
        gaps=found.count(datacheck.GAPS), minutes=dict(found.minutes), hours=found.hours,
    )  # fmt: skip


@router.post("/connections/{name}/data", summary="Check a system's data before relying on it")
async def check(at: ConnectionsWrite, name: str) -> Done:
    """Everything that was read is looked through beside the rest of the work; nothing is changed and nothing is sent.
    409 before it was read whole."""
    await at.app.data_checks.begin(known(at, name), at.program.actor)
    return Done()


class Listed(BaseModel):
    record: str
    name: str = Field(description="The candidate's name, or the job's title.")


class AllListed(BaseModel):
    items: list[Listed]
    next: str | None = None


@router.get("/connections/{name}/data/findings/{finding}", summary="Whom or what a check has found")
async def listed(at: CandidatesRead, name: str, finding: Finding, after: str = "", limit: Limit = 50) -> AllListed:
    """By id, the first 10,000 of each; who is gone meanwhile is left out."""
    ids, found = await at.app.data_checks.listed(known(at, name), finding, after, limit)
    items = [Listed(record=one.id, name=words.title(one)) for one in found]
    return AllListed(items=items, next=ids[-1] if len(ids) == limit else None)


class Change(BaseModel):
    job: str
    title: str
    value: str | bool


class Changes(BaseModel):
    items: list[Change]
    next: str | None = None


class Applied(BaseModel):
    batch: str = Field(description="By which it is undone.")
    jobs: int


class Batch(BaseModel):
    batch: str = Field(min_length=1)


class Undone(BaseModel):
    jobs: int


class Made(BaseModel):
    batch: str
    at: datetime
    actor: str
    remedy: Remedy
    jobs: int


class Batches(BaseModel):
    items: list[Made]
    next: str | None = None


@router.get("/connections/{name}/data/batches", summary="Remedies that were applied and not taken back")
async def batches(at: ConnectionsRead, name: str) -> Batches:
    found = await at.app.remedies.batches(known(at, name))
    items = [Made(batch=one.id, at=one.at, actor=one.actor, remedy=one.remedy, jobs=one.jobs) for one in found]
    return Batches(items=items)


@router.get("/connections/{name}/data/{remedy}", summary="What a remedy would change")
async def preview(at: ConnectionsRead, name: str, remedy: Remedy) -> Changes:
    """`titles`: a normalised title into a field of its own; `archive`: requisitions closed over 90 days are marked."""
    found = await at.app.remedies.preview(known(at, name), remedy)
    return Changes(
        items=[
            Change(job=one.job, title=one.title, value=one.value if one.value is True else str(one.value))
            for one in found
        ]
    )


@router.post("/connections/{name}/data/undo", summary="Take back what a remedy has changed")
async def undo(at: ConnectionsWrite, name: str, body: Batch) -> Undone:
    """Where nobody has changed it since."""
    return Undone(jobs=await at.app.remedies.undo(known(at, name), body.batch, at.program.actor))


@router.post("/connections/{name}/data/{remedy}", summary="Apply a remedy")
async def apply(at: ConnectionsWrite, name: str, remedy: Remedy) -> Applied:
    """To what it finds now; no system is written to because of it."""
    batch, jobs = await at.app.remedies.apply(known(at, name), remedy, at.program.actor)
    return Applied(batch=batch, jobs=jobs)
