"""`/api/v1/subscriptions` and `/api/v1/events`: REST hooks, the log to catch up from, and samples."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from bascule.core.events import TYPES
from bascule.model import EventFilter
from bascule.office.subscriptions import NewSubscription, Standing
from bascule.store.subscriptions import Delivery

from ..roles import Scope
from .caller import KEY, EventsRead, Json, Limit, SubscriptionsRead, SubscriptionsWrite

router = APIRouter(prefix="/api/v1", tags=["subscriptions"], dependencies=[Depends(KEY)])


class Filter(BaseModel):
    """Those of any of the named, of every sort that is named. Who is erased passes every filter."""

    model_config = ConfigDict(extra="forbid")

    connections: list[str] = Field(default=[], description="Names of connections that know the record.")
    jobs: list[str] = Field(default=[], description="Ids of jobs.")
    departments: list[str] = Field(default=[], description="Departments of the job, as the ATS has them.")
    stage_types: list[str] = Field(default=[], description="Types of the stage that the application stands in.")
    min_score: float | None = Field(default=None, description="The least match score of the application, 0 to 100.")
    max_score: float | None = Field(default=None, description="The highest match score of the application.")

    def value(self) -> EventFilter:
        return EventFilter(
            tuple(self.connections), tuple(self.jobs), tuple(self.departments), tuple(self.stage_types), self.min_score,
            self.max_score,
        )  # fmt: skip


class Subscribe(BaseModel):
    model_config = ConfigDict(extra="forbid")

    target_url: str = Field(
        validation_alias=AliasChoices("target_url", "targetUrl", "hookUrl"), description="Where events are sent: https."
    )
    event: str = Field(default="", description="One type of event, or a pattern such as application.*")
    events: list[str] = Field(default=[], description="Types of events. Neither this nor `event`: every type.")
    filter: Filter = Filter()
    fields: list[str] = Field(
        default=[],
        description="Fields that are shown, such as candidate.emails. None named: those that are no person's.",
    )
    expiration: datetime | None = Field(
        default=None,
        validation_alias=AliasChoices("expiration", "expiration_date"),
        description="When the subscription ends by itself.",
    )
    name: str = Field(default="", max_length=100)
    format: Literal["", "standard", "slack"] = ""
    after: int | None = Field(default=None, description="The number of the last event you have: catch up from there.")


class Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    events: list[str] | None = None
    filter: Filter | None = None
    fields: list[str] | None = None
    name: str | None = Field(default=None, max_length=100)
    expiration: datetime | None = None


class Replay(BaseModel):
    """One event, all behind `after` (up to `until`), or with neither all that were given up."""

    model_config = ConfigDict(extra="forbid")

    event: int | None = None
    after: int | None = None
    until: int | None = None


class Overlap(BaseModel):
    overlap_hours: float = Field(default=24, ge=0, le=24 * 30, description="How long the former secret signs too.")


@router.post("/subscriptions", status_code=201, summary="Be sent events: subscribe a webhook")
async def subscribe(at: SubscriptionsWrite, body: Subscribe) -> Json:
    """The subscription with its `id`, and the `secret` that its deliveries are signed with (Standard Webhooks): it is
    shown this once. Nothing is sent to confirm the address."""
    types = (*([body.event] if body.event else []), *body.events) or ("*",)
    new = NewSubscription(
        body.target_url, types, body.filter.value(), tuple(body.fields), body.name, body.format,
        _aware(body.expiration), body.after,
    )  # fmt: skip
    made, secret = await at.app.subscriptions.add(new, at.program.actor, persons=_persons(at))
    return {**_told(await at.app.subscriptions.get(made.id)), "secret": secret}


@router.get("/subscriptions", summary="Who is sent events, and whether they take them")
async def subscriptions(
    at: SubscriptionsRead,
    target_url: Annotated[str, Query(description="Only those that are sent to this very address.")] = "",
) -> Json:
    found = await at.app.subscriptions.list(target_url=target_url)
    return {"items": [_told(one) for one in found], "connections": at.labels, "next": None}


@router.get("/subscriptions/{id}", summary="One subscription with what became of its last events")
async def subscription(at: SubscriptionsRead, id: str, state: str = "", limit: Limit = 50) -> Json:
    """`state`: only deliveries that are delivered, waiting or given up."""
    found = await at.app.subscriptions.get(id)
    sent = await at.app.subscriptions.deliveries(id, state=state, limit=limit)
    return {**_told(found), "deliveries": [_delivery(one) for one in sent], "connections": at.labels}


@router.patch("/subscriptions/{id}", summary="Change what a subscriber is sent")
async def change(at: SubscriptionsWrite, id: str, body: Change) -> Json:
    """What is left out stays as it was."""
    await at.app.subscriptions.change(
        id, at.program.actor, types=body.events, filter=body.filter.value() if body.filter else None,
        fields=body.fields, name=body.name, expires=_aware(body.expiration), persons=_persons(at),
    )  # fmt: skip
    return _told(await at.app.subscriptions.get(id))


@router.delete("/subscriptions/{id}", status_code=204, summary="Be sent nothing any more: unsubscribe")
async def unsubscribe(at: SubscriptionsWrite, id: str) -> Response:
    await at.app.subscriptions.remove(id, at.program.actor)
    return Response(status_code=204)


@router.post("/subscriptions/{id}/secret", summary="Make another secret; the former one signs too for a while")
async def secret(at: SubscriptionsWrite, id: str, body: Overlap | None = None) -> Json:
    hours = (body or Overlap()).overlap_hours
    made = await at.app.subscriptions.new_secret(id, at.program.actor, overlap=timedelta(hours=hours))
    return {"id": id, "secret": made}


@router.post("/subscriptions/{id}/test", summary="Send a made-up event, once")
async def test(at: SubscriptionsWrite, id: str) -> Json:
    """What was answered. The event has `test: true`, nobody in it exists, and it is in no log."""
    return asdict(await at.app.subscriptions.test(id, at.program.actor))


@router.post("/subscriptions/{id}/replay", summary="Send events again")
async def replay(at: SubscriptionsWrite, id: str, body: Replay | None = None) -> Json:
    """They have the ids they had, and say what the records say now."""
    given = body or Replay()
    many = await at.app.subscriptions.replay(
        id, at.program.actor, event=given.event, since=given.after, until=given.until
    )
    return {"id": id, "events": many}


@router.post("/subscriptions/{id}/pause", summary="Send nothing for a while")
async def pause(at: SubscriptionsWrite, id: str) -> Json:
    await at.app.subscriptions.pause(id, at.program.actor)
    return _told(await at.app.subscriptions.get(id))


@router.post("/subscriptions/{id}/resume", summary="Go on, after a pause or after it was stopped")
async def resume(at: SubscriptionsWrite, id: str) -> Json:
    await at.app.subscriptions.resume(id, at.program.actor)
    return _told(await at.app.subscriptions.get(id))


@router.get("/events", summary="What has happened: the log to catch up from")
async def events(
    at: EventsRead,
    after: Annotated[int, Query(ge=0, description="The number of the last event you have; 0: from the beginning.")] = 0,
    types: Annotated[str, Query(description="Types or patterns, separated by commas.")] = "",
    subscription: Annotated[str, Query(description="As this subscription is shown it: its filter, its fields.")] = "",
    limit: Limit = 100,
) -> Json:
    """The oldest first, each in the shape that webhooks have. `next` is given back as `after`, and is good for 30 days;
    later it answers 410. Without a subscription no field of a person's is shown."""
    chosen = [one.strip() for one in types.split(",") if one.strip()]
    page = await at.app.subscriptions.events(
        at.program.actor, after=after, types=chosen, limit=limit, subscription=subscription, persons=_persons(at)
    )
    return {"items": page.items, "connections": at.labels, "next": page.next, "more": page.more}


