"""The table, scalar and by element, and who wins."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bascule.core.merge import Step, Winner, difference, step, step_set, winner
from bascule.model import OURS, Actor, ActorKind, Authority, Direction, Kind, Source

from .kit import plain, tag_set, view

N, T, A, K, Q, D = Step.NOTHING, Step.TAKE, Step.AGREE, Step.KEEP, Step.ASK, Step.DRIFT
BOTH, IN, OUT = Direction.BOTH, Direction.IN, Direction.OUT
LINK, RECORD, PERSON = Winner.LINK, Winner.RECORD, Winner.PERSON


@pytest.mark.parametrize(
    ("direction", "they", "we", "agreed", "wins", "expected"),
    [
        (BOTH, False, False, False, LINK, N),
        (BOTH, False, True, False, LINK, N),  # a write, whoever would win
        (BOTH, False, True, True, LINK, N),
        (BOTH, True, False, False, LINK, T),
        (BOTH, True, False, True, LINK, A),
        (BOTH, True, True, True, PERSON, A),
        (BOTH, True, True, False, LINK, T),
        (BOTH, True, True, False, RECORD, K),
        (BOTH, True, True, False, PERSON, Q),
        (IN, True, True, False, RECORD, T),
        (IN, True, False, False, PERSON, T),
        (OUT, True, False, False, LINK, D),
        (OUT, True, True, False, LINK, D),
        (OUT, True, True, True, LINK, A),
    ],
)
def test_the_table(direction: Direction, they: bool, we: bool, agreed: bool, wins: Winner, expected: Step) -> None:
    assert step(direction, they_moved=they, we_moved=we, agreed=agreed, winner=wins) is expected


def test_what_they_did_not_touch_is_never_taken() -> None:
    for direction, we, agreed, wins in itertools.product(Direction, (True, False), (True, False), Winner):
        assert step(direction, they_moved=False, we_moved=we, agreed=agreed, winner=wins) is N


def source(origin: str) -> Source:
    return Source(origin, Actor(ActorKind.SYSTEM, origin), "c", datetime(2026, 1, 1, tzinfo=UTC))


VIEWS = {c: view(c) for c in "abc"}


@pytest.mark.parametrize(
    ("authority", "link", "held", "expected"),
    [
        (Authority.ATS, "a", "b", LINK),
        (Authority.ATS, "b", "a", RECORD),
        (Authority.ATS, "c", OURS, LINK),
        (Authority.ATS, "b", "b", LINK),  # a tie goes to the link
        (Authority.OURS, "a", OURS, RECORD),
        (Authority.OURS, "a", "b", LINK),
        (Authority.LATEST, "c", "a", LINK),
        (Authority.REVIEW, "a", "b", PERSON),
        (Authority.ATS, "c", "disconnected since", LINK),
    ],
)
def test_owner_order(authority: Authority, link: str, held: str, expected: Winner) -> None:
    field = plain(Kind.CANDIDATE, "phone", "company", authority=authority)
    assert winner(field, link, [source(held)], VIEWS) is expected


def test_the_highest_of_several_sources_counts() -> None:
    field = plain(Kind.CANDIDATE, "phone", "company")
    assert winner(field, "b", [source("c"), source("a"), None], VIEWS) is RECORD


TAGS = tag_set(whole=False, folds=True)


@pytest.mark.parametrize(
    ("seen", "theirs", "ours", "mine", "wins", "after", "add", "drop", "lost"),
    [
        ("x", "x", "x", "x", LINK, ("x", "x"), "", "", ""),
        ("xy", "x", "x", "x", LINK, ("xy", "xy"), "y", "", ""),  # they added
        ("", "x", "x", "x", LINK, ("", ""), "", "x", ""),  # they removed
        ("x", "x", "x", "xy", LINK, ("x", "x"), "", "", ""),  # we added: due, not settled here
        ("xy", "x", "x", "xy", LINK, ("xy", "xy"), "", "", ""),  # both added the same
        ("xz", "x", "x", "xy", LINK, ("xz", "xz"), "z", "", ""),  # each added its own
        ("x", "xy", "xy", "x", LINK, ("x", "x"), "", "", ""),  # both removed
        ("xy", "x", "xy", "x", RECORD, ("xy", "xy"), "", "", "y"),  # we removed, they added: ours stays due
        ("xy", "x", "xy", "x", LINK, ("xy", "xy"), "y", "", ""),
    ],
)
def test_sets_by_element(
    seen: str, theirs: str, ours: str, mine: str, wins: Winner, after: tuple[str, str], add: str, drop: str, lost: str
) -> None:
    got = step_set(TAGS, seen=tuple(seen), theirs=tuple(theirs), ours=tuple(ours), mine=tuple(mine), winner=wins)
    assert (got.theirs, got.ours) == (tuple(after[0]), tuple(after[1]))
    assert (got.add, got.drop, got.lost) == (tuple(add), tuple(drop), tuple(lost))


def test_an_element_of_ours_landing_late_is_not_taken_and_stays_due() -> None:
    got = step_set(TAGS, seen=("x", "y"), theirs=("x",), ours=("x",), mine=("x",), winner=LINK, landed=({"y"}, ()))
    assert (got.add, got.late) == ((), ("y",))
    assert difference(TAGS, theirs=got.theirs, ours=got.ours, mine=("x",)).drop == ("y",)


def test_sets_only_come_in_where_the_mapping_says_so() -> None:
    only_in = replace(TAGS, direction=IN)
    got = step_set(only_in, seen=("y",), theirs=(), ours=("y",), mine=(), winner=RECORD)
    assert got.add == ("y",)


@pytest.mark.parametrize(
    ("theirs", "ours", "mine", "add", "drop", "settled"),
    [
        ("x", "x", "x", "", "", "x"),
        ("x", "x", "xy", "y", "", "x"),
        ("xy", "xy", "x", "", "y", "xy"),
        ("xy", "x", "xy", "", "", "xy"),  # it is there already
        ("x", "xy", "x", "", "", "x"),  # it is gone already
        ("xz", "x", "x", "", "", "x"),  # what we never had is left alone
    ],
)
def test_what_a_set_still_owes(theirs: str, ours: str, mine: str, add: str, drop: str, settled: str) -> None:
    got = difference(TAGS, theirs=tuple(theirs), ours=tuple(ours), mine=tuple(mine))
    assert (got.add, got.drop, got.ours) == (tuple(add), tuple(drop), tuple(settled))


def test_folding_decides_what_an_element_is() -> None:
    got = step_set(TAGS, seen=("PYTHON",), theirs=("python",), ours=("python",), mine=("python",), winner=LINK)
    assert (got.add, got.drop) == ((), ())
    assert got.theirs == ("PYTHON",)
