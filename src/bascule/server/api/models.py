"""`/api/v1/models`: which model of others is asked, for what and for how much, and what was asked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bascule.models.choice import Order, Provider, Purpose, stored
from bascule.office.models import Standing
from bascule.store.modelcalls import ModelCall

from .caller import KEY, Admin, Limit

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class ModelChoice(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    provider: Provider = Field(default=Provider.OPENAI, description="openai (and what speaks its interface), anthropic")
    model: str = Field(default="", description="As the provider calls it.")
    base_url: str = Field(default="", description='"": the provider\'s own address.')
    key: SecretStr = Field(default=SecretStr(""), description='Kept sealed, never shown again. "": forget it.')
    purposes: list[Purpose] = Field(default=[], description="What it is asked for.")
    regions: list[str] = Field(default=[], description="Regions that requests may be worked on in.")
    region: str = Field(default="", description="Where a host works that is none of the provider's own.")
    no_training: bool = Field(default=False, description="Somebody has seen to it that what is sent trains no model.")
    tokens: int = Field(default=1_000_000, description="What a calendar month may take, read and written.")
    cost: float | None = Field(default=None, description="The same in money; null: no limit of its own.")
    currency: str = "USD"
    price_in: float = Field(default=0.0, description="Of a million tokens read.")
    price_out: float = Field(default=0.0, description="Of a million tokens written.")
    timeout: float = Field(default=30.0, description="Seconds.")
    retries: int = Field(default=2, description="How often a question without an answer is asked again.")
    order: Order = Field(default=Order.SCORE, description="What orders the top of lists: score, minilm, remote.")
    embedding: str = Field(default="", description="The provider's embedding model, for the order remote.")


class MonthUsed(BaseModel):
    """What this month's budget has been used for."""

    since: datetime
    calls: int
    tokens: int
    cost: float
    dropped: int = Field(description="Of what was answered, what did not hold against the CV.")


class ModelsStanding(BaseModel):
    """What is chosen, and how it stands."""

    provider: Provider | None
    model: str
    base_url: str
    address: str = Field(description="Where requests go.")
    works_in: str = Field(description="The region they are worked on in.")
    key: bool = Field(description="Whether one is kept.")
    purposes: list[Purpose]
    regions: list[str]
    region: str
    no_training: bool
    tokens: int
    cost: float | None
    currency: str
    price_in: float
    price_out: float
    timeout: float
    retries: int
    order: Order
    embedding: str
    ordered_by: str = Field(description="The model whose vectors order the top of lists now; empty: the score alone.")
    ordered_next: str = Field(
        description="The one whose vectors are being made; lists change over when they are complete."
    )
    jobs_left: int = Field(description="Jobs whose lists lack some of them.")
    used: MonthUsed
    room: bool = Field(description="False once the budget is used up: then what is made here is used.")
    installed: bool = Field(description="Whether the optional library is there.")
    data_use: str = Field(description="What a request can say against training, and what only a contract can.")
    troubles: list[str]


class Asked(BaseModel):
    """One request to a model. No text of it is kept."""

    id: str
    at: datetime
    purpose: str
    provider: str
    model: str
    host: str
    region: str
    prompt: str
    digest: str
    tokens_in: int
    tokens_out: int
    cost: float
    ms: int
    status: int
    outcome: str
    kept: int
    dropped: int


class AskedList(BaseModel):
    items: list[Asked]
    next: str | None


class TestedModel(BaseModel):
    ok: bool
    model: str
    ms: int
    what: str = Field(description="What is wrong, in the provider's words where it has any.")


def _standing(found: Standing) -> ModelsStanding:
    choice, used = found.choice, found.used
    return ModelsStanding.model_validate(
        {
            **stored(choice), "address": choice.address, "works_in": choice.works_in, "key": found.key,
            "used": {"since": found.since, "calls": used.calls, "tokens": used.tokens, "cost": used.cost / 1_000_000,
                     "dropped": used.dropped},
            "room": found.room, "installed": found.installed, "troubles": list(found.troubles),
            "data_use": choice.data_use, "ordered_by": found.ordered_by, "ordered_next": found.ordered_next,
            "jobs_left": found.jobs_left,
        }
    )  # fmt: skip


def _asked(call: ModelCall) -> Asked:
    return Asked.model_validate({**asdict(call), "cost": call.cost / 1_000_000})


@router.get("/models", tags=["admin"], summary="Which model of others is asked, for what, and what it has used")
async def models(at: Admin) -> ModelsStanding:
    return _standing(await at.app.choices.told())


@router.patch("/models", tags=["admin"], summary="Choose a model of others, or change the choice")
async def choose_models(at: Admin, body: ModelChoice) -> ModelsStanding:
    """Nothing is asked about the past: the next score is the first."""
    given = body.model_dump(include=body.model_fields_set - {"key"}, mode="json")
    key = body.key.get_secret_value().strip() if "key" in body.model_fields_set else None
    return _standing(await at.app.choices.choose(given, at.program.actor, key=key))


@router.delete("/models", tags=["admin"], summary="Ask no model of others any more, and forget the key")
async def models_off(at: Admin) -> ModelsStanding:
    return _standing(await at.app.choices.off(at.program.actor))


@router.post("/models/test", tags=["admin"], summary="Ask the chosen model for a word; nothing of anybody is sent")
async def test_models(at: Admin) -> TestedModel:
    return TestedModel.model_validate(asdict(await at.app.choices.test(at.program.actor)))


@router.get("/models/calls", tags=["admin"], summary="What was asked of models, the newest first")
async def model_calls(
    at: Admin, limit: Limit = 50, after: Annotated[str, Query(description="`next` of the page before.")] = ""
) -> AskedList:
    found = await at.app.choices.calls(before=after, limit=limit)
    return AskedList(items=[_asked(one) for one in found], next=found[-1].id if len(found) == limit else None)
