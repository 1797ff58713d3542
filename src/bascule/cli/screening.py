"""`bascule screening`: the hosted form of an application, and opting out of AI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, settings_file, table
from .reach import Reach

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


@app.command()
def rates(data: DATA = None, as_json: JSON = False) -> None:
    """How many forms are completed, by job; whether scoring waits for a disclosure."""
    found = reached(data, lambda reach: reach.get("/screening"))

    def show() -> None:
        rows = table("job", "invited", "started", "completed", "opted out", "ended", "completion")
        for one in found["rates"]:
            share = "" if one["completion"] is None else f"{100 * one['completion']:.0f} %"
            numbers = [str(one[name]) for name in ("invited", "started", "completed", "opted_out", "expired")]
            rows.add_row(one["job"], *numbers, share)
        out.print(rows)
        out.print(f"Scoring {'waits' if found['required'] else 'does not wait'} for a disclosure.")

    emit(found, as_json, show)


@app.command()
def policy(
    require: Annotated[bool | None, typer.Option("--require/--no-require", help="Scoring waits for it.")] = None,
    link_days: Annotated[int | None, typer.Option(help="How long a link works.")] = None,
    person_days: Annotated[int | None, typer.Option(help="How soon a person looks at who opted out.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What holds for all forms of the workspace; with options, set it."""
    given = {"required": require, "link_days": link_days, "person_days": person_days}
    chosen = {name: value for name, value in given.items() if value is not None}

    async def work(reach: Reach) -> Any:
        now = await reach.get("/screening")
        kept = {name: now[name] for name in given}
        return await reach.put("/screening", {**kept, **chosen}) if chosen else now

    found = reached(data, work)

    def show() -> None:
        out.print(f"A link works {found['link_days']} days; a person looks within {found['person_days']} days.")
        out.print(f"Scoring {'waits' if found['required'] else 'does not wait'} for a disclosure.")

    emit(found, as_json, show)


@app.command()
def disclose(
    file: Annotated[Path, typer.Argument(help="A YAML or JSON file: language (en, de, fr, es) to text.")],
    job: Annotated[str, typer.Option(help="Only for this job; left out: for all without their own.")] = "",
    notice: Annotated[str, typer.Option(help="No AI scores before this day, such as 2027-01-31.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What applicants are told of AI from now on: a new version."""
    body = {"text": settings_file(file, "no settings."), "notice": notice or None}
    path = f"/jobs/{job}/disclosure" if job else "/screening/disclosure"
    found = reached(data, lambda reach: reach.post(path, body))
    emit(found, as_json, lambda: out.print(f"Version {found['version']} holds."))


@app.command()
def questions(
    job: Annotated[str, typer.Argument(help="The job's id, as its page and the API give it.")],
    change: Annotated[
        Path | None, typer.Option("--set", help="A YAML or JSON file: questions (text, kind, ...), left_out (ids).")
    ] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What a job's form asks. With --set, the job's own questions and what is not asked."""
    asked = settings_file(change, "no settings.") if change else None

    async def work(reach: Reach) -> Any:
        now = await reach.get(f"/jobs/{job}/screening")
        return now if asked is None else await reach.put(f"/jobs/{job}/screening", {"version": now["version"], **asked})

    found = reached(data, work)

    def show() -> None:
        rows = table("id", "question", "kind", "asked")
        for one in found["questions"]:
            asked = "must" if one["asked"] and one["required"] else "yes" if one["asked"] else "no"
            rows.add_row(one["id"], one["text"]["en"], one["kind"], asked)
        out.print(rows)
        if found["waits"]:
            out.print(found["waits"])

    emit(found, as_json, show)
