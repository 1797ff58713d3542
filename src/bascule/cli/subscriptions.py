"""`bascule subscriptions`, `bascule events` and `bascule slack`: who is sent events, the log, messages to a channel."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bascule.core.events import STAGE_CHANGED
from bascule.model import CANDIDATE_ERASED
from bascule.office.subscriptions import NAMES, SLACK_FIELDS

from . import DATA, JSON, emit, fail, out, reached, table

app = typer.Typer(no_args_is_help=True, help="Who is sent events: webhooks to no-code routers and to anybody else.")
events = typer.Typer(no_args_is_help=True, help="What has happened: the log that subscribers are sent.")
slack = typer.Typer(no_args_is_help=True, help="Messages to a Slack channel.")

ID = Annotated[str, typer.Argument(help="Its id in `bascule subscriptions list`.")]
URL = Annotated[str, typer.Argument(help='Where to, or "-" to be asked for it without showing it.')]


@app.command("list")
def subscriptions_list(data: DATA = None, as_json: JSON = False) -> None:
    """Every subscriber, and how it stands."""
    found = reached(data, lambda reach: reach.get("/subscriptions"))["items"]
    rows = table("id", "name", "events", "stands", "waiting", "given up", "last delivered")
    for one in found:
        rows.add_row(
            one["id"], one["name"], " ".join(one["events"]), one["words"], str(one["waiting"] + one["behind"]),
            str(one["given_up"]), _minute(one["last_delivered"]),
        )  # fmt: skip
    emit(found, as_json, lambda: out.print(rows if found else "Nobody yet: bascule subscriptions add https://..."))


@app.command("add")
def subscriptions_add(
    url: URL,
    types: Annotated[list[str] | None, typer.Option("--event", help="A type, or a pattern: application.*")] = None,
    field: Annotated[list[str] | None, typer.Option(help="A field that is shown, such as candidate.emails.")] = None,
    connection: Annotated[list[str] | None, typer.Option(help="Only of records that this connection knows.")] = None,
    job: Annotated[list[str] | None, typer.Option(help="Only of this job (its id).")] = None,
    department: Annotated[list[str] | None, typer.Option(help="Only of jobs of this department.")] = None,
    stage_type: Annotated[list[str] | None, typer.Option(help="Only in stages of this type.")] = None,
    min_score: Annotated[float | None, typer.Option(help="Only from this match score on.")] = None,
    name: Annotated[str, typer.Option(help="What to call it (else the host).")] = "",
    after: Annotated[int | None, typer.Option(help="The number of the last event it has: catch up from there.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Send events there. The secret that they are signed with is shown this once."""
    wanted = {
        "connections": connection or [], "jobs": job or [], "departments": department or [],
        "stage_types": stage_type or [], "min_score": min_score,
    }  # fmt: skip
    body = {
        "target_url": _asked(url), "events": types or [], "fields": field or [], "filter": wanted, "name": name,
        "after": after,
    }  # fmt: skip
    made = reached(data, lambda reach: reach.post("/subscriptions", body))

    def show() -> None:
        out.print(f"Events are sent to {made['host']}: {made['id']}", markup=False, highlight=False)
        if made["format"] == "standard":
            out.print(f"Signing secret, shown this once: {made['secret']}", markup=False, highlight=False)
        out.print(f"Try it: bascule subscriptions test {made['id']}", markup=False, highlight=False)

    emit(made, as_json, show)


