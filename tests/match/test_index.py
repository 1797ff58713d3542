"""The index of people: what it finds is what an exact search finds, and what is dropped is gone to the byte."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bascule.match.index import EXACT, FACTS, Index, Row, Unit, as_bytes, word_number

DIMENSIONS = 128


def vectors(many: int, seed: int = 1) -> np.ndarray:
    """Texts of a few kinds: each near to one of twenty middles."""
    random = np.random.default_rng(seed)
    middles = random.standard_normal((20, DIMENSIONS))
    rows = middles[random.integers(0, 20, many)] + random.standard_normal((many, DIMENSIONS))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def row(vector: np.ndarray, words: Sequence[str] = (), **facts: int) -> Row:
    return Row(*as_bytes(vector), np.array(sorted({word_number(one) for one in words}), np.uint32), **facts)


def filled(people: np.ndarray, words: Sequence[Sequence[str]] = (), common: Sequence[str] = ()) -> Index:
    index = Index(DIMENSIONS, [word_number(one) for one in common])
    for n, vector in enumerate(people):
        index.put(f"p{n}", row(vector, words[n] if words else ()))
    return index


def exactly(people: np.ndarray, query: np.ndarray, k: int) -> set[str]:
    return {f"p{n}" for n in np.argsort(-(people @ query))[:k]}


@pytest.mark.parametrize("many", [900, EXACT + 5000])
def test_the_nearest_are_those_of_an_exact_search(many: int) -> None:
    people = vectors(many)
    index = filled(people)
    queries = vectors(20, seed=2)
    hits = [len({one.id for one in index.search(q, k=10).found} & exactly(people, q, 10)) for q in queries]
    assert sum(hits) >= 190, "19 of 20 at least: 8-bit numbers leave near ties in another order"


def test_what_is_dropped_is_found_no_more_and_leaves_no_byte() -> None:
    people = vectors(1500)
    words = [["shared", f"only{n}"] for n in range(len(people))]
    index, empty = filled(people, words), Index(DIMENSIONS)
    for n in range(len(people)):
        assert index.drop(f"p{n}")
    assert not index.drop("p0")
    assert len(index) == 0
    assert not index.search(people[3], k=5).found
    assert index.vector("p3") is None
    for block in index._blocks:  # pyright: ignore[reportPrivateUsage]
        for array in (block.vectors, block.scales, block.codes, block.words, block.facts.view(np.uint8), block.live):
            assert not array.any()
    index.put("new", row(people[0]))
    empty.put("new", row(people[0]))
    assert index.search(people[0], k=1).found == empty.search(people[0], k=1).found, "its place is used again"


def test_somebody_put_again_is_there_once_with_what_holds_now() -> None:
    people = vectors(3)
    index = filled(people, [["java"], [], []])
    index.put("p0", row(people[1], ["cobol"], flags=4))
    assert len(index) == 3
    assert [one.id for one in index.search(None, [said("java")], k=3).found if one.said] == []
    assert [one.id for one in index.search(None, [said("cobol")], k=3).found if one.said] == ["p0"]
    assert list(np.flatnonzero(index.where(lambda facts: facts["flags"] == 4))) == [0]


def said(*words: str, weight: float = 0.0) -> Unit:
    return Unit((tuple(word_number(one) for one in words),), weight)


@pytest.mark.parametrize("common", [(), ("everybody", "half")])
def test_words_find_everybody_who_says_them_and_hardly_anybody_else(common: Sequence[str]) -> None:
    people = vectors(4000)
    random = np.random.default_rng(5)
    vocabulary = [f"w{n}" for n in range(3000)]
    words = [["everybody", *random.choice(vocabulary, 120), *(["half"] if n % 2 else [])] for n in range(len(people))]
    index = filled(people, words, common)
    for word in ("everybody", "half", "w17", "w18"):
        holders = {n for n, mine in enumerate(words) if word in mine}
        found = set(np.flatnonzero(index.saying(said(word))))
        assert holders <= found
        assert len(found - holders) < 20
        if word in common:
            assert found == holders, "a common word has a bit of its own"


def test_who_says_what_was_typed_comes_before_who_only_reads_like_it() -> None:
    people = vectors(2000)
    words = [["kubernetes", "java"] if n == 7 else ["java"] if n < 100 else ["sales"] for n in range(len(people))]
    index = filled(people, words)
    query = vectors(1, seed=9)[0]
    sought = index.search(query, [said("kubernetes"), said("java")], k=2000)
    assert sought.found[0].id == "p7"
    assert {one.id for one in sought.found[1:100]} == {f"p{n}" for n in range(100) if n != 7}
    assert sought.found[100].id in exactly(people, query, 101), "the nearest of those who say none of it"
    assert sought.holders == (1, 100)
    assert sought.weights[0] > sought.weights[1], "a rare word tells more"
    assert sought.found[0].said == (0, 1)


def test_any_of_its_ways_says_a_unit_and_a_way_needs_all_its_words() -> None:
    people = vectors(3)
    index = filled(people, [["machine"], ["machine", "learning"], ["skill 12"]])
    way = (word_number("machine"), word_number("learning"))
    either = Unit((way, (word_number("skill 12"),)))
    assert set(np.flatnonzero(index.saying(either))) == {1, 2}


def test_only_those_who_pass_are_found() -> None:
    people = vectors(EXACT + 3000)
    index = Index(DIMENSIONS)
    for n, vector in enumerate(people):
        index.put(f"p{n}", row(vector, contact=n, until=n % 2, reached=n % 7))
    late = index.where(lambda facts: (facts["contact"] >= 22_000) & (facts["until"] == 1))
    found = index.search(people[0], k=30, among=late).found
    assert len(found) == 30
    assert all(int(one.id[1:]) >= 22_000 and int(one.id[1:]) % 2 for one in found)
    few = index.only(["p5", "p6", "gone"])
    assert {one.id for one in index.search(people[0], k=30, among=few).found} == {"p5", "p6"}
    index.put("more", row(people[0]))
    assert index.search(people[0], k=1, among=few).found, "a mask made before the index grew still serves"


def test_an_index_of_nobody_finds_nobody() -> None:
    index = Index(DIMENSIONS)
    assert not index.search(vectors(1)[0], [said("word")], k=10).found
    assert index.where().dtype == np.bool_
    assert FACTS.names == ("contact", "until", "flags", "reached")
