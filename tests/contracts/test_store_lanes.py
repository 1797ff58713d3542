"""Lanes, tasks, budgets, inbox: many hints are one read, nothing wanted is lost, and a lost lease changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bascule import model as m
from bascule.errors import LeaseLostError
from bascule.store import Store, Tx, open_store
from bascule.store.budgets import Work
from bascule.store.connections import Call, Connection
from bascule.store.inbox import Delivery, DeliveryState
from bascule.store.lanes import Hint, Priority, ReadLease, WriteLease
from bascule.store.tasks import TaskLease

from ..conftest import MASTER
from .people import ATS, NOW, TOOL, WORKSPACE, a_family, a_write

SECOND = timedelta(seconds=1)
PERSON, STAGE, NOTE = m.Kind.CANDIDATE, m.Kind.STAGE, m.Kind.NOTE


def want(store: Store, *externals: str, kinds: frozenset[m.Kind] = frozenset(), at: int = 0, **more: object) -> int:
    hints = [Hint(ATS, PERSON, external, kinds, **more) for external in externals]  # type: ignore[arg-type]
    return store.transact(lambda tx: tx.reads.wanted(hints, now=NOW + at * SECOND))


def lease(store: Store, n: int = 10, *, at: int = 0, worker: str = "one") -> list[ReadLease]:
    now = NOW + at * SECOND
    return store.transact(lambda tx: tx.reads.lease(ATS, n, now=now, until=now + 30 * SECOND, worker=worker))


def number(store: Store) -> int:
    return store.transact(lambda tx: tx.number())


def ack(store: Store, leases: list[ReadLease], under: int, *, at: int = 0) -> None:
    now = NOW + at * SECOND
    store.transact(lambda tx: tx.reads.ack(leases, number=under, started=now, now=now))


# ------------------------------------------------------------------------------------------------------------- reads


def test_many_hints_are_one_read_of_all_kinds_asked_for(store: Store) -> None:
    want(store, "1", kinds=frozenset({PERSON}))
    want(store, "1", kinds=frozenset({NOTE}))
    last = want(store, "1", kinds=frozenset({NOTE}))
    (only,) = lease(store)
    assert (only.external, only.kinds, only.seq) == ("1", {PERSON, NOTE}, last)
    ack(store, [only], number(store))
    assert lease(store, at=60) == []


def test_what_could_not_be_read_and_stands_still_can_be_asked(store: Store) -> None:
    want(store, "1", "2", "3")
    first, second, third = sorted(lease(store), key=lambda one: one.external)

    def unit(tx: Tx) -> set[tuple[m.Kind, str]]:
        tx.reads.retry([first], due=NOW + 60 * SECOND, error="not to be read")
        tx.reads.retry([second], due=NOW + 5 * SECOND, error="not to be read")
        tx.reads.retry([third], due=NOW + 60 * SECOND, error="the system is away", tried=False)
        asked = [(PERSON, external) for external in ("1", "2", "3", "4")]
        return tx.reads.resting(ATS, asked, soon=NOW + 15 * SECOND)

    assert store.transact(unit) == {(PERSON, "1")}


def test_a_hint_for_everything_takes_the_others_in(store: Store) -> None:
    want(store, "1", kinds=frozenset({NOTE}))
    want(store, "1")
    assert [one.kinds for one in lease(store)] == [frozenset()]


def test_any_read_numbered_later_satisfies_a_hint(store: Store) -> None:
    want(store, "1")
    held = lease(store)
    want(store, "1")
    ack(store, held, number(store))
    assert lease(store, at=60) == []


def test_a_hint_during_a_read_causes_one_more(store: Store) -> None:
    want(store, "1", kinds=frozenset({PERSON}))
    held = lease(store)
    under = number(store)
    want(store, "1", kinds=frozenset({NOTE}), at=1)
    want(store, "1", kinds=frozenset({NOTE}), at=1)
    assert lease(store, at=1) == []  # one worker at a time
    ack(store, held, under, at=2)
    (again,) = lease(store, at=2)
    assert again.kinds == {NOTE}
    ack(store, [again], number(store), at=2)
    assert lease(store, at=60) == []


def test_a_hint_for_a_kind_the_read_does_not_show_is_read_even_if_it_came_before(store: Store) -> None:
    want(store, "1", kinds=frozenset({PERSON}))
    held = lease(store)
    want(store, "1", kinds=frozenset({NOTE}))
    ack(store, held, number(store))
    assert [one.kinds for one in lease(store)] == [{NOTE}]


def test_a_want_behind_a_fence_is_not_satisfied_by_a_read_before_it(store: Store) -> None:
    want(store, "1", kinds=frozenset({PERSON}))
    held = lease(store)
    want(store, "1", kinds=frozenset({PERSON}), after=NOW + 5 * SECOND)
    ack(store, held, number(store))
    assert lease(store, at=4) == []
    (again,) = lease(store, at=5)
    assert again.kinds == {PERSON}
    ack(store, [again], number(store), at=5)
    assert lease(store, at=60) == []


def test_what_is_to_be_read_behind_a_fence_in_a_moment_is_read_once(store: Store) -> None:
    want(store, "1", kinds=frozenset({NOTE}), after=NOW + 2 * SECOND)
    want(store, "1", kinds=frozenset({PERSON}))
    assert lease(store, at=1) == []
    (once,) = lease(store, at=2)
    assert once.kinds == {NOTE, PERSON}
    ack(store, [once], number(store), at=2)
    assert lease(store, at=60) == []


def test_a_want_does_not_wait_for_a_far_fence(store: Store) -> None:
    want(store, "1", kinds=frozenset({NOTE}), after=NOW + 60 * SECOND)
    want(store, "1", kinds=frozenset({PERSON}), at=1)
    assert lease(store, at=4) == []
    held = lease(store, at=5)
    ack(store, held, number(store), at=5)
    assert lease(store, at=59) == []
    assert [one.kinds for one in lease(store, at=60)] == [{NOTE, PERSON}]


def test_the_urgent_go_first_then_the_longest_waiting(store: Store) -> None:
    want(store, "backfill", priority=Priority.BACKFILL)
    want(store, "sweep", priority=Priority.SWEEP)
    want(store, "later", at=1)
    want(store, "live")
    want(store, "sweep-made-live", priority=Priority.SWEEP)
    want(store, "sweep-made-live", at=2)
    order = [one.external for one in lease(store, at=2)]
    assert order == ["live", "sweep-made-live", "later", "sweep", "backfill"]


def test_a_retry_moves_the_lane_and_a_new_hint_does_not_hurry_it(store: Store) -> None:
    want(store, "1", kinds=frozenset({NOTE}))
    held = lease(store)
    store.transact(lambda tx: tx.reads.retry(held, due=NOW + 10 * SECOND, error="503"))
    want(store, "1", kinds=frozenset({PERSON}))
    assert lease(store, at=9) == []
    (again,) = lease(store, at=10)
    assert (again.tries, again.kinds) == (1, {NOTE, PERSON})


def test_a_lease_that_ran_out_is_taken_over_and_the_late_ack_refused(store: Store) -> None:
    want(store, "1", kinds=frozenset({NOTE}))
    late = lease(store, worker="one")
    assert lease(store, at=29, worker="two") == []
    (taken,) = lease(store, at=30, worker="two")
    assert taken.kinds == {NOTE}
    assert taken.epoch > late[0].epoch
    under = number(store)
    for act in (
        lambda: ack(store, late, under, at=31),
        lambda: store.transact(lambda tx: tx.reads.renew(late, until=NOW + 90 * SECOND)),
        lambda: store.transact(lambda tx: tx.reads.retry(late, due=NOW)),
        lambda: store.transact(lambda tx: tx.reads.drop(late)),
    ):
        with pytest.raises(LeaseLostError):
            act()
    assert store.transact(lambda tx: tx.reads.held([*late, taken])) == [taken]
    ack(store, [taken], under, at=31)


def test_a_renewed_lease_is_not_taken_over(store: Store) -> None:
    want(store, "1")
    held = lease(store)
    store.transact(lambda tx: tx.reads.renew(held, until=NOW + 90 * SECOND))
    assert lease(store, at=60, worker="two") == []


def test_what_waits_is_told_by_connection_and_priority(store: Store) -> None:
    want(store, "1", at=3)
    want(store, "2", priority=Priority.BACKFILL, after=NOW + 9 * SECOND)
    assert store.query(lambda tx: tx.reads.waiting([ATS, TOOL], now=NOW)) == [
        (ATS, Priority.LIVE, NOW + 3 * SECOND),
        (ATS, Priority.BACKFILL, NOW + 9 * SECOND),
    ]


# ------------------------------------------------------------------------------------------------------------ writes


def save(store: Store, *numbers: int) -> None:
    for n in numbers:
        store.transact(lambda tx, n=n: tx.families.save(None, a_family(n), now=NOW))


def lease_writes(store: Store, n: int = 10, *, at: int = 0) -> list[WriteLease]:
    now = NOW + at * SECOND
    return store.transact(lambda tx: tx.writes.lease(ATS, n, now=now, until=now + 30 * SECOND, worker="one"))


def test_a_family_with_a_due_write_has_a_lane_until_the_write_is_done(store: Store) -> None:
    save(store, 1)
    (held,) = lease_writes(store)
    assert store.transact(lambda tx: tx.writes.holds(held))
    store.transact(lambda tx: tx.writes.ack([held], now=NOW))
    (again,) = lease_writes(store)  # the write is still due
    before = store.query(lambda tx: tx.families.family("family-000001"))
    done = replace(before.writes["write-000001"], state=m.WriteState.DONE, closed=NOW)

    store.transact(lambda tx: tx.families.save(before, replace(before, writes={done.id: done}), now=NOW))
    store.transact(lambda tx: tx.writes.ack([again], now=NOW))
    assert lease_writes(store, at=60) == []


def test_a_write_planned_while_the_lane_is_held_is_not_lost(store: Store) -> None:
    save(store, 1)
    held = lease_writes(store)
    before = store.query(lambda tx: tx.families.family("family-000001"))
    done = replace(before.writes["write-000001"], state=m.WriteState.DONE, closed=NOW)
    more = replace(a_write(1, id="more"), call="add tag")
    after = replace(before, writes={done.id: done, more.id: more})
    store.transact(lambda tx: tx.families.save(before, after, now=NOW + SECOND))
    assert lease_writes(store, at=1) == []
    store.transact(lambda tx: tx.writes.ack(held, now=NOW + 2 * SECOND))
    assert [one.family for one in lease_writes(store, at=2)] == ["family-000001"]


def test_a_retry_holds_the_whole_lane_back_in_order(store: Store) -> None:
    save(store, 1)
    held = lease_writes(store)
    store.transact(lambda tx: tx.writes.retry(held, due=NOW + 10 * SECOND, error="503"))
    before = store.query(lambda tx: tx.families.family("family-000001"))
    more = replace(a_write(1, id="more"), call="add tag")
    store.transact(
        lambda tx: tx.families.save(before, replace(before, writes={**before.writes, more.id: more}), now=NOW)
    )
    assert lease_writes(store, at=9) == []
    (again,) = lease_writes(store, at=10)
    assert again.tries == 1


def test_a_parked_lane_waits_for_a_person_or_a_new_write(store: Store) -> None:
    save(store, 1, 2)
    held = lease_writes(store)
    store.transact(lambda tx: tx.writes.park(held, error="asked to sign in"))
    assert lease_writes(store, at=10_000) == []
    assert store.transact(lambda tx: tx.writes.wake(ATS, now=NOW, family="family-000001")) == 1
    assert [one.family for one in lease_writes(store)] == ["family-000001"]
    before = store.query(lambda tx: tx.families.family("family-000002"))
    more = replace(a_write(2, id="more"), call="add tag")
    store.transact(
        lambda tx: tx.families.save(before, replace(before, writes={**before.writes, more.id: more}), now=NOW)
    )
    assert [one.family for one in lease_writes(store)] == ["family-000002"]


def test_a_late_worker_cannot_end_a_write_lease_it_lost(store: Store) -> None:
    save(store, 1)
    late = lease_writes(store)
    (taken,) = lease_writes(store, at=30)
    assert not store.transact(lambda tx: tx.writes.holds(late[0]))
    with pytest.raises(LeaseLostError):
        store.transact(lambda tx: tx.writes.ack(late, now=NOW))
    with pytest.raises(LeaseLostError):
        store.transact(lambda tx: tx.writes.retry(late, due=NOW))
    store.transact(lambda tx: tx.writes.ack([taken], now=NOW))


def test_erasure_takes_the_lanes_of_a_family_from_whoever_holds_them(store: Store) -> None:
    save(store, 1)
    held = lease_writes(store)
    store.transact(lambda tx: tx.writes.revoke("family-000001"))
    with pytest.raises(LeaseLostError):
        store.transact(lambda tx: tx.writes.ack(held, now=NOW))


# ---------------------------------------------------------------------------------------------- two workers, one base


@pytest.fixture
async def second_store(store: Store, database: str) -> AsyncIterator[Store]:
    """A second process on the same PostgreSQL database."""
    other = open_store(database, master=MASTER, workers=2)
    yield other
    await other.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_workers_never_hold_one_lane_and_never_wait_for_each_other(store: Store, second_store: Store) -> None:
    want(store, *(str(n) for n in range(6)))
    save(store, 1, 2, 3, 4)
    task_lease = {"now": NOW, "until": NOW + 30 * SECOND, "worker": "w"}
    for key in "abcd":
        store.transact(lambda tx, key=key: tx.tasks.put(WORKSPACE, "score", key, due=NOW))

    def first(tx):  # type: ignore[no-untyped-def]
        mine = (
            tx.reads.lease(ATS, 4, **task_lease),
            tx.writes.lease(ATS, 3, **task_lease),
            tx.tasks.lease(["score"], 3, **task_lease),
        )
        theirs = second_store.transact(  # while our commit is still open
            lambda other: (
                other.reads.lease(ATS, 4, **task_lease),
                other.writes.lease(ATS, 3, **task_lease),
                other.tasks.lease(["score"], 3, **task_lease),
            )
        )
        return mine, theirs

    mine, theirs = store.transact(first)
    assert [len(some) for some in mine] == [4, 3, 3]
    assert [len(some) for some in theirs] == [2, 1, 1]
    for ours, others in zip(mine, theirs, strict=True):
        assert not {str(one) for one in ours} & {str(one) for one in others}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_numbers_only_rise_across_processes(store: Store, second_store: Store) -> None:
    drawn = [number(one) for _ in range(5) for one in (store, second_store)]
    assert drawn == sorted(set(drawn))


# ------------------------------------------------------------------------------------------------------------- inbox


def delivery(n: int, *, external: str = "1") -> Delivery:
    return Delivery(WORKSPACE, ATS, f"d{n}", "candidate.updated", NOW, b'{"canary": 1}', PERSON, external)


def test_the_same_delivery_again_stores_nothing(store: Store) -> None:
    both = [delivery(1), delivery(2), delivery(1)]
    assert store.transact(lambda tx: tx.inbox.accept(both)) == [True, True, False]
    assert store.transact(lambda tx: tx.inbox.accept([delivery(2), delivery(3)])) == [False, True]
    assert store.transact(lambda tx: tx.inbox.accept([])) == []
    assert [one.delivery for one in store.query(lambda tx: tx.inbox.log(ATS))] == ["d3", "d2", "d1"]


def test_a_committed_read_finishes_the_deliveries_before_it_and_drops_their_bodies(store: Store) -> None:
    store.transact(lambda tx: tx.inbox.accept([delivery(1), delivery(2, external="2")]))
    under = number(store)
    store.transact(lambda tx: tx.inbox.accept([delivery(3)]))
    (_, _, first) = store.query(lambda tx: tx.inbox.log(ATS))
    assert store.query(lambda tx: tx.inbox.body(first.seq)) == b'{"canary": 1}'
    assert len(store.transact(lambda tx: tx.inbox.applied(ATS, [(PERSON, "1", under)], now=NOW))) == 1
    states = {one.delivery: one.state for one in store.query(lambda tx: tx.inbox.log(ATS))}
    assert states == {"d1": DeliveryState.APPLIED, "d2": DeliveryState.ACCEPTED, "d3": DeliveryState.ACCEPTED}
    assert store.query(lambda tx: tx.inbox.body(first.seq)) is None


def test_every_delivery_ends_in_a_state_that_is_shown(store: Store) -> None:
    ignored = replace(delivery(1), kind=None, external=None, state=DeliveryState.IGNORED, why="a ping")
    store.transact(lambda tx: tx.inbox.accept([ignored, delivery(2)]))
    (second, first) = store.query(lambda tx: tx.inbox.log(ATS))
    store.transact(lambda tx: tx.inbox.finish(second.seq, DeliveryState.FAILED, now=NOW, why="cannot be read"))
    (second, first) = store.query(lambda tx: tx.inbox.log(ATS))
    assert (first.state, first.why, first.size) == (DeliveryState.IGNORED, "a ping", 13)
    assert (second.state, second.why, second.finished) == (DeliveryState.FAILED, "cannot be read", NOW)


def test_bodies_go_with_time_and_entries_after_them(store: Store) -> None:
    store.transact(lambda tx: tx.inbox.accept([delivery(1)]))
    (entry,) = store.query(lambda tx: tx.inbox.log(ATS))
    assert store.transact(lambda tx: tx.inbox.expire(bodies=NOW + SECOND, entries=NOW + SECOND)) == 1
    assert store.query(lambda tx: tx.inbox.body(entry.seq)) is None
    assert store.query(lambda tx: tx.inbox.log(ATS)) == [entry]  # not finished: still to be seen
    store.transact(lambda tx: tx.inbox.finish(entry.seq, DeliveryState.FAILED, now=NOW))
    store.transact(lambda tx: tx.inbox.expire(bodies=NOW + SECOND, entries=NOW + SECOND))
    assert store.query(lambda tx: tx.inbox.log(ATS)) == []


def test_a_workspace_that_keeps_nothing_keeps_no_body(store: Store) -> None:
    store.transact(lambda tx: tx.stored.set_retention(WORKSPACE, "payload", 0))
    store.transact(lambda tx: tx.inbox.accept([delivery(1)]))
    (entry,) = store.query(lambda tx: tx.inbox.log(ATS))
    assert store.query(lambda tx: tx.inbox.body(entry.seq)) is None
    assert entry.size == 13


def test_refused_calls_are_logged_without_what_they_carried(store: Store) -> None:
    store.transact(lambda tx: tx.inbox.refused(WORKSPACE, ATS, at=NOW, status=401, size=99, why="forged"))
    (refusal,) = store.query(lambda tx: tx.inbox.refusals(ATS))
    assert (refusal.status, refusal.size, refusal.why, refusal.at) == (401, 99, "forged", NOW)


# ------------------------------------------------------------------------------------------------------------- tasks


def lease_tasks(store: Store, *, at: int = 0) -> list[TaskLease]:
    now = NOW + at * SECOND
    return store.transact(
        lambda tx: tx.tasks.lease(["score", "remind"], 10, now=now, until=now + 30 * SECOND, worker="one")
    )


def put(store: Store, key: str = "a", *, due: int = 0, **payload: m.Value) -> None:
    store.transact(lambda tx: tx.tasks.put(WORKSPACE, "score", key, due=NOW + due * SECOND, payload=payload))


def test_a_task_put_many_times_runs_once_with_the_last_payload(store: Store) -> None:
    put(store, why=("first", 1))
    put(store, why=("second", 2))
    (held,) = lease_tasks(store)
    assert held.payload == {"why": ("second", 2)}
    store.transact(lambda tx: tx.tasks.done(held))
    assert lease_tasks(store, at=60) == []


def test_a_task_put_while_it_runs_runs_once_more(store: Store) -> None:
    put(store)
    (held,) = lease_tasks(store)
    put(store, n=2)
    assert lease_tasks(store) == []
    store.transact(lambda tx: tx.tasks.done(held))
    (again,) = lease_tasks(store)
    assert again.payload == {"n": 2}


def gather(store: Store, *, now: int, due: int) -> None:
    at = NOW + now * SECOND
    store.transact(lambda tx: tx.tasks.gather(WORKSPACE, "score", "a", due=NOW + due * SECOND, now=at))


def test_what_many_ask_for_within_a_time_is_done_once_and_put_off_by_none_of_them(store: Store) -> None:
    for now in range(3):
        gather(store, now=now, due=now + 3)
    assert lease_tasks(store, at=2) == []
    (held,) = lease_tasks(store, at=3)
    store.transact(lambda tx: tx.tasks.done(held))
    assert lease_tasks(store, at=60) == []


def test_what_is_asked_for_while_it_is_done_is_done_once_more_and_no_sooner_than_asked(store: Store) -> None:
    gather(store, now=0, due=3)
    (held,) = lease_tasks(store, at=3)
    gather(store, now=4, due=7)
    store.transact(lambda tx: tx.tasks.done(held))
    assert lease_tasks(store, at=6) == []
    assert len(lease_tasks(store, at=7)) == 1


def test_what_is_asked_for_does_not_wait_for_a_later_time(store: Store) -> None:
    put(store, due=60)
    gather(store, now=0, due=3)
    assert len(lease_tasks(store, at=3)) == 1


def test_a_timer_fires_when_it_is_due_and_can_be_cancelled(store: Store) -> None:
    put(store, "a", due=10)
    put(store, "b", due=20)
    assert store.query(lambda tx: tx.tasks.next_due(["score"], now=NOW)) == NOW + 10 * SECOND
    assert lease_tasks(store, at=9) == []
    assert [one.key for one in lease_tasks(store, at=10)] == ["a"]
    assert store.transact(lambda tx: tx.tasks.cancel(WORKSPACE, "score", "b"))
    assert not store.transact(lambda tx: tx.tasks.cancel(WORKSPACE, "score", "b"))
    assert lease_tasks(store, at=20) == []


def test_a_task_is_tried_again_then_kept_as_dead_and_replayed_by_a_person(store: Store) -> None:
    put(store)
    (held,) = lease_tasks(store)
    store.transact(lambda tx: tx.tasks.again(held, due=NOW + 5 * SECOND, error="busy"))
    assert lease_tasks(store, at=4) == []
    (held,) = lease_tasks(store, at=5)
    assert held.tries == 1
    store.transact(lambda tx: tx.tasks.dead(held, error="cannot be scored"))
    assert lease_tasks(store, at=60) == []
    (dead,) = store.query(lambda tx: tx.tasks.list(WORKSPACE, state="dead"))
    assert (dead.key, dead.error, dead.tries) == ("a", "cannot be scored", 2)
    assert store.transact(lambda tx: tx.tasks.replay(WORKSPACE, "score", "a", now=NOW))
    assert [one.tries for one in lease_tasks(store)] == [0]


def test_a_task_lost_to_another_worker_cannot_be_ended(store: Store) -> None:
    put(store)
    (late,) = lease_tasks(store)
    (taken,) = lease_tasks(store, at=30)
    with pytest.raises(LeaseLostError):
        store.transact(lambda tx: tx.tasks.done(late))
    with pytest.raises(LeaseLostError):
        store.transact(lambda tx: tx.tasks.again(late, due=NOW))
    with pytest.raises(LeaseLostError):
        store.transact(lambda tx: tx.tasks.renew(late, until=NOW))
    store.transact(lambda tx: tx.tasks.done(taken))


# ----------------------------------------------------------------------------------------------------------- budgets


def take(store: Store, n: int, *, at: float = 0, work: Work = Work.WRITE, least: int = 1, going: bool = False) -> int:
    now = NOW + at * SECOND
    return store.transact(lambda tx: tx.budgets.take(ATS, "default", n, now=now, work=work, least=least, going=going)).n


def declare(store: Store, limit: int = 75) -> None:
    store.transact(lambda tx: tx.budgets.declare(ATS, "default", limit, 30 * SECOND))


def opens(store: Store, at: float, work: Work = Work.WRITE, least: int = 1) -> float:
    now = NOW + at * SECOND
    moment = store.query(lambda tx: tx.budgets.opens(ATS, "default", now=now, work=work, least=least))
    return (moment - NOW) / SECOND


def test_a_budget_is_granted_up_to_its_limit_in_each_window(store: Store) -> None:
    declare(store)
    assert [take(store, 50), take(store, 50, going=True), take(store, 1, going=True)] == [50, 25, 0]
    assert opens(store, 0) == 30
    assert take(store, 1, at=29) == 0
    assert take(store, 80, at=30, going=True) == 75
    store.transact(lambda tx: tx.budgets.give_back(ATS, "default", 5, work=Work.WRITE, until=NOW + 60 * SECOND))
    assert take(store, 10, at=31, going=True) == 5


def test_what_is_given_back_of_a_window_that_is_over_is_worth_nothing(store: Store) -> None:
    declare(store, 10)
    assert take(store, 10, going=True) == 10
    assert take(store, 10, at=30, going=True) == 10
    store.transact(lambda tx: tx.budgets.give_back(ATS, "default", 5, work=Work.WRITE, until=NOW + 30 * SECOND))
    assert take(store, 10, at=31, going=True) == 0


def test_each_sort_of_work_has_a_floor_and_the_more_urgent_more_than_that(store: Store) -> None:
    """Of 100: five are kept for each of the more urgent sorts, whether they ask or not; for the less urgent where they
    wait. What is not urgent finds less at the beginning of a window."""
    declare(store, 100)
    assert [take(store, 100, work=work, at=60 * i) for i, work in enumerate(Work)] == [100, 95, 70, 55]
    assert take(store, 100, work=Work.BACKFILL, at=300) == 55
    assert take(store, 100, work=Work.LIVE, at=301) == 40
    assert take(store, 100, work=Work.WRITE, at=302) == 5
    for work in (Work.BACKFILL, Work.SWEEP, Work.LIVE):
        assert take(store, 3, work=work, least=3, at=303) == 0
    assert take(store, 100, work=Work.WRITE, at=330) == 85


def test_a_piece_of_work_that_is_dearer_than_its_floor_gets_its_turn(store: Store) -> None:
    declare(store, 75)
    assert take(store, 75, work=Work.WRITE) == 75
    assert take(store, 12, work=Work.LIVE, least=12, at=1) == 0
    assert take(store, 75, work=Work.WRITE, at=30) == 63
    assert take(store, 12, work=Work.LIVE, least=12, at=31) == 12
    assert take(store, 1, work=Work.WRITE, at=32) == 0


def test_a_piece_that_no_window_can_hold_takes_what_a_window_can_give(store: Store) -> None:
    declare(store, 10)
    assert take(store, 12, work=Work.LIVE, least=12) == 9


def test_what_is_not_urgent_spreads_over_the_window(store: Store) -> None:
    declare(store, 100)
    assert take(store, 55, work=Work.BACKFILL) == 55
    assert take(store, 10, work=Work.BACKFILL, least=10, at=1) == 0
    when = opens(store, 1, Work.BACKFILL, 10)
    assert 1 < when < 30
    assert take(store, 10, work=Work.BACKFILL, least=10, at=when) == 10
    assert take(store, 20, work=Work.BACKFILL, at=29.99) == 20
    assert opens(store, 29.99, Work.BACKFILL) == 30


def test_what_work_has_cost_is_its_price_from_then_on(store: Store) -> None:
    def price() -> int:
        return store.query(lambda tx: tx.budgets.price(ATS, "default", work=Work.WRITE, usual=2))

    declare(store)
    assert price() == 2
    store.transact(lambda tx: tx.budgets.cost(ATS, "default", work=Work.WRITE, spent=30, units=10))
    assert price() == 3
    for _ in range(20):
        store.transact(lambda tx: tx.budgets.cost(ATS, "default", work=Work.WRITE, spent=100, units=100))
    assert price() == 1


def learn(store: Store, *, at: float = 0, **told: int | float) -> None:
    reset = told.get("reset")
    store.transact(
        lambda tx: tx.budgets.learn(
            ATS, "default", now=NOW + at * SECOND, limit=told.get("limit"), remaining=told.get("remaining"),  # type: ignore[arg-type]
            reset_at=None if reset is None else NOW + reset * SECOND,
        )
    )  # fmt: skip


def test_what_the_system_says_of_its_limit_is_obeyed(store: Store) -> None:
    declare(store)
    assert take(store, 1) == 1
    learn(store, limit=50, remaining=3, reset=7)
    assert take(store, 10, going=True) == 3
    assert opens(store, 0) == 7
    assert take(store, 80, at=7, going=True) == 50
    declare(store)  # a restart forgets nothing
    assert store.query(lambda tx: tx.budgets.list(ATS))[0].limit == 50


def test_an_answer_of_a_window_that_is_over_opens_no_other(store: Store) -> None:
    declare(store)
    assert take(store, 75, at=40, going=True) == 75
    learn(store, at=41, limit=75, remaining=70, reset=40)
    assert take(store, 10, at=41, going=True) == 0


def test_an_answer_of_the_last_window_that_is_stored_late_leaves_the_running_one_as_it_is(store: Store) -> None:
    """A round that began at 29 is stored when other work has begun the next window already."""
    declare(store)
    assert take(store, 72, going=True) == 72
    assert take(store, 1, at=31) == 1
    learn(store, at=29, limit=75, remaining=3, reset=30)
    assert take(store, 80, at=32, going=True) == 74


def test_a_window_of_the_systems_own_counts_from_its_own_beginning(store: Store) -> None:
    """By our count the window ran until 30; the system's own began anew at 10."""
    declare(store)
    assert take(store, 70) == 70
    learn(store, at=10, limit=75, remaining=74, reset=40)
    assert take(store, 80, at=11, going=True) == 74


