"""`bascule counterparts` and `bascule copies`: two ATSs in one workspace that are kept in step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table

counterparts = typer.Typer(no_args_is_help=True, help="Jobs and reasons that are the same at two connections.")
copies = typer.Typer(no_args_is_help=True, help="What of one connection is created at another: nothing by itself.")

FIRST = Annotated[str, typer.Argument(help="Name of a connection.")]
SECOND = Annotated[str, typer.Argument(help="Name of the other connection.")]
SOURCE = Annotated[str, typer.Argument(help="The connection that people apply at.", metavar="FROM")]
TARGET = Annotated[str, typer.Argument(help="The connection that they are created at.", metavar="TO")]
OLDER = Annotated[bool, typer.Option("--older", help="Also who is there already, not only who applies from now on.")]


@counterparts.command("list")
def listed(first: FIRST, second: SECOND, data: DATA = None, as_json: JSON = False) -> None:
    """What the first has, with its counterpart at the second; those that applications wait for come first. Exit 1 while
    any do."""
    found = reached(data, lambda reach: reach.get("/counterparts", first=first, second=second))
    emit(found, as_json, lambda: _show(found["items"]))
    if any(one["one"]["waiting"] and one["state"] != "paired" for one in found["items"]):
        raise typer.Exit(1)


@counterparts.command("confirm")
def confirm(first: FIRST, second: SECOND, data: DATA = None, as_json: JSON = False) -> None:
    """Pair all that is proposed: jobs of one requisition id, or of one title and place; reasons of one name."""
    path = f"/counterparts/confirm?first={first}&second={second}"
    made = reached(data, lambda reach: reach.post(path, {}))
    emit(made, as_json, lambda: out.print(f"{len(made['items'])} paired."))


@counterparts.command("pair")
def pair(
    record: Annotated[str, typer.Argument(help="Id of a job, stage or reason of one connection.")],
    other: Annotated[str, typer.Argument(help="Id of its counterpart at the other.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Say that two are the same; what waited for it goes on."""
    made = reached(data, lambda reach: reach.post("/counterparts", {"record": record, "other": other}))
    emit(made, as_json, lambda: out.print("Paired."))


@counterparts.command("part")
def part(
    record: Annotated[str, typer.Argument(help="Id of a job, stage or reason.")],
    connection: Annotated[str, typer.Argument(help="Where it has a counterpart.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Take back that it has a counterpart there. What was created stays."""
    body = {"record": record, "connection": connection}
    made = reached(data, lambda reach: reach.post("/counterparts/part", body))
    emit(made, as_json, lambda: out.print("Taken back."))


def _show(items: list[Mapping[str, Any]]) -> None:
    rows = table("kind", "waiting", "one", "place", "its counterpart", "place", "state", "id")
    for pair in items:
        one, other = pair["one"], pair["counterpart"] or {}
        state = f"proposed: {pair['why']}" if pair["why"] else pair["state"]
        rows.add_row(
            one["kind"].replace("_", " "), str(one["waiting"] or ""), one["name"], one["place"], other.get("name", ""),
            other.get("place", ""), state, one["id"],
        )  # fmt: skip
    out.print(rows if items else "Nothing to be paired has been read yet.")


@copies.command("list")
def ways(data: DATA = None, as_json: JSON = False) -> None:
    """What is copied now, and since when."""
    found = reached(data, lambda reach: reach.get("/copies"))

    def show() -> None:
        rows = table("from", "to", "since")
        for one in found["items"]:
            rows.add_row(one["source"], one["target"], "ever" if one["older"] else one["since"][:16])
        out.print(rows if found["items"] else "Nothing is copied between connections.")

    emit(found, as_json, show)


@copies.command("preview")
def preview(source: SOURCE, target: TARGET, older: OLDER = False, data: DATA = None, as_json: JSON = False) -> None:
    """How many people, candidacies, notes and files would be created at once, what has no counterpart, and what the
    system may do besides. Nothing is changed."""
    found = _looked(data, source, target, older=older)
    emit(found, as_json, lambda: _told(found, target))


@copies.command("begin")
def begin(
    source: SOURCE,
    target: TARGET,
    older: OLDER = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; agree to what the system may do besides.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Show what would be created, ask, and create it; and from then on what is made at the first."""
    if not yes:
        _told(_looked(data, source, target, older=older), target)
        if not typer.confirm(f"Create this at {target}, and from now on what is made at {source}?"):
            raise typer.Exit(1)
    body = {"source": source, "target": target, "older": older, "agreed": True}
    made = reached(data, lambda reach: reach.post("/copies", body))
    emit(made, as_json, lambda: out.print(f"What is made at {source} is created at {target}."))


@copies.command("end")
def end(source: SOURCE, target: TARGET, data: DATA = None, as_json: JSON = False) -> None:
    """Create nothing more there. What was created stays, and stays in step."""
    made = reached(data, lambda reach: reach.post("/copies/end", {"source": source, "target": target}))
    emit(made, as_json, lambda: out.print(f"Nothing more of {source} is created at {target}."))


def _looked(data: Any, source: str, target: str, *, older: bool) -> dict[str, Any]:
    asked = {"source": source, "target": target, "older": "true" if older else "false"}
    return reached(data, lambda reach: reach.get("/copies/preview", **asked))


def _told(found: Mapping[str, Any], target: str) -> None:
    rows = table("what", "to be created")
    for kind, number in found["created"].items():
        rows.add_row(f"{kind}s", str(number))
    out.print(rows if found["created"] else f"Nothing would be created at {target} at once.")
    out.print(f"{found['matched']} of {found['people']} people are at both. About {found['requests']} requests.")
    for one in found["waiting"]:
        name, id = one["name"], one["id"]
        out.print(f"  {one['creations']} wait: {name} has no counterpart at {target} ({id})", highlight=False)
    for one in found["missing"]:
        out.print(f"  the credential of {target} lacks {one}", highlight=False)
    for one in found["effects"]:
        out.print(f"  {one}", highlight=False)
