"""Anonymised in the ATS: erased here too, by the policy of the connection. Deleted, merged and hidden erase nobody."""

from __future__ import annotations

import pytest
from tests.databases import both_databases

from bascule.core import bulk
from bascule.model import Kind, LinkState, ReviewKind
from bascule.sandbox.greenhouse import people
from bascule.store.erasure import Erased

from .kit import DANA, OWNER, Applied, Builder, House

WHOLE = ["full_name", "emails", "email_addresses", "phone_numbers"]


async def erasures(house: House) -> list[Erased]:
    return list(await house.app.erasures.recent())


async def known(house: House, applied: Applied) -> bool:
    return await house.family(Kind.CANDIDATE, applied.candidate) is not None


@pytest.fixture
async def ada(house: House) -> Applied:
    applied = await house.apply("Ada", "Byron", "ada@example.org")
    await house.pass_time(8)
    house.mark()
    return applied


async def test_somebody_anonymised_there_is_erased_here_with_a_certificate(house: House, ada: Applied) -> None:
    people.anonymize(house.sandbox, DANA, ada.candidate, WHOLE)
    await house.pass_time(10)
    assert await known(house, ada), "others may be anonymised with them: a minute is waited for that"
    await house.pass_time(80)
    assert not await known(house, ada)
    (one,) = await erasures(house)
    assert one.ended is not None
    assert one.certificate is not None
    told = one.certificate["certificate"]
    assert told["asked_by"] == {"kind": "system", "id": house.at.id}
    (there,) = (place for place in told["places"] if place["place"].startswith("acme"))
    assert (there["outcome"], there["done"]) == ("anonymised there before", True)
    assert not house.written()


async def test_it_is_found_by_a_read_where_the_event_is_lost(house: House, ada: Applied) -> None:
    house.sandbox.faults.add({"kind": "drop", "times": 100})
    people.anonymize(house.sandbox, DANA, ada.candidate, WHOLE)
    await house.leap(300)
    assert not await known(house, ada)
    assert len(await erasures(house)) == 1


async def test_who_was_anonymised_there_before_we_could_read_them_is_nobody_here_and_no_difference(
    house: House,
) -> None:
    ada = await house.apply("Ada", "Byron", "ada@example.org")
    people.anonymize(house.sandbox, DANA, ada.candidate, WHOLE)
    await house.pass_time(120)
    assert not await known(house, ada)
    assert [one for one in await house.compared() if one["left"] or one["error"]] == []
    house.mark()
    asked = house.calls("GET", "/v3/application_stages")
    await house.pass_time(120)
    assert house.calls("GET", "/v3/application_stages") - asked <= 3, "polls, and nobody is read by id again"
    assert not await erasures(house)


async def test_an_application_first_shown_of_somebody_anonymised_there_is_no_difference(house: House) -> None:
    await house.app.erasures.follow("acme", "keep", OWNER)
    late = house.sandbox.hidden.setdefault("applications", set())
    ada = await house.apply("Ada", "Byron", "ada@example.org")
    late.add(ada.application)
    await house.pass_time(8)
    people.anonymize(house.sandbox, DANA, ada.candidate, WHOLE)
    await house.pass_time(8)
    late.clear()
    assert await known(house, ada)
    assert await house.family(Kind.APPLICATION, ada.application) is None
    found = {one["object"]: one for one in await house.compared()}
    assert [one for one in found.values() if one["left"] or one["error"]] == []
    assert found["applications"]["decided"] == 1


async def test_deleted_merged_hidden_and_half_anonymised_erase_nobody(house: House, ada: Applied) -> None:
    twin = await house.apply("Augusta", "King", "augusta@example.org", job="Staff Nurse")
    gone = await house.apply("Grace", "Hopper", "grace@example.org")
    half = await house.apply("Edith", "Clarke", "edith@example.org")
    unseen = await house.apply("Mary", "Jackson", "mary@example.org")
    await house.pass_time(8)
    people.merge(house.sandbox, DANA, ada.candidate, twin.candidate)
    people.delete(house.sandbox, DANA, gone.candidate)
    people.anonymize(house.sandbox, DANA, half.candidate, ["phone_numbers"])
    house.sandbox.hidden.setdefault("candidates", set()).add(unseen.candidate)
    await house.leap(600)
    assert await erasures(house) == []
    for one in (ada, twin, gone, half, unseen):
        assert await known(house, one)
    family = await house.family(Kind.CANDIDATE, gone.candidate)
    assert family is not None
    assert {link.state for link in family.links.values() if link.kind is Kind.CANDIDATE} == {LinkState.DELETED}


@pytest.mark.parametrize("policy", ["ask", "keep"])
async def test_another_policy_asks_or_keeps(house: House, ada: Applied, policy: str) -> None:
    await house.app.erasures.follow("acme", policy, OWNER)
    people.anonymize(house.sandbox, DANA, ada.candidate, WHOLE)
    await house.leap(300)
    assert await known(house, ada)
    assert await erasures(house) == []
    notices = await house.app.store.read(lambda tx: tx.notices.list(house.app.workspace))
    told = [n.text for n in notices if n.kind == "anonymised there"]
    assert len(told) == (policy == "ask")
    record = (await house.record(Kind.CANDIDATE, ada.candidate)).id
    assert all(record in text for text in told)
    await house.app.erasures.begin(record, OWNER)
    await house.pass_time(20)
    assert not await known(house, ada)
    left = await house.app.store.read(lambda tx: tx.notices.list(house.app.workspace))
    assert not [n for n in left if n.kind == "anonymised there"]


@both_databases
@pytest.mark.parametrize("answer", ["approve", "decline"])
async def test_very_many_at_once_wait_for_a_person(
    build: Builder, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(bulk, "LEAST", 2)
    house = await build.house()
    them = [await house.apply("Ann", f"Number{n}", f"ann{n}@example.org") for n in range(4)]
    await house.pass_time(20)
    for one in them:
        people.anonymize(house.sandbox, DANA, one.candidate, WHOLE)
    await house.leap(300)
    assert await erasures(house) == []
    (asked,) = await house.app.store.read(lambda tx: tx.pages.reviews(house.app.workspace, kind=ReviewKind.BULK))
    await house.app.changes.decide(asked.review.id, answer, OWNER)
    await house.leap(300)
    assert [await known(house, one) for one in them] == [answer == "decline"] * 4
    assert len(await erasures(house)) == (4 if answer == "approve" else 0)
    assert await house.app.store.read(lambda tx: tx.pages.reviews(house.app.workspace, kind=ReviewKind.BULK)) == []
