"""Whoever judges a portion, this process or its child, gives the same answers; without a child everything works."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from bascule.match import Matcher, Person, Reading, Rubric, Wrong
from bascule.match.judges import Judges
from bascule.match.judging import Ask, judged

from .conftest import AS_OF, RESUME

NOBODY = Person((), (), ())
GERMAN = RESUME.replace("Senior Backend Engineer", "Leitender Entwickler").replace("Built", "Baute")


@pytest.fixture
async def judges(matcher: Matcher) -> AsyncIterator[Judges]:
    found = Judges(matcher, many=1, child=True)
    yield found
    await found.close()


def asks(matcher: Matcher) -> list[Ask]:
    """CVs that differ in all that is passed on: answers, what is wrong, a file nobody could read, one of other tables."""
    read = [Reading("read", text, "", 1, "en", (), "") for text in (RESUME, GERMAN)]
    studies = [matcher.study(one, NOBODY, AS_OF) for one in read]
    unreadable = matcher.study(Reading("unreadable", "", "It has a password.", 0, "", (), ""), NOBODY, AS_OF)
    python = next(hit.id for hit in studies[0].evidence.hits if hit.label.startswith("Python"))
    first, second, third = map(matcher.packed, (*studies, unreadable))
    return [
        Ask(first, NOBODY),
        Ask(first, Person(("Anna",), (), ()), {"How good is your German?": "Fluent, C1"}, Wrong(frozenset({python}))),
        Ask(second, NOBODY),
        Ask(third, NOBODY),
    ]


async def answering(judges: Judges, given: list[Ask], rubric: Rubric) -> int:
    """Once its child answers: the child."""
    while judges.pid is None:
        await judges.judge(given[:1], rubric, 1)
        await asyncio.sleep(0.02)
    return judges.pid


async def test_the_child_gives_the_same_scores_with_the_same_reasons_to_the_bit(
    matcher: Matcher, rubric: Rubric, judges: Judges
) -> None:
    given = asks(matcher)
    here = tuple(judged(matcher, one, rubric) for one in given)
    study = matcher.unpacked(given[1].study)
    assert study is not None
    assert here[1] is not None
    assert here[1].score == matcher.judge(study, rubric, given[1].person, given[1].answers, given[1].wrong)
    assert here[3] is not None
    assert here[3].score is None
    child = await answering(judges, given, rubric)
    there = await judges.judge(given, rubric, len(given))
    assert judges.pid == child, "it was asked, and answered"
    assert there == here
    assert repr(there) == repr(here)
    other = matcher.rubric_for("Nurse", "You care for patients. You need experience with wound care and German.")
    assert await judges.judge(given, other, 4) == tuple(judged(matcher, one, other) for one in given)
    assert await judges.judge(given, rubric, 4) == here


async def test_where_the_child_dies_this_process_judges_and_none_is_left_behind(
    matcher: Matcher, rubric: Rubric, judges: Judges
) -> None:
    given = asks(matcher)
    child = await answering(judges, given, rubric)
    os.kill(child, signal.SIGKILL)
    assert await judges.judge(given, rubric, 4) == tuple(judged(matcher, one, rubric) for one in given)
    again = await answering(judges, given, rubric)
    assert again != child
    await judges.close()
    with pytest.raises(ProcessLookupError):
        os.kill(again, 0)


async def test_for_little_work_no_child_is_started(matcher: Matcher, rubric: Rubric) -> None:
    judges = Judges(matcher, many=100, child=True)
    assert all(await judges.judge(asks(matcher), rubric, 99))
    assert judges.pid is None
    assert judges._child is None
    await judges.close()
