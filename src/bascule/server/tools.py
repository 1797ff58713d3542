"""`/api/tools/v1`: the door of AI tools. They pull applications, send results, and say what they have forgotten.

A tool is a connection; it comes with the key of that connection, or with a token it got for it. The contract that its
makers build on is docs/ai-tools.md; errors are `application/problem+json`: what, where, and what to do next.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bascule.engine.connections import Connected
from bascule.errors import NotFoundError, ShutError
from bascule.hiring.tools import Said
from bascule.store import Tx
from bascule.store.tools import ToolKey

from .api.caller import KeyNeeded
from .describing import described
from .web import Web

if TYPE_CHECKING:
    from bascule.app import App

PREFIX = "/api/tools/v1"
TOKEN = timedelta(hours=1)
USED = timedelta(minutes=1)  # how often it is written down that a key is used
MOST = 500
router = APIRouter(prefix=PREFIX, tags=["AI tools"])


def is_door(request: Request) -> bool:
    """Whether a request is a tool's."""
    return request.url.path.startswith(PREFIX)


# ---------------------------------------------------------------------------------------------------------- who calls


@dataclass(frozen=True)
class Visitor:
    """A tool's request."""

    web: Web
    at: Connected

    @property
    def app(self) -> App:
        return self.web.app


class TooOftenError(Exception):
    """A tool asks more often than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__("This tool asks too often.")
        self.seconds = seconds


async def _visitor(request: Request) -> Visitor:
    """The tool whose key this is, paused or not."""
    web: Web = request.app.state.web
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    if not secret or kind.lower() != "bearer":
        raise KeyNeeded("A key is needed.")
    return Visitor(web, await _known(web, request, secret))


async def _known(web: Web, request: Request, secret: str) -> Connected:
    """The connection of a key or token. KeyNeeded where it is neither."""
    app, now = web.app, web.app.runtime.now()
    client = request.client.host if request.client else ""
    if web.people.tries.refuse(client, now):
        raise KeyNeeded("Too many wrong keys. Wait five minutes.")

    def find(tx: Tx) -> ToolKey | None:
        return tx.tools.key(secret, now=now)

    key = await app.store.read(find)
    at = await app.connections.find(key.connection) if key is not None else None
    if key is None or at is None or at.row.workspace != app.workspace:
        web.people.tries.wrong(client, now)
        raise KeyNeeded("This key does not work: it is unknown, or has ended.")
    if key.last_used is None or now - key.last_used > USED:
        await app.store.write(lambda tx: tx.tools.used(secret, now=now))
    seconds = web.pace.wait(at.id, now)
    if seconds:
        raise TooOftenError(seconds)
    return at


async def _working(visitor: Annotated[Visitor, Depends(_visitor)]) -> Visitor:
    """A tool that is not paused."""
    if visitor.at.row.paused:
        raise ShutError(
            f"{visitor.at.row.name} is paused: {visitor.at.row.paused}", hint="Ask again later; nothing is lost."
        )
    return visitor


KEY = HTTPBearer(auto_error=False, description="The key of the tool's connection, or a token", scheme_name="ToolKey")
Calling = Annotated[Visitor, Depends(_visitor)]
Working = Annotated[Visitor, Depends(_working)]


# ------------------------------------------------------------------------------------------------------- what is said


class Stage(BaseModel):
    id: str
    name: str | None
    type: str | None = Field(description="lead, applied, screen, assess, interview, offer or hired; null: not known.")


class Job(BaseModel):
    id: str
    title: str | None
    description: str | None = Field(description="Text or HTML, as the ATS has it.")
    status: str | None = Field(description="open, closed or draft.")
    department: str | None
    stages: list[Stage] = Field(description="In their order.")


class Allowed(BaseModel):
    allowed: bool
    why: str


class Resume(BaseModel):
    url: str = Field(description="Relative to this server; asked for with the same key.")
    version: str = Field(description="Changes when another file takes its place.")


class Application(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    state: Literal["live", "withdrawn", "gone", "merged", "erased"] = Field(
        description="Anything but live: delete what you hold of it, then confirm."
    )
    version: str | None = Field(None, description="Changes whenever anything that is shown of it, or its job, does.")
    job: str | None = None
    candidate: dict[str, Any] | None = Field(None, description="Names and addresses only where the owner allows it.")
    stage: Stage | None = None
    status: str | None = Field(None, description="active, hired, rejected or withdrawn.")
    applied_at: str | None = None
    tags: list[str] | None = None
    answers: dict[str, Any] | None = Field(None, description="Screening answers, where the owner allows it.")
    ai: Allowed | None = Field(None, description="Not allowed: score nothing, send nothing.")
    resume: Resume | None = None
    into: str | None = Field(None, description="Of a merged one: which application it lives on as.")


class Applications(BaseModel):
    items: list[Application]
    jobs: dict[str, Job] = Field(description="The jobs of the items, by id.")
    next: str = Field(description="Keep it, and give it back as `after`: now, later, after a restart.")
    more: bool = Field(description="Whether there is more at once; else ask again after a while, or after a hint.")


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Verdict(BaseModel):
    """All that a tool says of an application. A result takes the place of the one before: what is left out is emptied,
    but for the note and the proposal, which are made once."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, le=2**62, description="Higher than that of your last result for this application.")
    score: float | None = Field(None, ge=0, le=100, allow_inf_nan=False)
    reasons: list[Line] = Field(default_factory=list, max_length=50, description="In your order.")
    skills: list[Line] = Field(default_factory=list, max_length=200, description="Names, or ids of ESCO or O*NET.")
    status: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] | None = Field(
        None, description="Your own word for where it stands with you."
    )
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)] | None = Field(
        None, description="Becomes a private note in the ATS, under your name, each time its text is another."
    )
    stage_proposal: str | None = Field(
        None, description="A stage of the job, by id or name. A person decides; never back, never a hire or rejection."
    )


