"""`bascule triggers`: rules, what is wrong with them, what they would have done, and what they did."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, out, reached, table, text_of

app = typer.Typer(no_args_is_help=True, help="What follows from what is true of an application.")
FILE = Annotated[Path | None, typer.Argument(help="A file of rules; left out: those in force.")]
NAME = Annotated[str, typer.Argument(help="A trigger's name.")]


@app.command("list")
def listed(data: DATA = None, as_json: JSON = False) -> None:
    """Every rule: whether it is on, who answers for it, what it has done."""
    found = reached(data, lambda reach: reach.get("/triggers"))
    emit(found, as_json, lambda: _rules(found))


def _rules(found: Mapping[str, Any]) -> None:
    rows = table("trigger", "on", "what", "owner", "done", "waiting", "withheld")
    for one in found["items"]:
        counts = one["counts"]
        rows.add_row(
            one["name"], "on" if one["on"] else "off", one["words"], one["owner"],
            str(counts.get("done", 0) + counts.get("changed", 0)), str(counts.get("waiting", 0)),
            str(counts.get("withheld", 0) + counts.get("failed", 0)),
        )  # fmt: skip
    out.print(rows if found["items"] else "No triggers yet: bascule triggers starter > triggers.yaml")
    _natives(found["by_themselves"])
    _findings(found["findings"])


def _natives(natives: list[Mapping[str, Any]]) -> None:
    for native in natives:
        read = f", read {native['read'][:16]}" if native["read"] else ""
        for one in native["items"]:
            said = f"By {native['connection']} itself{read}: {one['name']}, {one['what']}."
            out.print(said, markup=False, highlight=False)
        if native["hidden"]:
            out.print(f"{native['connection']}: {native['hidden']}", markup=False, highlight=False)


def _findings(findings: list[Mapping[str, Any]]) -> None:
    for one in findings:
        lines = " and ".join(map(str, one["lines"]))
        mark = "Refused" if one["refused"] else "Note"
        out.print(f"{mark}, line {lines}: {one['what']} {one['next']}", highlight=False)


@app.command("show")
def show(data: DATA = None, as_json: JSON = False) -> None:
    """The file of rules in force, to edit."""
    found = reached(data, lambda reach: reach.get("/triggers"))
    emit(found, as_json, lambda: typer.echo(found["text"], nl=False))


@app.command("starter")
def starter(
    owner: Annotated[str, typer.Option(help="The e-mail of who answers for them.")] = "OWNER", as_json: JSON = False
) -> None:
    """A file of rules to begin with, all of them off."""
    text = files("bascule.hiring").joinpath("data/triggers.yaml").read_text("utf-8").replace("OWNER", owner)
    emit({"text": text}, as_json, lambda: typer.echo(text, nl=False))


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The name of a rule of the starter.")],
    owner: Annotated[str, typer.Option(help="The e-mail of who answers for it.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Add one of the rules that Bascule comes with to those in force, switched off."""
    found = reached(data, lambda reach: reach.post(f"/triggers/{name}/add", {"owner": owner}))
    emit(found, as_json, lambda: _rules(found))


@app.command("check")
def check(file: FILE = None, data: DATA = None, as_json: JSON = False) -> None:
    """What is wrong: stages nobody has, duplicates, contradictions, loops, two systems that write to one candidate."""
    found = reached(data, lambda reach: reach.post("/triggers/check", {"text": _text(file)}))

    def told() -> None:
        _natives(found["by_themselves"])
        _findings(found["items"])
        if not found["items"]:
            out.print("Nothing is wrong.")

    emit(found, as_json, told)
    if any(one["refused"] for one in found["items"]):
        raise typer.Exit(1)


