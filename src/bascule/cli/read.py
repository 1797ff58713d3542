"""`bascule read`: what is read of a CV, from the file to each value."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from bascule.errors import InputError

from . import JSON, emit, fail, out, table


def read(
    file: Annotated[Path, typer.Argument(help="A PDF, DOCX, ODT, RTF, HTML or text file, or a picture of one.")],
    as_json: JSON = False,
) -> None:
    """What Bascule reads of a CV: every value, where it stands, and how surely it was understood. Nothing is kept, and
    no server is needed. Exit 1 when the file cannot be read."""
    from bascule.office.resumes import read_file

    try:
        found = read_file(file.read_bytes(), file.name, date.today())
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
    except InputError as error:
        fail(str(error), code=1)

    def show() -> None:
        out.print(_values(found))
        for one in found["positions"]:
            until = one["last"] or "now"
            what = ", ".join(said["value"] for said in (one["title"], one["employer"]) if said)
            out.print(f"  {one['first']} to {until}: {what} ({one['months']} months)")
        skills = sorted(found["skills"], key=lambda one: (-one["months"], one["start"]))
        out.print(", ".join(map(_skill, skills)), markup=False, highlight=False)
        for flag in found["flags"]:
            out.print(f"! {flag['kind']}: {flag['what']}")

    emit(found, as_json, show)


def _skill(one: dict[str, Any]) -> str:
    """Its name, the months of the positions that mention it, and whether they only say it in other words."""
    facts = [f"{one['months']} months"] if one["months"] else []
    facts += [] if one["named"] else ["in other words"]
    return one["label"] + (f" ({', '.join(facts)})" if facts else "")


def _values(found: dict[str, Any]) -> Any:
    rows = table("what", "value", "sure")
    for name in ("name", "location"):
        if found[name]:
            rows.add_row(name, found[name]["value"], f"{found[name]['confidence']:.2f}")
    for name in ("emails", "phones", "links", "education", "certificates", "languages"):
        for one in found[name]:
            rows.add_row(name, one["value"], f"{one['confidence']:.2f}")
    for name, called in (("title", "title now"), ("employer", "employer now"), ("years", "years of work")):
        if found[name]:
            value = found[name]["value"]
            sure = f"{found[name]['confidence']:.2f}"
            rows.add_row(called, value if isinstance(value, str) else f"{value:g}", sure)
    return rows
