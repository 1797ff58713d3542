"""`/api/v1/jobs`: jobs, their rubrics and stages, and their applicants, ranked."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from bascule.core import stages
from bascule.errors import NotFoundError
from bascule.model import Kind, RecordState
from bascule.store import Tx

from ..show import job as show_job
from ..show import words
from .caller import KEY, CandidatesRead, JobsRead, Json
from .values import plain, record_as_json

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class Job(BaseModel):
    id: str
    title: str
    status: str
    department: str
    applicants: int
    scored: int
    not_looked_at: int


class Jobs(BaseModel):
    items: list[Job]
    next: str | None


class RankedApplicant(BaseModel):
    rank: int | None
    application: str
    candidate: str
    name: str
    stage: str
    status: str
    score: float | None
    looked_at: bool
    applied: datetime | None


class Ranking(BaseModel):
    items: list[RankedApplicant]
    next: str | None


@router.get("/jobs", tags=["jobs"], summary="Jobs, those with most applicants nobody has looked at first")
async def jobs(at: JobsRead, q: str = "", status: str = "open", after: str = "") -> Jobs:
    counted = await at.web.look(lambda tx: show_job.rows(tx, at.workspace))
    view = show_job.page_of(counted, q=q, status=status, sort="-unseen", after=after)
    items = [
        Job(
            id=row.id,
            title=row.title,
            status=row.status,
            department=row.department,
            applicants=row.applicants,
            scored=row.scored,
            not_looked_at=row.unseen,
        )
        for row in view.rows
    ]
    return Jobs(items=items, next=items[-1].id if view.paging.next else None)


@router.get("/jobs/{id}", tags=["jobs"], summary="One job with its rubric and stages")
async def job(at: JobsRead, id: str) -> Json:
    def read(tx: Tx) -> Json:
        record = tx.families.records(at.workspace, [id]).get(id)
        if record is None or record.kind is not Kind.JOB:
            raise NotFoundError("There is no such job.", hint="List them: /api/v1/jobs?status=all")
        family = tx.families.family(record.family)
        known = tx.families.records(at.workspace, words.referred([record]))
        rubric = tx.scores.rubric(id)
        return {
            **record_as_json(record, known),
            "title": words.title(record),
            "stages": [
                {
                    "id": one.id,
                    "name": words.title(one),
                    "order": one.fields.get("order"),
                    "type": one.fields.get("type") or stages.propose(words.title(one)),
                }
                for one in family.children(id, Kind.STAGE)
                if one.state is RecordState.LIVE
            ],
            "rubric": {"version": rubric.version, "at": rubric.at, "stale": rubric.stale, **plain(rubric.body)}
            if rubric
            else None,
        }

    return await at.web.look(read)


@router.get("/jobs/{id}/applicants", tags=["jobs"], summary="A job's applicants, the best score first")
async def applicants(at: CandidatesRead, id: str, after: str = "") -> Ranking:
    view = await at.web.look(lambda tx: show_job.page(tx, at.workspace, id, after))
    items = [
        RankedApplicant(
            rank=one.rank,
            application=one.application,
            candidate=one.candidate,
            name=one.name,
            stage=one.stage,
            status=one.status,
            score=one.score,
            looked_at=one.seen,
            applied=one.applied,
        )
        for one in view.applicants
    ]
    return Ranking(items=items, next=show_job.after_of(view.paging.next) or None if view.paging.next else None)
