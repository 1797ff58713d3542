"""`bascule rubric`: what a job asks for, and what to change of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, settings_file, table
from .reach import Reach

LACKS = "no settings. For example: skills: {Kubernetes: must, Java: not asked for}"


def rubric(
    job: Annotated[str, typer.Argument(help="The job's id.")],
    change: Annotated[
        Path | None, typer.Option("--set", help="A YAML or JSON file: skills, years, languages, conditions, ...")
    ] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What a job asks for, who changed it, and what differs from the version before. With --set, change it: its
    applications are scored again where that matters."""
    asked = settings_file(change, LACKS) if change else None

    async def go(reach: Reach) -> Any:
        now = await reach.get(f"/jobs/{job}/rubric")
        return now if asked is None else await reach.put(f"/jobs/{job}/rubric", {"version": now["version"], **asked})

    found = reached(data, go)

    def show() -> None:
        out.print(f"Version {found['version']}" + (f" of {found['at']}" if found.get("at") else ": none yet"))
        rows = table("skill", "how much", "in the text")
        for one in found.get("skills") or ():
            rows.add_row(one["label"], one["importance"], one["quote"])
        out.print(rows)
        if found.get("conditions"):
            asked = table("place and eligibility", "what of it", "how much", "in the text")
            for one in found["conditions"]:
                asked.add_row(one["condition"], one["detail"], one["importance"], one["quote"])
            out.print(asked)
        for line in found.get("differs") or ():
            out.print(f"  {line}")

    emit(found, as_json, show)
