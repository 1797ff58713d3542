"""Who a person is never reaches the scorer, and every place stays the same place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bascule.match import Matcher, Person, redact

from .conftest import AS_OF

ANNA = Person(("Anna Maria Lindqvist",), ("anna.l@example.com",), ("+46 70 123 45 67",))


@pytest.mark.parametrize(
    ("text", "gone", "kind"),
    [
        ("Anna Maria Lindqvist\nEngineer", "Lindqvist", "name"),
        ("LINDQVIST, ANNA\nEngineer", "ANNA", "name"),
        ("Ask Anna's manager", "Anna", "name"),
        ("Write to someone.else@mail.example.org", "someone.else", "e-mail"),
        ("Call +46 70 123 45 67", "123 45 67", "phone"),
        ("Tel. 0171 3920017", "3920017", "phone"),
        ("(555) 123-4567", "123-4567", "phone"),
        ("Date of birth: 3 May 1988", "1988", "birth date"),
        ("Geburtsdatum: 03.05.1988", "1988", "birth date"),
        ("geboren am 3.5.1988 in Ulm", "1988", "birth date"),
        ("Personnummer: 880503-1234", "880503", "birth date"),
        ("38 years old and curious", "38", "age"),
        ("38 Jahre alt", "38", "age"),
        ("Nationality: Swedish", "Swedish", "nationality"),
        ("Staatsangehörigkeit: deutsch", "deutsch", "nationality"),
        ("Marital status: married, two children", "married", "marital status"),
        ("Familienstand: ledig", "ledig", "marital status"),
        ("Gender: female", "female", "gender"),
        ("Mrs Smith said she was glad", "Mrs", "gender"),
        ("She led the team", "She", "pronoun"),
        ("Hon ledde gruppen", "Hon", "pronoun"),
        ("Storgatan 5, 211 42 Malmö", "Storgatan", "address"),
        ("Rolandstraße 1, Köln", "Rolandstraße", "address"),
        ("12 Baker Street, London", "Baker", "address"),
        ("12 rue des Lilas, Lyon", "Lilas", "address"),
        ("Photo: attached", "attached", "photo"),
        ("https://www.linkedin.com/in/anna-l", "anna", "link"),
    ],
)
def test_a_personal_particular_is_blanked_and_named(text: str, gone: str, kind: str) -> None:
    redacted = redact(text, ANNA)
    assert gone not in redacted.text
    assert kind in redacted.kinds


@pytest.mark.parametrize(
    "text",
    [
        "Python, PostgreSQL and Kubernetes since 2019",
        "03/2020 - present",
        "01/2019 - 12/2020",
        "01.2019-12.2020",
        "01.04.2019 - 31.03.2021",
        "2019-01 - 2020-12",
        "2015 - 2018",
        "Grew revenue from 120 000 to 450 000 in 2021",
        "Managed 14 stores and 120 people",
        "Reading 300 pages a week",
    ],
)
def test_what_a_person_can_do_stays(text: str) -> None:
    assert redact(f"Lead text\n{text}", ANNA).text.endswith(text)


def test_a_name_that_is_also_a_skill_is_blanked_in_the_name_only() -> None:
    text = "Taylor Swift\niOS developer with Swift"
    redacted = redact(text, Person(("Taylor Swift",)), frozenset({"swift"}))
    assert "Taylor" not in redacted.text
    assert redacted.text.endswith("with Swift")


def test_gendered_titles_become_their_common_form_in_place() -> None:
    text = "Krankenschwester, Entwicklerin, waitress, infirmière and salesman"
    redacted = redact(text, Person()).text
    for word in ("schwester", "lerin", "waitress", "infirmière", "man"):
        assert word not in redacted
    assert len(redacted) == len(text)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_length_and_lines_never_change(text: str) -> None:
    redacted = redact(text, ANNA)
    assert len(redacted.text) == len(text)
    assert [at for at, c in enumerate(text) if c == "\n"] == [at for at, c in enumerate(redacted.text) if c == "\n"]
    starts = [span.start for span in redacted.spans]
    assert starts == sorted(starts)


def test_without_a_known_name_the_one_heading_the_page_is_found() -> None:
    redacted = redact("Ole Björn Hansen\nCarpenter\nOle built 40 roofs", Person())
    assert "Hansen" not in redacted.text
    assert "Ole" not in redacted.text
    assert "Carpenter" in redacted.text


@pytest.mark.parametrize(
    "title", ["BANK TELLER", "Dance Instructor", "CONSTRUCTION ESTIMATOR", "Yoga Instructor", "Research Scientist"]
)
def test_a_title_heading_the_page_is_no_name(matcher: Matcher, title: str) -> None:
    """Nothing else may be known of the person: then the first line is often what they are, not who."""
    text = f"{title}\nSummary\nWorked as {title} for nine years.\n"
    assert matcher.read(text, Person(), AS_OF).text == text


@pytest.mark.parametrize("name", ["Maria Rosales", "Ali Haider", "Robin Cook", "Rose Carpenter"])
def test_a_name_that_sounds_like_work_is_still_a_name(matcher: Matcher, name: str) -> None:
    text = matcher.read(f"{name}\nSummary\nKept the books for nine years.\n", Person(), AS_OF).text
    assert name.split()[1] not in text
