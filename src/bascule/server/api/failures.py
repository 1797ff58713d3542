"""`/api/v1/failures`: looked at, mended, replayed and given up, one by one or many."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from bascule.errors import NotFoundError
from bascule.model import Reason
from bascule.office.failures import MEND, Chosen, mend
from bascule.store import Tx
from bascule.store.families import read_write
from bascule.store.queries import Failure as Found

from ..roles import Scope
from ..show import sql, words
from ..show import timeline as show_timeline
from .caller import KEY, Caller, Done, Json, Labelled, Limit, calling
from .values import frozen

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])

FailuresRead = Annotated[Caller, Depends(calling(Scope.FAILURES_READ))]
FailuresWrite = Annotated[Caller, Depends(calling(Scope.FAILURES_WRITE))]
Class = Annotated[Reason | None, Query(alias="class", description="A class of reason.")]


class Failure(BaseModel):
    id: str
    connection: str
    record: str
    name: str
    call: str
    fields: list[str] = Field(description="The system's names of what was to be written.")
    values: list[str] = Field(description="Our names of the same: what a replay may mend.")
    tries: int
    closed: datetime | None
    reason: Reason = Field(description="Its class, by what mends it.")
    why: str = Field(description="The system's own words.")
    hint: str = Field(description="What to do about it.")
    next: str = Field(description="The command to type for that.")


class Failures(Labelled):
    items: list[Failure]
    next: str | None


class Group(BaseModel):
    connection: str
    reason: Reason
    count: int
    since: datetime
    hint: str


class Groups(Labelled):
    items: list[Group]


class Happened(BaseModel):
    at: datetime
    what: str
    actor: str
    why: str


class FailureWhole(Failure, Labelled):
    """One failure with its record's history (no values: those stand under the record)."""

    state: str
    given_up: str = Field(description="Why a person discarded it.")
    asked_by: str
    cause: str
    history: list[Happened]


class Mended(BaseModel):
    values: dict[str, Any] = Field(
        default_factory=dict, description="Values of the record to mend first, by our names; made in your name."
    )


class Reasoned(BaseModel):
    reason: str = Field(min_length=1, max_length=2000)


class Several(BaseModel):
    """Which failures. `after` is the `next` of the last answer."""

    ids: list[str] = Field(default_factory=list, max_length=200)
    cls: Reason | None = Field(None, alias="class", description="A class of reason.")
    connection: str = ""
    field: str = Field("", description="A field's name, the system's or ours.")
    after: str = ""

    def chosen(self) -> Chosen:
        return Chosen(tuple(self.ids), self.cls, self.connection, self.field)


class SeveralGivenUp(Several):
    reason: str = Field(min_length=1, max_length=2000)


class Bulk(BaseModel):
    done: int
    refused: dict[str, str] = Field(description="Failure -> why it stayed as it is.")
    next: str | None


def _failure(at: Caller, one: Found, names: dict[str, str]) -> Failure:
    write, connection = one.write, names.get(one.write.connection, one.write.connection)
    needed = mend(write)
    return Failure(
        id=write.id,
        connection=connection,
        record=write.record,
        name=one.name,
        call=write.call,
        fields=sorted(write.fields),
        values=list(at.app.failures.canonical(write)),
        tries=write.tries,
        closed=write.closed,
        reason=write.reason or Reason.VENDOR,
        why=write.why,
        hint=needed.what,
        next=needed.command.format(id=write.id, connection=connection),
    )


@router.get("/failures", tags=["failures"], summary="Writes that will not succeed by themselves")
async def failures(
    at: FailuresRead, cls: Class = None, connection: str = "", field: str = "", limit: Limit = 50, after: str = ""
) -> Failures:
    """The newest first; of one `class`, one `connection`, or with one `field`."""
    chosen = Chosen((), cls, connection, field)

    def read(tx: Tx) -> Failures:
        rows = at.app.failures.listed(tx, chosen, after, limit + 1)
        names = dict(words.connection_names(tx, at.workspace))
        items = [_failure(at, one, names) for one in rows[:limit] if at.app.failures.concerns(one.write, field)]
        following = rows[limit - 1].write.id if len(rows) > limit else None
        return Failures(items=items, connections=at.labels, next=following)

    found = await at.web.look(read)
    await at.listed("failures listed", len(found.items))
    return found


@router.get("/failures/groups", tags=["failures"], summary="Failures counted by connection and class of reason")
async def groups(at: FailuresRead) -> Groups:
    """Each group is one thing to mend."""

    def read(tx: Tx) -> Groups:
        names = words.connection_names(tx, at.workspace)
        found = tx.pages.failure_groups(at.workspace)
        return Groups(
            connections=at.labels,
            items=[
                Group(
                    connection=names.get(one.connection, one.connection),
                    reason=one.reason,
                    count=one.count,
                    since=one.since,
                    hint=MEND[one.reason].what,
                )
                for one in sorted(found, key=lambda one: -one.count)
            ],
        )

    return await at.web.look(read)


@router.get("/failures/{id}", tags=["failures"], summary="One failure, with its record's history")
async def failure(at: FailuresRead, id: str) -> FailureWhole:
    maps = at.web.maps()

    def read(tx: Tx) -> tuple[FailureWhole, str]:
        found = tx.row(sql.WRITE, id=id, workspace=at.workspace)
        if found is None:
            raise NotFoundError("There is no such failure.", hint="List them: /api/v1/failures")
        write = read_write(tx.vault, found)
        person = tx.pages.names([found[0]]).get(found[0], "")
        names = dict(words.connection_names(tx, at.workspace))
        known = tx.families.record_family(write.record) is not None
        told = show_timeline.of_record(tx, at.workspace, write.record, "", None, maps).moments if known else ()
        return FailureWhole(
            **_failure(at, Found(write, found[0], person), names).model_dump(),
            state=str(write.state),
            given_up=write.given_up,
            asked_by=words.actor(write.actor, words.people(tx, at.workspace)),
            cause=write.cause,
            connections=at.labels,
            history=[Happened(at=one.at, what=one.here or one.there, actor=one.actor, why=one.why) for one in told],
        ), write.record

    found, record = await at.web.look(read)
    await at.listed("failure looked at", 1, record)
    return found


@router.post("/failures/replay", tags=["failures"], summary="Try several failures again")
async def replay_all(at: FailuresWrite, body: Several) -> Bulk:
    """By id, class of reason, connection or field; some at a time, go on with `next`."""
    made = await at.app.failures.replay_all(body.chosen(), at.program.actor, body.after)
    return Bulk(done=made.done, refused=dict(made.refused), next=made.next or None)


@router.post("/failures/discard", tags=["failures"], summary="Give several failures up, with a reason")
async def discard_all(at: FailuresWrite, body: SeveralGivenUp) -> Bulk:
    made = await at.app.failures.discard_all(body.chosen(), body.reason, at.program.actor, body.after)
    return Bulk(done=made.done, refused=dict(made.refused), next=made.next or None)


@router.post("/failures/{id}/replay", tags=["failures"], summary="Try a failure again, as it is or mended")
async def replay(at: FailuresWrite, id: str, body: Mended | None = None) -> Done:
    """It is rendered anew from the record as it is now, or as `values` make it."""
    values: Json = body.values if body else {}
    await at.app.failures.replay(id, at.program.actor, {name: frozen(value) for name, value in values.items()})
    return Done()


@router.post("/failures/{id}/discard", tags=["failures"], summary="Give a failure up, with a reason")
async def discard(at: FailuresWrite, id: str, body: Reasoned) -> Done:
    await at.app.failures.discard(id, body.reason, at.program.actor)
    return Done()
