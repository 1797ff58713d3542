"""`bascule merge`, `unmerge` and `duplicates`: two records that are one person."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table

app = typer.Typer(no_args_is_help=True, help="Records that are likely of one person.")


def merge(
    one: Annotated[str, typer.Argument(help="Id of a candidate.", metavar="RECORD")],
    other: Annotated[str, typer.Argument(help="Id of the other.", metavar="OTHER")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Join two candidates that are one person; the one that was met first stays. `bascule unmerge` undoes it."""
    kept = reached(data, lambda reach: reach.post("/duplicates/merge", {"record": one, "other": other}))
    emit(kept, as_json, lambda: out.print(f"Joined into {kept['record']}.", highlight=False))


def unmerge(
    record: Annotated[str, typer.Argument(help="Id of the candidate that was joined into another.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Tell apart what was joined: what still exists of the record goes back to it."""
    done = reached(data, lambda reach: reach.post(f"/duplicates/{record}/unmerge", {}))
    emit(done, as_json, lambda: out.print("A person of its own again."))


@app.command("certain")
def certain(
    join: Annotated[bool, typer.Option("--merge", help="Join them, after a look at the list.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --merge: do not ask.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Pairs whose answer is hardly in doubt, and what speaks for each; with --merge they are joined, each undoable."""
    found = reached(data, lambda reach: reach.get("/duplicates/certain"))["items"]
    if not join or not found:
        emit(found, as_json, lambda: _show(found))
        return
    if not yes:
        _show(found)
        typer.confirm(f"Join these {len(found)}?", abort=True, err=True)
    done: dict[str, Any] = {"records": [], "left": {}}
    for first in range(0, len(found), 1000):
        asked = {"reviews": [one["review"] for one in found[first : first + 1000]]}
        told = reached(data, lambda reach, body=asked: reach.post("/duplicates/certain", body))
        done["records"] += told["records"]
        done["left"] |= told["left"]
    emit(done, as_json, lambda: _done(done))
    if done["left"]:
        raise typer.Exit(1)


@app.command("sweep")
def sweep(data: DATA = None, as_json: JSON = False) -> None:
    """Compare everybody with everybody now, instead of at night. What it finds: `bascule reviews list --kind merge`."""
    done = reached(data, lambda reach: reach.post("/duplicates/sweep", {}))
    emit(done, as_json, lambda: out.print("It has begun, in the running server."))


def _show(found: list[Any]) -> None:
    rows = table("record", "other", "they share")
    for one in found:
        rows.add_row(one["record"], one["other"], "; ".join(one["shared"]))
    out.print(rows if found else "No pair is certain. Likely ones: bascule reviews list --kind merge")


def _done(done: dict[str, Any]) -> None:
    out.print(f"{len(done['records'])} joined.")
    for review, why in done["left"].items():
        out.print(f"  left: {review}: {why}", highlight=False)
