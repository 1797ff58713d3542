"""A CV is read once: whatever changes about the job, its applicants are scored again from what was kept of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.databases import both_databases

from bascule.hiring import resumes
from bascule.hiring.fitting import FIT
from bascule.hiring.resumes import Subject
from bascule.hiring.rubrics import RESCORE, SCORE
from bascule.match import Reading, ResumeReader
from bascule.model import Edit, Kind
from bascule.office.rubrics import Asked
from bascule.store import Tx
from bascule.store.sql import Sql

from .kit import GARDENER, OWNER, House

SEALED = Sql("SELECT sealed FROM stored WHERE what = 'study'")
LEFT = Sql("SELECT COUNT(*) FROM stored")


class Counting(ResumeReader):
    """The reader, and how many files it was given."""

    files = 0

    async def read(self, data: bytes, filename: str = "") -> Reading:
        self.files += 1
        return await super().read(data, filename)


@pytest.fixture
async def reader(house: House) -> AsyncIterator[Counting]:
    found = house.app.readings._reader = Counting()
    yield found
    await found.close()


async def applied(house: House) -> tuple[str, str]:
    """Somebody who has been scored: their application and its job."""
    given = await house.apply()
    await house.quiet()
    return (await house.record(Kind.APPLICATION, given.application)).id, str(
        await house.value(Kind.APPLICATION, given.application, "job")
    )


async def body(house: House, application: str) -> dict[str, Any]:
    score = await house.app.store.read(lambda tx: tx.scores.of(application))
    assert score is not None
    assert not score.stale
    return dict(score.body)


async def again(house: House, application: str) -> dict[str, Any]:
    await house.app.store.write(
        lambda tx: tx.tasks.put(house.app.workspace, SCORE, application, due=house.app.runtime.now())
    )
    await house.quiet()
    return await body(house, application)


async def test_a_changed_rubric_scores_from_what_was_kept_as_from_the_file(house: House, reader: Counting) -> None:
    id, job = await applied(house)
    first, files = await body(house, id), reader.files
    assert files == 1
    await house.app.rubric_desk.change(job, Asked({"COBOL": "must"}), 1, OWNER)
    await house.quiet()
    changed = await body(house, id)
    assert reader.files == files
    assert changed["tenths"] < first["tenths"]

    await house.app.store.write(lambda tx: tx.stored.release(id, "study"))
    assert await again(house, id) == changed
    assert reader.files == files + 1


async def test_another_reader_other_tables_and_another_name_are_read_anew(
    house: House, reader: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, _ = await applied(house)
    await again(house, id)
    assert reader.files == 1
    monkeypatch.setattr(resumes, "READER", "reader-next")
    await again(house, id)
    await again(house, id)
    assert reader.files == 2
    maker = house.app.matcher._reading
    monkeypatch.setattr(maker, "version", f"{maker.version}-next")
    await again(house, id)
    assert reader.files == 3
    subject = await house.app.store.read(lambda tx: resumes.subject(tx, id))
    assert subject is not None
    other = {**subject.candidate.fields, "last_name": "Another"}
    assert house.app.readings.known(subject) is not None
    assert house.app.readings.known(replace(subject, candidate=replace(subject.candidate, fields=other))) is None


async def test_what_was_kept_is_sealed_kept_like_the_text_and_erased_with_the_person(
    house: House, reader: Counting
) -> None:
    id, _ = await applied(house)
    store, workspace = house.app.store, house.app.workspace
    (sealed,) = [bytes(row) for (row,) in await store.read(lambda tx: tx.rows(SEALED))]
    address = await store.read(lambda tx: tx.stored.of(id, "study"))
    assert address is not None
    plain = await store.read(lambda tx: tx.stored.get(address))
    assert plain not in sealed
    assert len(sealed) > len(plain)

    await store.write(lambda tx: tx.stored.set_retention(workspace, "text", 0))
    assert await store.write(lambda tx: tx.stored.expire(now=house.app.runtime.now())) == 2
    assert await store.read(lambda tx: tx.stored.of(id, "study")) is None
    await again(house, id)
    assert reader.files == 2  # of the file, which is kept longer
    assert not await store.read(lambda tx: tx.rows(SEALED))

    await store.write(lambda tx: tx.stored.set_retention(workspace, "text", None))
    await again(house, id)
    family = await store.read(lambda tx: tx.families.record_family(id))
    assert family is not None
    await store.write(lambda tx: tx.stored.forget(workspace, family))
    assert not await store.read(lambda tx: tx.rows(SEALED))


PEOPLE = (
    ("Ada", "Byron", None),
    ("Rose", "Bloom", GARDENER.replace(b"Ada Byron", b"Rose Bloom")),
    (
        "Flora",
        "Night",
        b"Flora Night\nSekret\xc3\xa4rin, M\xc3\xbcnchen, 2019 - heute\n" + b"Termine und Briefe. " * 20,
    ),
)


async def job_of_three(house: House) -> tuple[str, list[str]]:
    """Three who have applied for one job with CVs that are not alike: the job, and their applications."""
    for first, last, file in PEOPLE:
        await house.apply(first, last, f"{first.lower()}@example.org", file=file)
    await house.quiet()
    job = next(one for one in await house.app.store.read(lambda tx: tx.pages.jobs(house.app.workspace))
               if one.job.fields["title"] == "Backend Engineer").job.id  # fmt: skip
    rows = await house.app.store.read(lambda tx: tx.pages.ranked(job, limit=10))
    return job, [one.application for one in rows]


async def said(house: House, application: str) -> tuple[dict[str, Any], dict[str, Any], set[Any]]:
    """What is kept of a score, in the record, and in notes."""
    family = await house.app.store.read(lambda tx: tx.families.family(tx.families.record_family(application) or ""))
    notes = {one.fields["body"] for one in family.records.values() if one.kind is Kind.NOTE}
    return await body(house, application), dict(family.records[application].fields), notes


@both_databases
async def test_a_portion_gives_what_one_by_one_gives_bit_for_bit(house: House) -> None:
    job, ids = await job_of_three(house)
    assert len(ids) == 3
    one_by_one = house.app.worker.handlers[SCORE]

    async def refuse(task: Any) -> None:
        raise AssertionError(f"{task.key} was scored by itself")

    house.app.worker.handlers[SCORE] = refuse
    await house.app.rubric_desk.change(job, Asked({"COBOL": "must"}), 1, OWNER)
    await house.quiet()
    together = {id: await said(house, id) for id in ids}
    assert {found[0]["rubric_version"] for found in together.values()} == {2}
    assert len({found[0]["tenths"] for found in together.values()}) > 1, "they are to differ"

    house.app.worker.handlers[SCORE] = one_by_one
    await house.app.store.write(lambda tx: [tx.scores.drop(id) for id in ids])
    for id in ids:
        await again(house, id)
    assert {id: await said(house, id) for id in ids} == together


async def test_who_changes_while_a_portion_is_judged_is_scored_as_they_are_then(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, ids = await job_of_three(house)
    store, told, rescoring = house.app.store, house.app.rescoring._told, house.app.rescoring
    moved = ids[0]
    family = await store.read(lambda tx: tx.families.record_family(moved))
    assert family is not None

    def meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(rescoring, "_told", told)
        found = told(*given)
        edit = Edit(house.app.runtime.id(), moved, {"answers": {"COBOL?": "Yes, COBOL daily"}}, OWNER, "test")
        store.transact(lambda tx: house.app.reconcile.edit_in(tx, family, [edit]))
        return found

    monkeypatch.setattr(rescoring, "_told", meanwhile)
    await house.app.rubric_desk.change(job, Asked({"COBOL": "must"}), 1, OWNER)
    await house.quiet()
    scored = [await body(house, id) for id in ids]
    assert {one["rubric_version"] for one in scored} == {2}
    assert "COBOL (in an answer)" in str(scored[0]["parts"])
    assert "COBOL (in an answer)" not in str(scored[1:])


async def test_a_newer_rubric_is_what_counts_and_whoever_fails_keeps_nobody_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, ids = await job_of_three(house)
    rescoring, told = house.app.rescoring, house.app.rescoring._told

    def newer(*given: Any) -> Any:
        monkeypatch.setattr(rescoring, "_told", told)
        found = told(*given)
        house.app.store.transact(version)
        return found

    def version(tx: Tx) -> None:
        newest = tx.scores.rubric(job)
        assert newest is not None
        tx.scores.set_rubric(house.app.workspace, replace(newest, version=newest.version + 1))
        tx.tasks.put(house.app.workspace, RESCORE, job, due=house.app.runtime.now())

    monkeypatch.setattr(rescoring, "_told", newer)
    await house.app.rubric_desk.change(job, Asked({"COBOL": "must"}), 1, OWNER)
    await house.quiet()
    assert {(await body(house, id))["rubric_version"] for id in ids} == {3}

    telling = house.app.scoring.told

    def failing(subject: Subject, *given: Any) -> Any:
        if subject.application.id == ids[1]:
            raise RuntimeError("a CV that nobody foresaw")
        return telling(subject, *given)

    monkeypatch.setattr(house.app.scoring, "told", failing)
    await house.app.rubric_desk.change(job, Asked({"Fortran": "must"}), 3, OWNER)
    await house.pass_time(30)
    versions = [(await house.app.store.read(lambda tx, id=id: tx.scores.of(id))).version for id in ids]
    assert versions == [4, 3, 4]
    assert {what for what, _ in house.failures} == {"task rescore", "task score"}
    house.failures.clear()


@both_databases
async def test_people_met_before_fit_a_new_job_alike_from_what_was_kept_and_from_their_text(house: House) -> None:
    await job_of_three(house)
    app = house.app
    await house.pass_time(5)  # until everybody can be found
    rows = await app.store.read(lambda tx: tx.indexed.page(app.workspace, app.indexing.model, "", 10))
    people = tuple(one.record for one in rows)
    other = next(one.job.id for one in await app.store.read(lambda tx: tx.pages.jobs(app.workspace))
                 if one.job.fields["title"] == "Staff Nurse")  # fmt: skip

    async def fitted() -> dict[str, Any]:
        await app.store.write(
            lambda tx: tx.tasks.put(app.workspace, FIT, other, due=app.runtime.now(), payload={"records": people})
        )
        await house.quiet()
        return await app.store.read(lambda tx: tx.fits.bodies(other, people))

    kept = await fitted()
    assert len(kept) == 3
    assert len({body["tenths"] for body in kept.values()}) > 1, "they are to differ"

    def forget(tx: Tx) -> None:
        for one in rows:
            tx.fits.drop(one.family)
            for id in tx.families.family(one.family).records:
                tx.stored.release(id, "study")

    await app.store.write(forget)
    assert await fitted() == kept
