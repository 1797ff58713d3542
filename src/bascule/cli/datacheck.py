"""`bascule check-data`: what of a system's data will cost work, before anybody relies on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bascule.office.datacheck import Remedy

from . import DATA, JSON, emit, out, reached, table


def check_data(
    connection: Annotated[str, typer.Argument(help="Name of a connection that has been read whole.")],
    apply: Annotated[
        Remedy | None, typer.Option("--apply", help="Apply to all jobs, after a look at the list.")
    ] = None,
    undo: Annotated[str, typer.Option(help="Take back what a batch has applied.", metavar="BATCH")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="With --apply: do not ask.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Duplicates, untidy titles, long closed requisitions, missing fields, stale contacts and the use of custom fields;
    and what the set-up asks of people. Without --apply nothing is changed; no system is written to in any case."""
    path = f"/connections/{connection}/data"
    if undo:
        done = reached(data, lambda reach: reach.post(f"{path}/undo", {"batch": undo}))
        emit(done, as_json, lambda: out.print(f"Taken back of {done['jobs']} jobs."))
        return
    if apply is not None:
        _apply(path, apply, yes, data, as_json)
        return
    found = reached(data, lambda reach: reach.get(path))
    emit(found, as_json, lambda: _show(found))


def _apply(path: str, remedy: Remedy, yes: bool, data: Path | None, as_json: bool) -> None:
    found = reached(data, lambda reach: reach.get(f"{path}/{remedy}"))["items"]
    if found and not yes:
        for one in found:
            what = "archived" if one["value"] is True else one["value"]
            out.print(f"  {one['title']} -> {what}", highlight=False)
        typer.confirm(f"Apply to these {len(found)} jobs?", abort=True, err=True)
    done = reached(data, lambda reach: reach.post(f"{path}/{remedy}", {})) if found else {"batch": "", "jobs": 0}
    again = f" Take it back: --undo {done['batch']}" if done["jobs"] else ""
    emit(done, as_json, lambda: out.print(f"Applied to {done['jobs']} jobs.{again}", highlight=False))


def _show(found: Any) -> None:
    people, jobs = found["candidates"], found["jobs"]
    rows = table("what", "how many", "of", "next")
    rows.add_row(
        "may be one person with another", str(found["duplicates"]), str(people), "bascule reviews list --kind merge"
    )
    rows.add_row("  hardly in doubt", str(found["certain"]), "", "bascule duplicates certain --merge")
    rows.add_row("two objects of one person", str(found["twice"]), str(people), "bascule reviews list --kind duplicate")
    for name, many in found["missing"].items():
        rows.add_row(f"without {name.replace('_', ' ')}", str(many), str(people), "")
    rows.add_row("nothing newer than two years", str(found["stale"]), str(people), "bascule retention")
    rows.add_row("nothing dated", str(found["undated"]), str(people), "")
    rows.add_row("titles to normalise", str(found["untidy_titles"]), str(jobs), "--apply titles")
    rows.add_row("titles written in several ways", str(found["spellings"]), str(jobs), "")
    rows.add_row("requisitions closed over 90 days", str(found["closed_long"]), str(jobs), "--apply archive")
    rows.add_row("closed, nobody knows since when", str(found["closed_undated"]), str(jobs), "")
    rows.add_row(
        "custom fields in use", str(len(found["custom_fields"])), "", "bascule mapping show " + found["connection"]
    )
    rows.add_row("values the mapping does not know", str(found["gaps"]), "", "bascule tasks list --kind gap")
    out.print(rows)
    for one in found["titles"]:
        out.print(f"  {one['title']} -> {one['normalised']}", highlight=False)
    for one in found["closed"]:
        out.print(f"  closed since {one['closed']}: {one['title']}", highlight=False)
    for what, minutes in found["minutes"].items():
        if minutes:
            out.print(f"  about {minutes / 60:.1f} h of a person for {what}", highlight=False)
    out.print(
        f"About {found['hours']} hours of work on the data, at the minutes assumed for each. What people must agree on "
        "(owner, scopes, mapping, a time in observe and shadow) comes on top and takes weeks, whatever the data.",
        highlight=False,
    )
