"""`bascule screening`: the hosted form of an application, and opting out of AI."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached

app = typer.Typer(no_args_is_help=True, help="Screening by a hosted form: links, answers, who wants no AI.")

APPLICATION = Annotated[str, typer.Argument(help="The application's id, as the API and its page give it.")]


@app.command()
def invite(
    application: APPLICATION,
    days: Annotated[int | None, typer.Option(help="How many days the link works.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="A new link; the old one ends.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """A link to the form of an application. Nothing is sent: send it to the applicant yourself."""
    body = {"days": days, "anew": anew}
    found = reached(data, lambda reach: reach.post(f"/applications/{application}/screening", body))
    emit(found, as_json, lambda: out.print(found["link"], soft_wrap=True, highlight=False))


@app.command()
def show(application: APPLICATION, data: DATA = None, as_json: JSON = False) -> None:
    """How far the form of an application is, and what was answered. Exit 1 where nobody was invited."""
    found = reached(data, lambda reach: reach.get(f"/applications/{application}/screening"))
    emit(found, as_json, lambda: _show(found))
    if not found["status"]:
        raise typer.Exit(1)


@app.command()
def end(application: APPLICATION, data: DATA = None, as_json: JSON = False) -> None:
    """End the link at once. What was answered is kept."""
    found = reached(data, lambda reach: reach.delete(f"/applications/{application}/screening"))
    emit(found, as_json, lambda: out.print("The link has ended."))


@app.command("opt-out")
def opt_out(
    application: APPLICATION,
    why: Annotated[str, typer.Option(help="How they said so.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Somebody wants no AI: score, reasons and skills leave the ATS, and a task for a person is made."""
    found = reached(data, lambda reach: reach.post(f"/applications/{application}/screening/opt-out", {"why": why}))
    emit(found, as_json, lambda: out.print(f"Noted. A person looks by {found['person_by'][:10]}."))


def _show(found: Any) -> None:
    if not found["status"]:
        out.print("Nobody was invited.")
        return
    out.print(f"{found['status'].capitalize()}, {found['answered']} of {found['of']} answered.")
    if found["link"]:
        out.print(found["link"], soft_wrap=True, highlight=False)
    for one in found["answers"]:
        out.print(f"{one['question']}\n  {one['answer'] or '-'}", markup=False, highlight=False)
    if found["asked_for"]:
        out.print(f"They ask for: {found['asked_for']}", markup=False, highlight=False)
