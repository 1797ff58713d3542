"""The workspaces of an installation. One is the data folder itself; every other is a folder in it, with a database,
keys and an address of its own. No two share a table: no query can forget where the wall is (decision 0027).

    data/                           main: bascule.db, files, master.key, as ever
    data/workspaces/acme/           the same of acme, and workspace.json: its title, its address, whether it is open
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from pydantic import SecretStr

from .errors import ConfigurationError, ConflictError, InputError, NotFoundError
from .settings import Settings

MAIN = "main"
FOLDER, NOTE = "workspaces", "workspace.json"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace as the installation knows it. `name` stands in its folder and in commands, `title` is for people."""

    name: str
    title: str
    address: str  # where people and systems reach it: scheme and host, no path
    open: bool = True  # whether it is served

    @property
    def host(self) -> str:
        """What tells it from the others in a request. Without the port: cookies know none."""
        return urlsplit(self.address).hostname or ""


def places(settings: Settings) -> Sequence[Place]:
    """Every workspace of the installation, the main one first. What cannot be read is left out: it is half made."""
    main = Place(MAIN, "Main", settings.address)
    found: list[Place] = []
    for note in sorted((settings.data / FOLDER).glob(f"*/{NOTE}")):
        try:
            said = json.loads(note.read_text("utf-8"))
            title, address = str(said["title"]), str(said.get("address", ""))
            place = Place(note.parent.name, title, address, bool(said.get("open", True)))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if place.name == MAIN:
            main = replace(main, title=place.title)
        else:
            found.append(place)
    return (main, *found)


def place_of(settings: Settings, name: str) -> Place:
    """The workspace of that name. NotFoundError if there is none."""
    there = {one.name: one for one in places(settings)}
    if name not in there:
        raise NotFoundError(
            f"There is no workspace {name!r}; there is: {', '.join(there)}.", hint="See: bascule workspaces list"
        )
    return there[name]


def chosen(settings: Settings) -> Settings:
    """The settings of the workspace that these name (`workspace`, or a data folder that is another's workspace); the
    installation's own where they name none. ConfigurationError if there is no such workspace."""
    if not settings.workspace and settings.data.parent.name == FOLDER and (settings.data / NOTE).is_file():
        main = settings.data.resolve().parent.parent
        settings = settings.model_copy(update={"data": main, "workspace": settings.data.name})
    if settings.workspace in ("", MAIN):
        return settings.model_copy(update={"workspace": ""})
    try:
        return inside(settings, place_of(settings, settings.workspace))
    except NotFoundError as error:
        raise ConfigurationError(str(error)) from None


def inside(settings: Settings, place: Place) -> Settings:
    """The settings of one workspace, from the installation's: its own folder, database, key and address."""
    if place.name == MAIN:
        return settings
    key = settings.given_key
    return settings.model_copy(
        update={
            "workspace": place.name,
            "data": settings.data / FOLDER / place.name,
            "database": _database(settings, place.name),
            "public_url": place.address,
            "master_key": None if key is None else SecretStr(base64.b64encode(derived(key, place.name)).decode()),
        }
    )


def derived(key: bytes, name: str) -> bytes:
    """The master key of a workspace where the environment gives one: its own, and none that leads to another's."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, None, f"bascule workspace {name}".encode()).derive(key)


def _database(settings: Settings, name: str) -> str:
    """ "" (the folder's own file) beside SQLite; beside PostgreSQL a database of its own on the same server."""
    if settings.database_url.startswith("sqlite"):
        return ""
    from .store.databases import beside

    return beside(settings.database_url, name)


# ---------------------------------------------------------------------------------------------------------- changing


def add(settings: Settings, name: str, title: str, address: str) -> Place:
    """Make a workspace, empty. InputError for a name or an address that cannot be; ConflictError where either is taken;
    ConfigurationError where its database cannot be made. Then nothing is left of it."""
    if not NAME.fullmatch(name) or name == MAIN:
        hint = f"Small letters, digits and hyphens, a letter first, 30 at most, and not {MAIN!r}."
        raise InputError(f"A workspace cannot be called {name!r}.", hint=hint)
    place = Place(name, _title(title or name), checked(settings, address, name))
    folder = settings.data / FOLDER / name
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise ConflictError(f"There is a workspace {name} already.", hint="See: bascule workspaces list") from None
    try:
        wanted = inside(settings, place)
        if not wanted.database_url.startswith("sqlite"):
            from .store.databases import create

            create(wanted.database_url)
        _write(settings, place)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return place


def change(
    settings: Settings, name: str, *, title: str | None = None, address: str | None = None, open: bool | None = None
) -> Place:
    """Give a workspace another title or address, or say whether it is served. InputError, NotFoundError, ConflictError
    change nothing."""
    place = place_of(settings, name)
    if name == MAIN and (address is not None or open is not None):
        hint = "Set BASCULE_PUBLIC_URL and start again." if address is not None else "Stop Bascule instead."
        raise InputError(f"The workspace {MAIN} is the installation itself.", hint=hint)
    if title is not None:
        place = replace(place, title=_title(title))
    if address is not None:
        place = replace(place, address=checked(settings, address, name))
    if open is not None:
        place = replace(place, open=open)
    _write(settings, place)
    return place


def remove(settings: Settings, name: str) -> None:
    """Take a workspace away for good: its database, files and key. Whoever serves it lets go of it first; ConflictError
    where it is still used after a while (it stays closed then). No backup of it opens without its key."""
    place = change(settings, name, open=False)
    from .store.databases import drop

    wanted = inside(settings, place)
    drop(wanted.database_url)
    shutil.rmtree(wanted.data)


def checked(settings: Settings, address: str, name: str) -> str:
    """An address as it is kept. InputError if it cannot be one; ConflictError where another workspace answers there."""
    parts = urlsplit(address.strip().lower())
    host = parts.hostname or ""
    try:
        port = parts.port
    except ValueError:
        port = -1
    extra = parts.path.strip("/") or parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme not in ("http", "https") or not HOST.fullmatch(host) or extra or port == -1:
        hint = "Like https://acme.bascule.example: scheme and host, no path; other letters than a-z as xn--."
        raise InputError(f"{address!r} cannot be the address of a workspace.", hint=hint)
    main = urlsplit(settings.address).hostname
    if main in ("0.0.0.0", "::"):
        hint = "Set BASCULE_PUBLIC_URL, so that its requests can be told from the others'."
        raise ConfigurationError(f"The workspace {MAIN} has no address of its own.", hint=hint)
    taken = {one.host: one.name for one in places(settings) if one.name != name}
    if host in taken or host in LOOPBACK:
        hint = "Each needs a host name of its own; a port does not tell them apart, as cookies know none."
        raise ConflictError(f"{host} is where the workspace {taken.get(host, MAIN)} answers.", hint=hint)
    return f"{parts.scheme}://{parts.netloc}"


def _title(title: str) -> str:
    said = " ".join(title.split())
    if not said or len(said) > 80:
        raise InputError("A workspace's title has 1 to 80 letters.")
    return said


def _write(settings: Settings, place: Place) -> None:
    """The whole new note or the old one, never half of either."""
    folder = settings.data / FOLDER / place.name
    folder.parent.mkdir(exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True, mode=0o700)
    said = {"title": place.title} if place.name == MAIN else {
        "title": place.title, "address": place.address, "open": place.open
    }  # fmt: skip
    beside = folder / f"{NOTE}.new"
    with beside.open("w", encoding="utf-8") as file:
        json.dump(said, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / NOTE)
