"""Work is done once however many work at it, and what cannot be done holds up nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.databases import both_databases

from bascule.core.plan import Plan
from bascule.engine.reconcile import Reconcile
from bascule.errors import ConfigurationError, StaleError
from bascule.model import Family, Kind, ReviewKind
from bascule.sandbox.greenhouse import people
from bascule.store import Tx

from .kit import OWNER, ROBIN, Builder, House


async def both_quiet(house: House, second: House) -> None:
    """Do all that is due with two workers that take turns, each round's work side by side."""
    for _ in range(2000):
        sent = await house.sandbox.hooks.deliver_due()
        rounds = [await one.app.worker.step() for one in (house, second)]
        await asyncio.gather(house.app.runtime.settle(), second.app.runtime.settle())
        if not sent and not any(rounds):
            if house.sandbox.hooks.waiting == 0 and house.clock.at.second % 10 == 9:
                return
            house.clock.move(0.2)
    raise AssertionError("no end of work")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_two_workers_share_the_work_and_nothing_happens_twice(build: Builder) -> None:
    house = await build.house()
    second = await build.second(house)
    applied = [await house.apply("P", f"Number{i}", f"p{i}@example.org") for i in range(20)]
    await both_quiet(house, second)
    for one in applied:
        assert house.custom(house.application(one.application))["bascule_ai_status"] == "scored"
        assert len(house.notes(one.candidate)) == 1
    scores = [c for c in house.written("applications") if c.field == "custom_fields.bascule_match_score"]
    assert len(scores) == len(applied)
    known = await house.app.store.read(lambda tx: tx.pages.records(house.app.workspace))
    assert known[Kind.CANDIDATE] == len(applied)
    assert not await house.open_failures()
    assert house.app.metrics.lag(house.at.id) != (None, None)
    assert second.app.metrics.lag(house.at.id) != (None, None)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_another_process_learns_of_a_connection_and_of_its_pause(build: Builder) -> None:
    house = await build.house(None)
    second = await build.second(house)
    await house.connect()
    for _ in range(40):
        house.clock.move(1)
        await second.app.worker.step()
        await second.app.runtime.settle()
    assert second.app.connections.named(house.name).row.mode == "live"
    await house.app.accounts.pause(house.name, OWNER)
    for _ in range(10):
        house.clock.move(1)
        await second.app.worker.step()
        await second.app.runtime.settle()
    assert second.app.connections.named(house.name).row.paused


@both_databases
async def test_an_outcome_that_comes_after_the_lane_was_taken_over_is_dropped(build: Builder) -> None:
    """Whoever took the lane over knows nothing of the answer: it looks, and what is neither the old value nor ours is
    recorded, not taken and not written over. The answer that comes after all changes nothing."""
    house = await build.house()
    applied = await house.apply()
    await house.pass_time(3)
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    gate, answered = asyncio.Event(), asyncio.Event()
    send = house.app.deliver._send

    async def slow(at, prepared, ends):  # type: ignore[no-untyped-def]
        done = await send(at, prepared, ends)
        answered.set()
        await gate.wait()
        return done

    house.app.deliver._send = slow  # type: ignore[method-assign]
    await house.app.changes.edit(record.id, {"first_name": "Augusta"}, OWNER)
    await house.app.worker.step()
    await answered.wait()
    house.app.deliver._send = send  # type: ignore[method-assign]
    people.update(house.sandbox, ROBIN, applied.candidate, {"first_name": "Somebody else's"})
    house.clock.move(100)  # the lease is over
    taken = await house.app.worker.step()
    assert taken is not None
    assert taken.writes, "the lane is taken over"
    lost: list[str] = []
    house.app.worker.on_lost = lost.append
    gate.set()
    await house.pass_time(80)
    assert lost == ["write"]
    assert house.candidate(applied.candidate)["first_name"] == "Somebody else's"
    assert await house.value(Kind.CANDIDATE, applied.candidate, "first_name") == "Augusta"
    (conflict,) = await house.open_reviews()
    assert (conflict.review.kind, conflict.review.field) == (ReviewKind.CONFLICT, "first_name")
    assert conflict.review.detail["seen"] == "Somebody else's"
    assert len([c for c in house.written("candidates") if c.field == "first_name"]) == 1


