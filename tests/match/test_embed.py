"""Vectors without a network, without importing the package that holds them, and without a word of years."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from bascule.match import Matcher, weights
from bascule.match.embed import similarity


def test_alike_texts_are_nearer_than_unlike_ones(matcher: Matcher) -> None:
    nurse, ward, code = matcher.embedder.vectors(
        [
            "registered nurse caring for patients",
            "wound care and medication on a hospital ward",
            "writing backend software in Python",
        ]
    )
    assert similarity(nurse, ward) > similarity(nurse, code) + 0.2


def test_vectors_have_length_one_and_an_empty_text_has_none(matcher: Matcher) -> None:
    full, empty, digits = matcher.embedder.vectors(["accountant", "", "2019 2020"])
    assert abs(np.linalg.norm(full) - 1) < 1e-5
    assert not empty.any()
    assert not digits.any()


def test_years_and_numbers_change_no_vector(matcher: Matcher) -> None:
    one, other = matcher.embedder.vectors(
        ["Engineer 2014 to 2019 with 12 people", "Engineer 1984 to 1989 with 340 people"]
    )
    assert np.array_equal(one, other)


def test_windows_together_are_the_whole_text(matcher: Matcher) -> None:
    *_, whole = matcher.embedder.windows(["wound care", "on a ward"])
    assert np.allclose(whole, matcher.embedder.vector("wound care on a ward"), atol=1e-5)


def test_a_score_needs_no_socket_and_never_imports_wordllama() -> None:
    program = """
import socket, sys
def refuse(*args, **kwargs):
    raise AssertionError("a socket was asked for")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
from datetime import date
from bascule.match import Matcher, Person
m = Matcher()
r = m.rubric_for("Nurse", "Requirements: wound care, medication management and care planning on a ward for adults")
text = ("Registered nurse with wound care and medication on two wards. Wrote care plans with patients and "
  "relatives, taught students, kept records, and led the night shift of a unit for older people during three winters")
print(m.score(text, r, Person(), date(2026, 1, 1)).scored, "wordllama" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_the_vectors_are_data_that_need_no_code_and_their_absence_says_what_to_type(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[1:];from bascule.match import weights; print(*weights.files(), sep='\\n')"
    )
    source = str(Path(__file__).parents[2] / "src")

    def run() -> subprocess.CompletedProcess[str]:
        # Without the packages of this environment: only what stands in tmp_path is installed.
        command = [sys.executable, "-I", "-S", "-c", program, source, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert "run `python -m bascule.match.weights`" in run().stderr
    for name in weights.DATA:
        file = tmp_path / weights.PACKAGE / name
        file.parent.mkdir(parents=True)
        file.write_bytes(b"data")
    assert run().stdout.split() == [str(tmp_path / weights.PACKAGE / name) for name in weights.DATA]
