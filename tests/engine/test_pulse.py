"""Is the bridge up, by the written objective; and did webhooks go quiet while changes happen?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bascule.engine.pulse import DAYS, OBJECTIVE, SILENT, Uptime, counted, uptime
from bascule.model import Mode, Value
from bascule.sandbox.greenhouse import people

from .kit import DANA, OWNER, ROBIN, Builder, House

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


async def notices(house: House) -> list[str]:
    found = await house.app.store.read(lambda tx: tx.notices.list(house.app.workspace))
    return [one.kind for one in found]


def test_the_error_budget_is_what_the_objective_lets_one_miss() -> None:
    assert Uptime().share is None
    assert Uptime().left is None
    assert Uptime(1000, 1000).left == 1
    assert Uptime(995, 1000).left == pytest.approx(0)
    assert Uptime(990, 1000).left == pytest.approx(-1)
    assert Uptime(998, 1000).left == pytest.approx(0.6)
    assert OBJECTIVE == 0.995


def test_days_older_than_the_objective_looks_back_are_forgotten() -> None:
    kept: Value = None
    for day in range(40):
        kept = counted(kept, NOW + timedelta(days=day), good=day >= 20)
    assert uptime(kept) == Uptime(20, DAYS)


async def test_a_system_that_is_away_counts_as_down_and_a_pause_by_a_person_does_not(house: House) -> None:
    await house.pass_time(120)
    before = uptime(await cursor(house, "uptime"))
    assert before.share == 1
    house.sandbox.faults.add({"kind": "answer", "method": "GET", "path": "/v3/", "status": 503, "until": 600})
    await house.pass_time(180)
    down = (await house.app.vitals.of(house.at))["uptime"]
    assert down["share"] < 0.8
    assert down["budget_left"] < 0
    assert (await house.app.vitals.of(house.at))["error_rate"] > 0
    await house.app.accounts.pause(house.name, OWNER)
    paused = uptime(await cursor(house, "uptime"))
    await house.pass_time(180)
    assert uptime(await cursor(house, "uptime")) == paused


async def cursor(house: House, name: str) -> Value:
    return await house.app.store.read(lambda tx: tx.connections.cursor(house.at.id, name))


async def test_webhooks_that_go_quiet_while_polls_find_changes_are_noticed_and_their_return_too(house: House) -> None:
    applied = [await house.apply("P", f"N{i}", f"n{i}@example.org") for i in range(4)]
    await house.leap(1200)
    assert SILENT not in await notices(house), "nothing happened there, so nothing is missing"
    for hook in list(house.sandbox.db["webhooks"]):
        house.sandbox.hooks.remove(DANA, hook["id"])
    for one in applied:
        people.update(house.sandbox, ROBIN, one.candidate, {"title": "Edited"})
        await house.pass_time(90)
    await house.pass_time(60)
    assert SILENT in await notices(house)
    told = await house.app.vitals.of(house.at)
    assert told["silent_since"] is not None
    await house.deliver(b'{"action": "ping", "payload": {}}')
    await house.pass_time(40)
    assert SILENT not in await notices(house)


async def test_health_tells_figures_for_every_list(build: Builder) -> None:
    house = await build.house(Mode.OBSERVE, hooks=False)
    applied = await house.apply()
    await house.pass_time(70)
    people.update(house.sandbox, ROBIN, applied.candidate, {"title": "Gardener"})
    await house.pass_time(70)
    (told,) = await house.app.vitals.told()
    objects = {one["list"]: one for one in told["objects"]}
    assert {"candidates", "applications", "notes", "tags", "jobs"} <= objects.keys()
    seen = objects["candidates"]
    assert seen["since_success"] < 70
    assert seen["error_rate"] == 0
    assert 0 < seen["p50"] <= seen["p95"] <= seen["p99"] <= seen["promise"]
    assert told["backlog"] == {"reads": 0, "writes": 0}
