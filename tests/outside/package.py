"""A package of somebody else, installed beside Bascule: in a folder of its own, as an editable install leaves it.

What a build backend would write from `pyproject.toml` is written here, so that no test needs one, or a network.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Package:
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(ROOT / "src"), str(self.folder / "src")])
        return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """`python ARGUMENTS` in the package's folder, where it is installed."""
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True,
            timeout=300, check=False, **more,
        )  # fmt: skip

    @contextmanager
    def sandbox(self, name: str, *arguments: str) -> Iterator[str]:
        """Its sandbox on a port of its own: the address."""
        command = [sys.executable, "-m", "bascule.sandbox", name, "--port", "0", "--json", "--until-eof", *arguments]
        with subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout is not None
            yield json.loads(running.stdout.readline())["url"]
            running.communicate(timeout=60)  # closes its input, which ends it
            assert running.returncode == 0

    def bascule(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("-c", "from bascule.cli import main; main()", *arguments)

    def json(self, *arguments: str) -> Any:
        """What `bascule ARGUMENTS --json` says."""
        told = self.bascule(*arguments, "--json")
        assert told.returncode == 0, told.stderr
        return json.loads(told.stdout)

    def tests(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments)


def install(folder: Path) -> Package:
    """Install the package that stands in this folder."""
    told = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    project = told["project"]
    (where,) = told["tool"]["setuptools"]["packages"]["find"]["where"]
    info = folder / where / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    heads = {"Metadata-Version": "2.1", "Name": project["name"], "Version": project["version"]}
    (info / "METADATA").write_text("".join(f"{name}: {text}\n" for name, text in heads.items()), "utf-8")
    lines: list[str] = []
    for group, named in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in named.items()), ""]
    (info / "entry_points.txt").write_text("\n".join(lines), "utf-8")
    return Package(folder)


def copied(example: str, into: Path) -> Path:
    """A copy of one of our examples, as it would be taken from the repository."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    return Path(shutil.copytree(ROOT / "examples" / example, into / example, ignore=ignored))
