"""`bascule failures`: what will not succeed by itself."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bascule.model import Reason

from . import DATA, JSON, emit, fail, out, reached, table
from .reach import Reach

app = typer.Typer(no_args_is_help=True, help="Writes and events that will not succeed by themselves.")

CLASS = Annotated[Reason | None, typer.Option("--class", help="Only this class of reason.")]
CONNECTION = Annotated[str, typer.Option(help="Only this connection.")]
FIELD = Annotated[str, typer.Option(help="Only those that carry this field, by the system's name or ours.")]
IDS = Annotated[list[str] | None, typer.Argument(help="Failures by id.")]
ALL = Annotated[bool, typer.Option("--all", help="All of them.")]


@app.command("list")
def failures_list(
    cls: CLASS = None,
    connection: CONNECTION = "",
    field: FIELD = "",
    groups: Annotated[
        bool, typer.Option("--groups", help="Counted by connection and class: each is one thing to mend.")
    ] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What will not succeed by itself, in the vendor's words, and what to do."""
    if groups:
        found = reached(data, lambda reach: reach.get("/failures/groups"))
        emit(found, as_json, lambda: _show_groups(found["items"]))
        return

    async def go(reach: Reach) -> Any:
        items: list[Any] = []
        after = ""
        while True:
            page = await reach.get("/failures", **_query(cls, connection, field), limit="200", after=after)
            items += page["items"]
            after = page["next"] or ""
            if not after:
                return {"items": items, "next": None}

    found = reached(data, go)
    emit(found, as_json, lambda: _show(found["items"]))


def _query(cls: Reason | None, connection: str, field: str) -> dict[str, str]:
    return {"class": str(cls or ""), "connection": connection, "field": field}


def _show(items: list[Any]) -> None:
    rows = table("id", "class", "who", "call", "since", "why", "next")
    for one in items:
        since = (one["closed"] or "")[:19]
        rows.add_row(one["id"], one["reason"], one["name"], one["call"], since, one["why"], one["next"])
    out.print(rows if items else "No failures.")


def _show_groups(items: list[Any]) -> None:
    rows = table("connection", "class", "failures", "since", "what to do")
    for one in items:
        rows.add_row(one["connection"], one["reason"], str(one["count"]), one["since"][:19], one["hint"])
    out.print(rows if items else "No failures.")


@app.command("show")
def failures_show(id: str, data: DATA = None, as_json: JSON = False) -> None:
    """One failure: what was to be written, the vendor's words, the record's history, what to do."""
    found = reached(data, lambda reach: reach.get(f"/failures/{id}"))

    def show() -> None:
        out.print(f"{found['call']} of {', '.join(found['fields'])} at {found['connection']}", style="bold")
        said = [f"{found['connection']} said: {found['why']}", f"Class: {found['reason']}. {found['hint']}"]
        said += [f"Next: {found['next']}", f"Asked by {found['asked_by']}; {found['tries']} tries; {found['state']}."]
        for line in said:
            out.print(line, markup=False, highlight=False, soft_wrap=True)
        rows = table("at", "what", "who", "why")
        for one in found["history"]:
            rows.add_row(one["at"][:19], one["what"], one["actor"], one["why"])
        out.print(rows)

    emit(found, as_json, show)


@app.command("replay")
def failures_replay(
    ids: IDS = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE of the record, mended first (one failure only).")
    ] = None,
    cls: CLASS = None,
    connection: CONNECTION = "",
    field: FIELD = "",
    everything: ALL = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Try again, rendered anew from the record as it is now. Exit 1 when one of them could not be."""
    if given:
        if not ids or len(ids) != 1:
            fail("--set mends the value of one failure: name its id.")
        values = dict(_pair(one) for one in given)
        reached(data, lambda reach: reach.post(f"/failures/{ids[0]}/replay", {"values": values}))
        emit({"done": 1, "refused": {}}, as_json, lambda: out.print("Mended, and on its way again."))
        return
    made = _several(data, "replay", _body(ids, cls, connection, field, everything))
    emit(made, as_json, lambda: _told(made, "on the way again"))
    if made["refused"]:
        raise typer.Exit(1)


@app.command("discard")
def failures_discard(
    ids: IDS = None,
    reason: Annotated[str, typer.Option(help="Why it need not be written.")] = "",
    cls: CLASS = None,
    connection: CONNECTION = "",
    field: FIELD = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Give failures up, with a reason that is kept. Exit 1 when one of them could not be."""
    if not reason.strip():
        fail("Say why it need not be written: --reason '...'")
    made = _several(data, "discard", {**_body(ids, cls, connection, field, False), "reason": reason})
    emit(made, as_json, lambda: _told(made, "discarded; the reason is kept"))
    if made["refused"]:
        raise typer.Exit(1)


def _body(ids: list[str] | None, cls: Reason | None, connection: str, field: str, everything: bool) -> dict[str, Any]:
    if not (ids or cls or connection or field or everything):
        fail("Name failures by id, or choose them by --class, --connection or --field.")
    return {"ids": ids or [], "class": cls, "connection": connection, "field": field}


def _several(data: Any, what: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ids one by one, so that an unknown one is an error; a choice page by page until its end."""

    async def go(reach: Reach) -> dict[str, Any]:
        done, refused = 0, dict[str, str]()
        after = ""
        while True:
            made = await reach.post(f"/failures/{what}", {**body, "after": after})
            done, refused, after = done + made["done"], refused | made["refused"], made["next"] or ""
            if not after:
                return {"done": done, "refused": refused}

    return reached(data, go)


def _told(made: dict[str, Any], what: str) -> None:
    if made["done"] or not made["refused"]:
        out.print(f"{made['done']} {what}.")
    for id, why in made["refused"].items():
        out.print(f"{id}: {why}", style="red", highlight=False, soft_wrap=True)


def _pair(given: str) -> tuple[str, str | None]:
    name, equals, value = given.partition("=")
    if not equals:
        fail(f"--set {given!r} is not of the form FIELD=VALUE.")
    return name, value or None
