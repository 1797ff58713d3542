"""`/api/v1/tasks`: what waits for a person, whose it is, and by when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.hiring.absences import Absence
from bascule.office.tasks import Task as FoundTask
from bascule.office.tasks import TaskKind, Wanted
from bascule.store import Tx

from ..roles import Scope
from ..show import words
from .caller import KEY, Caller, Done, Json, Labelled, Limit, calling

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)])

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
    instead_of: str = Field(description="Id of the user whose it is, where they are away and the assignee acts.")
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

    found = await at.web.look(read)
    await at.listed("tasks listed", len(found.items))
    return found


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


class AwayOf(BaseModel):
    """Who is away, who acts for them, from when (now, where it is left out) until when."""

    person: str = Field(description="A user by id or e-mail.")
    deputy: str = Field(description="A user by id or e-mail.")
    since: datetime | None = None
    until: datetime


def _away(one: Absence) -> Json:
    return {
        "person": one.person, "deputy": one.deputy, "since": one.since.isoformat(), "until": one.until.isoformat(),
    }  # fmt: skip


@router.get("/absences", tags=["tasks"], summary="Who is away, or will be, and who acts for them")
async def absences(at: TasksRead) -> Json:
    return {"items": [_away(one) for one in await at.app.absences.list()], "next": None}


@router.put("/absences", tags=["tasks"], summary="Somebody is away: tasks and letters about decisions go to the deputy")
async def enter_absence(at: TasksWrite, body: AwayOf) -> Json:
    """A person has one absence at a time: a new one takes the place of the old."""
    return _away(await at.app.absences.set(body.person, body.deputy, body.since, body.until, at.program.actor))


@router.delete("/absences/{person}", tags=["tasks"], summary="They are back, or do not go")
async def end_absence(at: TasksWrite, person: str) -> Json:
    await at.app.absences.end(person, at.program.actor)
    return {"person": person}
