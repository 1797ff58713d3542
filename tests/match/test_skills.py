"""Skills are found as canonical ids, ambiguous names only with evidence, denied ones never."""

import pytest

from bascule.match import Matcher


def labels(matcher: Matcher, text: str) -> set[str]:
    return {hit.label.removesuffix(" (computer programming)") for hit in matcher.skills.hits(text)}


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("We go to market together. Services in Go, Python and Kubernetes.", {"Go", "Python", "Kubernetes"}, set()),
        ("Ready to go, able to go far", set(), {"Go"}),
        ("Statistics in R and Python", {"R", "Python"}, set()),
        ("R. Miller leads R&D", set(), {"R"}),
        ("Embedded software in C and C++", {"C", "C++"}, set()),
        ("Vitamin C and C-level reporting", set(), {"C"}),
        ("iOS apps in Swift, code reviewed daily", {"Swift"}, set()),
        ("A swift answer. Swift payments for customers", set(), {"Swift"}),
        (
            "MS Office: Word, Excel, Access and Outlook",
            {"Microsoft Word", "Microsoft Excel", "Microsoft Access"},
            set(),
        ),
        (
            "Access to patients; gave my word; a good outlook",
            set(),
            {"Microsoft Access", "Microsoft Word", "Microsoft Outlook"},
        ),
        ("Excel in fast-paced settings", set(), {"Microsoft Excel"}),
        ("Advanced Excel (pivot tables)", {"Microsoft Excel"}, set()),
        ("Java with Spring and Hibernate", {"Java", "Spring Framework"}, set()),
        ("From spring to autumn; Spring 2019", set(), {"Spring Framework"}),
        ("Worked in two teams. Teams of five", set(), {"Microsoft Teams"}),
        ("Zoom, Slack and Microsoft Teams", {"Microsoft Teams", "Slack"}, set()),
        ("Project work in a large project", set(), {"Microsoft Project"}),
        ("Frontend in React, TypeScript and CSS", {"React", "TypeScript"}, set()),
        ("We react quickly and rest well", set(), {"React", "RESTful API"}),
        ("C# and .NET, ASP.NET before that", {"C#", "Microsoft .NET Framework", "ASP.NET"}, set()),
        ("net income rose", set(), {"Microsoft .NET Framework"}),
        ("k8s, golang microservices code, postgres", {"Kubernetes", "PostgreSQL"}, set()),
    ],
)
def test_an_ambiguous_name_counts_only_where_it_means_the_skill(
    matcher: Matcher, text: str, wanted: set[str], unwanted: set[str]
) -> None:
    found = labels(matcher, text)
    assert wanted <= found
    assert not unwanted & found


@pytest.mark.parametrize(
    ("text", "unwanted", "wanted"),
    [
        ("No experience with Java, Kotlin or Docker. I know Python.", {"Java", "Kotlin", "Docker"}, {"Python"}),
        ("Keine Erfahrung mit SAP, aber Python", {"SAP software"}, {"Python"}),
        ("Ingen erfarenhet av Kubernetes. Docker varje dag.", {"Kubernetes"}, {"Docker"}),
        ("Sans expérience de Tableau, mais avec Python", {"Tableau"}, {"Python"}),
        ("I have not used Kubernetes yet", {"Kubernetes"}, set()),
        ("Works without supervision on PostgreSQL", set(), {"PostgreSQL"}),
    ],
)
def test_what_is_denied_is_not_evidence(matcher: Matcher, text: str, unwanted: set[str], wanted: set[str]) -> None:
    found = labels(matcher, text)
    assert not unwanted & found
    assert wanted <= found


