"""One rate for all workers, obeyed as the system tells it; what a person waits for goes first."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest
from tests.databases import both_databases

from bascule.engine.http import Observation
from bascule.engine.rates import Rates, window_end
from bascule.engine.runtime import Runtime
from bascule.model import AI, Edit, Kind
from bascule.sandbox import greenhouse
from bascule.sandbox.greenhouse import people

from .kit import OWNER, ROBIN, Builder, Clock, House, Wire

if TYPE_CHECKING:
    from bascule.store import Store, Tx

DOCUMENTED = greenhouse.Rate(75, 30.0)


def refused(house: House) -> int:
    return sum(one.status == 429 for one in house.transport.log)


def windows(house: House, since: datetime) -> Counter[int]:
    """Requests of ours in each of the system's own windows, from that of this moment on."""
    log = [int(one.at.timestamp() // 30) for one in house.transport.log if one.path.startswith("/v3/")]
    return Counter(window for window in log if window >= int(since.timestamp() // 30))


async def busy(house: House, people: int) -> None:
    """That many apply at once."""
    for i in range(people):
        await house.apply("P", f"Number{i}", f"p{i}@example.org", job="Staff Nurse" if i % 2 else "Backend Engineer")


@both_databases
async def test_the_documented_rate_is_never_passed_while_a_backlog_is_worked_off(build: Builder) -> None:
    house = await build.house(rate=DOCUMENTED)
    began, before = house.clock.at, refused(house)
    await busy(house, 60)
    await house.until(lambda: all_scored(house, 60), within=3600)
    assert refused(house) == before == 0
    *full, _last = windows(house, began).values()
    assert max(full) <= 75
    assert min(full) >= 65, "the budget is used, not only kept"


def all_scored(house: House, people: int) -> bool:
    rows = list(house.sandbox.db["applications"])
    return sum(house.custom(row).get("bascule_ai_status") == "scored" for row in rows) == people


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_two_workers_obey_one_rate(build: Builder) -> None:
    house = await build.house(rate=DOCUMENTED)
    second = await build.second(house)
    began = house.clock.at
    await busy(house, 20)
    for _ in range(3000):
        sent = await house.sandbox.hooks.deliver_due()
        await asyncio.gather(house.app.worker.step(), second.app.worker.step())
        await asyncio.gather(house.app.runtime.settle(), second.app.runtime.settle())
        if not sent and all_scored(house, 20):
            break
        house.clock.move(0.3)
    assert all_scored(house, 20)
    assert refused(house) == 0
    assert max(windows(house, began).values()) <= 75


async def test_a_persons_edit_overtakes_what_machines_write(build: Builder) -> None:
    house = await build.house()
    applied = [await house.apply("P", f"Number{i}", f"p{i}@example.org") for i in range(40)]
    await house.pass_time(10)
    records = [await house.record(Kind.CANDIDATE, one.candidate) for one in applied]
    house.sandbox.access.requests.rate = DOCUMENTED
    await house.pass_time(31)
    for record in records:
        edit = Edit(house.app.runtime.id(), record.id, {"tags": ("a", "b", "c")}, AI, house.app.runtime.id())
        await house.app.reconcile.edit(record.family, [edit])
    await house.app.changes.edit(records[-1].id, {"first_name": "Augusta"}, OWNER)
    asked, last = house.clock.at, applied[-1].candidate
    await house.until(lambda: house.candidate(last)["first_name"] == "Augusta", within=31)
    assert house.clock.at - asked < timedelta(seconds=31), "at most until the system's window opens"
    assert sum("c" in house.tags(one.candidate) for one in applied) < 25


async def test_the_look_at_the_accounts_configuration_waits_for_room_like_everything_else(build: Builder) -> None:
    """It falls due every hour, in a full window too."""
    house = await build.house(rate=DOCUMENTED)
    await house.pass_time(40)
    began, opens = house.clock.at, house.clock.at + timedelta(seconds=20)

    def full(tx: Tx) -> None:
        tx.budgets.learn(house.at.id, "default", now=began, remaining=0, reset_at=opens)
        tx.tasks.put(house.app.workspace, "discover", house.at.id, due=began)

    await house.app.store.write(full)
    await house.pass_time(140)
    asked = [one for one in house.transport.log if one.at >= began and one.path.startswith("/v3/")]
    assert [one for one in asked if one.at < opens] == []
    assert "/v3/custom_fields" in [one.path for one in asked]


async def test_what_the_system_asks_for_is_waited_for_exactly(house: House) -> None:
    await house.pass_time(40)
    house.sandbox.faults.add({"kind": "answer", "method": "GET", "path": "/v3/", "status": 429, "retry_after": 47})
    await house.until(lambda: refused(house) == 1, within=30)
    told = next(one.at for one in house.transport.log if one.status == 429)
    await house.pass_time(60)
    after = [one.at - told for one in house.transport.log if one.at > told and one.path.startswith("/v3/")]
    assert timedelta(seconds=47) <= min(after) <= timedelta(seconds=49)


def test_a_rate_limit_without_a_time_is_asked_again_ever_more_rarely() -> None:
    """Until an answer shows that it is over; what was under way beside the refused request does not count again."""
    clock = Clock()
    rates = Rates(cast("Store", None), Runtime(cast("Wire", None), now=clock))

    def answer(status: int, retry_after: timedelta | None = None, reset: str = "") -> float:
        seen = Observation("GET", "/things", status, "default", clock.at, 0.1, retry_after=retry_after, reset=reset)
        rates.observe("ats", seen)
        return round((rates.waits("ats", "default") - clock.at).total_seconds())

    waits: list[float] = []
    for _ in range(7):
        waits.append(answer(429))
        assert answer(429) == waits[-1]
        assert answer(200) == waits[-1]
        clock.move(waits[-1] + 1)
    assert waits == [30, 60, 120, 240, 480, 900, 900]
    answer(200)
    assert answer(429) == 30
    clock.move(31)
    answer(200)
    assert answer(429, timedelta(seconds=7)) == 7
    clock.move(8)
    answer(200)
    assert answer(429, reset="11") == 11
    clock.move(12)
    assert answer(429, timedelta(seconds=2)) == 2
    clock.move(3)
    assert answer(429) == 30  # what named its time was waited for exactly, and says nothing of how long this one lasts


def test_the_systems_window_is_read_by_its_own_clock() -> None:
    at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def ends(reset: str, date: str = "") -> float | None:
        seen = Observation("GET", "/things", 200, "default", at, 1.0, reset=reset, date=date)
        found = window_end(seen)
        return None if found is None else (found - at).total_seconds()

    epoch = int(at.timestamp()) + 25
    assert ends(str(epoch)) == 25
    assert ends("12") == 13
    assert ends("soon") is None
    assert ends(str(epoch), "Fri, 20 Nov 2026 09:00:01 GMT") == 25
    assert ends(str(epoch), "Fri, 20 Nov 2026 08:50:00 GMT") == 626, "their clock is ten minutes behind ours"
    assert ends(str(epoch), "Fri, 20 Nov 2026 09:00:10 GMT") == 16, "and here nine seconds ahead"


async def test_a_lower_limit_than_documented_is_learned_and_kept(build: Builder) -> None:
    house = await build.house(rate=greenhouse.Rate(40, 30.0))
    await house.pass_time(60)
    before, began = refused(house), house.clock.at
    await busy(house, 10)
    people.update(house.sandbox, ROBIN, (await house.apply()).candidate, {"title": "Learner"})
    await house.until(lambda: all_scored(house, 11), within=3600)
    assert refused(house) == before
    assert max(windows(house, began).values()) <= 40
    budgets = await house.app.store.read(lambda tx: tx.budgets.list(house.at.id))
    assert [(one.limit, one.learned) for one in budgets if one.cls == "default"] == [(40, True)]
