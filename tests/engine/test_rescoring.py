"""A CV is read once: whatever changes about the job, its applicants are scored again from what was kept of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bascule.hiring import resumes
from bascule.hiring.rubrics import SCORE
from bascule.match import Reading, ResumeReader
from bascule.model import Kind
from bascule.office.rubrics import Asked
from bascule.store.sql import Sql

from .kit import OWNER, House

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
    assert house.app.readings._kept(subject) is not None
    assert house.app.readings._kept(replace(subject, candidate=replace(subject.candidate, fields=other))) is None


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
