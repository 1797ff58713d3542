"""Two objects that may be one person: a person says so, or says not, and can take it back."""

from __future__ import annotations

import pytest
from tests.databases import both_databases

from bascule.errors import ForbiddenError, InputError, NotFoundError
from bascule.model import AI, Edit, Family, HistoryKind, Kind, Record, RecordState, ReviewKind
from bascule.sandbox.greenhouse import people

from .kit import DANA, OWNER, Applied, House


@pytest.fixture
async def both(house: House) -> tuple[Applied, Applied]:
    """Ada applied twice, with one address and under two names: the ATS made two candidates of her."""
    first = await house.apply(phone="+44 20 7946 0001")
    await house.pass_time(4)
    second = await house.apply("Adelaide", "King", "king@example.org", "Staff Nurse", phone="+44 20 7946 0002")
    mails = [{"value": "ada@example.org", "type": "personal"}, {"value": "king@example.org", "type": "work"}]
    people.update(house.sandbox, DANA, second.candidate, {"email_addresses": mails})
    await house.pass_time(4)
    house.mark()
    return first, second


async def asked(house: House) -> str:
    (item,) = [one for one in await house.open_reviews() if one.review.kind is ReviewKind.IDENTITY]
    return str(item.review.id)


async def known(house: House, applied: Applied) -> Family:
    family = await house.family(Kind.CANDIDATE, applied.candidate)
    assert family is not None
    return family


async def merges(house: House, family: Family) -> list[str]:
    found = await house.app.store.read(lambda tx: tx.pages.merges(family))
    return [f"{line.actor.name}: {line.why}" for line in found.values()]


@both_databases
async def test_who_may_be_somebody_we_know_is_asked_once_and_approval_joins_the_two(
    house: House, both: tuple[Applied, Applied]
) -> None:
    first, second = both
    before = await house.record(Kind.CANDIDATE, second.candidate)
    review = await asked(house)
    await house.app.changes.decide(review, "approve", OWNER)
    await house.pass_time(4)
    family = await known(house, first)
    assert family.id == (await known(house, second)).id
    links = [
        (link.external, link.record, link.primary) for link in family.links.values() if link.kind is Kind.CANDIDATE
    ]
    assert sorted(links) == sorted(
        [(str(first.candidate), family.root.id, True), (str(second.candidate), family.root.id, False)]
    )
    assert family.records[before.id].state is RecordState.MERGED
    jobs = {record.id for record in family.records.values() if record.kind is Kind.APPLICATION}
    assert {record.parent for record in family.records.values() if record.id in jobs} == {family.root.id}
    assert len(jobs) == 2
    assert await merges(house, family) == ["Olga Owner: merged"]
    (item,) = await house.open_reviews()  # here it is undone at will, there it is not: that is asked by itself
    assert (item.review.kind, item.review.detail["external"]) == (ReviewKind.DUPLICATE, str(second.candidate))
    assert not [c for c in house.written("candidates") if c.field != "custom_fields"]  # nothing is written of it
    with pytest.raises(NotFoundError):
        await house.app.changes.decide(review, "approve", OWNER)


async def test_every_line_of_both_stays_readable_after_they_are_joined(
    house: House, both: tuple[Applied, Applied]
) -> None:
    _, second = both
    before = await known(house, second)
    earlier = await house.app.store.read(lambda tx: tx.pages.timeline(before.id))
    await house.app.changes.decide(await asked(house), "approve", OWNER)
    family = await known(house, second)
    now = await house.app.store.read(lambda tx: tx.pages.timeline(*tx.pages.homes(family), limit=1000))
    assert {(line.at, line.record, line.event) for line in earlier} <= {(x.at, x.record, x.event) for x in now}


async def test_refused_they_stay_two_for_good_and_it_is_not_asked_again(
    house: House, both: tuple[Applied, Applied]
) -> None:
    first, second = both
    await house.app.changes.decide(await asked(house), "decline", OWNER)
    people.update(house.sandbox, DANA, second.candidate, {"last_name": "King-Byron"})
    await house.pass_time(4)
    await house.app.accounts.backfill(house.name, OWNER)  # everything is read once more
    await house.pass_time(120)
    assert not await house.open_reviews()
    assert (await known(house, first)).id != (await known(house, second)).id


