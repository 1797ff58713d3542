"""A text says more skills than it names: those meant in other words, and names that no taxonomy knows."""

import pytest

from bascule.match import Matcher
from bascule.match.skill_words import fingerprint, words_of

from .conftest import ADVERT


def said(matcher: Matcher, text: str) -> dict[str, str]:
    """The label of each skill found, and its scheme."""
    return {hit.label: hit.scheme for hit in matcher.asked.hits(text)}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("You cooperate closely with your colleagues across the whole organisation.", "cooperate with colleagues"),
        ("You will work closely with colleagues from sales.", "liaise with colleagues"),
        ("You will draw up budgets and follow them up every month.", "manage budgets"),
        ("- Review code and look after our servers", "conduct ICT code review"),
        ("Solving difficult problems is what you like.", "solve problems"),
    ],
)
def test_a_skill_is_found_where_it_is_meant_in_other_words(matcher: Matcher, text: str, label: str) -> None:
    assert label not in {hit.label for hit in matcher.skills.hits(text)}, "nobody names it"
    (hit,) = (hit for hit in matcher.asked.hits(text) if hit.label == label)
    assert 0 < hit.likely < 1
    assert hit.id.startswith("http://data.europa.eu/esco/skill/")


def test_a_name_that_no_taxonomy_knows_is_found_and_said_to_be_one(matcher: Matcher) -> None:
    found = said(matcher, "Experience with PostCSS, Snowpark and Python is a plus.")
    assert found == {"PostCSS": "text", "Snowpark": "text", "Python (computer programming)": "ESCO"}


def test_what_no_demand_speaks_of_is_none(matcher: Matcher) -> None:
    text = "We do not discriminate on grounds of age, sex, religion, pregnancy or disability."
    assert said(matcher, text) == {}
    assert said(matcher, "Great people, free lunch and a dog in the office every Friday.") == {}


def test_every_hit_quotes_its_own_place_wherever_its_sentence_stands(matcher: Matcher) -> None:
    hits = matcher.asked.hits(ADVERT)
    assert {"Kubernetes", "Git", "RESTful API", "conduct ICT code review"} <= {hit.label for hit in hits}
    assert [hit.start for hit in hits] == sorted(hit.start for hit in hits)
    for hit in hits:
        assert ADVERT[hit.start : hit.end] == hit.quote


def test_a_text_in_another_language_gives_what_it_names(matcher: Matcher) -> None:
    text = "Wir suchen eine Pflegefachkraft für unser Haus. Sie bringen Erfahrung in der Wundversorgung mit und sprechen gut Deutsch."
    assert matcher.asked.hits(text) == matcher.skills.hits(text)
    assert matcher.asked.hits("") == ()


def test_a_ranking_of_skills_names_the_likeliest_first(matcher: Matcher) -> None:
    text = "You keep the books of three shops and prepare the annual accounts."
    ranking = matcher.meanings.ranking(text, matcher.skills.hits(text), 5)
    assert len(ranking) == 5
    assert [one.likely for one in ranking] == sorted((one.likely for one in ranking), reverse=True)
    assert all(text[one.start : one.end].strip() for one in ranking)


def test_what_it_was_taught_on_is_told_apart_whatever_the_punctuation(matcher: Matcher) -> None:
    assert not matcher.skill_words.was_taught("A sentence that nobody has ever written in an advert, 4711.")
    assert fingerprint("Design, build & run: services!") == fingerprint("design build run services")


def test_words_and_marks_are_cut_as_in_the_labelled_sentences() -> None:
    text = "CI/CD, C++ (or Node.js): 3+ years."
    assert [text[start:end] for start, end in words_of(text)] == [
        *("CI/CD", ",", "C++", "(", "or", "Node.js", ")", ":", "3+", "years", ".")
    ]
