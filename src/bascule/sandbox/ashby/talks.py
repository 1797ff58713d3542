"""Interviews as they are scheduled, and what interviewers say."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..kit.tables import Actor, Row
from .errors import invalid, missing
from .sandbox import Sandbox


def schedule(
    sandbox: Sandbox, actor: Actor, application_id: Any, events: list[dict[str, Any]], *, key: Any = None
) -> Row:  # fmt: skip
    """An interview schedule with its events, by an API key or by a person; told as created and as updated."""
    row = sandbox.row("applications", application_id, "application")
    made = sandbox.db.create("schedules", actor, application_id=row["id"], candidate_id=row["candidate_id"],
                             stage_id=row["stage_id"], status="Scheduled", user_id=actor.user_id,
                             key_id=key)  # fmt: skip
    for one in events:
        sandbox.db.create("events", actor, schedule_id=made["id"], answered=False, **one)
    tell_schedule(sandbox, made, "interviewScheduleCreate", "interviewScheduleUpdate")
    return made


def reschedule(
    sandbox: Sandbox, actor: Actor, row: Row, events: list[tuple[Any, dict[str, Any]]], cancelled: list[Any]
) -> Row:  # fmt: skip
    """Events of a schedule added, changed (by their ids), or taken away."""
    if row["status"] == "Cancelled":
        raise invalid("This interview schedule is cancelled", "interviewScheduleId")
    known = {one["id"]: one for one in sandbox.db["events"].where("schedule_id", row["id"])}
    if missed := {id for id, _ in events if id is not None} | set(cancelled):
        missed -= known.keys()
    if missed:
        raise missing("interview_event")
    if any(known[id]["answered"] for id in cancelled):
        raise invalid("An event with feedback is not cancelled", "interviewEventIdToCancel")
    for id, one in events:
        if id is None:
            sandbox.db.create("events", actor, schedule_id=row["id"], answered=False, **one)
        else:
            sandbox.db.change("events", id, actor, one)
    for id in cancelled:
        sandbox.db.delete("events", id, actor)
    sandbox.db.mark("schedules", row["id"], updated_at=sandbox.now())
    tell_schedule(sandbox, row, "interviewScheduleUpdate")
    return row


def tell_schedule(sandbox: Sandbox, row: Row, *actions: str) -> None:
    application = sandbox.db["applications"].rows[row["application_id"]]
    if sandbox.db["jobs"].rows[application["job_id"]]["confidential"]:
        return
    told = list(actions)
    sandbox.order.shuffle(told)

    def shown(action: str) -> dict[str, Any]:
        """Only an update names the candidate."""
        named = {"candidateId": row["candidate_id"]} if action == "interviewScheduleUpdate" else {}
        return {"interviewSchedule": {**sandbox.shower().schedule(row), **named}}

    for action in told:
        sandbox.tell(action, f"interviewSchedule/{row['id']}", partial(shown, action))


def cancel(sandbox: Sandbox, actor: Actor, id: Any, *, again: bool) -> Row:
    row = sandbox.row("schedules", id, "interview_schedule")
    if sandbox.db.change("schedules", row["id"], actor, {"status": "NeedsScheduling" if again else "Cancelled"}):
        tell_schedule(sandbox, row, "interviewScheduleUpdate")
    return row


def feedback(
    sandbox: Sandbox, actor: Actor, application_id: Any, form_id: Any, submissions: Any, *, user_id: Any = None,
    event_id: Any = None,
) -> Row:  # fmt: skip
    """A scorecard as somebody hands it in. Only a schedule tells of it, and only where it answers one of its events."""
    row, form = sandbox.row("applications", application_id, "application"), sandbox.row("forms", form_id, "form")
    user = sandbox.row("users", user_id or actor.user_id, "user")
    event = sandbox.row("events", event_id, "interview_event") if event_id is not None else None
    known = {one["field"]["path"]: one for section in form["sections"] for one in section["fields"]}
    given = {one.get("path"): one.get("value") for one in submissions} if isinstance(submissions, list) else {}
    if not given or not set(given) <= set(known):
        raise invalid("A submission has the path of a field of the form, and a value", "feedbackForm")
    values = {path: _answer(known[path]["field"], value) for path, value in given.items()}
    if left := [path for path, one in known.items() if one["isRequired"] and path not in values]:
        raise invalid(f"Required: {', '.join(left)}", "feedbackForm")
    history = sandbox.db["history"].where("application_id", row["id"])
    made = sandbox.db.create(
        "feedback", actor, application_id=row["id"], candidate_id=row["candidate_id"], form_id=form["id"],
        user_id=user["id"], values=values, event_id=event and event["id"],
        interview_id=event and event["interview_id"], history_id=history[-1]["id"] if history else None,
    )  # fmt: skip
    if event is not None:
        sandbox.db.change("events", event["id"], actor, {"answered": True})
        parent = sandbox.db["schedules"].rows[event["schedule_id"]]
        sandbox.db.mark("schedules", parent["id"], updated_at=sandbox.now())
        tell_schedule(sandbox, parent, "interviewScheduleUpdate")
    return made


def _answer(field: Mapping[str, Any], value: Any) -> Any:
    match field["type"]:
        case "Score":
            score = value.get("score") if isinstance(value, dict) else None
            fits = isinstance(score, int) and not isinstance(score, bool) and 1 <= score <= 4
        case "RichText":
            fits = isinstance(value, dict) and value.get("type") == "PlainText" and isinstance(value.get("value"), str)
        case "ValueSelect":
            fits = value in {one["value"] for one in field["selectableValues"]}
        case "Boolean":
            fits = isinstance(value, bool)
        case "Number":
            fits = isinstance(value, int) and not isinstance(value, bool)
        case _:
            fits = isinstance(value, str)
    if not fits:
        raise invalid(f"The value does not fit the field {field['title']} of type {field['type']}", "feedbackForm")
    return value
