"""Answers are compared with the recorded shape: a key that is new, away or of another type is told once, by name only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from bascule.connectors.drift import What
from bascule.connectors.greenhouse import CONNECTOR
from bascule.connectors.shapes import ENOUGH, NOTHING, Ends, compare, ends, learn, look
from bascule.connectors.spec import shape
from bascule.engine.shapes import ANSWERS, standing
from bascule.office.tasks import Task, TaskKind, Wanted

from .kit import OWNER, Builder, House

SHAPE = shape("id number!, name string!, mails list!, mails[].value string!, own object, nick")


def found(*items: Any, learned: Any = NOTHING) -> list[tuple[What, str, str, str]]:
    return [(d.what, d.id, d.was, d.now) for d in compare("person", SHAPE, learned, look(items, SHAPE))]


def person(**more: Any) -> dict[str, Any]:
    return {"id": 1, "name": "A", "mails": [{"value": "a@b.c"}], "own": {"any": {"thing": 1}}, **more}


def test_what_is_as_recorded_or_null_or_need_not_be_there_is_nothing() -> None:
    assert found(person(), person(name=None, mails=None, own=None), person(mails=[])) == []


def test_a_key_is_new_of_another_type_or_away_by_itself() -> None:
    assert found(person(shoe=44)) == [(What.SHOWN, "shoe", "", "number")]
    assert found(person(name=7)) == [(What.RETYPED, "name", "string", "number")]
    assert found(person(mails=[{"value": 7, "kind": "x"}])) == [
        (What.SHOWN, "mails[].kind", "", "string"), (What.RETYPED, "mails[].value", "string", "number"),
    ]  # fmt: skip
    less = {key: value for key, value in person().items() if key != "name"}
    assert found(less, less) == [(What.HIDDEN, "name", "", "")]
    assert found(less, person()) == []  # one of them shows it: it is not the interface that changed


def test_what_need_not_be_there_is_away_only_when_very_many_have_shown_it_before() -> None:
    many = [person(nick="x")] * ENOUGH
    learned = learn(SHAPE, NOTHING, look(many, SHAPE))
    assert found(*[person()] * (ENOUGH - 1), learned=learned) == []
    assert found(*[person()] * ENOUGH, learned=learned) == [(What.HIDDEN, "nick", "", "")]
    assert found(person(nick=3), learned=learned) == [(What.RETYPED, "nick", "string", "number")]


def test_headers_about_the_end_are_read_as_the_standards_write_them() -> None:
    assert ends("", "") is None
    since, until = datetime(2023, 6, 30, 23, 59, 59, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    link = '<https://vendor.example/end>; rel="sunset"; type="text/html"'
    told = ends("@1688169599", "Thu, 31 Dec 2026 23:59:59 GMT", link)
    assert told == Ends(since, until, "https://vendor.example/end")
    assert ends("true", "") == Ends()  # a draft's form: deprecated, nobody says since when
    assert ends(format_datetime(since, usegmt=True), "") == Ends(since)
    assert ends("@99999999999999", "someday", '<javascript:alert(1)>; rel="deprecation"') == Ends()


async def told(house: House) -> Sequence[Task]:
    """What the owner is told of answers; that a value is shown no more is another matter."""
    everything = await house.app.tasks.list(Wanted(TaskKind.NOTICE))
    return [task for task in everything if "has stopped showing" not in task.what]


async def an_hour(house: House) -> None:
    await house.leap(3700, step=900)
    await house.pass_time(70)


@pytest.fixture
async def house(build: Builder) -> House:
    made = await build.house(copied=False)  # what the first reading showed is kept a little later
    await made.apply()
    await made.pass_time(100)
    return made


SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@SQLITE
async def test_the_sandbox_answers_as_recorded(house: House) -> None:
    kept = standing(await house.app.store.read(lambda tx: tx.connections.cursor(house.at.id, ANSWERS)))
    assert kept.lists >= 10
    assert kept.keys == []
    assert not await told(house)
    assert set(CONNECTOR.shapes) >= {reads.path for reads in CONNECTOR.reads}


@SQLITE
async def test_changed_answers_are_told_once_and_no_longer_when_they_are_as_before(house: House) -> None:
    house.sandbox.faults.add({
        "kind": "reshape", "path": "/v3/candidates", "rename": {"company": "employer"}, "set": {"title": 7},
        "until": 5000,
    })  # fmt: skip
    await an_hour(house)
    tasks = {task.what.split("“")[1].split("”")[0]: task for task in await told(house)}
    assert set(tasks) == {"employer", "company", "title"}
    assert "show a new field “employer”" in tasks["employer"].what
    assert "of the type number now, and was string" in tasks["title"].what
    assert "company keeps what was read last" in tasks["company"].what
    (look_at,) = [
        one for one in await house.app.health.examine(house.app.workspace) if "keys of its answers" in one.what
    ]
    assert (look_at.state, "candidates.title" in look_at.what) == ("look", True)
    await house.app.tasks.done(tasks["employer"].id, OWNER)
    await an_hour(house)
    assert not [task for task in await told(house) if "candidate" in task.what]  # it is over


@SQLITE
async def test_what_a_person_has_ended_is_not_told_again_while_it_lasts(house: House) -> None:
    house.sandbox.faults.add({"kind": "reshape", "path": "/v3/users", "set": {"pet": "cat"}, "until": 20_000})
    await an_hour(house)
    (task,) = await told(house)
    assert "cat" not in task.what
    await house.app.tasks.done(task.id, OWNER)
    await an_hour(house)
    assert not await told(house)


@SQLITE
async def test_a_deprecation_alerts_the_owner_and_a_sunset_within_ninety_days_is_urgent(house: House) -> None:
    headers = {"Deprecation": "@1793491200", "Sunset": "Thu, 01 Apr 2027 00:00:00 GMT"}
    fault = house.sandbox.faults.add({"kind": "reshape", "path": "/v3/notes", "headers": headers, "until": 9e6})
    await house.pass_time(70)
    (task,) = await told(house)
    assert "GET /notes ends on 01 Apr 2027" in task.what
    assert "deprecated from 01 Nov 2026" in task.what
    assert (task.due - task.since).days == 30
    house.clock.at = datetime(2027, 1, 2, tzinfo=UTC)  # 89 days before
    assert fault.state(house.clock()) == "on"
    await house.pass_time(70)
    (task,) = [one for one in await told(house) if "/notes" in one.what]
    assert task.what.startswith("Urgent.")
    assert "(in 88 days)" in task.what
    assert (task.due - task.since).days == 1
    (look_at,) = [one for one in await house.app.health.examine(house.app.workspace) if "ends on" in one.what]
    assert look_at.state == "wrong"
