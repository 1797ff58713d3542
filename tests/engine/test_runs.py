"""Push and pull do now what would come by itself: through the same gates, without a webhook."""

from __future__ import annotations

import pytest
from tests.databases import both_databases

from bascule.errors import ForbiddenError, NotFoundError
from bascule.model import Actor, ActorKind, Kind, Mode
from bascule.office.runs import Left
from bascule.sandbox.greenhouse import people

from .kit import OWNER, ROBIN, Builder, House

DONE = Left(0, 0, 0, 0)


@pytest.fixture
async def deaf(build: Builder) -> House:
    """A customer that never entered the webhook."""
    house = await build.house(hooks=False)
    await house.pass_time(5)
    return house


async def met(house: House) -> int:
    """An applicant that a poll has met."""
    applied = await house.apply()
    await house.pass_time(70)
    return applied.candidate


async def test_a_record_is_pulled_before_any_poll(deaf: House) -> None:
    candidate = await met(deaf)
    record = await deaf.record(Kind.CANDIDATE, candidate)
    people.update(deaf.sandbox, ROBIN, candidate, {"title": "Countess"})
    asked = await deaf.app.runs.pull(record.id, OWNER)
    assert (asked.count, asked.connections) == (1, (deaf.name,))
    assert (await deaf.app.runs.left(record.id)).reads == 1
    await deaf.quiet()
    assert await deaf.value(Kind.CANDIDATE, candidate, "title") == "Countess"
    assert await deaf.app.runs.left(record.id) == DONE


@both_databases
async def test_a_job_is_pulled_with_its_applicants(deaf: House) -> None:
    candidate = await met(deaf)
    job = await deaf.record(Kind.JOB, deaf.job("Backend Engineer")["id"])
    people.update(deaf.sandbox, ROBIN, candidate, {"title": "Countess"})
    assert (await deaf.app.runs.pull(job.id, OWNER, connection=deaf.name)).count == 2
    await deaf.quiet()
    assert await deaf.value(Kind.CANDIDATE, candidate, "title") == "Countess"


async def test_a_connection_is_pulled_whole(deaf: House) -> None:
    candidate = await met(deaf)
    stranger = await deaf.apply(first="Bo", last="Ek", email="bo@example.org")
    people.update(deaf.sandbox, ROBIN, candidate, {"title": "Countess"})
    await deaf.app.runs.pull(deaf.name, OWNER)
    assert (await deaf.app.runs.left(deaf.name)).reads > 10
    await deaf.pass_time(10)
    assert await deaf.value(Kind.CANDIDATE, candidate, "title") == "Countess"
    assert await deaf.family(Kind.CANDIDATE, stranger.candidate) is not None
    assert (await deaf.app.runs.left(deaf.name)).reads == 0


async def test_a_push_sends_now_what_waits_for_its_next_try(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    house.sandbox.faults.add({"kind": "answer", "method": "PATCH", "path": "candidates", "status": 502, "times": 8})
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"title": "Countess"}, OWNER)
    await house.leap(300, step=15)
    house.sandbox.faults.clear()
    rest = await house.quiet()
    assert rest is not None
    assert house.candidate(applied.candidate)["title"] != "Countess"
    await house.app.runs.push(record.id, OWNER)
    await house.pass_time(3)
    assert house.candidate(applied.candidate)["title"] == "Countess"
    assert await house.app.runs.left(record.id) == DONE


@both_databases
async def test_a_push_does_not_pass_a_gate(build: Builder) -> None:
    house = await build.house(Mode.SHADOW)
    applied = await house.apply()
    await house.quiet()
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"title": "Countess"}, OWNER)
    await house.app.runs.push(record.id, OWNER)
    await house.pass_time(3)
    assert (await house.app.runs.left(record.id)).held
    assert not house.written()


async def test_what_was_settled_as_it_is_goes_out_only_by_a_persons_word(build: Builder) -> None:
    house = await build.house(Mode.OBSERVE)
    applied = await house.apply()
    await house.quiet()
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"title": "Countess"}, OWNER)
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER)  # what differs now is settled as it is
    await house.app.runs.push(record.id, OWNER)
    await house.pass_time(5)
    assert not house.written("candidates")
    with pytest.raises(ForbiddenError):
        await house.app.runs.push(record.id, Actor(ActorKind.RULE, "r", "r"), differences=True)
    with pytest.raises(ForbiddenError):
        await house.app.runs.push(house.name, OWNER, differences=True)
    await house.app.runs.push(record.id, OWNER, differences=True)
    await house.pass_time(5)
    assert house.candidate(applied.candidate)["title"] == "Countess"


async def test_a_name_nobody_knows_and_a_paused_connection_are_refused(house: House) -> None:
    with pytest.raises(NotFoundError):
        await house.app.runs.pull("nobody", OWNER)
    await house.app.accounts.pause(house.name, OWNER)
    with pytest.raises(ForbiddenError):
        await house.app.runs.pull(house.name, OWNER)
