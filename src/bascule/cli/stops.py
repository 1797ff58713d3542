"""`bascule connections stop` and `release`: a connection's writes, or its messages alone, and what waits meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table

MESSAGES = Annotated[bool, typer.Option("--messages", help="Messages to candidates alone: writing goes on.")]


def stop(
    name: str,
    why: Annotated[str, typer.Option(help="The reason, shown to everybody.")],
    messages: MESSAGES = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Write nothing there, and send candidates nothing about it, until `release`. Reading goes on, and what is due
    waits."""
    body = {"why": why, "what": _what(messages)}
    found = reached(data, lambda reach: reach.post(f"/connections/{name}/stop", body))

    def show() -> None:
        out.print(f"{name}: {found['messages_stopped' if messages else 'stopped']}", highlight=False)
        command = f"bascule connections release {name}{' --messages' if messages else ''}"
        if found["under_way"] and not messages:
            out.print(f"{found['under_way']} being written now, let end: {command} shows it.")
        if found["sending"]:
            out.print(f"{found['sending']} messages are with the mail server already: let end.")
        _waits(found, messages)

    emit(found, as_json, show)


def release(
    name: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    why: Annotated[str, typer.Option(help="Kept in the audit.")] = "",
    messages: MESSAGES = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Show what waits, ask, and let it go, in order. With --json and without --yes: only show it (exit 1)."""
    if not yes:
        found = reached(data, lambda reach: reach.get(f"/connections/{name}/stop"))
        if as_json:
            again = f"bascule connections release {name}{' --messages' if messages else ''} --yes --json"
            emit({**found, "released": False, "next": again}, as_json, lambda: None)
            raise typer.Exit(1)
        _waits(found, messages)
        if not typer.confirm(_question(found, name, messages)):
            raise typer.Exit(1)
    body = {"why": why, "what": _what(messages)}
    made = reached(data, lambda reach: reach.post(f"/connections/{name}/release", body))
    emit({**made, "released": True}, as_json, lambda: out.print(_released(made, name, messages), highlight=False))


def _what(messages: bool) -> str:
    return "messages" if messages else "writes"


def _question(found: Mapping[str, Any], name: str, messages: bool) -> str:
    if messages:
        return f"Let candidates of {name} be written to again now?"
    also = ", and send the messages" if found["messages"] and not found["messages_stopped"] else ""
    return f"Write all of it to {name}{also} now?"


def _released(made: Mapping[str, Any], name: str, messages: bool) -> str:
    held = made["stopped" if messages else "messages_stopped"]
    sent = f"{made['messages']} messages {'wait on' if held else 'on their way'}."
    if messages:
        return f"Candidates of {name} are written to again: {sent}{f' {held}' if held else ''}"
    also = f" {sent}" if made["messages"] else ""
    return f"{name} is written to again: {made['writes']} writes on their way.{also}"


def _waits(found: Mapping[str, Any], messages: bool) -> None:
    """What is to be written, by call, and sent, by template, and who waits longest."""
    calls = [] if messages else [(x["call"].replace("_", " "), x["writes"], x["since"]) for x in found["calls"]]
    letters = [(f"message {x['template']}", x["messages"], x["since"]) for x in found["templates"]]
    rows = table("waiting", "how many", "since")
    for what, many, since in [*calls, *letters]:
        rows.add_row(what, str(many), since[:16])
    out.print(rows if calls or letters else f"Nothing waits to be {'sent' if messages else 'written or sent'}.")
    for one in [] if messages else found["first"]:
        out.print(f"  {one['name'] or one['record']} ({one['kind']}) since {one['since'][:16]}", highlight=False)
    for one in found["first_messages"]:
        who = one["name"] or one["candidate"]
        out.print(f"  {who}: message {one['template']}, due {one['due'][:16]}", highlight=False)
