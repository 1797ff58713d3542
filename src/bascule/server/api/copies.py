"""`/api/v1`, what is copied between two connections, and which of their jobs and reasons are the same."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.model import Kind
from bascule.office.copies import Way
from bascule.office.counterparts import Pair, Thing

from .caller import KEY, ConnectionsRead, ConnectionsWrite, Labelled, known

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["connections"])


class OneThing(BaseModel):
    id: str = Field(description="The record's id.")
    kind: Kind
    name: str
    requisition: str
    place: str
    open: bool
    waiting: int = Field(description="How many people's applications wait for its counterpart.")


class OnePair(BaseModel):
    one: OneThing
    counterpart: OneThing | None
    state: str = Field(description="paired, proposed, or none.")
    why: str = Field(description="Why it is proposed: the requisition id, the title and the place, or the name.")


class Pairs(Labelled):
    items: list[OnePair]


class Pairing(BaseModel):
    """Two records that are the same: of two jobs, two stages or two rejection reasons, one at each connection."""

    record: str = Field(min_length=1)
    other: str = Field(min_length=1)


class Parting(BaseModel):
    record: str = Field(min_length=1)
    connection: str = Field(min_length=1, description="Where it has a counterpart.")


class Copied(BaseModel):
    source: str
    target: str
    since: datetime
    older: bool = Field(description="Also who was there before it was switched on.")


class AllCopied(Labelled):
    items: list[Copied]


class Beginning(BaseModel):
    source: str = Field(min_length=1)
    target: str = Field(min_length=1)
    older: bool = Field(False, description="Also what is there already, and not only what is made from now on.")
    agreed: bool = Field(False, description="That the system may do besides what a preview lists as effects.")


class Ending(BaseModel):
    source: str = Field(min_length=1)
    target: str = Field(min_length=1)


class Waiting(BaseModel):
    id: str
    name: str
    creations: int


class Looked(Labelled):
    """What would be created at once. Nothing was changed."""

    created: dict[Kind, int]
    waiting: list[Waiting] = Field(description="Jobs, stages and reasons that have no counterpart yet.")
    people: int
    matched: int = Field(description="People who are at both.")
    requests: int = Field(description="About how many requests it takes at the target.")
    effects: list[str] = Field(description="What the target may do besides, when something is written there.")
    missing: list[str] = Field(description="Rights that its credential must be given first.")


@router.get("/counterparts", summary="Which jobs and reasons of two connections are the same")
async def listed(at: ConnectionsRead, first: str, second: str) -> Pairs:
    """What the first has, each with its counterpart at the second: paired, proposed or none."""
    found = await at.app.counterparts.listed(known(at, first), known(at, second))
    return Pairs(items=_pairs(found), connections=at.labels)


@router.post("/counterparts/confirm", summary="Pair all that is proposed")
async def confirm(at: ConnectionsWrite, first: str, second: str) -> Pairs:
    made = await at.app.counterparts.confirm(known(at, first), known(at, second), at.program.actor)
    return Pairs(items=_pairs(made), connections=at.labels)


@router.post("/counterparts", status_code=204, summary="Say that two records are the same")
async def pair(at: ConnectionsWrite, body: Pairing) -> None:
    """What waited for it goes on."""
    await at.app.counterparts.pair(body.record, body.other, at.program.actor)


@router.post("/counterparts/part", status_code=204, summary="Take back that a record has a counterpart")
async def part(at: ConnectionsWrite, body: Parting) -> None:
    """What was created stays where it is."""
    await at.app.counterparts.part(body.record, known(at, body.connection), at.program.actor)


@router.get("/copies", summary="What is copied between connections")
async def ways(at: ConnectionsRead) -> AllCopied:
    return AllCopied(items=[_way(one) for one in at.app.copies.ways()], connections=at.labels)


@router.get("/copies/preview", summary="What a copy would create")
async def preview(at: ConnectionsRead, source: str, target: str, older: bool = False) -> Looked:
    """How many people, candidacies, notes and files, what they wait for, and what the system may do besides."""
    found = await at.app.copies.preview(known(at, source), known(at, target), older=older)
    return Looked(
        created=dict(found.created),
        waiting=[Waiting(id=id, name=name, creations=n) for (id, name), n in found.waiting.most_common()],
        people=found.people,
        matched=found.matched,
        requests=found.requests,
        effects=list(found.effects),
        missing=list(found.missing),
        connections=at.labels,
    )


@router.post("/copies", summary="Create at one connection what is made at another")
async def begin(at: ConnectionsWrite, body: Beginning) -> Copied:
    source, target = known(at, body.source), known(at, body.target)
    return _way(await at.app.copies.begin(source, target, at.program.actor, older=body.older, agreed=body.agreed))


@router.post("/copies/end", status_code=204, summary="Create nothing more there")
async def end(at: ConnectionsWrite, body: Ending) -> None:
    """What was created stays, and stays in step."""
    await at.app.copies.end(known(at, body.source), known(at, body.target), at.program.actor)


def _way(one: Way) -> Copied:
    return Copied(source=one.source, target=one.target, since=one.since, older=one.all)


def _pairs(found: list[Pair]) -> list[OnePair]:
    return [
        OnePair(
            one=_thing(one.one),
            counterpart=_thing(one.other) if one.other is not None else None,
            state="paired" if one.chosen else "proposed" if one.other is not None else "none",
            why=one.why,
        )
        for one in found
    ]


def _thing(one: Thing) -> OneThing:
    return OneThing(
        id=one.record, kind=one.kind, name=one.name, requisition=one.requisition, place=one.place, open=one.open,
        waiting=one.waiting,
    )  # fmt: skip
