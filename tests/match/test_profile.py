"""Positions, dates, current title and employer, years, languages and education, as people write them."""
# ruff: noqa: RUF001 (resumes hold these characters)

from datetime import date

import pytest

from bascule.match import Education, Matcher, Person
from bascule.match.dates import months, stretches
from bascule.match.language import detect
from bascule.match.phrases import split
from bascule.match.tongues import tongues

from .conftest import AS_OF, RESUME


@pytest.mark.parametrize(
    ("written", "first", "last", "how_many"),
    [
        ("January 2014 to October 2014", (2014, 1), (2014, 10), 10),
        ("05/2019 – heute", (2019, 5), (2026, 11), 91),
        ("2015-2018", (2015, 1), (2017, 12), 36),
        ("seit 03/2020", (2020, 3), (2026, 11), 81),
        ("Sept. 2018 – Present", (2018, 9), (2026, 11), 99),
        ("2019-04 – 2021-06", (2019, 4), (2021, 6), 27),
        ("2020-01 – tills vidare", (2020, 1), (2026, 11), 83),
        ("sedan 2019", (2019, 1), (2026, 11), 95),
        ("depuis mars 2021", (2021, 3), (2026, 11), 69),
        ("août 2017 à déc. 2019", (2017, 8), (2019, 12), 29),
        ("2011 - 13", (2011, 1), (2012, 12), 24),
        ("03.2015 - 12/2018", (2015, 3), (2018, 12), 46),
        ("1.4.2017 bis heute", (2017, 4), (2026, 11), 116),
        ("Feb 2019 – Oct\n2021", (2019, 2), (2021, 10), 33),
        ("Jan 2022 to date", (2022, 1), (2026, 11), 59),
        ("Summer 2012 - Winter 2013", (2012, 6), (2013, 12), 19),
        ("2017 july - 2019 October", (2017, 7), (2019, 10), 28),
        ("4/2016  5/2022", (2016, 4), (2022, 5), 74),
        ("Jun. 2011  Nov. 2013", (2011, 6), (2013, 11), 30),
        ("2014  2019", (2014, 1), (2018, 12), 60),
        ("2021  now", (2021, 1), (2026, 11), 71),
    ],
)
def test_a_date_range_is_read_to_the_month(
    written: str, first: tuple[int, int], last: tuple[int, int], how_many: int
) -> None:
    (found,) = stretches(split(f"Engineer, {written}\n- did things"), AS_OF)
    assert (found.first // 12, found.first % 12 + 1) == first
    assert (found.last // 12, found.last % 12 + 1) == last
    assert months([found]) == how_many


@pytest.mark.parametrize(
    "text",
    [
        "2021 - 2019",
        "2030 - 2032",
        "Room 2015-18-3",
        "born 1988",
        "1,200 - 1,500 orders",
        "phone 0171 2015",
        "2019  2020  2021  revenue",
        "5/2022  4/2016",
        "in 2012 and 2015",
    ],
)
def test_what_is_no_range_of_dates_is_left_alone(text: str) -> None:
    assert stretches(split(text), AS_OF) == ()


def test_overlapping_positions_count_once() -> None:
    assert months(stretches(split("01/2020 - 12/2021\n06/2021 - 12/2022\n"), AS_OF)) == 36


HEADINGS = [
    "Data Analyst\nDouro Telecom, Porto | 03/2020 – today",
    "Data Analyst    03/2020 – today\nDouro Telecom, Porto",
    "03/2020 – today    Data Analyst\nDouro Telecom, Porto",
    "03/2020 – today, Data Analyst, Douro Telecom, Porto",
    "Data Analyst at Douro Telecom, 03/2020 – today",
    "Douro Telecom, Porto    03/2020 – today\nData Analyst",
    "Data Analyst\nDouro Telecom\n03/2020 – today",
]


@pytest.mark.parametrize("heading", HEADINGS)
def test_title_and_employer_are_found_in_any_order(matcher: Matcher, heading: str) -> None:
    text = f"Some Person\n\nExperience\n{heading}\n- Churn analyses in SQL\n\nEducation\nBSc Economics, 2015 - 2018\n"
    profile = matcher.profile(text, AS_OF)
    assert (profile.title, profile.employer) == ("Data Analyst", "Douro Telecom")
    assert profile.years == 6.8
    assert profile.education == Education.BACHELOR


def test_the_profile_of_a_whole_resume(matcher: Matcher) -> None:
    profile = matcher.profile(RESUME, AS_OF)
    assert profile.title == "Senior Backend Engineer"
    assert profile.employer == "Nordhamn Logistics AB"
    assert profile.years == 10.9
    assert [(p.title, p.employer) for p in profile.positions][1] == ("Backend Developer", "Brandt Software GmbH")
    assert [(t.code, t.level) for t in profile.languages] == [("en", 4), ("sv", 6)]
    assert profile.written_in == "en"
    assert profile.confidence > 0.8


def test_a_gap_is_no_position_and_its_reason_is_nobodys_business(matcher: Matcher) -> None:
    text = "Experience\nAnalyst    2018 – 2020\nOne Institute\n\nParental leave    08/2021 – 08/2023\n"
    assert len(matcher.profile(text, AS_OF).positions) == 1


def test_years_depend_on_the_day_given_and_on_nothing_else(matcher: Matcher) -> None:
    text = "Experience\nAnalyst    01/2020 – present\n"
    assert [matcher.profile(text, day).years for day in (date(2021, 1, 1), date(2025, 1, 1))] == [1.1, 5.1]


@pytest.mark.parametrize(
    ("text", "code", "level"),
    [
        ("German (C1)", "de", 4),
        ("fluent German and basic French", "de", 4),
        ("fluent German and basic French", "fr", 1),
        ("Svenska: modersmål", "sv", 6),
        ("Deutsch – verhandlungssicher", "de", 5),
        ("Français : courant", "fr", 4),
        ("Englisch B2, Schwedisch A2", "sv", 1),
    ],
)
def test_a_language_is_read_with_its_level(text: str, code: str, level: int) -> None:
    assert (code, level) in [(tongue.code, tongue.level) for tongue in tongues(text)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I have worked with the team and for the customers in many of their projects", "en"),
        (
            "Ich habe in der Abteilung mit dem Team an den Projekten für die Kunden gearbeitet und bin für die Planung",
            "de",
        ),
        ("Jag har arbetat med äldre och för kommunen i många år och är van att leda en grupp", "sv"),
        ("J'ai travaillé dans le service avec les clients et pour la direction de la société", "fr"),
        ("12345 67890", ""),
    ],
)
def test_the_language_of_a_text_is_told(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("text", "code", "level"),
    [
        ("Polish: native. English: C1, used daily. German: A2. Swedish: I can order coffee.", "sv", 1),
        ("Polish: native. English: C1, used daily. German: A2. Swedish: I can order coffee.", "en", 4),
        ("Englisch: für den Urlaub reicht es", "en", 1),
        ("Tyska (lite)", "de", 1),
        ("Allemand : quelques mots", "de", 1),
        ("English: used every day with the colleagues in Leeds", "en", 3),
        ("French: six summers with an aunt in Lyon", "fr", 2),
        ("English, Swedish", "sv", 0),
        ("English (UK)", "en", 0),
    ],
)
def test_a_remark_in_place_of_a_level_is_a_modest_claim(text: str, code: str, level: int) -> None:
    assert (code, level) in [(tongue.code, tongue.level) for tongue in tongues(text)]


@pytest.mark.parametrize(
    ("text", "title", "employer"),
    [
        ("Financial Management Partner\n\nJuly 2010 to August 2011 Nordhamn Group\n- did things", "Financial Management Partner", "Nordhamn Group"),
        ("Accountant\n\n2015 - 2018 Brandt Software GmbH\n- did things", "Accountant", "Brandt Software GmbH"),
        ("2015 - 2018 Brandt Software GmbH\n- did things", "", "Brandt Software GmbH"),
        ("09/2010 to 12/2011\nLund University\n- did things", "", "Lund University"),
        ("2015 - 2018 Bank Teller\n- did things", "Bank Teller", ""),
    ],
)  # fmt: skip
def test_an_employer_is_not_taken_for_a_title(matcher: Matcher, text: str, title: str, employer: str) -> None:
    (position,) = matcher.profile(f"Experience\n{text}", AS_OF).positions
    assert (position.title, position.employer) == (title, employer)


@pytest.mark.parametrize("reason", ["Maternity leave", "Elternzeit", "Föräldraledig", "Congé parental", "Unemployed"])
def test_a_break_is_no_position_and_its_reason_reaches_no_score(matcher: Matcher, reason: str) -> None:
    text = f"Experience\n2016 - 2017: {reason}\n2013 - 2015 Accountant, Acme Ltd\n- kept the books"
    assert [one.title for one in matcher.profile(text, AS_OF).positions] == ["Accountant"]
    assert reason not in matcher.read(text, Person(), AS_OF).text
