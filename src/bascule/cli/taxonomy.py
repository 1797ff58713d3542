"""`bascule taxonomy`: the version of the tables of skills and titles, and what is stored of another."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table
from .reach import Reach


def taxonomy(
    migrate: Annotated[
        bool,
        typer.Option("--migrate", help="Derive rubrics of other versions again and score their applications again."),
    ] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Which version of skills and titles holds, how many rubrics and scores are of another, and every stored id that
    is not what it was: renamed, moved to another id, or gone. With --migrate, bring all to the version that holds."""

    async def go(reach: Reach) -> Any:
        return await reach.post("/taxonomy/migrate", {}) if migrate else await reach.get("/taxonomy")

    found = reached(data, go)

    def show() -> None:
        out.print(f"Skills and titles are of {found['version']}.")
        for what in ("rubrics", "scores"):
            older = {version: many for version, many in found[what].items() if version != found["version"]}
            for version, many in older.items():
                out.print(f"  {many} {what} are of {version}")
        rows = table("was", "is", "", "rubrics", "decisions", "people", "corrections")
        for one in found["changed"]:
            counts = [str(one[name]) for name in ("rubrics", "decisions", "people", "corrections")]
            rows.add_row(one["label_was"] or one["was"], one["label"], one["fate"], *counts)
        if found["changed"]:
            out.print(rows)
        if migrate:
            out.print(f"{found['derived']} rubrics were derived again; their applications are being scored.")

    emit(found, as_json, show)
