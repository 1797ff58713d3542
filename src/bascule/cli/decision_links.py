"""`bascule decision-links`: the links by which people decide what is held for them."""

from __future__ import annotations

from typing import Annotated

import typer

from . import DATA, JSON, emit, out, reached

app = typer.Typer(no_args_is_help=True, help="Links by which people decide what is held for them.")


@app.callback()
def group() -> None:
    """One command is a group too."""


@app.command("end")
def end(
    person: Annotated[str, typer.Argument(help="The user's e-mail.")], data: DATA = None, as_json: JSON = False
) -> None:
    """End a person's link at once. The next letter about what is held for them brings another."""
    found = reached(data, lambda reach: reach.delete(f"/decision-links/{person}"))
    emit(found, as_json, lambda: out.print("The link has ended."))
