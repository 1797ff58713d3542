"""Writes the generated parts of README and docs anew: a fact lives in one place, and that place is the code.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`. `tests/test_docs.py` fails when one is
stale; `make docs` mends it.
"""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from bascule.cli.commands import app
from bascule.cli.connectors import manifests
from bascule.connectors.manifest import NEVER_LIVE, Manifest
from bascule.engine.metrics import Metrics
from bascule.hiring.figures.definitions import DEFINITIONS
from bascule.sandbox.registry import SANDBOXES, load
from bascule.server import api
from bascule.server.roles import ROLE_WORDS, SCOPE_WORDS
from bascule.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path", SecretStr: "secret"}
ON = "yes"


def files() -> tuple[Path, ...]:
    """Every page people read."""
    return (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))


def rendered(path: Path) -> str:
    """A file's text with its generated parts made anew. KeyError names a part nobody makes."""

    def fill(found: re.Match[str]) -> str:
        return f"{found[1]}{PARTS[found[2]](path)}\n{found[3]}"

    return PART.sub(fill, path.read_text("utf-8"))


# ----------------------------------------------------------------------------------------------------- what is made


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


MATRIX = ("candidate", "application", "job", "stage", "note", "attachment", "interview", "scorecard", "offer")
WRITTEN, READ, TOLD = "⇄", "←", "*"


def connectors(page: Path) -> str:
    """One row a connector of the registry, from its manifest; what does not fit a cell stands on its own page."""

    def cell(one: Manifest, kind: str) -> str:
        found = next((each for each in one.objects if each.kind == kind), None)
        if found is None or not (found.read or found.create or found.update):
            return ""
        return (WRITTEN if found.create or found.update else READ) + (TOLD if found.webhook else "")

    def row(one: Manifest) -> list[str]:
        described = ROOT / "docs" / "connectors" / f"{one.name}.md"
        named = f"[{one.label}]({_up(described, page)})" if described.exists() else one.label
        return [named, one.api, *(cell(one, kind) for kind in MATRIX), one.rate]

    head = ("System", "Interface", *(_plural(kind).capitalize() for kind in MATRIX), "Rate, as documented")
    legend = (
        f"{WRITTEN} read and written; {READ} read; {TOLD} its webhooks tell, the rest is polled. Sign-in, plans, "
        "rights, intervals, side effects, what is lost on the way and what each was tested on: on its page, or "
        "`bascule connectors NAME --json`. All were tested on a sandbox written from the vendor's published interface "
        f"and on the vendor's documented examples. {NEVER_LIVE}"
    )
    return f"{table(head, map(row, manifests()))}\n\n{legend}"


def manifest(page: Path) -> str:
    """What one connector does and needs; the page has its name."""
    one = next(each for each in manifests() if each.name == page.stem)
    objects = table(
        ("Object", "Read", "Created", "Updated", "Deleted", "Webhook", "Looked at every", "At most every"),
        (
            [
                each.kind.replace("_", " "), *(ON if told else "" for told in (
                    each.read, each.create, each.update, each.delete, each.webhook)),
                f"{each.every:g} s" if each.every else "with what it belongs to",
                f"{each.soonest:g} s" if each.soonest else "",
            ]
            for each in one.objects
        ),
    )  # fmt: skip
    told = [
        ("Interface", one.api), ("Its end", one.sunset), ("Sign-in", "; ".join(one.auth)), ("Rate", one.rate),
        ("Stage history", one.stage_history),
        ("Plan", one.plan), ("Agreement with the vendor", one.agreement), ("Vendor's test system", one.vendor_sandbox),
        ("By hand, in the vendor's pages", one.by_hand), ("Where its credential is made", one.credential),
        ("Where its rights are seen and changed", one.rights), ("Side effects", " ".join(
            f"`{call}`: {says}" for call, says in one.effects.items())),
        ("Its own automations", one.automations),
        ("Scopes, for the whole mapping", " ".join(f"`{scope}`" for scope in one.scopes)),
        ("Scopes besides, to create what is copied from another ATS", " ".join(f"`{scope}`" for scope in one.copying)),
        ("Scopes besides, to make interviews that are booked here", " ".join(f"`{scope}`" for scope in one.booking)),
        ("Tested against", "; ".join(one.tested)), ("Last run", one.last_run),
        ("Maintained by", one.maintainer), ("When it fails", one.support),
    ]  # fmt: skip
    facts = table(("", ""), ([name, text] for name, text in told if text))
    lossy = table(("Field", "What comes back, or is lost"), ([f"`{name}`", says] for name, says in one.lossy.items()))
    return f"{facts}\n\n{objects}\n\n{lossy}"


