"""Interviews that are booked here, as interviews of the ATS: made, moved, cancelled once; a note where it takes none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bascule.core.interviews import Rules
from bascule.core.mapping import Choice
from bascule.engine.wire import WireRequest
from bascule.model import Direction, Kind, Reason
from bascule.office.interviews import Wanted
from bascule.sandbox.greenhouse import pipeline
from bascule.sandbox.kit.tables import Row
from bascule.store.interviews import Interview

from .kit import DANA, HOST, OWNER, STAGE_TYPES, Applied, House

DANA_MAIL, ROBIN_MAIL, STRANGER = (f"{one}@tenant.example" for one in ("dana.whitfield", "robin.falk", "nobody"))
PLACE = "Room 4"
RIGHTS = tuple(
    f"harvest:{one}" for one in ("interviews:create", "interviews:update", "interviews:destroy", "job_interviews:list")
)


@dataclass
class Booked:
    """Somebody in the phone screen, and what is held there of the interviews that are booked here."""

    house: House
    applied: Applied

    @property
    def there(self) -> list[Row]:
        return list(self.house.sandbox.db["interviews"].where("application_id", self.applied.application))

    @property
    def notes(self) -> list[str]:
        return [one["body"] for one in self.house.notes(self.applied.candidate) if one["body"].startswith("Interview ")]

    def panel(self, row: Row) -> set[int]:
        return {one["user_id"] for one in self.house.sandbox.db["interviewers"].where("interview_id", row["id"])}

    async def book(self, *panel: str, days: int = 2) -> Interview:
        house = self.house
        record = await house.record(Kind.APPLICATION, self.applied.application)
        wanted = Wanted(list(panel or (DANA_MAIL, ROBIN_MAIL)), PLACE, Rules(length=60, days=7))
        one = await house.app.interviews.ask(record.id, wanted, OWNER)
        return await self.at(one, days)

    async def at(self, one: Interview, days: int) -> Interview:
        start = (self.house.clock.at + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
        booked = await self.house.app.interviews.accept(one.id, start, OWNER)
        await self.house.pass_time(20)
        return booked

    async def records(self) -> list[Any]:
        record = await self.house.record(Kind.APPLICATION, self.applied.application)
        family = await self.house.family(Kind.CANDIDATE, self.applied.candidate)
        assert family is not None
        return list(family.children(record.id, Kind.INTERVIEW))


def may(house: House, *rights: str) -> None:
    """The credential has these rights besides."""
    for row in house.sandbox.db["credentials"]:
        house.sandbox.access.change(DANA, row["id"], scopes=[*row["scopes"], *rights], user_id=row["user_id"])


async def chosen(house: House) -> None:
    choice = Choice(direction=Direction.BOTH)
    await house.app.mappings.choose(house.name, Kind.INTERVIEW, "starts_at", choice, OWNER)


@pytest.fixture
async def booked(house: House) -> Booked:
    """A customer who has interviews made in the ATS, and somebody in the phone screen."""
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    may(house, *RIGHTS)
    await chosen(house)
    made = await house.apply()
    await house.quiet()
    here = house.application(made.application)["job_interview_stage_id"]
    there = house.stage("Backend Engineer", "Phone Screen")["id"]
    pipeline.move(house.sandbox, DANA, made.application, {"from_stage_id": here, "to_stage_id": there})
    await house.pass_time(20)
    return Booked(house, made)


async def test_it_is_made_moved_and_cancelled_there_and_read_back_as_the_same(booked: Booked) -> None:
    house = booked.house
    one = await booked.book()
    (row,) = booked.there
    assert (row["starts_at"], row["ends_at"], row["location"]) == (one.starts, one.ends, PLACE)
    assert len(booked.panel(row)) == 2
    url = f"http://{HOST}/candidates/{booked.applied.candidate}"
    page = (await house.transport.send(WireRequest("GET", url, {}, b""), 10)).body.decode()
    assert "with Dana Whitfield, Robin Falk, Room 4" in page, "a recruiter sees it there"
    house.mark()
    await house.pass_time(700)  # every list comes round
    assert house.written("interviews", "interviewers", "notes") == []
    (record,) = await booked.records()
    assert record.origin == "ours"
    moved = await booked.at(one, 3)
    assert [each["starts_at"] for each in booked.there] == [moved.starts]
    await house.app.interviews.cancel(one.id, OWNER)
    await house.pass_time(700)
    assert booked.there == []
    assert booked.notes == []
    assert await house.open_reviews() == []
    assert await house.open_failures() == []


async def test_a_lost_answer_makes_no_second_one(booked: Booked) -> None:
    booked.house.sandbox.faults.add({"kind": "lost_answer", "method": "POST", "path": "interviews"})
    await booked.book()
    await booked.house.pass_time(300)
    assert len(booked.there) == 1
    assert await booked.house.open_reviews() == []


async def test_a_cancellation_whose_answer_is_lost_is_over_once_it_is_not_shown(booked: Booked) -> None:
    house = booked.house
    one = await booked.book()
    for hook in list(house.sandbox.db["webhooks"]):
        house.sandbox.db.delete("webhooks", hook["id"], DANA)
    house.sandbox.faults.add({"kind": "lost_answer", "method": "DELETE", "path": "interviews"})
    await house.app.interviews.cancel(one.id, OWNER)
    await house.pass_time(300)
    family = await house.family(Kind.CANDIDATE, booked.applied.candidate)
    assert family is not None
    assert [write.call for write in family.writes.values() if write.closed is None] == []
    assert booked.there == []
    assert [row["same"] for row in await house.compared() if row["object"] == "interviews"] == [True]


async def test_who_is_no_user_there_leaves_a_note_that_says_so(booked: Booked) -> None:
    await booked.book(DANA_MAIL, STRANGER)
    assert booked.there == []
    (note,) = booked.notes
    assert "This is a note only. Greenhouse has no user with the address of nobody." in note


async def test_a_stage_without_an_interview_in_its_plan_leaves_a_note_in_its_words(booked: Booked) -> None:
    for row in list(booked.house.sandbox.db["job_interviews"]):
        booked.house.sandbox.db.delete("job_interviews", row["id"], DANA)
    await booked.book()
    await booked.house.pass_time(60)
    (note,) = booked.notes
    assert "Greenhouse did not take it: The plan has no interview left in this stage." in note


async def test_a_move_that_is_refused_leaves_one_note_and_the_next_that_is_not_leaves_none(booked: Booked) -> None:
    house = booked.house
    one = await booked.book()
    (row,) = booked.there
    house.sandbox.db.change("interviews", row["id"], DANA, {"actionable": False})
    await booked.at(one, 3)
    await house.pass_time(60)
    (note,) = booked.notes
    assert "Interview moved:" in note
    assert "Only active interviews that were created here can be changed" in note
    house.sandbox.db.change("interviews", row["id"], DANA, {"actionable": True})
    for days in (4, 5):
        moved = await booked.at(one, days)
        await house.pass_time(60)
    assert [each["starts_at"] for each in booked.there] == [moved.starts]
    assert booked.notes == [note]
    assert await house.open_reviews() == []


async def test_an_erasure_takes_it_along(booked: Booked) -> None:
    await booked.book()
    person = await booked.house.record(Kind.CANDIDATE, booked.applied.candidate)
    await booked.house.app.erasures.begin(person.id, OWNER)
    await booked.house.pass_time(120)
    assert booked.there == []


async def test_another_time_there_is_another_time_here(booked: Booked) -> None:
    house = booked.house
    one = await booked.book()
    (row,) = booked.there
    later = row["starts_at"] + timedelta(days=1)
    times = {"starts_at": later, "ends_at": later + timedelta(minutes=90)}
    house.sandbox.db.change("interviews", row["id"], DANA, times)
    house.mark()
    await house.pass_time(700)
    held = await house.app.interviews.one(one.id)
    assert (held["state"], held["starts"], held["rules"]["length"]) == ("booked", later, 90)
    assert house.written("interviews") == []
    assert booked.notes == []


async def test_another_length_there_is_another_length_here(booked: Booked) -> None:
    house = booked.house
    one = await booked.book()
    (row,) = booked.there
    house.sandbox.db.change("interviews", row["id"], DANA, {"ends_at": row["starts_at"] + timedelta(minutes=90)})
    house.mark()
    await house.pass_time(700)
    held = await house.app.interviews.one(one.id)
    assert (held["state"], held["starts"], held["rules"]["length"]) == ("booked", row["starts_at"], 90)
    assert held["ends"] == row["starts_at"] + timedelta(minutes=90)
    assert house.written("interviews") == []
    assert booked.notes == []


async def test_one_that_was_removed_there_is_cancelled_here(booked: Booked) -> None:
    house = booked.house
    one = await booked.book()
    (row,) = booked.there
    house.sandbox.db.delete("interviews", row["id"], DANA)
    house.sandbox.hooks.emit("interview_deleted", lambda: {"id": row["id"], "application_id": row["application_id"]})
    await house.pass_time(60)
    held = await house.app.interviews.one(one.id)
    assert (held["state"], held["why"]) == ("cancelled", "it was cancelled in the ATS")
    assert booked.there == []
    assert await house.open_reviews() == []


async def test_a_time_there_that_somebody_of_the_panel_has_not_is_told(booked: Booked) -> None:
    house = booked.house
    other = await house.apply("Bo", "Lee", "bo@example.org")
    await house.quiet()
    first = await booked.book()
    taken = await Booked(house, other).book(ROBIN_MAIL, days=3)
    (row,) = booked.there
    busy = (await house.app.interviews.one(taken.id))["starts"]
    times = {"starts_at": busy, "ends_at": busy + timedelta(hours=1)}
    house.sandbox.db.change("interviews", row["id"], DANA, times)
    await house.pass_time(700)
    (told,) = await house.notices("interview moved there")
    assert "is not here" in told
    held = (await house.app.interviews.one(first.id))["starts"]
    assert held != busy
    back = {"starts_at": held, "ends_at": held + timedelta(hours=1)}
    house.sandbox.db.change("interviews", row["id"], DANA, back)
    await house.pass_time(700)
    assert await house.notices("interview moved there") == [], "it is there again where it is here"


async def test_a_time_that_could_not_be_taken_over_is_told_no_more_once_the_interview_is_cancelled(
    booked: Booked,
) -> None:
    house = booked.house
    other = await house.apply("Bo", "Lee", "bo@example.org")
    await house.quiet()
    first = await booked.book()
    taken = await Booked(house, other).book(ROBIN_MAIL, days=3)
    (row,) = booked.there
    busy = (await house.app.interviews.one(taken.id))["starts"]
    times = {"starts_at": busy, "ends_at": busy + timedelta(hours=1)}
    house.sandbox.db.change("interviews", row["id"], DANA, times)
    await house.pass_time(700)
    assert len(await house.notices("interview moved there")) == 1
    await house.app.interviews.cancel(first.id, OWNER)
    assert await house.notices("interview moved there") == []


async def test_a_right_that_is_missing_leaves_a_note_and_is_told(booked: Booked) -> None:
    house = booked.house
    for row in house.sandbox.db["credentials"]:
        left = [one for one in row["scopes"] if one != "harvest:interviews:create"]
        house.sandbox.access.change(DANA, row["id"], scopes=left, user_id=row["user_id"])
    one = await booked.book()
    await house.pass_time(60)
    (note,) = booked.notes
    assert "This is a note only. Greenhouse did not take it:" in note
    (failure,) = await house.open_failures()
    assert failure.write.reason is Reason.PERMISSION
    assert "harvest:interviews:create" in house.app.grants.of(house.at).missing
    await house.app.interviews.cancel(one.id, OWNER)
    await house.pass_time(60)
    assert len(booked.notes) == 2
    assert "Interview cancelled:" in booked.notes[1]
    assert await house.open_failures() == []


async def test_until_its_owner_has_chosen_so_nothing_is_made_there_and_no_right_asked_for(house: House) -> None:
    assert not any("interviews:create" in one for one in house.scopes())
    assert Kind.INTERVIEW not in house.at.view.creates
    await chosen(house)
    assert "harvest:interviews:create" in house.app.grants.of(house.at).missing
