"""`bascule retention`: how long raw objects, webhook bodies, CVs and their text are kept."""

from __future__ import annotations

from typing import Annotated

import typer

from . import DATA, JSON, emit, fail, out, reached, table

ALWAYS = "always"


def retention(
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="KIND=DAYS, for instance raw=0 (nothing is kept) or resume=always (as long as its person)."
        ),
    ] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """How many days each kind (raw, payload, resume, text) is kept; with --set, change it. New content obeys at once;
    what is there already goes at the next tidying, within the hour."""
    days = dict(_pair(one) for one in given or ())
    found = reached(data, lambda reach: reach.post("/retention", {"days": days}) if days else reach.get("/retention"))

    def show() -> None:
        rows = table("kind", "what", "kept")
        for one in found["items"]:
            rows.add_row(one["kind"], one["what"], _said(one["days"]))
        out.print(rows)

    emit(found, as_json, show)


def _pair(text: str) -> tuple[str, int | None]:
    kind, _, days = text.partition("=")
    if days != ALWAYS and not days.isdecimal():
        fail(f"{text!r} is not of the form KIND=DAYS, for instance raw=0.")
    return kind, None if days == ALWAYS else int(days)


def _said(days: int | None) -> str:
    if days is None:
        return "as long as its person"
    return f"{days} days" if days else "not at all"
