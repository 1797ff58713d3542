"""`/api/v1/connections`: connect a system, its credentials, rights, mode, rhythm, backfill and comparison."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.connectors.aitool import SYSTEM
from bascule.connectors.guide import parted
from bascule.connectors.registry import load
from bascule.core.rollout import AI
from bascule.engine.health import came
from bascule.model import Label, Mode, Scope
from bascule.office.accounts import NewConnection as Asked
from bascule.office.modes import Older, scope_of

from .caller import KEY, Caller, ConnectionsRead, ConnectionsWrite, Done, Json, Why, known

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])


class NewConnection(BaseModel):
    name: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")
    system: str
    base_url: str = ""
    label: Label | None = Field(None, description="What stands at the other end; simulator only on this machine.")
    values: dict[str, str] = Field(
        default_factory=dict, description="Settings and credentials; the connector knows which are secret."
    )
    granted: list[str] = Field(
        default_factory=list, description="The credential's rights, where the system does not tell them by itself."
    )
    owner: str = Field("", description="The e-mail of who answers for it; else the key's person, where it has one.")


class NewOwner(BaseModel):
    owner: str = Field(description='The e-mail of a person of this workspace; "" for nobody.')


class ChosenScope(BaseModel):
    """Whom a mode covers; all of it empty: everybody."""

    jobs: list[str] = Field(default_factory=list, description="Ids of jobs.")
    departments: list[str] = Field(default_factory=list, description="As the jobs name them.")
    offices: list[str] = Field(default_factory=list, description="As the jobs name them.")


class ChosenMode(BaseModel):
    mode: Mode
    waive: str = Field("", description="Why an excess of rights is accepted.")
    scope: ChosenScope | None = Field(None, description="Whom it covers from now on; null: as it is.")
    older: Older = Field(Older.NONE, description="What of before is written too; by itself nothing is.")


class ChosenAi(BaseModel):
    on: bool


class EnteredRights(BaseModel):
    granted: list[str] = Field(default_factory=list, description="What the credential was granted, by name.")
    waive: str = Field("", max_length=2000, description="Why what is in excess is accepted, in writing.")


class Overlap(BaseModel):
    overlap: float = Field(24, ge=0, le=24 * 30)


YesNo = Literal["yes", "no"]


class Chosen(BaseModel):
    jobs: list[str] | None = Field(None, description="Ids of jobs; an empty list: every open job.")
    contact: YesNo | None = Field(None, description="Whether it is shown names, addresses and numbers.")
    resume: YesNo | None = Field(None, description="Whether it can have the CV.")
    answers: YesNo | None = Field(None, description="Whether it is shown screening answers.")
    hook: str | None = Field(None, description="Where it is told that there is news; empty: nowhere.")


class Given(BaseModel):
    values: dict[str, str]


class ChosenRhythm(BaseModel):
    list: str
    every: float | None = None
    promise: float | None = None
    parity: float | None = Field(None, description="How often it is compared with what is held of it.")


class Compared(BaseModel):
    object: str = Field("", description="The list; all of them where none is named.")


def _connection(at: Caller, name: str) -> Json:
    found = at.app.connections.named(name, at.workspace)
    row = found.row
    return {
        "id": row.id,
        "name": row.name,
        "system": row.system,
        "label": str(row.label),
        "mode": str(row.mode),
        "scope": scope_of(row.scope),
        "ai": bool(row.settings.get(AI, True)),
        "base_url": row.base_url,
        "owner": row.owner,
        "paused": row.paused,
        "stopped": row.stopped.words if row.stopped is not None else "",
        "messages_stopped": row.messages_stopped.words if row.messages_stopped is not None else "",
        "broken": row.broken,
        "crawled": row.crawled,
        "live_since": row.live_since,
        "mapping_version": row.mapping_version,
        "rights": at.app.grants.of(found).as_dict(),
        "hook_url": at.app.accounts.hook_url(found),
    }


@router.get("/connections", tags=["connections"], summary="Every connection")
async def connections(at: ConnectionsRead) -> Json:
    return {
        "items": [
            _connection(at, one.row.name) for one in at.app.connections.all() if one.row.workspace == at.workspace
        ],
        "next": None,
    }


@router.post("/connections", tags=["connections"], summary="Connect a system", status_code=201)
async def connect(at: ConnectionsWrite, body: NewConnection) -> Json:
    """The account is read first; after an error nothing is kept. The answer shows the webhook secret once."""
    if body.system == SYSTEM:
        return await _connect_tool(at, body)
    plain, secret = parted(load(body.system), body.values)
    asked = Asked(
        body.name, body.system, body.base_url, body.label, settings=plain, secrets=secret,
        owner=await at.app.owners.of(body.owner), granted=body.granted,
    )  # fmt: skip
    made = await at.app.accounts.connect(asked, at.program.actor)
    return _connection(at, made.row.name) | {"hook_secret": made.secrets.get("webhook_secret", "")}


async def _connect_tool(at: Caller, body: NewConnection) -> Json:
    """The answer shows the tool's key and the secret its hints are signed with, once."""
    secret = {name: value for name, value in body.values.items() if name == "webhook_secret"}
    plain = {name: value for name, value in body.values.items() if name not in secret}
    owner = await at.app.owners.of(body.owner)
    asked = Asked(body.name, body.system, body.base_url, body.label, settings=plain, secrets=secret, owner=owner)
    made, key = await at.app.aitools.connect(asked, at.program.actor)
    return _connection(at, made.row.name) | {"key": key, "hook_secret": made.secrets.get("webhook_secret", "")}


