"""`bascule interviews`: candidates asked to choose a time, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from . import DATA, JSON, emit, out, reached, table

app = typer.Typer(no_args_is_help=True, help="Interviews: candidates choose a time by a link.")

INTERVIEW = Annotated[str, typer.Argument(help="The interview's id, as `interviews list` names it.")]


@app.command("list")
def listed(data: DATA = None, as_json: JSON = False) -> None:
    """Interviews to come, and those without a time yet."""
    found = reached(data, lambda reach: reach.get("/interviews"))

    def show() -> None:
        rows = table("starts (UTC)", "state", "with", "application", "id")
        for one in found["items"]:
            panel = ", ".join(each["name"] for each in one["panel"])
            state = f"{one['state']}, {len(one['proposed'])} proposed" if one["proposed"] else one["state"]
            rows.add_row((one["starts"] or "")[:16].replace("T", " "), state, panel, one["application"], one["id"])
        out.print(rows if found["items"] else "Nobody is asked for an interview.")

    emit(found, as_json, show)


@app.command()
def show(interview: INTERVIEW, data: DATA = None, as_json: JSON = False) -> None:
    """One interview, with its link and the times that were proposed."""
    found = reached(data, lambda reach: reach.get(f"/interviews/{interview}"))
    emit(found, as_json, lambda: _show(found))


@app.command()
def ask(
    application: Annotated[str, typer.Argument(help="The application's id, as the API and its page give it.")],
    panel: Annotated[list[str], typer.Option("--with", help="An interviewer's e-mail; may be repeated: all are free.")],
    place: Annotated[str, typer.Option(help="A video link, a telephone number or an address.")],
    minutes: Annotated[int, typer.Option(help="How long it takes.")] = 45,
    days: Annotated[int, typer.Option(help="How far ahead times are offered.")] = 14,
    notice: Annotated[int, typer.Option(help="Hours before the first time that is offered.")] = 24,
    buffer: Annotated[int, typer.Option(help="Minutes kept free before and after.")] = 0,
    change: Annotated[int, typer.Option(help="Until how many hours before it can be changed.")] = 4,
    stage: Annotated[str, typer.Option(help="The stage it is for, by id, name or type.")] = "",
    send: Annotated[bool, typer.Option("--send", help="Send the invitation, in your name.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Ask a candidate to choose a time. Without --send only the link is made."""
    body = {
        "panel": panel, "place": place, "length": minutes, "days": days, "notice": notice, "buffer": buffer,
        "change": change, "stage": stage, "send": send,
    }  # fmt: skip
    found = reached(data, lambda reach: reach.post(f"/applications/{application}/interviews", body))
    emit(found, as_json, lambda: _show(found))


@app.command()
def book(
    interview: INTERVIEW,
    start: Annotated[str, typer.Argument(help="When it begins, with a zone: 2026-12-01T09:00:00Z.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Book it at a time that was proposed, or agreed on. Both sides are told."""
    found = reached(data, lambda reach: reach.post(f"/interviews/{interview}/accept", {"start": start}))
    emit(found, as_json, lambda: _show(found))


@app.command()
def again(interview: INTERVIEW, data: DATA = None, as_json: JSON = False) -> None:
    """None of the proposed times suits: the candidate is sent the link again."""
    found = reached(data, lambda reach: reach.post(f"/interviews/{interview}/again", {}))
    emit(found, as_json, lambda: out.print("Asked again."))


@app.command()
def renew(interview: INTERVIEW, data: DATA = None, as_json: JSON = False) -> None:
    """A new link; the old one ends. Nothing is sent."""
    found = reached(data, lambda reach: reach.post(f"/interviews/{interview}/renew", {}))
    emit(found, as_json, lambda: out.print(found["link"], soft_wrap=True, highlight=False))


@app.command()
def cancel(
    interview: INTERVIEW,
    why: Annotated[str, typer.Option(help="Stays here; no letter says it.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Cancel it. Where it was booked, both sides are told in neutral words."""
    path = f"/interviews/{interview}" + (f"?why={quote(why)}" if why else "")
    found = reached(data, lambda reach: reach.delete(path))
    emit(found, as_json, lambda: out.print("Cancelled."))


def _show(found: Any) -> None:
    panel = ", ".join(each["name"] for each in found["panel"])
    when = f", {found['starts'][:16].replace('T', ' ')} UTC" if found["starts"] else ""
    out.print(f"{found['state'].capitalize()}{when}, with {panel}.", markup=False, highlight=False)
    for at in found["proposed"]:
        out.print(f"Proposed: {at[:16].replace('T', ' ')} UTC. Book it: bascule interviews book {found['id']} {at}")
    if found["note"]:
        out.print(f"They write: {found['note']}", markup=False, highlight=False)
    if found["link"]:
        out.print(found["link"], soft_wrap=True, highlight=False)
