"""`bascule merge`, `unmerge` and `duplicates`: two records that are one person."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table, text_of

TOGETHER = 1000  # pairs of one batch

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
    """Pairs whose answer is hardly in doubt, and what speaks for each; with --merge they are joined, and can be taken
    back together."""
    found = reached(data, lambda reach: reach.get("/duplicates/certain"))["items"]
    if not join or not found:
        emit(found, as_json, lambda: _show(found))
        return
    if not yes:
        _show(found)
        typer.confirm(f"Join these {len(found)}?", abort=True, err=True)
    _join(data, as_json, "certain", "reviews", [one["review"] for one in found])


@app.command("merge")
def merge_all(
    pairs: Annotated[Path, typer.Argument(help="A CSV file: in each line the ids of two candidates.", metavar="FILE")],
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would come of it.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Join a list of pairs of your own, after a look at what would come of it. They can be taken back together."""
    given = _read(pairs)
    seen: dict[str, Any] = {"records": [], "left": {}}
    for some in _chunks(given):
        body = {"pairs": some, "preview": True}
        _add(seen, reached(data, lambda reach, body=body: reach.post("/duplicates/pairs", body)))
    if preview or not seen["records"]:
        emit(seen, as_json, lambda: _seen(seen))
        raise typer.Exit(1 if seen["left"] else 0)
    if not yes:
        _seen(seen)
        typer.confirm(f"Join {_pairs(len(seen['records']))}?", abort=True, err=True)
    _join(data, as_json, "pairs", "pairs", given)


@app.command("undo")
def undo(
    batch: Annotated[str, typer.Argument(help="What was told when they were joined.", metavar="BATCH")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Tell apart all that one batch has joined. What had been asked about is asked again."""
    done = reached(data, lambda reach: reach.post("/duplicates/undo", {"batch": batch}))
    emit(done, as_json, lambda: _told(done, "told apart again"))
    if done["left"]:
        raise typer.Exit(1)


@app.command("batches")
def batches(data: DATA = None, as_json: JSON = False) -> None:
    """What was joined together lately and not taken back."""
    found = reached(data, lambda reach: reach.get("/duplicates/batches"))["items"]

    def show() -> None:
        rows = table("batch", "at", "pairs")
        for one in found:
            rows.add_row(one["batch"], one["at"][:16], str(one["pairs"]))
        out.print(rows if found else "Nothing was joined together.")

    emit(found, as_json, show)


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


def _read(path: Path) -> list[Any]:
    """The pairs of a file. BadParameter names the line that is none."""
    lines = list(csv.reader(text_of(path).splitlines()))
    found: list[Any] = []
    for number, line in enumerate(lines, 1):
        two = [cell.strip() for cell in line if cell.strip()]
        if not two or (number == 1 and two == ["record", "other"]):
            continue
        if len(two) != 2:
            raise typer.BadParameter(f"{path}, line {number}: the ids of two candidates are needed, with a comma.")
        found.append({"record": two[0], "other": two[1]})
    if not found:
        raise typer.BadParameter(f"{path} holds no pair.")
    return found


def _chunks(given: list[Any]) -> list[list[Any]]:
    return [given[first : first + TOGETHER] for first in range(0, len(given), TOGETHER)]


def _add(done: dict[str, Any], told: Any) -> None:
    done["records"] += told["records"]
    done["left"] |= told["left"]


def _join(data: Path | None, as_json: bool, path: str, name: str, given: list[Any]) -> None:
    """Join what was given, in as many batches as it takes. Exit 1 where something was left."""
    done: dict[str, Any] = {"batches": [], "records": [], "left": {}}
    for some in _chunks(given):
        told = reached(data, lambda reach, body={name: some}: reach.post(f"/duplicates/{path}", body))
        done["batches"].append(told["batch"])
        _add(done, told)

    def show() -> None:
        _told(done, "joined")
        for batch in done["batches"]:
            out.print(f"Take it back: bascule duplicates undo {batch}", highlight=False)

    emit(done, as_json, show)
    if done["left"]:
        raise typer.Exit(1)


def _pairs(many: int) -> str:
    return f"{many} pair{'' if many == 1 else 's'}"


def _seen(seen: dict[str, Any]) -> None:
    out.print(f"{_pairs(len(seen['records']))} can be joined.")
    _left(seen)


def _told(done: dict[str, Any], what: str) -> None:
    out.print(f"{len(done['records'])} {what}.")
    _left(done)


def _left(done: dict[str, Any]) -> None:
    for name, why in done["left"].items():
        out.print(f"  left: {name}: {why}", highlight=False)
