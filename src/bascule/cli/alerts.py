"""`bascule alerts`: where alerts go, and whether they arrive."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bascule.office.alerts import Digest

from . import DATA, JSON, emit, out, reached, table

app = typer.Typer(no_args_is_help=True, help="Where alerts go: mail, Slack, Teams and many more.")


@app.command("list")
def alerts_list(data: DATA = None, as_json: JSON = False) -> None:
    """The addresses, without their secrets."""
    _show(reached(data, lambda reach: reach.get("/alerts")), as_json)


@app.command("last")
def alerts_last(data: DATA = None, as_json: JSON = False) -> None:
    """The alerts sent last: when, what, whose it is, when it escalates, the next step."""
    found = reached(data, lambda reach: reach.get("/alerts"))["last"]
    rows = table("sent", "what", "owner", "escalates", "next", "reached")
    for one in found:
        what = f"{one['connection']}: {one['what']}" if one["connection"] else one["what"]
        due = one["due"][:16].replace("T", " ") if one["open"] else "over"
        reached_ = f"{one['reached']} of {one['of']}"
        rows.add_row(one["at"][:16].replace("T", " "), what, one["owner"] or "nobody", due, one["next"], reached_)
    emit(found, as_json, lambda: out.print(rows if found else "None has been sent."))


@app.command("digest")
def alerts_digest(
    how: Annotated[Digest, typer.Argument(help="How long the daily digest comes.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Choose how long the daily digest comes: for the first two weeks, always, or never."""
    found = reached(data, lambda reach: reach.put("/alerts/digest", {"digest": str(how)}))["digest"]
    emit({"digest": found}, as_json, lambda: out.print(f"The digest comes: {found}."))


@app.command("add")
def alerts_add(
    address: Annotated[str, typer.Argument(help='An Apprise address, or "-" to be asked for it without showing it.')],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Send alerts there too, for instance mailto://user:password@example.com. It is kept sealed."""
    given = typer.prompt("address", hide_input=True) if address == "-" else address
    _show(reached(data, lambda reach: reach.post("/alerts", {"address": given})), as_json)


@app.command("remove")
def alerts_remove(
    number: Annotated[int, typer.Argument(help="Its number in `bascule alerts list`.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Send none there any more."""
    _show(reached(data, lambda reach: reach.delete(f"/alerts/{number}")), as_json)


@app.command("test")
def alerts_test(data: DATA = None, as_json: JSON = False) -> None:
    """Send a test alert to every address. Exit 1 when one did not take it."""
    sent = reached(data, lambda reach: reach.post("/alerts/test", {}))["items"]

    def show() -> None:
        for one in sent:
            out.print(f"{'arrived' if one['ok'] else 'not taken'}: {one['address']}", markup=False, highlight=False)

    emit(sent, as_json, show)
    if not all(one["ok"] for one in sent):
        raise typer.Exit(1)


def _show(found: Any, as_json: bool) -> None:
    rows = table("number", "address")
    for number, one in enumerate(found["items"], 1):
        rows.add_row(str(number), one)
    emit(
        found["items"],
        as_json,
        lambda: out.print(rows if found["items"] else "None yet: bascule alerts add mailto://..."),
    )
