"""The score: parts that sum to it, quotes that are there, the same answer every time, and nothing for who somebody
is."""

import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bascule.match import Evidence, Matcher, Person, Rubric, Score, note, reasons_short, skills_short

from .conftest import ADVERT, AS_OF, RESUME

ANNA = Person(("Anna Maria Lindqvist",), ("anna.lindqvist@example.com",), ("+46 70 123 45 67",))
FRAGMENTS = [line for line in (RESUME + ADVERT).split("\n") if line.strip()]


def check(score: Score, text: str) -> None:
    """What holds for every score."""
    assert score.tenths == sum(part.points for part in score.parts)
    assert sum(part.weight for part in score.parts) == (1000 if score.scored else 0)
    assert all(0 <= part.points <= part.weight for part in score.parts)
    assert 0 <= score.value <= 100
    for part in score.parts:
        for reason in part.reasons:
            if reason.start >= 0 and reason.source == "resume":
                assert text[reason.start : reason.end] == reason.quote
                assert "\n" not in reason.quote
    for hit in score.skills:
        assert text[hit.start : hit.end] == hit.quote


def test_a_fitting_resume_scores_high_with_reasons_that_quote_it(matcher: Matcher, rubric: Rubric) -> None:
    score = matcher.score(RESUME, rubric, ANNA, AS_OF)
    check(score, RESUME)
    assert score.scored
    assert score.value > 75
    assert {part.key for part in score.parts} == {"skills", "experience", "role", "years", "languages"}
    assert any("Kubernetes" in reason.quote for part in score.parts for reason in part.reasons)


def test_an_unrelated_resume_scores_low_and_says_what_is_missing(matcher: Matcher, rubric: Rubric) -> None:
    text = """Ben Cook
Chef
Experience
Sous Chef
The Salted Lantern, Bristol | 2018 - present
- Ran a brigade of eleven, wrote the rota, kept the allergen records and trained apprentices in sauces and fish
Languages
English
"""
    score = matcher.score(text, rubric, Person(("Ben Cook",)), AS_OF)
    check(score, text)
    assert score.value < 35
    assert "no evidence of Kubernetes" in [what for part in score.parts for what in part.missing]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40), st.text(max_size=80))
def test_parts_sum_and_quotes_hold_whatever_the_text(lines: list[str], noise: str) -> None:
    matcher = Matcher()
    rubric = matcher.rubric_for("Backend Engineer", ADVERT)
    from bascule.match.tricks import clean

    text = clean("\n".join([*lines, noise]))[0]
    check(matcher.score(text, rubric, ANNA, AS_OF), text)


def test_the_same_input_gives_the_same_score_in_another_process(matcher: Matcher, rubric: Rubric) -> None:
    program = (
        "import sys, json; from datetime import date; from bascule.match import Evidence, Matcher, Person;"
        "text, advert = json.load(sys.stdin); m = Matcher(); r = m.rubric_for('Backend Engineer (Python)', advert);"
        "s = m.score(text, r, Person(('Anna Maria Lindqvist',)), date(2026, 11, 1)); print(r.version, s.tenths, "
        "[p.points for p in s.parts])"
    )
    import json

    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps([RESUME, ADVERT]), capture_output=True, text=True, check=True
    )
    score = matcher.score(RESUME, rubric, Person(("Anna Maria Lindqvist",)), AS_OF)
    assert done.stdout.split("\n")[0] == f"{rubric.version} {score.tenths} {[part.points for part in score.parts]}"


PEOPLE = [
    ("Anna Maria Lindqvist", "anna.lindqvist@example.com", "+46 70 123 45 67"),
    ("Mohammed Al-Rashid", "m@example.org", "0171 3920017"),
    ("Nguyễn Thị Minh Anh", "nguyen.thi.minh.anh@brev.example", "+33 6 39 98 14 07"),
    ("Lars", "lars@x.example", "(555) 123-4567"),
    ("Oluwaseun Adebayo-Peters", "seun@example.org", "+44 7700 900118"),
]


