"""`/api/v1/connections/NAME/data`: what of a system's data will cost work, before anybody relies on it."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.office.datacheck import Remedy

from .caller import KEY, ConnectionsRead, ConnectionsWrite, known

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["connections"])


class Title(BaseModel):
    job: str
    title: str
    normalised: str


class Requisition(BaseModel):
    job: str
    title: str
    closed: str


class Data(BaseModel):
    """Counts of what was read. Lists name the first twenty."""

    connection: str
    candidates: int
    jobs: int
    duplicates: int = Field(description="Open questions whether two are one person.")
    certain: int = Field(description="Of them, hardly in doubt.")
    twice: int = Field(description="People with two objects there, known to be one.")
    missing: dict[str, int] = Field(description="By field: candidates without it.")
    stale: int = Field(description="Candidates of whom nothing is newer than two years.")
    undated: int = Field(description="Candidates of whom nothing is dated.")
    untidy_titles: int
    titles: list[Title]
    spellings: int = Field(description="Normalised titles that are written in more than one way.")
    closed_long: int = Field(description="Requisitions closed over 90 days ago.")
    closed_undated: int = Field(description="Closed, and nobody knows since when.")
    closed: list[Requisition]
    custom_fields: dict[str, int] = Field(description="By kind and field: records that have a value.")
    gaps: int = Field(description="Values and stages the mapping does not know.")
    minutes: dict[str, float] = Field(description="Assumed minutes of a person's time, by what they go into.")
    hours: float = Field(description="Their sum. What people must agree on comes on top.")


@router.get("/connections/{name}/data", summary="Check a system's data before relying on it")
async def check(at: ConnectionsRead, name: str) -> Data:
    """Looks through everything that was read; nothing is changed and nothing is sent."""
    found = await at.app.data_checks.check(known(at, name))
    return Data(
        connection=found.connection, candidates=found.candidates, jobs=found.jobs, duplicates=found.duplicates,
        certain=found.certain, twice=found.twice, missing=dict(found.missing), stale=found.stale,
        undated=found.undated, untidy_titles=found.untidy,
        titles=[Title(job=job, title=title, normalised=better) for job, title, better in found.titles],
        spellings=found.spellings, closed_long=found.long_closed, closed_undated=found.closed_undated,
        closed=[Requisition(job=job, title=title, closed=since) for job, title, since in found.closed],
        custom_fields=dict(found.custom.most_common()), gaps=found.gaps, minutes=dict(found.minutes),
        hours=found.hours,
    )  # fmt: skip


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


@router.get("/connections/{name}/data/{remedy}", summary="What a remedy would change")
async def preview(at: ConnectionsRead, name: str, remedy: Remedy) -> Changes:
    """`titles`: a normalised title into a field of its own; `archive`: requisitions closed over 90 days are marked."""
    found = await at.app.data_checks.preview(known(at, name), remedy)
    return Changes(
        items=[
            Change(job=one.job, title=one.title, value=one.value if one.value is True else str(one.value))
            for one in found
        ]
    )


@router.post("/connections/{name}/data/undo", summary="Take back what a remedy has changed")
async def undo(at: ConnectionsWrite, name: str, body: Batch) -> Undone:
    """Where nobody has changed it since."""
    return Undone(jobs=await at.app.data_checks.undo(known(at, name), body.batch, at.program.actor))


@router.post("/connections/{name}/data/{remedy}", summary="Apply a remedy")
async def apply(at: ConnectionsWrite, name: str, remedy: Remedy) -> Applied:
    """To what it finds now; no system is written to because of it."""
    batch, jobs = await at.app.data_checks.apply(known(at, name), remedy, at.program.actor)
    return Applied(batch=batch, jobs=jobs)
