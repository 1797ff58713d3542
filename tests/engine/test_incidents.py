"""Every disturbance ends in a report: refused credentials, rate limits, a stop, silent webhooks, Bascule's own absence.

Outages have a module of their own (`test_outages`). Who was late is told with what became of it, a hiccup is not told,
and one disturbance is one incident.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bascule.model import Kind
from bascule.office.incidents import Fate, Report, What, in_words, report, within
from bascule.office.tasks import Task, TaskKind, Wanted
from bascule.sandbox.greenhouse import people
from bascule.store.incidents import Cause, Incident

from .kit import DANA, OWNER, ROBIN, Builder, House
from .test_alerts import receiving

EVERY = "GET|POST|PATCH|DELETE"


async def incidents(house: House) -> list[Incident]:
    return await house.app.store.read(lambda tx: tx.incidents.list(house.app.workspace))


async def told(house: House, incident: Incident) -> Report:
    return await house.app.store.read(lambda tx: report(tx, house.app.workspace, incident.id))


async def notice(house: House, words: str) -> Task:
    (found,) = [one for one in await house.app.tasks.list(Wanted(TaskKind.NOTICE)) if words in one.what]
    return found


async def edit(house: House, candidate: int, company: str) -> None:
    record = await house.record(Kind.CANDIDATE, candidate)
    await house.app.changes.edit(record.id, {"company": company}, OWNER)


@pytest.fixture
async def ada(house: House) -> int:
    applied = await house.apply()
    await house.pass_time(20)
    return applied.candidate


async def test_refused_credentials_are_an_incident_until_there_are_new_ones(house: House, ada: int) -> None:
    async with receiving() as box:
        await house.app.alerts.add(box.address, OWNER)
        await house.pass_time(20)
        box.got.clear()
        await edit(house, ada, "While they were refused")
        house.sandbox.faults.add(
            {"kind": "answer", "method": EVERY, "path": "^/v3/|^/token", "status": 401, "until": 900}
        )
        began = house.clock.at
        await house.leap(900, step=30)
        (lasting,) = await incidents(house)
        assert (lasting.cause, lasting.ended, len(lasting.families)) == (Cause.CREDENTIALS, None, 1)
        assert abs(lasting.began - began) < timedelta(minutes=2)
        task = await notice(house, "the credentials were refused")
        assert "Open requisitions touched so far: 1." in task.what
        assert task.due - task.since == timedelta(hours=12), "half a day: one open requisition is touched"
        assert any("Open requisitions touched so far: 1." in one["message"] for one in box.got), "in the alert too"
        box.got.clear()
        await house.app.accounts.set_credentials(house.name, {}, OWNER)
        await house.pass_time(40)
        (incident,) = await incidents(house)
        assert incident.ended is not None
        found = await told(house, incident)
        assert [(one.name, one.high) for one in found.late] == [("Ada Byron", True)]
        assert found.count(What.VALUE, Fate.ARRIVED) == 1
        (alert,) = [one["message"] for one in box.got if "/incidents/" in one["message"]]
        assert "acme (simulator): refused our credentials from 2026-11-20 " in alert
        assert "Candidates late: 1, high scorers among them: 1. Open requisitions touched: 1." in alert
        assert "Ada" not in alert, "no message names a candidate"
        await house.pass_time(60)
        assert len([one for one in box.got if "/incidents/" in one["message"]]) == 1, "once"
        assert [one.what for one in (await house.app.alerts.overview()).last if "Candidates late: 1" in one.what]


async def test_rate_limits_that_let_nothing_through_for_minutes_are_an_incident(house: House, ada: int) -> None:
    storm = {"kind": "answer", "method": EVERY, "path": "^/v3/", "status": 429, "retry_after": 20}
    house.sandbox.faults.add({**storm, "until": 60})
    await house.leap(120, step=10)
    assert not await incidents(house), "a minute is a hiccup"
    house.sandbox.faults.add({**storm, "until": 600})
    await edit(house, ada, "While it let nothing through")
    await house.leap(500, step=10)
    (lasting,) = await incidents(house)
    assert (lasting.cause, lasting.ended) == (Cause.LIMITS, None)
    assert (await notice(house, "rate limits let nothing through")).connection == house.name
    await house.leap(300, step=10)
    (incident,) = await incidents(house)
    assert incident.ended is not None
    assert timedelta(minutes=8) < incident.ended - incident.began < timedelta(minutes=12)
    assert [one.name for one in (await told(house, incident)).late] == ["Ada Byron"]
    assert await house.notices("rate limits") == []


async def test_a_stop_of_writes_is_an_incident_of_what_was_to_be_written(house: House, ada: int) -> None:
    await house.app.stops.stop(house.name, OWNER, "a hiccup")
    await house.pass_time(10)
    await house.app.stops.release(house.name, OWNER)
    assert not await incidents(house)
    await house.app.stops.stop(house.name, OWNER, "the wrong template")
    await edit(house, ada, "While writes were stopped")
    await house.apply("Grace", "Hopper", "grace@example.org", job="Staff Nurse")
    await house.leap(600, step=30)
    task = await notice(house, "the wrong template")
    assert "Open requisitions touched so far: 2." in task.what
    assert task.due - task.since == timedelta(hours=8)
    await house.app.stops.release(house.name, OWNER)
    await house.pass_time(30)
    (incident,) = await incidents(house)
    assert (incident.cause, incident.left) == (Cause.STOP, 0)
    assert incident.ended is not None
    assert sorted(one.name for one in (await told(house, incident)).late) == ["Ada Byron", "Grace Hopper"]
    assert house.candidate(ada)["company"] == "While writes were stopped"


async def test_a_pause_by_a_person_is_one_too_and_a_resumed_connection_ends_it(house: House, ada: int) -> None:
    await house.app.accounts.pause(house.name, OWNER)
    await edit(house, ada, "While it was paused")
    await house.leap(300, step=30)
    await house.app.accounts.resume(house.name, OWNER)
    await house.pass_time(10)
    (incident,) = await incidents(house)
    assert (incident.cause, len(incident.families)) == (Cause.PAUSE, 1)
    assert incident.ended is not None


async def test_silent_webhooks_are_an_incident_of_whom_polls_found_late(house: House, ada: int) -> None:
    others = [await house.apply("P", f"N{i}", f"n{i}@example.org") for i in range(3)]
    await house.leap(900)
    hooks = list(house.sandbox.db["webhooks"])
    for hook in hooks:
        house.sandbox.hooks.remove(DANA, hook["id"])
    for one in (ada, *(other.candidate for other in others)):
        people.update(house.sandbox, ROBIN, one, {"title": "Edited"})
        await house.pass_time(90)
    await house.pass_time(90)
    (lasting,) = await incidents(house)
    assert (lasting.cause, lasting.ended) == (Cause.WEBHOOKS, None)
    task = await notice(house, "no webhook since")
    assert "Open requisitions touched so far: 1." in task.what
    await house.deliver(b'{"action": "ping", "payload": {}}')
    await house.pass_time(40)
    (incident,) = await incidents(house)
    assert incident.ended is not None
    found = await told(house, incident)
    assert sorted(one.name for one in found.late) == ["Ada Byron", "P N0", "P N1", "P N2"]
    assert not any(one.writes for one in found.late), "what was written meanwhile was not late"


async def test_bascules_own_absence_is_an_incident_of_every_connection(build: Builder) -> None:
    house = await build.house()
    ada = (await house.apply()).candidate
    await house.pass_time(40)
    await edit(house, ada, "Not sent before it stopped")
    left = house.clock.at
    house.sandbox.faults.add({"kind": "drop", "times": 100})  # nobody is there to take them
    house.clock.move(60)
    await build.restart(house)
    await house.pass_time(40)
    assert not await incidents(house), "a restart is no absence"
    await edit(house, ada, "Not sent before it stopped again")
    people.update(house.sandbox, ROBIN, ada, {"title": "Changed there meanwhile"})
    grace = await house.apply("Grace", "Hopper", "grace@example.org", job="Staff Nurse")
    house.clock.move(3 * 3600)
    await build.restart(house)
    again = house.clock.at
    await build.restart(house)  # once more at once: the same absence
    await house.pass_time(120)
    assert await house.value(Kind.CANDIDATE, grace.candidate, "first_name") == "Grace"
    (incident,) = await incidents(house)
    assert (incident.cause, incident.connection) == (Cause.ABSENCE, "")
    assert left < incident.began < left + timedelta(minutes=3)
    assert incident.ended is not None
    assert abs(incident.ended - again) < timedelta(seconds=5)
    found = await told(house, incident)
    assert sorted(one.name for one in found.late) == ["Ada Byron", "Grace Hopper"]
    assert found.count(What.VALUE, Fate.ARRIVED) >= 1
    assert found.open_jobs == 2


async def test_of_an_outage_its_silence_and_its_refusals_one_is_kept(house: House, ada: int) -> None:
    every = [ada, *[(await house.apply("P", f"N{i}", f"n{i}@example.org")).candidate for i in range(3)]]
    await house.leap(900)
    house.sandbox.faults.add({"kind": "drop", "times": 100})
    house.sandbox.faults.add({"kind": "answer", "method": EVERY, "path": "^/v3/", "status": 503, "until": 1200})
    for one in every:
        people.update(house.sandbox, ROBIN, one, {"title": "Edited while it was down"})
    await house.leap(1500, step=30)
    assert [one.cause for one in await incidents(house)] == [Cause.OUTAGE]


def test_a_disturbance_is_due_the_sooner_the_more_open_requisitions_it_touches() -> None:
    hours = [within(jobs).total_seconds() / 3600 for jobs in (0, 1, 2, 23, 500)]
    assert hours == [24, 12, 8, 1, 1]


def test_a_day_is_said_where_it_is_another() -> None:
    began = datetime.fromisoformat("2026-11-20T23:50:00+00:00")
    one = Incident(1, "w", "c", Cause.OUTAGE, began, began + timedelta(minutes=20), "503", (), 0)
    assert in_words(Report(one, (), 0)) == (
        "was down from 2026-11-20 23:50 to 2026-11-21 00:10 UTC. Nobody's changes waited."
    )