async def test_a_third_with_the_address_of_two_who_were_told_apart_is_asked_about_both(
    house: House, both: tuple[Applied, Applied]
) -> None:
    first, second = both
    await house.app.changes.decide(await asked(house), "decline", OWNER)
    third = await house.apply("A.", "Lovelace", "love@example.org", "Staff Nurse", phone="+44 20 7946 0003")
    mails = [{"value": "ada@example.org", "type": "personal"}]
    people.update(house.sandbox, DANA, third.candidate, {"email_addresses": mails})
    await house.pass_time(4)
    review = await asked(house)
    other = await house.record(Kind.CANDIDATE, second.candidate)
    with pytest.raises(InputError, match="one of several"):
        await house.app.changes.decide(review, "approve", OWNER)
    with pytest.raises(InputError, match="not among"):
        await house.app.changes.decide(review, "approve", OWNER, "somebody")
    await house.app.changes.decide(review, "approve", OWNER, other.id)
    assert (await known(house, third)).id == (await known(house, second)).id != (await known(house, first)).id


@both_databases
async def test_who_was_joined_twice_over_is_known_by_the_first_ones_number(
    house: House, both: tuple[Applied, Applied]
) -> None:
    """Whoever came with the number of the first of three was read again without end."""
    first, second = both
    third = await house.apply("A.", "Lovelace", "love@example.org", "Staff Nurse", phone="+44 20 7946 0003")
    await house.pass_time(4)
    for gone, kept in ((first, second), (second, third)):
        joined = (await known(house, kept), await known(house, gone))
        await house.app.store.write(lambda tx, j=joined: house.app.reconcile.merge_in(tx, *j, OWNER, "the same"))
    before = house.calls("GET", "candidates")
    again = await house.apply("Ada", "Byron", "new@example.org", phone="+44 20 7946 0001")
    await house.pass_time(10)
    assert house.calls("GET", "candidates") - before < 20
    one = await known(house, again)
    (item,) = [item for item in await house.open_reviews() if item.review.kind is ReviewKind.IDENTITY]
    assert item.family == one.id
    assert item.review.detail["records"] == ((await known(house, first)).root.id,)
    assert (await known(house, first)).id == (await known(house, third)).id != one.id


async def test_only_a_person_joins_and_tells_apart(house: House, both: tuple[Applied, Applied]) -> None:
    _, second = both
    record = await house.record(Kind.CANDIDATE, second.candidate)
    review = await asked(house)
    with pytest.raises(ForbiddenError):
        await house.app.changes.decide(review, "approve", AI)
    await house.app.changes.decide(review, "approve", OWNER)
    with pytest.raises(ForbiddenError):
        await house.app.joins.apart(record.id, AI)


@both_databases
async def test_told_apart_again_each_has_what_it_had_and_erasing_one_leaves_the_other(
    house: House, both: tuple[Applied, Applied]
) -> None:
    first, second = both
    before = await house.record(Kind.CANDIDATE, second.candidate)
    home = (await known(house, second)).id
    await house.app.changes.decide(await asked(house), "approve", OWNER)
    await house.pass_time(4)
    declined = await proposed_and_declined(house, second)
    await house.app.joins.apart(before.id, OWNER)
    await house.pass_time(4)
    back, kept = await known(house, second), await known(house, first)
    row = await house.app.store.read(lambda tx: tx.pages.review(house.app.workspace, declined))
    assert row is not None
    assert row.family == back.id, "what was asked about their application, and is over, goes with them"
    assert back.id == home != kept.id
    assert back.root == await same(house, before)
    assert [r.kind for r in back.records.values() if r.parent == before.id and r.kind is Kind.APPLICATION]
    assert not [c for c in house.written("candidates") if c.field != "custom_fields"]
    with pytest.raises(InputError, match="not joined"):
        await house.app.joins.apart(before.id, OWNER)
    await house.app.erasures.begin(kept.root.id, OWNER)
    await house.pass_time(10)
    still = await house.app.store.read(lambda tx: tx.pages.timeline(back.id, limit=1000))
    assert [line for line in still if line.history and line.history.kind is HistoryKind.MERGED]
    assert (await house.record(Kind.CANDIDATE, second.candidate)).fields["last_name"] == "King"
    ways = await house.app.store.read(lambda tx: tx.figures.passages(house.app.workspace))
    assert {row[0] for row in ways} == {r.id for r in back.records.values() if r.kind is Kind.APPLICATION}


