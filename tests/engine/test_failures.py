"""Failures: classed by what mends them, kept until a person acts, replayed one by one or all of a class."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.errors import InputError, NotFoundError
from bascule.model import Kind, Reason, WriteState
from bascule.office.failures import Chosen
from bascule.sandbox.greenhouse import people
from bascule.store.queries import Failure

from .kit import DANA, OWNER, Applied, House


async def one(house: House) -> Failure:
    (found,) = await house.open_failures()
    return found


async def renamed(house: House, name: str = "Augusta", **apply: Any) -> Applied:
    """An applicant whose first name is changed here."""
    applied = await house.apply(**apply)
    await house.quiet()
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": name}, OWNER)
    await house.pass_time(3)
    return applied


def refuses(house: House, status: int, words: str, times: int = 1) -> None:
    fault = {"kind": "answer", "method": "PATCH", "path": "candidates", "status": status, "times": times}
    house.sandbox.faults.add({**fault, "body": {"message": words}})


@pytest.mark.parametrize(
    ("status", "words", "reason"),
    [
        (422, "is reserved", Reason.VALUE),
        (422, "custom field 99 does not exist", Reason.MAPPING),
        (403, "this key may not edit candidates", Reason.PERMISSION),
        (409, "the record is locked", Reason.CONFLICT),
        (410, "this candidate is no more", Reason.GONE),
    ],
)
async def test_a_failure_says_what_mends_it_in_the_vendors_words(
    house: House, status: int, words: str, reason: Reason
) -> None:
    refuses(house, status, words)
    await renamed(house)
    failure = await one(house)
    assert failure.write.reason is reason
    assert words in failure.write.why
    groups = await house.app.store.read(lambda tx: tx.pages.failure_groups(house.app.workspace))
    assert [(each.connection, each.reason, each.count) for each in groups] == [(house.at.id, reason, 1)]


async def test_all_of_a_class_are_replayed_once_the_right_is_granted(house: House) -> None:
    refuses(house, 403, "this key may not edit candidates", times=3)
    emails = ("ada@example.org", "bo@example.org", "cy@example.org")
    made = [await renamed(house, email=email, first=email[:2], last=email[:3]) for email in emails]
    refuses(house, 422, "is reserved")
    other = await renamed(house, "Zed", email="di@example.org", first="Di", last="Do")
    assert len(await house.open_failures()) == 4
    chosen = Chosen(reason=Reason.PERMISSION, connection=house.name, field="first_name")
    await house.leap(3600, step=1800)
    bulk = await house.app.failures.replay_all(chosen, OWNER)
    assert (bulk.done, dict(bulk.refused), bulk.next) == (3, {}, "")
    await house.pass_time(10)
    _, slow = house.app.metrics.lag(house.at.id)
    assert slow is not None
    assert slow < 60, "an hour of waiting for a person is no slowness"
    assert [house.candidate(each.candidate)["first_name"] for each in made] == ["Augusta"] * 3
    assert (await one(house)).write.reason is Reason.VALUE
    assert house.candidate(other.candidate)["first_name"] == "Di"
    assert (await house.app.failures.replay_all(Chosen(field="phones"), OWNER)).done == 0


async def test_a_value_is_mended_and_goes_out_as_its_menders(house: House) -> None:
    refuses(house, 422, "is reserved")
    applied = await renamed(house)
    failure = await one(house)
    assert house.app.failures.canonical(failure.write) == ("first_name",)
    await house.app.failures.replay(failure.write.id, OWNER, {"first_name": "Augusta Ada"})
    await house.pass_time(5)
    assert house.candidate(applied.candidate)["first_name"] == "Augusta Ada"
    assert not await house.open_failures()


async def test_a_value_that_cannot_be_is_refused_and_the_failure_stays_as_it_was(house: House) -> None:
    refuses(house, 422, "is reserved")
    applied = await renamed(house)
    failure = await one(house)
    with pytest.raises(InputError):
        await house.app.failures.replay(failure.write.id, OWNER, {"no_such_field": "x"})
    assert await one(house) == failure
    assert await house.value(Kind.CANDIDATE, applied.candidate, "first_name") == "Augusta"


async def test_failures_never_disappear_by_themselves(house: House) -> None:
    refuses(house, 422, "is reserved")
    applied = await renamed(house)
    failure = await one(house)
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": "Lovelace"}, OWNER)
    await house.pass_time(5)
    assert house.candidate(applied.candidate)["first_name"] == "Lovelace"  # a new value goes by itself
    house.clock.move(60 * 86_400)
    await house.quiet()
    assert (await one(house)).write == failure.write
    await house.app.failures.replay(failure.write.id, OWNER)
    await house.pass_time(5)
    assert not await house.open_failures()
    assert house.candidate(applied.candidate)["first_name"] == "Lovelace"


async def test_a_failure_goes_along_when_the_ats_merges_its_person(house: House) -> None:
    refuses(house, 422, "is reserved")
    loser = await renamed(house)
    failure = await one(house)
    winner = await house.apply(first="Ada", last="Byron", email="other@example.org")
    await house.quiet()
    people.merge(house.sandbox, DANA, winner.candidate, loser.candidate)
    await house.pass_time(30)
    kept = await one(house)
    assert kept.write.id == failure.write.id
    assert kept.family == (await house.family(Kind.CANDIDATE, winner.candidate)).id  # type: ignore[union-attr]
    assert kept.write.why == failure.write.why


async def test_what_is_given_up_keeps_the_vendors_words_beside_the_reason(house: House) -> None:
    refuses(house, 422, "is reserved", times=2)
    await renamed(house)
    failure = await one(house)
    with pytest.raises(InputError):
        await house.app.failures.discard_all(Chosen(), "No.", OWNER)
    bulk = await house.app.failures.discard_all(Chosen(reason=Reason.VALUE), "Mended by hand.", OWNER)
    assert bulk.done == 1
    family = await house.app.store.read(lambda tx: tx.families.family(failure.family))
    given_up = family.writes[failure.write.id]
    assert (given_up.state, given_up.given_up) == (WriteState.DISCARDED, "Mended by hand.")
    assert "is reserved" in given_up.why
    with pytest.raises(NotFoundError):
        await house.app.failures.replay(failure.write.id, OWNER)
