"""A field that a system takes only at some points of an object's way: what is due there waits, with its reason."""

from __future__ import annotations

from dataclasses import replace

from bascule.core.sending import Held, due, prepare
from bascule.model import Fields, Kind, Record, Refs, WriteState

from .kit import APPLIED_B, Bench, applied, stage

WHY = "Waits for the step: b takes a score from the interview on."


def only_from_the_interview(record: Record, held: Fields, refs: Refs) -> str:
    at = refs.records.get(str(record.fields.get("stage")))
    known = at is not None and at.fields["type"] in ("interview", "offer")
    return "" if known or held.get("score") else WHY


def bench() -> Bench:
    made = Bench("ab")
    fields = dict(made.views["b"].fields)
    fields[Kind.APPLICATION] = tuple(
        replace(each, closed=only_from_the_interview) if each.name == "score" else each
        for each in fields[Kind.APPLICATION]
    )
    made.change("b", fields=fields)
    made.both()
    return made


def test_it_is_held_for_that_reason_and_due_when_it_is_over() -> None:
    made = bench()
    made.score(87)
    (write,) = [one for one in made.writes("b") if one.call == "score"]
    assert (write.state, write.why) == (WriteState.HELD, WHY)
    assert write.id not in due(made.family, "b", made.context)
    told = prepare(made.family, write.id, made.context, 1)
    assert isinstance(told, Held)
    assert told.why == WHY
    assert [one.state for one in made.writes("a") if one.call == "score"] == [WriteState.DUE], "others take it at once"
    made.edit(made.application.id, stage=stage("interview"))
    (write,) = [one for one in made.writes("b") if one.call == "score"]
    assert (write.state, write.why) == (WriteState.DUE, "")


def test_what_stands_there_decides_too() -> None:
    made = bench()
    made.wait(30)
    made.read("b", applied("y1", "q1", **{**APPLIED_B, "score": 50}))
    made.score(87)
    assert [one.state for one in made.writes("b") if one.call == "score"] == [WriteState.DUE]


def test_a_gate_goes_before_it() -> None:
    made = bench()
    made.views = {name: replace(one, mode=type(one.mode)("shadow")) for name, one in made.views.items()}
    made.score(87)
    assert {one.why for one in made.writes() if one.call == "score"} == {"shadow"}
