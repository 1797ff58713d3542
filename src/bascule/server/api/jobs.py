"""`/api/v1/jobs`: jobs, their rubrics and stages, and their applicants, ranked."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.core import stages
from bascule.errors import NotFoundError
from bascule.model import Kind, RecordState, Value
from bascule.office.outcomes import Done
from bascule.office.rubrics import Asked
from bascule.store import Tx

from ..show import job as show_job
from ..show import words
from ..show.undecided import place, place_of
from .caller import KEY, CandidatesRead, JobsRead, JobsWrite, Json, Limit
from .values import plain, record_as_json

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class Job(BaseModel):
    id: str
    title: str
    normal_title: str = Field(description="The title as it would be written everywhere, where it was normalised.")
    status: str
    archived: bool = Field(description="Out of the way here: closed long ago, and marked so by a person.")
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
    ordered_by: str = Field(
        default="", description="The model that has a say in the order of the first few hundred, beside the score."
    )
    next: str | None


class ProbeOf(BaseModel):
    people: int = Field(50, ge=1, le=500, description="How many applicants' resumes.")


class RemediationOf(BaseModel):
    seen: str = Field(min_length=1, max_length=2000, description="What was seen in the figures.")
    changed: str = Field(min_length=1, max_length=2000, description="What was changed because of it.")
    version: int = Field(0, ge=0, description="The rubric's version that holds since; 0: the newest.")


class DecisionsDue(BaseModel):
    days: int = Field(ge=0, le=365, description="After so many days without a decision; 0: nobody is looked for.")


class RubricChange(BaseModel):
    """What to set. What is left out stays; null goes back to what the job's text says."""

    version: int = Field(description="The version that was looked at.")
    skills: dict[str, str | None] = Field({}, description="Skill -> must, should, nice, not asked for, or null.")
    years: float | None = Field(None, description="Years of experience asked for, 0 to 40.")
    languages: dict[str, str] | None = Field(None, description="Language -> level in words, or A1 to C2.")
    conditions: dict[str, str | None] | None = Field(
        None, description='Place and eligibility -> what of it ("B", "" for no more), "not asked for", or null.'
    )
    role: str | None = Field(None, description="The title whose kind of work is meant.")
    weights: dict[str, float] | None = Field(None, description="Part of the score -> its share.")
    shortlist: float | None = Field(None, description="Score from which somebody is for the shortlist. Moves nobody.")
    low: float | None = Field(None, description="Score under which one is called low. Hides and rejects nobody.")


