"""`bascule shortlists`: lists for hiring managers, and what they said."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table

app = typer.Typer(no_args_is_help=True, help="Shortlists that a hiring manager answers by a link.")

JOB = Annotated[str, typer.Argument(help="The job's id, as its page and the API give it.")]
SHORTLIST = Annotated[str, typer.Argument(help="The list's id, as `shortlists list` names it.")]


@app.command("list")
def listed(job: JOB, data: DATA = None, as_json: JSON = False) -> None:
    """A job's shortlists, and what was said of each person."""
    found = reached(data, lambda reach: reach.get(f"/jobs/{job}/shortlists"))

    def show() -> None:
        for one in found["items"]:
            ends = "ended" if not one["link"] else f"until {one['expires'][:10]}"
            out.print(f"{one['id']}  for {one['name']}, by {one['by']}, {ends}", highlight=False)
            rows = table("application", "answer", "comment", "when")
            for each in one["people"]:
                when = (each["answered"] or "")[:16]
                rows.add_row(each["application"], each["answer"], each["comment"], when)
            out.print(rows)

    emit(found, as_json, show)


@app.command()
def make(
    job: JOB,
    name: Annotated[str, typer.Option("--for", help="The hiring manager's name.")],
    email: Annotated[str, typer.Option(help="Their e-mail: with a user's, they answer as that user.")] = "",
    top: Annotated[int, typer.Option(help="How many of the best by score.")] = 0,
    person: Annotated[list[str] | None, typer.Option(help="An application to show; may be repeated.")] = None,
    days: Annotated[int, typer.Option(help="How many days the link works.")] = 14,
    redacted: Annotated[bool, typer.Option("--redacted", help="Without names and contact data.")] = False,
    code: Annotated[bool, typer.Option("--code", help="With a code besides the link.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Make a list and its link. Nothing is sent."""
    body = {
        "name": name, "email": email, "top": top, "people": person or [], "days": days, "redacted": redacted,
        "code": code,
    }  # fmt: skip
    found = reached(data, lambda reach: reach.post(f"/jobs/{job}/shortlists", body))
    emit(found, as_json, lambda: _link(found))


@app.command()
def renew(shortlist: SHORTLIST, data: DATA = None, as_json: JSON = False) -> None:
    """A new link (and code); the old one ends."""
    found = reached(data, lambda reach: reach.post(f"/shortlists/{shortlist}/renew", {}))
    emit(found, as_json, lambda: _link(found))


@app.command()
def end(shortlist: SHORTLIST, data: DATA = None, as_json: JSON = False) -> None:
    """End the link of a list at once. What was said stays."""
    found = reached(data, lambda reach: reach.delete(f"/shortlists/{shortlist}"))
    emit(found, as_json, lambda: out.print("The link has ended."))


def _link(found: Any) -> None:
    out.print(found["link"], soft_wrap=True, highlight=False)
    if found["told"]:
        out.print(f"The code is {found['told']}; it is shown this once.", highlight=False)
