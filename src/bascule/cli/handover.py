"""`bascule handover`: one-page guides for recruiters, hiring managers and the next owner, from what is in force."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bascule.office.handover import For

from . import DATA, JSON, emit, reached, save_text

PAGE = Path(__file__).with_name("handover.html")  # a file to be printed or sent on: it needs nothing beside itself


def handover(
    connection: Annotated[str, typer.Argument(help="Name of a connection.")],
    reader: Annotated[For | None, typer.Option("--for", help="Only the guide for one reader; else all three.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write it as a page into this file.")] = None,
    issue: Annotated[bool, typer.Option("--issue", help="Give it out: a change of it is a task from now on.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What the next owner, a recruiter and a hiring manager need to know, written from what is in force now: Markdown,
    or a page to print. No candidate is in it."""
    path = f"/connections/{connection}/handover"
    told = reached(data, lambda reach: reach.post(path, {}) if issue else reach.get(path))
    guides = [one for one in told["guides"] if reader is None or one["for"] == reader]
    if html is not None:
        from bascule.server.rendering import environment

        save_text(html, environment().from_string(PAGE.read_text("utf-8")).render(guides=guides))
    emit(guides, as_json, lambda: print("\n".join(one["markdown"] for one in guides), file=sys.stdout))
