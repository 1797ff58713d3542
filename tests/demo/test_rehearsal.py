"""A pilot, rehearsed as a person would: the real command, a real sandbox, and what it says where something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

COMMAND = (sys.executable, "-c", "from bascule.cli import main; main()", "pilot")


def run(*given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *given], capture_output=True, text=True)


def test_a_rehearsal_brings_a_test_candidate_through_everything_and_leaves_a_bystander_alone(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    ended = run("--sandbox", "greenhouse", "--candidates", "1", "--json", "--html", str(page))
    assert ended.returncode == 0, ended.stderr + ended.stdout
    told = json.loads(ended.stdout)
    assert (told["passed"], told["rehearsal"], told["label"]) == (True, True, "simulator")
    assert {one["check"]: one["verdict"] for one in told["lines"]} == dict.fromkeys(
        (
            "created", "score", "fields", "contact", "stage to the ATS", "stage from the ATS", "triggers", "failures",
            "nobody else", "audit complete", "audit verified", "removed", "bystander", "contact data in the sandbox",
            "nothing twice", "no dead letters",
        ),
        "pass",
    )  # fmt: skip
    assert "A rehearsal on a simulator." in page.read_text("utf-8")


def test_what_cannot_be_rehearsed_is_said_before_anything_starts(tmp_path: Path) -> None:
    for given, said in (
        ((), "Name a connection, or rehearse"),
        (("--sandbox", "moon"), "No pilot can be rehearsed on moon"),
        (("--sandbox", "greenhouse", "--resumes", str(tmp_path)), "holds no CV"),
    ):
        ended = run(*given)
        assert ended.returncode == 2
        assert said in ended.stderr
