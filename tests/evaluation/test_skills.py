"""Finding skills is measured on labelled sentences, ours beside a gazetteer and an embedding link, in one run."""

import json
from pathlib import Path

import pytest

from bascule.errors import InputError
from bascule.evaluation import Section, evaluate
from bascule.evaluation.skill_sets import Tagged, asked, tagged
from bascule.evaluation.skills import Found, Scores, SpanScores, places
from bascule.evaluation.vectors import Vectors

CSV = """sentence,span,sub_span,label
You draw up budgets and follow them up every month .,draw up budgets,,manage budgets
You draw up budgets and follow them up every month .,every month,,LABEL NOT PRESENT
Programs in Python and repairs engines of trucks,Python,,Python (computer programming)
Programs in Python and repairs engines of trucks,repairs engines,,repair engines
Our dog is called Balou,Balou,,UNDERSPECIFIED
"""
WORDS = ["Experience", "with", "PostCSS", "and", "Python", "number"]
KNOWLEDGE = ["O", "O", "B", "O", "B", "O"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "esco_own.csv").write_text(CSV, "utf-8")
    rows = [
        {"tokens": [*WORDS, str(at)], "tags_knowledge": [*KNOWLEDGE, "O"], "tags_skill": ["O"] * 7, "source": "own"}
        for at in range(101)
    ]
    (tmp_path / "skillspan_own.json").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return tmp_path


def measured(folder: Path) -> Section:
    (section,) = evaluate(folder, Vectors(strong=False), ["skills"])
    return section


def test_every_system_is_measured_on_the_same_sentences(folder: Path) -> None:
    section = measured(folder)
    assert section.figures
    linked, spans = section.figures["esco_own"], section.figures["skillspan_own"]
    assert set(linked) == set(spans) == {"Bascule", "plain gazetteer", "plain embedding link"}
    assert linked["Bascule"]["recall"] == 1.0
    assert linked["plain gazetteer"]["recall"] < 1
    assert spans["Bascule"]["knowledge"] == 1.0
    assert spans["plain gazetteer"]["knowledge"] == 0.5, "it does not know PostCSS"
    assert [table.rows[0][0] for table in section.tables] == ["Bascule", "Bascule"]
    assert any("Bascule / plain gazetteer" in row[0] for table in section.tables for row in table.rows)


def test_sentences_that_it_was_taught_on_are_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bascule.match.skill_words.SkillWords.was_taught", lambda _, text: not text.endswith("7"))
    section = measured(folder)
    assert section.figures
    assert "skillspan_own" not in section.figures, "ten sentences say too little"
    assert any("91 of skillspan_own" in note for note in section.notes)


def test_what_is_absent_is_said(tmp_path: Path) -> None:
    assert "esco_*.csv and skillspan_*.json not found" in measured(tmp_path).skipped


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("esco_own.csv", "sentence,span\na,b\n", "line 1: there is no column 'label'"),
        ("esco_own.csv", "sentence,span,label\na,b\n", "line 2: too few columns"),
        ("skillspan_own.json", "{", "line 1: no JSON"),
        ("skillspan_own.json", '{"tokens": ["a"], "tags_skill": ["O"]}', "line 1: 'tags_knowledge' is missing"),
        (
            "skillspan_own.json",
            '{"tokens": ["a"], "tags_skill": ["O"], "tags_knowledge": []}',
            "line 1: 1 tokens, but 0 in 'tags_knowledge'",
        ),
    ],
)
def test_a_malformed_line_is_named_with_what_was_expected(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(InputError, match=name) as caught:
        (asked if name.endswith("csv") else tagged)(tmp_path / name)
    assert said in str(caught.value)
    assert "Expected" in str(caught.value)


def test_measures_of_links_are_those_of_the_books(folder: Path) -> None:
    sentences = asked(folder / "esco_own.csv")
    assert [len(one.labels) for one in sentences] == [1, 2, 0]
    found = [
        Found(frozenset({"manage budgets", "wrong"}), ["wrong", "manage budgets"]),
        Found(frozenset({"repair engines"}), ["repair engines", "a", "b", "c", "d", "Python (computer programming)"]),
        Found(frozenset({"dogs"}), ["dogs"]),
    ]
    scores = Scores(found, sentences).figures()
    assert scores["precision"] == pytest.approx(2 / 4)
    assert scores["recall"] == pytest.approx(2 / 3)
    assert scores["F1"] == pytest.approx(4 / 7)
    assert scores["RP@5"] == pytest.approx((1 + 1 / 2) / 2), "over the two that ask for something"
    assert scores["MRR"] == pytest.approx((1 / 2 + 1) / 2)


def test_a_run_of_words_is_found_where_it_is_touched() -> None:
    one = Tagged(("use", "of", "Python", "and", "good", "manners"), ((2, 3),), ((4, 6),), "own")
    assert [one.text[slice(*place)] for place in places(one, [*one.knowledge, *one.skills])] == [
        "Python",
        "good manners",
    ]
    assert SpanScores([[(0, 3), (4, 13)]], [one]).figures() == {"precision": 0.5, "knowledge": 1.0, "skills": 0.0}
