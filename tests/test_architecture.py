"""Imports point one way, the pure rooms stay pure, and a sandbox knows nothing of ours."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bascule.connectors import registry

SOURCE = Path(__file__).parents[1] / "src" / "bascule"

MAY_IMPORT: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "jsontext": frozenset(),
    "model": frozenset({"errors"}),
    "core": frozenset({"model", "errors", "jsontext"}),
    "connectors": frozenset({"model", "errors"}),
    "store": frozenset({"model", "errors", "jsontext"}),
    "match": frozenset({"model", "errors"}),
    "evaluation": frozenset({"model", "errors", "match", "demo"}),  # of the demo its CVs
    "settings": frozenset({"errors"}),
    "logs": frozenset({"settings"}),
    "workspaces": frozenset({"errors", "settings", "store"}),
    "engine": frozenset({"model", "errors", "jsontext", "core", "connectors", "store", "match"}),
    "models": frozenset({"model", "errors", "store", "match", "engine"}),
    "enrichment": frozenset({"model", "errors", "store", "engine"}),
    "calendars": frozenset({"model", "errors", "core", "store", "engine"}),
    "hiring": frozenset(
        {
            "model",
            "errors",
            "jsontext",
            "core",
            "connectors",
            "store",
            "match",
            "engine",
            "models",
            "enrichment",
            "calendars",
        }
    ),
    "trust": frozenset({"model", "errors", "core", "connectors", "store", "match", "engine"}),
    "office": frozenset(
        {
            "model",
            "errors",
            "settings",
            "core",
            "connectors",
            "store",
            "match",
            "engine",
            "models",
            "enrichment",
            "calendars",
            "hiring",
            "trust",
        }
    ),
    "app": frozenset(
        {
            "model",
            "errors",
            "settings",
            "core",
            "connectors",
            "store",
            "match",
            "engine",
            "models",
            "enrichment",
            "calendars",
            "hiring",
            "trust",
            "office",
        }
    ),
    "server": frozenset(
        {
            "model",
            "errors",
            "settings",
            "workspaces",
            "logs",
            "core",
            "connectors",
            "store",
            "match",
            "models",
            "enrichment",
            "calendars",
            "office",
            "app",
            "trust",
            "hiring",
            "engine",
        }
    ),
    "demo": frozenset(
        {
            "model",
            "errors",
            "settings",
            "core",
            "store",
            "office",
            "app",
            "server",
            "sandbox",
            "match",
            "engine",
            "hiring",
            "trust",
        }
    ),
    "cli": frozenset(
        {
            "model",
            "errors",
            "settings",
            "workspaces",
            "core",
            "connectors",
            "store",
            "office",
            "app",
            "server",
            "sandbox",
            "demo",
            "engine",
            "models",
            "enrichment",
            "calendars",
            "trust",
            "simulation",
            "evaluation",
        }
    ),
    "simulation": frozenset(
        {
            "model",
            "errors",
            "settings",
            "core",
            "connectors",
            "store",
            "hiring",
            "office",
            "app",
            "engine",
            "trust",
            "sandbox",
        }
    ),
    "sandbox": frozenset(),
    "contract": frozenset(
        {"model", "errors", "settings", "core", "connectors", "store", "engine", "trust", "office", "app"}
    ),
}

FORBIDDEN_IN_PURE = frozenset(
    {
        "asyncio",
        "socket",
        "aiohttp",
        "requests",
        "httpx",
        "sqlite3",
        "sqlalchemy",
        "random",
        "secrets",
        "time",
        "threading",
        "uuid",
        "os",
    }
)


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(SOURCE.rglob("*.py")):
        relative = path.relative_to(SOURCE)
        room = relative.parts[0].removesuffix(".py")
        if room not in ("__init__", "__main__"):
            yield room, path


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every imported module by its full name, relative ones resolved, with the line it stands on."""
    package = ["bascule", *path.relative_to(SOURCE).with_suffix("").parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            if name == "bascule":
                yield from ((f"bascule.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield name, node.lineno


@pytest.mark.parametrize(("room", "path"), [pytest.param(r, p, id=str(p.relative_to(SOURCE))) for r, p in modules()])
def test_imports_point_one_way(room: str, path: Path) -> None:
    assert room in MAY_IMPORT, f"{room} is a room nobody has named here"
    for name, line in imports(path):
        if name.startswith("bascule."):
            other = name.split(".")[1]
            assert other == room or other in MAY_IMPORT[room], f"{path}:{line}: {room} imports {name}"


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, id=str(p.relative_to(SOURCE))) for r, p in modules() if r in ("core", "connectors", "model")],
)
def test_the_pure_rooms_do_no_io(path: Path) -> None:
    if path.name == "registry.py":
        return  # finds installed connectors, nothing more
    tree = ast.parse(path.read_text("utf-8"))
    for name, line in imports(path):
        assert name.split(".")[0] not in FORBIDDEN_IN_PURE, f"{path}:{line} imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
            owner = node.value
            assert not (isinstance(owner, ast.Name) and owner.id in ("datetime", "date")), (
                f"{path}:{node.lineno} reads a clock"
            )


@pytest.mark.parametrize(
    "path", [pytest.param(p, id=str(p.relative_to(SOURCE))) for r, p in modules() if r == "engine"]
)
def test_the_engine_reaches_the_world_only_through_its_runtime(path: Path) -> None:
    if path.name in ("runtime.py", "http.py"):
        return
    forbidden = {
        ("asyncio", "sleep"),
        ("asyncio", "wait_for"),
        ("time", "time"),
        ("datetime", "now"),
        ("uuid", "uuid4"),
        ("time", "monotonic"),
    }
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in forbidden, f"{path}:{node.lineno} uses {node.value.id}.{node.attr}"


def test_only_settings_reads_the_environment() -> None:
    for room, path in modules():
        if room in ("settings", "sandbox"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                pytest.fail(f"{path}:{node.lineno} reads the environment")


LOADED = """
import sys
import bascule.app, bascule.cli, bascule.server.application
from bascule.connectors import registry
held = lambda: sorted({n.split(".")[2] for n in sys.modules if n.startswith("bascule.connectors.")} & {*registry.names()})
print(len(registry.names()), *held())
registry.load("lever")
print(*held())
print(*sorted({"pydantic_ai", "openai", "anthropic"} & sys.modules.keys()))
"""


def test_a_connector_costs_nothing_before_it_is_used() -> None:
    """A fresh interpreter with the whole program in it holds no connector's modules, and afterwards the one it loads;
    and none of the library for language models."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    started, used, models = done.stdout.split("\n")[:3]
    assert started == str(len(registry.names()))
    assert used == "lever"
    assert models == ""