@router.get("/events/types", summary="The types of events")
async def types(at: EventsRead) -> Json:
    return {"items": [{"type": type, "what": what} for type, what in TYPES.items()], "next": None}


@router.get("/events/samples/{type}", summary="A made-up event of a type, in the shape that is sent")
async def samples(
    at: EventsRead, type: str, fields: Annotated[str, Query(description="Fields, separated by commas.")] = ""
) -> list[Json]:
    """A bare list, as no-code routers want it. Nobody in it exists."""
    return at.app.subscriptions.samples(type, [one.strip() for one in fields.split(",") if one.strip()])


def _persons(at: SubscriptionsRead) -> bool:
    return at.program.may(Scope.CANDIDATES_READ)


def _aware(at: datetime | None) -> datetime | None:
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)


def _told(found: Standing) -> Json:
    one = found.one
    return {
        "id": one.id, "name": one.name, "host": one.host, "format": one.format, "events": list(one.wanted.types),
        "filter": {name: value for name, value in asdict(one.wanted.filter).items() if value not in ((), None)},
        "fields": list(one.wanted.fields), "state": str(one.state), "why": one.why, "words": found.words,
        "created": one.created, "expires": one.expires, "cursor": one.cursor, "failing_since": one.failing,
        "rests_until": one.rests, "last_delivered": one.last_ok, "waiting": found.waiting, "given_up": found.given_up,
        "delivered": found.delivered, "behind": found.behind,
    }  # fmt: skip


def _delivery(one: Delivery) -> Json:
    return {
        "event": one.event, "id": f"evt_{one.event}", "type": one.type, "state": str(one.state), "tries": one.tries,
        "status": one.status, "words": one.words, "first": one.first, "at": one.at, "due": one.due,
    }  # fmt: skip