def test_a_class_nobody_declared_is_unlimited(store: Store) -> None:
    assert take(store, 1000) == 1000


# ------------------------------------------------------------------------------------------------------- connections


def connect(store: Store) -> Connection:
    connection = Connection(
        ATS, WORKSPACE, "main ats", "greenhouse", m.Label.SIMULATOR, "http://127.0.0.1:1", NOW,
        scope=m.Scope(jobs=frozenset({"j2", "j1"})), settings={"a": (1, {"b": None})},
    )  # fmt: skip
    store.transact(lambda tx: tx.connections.add(connection))
    return connection


def test_a_connection_is_kept_as_it_was_given(store: Store) -> None:
    connection = connect(store)
    assert store.query(lambda tx: tx.connections.get(ATS)) == connection
    assert store.query(lambda tx: tx.connections.named(WORKSPACE, "main ats")) == connection
    changed = replace(connection, mode=m.Mode.LIVE, live_since=NOW, paused="asked to", crawled=True, choices={"x": "y"})
    store.transact(lambda tx: tx.connections.set(changed))
    assert store.query(lambda tx: tx.connections.list(WORKSPACE)) == [changed]
    assert store.query(lambda tx: tx.connections.list("other")) == []


def test_credentials_are_sealed(store: Store) -> None:
    connect(store)
    assert store.query(lambda tx: tx.connections.credentials(ATS)) == {}
    store.transact(lambda tx: tx.connections.set_credentials(ATS, {"secret": "canary-4711"}))
    assert store.query(lambda tx: tx.connections.credentials(ATS)) == {"secret": "canary-4711"}


