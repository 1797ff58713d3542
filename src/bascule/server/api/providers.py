"""`/api/v1/enrichment/providers`: who may be asked about people, for how much; and who was looked up."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bascule.enrichment.choice import stored
from bascule.office.providers import Standing
from bascule.store.lookups import Lookup

from .caller import KEY, Admin, Limit

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["admin"])


class ProviderChoice(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    on: bool = Field(default=False, description="Whether it may be asked.")
    base_url: str = Field(default="", description='"": the provider\'s own address.')
    key: SecretStr = Field(default=SecretStr(""), description='Kept sealed, never shown again. "": forget it.')
    regions: list[str] = Field(default=[], description="Regions that requests may be worked on in.")
    region: str = Field(default="", description="Where a host works that is none of the provider's own.")
    price: float = Field(default=0.0, description="Of one look-up that finds somebody.")
    cost: float = Field(default=0.0, description="What a calendar month may take.")
    currency: str = "USD"
    likelihood: int = Field(default=6, description="How sure it must be, 1 to 10.")
    fresh: int = Field(default=180, description="Days in which nobody is looked up again.")
    only_agreed: bool = Field(default=True, description="Only who has agreed to be considered again.")
    informed: bool = Field(default=False, description="Somebody has seen to it that people are told, and it is lawful.")
    timeout: float = Field(default=20.0, description="Seconds.")


class ProviderStanding(BaseModel):
    """What is chosen, and how it stands."""

    provider: str
    label: str
    on: bool
    base_url: str
    address: str = Field(description="Where requests go.")
    works_in: str = Field(description="The region they are worked on in.")
    key: bool = Field(description="Whether one is kept.")
    regions: list[str]
    region: str
    price: float
    cost: float
    currency: str
    likelihood: int
    fresh: int
    only_agreed: bool
    informed: bool
    timeout: float
    since: datetime = Field(description="When this month began.")
    lookups: int = Field(description="Of this month.")
    spent: float = Field(description="What they cost.")
    room: bool = Field(description="False once the budget has no room for one more.")
    troubles: list[str]


class ProvidersShown(BaseModel):
    items: list[ProviderStanding]
    next: str | None = None


class LookupShown(BaseModel):
    """One look-up. No value that was sent or came back is kept with it."""

    id: str
    at: datetime
    candidate: str | None = Field(description="Whom it was about; null once they are erased.")
    provider: str
    host: str
    region: str
    sent: str = Field(description="The names of what was sent.")
    digest: str
    cost: float
    ms: int
    status: int
    outcome: str
    found: int = Field(description="Values that came back.")


class LookupsShown(BaseModel):
    items: list[LookupShown]
    next: str | None


def _standing(found: Standing) -> ProviderStanding:
    choice, used = found.choice, found.used
    return ProviderStanding.model_validate(
        {
            **stored(choice), "label": choice.vendor.label, "address": choice.address, "works_in": choice.works_in,
            "key": found.key, "since": found.since, "lookups": used.lookups, "spent": used.cost / 1_000_000,
            "room": found.room, "troubles": list(found.troubles),
        }
    )  # fmt: skip


def _lookup(one: Lookup) -> LookupShown:
    return LookupShown.model_validate({**asdict(one), "candidate": one.record, "cost": one.cost / 1_000_000})


@router.get("/enrichment/providers", summary="Who may be asked about people, and what that has cost")
async def providers(at: Admin) -> ProvidersShown:
    return ProvidersShown(items=[_standing(one) for one in await at.app.providers.told()])


@router.patch("/enrichment/providers/{name}", summary="Switch a provider on, or change the choice")
async def choose_provider(at: Admin, name: str, body: ProviderChoice) -> ProviderStanding:
    """Nobody is looked up because of it: a person asks for each, or for many at once."""
    given = body.model_dump(include=body.model_fields_set - {"key"}, mode="json")
    key = body.key.get_secret_value().strip() if "key" in body.model_fields_set else None
    return _standing(await at.app.providers.choose(name, given, at.program.actor, key=key))


@router.delete("/enrichment/providers/{name}", summary="Look nobody up there any more, and forget the key")
async def provider_off(at: Admin, name: str) -> ProviderStanding:
    return _standing(await at.app.providers.off(name, at.program.actor))


@router.get("/enrichment/lookups", summary="Who was looked up, the newest first")
async def lookups(
    at: Admin, limit: Limit = 50, after: Annotated[str, Query(description="`next` of the page before.")] = ""
) -> LookupsShown:
    found = await at.app.providers.lookups(before=after, limit=limit)
    return LookupsShown(items=[_lookup(one) for one in found], next=found[-1].id if len(found) == limit else None)
