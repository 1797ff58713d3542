"""`bascule check-data`: what of a system's data will cost work, before anybody relies on it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bascule.office.datacheck import OF_JOBS, Finding
from bascule.office.remedies import Remedy
from bascule.office.standing import span

from . import DATA, JSON, emit, out, reached, table
from .reach import Reach

SHOWN = 20  # titles and requisitions that are shown with the counts
NEXT = {
    Finding.TITLES: "--apply titles",
    Finding.CLOSED: "--apply archive",
    Finding.STALE: "bascule retention",
    Finding.TWICE: "bascule reviews list --kind duplicate",
}
SAID = {
    Finding.TWICE: "two objects of one person",
    Finding.NO_FIRST_NAME: "without first name",
    Finding.NO_LAST_NAME: "without last name",
    Finding.NO_EMAIL: "without e-mail",
    Finding.NO_PHONE: "without phone",
    Finding.STALE: "no contact for two years",
    Finding.UNDATED: "nothing dated",
    Finding.TITLES: "titles to normalise",
    Finding.SPELLINGS: "jobs whose title is written in several ways",
    Finding.CLOSED: "requisitions closed over 90 days",
    Finding.ARCHIVED: "requisitions archived here",
    Finding.CLOSED_UNDATED: "closed, nobody knows since when",
}


def check_data(
    connection: Annotated[str, typer.Argument(help="Name of a connection that has been read whole.")],
    apply: Annotated[
        Remedy | None, typer.Option("--apply", help="Apply to all jobs, after a look at the list.")
    ] = None,
    undo: Annotated[str, typer.Option(help="Take back what a batch has applied.", metavar="BATCH")] = "",
    listing: Annotated[
        Finding | None, typer.Option("--list", help="Whom or what the last check has found, one by one.")
    ] = None,
    last: Annotated[bool, typer.Option("--last", help="Show the last result; check nothing now.")] = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait until it is done.")] = 3600.0,
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
    elif apply is not None:
        _apply(path, apply, yes, data, as_json)
    elif listing is not None:
        found = reached(data, lambda reach: _all(reach, f"{path}/findings/{listing}"))
        emit(found, as_json, lambda: _list(found))
    else:
        _check(path, last, wait, data, as_json)


def _check(path: str, last: bool, wait: float, data: Path | None, as_json: bool) -> None:
    async def go(reach: Reach) -> dict[str, Any]:
        if not last:
            await reach.post(path, {})
        until = time.monotonic() + wait
        while True:
            found = await reach.get(path)
            if last or not found["going"] or time.monotonic() >= until:
                break
            await asyncio.sleep(0.5)
        for finding in (Finding.TITLES, Finding.CLOSED) if found["checked"] else ():
            found[finding] = (await reach.get(f"{path}/findings/{finding}", limit=str(SHOWN)))["items"]
        return found

    found = reached(data, go, working=not last)
    emit(found, as_json, lambda: _show(found))
    if found["error"] or found["checked"] is None or (found["going"] and not last):
        raise typer.Exit(1)


async def _all(reach: Reach, path: str) -> list[Any]:
    found: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = await reach.get(path, after=after, limit="200")
        found += page["items"]
        after = page["next"]
    return found


def _list(found: list[Any]) -> None:
    rows = table("id", "name or title")
    for one in found:
        rows.add_row(one["record"], one["name"])
    out.print(rows if found else "None.")


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


def _show(found: dict[str, Any]) -> None:
    if found["error"]:
        out.print(f"The check stopped: {found['error']}", highlight=False)
    elif found["going"]:
        out.print(f"Not done yet: {found['looked_at']} of {found['of']}. It goes on while the server runs: --last")
    if found["checked"] is None:
        out.print("Never checked.")
        return
    people, jobs = str(found["candidates"]), str(found["jobs"])
    rows = table("what", "how many", "of", "next")
    rows.add_row(
        "may be one person with another", str(found["duplicates"]), people, "bascule reviews list --kind merge"
    )
    rows.add_row("  hardly in doubt", str(found["certain"]), "", "bascule duplicates certain --merge")
    for name, many in found["findings"].items():
        finding = Finding(name)
        of = jobs if finding in OF_JOBS else people
        rows.add_row(SAID[finding], str(many), of, NEXT.get(finding, f"--list {finding}" if many else ""))
    uses = f"bascule mapping show {found['connection']}"
    rows.add_row("custom fields in use", str(len(found["custom_fields"])), "", uses)
    rows.add_row("values the mapping does not know", str(found["gaps"]), "", "bascule tasks list --kind gap")
    out.print(rows)
    for one in found[Finding.TITLES]:
        out.print(f"  to normalise: {one['name']}", highlight=False)
    for one in found[Finding.CLOSED]:
        out.print(f"  closed long ago: {one['name']}", highlight=False)
    for what, minutes in found["minutes"].items():
        if minutes:
            out.print(f"  about {span(60 * minutes)} of a person for {what}", highlight=False)
    hours = "Under an hour" if found["hours"] < 1 else f"About {found['hours']:g} hours"
    out.print(
        f"{hours} of work on the data, at the minutes assumed for each. What people must agree on (owner, scopes, "
        "mapping, a time in observe and shadow) comes on top and takes weeks, whatever the data.",
        highlight=False,
    )
