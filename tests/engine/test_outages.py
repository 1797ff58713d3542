"""A system that is down for an hour: nothing is lost, nothing is doubled, nothing becomes a failure, and it is told."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.model import Kind
from bascule.office.incidents import Fate, What, report
from bascule.sandbox.greenhouse import jobs, people
from bascule.server.show.incident import page

from .kit import DANA, GARDENER, OWNER, ROBIN, Builder, House

HOUR = 3600


def down(house: House, seconds: float, **more: Any) -> None:
    house.sandbox.faults.add({"kind": "outage", "path": "^/v3/|^/token", "until": seconds, **more})


async def incidents(house: House) -> list[Any]:
    return await house.app.store.read(lambda tx: tx.incidents.list(house.app.workspace))


@pytest.mark.parametrize(
    ("database", "status", "many"),
    [
        ("sqlite", 502, 20), ("sqlite", None, 6), ("postgresql", 503, 6),
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
    await house.leap(HOUR, step=60)
    await house.leap(900, step=20)
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
    status = await house.app.standing.status()
    assert not [n for n in status["notices"] if n["kind"] == "outage"]
    assert [(one["state"], one["broken"]) for one in status["connections"]] == [("in step", "")]


async def test_an_incident_says_which_messages_and_moves_were_late_or_missed_and_who_of_the_best_waited(
    build: Builder,
) -> None:
    house = await build.house()
    ada = await house.apply()
    gus = await house.apply("Gus", "Garden", "gus@example.org", file=GARDENER)
    nora = await house.apply("Nora", "Night", "nora@example.org", job="Staff Nurse")
    quiet = await house.apply("Quentin", "Quiet", "quentin@example.org")
    await house.pass_time(90)
    nurse = next(row for row in house.sandbox.db["jobs"] if row["name"] == "Staff Nurse")
    jobs.update(house.sandbox, DANA, nurse["id"], {"status": "closed"})
    await house.pass_time(90)
    robin, app = await house.person("Robin Falk", 4_012_003), house.app
    job = await house.record(Kind.JOB, next(row["id"] for row in house.sandbox.db["jobs"]))
    every = "GET|POST|PATCH|DELETE"  # webhooks still come, unlike in an outage of everything
    house.sandbox.faults.add({"kind": "answer", "method": every, "path": "^/v3/", "status": 503, "until": 900})
    for one in (ada, gus):
        stage = next(s for s in house.sandbox.db["job_interview_stages"] if s["name"] == "Phone Screen")
        screen = await house.record(Kind.STAGE, stage["id"])
        await app.changes.advance((await house.record(Kind.APPLICATION, one.application)).id, screen.id, robin)
    record = await house.record(Kind.CANDIDATE, ada.candidate)
    await app.changes.add_note(record.id, "Call her today", "private", robin)
    await app.changes.edit((await house.record(Kind.CANDIDATE, nora.candidate)).id, {"company": "Care"}, OWNER)
    people.update(house.sandbox, ROBIN, quiet.candidate, {"title": "Only there"})
    await house.leap(120, step=5)
    (lasting,) = await incidents(house)
    told = await app.store.read(lambda tx: report(tx, app.workspace, lasting.id))
    assert (told.count(What.MOVE, Fate.WAITS), told.count(What.MESSAGE, Fate.WAITS)) == (2, 1)
    refused = {"kind": "answer", "method": "POST", "path": f"{gus.application}/move", "status": 422, "times": 50}
    house.sandbox.faults.add(refused)
    await house.leap(1500, step=30)

    (incident,) = await incidents(house)
    told = await app.store.read(lambda tx: report(tx, app.workspace, incident.id))
    late = {one.name: one for one in told.late}
    assert late.keys() == {"Ada Byron", "Gus Garden", "Nora Night", "Quentin Quiet"}
    assert [one.name for one in told.late][-1] == "Nora Night", "her job is closed"
    assert told.late[0].high
    assert not late["Gus Garden"].high
    assert told.open_jobs == 1
    assert {(w.what, w.fate) for w in late["Ada Byron"].writes} == {
        (What.MOVE, Fate.ARRIVED),
        (What.MESSAGE, Fate.ARRIVED),
    }
    assert [(w.what, w.fate) for w in late["Gus Garden"].writes] == [(What.MOVE, Fate.MISSED)]
    assert [(w.what, w.fate) for w in late["Nora Night"].writes] == [(What.VALUE, Fate.ARRIVED)]
    assert late["Quentin Quiet"].writes == (), "what changed there was read late"
    assert all(w.arrived is None or w.arrived >= (incident.ended or w.due) for one in told.late for w in one.writes)
    assert incident.left == 0
    await app.changes.edit(record.id, {"company": "Much later"}, OWNER)
    assert (await incidents(house))[0].left == 0, "what is due now has nothing to do with it"
    shown = await app.store.read(lambda tx: page(tx, app.workspace, incident.id, house.clock.at))
    assert (shown.moves, shown.messages, shown.values) == ("1 late, 1 missed", "1 late", "1 late")
    assert job.id in {one.id for one in told.late[0].jobs}


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
    await house.leap(16 * HOUR, step=900)
    (failure,) = await house.open_failures()
    assert failure.write.record == (await house.record(Kind.CANDIDATE, bad.candidate)).id


async def test_a_hiccup_is_no_incident(house: House) -> None:
    down(house, 10)
    await house.apply()
    await house.leap(120, step=5)
    assert not await incidents(house)
    assert not [n for n in (await house.app.standing.status())["notices"] if n["kind"] == "outage"]
