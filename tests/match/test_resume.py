"""A resume as data: every value is where it says it is, and says how surely it was understood."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

from bascule.match import Matcher, ResumeReader
from bascule.match.resume import Held, Known, Resume, Said, Worked

from .conftest import AS_OF, MATERIAL, RESUME


def values(resume: Resume) -> list[Said | Held | Known | Worked]:
    found: list[Said | Held | Known | Worked] = []
    for field in fields(resume):
        value = getattr(resume, field.name)
        found += [
            one
            for one in (value if isinstance(value, tuple) else (value,))
            if isinstance(one, Said | Held | Known | Worked)
        ]
    return found


def test_what_a_resume_says_is_data_with_places_and_confidence(matcher: Matcher) -> None:
    found = matcher.resume(RESUME, AS_OF)
    assert found.name is not None
    assert found.name.value == "Anna Maria Lindqvist"
    assert [one.value for one in found.emails] == ["anna.lindqvist@example.com"]
    assert [one.value for one in found.phones] == ["+46701234567"]
    assert found.location is not None
    assert found.location.value == "211 42 Malmö"
    assert [
        (text_of(one.title), text_of(one.employer), one.first, one.last, one.months) for one in found.positions
    ] == [
        ("Senior Backend Engineer", "Nordhamn Logistics AB", "2020-03", "", 81),
        ("Backend Developer", "Brandt Software GmbH", "2016-01", "2020-02", 50),
    ]
    assert found.highest == "bachelor"
    assert found.education[0].value.startswith("BSc Computer Science")
    skills = {one.label: one for one in found.skills}
    assert skills["PostgreSQL"].months == 131
    assert skills["Apache Kafka"].months == 50
    assert skills["IBM Terraform"].months == 0  # only listed
    assert skills["PostgreSQL"].confidence > skills["IBM Terraform"].confidence
    assert skills["Apache Kafka"].periods == (("2016-01", "2020-02"),)
    assert found.taxonomy == matcher.taxonomy.version
    assert found.title == found.positions[0].title
    assert found.employer == found.positions[0].employer
    assert found.years is not None
    assert (found.years.value, found.years.start) == (10.9, found.positions[0].start)
    for one in values(found):
        assert 0 <= one.start < one.end <= len(RESUME)
        assert 0 < one.confidence <= 1
    for held in found.positions:
        for said in (held.title, held.employer):
            assert said is not None
            assert RESUME[said.start : said.end] == said.value
            assert abs(said.start - held.start) < 100, "in its own heading, not under the name"


def text_of(said: Said | None) -> str:
    return said.value if said is not None else ""


TWO_JOBS = """Eva Stone
Office Manager

Experience
Office Manager
Northwind Ltd | 01/2018 - 12/2020
- Cooperated closely with colleagues at three sites
- Excel
Bookkeeper
Contoso Ltd | 07/2020 - 06/2021
- Excel and QuickBooks for forty clients
Clerk
Fabrikam Ltd | 01/2010 - 12/2010
- Excel lists
"""


def test_months_of_a_skill_are_those_of_positions_that_mention_it_overlaps_once(matcher: Matcher) -> None:
    skills = {one.label: one for one in matcher.resume(TWO_JOBS, AS_OF).skills}
    assert skills["Microsoft Excel"].months == 42 + 12
    assert skills["Microsoft Excel"].periods == (("2010-01", "2010-12"), ("2018-01", "2021-06"))
    assert skills["Intuit QuickBooks"].months == 12
    assert skills["Microsoft Excel"].named


def test_a_skill_that_is_meant_in_other_words_is_less_sure_and_has_its_months_too(matcher: Matcher) -> None:
    skills = {one.label: one for one in matcher.resume(TWO_JOBS, AS_OF).skills}
    meant = skills["cooperate with colleagues"]
    assert not meant.named
    assert meant.months == 36
    assert meant.confidence < skills["Microsoft Excel"].confidence
    assert TWO_JOBS[meant.start : meant.end] == "Cooperated closely with colleagues"


def test_a_number_without_a_country_is_completed_by_where_its_language_is_spoken_and_less_sure(
    matcher: Matcher,
) -> None:
    german = "Max Muster\n0171 3920017\n\nBerufserfahrung\nBuchhalter bei der Firma mit viel Erfahrung und Freude\n"
    (phone,) = matcher.resume(german, AS_OF).phones
    assert phone.value == "+491713920017"
    assert phone.confidence < 0.95
    (odd,) = matcher.resume(german.replace("0171 3920017", "0999 999999999"), AS_OF).phones
    assert (odd.value, odd.confidence) == ("0999 999999999", 0.5)


def test_every_resume_of_the_demo_gives_a_name_a_position_and_skills(matcher: Matcher) -> None:
    reader = ResumeReader()
    try:
        files = sorted((MATERIAL / "files").glob("*"))[:12]
        readings = [reader.read_now(path.read_bytes(), path.name) for path in files]
    finally:
        reader.stop()
    read = [matcher.resume(one.text, date(2026, 11, 1)) for one in readings if one.status == "read"]
    assert len(read) >= 10
    assert all(one.skills and one.positions for one in read)
    assert sum(one.name is not None for one in read) >= len(read) - 1
