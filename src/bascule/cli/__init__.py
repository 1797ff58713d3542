"""The same App from a terminal: parse, call, print. Every command has `--json` and an exit code a script can trust.

0: done. 1: not so (something is not in step, a check failed). 2: the command cannot be carried out as given.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from bascule.errors import BasculeError, ConfigurationError
from bascule.model import Actor, ActorKind
from bascule.settings import Settings, load
from bascule.workspaces import chosen

from .reach import Reach
from .starting import uncollected

T = TypeVar("T")

FOLDS = 32  # columns that a cell of a table has at least before it is folded
UNBOUND = 2000  # columns of an output that is no terminal: what a program reads is not folded


out = Console(width=None if sys.stdout.isatty() else UNBOUND, emoji=False)  # `:notes:` is a scope, not a picture
err = Console(stderr=True, emoji=False)

DATA = Annotated[Path | None, typer.Option("--data", help="The data folder (else BASCULE_DATA, else ./data).")]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


@dataclass
class Asked:
    """What stands before the command's name."""

    workspace: str | None = None


asked = Asked()

CLI = Actor(ActorKind.PERSON, "command line", "command line")


def settings(data: Path | None, **more: object) -> Settings:
    """The settings of a command; one clear line and exit 2 when they are wrong."""
    try:
        return chosen(load(data=data, workspace=asked.workspace, **more))
    except ConfigurationError as error:
        fail(str(error))


def installation(data: Path | None, **more: object) -> Settings:
    """The settings of the whole installation, for commands that are about all its workspaces."""
    found = settings(data, **more)
    if found.workspace:
        fail(
            "This command is about all workspaces: leave --workspace (BASCULE_WORKSPACE) out, "
            "and give the installation's own data folder."
        )
    return found


def fail(message: str, code: int = 2) -> NoReturn:
    """Print what is wrong to standard error and exit."""
    err.print(f"bascule: {message}", style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def text_of(path: Path) -> str:
    """What a text file that was named says; one clear line and exit 2 when it cannot be read."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        fail(f"{path} cannot be read: it is no text in UTF-8. Save it as UTF-8, or name another file.")
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}. Name a file that is there and may be read.")


def save_text(path: Path, text: str) -> None:
    """Write a file that was named; one clear line and exit 2 when it cannot be written."""
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}. Name a file in a folder that exists and may be written.")


def settings_file(path: Path, lacks: str) -> dict[str, Any]:
    """What a YAML or JSON file says; `lacks` is said of one that is no table."""
    import yaml

    try:
        asked = yaml.safe_load(text_of(path))
    except yaml.YAMLError as error:
        fail(f"{path} cannot be read: {error}")
    if not isinstance(asked, dict):
        fail(f"{path} holds {lacks}")
    return asked


def emit(value: object, as_json: bool, show: Callable[[], None]) -> None:
    """JSON for programs, something readable for people."""
    if as_json:
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
    else:
        show()


def run(work: Awaitable[T]) -> T:
    """Run a command's coroutine; our own errors become one line and exit 2."""

    from bascule.engine.runtime import run as on_loop

    async def go() -> T:
        return await work

    try:
        return on_loop(go())
    except BasculeError as error:
        fail(str(error))
    except OSError as error:  # the data folder, a file given: what the machine says of it
        where = f" {error.filename}" if error.filename else ""
        fail(f"{error.strerror or error}:{where}. Nothing was changed. Look at the path and its rights (--data, FILE).")
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def reached(data: Path | None, work: Callable[[Reach], Awaitable[Any]], *, working: bool = False) -> Any:
    """Run a command against the running server if one owns the data, else against the data itself; `working`: with a
    worker that does meanwhile what is due."""

    async def go() -> Any:
        async with Reach.open(settings(data), working=working) as reach:
            return await work(reach)

    return run(go())


class Rows(Table):
    """A table where it fits; where it does not, each row under its first cell, a line for every cell that says
    something. A column of six letters is read by nobody."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        boundless = options.update_width(UNBOUND)
        needed = [
            min(
                FOLDS, max(Measurement.get(console, boundless, cell).maximum for cell in [column.header, *column.cells])
            )
            for column in self.columns
        ]
        if sum(needed) + 2 * len(needed) <= options.max_width:
            yield from super().__rich_console__(console, options)
            return
        names = [str(column.header) for column in self.columns]
        widest = max(len(name) for name in names)
        for cells in zip(*(column.cells for column in self.columns), strict=True):
            yield Text(str(cells[0]), style="bold")
            for name, cell in zip(names[1:], cells[1:], strict=True):
                if str(cell):
                    line = Table.grid(padding=(0, 1))
                    line.add_column(width=widest + 2)
                    line.add_column(overflow="fold")
                    line.add_row(Text(f"  {name}", style="dim"), cell)
                    yield line


def table(*columns: str) -> Table:
    made = Rows(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for name in columns:
        made.add_column(name, overflow="fold")
    return made


def main() -> None:
    """Entry point of the `bascule` command."""
    with uncollected():
        from .commands import app

    app()