@both_databases
async def test_a_worker_that_slept_past_its_lease_sends_nothing(house: House) -> None:
    """It had prepared the call and was stopped before it sent it: whoever holds the lane by now looks and sends."""
    applied = await house.apply()
    await house.pass_time(3)
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    send, lost, before = house.app.deliver._send, list[str](), house.calls("PATCH", "candidates")

    async def asleep(at, prepared, ends):  # type: ignore[no-untyped-def]
        house.clock.move(100)
        return await send(at, prepared, ends)

    house.app.deliver._send = asleep  # type: ignore[method-assign]
    house.app.worker.on_lost = lost.append
    await house.app.changes.edit(record.id, {"first_name": "Augusta"}, OWNER)
    await house.app.worker.step()
    await house.app.runtime.settle()
    house.app.deliver._send = send  # type: ignore[method-assign]
    assert lost == ["write"]
    assert house.calls("PATCH", "candidates") == before
    await house.pass_time(80)
    assert house.candidate(applied.candidate)["first_name"] == "Augusta"
    assert house.calls("PATCH", "candidates") == before + 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_score_of_a_worker_that_slept_past_its_lease_is_dropped(build: Builder) -> None:
    """It had read the CV and was stopped; another worker scored, and said so in a note. One note is enough."""
    house = await build.house()
    second = await build.second(house)
    reading, awake, rubric, lost = asyncio.Event(), asyncio.Event(), house.app.rubrics.of, list[str]()

    async def asleep(job, newest):  # type: ignore[no-untyped-def]
        done = await rubric(job, newest)
        reading.set()
        await awake.wait()
        return done

    house.app.rubrics.of = asleep  # type: ignore[method-assign]
    house.app.worker.on_lost = lost.append
    applied = await house.apply()
    while not reading.is_set():
        await house.sandbox.hooks.deliver_due()
        await house.app.worker.step()
        await asyncio.sleep(0)
        house.clock.move(0.2)
    house.clock.move(100)
    await second.quiet()
    assert len(house.notes(applied.candidate)) == 1, "taken over"
    awake.set()
    await house.app.runtime.settle()
    await second.leap(400, step=60)
    assert "task" in lost
    assert len(house.notes(applied.candidate)) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("slept", "notes"), [(100, 1), (900, 2)], ids=["within its limit", "past it"])
async def test_a_call_that_leaves_after_all_is_found_or_shown(build: Builder, slept: float, notes: int) -> None:
    """Stopped between the last check and the wire, which nothing can rule out: whoever took over looks for the note until
    it can no longer land by the connector's limit. What lands even later carries the same mark, and a person is told."""
    house = await build.house()
    second = await build.second(house)
    stopped, awake, send = asyncio.Event(), asyncio.Event(), house.transport.send

    async def asleep(request, timeout):  # type: ignore[no-untyped-def]
        if request.method == "POST" and request.url.endswith("/notes") and not stopped.is_set():
            stopped.set()
            await awake.wait()
            return await send(replace(request, check=lambda: None), timeout)
        return await send(request, timeout)

    house.transport.send = asleep  # type: ignore[method-assign]
    applied = await house.apply()
    while not stopped.is_set():
        await house.sandbox.hooks.deliver_due()
        await house.app.worker.step()
        await asyncio.sleep(0)
        house.clock.move(0.2)
    house.clock.move(100)
    await second.leap(slept, step=20)
    awake.set()
    await house.app.runtime.settle()
    await second.leap(900, step=60)
    assert len(house.notes(applied.candidate)) == notes
    found = [one.review.kind for one in await second.open_reviews()]
    assert found == ([] if notes == 1 else [ReviewKind.DUPLICATE])


