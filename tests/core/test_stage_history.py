"""What a system's own history of stages tells before Bascule came, and nothing of it twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bascule.core.stage_history import Met, Move, Stay, joined, stays

ENDS = ("hired", "rejected", "withdrawn")


def at(hours: float) -> datetime:
    return datetime(2026, 11, 2, tzinfo=UTC) + timedelta(hours=hours)


def test_moves_in_any_order_are_stays_and_coming_where_one_stands_is_no_move() -> None:
    moves = [
        Move(at(5), "offer"), Move(at(0), "review"), Move(at(2), "call"), Move(at(3), "call"),
        Move(at(2), "review", left=True),
    ]  # fmt: skip
    told = [Stay("review", at(0), at(2)), Stay("call", at(2), at(5)), Stay("offer", at(5))]
    assert stays(moves) == told
    assert stays([*moves, Move(at(9), "", "rejected"), Move(at(20), "call")]) == [
        *told[:2], Stay("offer", at(5), at(9), "rejected"), Stay("call", at(20)),
    ]  # fmt: skip
    assert stays([Move(at(1), ""), Move(at(2), "", "hired")]) == []
    at_once = [Move(at(0), "review"), Move(at(1), "call"), Move(at(1), "offer")]
    assert stays(at_once) == stays(at_once[::-1])
    assert [one.stage for one in stays(at_once)] == ["review", "call", "offer"]
    left = [Move(at(1), name, left=True) for name in ("offer", "review", "call")]
    assert stays([*at_once, *left])[-1] == Stay("offer", at(1), at(1))


def test_who_had_ended_ended_when_it_is_told_or_dated() -> None:
    moves = [Move(at(0), "review"), Move(at(2), "offer")]
    assert joined(moves, Met("offer", "hired")) == [Stay("review", at(0), at(2)), Stay("offer", at(2), None, "hired")]
    assert joined(moves, Met("offer", "hired", closed=at(7)))[-1].until == at(7)
    assert joined(moves, Met("offer", "hired", closed=at(1)))[-1].until is None  # before it came there: no time
    assert joined([*moves, Move(at(6), "")], Met("", "hired"))[-1] == Stay("offer", at(2), at(6), "hired")


def test_who_was_taken_back_was_met_in_the_stay_that_ended() -> None:
    moves = [Move(at(0), "call"), Move(at(4), "", "rejected"), Move(at(8), "call")]
    met = Met("call", "rejected", moved=at(8.1), next="call")
    assert joined(moves, met) == [Stay("call", at(0), at(4), "rejected")]


def test_a_history_that_leads_elsewhere_tells_nothing() -> None:
    assert joined([Move(at(0), "review")], Met("offer")) == []
    assert joined([Move(at(9), "offer")], Met("offer", moved=at(5))) == []
    assert joined([], Met("", "hired")) == []


@st.composite
def ways(draw: st.DrawFn) -> list[Stay]:
    """A way through stages, one after the other, perhaps ended and taken up again."""
    names = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6))
    gaps = draw(st.lists(st.integers(1, 50), min_size=2 * len(names), max_size=2 * len(names)))
    ends = draw(st.lists(st.sampled_from(("", "", *ENDS)), min_size=len(names), max_size=len(names)))
    found: list[Stay] = []
    now = 0
    for place, (name, ended) in enumerate(zip(names, ends, strict=True)):
        if found and found[-1].stage == name and not found[-1].ended:
            continue
        last = place == len(names) - 1
        until = None if last and not ended else at(now + gaps[2 * place])
        found.append(Stay(name, at(now), until, ended))
        now += gaps[2 * place] + (gaps[2 * place + 1] if ended else 0)
    return found


@given(
    way=ways(),
    seconds=st.sampled_from((0, 3, 60)),
    moment=st.floats(0, 400),
    later=st.floats(0, 400),
    dice=st.randoms(use_true_random=False),
)
def test_what_is_told_and_what_was_seen_are_the_whole_way_and_nothing_twice(
    way: list[Stay], seconds: int, moment: float, later: float, dice: object
) -> None:
    """Whenever somebody was met, however much later the history was read, and so long after it Bascule sees a move."""
    lag = timedelta(seconds=seconds)
    met_at, read_at = at(moment), at(moment + later)
    begun = [one for one in way if one.entered <= met_at]
    here = begun[-1]
    ended = here.ended if here.until is not None and here.until <= read_at else ""  # seen, or so when it was met
    seen = way[len(begun) :]  # Bascule sees every move from then on, when it is made
    seen = [one for one in seen if one.entered + lag <= read_at]
    moved, into = (seen[0].entered + lag, seen[0].stage) if seen else (None, "")
    moves: list[Move] = []
    for one in way:
        moves.append(Move(one.entered, one.stage))
        if one.ended and one.until is not None:
            moves.append(Move(one.until, "", one.ended))
    told = [move for move in moves if move.at <= read_at]
    dice.shuffle(told)  # type: ignore[attr-defined]
    found = joined(told, Met(here.stage, ended, moved=moved, next=into))
    assert found[:-1] == begun[:-1]
    assert (found[-1].stage, found[-1].entered, found[-1].ended) == (here.stage, here.entered, ended)
    assert found[-1].until == (here.until if ended else None)
