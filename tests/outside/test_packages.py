"""A connector of somebody else: what `bascule connector new` writes, and a small package that is filled."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bascule.cli.commands import app
from bascule.cli.connector import skeleton
from bascule.contract.steps import STEPS as STEPS_OF_THE_CONTRACT

from .package import ROOT, Package, copied, install

TINY = ROOT / "examples" / "bascule-connector-tiny"
STEPS = tuple(step.__name__ for step in STEPS_OF_THE_CONTRACT)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return install(copied("bascule-connector-tiny", tmp_path_factory.mktemp("tiny")))


def new(*arguments: str) -> tuple[int, str]:
    told = CliRunner().invoke(app, ["connector", "new", *arguments])
    return told.exit_code, told.output


def test_a_package_is_found_by_its_entry_points(tiny: Package) -> None:
    by_name = {one["name"]: one for one in tiny.json("connectors")}
    assert by_name["tiny"]["native"] is False
    assert any("sandbox" in one for one in by_name["tiny"]["tested"])
    assert by_name["greenhouse"]["native"] is True
    assert {"name": "tiny", "simulates": "a made-up REST v1, no webhooks"} in tiny.json("sandbox", "list")


def test_it_keeps_the_contract_and_a_score_lands_there(tiny: Package) -> None:
    """Its own tests: every promise, and a real App that connects it by its name."""
    told = tiny.tests()
    assert told.returncode == 0, told.stdout
    assert "passed" in told.stdout


def test_the_command_line_connects_it_to_its_sandbox(tiny: Package, tmp_path: Path) -> None:
    with tiny.sandbox("tiny", "--candidates", "3") as url:
        told = tiny.bascule(
            "connections", "add", "acme", "tiny", "--base-url", f"{url}/v1", "--data", str(tmp_path),
            "--set", "api_key=tiny-key-of-the-sandbox",
        )  # fmt: skip
        wrong = tiny.bascule(
            "connections",
            "add",
            "other",
            "tiny",
            "--base-url",
            f"{url}/v1",
            "--data",
            str(tmp_path),
            "--set",
            "api_key=x",
        )
    assert told.returncode == 0, told.stderr
    assert "Connected acme (simulator), mode observe." in told.stdout
    assert "webhook" not in told.stdout, "it has none"
    assert wrong.returncode == 2
    assert "Check the API key." in wrong.stderr


def test_a_connector_that_does_wrong_is_caught_from_outside(tmp_path: Path) -> None:
    package = install(copied("bascule-connector-tiny", tmp_path))
    path = package.folder / "src" / "bascule_connector_tiny" / "connector.py"
    wrong = path.read_text("utf-8").replace(
        'pages=CursorInBody("cursor", "next")', 'pages=CursorInBody("cursor", "nxt")'
    )
    path.write_text(wrong, "utf-8")
    told = package.tests("tests/test_contract.py", "-k", "paging or backfill", "--tb=line")
    assert told.returncode == 1
    assert "nobody is passed over" in told.stdout


# ---------------------------------------------------------------------------------------------------- a new package


def test_a_new_package_says_what_to_fill_first(tmp_path: Path) -> None:
    code, said = new("petrel_hr", "--into", str(tmp_path / "made"))
    assert code == 0, said
    package = install(tmp_path / "made")
    told = package.tests("tests/test_steps.py", "--tb=short")
    for words in (
        "Step 1, the sandbox: fill `everybody` of tests/account.py",
        "Step 2, the recordings: put one JSON list for each list you will read",
        "Step 3, the address and the sign-in: say `base_url`",
        "Step 4, the reads: no list of READS shows: candidate, application, job",
        "Step 5, the fields: `fields` maps nothing to: candidate first_name",
        "Step 6, the writes: `fields` has no lens.output for: match_score",
        "Step 8, the errors: `errors` makes NoneType of a 401: it is DisconnectedError",
        "Step 9, the manifest: `facts` of CONNECTOR does not say: api (the interface and its version)",
    ):
        assert words in told.stdout
    contract = package.tests("tests/test_contract.py", "--tb=short")
    assert contract.returncode == 1
    assert "Petrel Hr reads nothing yet: fill first what tests/test_steps.py names." in contract.stdout
    names = {one["name"] for one in package.json("connectors")}
    assert "petrel_hr" in names, "what is not filled yet is found all the same"


def test_step_by_step_a_new_package_comes_to_keep_the_contract(tmp_path: Path) -> None:
    """Filled with what our example has, file by file, in the order of the guide."""
    made = tmp_path / "made"
    assert new("tiny", "--into", str(made))[0] == 0
    package = install(made)
    inner = Path("src/bascule_connector_tiny")

    def open_steps() -> list[str]:
        told = package.tests("tests/test_steps.py", "--tb=no", "-rf")
        return [name for name in STEPS if f"[{name}]" in told.stdout]

    assert open_steps() == [name for name in STEPS if name != "hooks"]
    for path in (inner / "sandbox.py", Path("tests/account.py")):
        shutil.copy(TINY / path, made / path)
    assert open_steps() == [name for name in STEPS if name not in ("sandbox", "hooks")]
    shutil.copytree(TINY / "tests/recordings", made / "tests/recordings", dirs_exist_ok=True)
    assert "recordings" not in open_steps()
    shutil.copy(TINY / inner / "connector.py", made / inner / "connector.py")
    assert open_steps() == []
    told = package.tests("tests/test_contract.py")
    assert told.returncode == 0, told.stdout


def test_the_example_is_what_the_skeleton_becomes() -> None:
    made = dict(skeleton("tiny"))
    there = {path.relative_to(TINY) for path in TINY.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    own = {path for path in there if path.parent.name == "lists"} | {Path("tests/test_arrives.py")}
    assert set(made) == there - own
    for name in ("tests/conftest.py", "tests/test_contract.py", "tests/test_steps.py", "tests/recordings/README.md"):
        assert made[Path(name)] == (TINY / name).read_text("utf-8"), f"{name} of skeleton and example are the same"


def test_the_guide_knows_every_step_and_only_promises_that_are_made() -> None:
    guide = (ROOT / "docs" / "connectors" / "adding.md").read_text("utf-8")
    rows = re.findall(r"^\| (Step \d, [^|]+?) \|", guide, re.MULTILINE)
    assert rows == [step.__doc__ for step in STEPS_OF_THE_CONTRACT]
    code = "".join(path.read_text("utf-8") for path in (ROOT / "src" / "bascule" / "contract").glob("*.py"))
    made = re.findall(r"^(?:async )?def test_(\w+)", code, re.MULTILINE)
    named = re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)
    assert len(named) > 10
    assert [one for one in named if not any(one in promise for promise in made)] == []


def test_the_commands_of_the_guide_lead_where_it_says(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "connectors" / "adding.md").read_text("utf-8")
    begin, contract, by_hand = re.findall(r"^```\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    first, into, installing, steps = begin.splitlines()
    outside = Package(tmp_path)
    assert outside.bascule(*first.split()[1:]).returncode == 0
    package = install(tmp_path / into.removeprefix("cd "))
    assert installing == "pip install -e '.[dev]'", "what `install` stands for"
    told = package.tests(*steps.split()[1:])
    assert "Step 1" in told.stdout
    assert "Step 2" not in told.stdout
    assert contract.split() == ["pytest"]
    shown, started = (line.split() for line in by_hand.splitlines())
    assert "Petrel" in package.bascule(*shown[1:]).stdout
    assert started[:3] == ["bascule", "sandbox", "petrel"]
    running = package.run("-m", "bascule.sandbox", *started[2:], "--port", "0", "--until-eof", input="")
    assert running.returncode == 0, running.stderr


def test_what_is_written_is_tidy(tmp_path: Path) -> None:
    assert new("petrel_hr", "--into", str(tmp_path / "made"))[0] == 0
    for check in (["check", "--extend-ignore", "I001"], ["format", "--check"]):
        told = subprocess.run(
            [sys.executable, "-m", "ruff", *check, "--no-cache", "--config", str(ROOT / "pyproject.toml"), str(tmp_path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("name", ["Petrel", "1st", "a-b", "class", "a__b", "", "newname"])
def test_a_name_that_cannot_be_one_is_refused(name: str, tmp_path: Path) -> None:
    code, said = new(name, "--into", str(tmp_path / "made"))
    assert code == 2
    assert "cannot be a connector's name" in said
    assert not (tmp_path / "made").exists()


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    code, said = new("greenhouse", "--into", str(tmp_path / "made"))
    assert code == 2
    assert "There is a connector 'greenhouse' already." in said
    assert not (tmp_path / "made").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    code, said = new("petrel", "--into", str(tmp_path))
    assert code == 2
    assert "is there and not empty. Nothing was written." in said.replace("\n", " ")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_and_the_usual_one_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert new("petrel", "--into", str(tmp_path))[0] == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    code, said = new("petrel_hr")
    assert code == 0
    assert "cd bascule-connector-petrel-hr" in said
    assert (elsewhere / "bascule-connector-petrel-hr" / "src" / "bascule_connector_petrel_hr" / "connector.py").exists()
