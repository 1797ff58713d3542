"""`bascule mapping`: the document, choices in it, the same as a file, its versions, and the types of stages."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from bascule.model import Authority, Direction, Kind, StageType

from . import DATA, JSON, emit, fail, out, reached, save_text, table, text_of

app = typer.Typer(no_args_is_help=True, help="Which canonical field is which field of the ATS.")

NAME = Annotated[str, typer.Argument(help="Name of a connection.", metavar="CONNECTION")]
DRY = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]


@app.command("show")
def mapping_show(connection: str, data: DATA = None, as_json: JSON = False) -> None:
    """Every canonical field exactly once with its ATS field, then every live ATS field that is not mapped, and why."""
    found = reached(data, lambda reach: reach.get(f"/connections/{connection}/mapping"))

    def show() -> None:
        rows = table("field", "type", "class", "ATS field", "direction", "authority", "promised", "measured", "gap")
        for row in found["rows"]:
            rows.add_row(
                f"{row['kind']}.{row['field']}",
                row["type"],
                row["class"],
                row["ats"],
                row["direction"],
                row["authority"],
                row["promised"],
                row["measured"],
                row["gap"],
            )
        out.print(rows)
        out.print("\nNot mapped", style="bold")
        rest = table("object", "field", "type", "why")
        for row in found["unmapped"]:
            rest.add_row(row["object"], row["name"], row["type"], row["why"])
        out.print(rest)

    emit(found, as_json, show)


@app.command("set")
def mapping_set(
    connection: str,
    field: Annotated[str, typer.Argument(help="KIND.FIELD as `mapping show` names it, e.g. application.match_skills")],
    on: Annotated[bool, typer.Option("--on/--off", help="Carry this field, or do not.")] = True,
    direction: Annotated[Direction | None, typer.Option(help="in, out or both")] = None,
    authority: Annotated[Authority | None, typer.Option(help="Who wins when both changed it.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Switch a field on or off, or choose how it goes. Nothing old is written by this."""
    kind, dot, name = field.partition(".")
    if not dot or kind not in tuple(Kind):
        fail(f"{field!r} is not of the form KIND.FIELD, for instance application.match_skills.")
    body = {"kind": kind, "field": name, "on": on, "direction": direction, "authority": authority}
    found = reached(data, lambda reach: reach.post(f"/connections/{connection}/mapping", body))
    state = "on" if on else "off"
    emit(found, as_json, lambda: out.print(f"{field} is {state} at {connection}."))


