"""What the docs promise of themselves: nothing generated is stale, nothing is left out, every link leads somewhere."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
from bench.__main__ import page as measured

from bascule.app import running
from bascule.cli.commands import app
from bascule.model import Actor, ActorKind
from bascule.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
TEXT = {".md", ".py", ".toml", ".txt", ".sh", ".html", ".css", ".js", ".json", ".cfg", ".yml", ".yaml", ".ini", ""}
REGISTRIES = (
    r"\bfiles\.python" r"hosted\.org|://(?:[\w.-]+@)?py" r"pi\."
)  # in two parts each: this file names none either
MACHINES = re.compile(r"/(?:root|home/\w+|work|Users/\w+)/|/tmp/\w|" + REGISTRIES)
ME = Actor(ActorKind.PERSON, "somebody", "Somebody")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tools_docs", ROOT / "tools" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def anchors(page: Path) -> set[str]:
    """The addresses of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(path: str, command: Any) -> Iterator[str]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path
        return
    for name, one in below.items():
        yield from commands(f"{path} {name}", one)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_generated_parts_are_what_the_code_says_now(page: Path) -> None:
    assert tool().rendered(page) == page.read_text("utf-8"), "Type: make docs"


def test_every_setting_is_described() -> None:
    said = (ROOT / "docs" / "operate.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert f"`BASCULE_{name.upper()}`" in said, name
        assert field.description, f"{name} has no description"


def test_every_command_and_option_is_described() -> None:
    said = (ROOT / "docs" / "commands.md").read_text("utf-8")
    for path in commands("bascule", typer.main.get_command(app)):
        assert f"\n### {path}\n" in said, path
    assert not re.search(r"^\| `--[^|]*\| *\|$", said, re.MULTILINE), "an option without help"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{target}: there is no such file"
        if anchor:
            assert anchor in anchors(there), f"{target}: there is no such heading"


def test_every_test_that_a_page_names_is_there() -> None:
    """A page names tests of ours, or those that a connector's own package has, as the example has them."""
    homes = (ROOT, ROOT / "examples" / "bascule-connector-tiny")
    code = [path for home in homes for path in (home / "tests").rglob("*.py")]
    code += (ROOT / "src" / "bascule" / "contract").glob("*.py")
    names = {path.stem for path in code}
    names |= {name for path in code for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))}
    for page in PAGES:
        said = page.read_text("utf-8")
        for path in re.findall(r"\btests/[\w./-]*\w", said):
            assert any((home / path).exists() for home in homes), f"{name_of(page)} names {path}, which is not there"
        missing = set(re.findall(r"\btest_\w+", said)) - names
        assert not missing, f"{name_of(page)} names {sorted(missing)}: there is no such test"


def test_the_page_of_what_was_measured_is_made_of_what_was_kept() -> None:
    kept = json.loads((ROOT / "bench" / "results.json").read_text("utf-8"))
    assert measured(kept) == (ROOT / "bench" / "RESULTS.md").read_text("utf-8")


def test_every_page_of_the_docs_can_be_reached_from_the_first() -> None:
    seen, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        links = (one.partition("#")[0] for one in LINK.findall(page.read_text("utf-8")) if "://" not in one)
        waiting += [(page.parent / link).resolve() for link in links if link]
    assert set(PAGES) <= seen


def test_pictures_are_small_and_all_of_them_are_shown() -> None:
    shown = {(page.parent / one).resolve() for page in PAGES for one in LINK.findall(page.read_text("utf-8"))}
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.stat().st_size < 400_000, picture.name
        assert picture in shown, f"{picture.name} is shown nowhere"


def test_no_file_names_a_machine_or_a_package_index() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.fail("git is needed to know which files are the project's.")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix not in TEXT or not path.is_file() or path == Path(__file__) or "vendor" in path.parts:
            continue
        found = MACHINES.search(path.read_text("utf-8", "replace"))
        assert found is None, f"{name}: {found[0] if found else ''}"


async def test_the_script_in_the_docs_verifies_a_real_export_and_notices_any_change(tmp_path: Path) -> None:
    script = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "audit.md").read_text("utf-8"), re.DOTALL)
    assert script is not None
    (tmp_path / "verify.py").write_text(script[1], "utf-8")
    async with running(Settings(data=tmp_path / "data", database=""), work=False) as made:
        for number in range(5):
            await made.desk.note(ME, "view", detail={"number": number, "söme": "text"})
        assert (await made.trail.verify()).ok
        now = datetime.now(UTC)
        day = timedelta(days=1)
        export = await made.trail.export(made.workspace, since=now - day, until=now + day)
    export = json.loads(json.dumps(export, default=str))
    assert _verified(tmp_path, export) == 0
    for change in ("entry", "digest", "chain"):
        broken = json.loads(json.dumps(export))
        if change == "entry":
            broken["entries"][2]["entry"]["action"] = "nothing"
        else:
            broken["chain"][2][change] = "0" * 64
        assert _verified(tmp_path, broken) == 1, change
    del export["chain"][2]
    assert _verified(tmp_path, export) == 1


def _verified(folder: Path, export: Any) -> int:
    (folder / "audit.json").write_text(json.dumps(export), "utf-8")
    done = subprocess.run([sys.executable, "verify.py", "audit.json"], cwd=folder, capture_output=True, check=False)
    return done.returncode
