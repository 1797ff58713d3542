"""`/api/v1/triggers`: rules, what is wrong with them, what they would have done, and what they did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from bascule.core.clashes import Finding
from bascule.core.triggers import span
from bascule.hiring.automations import Native
from bascule.office.triggers import Rule, Shown
from bascule.store.triggers import Firing

from .caller import KEY, Admin, JobsRead, Json, Limit, Number, ReviewsRead, ReviewsWrite

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["triggers"])
LONGEST = 200_000


class File(BaseModel):
    """The whole file of rules, as `GET /triggers` gives it."""

    text: str = Field(max_length=LONGEST)
    version: int | None = Field(None, description="The one it was made from; refused where another is in force by now.")
    why: str = Field("", max_length=500)


class Tried(BaseModel):
    """A file to try; left out: the one in force."""

    text: str | None = Field(None, max_length=LONGEST)
    days: int = Field(30, ge=1, le=366)


class Added(BaseModel):
    owner: str = Field(description="The e-mail of who answers for it.")


class Switch(BaseModel):
    on: bool


class Automatic(BaseModel):
    connection: str
    on: bool


class Answer(BaseModel):
    answer: str = Field(description="approve, decline")


def _finding(one: Finding) -> Json:
    return {
        "id": one.id, "clash": str(one.clash), "triggers": list(one.triggers), "lines": list(one.lines),
        "what": one.what, "next": one.next, "refused": one.refused,
    }  # fmt: skip


def _rule(one: Rule) -> Json:
    trigger = one.trigger
    return {
        "name": trigger.name, "words": trigger.words, "why": trigger.why, "owner": trigger.owner, "by": trigger.by,
        "do": str(trigger.do), "on": trigger.on, "for": span(trigger.after), "since": trigger.since,
        "counts": dict(one.counts), "last": one.last,
        "automatic": [
            {"connection": name, "on": on, "earned": one.earned[name].earned, "missing": list(one.earned[name].missing)}
            for name, on in one.automatic.items()
        ],
    }  # fmt: skip


def _shown(one: Shown) -> Json:
    return {
        "version": one.version, "text": one.text, "items": [_rule(rule) for rule in one.rules],
        "findings": [_finding(each) for each in one.findings],
        "by_themselves": [_native(each) for each in one.natives],
        "next": None,
    }  # fmt: skip


def _native(one: Native) -> Json:
    items = [{"name": each.name, "what": each.what, "writes": each.writes} for each in one.does]
    return {"connection": one.connection, "read": one.read, "hidden": one.hidden, "items": items}


def _firing(one: Firing) -> Json:
    return {
        "id": one.id, "trigger": one.trigger, "version": one.version, "application": one.application,
        "connection": one.connection, "job": one.job, "at": one.at, "held_since": one.since, "saw": dict(one.facts),
        "action": one.action, "state": str(one.state), "why": one.why, "effect": one.effect, "decided": one.decided,
    }  # fmt: skip


@router.get("/triggers", summary="The rules in force, with what each has done and what is wrong with them")
async def triggers(at: JobsRead) -> Json:
    return _shown(await at.app.trigger_desk.shown())


@router.put("/triggers", summary="Put rules in force")
async def save(at: Admin, body: File) -> Json:
    """What became true before a rule came into force never fires it. A rule that clashes is refused with its line."""
    return _shown(await at.app.trigger_desk.save(body.text, at.program.actor, body.why, base=body.version))


@router.post("/triggers/check", summary="What is wrong with rules, alone and against each other")
async def check(at: JobsRead, body: Tried) -> Json:
    """`by_themselves`: what the ATSs send by themselves, against which the rules are held."""
    desk = at.app.trigger_desk
    items = [_finding(one) for one in await desk.check(body.text)]
    return {"items": items, "by_themselves": [_native(one) for one in desk.natives()], "next": None}


@router.post("/triggers/dry-run", summary="What rules would have done in the last days; nothing is done")
async def dry_run(at: JobsRead, body: Tried) -> Json:
    run = await at.app.trigger_desk.dry_run(body.text, days=body.days)
    items = [
        {
            "name": one.trigger.name, "words": one.trigger.words, "times": one.times, "unknown": list(one.unknown),
            "examples": [{"application": id, "at": when} for id, when in one.examples],
        }
        for one in run.would
    ]  # fmt: skip
    return {
        "since": run.since, "until": run.until, "looked_at": run.looked_at, "more": run.more, "items": items,
        "findings": [_finding(one) for one in run.findings], "next": None,
    }  # fmt: skip


@router.get("/triggers/versions", summary="The versions of the rules, the newest first")
async def versions(at: JobsRead) -> Json:
    items = [
        {"version": one.number, "at": one.at, "by": one.actor.name, "why": one.why}
        for one in await at.app.trigger_desk.versions()
    ]
    return {"items": items, "next": None}


@router.post("/triggers/versions/{version}", summary="Put an older version in force, as a new one")
async def roll_back(at: Admin, version: Number) -> Json:
    return _shown(await at.app.trigger_desk.roll_back(version, at.program.actor))


@router.get("/triggers/fired", summary="What rules have done, the newest first")
async def fired(
    at: ReviewsRead,
    trigger: str = "",
    state: Annotated[str, Query(description="waiting, done, changed, withheld, failed")] = "",
    after: str = "",
    limit: Limit = 50,
) -> Json:
    found = await at.app.trigger_desk.fired(trigger=trigger, state=state, before=after, limit=limit + 1)
    more = found[limit - 1].id if len(found) > limit else None
    return {"items": [_firing(one) for one in found[:limit]], "next": more}


@router.post("/triggers/{name}/add", summary="Add one of the rules that Bascule comes with, switched off")
async def add(at: Admin, name: str, body: Added) -> Json:
    return _shown(await at.app.trigger_desk.add_ready(name, body.owner, at.program.actor))


@router.post("/triggers/{name}/switch", summary="Turn one rule on or off")
async def switch(at: Admin, name: str, body: Switch) -> Json:
    return _shown(await at.app.trigger_desk.switch(name, body.on, at.program.actor))


@router.post("/triggers/{name}/automatic", summary="Let a rule act by itself at a connection")
async def automatic(at: Admin, name: str, body: Automatic) -> Json:
    return _shown(await at.app.trigger_desk.automate(name, body.connection, body.on, at.program.actor))


@router.post("/triggers/{name}/answer", summary="One answer to everything of a rule that waits to be sent")
async def answer(at: ReviewsWrite, name: str, body: Answer) -> Json:
    return {"answered": await at.app.message_desk.batch(name, body.answer, at.program.actor)}
