"""The same App from a terminal: parse, call, print. Every command has `--json` and an exit code a script can trust.

0: done. 1: not so (something is not in step, a check failed). 2: the command cannot be carried out as given.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from bascule.errors import BasculeError, ConfigurationError
from bascule.model import Actor, ActorKind
from bascule.settings import Settings, load

from .reach import Reach

T = TypeVar("T")

out = Console()
err = Console(stderr=True)

DATA = Annotated[Path | None, typer.Option("--data", help="The data folder (else BASCULE_DATA, else ./data).")]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]

CLI = Actor(ActorKind.PERSON, "command line", "command line")


def settings(data: Path | None, **more: object) -> Settings:
    """The settings of a command; one clear line and exit 2 when they are wrong."""
    try:
        return load(data=data, **more)
    except ConfigurationError as error:
        fail(str(error))


def fail(message: str, code: int = 2) -> NoReturn:
    """Print what is wrong to standard error and exit."""
    err.print(f"bascule: {message}", style="red", highlight=False, soft_wrap=True)
    raise typer.Exit(code)


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
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def reached(data: Path | None, work: Callable[[Reach], Awaitable[Any]], *, working: bool = False) -> Any:
    """Run a command against the running server if one owns the data, else against the data itself; `working`: with a
    worker that does meanwhile what is due."""

    async def go() -> Any:
        async with Reach.open(settings(data), working=working) as reach:
            return await work(reach)

    return run(go())


def table(*columns: str) -> Table:
    made = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for name in columns:
        made.add_column(name, overflow="fold")
    return made


def main() -> None:
    """Entry point of the `bascule` command."""
    from .commands import app

    app()
