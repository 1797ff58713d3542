"""One cause that would change very many records is one question; what is held travels when released, or never."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bascule.core import bulk, gates
from bascule.core.plan import prepare
from bascule.core.sending import Held
from bascule.model import Actor, ActorKind, Divergence, HistoryKind, Part, ReviewKind, Write, WriteState

from .kit import AI, PERSON, PERSON_A, PERSON_B, START, Bench, person


@pytest.fixture
def bench() -> Bench:
    """One person in A and B, met and in step."""
    made = Bench("ab")
    made.both()
    return made


def a_now(**changes: object) -> Part:
    return person("p1", **{**PERSON_A, **changes})  # type: ignore[arg-type]


IN_A = Actor(ActorKind.SYSTEM, "a", "someone in A")
RULE = Actor(ActorKind.RULE, "tidy names", "tidy names")


@pytest.mark.parametrize(
    ("records", "limit"), [(0, 25), (100, 25), (2500, 25), (2599, 25), (2600, 26), (50_000, 500), (100_000, 1000)]
)
def test_the_limit_is_25_or_1_percent_of_the_records_whichever_is_more(records: int, limit: int) -> None:
    assert bulk.limit(records) == limit


@pytest.mark.parametrize(
    ("actor", "link", "cause"),
    [
        (IN_A, "l1", "system:a"),
        (RULE, "l1", "rule:tidy names"),
        (IN_A, None, ""),  # a creation touches nothing that is there
        (PERSON, "l1", ""),  # decided one by one
        (AI, "l1", ""),  # its own fields, one application each
    ],
)
def test_what_counts_under_which_cause(actor: Actor, link: str | None, cause: str) -> None:
    write = Write("w", "b", "r", link, "patch", frozenset({"name"}), actor, "why", START)
    assert gates.cause_of(write) == cause


def test_16_what_a_bulk_change_makes_due_is_held_and_goes_when_it_is_released(bench: Bench) -> None:
    before = bench.family
    made = bench.read("a", a_now(phone="99"))
    assert bulk.touched(before, made) == {("b", "system:a")}
    held = bulk.hold(made, {("b", "system:a")})
    assert [(w.connection, w.state, w.why) for w in held.family.writes.values() if w.closed is None] == [
        ("b", WriteState.HELD, gates.BULK)
    ]
    bench.family = held.family
    waiting = replace(bench.context, held=frozenset({("b", "system:a")}))
    (write,) = [w for w in bench.family.writes.values() if w.closed is None]
    assert isinstance(prepare(bench.family, write.id, waiting, 1), Held)
    bench.take(bulk.arranged(bench.family, bench.context))  # released: nothing is held any more
    bench.read("b", person("q1", **PERSON_B))
    assert bench.deliver("b", "patch").fields == {"phone": "99"}


def test_16_a_refused_bulk_change_is_settled_as_it_is_and_listed(bench: Bench) -> None:
    bench.read("a", a_now(phone="99"))
    waiting = replace(bench.context, held=frozenset({("b", "system:a")}))
    made = bulk.refuse(bench.family, "b", "system:a", PERSON, waiting)
    bench.take(made)
    assert not bench.writes("b")
    pair = next(link.pairs["phone"] for link in bench.family.links.values() if link.external == "q1")
    assert pair.divergence is Divergence.CONFLICT
    assert [(line.kind, line.actor, line.why) for line in made.history] == [
        (HistoryKind.REFUSED, PERSON, "refused as part of a bulk change")
    ]
    assert bench.root.fields["company"] == "99"  # A's value stands here
    assert not bench.take(bulk.arranged(bench.family, bench.context)).history
    bench.wait(60)
    bench.read("a", a_now(phone="100"))
    bench.read("b", person("q1", **PERSON_B))
    assert bench.deliver("b", "patch").fields == {"phone": "100"}  # a later change of it is a change again


def test_16_a_persons_own_edit_travels_although_a_bulk_change_waits(bench: Bench) -> None:
    held = replace(bench.context, held=frozenset({("b", "system:a")}))
    bench.edit(bench.root.id, company="by hand")
    bench.take(bulk.arranged(bench.family, held))
    assert {w.state for w in bench.writes("b")} == {WriteState.DUE}


def test_16_the_question_is_one_item_of_the_record_that_went_over_the_limit(bench: Bench) -> None:
    made = bench.read("a", a_now(phone="99"))
    asked, review = bulk.ask(made, "b", "system:a", {"changed": 26, "records": 900}, bench.context)
    assert asked.family.reviews[review.id] == review
    assert (review.kind, review.record, review.connection) == (ReviewKind.BULK, bench.root.id, "b")
    assert review.detail == {"cause": "system:a", "changed": 26, "records": 900}
