"""`/api/v1/taxonomy`: the version of the tables of skills and titles, and stored ids that are of another."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from .caller import KEY, JobsRead, JobsWrite

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class Changed(BaseModel):
    was: str = Field(description="The id as it is stored.")
    label_was: str
    fate: str = Field(description="renamed, moved or gone.")
    id: str = Field(description="The id that stands for it now; empty where it has gone.")
    label: str
    scheme: str
    rubrics: int
    decisions: int = Field(description="Jobs whose rubric a person has changed in it.")
    people: int = Field(description="Applications whose newest score names it.")
    corrections: int


class Taxonomy(BaseModel):
    version: str
    rubrics: dict[str, int] = Field(description="How many newest rubrics are of which version.")
    scores: dict[str, int]
    ids: int = Field(description="Different ids that are stored.")
    changed: list[Changed]


class Migrated(Taxonomy):
    """As it was before."""

    derived: int = Field(description="Rubrics that were derived again.")


@router.get("/taxonomy", tags=["jobs"], summary="The version of skills and titles, and stored ids of other versions")
async def taxonomy(at: JobsRead) -> Taxonomy:
    return Taxonomy.model_validate(await at.app.taxonomy_desk.told())


@router.post("/taxonomy/migrate", tags=["jobs"], summary="Bring what is stored to the version that holds")
async def migrate(at: JobsWrite) -> Migrated:
    """Decisions and corrections of people get the ids that stand for theirs now; rubrics of other versions are derived
    again, and their applications scored again."""
    return Migrated.model_validate(await at.app.taxonomy_desk.migrate(at.program.actor))