class Proposal(BaseModel):
    outcome: Literal["waits for a person", "is there already", "refused"]
    review: str | None = None
    why: str | None = None
    hint: str | None = None


class Taken(BaseModel):
    application: str
    version: int
    changed: bool = Field(description="False: this very result was kept before.")
    note: str | None
    stage_proposal: Proposal | None


class Forgotten(BaseModel):
    id: str
    state: str
    confirmed: datetime


# ------------------------------------------------------------------------------------------------------- addresses


@router.get("/applications", summary="What has changed, the oldest change first", dependencies=[Depends(KEY)])
async def applications(
    at: Working,
    after: Annotated[str, Query(description="`next` of your last answer; none: from the beginning.")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Applications:
    """Each application in the tool's scope once, as it is now, at the place of its last change. A cursor is good for
    ever and may be used again; an entry may come twice, and is the same when its version is."""
    page = await at.app.tools.pull(at.at, after, limit)
    return Applications.model_validate({"items": page.items, "jobs": page.jobs, "next": page.next, "more": page.more})


@router.get(
    "/applications/{id}/resume",
    summary="The CV",
    dependencies=[Depends(KEY)],
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file as it was handed in."}},
)
async def resume(at: Working, id: str) -> Response:
    data, name = await at.app.tools.resume(at.at, id)
    shown = re.sub(r"[^ -~]|[\"\\]", "_", name)
    return Response(
        data, media_type="application/octet-stream", headers={"content-disposition": f'attachment; filename="{shown}"'}
    )


@router.put("/applications/{id}/result", summary="What the tool says of an application", dependencies=[Depends(KEY)])
async def result(at: Working, id: str, body: Verdict) -> Taken:
    """The same result again changes nothing. An older version never takes the place of a newer: 409."""
    said = Said(
        body.version, body.score, tuple(body.reasons), tuple(body.skills), body.status or None, body.note or None,
        body.stage_proposal or None,
    )  # fmt: skip
    return Taken.model_validate(await at.app.tools.result(at.at, id, said))


@router.delete("/applications/{id}", summary="The tool holds nothing of it any more", dependencies=[Depends(KEY)])
async def forgotten(at: Calling, id: str) -> Forgotten:
    """Confirms what a pull has shown as ended; the certificate of an erasure names it. Also while it is paused."""
    return Forgotten.model_validate(await at.app.tools.forgotten(at.at, id))


# ------------------------------------------------------------------------------------------------------------ OAuth


class Token(BaseModel):
    """As RFC 6749 has it."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds.")


class NoToken(BaseModel):
    """As RFC 6749 has it."""

    error: Literal["unsupported_grant_type", "invalid_client"]
    error_description: str


@router.post(
    "/oauth/token",
    summary="A short-lived token for a key (OAuth 2, client credentials)",
    responses={200: {"model": Token}, 400: {"model": NoToken}, 401: {"model": NoToken}},
)
async def token(
    request: Request,
    grant_type: Annotated[str, Form()] = "",
    client_id: Annotated[str, Form()] = "",
    client_secret: Annotated[str, Form()] = "",
) -> Response:
    """The client id is the connection's name or id, the secret its key; in the form, or as HTTP Basic."""
    basic = request.headers.get("authorization", "")
    if basic[:6].lower() == "basic ":
        try:
            client_id, _, client_secret = base64.b64decode(basic[6:]).decode().partition(":")
        except ValueError:
            client_id = client_secret = ""
    if grant_type != "client_credentials":
        return _refused(400, "unsupported_grant_type", "Ask with grant_type=client_credentials.")
    web: Web = request.app.state.web
    try:
        at = await _known(web, request, client_secret)
    except KeyNeeded as error:
        return _refused(401, "invalid_client", str(error))
    if client_id not in (at.row.name, at.id) or client_secret.startswith(TOKENS):
        return _refused(401, "invalid_client", "The client id is the name of the connection whose key this is.")
    now, secret = web.app.runtime.now(), f"{TOKENS}{secrets.token_urlsafe(32)}"
    await web.app.store.write(
        lambda tx: tx.tools.add_key(at.row.workspace, at.id, "token", secret, now=now, until=now + TOKEN)
    )
    return JSONResponse(
        {"access_token": secret, "token_type": "Bearer", "expires_in": int(TOKEN.total_seconds())},
        headers={"cache-control": "no-store"},
    )


TOKENS = "bstt_"


def _refused(status: int, error: str, words: str) -> Response:
    """As RFC 6749 has it."""
    headers = {"cache-control": "no-store", **({"www-authenticate": "Basic"} if status == 401 else {})}
    return JSONResponse({"error": error, "error_description": words}, status, headers=headers)


@router.get("/openapi.json", include_in_schema=False)
async def description(request: Request) -> Response:
    """The door alone, as OpenAPI: what the makers of a tool generate a client from."""
    web: Web = request.app.state.web
    if not web.app.settings.openapi:
        raise NotFoundError("This server describes itself to nobody.", hint="The contract is docs/ai-tools.md.")
    return JSONResponse(described(router.routes, "Bascule: the door of AI tools"))
