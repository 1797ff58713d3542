"""Title variants are measured on the pairs that ship, or on those of a folder."""

from pathlib import Path

import pytest

from bascule.errors import InputError
from bascule.evaluation import evaluate


def test_the_same_work_under_another_title_is_missed_less_often_than_by_words(tmp_path: Path) -> None:
    (section,) = evaluate(tmp_path, only=["titles"])
    assert section.figures is not None
    ours, words = section.figures["Bascule's occupations"], section.figures["BM25: any word in common"]
    assert ours["pairs"] >= 100
    assert ours["false_negatives"] < ours["pairs"] / 10 < words["false_negatives"]
    assert ours["false_positives"] < ours["pairs"] / 10


def test_a_folders_own_pairs_are_used_and_a_malformed_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "title_variants_ours.tsv"
    file.write_text("en\tNurse\tRegistered Nurse\nen\tCook\tChef\n", "utf-8")
    (section,) = evaluate(tmp_path, only=["titles"])
    assert section.figures is not None
    assert section.figures["Bascule's occupations"]["pairs"] == 2
    file.write_text("en\tNurse\n", "utf-8")
    with pytest.raises(InputError, match=r"title_variants_ours\.tsv, line 1: 2 cells"):
        evaluate(tmp_path, only=["titles"])
