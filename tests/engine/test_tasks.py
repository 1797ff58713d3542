"""What waits for a person is one list: with who does it, by when, and who hears of it if nobody does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.databases import both_databases

from bascule.errors import InputError, NotFoundError
from bascule.model import Kind
from bascule.office.tasks import Task, TaskKind, Wanted
from bascule.store import Tx
from bascule.store.people import User

from .kit import OWNER, Builder, House

DAY = 86_400


async def failing(house: House) -> Task:
    """A failure's task."""
    fault = {"kind": "answer", "method": "PATCH", "path": "candidates", "status": 422}
    house.sandbox.faults.add({**fault, "body": {"message": "is reserved"}})
    applied = await house.apply()
    await house.quiet()
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": "Augusta"}, OWNER)
    await house.pass_time(3)
    (task,) = await house.app.tasks.list(Wanted(TaskKind.FAILURES))
    return task


async def test_failures_are_a_task_of_the_connections_owner_until_they_are_dealt_with(house: House) -> None:
    task = await failing(house)
    assert (task.what, task.count, task.connection) == ("Value refused", 1, house.name)
    assert task.assignee == house.at.row.owner == OWNER.id
    assert task.due == task.since + timedelta(days=1)
    assert "--class 'value'" in task.next
    with pytest.raises(InputError):
        await house.app.tasks.done(task.id, OWNER)
    (failure,) = await house.open_failures()
    await house.app.failures.discard(failure.write.id, "Not needed.", OWNER)
    assert await house.app.tasks.list(Wanted(TaskKind.FAILURES)) == []


async def test_reviews_gaps_notices_and_stopped_work_are_tasks(house: House) -> None:
    def put(tx: Tx) -> None:
        now = house.clock()
        tx.notices.put(house.app.workspace, "permission missing", house.at.id, "A right is missing.", now=now,
                       connection=house.at.id)  # fmt: skip
        tx.tasks.put(house.app.workspace, "score", "nothing", due=now)
        (lease,) = tx.tasks.lease(["score"], 1, now=house.clock(), until=now + timedelta(minutes=1), worker="w")
        tx.tasks.dead(lease, error="it broke")

    await house.app.store.write(put)
    applied = await house.apply()
    await house.quiet()
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    link = next(iter((await house.family(Kind.CANDIDATE, applied.candidate)).links.values()))  # type: ignore[union-attr]

    def ask(tx: Tx) -> None:
        from dataclasses import replace

        from bascule.model import BASCULE, Gap, Review, ReviewKind

        family = tx.families.family(record.family)
        review = Review(
            "r1", ReviewKind.CONFLICT, record.id, house.at.id, "title", f"drift|{link.id}|title", {}, BASCULE,
            house.clock(),
        )  # fmt: skip
        gap = Gap(house.at.id, Kind.APPLICATION, "stage", "Take-home", None)
        tx.families.save(family, replace(family, reviews={"r1": review}), now=house.clock(), gaps=[gap])

    await house.app.store.write(ask)
    tasks = {task.kind: task for task in await house.app.tasks.list()}
    assert tasks.keys() == {TaskKind.NOTICE, TaskKind.STOPPED, TaskKind.REVIEW, TaskKind.GAP}
    assert tasks[TaskKind.REVIEW].what.endswith("again and again: title")
    assert tasks[TaskKind.REVIEW].href == "/review/r1"
    assert "Take-home" in tasks[TaskKind.GAP].what
    assert {task.connection for task in tasks.values()} == {house.name, ""}
    await house.app.tasks.done(tasks[TaskKind.NOTICE].id, OWNER)
    await house.app.tasks.done(tasks[TaskKind.STOPPED].id, OWNER)
    assert {task.kind for task in await house.app.tasks.list()} == {TaskKind.REVIEW, TaskKind.GAP}
    (again,) = await house.app.store.read(lambda tx: tx.tasks.list(house.app.workspace, name="score"))
    assert again.state == "ready"


async def test_somebody_else_does_it_by_another_time_or_later(house: House) -> None:
    task = await failing(house)
    robin = await house.person("Robin Falk", 4_012_003)
    with pytest.raises(NotFoundError):
        await house.app.tasks.say([task.id], OWNER, assignee="nobody@tenant.example")
    (moved,) = await house.app.tasks.say([task.id], OWNER, assignee="robin@tenant.example")
    assert moved.assignee == robin.id
    assert [one.id for one in await house.app.tasks.list(Wanted(assignee=robin.id))] == [task.id]
    due = house.clock.at + timedelta(days=5)
    assert [one.due for one in await house.app.tasks.say([task.id], OWNER, due=due)] == [due]
    with pytest.raises(InputError):
        await house.app.tasks.say([task.id], OWNER, assignee="", due=house.clock.at - timedelta(days=1))
    with pytest.raises(InputError):
        await house.app.tasks.say([task.id], OWNER)
    (kept,) = await house.app.tasks.list()
    assert (kept.assignee, kept.due) == (robin.id, due)  # what was refused changed nothing
    later = house.clock.at + timedelta(days=9)
    assert [one.due for one in await house.app.tasks.say([task.id], OWNER, snoozed=later)] == [later]
    assert await house.app.tasks.list() == []
    assert len(await house.app.tasks.list(Wanted(every=True))) == 1
    house.clock.move(10 * DAY)
    assert [one.id for one in await house.app.tasks.list(Wanted(overdue=True))] == [task.id]
    assert [one.assignee for one in await house.app.tasks.say([task.id], OWNER, assignee="")] == [OWNER.id]


