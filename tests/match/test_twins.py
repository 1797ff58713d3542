"""Who somebody is moves no score; the probe says so, and says it when something does."""

import pytest

from bascule.match import Matcher, Person, Rubric
from bascule.match import probe as probing
from bascule.match.probe import Resume, missed, probe
from bascule.match.twins import EXACT, Attribute, twins

from .conftest import AS_OF, RESUME

ANNA = Person(("Anna", "Maria", "Lindqvist"), ("anna.lindqvist@example.com",), ())


def test_twins_differ_in_one_thing_and_in_all_that_was_asked_for() -> None:
    found = list(twins(RESUME, ANNA))
    assert {one.attribute for one in found} >= EXACT | {Attribute.GAP}
    for one in found:
        assert one.first != one.second
        assert len(one.first.split("\n")) == len(one.second.split("\n"))
    exchanged = next(one for one in found if one.attribute is Attribute.PRONOUN and not one.written)
    assert "He has led two teams" in exchanged.second
    named = next(one for one in found if one.attribute is Attribute.NAME)
    assert "Lindqvist" not in named.second
    assert set(" ".join(named.second_person.names).split()) <= set(named.second.split())


def test_in_an_english_text_er_is_no_pronoun_and_ms_before_no_name_no_title() -> None:
    text = "Summary\nShe worked in the ER, wrote an MS thesis and met Mr Smith\n"
    twin = next(one for one in twins(text, Person()) if one.attribute is Attribute.PRONOUN and not one.written)
    assert twin.second == "Summary\nHe worked in the ER, wrote an MS thesis and met Ms Smith\n"


def test_who_studied_earlier_did_so_in_all_that_tells_of_it_and_worked_as_before() -> None:
    text = "Experience\nEngineer | 2016 - 2020\nEducation\nBSc, Lund, 09/2012-06.2015\nSchool fair, raised $2000\nDesk work, 2009 to 2011\nMSc, 2025 - present\nSkills\nSQL, 2011"
    twin = next(one for one in twins(text, Person()) if one.attribute is Attribute.GRADUATION and not one.written)
    assert twin.second == text.replace("2012-06.2015", "2000-06.2003")
    told = next(one for one in twins("Ada\nGraduated from Lund in 2015", Person()) if not one.written)
    assert told.second == "Ada\nGraduated from Lund in 2003"


def test_nothing_that_may_not_move_a_score_does(matcher: Matcher, rubric: Rubric) -> None:
    german = RESUME.replace("Date of birth: 3 May 1988", "Geburtsdatum: 03.05.1988, verheiratet")
    found = probe(matcher, rubric, [Resume(text, ANNA, AS_OF) for text in (RESUME, german)])
    assert found.resumes == 2
    assert not found.broken
    assert {row.attribute for row in found.rows if row.exact} == EXACT
    assert all(row.differ == 0 for row in found.rows if row.attribute is Attribute.GAP)


def test_what_is_left_standing_is_found_by_other_words_than_blank_it() -> None:
    assert missed(RESUME, ANNA) == {}
    assert missed("President of the Muslim students, a sorority and a veteran group", Person()) == {"faith or group": 3}


def test_a_scorer_that_sees_who_somebody_is_is_found_out(
    matcher: Matcher, rubric: Rubric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bascule.match.matcher.redact_words", lambda words, *_, **__: probing.redact_words(words, Person(), named=False)
    )
    found = probe(matcher, rubric, [Resume(RESUME, ANNA, AS_OF)])
    assert found.broken


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("2016 - 2017: maternity leave", True),
        ("March 2019 to June 2020 - Parental leave", True),
        ("01/2018 - 12/2018 Elternzeit", True),
        ("2015 - 2016 Congé maternité", True),
        ("Caring for a parent", True),
        ("Planned maternity leave cover for forty wards", False),
        ("Sick leave reports cut by half after the new rota was brought in for all staff of the region", False),
        ("Service engineer, 2016 - 2017", False),
    ],
)
def test_a_line_that_says_why_somebody_did_not_work_is_blanked_and_work_about_it_is_not(line: str, gone: bool) -> None:
    from bascule.match import redact

    left = redact(f"Resume\nEngineer\n{line}\n", Person()).text
    assert (line not in left) is gone
