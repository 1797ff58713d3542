"""What waits for a person, whatever it is: who does it, by when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError
from bascule.office.tasks import TaskKind, Wanted

from ..desk import Desk, acting, local_path, seeing
from ..rendering import count
from ..roles import Right
from ..show import tasks
from .looks import listed

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.LOOK))]
Take = Annotated[Desk, Depends(acting(Right.DECIDE))]
Operate = Annotated[Desk, Depends(acting(Right.OPERATE))]
EVENING = time(17)  # a due day ends then, UTC


@router.get("/tasks")
async def page(
    at: Look, kind: str = "", connection: str = "", assignee: str = "", overdue: str = "", every: str = "",
    after: str = "",
) -> Response:  # fmt: skip
    await listed(at, "tasks listed")
    chosen = TaskKind(kind) if kind in set(TaskKind) else None
    wanted = Wanted(chosen, connection, assignee, bool(overdue), bool(every))
    now = at.app.runtime.now()
    view = await at.look(lambda tx: tasks.page(tx, at.app.tasks, at.workspace, wanted, after, now))
    may = replace(view, may=at.may(Right.DECIDE), ending=at.may(Right.OPERATE))
    return await at.page("tasks.html", may)


@router.post("/tasks")
async def say(at: Take) -> Response:
    """Who does the chosen tasks, by which day, or not shown before which day: all of them or none."""
    chosen = at.all_given("task")
    if not chosen:
        raise InputError("No task was chosen.", hint="Tick those it is about.")
    who = at.given("assignee")
    assignee = None if not who else "" if who == "owner" else who
    await at.app.tasks.say(chosen, at.actor, assignee=assignee, due=_day(at, "due"), snoozed=_day(at, "snoozed"))
    return at.done(_back(at), f"{count(len(chosen), 'task')} changed.")


@router.post("/tasks/done")
async def done(at: Operate) -> Response:
    await at.app.tasks.done(at.given("id"), at.actor)
    return at.done(_back(at), "Done.")


@router.post("/tasks/away")
async def away(at: Take) -> Response:
    """Somebody is away from one day to another, both of them too, and who acts meanwhile."""
    since, until = _day(at, "since"), _day(at, "until")
    if until is None:
        raise InputError("Say the last day.", hint="Write it like 2026-12-24.")
    begins = datetime.combine(since.date(), time(), UTC) if since is not None else None
    ends = datetime.combine(until.date(), time(), UTC) + timedelta(days=1)
    await at.app.absences.set(at.given("person"), at.given("deputy"), begins, ends, at.actor)
    return at.done("/tasks", "Entered. What is theirs goes to the deputy meanwhile.")


@router.post("/tasks/back")
async def back(at: Take) -> Response:
    await at.app.absences.end(at.given("person"), at.actor)
    return at.done("/tasks", "Ended. What is theirs is with them again.")


def _back(at: Desk) -> str:
    return local_path(at.given("back"), "/tasks")


def _day(at: Desk, name: str) -> datetime | None:
    """The end of a day's work. InputError if it is none."""
    given = at.given(name)
    try:
        return datetime.combine(datetime.fromisoformat(given).date(), EVENING, UTC) if given else None
    except ValueError:
        raise InputError(f"{given!r} is not a day.", hint="Write it like 2026-11-22.") from None
