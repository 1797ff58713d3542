"""`bascule credential-links`: somebody of IT enters a connection's credentials by a link, once."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bascule.model import Label

from . import DATA, JSON, emit, out, reached, table

app = typer.Typer(no_args_is_help=True, help="Links by which somebody of IT enters credentials that nobody here sees.")
LINK = Annotated[str, typer.Argument(help="The link's id, as `credential-links list` names it.")]
DAYS = Annotated[int, typer.Option(help="How many days it works, if it is not used.")]


@app.command("list")
def listed(data: DATA = None, as_json: JSON = False) -> None:
    """Who was asked, and what became of it."""
    found = reached(data, lambda reach: reach.get("/credential-links"))

    def show() -> None:
        rows = table("id", "connection", "system", "for", "by", "state")
        for one in found["items"]:
            rows.add_row(one["id"], one["name"], one["system"], one["for"], one["by"], _state(one))
        out.print(rows if found["items"] else "Nobody was asked for credentials yet.")

    emit(found, as_json, show)


@app.command()
def make(
    name: Annotated[str, typer.Argument(help="The connection: one that is there, or your own name for a new one.")],
    who: Annotated[str, typer.Option("--for", help="Who enters the credentials.")],
    system: Annotated[str, typer.Option(help="Of a new connection, for instance greenhouse.")] = "",
    base_url: Annotated[str, typer.Option(help="Address of the interface, if it is not the vendor's usual one.")] = "",
    label: Annotated[Label | None, typer.Option(help="What stands at the other end.")] = None,
    days: DAYS = 7,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Make a link. Nothing is sent; whoever holds it sees the steps, enters the credentials, and sees nothing else."""
    body = {
        "name": name, "who": who, "system": system, "base_url": base_url, "label": label and str(label), "days": days,
    }  # fmt: skip
    found = reached(data, lambda reach: reach.post("/credential-links", body))
    emit(found, as_json, lambda: _url(found))


@app.command()
def renew(link: LINK, days: DAYS = 7, data: DATA = None, as_json: JSON = False) -> None:
    """A new address; the old one ends."""
    found = reached(data, lambda reach: reach.post(f"/credential-links/{link}/renew", {"days": days}))
    emit(found, as_json, lambda: _url(found))


@app.command()
def end(link: LINK, data: DATA = None, as_json: JSON = False) -> None:
    """End it at once."""
    found = reached(data, lambda reach: reach.delete(f"/credential-links/{link}"))
    emit(found, as_json, lambda: out.print("The link has ended."))


def _url(found: Any) -> None:
    out.print(found["url"], soft_wrap=True, highlight=False)


def _state(one: Any) -> str:
    if one["used"]:
        return f"used {one['used'][:16]}"
    if one["ended"]:
        return f"ended {one['ended'][:16]}"
    if one["refused"]:
        words = f": {one['refused']['words']}" if one["refused"]["words"] else ""
        return f"tried in vain {one['refused']['at'][:16]}: {one['refused']['what']}{words}"
    return f"opened {one['opened'][:16]}" if one["opened"] else "not opened yet"