async def escalated(house: House) -> list[str]:
    """Ids of tasks that the status names as escalated."""
    return [one["id"] for one in (await house.app.standing.status())["tasks"]["escalated"]]


async def test_what_nobody_does_in_time_is_escalated_once_by_itself(house: House) -> None:
    task = await failing(house)
    await house.leap(400)
    assert await escalated(house) == []
    house.clock.move(DAY)
    await house.leap(700)
    assert await escalated(house) == [task.id]
    assert await noted(house, "task escalated") == 1
    (late,) = await house.app.tasks.list(Wanted(TaskKind.FAILURES))
    assert late.escalated is not None
    (taken,) = await house.app.tasks.say([task.id], OWNER, assignee="")  # somebody took it up ...
    assert (taken.escalated, await escalated(house)) == (None, [])
    await house.leap(400)
    assert await escalated(house) == [task.id]  # ... and did nothing
    assert await noted(house, "task escalated") == 2


async def noted(house: House, action: str) -> int:
    return len(await house.app.store.read(lambda tx: tx.audit.of_action(house.app.workspace, action)))


@both_databases
async def test_what_was_said_about_a_task_goes_with_it(house: House) -> None:
    task = await failing(house)
    with pytest.raises(NotFoundError):
        await house.app.tasks.say([task.id, "notice:99"], OWNER, due=house.clock.at + timedelta(days=5))
    assert await house.app.store.read(lambda tx: tx.assignments.all(house.app.workspace)) == {}
    await house.app.tasks.say([task.id], OWNER, due=house.clock.at + timedelta(days=5))
    (failure,) = await house.open_failures()
    await house.app.failures.discard(failure.write.id, "Not needed.", OWNER)
    await house.app.tasks.escalate()
    assert await house.app.store.read(lambda tx: tx.assignments.all(house.app.workspace)) == {}


async def test_a_mapping_is_to_be_looked_at_every_ninety_days(build: Builder) -> None:
    house = await build.house()
    created = house.at.row.created
    house.clock.at = created + timedelta(days=75)
    assert await house.app.tasks.list() == []
    house.clock.at = created + timedelta(days=77)
    (task,) = await house.app.tasks.list()
    assert (task.kind, task.due) == (TaskKind.MAPPING, created + timedelta(days=90))
    await house.app.tasks.done(task.id, OWNER)
    assert await house.app.tasks.list() == []
    house.clock.move(77 * DAY)
    assert [one.kind for one in await house.app.tasks.list()] == [TaskKind.MAPPING]


async def test_what_is_somebodys_goes_to_their_deputy_while_they_are_away_and_back_by_itself(house: House) -> None:
    app, now = house.app, house.clock()
    users = [User(n, app.workspace, f"{n}@tenant.example", n.title(), "owner", now) for n in ("owner", "dora", "eve")]
    await app.store.write(lambda tx: [tx.people.set_user(one) for one in users])
    await failing(house)

    async def whose() -> tuple[str, str]:
        (task,) = await app.tasks.list(Wanted(TaskKind.FAILURES))
        return task.assignee, task.instead_of

    assert await whose() == ("owner", "")
    day = timedelta(days=1)
    await app.absences.set("dora@tenant.example", "eve", None, now + 9 * day, OWNER)
    await app.absences.set("owner", "dora@tenant.example", None, now + 3 * day, OWNER)
    assert await whose() == ("eve", "owner"), "the deputy is away too, so theirs acts"
    assert await app.tasks.list(Wanted(TaskKind.FAILURES, assignee="eve@tenant.example"))
    assert [one.person for one in await app.absences.list()] == ["owner", "dora"]
    for person, deputy, since, until in (
        ("owner", "owner", None, now + day),
        ("eve", "dora", None, now + day),  # who acts for whom would go in a circle
        ("owner", "eve", now + day, now),
        ("owner", "eve", None, now + 999 * day),
    ):
        with pytest.raises(InputError):
            await app.absences.set(person, deputy, since, until, OWNER)
    with pytest.raises(NotFoundError):
        await app.absences.set("owner", "nobody@tenant.example", None, now + day, OWNER)
    await app.absences.end("dora", OWNER)
    assert await whose() == ("dora", "owner")
    house.clock.at += 4 * day
    assert await whose() == ("owner", "")
    assert await app.absences.list() == []
    with pytest.raises(NotFoundError):
        await app.absences.end("eve", OWNER)
