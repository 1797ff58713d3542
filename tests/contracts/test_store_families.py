"""Families: what is saved is loaded, exactly; only what changed is written; the slower of two commits plans again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from bascule import model as m
from bascule.errors import NotFoundError, StaleError
from bascule.store import Store, Tx
from bascule.store.families import Found
from bascule.store.rows import Alias, Claim

from .people import ATS, LATER, NOW, TOOL, WORKSPACE, a_family, a_write, families

CountStatements = Callable[[Callable[[Tx], object]], Callable[[Tx], tuple[object, int]]]


def saved(store: Store, family: m.Family) -> m.Family:
    return store.transact(lambda tx: tx.families.save(None, family, now=NOW))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(family=families())
def test_any_family_loads_as_it_was_saved(store: Store, family: m.Family) -> None:
    seen: list[m.Family] = []

    def unit(tx: Tx) -> None:
        seen.append(tx.families.save(None, family, now=NOW))
        seen.append(tx.families.family(family.id))
        raise Undo

    with pytest.raises(Undo):
        store.transact(unit)
    assert seen[1] == seen[0]


class Undo(Exception):
    """Rolls a property's example back."""


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(before=families(), wish=families())
def test_any_change_loads_as_it_was_saved(store: Store, before: m.Family, wish: m.Family) -> None:
    after = replace(
        wish,
        id=before.id,
        workspace=before.workspace,
        kind=before.kind,
        records={id: replace(r, family=before.id, workspace=before.workspace) for id, r in wish.records.items()},
    )
    seen: list[m.Family] = []

    def unit(tx: Tx) -> None:
        old = tx.families.save(None, before, now=NOW)
        seen.append(tx.families.save(old, after, now=LATER))
        seen.append(tx.families.family(before.id))
        raise Undo

    with pytest.raises(Undo):
        store.transact(unit)
    assert seen[1] == seen[0]


def test_the_property_draws_every_field_of_the_model() -> None:
    for cls in (m.Family, m.Record, m.Link, m.Pair, m.Attempt, m.Write, m.Review, m.Transition):
        assert len(fields(cls)) == EXPECTED_FIELDS[cls], f"{cls.__name__} has changed: draw the new field in people.py"


EXPECTED_FIELDS = {
    m.Family: 12,
    m.Record: 12,
    m.Link: 16,
    m.Pair: 16,
    m.Attempt: 17,
    m.Write: 17,
    m.Review: 13,
    m.Transition: 8,
}


async def test_many_families_load_in_a_handful_of_statements(store: Store, count_statements: CountStatements) -> None:
    def fill(tx: Tx) -> None:
        for n in range(40):
            tx.families.save(None, a_family(n), now=NOW)

    await store.write(fill)
    wanted = [f"family-{n:06}" for n in range(40)]
    store.shared.kept.clear()
    loaded, statements = await store.read(count_statements(lambda tx: tx.families.families([*wanted, "nobody"])))
    assert set(loaded) == set(wanted)
    assert statements == 8  # one of them for the keys


async def test_what_was_committed_here_is_not_read_again(store: Store, count_statements: CountStatements) -> None:
    before = saved(store, a_family())
    renamed = replace(before.records["candidate-000001"], fields={"first_name": "Ada"})
    after = replace(before, records={**before.records, renamed.id: renamed}, writes={})
    stored = store.transact(lambda tx: tx.families.save(before, after, now=LATER))
    kept, statements = await store.read(count_statements(lambda tx: tx.families.family(before.id)))
    store.shared.kept.clear()
    assert (statements, kept) == (1, stored) == (1, store.query(lambda tx: tx.families.family(before.id)))


def test_what_was_undone_is_never_met_again(store: Store) -> None:
    before = saved(store, a_family())

    def unit(tx: Tx) -> None:
        tx.families.save(before, replace(before, records={}, links={}, writes={}), now=LATER)
        raise Undo

    with pytest.raises(Undo):
        store.transact(unit)
    assert store.query(lambda tx: tx.families.family(before.id)) == before
    stored = store.transact(lambda tx: tx.families.save(before, replace(before, writes={}), now=LATER))
    assert store.query(lambda tx: tx.families.family(before.id)) == stored


