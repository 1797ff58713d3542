"""Place and eligibility: what a job asks for, what people say of it, and that it moves a score only by a person's word."""

from dataclasses import asdict

import pytest

from bascule.match import Changes, Matcher, Person, Reading, Rubric
from bascule.match.conditions import Condition, answered, claims_in
from bascule.match.eligibility import OTHERWISE, SAID, UNSAID
from bascule.match.phrases import split
from bascule.match.probe import Resume, probe

from .conftest import ADVERT, AS_OF, RESUME

ANNA = Person(("Anna", "Maria", "Lindqvist"), ("anna.lindqvist@example.com",), ())
MORE = """
- Driving licence, category B
- The right to work in the EU; we cannot sponsor visas
- On-call duty every sixth week
"""


def with_conditions(matcher: Matcher, changes: Changes | None = None) -> Rubric:
    text = ADVERT.replace("\n\nNice to have", f"{MORE}\nNice to have")
    return matcher.rubric_for("Backend Engineer (Python)", text, changes=changes or Changes(), offices=("Malmö",))


@pytest.mark.parametrize(
    ("advert", "asked"),
    [
        ("Must have\n- Führerschein Klasse B\nStandort: Hamburg, zwei Tage pro Woche Homeoffice", {"place": "hybrid, Hamburg", "driving licence": "B"}),
        ("Krav\n- B-körkort\n- Arbetstillstånd i Sverige\nPlacering: Malmö. Arbete på plats.", {"place": "on site, Malmö", "driving licence": "B", "right to work": "Sverige"}),
        ("Profil recherché\n- Permis B exigé\n- Déplacements fréquents\nLieu de travail: Lyon", {"place": "Lyon", "driving licence": "B", "travel": ""}),
        ("You can work remotely from anywhere in the EU. Up to 20 % travel. No visa sponsorship.", {"place": "remote, EU", "travel": "20 %", "right to work": ""}),
        ("Fully remote. We sell remote sensing to travel agencies, sponsor events and call people.", {}),
    ],
)  # fmt: skip
def test_a_job_s_conditions_are_read_in_four_languages(matcher: Matcher, advert: str, asked: dict[str, str]) -> None:
    rubric = matcher.rubric_for("Worker", f"{advert}\nAnd some more words that say what the work is about, at length.")
    assert {str(one.condition): one.detail for one in rubric.conditions} == asked


def test_an_office_in_the_ats_is_the_place_unless_the_work_is_remote(matcher: Matcher) -> None:
    text = "You write programs and talk with the people who use them, every day of the week. "
    (place,) = matcher.rubric_for("Worker", text, offices=("Lyon", "Malmö")).conditions
    assert (place.detail, place.quote) == ("Lyon, Malmö", "")
    assert not matcher.rubric_for("Worker", text + "The position is fully remote.", offices=("Lyon",)).conditions


@pytest.mark.parametrize(
    ("line", "condition", "denied"),
    [
        ("Full UK driving licence (B, C1)", Condition.DRIVING, False),
        ("Kein Führerschein vorhanden", Condition.DRIVING, True),
        ("Körkort: nej", Condition.DRIVING, True),
        ("Driving licence no. 158117", Condition.DRIVING, False),
        ("Eligible to work in the EU, no sponsorship needed", Condition.RIGHT_TO_WORK, False),
        ("I will require visa sponsorship", Condition.RIGHT_TO_WORK, True),
        ("not willing to relocate", Condition.PLACE, True),
        ("Open to relocation", Condition.PLACE, False),
        ("unable to travel", Condition.TRAVEL, True),
        ("Shared an on-call rota for four years", Condition.ON_CALL, False),
        ("Nationality: Danish. Lives in Malmö. Took calls in a call centre, arranged travel", None, False),
    ],
)
def test_what_a_resume_claims_or_denies(line: str, condition: Condition | None, denied: bool) -> None:
    found = {(one.condition, one.denied) for one in claims_in(split(line))}
    assert found == ({(condition, denied)} if condition else set())


