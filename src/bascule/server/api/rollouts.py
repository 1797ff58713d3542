"""`/api/v1/connections/NAME/rollout`: what stands before the next mode, and what a promotion would write."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.model import Mode
from bascule.office.handover import markdown
from bascule.office.modes import scope_of
from bascule.office.places import spelled
from bascule.office.rollouts import Standing, preview_of

from .caller import KEY, Admin, Caller, ConnectionsRead, ConnectionsWrite, Json, known

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["connections"])
PATH = "/connections/{name}/rollout"


class Entered(BaseModel):
    values: dict[str, str] = Field(
        min_length=1,
        description="duties, deputy, support, escalation; data: what was decided about the data check; disclosure: the "
        "version of what applicants are told that holds.",
    )


class Waived(BaseModel):
    line: str
    reason: str = Field(min_length=1, max_length=2000)


def told(at: Caller, found: Standing) -> Json:
    """As every answer of these has it."""
    return {
        "connections": at.labels, "connection": found.connection, "label": found.label, "mode": str(found.mode),
        "since": found.since,
        "to": str(found.to) if found.to else None, "ready": found.ready, "exempt": found.exempt, "owner": found.owner,
        "contacts": dict(found.contacts), "scope": scope_of(found.scope), "ai": found.ai,
        "lines": [
            {"line": str(one.item), "result": str(one.result), "why": one.why, "next": one.next} for one in found.lines
        ],
    }  # fmt: skip


@router.get(PATH, summary="What stands before a connection's next mode")
async def rollout(at: ConnectionsRead, name: str, to: Mode | None = None) -> Json:
    """Each line passes, fails or is waived, with the reason and what to do. A simulator is exempt."""
    return told(at, await at.app.rollouts.of(known(at, name), to))


@router.post(PATH, summary="Enter who answers, and what was decided")
async def enter(at: ConnectionsWrite, name: str, body: Entered) -> Json:
    return told(at, await at.app.rollouts.tell(known(at, name), body.values, at.program.actor))


@router.post(f"{PATH}/waive", summary="Waive a line in writing")
async def waive(at: Admin, name: str, body: Waived) -> Json:
    """For the next promotion, in the key's owner's name."""
    return told(at, await at.app.rollouts.waive(known(at, name), body.line, body.reason, at.program.actor))


@router.get(f"{PATH}/preview", summary="What a promotion to live would write")
async def preview(at: ConnectionsRead, name: str) -> Json:
    """By object and field, with since when the oldest is wanted, planned afresh. `history`: of records that were closed
    before. A promotion writes none of it unless `older` says so."""
    return {"connections": at.labels, **preview_of(await at.app.rollouts.preview(known(at, name)))}


@router.get("/connections/{name}/handover", summary="One-page guides, from what is in force now")
async def handover(at: ConnectionsRead, name: str) -> Json:
    """For recruiters, hiring managers and the next owner: sections of lines, and the same as Markdown."""
    found = await at.app.handovers.of(known(at, name))
    guides = [
        {"for": str(reader), "title": one.title, "markdown": markdown(one),
         "sections": [{"title": each.title, "lines": [spelled(line) for line in each.lines]} for each in one.sections]}
        for reader, one in found.items()
    ]  # fmt: skip
    issued = await at.app.handovers.issued(known(at, name), found)
    said = None if issued is None else {"at": issued.at, "by": issued.by, "changed": [str(x) for x in issued.changed]}
    return {"connections": at.labels, "connection": name, "guides": guides, "issued": said}


@router.post("/connections/{name}/handover", summary="Issue the guides: from now on a change of them is a task")
async def issue(at: ConnectionsWrite, name: str) -> Json:
    await at.app.handovers.issue(known(at, name), at.program.actor)
    return await handover(at, name)