@app.command("export")
def mapping_export(
    connection: NAME,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write it to a file.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """The whole mapping as a file (TOML) to edit."""
    found = reached(data, lambda reach: reach.get(f"/connections/{connection}/mapping/file"))
    if output is None:
        emit(found, as_json, lambda: typer.echo(found["text"], nl=False))
        return
    save_text(output, found["text"])
    said = f"Written to {output}. Edit it, then: bascule mapping import {output} --dry-run"
    emit(found, as_json, lambda: out.print(said, highlight=False))


@app.command("import")
def mapping_import(
    file: Annotated[Path, typer.Argument(help="A mapping file, as `mapping export` writes it.", exists=True)],
    connection: Annotated[str, typer.Option(help="Which connection, where the file does not say.")] = "",
    dry_run: DRY = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Take over an edited mapping file as a new version; --dry-run only shows which records would change."""
    text = text_of(file)
    name = connection or _named(text)
    body = {"text": text, "dry_run": dry_run}
    _made(reached(data, lambda reach: reach.post(f"/connections/{name}/mapping/file", body)), as_json, name)


@app.command("versions")
def mapping_versions(connection: NAME, data: DATA = None, as_json: JSON = False) -> None:
    """Every version: who made it, when, and what it changed."""
    found = reached(data, lambda reach: reach.get(f"/connections/{connection}/mapping/versions"))

    def show() -> None:
        rows = table("version", "at", "by", "why", "what")
        for one in found["items"]:
            changed = "\n".join(f"{d['what']}: {d['before']} -> {d['after']}" for d in one["changed"])
            rows.add_row(str(one["version"]), one["at"][:19], one["by"], one["why"], changed)
        out.print(rows)

    emit(found, as_json, show)


@app.command("rollback")
def mapping_rollback(
    connection: NAME,
    version: Annotated[int, typer.Argument(help="As `mapping versions` numbers it.")],
    dry_run: DRY = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What was chosen in an earlier version, as a new one."""
    body, path = {"version": version, "dry_run": dry_run}, f"/connections/{connection}/mapping/rollback"
    _made(reached(data, lambda reach: reach.post(path, body)), as_json, connection)


@app.command("stages")
def mapping_stages(
    connection: NAME,
    given: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=TYPE: stages of this name have that type, in every job.")
    ] = None,
    back: Annotated[list[str] | None, typer.Option("--unset", help="NAME: take back what was said of it.")] = None,
    job: Annotated[str, typer.Option(help="Only in this job: its id, as `mapping ladders` shows it.")] = "",
    dry_run: DRY = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """The names of stages with the type a person has confirmed or the name suggests; --set confirms one."""
    types: dict[str, str | None] = {**dict(_pair(one) for one in given or ()), **dict.fromkeys(back or ())}
    path = f"/connections/{connection}/mapping/stages"
    if types:
        body = {"types": types, "job": job, "dry_run": dry_run}
        _made(reached(data, lambda reach: reach.post(path, body)), as_json, connection)
        return
    if job or dry_run:
        fail("Say which stage: --set NAME=TYPE or --unset NAME.")
    found = reached(data, lambda reach: reach.get(path))

    def show() -> None:
        rows = table("stage", "jobs", "type", "state")
        for one in found["items"]:
            state = "confirmed" if one["type"] else "proposed" if one["proposed"] else "not known"
            rows.add_row(one["name"], str(one["jobs"]), one["type"] or one["proposed"] or "", state)
        out.print(rows if found["items"] else "No stage has been read yet.")

    emit(found, as_json, show)


@app.command("ladders")
def mapping_ladders(connection: NAME, data: DATA = None, as_json: JSON = False) -> None:
    """Every ladder of stages once: the jobs that have it, each stage's type, and the rule that gives it."""
    found = reached(data, lambda reach: reach.get(f"/connections/{connection}/mapping/ladders"))

    def show() -> None:
        for number, one in enumerate(found["items"], 1):
            first = ", ".join(f"{job['title']} ({job['id']})" for job in one["jobs"][:3])
            rest = len(one["jobs"]) - 3
            out.print(f"{number}. {len(one['jobs'])} jobs: {first}" + (f" and {rest} more" if rest > 0 else ""),
                      highlight=False, markup=False)  # fmt: skip
            rows = table("stage", "type", "rule", "state")
            for each in one["stages"]:
                state = "in force" if each["in_force"] else "proposed" if each["type"] else "gap"
                rows.add_row(each["name"], each["type"] or "", each["rule"] or "", state)
            out.print(rows)
            for each in one["exceptions"]:
                out.print(f"Only in {each['job']}: {each['name']} is {each['type']}.", highlight=False, markup=False)
        if not found["items"]:
            out.print("No stage has been read yet.")

    emit(found, as_json, show)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.rpartition("=")
    if not equals or value not in set(StageType):
        fail(f"{text!r} is not NAME=TYPE, where TYPE is one of {', '.join(StageType)}.")
    return name, value


def _named(text: str) -> str:
    """The connection that a file names. What else is wrong with the file, the server says."""
    try:
        found = tomllib.loads(text).get("connection")
    except tomllib.TOMLDecodeError as error:
        fail(f"The file is no TOML: {error}.")
    if not isinstance(found, str) or not found:
        fail("The file does not say of which connection it is: add --connection NAME.")
    return found


def _made(made: dict[str, Any], as_json: bool, connection: str) -> None:
    dry = made["dry_run"]

    def show() -> None:
        if dry is None:
            out.print(f"The mapping of {connection} is at version {made['version']}.", highlight=False)
            return
        for one in dry["differences"]:
            out.print(f"{one['what']}: {one['before']} -> {one['after']}", highlight=False, markup=False)
        out.print(f"{dry['records']} records would change, of {dry['families']} candidates and jobs looked at.")
        if dry["jobs"]:
            out.print(f"Something would change in {dry['jobs']} jobs.")
        rows = table("record", "field", "before", "after")
        for one in dry["first"]:
            rows.add_row(one["name"] or one["record"], f"{one['kind']}.{one['field']}", one["before"], one["after"])
        if dry["first"]:
            out.print(rows)
            shown, values = len(dry["first"]), sum(dry["by_field"].values())
            out.print(f"Shown: {shown} of {values} values." if values > shown else "")
        for name, many in dry["ended"].items():
            out.print(f"{name}: not followed any more at {many} objects.", highlight=False)
        for name, many in dry["unlike"].items():
            out.print(f"{name}: stays different on the two sides at {many} objects.", highlight=False)
        if dry["dropped"]:
            out.print(f"{dry['dropped']} writes that wait now would not be sent any more.")
        out.print("Nothing was changed.")

    emit(made, as_json, show)