@router.post("/connections/{name}/key", tags=["connections"], summary="Make another key for an AI tool")
async def key(at: ConnectionsWrite, name: str, body: Overlap) -> Json:
    """Shown once. Former keys are good for `overlap` hours longer; with 0 they and all tokens end now."""
    made = await at.app.aitools.new_key(known(at, name), at.program.actor, overlap=timedelta(hours=body.overlap))
    return {"key": made}


@router.post("/connections/{name}/tool", tags=["connections"], summary="What an AI tool is for, and what it may have")
async def tool(at: ConnectionsWrite, name: str, body: Chosen) -> Json:
    """What is not named stays as it was."""
    switches = {one: said for one in ("contact", "resume", "answers") if (said := getattr(body, one)) is not None}
    await at.app.aitools.choose(
        known(at, name), at.program.actor, jobs=body.jobs, switches=switches, hook=body.hook
    )  # fmt: skip
    return _connection(at, name)


@router.get("/connections/{name}/tool", tags=["connections"], summary="How far an AI tool is")
async def tool_standing(at: ConnectionsRead, name: str) -> Json:
    """When it last pulled, how many changes it has not pulled, how much it holds, what it is to forget."""
    found = at.app.connections.named(name, at.workspace)
    told = await at.web.look(lambda tx: came(tx, found.row))
    return {"pulled": told.at, "behind": told.behind, "held": told.held, "unconfirmed": told.unconfirmed}


@router.get("/connections/{name}", tags=["connections"], summary="One connection")
async def connection(at: ConnectionsRead, name: str) -> Json:
    return _connection(at, name)


@router.delete("/connections/{name}", tags=["connections"], summary="Take a connection away")
async def disconnect(at: ConnectionsWrite, name: str) -> Done:
    """Credentials and waiting work go; records and history stay."""
    await at.app.accounts.remove(known(at, name), at.program.actor)
    return Done()


@router.post("/connections/{name}/owner", tags=["connections"], summary="Who answers for a connection")
async def owner(at: ConnectionsWrite, name: str, body: NewOwner) -> Json:
    """Its tasks and alerts are theirs from now on. 422 for an e-mail that is nobody's here."""
    await at.app.owners.name(known(at, name), body.owner, at.program.actor)
    return _connection(at, name)


@router.get("/connections/{name}/hooks", tags=["connections"], summary="Whether the system's webhooks arrive")
async def hooks(at: ConnectionsRead, name: str) -> Json:
    """`arrives` is proven by a delivery that was let in: the vendor's own ping, or any other."""
    found = at.app.connections.named(name, at.workspace)
    heard = await at.web.look(lambda tx: tx.inbox.heard(found.id))
    return {
        "system": found.connector.label,
        "sends": found.connector.webhook is not None,
        "arrives": heard.arrives,
        "last": heard.last,
        "refused": asdict(heard.refused) if heard.refused is not None and heard.forged else None,
        "address": at.app.accounts.hook_url(found),
        "polled": at.app.health.polled(found),
    }


@router.post("/connections/{name}/mode", tags=["connections"], summary="Observe, listen, shadow or live")
async def mode(at: ConnectionsWrite, name: str, body: ChosenMode) -> Json:
    """A promotion at a customer's own system passes the lines of `rollout` first; 403 names those that fail."""
    given = body.scope
    scope = (
        None if given is None
        else Scope(frozenset(given.jobs), frozenset(given.departments), frozenset(given.offices))
    )  # fmt: skip
    await at.app.accounts.set_mode(
        known(at, name), body.mode, at.program.actor, waive=body.waive, scope=scope, older=body.older
    )
    return _connection(at, name)