def test_a_family_that_another_process_has_changed_is_read_anew(store: Store) -> None:
    before = saved(store, a_family())
    store.transact(lambda tx: tx.families.save(before, replace(before, writes={}), now=LATER))
    store.shared.kept.clear()
    store.shared.kept.put([before])  # as a process holds it that has not heard of the change
    assert store.query(lambda tx: tx.families.family(before.id)).writes == {}


def test_nothing_of_somebody_forgotten_stays_in_memory(store: Store) -> None:
    family = saved(store, a_family())
    store.transact(lambda tx: tx.erasure.forget(WORKSPACE, family.id, now=LATER))
    assert store.shared.kept.get(family.id, family.rev) is None
    erased = store.query(lambda tx: tx.families.family(family.id))
    assert erased.rev > family.rev  # nor in another process's
    assert erased.records == {}


def test_what_is_settled_is_told_without_the_family(store: Store) -> None:
    family = a_family()
    pair = m.Pair(("a", 1), "b", fence=NOW, awaiting=m.Awaiting("x", "y", "attempt"), gap=True)
    link = replace(family.links["link-000001"], pairs={"tags": pair})
    saved(store, replace(family, links={link.id: link}))
    person, nobody = (m.Kind.CANDIDATE, "ext-1"), (m.Kind.CANDIDATE, "ext-2")
    glimpse = store.query(lambda tx: tx.links.settled(ATS, [person, nobody]))
    assert glimpse.keys() == {person}
    assert glimpse[person].pairs == {"tags": pair}


def test_what_is_not_quiet_is_told(store: Store) -> None:
    def link(n: int, **changed: object) -> dict[str, m.Link]:
        return {id: replace(one, **changed) for id, one in a_family(n).links.items()}  # type: ignore[arg-type]

    attempt = m.Attempt("a1", "w1", ATS, "candidate-000005", "l", "patch", {}, {}, {}, "", 1, NOW)
    saved(store, a_family(1))
    saved(store, replace(a_family(2), links=link(2, state=m.LinkState.UNSEEN)))
    saved(store, replace(a_family(3), links=link(3, missing=(7,))))
    saved(store, replace(a_family(4), state=m.FamilyState.ERASING))
    under_way = saved(store, replace(a_family(5), attempts={"a1": attempt}))
    people = [(m.Kind.CANDIDATE, f"ext-{n}") for n in range(1, 6)]

    def quiet() -> list[bool]:
        told = store.query(lambda tx: tx.links.settled(ATS, people))
        return [told[one].quiet for one in people]

    assert quiet() == [True, False, False, False, False]
    store.transact(lambda tx: tx.families.save(under_way, replace(under_way, attempts={}), now=LATER))
    assert quiet() == [True, False, False, False, True]


# -------------------------------------------------------------------------------------------------- compare and set