async def proposed_and_declined(house: House, applied: Applied) -> str:
    """A machine would move somebody on, and a person says no; the question."""
    application = await house.record(Kind.APPLICATION, applied.application)
    stages = await house.app.store.read(lambda tx: tx.pages.of_kind(house.app.workspace, Kind.STAGE))
    ahead = next(
        one for one in stages if one.parent == application.fields["job"] and one.id != application.fields["stage"]
    )
    edit = Edit(house.app.runtime.id(), application.id, {"stage": ahead.id}, AI, "it would like to")
    await house.app.reconcile.edit(application.family, [edit])
    (item,) = [one for one in await house.open_reviews() if one.review.kind is ReviewKind.PROPOSAL]
    await house.app.changes.decide(item.review.id, "decline", OWNER)
    return str(item.review.id)


async def test_who_was_told_apart_leaves_nothing_with_the_other(house: House, both: tuple[Applied, Applied]) -> None:
    first, second = both
    people.update(house.sandbox, DANA, second.candidate, {"company": "Songbird"})
    await house.pass_time(4)
    before = await house.record(Kind.CANDIDATE, second.candidate)
    await house.app.changes.decide(await asked(house), "approve", OWNER)
    await house.pass_time(4)
    assert (await known(house, first)).root.fields["company"] == "Songbird"
    await house.app.joins.apart(before.id, OWNER)
    await house.pass_time(4)
    kept = await known(house, first)
    told = await house.app.store.read(lambda tx: tx.pages.timeline(kept.id, limit=1000))
    said = repr([line.history for line in told if line.history]) + repr(kept.records) + repr(kept.transitions)
    assert [word for word in ("Adelaide", "King", "king@", "Songbird") if word in said] == []
    assert (await known(house, second)).root.fields["company"] == "Songbird"


async def test_who_was_joined_with_one_who_was_joined_again_leaves_nothing_with_either(
    house: House, both: tuple[Applied, Applied]
) -> None:
    """Ada is joined with Adelaide, and Adelaide with a third: Ada, told apart, has all of hers and they nothing."""
    gone, middle = both
    people.update(house.sandbox, DANA, gone.candidate, {"company": "Songbird", "title": "Ornithologist"})
    await house.pass_time(4)
    last = await house.apply("A.", "Lovelace", "love@example.org", "Staff Nurse", phone="+44 20 7946 0003")
    await house.pass_time(4)
    record = (await known(house, gone)).root
    for one, into in ((gone, middle), (middle, last)):
        joined = (await known(house, into), await known(house, one))
        await house.app.store.write(lambda tx, j=joined: house.app.reconcile.merge_in(tx, *j, OWNER, "the same"))
        await house.pass_time(4)
    assert (await known(house, last)).root.fields["company"] == "Songbird"
    await house.app.joins.apart(record.id, OWNER)
    await house.pass_time(4)
    kept = await known(house, last)
    homes = await house.app.store.read(lambda tx: tx.pages.homes(kept))
    assert len(homes) == 2
    told = [line for home in homes for line in await house.app.store.read(lambda tx, h=home: tx.pages.timeline(h))]
    said = repr([line.history for line in told if line.history]) + repr(kept.records) + repr(kept.transitions)
    assert [word for word in ("Byron", "ada.byron@", "Songbird", "Ornithologist") if word in said] == []
    back = await known(house, gone)
    assert (back.root.id, back.root.fields["company"]) == (record.id, "Songbird")
    assert (await known(house, middle)).id == kept.id


async def same(house: House, record: Record) -> Record:
    family = await house.app.store.read(lambda tx: tx.families.family(tx.families.record_family(record.id) or ""))
    return family.records[record.id]


async def test_what_was_never_joined_cannot_be_told_apart(house: House, both: tuple[Applied, Applied]) -> None:
    first, _ = both
    with pytest.raises(InputError, match="not joined"):
        await house.app.joins.apart((await house.record(Kind.CANDIDATE, first.candidate)).id, OWNER)
    with pytest.raises(NotFoundError):
        await house.app.joins.apart("nobody", OWNER)


async def test_a_tag_that_was_on_its_way_is_not_lost_when_two_are_joined(
    house: House, both: tuple[Applied, Applied]
) -> None:
    first, second = both
    record = await house.record(Kind.CANDIDATE, second.candidate)
    await house.app.changes.set_tags(record.id, OWNER, add=["on its way"])
    await house.app.changes.decide(await asked(house), "approve", OWNER)
    assert (await known(house, first)).root.fields["tags"] == ("on its way",)
