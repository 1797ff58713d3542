"""What is gone there: deleted, merged, anonymised, hidden. Nothing of it is made anew, and a 404 proves nothing."""

from __future__ import annotations

from typing import NoReturn

import pytest

from bascule.engine.feeds import VANISHED
from bascule.model import Family, Kind, LinkState, Record, RecordState, ReviewKind
from bascule.sandbox.greenhouse import people, pipeline
from bascule.server.show.review import NOT_SHOWN, one_of

from .kit import DANA, OWNER, ROBIN, Applied, House


@pytest.fixture
async def ada(house: House) -> Applied:
    applied = await house.apply()
    await house.pass_time(4)
    house.mark()
    return applied


def moves_of(_record: Record, _family: Family) -> NoReturn:
    raise AssertionError("it decides about no application")


async def state(house: House, kind: Kind, external: int) -> LinkState:
    family = await house.family(kind, external)
    assert family is not None
    link = family.link_at(house.at.id, kind, str(external))
    assert link is not None
    return link.state


async def test_a_deleted_candidate_is_gone_with_all_below_and_is_never_made_again(house: House, ada: Applied) -> None:
    record = await house.record(Kind.CANDIDATE, ada.candidate)
    people.delete(house.sandbox, DANA, ada.candidate)
    await house.pass_time(10)
    assert await state(house, Kind.CANDIDATE, ada.candidate) is LinkState.DELETED
    assert await state(house, Kind.APPLICATION, ada.application) is LinkState.DELETED
    await house.app.changes.set_tags(record.id, OWNER, add=["Late"])
    await house.app.changes.add_note(record.id, "Too late.", "private", OWNER)
    await house.pass_time(70)
    assert not house.written()
    assert not await house.open_failures()


async def test_the_survivor_of_a_merge_there_keeps_what_both_had(house: House, ada: Applied) -> None:
    twin = await house.apply("Augusta", "King", "augusta@example.org", job="Staff Nurse")
    await house.pass_time(4)
    house.mark()
    people.merge(house.sandbox, DANA, ada.candidate, twin.candidate)
    await house.pass_time(10)
    family = await house.family(Kind.CANDIDATE, ada.candidate)
    assert family is not None
    live = [r for r in family.records.values() if r.kind is Kind.APPLICATION and r.state is RecordState.LIVE]
    assert len(live) == 2
    root = family.root
    assert set(root.fields["emails"] or ()) == {"ada@example.org", "augusta@example.org"}  # type: ignore[arg-type]
    loser = await house.family(Kind.CANDIDATE, twin.candidate)
    assert loser is not None
    assert loser.id == family.id
    assert await state(house, Kind.CANDIDATE, twin.candidate) is LinkState.MERGED
    await house.pass_time(70)
    listed = await house.app.store.read(lambda tx: tx.pages.candidates(house.app.workspace))
    assert [row.record for row in listed] == [root.id]
    assert len(house.notes(ada.candidate)) == 2
    assert not house.written("candidates", "notes")


async def test_somebody_anonymised_is_gone_by_the_event(house: House, ada: Applied) -> None:
    people.anonymize(house.sandbox, DANA, ada.candidate, ["full_name", "emails", "email_addresses", "phone_numbers"])
    await house.pass_time(5)
    assert await state(house, Kind.CANDIDATE, ada.candidate) is LinkState.ANONYMISED
    assert await state(house, Kind.APPLICATION, ada.application) in (LinkState.ANONYMISED, LinkState.DELETED)
    await house.pass_time(70)
    assert not house.written()


async def test_somebody_anonymised_is_gone_by_a_read_when_the_event_is_lost(house: House, ada: Applied) -> None:
    house.sandbox.faults.add({"kind": "drop", "times": 100})
    people.anonymize(house.sandbox, DANA, ada.candidate, ["full_name", "emails", "email_addresses", "phone_numbers"])
    await house.app.erasures.follow("acme", "keep", OWNER)
    await house.pass_time(70)
    assert await state(house, Kind.CANDIDATE, ada.candidate) is LinkState.ANONYMISED
    record = await house.record(Kind.CANDIDATE, ada.candidate)
    assert record.fields.get("first_name") != "Anonymized"
    assert not house.written()


