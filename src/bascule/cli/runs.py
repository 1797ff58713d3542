"""`bascule push` and `bascule pull`: now instead of soon."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached
from .reach import Reach

TARGET = Annotated[str, typer.Argument(help="Id of a record or a job, or the name of a connection.")]
CONNECTION = Annotated[str, typer.Option(help="Only at this connection.")]
WAIT = Annotated[float, typer.Option(help="Seconds to wait until it is done (0: do not wait).")]


def pull(
    target: TARGET, connection: CONNECTION = "", wait: WAIT = 60.0, data: DATA = None, as_json: JSON = False
) -> None:
    """Read a record, a job with its applicants, or every list of a connection now; no webhook is needed. Exit 1 when it
    is not done within the time."""
    _run(data, "pull", {"target": target, "connection": connection}, wait, as_json)


def push(
    target: TARGET,
    connection: CONNECTION = "",
    differences: Annotated[
        bool, typer.Option("--differences", help="Write also over what was settled as it is (a record or a job).")
    ] = False,
    create: Annotated[
        bool, typer.Option("--create", help="Create it also where it is not there yet (a record or a job).")
    ] = False,
    wait: WAIT = 60.0,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Write what is owed of a record, a job or a connection now, through the same gates. Exit 1 when it is not done
    within the time, or has failed."""
    body = {"target": target, "connection": connection, "differences": differences, "create": create}
    _run(data, "push", body, wait, as_json)


def _run(data: Any, what: str, body: dict[str, Any], wait: float, as_json: bool) -> None:
    async def go(reach: Reach) -> dict[str, Any]:
        asked = await reach.post(f"/{what}", body)
        until = time.monotonic() + wait
        while True:
            left = await reach.get("/waiting", target=body["target"], connection=body["connection"])
            if not (left["reads"] or left["writes"]) or time.monotonic() >= until:
                return {**asked, **left}
            await asyncio.sleep(0.3)

    told = reached(data, go, working=True)
    done = not (told["reads"] or told["writes"])

    def show() -> None:
        where = ", ".join(told["connections"]) or "no connection"
        out.print(f"{what.capitalize()} at {where}: {'done' if done else 'still on its way'}.", highlight=False)
        for number, words in (
            (told["reads"], "reads are on their way"),
            (told["writes"], "writes are on their way"),
            (told["held"], "writes are held (mode or gate): see bascule status"),
            (told["failures"], "failures: bascule failures list"),
        ):
            if number:
                out.print(f"  {number} {words}", highlight=False)
        for text in told["drifts"]:
            out.print(f"! {text} See: bascule tasks list", highlight=False)

    emit(told, as_json, show)
    if (not done and wait > 0) or (what == "push" and told["failures"]):
        raise typer.Exit(1)
