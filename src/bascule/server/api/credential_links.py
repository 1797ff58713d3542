"""`/api/v1/credential-links`: links under which somebody of IT enters a connection's credentials, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.model import Label
from bascule.office.credential_links import DAYS, MOST_DAYS, Asked, Made

from .caller import KEY, Caller, ConnectionsRead, ConnectionsWrite, Done

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class LinkWanted(BaseModel):
    """For a new connection, or for new credentials of one that is there."""

    name: str = Field(min_length=1, max_length=64, description="Of the connection.")
    who: str = Field(min_length=1, max_length=120, description="Who enters the credentials.")
    system: str = Field("", description="Of a new connection.")
    base_url: str = Field("", description="Of a new connection; empty: the vendor's own, or what IT enters.")
    label: Label | None = None
    days: int = Field(DAYS, ge=1, le=MOST_DAYS)


class Renewal(BaseModel):
    days: int = Field(DAYS, ge=1, le=MOST_DAYS)


class Refusal(BaseModel):
    """What stood against the last try, with the system's own words."""

    at: datetime
    what: str
    words: str


class CredentialLink(BaseModel):
    id: str
    name: str
    system: str
    for_: str = Field(alias="for")
    by: str
    created: datetime
    expires: datetime
    opened: datetime | None
    used: datetime | None
    ended: datetime | None
    refused: Refusal | None


class CredentialLinks(BaseModel):
    items: list[CredentialLink]


class MadeLink(CredentialLink):
    url: str = Field(description="Whoever holds it enters the credentials. Only told here.")


@router.get("/credential-links", tags=["connections"], summary="Links for entering credentials")
async def listed(at: ConnectionsRead) -> CredentialLinks:
    """Who was asked, when it was opened and used, and what the system last answered. No address, no secret."""
    return CredentialLinks(items=[CredentialLink.model_validate(one) for one in await at.app.credential_links.told()])


@router.post("/credential-links", tags=["connections"], summary="Make a link for entering credentials", status_code=201)
async def make(at: ConnectionsWrite, body: LinkWanted) -> MadeLink:
    """Nothing is sent. It works until credentials have worked once, or its days are over."""
    asked = Asked(body.name, body.who, body.system, body.base_url, body.label, days=body.days)
    return await _made(at, await at.app.credential_links.make(asked, at.program.actor))


@router.post("/credential-links/{id}/renew", tags=["connections"], summary="A new address; the old one ends")
async def renew(at: ConnectionsWrite, id: str, body: Renewal) -> MadeLink:
    return await _made(at, await at.app.credential_links.renew(id, at.program.actor, days=body.days))


@router.delete("/credential-links/{id}", tags=["connections"], summary="End a link for entering credentials")
async def end(at: ConnectionsWrite, id: str) -> Done:
    await at.app.credential_links.revoke(id, at.program.actor)
    return Done()


async def _made(at: Caller, made: Made) -> MadeLink:
    told: dict[str, Any] = await at.web.look(lambda tx: at.app.credential_links.as_data(tx, made.link))
    return MadeLink.model_validate(told)
