"""`bascule evaluate`: how well Bascule reads and ranks on labelled data of your own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bascule.errors import BasculeError

from . import JSON, emit, err, fail, out

FOLDER = Annotated[
    Path, typer.Option("--data", help="The folder with labelled data: adverts and resumes (JSONL), pdf/, docx/.")
]
ONLY = Annotated[list[str] | None, typer.Option("--only", help="One part, for example ranking; may be repeated.")]
FAST = Annotated[bool, typer.Option("--fast", help="Leave out the strong model, which takes most of the time.")]
KEEP = Annotated[Path | None, typer.Option("--keep", help="A folder for the strong model's vectors between runs.")]


def evaluate(data: FOLDER, only: ONLY = None, fast: FAST = False, keep: KEEP = None, as_json: JSON = False) -> None:
    """How well Bascule ranks and reads on labelled data, beside what anybody would try first. It needs no workspace
    and changes nothing."""
    from bascule.evaluation import evaluate, plain
    from bascule.evaluation.vectors import Vectors

    def say(what: str) -> None:
        err.print(f"{what} ...", style="dim", markup=False, highlight=False)

    try:
        sections = evaluate(data, Vectors(strong=not fast, kept=keep, say=say), only or ())
    except BasculeError as error:
        fail(str(error))

    def show() -> None:
        out.print(plain(sections), markup=False, highlight=False, soft_wrap=True)

    emit([section.as_data() for section in sections], as_json, show)
