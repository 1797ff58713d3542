"""`/api/v1/alerts`: where alerts go, which were sent, and how long the digest comes."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from bascule.office.alerts import Digest

from .caller import KEY, Admin, Json, Number

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class AlertAddress(BaseModel):
    address: str


class ChosenDigest(BaseModel):
    digest: Digest


@router.get("/alerts", tags=["looking"], summary="Where alerts go")
async def alerts(at: Admin) -> Json:
    """The addresses without the secrets in them and what became of the last message to each, the alerts sent last with
    owner, escalation and next step, and how long the daily digest comes ("two weeks", "daily" or "never")."""
    found = await at.app.alerts.overview()
    return {
        "items": [one.address for one in found.places],
        "places": [asdict(one) for one in found.places],
        "last": [asdict(one) for one in found.last],
        "digest": str(found.digest), "digest_until": found.until, "connections": at.labels, "next": None,
    }  # fmt: skip


@router.put("/alerts/digest", tags=["looking"], summary="How long the daily digest comes")
async def digest_alerts(at: Admin, body: ChosenDigest) -> Json:
    await at.app.alerts.choose_digest(body.digest, at.program.actor)
    return await alerts(at)


@router.post("/alerts", tags=["looking"], summary="Send alerts to one more address")
async def add_alerts(at: Admin, body: AlertAddress) -> Json:
    return {"items": await at.app.alerts.add(body.address, at.program.actor), "next": None}


@router.post("/alerts/test", tags=["looking"], summary="Send a test alert to every address")
async def test_alerts(at: Admin) -> Json:
    return {"items": [asdict(one) for one in await at.app.alerts.test(at.program.actor)], "next": None}


@router.delete("/alerts/{number}", tags=["looking"], summary="Send no alerts there any more")
async def remove_alerts(at: Admin, number: Number) -> Json:
    return {"items": await at.app.alerts.remove(number, at.program.actor), "next": None}
