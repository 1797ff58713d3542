"""`bascule fairness`: does a score depend on who somebody is?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table
from .reach import Reach

app = typer.Typer(help="Does a score depend on who somebody is?", no_args_is_help=True)


@app.callback()
def fairness() -> None:
    """Does a score depend on who somebody is?"""


@app.command()
def probe(
    job: Annotated[str, typer.Argument(help="The job's id.")],
    people: Annotated[int, typer.Option(help="How many applicants' resumes, 1 to 500.")] = 50,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Score the applicants' resumes beside the same text of somebody else: another name, pronoun, age, nationality,
    address ... Exit 1 when one of them moves a score that it may not move."""

    async def go(reach: Reach) -> Any:
        return await reach.post(f"/jobs/{job}/fairness", {"people": people})

    found = reached(data, go)

    def show() -> None:
        rows = table("attribute", "how", "pairs", "differ", "by at most", "on average", "must be 0")
        for one in found["attributes"]:
            rows.add_row(
                one["attribute"], one["how"], str(one["pairs"]), str(one["differ"]), f"{one['most']:g}",
                f"{one['mean']:g}", "BROKEN" if one["broken"] else "yes" if one["exact"] else "reported",
            )  # fmt: skip
        out.print(f"{found['resumes']} resumes, rubric version {found['rubric']}")
        out.print(rows)
        for one in found["left"]:
            out.print(f"Left standing: {one['kind']}, {one['times']} times in {one['resumes']} resumes")

    emit(found, as_json, show)
    if found["broken"]:
        raise typer.Exit(1)