@pytest.mark.parametrize(("name", "email", "phone"), PEOPLE)
def test_another_name_email_or_phone_changes_nothing(
    matcher: Matcher, rubric: Rubric, name: str, email: str, phone: str
) -> None:
    text = (
        RESUME.replace("Anna Maria Lindqvist", name)
        .replace("anna.lindqvist@example.com", email)
        .replace("+46 70 123 45 67", phone)
    )
    text = text.replace("Backend engineer who", f"{name.split()[0]} is a backend engineer who")
    base = RESUME.replace("Backend engineer who", "Anna is a backend engineer who")
    other = matcher.score(text, rubric, Person((name,), (email,), (phone,)), AS_OF)
    assert other.tenths == matcher.score(base, rubric, ANNA, AS_OF).tenths


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("She has led", "He has led"),
        ("She has led", "They has led"),
        ("38 years old", "61 years old"),
        ("3 May 1988", "17 November 1961"),
        ("Storgatan 5, 211 42 Malmö", "Rolandstraße 12, 50667 Köln"),
        ("Date of birth: 3 May 1988", "Nationality: Somali"),
        ("Date of birth: 3 May 1988", "Marital status: divorced"),
        ("Date of birth: 3 May 1988", "Gender: female"),
        ("Date of birth: 3 May 1988", "Photo: see first page"),
    ],
)
def test_gender_age_address_and_status_change_nothing(
    matcher: Matcher, rubric: Rubric, written: str, instead: str
) -> None:
    assert written in RESUME
    base, other = (matcher.score(text, rubric, ANNA, AS_OF) for text in (RESUME, RESUME.replace(written, instead)))
    assert other.tenths == base.tenths


def test_gendered_job_titles_change_nothing(matcher: Matcher) -> None:
    rubric = matcher.rubric_for(
        "Krankenpfleger (m/w/d)",
        "Deine Aufgaben\n- Wundversorgung und Medikamentengabe\nDein Profil\n- Ausbildung in der Krankenpflege und "
        "Erfahrung in der Pflege",
    )
    text = (
        "Lebenslauf\nBerufserfahrung\nKrankenschwester\nStädtische Klinik | 2015 - heute\n- Wundversorgung, "
        "Medikamentengabe und Dienstplanung auf einer Station mit zwanzig Betten und vielen netten Kollegen im Team"
    )
    scores = [
        matcher.score(version, rubric, Person(), AS_OF).tenths
        for version in (text, text.replace("Krankenschwester", "Krankenpfleger"))
    ]
    assert scores[0] == scores[1]


def test_an_answer_counts_as_stated_and_never_as_much_as_work_shown(matcher: Matcher, rubric: Rubric) -> None:
    text = RESUME.replace("Terraform", "Ansible").replace("Kafka consumers", "consumers")
    question = "Have you worked with Terraform?"
    without = matcher.score(text, rubric, ANNA, AS_OF)
    yes, no = (matcher.score(text, rubric, ANNA, AS_OF, {question: answer}) for answer in ("Yes", "No"))
    shown = matcher.score(RESUME.replace("Kafka consumers", "consumers"), rubric, ANNA, AS_OF)
    assert no.tenths == without.tenths < yes.tenths < shown.tenths
    stated = [reason for part in yes.parts for reason in part.reasons if reason.source == question]
    assert [reason.quote for reason in stated] == ["Yes"]


def test_a_job_without_text_gives_no_score_and_says_why(matcher: Matcher) -> None:
    score = matcher.score(RESUME, matcher.rubric_for("Backend Engineer", " "), ANNA, AS_OF)
    assert not score.scored
    assert "no description" in score.reason
    assert reasons_short(score) == (score.reason,)
    assert "No match score" in note(score)


def test_a_resume_without_words_gives_no_score_and_never_a_zero(matcher: Matcher, rubric: Rubric) -> None:
    score = matcher.score("Anna Maria Lindqvist\nanna.lindqvist@example.com", rubric, ANNA, AS_OF)
    assert not score.scored
    assert "words" in score.reason


