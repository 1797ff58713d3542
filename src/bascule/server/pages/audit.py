"""The audit: look, verify, export."""

import json
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from ..desk import Desk, acting, download, seeing
from ..rendering import number
from ..roles import Right
from ..show import audit
from ..views.parts import Tone
from .looks import listed

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.AUDIT))]
Act = Annotated[Desk, Depends(acting(Right.AUDIT))]
From = Annotated[str, Query(alias="from")]
To = Annotated[str, Query(alias="to")]


@router.get("/audit")
async def page(
    at: Look, action: str = "", actor: str = "", candidate: str = "", since: From = "", until: To = "", before: str = ""
) -> Response:
    now = at.app.runtime.now()
    view = await at.look(
        lambda tx: audit.page_of(
            tx,
            at.workspace,
            now,
            action=action,
            actor=actor,
            candidate=candidate.strip(),
            since=since,
            until=until,
            before=before,
        )
    )
    await listed(at, "audit listed")
    return await at.page("audit.html", view)


@router.post("/audit/verify")
async def verify(at: Act) -> Response:
    verdict = await at.app.trail.verify()
    await at.app.desk.note(at.actor, "audit verified", detail={"entries": verdict.entries, "whole": verdict.ok})
    if verdict.ok:
        return at.done(
            "/audit", f"The chain holds: {number(verdict.entries)} entries, each following from the one before."
        )
    return at.done(
        "/audit",
        f"The chain is broken: {verdict.broken}.",
        tone=Tone.FAILING,
        next="Compare with a backup, and tell whoever answers for compliance.",
    )


@router.get("/audit/export")
async def export(at: Look, candidate: str = "", since: From = "", until: To = "") -> Response:
    """A file an outsider can verify: of one candidate, or of a time (the last 30 days if none is given)."""
    now = at.app.runtime.now()
    start, stop = audit.day(since) or now - timedelta(days=30), audit.day(until, end=True) or now
    chosen = candidate.strip() or None
    await at.app.desk.note(
        at.actor,
        "audit exported",
        detail={"candidate": chosen or "", "from": start.isoformat(), "to": stop.isoformat()},
    )
    found = await at.app.trail.export(
        at.workspace, candidate=chosen, since=None if chosen else start, until=None if chosen else stop
    )
    return download(json.dumps(found, indent=2, ensure_ascii=False, default=str), "audit.json", "application/json")
