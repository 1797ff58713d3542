"""The stop button: no request that writes leaves any more, reading goes on, and after the release everything arrives."""

from __future__ import annotations

from typing import Any

import pytest
from tests.databases import both_databases

from bascule.errors import ForbiddenError, InputError
from bascule.model import Actor, ActorKind, Kind
from bascule.office.stops import HeldBack
from bascule.sandbox.greenhouse import people
from bascule.store import Tx

from .kit import OWNER, ROBIN, Applied, Exchange, House

ADA = Actor(ActorKind.PERSON, "ada", "Ada Admin")
MANY = 12


def sent(house: House) -> list[Exchange]:
    """Requests that may have changed something there."""
    return [one for one in house.transport.log if one.method != "GET" and one.path != "/token"]


async def live(house: House) -> list[tuple[Applied, str]]:
    """People whose scores have been written, with their records."""
    applied = [await house.apply("P", f"Number{i}", f"p{i}@example.org") for i in range(MANY)]
    await house.leap(600, step=30)
    assert not (await held(house)).writes
    house.mark()
    return [(one, (await house.record(Kind.CANDIDATE, one.candidate)).id) for one in applied]


async def held(house: House) -> HeldBack:
    return await house.app.stops.held_back(house.name)


def said(house: House, one: Applied, *words: str) -> list[str]:
    """Which of these words the notes of a person there hold, in their order."""
    return [word for note in house.notes(one.candidate) for word in words if word in note["body"]]


async def audited(house: House, action: str) -> list[Any]:
    def query(tx: Tx) -> list[Any]:
        return tx.audit.of_action(house.app.workspace, action)

    return await house.app.store.read(query)


async def test_nothing_is_written_while_stopped_and_everything_after_it_once_and_in_order(house: House) -> None:
    everybody = await live(house)
    await house.app.stops.stop(house.name, ADA, "the wrong template")
    house.transport.log.clear()
    for i, (one, record) in enumerate(everybody):
        people.update(house.sandbox, ROBIN, one.candidate, {"title": f"Title {i}"})
        await house.app.changes.edit(record, {"company": f"First {i}"}, OWNER)
        await house.app.changes.add_note(record, f"Before {i}", "private", OWNER)
    await house.leap(120, step=10)
    for _, record in everybody:
        await house.app.changes.add_note(record, "After", "private", OWNER)
        await house.app.changes.edit(record, {"company": "Second"}, OWNER)
    await house.leap(7200, step=300)

    assert not sent(house), "no request that writes has left"
    assert [await house.value(Kind.CANDIDATE, one.candidate, "title") for one, _ in everybody] == [
        f"Title {i}" for i in range(MANY)
    ], "reading goes on"
    waits = await held(house)
    assert waits.stop is not None
    assert (waits.stop.by, waits.stop.why, waits.under_way) == ("Ada Admin", "the wrong template", 0)
    assert waits.writes == 3 * MANY
    assert [one.record for one in waits.first] == [record for _, record in everybody[:10]], "the longest waiting"
    assert waits.first[0].name == "P Number0"
    assert not await house.open_failures()

    await house.app.stops.release(house.name, ADA)
    await house.leap(600, step=20)
    for i, (one, _) in enumerate(everybody):
        assert house.candidate(one.candidate)["company"] == "Second"
        assert said(house, one, f"Before {i}", "After") == [f"Before {i}", "After"], "each once, in order"
    companies = [change.id for change in house.written("candidates") if change.field == "company"]
    assert sorted(companies) == sorted(one.candidate for one, _ in everybody), "each once, as it is now"
    assert not (await held(house)).writes
    assert not await house.open_failures()


async def test_a_stop_under_load_lets_end_what_is_on_its_way_and_nothing_else(house: House) -> None:
    """It is pressed while the first request is in the air, as soon as the system has taken it up."""
    everybody = await live(house)
    house.transport.log.clear()
    pressed = house.app.runtime.point
    at_the_stop: list[int] = []

    async def press() -> None:
        await house.app.stops.stop(house.name, ADA, "too much")
        while (await held(house)).under_way:
            await house.app.runtime.sleep(0.01)
        at_the_stop.append(len(sent(house)))

    def point(name: str) -> None:
        pressed(name)
        if name == "before send" and not spawned:
            spawned.append(house.app.runtime.spawn(press(), "press"))

    spawned: list[Any] = []
    house.app.runtime.point = point  # type: ignore[method-assign]
    for i, (_, record) in enumerate(everybody):
        for j in range(5):
            await house.app.changes.add_note(record, f"Note {i} {j}", "private", OWNER)
    await house.leap(600, step=20)
    await spawned[0]
    assert 0 < at_the_stop[0] < 5 * MANY
    assert len(sent(house)) == at_the_stop[0], "nothing has left since the stop took effect"
    assert (await held(house)).writes == 5 * MANY - at_the_stop[0], "the rest waits"
    await house.app.stops.release(house.name, ADA)
    await house.leap(900, step=15)
    for i, (one, _) in enumerate(everybody):
        notes = [f"Note {i} {j}" for j in range(5)]
        assert said(house, one, *notes) == notes, "each once, in order"


@both_databases
async def test_a_stop_is_told_of_and_kept(house: House) -> None:
    with pytest.raises(InputError, match="Say why"):
        await house.app.stops.stop(house.name, ADA, " ")
    await house.app.stops.stop(house.name, ADA, "an audit")
    await house.app.stops.stop(house.name, OWNER, "another reason")
    status = await house.app.standing.status()
    (row,) = status["connections"]
    assert row["stopped"].startswith("Writes stopped by Ada Admin since 2026-11-20")
    assert row["stopped"].endswith("UTC: an audit"), "the first stop stays"
    assert status["words"] == "Paused: writes are stopped"
    assert [one["kind"] for one in status["notices"]] == ["writes stopped"]
    assert any(row["stopped"] in one.what for one in await house.app.health.examine(house.app.workspace))
    with pytest.raises(ForbiddenError, match="Writes stopped by Ada Admin"):
        await house.app.runs.push(house.name, OWNER)
    with pytest.raises(ForbiddenError, match="Writes stopped by Ada Admin"):
        await house.app.accounts.create_fields(house.name, OWNER)
    await house.app.accounts.pause(house.name, OWNER)
    await house.app.accounts.resume(house.name, OWNER)
    assert house.at.row.stopped is not None, "a pause is another thing"

    await house.app.stops.release(house.name, ADA, "all is well")
    with pytest.raises(InputError, match="not stopped"):
        await house.app.stops.release(house.name, ADA)
    assert not (await house.app.standing.status())["notices"]
    (stopped,), (released,) = await audited(house, "writes stopped"), await audited(house, "writes released")
    assert (stopped.actor_id, stopped.detail["why"]) == ("ada", "an audit")
    assert (released.actor_id, released.detail["why"]) == ("ada", "all is well")
