"""`bascule workspaces`: the walls of an installation, for whoever runs it. They work on the data folder itself; a
server that runs on it follows within a second."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bascule.errors import BasculeError
from bascule.settings import Settings
from bascule.workspaces import MAIN, Place, inside, place_of, places
from bascule.workspaces import add as make
from bascule.workspaces import change as changed
from bascule.workspaces import remove as taken_away

from . import DATA, JSON, emit, fail, installation, out, run, table
from .reach import Reach

app = typer.Typer(no_args_is_help=True, help="Several workspaces in one installation; none sees anything of another.")

NAME = Annotated[str, typer.Argument(help="Its short name: `bascule workspaces list` names them.")]
NOTE = "server.json"
STARTS = 30.0  # seconds that a running server has to take a new one up


@app.command("list")
def listed(data: DATA = None, as_json: JSON = False) -> None:
    """Every workspace, where it is reached, and whether it is served now."""
    settings = installation(data)
    found = [_told(settings, one) for one in places(settings)]
    rows = table("name", "title", "address", "state")
    for one in found:
        rows.add_row(one["name"], one["title"], one["address"], one["state"])
    emit({"items": found}, as_json, lambda: out.print(rows))


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Short name: small letters, digits, hyphens. It cannot be changed.")],
    address: Annotated[str, typer.Option(help="Where people and systems will reach it: https://acme.bascule.example.")],
    title: Annotated[str, typer.Option(help="What people call it (else the name).")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Make an empty workspace with a database, keys and accounts of its own; prints a link that logs its first
    administrator in."""
    settings = installation(data)

    async def go() -> Any:
        place = make(settings, name, title, address)
        own = inside(settings, place)
        await _taken_up(settings, own)
        async with Reach.open(own) as reach:
            link = await reach.post("/login-links", {})
        return {**_told(settings, place), "login": link["url"]}

    told = run(go())

    def show() -> None:
        out.print(f"{told['title']} is at {told['address']} ({told['state']}).", markup=False, highlight=False)
        out.print(f"Log in once, within 24 hours: {told['login']}", markup=False, highlight=False, soft_wrap=True)

    emit(told, as_json, show)


@app.command()
def rename(
    name: NAME,
    title: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    address: Annotated[str | None, typer.Option(help="Where it will be reached: links and webhooks too.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Give a workspace another title or address. With another address the webhooks of its systems must be entered anew,
    and links that were sent lead nowhere."""
    if title is None and address is None:
        fail("Give a --title, an --address, or both.")
    _changed(data, as_json, name, title=title, address=address)


@app.command()
def close(name: NAME, data: DATA = None, as_json: JSON = False) -> None:
    """Stop serving a workspace, to restore a backup of it for example; the others go on. Nothing of it is lost."""
    _changed(data, as_json, name, open=False)


@app.command("open")
def opened(name: NAME, data: DATA = None, as_json: JSON = False) -> None:
    """Serve a closed workspace again."""
    _changed(data, as_json, name, open=True)


@app.command()
def remove(
    name: NAME,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Take a workspace away for good: database, files and key. Backups of it cannot be read any more unless its
    master.key was kept. Nothing is changed in its connected systems."""
    settings = installation(data)
    place = _known(settings, name)
    if name == MAIN:
        fail(f"The workspace {MAIN} is the installation itself: stop Bascule and delete the data folder.")
    if not yes:
        typer.confirm(f"Take {place.title} ({place.address}) away with all its data, for good?", abort=True, err=True)

    async def go() -> None:
        await asyncio.to_thread(taken_away, settings, name)

    run(go())
    emit({"removed": name}, as_json, lambda: out.print(f"{place.title} is gone."))


def _changed(data: Path | None, as_json: bool, name: str, **what: Any) -> None:
    settings = installation(data)

    async def go() -> Any:
        place = await asyncio.to_thread(changed, settings, name, **what)
        if place.open and name != MAIN:
            await _taken_up(settings, inside(settings, place), address=place.host)
        elif name != MAIN:
            await _until(lambda: not _serves(inside(settings, place)))
        return _told(settings, place)

    told = run(go())
    emit(told, as_json, lambda: out.print(f"{told['title']} is at {told['address']} ({told['state']}).", markup=False))


def _known(settings: Settings, name: str) -> Place:
    try:
        return place_of(settings, name)
    except BasculeError as error:
        fail(str(error))


def _told(settings: Settings, place: Place) -> dict[str, str]:
    serves = _serves(inside(settings, place))
    state = "closed" if not place.open else "served" if serves else "not served" if _serves(settings) else "not running"
    return {"name": place.name, "title": place.title, "address": place.address, "state": state}


def _serves(settings: Settings, host: str = "") -> bool:
    """Whether a server says that it serves it (at that host name)."""
    try:
        told = json.loads((settings.data / NOTE).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return not host or told.get("host") == host


async def _taken_up(settings: Settings, own: Settings, address: str = "") -> None:
    """Wait until the running server serves it, if one runs."""
    if _serves(settings):
        await _until(lambda: _serves(own, address))


async def _until(so: Any) -> None:
    ends = time.monotonic() + STARTS
    while not so() and time.monotonic() < ends:
        await asyncio.sleep(0.1)
