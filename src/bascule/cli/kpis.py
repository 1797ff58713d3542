"""`bascule kpis` and `bascule flow`: figures people steer by."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bascule.office.figures import csv_of
from bascule.server.show.figures import told, took

from . import DATA, JSON, emit, out, reached, table
from .reach import Reach

JOB = Annotated[str, typer.Option(help="Of one job, by its id.")]
DEPARTMENT = Annotated[str, typer.Option(help="Of one department's jobs.")]
CONNECTION = Annotated[str, typer.Option(help="Of one connection.")]
WEEKS = Annotated[int, typer.Option(help="So many weeks up to now; 0 for all there is.", min=0, max=520)]
SINCE = Annotated[str, typer.Option(help="The first day (2026-11-30), in place of --weeks.")]
UNTIL = Annotated[str, typer.Option(help="The last day.")]


def kpis(
    job: JOB = "",
    department: DEPARTMENT = "",
    connection: CONNECTION = "",
    weeks: WEEKS = 12,
    since: SINCE = "",
    until: UNTIL = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every figure week by week as CSV.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Time to screen and to hire, interview to offer, completion, latency, answers, and how scores are used: each with
    of how many, and no per cent of a few. What each counts stands in docs/kpis.md and in --json."""
    asked = _asked(job, department, connection, weeks, since, until)

    async def go(reach: Reach) -> Any:
        return await reach.get("/kpis", **asked)

    found = reached(data, go)

    def show() -> None:
        if as_csv:
            print(csv_of(found), end="")
            return
        rows = table("figure", "value", "of", "9 of 10 within", "baseline", "target")
        for one in found["figures"]:
            frozen = one["baseline"]
            rows.add_row(
                one["title"], "not told" if one["hidden"] else told(one, one["unit"]) or "none",
                f"{one['n']} {one['of']}", took(one["p90"]),
                told({**frozen, "few": False}, one["unit"]) if frozen else "",
                "" if one["target"] is None else f"{one['target']:g}",
            )  # fmt: skip
        out.print(rows)
        queue = found["queue"]
        if queue["n"]:
            out.print(f"{queue['n']} wait for a first decision: half for {took(queue['value'])} or more.")
        _counted(found)

    emit(found, as_json, show)


def flow(
    job: JOB = "",
    department: DEPARTMENT = "",
    connection: CONNECTION = "",
    weeks: WEEKS = 12,
    since: SINCE = "",
    until: UNTIL = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """The way from application to offer: how many came into each stage, how long they stayed, who stands there now, and
    where people wait longest. Of one job by its stages, else by the types of stages."""
    asked = _asked(job, department, connection, weeks, since, until)

    async def go(reach: Reach) -> Any:
        return await reach.get("/flow", **asked)

    found = reached(data, go)

    def show() -> None:
        rows = table("stage", "came in", "half stayed", "9 of 10", "of", "ended there", "stand there now")
        for one in found["steps"]:
            stays = one["stays"]
            ended = ", ".join(f"{many} {status}" for status, many in one["ended"].items())
            rows.add_row(
                one["name"], str(one["entered"]), took(stays["value"]), took(stays["p90"]), str(stays["n"]), ended,
                str(one["stand"]),
            )  # fmt: skip
        out.print(rows)
        longest = next((one["name"] for one in found["steps"] if one["key"] == found["longest"]), "")
        out.print(
            f"People wait longest in {longest}." if longest else "Too few stays have ended to say where they wait."
        )
        for one in found["triggers"]:
            if one["why"]:
                out.print(f"{one['name']}: {one['why']}", markup=False, highlight=False)
        _counted(found)

    emit(found, as_json, show)


def _counted(found: Any) -> None:
    for one in found["counted_from"]:
        out.print(one["said"], markup=False, highlight=False)


def _asked(job: str, department: str, connection: str, weeks: int, since: str, until: str) -> dict[str, str]:
    given = {"job": job, "department": department, "connection": connection, "since": since, "until": until}
    return {name: text for name, text in given.items() if text} | {"weeks": str(weeks)}
