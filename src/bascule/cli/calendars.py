"""`bascule calendars` and `bascule interviewers`: when colleagues are free, and how that is known."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from . import DATA, JSON, emit, out, reached, table, text_of

app = typer.Typer(no_args_is_help=True, help="Colleagues' calendars: CalDAV, Microsoft 365 or Google.")
people = typer.Typer(no_args_is_help=True, help="Interviewers: working hours, time zone, calendar.")

EMAIL = Annotated[str, typer.Argument(help="The interviewer's e-mail.")]


@app.command("show")
def shown(data: DATA = None, as_json: JSON = False) -> None:
    """How calendars are reached, and what is wrong with it."""
    found = reached(data, lambda reach: reach.get("/calendars"))
    emit(found, as_json, lambda: _show(found))


@app.command("set")
def chosen(
    system: Annotated[str | None, typer.Option(help="caldav, graph or google.")] = None,
    base_url: Annotated[str | None, typer.Option(help="The server's address; empty for the vendor's own.")] = None,
    token_url: Annotated[str | None, typer.Option(help="Where tokens are given; empty for the vendor's own.")] = None,
    tenant: Annotated[str | None, typer.Option(help="The directory id of Microsoft 365.")] = None,
    account: Annotated[str | None, typer.Option(help="User name, application id or service account.")] = None,
    secret: Annotated[str | None, typer.Option(help="A file that holds the secret; - asks for it.")] = None,
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Ask calendars, and write interviews into them.")
    ] = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Connect calendars. What is not given stays as it is."""
    given = {
        "system": system, "base_url": base_url, "token_url": token_url, "tenant": tenant, "account": account,
        "on": on, "timeout": timeout, "secret": _secret(secret) if secret is not None else None,
    }  # fmt: skip
    body = {name: value for name, value in given.items() if value is not None}
    found = reached(data, lambda reach: reach.patch("/calendars", body))
    emit(found, as_json, lambda: _show(found))


def _secret(given: str) -> str:
    if given == "-":
        return typer.prompt("Secret", hide_input=True) if sys.stdin.isatty() else sys.stdin.read().strip()
    return text_of(Path(given)).strip()


def _show(found: Any) -> None:
    said = "on" if found["on"] else "off: candidates propose times"
    out.print(f"{found['label']}: {said}.", markup=False, highlight=False)
    for one in found["troubles"]:
        out.print(one, markup=False, highlight=False)


@people.command("list")
def listed(data: DATA = None, as_json: JSON = False) -> None:
    """Interviewers of whom something was said."""
    found = reached(data, lambda reach: reach.get("/interviewers"))

    def show() -> None:
        rows = table("e-mail", "name", "hours", "days", "zone", "calendar")
        for one in found["items"]:
            days = ",".join(map(str, one["days"]))
            rows.add_row(
                one["email"], one["name"], f"{one['begin']} to {one['end']}", days, one["zone"], one["calendar"]
            )  # fmt: skip
        out.print(rows if found["items"] else "Nothing is said of anybody: nine to five on weekdays.")

    emit(found, as_json, show)


@people.command("set")
def put(
    email: EMAIL,
    name: Annotated[str | None, typer.Option(help="As candidates see it.")] = None,
    begin: Annotated[str | None, typer.Option(help="09:00")] = None,
    end: Annotated[str | None, typer.Option(help="17:00")] = None,
    day: Annotated[list[int] | None, typer.Option(help="Monday is 0; may be repeated.")] = None,
    zone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin.")] = None,
    calendar: Annotated[str | None, typer.Option(help="Of CalDAV the collection's path.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Say when somebody works, and where their calendar is. What is not given stays."""
    body = {"name": name, "begin": begin, "end": end, "days": day or None, "zone": zone, "calendar": calendar}
    found = reached(data, lambda reach: reach.put(f"/interviewers/{quote(email)}", body))
    emit(found, as_json, lambda: out.print(f"{found['name']}: {found['begin']} to {found['end']} in {found['zone']}."))


@people.command("remove")
def remove(email: EMAIL, data: DATA = None, as_json: JSON = False) -> None:
    """Forget what was said of them. Booked interviews stay."""
    found = reached(data, lambda reach: reach.delete(f"/interviewers/{quote(email)}"))
    emit(found, as_json, lambda: out.print("Forgotten."))


@people.command("try")
def attempt(email: EMAIL, data: DATA = None, as_json: JSON = False) -> None:
    """Ask their calendar about the coming week."""
    found = reached(data, lambda reach: reach.post(f"/interviewers/{quote(email)}/try", {}))
    emit(found, as_json, lambda: out.print(f"It answers: busy {found['busy']} times in the coming week."))
