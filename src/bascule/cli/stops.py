"""`bascule connections stop` and `release`: the writes of a connection, and what waits meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table


def stop(
    name: str,
    why: Annotated[str, typer.Option(help="The reason, shown to everybody.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Write nothing there any more until `release`. Reading goes on, and what is to be written waits."""
    found = reached(data, lambda reach: reach.post(f"/connections/{name}/stop", {"why": why}))

    def show() -> None:
        out.print(f"{name}: {found['stopped']}")
        if found["under_way"]:
            out.print(f"{found['under_way']} being written now, let end: bascule connections release {name} shows it.")
        _waits(found)

    emit(found, as_json, show)


def release(
    name: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    why: Annotated[str, typer.Option(help="Kept in the audit.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Show what waits, ask, and let it go, in order."""
    if not yes:
        _waits(reached(data, lambda reach: reach.get(f"/connections/{name}/stop")))
        if not typer.confirm(f"Write all of it to {name} now?"):
            raise typer.Exit(1)
    made = reached(data, lambda reach: reach.post(f"/connections/{name}/release", {"why": why}))
    emit(made, as_json, lambda: out.print(f"{name} is written to again: {made['writes']} writes on their way."))


def _waits(found: Mapping[str, Any]) -> None:
    """What is to be written, by call, and who waits longest."""
    rows = table("waiting", "how many", "since")
    for one in found["calls"]:
        rows.add_row(one["call"].replace("_", " "), str(one["writes"]), one["since"][:16])
    out.print(rows if found["calls"] else "Nothing waits to be written.")
    for one in found["first"]:
        out.print(f"  {one['name'] or one['record']} ({one['kind']}) since {one['since'][:16]}", highlight=False)
