"""Quality is measured on data of one's own: what is absent is skipped and said, what is malformed is named by line."""

import json
from pathlib import Path

import numpy as np
import pytest

from bascule.errors import InputError
from bascule.evaluation import Section, evaluate, markdown, plain
from bascule.evaluation.measures import auc, draws, ndcg, precision, spread
from bascule.evaluation.vectors import Remembering, Vectors
from bascule.match.embed import Vector

TRADES = {
    "CHEF": ("Head Chef", "cook sauces, fish and pastry", "ran the kitchen of an inn, with soups, roasts and desserts"),
    "NURSE": (
        "Registered Nurse",
        "wound care and medication",
        "looked after patients on a ward, at triage and at night",
    ),
    "WELDER": ("Welder", "weld steel pipes and frames", "joined beams in a workshop, ground seams and read drawings"),
}
FILLER = "for {} years in a row, in a town by the sea, with good people, long days and a fair share of paper to sign"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three trades, three resumes each that say the same work in other words, in a folder `matching`."""
    data = tmp_path / "matching"
    data.mkdir()
    advert = "{}\nResponsibilities\n- {} every day of the week\n- keep the place clean and the records in order\n"
    resume = "{0}\nExperience\n{0}\nNorthwind | 01/201{2} - 12/2022\n- {1}, {3}\n"
    jobs = [
        {"id": name, "category": name, "title": title, "text": advert.format(title, task)}
        for name, (title, task, _) in TRADES.items()
    ]
    people = [
        {"id": f"{name}{at}", "category": name, "text": resume.format(title, work, at, FILLER.format(at))}
        for name, (title, _, work) in TRADES.items()
        for at in (2, 4, 6)
    ]
    for name, rows in (("queries", jobs), ("resumes", people)):
        (data / f"category_{name}_own.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n", "utf-8")
    return tmp_path


def ranking(folder: Path) -> Section:
    (section,) = evaluate(folder, Vectors(strong=False), ["ranking"])
    return section


def test_every_system_is_measured_on_the_same_adverts_and_compared(folder: Path) -> None:
    section = ranking(folder)
    assert section.figures
    assert (section.figures["adverts"], section.figures["resumes"]) == (3, 9)
    systems = section.figures["systems"]
    assert len(systems) == 5
    assert systems["Bascule's score"]["AUC"] == [1.0, 1.0, 1.0]
    assert all(len(values) == 3 for system in systems.values() for values in system.values())
    differences = section.tables[1].rows
    assert [row[0] for row in differences] == [f"Bascule's score - {name}" for name in systems if "Bascule" not in name]
    assert ranking(folder).tables == section.tables, "the same data gives the same figures"


def test_text_for_people_and_pages_say_what_the_labels_are(folder: Path) -> None:
    sections = evaluate(folder, Vectors(strong=False))
    for text in (plain(sections), markdown(sections)):
        assert "nDCG@10" in text
        assert "noisy label" in text
        assert "Skipped: pdf/*.pdf and docx/*.docx not found" in text
        assert "the strong model was left out, as asked" in text


def test_what_is_absent_is_skipped_and_the_rest_goes_on(tmp_path: Path) -> None:
    by_key = {section.key: section for section in evaluate(tmp_path)}
    assert "category_queries*.jsonl" in by_key["ranking"].skipped
    assert "pdf/*.pdf" in by_key["parsing"].skipped
    assert not by_key["ranking"].tables


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 10: no JSON"),
        ("[1]", "line 10: a JSON list"),
        ('{"id": "x", "text": "y"}', "line 10: 'category' is missing"),
        ('{"id": "x", "category": "CHEF", "text": 7}', "line 10: 'text' is no text"),
    ],
)
def test_a_malformed_line_is_named_with_what_was_expected(folder: Path, line: str, said: str) -> None:
    path = folder / "matching" / "category_resumes_own.jsonl"
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(InputError, match=path.name) as caught:
        ranking(folder)
    assert said in str(caught.value)
    assert "id, category, text" in str(caught.value)


def test_a_folder_or_part_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        evaluate(tmp_path / "absent")
    with pytest.raises(InputError, match="ranking, skills"):
        evaluate(tmp_path, only=["taste"])


def test_measures_are_those_of_the_books() -> None:
    relevant = np.array([True, False, True, False])
    scores = np.array([4.0, 3.0, 3.0, 1.0])
    assert auc(scores, relevant) == pytest.approx((2 + 1.5) / 4)
    # Ties stay in the order of the file: relevant, not, relevant, not.
    assert ndcg(scores, relevant) == pytest.approx((1 + 1 / 2) / (1 + 1 / np.log2(3)))
    assert precision(scores, relevant, 2) == 0.5
    values = np.array([0.2, 0.4, 0.9])
    assert spread(values, draws(3)) == spread(values, draws(3))
    assert spread(values, draws(3)).low <= 0.5 <= spread(values, draws(3)).high


class Counting:
    """A model that says how often it was asked."""

    model, dimensions = "counting", 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def vectors(self, texts: list[str]) -> Vector:
        self.asked += texts
        return np.array([[len(text), 1] for text in texts], np.float32)


def test_a_text_is_made_a_vector_once_for_all_runs(tmp_path: Path) -> None:
    for _ in range(2):
        model = Counting()
        rows = Remembering(model, tmp_path, lambda _: None).vectors(["one", "three", "one"])
        assert rows.tolist() == [[3, 1], [5, 1], [3, 1]]
    assert model.asked == []
