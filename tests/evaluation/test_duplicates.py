"""Who is one person: labelled pairs of one's own are measured, else people who are made up; a malformed line is named."""

import csv
from pathlib import Path

import pytest

from bascule.errors import InputError
from bascule.evaluation import Section, duplicates, evaluate
from bascule.evaluation.vectors import Vectors

COLUMNS = ["same", *(f"{side}_{name}" for side in "ab" for name in duplicates.FIELDS)]
ADA = ("Ada", "Byron", "ada@mail.example;ada@work.example", "+46700000001", "Engine Ltd", "Analyst")


def folder(tmp_path: Path, *rows: tuple[str, ...], columns: list[str] = COLUMNS) -> Path:
    with (tmp_path / "duplicate_pairs.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return tmp_path


def measured(where: Path) -> Section:
    (section,) = evaluate(where, Vectors(strong=False), ["duplicates"])
    return section


def test_pairs_of_ones_own_are_judged_by_their_labels(tmp_path: Path) -> None:
    again = ("Ada", "Byron", "ADA@work.example", "", "", "")
    namesake = ("Ada", "Byron", "byron@other.example", "", "Loom Ltd", "Cook")
    hidden = ("Augusta", "King", "king@other.example", "", "", "")
    found = measured(folder(tmp_path, ("1", *ADA, *again), ("0", *ADA, *namesake), ("1", *ADA, *hidden)))
    assert found.figures is not None
    assert (found.figures["records"], found.figures["same"], found.figures["made_up"]) == (4, 2, False)
    ours = found.figures["systems"]["Bascule: likely or certain"]
    assert (ours["precision"], ours["recall"]) == (1.0, 0.5)


def test_without_labels_people_are_made_up_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "PEOPLE", 600)
    found = measured(tmp_path)
    assert found.figures is not None
    systems = found.figures["systems"]
    assert found.figures["made_up"]
    assert "made up" in found.notes[0]
    assert systems["Bascule: likely or certain"]["recall"] > systems["keys and a weighted mean of spellings"]["recall"]
    assert systems["of these, certain"]["found"] <= systems["Bascule: likely or certain"]["found"]


@pytest.mark.parametrize(
    ("rows", "columns", "says"),
    [
        ([("maybe", *ADA, *ADA)], COLUMNS, "line 2: no labelled pair"),
        ([("1", *ADA, *ADA)], COLUMNS, "line 2: no labelled pair"),
        ([("1", *ADA, *[""] * 6)], COLUMNS, "line 2: no labelled pair"),
        ([], ["same", "first", "second"], "line 1: there is no column"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, rows: list[tuple[str, ...]], columns: list[str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        measured(folder(tmp_path, *rows, columns=columns))


def test_no_trick_gains_more_than_a_point_and_what_anybody_would_try_first_does(tmp_path: Path) -> None:
    (found,) = evaluate(tmp_path, Vectors(strong=False), ["tricks"])
    assert found.figures is not None
    ours, plain = found.figures["gains"].values()
    assert max(ours.values()) <= 1 < max(plain.values())
    assert found.figures["untold"] == []


def test_the_demos_cvs_are_read_against_their_truth(tmp_path: Path) -> None:
    (found,) = evaluate(tmp_path, Vectors(strong=False), ["parsing"])
    assert found.figures is not None
    known = found.figures["known"]
    assert known["the title"]["Bascule"] > 0.7 > known["the title"]["baseline"]
    assert known["years of work, to one"]["Bascule"] > known["years of work, to one"]["baseline"]
    assert "pdf/*.pdf" in found.skipped
