"""Runs that compare a list: what is met, what is held, and what was found, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bascule import model as m
from bascule.store import Store, Tx
from bascule.store.lanes import Hint
from bascule.store.parity import RUNS_KEPT, Found, Run

from .people import ATS, NOW, WORKSPACE, a_family

LIST = "candidates"


def begun(tx: Tx) -> Run:
    run = Run(tx.number(), WORKSPACE, ATS, LIST, m.Kind.CANDIDATE, NOW)
    tx.parity.begin(run)
    return run


def difference(external: str, name: str = "title", cause: str = "event lost", state: str = "open") -> Found:
    return Found(m.Kind.CANDIDATE, external, name, "family", "record", cause, state, "digest", 7)


async def test_what_is_held_is_gone_through_in_order_and_what_was_met_is_marked(store: Store) -> None:
    def unit(tx: Tx) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
        for n in (1, 2, 3):
            tx.families.save(None, a_family(n), now=NOW)
        run = begun(tx)
        tx.parity.met(run, ["ext-2", "ext-2", "ext-9"])
        tx.parity.met(run, ["ext-2"])
        first = tx.parity.held(run, "", 2)
        rest = tx.parity.held(run, first[-1].external, 2)
        return [(one.external, one.met) for one in first], [(one.external, one.met) for one in rest]

    assert await store.write(unit) == ([("ext-1", False), ("ext-2", True)], [("ext-3", False)])


async def test_differences_are_found_in_parts_moved_and_told_the_worst_first(store: Store) -> None:
    def unit(tx: Tx) -> None:
        run = begun(tx)
        tx.parity.add(run, [difference(str(n)) for n in range(5)] + [difference("0", "company")])
        tx.parity.add(run, [difference("8", cause="adopted", state="told")])
        part = tx.parity.in_state(run, "open", None, 4)
        rest = tx.parity.in_state(run, "open", part[-1], 4)
        assert [(one.external, one.field) for one in [*part, *rest]] == [
            ("0", "company"), ("0", "title"), ("1", "title"), ("2", "title"), ("3", "title"), ("4", "title"),
        ]  # fmt: skip
        assert len(tx.parity.objects(run, "event lost")) == 5
        tx.parity.move(run, [replace(rest[-1], state="left"), replace(part[0], state="healed")])
        assert [one.state for one in tx.parity.found(run, limit=3)] == ["left", "open", "open"]
        tx.parity.recause(run, "event lost", "bulk change")
        assert {one.cause for one in tx.parity.found(run, limit=9)} == {"bulk change", "adopted"}

    await store.write(unit)


async def test_a_run_goes_on_ends_and_makes_room_for_those_that_follow(store: Store) -> None:
    def unit(tx: Tx) -> None:
        run = replace(begun(tx), place="next", counts={"event lost": 2}, their_digest="ab", until=NOW)
        tx.parity.set(run)
        assert tx.parity.open(ATS, LIST) == run
        assert tx.parity.newest(ATS) == []
        tx.parity.met(run, ["ext-1"])
        tx.parity.add(run, [difference("1")])
        ended = replace(run, ended=NOW + timedelta(minutes=1), state="done")
        tx.parity.end(ended)
        assert tx.parity.open(ATS, LIST) is None
        assert tx.parity.newest(ATS) == [ended]
        assert [one.seen for one in tx.parity.found(run, limit=9)] == [""]
        assert not [one for one in tx.parity.held(run, "", 9) if one.met]
        for _ in range(RUNS_KEPT):
            tx.parity.end(replace(begun(tx), ended=NOW))
        assert len(tx.parity.list(ATS, LIST, limit=99)) == RUNS_KEPT
        assert tx.parity.found(run, limit=9) == []

    await store.write(unit)


async def test_an_erased_person_leaves_no_difference(store: Store) -> None:
    def unit(tx: Tx) -> None:
        family = tx.families.save(None, a_family(1), now=NOW)
        run = begun(tx)
        tx.parity.met(run, ["ext-1"])
        tx.parity.add(run, [difference("ext-1"), difference("ext-2")])
        tx.erasure.forget(WORKSPACE, family.id, now=NOW)
        assert [one.external for one in tx.parity.found(run, limit=9)] == ["ext-2"]

    await store.write(unit)


async def test_which_objects_are_wanted_now_can_be_asked(store: Store) -> None:
    def unit(tx: Tx) -> set[tuple[m.Kind, str]]:
        tx.reads.wanted([Hint(ATS, m.Kind.CANDIDATE, "ext-1")], now=NOW)
        return tx.reads.open(ATS, [(m.Kind.CANDIDATE, "ext-1"), (m.Kind.CANDIDATE, "ext-2"), (m.Kind.JOB, "ext-1")])

    assert await store.write(unit) == {(m.Kind.CANDIDATE, "ext-1")}
