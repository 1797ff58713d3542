"""`bascule connections rhythm`: intervals and freshness promises beside what is measured."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table
from .reach import Reach

SECONDS = "in seconds; 0 goes back to the usual."


def rhythm(
    name: str,
    of: Annotated[str, typer.Argument(metavar="[LIST]", help="The list to set, for instance tags.")] = "",
    every: Annotated[float | None, typer.Option(help=f"How often it is asked, {SECONDS}")] = None,
    promise: Annotated[float | None, typer.Option(help=f"Within which a change is promised here, {SECONDS}")] = None,
    parity: Annotated[float | None, typer.Option(help=f"How often it is compared with what is held, {SECONDS}")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """How often each list is asked and what is promised, beside what was measured; with a list, set it. It is in force
    with the next reading, which is due at once. Without a list: exit 1 when one is later than promised."""

    async def go(reach: Reach) -> Any:
        if of:
            body = {"list": of, "every": every, "promise": promise, "parity": parity}
            return await reach.post(f"/connections/{name}/rhythm", body)
        return await reach.get(f"/connections/{name}/rhythm")

    found = reached(data, go)["items"]

    def show() -> None:
        rows = table("list", "asked every", "now", "promised", "p50", "p95", "p99", "told by", "compared every")
        for one in found:
            rows.add_row(
                one["list"],
                _said(one["every"]) + (" (set)" if one["chosen"] else ""),
                _said(one["now_every"]),
                _said(one["promise"]) + (" (set)" if one["kept"] else ""),
                *(_said(one[part]) for part in ("p50", "p95", "p99")),
                "webhook, poll" if one["told"] else "poll",
                _said(one["parity"]),
            )
        out.print(rows)
        for one in found:
            if one["late"]:
                out.print(f"! {one['list']} is later than promised: 95 of 100 within {_said(one['p95'])}.")

    emit(found, as_json, show)
    if not of and any(one["late"] for one in found):
        raise typer.Exit(1)


def _said(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:g} s"
