"""Tasks as a page: what waits for a person, where, how long, by when, who does it, and the next step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bascule.hiring.absences import kept
from bascule.office.tasks import Task, TaskKind, Tasks, Wanted
from bascule.store import Tx

from ..rendering import query
from ..views.parts import Choice, Need, Paging, State, Tone
from ..views.tasks import Away, TaskList, TaskRow
from . import words

LIMIT = 100
KINDS: Mapping[TaskKind, str] = {
    TaskKind.FAILURES: "Failures",
    TaskKind.REVIEW: "Review",
    TaskKind.GAP: "Mapping gap",
    TaskKind.NOTICE: "Notice",
    TaskKind.STOPPED: "Stopped work",
    TaskKind.MAPPING: "Mapping to look at",
    TaskKind.APPLICANT: "Applicant",
    TaskKind.INTERVIEW: "Interview",
}


def page(tx: Tx, tasks: Tasks, workspace: str, wanted: Wanted, after: str, now: datetime) -> TaskList:
    """The most urgent first; `after` is where the page before ended."""
    found = tasks.listed(tx, wanted)
    rest = [one for one in found if one.place > after]
    people = words.people(tx, workspace)
    tally = tasks.tally(found)
    base = {
        "kind": str(wanted.kind or ""),
        "connection": wanted.connection,
        "assignee": wanted.assignee,
        "overdue": "1" if wanted.overdue else "",
        "every": "1" if wanted.every else "",
    }
    return TaskList(
        rows=tuple(row(one, people, now) for one in rest[:LIMIT]),
        open=tally.open,
        overdue=tally.overdue,
        escalated=tally.escalated,
        paging=Paging(
            next=query("/tasks", base, after=rest[LIMIT - 1].place) if len(rest) > LIMIT else "",
            first=query("/tasks", base) if after else "",
            total=len(found),
            query=base,
        ),
        kinds=tuple(Choice(kind, said, kind is wanted.kind) for kind, said in KINDS.items()),
        connections=tuple(
            Choice(name, name, name == wanted.connection) for name in words.connection_names(tx, workspace).values()
        ),
        people=tuple(
            Choice(user.id, user.name or user.email, user.id == wanted.assignee)
            for user in tx.people.users(workspace)
            if user.disabled is None
        ),
        away=_away(tx, workspace, people, now),
        late=wanted.overdue,
        every=wanted.every,
        narrowed=any(base.values()),
    )


def _away(tx: Tx, workspace: str, people: Mapping[str, str], now: datetime) -> tuple[Away, ...]:
    found = sorted((one for one in kept(tx, workspace).values() if one.until > now), key=lambda one: one.until)
    return tuple(
        Away(x.person, people.get(x.person, ""), people.get(x.deputy, ""), x.since, x.until, x.holds(now))
        for x in found
    )


def row(one: Task, people: Mapping[str, str], now: datetime) -> TaskRow:
    return TaskRow(
        id=one.id,
        kind=KINDS[one.kind],
        what=one.what,
        connection=one.connection,
        assignee=people.get(one.assignee, ""),
        instead_of=people.get(one.instead_of, ""),
        since=one.since,
        due=one.due,
        state=_state(one, now),
        step=one.step,
        href=one.href,
        count=one.count,
        ends=one.ends,
        sleeps=one.snoozed if one.snoozed is not None and one.snoozed > now else None,
    )


def _state(one: Task, now: datetime) -> State:
    if one.due >= now:
        return State("Due", Tone.WAITING)
    if one.escalated is not None:
        return State("Escalated", Tone.FAILING, one.escalated, "Nobody did it in time, so that everybody is shown it.")
    return State("Overdue", Tone.FAILING)


def need(one: Task) -> Need:
    """A task that nobody did in time, as a line of what needs somebody."""
    return Need(f"Escalated: {one.what}", one.connection, one.href or "/tasks?overdue=1", one.since, Tone.FAILING)
