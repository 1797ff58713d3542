"""`bascule retention`: how long raw objects, webhook bodies, CVs and their text are kept, and people as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, fail, out, reached, table
from .reach import Reach

ALWAYS = "always"


def retention(
    what: Annotated[
        str,
        typer.Argument(
            help="kinds: how long content is kept. due: who would be erased now by the rule (or by the rule that the "
            "options make). rule: set the rule."
        ),
    ] = "kinds",
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="KIND=DAYS, for instance raw=0 (nothing is kept) or resume=always (as long as its person)."
        ),
    ] = None,
    months: Annotated[int | None, typer.Option(help="Months since the last application was closed.")] = None,
    status: Annotated[list[str] | None, typer.Option(help="rejected or withdrawn; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag that tells of a consent to be kept.")] = None,
    field: Annotated[str | None, typer.Option(help="A custom field of the candidate that tells of it.")] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Apply the rule once a day, or not.")] = None,
    agree: Annotated[int | None, typer.Option(help="How many would be erased now, as you have seen.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """How many days each kind of content (raw, payload, resume, text) is kept, and how many months people whose
    applications are all closed without a hire. New content obeys at once; what is there already goes within the hour.
    People are erased in every system, with a certificate."""
    if what == "kinds":
        _kinds(given, data, as_json)
    elif what in ("due", "rule"):
        chosen = {"months": months, "statuses": status, "tags": tag, "field": field, "on": on}
        _people(what, {name: value for name, value in chosen.items() if value is not None}, agree, data, as_json)
    else:
        fail(f"{what!r} is not kinds, due or rule.")


def _people(what: str, chosen: dict[str, Any], agree: int | None, data: Path | None, as_json: bool) -> None:
    async def work(reach: Reach) -> Any:
        now = await reach.get("/retention/due")
        if what == "due" and not chosen:
            return now
        wanted = {name: value for name, value in now["rule"].items() if name != "agreed"} | chosen
        if what == "due":
            return await reach.post("/retention/due", wanted)
        return await reach.post("/retention/rule", {**wanted, "agree": agree}) if chosen or agree is not None else now

    found = reached(data, work)

    def show() -> None:
        rule = found["rule"]
        said = f"{' or '.join(rule['statuses'])} for {rule['months']} months"
        out.print(f"The rule is {'on' if rule['on'] else 'off'}: {said}.")
        keeps = [*(f"tag {one}" for one in rule["tags"]), *([f"field {rule['field']}"] if rule["field"] else [])]
        if keeps:
            out.print(f"Kept by consent: {', '.join(keeps)}.")
        out.print(f"{found['count']} people would be erased now{'' if rule['on'] else ', were it on'}.")
        rows = table("name", "closed", "id")
        for one in found["items"]:
            rows.add_row(one["name"], one["closed"][:10], one["candidate"])
        if found["items"]:
            out.print(rows)

    emit(found, as_json, show)


def _kinds(given: list[str] | None, data: Path | None, as_json: bool) -> None:
    days = dict(_pair(one) for one in given or ())
    found = reached(data, lambda reach: reach.post("/retention", {"days": days}) if days else reach.get("/retention"))

    def show() -> None:
        rows = table("kind", "what", "kept")
        for one in found["items"]:
            rows.add_row(one["kind"], one["what"], _said(one["days"]))
        out.print(rows)

    emit(found, as_json, show)


def _pair(text: str) -> tuple[str, int | None]:
    kind, _, days = text.partition("=")
    if days != ALWAYS and not days.isdecimal():
        fail(f"{text!r} is not of the form KIND=DAYS, for instance raw=0.")
    return kind, None if days == ALWAYS else int(days)


def _said(days: int | None) -> str:
    if days is None:
        return "as long as its person"
    return f"{days} days" if days else "not at all"
