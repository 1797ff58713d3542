"""What a person has sent can be taken back until it leaves: it waits again as it did, and nothing of it has left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tests.databases import both_databases

from bascule.core.reviews import APPROVE
from bascule.errors import ConflictError, NotFoundError
from bascule.hiring.mail import Server
from bascule.model import Actor, ActorKind, Kind
from bascule.store.messages import MessageState
from bascule.store.people import User
from bascule.store.triggers import FiringState

from .kit import OWNER, STAGE_TYPES, Builder, House
from .mailbox import Mailbox, mailbox
from .test_decisions import link
from .test_triggers import RECEIVED, held, messages, states


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, Server]]:
    with mailbox() as found:
        yield found


@pytest.fixture
async def minute(build: Builder, box: tuple[Mailbox, Server]) -> House:
    """A customer where a letter leaves a minute after a person has sent it, and one rule in force."""
    build.undo = 60
    house = await build.house()
    user = User("owner", house.app.workspace, "olga@tenant.example", "Olga Owner", "owner", house.clock())
    await house.app.store.write(lambda tx: tx.people.set_user(user))
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    await house.app.message_desk.set_server(box[1], OWNER)
    box[0].letters.clear()
    await house.app.trigger_desk.save(RECEIVED, OWNER)
    await house.quiet()
    return house


def to_candidates(box: Mailbox) -> list[str]:
    return [str(one["To"]) for one in box.letters if str(one["To"]).endswith("@example.org")]


@both_databases
async def test_what_is_taken_back_waits_again_and_leaves_once_when_it_is_sent_again(
    minute: House, box: tuple[Mailbox, Server]
) -> None:
    house, desk = minute, minute.app.message_desk
    ada = await house.apply()
    await house.pass_time(8)
    (first,) = await held(house, ada)
    await house.app.changes.decide(first.id, APPROVE, OWNER)
    await house.pass_time(30)
    assert to_candidates(box[0]) == []
    ((leaving, trigger),) = [(one.message, one.trigger) for one in await desk.leaving()]
    assert (trigger, leaving.state) == ("thanks", MessageState.DUE)
    back = await desk.take_back(leaving.id, OWNER)
    assert back.state is MessageState.HELD
    (again,) = await held(house, ada)
    assert (again.detail["subject"], again.actor) == (first.detail["subject"], first.actor)
    assert str(again.detail["because"]).endswith("took it back before it left)")
    assert await states(house) == [("thanks", FiringState.WAITING)]
    await house.pass_time(120)
    assert to_candidates(box[0]) == []
    with pytest.raises(ConflictError, match="not on its way"):
        await desk.take_back(leaving.id, OWNER)
    await house.app.changes.decide(again.id, APPROVE, OWNER)
    await house.pass_time(70)
    assert to_candidates(box[0]) == ["ada@example.org"]
    assert await states(house) == [("thanks", FiringState.DONE)]
    with pytest.raises(ConflictError, match="has left already"):
        await desk.take_back(leaving.id, OWNER)
    entries = await house.app.store.read(lambda tx: tx.audit.of_family(back.family))
    assert [one.action for one in entries].count("message taken back") == 1


async def test_a_batch_is_taken_back_by_its_rule_and_by_the_link_of_whoever_sent_it(
    minute: House, box: tuple[Mailbox, Server]
) -> None:
    house, desk = minute, minute.app.message_desk
    for number in range(3):
        await house.apply(f"P{number}", "Byron", f"p{number}@example.org")
    await house.pass_time(80)
    token = link(box[0])
    assert await house.app.decisions.batch(token, "thanks", APPROVE) == (3, 0)
    opened = await house.app.decisions.open(token)
    assert (len(opened.leaving), opened.leaving_of, len(opened.items)) == (3, {"thanks": 3}, 0)
    stranger = Actor(ActorKind.PERSON, "somebody", "Somebody")
    with pytest.raises(NotFoundError):
        await desk.take_back(opened.leaving[0].message.id, stranger, own=True)
    assert await house.app.decisions.take_back(token, opened.leaving[0].message.id)
    assert await house.app.decisions.take_all_back(token, "thanks") == (2, 0)
    await house.pass_time(200)
    assert to_candidates(box[0]) == []
    opened = await house.app.decisions.open(token)
    assert (len(opened.items), opened.batches, opened.leaving) == (3, {"thanks": 3}, ())
    assert len([one for one in box[0].letters if "/decide/" in str(one)]) == 1  # nobody is told a second time
    assert await house.app.decisions.batch(token, "thanks", APPROVE) == (3, 0)
    await house.pass_time(90)
    assert sorted(to_candidates(box[0])) == ["p0@example.org", "p1@example.org", "p2@example.org"]


async def test_what_somebody_wrote_themselves_and_takes_back_is_not_sent(
    minute: House, box: tuple[Mailbox, Server]
) -> None:
    house, desk = minute, minute.app.message_desk
    ada = await house.apply()
    await house.pass_time(8)
    application = await house.record(Kind.APPLICATION, ada.application)
    sent = await desk.send(application.id, "next-step", OWNER)
    assert (await desk.send(application.id, "next-step", OWNER)).id == sent.id  # a button that was pressed twice
    back = await desk.take_back(sent.id, OWNER)
    assert (back.state, (await desk.one(sent.id)).why) == (
        MessageState.WITHHELD, f"{OWNER.name} took it back before it left",
    )  # fmt: skip
    await house.pass_time(120)
    assert to_candidates(box[0]) == []
    assert await messages(house) == [MessageState.HELD, MessageState.WITHHELD]


@both_databases
async def test_taking_back_and_leaving_at_the_same_moment_one_of_them_holds(
    minute: House, box: tuple[Mailbox, Server]
) -> None:
    house, desk = minute, minute.app.message_desk
    people = [await house.apply(f"P{number}", "Byron", f"p{number}@example.org") for number in range(6)]
    await house.pass_time(8)
    for one in people:
        await house.app.changes.decide((await held(house, one))[0].id, APPROVE, OWNER)
    due = [one.message.id for one in await desk.leaving()]
    house.clock.at += max(one.message.due for one in await desk.leaving()) - house.clock.at

    async def back(id: str) -> bool:
        try:
            await desk.take_back(id, OWNER)
        except ConflictError:
            return False
        return True

    taken, _ = await asyncio.gather(asyncio.gather(*[back(id) for id in due]), house.quiet())
    await house.pass_time(120)
    found = {one.id: one for one in await desk.list()}
    assert len(due) == 6
    for id, was in zip(due, taken, strict=True):
        assert found[id].state is (MessageState.HELD if was else MessageState.SENT)
        assert (found[id].to in to_candidates(box[0])) is not was
