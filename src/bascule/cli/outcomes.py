"""`bascule outcomes`: how scores stood to what people decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, fail, out, reached, table
from .reach import Reach

HEADS = ("decided", "forward", "rejected", "hired", "precision", "false positives", "missed", "right order")


def outcomes(
    job: Annotated[str, typer.Argument(help="The job's id; without one, all jobs.")] = "",
    seen: Annotated[str, typer.Option(help="Enter in the log: what was seen.")] = "",
    changed: Annotated[str, typer.Option(help="Enter in the log: what was changed because of it.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """How scores stood to what people decided: of those above the rubric's threshold, how many were moved forward
    (precision); of those rejected, how many had been above it (false positives); of those moved forward, how many had
    not (missed). With --seen and --changed, enter what was done about it; before and after appear beside it."""
    if bool(seen) != bool(changed) or (seen and not job):
        fail("The log needs a job, --seen and --changed together.")

    async def go(reach: Reach) -> Any:
        if seen:
            return await reach.post(f"/jobs/{job}/remediations", {"seen": seen, "changed": changed})
        return await reach.get(f"/jobs/{job}/outcomes" if job else "/outcomes")

    found = reached(data, go)

    def show() -> None:
        _table("", [("all", found["all"])])
        _table("job", [(f"{one['title']} {one['job']}", one) for one in found["jobs"]])
        _table(
            "rubric, scorer, from",
            [(f"{o['version']}, {o['scorer']}, {o['threshold']:g}", o) for o in found["versions"]],
        )
        if found["shortlists"]["decided"]:
            _table("", [("on shortlists", found["shortlists"])])
        _table("month", [(one["month"], one) for one in found["months"]])
        out.print(f"Reasons said to be wrong: {found['corrections']}")
        for one in found["remediations"]:
            out.print(
                f"{one['at'][:10]} {one['by']}: {one['seen']} -> {one['changed']} (version {one['version'] or '-'})"
            )
            _table("", [("before", one["before"]), ("after", one["after"])])

    emit(found, as_json, show)


def _table(name: str, rows: list[tuple[str, Mapping[str, Any]]]) -> None:
    if not rows:
        return
    shown = table(name, *HEADS)
    for head, one in rows:
        shown.add_row(
            head, *(str(one[key]) for key in ("decided", "forward", "rejected", "hired")),
            *(_share(one[key]) for key in ("precision", "false_positives", "missed")),
            "-" if one["order"] is None else f"{one['order']:.2f}",
        )  # fmt: skip
    out.print(shown)


def _share(one: Mapping[str, Any]) -> str:
    if one["share"] is None:
        return "-"
    few = ", few" if one["few"] else ""
    return f"{one['share']:.2f} ({one['low']:.2f} to {one['high']:.2f}; {one['many']} of {one['of']}{few})"