def test_numbers_of_one_are_said_in_the_singular(matcher: Matcher, rubric: Rubric) -> None:
    text = RESUME[: RESUME.index("Backend Developer\n")].replace("03/2020 - present", "01/2023 - 12/2023")
    years = next(part for part in matcher.score(text, rubric, ANNA, AS_OF).parts if part.key == "years")
    assert [reason.text for reason in years.reasons] == ["1 year in 1 position; 4 asked for"]
    assert years.missing == ("3 years fewer than asked for",)
    assert "Only 1 word could" in matcher.score("Welder", rubric, Person(), AS_OF).reason


def test_a_language_counts_for_its_level(matcher: Matcher) -> None:
    asked = matcher.rubric_for(
        "Planner", "Requirements\n- You plan the visits of our nurses by phone and mail\n- Fluent Swedish\n"
    )

    def said(swedish: str) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        text = RESUME.replace("English (fluent), Swedish (native)", swedish)
        part = next(part for part in matcher.score(text, asked, ANNA, AS_OF).parts if part.key == "languages")
        return round(100 * part.value), tuple(reason.text for reason in part.reasons), part.missing

    assert said("Swedish: native") == (100, ("Swedish (native)",), ())
    assert said("Swedish: B2") == (75, ("Swedish (working level)",), ("Swedish: working level, fluent asked for",))
    assert said("Swedish: I can order coffee") == (25, ("Swedish (basic)",), ("Swedish: basic, fluent asked for",))
    assert said("English") == (0, (), ("no evidence of Swedish",))


def test_open_positions_end_on_the_day_given(matcher: Matcher, rubric: Rubric) -> None:
    text = RESUME.replace("2016 - 02/2020", "01/2020 - 02/2020")
    early, late = (matcher.score(text, rubric, ANNA, day) for day in (date(2021, 3, 1), date(2026, 11, 1)))
    assert early.tenths < late.tenths


def test_field_and_note_explain_and_never_speak_of_chances(matcher: Matcher, rubric: Rubric) -> None:
    score = matcher.score(RESUME, rubric, ANNA, AS_OF)
    lines, text = reasons_short(score), note(score, "Backend Engineer")
    assert 3 <= len(lines) <= 5
    assert all(len(line) <= 160 for line in lines)
    assert f"{score.value:g} of 100" in text
    assert score.rubric in text
    for word in ("probab", "likelihood", "chance", "%", "confidence", "predict"):
        assert word not in (text + " ".join(lines)).lower()
    for particular in ("Lindqvist", "1988", "Storgatan", "example.com"):
        assert particular not in text


def test_only_redacted_text_reaches_the_scorer(matcher: Matcher, rubric: Rubric) -> None:
    seen: list[str] = []
    maker = matcher._reading  # the one place where text goes in

    class Watching:
        def make(self, resume: object, *rest: object) -> Evidence:
            seen.append(resume.text)  # type: ignore[attr-defined]
            return maker.make(resume, *rest)  # type: ignore[arg-type]

        def in_english(self, *rest: object) -> object:
            return maker.in_english(*rest)  # type: ignore[arg-type]

        def apart_from(self, *rest: object) -> Evidence:
            return maker.apart_from(*rest)  # type: ignore[arg-type]

    watched = Matcher()
    watched.__dict__["_reading"] = Watching()
    watched.score(RESUME, rubric, ANNA, AS_OF)
    assert len(seen) == 1
    for particular in ("Anna", "Lindqvist", "1988", "38 years", "Storgatan", "123 45 67", "example.com", "She"):
        assert particular not in seen[0]


def test_an_edited_job_gives_another_rubric_version_and_an_unedited_one_the_same(
    matcher: Matcher, rubric: Rubric
) -> None:
    again = matcher.rubric_for("Backend Engineer (Python)", ADVERT)
    assert again.version == rubric.version
    assert again == replace(rubric)
    assert (
        matcher.rubric_for("Backend Engineer (Python)", ADVERT.replace("4 years", "6 years")).version != rubric.version
    )


def test_the_skills_field_names_what_the_job_asks_for_first_and_no_human_language(
    matcher: Matcher, rubric: Rubric
) -> None:
    names = skills_short(matcher.score(RESUME, rubric, ANNA, AS_OF), rubric, 8)
    assert len(names) == 8
    assert {"Python", "PostgreSQL", "Docker", "Kubernetes", "Git"} <= set(names)
    assert "English" not in names
