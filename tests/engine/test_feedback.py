"""Feedback of outside tools: attached to the right interview, noted in the ATS once, refused where it is another's."""

from __future__ import annotations

import json

import pytest
from tests.databases import both_databases

from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.model import Kind
from bascule.office.feedback import Given, Named, Score
from bascule.office.interviews import Wanted
from bascule.store.people import User

from .kit import OWNER, Applied, House

DANA_MAIL = "dana@tenant.example"


async def given(house: House, applied: Applied, key: str = "k1", **more: object) -> Given:
    person = Named(str(applied.candidate), house.name)
    about = Named(str(applied.application), house.name)
    said: dict[str, object] = {
        "rating": "yes", "scores": [Score("Python", "4 of 5", "asyncio")], "text": "Knows ledgers.", "application": about,
    }  # fmt: skip
    return Given(key, person, "Notetaker", "Dana Whitfield", DANA_MAIL, **{**said, **more})  # type: ignore[arg-type]


def notes(house: House, applied: Applied) -> list[str]:
    return [one["body"] for one in house.notes(applied.candidate) if one["body"].startswith("Interview feedback")]


@both_databases
async def test_it_is_noted_once_whatever_is_sent_again_and_goes_with_the_person(house: House) -> None:
    ada = await house.apply()
    await house.quiet()
    dana = User("dana", house.app.workspace, DANA_MAIL, "Dana Whitfield", "hiring manager", house.clock())
    await house.app.store.write(lambda tx: tx.people.set_user(dana))
    first = await house.app.feedback.take(await given(house, ada), "copilot", OWNER)
    again = await house.app.feedback.take(await given(house, ada), "copilot", OWNER)
    assert (first.repeated, again.repeated, again.feedback.id) == (False, True, first.feedback.id)
    with pytest.raises(ConflictError):
        await house.app.feedback.take(await given(house, ada, rating="no"), "copilot", OWNER)
    other = await house.app.feedback.take(await given(house, ada), "another tool", OWNER)
    assert not other.repeated, "a key is the tool's own"
    await house.pass_time(12)
    found = notes(house, ada)
    assert len(found) == 2
    assert found[0].startswith(
        "Interview feedback of Dana Whitfield, sent by Notetaker.\nRating: yes\nPython: 4 of 5 (asyncio)\nKnows ledgers."
    )
    application = await house.record(Kind.APPLICATION, ada.application)
    (kept, _) = await house.app.feedback.of(application.id)
    assert kept.said["text"] == "Knows ledgers."
    told = (await house.app.subscriptions.events(OWNER, types=["interview.feedback"])).items
    assert [str(application.id) in json.dumps(one) for one in told] == [True, True]
    await house.app.erasures.begin((await house.record(Kind.CANDIDATE, ada.candidate)).id, OWNER)
    await house.pass_time(60)
    assert not await house.app.store.read(lambda tx: tx.interviews.feedback([application.id]))


async def test_an_interview_of_somebody_else_keeps_nothing(house: House) -> None:
    ada, bo = await house.apply(), await house.apply("Bo", "Ek", "bo@example.org")
    await house.quiet()
    mine = await house.record(Kind.APPLICATION, bo.application)
    one = await house.app.interviews.ask(mine.id, Wanted([DANA_MAIL], "Room 1"), OWNER)
    taken = await house.app.feedback.take(
        await given(house, bo, application=None, interview=Named(one.id)), "copilot", OWNER
    )
    assert (taken.feedback.application, taken.feedback.said["interview"]) == (mine.id, one.id)
    for wrong in (
        {"interview": Named(one.id), "application": None},
        {"interview": Named(one.id)},
        {"application": Named(str(bo.application), house.name)},
        {"application": None},
        {"rating": "", "scores": (), "text": " "},
        {"text": "x" * 20_001},
    ):
        with pytest.raises(InputError):
            await house.app.feedback.take(await given(house, ada, "k2", **wrong), "copilot", OWNER)
    for unknown in ({"application": Named("nothing")}, {"interview": Named("4711", house.name)}):
        with pytest.raises(NotFoundError):
            await house.app.feedback.take(await given(house, ada, "k3", **unknown), "copilot", OWNER)
    await house.pass_time(12)
    assert notes(house, ada) == []
