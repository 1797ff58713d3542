"""Intervals, promises and estimates: set by the owner, kept inside the rate, beside what is measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bascule.engine.eta import EACH, Eta, Past, forecast, noted
from bascule.errors import InputError
from bascule.model import Mode
from bascule.sandbox import greenhouse
from bascule.sandbox.greenhouse import people
from bascule.store.budgets import FLOOR, POLLS, POLLS_IDLE, Budget, Share, Work
from bascule.store.queries import Queue

from .kit import OWNER, ROBIN, Builder, House

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BUDGET = Budget("default", 100, timedelta(seconds=30), NOW + timedelta(seconds=30), 0, learned=False)


def with_share(work: Work, **values: float) -> Budget:
    return replace(BUDGET, shares={work: Share(**values)})  # type: ignore[arg-type]


def asked(house: House, since: datetime, fields: str) -> list[datetime]:
    """When a list was asked, by a word in its address."""
    return [one.at for one in house.transport.log if one.at >= since and one.path == fields and one.method == "GET"]


# ------------------------------------------------------------------------------------------------------------ set


async def test_an_interval_is_in_force_with_the_next_reading_and_stands_in_the_audit(house: House) -> None:
    usual = {one["list"]: one for one in await house.app.rhythms.told(house.name)}["users"]
    assert (usual["every"], usual["chosen"]) == (600.0, False)
    began = house.clock.at
    await house.app.rhythms.choose(house.name, "users", 20, None, OWNER)
    await house.pass_time(65)
    gaps = asked(house, began, "/v3/users")
    assert gaps[0] - began < timedelta(seconds=2), "due at once"
    rests = [later - earlier for earlier, later in pairwise(gaps)]
    assert len(rests) >= 2
    assert all(timedelta(seconds=20) <= one < timedelta(seconds=24) for one in rests), rests
    lines = await house.app.store.read(lambda tx: tx.audit.of_action(house.app.workspace, "rhythm changed"))
    (line,) = lines
    assert (line.actor_id, line.connection) == (OWNER.id, house.at.id)
    await house.app.rhythms.choose(house.name, "users", 0, None, OWNER)
    back = {one["list"]: one for one in await house.app.rhythms.told(house.name)}["users"]
    assert (back["every"], back["chosen"]) == (600.0, False)


async def test_a_promise_stands_beside_what_was_measured(build: Builder) -> None:
    house = await build.house(Mode.OBSERVE, hooks=False)
    await house.app.rhythms.choose(house.name, "candidates", 10, 15, OWNER)
    applied = await house.apply()
    await house.pass_time(30)
    for title in ("Gardener", "Nurse", "Cook"):
        people.update(house.sandbox, ROBIN, applied.candidate, {"title": title})
        await house.pass_time(25)
    told = {one["list"]: one for one in await house.app.rhythms.told(house.name)}["candidates"]
    assert (told["every"], told["promise"], told["kept"], told["late"]) == (10.0, 15.0, True, False)
    assert told["p50"] is not None
    assert 9 <= told["p50"] <= 15
    house.app.metrics.seen(house.at.id, "candidates", 900.0)
    late = {one["list"]: one for one in await house.app.rhythms.told(house.name)}["candidates"]
    assert late["late"] is True


async def test_what_webhooks_tell_of_is_measured_from_their_coming(house: House) -> None:
    await house.apply()
    await house.pass_time(10)
    told = {one["list"]: one for one in await house.app.rhythms.told(house.name)}["candidates"]
    assert told["told"]
    assert told["promise"] == 2.0
    assert 0 < told["p50"] <= told["p99"] < 5


@pytest.mark.parametrize(
    ("of", "every", "promise", "said"),
    [
        ("nothing", 10, None, "no list 'nothing'"),
        ("users", 0.2, None, "not between"),
        ("users", 1e9, None, "not between"),
        ("tags", 60, 30, "cannot be here within 30 s"),
    ],
)
async def test_what_cannot_be_kept_is_refused_and_changes_nothing(
    house: House, of: str, every: float, promise: float | None, said: str
) -> None:
    before = house.at.row.settings
    with pytest.raises(InputError, match=said):
        await house.app.rhythms.choose(house.name, of, every, promise, OWNER)
    assert house.at.row.settings == before


# ------------------------------------------------------------------------------------------------- inside the rate


def test_lists_yield_to_people_and_changes_and_quicken_when_nothing_else_asks() -> None:
    assert BUDGET.for_polls(NOW) == POLLS_IDLE
    assert with_share(Work.BACKFILL, pace=40.0).for_polls(NOW) == POLLS
    assert with_share(Work.LIVE, pace=40.0).for_polls(NOW) == pytest.approx(0.35)
    assert with_share(Work.WRITE, pace=90.0).for_polls(NOW) == FLOOR
    refused = replace(BUDGET, shares={Work.WRITE: Share(refused=NOW - timedelta(seconds=5), price=3)})
    assert refused.for_polls(NOW) == FLOOR
    assert refused.for_polls(NOW + timedelta(seconds=90)) == POLLS_IDLE


def test_what_was_used_fades_over_windows_that_nobody_began() -> None:
    busy = with_share(Work.LIVE, used=100)
    later = busy.at(NOW + timedelta(seconds=30)).share(Work.LIVE)
    assert (later.used, later.pace) == (0, pytest.approx(30.0))
    assert busy.at(NOW + timedelta(seconds=300)).share(Work.LIVE).pace < 2


async def test_polls_slow_down_while_a_backlog_needs_the_rate_and_come_back(build: Builder) -> None:
    house = await build.house(rate=greenhouse.Rate(75, 30.0))
    await house.pass_time(120)
    quiet = house.clock.at
    await house.pass_time(60)
    assert len(asked(house, quiet, "/v3/notes")) >= 60 / 3, "notes are polled and swept every three seconds"
    for i in range(150):
        await house.apply("P", f"N{i}", f"n{i}@example.org")
    await house.pass_time(60)
    row = (await house.app.standing.status())["connections"][0]
    assert row["eta"] is not None
    await house.pass_time(30)
    polls = {one["list"]: one for one in await house.app.rhythms.told(house.name)}["tags"]
    assert polls["now_every"] > 2 * polls["every"]
    await house.leap(900)
    assert {one["list"]: one for one in await house.app.rhythms.told(house.name)}["tags"]["now_every"] == 3.0


# ------------------------------------------------------------------------------------------------------- estimates


def test_an_estimate_counts_what_waits_and_what_will_follow_from_it() -> None:
    shares = {Work.WRITE: Share(spent=40, units=10, pace=20.0), Work.LIVE: Share(spent=30, units=10, pace=40.0)}
    budget = replace(BUDGET, shares=shares)
    queue = Queue(reads=10, new=6, writes=4, tasks=2, oldest=NOW - timedelta(seconds=200))
    found = forecast(queue, [budget], Past(), NOW, writing=True)
    assert found is not None
    parts = [(part.work, part.pieces, part.price) for part in found.parts]
    assert parts == [("write", 6, 4.0), ("read", 10, 3.0), ("new", 6, 17.0)]
    assert found.requests == 6 * 4 + 10 * 3 + 6 * 17
    assert (found.per_second, found.measured) == (2.0, True)
    assert found.seconds == pytest.approx(78)
    assert (found.low, found.high) == (found.seconds / 2, found.seconds * 2), "nothing to compare with yet"
    known = forecast(queue, [budget], Past(each=5.0), NOW, writing=True)
    assert known is not None
    assert known.requests == 6 * 4 + 10 * 3 + 6 * 5
    fresh = forecast(replace(queue, oldest=NOW - timedelta(seconds=20)), [budget], Past(), NOW, writing=True)
    assert fresh is not None
    assert (fresh.measured, fresh.per_second) == (False, pytest.approx(3.0))
    assert forecast(replace(queue, oldest=NOW), [budget], Past(), NOW, writing=True) is None
    assert forecast(queue, [], Past(), NOW, writing=True) is None


def test_what_faded_away_long_ago_tells_nothing_of_how_long_it_will_take() -> None:
    faded = with_share(Work.LIVE, pace=1e-310)
    found = forecast(Queue(reads=2, oldest=NOW - timedelta(minutes=10)), [faded], Past(), NOW, writing=True)
    assert found is not None
    assert (found.measured, found.per_second) == (False, pytest.approx(3.0))
    assert noted(Past(), found, NOW).samples


def said(seconds: float, requests: float, new: int = 0) -> Eta:
    return Eta(seconds, 0, 0, requests, 2.0, True, (), new)


def test_an_estimate_says_how_far_those_before_it_were_off() -> None:
    kept, now = Past(), NOW
    for i in range(20):  # told half of what it takes in the end, which is 1000 s
        kept = noted(kept, said(0.5 * (1000 - i * EACH), 1000 - i), now)
        now += timedelta(seconds=EACH)
    kept = noted(kept, None, NOW + timedelta(seconds=1000))
    found = forecast(
        Queue(reads=100, oldest=NOW - timedelta(seconds=200)),
        [with_share(Work.LIVE, pace=40.0)],
        kept,
        NOW,
        writing=True,
    )
    assert found is not None
    assert found.compared == 20
    assert found.high == pytest.approx(2 * found.seconds)
    grown = noted(noted(Past(), said(100, 100), NOW), said(1000, 1000), NOW + timedelta(seconds=30))
    assert len(grown.samples) == 1, "the first could not know of what came later"


def test_what_a_new_object_takes_in_all_is_learned_while_the_backlog_lasts() -> None:
    kept, now, found = Past(each=20.0), NOW, list[float]()
    for new in range(500, 400, -10):  # ten of them in 30 s at two requests a second
        kept = noted(kept, said(1000, 4 * new, new), now)
        now += timedelta(seconds=30)
        queue = Queue(reads=new, new=new, oldest=NOW - timedelta(seconds=200))
        told = forecast(queue, [with_share(Work.LIVE, pace=60.0)], kept, NOW, writing=True)
        assert told is not None
        found.append(told.parts[-1].price)
    assert found[0] == 20.0
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx((20 * 80 + 6 * 90) / (80 + 90))
    assert noted(kept, None, now).each == pytest.approx(6.0), "and kept for the next one"
