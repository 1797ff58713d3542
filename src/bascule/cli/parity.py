"""`bascule parity`: what a system lists now against what is held of it."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table
from .reach import Reach

SHOWN = 20  # differences of a list that are printed


def parity(
    connection: Annotated[str, typer.Argument(help="The name of a connection.")],
    of: Annotated[str, typer.Option("--object", help="Only this list, for instance candidates.")] = "",
    last: Annotated[bool, typer.Option("--last", help="Show the newest results; compare nothing now.")] = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait until it is done.")] = 900.0,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Compare every list with what is held of it: ids, counts, digests of the mapped fields. What nothing explains is
    read again. Exit 1 when a difference was unexplained, or it is not done within the time."""

    async def go(reach: Reach) -> dict[str, Any]:
        since = "" if last else (await reach.post(f"/connections/{connection}/parity", {"object": of}))["since"]
        until = time.monotonic() + wait
        while True:
            found = await reach.get(f"/connections/{connection}/parity", object=of)
            done = all(one["ended"] is not None and one["ended"] >= since for one in found["items"])
            if last or done or time.monotonic() >= until:
                return {**found, "done": last or done}
            await asyncio.sleep(0.5)

    found = reached(data, go, working=not last)
    emit(found, as_json, lambda: _show(found))
    if not found["done"] or any(one["unexplained"] or one["error"] for one in found["items"]):
        raise typer.Exit(1)


def _show(found: dict[str, Any]) -> None:
    rows = table("list", "compared", "there", "here", "digests", "on its way", "decided", "unexplained", "left")
    for one in found["items"]:
        digests = "" if one["ended"] is None or one["error"] else "the same" if one["same"] else "differ"
        counts = [str(one[what]) for what in ("theirs", "ours")]
        rest = [str(one[what]) for what in ("moving", "decided", "unexplained", "left")]
        rows.add_row(one["object"], (one["ended"] or "never")[:16], *counts, digests, *rest)
    out.print(rows)
    for one in found["items"]:
        if one["error"]:
            out.print(f"! {one['object']}: {one['error']}", highlight=False)
        if one["causes"]:
            told = ", ".join(f"{n} {cause}" for cause, n in one["causes"].items())
            out.print(f"{one['object']}: {told}; {one['healed']} gone since they were read again.", highlight=False)
        for each in one["differences"][:SHOWN]:
            what = f"{each['kind']} {each['external']} {each['field']}".rstrip()
            out.print(f"  {what}: {each['cause']} ({each['state']})", highlight=False)
    if not found["done"]:
        out.print("Not done yet; it goes on while the server runs: bascule parity NAME --last")
