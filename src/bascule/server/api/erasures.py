"""`/api/v1/erasures`: erase a person everywhere, what follows when a system did, certificates, and backups."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.errors import ForbiddenError
from bascule.store.erasure import Erased

from .caller import KEY, Admin, AuditRead, ConnectionsRead, Json, Limit, known

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


def _erasure(erased: Erased) -> Json:
    return {
        "id": erased.id,
        "candidate": erased.record,
        "begun": erased.begun,
        "ended": erased.ended,
        **(erased.certificate or {"certificate": None}),
    }


@router.get("/candidates/{id}/erase", tags=["erasure"], summary="What erasing a person would do; nothing is done")
async def foreseen(at: Admin, id: str) -> Json:
    plan = await at.app.erasures.foreseen(id)
    return {"candidate": id, "systems": [asdict(one) for one in plan.systems], "backups_until": plan.backups}


@router.post("/candidates/{id}/erase", tags=["erasure"], summary="Erase a person everywhere; it goes on by itself")
async def erase(at: Admin, id: str) -> Json:
    return _erasure(await at.app.erasures.begin(id, at.program.actor))


class ErasurePolicy(BaseModel):
    """What follows here when that system anonymises a person."""

    policy: str = Field(description="erase (here and everywhere else), ask (the owner is told), or keep.")


@router.get(
    "/connections/{name}/erasure", tags=["erasure"], summary="What follows when that system anonymises a person"
)
async def erasure_policy(at: ConnectionsRead, name: str) -> Json:
    return {"policy": at.app.erasures.policy(known(at, name)), "connections": at.labels}


@router.post("/connections/{name}/erasure", tags=["erasure"], summary="Choose what follows when it anonymises a person")
async def choose_erasure_policy(at: Admin, name: str, body: ErasurePolicy) -> Json:
    chosen = await at.app.erasures.follow(known(at, name), body.policy, at.program.actor)
    return {"policy": chosen, "connections": at.labels}


class Backup(BaseModel):
    """Where a backup goes, on the server's machine, and for how long it will be kept."""

    file: str
    days: int = Field(default=30, ge=1, le=3650)


@router.post("/backup", tags=["erasure"], summary="Write a backup into a file on the server's machine")
async def backup(at: Admin, body: Backup) -> Json:
    if at.web.among and not at.program.local:
        raise ForbiddenError(
            "Files of a machine that several workspaces share are written by its own commands.",
            hint="On the server: bascule --workspace NAME backup FILE",
        )
    return dict(await at.app.erasures.backup(body.file, body.days, at.program.actor))


@router.get("/erasures", tags=["erasure"], summary="Erasures, the newest first")
async def erasures(at: AuditRead, limit: Limit = 50) -> Json:
    return {"items": [_erasure(one) for one in await at.app.erasures.recent(limit)]}


@router.get("/erasures/{id}", tags=["erasure"], summary="How far an erasure is, and its certificate once it is done")
async def erasure(at: AuditRead, id: str) -> Json:
    return _erasure(await at.app.erasures.get(id))
