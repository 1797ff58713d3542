"""`bascule connections promote`: what stands before a connection's next mode, entered, waived, and gone through."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bascule.office.modes import Older

from . import DATA, JSON, emit, fail, out, reached, table
from .reach import Reach

SEVERAL = "repeated for several."
JOBS = Annotated[list[str] | None, typer.Option("--job", help=f"Only this job, by id; {SEVERAL}")]
DEPARTMENTS = Annotated[list[str] | None, typer.Option("--department", help=f"Only this department; {SEVERAL}")]
OFFICES = Annotated[list[str] | None, typer.Option("--office", help=f"Only this office; {SEVERAL}")]
OLDER = Annotated[Older, typer.Option(help="What of before is written too.")]


def promote(
    name: str,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", help="duties=, deputy=, support=, escalation=, data= or disclosure=..., repeated."),
    ] = None,
    waive: Annotated[
        list[str] | None, typer.Option(help="line=reason: let a line pass for the next promotion; repeated.")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Count what would be written, planned afresh.")] = False,
    go: Annotated[bool, typer.Option("--go", help="Promote to the next mode if every line passes.")] = False,
    older: OLDER = Older.NONE,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What stands before a connection's next mode, line by line. Exit 1 while a line fails."""
    values, waivers = _pairs(given), _pairs(waive)

    async def work(reach: Reach) -> Any:
        path = f"/connections/{name}/rollout"
        if values:
            await reach.post(path, {"values": values})
        for line, reason in waivers.items():
            await reach.post(f"{path}/waive", {"line": line, "reason": reason})
        found = await reach.get(path)
        if preview:
            found["preview"] = await reach.get(f"{path}/preview")
        if go and found["to"] and found["ready"]:
            made = await reach.post(f"/connections/{name}/mode", {"mode": found["to"], "older": str(older)})
            found["promoted"] = made["mode"]
        return found

    found = reached(data, work)
    emit(found, as_json, lambda: _show(found))
    if not found["ready"]:
        raise typer.Exit(1)


def scope_given(
    jobs: list[str] | None, departments: list[str] | None, offices: list[str] | None, everybody: bool
) -> dict[str, list[str]] | None:
    """A scope as a request has it; None: as it is."""
    chosen = {"jobs": jobs or [], "departments": departments or [], "offices": offices or []}
    if everybody and any(chosen.values()):
        fail("--everybody and a limit exclude each other.")
    return chosen if everybody or any(chosen.values()) else None


def _pairs(given: list[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given or []:
        name, equals, value = one.partition("=")
        if not equals:
            fail(f"{one!r} is not of the form name=value.")
        found[name] = value
    return found


def _show(found: dict[str, Any]) -> None:
    out.print(f"{found['connection']} ({found['label']}) is in {found['mode']}.", highlight=False)
    if found["to"] is None:
        out.print("There is no mode after it.")
    elif found["exempt"]:
        out.print(found["exempt"], highlight=False)
    else:
        rows = table("result", "line", "why", "next")
        for one in found["lines"]:
            rows.add_row(one["result"], one["line"], one["why"], one["next"])
        out.print(rows)
    for which in ("open", "history") if "preview" in found else ():
        _previewed(which, found["preview"][which])
    if "promoted" in found:
        out.print(f"{found['connection']} is in mode {found['promoted']} now.", highlight=False)


def _previewed(which: str, lines: list[dict[str, Any]]) -> None:
    said = "of records that go on" if which == "open" else "of records that were closed before"
    if not lines:
        out.print(f"Nothing would be written {said}.")
        return
    rows = table("object", "field", "writes", "oldest")
    for one in lines:
        rows.add_row(one["object"], one["field"], str(one["count"]), one["oldest"])
    out.print(f"Would be due {said}; written only with --older {which if which == 'open' else 'all'}:")
    out.print(rows)
