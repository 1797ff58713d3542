"""`/api/v1/candidates`, their scores, and the history of any record."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.errors import InputError, NotFoundError
from bascule.model import Family, Kind, Record, RecordState, Write, WriteState
from bascule.store import Tx
from bascule.store.queries import ApplicationRow, Delay

from ..show import candidate as show_candidate
from ..show import timeline as show_timeline
from ..show import words
from .caller import KEY, Caller, CandidatesRead, Done, Json, Labelled, Limit, ReviewsWrite
from .reviews import review_item
from .values import plain, record_as_json, score_as_json

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class Application(BaseModel):
    """An application in a list."""

    id: str
    job: str | None
    job_title: str
    stage: str
    status: str
    score: float | None = Field(
        description="0 to 100: how much of what the job asks for the CV shows. Not a probability."
    )
    applied: datetime


class Candidate(BaseModel):
    """A candidate in a list."""

    id: str
    name: str
    email: str
    changed: datetime
    applications: list[Application]


class Candidates(Labelled):
    items: list[Candidate]
    next: str | None


@router.get("/candidates", tags=["candidates"], summary="Candidates by name")
async def candidates(at: CandidatesRead, q: str = "", limit: Limit = 50, after: str = "") -> Candidates:
    """`q`: words that a name or e-mail begins with."""
    key = _key(after, 2)

    def read(tx: Tx) -> Candidates:
        rows = tx.pages.candidates(at.workspace, search=q, after=(key[0], key[1]) if key else ("", ""), limit=limit + 1)
        shown = rows[:limit]
        known = _known_records(tx, at.workspace, [a for row in shown for a in row.applications])
        items = [
            Candidate(
                id=row.record,
                name=row.name,
                email=row.email,
                changed=row.updated,
                applications=[_application(a, known) for a in row.applications],
            )
            for row in shown
        ]
        return Candidates(
            items=items, connections=at.labels, next=_next(rows, limit, lambda row: [row.place, row.record])
        )

    found = await at.web.look(read)
    await at.app.desk.note(
        at.program.actor, "candidates listed", detail={"shown": len(found.items), "key": at.program.key}
    )
    return found


def _known_records(tx: Tx, workspace: str, rows: list[ApplicationRow]) -> dict[str, Record]:
    return tx.families.records(workspace, {id for row in rows for id in (row.job, row.stage) if id})


def _application(row: ApplicationRow, known: Mapping[str, Record]) -> Application:
    return Application(
        id=row.record,
        job=row.job,
        job_title=words.title(known.get(row.job or "")),
        stage=words.title(known.get(row.stage or "")),
        status=row.status,
        score=row.score,
        applied=row.applied,
    )


@router.get("/candidates/{id}", tags=["candidates"], summary="One candidate with applications, scores, notes and links")
async def candidate(at: CandidatesRead, id: str) -> Json:
    def read(tx: Tx) -> tuple[Json, str]:
        family_id = show_candidate.family_of(tx, at.workspace, id)
        return _person(tx, tx.families.family(family_id), id), family_id

    found, family = await at.web.look(read)
    await _seen(at, family, id)
    return {**found, "connections": at.labels}


def _person(tx: Tx, family: Family, id: str) -> Json:
    record = family.records[id]
    mine = [one for one in family.records.values() if one.state is RecordState.LIVE and one.id != id]
    known = {**tx.families.records(family.workspace, words.referred(family.records.values())), **family.records}
    kept = tx.scores.of_all([one.id for one in mine if one.kind is Kind.APPLICATION])
    connections = words.connection_names(tx, family.workspace)
    delays = tx.pages.delays(family.id)
    by_kind: dict[str, list[Json]] = {}
    for one in mine:
        said = record_as_json(one, known)
        if one.kind is Kind.APPLICATION:
            newest = kept.get(one.id)
            said["score"] = score_as_json(newest[0]) if newest else None
        by_kind.setdefault(f"{one.kind}s", []).append(said)
    return {
        **record_as_json(record, known),
        "name": words.title(record),
        **by_kind,
        "links": [
            {
                "connection": connections.get(link.connection, ""),
                "kind": str(link.kind),
                "external": link.external,
                "record": link.record,
                "state": str(link.state),
            }
            for link in family.links.values()
        ],
        "waiting": [_write(write, connections, delays.get(write.connection)) for write in family.writes.values()],
        "reviews": [review_item(one, connections, "").model_dump() for one in family.reviews.values()],
    }


def _write(write: Write, names: Mapping[str, str], delay: Delay | None) -> Json:
    """`again`: when what is due is tried again after an error; `why` then says which."""
    late = delay if write.state in (WriteState.DUE, WriteState.SENT) else None
    return {
        "id": write.id,
        "connection": names.get(write.connection, ""),
        "record": write.record,
        "call": write.call,
        "fields": sorted(write.fields),
        "state": str(write.state),
        "tries": write.tries,
        "why": write.why or (late.why if late else ""),
        "at": write.at,
        "again": late.until if late else None,
    }


@router.post("/candidates/{id}/apart", tags=["candidates"], summary="Tell apart what was joined")
async def apart(at: ReviewsWrite, id: str) -> Done:
    """Undo a join: `id` is the record that was joined into another. It is a person of its own again; what still exists
    of it goes back to it, and nothing is written to a system because of it."""
    await at.app.joins.apart(id, at.program.actor)
    return Done()


@router.get("/applications/{id}/score", tags=["candidates"], summary="A score, its parts, and what they quote")
async def score(at: CandidatesRead, id: str) -> Json:
    def read(tx: Tx) -> tuple[Json, str]:
        person = show_candidate.of_application(tx, at.workspace, id)
        family = show_candidate.family_of(tx, at.workspace, person)
        found = tx.scores.of(id)
        if found is None:
            raise NotFoundError(
                "This application has no score yet.", hint="It has one once its CV and its job are read."
            )
        return score_as_json(found), family

    told, family = await at.web.look(read)
    await _seen(at, family, id)
    return told


async def _seen(at: Caller, family: str, record: str) -> None:
    """Who looked at what of whom is an audit entry."""
    await at.app.desk.note(at.program.actor, "view", family=family, record=record, detail={"key": at.program.key})


@router.get("/records/{id}/history", tags=["candidates"], summary="Why does it say this?")
async def history(
    at: CandidatesRead, id: str, field: str = "", limit: Limit = 50, before: datetime | None = None
) -> Json:
    """Every change of a record, with actor and cause, newest first; `before` pages on."""
    maps = at.web.maps()

    def read(tx: Tx) -> Json:
        found = show_timeline.of_record(tx, at.workspace, id, field, before, maps)
        items = [
            {
                "at": one.at,
                "what": one.here or one.there,
                "direction": str(one.way),
                "field": change.field if change else "",
                "old": plain(change.old) if change else None,
                "new": plain(change.new) if change else None,
                "actor": one.actor,
                "actor_kind": one.actor_kind,
                "cause": one.cause,
                "why": one.why,
                "connection": one.connection,
                "request": asdict(one.exchange) if one.exchange else None,
            }
            for one in found.moments
            for change in (one.changes or (None,))
        ]
        more = len(items) > limit or bool(found.next)
        return {
            "subject": found.subject,
            "items": items[:limit],
            "connections": at.labels,
            "next": items[:limit][-1]["at"] if items and more else None,
        }

    told = await at.web.look(read)
    home = await at.web.look(lambda tx: tx.families.record_family(id))
    if home is not None:
        await _seen(at, home, id)
    return told


def _key(after: str, parts: int) -> list[Any] | None:
    """A page's key, as `next` gave it. InputError if it is none of ours."""
    if not after:
        return None
    try:
        key = json.loads(after)
    except ValueError:
        key = None
    if not isinstance(key, list) or len(key) != parts:  # pyright: ignore[reportUnknownArgumentType]
        raise InputError("`after` is not a key of this list.", hint="Give back what `next` said.")
    return key  # pyright: ignore[reportUnknownVariableType]


def _next(rows: list[Any], limit: int, key: Callable[[Any], list[Any]]) -> str | None:
    return json.dumps(key(rows[limit - 1])) if len(rows) > limit else None


@router.get("/candidates/{id}/resume", tags=["candidates"], summary="The newest CV as data")
async def resume(at: CandidatesRead, id: str) -> Json:
    """Every value with its place in the text and how surely it was understood; skills and titles by canonical id with
    the taxonomy's version. 404 where no CV has been read."""
    return await at.app.resume_desk.told(id, at.program.actor)
