"""`bascule scores`: a score made again from what is stored."""

from __future__ import annotations

from typing import Annotated

import typer

from . import DATA, JSON, emit, out, reached, table

app = typer.Typer(no_args_is_help=True, help="Scores, made again from what is stored.")


@app.callback()
def scores() -> None:
    """One command of its own name, so that others can stand beside it."""


@app.command("replay")
def replay(
    application: Annotated[str, typer.Argument(help="The application's id.")],
    version: Annotated[int, typer.Option(min=0, help="Of the rubric; 0 is the newest that scored it.")] = 0,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Read the kept CV again, derive the rubric again, score again, and say whether that is what was told. Exits with 1
    where it is not. Nothing is changed."""
    path = f"/applications/{application}/replay?version={version}"
    found = reached(data, lambda reach: reach.post(path, {}))

    def show() -> None:
        then, again = ("no score" if one is None else f"{one:g}" for one in (found["score"], found["again"]))
        out.print(f"The same: {then}." if found["same"] else f"It was {then}, and is {again} now.")
        out.print(f"Rubric version {found['version']}, told {found['at'][:16]}.", style="dim", highlight=False)
        if found["inputs"] or found["outcome"]:
            rows = table("what", "then", "now")
            for one in (*found["inputs"], *found["outcome"]):
                rows.add_row(one["what"], one["then"], one["now"])
            out.print(rows)

    emit(found, as_json, show)
    if not found["same"]:
        raise typer.Exit(1)
