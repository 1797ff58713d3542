"""Somebody who applies anew under another address is asked about, once; nothing is joined by itself."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

import pytest

from bascule.engine.doubles import SWEEP
from bascule.engine.sweeper import weigh
from bascule.errors import BasculeError, ConflictError, NotFoundError
from bascule.hiring.scoring import SCORE
from bascule.match.likeness import blocks, person
from bascule.model import Kind, LinkState, RecordState, ReviewKind, WriteState
from bascule.office.merges import Two
from bascule.sandbox.greenhouse import people
from bascule.store.tasks import TaskLease

from .kit import DANA, GARDENER, OWNER, Applied, House


async def again(house: House, first: str = "Ada", last: str = "Byron") -> tuple[Applied, Applied]:
    """Two applications, months apart, of somebody who has changed address and number but not their job."""
    one = await house.apply(first, last, "ada.byron1815@example.org", phone="+44 20 7946 0001")
    await house.pass_time(10)
    two = await house.apply(
        "Ada", "Byron", "abyron1815@elsewhere.example", "Staff Nurse", phone="+44 20 7946 0002", file=GARDENER
    )
    for each in (one, two):
        people.update(house.sandbox, DANA, each.candidate, {"company": "Northwind Ltd", "title": "Backend Developer"})
    await house.pass_time(10)
    return one, two


async def test_who_is_likely_the_same_is_one_question_with_what_speaks_for_it(house: House) -> None:
    one, two = await again(house)
    (item,) = await house.open_reviews()
    assert item.review.kind is ReviewKind.MERGE
    assert item.review.detail["shared"] == (
        "the same employer and title",
        "the same name, which hardly anybody else here has",
    )
    first, second = [await house.family(Kind.CANDIDATE, each.candidate) for each in (one, two)]
    assert first is not None
    assert second is not None
    assert first.id != second.id  # nothing was joined
    await house.app.changes.decide(item.review.id, "approve", OWNER)
    joined = await house.family(Kind.CANDIDATE, two.candidate)
    assert joined is not None
    assert joined.id == first.id
    assert joined.records[second.root.id].state is RecordState.MERGED


async def test_what_was_decided_is_not_asked_again_whatever_changes(house: House) -> None:
    _, two = await again(house)
    (item,) = await house.open_reviews()
    await house.app.changes.decide(item.review.id, "decline", OWNER)
    people.update(house.sandbox, DANA, two.candidate, {"title": "Senior Backend Developer"})
    await house.pass_time(10)
    assert not await house.open_reviews()


async def test_told_apart_again_they_are_not_asked_about_either(house: House) -> None:
    one, two = await again(house)
    (item,) = await house.open_reviews()
    first, second = [await house.record(Kind.CANDIDATE, each.candidate) for each in (one, two)]
    await house.app.changes.decide(item.review.id, "approve", OWNER)
    await house.app.joins.apart(max(first.id, second.id), OWNER)
    people.update(house.sandbox, DANA, two.candidate, {"title": "Backend Developer II"})
    await house.pass_time(10)
    assert not await house.open_reviews()


async def test_a_namesake_at_another_employer_is_nobodys_double(house: House) -> None:
    await house.apply("Ada", "Byron", "ada@example.org", phone="+44 20 7946 0001")
    await house.apply("Ada", "Byron", "byron@elsewhere.example", "Staff Nurse", phone="+44 20 7946 0002", file=GARDENER)
    await house.pass_time(10)
    assert not await house.open_reviews()


async def test_two_of_a_rare_name_with_one_cv_are_asked_about(house: House) -> None:
    await house.apply("Ada", "Byron", "ada@example.org", phone="+44 20 7946 0001")
    await house.apply("Ada", "Byron", "byron@elsewhere.example", "Staff Nurse", phone="+44 20 7946 0002")
    await house.pass_time(10)
    (item,) = await house.open_reviews()
    assert item.review.detail["certain"] is False


async def test_a_cv_that_is_read_late_is_looked_at_too(house: House) -> None:
    """Under load a CV takes longer to be read than the look for doubles waits."""
    score = house.app.worker.handlers[SCORE]

    async def later(_task: TaskLease) -> float | None:
        return 5.0

    house.app.worker.handlers[SCORE] = later
    await house.apply("Ada", "Byron", "ada@example.org", phone="+44 20 7946 0001")
    await house.apply("Ada", "Byron", "byron@elsewhere.example", "Staff Nurse", phone="+44 20 7946 0002")
    await house.pass_time(10)
    assert not await house.open_reviews()
    house.app.worker.handlers[SCORE] = score
    await house.pass_time(15)
    (item,) = await house.open_reviews()
    assert item.review.kind is ReviewKind.MERGE


async def test_the_keys_go_with_the_person(house: House) -> None:
    one, _ = await again(house)
    record = await house.record(Kind.CANDIDATE, one.candidate)

    async def kept() -> int:
        from bascule.store import statements

        return len(await house.app.store.read(lambda tx: tx.rows(statements.LIKENESSES_OF, ids=[record.id])))

    assert await kept() > 3
    await house.app.erasures.begin(record.id, OWNER)
    await house.leap(300)
    assert not await kept()


async def twice(house: House) -> tuple[Applied, Applied, str]:
    """Two who were joined here, and the question whether they are to be one in the ATS."""
    one, two = await again(house)
    first, second = [await house.record(Kind.CANDIDATE, each.candidate) for each in (one, two)]
    assert await house.app.joins.merge(second.id, first.id, OWNER) == first.id
    (item,) = await house.open_reviews()
    assert item.review.kind is ReviewKind.DUPLICATE
    (credential,) = house.sandbox.db["credentials"]
    house.sandbox.access.change(
        DANA, credential["id"], scopes=[*credential["scopes"], "harvest:candidates:merge"], user_id=DANA.user_id
    )
    return one, two, item.review.id


async def test_joined_here_a_person_has_them_merged_in_the_ats_which_is_one_call(house: House) -> None:
    one, two, review = await twice(house)
    await house.app.changes.decide(review, "approve", OWNER)
    await house.pass_time(30)
    assert house.calls("POST", "candidates/{id}/merge") == 1
    assert two.candidate not in {row["id"] for row in house.sandbox.db["candidates"]}
    family = await house.family(Kind.CANDIDATE, one.candidate)
    assert family is not None
    gone = next(link for link in family.links.values() if link.external == str(two.candidate))
    assert (gone.state, gone.into) == (LinkState.MERGED, str(one.candidate))
    applications = [r for r in family.records.values() if r.kind is Kind.APPLICATION and r.state is RecordState.LIVE]
    assert len(applications) == 2
    assert not await house.open_reviews()
    assert not [w for w in family.writes.values() if w.state is WriteState.DEAD]


async def test_merged_there_by_hand_the_question_ends(house: House) -> None:
    one, two, _ = await twice(house)
    people.merge(house.sandbox, DANA, one.candidate, two.candidate)
    await house.pass_time(30)
    assert not await house.open_reviews()


async def test_a_merge_there_that_gets_no_answer_is_looked_for_and_not_done_twice(house: House) -> None:
    one, two, review = await twice(house)
    house.sandbox.faults.add({"kind": "lost_answer", "method": "POST", "path": "/merge"})
    await house.app.changes.decide(review, "approve", OWNER)
    await house.leap(300)
    assert house.calls("POST", "candidates/{id}/merge") == 1
    assert two.candidate not in {row["id"] for row in house.sandbox.db["candidates"]}
    family = await house.family(Kind.CANDIDATE, one.candidate)
    assert family is not None
    assert not [w for w in family.writes.values() if w.state is WriteState.DEAD]
    assert not await house.open_reviews()


async def test_all_that_are_certain_are_joined_at_once_and_each_can_be_undone(house: House) -> None:
    for first, last in (("Ada", "Byron"), ("Grace", "Hopper")):
        one = await house.apply(first, last, f"{last}@a.example", phone="+44 20 7946 0001")
        two = await house.apply(
            first, last, f"{last}@b.example", "Staff Nurse", phone="+44 20 7946 0002", file=GARDENER
        )
        await house.pass_time(10)
        for each in (one, two):
            link = {"value": f"https://www.linkedin.com/in/{last}", "type": "personal"}
            people.update(house.sandbox, DANA, each.candidate, {"social_media_addresses": [link]})
        await house.pass_time(10)
    found = await house.app.merges.certain()
    assert len(found) == 2
    batch = await house.app.merges.join_certain([*(one.review for one in found), "unknown"], OWNER)
    assert (len(batch.records), list(batch.left)) == (2, ["unknown"])
    assert not await house.app.merges.certain()
    assert [(one.id, one.pairs) for one in await house.app.merges.batches()] == [(batch.id, 2)]
    gone = next(record for record in (found[0].record, found[0].other) if record not in batch.records)
    assert await house.app.joins.apart(gone, OWNER) == gone
    await house.pass_time(10)
    assert not await house.app.merges.certain()  # nor are they asked about again
    back = await house.app.merges.undo(batch.id, OWNER)
    assert (len(back.records), list(back.left)) == (1, [gone])  # the other one was told apart before
    assert len(await house.app.merges.certain()) == 1  # a question again, with what spoke for it
    again = (await house.app.merges.certain())[0]
    assert again.shared == found[1].shared
    assert {again.record, again.other} == {found[1].record, found[1].other}
    house.mark()
    await house.pass_time(30)
    assert not house.written("candidates")


async def test_a_list_of_pairs_is_looked_at_joined_and_taken_back_as_one(house: House) -> None:
    one, two = await again(house)
    first, second = [await house.record(Kind.CANDIDATE, each.candidate) for each in (one, two)]
    pairs = [Two(second.id, first.id), Two(first.id, first.id), Two("nobody", first.id)]
    seen = await house.app.merges.preview(pairs)
    assert (seen.records, len(seen.left)) == ([first.id], 2)
    batch = await house.app.merges.join(pairs, OWNER)
    assert (batch.records, batch.left) == (seen.records, seen.left)
    assert (await house.app.merges.undo(batch.id, OWNER)).records == [second.id]
    assert not await house.app.merges.batches()
    for unknown in (batch.id[:-1], "none"):
        with pytest.raises(NotFoundError):
            await house.app.merges.undo(unknown, OWNER)


async def test_an_answer_that_two_are_different_can_be_taken_back(house: House) -> None:
    await again(house)
    (item,) = await house.open_reviews()
    await house.app.merges.different(item.review.id, OWNER)
    assert not await house.open_reviews()
    await house.app.merges.ask_again(item.review.id, OWNER)
    (asked,) = await house.open_reviews()
    assert {name: asked.review.detail[name] for name in ("shared", "certain", "other")} == dict(item.review.detail)
    with pytest.raises(ConflictError):
        await house.app.merges.ask_again(asked.review.id, OWNER)


async def read_before(house: House) -> tuple[Applied, Applied]:
    """Two who are one person and were met before anybody looked: nothing was asked of them."""
    one, two = await again(house)
    (item,) = await house.open_reviews()
    await house.app.store.write(lambda tx: tx._connection.execute("DELETE FROM reviews"))
    await house.app.store.write(lambda tx: tx._connection.execute("DELETE FROM likenesses"))
    for each in (one, two):
        record = await house.record(Kind.CANDIDATE, each.candidate)
        await house.app.store.read(lambda tx, id=record.family: tx.shared.kept.drop(id))
    assert item is not None
    return one, two


async def test_a_sweep_asks_about_who_was_never_looked_at_and_never_twice(house: House) -> None:
    await read_before(house)
    await house.apply("Grace", "Hopper", "grace@example.org", phone="+44 20 7946 0009", file=GARDENER)
    for _ in range(2):
        await house.app.store.write(
            lambda tx: tx.tasks.put(house.app.workspace, SWEEP, "all", due=house.app.runtime.now())
        )
        await house.quiet()
        (item,) = await house.open_reviews()
    assert item.review.kind is ReviewKind.MERGE
    assert item.name == "Ada Byron"
    await house.app.changes.decide(item.review.id, "decline", OWNER)
    await house.app.store.write(lambda tx: tx.tasks.put(house.app.workspace, SWEEP, "all", due=house.app.runtime.now()))
    await house.quiet()
    assert not await house.open_reviews()


async def test_everybody_is_weighed_against_everybody_in_a_child_that_sees_digests() -> None:
    from bench.duplicates import population

    folk, truth = population(1500)

    async def lines() -> AsyncIterator[bytes]:
        for n, fields in enumerate(folk):
            keys = blocks(person(fields))
            yield "".join(f"{key[0]}{hashlib.sha256(key.encode()).hexdigest()[:12]}\t{n}\n" for key in keys).encode()

    found = {(min(pair), max(pair)) for pair in ((int(a), int(b)) for a, b in await weigh(lines()))}
    right = {(one, again) for again, one in truth.items()}
    assert len(found & right) > 0.8 * len(right)
    assert len(found & right) > 0.5 * len(found)  # the rules, on opened records, decide about the rest


async def test_a_child_that_fails_says_why() -> None:
    async def nonsense() -> AsyncIterator[bytes]:
        yield b"one\ttwo\tthree\n" * 3

    with pytest.raises(BasculeError, match=r"The sweep for duplicates failed \(1\): "):
        await weigh(nonsense())
