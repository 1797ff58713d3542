"""`bascule pilot`: test candidates through the whole flow, at a connection or rehearsed on our own sandbox."""

from __future__ import annotations

import asyncio
import base64
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bascule.office.pilots import File

from . import DATA, JSON, emit, err, fail, out, reached, run, save_text, table
from .reach import Reach
from .starting import uncollected

READABLE = (".pdf", ".docx", ".odt", ".rtf", ".txt", ".html", ".htm")
FEW = 5
PAGE = Path(__file__).with_name("pilot.html")  # a file to be sent on: it needs nothing beside itself


def pilot(
    connection: Annotated[str, typer.Argument(help="Name of a connection to the customer's own system.")] = "",
    sandbox: Annotated[
        str, typer.Option(help="Rehearse on our own sandbox of a system (greenhouse); nothing else is needed.")
    ] = "",
    candidates: Annotated[
        int | None, typer.Option(help="How many test candidates (else 50; 5 in a rehearsal).", min=1, max=200)
    ] = None,
    resumes: Annotated[Path | None, typer.Option(help="A folder of CVs that they apply with, in turn.")] = None,
    job: Annotated[str, typer.Option(help="The job they apply for, by id; else the newest open one.")] = "",
    as_user: Annotated[str, typer.Option("--as", help="E-mail of the person in whose name stages are set.")] = "",
    minutes: Annotated[float, typer.Option(help="When it is judged at the latest.")] = 60.0,
    last: Annotated[bool, typer.Option("--last", help="Show the last pilot; begin none.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="End the pilot that runs: it is judged as it stands.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write the report as a page into this file.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Bring test candidates through the whole flow and say, line by line, what held. Nobody else is written to
    meanwhile, and they are removed afterwards where the system can. Exit 1 unless it passed."""
    if bool(connection) == bool(sandbox):
        fail("Name a connection, or rehearse: bascule pilot --sandbox greenhouse")
    if sandbox:
        told = _rehearsed(sandbox, candidates or FEW, _files(resumes) if resumes else [])
    else:
        path = f"/connections/{connection}/pilots"
        begin = {} if last or stop else _asked(candidates or 50, resumes, job, as_user, minutes)
        told = reached(data, lambda reach: _followed(reach, path, begin, stop), working=not last)
    if html is not None:
        from bascule.server.rendering import environment

        page = environment().from_string(PAGE.read_text("utf-8"))
        save_text(html, page.render(told=told))
    emit(told, as_json, lambda: _show(told))
    if not told["passed"]:
        raise typer.Exit(1)


def _rehearsed(sandbox: str, candidates: int, files: list[File]) -> Any:
    with uncollected():
        from bascule.demo.rehearsal import Rehearsal, rehearse

    return run(rehearse(Rehearsal(sandbox, candidates, files)))


def _files(folder: Path) -> list[File]:
    if not folder.is_dir():
        fail(f"There is no folder {folder}. Name a folder with CVs: --resumes DIR")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in READABLE and path.is_file())
    if not found:
        fail(f"{folder} holds no CV: no file there ends in {', '.join(READABLE)}.")
    return [File(path.name, path.read_bytes()) for path in found]


def _asked(candidates: int, resumes: Path | None, job: str, as_user: str, minutes: float) -> dict[str, Any]:
    if resumes is None:
        fail("Name a folder with CVs of your own making, never of applicants: --resumes DIR")
    files = [
        {"name": one.name, "data": base64.b64encode(one.data).decode("ascii")} for one in _files(resumes)[:candidates]
    ]
    return {"candidates": candidates, "resumes": files, "job": job, "as_user": as_user, "minutes": minutes}


async def _followed(reach: Reach, path: str, begin: dict[str, Any], stop: bool) -> Any:
    """Begin or stop it, then wait for its end; without either the last as it is."""
    if stop:
        await reach.post(f"{path}/stop", {})
    elif begin:
        await reach.post(path, begin)
    said, until = set[str](), time.monotonic() + 60 * float(begin.get("minutes", 10)) + 300
    while True:
        items = (await reach.get(path))["items"]
        if not items:
            fail("There was no pilot yet.")
        told = items[0]
        if told["phase"] == "done" or not (begin or stop) or time.monotonic() > until:
            return told
        for one in told["people"]:
            if one["move_to"] and one["candidate"] not in said:
                said.add(one["candidate"])
                err.print(f"In the ATS, move {one['candidate']} to {one['move_to']}.", highlight=False)
        await asyncio.sleep(1)


def _show(told: dict[str, Any]) -> None:
    rows = table("result", "what", "of", "candidate", "field", "expected", "found")
    for one in told["lines"]:
        names = ("verdict", "what", "of", "candidate", "field", "expected", "found")
        rows.add_row(*(str(one[name]) for name in names))
    out.print(rows)
    for one in told["lines"]:
        if one["next"]:
            out.print(f"  {one['next']}", highlight=False)
    state = "passed" if told["passed"] else "under way" if told["passed"] is None else "not passed"
    out.print(f"The pilot at {told['connection']} ({told['label']}): {state}.", highlight=False)
    if told["rehearsal"]:
        out.print("A rehearsal on a simulator says nothing of anybody's own system; no gate takes it for a pilot.")
