"""`/api/v1/enrichment` and `/api/v1/candidates/ID/enrichment`: what records lack, what was found, what it would do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from bascule.core.enrichment import RESUME, Step
from bascule.hiring.enriching import Enriched as Made
from bascule.model import FoundValue
from bascule.office.enrichment import Filters, Standing
from bascule.store.found import Kept

from .caller import KEY, CandidatesRead, ConnectionsWrite, Done, Limit, ReviewsRead, ReviewsWrite, known
from .values import plain

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class Found(BaseModel):
    """One value that a source knows, and how it knows."""

    field: str
    value: str
    source: str = Field(description="resume, or a provider.")
    confidence: float = Field(description="0 to 1. From 0.75 a gap is filled; below it a person decides.")
    seen: str = Field(description="The day as of which the source knew it.")
    quote: str = Field(description="The words of the CV it stands in.")
    reference: str = Field(description="The file of the CV, or the provider's id of the person.")


class FoundStep(Found):
    """What the value would do to the record, or has done."""

    effect: str = Field(description="fill, add, propose, same, declined or passed.")
    becomes: Any = Field(description="The whole field afterwards.")
    replaces: list[str] = Field(description="What of it would go.")
    why: str


class FoundKept(Found):
    """What became of it."""

    at: datetime
    outcome: str = Field(description="fill, add, propose, same, declined or passed, when it was looked at last.")
    review: str | None = Field(description="The proposal that it is.")
    state: str | None = Field(description="How that stands: open, approved, declined, lapsed.")


class LookedUp(BaseModel):
    """What became of asking a provider, or would."""

    provider: str
    why: str = Field(description="Why it is not asked, or gave no answer; empty: it is, or was.")
    found: int | None = Field(description="Values it gave; null: not asked, or it knows nobody like that.")


class Enriched(BaseModel):
    """What one person's record lacks, why it may be out of date, and what is known."""

    candidate: str
    name: str
    missing: list[str]
    stale: list[str] = Field(description="Why contact data may be out of date.")
    contacted: datetime | None = Field(description="When there was last contact, as far as anything is dated.")
    resume: bool = Field(description="Whether a CV of theirs has been read.")
    values: list[FoundKept]
    steps: list[FoundStep] = Field(description="What enriching would do now, or has done.")
    looked: list[LookedUp] = Field(description="What became of asking providers, or would.")


