"""`bascule tasks`: what waits for a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from bascule.office.tasks import TaskKind

from . import DATA, JSON, emit, fail, out, reached, table
from .reach import Reach

app = typer.Typer(no_args_is_help=True, help="What waits for a person: who does it, by when.")

TASK = Annotated[str, typer.Argument(help="Id of a task, as `tasks list` names it.")]


@app.command("list")
def tasks_list(
    kind: Annotated[TaskKind | None, typer.Option(help="Only this kind.")] = None,
    connection: Annotated[str, typer.Option(help="Only this connection.")] = "",
    assignee: Annotated[str, typer.Option(help="Only those of this user (e-mail).")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that should be done by now.")] = False,
    every: Annotated[bool, typer.Option("--every", help="Sleeping ones too.")] = False,
    limit: Annotated[int, typer.Option(help="How many at most.")] = 100,
    after: Annotated[str, typer.Option(help="Go on behind this (`next` of the last answer).")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What waits for a person, the most urgent first. Exit 1 when something is overdue."""
    query = {"connection": connection, "assignee": assignee, "limit": str(limit), "after": after}
    query |= {"kind": str(kind)} if kind else {}
    query |= {name: "true" for name, on in (("overdue", overdue), ("every", every)) if on}
    found = reached(data, lambda reach: reach.get("/tasks", **query))

    def show() -> None:
        rows = table("task", "what", "connection", "who", "since", "due", "next")
        for one in found["items"]:
            due = one["due"][:16] + (" overdue" if one["overdue"] else "") + (" escalated" if one["escalated"] else "")
            what = one["what"] + (f" ({one['count']})" if one["count"] > 1 else "")
            next_step = one["next"] or f"page {one['href']}"
            rows.add_row(one["id"], what, one["connection"], one["assignee_name"], one["since"][:16], due, next_step)
        out.print(rows if found["items"] else "Nothing waits for anybody.")
        if found["next"]:
            out.print(f"There are more: --after '{found['next']}'", highlight=False)

    emit(found, as_json, show)
    if found["overdue"]:
        raise typer.Exit(1)


@app.command("assign")
def tasks_assign(
    task: TASK,
    who: Annotated[str, typer.Argument(help='E-mail of a user; "" for the connection\'s owner.')],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Somebody else does it."""
    _say(data, as_json, {"id": task, "assignee": who})


@app.command("due")
def tasks_due(
    task: TASK, at: Annotated[datetime, typer.Argument(help="UTC.")], data: DATA = None, as_json: JSON = False
) -> None:
    """It is to be done by then."""
    _say(data, as_json, {"id": task, "due": _utc(at)})


@app.command("snooze")
def tasks_snooze(
    task: TASK, until: Annotated[datetime, typer.Argument(help="UTC.")], data: DATA = None, as_json: JSON = False
) -> None:
    """Not shown before then."""
    _say(data, as_json, {"id": task, "snoozed": _utc(until)})


@app.command("done")
def tasks_done(task: TASK, data: DATA = None, as_json: JSON = False) -> None:
    """It is dealt with: a notice is closed, stopped work starts again, a mapping has been looked at."""
    made = reached(data, lambda reach: reach.post("/tasks/done", {"id": task}))
    emit(made, as_json, lambda: out.print("Done."))


def _say(data: Any, as_json: bool, body: dict[str, Any]) -> None:
    made = reached(data, lambda reach: reach.post("/tasks/assign", body))
    who = made["assignee_name"] or "nobody"
    emit(made, as_json, lambda: out.print(f"{made['what']}: {who}, due {made['due'][:16]}.", highlight=False))


def _utc(at: datetime) -> str:
    return at.replace(tzinfo=at.tzinfo or UTC).isoformat()


@app.command("away")
def tasks_away(
    who: Annotated[str, typer.Argument(help="E-mail of a user; without one, who is away is listed.")] = "",
    deputy: Annotated[str, typer.Option(help="E-mail of who acts for them.")] = "",
    until: Annotated[datetime | None, typer.Option(help="Until when, UTC.")] = None,
    since: Annotated[datetime | None, typer.Option(help="From when, UTC; without it, from now.")] = None,
    back: Annotated[bool, typer.Option("--back", help="They are back, or do not go.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Who is away, and who acts: tasks and letters about decisions go to the deputy meanwhile."""
    if who and not back and (not deputy or until is None):
        fail("An absence needs --deputy and --until; --back ends one.")

    async def go(reach: Reach) -> Any:
        if who and back:
            await reach.delete(f"/absences/{who}")
        elif who and until is not None:
            times = {"since": since.replace(tzinfo=UTC).isoformat()} if since else {}
            ends = until.replace(tzinfo=UTC).isoformat()
            await reach.put("/absences", {"person": who, "deputy": deputy, "until": ends, **times})
        return await reach.get("/absences")

    found = reached(data, go)

    def show() -> None:
        rows = table("who", "deputy", "from", "until")
        for one in found["items"]:
            rows.add_row(one["person"], one["deputy"], one["since"][:16], one["until"][:16])
        out.print(rows if found["items"] else "Everybody is here.")

    emit(found, as_json, show)