def test_of_two_threads_that_save_the_same_rev_one_plans_again(store: Store) -> None:
    before = saved(store, a_family())
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def race(name: str) -> None:
        person = before.records["candidate-000001"]
        after = replace(
            before, records={**before.records, person.id: replace(person, fields={**person.fields, "title": name})}
        )
        ready.wait()
        try:
            store.transact(lambda tx: tx.families.save(before, after, now=LATER))
            outcomes.append(name)
        except StaleError:
            outcomes.append("stale")

    threads = [threading.Thread(target=race, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("stale") == 1
    now = store.query(lambda tx: tx.families.family(before.id))
    assert now.rev == 2
    assert now.records["candidate-000001"].fields["title"] in outcomes


def test_a_family_is_made_once(store: Store) -> None:
    saved(store, a_family())
    with pytest.raises(StaleError):
        saved(store, replace(a_family(), links={}, records={}, writes={}))


def test_an_external_id_belongs_to_one_record(store: Store) -> None:
    saved(store, a_family(1))
    other = a_family(2)
    clash = replace(other.links["link-000002"], external="ext-1")
    with pytest.raises(StaleError):
        saved(store, replace(other, links={clash.id: clash}))
    assert store.query(lambda tx: tx.families.families(["family-000002"])) == {}


async def test_one_family_of_a_round_may_fail_alone(store: Store) -> None:
    saved(store, a_family(1))

    def unit(tx: Tx) -> list[str]:
        said: list[str] = []
        for n in (1, 2):
            try:
                with tx.savepoint():
                    tx.families.save(None, a_family(n), now=NOW)
                    said.append("saved")
            except StaleError:
                said.append("stale")
        return said

    assert await store.write(unit) == ["stale", "saved"]
    assert set(await store.read(lambda tx: tx.families.families(["family-000001", "family-000002"]))) == {
        "family-000001",
        "family-000002",
    }


# ------------------------------------------------------------------------------------------------ identity, resolve


def test_two_strangers_with_one_key_do_not_both_enter(store: Store) -> None:
    store.transact(
        lambda tx: tx.families.save(None, a_family(1), now=NOW, claims=[Claim("email:x", "candidate-000001")])
    )
    with pytest.raises(StaleError):
        store.transact(
            lambda tx: tx.families.save(None, a_family(2), now=NOW, claims=[Claim("email:x", "candidate-000002")])
        )
    store.transact(
        lambda tx: tx.families.save(
            None, a_family(2), now=NOW, claims=[Claim("email:x", "candidate-000002", shared=True)]
        )
    )
    assert store.query(lambda tx: tx.families.prospects(WORKSPACE, ["email:x", "email:y"])) == [
        ("email:x", "family-000001", "candidate-000001"),
        ("email:x", "family-000002", "candidate-000002"),
    ]


def test_two_strangers_met_at_the_same_time_do_not_both_enter(store: Store) -> None:
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def meet(n: int) -> None:
        ready.wait()
        try:
            store.transact(
                lambda tx: tx.families.save(None, a_family(n), now=NOW, claims=[Claim("email:x", f"candidate-{n:06}")])
            )
            outcomes.append("saved")
        except StaleError:
            outcomes.append("stale")

    threads = [threading.Thread(target=meet, args=(n,)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", "stale"]


def test_a_known_person_may_hold_a_key_somebody_else_holds_and_let_it_go(store: Store) -> None:
    store.transact(lambda tx: tx.families.save(None, a_family(1), now=NOW, claims=[Claim("k", "candidate-000001")]))
    second = saved(store, a_family(2))
    mine = Claim("k", "candidate-000002")
    second = store.transact(lambda tx: tx.families.save(second, second, now=NOW, claims=[mine]))
    assert len(store.query(lambda tx: tx.families.prospects(WORKSPACE, ["k"]))) == 2
    store.transact(lambda tx: tx.families.save(second, second, now=NOW, released=[mine]))
    assert store.query(lambda tx: tx.families.prospects(WORKSPACE, ["k"])) == [
        ("k", "family-000001", "candidate-000001")
    ]


def test_links_and_former_ids_resolve(store: Store) -> None:
    family = a_family()
    alias = Alias(ATS, m.Kind.CANDIDATE, "former", "candidate-000001", "link-000001")
    store.transact(lambda tx: tx.families.save(None, family, now=NOW, aliases=[alias]))
    found = Found("family-000001", "candidate-000001", "link-000001", m.LinkState.LIVE)
    asked = [(m.Kind.CANDIDATE, "ext-1"), (m.Kind.CANDIDATE, "former"), (m.Kind.JOB, "ext-1")]
    assert store.query(lambda tx: tx.families.resolve(ATS, asked)) == {
        (m.Kind.CANDIDATE, "ext-1"): found,
        (m.Kind.CANDIDATE, "former"): found,
    }
    assert store.query(lambda tx: tx.families.resolve(TOOL, asked)) == {}


def test_refs_lead_both_ways(store: Store) -> None:
    store.transact(
        lambda tx: tx.families.save(
            None, a_family(), now=NOW, aliases=[Alias(ATS, m.Kind.CANDIDATE, "former", "candidate-000001")]
        )
    )
    refs = store.query(
        lambda tx: tx.families.refs(
            WORKSPACE,
            [ATS, TOOL],
            ["candidate-000001", "application-000001"],
            [(ATS, m.Kind.CANDIDATE, "ext-1"), (ATS, m.Kind.CANDIDATE, "former"), (TOOL, m.Kind.CANDIDATE, "ext-1")],
        )
    )
    assert refs.external == {(ATS, "candidate-000001"): "ext-1"}
    assert refs.record == {
        (ATS, m.Kind.CANDIDATE, "ext-1"): "candidate-000001",
        (ATS, m.Kind.CANDIDATE, "former"): "candidate-000001",
    }
    assert dict(refs.records) == dict(a_family().records)
    elsewhere = store.query(lambda tx: tx.families.refs("other", [ATS], [], [(ATS, m.Kind.CANDIDATE, "ext-1")]))
    assert elsewhere.record == {}
    assert elsewhere.records == {}


def test_open_creates_are_found_until_they_end(store: Store) -> None:
    attempt = m.Attempt("a1", "w1", ATS, "candidate-000001", None, "create", {}, {}, {}, "marker", 1, NOW)
    before = saved(store, replace(a_family(), attempts={"a1": attempt}))
    assert store.query(lambda tx: tx.families.open_creates(ATS, m.Kind.CANDIDATE)) == [("family-000001", attempt)]
    assert store.query(lambda tx: tx.families.open_creates(ATS, m.Kind.NOTE)) == []
    store.transact(lambda tx: tx.families.save(before, replace(before, attempts={}), now=LATER))
    assert store.query(lambda tx: tx.families.open_creates(ATS, m.Kind.CANDIDATE)) == []


@pytest.mark.parametrize("first", ["giver", "taker"])
def test_records_and_links_move_between_families_in_either_order(store: Store, first: str) -> None:
    giver, taker = saved(store, a_family(1)), saved(store, a_family(2))
    moved = giver.records["application-000001"]
    link = giver.links["link-000001"]
    giving = replace(giver, records={k: r for k, r in giver.records.items() if r is not moved}, links={})
    taking = replace(
        taker,
        records={**taker.records, moved.id: replace(moved, family=taker.id, parent="candidate-000002")},
        links={**taker.links, link.id: replace(link, record=moved.id)},
    )
    steps: list[Callable[[Tx], object]] = [
        lambda tx: tx.families.save(giver, giving, now=LATER),
        lambda tx: tx.families.save(taker, taking, now=LATER),
    ]
    if first == "taker":
        steps.reverse()

    def unit(tx: Tx) -> None:
        for step in steps:
            step(tx)

    store.transact(unit)
    loaded = store.query(lambda tx: tx.families.families([giver.id, taker.id]))
    assert loaded[giver.id] == replace(giving, rev=2)
    assert loaded[taker.id] == replace(taking, rev=2)
    listed = store.query(lambda tx: tx.pages.applications([giver.id, taker.id]))
    assert {row.record: row.family for row in listed}[moved.id] == taker.id


# --------------------------------------------------------------------------------------------------- writes that wait


def waiting_family(n: int = 2) -> m.Family:
    """Its write waits until candidate 1 is linked at the tool."""
    write = replace(
        a_write(n, state=m.WriteState.WAITING, waits=((m.Kind.CANDIDATE, "candidate-000001"),)), connection=TOOL
    )
    return replace(a_family(n, write=None), writes={write.id: write})


def tool_link() -> m.Link:
    return m.Link("link-tool", TOOL, m.Kind.CANDIDATE, "t-1", "candidate-000001")


def test_a_link_wakes_the_writes_that_wait_for_it(store: Store) -> None:
    waiting, first = saved(store, waiting_family()), saved(store, a_family(1, write=None))
    linked = replace(first, links={**first.links, "link-tool": tool_link()})
    assert store.query(lambda tx: tx.writes.waiting([ATS, TOOL], now=LATER)) == []
    store.transact(lambda tx: tx.families.save(first, linked, now=NOW, linked=[(TOOL, "candidate-000001")]))
    woken = store.query(lambda tx: tx.families.family(waiting.id))
    assert woken.writes["write-000002"].state is m.WriteState.DUE
    assert woken.rev == waiting.rev + 1  # a plan made while it waited is stale
    assert store.query(lambda tx: tx.writes.waiting([ATS, TOOL], now=LATER)) == [(TOOL, NOW)]


def test_a_write_that_waits_for_what_is_linked_already_is_due(store: Store) -> None:
    first = a_family(1, write=None)
    saved(store, replace(first, links={**first.links, "link-tool": tool_link()}))
    stored = store.transact(lambda tx: tx.families.save(None, waiting_family(), now=NOW))
    assert stored.writes["write-000002"].state is m.WriteState.DUE
    assert store.query(lambda tx: tx.families.family("family-000002")) == stored


def test_a_write_waits_for_all_it_waits_for(store: Store) -> None:
    family = waiting_family()
    write = replace(
        family.writes["write-000002"],
        waits_for=((m.Kind.CANDIDATE, "candidate-000001"), (m.Kind.APPLICATION, "application-000001")),
    )
    saved(store, replace(family, writes={write.id: write}))
    store.transact(lambda tx: tx.families.wake([(TOOL, "candidate-000001")], now=NOW))
    assert store.query(lambda tx: tx.families.family(family.id)).writes[write.id].state is m.WriteState.WAITING
    store.transact(lambda tx: tx.families.wake([(TOOL, "application-000001")], now=NOW))
    assert store.query(lambda tx: tx.families.family(family.id)).writes[write.id].state is m.WriteState.DUE


async def test_a_link_made_while_a_write_starts_to_wait_still_wakes_it(store: Store) -> None:
    first = saved(store, a_family(1, write=None))
    linked = replace(first, links={**first.links, "link-tool": tool_link()})
    await asyncio.gather(
        store.write(lambda tx: tx.families.save(None, waiting_family(), now=NOW)),
        store.write(lambda tx: tx.families.save(first, linked, now=NOW, linked=[(TOOL, "candidate-000001")])),
    )
    loaded = await store.read(lambda tx: tx.families.family("family-000002"))
    assert loaded.writes["write-000002"].state is m.WriteState.DUE


def test_a_closed_write_is_kept_and_not_loaded_and_its_key_is_free(store: Store) -> None:
    before = saved(store, a_family())
    done = replace(before.writes["write-000001"], state=m.WriteState.DONE, closed=LATER)
    again = a_write(1, id="write-again")
    after = replace(before, writes={again.id: again, done.id: done})
    store.transact(lambda tx: tx.families.save(before, after, now=LATER))
    loaded = store.query(lambda tx: tx.families.family(before.id))
    assert set(loaded.writes) == {"write-again"}
    told = store.query(lambda tx: tx.pages.timeline(before.id))
    assert {one.write.id: one.write.state for one in told if one.write} == {
        "write-again": m.WriteState.DUE,
        "write-000001": m.WriteState.DONE,
    }


def test_one_write_is_open_per_key(store: Store) -> None:
    before = saved(store, a_family())
    second = a_write(1, id="write-again")
    with pytest.raises(StaleError):
        store.transact(
            lambda tx: tx.families.save(before, replace(before, writes={**before.writes, second.id: second}), now=LATER)
        )


# ----------------------------------------------------------------------------------------------------- gaps, erasure


def test_a_gap_is_listed_once_and_leads_to_every_record_it_was_met_on(store: Store) -> None:
    def gap(n: int) -> m.Gap:
        return m.Gap(ATS, m.Kind.APPLICATION, "stage", "77", f"application-{n:06}")

    for n in (1, 2):
        store.transact(lambda tx, n=n: tx.families.save(None, a_family(n), now=NOW, gaps=[gap(n)]))
    (listed,) = store.query(lambda tx: tx.gaps.list(WORKSPACE))
    assert (listed.value, listed.times, listed.state) == ("77", 2, "open")
    waiting = store.query(lambda tx: tx.gaps.waiting_for(ATS, "77"))
    assert [one.record for one in waiting] == ["application-000001", "application-000002"]
    assert store.transact(lambda tx: tx.gaps.close(ATS, m.Kind.APPLICATION, "stage", "77")) == 1
    assert store.query(lambda tx: tx.gaps.list(WORKSPACE)) == []
    assert store.query(lambda tx: tx.gaps.waiting_for(ATS, "77")) == []


def test_a_gap_closes_when_the_last_record_it_was_met_on_is_understood(store: Store) -> None:
    kept: list[m.Family] = []
    for n in (1, 2):
        family = a_family(n)
        (link,) = family.links.values()
        unknown = replace(link, pairs={**link.pairs, "title": m.Pair(None, None, gap=True)})
        family = replace(family, links={**family.links, link.id: unknown})
        gap = m.Gap(ATS, m.Kind.CANDIDATE, "title", "77", link.record)
        kept.append(store.transact(lambda tx, f=family, g=gap: tx.families.save(None, f, now=NOW, gaps=[g])))
    for left, before in zip((1, 0), kept, strict=True):
        (link,) = before.links.values()
        known = replace(link, pairs={**link.pairs, "title": m.Pair("77", "s", has_ours=True)})
        after = replace(before, links={**before.links, link.id: known})
        store.transact(lambda tx, b=before, a=after: tx.families.save(b, a, now=LATER))
        assert len(store.query(lambda tx: tx.gaps.list(WORKSPACE))) == left


def test_another_unknown_value_takes_the_place_of_the_first(store: Store) -> None:
    family = a_family()
    (link,) = family.links.values()
    unknown = replace(link, pairs={**link.pairs, "title": m.Pair(None, None, gap=True)})
    family = replace(family, links={**family.links, link.id: unknown})
    first, then = (m.Gap(ATS, m.Kind.CANDIDATE, "title", value, link.record) for value in ("77", "78"))
    before = store.transact(lambda tx: tx.families.save(None, family, now=NOW, gaps=[first]))
    store.transact(lambda tx: tx.families.save(before, before, now=LATER, gaps=[then]))
    assert [gap.value for gap in store.query(lambda tx: tx.gaps.list(WORKSPACE))] == ["78"]


def test_what_is_forgotten_is_in_no_local_place(store: Store) -> None:
    family = a_family()
    line = m.History(
        "candidate-000001", m.HistoryKind.CHANGED, "first_name", "Åse", "Åsa", ATS, m.BASCULE, "read-1", NOW
    )

    def unit(tx: Tx) -> str | None:
        tx.families.save(None, family, now=NOW, history=[line], claims=[Claim("email:x", "candidate-000001")])
        return tx.stored.put(WORKSPACE, family.id, "resume", "attachment-1", b"a CV", now=NOW)

    assert store.transact(unit) is not None
    saved(store, a_family(2))
    removed = store.transact(lambda tx: tx.erasure.forget(WORKSPACE, family.id, now=NOW))
    assert {place for place, rows in removed.items() if rows} >= {
        "records", "links and pairs", "history", "writes and attempts", "identity keys", "search index", "lists",
        "files, texts and raw objects", "key",
    }  # fmt: skip
    assert store.query(lambda tx: tx.families.prospects(WORKSPACE, ["email:x"])) == []
    assert store.query(lambda tx: tx.pages.timeline(family.id)) == []
    assert [row.family for row in store.query(lambda tx: tx.pages.candidates(WORKSPACE, search="åsa"))] == [
        "family-000002"
    ]
    assert store.query(lambda tx: tx.stored.of("attachment-1", "resume")) is None
    left = store.query(lambda tx: tx.families.family(family.id))
    assert (left.state, left.records, left.links, left.writes, left.salt) == (m.FamilyState.ERASED, {}, {}, {}, "")
    with pytest.raises(NotFoundError, match="erased"):
        store.transact(lambda tx: tx.stored.put(WORKSPACE, family.id, "resume", "attachment-1", b"late", now=NOW))


def test_a_tombstone_answers_only_who_knows_the_id(store: Store) -> None:
    store.transact(lambda tx: tx.erasure.bury(WORKSPACE, ["ats|candidate|77"], now=NOW))
    assert store.query(lambda tx: tx.erasure.buried(WORKSPACE, ["ats|candidate|77", "ats|candidate|78"])) == {
        "ats|candidate|77"
    }
    assert store.query(lambda tx: tx.erasure.buried("other", ["ats|candidate|77"])) == set()
    assert not store.query(lambda tx: tx.erasure.buried(WORKSPACE, ["ats|candidate|77"], since=LATER))


def test_transitions_reach_back_an_hour(store: Store) -> None:
    def at(minutes: int) -> m.Transition:
        when = NOW + timedelta(minutes=minutes)
        return m.Transition("candidate-000001", "stage", "a", "b", ATS, m.BASCULE, "read", when)

    family = replace(a_family(), transitions=(at(0), at(30), at(80)))
    saved(store, family)
    assert store.query(lambda tx: tx.families.family(family.id)).transitions == (at(30), at(80))


@pytest.fixture
def count_statements() -> CountStatements:
    """Wraps a unit: (its result, how many statements it sent)."""

    def wrap(unit: Callable[[Tx], object]) -> Callable[[Tx], tuple[object, int]]:
        def counted(tx: Tx) -> tuple[object, int]:
            sent: list[object] = []
            run, many = tx._run, tx.many
            tx._run = lambda sql, parameters: (sent.append(sql), run(sql, parameters))[1]  # type: ignore[method-assign]
            tx.many = lambda sql, rows: (sent.append(sql) if len(rows) > 1 else None, many(sql, rows))[1]  # type: ignore[method-assign]
            return unit(tx), len(sent)

        return counted

    return wrap
