"""No trick earns points, and each is told to the recruiter."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bascule.evaluation.trick_set import FLAGGED, HONEST, NAME, TOLD_ELSEWHERE, TRICKS
from bascule.match import Matcher, Person, Rubric
from bascule.match.tricks import clean

from .conftest import AS_OF

PERSON = Person((NAME,))


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_gains_at_most_a_point_over_the_honest_twin(matcher: Matcher, rubric: Rubric, trick: str) -> None:
    honest = matcher.score(HONEST, rubric, PERSON, AS_OF)
    tricky = matcher.score(TRICKS[trick], rubric, PERSON, AS_OF)
    assert honest.flags == ()
    assert tricky.tenths - honest.tenths <= 10, (honest.value, tricky.value, [(p.key, p.points) for p in tricky.parts])


@pytest.mark.parametrize("trick", [name for name in TRICKS if name not in TOLD_ELSEWHERE])
def test_a_trick_is_told_in_the_flags(matcher: Matcher, rubric: Rubric, trick: str) -> None:
    flags = matcher.score(TRICKS[trick], rubric, PERSON, AS_OF).flags
    assert FLAGGED[trick.split(" ")[0]] in [flag.kind for flag in flags]


@pytest.mark.parametrize(
    "line",
    [
        "- Awarded the highest rating of the year by 100 customers",
        "- Wrote instructions for new colleagues and rules for the on-call rota",
        "- Score cards for suppliers; perfect record in two audits",
        "- System administrator for 100 users, note taking included",
        "- Selected candidates for interviews and ranked suppliers",
        "- AI assistant for the help desk, ATS migration for 40 recruiters",
        "- Listed all required materials as present in the stock system",
        "- New role: branch manager for two months; end of line checks",
        "- Python, Docker, Kubernetes, PostgreSQL, Git, Kafka, Terraform, Redis, Linux, Bash, Jenkins, Ansible, SQL, "
        "HTML, CSS",
    ],
)
def test_honest_lines_are_not_taken_for_tricks(matcher: Matcher, rubric: Rubric, line: str) -> None:
    assert matcher.score(HONEST.replace("Skills\n", f"{line}\n\nSkills\n"), rubric, PERSON, AS_OF).flags == ()


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once, _ = clean(text)
    assert clean(once)[0] == once
