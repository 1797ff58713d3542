"""`/api/v1/retention`: how long content is kept, and people as a whole."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.core.retention import Rule, stored
from bascule.errors import InputError
from bascule.model import Status
from bascule.office.retention import Waiting

from .caller import KEY, Admin, Json, Limit

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class Keeping(BaseModel):
    """How many days each kind is kept: 0 not at all, null as long as its person. What is left out stays."""

    days: dict[str, int | None] = Field(min_length=1, description="raw, payload, resume, text -> days.")


@router.get("/retention", tags=["admin"], summary="How long raw objects, webhook bodies, CVs and their text are kept")
async def retention(at: Admin) -> Json:
    return {"items": [asdict(one) for one in await at.app.retention.told()], "next": None}


@router.post("/retention", tags=["admin"], summary="Choose how long they are kept")
async def keep(at: Admin, body: Keeping) -> Json:
    """New content obeys at once; what is there already goes at the next tidying, within the hour."""
    kept = await at.app.retention.choose(body.days, at.program.actor)
    return {"items": [asdict(one) for one in kept], "next": None}


class RetentionRule(BaseModel):
    """How long people are kept whose applications are all closed without a hire."""

    on: bool = False
    months: int = Field(default=12, description="Since the last application was closed.")
    statuses: list[str] = Field(default=["rejected"], description="rejected, withdrawn")
    tags: list[str] = Field(default=[], description="Tags that tell of a consent to be kept.")
    field: str = Field(default="", description="A custom field of the candidate that tells of it: a day, or a yes.")
    agree: int | None = Field(default=None, description="How many would be erased now, as seen; needed to turn it on.")

    def rule(self) -> Rule:
        unknown = set(self.statuses) - set(Status)
        if unknown:
            raise InputError(f"There is no status {sorted(unknown)[0]!r}.", hint="rejected, withdrawn")
        return Rule(self.on, self.months, frozenset(map(Status, self.statuses)), tuple(self.tags), self.field)


def _waiting(found: Waiting) -> Json:
    first = [{"candidate": one.record, "name": one.name, "closed": one.closed} for one in found.first]
    return {"rule": stored(found.rule), "count": found.count, "items": first, "next": None}


@router.get("/retention/due", tags=["erasure"], summary="Who would be erased now by the rule in force; nothing is done")
async def retention_due(at: Admin, limit: Limit = 50) -> Json:
    return _waiting(await at.app.retention.due(limit=limit))


@router.post("/retention/due", tags=["erasure"], summary="Who would be erased now by another rule; nothing is done")
async def retention_if(at: Admin, body: RetentionRule, limit: Limit = 50) -> Json:
    return _waiting(await at.app.retention.due(body.rule(), limit))


@router.post("/retention/rule", tags=["erasure"], summary="Set the rule by which people are erased, once a day")
async def retention_rule(at: Admin, body: RetentionRule) -> Json:
    return _waiting(await at.app.retention.set_rule(body.rule(), at.program.actor, agree=body.agree))