def _plural(kind: str) -> str:
    return kind.replace("_", " ") + "s"


def sandboxes(page: Path) -> str:
    """One row a sandbox of the registry, with the options that only it takes, and the page of it where there is one."""

    def own(name: str) -> str:
        line = ArgumentParser(add_help=False)
        load(name).arguments(line)
        return " ".join(f"`{one.option_strings[0]}`" for one in line._actions)

    def named(name: str) -> str:
        own_page = page.parent / "sandbox" / f"{name}.md"
        return f"[{name}](sandbox/{name}.md)" if own_page.exists() else f"`{name}`"

    return table(
        ("System", "What it simulates", "Options of its own (`--help` explains them)"),
        [[named(name), says, own(name)] for name, says in SANDBOXES.items()],
    )


def _up(target: Path, page: Path) -> str:
    """The way from a page to a file below the root."""
    steps = len(page.parent.relative_to(ROOT).parts)
    return "../" * steps + target.relative_to(ROOT).as_posix()


def settings(_page: Path) -> str:
    """Every setting, with what it is when nothing is given."""
    rows = [
        [f"`BASCULE_{name.upper()}`", _type(field.annotation), _default(field.default), field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    return table(("Setting", "Takes", "Default", "What it is"), rows)


def _type(annotation: Any) -> str:
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in inside)
    if origin is UnionType:
        return _type(next(one for one in inside if one is not type(None)))
    if origin is tuple:
        return 'JSON list, `["a", "b"]`'
    return TYPES[annotation]


def _default(value: object) -> str:
    if value is PydanticUndefined or value in ("", None, ()):
        return "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def commands(_page: Path) -> str:
    """Every command with its arguments and options, in the order of `bascule --help`."""
    return "\n\n".join(_described(path, command) for path, command in _walk("bascule", typer.main.get_command(app)))


def _walk(path: str, command: Any) -> Iterable[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    for name, one in below.items():
        yield from _walk(f"{path} {name}", one)


def _described(path: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and "--help" not in one.opts]
    used = " ".join([path, *(one.name.upper() if one.required else f"[{one.name.upper()}]" for one in arguments)])
    said = " ".join((command.help or "").split())
    lines = [f"### {path}", "", f"{said}", "", "```", used + (" [OPTIONS]" if options else ""), "```"]
    rows = [[f"`{'`, `'.join([*one.opts, *one.secondary_opts])}`", _help(one)] for one in options]
    rows = [[f"`{one.name.upper()}`", _help(one)] for one in arguments if _help(one)] + rows
    return "\n".join([*lines, *(["", table(("Given", "What it is"), rows)] if rows else [])])


def _help(one: Any) -> str:
    shown = one.default not in (None, "", False, (), []) and not callable(one.default) and not one.required
    return " ".join([*filter(None, [one.help]), *([f"Default: `{one.default}`."] if shown else [])])


def metrics(_page: Path) -> str:
    """Every metric, as Prometheus meets it."""
    made = [one for one in vars(Metrics()).values() if hasattr(one, "describe") and not hasattr(one, "register")]
    rows = [
        [_exposed(family), family.type, _labels(one), family.documentation] for one in made for family in one.describe()
    ]
    return table(("Metric", "Kind", "Labels", "What it counts"), rows)


def _exposed(family: Any) -> str:
    return f"`{family.name}{'_total' if family.type == 'counter' else ''}`"


def _labels(made: Any) -> str:
    return ", ".join(f"`{name}`" for name in made._labelnames)


def scopes(_page: Path) -> str:
    """What an API key may be given."""
    return table(("Scope", "Allows"), [[f"`{scope}`", words] for scope, words in SCOPE_WORDS.items()])


def roles(_page: Path) -> str:
    """Who may sign in."""
    return "\n".join(f"- {words}" for words in ROLE_WORDS.values())


def endpoints(_page: Path) -> str:
    """Every address of the API."""
    rows = [
        [f"`{method}`", f"`{route.path}`", route.summary or ""]
        for router in api.routers()
        for route in router.routes
        for method in sorted(getattr(route, "methods", ()))
        if hasattr(route, "summary")
    ]
    return table(("Method", "Address", "What it is"), rows)


def kpis(_path: Path) -> str:
    """What every figure means."""
    rows = [
        f"| {one.title} (`{one.key}`) | {one.unit} of {one.many} | {one.counts} | {one.without} |"
        for one in DEFINITIONS.values()
    ]
    return "\n".join(
        ["| Figure | Told in | What counts, from when to when | What is left out |", "| --- | --- | --- | --- |", *rows]
    )


def results(_path: Path) -> str:
    """What was measured, from the page that `make bench` writes."""
    lines = iter((ROOT / "bench" / "RESULTS.md").read_text("utf-8").splitlines())
    first = next(line for line in lines if line.startswith("|"))
    return "\n".join([first, *takewhile(lambda line: line.startswith("|"), lines)])


IDLE = "Idle, connected, nothing asked by the clock"
SIZES = (
    "Memory of the demo after 60 applications (PSS)",
    f"{IDLE}: SQLite, one process",
    f"{IDLE}: PostgreSQL, one process",
    "Accept a signed webhook, SQLite",
    "Accept a signed webhook, PostgreSQL",
    "Application to score in the ATS, 20/s",
    "Application to score in the ATS, 50/s",
    "The slowest of 30 pages and lists with 100,000 candidates",
)
RESCORED = ("5,000 applicants scored again for a changed rubric", "5,000 people of earlier scored for a new job")
WORKSPACES = tuple(
    f"{many} idle workspaces in one process, {store}" for store in ("SQLite", "PostgreSQL") for many in (5, 20)
)


def rows_of(*chosen: str) -> Callable[[Path], str]:
    """A part that tells some rows of bench/results.json, by what they measure. KeyError names one that is not there."""

    def part(_path: Path) -> str:
        kept = json.loads((ROOT / "bench" / "results.json").read_text("utf-8")).values()
        found = {row["what"]: (row, program["date"]) for program in kept for row in program["rows"]}
        goals = {True: "reached: ", False: "**not reached**: ", None: ""}
        return table(
            ("What", "Measured", "Beside it, in the same run", "Goal", "On"),
            (
                [what, row["measured"], row["baseline"], goals[row["reached"]] + row["goal"], date]
                for what, (row, date) in ((what, found[what]) for what in chosen)
            ),
        )

    return part


PARTS: dict[str, Callable[[Path], str]] = {
    "connectors": connectors, "manifest": manifest, "settings": settings, "commands": commands, "metrics": metrics,
    "scopes": scopes, "roles": roles, "endpoints": endpoints, "sandboxes": sandboxes, "kpis": kpis,
    "results": results, "sizes": rows_of(*SIZES), "rescored": rows_of(*RESCORED), "crowded": rows_of(*WORKSPACES),
}  # fmt: skip


def main() -> None:
    for path in files():
        fresh = rendered(path)
        if fresh != path.read_text("utf-8"):
            path.write_text(fresh, "utf-8")
            print(f"{path.relative_to(ROOT)}: written anew")


if __name__ == "__main__":
    main()