@router.get("/jobs", tags=["jobs"], summary="Jobs, those with most applicants nobody has looked at first")
async def jobs(at: JobsRead, q: str = "", status: str = "open", after: str = "") -> Jobs:
    """`status`: open, closed, draft, archived, or all. Archived requisitions are left out of the closed ones unless
    words are searched for."""
    counted = await at.web.look(lambda tx: show_job.rows(tx, at.workspace))
    view = show_job.page_of(counted, q=q, status=status, sort="-unseen", after=after)
    items = [
        Job(
            id=row.id,
            title=row.title,
            normal_title=row.normal_title,
            status=row.status,
            archived=row.archived,
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
    await at.listed("applicants listed", len(items), id)
    return Ranking(
        items=items,
        ordered_by=view.ordered_by,
        next=show_job.after_of(view.paging.next) or None if view.paging.next else None,
    )


@router.get("/jobs/{id}/rubric", tags=["jobs"], summary="What a job asks for, and what people have changed of it")
async def rubric(at: JobsRead, id: str) -> Json:
    return plain(await at.app.rubric_desk.told(id))


class SpokenSkill(BaseModel):
    id: str
    label: str
    scheme: str = Field(description="ESCO, O*NET, or text for a name that neither knows.")
    kind: str
    likely: float = Field(description="1 where the text names it; below, where it says so in other words.")
    quote: str
    counted: bool = Field(description="Whether the rubric asks for it.")


class SpokenSkills(BaseModel):
    job: str
    taxonomy: str
    items: list[SpokenSkill]


@router.get("/jobs/{id}/skills", tags=["jobs"], summary="Every skill a job's text speaks of, named or meant")
async def skills(at: JobsRead, id: str) -> SpokenSkills:
    """English texts are read for what they mean; others for what they name."""
    return SpokenSkills.model_validate(await at.app.rubric_desk.spoken(id))


class ReadAgain(BaseModel):
    resumes: int = Field(description="How many are read once more.")


@router.post("/jobs/{id}/resumes/again", tags=["jobs"], summary="Read again the CVs that could not be read")
async def read_again(at: JobsWrite, id: str) -> ReadAgain:
    """Of open applications; of use where this machine was slow or short of memory. Those that still cannot be read are
    listed as before."""
    return ReadAgain(resumes=await at.app.resume_desk.read_again(id, at.program.actor))


@router.put("/jobs/{id}/rubric", tags=["jobs"], summary="Change what a job asks for")
async def change_rubric(at: JobsWrite, id: str, body: RubricChange) -> Json:
    """Its applications are scored again where the change matters. 409 where a newer version has come meanwhile."""
    given = body.model_dump(exclude_unset=True, exclude={"version", "skills"})
    return plain(await at.app.rubric_desk.change(id, Asked(body.skills, given), body.version, at.program.actor))


@router.get("/undecided", tags=["jobs"], summary="By job, how many applicants nobody has decided about for too long")
async def undecided(at: JobsRead) -> Json:
    """`days`: after how many without a decision somebody is told; 0 for never. `longest` is in days."""
    desk, now = at.app.undecided, at.app.runtime.now()

    def told(tx: Tx) -> Json:
        jobs: list[Json] = [
            {"job": one.job.id, "title": one.title, "applicants": one.many, "longest": (now - one.oldest).days}
            for one in desk.by_job(tx)
        ]
        return {"days": desk.days(tx), "jobs": jobs}

    return await at.app.store.read(told)


@router.put("/undecided", tags=["jobs"], summary="After how many days without a decision somebody is told")
async def undecided_days(at: JobsWrite, body: DecisionsDue) -> Json:
    await at.app.undecided.set_days(body.days, at.program.actor)
    return {"days": body.days}


@router.get(
    "/jobs/{id}/undecided", tags=["jobs"], summary="The applicants of a job nobody has decided about for too long"
)
async def undecided_of(at: CandidatesRead, id: str, limit: Limit = 50, after: str = "") -> Json:
    """The longest wait first; `next` is the `after` of the next page, "" at the end."""
    found = await at.app.store.read(lambda tx: at.app.undecided.of_job(tx, id, after=place_of(after), limit=limit + 1))
    shown = found[:limit]
    waiting: list[dict[str, Value]] = [
        {
            "application": one.application, "candidate": one.candidate, "applied": one.applied.isoformat(),
            "looked_at": one.seen.isoformat() if one.seen else None,
        }
        for one in shown
    ]  # fmt: skip
    await at.listed("undecided listed", len(shown), id)
    return {"applicants": waiting, "next": place(shown[-1]) if len(found) > limit else ""}


@router.get("/outcomes", tags=["jobs"], summary="How scores stood to what people decided, in all and by job")
async def outcomes(at: JobsRead) -> Json:
    return plain(await at.app.outcomes.told())


@router.get("/jobs/{id}/outcomes", tags=["jobs"], summary="How a job's scores stood to what people decided")
async def outcomes_of(at: JobsRead, id: str) -> Json:
    """By version of the rubric and the scorer, and by month; shares with the interval in which they lie 95 of 100
    times; `few` where there are too few decisions to say much."""
    return plain(await at.app.outcomes.told(id))


@router.post("/jobs/{id}/remediations", tags=["jobs"], summary="Enter what was seen in the outcomes, and what was done")
async def remediation(at: JobsWrite, id: str, body: RemediationOf) -> Json:
    """The outcomes with the entry, and the measures before and after it."""
    return plain(await at.app.outcomes.log(id, Done(body.seen, body.changed, body.version), at.program.actor))


@router.post("/jobs/{id}/fairness", tags=["jobs"], summary="Does a score depend on who somebody is?")
async def fairness(at: CandidatesRead, id: str, body: ProbeOf) -> Json:
    """Its applicants' resumes, scored beside the same text of somebody else. Nothing is kept but figures in the
    audit."""
    return await at.app.fairness.probe(id, at.program.actor, people=body.people)