@pytest.mark.parametrize(
    ("german_swedish_french", "label"),
    [
        ("Finanzbuchhaltung", "accounting"),
        ("Wundversorgung", "carry out wound care"),
        ("Maschinelles Lernen", "machine learning"),
        ("läkemedelshantering", "administer prescribed medication"),
        ("bokföring", "bookkeeping regulations"),
        ("soins palliatifs", "palliative care"),
        ("Analyse de données", "perform data analysis"),
    ],
)
def test_common_names_in_other_languages_reach_the_same_id(
    matcher: Matcher, german_swedish_french: str, label: str
) -> None:
    assert label in labels(matcher, f"- {german_swedish_french}")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("carried out wound care on two wards", "carry out wound care"),
        ("Analyzing financial risks for clients", "analyse financial risk"),
        ("organizing cultural events", "organise cultural events"),
        ("managed budgets of two million", "manage budgets"),
        ("developing training programs", "develop training programmes"),
    ],
)
def test_a_phrase_is_found_in_any_dress_of_its_words(matcher: Matcher, text: str, label: str) -> None:
    assert label in labels(matcher, text)


def test_a_word_by_itself_is_taken_as_written(matcher: Matcher) -> None:
    assert not labels(matcher, "She excels. They accessed it. Words. Rs and Gos")


def test_one_thing_with_two_names_is_one_id_and_a_tool_says_what_it_is_a_kind_of(matcher: Matcher) -> None:
    (java,) = matcher.skills.hits("Oracle Java")
    assert java.label == "Java (computer programming)"
    assert java.id.startswith("http://data.europa.eu/esco/")
    (excel,) = matcher.skills.hits("Microsoft Excel")
    wider = [matcher.skills.hit(id, "", 0, 0).label for id in matcher.skills.wider(excel.id)]
    assert wider == ["use spreadsheets software"]


def test_every_hit_quotes_its_own_place_and_has_a_canonical_id(matcher: Matcher) -> None:
    text = "Python, PostgreSQL,\nmachine\nlearning; wound care & Kubernetes"
    hits = matcher.skills.hits(text)
    assert {"Kubernetes", "machine learning"} <= {hit.label for hit in hits}
    for hit in hits:
        assert text[hit.start : hit.end] == hit.quote
        assert hit.id.startswith(("http://data.europa.eu/esco/", "onet-tech:"))
        assert hit.scheme in {"ESCO", "O*NET"}


def test_a_phrase_does_not_reach_over_a_comma_or_a_sentence(matcher: Matcher) -> None:
    assert "machine learning" not in labels(matcher, "machine, learning. Machine. Learning")


def test_the_longest_phrase_wins(matcher: Matcher) -> None:
    assert labels(matcher, "worked with SAP S/4HANA") == {"SAP ERP"}


def test_the_tables_say_their_version_and_ship_their_notices(matcher: Matcher) -> None:
    from importlib.resources import files

    notice = (files("bascule.match") / "data" / "NOTICE.md").read_text("utf-8")
    assert matcher.skills.version.startswith("esco-")
    assert "This service uses the ESCO classification of the European Commission" in notice
    assert "USDOL/ETA has not approved, endorsed, or tested these modifications" in notice


@pytest.mark.parametrize(
    ("text", "unwanted", "wanted"),
    [
        ("Python services behind our planning and medication apps", "administer prescribed medication", "Python"),
        ("visit planning, medication lists and messages", "administer prescribed medication", ""),
        ("Nurse on a ward: medication, wound care", "", "administer prescribed medication"),
        ("Läkemedel och såromläggningar på en avdelning", "", "administer prescribed medication"),
        ("Accounts for a petroleum company", "petroleum", ""),
        ("Sold to logistics customers", "logistics", ""),
        ("Logistics, purchasing and stock", "", "logistics"),
        ("An ERP migration in two steps", "migration", "manage standard enterprise resource planning system"),
        ("Research on asylum and migration", "", "migration"),
        ("A history of late payments", "history", ""),
        ("Taught history at a school", "", "teach history"),
        ("History and art at a university", "", "history"),
        ("What we did last year", "direct inward dialing", ""),
    ],
)
def test_an_everyday_word_is_a_skill_only_among_words_of_its_trade(
    matcher: Matcher, text: str, unwanted: str, wanted: str
) -> None:
    found = labels(matcher, text)
    assert unwanted not in found
    assert not wanted or wanted in found