@app.command("show")
def subscriptions_show(
    id: ID,
    state: Annotated[str, typer.Option(help='Only "delivered", "waiting" or "given up".')] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """One subscriber, and what became of its last events."""
    found = reached(data, lambda reach: reach.get(f"/subscriptions/{id}", state=state))
    rows = table("event", "type", "state", "tries", "answer", "at", "again")
    for one in found["deliveries"]:
        answer = one["words"] or (str(one["status"]) if one["status"] else "")
        rows.add_row(
            str(one["event"]), one["type"], one["state"], str(one["tries"]), answer, _minute(one["at"]),
            _minute(one["due"]),
        )  # fmt: skip

    def show() -> None:
        for name in ("name", "host", "format", "events", "filter", "fields", "words", "waiting", "given_up", "behind"):
            if found[name]:
                out.print(f"{name.replace('_', ' ')}: {_said(found[name])}", markup=False, highlight=False)
        out.print(rows if found["deliveries"] else "Nothing was sent yet.")

    emit(found, as_json, show)


@app.command("test")
def subscriptions_test(id: ID, data: DATA = None, as_json: JSON = False) -> None:
    """Send a made-up event, once. Exit 1 when it is not taken."""
    told = reached(data, lambda reach: reach.post(f"/subscriptions/{id}/test", {}))
    answer = told["words"] or f"answered {told['status']}"
    said = f"{'taken' if told['ok'] else 'not taken'}: {answer}, after {told['seconds']:.2f} s"
    emit(told, as_json, lambda: out.print(said, markup=False, highlight=False))
    if not told["ok"]:
        raise typer.Exit(1)


@app.command("replay")
def subscriptions_replay(
    id: ID,
    event: Annotated[int | None, typer.Option(help="The number of one event.")] = None,
    after: Annotated[int | None, typer.Option(help="Every event behind this number (0: of 30 days).")] = None,
    until: Annotated[int | None, typer.Option(help="... up to this one.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Send events again: one, a range, or with neither all that were given up."""
    body = {"event": event, "after": after, "until": until}
    many = reached(data, lambda reach: reach.post(f"/subscriptions/{id}/replay", body))
    emit(many, as_json, lambda: out.print(f"{many['events']} are sent again."))


@app.command("secret")
def subscriptions_secret(
    id: ID,
    overlap: Annotated[float, typer.Option(help="Hours for which the former secret signs too.")] = 24,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Make another signing secret. It is shown this once."""
    made = reached(data, lambda reach: reach.post(f"/subscriptions/{id}/secret", {"overlap_hours": overlap}))
    emit(made, as_json, lambda: out.print(made["secret"], markup=False, highlight=False))


@app.command("pause")
def subscriptions_pause(id: ID, data: DATA = None, as_json: JSON = False) -> None:
    """Send it nothing for a while. What happens meanwhile is sent afterwards."""
    _say(reached(data, lambda reach: reach.post(f"/subscriptions/{id}/pause", {})), as_json)


@app.command("resume")
def subscriptions_resume(id: ID, data: DATA = None, as_json: JSON = False) -> None:
    """Go on, after a pause or after it was stopped."""
    _say(reached(data, lambda reach: reach.post(f"/subscriptions/{id}/resume", {})), as_json)


@app.command("remove")
def subscriptions_remove(id: ID, data: DATA = None, as_json: JSON = False) -> None:
    """Send it nothing any more."""
    reached(data, lambda reach: reach.delete(f"/subscriptions/{id}"))
    emit({"id": id, "removed": True}, as_json, lambda: out.print("Removed. Nothing is sent there any more."))


@events.command("list")
def events_list(
    after: Annotated[int, typer.Option(help="Only what is behind this number.")] = 0,
    types: Annotated[list[str] | None, typer.Option("--type", help="A type, or a pattern: application.*")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most so many.")] = 100,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """The log, the oldest event first, without anybody's data."""
    found = reached(
        data, lambda reach: reach.get("/events", after=str(after), types=",".join(types or []), limit=str(limit))
    )
    rows = table("number", "type", "at", "record", "changed")
    for one in found["items"]:
        head = one["type"].partition(".")[0]
        record = one["data"].get("application" if head == "screening" else head, {}).get("id", "")
        changed = ", ".join(one["data"].get("changed", []))
        rows.add_row(str(one["number"]), one["type"], _minute(one["timestamp"]), record, changed)
    emit(found, as_json, lambda: out.print(rows if found["items"] else "Nothing has happened."))


@events.command("types")
def events_types(data: DATA = None, as_json: JSON = False) -> None:
    """Every type of event, and what it says."""
    found = reached(data, lambda reach: reach.get("/events/types"))["items"]
    rows = table("type", "what")
    for one in found:
        rows.add_row(one["type"], one["what"])
    emit(found, as_json, lambda: out.print(rows))


@slack.command("stage-changes")
def slack_stage_changes(
    url: URL,
    names: Annotated[bool, typer.Option("--names", help='Say who it is; else it is "an applicant".')] = False,
    job: Annotated[list[str] | None, typer.Option(help="Only of this job (its id).")] = None,
    department: Annotated[list[str] | None, typer.Option(help="Only of jobs of this department.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Post every stage change to a channel: give the address of an incoming webhook. A test message is sent at once."""
    fields = [*SLACK_FIELDS, *(NAMES if names else ())]
    body = {
        "target_url": _asked(url), "format": "slack", "fields": fields, "name": "Slack: stage changes",
        "events": [STAGE_CHANGED, *([CANDIDATE_ERASED] if names else [])],
        "filter": {"jobs": job or [], "departments": department or []},
    }  # fmt: skip

    async def work(reach: Any) -> Any:
        made = await reach.post("/subscriptions", body)
        told = await reach.post(f"/subscriptions/{made['id']}/test", {})
        if not told["ok"]:  # as it was before
            await reach.delete(f"/subscriptions/{made['id']}")
        return {**made, "test": told}

    made = reached(data, work)
    if not made["test"]["ok"]:
        why = made["test"]["words"] or f"it answered {made['test']['status']}"
        fail(f"Slack did not take the test message: {why}. Nothing was set up. Make another webhook in Slack's app.", 1)
    emit(
        made, as_json, lambda: out.print(f"Stage changes are posted. End it: bascule subscriptions remove {made['id']}")
    )


def _asked(url: str) -> str:
    return typer.prompt("address", hide_input=True) if url == "-" else url


def _say(found: Any, as_json: bool) -> None:
    emit(found, as_json, lambda: out.print(f"{found['name']}: {found['words']}", markup=False, highlight=False))


def _minute(at: str | None) -> str:
    return (at or "")[:16].replace("T", " ")


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')} {_said(one)}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
