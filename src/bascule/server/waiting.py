"""`/api/v1`, what waits: tasks; failures, looked at, mended, replayed and given up; push and pull, which do it now."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from bascule.errors import NotFoundError
from bascule.model import Reason
from bascule.office.failures import MEND, Chosen, mend
from bascule.office.incidents import open_jobs, report
from bascule.office.tasks import Task as FoundTask
from bascule.office.tasks import TaskKind, Wanted
from bascule.store import Tx
from bascule.store.families import read_write
from bascule.store.incidents import Incident as FoundIncident
from bascule.store.queries import Failure as Found

from .api import KEY, Caller, CandidatesRead, ConnectionsRead, Done, Json, Labelled, Limit, calling, frozen
from .roles import Scope
from .show import sql, words
from .show import timeline as show_timeline

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

    return await at.web.look(read)


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

    def read(tx: Tx) -> FailureWhole:
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
        )

    return await at.web.look(read)


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


# --------------------------------------------------------------------------------------------------- push and pull


class Named(BaseModel):
    """What to push or pull: a record or job by its id, or a connection by its name."""

    target: str = Field(min_length=1)
    connection: str = Field("", description="Only at this connection.")


class Pushed(Named):
    differences: bool = Field(False, description="Write also over what was settled as it is (a record or a job).")
    create: bool = Field(False, description="Create it also where it is not there yet (a record or a job).")


class Asked(BaseModel):
    count: int = Field(description="Objects or lists to read; families to write.")
    connections: list[str]


class Left(BaseModel):
    reads: int
    writes: int
    held: int = Field(description="Writes that a mode or a gate holds.")
    failures: int


Operates = Annotated[Caller, Depends(calling(Scope.CONNECTIONS_WRITE))]
Looks = Annotated[Caller, Depends(calling(Scope.STATUS_READ))]


@router.post("/pull", tags=["connections"], summary="Read a record, a job or a connection now")
async def pull(at: Operates, body: Named) -> Asked:
    """The usual way, only now; no webhook is needed."""
    made = await at.app.runs.pull(body.target, at.program.actor, connection=body.connection)
    return Asked(count=made.count, connections=list(made.connections))


@router.post("/push", tags=["connections"], summary="Write a record, a job or a connection now")
async def push(at: Operates, body: Pushed) -> Asked:
    """What is owed, through the same gates."""
    made = await at.app.runs.push(
        body.target, at.program.actor, connection=body.connection, differences=body.differences, create=body.create
    )
    return Asked(count=made.count, connections=list(made.connections))


@router.get("/waiting", tags=["looking"], summary="What is still on its way for a record, a job or a connection")
async def waiting(at: Looks, target: str, connection: str = "") -> Left:
    left = await at.app.runs.left(target, connection=connection)
    return Left(reads=left.reads, writes=left.writes, held=left.held, failures=left.failures)


# ------------------------------------------------------------------------------------------------------------ tasks

TasksRead = Annotated[Caller, Depends(calling(Scope.TASKS_READ))]
TasksWrite = Annotated[Caller, Depends(calling(Scope.TASKS_WRITE))]


class Task(BaseModel):
    id: str
    kind: TaskKind
    what: str
    connection: str
    since: datetime
    due: datetime
    overdue: bool
    assignee: str = Field(description="Id of the user who does it: the connection's owner unless another was named.")
    assignee_name: str
    count: int
    snoozed: datetime | None
    escalated: datetime | None = Field(description="Since when everybody is shown it, as nobody did it in time.")
    step: str = Field(description="What to do about it.")
    next: str = Field(description="The command that deals with it.")
    href: str = Field(description="The page it is dealt with on.")


class TaskList(Labelled):
    items: list[Task]
    overdue: int = Field(description="Of all that match, on whatever page.")
    next: str | None


class Incident(BaseModel):
    """A time in which a system was down."""

    id: int
    connection: str
    began: datetime
    ended: datetime | None = Field(description="None while it lasts.")
    why: str
    families: list[str] = Field(description="Whose writes or reads waited; of one that lasts, so far.")
    late: int = Field(description="How many those are.")
    reads: int = Field(description="Objects that were to be read when it ended.")
    left: int = Field(description="How many of the families still wait for what was due while it lasted.")
    open_jobs: int = Field(description="How many open requisitions it touches: what its urgency follows.")


class LateWrite(BaseModel):
    """A call that was due while the system was down."""

    write: str
    record: str
    what: str = Field(description="move (a stage or a rejection), message (a note) or value.")
    call: str
    fate: str = Field(description="arrived, waits, or missed: a failure, given up, or overtaken.")
    due: datetime
    arrived: datetime | None


class LateCandidate(BaseModel):
    """Somebody whose writes or reads waited."""

    record: str
    name: str
    jobs: list[str] = Field(description="Those applied to by id, the open ones first.")
    urgent: bool = Field(description="An open requisition is touched.")
    score: float | None
    high: bool = Field(description="Among the best tenth of a job's scored applicants, or its best.")
    writes: list[LateWrite]


class IncidentReport(Incident):
    """What an incident did, candidates of open requisitions first, of those the best."""

    candidates: list[LateCandidate]
    high: int = Field(description="How many of the best waited.")
    unnamed: int = Field(description="Further families: jobs, people who are gone, or beyond what is named.")


class Incidents(Labelled):
    items: list[Incident]


class Assigned(BaseModel):
    """What is said about a task; what is left out stays."""

    id: str
    assignee: str | None = Field(None, description='A user by id or e-mail; "" for the owner.')
    due: datetime | None = None
    snoozed: datetime | None = Field(None, description="Not shown before.")


class TaskId(BaseModel):
    id: str


def _task(at: Caller, one: FoundTask, people: dict[str, str]) -> Task:
    return Task(
        **{name: getattr(one, name) for name in Task.model_fields if name not in ("overdue", "assignee_name")},
        overdue=one.due < at.app.runtime.now(),
        assignee_name=people.get(one.assignee, one.assignee),
    )


@router.get("/incidents", tags=["connections"], summary="When systems were down, and whose changes were late")
async def incidents(at: ConnectionsRead, connection: str = "", limit: Limit = 50) -> Incidents:
    """The newest first, of outages of half a minute and more."""
    id = at.app.connections.named(connection, at.workspace).id if connection else ""
    found = await at.web.look(lambda tx: tx.incidents.list(at.workspace, connection=id, limit=limit))
    jobs = await at.web.look(lambda tx: open_jobs(tx, at.workspace, found))
    items = [Incident(**_incident(at, one, jobs[one.id])) for one in found]
    return Incidents(items=items, connections=at.labels)


@router.get("/incidents/{id}", tags=["connections"], summary="What one incident did: who and what was late or missed")
async def incident(at: CandidatesRead, id: int) -> IncidentReport:
    """Candidates with their messages and moves, those of open requisitions first, of those the best."""
    told = await at.web.look(lambda tx: report(tx, at.workspace, id))
    late = [
        LateCandidate(
            record=one.record, name=one.name, jobs=[job.id for job in one.jobs], urgent=one.urgent, score=one.score,
            high=one.high, writes=[LateWrite(**asdict(write)) for write in one.writes],
        )
        for one in told.late
    ]  # fmt: skip
    return IncidentReport(
        **_incident(at, told.incident, told.open_jobs), candidates=late, high=told.high, unnamed=told.unnamed
    )


def _incident(at: Caller, one: FoundIncident, jobs: int) -> dict[str, Any]:
    known = at.app.connections.known(one.connection)
    return {
        "id": one.id, "connection": known.row.name if known is not None else one.connection, "began": one.began,
        "ended": one.ended, "why": one.why, "families": list(one.families), "late": len(one.families),
        "reads": one.reads, "left": one.left, "open_jobs": jobs,
    }  # fmt: skip


@router.get("/tasks", tags=["tasks"], summary="What waits for a person, the most urgent first")
async def tasks(
    at: TasksRead,
    kind: TaskKind | None = None,
    connection: str = "",
    assignee: str = "",
    overdue: bool = False,
    every: bool = False,
    limit: Limit = 50,
    after: str = "",
) -> TaskList:
    """Reviews, failures by class, gaps, notices, stopped work and mappings to look at. `every`: sleeping ones too."""
    wanted = Wanted(kind, connection, assignee, overdue, every)

    def read(tx: Tx) -> TaskList:
        people = dict(words.people(tx, at.workspace))
        found = at.app.tasks.listed(tx, wanted)
        rest = [one for one in found if one.place > after]
        return TaskList(
            items=[_task(at, one, people) for one in rest[:limit]],
            overdue=at.app.tasks.tally(found).overdue,
            connections=at.labels,
            next=rest[limit - 1].place if len(rest) > limit else None,
        )

    return await at.web.look(read)


@router.post("/tasks/assign", tags=["tasks"], summary="Who does a task, by when, or not before")
async def assign(at: TasksWrite, body: Assigned) -> Task:
    """All of what is said, or nothing of it."""
    (made,) = await at.app.tasks.say(
        [body.id], at.program.actor, assignee=body.assignee, due=body.due, snoozed=body.snoozed
    )
    return await at.web.look(lambda tx: _task(at, made, dict(words.people(tx, at.workspace))))


@router.post("/tasks/done", tags=["tasks"], summary="A task is dealt with")
async def task_done(at: TasksWrite, body: TaskId) -> Done:
    """A notice is closed, stopped work starts again, a mapping was looked at; others end with what they are about."""
    await at.app.tasks.done(body.id, at.program.actor)
    return Done()
