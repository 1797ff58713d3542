"""`bascule connections`: systems that are connected, and what is chosen for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bascule.connectors.spec import Connector
from bascule.model import Label, Mode
from bascule.office.modes import Older

from . import DATA, JSON, aitools, emit, fail, out, reached, rhythms, rollout, stops, table, text_of
from .reach import Reach

app = typer.Typer(no_args_is_help=True, help="Systems that are connected.")
GRANTED = Annotated[
    str,
    typer.Option(
        help="The credential's rights as the system's own page lists them, separated by spaces, or by "
        "semicolons where names have spaces."
    ),
]


@app.command("list")
def listed(data: DATA = None, as_json: JSON = False) -> None:
    """Every connection: what it is, its mode, whether it is in step."""
    status = reached(data, lambda reach: reach.get("/status"))

    def show() -> None:
        rows = table("name", "system", "label", "mode", "state", "failures", "reviews")
        for row in status["connections"]:
            rows.add_row(
                row["name"],
                row["system"],
                row["label"],
                row["mode"],
                row["words"],
                str(row["failures"]),
                str(row["reviews"]),
            )
        out.print(
            rows
            if status["connections"]
            else "Nothing is connected yet: bascule connections add NAME greenhouse --set client_id=..."
        )

    emit(status["connections"], as_json, show)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Your own name for it.")],
    system: Annotated[str, typer.Argument(help="The system, for instance greenhouse.")],
    given: Annotated[
        list[str] | None, typer.Option("--set", help="name=value of a setting or credential, repeated.")
    ] = None,
    base_url: Annotated[
        str, typer.Option(help="Another address than the vendor's (loopback, or an allowed host).")
    ] = "",
    label: Annotated[
        Label | None,
        typer.Option(help="What stands at the other end (else: simulator on this machine, live anywhere else)."),
    ] = None,
    granted: GRANTED = "",
    owner: Annotated[str, typer.Option(help="The e-mail of who answers for it: tasks and alerts are theirs.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Connect a system. It starts in mode observe: nothing is written there before you promote it. An AI tool (the
    system aitool) is given a key instead, which is shown once; --base-url is where it is told that there is news."""
    from bascule.connectors.registry import load

    body = {
        "name": name, "system": system, "base_url": base_url, "label": label, "values": pairs(given or []),
        "granted": several(granted), "owner": owner,
    }  # fmt: skip
    made = reached(data, lambda reach: reach.post("/connections", body))

    def show() -> None:
        if "key" in made:
            aitools.connected(made)
            return
        out.print(f"Connected {name} ({made['label']}), mode {made['mode']}. Reading what it holds: bascule status")
        for line in to_enter(load(system), made):
            out.print(line, highlight=False, soft_wrap=True)

    emit(made, as_json, show)


def to_enter(connector: Connector, made: Mapping[str, Any]) -> list[str]:
    """What a person enters in the system about webhooks, and copies from there."""
    hook, secret = connector.webhook, str(made["hook_secret"])
    if hook is None:
        return []
    address = str(made["hook_url"]).replace("<secret>", secret)
    said = f"Enter this webhook in {connector.label}: {address}"
    if hook.makes:
        return [said, *([] if secret else [f"Then: {hook.secret_step(connector.label, str(made['name']))}"])]
    return [said if secret in address else f"{said}  secret: {secret}"]


def several(text: str) -> list[str]:
    """The names in a text, of which some may have spaces."""
    return [one for each in text.split(";") if (one := each.strip())] if ";" in text else text.split()


@app.command("owner")
def owner(
    name: str,
    who: Annotated[str, typer.Argument(metavar="E-MAIL", help='Of a person of this workspace; "" for nobody.')],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Name who answers for a connection: its tasks are theirs, and they are alerted."""
    made = reached(data, lambda reach: reach.post(f"/connections/{name}/owner", {"owner": who}))
    said = f"{who} answers for {name}." if made["owner"] else f"Nobody answers for {name}."
    emit(made, as_json, lambda: out.print(said, highlight=False))


@app.command("rights")
def rights(
    name: str,
    granted: GRANTED = "",
    waive: Annotated[str, typer.Option(help="Why what is in excess is accepted, in writing.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What the credential may do against what the mapping needs; enter it, or waive an excess. Exit 1 while an excess
    blocks the modes that write."""

    async def go(reach: Reach) -> Any:
        if granted or waive:
            return await reach.post(f"/connections/{name}/rights", {"granted": several(granted), "waive": waive})
        return await reach.get(f"/connections/{name}")

    found = reached(data, go)["rights"]

    def show() -> None:
        told = {"system": "told by the system", "owner": "as entered"}.get(found["told_by"], "not known")
        out.print(f"Granted ({told}): {', '.join(found['granted']) or 'nothing entered'}")
        for what in ("needed", "missing", "excess", "unavoidable"):
            out.print(f"{what.capitalize()}: {', '.join(found[what]) or 'none'}")
        if found["waived"]:
            out.print(f"Waived: {found['waived']}")
        if found["blocking"]:
            out.print("Modes shadow and live are blocked until this is entered, taken away or waived (--waive).")

    emit(found, as_json, show)
    if found["blocking"]:
        raise typer.Exit(1)


@app.command("mode")
def mode(
    name: str,
    mode: Annotated[Mode, typer.Argument(help="observe, listen, shadow or live")],
    waive: Annotated[str, typer.Option(help="Why an excess of rights is accepted, in writing.")] = "",
    jobs: rollout.JOBS = None,
    departments: rollout.DEPARTMENTS = None,
    offices: rollout.OFFICES = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="For all records again, no limit.")] = False,
    older: rollout.OLDER = Older.NONE,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Move a connection between observe, listen, shadow and live, for all records or some jobs, departments or offices:
    the others are only observed. At a customer's own system every line of `promote` must pass."""
    body = {
        "mode": str(mode), "waive": waive, "older": str(older),
        "scope": rollout.scope_given(jobs, departments, offices, everybody),
    }  # fmt: skip
    made = reached(data, lambda reach: reach.post(f"/connections/{name}/mode", body))

    def show() -> None:
        limits = "; ".join(f"{what}: {', '.join(of)}" for what, of in made["scope"].items())
        out.print(f"{name} is in mode {made['mode']}{f' for {limits}' if limits else ''}.", highlight=False)

    emit(made, as_json, show)