def test_a_broken_connection_is_probed_by_one_caller_at_a_time(store: Store) -> None:
    connect(store)

    def may(at: int) -> Call:
        now = NOW + at * SECOND
        return store.transact(lambda tx: tx.connections.may_call(ATS, now=now, probe_until=now + 5 * SECOND))

    assert may(0) is Call.OPEN
    store.transact(lambda tx: tx.connections.hold_off(ATS, until=NOW + 10 * SECOND, why="503"))
    assert [may(9), may(10), may(11), may(15)] == [Call.WAIT, Call.PROBE, Call.WAIT, Call.PROBE]
    assert store.transact(lambda tx: tx.connections.healthy(ATS))
    assert not store.transact(lambda tx: tx.connections.healthy(ATS))
    assert may(16) is Call.OPEN
    store.transact(lambda tx: tx.connections.wait(ATS, until=NOW + 20 * SECOND))
    assert [may(19), may(20)] == [Call.WAIT, Call.OPEN]


def test_cursors_keep_any_value(store: Store) -> None:
    connect(store)
    assert store.query(lambda tx: tx.connections.cursor(ATS, "backfill")) is None
    place: m.Value = {"page": 3, "seen": ("a", 1.5, None)}
    store.transact(lambda tx: tx.connections.set_cursor(ATS, "backfill", place, now=NOW))
    assert store.query(lambda tx: tx.connections.cursor(ATS, "backfill")) == place
    assert store.query(lambda tx: tx.connections.cursors(ATS)) == {"backfill": (place, NOW)}


def test_a_removed_connection_leaves_no_work_behind(store: Store) -> None:
    connect(store)
    want(store, "1")
    save(store, 1)
    store.transact(lambda tx: tx.connections.remove(ATS))
    assert store.query(lambda tx: tx.connections.list()) == []
    assert lease(store, at=60) == []
    assert lease_writes(store, at=60) == []
    assert store.query(lambda tx: tx.families.family("family-000001")).links
    assert store.query(lambda tx: tx.reads.waiting([ATS, TOOL], now=NOW)) == []
    assert store.query(lambda tx: tx.families.resolve(TOOL, [(STAGE, "1")])) == {}
