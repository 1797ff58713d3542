"""`/api/v1`: what programs and our own command line call, as JSON.

Keys are sent as `Authorization: Bearer`. Lists answer `{"items", "next"}`; `next` is given back as `after` for the
next page. Errors are `application/problem+json` with `title`, `where` and `hint`: what, where, and what to do next.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field

from bascule.connectors.registry import load
from bascule.core import stages
from bascule.core.retention import Rule, stored
from bascule.errors import ForbiddenError, InputError, NotFoundError
from bascule.model import (
    Family,
    Kind,
    Label,
    Mode,
    Record,
    RecordState,
    Review,
    Status,
    Value,
    Write,
    is_secret,
)
from bascule.office.alerts import Digest
from bascule.office.retention import Waiting
from bascule.store import Tx, scores
from bascule.store.audit import Line
from bascule.store.erasure import Erased
from bascule.store.inbox import LAST
from bascule.store.queries import END, ApplicationRow

from .people import Program
from .roles import Scope
from .show import candidate as show_candidate
from .show import job as show_job
from .show import review as show_review
from .show import timeline as show_timeline
from .show import words
from .web import Web

if TYPE_CHECKING:
    from bascule.app import App

MOST = 200
Json = dict[str, Any]


class KeyNeeded(Exception):
    """No key, or one that does not work."""


@dataclass(frozen=True)
class Caller:
    """A program's request, with who is behind it."""

    web: Web
    program: Program

    @property
    def app(self) -> App:
        return self.web.app

    @property
    def workspace(self) -> str:
        return self.web.app.workspace

    @property
    def labels(self) -> dict[str, str]:
        """A connection's name -> simulator, vendor sandbox or live."""
        return self.app.connections.labels(self.workspace)


