"""What seeded runs of the whole engine have found in the rules, each as the smallest case of it."""

from __future__ import annotations

import pytest

from bascule.core.plan import ReadFirst, due, plan, prepare
from bascule.model import Kind

from .kit import APPLIED_A, PERSON_A, Bench, applied, person, stage


@pytest.fixture
def bench() -> Bench:
    made = Bench("ab")
    made.both()
    return made


def test_an_application_under_a_second_object_of_its_person_is_read_there_before_it_is_written(bench: Bench) -> None:
    """A person merged from two has two objects at one system; reading the wrong one showed nothing, for ever."""
    second = person("p2", **{**PERSON_A, "tags": ()})
    made = bench.reading("a", second, applied("x2", "p2", **{**APPLIED_A, "job": "a-job-2"}))
    bench.take(plan(bench.family, [made], [], bench.context, {("a", Kind.CANDIDATE, "p2"): bench.root.id}))
    link = bench.family.link_at("a", Kind.APPLICATION, "x2")
    assert link is not None
    bench.wait(30)
    bench.edit(link.record, stage=stage("screen"))
    (write,) = [w for w in due(bench.family, "a", bench.context) if bench.family.writes[w].link == link.id]
    first = prepare(bench.family, write, bench.context, 1)
    assert isinstance(first, ReadFirst)
    assert first.root == (Kind.CANDIDATE, "p2")
