"""What a person has said is wrong in a score counts no more, and the score says what would raise it."""

from bascule.match import Matcher, Rubric, Score, Wrong
from bascule.match.particulars import Person
from bascule.match.score import ScorePart

from .conftest import AS_OF, RESUME

ANNA = Person(("Anna", "Maria", "Lindqvist"), ("anna.lindqvist@example.com",), ())


def scored(matcher: Matcher, rubric: Rubric, wrong: Wrong | None = None, resume: str = RESUME) -> Score:
    return matcher.score(resume, rubric, ANNA, AS_OF, wrong=wrong or Wrong())


def part(score: Score, key: str) -> ScorePart:
    return next(one for one in score.parts if one.key == key)


def test_a_skill_that_is_not_theirs_counts_nowhere(matcher: Matcher, rubric: Rubric) -> None:
    before = scored(matcher, rubric)
    docker = next(one for one in part(before, "skills").reasons if one.text == "Docker").about
    after = scored(matcher, rubric, Wrong(frozenset({docker})))
    assert after.tenths < before.tenths
    assert docker not in {hit.id for hit in after.skills}
    assert "no evidence of Docker" in part(after, "skills").missing  # though Kubernetes would imply it
    others = {one.about for one in part(before, "skills").reasons} - {docker}
    assert {one.about for one in part(after, "skills").reasons} == others


def test_a_passage_that_proves_nothing_is_not_read_and_all_other_places_stay(matcher: Matcher, rubric: Rubric) -> None:
    before = scored(matcher, rubric)
    years = part(before, "years").reasons[0]
    after = scored(matcher, rubric, Wrong(passages=((years.start, years.end),)))
    assert part(after, "years").reasons[0].quote != years.quote
    for one in (reason for each in after.parts for reason in each.reasons if reason.start >= 0):
        assert RESUME[one.start : one.end] == one.quote


def test_each_gain_is_what_the_score_would_have_been(matcher: Matcher, rubric: Rubric) -> None:
    resume = RESUME.replace("- Kafka consumers in Python\n", "")
    before = scored(matcher, rubric, resume=resume)
    gains = {gain.what: gain.tenths for each in before.parts for gain in each.gains}
    kafka = next(tenths for what, tenths in gains.items() if what.startswith("Apache Kafka told in the course"))
    skills = part(scored(matcher, rubric), "skills").points - part(before, "skills").points
    assert abs(skills - kafka) <= 1
    assert all(tenths > 0 for tenths in gains.values())


def test_who_shows_all_has_nothing_to_gain_there(matcher: Matcher, rubric: Rubric) -> None:
    assert not part(scored(matcher, rubric), "years").gains