async def test_a_hidden_candidate_is_unseen_and_not_gone_and_comes_back(house: House, ada: Applied) -> None:
    house.sandbox.hidden.setdefault("candidates", set()).add(ada.candidate)
    await house.polls(3)
    await house.leap(86_400 + 120, step=3600)
    assert await state(house, Kind.CANDIDATE, ada.candidate) is LinkState.UNSEEN
    record = await house.record(Kind.CANDIDATE, ada.candidate)
    assert record.state is RecordState.LIVE
    asked = [one for one in await house.open_reviews() if one.review.kind is ReviewKind.VISIBILITY]
    (mine,) = [one for one in asked if one.review.record == record.id]
    page = await house.app.store.read(lambda tx: one_of(tx, house.app.workspace, mine.review.id, moves_of))
    assert NOT_SHOWN in [fact.value for fact in page.evidence], "it may as well be deleted without a word"
    house.sandbox.hidden["candidates"].clear()
    people.update(house.sandbox, ROBIN, ada.candidate, {"first_name": "Back"})
    await house.pass_time(10)
    assert await state(house, Kind.CANDIDATE, ada.candidate) is LinkState.LIVE
    assert await house.value(Kind.CANDIDATE, ada.candidate, "first_name") == "Back"
    assert not house.written()


async def test_a_change_of_somebody_hidden_waits_at_rest_and_is_written_once_they_are_seen_again(
    house: House, ada: Applied
) -> None:
    record = await house.record(Kind.CANDIDATE, ada.candidate)
    house.sandbox.hidden.setdefault("candidates", set()).add(ada.candidate)
    await house.app.changes.edit(record.id, {"title": "Countess"}, OWNER)
    await house.pass_time(30)
    assert await state(house, Kind.CANDIDATE, ada.candidate) is LinkState.UNSEEN
    before = await house.app.store.write(lambda tx: tx.number())
    await house.pass_time(60)
    assert await house.app.store.write(lambda tx: tx.number()) - before < 1_000  # nobody runs in circles meanwhile
    assert not house.written()
    house.sandbox.hidden["candidates"].clear()
    people.update(house.sandbox, ROBIN, ada.candidate, {"company": "Analytical Engines"})
    await house.pass_time(4)
    assert house.candidate(ada.candidate)["title"] == "Countess"
    assert await house.value(Kind.CANDIDATE, ada.candidate, "company") == "Analytical Engines"


async def test_a_deleted_application_is_gone_and_its_candidate_stays(house: House, ada: Applied) -> None:
    pipeline.delete(house.sandbox, DANA, ada.application)
    await house.pass_time(10)
    assert await state(house, Kind.APPLICATION, ada.application) is LinkState.DELETED
    assert await state(house, Kind.CANDIDATE, ada.candidate) is LinkState.LIVE
    assert not house.written()


async def test_a_hire_is_read_with_its_date_and_never_written(house: House, ada: Applied) -> None:
    pipeline.hire(house.sandbox, DANA, ada.application, {})
    await house.pass_time(10)
    assert await house.value(Kind.APPLICATION, ada.application, "status") == "hired"
    family = await house.family(Kind.CANDIDATE, ada.candidate)
    assert family is not None
    assert [r for r in family.records.values() if r.kind is Kind.HIRE]
    pipeline.unhire(house.sandbox, DANA, ada.application)
    await house.pass_time(10)
    assert await house.value(Kind.APPLICATION, ada.application, "status") == "active"
    assert not house.written()


async def test_a_list_that_suddenly_lacks_very_many_pauses_the_connection_until_a_person_agrees(house: House) -> None:
    ids: list[int] = []
    for n in range(30):
        ids.append((await house.apply("Pat", f"Number{n}", f"pat{n}@example.org")).candidate)
    await house.pass_time(65)
    house.sandbox.hidden["candidates"] = set(ids[:28])  # a right was taken away
    house.mark()
    await house.leap(2 * 86_400, step=4 * 3600)
    assert "28 of 30 are no longer listed" in house.at.row.paused
    assert await lost(house, ids) == 0
    assert await told(house) == [house.at.id]
    await house.app.accounts.resume(house.name, OWNER)
    assert not await told(house)
    await house.leap(2 * 86_400, step=4 * 3600)
    assert not house.at.row.paused
    assert await lost(house, ids) == 28
    house.sandbox.hidden["candidates"].add(ids[28])  # and one more is not the same again
    await house.leap(2 * 86_400, step=4 * 3600)
    assert not house.at.row.paused
    assert not house.written()


async def lost(house: House, candidates: list[int]) -> int:
    """How many of these Bascule does not see any more."""
    found = [await house.family(Kind.CANDIDATE, id) for id in candidates]
    links = [
        family.link_at(house.at.id, Kind.CANDIDATE, str(id))
        for family, id in zip(found, candidates, strict=True)
        if family
    ]
    assert len(links) == len(candidates)
    return sum(link is not None and link.state is LinkState.UNSEEN for link in links)


async def told(house: House) -> list[str | None]:
    """The connections whose owner is told that a list lacks very much."""
    listed = await house.app.store.read(lambda tx: tx.notices.list(house.app.workspace))
    return [one.connection for one in listed if one.kind == VANISHED]
