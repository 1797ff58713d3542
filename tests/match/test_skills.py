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
    ("text", "wanted", "unwanted"),
    [
        ("Go-getter, always on the go; Go live of SAP", set(), {"Go"}),
        ("Languages: Go, Java", {"Go"}, set()),
        ("Objective-C and Swift; SwiftUI for iOS", {"Swift"}, set()),
        ("Taylor Swift, Swift Current, SWIFT payments", set(), {"Swift"}),
        ("R, SPSS and SAS", {"R"}, set()),
        ("Toys R Us; Henry R. Smith", set(), {"R"}),
        ("Grade C in maths, hepatitis C, driving licence C1", set(), {"C"}),
        ("Databases: Access, Oracle", {"Microsoft Access"}, set()),
        ("Access control systems; Access to Medicine Foundation", set(), {"Microsoft Access"}),
        ("Word of mouth, word processing", set(), {"Microsoft Word"}),
        ("Teams and Slack", {"Microsoft Teams", "Slack"}, set()),
        ("Led Teams of engineers; Agile Teams", set(), {"Microsoft Teams"}),
        ("Spring MVC, JPA", {"Spring Framework"}, set()),
        ("Spring 2020 internship in Java; spring cleaning", {"Java"}, {"Spring Framework"}),
        ("Executive Chef; chef de partie", set(), {"Chef (tools for software configuration management)"}),
        ("Chef, Puppet and Ansible", {"Chef (tools for software configuration management)"}, set()),
        ("Project Manager with Agile epics", set(), {"Microsoft Project", "Epic Systems"}),
        ("Spark plugs, drama sketch, zoom lens", set(), {"Apache Spark", "Sketch", "Zoom"}),
        ("Windows and Linux administration", {"Linux", "Microsoft Windows"}, set()),
    ],
)
def test_names_that_are_words_count_by_what_stands_beside_them(
    matcher: Matcher, text: str, wanted: set[str], unwanted: set[str]
) -> None:
    found = labels(matcher, text)
    assert wanted <= found
    assert not unwanted & found


DENIED = """No Java|I have never used Java|without Java experience|not experienced in Java|Unfamiliar with Java
no knowledge of Java|Java: none|Java: no experience|Java - no|I don't know Java|haven't worked with Java|Java not required
I can't program in Java|Lacks Java|no Python or Java|neither Python nor Java|Java is not my thing|no prior exposure to Java
zero experience with Java|all languages except Java|would like to learn Java|eager to learn more about Java|no hands-on Java
Kein Java|keine Java-Kenntnisse|ohne Java|Ich habe noch nie mit Java gearbeitet|nicht vertraut mit Java|Java kenne ich nicht
weder Python noch Java|Java: keine Erfahrung|bislang keine Berufserfahrung mit Java|möchte Java lernen
inga kunskaper i Java|utan Java|har aldrig arbetat med Java|har inte använt Java|varken Python eller Java|kan inte Java
saknar erfarenhet av Java|Java: ingen erfarenhet|vill lära mig Java
Pas de Java|sans Java|aucune connaissance de Java|je n'ai jamais travaillé avec Java|ni Python ni Java|souhaite apprendre Java
je ne connais pas Java|Java : aucune expérience|pas encore d'expérience avec Java"""
CLAIMED = """No problem with Java|not only Python but also Java|nicht nur Python, sondern auch Java|Not just Java|No. 1 in Java
inte bara Python utan även Java|pas seulement Python mais aussi Java|Java without frameworks|not limited to Java
Without supervision, wrote Java|no downtime; Java services|cannot imagine work without Java|nothing but Java
no less than 5 years of Java|I had no trouble learning Java|No SQL was needed. Java daily|learned Java at school"""


def test_what_is_denied_or_wished_for_is_no_evidence(matcher: Matcher) -> None:
    for text in DENIED.replace("\n", "|").split("|"):
        assert "Java" not in labels(matcher, f"Ada Byron.\n- {text}.\n- SAP"), text


def test_what_only_sounds_like_a_denial_is_none(matcher: Matcher) -> None:
    for text in CLAIMED.replace("\n", "|").split("|"):
        assert "Java" in labels(matcher, text), text


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
def test_a_denial_reaches_over_a_list_and_no_further(
    matcher: Matcher, text: str, unwanted: set[str], wanted: set[str]
) -> None:
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