@app.command("ai")
def ai(
    name: str,
    switch: Annotated[str, typer.Argument(help="on or off")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Switch AI on or off for everybody at a connection; on only once the mapping knows every value."""
    if switch not in ("on", "off"):
        fail("Say on or off.")
    made = reached(data, lambda reach: reach.post(f"/connections/{name}/ai", {"on": switch == "on"}))
    emit(made, as_json, lambda: out.print(f"AI is {switch} at {name}."))


@app.command("remove")
def remove(
    name: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Take a connection away. Records and history stay."""
    if not yes and not typer.confirm(f"Remove {name}? Its credentials and waiting work go; records and history stay."):
        raise typer.Exit(1)
    made = reached(data, lambda reach: reach.delete(f"/connections/{name}"))
    emit(made, as_json, lambda: out.print(f"{name} is removed."))


@app.command("credentials")
def credentials(
    name: str,
    given: Annotated[list[str], typer.Option("--set", help="name=value, repeated.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Enter new credentials; they are tried before they replace the old ones, then work resumes."""
    made = reached(data, lambda reach: reach.post(f"/connections/{name}/credentials", {"values": pairs(given)}))
    emit(made, as_json, lambda: out.print(f"{name}: the new credentials work; waiting work goes on."))


@app.command("pause")
def pause(
    name: str,
    why: Annotated[str, typer.Option(help="Shown to everybody.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Nothing is read or written until `resume`; what arrives waits."""
    made = reached(data, lambda reach: reach.post(f"/connections/{name}/pause", {"why": why}))
    emit(made, as_json, lambda: out.print(f"{name} is paused."))


@app.command("resume")
def resume(name: str, data: DATA = None, as_json: JSON = False) -> None:
    """Go on after a pause."""
    made = reached(data, lambda reach: reach.post(f"/connections/{name}/resume", {}))
    emit(made, as_json, lambda: out.print(f"{name} goes on."))


@app.command("fields")
def fields(name: str, data: DATA = None, as_json: JSON = False) -> None:
    """Create the custom fields that AI output needs and the account lacks."""
    made = reached(data, lambda reach: reach.post(f"/connections/{name}/fields", {}))

    def show() -> None:
        if made["fields"] or not made["refused"]:
            out.print(f"Created: {', '.join(made['fields'])}." if made["fields"] else "Every field is there.")
        if made["refused"]:
            out.print(f"Not created: {', '.join(made['refused'])}. {made['why']}", soft_wrap=True)
            out.print(f"Next: {made['next']}", soft_wrap=True)

    emit(made, as_json, show)


@app.command("erasure")
def erasure(
    name: str,
    policy: Annotated[str, typer.Argument(help="erase, ask or keep; without it: what is chosen.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """What follows here when that system anonymises a person: erase them here and everywhere else (very many at once
    wait for a person), ask the owner, or keep them. Deleted, merged or hidden there erases nobody."""
    path = f"/connections/{name}/erasure"
    told = reached(data, lambda reach: reach.post(path, {"policy": policy}) if policy else reach.get(path))
    emit(told, as_json, lambda: out.print(f"Anonymised in {name}: {told['policy']}."))


app.command("promote")(rollout.promote)
app.command("rhythm")(rhythms.rhythm)
app.command("key")(aitools.key)
app.command("tool")(aitools.tool)
app.command("stop")(stops.stop)
app.command("release")(stops.release)


def pairs(given: list[str]) -> dict[str, str]:
    """name=value pairs; "@file" reads the value from a file, "-" asks for it without showing it."""
    values: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            fail(f"--set {one!r} is not of the form name=value.")
        if value == "-":
            value = typer.prompt(name, hide_input=True)
        elif value.startswith("@"):
            value = text_of(Path(value[1:])).strip()
        values[name] = value
    return values