def calling(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: a program whose key has the scope."""

    async def caller(request: Request) -> Caller:
        web: Web = request.app.state.web
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        client = request.client.host if request.client else ""
        now = web.app.runtime.now()
        if web.people.tries.refuse(client, now):
            raise KeyNeeded("Too many wrong keys. Wait five minutes.")
        program = await web.people.program(secret.strip()) if kind.lower() == "bearer" and secret.strip() else None
        if program is None:
            if secret:
                web.people.tries.wrong(client, now)
            raise KeyNeeded(
                "A key is needed."
                if not secret
                else "This key does not work: it is unknown, revoked, or its owner is switched off."
            )
        if not program.may(scope):
            raise ForbiddenError(
                f"This key lacks the scope {scope}.", hint="Make a key with that scope under Settings."
            )
        return Caller(web, program)

    return caller


KEY = HTTPBearer(auto_error=False, description="An API key from Settings")
router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])

Limit = Annotated[int, Query(ge=1, le=MOST)]
StatusRead = Annotated[Caller, Depends(calling(Scope.STATUS_READ))]
CandidatesRead = Annotated[Caller, Depends(calling(Scope.CANDIDATES_READ))]
JobsRead = Annotated[Caller, Depends(calling(Scope.JOBS_READ))]
ReviewsRead = Annotated[Caller, Depends(calling(Scope.REVIEWS_READ))]
ReviewsWrite = Annotated[Caller, Depends(calling(Scope.REVIEWS_WRITE))]
ConnectionsRead = Annotated[Caller, Depends(calling(Scope.CONNECTIONS_READ))]
ConnectionsWrite = Annotated[Caller, Depends(calling(Scope.CONNECTIONS_WRITE))]
AuditRead = Annotated[Caller, Depends(calling(Scope.AUDIT_READ))]
Admin = Annotated[Caller, Depends(calling(Scope.ADMIN))]


# -------------------------------------------------------------------------------------------------- what is answered


class Labelled(BaseModel):
    """An answer that names connections says of each what stands at its other end."""

    connections: dict[str, str] = Field(description="A connection's name -> simulator, vendor sandbox or live.")


class Application(BaseModel):
    """An application in a list."""

    id: str
    job: str | None
    job_title: str
    stage: str
    status: str
    score: float | None = Field(
        description="0 to 100: how much of what the job asks for the CV shows. Not a probability."
    )
    applied: datetime


class Candidate(BaseModel):
    """A candidate in a list."""

    id: str
    name: str
    email: str
    changed: datetime
    applications: list[Application]


class Candidates(Labelled):
    items: list[Candidate]
    next: str | None


class Job(BaseModel):
    id: str
    title: str
    status: str
    department: str
    applicants: int
    scored: int
    not_looked_at: int


class Jobs(BaseModel):
    items: list[Job]
    next: str | None


class RankedApplicant(BaseModel):
    rank: int | None
    application: str
    candidate: str
    name: str
    stage: str
    status: str
    score: float | None
    looked_at: bool
    applied: datetime | None


class Ranking(BaseModel):
    items: list[RankedApplicant]
    next: str | None


class ReviewItem(BaseModel):
    id: str
    kind: str
    what: str
    record: str | None
    connection: str
    field: str
    name: str
    at: datetime
    detail: Json
    answers: list[str]


class Reviews(Labelled):
    items: list[ReviewItem]
    next: str | None


class AuditEntry(BaseModel):
    id: int
    position: int | None
    at: datetime
    action: str
    actor_kind: str
    actor: str
    connection: str | None
    record: str | None
    detail: Json
    values: dict[str, str] = Field(description="Fields touched, each as a salted digest of its value.")
    digest: str


class AuditPage(Labelled):
    items: list[AuditEntry]
    next: str | None


class Done(BaseModel):
    """It is done, or on its way."""

    done: bool = True


# -------------------------------------------------------------------------------------------------- what is asked


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


class AlertAddress(BaseModel):
    address: str


class ChosenDigest(BaseModel):
    digest: Digest


class ChosenRhythm(BaseModel):
    list: str
    every: float | None = None
    promise: float | None = None
    parity: float | None = Field(None, description="How often it is compared with what is held of it.")


class Compared(BaseModel):
    object: str = Field("", description="The list; all of them where none is named.")


class ChosenMode(BaseModel):
    mode: Mode
    waive: str = Field("", description="Why an excess of rights is accepted.")


class EnteredRights(BaseModel):
    granted: list[str] = Field(default_factory=list, description="What the credential was granted, by name.")
    waive: str = Field("", max_length=2000, description="Why what is in excess is accepted, in writing.")


class Given(BaseModel):
    values: dict[str, str]


class Why(BaseModel):
    why: str = ""


class Decision(BaseModel):
    answer: str
    value: Any = None


class WhoLogsIn(BaseModel):
    email: str = "admin@localhost"


# ---------------------------------------------------------------------------------------------------------- status


@router.get("/status", tags=["looking"], summary="Is everything in step?")
async def status(at: StatusRead) -> Json:
    """Per connection, in numbers, and the whole in one word."""
    return await at.app.standing.status()


@router.get("/health", tags=["looking"], summary="How healthy each connection is, in figures")
async def health(at: StatusRead) -> Json:
    """Last success, lag, backlog, errors, freshness and uptime against the objective, per connection and list."""
    return {"items": await at.app.vitals.told(at.workspace), "connections": at.labels, "next": None}


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
async def remove_alerts(at: Admin, number: int) -> Json:
    return {"items": await at.app.alerts.remove(number, at.program.actor), "next": None}


# ----------------------------------------------------------------------------------------------------- connections


def _connection(at: Caller, name: str) -> Json:
    found = at.app.connections.named(name, at.workspace)
    row = found.row
    return {
        "id": row.id,
        "name": row.name,
        "system": row.system,
        "label": str(row.label),
        "mode": str(row.mode),
        "base_url": row.base_url,
        "owner": row.owner,
        "paused": row.paused,
        "stopped": row.stopped.words if row.stopped is not None else "",
        "broken": row.broken,
        "crawled": row.crawled,
        "live_since": row.live_since,
        "mapping_version": row.mapping_version,
        "rights": at.app.grants.of(found).as_dict(),
        "hook_url": f"{at.app.settings.address}/hooks/{row.name}",
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
    from bascule.office.accounts import NewConnection as Asked

    secret_names = {name for name, _, secret in load(body.system).settings if secret} | {"webhook_secret"}
    secret = {name: value for name, value in body.values.items() if name in secret_names}
    plain = {name: value for name, value in body.values.items() if name not in secret_names}
    made = await at.app.accounts.connect(
        Asked(body.name, body.system, body.base_url, body.label, settings=plain, secrets=secret, granted=body.granted),
        at.program.actor,
    )
    return _connection(at, made.row.name) | {"hook_secret": made.secrets.get("webhook_secret", "")}


@router.get("/connections/{name}", tags=["connections"], summary="One connection")
async def connection(at: ConnectionsRead, name: str) -> Json:
    return _connection(at, name)


@router.delete("/connections/{name}", tags=["connections"], summary="Take a connection away")
async def disconnect(at: ConnectionsWrite, name: str) -> Done:
    """Credentials and waiting work go; records and history stay."""
    await at.app.accounts.remove(known(at, name), at.program.actor)
    return Done()


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
    await at.app.accounts.set_mode(known(at, name), body.mode, at.program.actor, waive=body.waive)
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
    return {"fields": await at.app.accounts.create_fields(known(at, name), at.program.actor)}


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


def known(at: Caller, name: str) -> str:
    return at.app.connections.named(name, at.workspace).row.name


# ------------------------------------------------------------------------------------------------ people and scores


@router.get("/candidates", tags=["candidates"], summary="Candidates by name")
async def candidates(at: CandidatesRead, q: str = "", limit: Limit = 50, after: str = "") -> Candidates:
    """`q`: words that a name or e-mail begins with."""
    key = _key(after, 2)

    def read(tx: Tx) -> Candidates:
        rows = tx.pages.candidates(at.workspace, search=q, after=(key[0], key[1]) if key else ("", ""), limit=limit + 1)
        shown = rows[:limit]
        known = _known_records(tx, at.workspace, [a for row in shown for a in row.applications])
        items = [
            Candidate(
                id=row.record,
                name=row.name,
                email=row.email,
                changed=row.updated,
                applications=[_application(a, known) for a in row.applications],
            )
            for row in shown
        ]
        return Candidates(
            items=items, connections=at.labels, next=_next(rows, limit, lambda row: [row.place, row.record])
        )

    return await at.web.look(read)


def _known_records(tx: Tx, workspace: str, rows: list[ApplicationRow]) -> dict[str, Record]:
    return tx.families.records(workspace, {id for row in rows for id in (row.job, row.stage) if id})


def _application(row: ApplicationRow, known: Mapping[str, Record]) -> Application:
    return Application(
        id=row.record,
        job=row.job,
        job_title=words.title(known.get(row.job or "")),
        stage=words.title(known.get(row.stage or "")),
        status=row.status,
        score=row.score,
        applied=row.applied,
    )


@router.get("/candidates/{id}", tags=["candidates"], summary="One candidate with applications, scores, notes and links")
async def candidate(at: CandidatesRead, id: str) -> Json:
    def read(tx: Tx) -> tuple[Json, str]:
        family_id = show_candidate.family_of(tx, at.workspace, id)
        return _person(tx, tx.families.family(family_id), id), family_id

    found, family = await at.web.look(read)
    await at.app.desk.note(at.program.actor, "view", family=family, record=id, detail={"key": at.program.key})
    return {**found, "connections": at.labels}


def _person(tx: Tx, family: Family, id: str) -> Json:
    record = family.records[id]
    mine = [one for one in family.records.values() if one.state is RecordState.LIVE and one.id != id]
    known = {**tx.families.records(family.workspace, words.referred(family.records.values())), **family.records}
    kept = tx.scores.of_all([one.id for one in mine if one.kind is Kind.APPLICATION])
    connections = words.connection_names(tx, family.workspace)
    by_kind: dict[str, list[Json]] = {}
    for one in mine:
        said = _record(one, known)
        if one.kind is Kind.APPLICATION:
            newest = kept.get(one.id)
            said["score"] = _score(newest[0]) if newest else None
        by_kind.setdefault(f"{one.kind}s", []).append(said)
    return {
        **_record(record, known),
        "name": words.title(record),
        **by_kind,
        "links": [
            {
                "connection": connections.get(link.connection, ""),
                "kind": str(link.kind),
                "external": link.external,
                "record": link.record,
                "state": str(link.state),
            }
            for link in family.links.values()
        ],
        "waiting": [_write(write, connections) for write in family.writes.values()],
        "reviews": [_review(one, connections, "").model_dump() for one in family.reviews.values()],
    }


def _record(record: Record, known: Mapping[str, Record]) -> Json:
    shown = {name: value for name, value in record.fields.items() if not is_secret(record.kind, name)}
    return {
        "id": record.id,
        "kind": str(record.kind),
        "state": str(record.state),
        "fields": {name: plain(value) for name, value in shown.items()},
        "names": {
            name: words.shown(record.kind, name, value, known)
            for name, value in shown.items()
            if isinstance(value, str) and value in known
        },
        "sources": {
            name: {
                "origin": source.origin,
                "actor_kind": str(source.actor.kind),
                "actor": source.actor.name,
                "cause": source.cause,
                "at": source.at,
            }
            for name, source in record.sources.items()
        },
    }


def plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return {key: plain(one) for key, one in value.items()} if isinstance(value, Mapping) else value


def _score(score: scores.Score) -> Json:
    return {
        "score": score.score,
        "rubric_version": score.version,
        "at": score.at,
        "stale": score.stale,
        **plain(score.body),
    }


@router.post("/candidates/{id}/apart", tags=["candidates"], summary="Tell apart what was joined")
async def apart(at: ReviewsWrite, id: str) -> Done:
    """Undo a join: `id` is the record that was joined into another. It is a person of its own again; what still exists
    of it goes back to it, and nothing is written to a system because of it."""
    await at.app.joins.apart(id, at.program.actor)
    return Done()


@router.get("/applications/{id}/score", tags=["candidates"], summary="A score, its parts, and what they quote")
async def score(at: CandidatesRead, id: str) -> Json:
    def read(tx: Tx) -> Json:
        show_candidate.of_application(tx, at.workspace, id)
        found = tx.scores.of(id)
        if found is None:
            raise NotFoundError(
                "This application has no score yet.", hint="It has one once its CV and its job are read."
            )
        return _score(found)

    return await at.web.look(read)


@router.get("/records/{id}/history", tags=["candidates"], summary="Why does it say this?")
async def history(
    at: CandidatesRead, id: str, field: str = "", limit: Limit = 50, before: datetime | None = None
) -> Json:
    """Every change of a record, with actor and cause, newest first; `before` pages on."""
    maps = at.web.maps()

    def read(tx: Tx) -> Json:
        found = show_timeline.of_record(tx, at.workspace, id, field, before, maps)
        items = [
            {
                "at": one.at,
                "what": one.here or one.there,
                "direction": str(one.way),
                "field": change.field if change else "",
                "old": plain(change.old) if change else None,
                "new": plain(change.new) if change else None,
                "actor": one.actor,
                "actor_kind": one.actor_kind,
                "cause": one.cause,
                "why": one.why,
                "connection": one.connection,
                "request": asdict(one.exchange) if one.exchange else None,
            }
            for one in found.moments
            for change in (one.changes or (None,))
        ]
        more = len(items) > limit or bool(found.next)
        return {
            "subject": found.subject,
            "items": items[:limit],
            "connections": at.labels,
            "next": items[:limit][-1]["at"] if items and more else None,
        }

    return await at.web.look(read)


# ------------------------------------------------------------------------------------------------------------ jobs


@router.get("/jobs", tags=["jobs"], summary="Jobs, those with most applicants nobody has looked at first")
async def jobs(at: JobsRead, q: str = "", status: str = "open", after: str = "") -> Jobs:
    counted = await at.web.look(lambda tx: show_job.rows(tx, at.workspace))
    view = show_job.page_of(counted, q=q, status=status, sort="-unseen", after=after)
    items = [
        Job(
            id=row.id,
            title=row.title,
            status=row.status,
            department=row.department,
            applicants=row.applicants,
            scored=row.scored,
            not_looked_at=row.unseen,
        )
        for row in view.rows
    ]
    return Jobs(items=items, next=items[-1].id if view.paging.next else None)


@router.get("/jobs/{id}", tags=["jobs"], summary="One job with its rubric and stages")
async def job(at: JobsRead, id: str) -> Json:
    def read(tx: Tx) -> Json:
        record = tx.families.records(at.workspace, [id]).get(id)
        if record is None or record.kind is not Kind.JOB:
            raise NotFoundError("There is no such job.", hint="List them: /api/v1/jobs?status=all")
        family = tx.families.family(record.family)
        known = tx.families.records(at.workspace, words.referred([record]))
        rubric = tx.scores.rubric(id)
        return {
            **_record(record, known),
            "title": words.title(record),
            "stages": [
                {
                    "id": one.id,
                    "name": words.title(one),
                    "order": one.fields.get("order"),
                    "type": one.fields.get("type") or stages.propose(words.title(one)),
                }
                for one in family.children(id, Kind.STAGE)
                if one.state is RecordState.LIVE
            ],
            "rubric": {"version": rubric.version, "at": rubric.at, "stale": rubric.stale, **plain(rubric.body)}
            if rubric
            else None,
        }

    return await at.web.look(read)


@router.get("/jobs/{id}/applicants", tags=["jobs"], summary="A job's applicants, the best score first")
async def applicants(at: CandidatesRead, id: str, after: str = "") -> Ranking:
    view = await at.web.look(lambda tx: show_job.page(tx, at.workspace, id, after))
    items = [
        RankedApplicant(
            rank=one.rank,
            application=one.application,
            candidate=one.candidate,
            name=one.name,
            stage=one.stage,
            status=one.status,
            score=one.score,
            looked_at=one.seen,
            applied=one.applied,
        )
        for one in view.applicants
    ]
    return Ranking(items=items, next=show_job.after_of(view.paging.next) or None if view.paging.next else None)


# --------------------------------------------------------------------------------------------------------- reviews


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
    return dict(await at.app.erasures.backup(body.file, body.days, at.program.actor))


@router.get("/erasures", tags=["erasure"], summary="Erasures, the newest first")
async def erasures(at: AuditRead, limit: Limit = 50) -> Json:
    return {"items": [_erasure(one) for one in await at.app.erasures.recent(limit)]}


@router.get("/erasures/{id}", tags=["erasure"], summary="How far an erasure is, and its certificate once it is done")
async def erasure(at: AuditRead, id: str) -> Json:
    return _erasure(await at.app.erasures.get(id))


@router.get("/reviews", tags=["reviews"], summary="What waits for a person")
async def reviews(at: ReviewsRead, kind: str = "", limit: Limit = 50, after: str = "") -> Reviews:
    def read(tx: Tx) -> Reviews:
        rows = tx.pages.reviews(at.workspace, kind=kind, before=after or END, limit=limit + 1)
        names = words.connection_names(tx, at.workspace)
        items = [_review(one.review, names, one.name) for one in rows[:limit]]
        return Reviews(items=items, connections=at.labels, next=items[-1].id if len(rows) > limit else None)

    return await at.web.look(read)


@router.post("/reviews/{id}/decide", tags=["reviews"], summary="Answer a review")
async def decide(at: ReviewsWrite, id: str, body: Decision) -> Done:
    """In the name of the person whose key it is. `answer` is one of the item's `answers`. What erases people needs a
    key with the scope admin."""
    if not at.program.may(Scope.ADMIN) and await at.web.look(lambda tx: show_review.erases(tx, at.workspace, id)):
        raise ForbiddenError("This answer may erase people.", hint="Use a key that has the scope admin.")
    await at.app.changes.decide(id, body.answer, at.program.actor, frozen(body.value))
    return Done()


def frozen(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(frozen(one) for one in value)
    return {str(key): frozen(one) for key, one in value.items()} if isinstance(value, dict) else value


def _review(review: Review, names: Mapping[str, str], name: str) -> ReviewItem:
    return ReviewItem(
        id=review.id,
        kind=review.kind,
        what=show_review.headline(review),
        record=review.record,
        connection=names.get(review.connection or "", ""),
        field=review.field,
        name=name,
        at=review.at,
        detail=plain(review.detail),
        answers=[one.value for one in show_review.answers(review, "")],
    )


def _write(write: Write, names: Mapping[str, str]) -> Json:
    return {
        "id": write.id,
        "connection": names.get(write.connection, ""),
        "record": write.record,
        "call": write.call,
        "fields": sorted(write.fields),
        "state": str(write.state),
        "tries": write.tries,
        "why": write.why,
        "at": write.at,
    }


# ----------------------------------------------------------------------------------------------------------- audit


@router.get("/audit", tags=["audit"], summary="Audit entries, newest first")
async def audit(at: AuditRead, limit: Limit = 50, after: Annotated[int, Query(ge=0)] = 0) -> AuditPage:
    def read(tx: Tx) -> list[Line]:
        return tx.audit.page(at.workspace, before=after or LAST, limit=limit + 1)

    lines = await at.web.look(read)
    items = [
        AuditEntry(
            id=one.id,
            position=one.position,
            at=one.at,
            action=one.action,
            actor_kind=one.actor_kind,
            actor=one.actor_id,
            connection=one.connection,
            record=one.record,
            detail=plain(one.detail),
            values=dict(one.values),
            digest=one.digest,
        )
        for one in lines[:limit]
    ]
    return AuditPage(items=items, connections=at.labels, next=str(items[-1].id) if len(lines) > limit else None)


@router.get("/audit/verify", tags=["audit"], summary="Walk the whole chain")
async def verify(at: AuditRead) -> Json:
    verdict = await at.app.trail.verify()
    await at.app.desk.note(at.program.actor, "audit verified", detail={"entries": verdict.entries, "whole": verdict.ok})
    return {**asdict(verdict), "ok": verdict.ok}


@router.get("/audit/export", tags=["audit"], summary="A file that an outsider can verify without Bascule")
async def export(
    at: AuditRead,
    candidate: str = "",
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
) -> Json:
    """Of one candidate, or of a time."""
    if not candidate and since is None:
        raise InputError("Name a candidate, or a time from which.", hint="?candidate=ID or ?from=2026-11-01T00:00:00Z")
    stop = until or at.app.runtime.now()
    start = since or stop - timedelta(days=30)
    if start.tzinfo is None or stop.tzinfo is None:
        raise InputError("Times need a zone.", hint="Write them like 2026-11-01T00:00:00Z.")
    await at.app.desk.note(
        at.program.actor,
        "audit exported",
        detail={"candidate": candidate, "from": start.isoformat(), "to": stop.isoformat()},
    )
    found = await at.app.trail.export(
        at.workspace, candidate=candidate or None, since=None if candidate else start, until=None if candidate else stop
    )
    return json.loads(json.dumps(found, default=str))


# ------------------------------------------------------------------------------------------------------------- admin


@router.get("/doctor", tags=["admin"], summary="What is wrong, and what mends it")
async def doctor(at: Admin) -> Json:
    return {"findings": [one.as_json() for one in await at.app.health.examine(at.app.workspace)]}


class Keeping(BaseModel):
    """How many days each kind is kept: 0 not at all, null as long as its person. What is left out stays."""

    days: dict[str, int | None] = Field(min_length=1, description="raw, payload, resume, text -> days.")


@router.get("/retention", tags=["admin"], summary="How long raw objects, webhook bodies, CVs and their text are kept")
async def retention(at: Admin) -> Json:
    return {"items": [asdict(one) for one in await at.app.retention.told()], "next": None}


@router.post("/retention", tags=["admin"], summary="Choose how long they are kept")
async def keep(at: Admin, body: Keeping) -> Json:
    """New content obeys at once; what is there already goes at the next tidying, within the hour."""
    kept = await at.app.retention.choose(body.days, at.program.actor)
    return {"items": [asdict(one) for one in kept], "next": None}


class RetentionRule(BaseModel):
    """How long people are kept whose applications are all closed without a hire."""

    on: bool = False
    months: int = Field(default=12, description="Since the last application was closed.")
    statuses: list[str] = Field(default=["rejected"], description="rejected, withdrawn")
    tags: list[str] = Field(default=[], description="Tags that tell of a consent to be kept.")
    field: str = Field(default="", description="A custom field of the candidate that tells of it: a day, or a yes.")
    agree: int | None = Field(default=None, description="How many would be erased now, as seen; needed to turn it on.")

    def rule(self) -> Rule:
        unknown = set(self.statuses) - set(Status)
        if unknown:
            raise InputError(f"There is no status {sorted(unknown)[0]!r}.", hint="rejected, withdrawn")
        return Rule(self.on, self.months, frozenset(map(Status, self.statuses)), tuple(self.tags), self.field)


def _waiting(found: Waiting) -> Json:
    first = [{"candidate": one.record, "name": one.name, "closed": one.closed} for one in found.first]
    return {"rule": stored(found.rule), "count": found.count, "items": first, "next": None}


@router.get("/retention/due", tags=["erasure"], summary="Who would be erased now by the rule in force; nothing is done")
async def retention_due(at: Admin, limit: Limit = 50) -> Json:
    return _waiting(await at.app.retention.due(limit=limit))


@router.post("/retention/due", tags=["erasure"], summary="Who would be erased now by another rule; nothing is done")
async def retention_if(at: Admin, body: RetentionRule, limit: Limit = 50) -> Json:
    return _waiting(await at.app.retention.due(body.rule(), limit))


@router.post("/retention/rule", tags=["erasure"], summary="Set the rule by which people are erased, once a day")
async def retention_rule(at: Admin, body: RetentionRule) -> Json:
    return _waiting(await at.app.retention.set_rule(body.rule(), at.program.actor, agree=body.agree))


@router.post("/login-links", tags=["admin"], summary="A link that logs a user in once")
async def login_link(at: Admin, body: WhoLogsIn) -> Json:
    return {"url": await at.app.doors.login_link(body.email)}


@router.post("/keys/rotate", tags=["admin"], summary="Wrap every key with a new master key")
async def rotate(at: Admin) -> Json:
    return {"rewrapped": await at.app.keys.rotate(at.program.actor)}


def _key(after: str, parts: int) -> list[Any] | None:
    """A page's key, as `next` gave it. InputError if it is none of ours."""
    if not after:
        return None
    try:
        key = json.loads(after)
    except ValueError:
        key = None
    if not isinstance(key, list) or len(key) != parts:  # pyright: ignore[reportUnknownArgumentType]
        raise InputError("`after` is not a key of this list.", hint="Give back what `next` said.")
    return key  # pyright: ignore[reportUnknownVariableType]


def _next(rows: list[Any], limit: int, key: Callable[[Any], list[Any]]) -> str | None:
    return json.dumps(key(rows[limit - 1])) if len(rows) > limit else None