@both_databases
async def test_a_stop_does_not_wait_for_work_that_takes_long(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep of a hundred pages may wait for its turn for minutes: it is cut off, and taken up where it was."""
    monkeypatch.setattr("bascule.app.GRACE", 0.1)
    begun = asyncio.Event()

    async def endless(task):  # type: ignore[no-untyped-def]
        begun.set()
        await asyncio.Event().wait()

    house.app.worker.handlers["endless"] = endless
    now = house.clock()
    await house.app.store.write(lambda tx: tx.tasks.put(house.app.workspace, "endless", "one", due=now))
    house.app.runtime.spawn(house.app.worker.run(), "worker")
    await begun.wait()
    async with asyncio.timeout(20):
        await house.app.stop()


@both_databases
async def test_a_task_that_takes_longer_than_its_lease_is_held_on_to(house: House) -> None:
    gate, runs = asyncio.Event(), list[str]()

    async def slow(task):  # type: ignore[no-untyped-def]
        runs.append(task.key)
        await gate.wait()

    house.app.worker.handlers["slow"] = slow
    now = house.clock()
    await house.app.store.write(lambda tx: tx.tasks.put(house.app.workspace, "slow", "one", due=now))
    for _ in range(8):
        await house.app.worker.step()
        house.clock.move(40)
    assert runs == ["one"]
    gate.set()
    await house.pass_time(1)
    assert not await house.app.store.read(lambda tx: tx.tasks.list(house.app.workspace, name="slow"))


@both_databases
async def test_an_object_that_cannot_be_planned_holds_up_nobody_and_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned = await house.apply("Poison", "Ivy", "poison@example.org")
    good = await house.apply("Good", "Apple", "good@example.org")
    keep = Reconcile._keep_raw

    def fail(self, tx, at, planned, read):  # type: ignore[no-untyped-def]
        if str(poisoned.candidate) in {part.external for part in read.parts}:
            raise RuntimeError("cannot be")
        keep(self, tx, at, planned, read)

    monkeypatch.setattr(Reconcile, "_keep_raw", fail)
    await house.quiet()
    assert house.custom(house.application(good.application))["bascule_ai_status"] == "scored"
    assert await house.family(Kind.CANDIDATE, poisoned.candidate) is None
    notices = (await house.app.standing.status())["notices"]
    assert any(str(poisoned.candidate) in one["text"] for one in notices)
    assert house.failures
    house.failures.clear()
    monkeypatch.setattr(Reconcile, "_keep_raw", keep)
    people.update(house.sandbox, ROBIN, poisoned.candidate, {"title": "Healed"})
    await house.quiet()
    assert await house.value(Kind.CANDIDATE, poisoned.candidate, "title") == "Healed"


async def test_a_read_in_which_others_are_always_faster_is_made_ever_more_rarely_and_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlucky = await house.apply("Un", "Lucky", "unlucky@example.org")
    good = await house.apply("Good", "Apple", "good@example.org")
    keep, turns = Reconcile._keep_raw, set[int]()

    def faster(self, tx, at, planned, read):  # type: ignore[no-untyped-def]
        if str(unlucky.candidate) in {part.external for part in read.parts}:
            turns.add(read.number)
            raise StaleError("somebody was faster")
        keep(self, tx, at, planned, read)

    monkeypatch.setattr(Reconcile, "_keep_raw", faster)
    await house.pass_time(8)
    assert house.custom(house.application(good.application))["bascule_ai_status"] == "scored"
    assert not house.failures
    await house.pass_time(112)
    assert 5 <= len(turns) <= 10
    assert any(str(unlucky.candidate) in text for text in await house.notices("unreadable object"))
    assert house.failures
    house.failures.clear()
    monkeypatch.setattr(Reconcile, "_keep_raw", keep)
    await house.pass_time(180)
    assert await house.family(Kind.CANDIDATE, unlucky.candidate) is not None
    assert not await house.notices("unreadable object"), "it can be read again: nobody need say so"


@both_databases
async def test_a_hundred_hints_for_one_object_are_a_handful_of_reads(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    before = house.calls("GET", "candidates")
    for i in range(100):
        people.update(house.sandbox, ROBIN, applied.candidate, {"title": f"Title {i}"})
    await house.pass_time(3)  # a note was just written there: what is read together with it is read behind its fence
    assert await house.value(Kind.CANDIDATE, applied.candidate, "title") == "Title 99"
    assert house.calls("GET", "candidates") - before <= 3


@both_databases
async def test_restarting_in_the_middle_loses_and_doubles_nothing(build: Builder) -> None:
    house = await build.house()
    applied = [await house.apply("P", f"Number{i}", f"p{i}@example.org") for i in range(8)]
    for _ in range(4):
        await house.sandbox.hooks.deliver_due()
        await house.app.worker.step()
        await build.restart(house)
        house.clock.move(0.5)
    house.clock.move(100)
    await house.pass_time(10)
    for one in applied:
        assert house.custom(house.application(one.application))["bascule_ai_status"] == "scored"
        assert len(house.notes(one.candidate)) == 1


@both_databases
@pytest.mark.parametrize("error", [StaleError("somebody was faster"), ConfigurationError("no"), RuntimeError("odd")])
async def test_a_round_that_fails_for_whatever_reason_comes_back(house: House, error: Exception) -> None:
    async def fail(_task: object) -> float:
        raise error

    poll = house.app.worker.handlers["poll"]
    house.app.worker.handlers["poll"] = fail  # type: ignore[assignment]
    await house.leap(1800, step=300)
    house.failures.clear()
    house.app.worker.handlers["poll"] = poll
    house.sandbox.faults.add({"kind": "drop", "times": 100})
    applied = await house.apply()
    await house.leap(400, step=60)
    assert house.custom(house.application(applied.application))["bascule_ai_status"] == "scored"
    assert not (await house.app.standing.status())["dead_tasks"]


@both_databases
async def test_a_lane_in_which_others_were_always_faster_goes_on_in_a_moment(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compare-and-set missed again and again, before and after the call: nothing is doubled, and nobody waits for the
    lease to end."""
    lost = [0]
    plain = Reconcile.save_if_moved

    def faster(self: Reconcile, tx: Tx, before: Family, planned: Plan) -> Family:
        if before.kind is Kind.CANDIDATE and before.writes and lost[0] < 24:
            lost[0] += 1
            raise StaleError("somebody was faster")
        return plain(self, tx, before, planned)

    monkeypatch.setattr(Reconcile, "save_if_moved", faster)
    applied = await house.apply()
    await house.pass_time(30)
    assert lost[0] == 24
    assert house.custom(house.application(applied.application))["bascule_ai_status"] == "scored"
    assert len(house.notes(applied.candidate)) == 1
    assert house.failures == []