@router.post("/connections/{name}/ai", tags=["connections"], summary="Switch AI on or off")
async def ai(at: ConnectionsWrite, name: str, body: ChosenAi) -> Json:
    """For everybody at a connection. On only once the mapping knows every value (403)."""
    await at.app.accounts.switch_ai(known(at, name), body.on, at.program.actor)
    return _connection(at, name)


@router.post("/connections/{name}/rights", tags=["connections"], summary="Enter or waive a credential's rights")
async def rights(at: ConnectionsWrite, name: str, body: EnteredRights) -> Json:
    """Compared with what the mapping needs. An excess blocks modes that write until it is waived in writing."""
    found = known(at, name)
    if body.granted or not body.waive:
        await at.app.grants.enter(found, body.granted, at.program.actor)
    if body.waive:
        await at.app.grants.waive(found, body.waive, at.program.actor)
    return _connection(at, name)


@router.post("/connections/{name}/credentials", tags=["connections"], summary="Enter new credentials")
async def credentials(at: ConnectionsWrite, name: str, body: Given) -> Json:
    """They are tried before they replace the old ones."""
    await at.app.accounts.set_credentials(known(at, name), body.values, at.program.actor)
    return _connection(at, name)


@router.post("/connections/{name}/pause", tags=["connections"], summary="Stop reading and writing")
async def pause(at: ConnectionsWrite, name: str, body: Why) -> Json:
    await at.app.accounts.pause(known(at, name), at.program.actor, body.why)
    return _connection(at, name)


@router.post("/connections/{name}/resume", tags=["connections"], summary="Go on after a pause")
async def resume(at: ConnectionsWrite, name: str) -> Json:
    await at.app.accounts.resume(known(at, name), at.program.actor)
    return _connection(at, name)


@router.post(
    "/connections/{name}/fields", tags=["connections"], summary="Create the custom fields that AI output needs"
)
async def fields(at: ConnectionsWrite, name: str) -> Json:
    """Where the credential may not make them, `refused` names what is left, `why` and `next` say what that means."""
    return asdict(await at.app.accounts.create_fields(known(at, name), at.program.actor))


@router.post(
    "/connections/{name}/backfill", tags=["connections"], summary="Read everything there, from the first page on"
)
async def backfill(at: ConnectionsWrite, name: str) -> Json:
    await at.app.accounts.backfill(known(at, name), at.program.actor)
    return asdict(await at.app.accounts.progress(name))


@router.get("/connections/{name}/backfill", tags=["connections"], summary="How far reading everything is")
async def backfill_progress(at: ConnectionsRead, name: str) -> Json:
    return asdict(await at.app.accounts.progress(known(at, name)))


@router.get("/connections/{name}/rhythm", tags=["connections"], summary="Intervals, promises, and what was measured")
async def rhythm(at: ConnectionsRead, name: str) -> Json:
    """Per list that is asked by the clock; times in seconds."""
    return {"items": await at.app.rhythms.told(known(at, name)), "connections": at.labels, "next": None}


@router.post("/connections/{name}/rhythm", tags=["connections"], summary="Set a list's interval and promise")
async def set_rhythm(at: ConnectionsWrite, name: str, body: ChosenRhythm) -> Json:
    """In force with the next reading, which is due at once. What is not given stays; 0 goes back to the usual."""
    told = await at.app.rhythms.choose(
        known(at, name), body.list, body.every, body.promise, at.program.actor, parity=body.parity
    )
    return {"items": told, "connections": at.labels, "next": None}


@router.get(
    "/connections/{name}/parity", tags=["connections"], summary="What was there and here at the last comparison"
)
async def parity(at: ConnectionsRead, name: str, object: str = "") -> Json:
    """Per list: how many objects there and here, digests of their ids and mapped fields, differences by cause, and the
    first hundred of them (what is left first). No value of any field."""
    found = await at.app.parities.told(known(at, name), object=object)
    return {"items": found, "connections": at.labels, "next": None}


@router.post("/connections/{name}/parity", tags=["connections"], summary="Compare lists with what is held of them")
async def compare(at: ConnectionsWrite, name: str, body: Compared) -> Json:
    """As soon as the rate has room. A result that ends after `since` is what was asked for."""
    return {"since": await at.app.parities.begin(known(at, name), at.program.actor, object=body.object)}
