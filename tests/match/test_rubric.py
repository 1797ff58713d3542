"""A rubric says what a job asks for, how much it wants it, and where it says so."""

import pytest

from bascule.match import Importance, Matcher, Rubric


def wanted(rubric: Rubric, importance: Importance) -> set[str]:
    return {skill.label for skill in rubric.skills if skill.importance == importance}


def test_musts_nices_years_and_languages_are_told_apart(rubric: Rubric) -> None:
    assert {"PostgreSQL", "Docker", "Kubernetes", "Git"} <= wanted(rubric, Importance.MUST)
    assert {"Apache Kafka", "RabbitMQ", "IBM Terraform"} <= wanted(rubric, Importance.NICE)
    assert rubric.years == 4
    assert [(t.code, t.importance) for t in rubric.languages] == [("en", Importance.MUST), ("sv", Importance.NICE)]
    assert rubric.occupations == ("15-1252.00",)


def test_what_the_employer_offers_is_not_asked_for(rubric: Rubric) -> None:
    assert not {"Java (computer programming)", "Microsoft Excel", "Swift (computer programming)"} & {
        s.label for s in rubric.skills
    }


def test_every_skill_quotes_the_advert(rubric: Rubric) -> None:
    from .conftest import ADVERT

    for skill in rubric.skills:
        assert skill.quote in ADVERT + "Backend Engineer (Python)"


def test_html_reads_like_plain_text(matcher: Matcher) -> None:
    advert = (
        "<p>We plan visits.</p><h3>You must have</h3><ul><li>Kubernetes &amp; Docker</li><li>At least 3 years "
        "of experience with PostgreSQL in production systems</li></ul>"
    )
    for text in (advert, advert.replace("<", "&lt;").replace(">", "&gt;").replace("&amp;", "&amp;amp;")):
        rubric = matcher.rubric_for("Engineer", text)
        assert {"Kubernetes", "Docker", "PostgreSQL"} <= wanted(rubric, Importance.MUST)
        assert rubric.years == 3


@pytest.mark.parametrize(
    ("advert", "years", "language"),
    [
        (
            "Dein Profil\n- Mindestens fünf Jahre Berufserfahrung in der Finanzbuchhaltung\n- Sehr gute "
            "Deutschkenntnisse: Deutsch C1\n- SAP und Excel, gern auch Tableau und Python dazu",
            5,
            "de",
        ),
        (
            "Krav\n- Minst 3 års erfarenhet av sjukvård\n- Flytande svenska i tal och skrift samt god vana av "
            "journalsystem och Microsoft Excel",
            3,
            "sv",
        ),
        (
            "Profil recherché\n- Au moins trois ans d'expérience en comptabilité générale\n- Français courant, bonne "
            "maîtrise de SAP et des états financiers du groupe",
            3,
            "fr",
        ),
    ],
)
def test_adverts_in_other_languages_are_understood(matcher: Matcher, advert: str, years: int, language: str) -> None:
    rubric = matcher.rubric_for("Stelle", advert)
    assert rubric.years == years
    assert language in [tongue.code for tongue in rubric.languages]
    assert rubric.written_in == language


def test_a_name_no_taxonomy_knows_is_kept_as_the_adverts_own(matcher: Matcher) -> None:
    rubric = matcher.rubric_for(
        "Engineer", "Requirements\n- FastAPI and HL7 FHIR in production, with PostgreSQL behind it and tests around it"
    )
    assert {"advert:fastapi", "advert:hl7 fhir"} <= {skill.id for skill in rubric.skills}


@pytest.mark.parametrize("text", ["", "   ", "<p></p>", "TBD", "Nurse wanted."])
def test_a_job_that_says_too_little_has_a_reason_and_no_score(matcher: Matcher, text: str) -> None:
    rubric = matcher.rubric_for("Nurse", text)
    assert not rubric.scorable
    assert "ATS" in rubric.reason


def test_screening_questions_add_to_what_is_asked(matcher: Matcher) -> None:
    text = "Requirements\n- Python and a sense of humour, good habits and patience with old systems of many kinds"
    rubric = matcher.rubric_for("Engineer", text, ("How many years have you used Kubernetes?",))
    assert "Kubernetes" in wanted(rubric, Importance.SHOULD)
    assert rubric.version != matcher.rubric_for("Engineer", text).version
