"""`/api/v1/audit`: who did what, whether the chain is whole, and a file that proves it elsewhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from bascule.errors import InputError
from bascule.store import Tx
from bascule.store.audit import Line
from bascule.store.inbox import LAST

from .caller import KEY, AuditRead, Json, Labelled, Limit, Since
from .values import plain

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class AuditEntry(BaseModel):
    id: int
    position: int | None
    at: datetime
    action: str
    actor_kind: str
    actor: str
    connection: str | None
    record: str | None
    detail: Json
    values: dict[str, str] = Field(description="Fields touched, each as a salted digest of its value.")
    digest: str


class AuditPage(Labelled):
    items: list[AuditEntry]
    next: str | None


@router.get("/audit", tags=["audit"], summary="Audit entries, newest first")
async def audit(at: AuditRead, limit: Limit = 50, after: Since = 0) -> AuditPage:
    def read(tx: Tx) -> list[Line]:
        return tx.audit.page(at.workspace, before=after or LAST, limit=limit + 1)

    lines = await at.web.look(read)
    items = [
        AuditEntry(
            id=one.id,
            position=one.position,
            at=one.at,
            action=one.action,
            actor_kind=one.actor_kind,
            actor=one.actor_id,
            connection=one.connection,
            record=one.record,
            detail=plain(one.detail),
            values=dict(one.values),
            digest=one.digest,
        )
        for one in lines[:limit]
    ]
    return AuditPage(items=items, connections=at.labels, next=str(items[-1].id) if len(lines) > limit else None)


@router.get("/audit/verify", tags=["audit"], summary="Walk the whole chain")
async def verify(at: AuditRead) -> Json:
    verdict = await at.app.trail.verify()
    await at.app.desk.note(at.program.actor, "audit verified", detail={"entries": verdict.entries, "whole": verdict.ok})
    return {**asdict(verdict), "ok": verdict.ok}


@router.get("/audit/export", tags=["audit"], summary="A file that an outsider can verify without Bascule")
async def export(
    at: AuditRead,
    candidate: str = "",
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
) -> Json:
    """Of one candidate, or of a time."""
    if not candidate and since is None:
        raise InputError("Name a candidate, or a time from which.", hint="?candidate=ID or ?from=2026-11-01T00:00:00Z")
    stop = until or at.app.runtime.now()
    start = since or stop - timedelta(days=30)
    if start.tzinfo is None or stop.tzinfo is None:
        raise InputError("Times need a zone.", hint="Write them like 2026-11-01T00:00:00Z.")
    await at.app.desk.note(
        at.program.actor,
        "audit exported",
        detail={"candidate": candidate, "from": start.isoformat(), "to": stop.isoformat()},
    )
    found = await at.app.trail.export(
        at.workspace, candidate=candidate or None, since=None if candidate else start, until=None if candidate else stop
    )
    return json.loads(json.dumps(found, default=str))