class Sources(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sources: list[str] = Field(default=[RESUME], description="resume, and providers by name.")


class ManyAsked(Sources):
    """Whom, and whether to do it. Nothing is done without `yes`."""

    job: str = Field(default="", description="Who has applied for it.")
    connection: str = Field(default="", description="Whom it shows.")
    missing: str = Field(default="", description="Who lacks this field.")
    stale: bool = Field(default=False, description="Whose contact data may be out of date.")
    limit: int = Field(default=100, ge=1, le=1000, description="How many people at most.")
    yes: bool = Field(default=False, description="Do it, one after the other, in the background.")


class OneOfMany(BaseModel):
    candidate: str
    name: str
    steps: list[FoundStep]


class ManyFound(BaseModel):
    people: int
    more: bool = Field(description="The filter finds further people.")
    counts: dict[str, int] = Field(description="Values by what they would do.")
    lookups: dict[str, int] = Field(description="By provider: how many people would be looked up.")
    cost: dict[str, str] = Field(description="By provider: what that costs at most.")
    left: dict[str, int] = Field(description="By why: how many would not be looked up.")
    items: list[OneOfMany] = Field(description="Those to whom anything would be done.")
    begun: int = Field(description="How many are being enriched; 0 without `yes`.")


class ProposalShown(Found):
    review: str
    candidate: str
    name: str
    now: Any = Field(description="What the field holds.")


class ProposalsShown(BaseModel):
    items: list[ProposalShown]
    next: str | None = None


class Answered(BaseModel):
    """Which proposals, and the answer to all of them."""

    model_config = ConfigDict(extra="forbid")

    answer: str = Field(description="approve or decline")
    field: str = ""
    source: str = ""
    job: str = ""
    sure: float = Field(default=0.0, ge=0, le=1, description="At least so confident.")


class DecidedMany(BaseModel):
    done: int
    failed: int = Field(description="Somebody was faster, or the value has moved since.")


class Switch(BaseModel):
    on: bool = Field(description="CVs that are read fill gaps by themselves.")


def _found(one: FoundValue) -> dict[str, Any]:
    return {
        "field": one.field, "value": one.value, "source": one.source, "confidence": round(one.confidence, 2),
        "seen": one.seen, "quote": one.quote, "reference": one.reference,
    }  # fmt: skip


def _step(step: Step) -> FoundStep:
    return FoundStep(
        **_found(step.found), effect=step.effect, becomes=plain(step.becomes), replaces=list(step.replaces),
        why=step.why,
    )  # fmt: skip


def _kept(one: Kept) -> FoundKept:
    return FoundKept(
        **_found(one.found), at=one.found.at, outcome=one.outcome, review=one.review, state=one.state
    )  # fmt: skip


def _enriched(found: Standing, made: Made) -> Enriched:
    return Enriched(
        candidate=found.candidate, name=found.name, missing=list(found.missing), stale=list(found.stale),
        contacted=found.contacted, resume=found.resume, values=[_kept(one) for one in found.values],
        steps=[_step(one) for one in made.steps],
        looked=[LookedUp(provider=one.provider, why=one.why, found=one.found) for one in made.looked],
    )  # fmt: skip


@router.get("/candidates/{id}/enrichment", tags=["candidates"], summary="What a record lacks, and what would be done")
async def enrichment(at: CandidatesRead, id: str, sources: Annotated[list[str] | None, Query()] = None) -> Enriched:
    """By the person's own CV, and by providers where `sources` names them; none is asked, and nothing is changed."""
    made = await at.app.enrichment.preview(id, sources or [RESUME])
    await at.listed("enrichment looked at", 1, id)
    return _enriched(await at.app.enrichment.of(id), made)


@router.post("/candidates/{id}/enrichment", tags=["candidates"], summary="Fill in what a record lacks")
async def enrich(at: ReviewsWrite, id: str, body: Sources) -> Enriched:
    """Gaps are filled and contacts added beside, in the name of the key's owner; what would replace a value waits for
    an answer."""
    made = await at.app.enrichment.enrich(id, at.program.actor, body.sources)
    return _enriched(await at.app.enrichment.of(id), made)


@router.post("/enrichment", tags=["candidates"], summary="The same for many people, after a look")
async def enrich_many(at: ReviewsWrite, body: ManyAsked) -> ManyFound:
    filters = Filters(body.job, body.connection, body.missing, body.stale)
    if body.yes:
        begun = await at.app.enrichment.begin(filters, at.program.actor, body.sources, body.limit)
        return ManyFound(
            people=begun, more=False, counts={}, lookups={}, cost={}, left={}, items=[], begun=begun
        )  # fmt: skip
    found = await at.app.enrichment.look(filters, body.sources, body.limit)
    await at.listed("enrichment listed", len(found.items))
    return ManyFound(
        people=found.people, more=found.more, counts={str(name): many for name, many in found.counts.items()},
        lookups=dict(found.lookups), cost=dict(found.cost), left=dict(found.left),
        items=[OneOfMany(candidate=x.candidate, name=x.name, steps=[_step(y) for y in x.steps]) for x in found.items],
        begun=0,
    )  # fmt: skip


@router.get("/enrichment/proposals", tags=["reviews"], summary="Values found that wait for a person")
async def proposals(
    at: ReviewsRead, field: str = "", source: str = "", job: str = "", sure: float = 0.0, limit: Limit = 50
) -> ProposalsShown:
    found = await at.app.enrichment.proposals(field=field, source=source, job=job, sure=sure, limit=limit)
    await at.listed("enrichment listed", len(found))
    return ProposalsShown(
        items=[
            ProposalShown(
                **_found(one.found), review=one.review, candidate=one.found.record, name=one.name,
                now=plain(one.now),
            )
            for one in found
        ]
    )  # fmt: skip


@router.post("/enrichment/proposals", tags=["reviews"], summary="Answer all of them that a filter finds")
async def decide_proposals(at: ReviewsWrite, body: Answered) -> DecidedMany:
    """Each in the name of the key's owner. A value found replaces what is there only by such an answer."""
    found = await at.app.enrichment.proposals(field=body.field, source=body.source, job=body.job, sure=body.sure)
    done = await at.app.enrichment.decide(found, body.answer, at.program.actor)
    return DecidedMany(done=done.done, failed=done.failed)


@router.put("/connections/{name}/enrichment", tags=["connections"], summary="Whether CVs fill gaps by themselves")
async def switch(at: ConnectionsWrite, name: str, body: Switch) -> Done:
    await at.app.enrichment.switch(known(at, name), body.on, at.program.actor)
    return Done()
