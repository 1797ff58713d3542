"""`/api/v1/people` and the people for a job: everybody ever met, found by words, by meaning, or for a job."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from bascule.core.rediscovery import stored
from bascule.office.found import Counted, Filters, Someone

from .caller import KEY, LARGEST, Admin, CandidatesRead, Json, ReviewsWrite
from .values import plain

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])

Most = Annotated[int, Query(ge=1, le=100)]
After = Annotated[int, Query(ge=0, le=LARGEST, description="What `next` said.")]


class Found(BaseModel):
    """Somebody who was found."""

    candidate: str
    name: str
    title: str
    company: str
    score: float | None = Field(description="0 to 100 by the job's rubric, as for an applicant; null: not (yet).")
    alike: float = Field(description="How alike the texts are, 0 to 1.")
    last_contact: datetime
    reach: str = Field(description="How they can be reached, in words.")
    reachable: bool
    looked_at: bool
    resume: bool = Field(description="Whether they are found by the text of a CV, not only by what the ATS says.")
    notes: int
    past: list[dict[str, Any]]
    reasons: list[str]
    said: list[dict[str, Any]]
    by_name: bool


class People(BaseModel):
    """A page of people. `left_out`: how many may not be considered, by why. `loaded`: false while the index is filled
    after a start; then more may be found in a moment."""

    items: list[Found]
    total: int
    considered: int
    left_out: dict[str, int]
    loaded: bool
    next: int | None


class PeopleForJob(People):
    """`reading`: how many of the nearest are still to be scored. `unseen`: of those scored, how many nobody has looked
    at. `here`: who is on this job already is not in the list. `unread`: of how many no CV is known here; `fetching`:
    how many CVs are still to be fetched, null where nobody has chosen that they are."""

    job: str
    title: str
    rubric: int
    reason: str
    reading: int
    unseen: int
    here: int
    unread: int
    fetching: int | None


class PeopleAsked(People):
    """`asked`: what was asked for in words, what it was taken for, and how many say it."""

    q: str
    like: str
    asked: list[dict[str, Any]]


class ConsideredAgain(BaseModel):
    """Who may be considered again. What is left out stays."""

    field: str | None = Field(None, description="A custom field of the candidate that says yes, no, or until when.")
    agreed: list[str] | None = Field(None, description="Tags of who has agreed.")
    refused: list[str] | None = Field(None, description="Tags of who has refused.")
    only_agreed: bool | None = Field(None, description="Nobody but who has agreed.")
    read: bool | None = Field(None, description="Fetch and read the CVs of people who applied before Bascule came.")


def filters(
    within: Annotated[int | None, Query(ge=0, le=1200, description="Last contact within so many months.")] = None,
    quiet: Annotated[int | None, Query(ge=0, le=1200, description="No contact for so many months.")] = None,
    reached: Annotated[str, Query(description="At least this type of stage: screen, interview ...")] = "",
    outcome: Annotated[str, Query(description="open, hired, rejected or withdrawn")] = "",
    reachable: Annotated[bool, Query(description="Only who can be reached.")] = False,
    place: Annotated[str, Query(description="A place, or any words, that their text says.")] = "",
    applied: Annotated[str, Query(description="Who has applied for this job.")] = "",
) -> Filters:
    return Filters(within, quiet, reached, outcome, reachable, place, applied)


Among = Annotated[Filters, Depends(filters)]


@router.get("/jobs/{id}/rediscovery", tags=["people"], summary="For a job, everybody ever met, the best first")
async def rediscovery(at: CandidatesRead, id: str, among: Among, limit: Most = 25, after: After = 0) -> PeopleForJob:
    """Within consent and retention; who is on the job already is left out. The nearest are scored in the background:
    ask again while `reading` is not 0."""
    found = await at.app.rediscovery.of(id, among, after=after, limit=limit)
    await at.listed("people looked for", len(found.items), id)
    return PeopleForJob(
        **_page(found.items, found.total, found.counted, found.after), job=found.job, title=found.title,
        rubric=found.rubric, reason=found.reason, reading=found.reading, unseen=found.unseen, here=found.here,
        unread=found.unread, fetching=found.fetching,
    )  # fmt: skip


class PutOn(BaseModel):
    note: str = Field("", max_length=20_000, description="What is said besides, in the note that goes along.")


class Put(BaseModel):
    application: str = Field(description="The new application's record. It is created in the ATS by and by.")


@router.get("/jobs/{id}/rediscovery/{candidate}", tags=["people"], summary="What putting somebody on a job would do")
async def way(at: CandidatesRead, id: str, candidate: str) -> Json:
    """`why`: why it cannot be done; "" where it can."""
    return asdict(await at.app.putting.way(id, candidate, at.program.actor))


@router.post("/jobs/{id}/rediscovery/{candidate}", tags=["people"], summary="Put somebody who was found on the job")
async def put(at: ReviewsWrite, id: str, candidate: str, body: PutOn) -> Put:
    """In the name of the key's owner: an application here and in the job's ATS, with a note and the tag and source
    `rediscovery`. 403 says why it cannot be done there."""
    return Put(application=await at.app.putting.put(id, candidate, at.program.actor, body.note))


@router.get("/people/search", tags=["people"], summary="People by names, words, skills, titles, places, or like one")
async def search(
    at: CandidatesRead, among: Among, q: str = "", like: str = "", limit: Most = 25, after: After = 0
) -> PeopleAsked:
    """One box: `q` may be a name, words, or a whole text. `like`: the id of a candidate others should be like."""
    found = await at.app.search.people(q, like=like, filters=among, after=after, limit=limit)
    await at.listed("people searched", len(found.items))
    return PeopleAsked(
        **_page(found.items, found.total, found.counted, found.after), q=found.q, like=found.like,
        asked=[asdict(one) for one in found.asked],
    )  # fmt: skip


@router.get("/rediscovery", tags=["people"], summary="Who may be considered again")
async def policy(at: CandidatesRead) -> Json:
    return plain(stored(await at.app.rediscovery.policy()))


@router.put("/rediscovery", tags=["people"], summary="Choose who may be considered again")
async def choose(at: Admin, body: ConsideredAgain) -> Json:
    """Everybody is looked at anew, which takes some seconds for each thousand people."""
    given = {name: tuple(v) if isinstance(v, list) else v for name, v in body.model_dump(exclude_none=True).items()}
    chosen = replace(await at.app.rediscovery.policy(), **given)
    return plain(stored(await at.app.rediscovery.set_policy(chosen, at.program.actor)))


def _page(items: tuple[Someone, ...], total: int, counted: Counted, after: int | None) -> Json:
    return {
        "items": [_found(one) for one in items],
        "total": total,
        "considered": counted.considered,
        "left_out": dict(counted.left_out),
        "loaded": counted.loaded,
        "next": after,
    }


def _found(one: Someone) -> Found:
    reasons = one.fit.get("reasons")
    return Found(
        candidate=one.candidate,
        name=one.name,
        title=one.title,
        company=one.company,
        score=one.score,
        alike=round(one.alike, 3),
        last_contact=one.contact,
        reach=one.reach,
        reachable=one.reachable,
        looked_at=one.looked_at,
        resume=one.resume,
        notes=one.notes,
        past=[asdict(past) for past in one.past],
        reasons=[str(reason) for reason in reasons] if isinstance(reasons, tuple) else [],
        said=[asdict(said) for said in one.said],
        by_name=one.by_name,
    )
