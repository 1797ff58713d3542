"""What a system stops showing is not empty and not written; what a lagging copy shows is no news."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bascule.core.writing import FEW
from bascule.model import Kind, Part

from .kit import PERSON_A, PERSON_B, START, Bench, person

KEY = ("b", Kind.CANDIDATE, "phone")


@pytest.fixture
def bench() -> Bench:
    """One person in A and B, met and in step, each read from a list with all its fields."""
    made = Bench("ab")
    made.both()
    for connection, part in (("a", person("p1", **PERSON_A)), ("b", person("q1", **PERSON_B))):
        made.wait(30)
        made.read(connection, of_list(part))
    return made


def of_list(part: Part, name: str = "people", version: str = "") -> Part:
    return replace(part, of=name, version=version)


def without_phone(name: str = "people") -> Part:
    return of_list(person("q1", **{k: v for k, v in PERSON_B.items() if k != "phone"}), name)


def lose(bench: Bench, times: int) -> None:
    for _ in range(times):
        bench.wait(30)
        bench.read("b", without_phone())


def test_04_a_field_that_is_shown_no_more_is_not_empty_and_after_a_few_reads_not_written(bench: Bench) -> None:
    lose(bench, FEW)
    assert bench.plans[-1].lost == ()
    bench.edit(bench.root.id, company="2")
    assert bench.writes("b")  # a few reads say nothing yet
    lose(bench, 1)
    assert bench.plans[-1].lost == (KEY,)
    assert not bench.writes("b")
    assert bench.root.fields["company"] == "2"
    lose(bench, 5)
    assert bench.plans[-1].lost == ()  # said once


def test_04_shown_again_it_is_written_again(bench: Bench) -> None:
    lose(bench, FEW + 1)
    bench.edit(bench.root.id, company="2")
    bench.wait(30)
    made = bench.read("b", of_list(person("q1", **PERSON_B)))
    assert made.shown == (KEY,)
    assert [w.fields for w in bench.writes("b")] == [{"phone"}]


def test_04_a_narrow_list_that_never_showed_the_field_says_nothing_about_it(bench: Bench) -> None:
    for _ in range(3 * FEW):
        bench.wait(30)
        bench.read("b", of_list(Part(Kind.CANDIDATE, "q1", {"tags": ("x",)}), "tags"))
    assert {key for made in bench.plans for key in made.lost} == set()
    bench.edit(bench.root.id, company="2")
    assert bench.writes("b")


def test_15_an_older_version_shown_a_moment_later_is_a_lagging_copy_and_is_read_again(bench: Bench) -> None:
    newer, older = ((START + timedelta(minutes=n)).isoformat() for n in (2, 1))
    bench.wait(60)
    bench.read("a", of_list(person("p1", **{**PERSON_A, "phone": "2"}), version=newer))
    bench.wait(1)
    made = bench.read("a", of_list(person("p1", **{**PERSON_A, "phone": "0"}), version=older))
    assert bench.root.fields["company"] == "2"
    assert not made.history
    assert [(w.external, w.why) for w in made.wants] == [("p1", "an older version of it was shown")]


def test_15_past_settling_an_older_version_is_believed_for_a_clock_may_have_been_set_back(bench: Bench) -> None:
    newer, older = ((START + timedelta(minutes=n)).isoformat() for n in (2, 1))
    bench.wait(60)
    bench.read("a", of_list(person("p1", **{**PERSON_A, "phone": "2"}), version=newer))
    bench.wait(60)
    bench.read("a", of_list(person("p1", **{**PERSON_A, "phone": "3"}), version=older))
    assert bench.root.fields["company"] == "3"


@pytest.mark.parametrize("version", ["7", "2026-03-02 09:01", "yesterday"])
def test_15_what_is_no_time_with_a_zone_drops_nothing(bench: Bench, version: str) -> None:
    bench.wait(60)
    bench.read("a", of_list(person("p1", **{**PERSON_A, "phone": "2"}), version=START.isoformat()))
    bench.wait(1)
    bench.read("a", of_list(person("p1", **{**PERSON_A, "phone": "4"}), version=version))
    assert bench.root.fields["company"] == "4"


def test_15_equal_versions_with_different_content_are_read_once_more(bench: Bench) -> None:
    same = START.isoformat()
    bench.wait(60)
    bench.read("a", of_list(person("p1", **{**PERSON_A, "phone": "2"}), version=same))
    bench.wait(20)
    made = bench.read("a", of_list(person("p1", **{**PERSON_A, "phone": "5"}), version=same))
    assert bench.root.fields["company"] == "5"
    assert "changed without a new version" in made.wants[0].why
    bench.wait(20)
    again = bench.read("a", of_list(person("p1", **{**PERSON_A, "phone": "5"}), version=same))
    assert not again.wants  # it stands: nothing is asked for any more