@app.command("dry-run")
def dry_run(
    file: FILE = None,
    days: Annotated[int, typer.Option(help="How far back.")] = 30,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What the rules would have done in the last days. Nothing is done."""
    found = reached(data, lambda reach: reach.post("/triggers/dry-run", {"text": _text(file), "days": days}))

    def told() -> None:
        out.print(f"{found['looked_at']} applications, {found['since'][:10]} to {found['until'][:10]}.")
        rows = table("trigger", "would have fired", "what")
        for one in found["items"]:
            times = (
                f"unknown: the past does not tell {', '.join(one['unknown'])}" if one["unknown"] else str(one["times"])
            )
            rows.add_row(one["name"], times, one["words"])
        out.print(rows)
        _findings(found["findings"])

    emit(found, as_json, told)


@app.command("apply")
def apply(
    file: Annotated[Path, typer.Argument(help="A file of rules.", exists=True)],
    why: Annotated[str, typer.Option(help="Kept with the version.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Put rules in force. What became true before never fires them."""
    body = {"text": _text(file), "why": why}
    found = reached(data, lambda reach: reach.put("/triggers", body))
    emit(found, as_json, lambda: _rules(found))


@app.command("on")
def on(name: NAME, data: DATA = None, as_json: JSON = False) -> None:
    """Turn a rule on."""
    _switch(name, True, data, as_json)


@app.command("off")
def off(name: NAME, data: DATA = None, as_json: JSON = False) -> None:
    """Turn a rule off; what waits for a person stays."""
    _switch(name, False, data, as_json)


def _switch(name: str, on: bool, data: Path | None, as_json: bool) -> None:
    found = reached(data, lambda reach: reach.post(f"/triggers/{name}/switch", {"on": on}))
    emit(found, as_json, lambda: out.print(f"{name} is {'on' if on else 'off'}."))


@app.command("fired")
def fired(
    trigger: Annotated[str, typer.Option(help="Of one rule.")] = "",
    state: Annotated[str, typer.Option(help="waiting, done, changed, withheld or failed.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What rules have done, the newest first, with what they saw."""
    found = reached(data, lambda reach: reach.get("/triggers/fired", trigger=trigger, state=state))

    def told() -> None:
        rows = table("at", "trigger", "did", "state", "saw", "application")
        for one in found["items"]:
            saw = ", ".join(f"{name} {value}" for name, value in one["saw"].items())
            state_ = one["state"] + (f": {one['why']}" if one["why"] else "")
            rows.add_row(one["at"][:16], one["trigger"], one["action"], state_, saw, one["application"])
        out.print(rows if found["items"] else "Nothing yet.")

    emit(found, as_json, told)


@app.command("release")
def release(
    name: NAME,
    decline: Annotated[bool, typer.Option("--decline", help="Withhold all of them instead.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Answer everything of a rule that waits to be sent: all of it leaves in your name."""
    body = {"answer": "decline" if decline else "approve"}
    found = reached(data, lambda reach: reach.post(f"/triggers/{name}/answer", body))
    said = "withheld" if decline else "on their way"
    emit(found, as_json, lambda: out.print(f"{found['answered']} messages {said}."))


@app.command("versions")
def versions(data: DATA = None, as_json: JSON = False) -> None:
    """Every version of the rules: who made it, when, why."""
    found = reached(data, lambda reach: reach.get("/triggers/versions"))

    def told() -> None:
        rows = table("version", "at", "by", "why")
        for one in found["items"]:
            rows.add_row(str(one["version"]), one["at"][:16], one["by"], one["why"])
        out.print(rows)

    emit(found, as_json, told)


@app.command("rollback")
def rollback(
    version: Annotated[int, typer.Argument(help="As `triggers versions` numbers it.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Put an older version in force, as a new one."""
    found = reached(data, lambda reach: reach.post(f"/triggers/versions/{version}", {}))
    emit(found, as_json, lambda: out.print(f"Version {version} is in force again, as {found['version']}."))


@app.command("automatic")
def automatic(
    name: NAME,
    connection: Annotated[str, typer.Argument(help="Where it may act by itself.")],
    off: Annotated[bool, typer.Option("--off", help="Hold it for a person again.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Let a rule send by itself at a connection. It must have earned that: a job from opening to hire, 28 days, 200
    items, under 1 % changed, withheld or failed. What turns people away never does."""
    body = {"connection": connection, "on": not off}
    found = reached(data, lambda reach: reach.post(f"/triggers/{name}/automatic", body))
    said = "waits for a person" if off else "acts by itself"
    emit(found, as_json, lambda: out.print(f"{name} {said} at {connection}."))


def _text(file: Path | None) -> str | None:
    return None if file is None else text_of(file)
