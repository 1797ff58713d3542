"""`/api/v1`, mappings: the document, choices, the file and its dry run, versions and the way back, types of stages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.core.mapping import Choice, Difference, Document
from bascule.core.stages import By
from bascule.model import Authority, Direction, Kind, StageType
from bascule.office.mappings import Preview
from bascule.store import Tx

from ..roles import Scope
from ..show import mapping as shown
from ..show import words
from .caller import KEY, Caller, ConnectionsRead, ConnectionsWrite, Json, known

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["connections"])


class Choosing(BaseModel):
    """A choice over one canonical field of a mapping; what is left out stays as the connector proposes it."""

    kind: Kind
    field: str
    on: bool = True
    direction: Direction | None = None
    authority: Authority | None = None


class Different(BaseModel):
    what: str = Field(description='"candidate.title" or "stage Onsite".')
    before: str
    after: str


class Moving(BaseModel):
    """One value of a record that would change. Names and values are null for a key that may not read candidates."""

    record: str
    kind: Kind
    name: str | None
    field: str
    before: str | None
    after: str | None


class Dry(BaseModel):
    """What a mapping would do. Nothing was changed."""

    differences: list[Different]
    families: int = Field(description="Candidates and jobs that were looked at.")
    jobs: int = Field(description="Jobs in which something would change; stages are counted by field.")
    records: int = Field(description="Records that would change.")
    by_field: dict[str, int]
    first: list[Moving]
    unlike: dict[str, int] = Field(description="Objects whose two sides would stay different, by field of the system.")
    ended: dict[str, int] = Field(description="Objects of which a field is not followed any more.")
    dropped: int = Field(description="Writes that would not be sent any more.")


class Made(BaseModel):
    version: int
    dry_run: Dry | None = None


class AsFile(BaseModel):
    text: str = Field(description="TOML.")


class Importing(BaseModel):
    text: str = Field(max_length=1_000_000, description="A mapping file (TOML).")
    dry_run: bool = False


class GoingBack(BaseModel):
    version: int
    dry_run: bool = False


class OneVersion(BaseModel):
    version: int
    at: datetime
    by: str
    why: str
    changed: list[Different]


class Versions(BaseModel):
    items: list[OneVersion]


class Stage(BaseModel):
    name: str
    jobs: int
    type: StageType | None = Field(description="As a person has said.")
    proposed: StageType | None = Field(description="As the name suggests.")


class Stages(BaseModel):
    items: list[Stage]


class OneRung(BaseModel):
    name: str
    kind: str = Field(description="The system's own kind of stage, where it shows one.")
    type: StageType | None
    rule: By | None = Field(description="The rule that gives the type.")
    in_force: bool = Field(description="False: proposed, for a person to confirm.")


class OneJob(BaseModel):
    id: str
    title: str


class Apart(BaseModel):
    job: str
    name: str
    type: StageType


class OneLadder(BaseModel):
    jobs: list[OneJob]
    stages: list[OneRung]
    exceptions: list[Apart] = Field(description="Stages of one of these jobs that have a type of their own.")


class Ladders(BaseModel):
    items: list[OneLadder]


class Confirming(BaseModel):
    types: dict[str, StageType | None] = Field(
        min_length=1, description="A stage's name -> its type; null takes back what was said."
    )
    job: str = Field("", description="Only in this job (its id here); left out, in every job.")
    dry_run: bool = False


@router.get("/connections/{name}/mapping", summary="The mapping document")
async def document(at: ConnectionsRead, name: str) -> Json:
    """Every canonical field exactly once, then every field of the live schema that is not mapped, and why."""
    return _document(at, await at.app.mappings.document(known(at, name)))


@router.post("/connections/{name}/mapping", summary="Switch a field on or off, or choose how it goes")
async def choose(at: ConnectionsWrite, name: str, body: Choosing) -> Json:
    choice = Choice(body.on, body.direction, body.authority)
    found = await at.app.mappings.choose(known(at, name), body.kind, body.field, choice, at.program.actor)
    return _document(at, found)


@router.get("/connections/{name}/mapping/file", summary="The mapping as a file to edit")
async def export(at: ConnectionsRead, name: str) -> AsFile:
    return AsFile(text=await at.app.mappings.export(known(at, name)))


@router.post("/connections/{name}/mapping/file", summary="Take over a mapping file, or see what it would do")
async def take_over(at: ConnectionsWrite, name: str, body: Importing) -> Made:
    """Refused, with 409, if the mapping has changed since the file was exported."""
    mappings, found = at.app.mappings, known(at, name)
    if body.dry_run:
        return await _dry(at, found, await mappings.preview(found, body.text, at.program.actor))
    return Made(version=await mappings.apply(found, body.text, at.program.actor))


@router.get("/connections/{name}/mapping/versions", summary="Every version of a mapping, who made it and when")
async def versions(at: ConnectionsRead, name: str) -> Versions:
    found = await at.app.mappings.versions(known(at, name))
    people = await at.web.look(lambda tx: dict(words.people(tx, at.workspace)))
    return Versions(
        items=[
            OneVersion(
                version=one.number, at=one.at, by=words.actor(one.actor, people), why=one.why, changed=_told(changed)
            )
            for one, changed in found
        ]
    )


@router.post("/connections/{name}/mapping/rollback", summary="Put an earlier version back, or see what that would do")
async def rollback(at: ConnectionsWrite, name: str, body: GoingBack) -> Made:
    mappings, found = at.app.mappings, known(at, name)
    if body.dry_run:
        return await _dry(at, found, await mappings.preview_of(found, body.version, at.program.actor))
    return Made(version=await mappings.rollback(found, body.version, at.program.actor))


@router.get("/connections/{name}/mapping/stages", summary="The names of stages and their types")
async def stages(at: ConnectionsRead, name: str) -> Stages:
    found = await at.app.mappings.stages(known(at, name))
    return Stages(items=[Stage(name=s.name, jobs=s.jobs, type=s.type, proposed=s.proposed) for s in found])


@router.post("/connections/{name}/mapping/stages", summary="Say which type stages of a name have")
async def confirm(at: ConnectionsWrite, name: str, body: Confirming) -> Made:
    mappings, found = at.app.mappings, known(at, name)
    if body.dry_run:
        preview = await mappings.preview_types(found, body.types, at.program.actor, job=body.job)
        return await _dry(at, found, preview)
    return Made(version=await mappings.confirm(found, body.types, at.program.actor, job=body.job))


@router.get("/connections/{name}/mapping/ladders", summary="Every ladder of stages once, and the rule for each stage")
async def ladders(at: ConnectionsRead, name: str) -> Ladders:
    """Jobs with the same stages stand together. A stage whose `rule` is null is a gap; "words" and "order" propose."""
    found = await at.app.mappings.ladders(known(at, name))
    return Ladders(
        items=[
            OneLadder(
                jobs=[OneJob(id=id, title=title) for id, title in one.jobs],
                stages=[
                    OneRung(
                        name=rung.step.name,
                        kind=rung.step.kind,
                        type=said.type if (said := rung.answer or rung.suggested) is not None else None,
                        rule=said.by if said is not None else None,
                        in_force=said is not None and said.certain,
                    )
                    for rung in one.rungs
                ],
                exceptions=[Apart(job=e.job, name=e.name, type=e.type) for e in one.exceptions],
            )
            for one in found
        ]
    )


async def _dry(at: Caller, name: str, preview: Preview) -> Made:
    effects, may = preview.effects, at.program.may(Scope.CANDIDATES_READ)

    def read(tx: Tx) -> list[Moving]:
        return [
            Moving(
                record=one.record, kind=Kind(one.kind), field=one.field,
                name=one.name if may else None,
                before=words.text(one.before) if may else None, after=words.text(one.after) if may else None,
            )
            for one in shown.effects(tx, at.workspace, effects.effects)
        ]  # fmt: skip

    return Made(
        version=at.app.connections.named(name, at.workspace).row.mapping_version,
        dry_run=Dry(
            differences=_told(preview.differences),
            families=effects.families,
            records=effects.records,
            jobs=effects.jobs,
            by_field=dict(effects.by_field),
            first=await at.web.look(read),
            unlike=dict(effects.unlike),
            ended=dict(effects.ended),
            dropped=effects.dropped,
        ),
    )


def _told(differences: Iterable[Difference]) -> list[Different]:
    return [Different(what=one.what, before=one.before, after=one.after) for one in differences]


def _document(at: Caller, found: Document) -> Json:
    rows = [{**asdict(row), "class": str(row.cls)} for row in found.rows]
    for row in rows:
        row.pop("cls")
    return {"rows": rows, "unmapped": [asdict(one) for one in found.unmapped], "connections": at.labels}
