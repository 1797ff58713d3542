"""The sandbox's AI tool as a program: its command line, its page, its faults."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from bascule.sandbox.aitool import Faults, genuine, sign
from bascule.sandbox.aitool.scoring import judge

SECRET = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"


def test_it_scores_by_shared_words_and_says_which() -> None:
    found = judge(
        "Backend Engineer", "<p>You use Python, PostgreSQL &amp; Docker.</p>", "I used Python and docker at work"
    )
    assert found.score == 33.3
    assert found.reasons == ["2 of 6 words of the job's text stand in the CV", "Among them: Docker, Python"]
    assert found.skills == ["Docker", "Python"]
    assert judge("", "", "a CV").score is None


def test_a_hint_is_genuine_only_when_signed_by_our_secret_and_fresh() -> None:
    body = b'{"type": "applications.changed"}'
    headers = {"webhook-id": "m1", "webhook-timestamp": "1000", "webhook-signature": sign(SECRET, "m1", "1000", body)}
    assert genuine(SECRET, headers, body, 1000.0)
    assert genuine(SECRET, {**headers, "webhook-signature": f"v1,other {headers['webhook-signature']}"}, body, 1000.0)
    assert not genuine(SECRET, headers, body, 1301.0)
    assert not genuine(SECRET, headers, body + b" ", 1000.0)
    assert not genuine(SECRET, {**headers, "webhook-id": "m2"}, body, 1000.0)
    assert not genuine("", headers, body, 1000.0)
    assert not genuine(SECRET, {}, body, 1000.0)


def test_a_fault_acts_as_often_as_ordered_and_an_unknown_one_is_refused() -> None:
    faults = Faults([{"kind": "duplicate", "times": 2}])
    assert [faults.met("duplicate") is not None for _ in range(3)] == [True, True, False]
    assert faults.met("stale") is None
    for wrong in ({"kind": "lazy"}, {"kind": "late", "sceonds": 3}):
        with pytest.raises(ValueError, match="A fault is one of"):
            faults.add(wrong)


def test_it_runs_as_a_program_that_ends_with_who_started_it(tmp_path: Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("- {kind: late, seconds: 1}\n")
    command = [sys.executable, "-m", "bascule.sandbox", "aitool", "--door", "http://127.0.0.1:9/api/tools/v1", "--key",
               "bst_x", "--port", "0", "--json", "--until-eof", "--faults", str(faults)]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        told = json.loads(running.stdout.readline())
        with urllib.request.urlopen(told["url"]) as page:
            assert b"0 applicants" in page.read()
        with urllib.request.urlopen(f"{told['url']}/state") as state:
            assert json.load(state) == {"held": {}, "ended": {}, "cursor": ""}
        assert running.stdin is not None
        running.stdin.close()
        assert running.wait(20) == 0


def test_a_wrong_option_is_one_clear_line(tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text('[{"kind": "lazy"}]')
    torn = tmp_path / "torn.yaml"
    torn.write_text("- {kind: late")
    base = [sys.executable, "-m", "bascule.sandbox", "aitool", "--key", "k"]
    for more, words in (
        ([], "--door"),
        (["--door", "http://x", "--faults", str(faults)], "A fault is one of"),
        (["--door", "http://x", "--faults", str(torn)], "cannot be read"),
    ):
        done = subprocess.run([*base, *more], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr
