"""What the system lists now is what is held of it: proved list by list, and every difference named, healed and told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bascule.core import bulk
from bascule.engine.rhythm import PARITY
from bascule.model import Kind, LinkState, replace
from bascule.sandbox.greenhouse import people
from bascule.store import Tx

from .kit import DANA, OWNER, ROBIN, Applied, Builder, House

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def compare(house: House, object: str = "candidates", within: float = 900) -> dict[str, Any]:
    """Compare a list now; the result."""
    began = await house.app.parities.begin(house.name, OWNER, object=object)

    async def ended() -> bool:
        (told,) = await house.app.parities.told(house.name, object=object)
        return told["ended"] is not None and told["ended"] >= began

    await house.until(ended, within=within)
    (told,) = await house.app.parities.told(house.name, object=object)
    return told


async def notices(house: House) -> list[str]:
    found = await house.app.store.read(lambda tx: tx.notices.list(house.app.workspace))
    return [one.text for one in found if one.kind == PARITY]


@pytest.fixture
async def ada(house: House) -> Applied:
    """Somebody whom no poll reads again: another has applied since."""
    return await two_people(house)


async def two_people(house: House) -> Applied:
    applied = await house.apply()
    await house.pass_time(65)
    await house.apply("Grace", "Hopper", "grace@example.org")
    await house.pass_time(65)
    house.mark()
    return applied


async def test_a_healthy_system_is_in_parity_in_every_list(house: House, ada: Applied) -> None:
    began = await house.app.parities.begin(house.name, OWNER)
    await house.pass_time(30)
    told = await house.app.parities.told(house.name)
    assert {one["object"] for one in told} >= {"candidates", "applications", "jobs", "notes", "users"}
    for one in told:
        assert one["ended"] is not None
        assert one["ended"] >= began
        assert not one["error"]
        assert one["unexplained"] == one["left"] == one["moving"] == 0, one
        assert one["theirs"] == one["ours"], one
        assert one["same"], one
    held = next(one for one in told if one["object"] == "candidates")
    assert held["theirs"] == len(house.sandbox.db["candidates"])
    assert not await notices(house)


async def test_a_change_that_no_event_told_of_is_found_healed_and_then_there_is_none(
    house: House, ada: Applied
) -> None:
    row = house.candidate(ada.candidate)
    row["first_name"] = "Augusta"  # behind the API's back: no webhook, and not even a new time of change
    told = await compare(house)
    (found,) = told["differences"]
    assert (found["field"], found["cause"], found["state"]) == ("first_name", "event lost", "healed")
    assert (told["unexplained"], told["healed"], told["left"], told["same"]) == (1, 1, 0, False)
    assert await house.value(Kind.CANDIDATE, ada.candidate, "first_name") == "Augusta"
    again = await compare(house)
    assert (again["unexplained"], again["same"]) == (0, True)
    assert not await notices(house)
    assert not house.written("candidates")


async def test_what_a_poll_finds_meanwhile_was_only_on_its_way(build: Builder) -> None:
    house = await build.house(hooks=False)
    ada = await house.apply()
    await house.pass_time(65)
    people.update(house.sandbox, ROBIN, ada.candidate, {"first_name": "Augusta"})
    told = await compare(house)
    assert (told["unexplained"], told["moving"], told["passed"]) == (0, 1, 1)


async def test_a_bulk_change_without_webhooks_is_named_as_one(build: Builder) -> None:
    house = await build.house(mode=None)
    for n in range(bulk.LEAST + 5):
        people.create(house.sandbox, DANA, {
            "first_name": "Pat", "last_name": f"Number{n:02}", "title": "Clerk",
            "email_addresses": [{"value": f"pat{n}@example.org", "type": "personal"}],
        })  # fmt: skip
    await house.connect()
    await house.pass_time(10)
    await house.apply()
    await house.pass_time(65)
    assert (await compare(house))["same"]
    for row in house.sandbox.db["candidates"]:
        if row["first_name"] == "Pat":
            row["title"] = "Director"
    told = await compare(house)
    assert told["causes"] == {"bulk change": bulk.LEAST + 5}
    assert (told["healed"], told["left"]) == (bulk.LEAST + 5, 0)
    again = await compare(house)
    assert (again["unexplained"], again["same"]) == (0, True)


async def test_somebody_nobody_told_of_is_found_and_taken_in(house: House, ada: Applied) -> None:
    await slow_tags(house)
    house.sandbox.faults.add({"kind": "drop", "times": 10})
    twin = people.create(house.sandbox, DANA, {"first_name": "Mary", "last_name": "Somerville"})
    twin["updated_at"] = twin["created_at"] = datetime(
        2020, 1, 1, tzinfo=UTC
    )  # as an import leaves it: no poll asks for times so old
    told = await compare(house)
    (found,) = told["differences"]
    assert (found["external"], found["cause"], found["state"]) == (str(twin["id"]), "event lost", "healed")
    assert (told["theirs"], told["ours"]) == (told["ours"] + 1, told["ours"])
    assert await house.value(Kind.CANDIDATE, twin["id"], "first_name") == "Mary"
    assert (await compare(house))["same"]


async def slow_tags(house: House) -> None:
    """The quick list of everybody's tags finds who is new or away in seconds: let it rest."""
    await house.app.rhythms.choose(house.name, "tags", 7 * 86_400, None, OWNER)
    await house.pass_time(5)


async def test_somebody_deleted_there_is_found_and_asked_of_a_person(build: Builder) -> None:
    house = await build.house(hooks=False)
    mary = people.create(house.sandbox, DANA, {"first_name": "Mary", "last_name": "Somerville"})["id"]
    await two_people(house)
    await slow_tags(house)
    people.delete(house.sandbox, DANA, mary)
    told = await compare(house)
    (found,) = told["differences"]
    assert (found["external"], found["field"]) == (str(mary), "")
    assert (found["cause"], found["state"]) == ("not shown there any more", "healed")
    assert told["theirs"] + 1 == told["ours"]
    family = await house.family(Kind.CANDIDATE, mary)
    assert family is not None
    link = family.link_at(house.at.id, Kind.CANDIDATE, str(mary))
    assert link is not None
    assert link.state is LinkState.UNSEEN
    await house.pass_time(30)
    again = await compare(house)
    assert (again["unexplained"], again["causes"]) == (0, {"with a person": 1})
    assert not house.written()


async def test_what_went_with_another_whom_a_person_told_apart_is_found(build: Builder) -> None:
    """Merged there and two people here: what hung on the one went with the other, of which nothing told."""
    house = await build.house()
    one, other = await house.apply(), await house.apply("Grace", "Hopper", "grace@example.org", job="Staff Nurse")
    await house.pass_time(65)
    people.merge(house.sandbox, DANA, other.candidate, one.candidate)
    await house.sandbox.hooks.deliver_due()
    while not (items := await house.open_reviews()):
        await house.app.worker.step()
    await house.app.changes.decide(items[0].review.id, "decline", OWNER)  # before the two are joined by themselves
    await house.pass_time(10)
    house.sandbox.faults.add({"kind": "drop", "times": 100})
    people.delete(house.sandbox, DANA, other.candidate)
    await house.leap(65)
    told = await compare(house, "applications")
    about = {found["external"]: (found["cause"], found["state"]) for found in told["differences"]}
    assert about == {
        str(one.application): ("not shown there any more", "healed"),
        str(other.application): ("with a person", "told"),  # hidden with her on whom it hangs
    }
    asked = {item.review.detail.get("external") for item in await house.open_reviews()}
    assert asked >= {str(one.application), str(other.candidate)}
    again = await compare(house, "applications")
    assert (again["unexplained"], again["causes"]) == (0, {"with a person": 2})


@pytest.mark.parametrize("object", ["job_interview_stages", "attachments"])
async def test_a_part_of_something_deleted_there_is_found_and_not_asked_for_again(
    house: House, ada: Applied, object: str
) -> None:
    """A stage by a list that shows all of a job's; a file, that no read shows to be away, by its whole list."""
    house.sandbox.db.delete(object, max(house.sandbox.db[object].rows), DANA)
    told = await compare(house, object)
    (found,) = [one for one in told["differences"] if one["cause"] == "not shown there any more"]
    assert found["state"] == "healed"
    assert (told["unexplained"], told["left"]) == (1, 0)
    again = await compare(house, object)
    assert again["unexplained"] == 0
    assert again["theirs"] + again["decided"] == again["ours"]


async def alter_pair(house: House, candidate: int, name: str, value: str) -> None:
    """Somebody changes our database: what we hold that they hold."""

    def unit(tx: Tx) -> None:
        found = tx.families.resolve(house.at.id, [(Kind.CANDIDATE, str(candidate))])[Kind.CANDIDATE, str(candidate)]
        family = tx.families.family(found.family)
        link = family.links[found.link or ""]
        altered = replace(link, pairs={**link.pairs, name: replace(link.pairs[name], theirs=value)})
        tx.families.save(family, replace(family, links={**family.links, link.id: altered}), now=house.clock())

    await house.app.store.write(unit)


async def alter_record(house: House, candidate: int, name: str, value: str) -> None:
    """Somebody changes our database: a value of a record, without a word of who did it."""

    def unit(tx: Tx) -> None:
        found = tx.families.resolve(house.at.id, [(Kind.CANDIDATE, str(candidate))])[Kind.CANDIDATE, str(candidate)]
        family = tx.families.family(found.family)
        record = family.records[found.record]
        altered = replace(record, fields={**record.fields, name: value})
        tx.families.save(family, replace(family, records={**family.records, record.id: altered}), now=house.clock())

    await house.app.store.write(unit)


async def test_a_row_altered_in_our_database_is_found_and_taken_from_there_again(house: House, ada: Applied) -> None:
    house.mark()
    await alter_record(house, ada.candidate, "first_name", "Mallory")
    told = await compare(house)
    (found,) = told["differences"]
    assert (found["field"], found["cause"], found["state"]) == ("first_name", "altered here", "healed")
    assert await house.value(Kind.CANDIDATE, ada.candidate, "first_name") == "Ada"
    assert house.candidate(ada.candidate)["first_name"] == "Ada"
    assert (await compare(house))["unexplained"] == 0
    assert not house.written("candidates")


async def test_a_memory_of_theirs_that_was_altered_is_found_and_read_again(house: House, ada: Applied) -> None:
    house.mark()
    await alter_pair(house, ada.candidate, "last_name", "Mallory")
    told = await compare(house)
    (found,) = told["differences"]
    assert (found["field"], found["cause"], found["state"]) == ("last_name", "altered here", "healed")
    assert (await compare(house))["same"]
    assert await house.value(Kind.CANDIDATE, ada.candidate, "last_name") == "Byron"
    assert not house.written("candidates")


async def test_what_stays_is_a_task_until_a_comparison_finds_nothing(house: House, ada: Applied) -> None:
    """A list that shows what a read by id does not: nothing can be concluded, so a person is told."""
    await slow_tags(house)
    house.sandbox.faults.add({"kind": "reshape", "path": "/v3/candidates", "set": {"title": "Baroness"}, "times": 1})
    told = await compare(house)
    assert (told["unexplained"], told["healed"], told["left"]) == (2, 0, 2), told
    (task,) = [one for one in await house.app.tasks.list() if "2 differences in candidates stay" in one.what]
    assert (task.connection, task.href) == (house.name, f"/connections/{house.name}#parity")
    assert "Baroness" not in str(await notices(house))
    assert (await compare(house))["same"]
    assert not await notices(house)


async def test_every_list_is_compared_as_often_as_is_set_and_after_an_absence(build: Builder) -> None:
    house = await build.house()
    (told,) = await house.app.parities.told(house.name, object="users")
    assert (told["ended"], told["every"]) == (None, 86_400)
    await house.app.rhythms.choose(house.name, "users", None, None, OWNER, parity=3600)
    await house.leap(3700, step=600)
    (told,) = await house.app.parities.told(house.name, object="users")
    assert told["ended"] is not None
    first = told["ended"]
    house.clock.move(3 * 3600)  # the machine was off
    await build.restart(house)
    await house.pass_time(60)
    everything = await house.app.parities.told(house.name)
    assert all(one["ended"] is not None and one["ended"] > first for one in everything)


async def test_a_long_list_is_compared_in_pages_and_in_flat_memory(
    build: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await build.house(mode=None)
    for n in range(520):
        people.create(house.sandbox, DANA, {"first_name": "Pat", "last_name": f"Number{n:04}"})
    await house.connect()
    everybody = len(house.sandbox.db["candidates"])
    monkeypatch.setattr("bascule.engine.parity.PART", 50)
    told = await compare(house)
    assert (told["theirs"], told["ours"], told["same"]) == (everybody, everybody, True)


async def test_where_very_many_are_away_at_once_nothing_is_concluded_before_a_person_has_looked(build: Builder) -> None:
    house = await build.house(mode=None)
    for n in range(bulk.LEAST + 5):
        people.create(house.sandbox, DANA, {"first_name": "Pat", "last_name": f"Number{n:02}"})
    await house.connect()
    await slow_tags(house)
    house.sandbox.faults.add({"kind": "hide", "count": bulk.LEAST + 1})
    told = await compare(house)
    assert told["unexplained"] == bulk.LEAST + 1
    assert "a person has to look first" in told["error"]
    assert "no longer listed" in house.at.row.paused