def test_a_yes_to_the_question_is_a_claim_and_to_the_question_turned_round_a_denial() -> None:
    def said(question: str, answer: str) -> list[tuple[Condition, bool]]:
        return [(one.condition, one.denied) for one in answered(question, answer)]

    assert said("Are you allowed to work in the EU?", " Yes") == [(Condition.RIGHT_TO_WORK, False)]
    assert said("Do you need visa sponsorship?", "yes") == [(Condition.RIGHT_TO_WORK, True)]
    assert said("Do you need visa sponsorship?", "No") == [(Condition.RIGHT_TO_WORK, False)]
    assert said("Do you hold a driving licence?", "It is complicated") == []


def test_what_is_said_and_what_is_not_stands_beside_the_score_without_a_point(matcher: Matcher, rubric: Rubric) -> None:
    asked = with_conditions(matcher)
    text = RESUME.replace("Languages\n", "Other\nOpen to relocation\n\nLanguages\n")
    answers = {
        "May you work in the EU: do you have the right to work there?": "Yes",
        "Can you take on-call duty?": "No",
    }
    score = matcher.score(text, asked, ANNA, AS_OF, answers)
    found = {one.condition: one for one in score.conditions}
    assert {key: one.said for key, one in found.items()} == {
        Condition.PLACE: SAID, Condition.RIGHT_TO_WORK: SAID, Condition.DRIVING: UNSAID, Condition.ON_CALL: OTHERWISE,
    }  # fmt: skip
    place = found[Condition.PLACE]
    assert (place.lives, place.reason and place.reason.quote) == ("211 42 Malmö", "Open to relocation")
    assert found[Condition.ON_CALL].reason.source == "Can you take on-call duty?"  # type: ignore[union-attr]
    plain = matcher.score(text, asked, ANNA, AS_OF)
    assert (plain.tenths, [asdict(part) for part in plain.parts]) == (score.tenths, [asdict(p) for p in score.parts])


def test_what_only_a_screening_question_asks_for_is_shown_and_never_weighs(matcher: Matcher) -> None:
    asked = with_conditions(matcher, Changes(weights={"conditions": 30}))
    answers = {"Would you work night shifts?": "Yes", "What do you like about it?": "I travelled 50 % and have a car"}
    score = matcher.score(RESUME, asked, ANNA, AS_OF, answers)
    shifts = next(one for one in score.conditions if one.condition is Condition.SHIFTS)
    assert (shifts.said, shifts.asked) == (SAID, False)
    assert Condition.TRAVEL not in {one.condition for one in score.conditions}
    assert score.tenths == matcher.score(RESUME, asked, ANNA, AS_OF).tenths


def test_where_a_person_weighs_them_the_parts_sum_and_neither_address_nor_nationality_moves_a_score(
    matcher: Matcher,
) -> None:
    asked = with_conditions(matcher, Changes(weights={"conditions": 30}))
    score = matcher.score(RESUME, asked, ANNA, AS_OF)
    part = next(part for part in score.parts if part.key == "conditions")
    assert sum(part.weight for part in score.parts) == 1000
    assert sum(part.points for part in score.parts) == score.tenths
    assert part.value == pytest.approx(0.5, abs=0.01)  # nothing said: half, and it says so
    assert all("not said, counted half" in reason.text for reason in part.reasons)
    moved = matcher.score(RESUME.replace("211 42 Malmö", "20457 Hamburg"), asked, ANNA, AS_OF)
    assert moved.tenths == score.tenths
    assert not probe(matcher, asked, [Resume(RESUME, ANNA, AS_OF)]).broken


def test_stored_evidence_says_the_same_of_conditions(matcher: Matcher) -> None:
    asked = with_conditions(matcher)
    text = RESUME.replace("Languages\n", "Other\nDriving licence B, open to relocation\n\nLanguages\n")
    study = matcher.unpacked(matcher.packed(matcher.study(Reading("read", text, "", 1, "", (), ""), ANNA, AS_OF)))
    assert study is not None
    kept = matcher.judge(study, asked, ANNA)
    assert kept == matcher.score(text, asked, ANNA, AS_OF)
    assert {one.said for one in kept.conditions if one.condition is Condition.DRIVING} == {SAID}
