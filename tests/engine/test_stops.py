"""The stop button: no request that writes leaves any more, reading goes on, and after the release everything arrives;
the same of messages to candidates, with all writes or by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.databases import both_databases

from bascule.core.messages import Words
from bascule.errors import ForbiddenError, InputError
from bascule.hiring.mail import Server
from bascule.model import Actor, ActorKind, Kind
from bascule.office.stops import HeldBack
from bascule.sandbox.greenhouse import people, pipeline
from bascule.store import Tx
from bascule.store.connections import Stopped
from bascule.store.messages import Message, MessageState
from bascule.store.people import User

from .kit import OWNER, ROBIN, Applied, Exchange, House
from .mailbox import Mailbox, mailbox

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
    _, slow = house.app.metrics.lag(house.at.id)
    assert slow is not None
    assert slow < 60, "two hours of waiting for a person are no slowness"
    measured = [row.measured for row in (await house.app.mappings.document(house.name)).rows if row.field == "company"]
    assert [("read p50" in one, "; written p50" in one) for one in measured] == [(True, True)]


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


# ---------------------------------------------------------------------------------------------- messages to candidates


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, Server]]:
    with mailbox() as found:
        yield found


@dataclass
class Written:
    """A customer whose candidates can be written to."""

    house: House
    box: Mailbox

    async def applied(self, name: str) -> tuple[Applied, str]:
        """Somebody, with the id of their application here."""
        one = await self.house.apply(name, "Byron", f"{name.lower()}@example.org")
        await self.house.quiet()
        return one, (await self.house.record(Kind.APPLICATION, one.application)).id

    async def send(self, application: str, subject: str) -> str:
        words = Words(subject, f"{subject}, and more.")
        return (await self.house.app.message_desk.send(application, "next-step", OWNER, words=words)).id

    async def message(self, id: str) -> Message:
        return await self.house.app.message_desk.one(id)

    def got(self, name: str) -> list[str]:
        return [str(one["Subject"]) for one in self.box.letters if name.lower() in str(one["To"])]


@pytest.fixture
async def written(house: House, box: tuple[Mailbox, Server]) -> Written:
    user = User("owner", house.app.workspace, "olga@tenant.example", "Olga Owner", "admin", house.clock())
    await house.app.store.write(lambda tx: tx.people.set_user(user))
    await house.app.message_desk.set_server(box[1], OWNER)
    await house.quiet()
    box[0].letters.clear()
    return Written(house, box[0])


@both_databases
async def test_messages_alone_are_stopped_shown_and_released_once_in_order(written: Written) -> None:
    house, stops = written.house, written.house.app.stops
    people_ = [await written.applied(name) for name in ("Ada", "Ben", "Cleo")]
    await stops.stop(house.name, ADA, "the wrong template", Stopped.MESSAGES)
    sent_ids = [await written.send(id, f"{word}") for word in ("One", "Two", "Three") for _, id in people_]
    await house.leap(3 * 3600, step=600)
    assert written.box.letters == []
    waits = await held(house)
    assert (waits.stop, waits.letters.count, waits.letters.under_way) == (None, 9, 0)
    assert [(template, n) for template, n, _ in waits.letters.templates] == [("next-step", 9)]
    assert next((one.id, name) for one, name in waits.letters.first) == (sent_ids[0], "Ada Byron")
    why = (await written.message(sent_ids[0])).why
    assert why.startswith("Messages to candidates stopped by Ada Admin since 2026-11-20")

    record = (await house.record(Kind.CANDIDATE, people_[0][0].candidate)).id
    await house.app.changes.add_note(record, "Written all the same", "private", OWNER)
    await house.quiet()
    assert said(house, people_[0][0], "Written all the same"), "writing goes on"

    await stops.release(house.name, ADA, what=Stopped.MESSAGES)
    await house.leap(50, step=5)
    assert [written.got(name) for name in ("Ada", "Ben", "Cleo")] == [["One", "Two", "Three"]] * 3
    await house.leap(3600, step=600)
    assert len(written.box.letters) == 9, "each once"
    assert not (await held(house)).letters.count


async def test_both_stops_stand_and_each_is_released_by_itself(written: Written) -> None:
    house, stops = written.house, written.house.app.stops
    _, ada = await written.applied("Ada")
    await stops.stop(house.name, ADA, "an audit")
    await written.send(ada, "One")
    await house.leap(600, step=60)
    assert written.box.letters == [], "a stop of all writes holds messages too"
    assert (await held(house)).letters.count == 1, "and shows them"
    with pytest.raises(InputError, match="The messages of acme are not stopped") as refused:
        await stops.release(house.name, ADA, what=Stopped.MESSAGES)
    assert refused.value.hint == f"bascule connections release {house.name}"
    await stops.stop(house.name, ADA, "the wrong template", Stopped.MESSAGES)
    kinds = {one["kind"] for one in (await house.app.standing.status())["notices"]}
    assert kinds == {"writes stopped", "messages stopped"}
    doctor = {one.next for one in await house.app.health.examine(house.app.workspace) if "stopped by" in one.what}
    assert doctor == {f"bascule connections release {house.name}{more}" for more in ("", " --messages")}

    await stops.release(house.name, ADA)
    await house.leap(600, step=60)
    assert written.box.letters == [], "the messages are stopped still"
    assert (await house.app.standing.status())["words"] == "Paused: messages to candidates are stopped"
    await stops.release(house.name, ADA, what=Stopped.MESSAGES)
    await house.leap(50, step=5)
    assert written.got("Ada") == ["One"]
    assert not (await house.app.standing.status())["notices"]
    assert await audited(house, "messages stopped")
    assert await audited(house, "messages released")


async def test_a_message_that_holds_no_more_is_withheld_and_says_why(written: Written) -> None:
    house, desk = written.house, written.house.app.screenings
    await house.app.stops.stop(house.name, ADA, "an audit", Stopped.MESSAGES)
    (ada, a), (_, b), (_, c), (_, d) = [await written.applied(name) for name in ("Ada", "Ben", "Cleo", "Dan")]
    closed = await written.send(a, "Next")
    asked: list[str] = []
    for application in (b, c, d):
        await desk.invite(application, OWNER)
        link = str((await desk.told(application))["link"])
        asked.append((await house.app.message_desk.send(application, "screening-invitation", OWNER, link=link)).id)
    await house.quiet()
    pipeline.reject(
        house.sandbox, ROBIN, ada.application, {"rejection_reason_id": house.sandbox.db["rejection_reasons"].ids[0]}
    )
    await desk.opt_out(b, OWNER)
    await desk.invite(c, OWNER, anew=True)
    await house.leap(300, step=30)
    await house.app.stops.release(house.name, ADA, what=Stopped.MESSAGES)
    await house.leap(50, step=5)
    letters = [str(one["To"]) for one in written.box.letters]
    assert letters == ["robin.falk@tenant.example", "dan@example.org"], "the recruiter hears of who opts out"
    told = {id: ((one := await written.message(id)).state, one.why) for id in (closed, *asked[:2])}
    assert told == {
        closed: (MessageState.WITHHELD, "the application is rejected"),
        asked[0]: (MessageState.WITHHELD, "the form is opted out"),
        asked[1]: (MessageState.WITHHELD, "the form that it asks for has another link"),
    }
