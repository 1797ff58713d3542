"""A system that is down for an hour: nothing is lost, nothing is doubled, nothing becomes a failure, and it is told."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.model import Kind
from bascule.sandbox.greenhouse import people
from bascule.server.show.incident import page

from .kit import OWNER, ROBIN, House

HOUR = 3600


def down(house: House, seconds: float, **more: Any) -> None:
    house.sandbox.faults.add({"kind": "outage", "path": "^/v3/|^/token", "until": seconds, **more})


async def incidents(house: House) -> list[Any]:
    return await house.app.store.read(lambda tx: tx.incidents.list(house.app.workspace))


@pytest.mark.parametrize(
    ("database", "status", "many"),
    [
        ("sqlite", 502, 20), ("sqlite", None, 20), ("sqlite", 503, 20), ("postgresql", 503, 20),
        pytest.param("sqlite", 503, 1000, marks=pytest.mark.long),
    ],
    indirect=["database"],
)  # fmt: skip
async def test_an_hour_down_with_changes_on_both_sides(house: House, status: int | None, many: int) -> None:
    """Half of the people are edited there, and all of them here, in another field, while the system is down."""
    applied = [await house.apply("P", f"Number{i}", f"p{i}@example.org") for i in range(many)]
    await house.leap(600, step=30)
    records = [await house.record(Kind.CANDIDATE, one.candidate) for one in applied]
    house.mark()
    down(house, HOUR, status=status)
    told = 0
    for i, (one, record) in enumerate(zip(applied, records, strict=True)):
        people.update(house.sandbox, ROBIN, one.candidate, {"title": f"Title {i}"})
        await house.app.changes.edit(record.id, {"company": f"Company {i}"}, OWNER)
    await house.leap(60, step=5)
    told = len([n for n in (await house.app.standing.status())["notices"] if n["kind"] == "outage"])
    assert told == 1, "within a minute"
    await house.leap(HOUR, step=30)
    await house.leap(900, step=10)
    for i, one in enumerate(applied):
        there = house.candidate(one.candidate)
        assert (there["company"], there["title"]) == (f"Company {i}", f"Title {i}")
        assert await house.value(Kind.CANDIDATE, one.candidate, "title") == f"Title {i}"
    written = [change.id for change in house.written("candidates") if change.field == "company"]
    assert sorted(written) == sorted(one.candidate for one in applied), "each once"
    assert not await house.open_failures()
    assert not await house.open_reviews()
    (incident,) = await incidents(house)
    assert incident.ended is not None
    assert HOUR - 60 < (incident.ended - incident.began).total_seconds() < HOUR + 200
    assert len(incident.families) == many
    assert incident.left == 0, "drained"
    shown = await house.app.store.read(lambda tx: page(tx, house.app.workspace, incident.id, house.clock.at))
    assert sorted(late.href for late in shown.late) == sorted(f"/candidates/{record.id}" for record in records)
    assert all(late.urgent and not late.waits for late in shown.late)
    assert [link.words for link in shown.late[0].jobs] == ["Backend Engineer"]
    assert not [n for n in (await house.app.standing.status())["notices"] if n["kind"] == "outage"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # hours of held time; both meet the contract
async def test_a_system_that_is_down_is_asked_ever_more_rarely(house: House) -> None:
    await house.apply()
    down(house, HOUR)
    await house.leap(600, step=5)
    early = len(house.transport.log)
    house.transport.log.clear()
    await house.leap(HOUR - 700, step=5)
    assert early > 0
    assert len(house.transport.log) / (HOUR - 700) < early / 600 / 2
    house.transport.log.clear()
    await house.leap(300, step=10)
    assert house.transport.log, "it was found to be back"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # hours of held time; both meet the contract
async def test_one_object_that_answers_as_if_all_were_down_holds_up_nobody(house: House) -> None:
    """Its write is tried ever more rarely and counted; what finds the system well is a read."""
    bad, *others = [await house.apply("P", f"Number{i}", f"p{i}@example.org") for i in range(4)]
    await house.quiet()
    house.sandbox.faults.add(
        {
            "kind": "answer",
            "method": "PATCH",
            "path": f"/v3/candidates/{bad.candidate}$",
            "status": 503,
            "times": 10_000,
        }
    )
    for round in range(3):
        for one in (bad, *others):
            record = await house.record(Kind.CANDIDATE, one.candidate)
            await house.app.changes.edit(record.id, {"company": f"Company {round}"}, OWNER)
        await house.leap(120, step=5)
        assert {house.candidate(one.candidate)["company"] for one in others} == {f"Company {round}"}
    assert not await incidents(house)
    await house.leap(16 * HOUR, step=300)
    (failure,) = await house.open_failures()
    assert failure.write.record == (await house.record(Kind.CANDIDATE, bad.candidate)).id


async def test_a_hiccup_is_no_incident(house: House) -> None:
    down(house, 10)
    await house.apply()
    await house.leap(120, step=5)
    assert not await incidents(house)
    assert not [n for n in (await house.app.standing.status())["notices"] if n["kind"] == "outage"]
