"""`/api/v1/status` and `health`: whether everything is in step."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from .caller import KEY, Json, StatusRead

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


@router.get("/status", tags=["looking"], summary="Is everything in step?")
async def status(at: StatusRead) -> Json:
    """Per connection, in numbers, and the whole in one word."""
    return await at.app.standing.status()


@router.get("/health", tags=["looking"], summary="How healthy each connection is, in figures")
async def health(at: StatusRead) -> Json:
    """Last success, lag, backlog, errors, freshness and uptime against the objective, per connection and list."""
    return {"items": await at.app.vitals.told(at.workspace), "connections": at.labels, "next": None}
