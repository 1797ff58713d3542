"""`bascule connector new`: the package that a connector of your own begins as."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer

from bascule.connectors import registry
from bascule.sandbox.registry import names as sandboxes

from . import JSON, emit, fail, out

app = typer.Typer(no_args_is_help=True, help="A connector of your own.")

SKELETON = files("bascule.cli") / "skeleton"
PLACE, PLACES = "newname", re.compile(r"[Nn]ewname")  # what stands for the name, and capitalised for the label


@app.callback()
def group() -> None:
    """A group also while it has one command."""


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The system's name, as in `bascule connectors`: small letters.")],
    into: Annotated[Path | None, typer.Option(help="The folder to write (default: bascule-connector-NAME).")] = None,
    as_json: JSON = False,
) -> None:
    """Write a package for a connector of your own, with a sandbox and tests that say what to fill."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name) or PLACE in name:
        fail(f"{name!r} cannot be a connector's name: small letters and digits, words joined by _.")
    if name in registry.names():
        fail(f"There is a connector {name!r} already. `bascule connectors {name}` says whose it is.")
    if name in sandboxes():
        fail(f"There is a sandbox {name!r} already, and a connector of that name would be taken for its own.")
    folder = into or Path(f"bascule-connector-{name.replace('_', '-')}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fail(f"{folder} is there and not empty. Nothing was written. Name another folder with --into.")
    made = []
    for path, text in skeleton(name):
        there = folder / path
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(text, "utf-8")
        made.append(str(path))
    emit({"folder": str(folder), "files": sorted(made)}, as_json, lambda: say(folder))


def say(folder: Path) -> None:
    out.print(f"{folder} is written. Next:", markup=False, highlight=False)
    for line in (f"cd {folder}", "pip install -e '.[dev]'", "pytest -x tests/test_steps.py"):
        out.print(f"  {line}", markup=False, highlight=False)


def skeleton(name: str) -> Iterator[tuple[Path, str]]:
    """(path, text) of every file of a new package."""
    label = name.replace("_", " ").title()

    def filled(text: str) -> str:
        return PLACES.sub(lambda found: name if found[0] == PLACE else label, text)

    for path, template in _templates(SKELETON, Path()):
        yield Path(filled(path.as_posix()).removesuffix(".txt")), filled(template.read_text("utf-8"))


def _templates(folder: Traversable, at: Path) -> Iterator[tuple[Path, Traversable]]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _templates(one, at / one.name)
        elif one.name.endswith(".txt"):
            yield at / one.name, one
