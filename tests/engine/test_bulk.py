"""Two systems in step. Somebody changes very many people in the one: the other hears of it when a person agrees."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from bascule.core import bulk
from bascule.engine.wire import AsgiApp
from bascule.model import Mode, ReviewKind
from bascule.office.accounts import NewConnection
from bascule.sandbox import greenhouse
from bascule.sandbox.greenhouse import people

from .kit import DANA, JOBS, OWNER, PLENTY, Builder, House

MANY = bulk.LEAST + 5
OTHER = "127.0.0.1:8"


class Two:
    """A house, and a second ATS that knows the same people."""

    def __init__(self, house: House) -> None:
        self.house = house
        options = greenhouse.Options(rate=PLENTY, token_rate=PLENTY, jobs=JOBS)
        self.there = greenhouse.Sandbox(options, now=house.clock, deliver=self._deaf, sleep=house.clock.sleep)
        apps: dict[str, AsgiApp] = house.transport._apps  # type: ignore[reportPrivateUsage]
        apps[OTHER] = greenhouse.create_app(self.there)

    @staticmethod
    async def _deaf(url: str, headers: object, body: bytes) -> int:
        return 200

    async def begin(self) -> None:
        """The same people in both, met by their addresses; both live."""
        for n in range(MANY):
            for ats in (self.house.sandbox, self.there):
                people.create(ats, DANA, {
                    "first_name": "Pat", "last_name": f"Number{n:02}", "title": "Clerk",
                    "email_addresses": [{"value": f"pat{n}@example.org", "type": "personal"}],
                })  # fmt: skip
        await self.house.connect()
        key = self.there.access.create(DANA, "Bascule", 4_012_001, self.house.scopes())
        await self.house.app.accounts.connect(
            NewConnection(
                "second", "greenhouse", f"http://{OTHER}/v3", settings={"client_id": key["client_id"]},
                secrets={"client_secret": key["secret"], "webhook_secret": uuid.uuid4().hex}, granted=key["scopes"],
            ),
            OWNER,
        )  # fmt: skip
        await self.house.until(lambda: self.house.app.connections.named("second").row.crawled, within=900)
        await self.house.app.accounts.create_fields("second", OWNER)
        await self.house.app.accounts.set_mode("second", Mode.LIVE, OWNER)
        await self.house.pass_time(30)

    def change(self, title: str, first: int = 0, last: int = MANY) -> None:
        """Somebody changes this many people in the first ATS."""
        rows = [row["id"] for row in self.house.sandbox.db["candidates"] if row["last_name"].startswith("Number")]
        for id in sorted(rows)[first:last]:
            people.update(self.house.sandbox, DANA, id, {"title": title})

    def titles(self) -> list[str]:
        return [row["title"] for row in self.there.db["candidates"] if row["last_name"].startswith("Number")]

    async def asked(self) -> Sequence[Any]:
        return [one for one in await self.house.open_reviews() if one.review.kind is ReviewKind.BULK]


@pytest.fixture
async def two(build: Builder) -> Two:
    both = Two(await build.house(None))
    await both.begin()
    return both


async def test_a_mass_change_in_one_system_waits_before_it_reaches_the_other_and_goes_when_released(two: Two) -> None:
    two.change("Senior clerk")
    await two.house.pass_time(60)
    (item,) = await two.asked()
    travelled = two.titles().count("Senior clerk")
    assert travelled <= bulk.LEAST
    await two.house.leap(120, step=15)
    assert two.titles().count("Senior clerk") == travelled  # nothing of it leaks
    assert len(await two.asked()) == 1  # one item, however many
    await two.house.app.changes.decide(item.review.id, "approve", OWNER)
    await two.house.pass_time(90)
    assert two.titles() == ["Senior clerk"] * MANY
    assert not await two.asked()
    two.change("Head clerk")  # more of the same within the agreement
    await two.house.pass_time(90)
    assert two.titles() == ["Head clerk"] * MANY


async def test_refused_the_other_system_keeps_what_it_has_and_later_changes_travel(two: Two) -> None:
    two.change("Ex-clerk")
    await two.house.pass_time(60)
    (item,) = await two.asked()
    travelled = two.titles().count("Ex-clerk")
    await two.house.app.changes.decide(item.review.id, "decline", OWNER)
    await two.house.leap(700)
    assert two.titles().count("Ex-clerk") == travelled
    assert not await two.asked()
    two.change("Clerk again", MANY - 2)
    await two.house.pass_time(60)
    assert two.titles().count("Clerk again") == 2


async def test_a_few_changes_travel_at_once_and_nobody_is_asked(two: Two) -> None:
    two.change("Senior clerk", 0, 5)
    await two.house.pass_time(60)
    assert two.titles().count("Senior clerk") == 5
    assert not await two.asked()


async def test_when_the_asked_person_is_erased_the_question_is_asked_in_another_name(two: Two) -> None:
    two.change("Senior clerk")
    await two.house.pass_time(60)
    (item,) = await two.asked()
    await two.house.app.erasures.begin(item.review.record, OWNER)
    await two.house.leap(4000, 200)
    (again,) = await two.asked()
    assert again.review.record != item.review.record
    await two.house.app.changes.decide(again.review.id, "approve", OWNER)
    await two.house.pass_time(90)
    assert set(two.titles()) <= {"Senior clerk", None}
