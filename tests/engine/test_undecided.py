"""Whoever waits too long for a person is told of: by job, to its recruiters and the owner, whatever the score."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.databases import both_databases

from bascule.errors import InputError, NotFoundError
from bascule.hiring.mail import Server
from bascule.model import Kind
from bascule.office.undecided import UNDECIDED
from bascule.sandbox.greenhouse import pipeline

from .kit import OWNER, ROBIN, House
from .mailbox import Mailbox, mailbox

TITLE = "Backend Engineer"
DAY = 86_400


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, Server]]:
    with mailbox() as found:
        yield found


@both_databases
async def test_who_nobody_has_decided_about_is_told_of_until_somebody_does(
    house: House, box: tuple[Mailbox, Server]
) -> None:
    app = house.app
    await app.message_desk.set_server(box[1], OWNER)
    box[0].letters.clear()
    first = await house.apply()
    second = await house.apply("Grace", "Hopper", "grace@example.org")
    await house.pass_time(5)
    job = (await house.record(Kind.JOB, house.job(TITLE)["id"])).id

    async def waiting() -> list[tuple[str, int]]:
        return [(one.job.id, one.many) for one in await app.store.read(app.undecided.by_job)]

    assert await waiting() == []
    await app.undecided.set_days(1, OWNER)
    await house.leap(DAY + 7200, step=DAY / 2)
    assert await waiting() == [(job, 2)]
    (said,) = await house.notices(UNDECIDED)
    assert said.startswith("2 applicants have waited for a person's decision for 1 day or more in “Backend Engineer”")
    (task,) = [one for one in await app.tasks.list() if one.href == f"/undecided?job={job}"]
    assert "ends by itself" in task.step
    assert [one["Subject"] for one in box[0].letters] == [said]
    with pytest.raises(NotFoundError):
        await app.store.read(lambda tx: app.undecided.of_job(tx, "nothing", after=None, limit=5))
    for days in (-1, 400):
        with pytest.raises(InputError):
            await app.undecided.set_days(days, OWNER)

    here, stage = house.application(first.application)["job_interview_stage_id"], house.stage(TITLE, "Onsite")["id"]
    pipeline.move(house.sandbox, ROBIN, first.application, {"from_stage_id": here, "to_stage_id": stage})
    await house.leap(7200, step=3600)
    assert await waiting() == [(job, 1)]
    reason = house.reason("Role closed")["id"]
    pipeline.reject(house.sandbox, ROBIN, second.application, {"rejection_reason_id": reason})
    await house.leap(7200, step=3600)
    assert await waiting() == []
    assert not await house.notices(UNDECIDED)


async def test_of_a_connection_that_was_taken_away_nobody_is_told_any_more(
    house: House, box: tuple[Mailbox, Server]
) -> None:
    app = house.app
    await app.message_desk.set_server(box[1], OWNER)
    box[0].letters.clear()
    await house.apply()
    await app.undecided.set_days(1, OWNER)
    await house.leap(DAY + 7200, step=DAY / 2)
    assert len(box[0].letters) == len(await house.notices(UNDECIDED)) == 1
    await app.accounts.remove(house.name, OWNER)
    await house.leap(8 * DAY, step=DAY / 2)
    assert await house.notices(UNDECIDED) == []
    assert len(box[0].letters) == 1, "they can decide nothing that is seen"
