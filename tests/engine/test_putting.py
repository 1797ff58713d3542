"""Somebody who was found again is put on the job by a person: here, and in the ATS, with why and where from."""

from __future__ import annotations

import pytest

from bascule.errors import ForbiddenError, NotFoundError
from bascule.model import AI, Edit, Kind, Mode, ReviewKind
from bascule.sandbox.greenhouse import pipeline

from .kit import DANA, OWNER, Builder, House
from .test_rediscovery import job, listed, person, three


@pytest.fixture
async def able(build: Builder) -> House:
    """A customer whose credential may make applications."""
    house = await build.house(mode=None)
    least = house.app.grants.least("greenhouse")
    house.scopes = lambda: [*least, "harvest:applications:create"]  # type: ignore[method-assign]
    await house.connect()
    return house


async def test_a_person_puts_somebody_on_a_job_and_the_ats_has_the_application_with_note_and_source(
    able: House,
) -> None:
    house = able
    house.sandbox.db.create("sources", DANA, name="Rediscovery", strategy="other")
    await house.leap(1900)
    _, _, nurse = await three(house)
    await listed(house, "Backend Engineer")
    backend, record = await job(house, "Backend Engineer"), await person(house, nurse)
    way = await house.app.putting.way(backend, record, OWNER)
    assert (way.why, way.system) == ("", "Greenhouse")
    assert "rules for new applications" in way.effect
    house.mark()
    made = await house.app.putting.put(backend, record, OWNER, "Asked for a change of trade.")
    await house.pass_time(12)
    (there,) = [
        one
        for one in house.sandbox.db["applications"].where("candidate_id", nurse.candidate)
        if one["id"] != nurse.application
    ]
    assert house.sandbox.db["jobs"].rows[there["job_id"]]["name"] == "Backend Engineer"
    assert house.sandbox.db["sources"].rows[there["source_id"]]["name"] == "Rediscovery"
    family = await house.family(Kind.CANDIDATE, nurse.candidate)
    assert family is not None
    assert family.records[made].fields["tags"] == ("rediscovery",)
    assert [link.external for link in family.links.values() if link.record == made] == [str(there["id"])]
    (note,) = [one["body"] for one in house.notes(nurse.candidate) if "found again" in one["body"]]
    assert "Put on Backend Engineer by Olga Owner" in note
    assert "of 100" in note
    assert "Asked for a change of trade." in note
    assert family.records[made].fields["match_score"] is not None, "scored like any application"
    again = await house.app.putting.way(backend, record, OWNER)
    assert again.why == "They are on this job already."
    assert record not in [one.candidate for one in (await house.app.rediscovery.of(backend)).items]


async def test_whose_cv_is_not_kept_here_is_scored_for_the_new_job_by_the_file_that_the_ats_has(able: House) -> None:
    house = able
    await house.leap(1900)
    _, _, nurse = await three(house)
    await listed(house, "Backend Engineer")
    backend, record = await job(house, "Backend Engineer"), await person(house, nurse)
    family = await house.family(Kind.CANDIDATE, nurse.candidate)
    assert family is not None
    (cv,) = [one.id for one in family.records.values() if one.kind is Kind.ATTACHMENT]
    await house.app.store.write(lambda tx: tx.stored.release(cv, "resume"))
    made = await house.app.putting.put(backend, record, OWNER, "")
    await house.pass_time(12)
    family = await house.family(Kind.CANDIDATE, nurse.candidate)
    assert family is not None
    assert family.records[made].fields["match_score"] is not None
    assert not await house.app.store.read(lambda tx: tx.tasks.list(house.app.workspace, state="dead"))


async def test_where_nothing_is_written_nobody_is_put_and_why_is_said(build: Builder) -> None:
    house = await build.house(mode=Mode.OBSERVE)
    nurse = await house.apply("Flora", "Night", "flora@example.org", "Staff Nurse")
    await house.pass_time(70)
    backend, record = await job(house, "Backend Engineer"), await person(house, nurse)
    with pytest.raises(ForbiddenError, match="mode observe"):
        await house.app.putting.put(backend, record, OWNER)
    assert len((await house.family(Kind.CANDIDATE, nurse.candidate)).children(record, Kind.APPLICATION)) == 1  # type: ignore[union-attr]
    with pytest.raises(NotFoundError, match="no such candidate"):
        await house.app.putting.put(backend, "nobody", OWNER)


async def test_no_machine_makes_an_application(house: House) -> None:
    _, _, nurse = await three(house)
    record, backend = await person(house, nurse), await job(house, "Backend Engineer")
    family = await house.family(Kind.CANDIDATE, nurse.candidate)
    assert family is not None
    edit = Edit("e", record, {"job": backend, "status": "active"}, AI, "e", create=Kind.APPLICATION)
    with pytest.raises(ForbiddenError, match="without a person"):
        await house.app.reconcile.edit(family.id, [edit])


async def test_a_system_whose_connector_cannot_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, nurse = await three(house)
    monkeypatch.delitem(house.at.view.creates, Kind.APPLICATION)  # type: ignore[arg-type]
    backend, record = await job(house, "Backend Engineer"), await person(house, nurse)
    way = await house.app.putting.way(backend, record, OWNER)
    assert "cannot create applications in Greenhouse" in way.why
    assert "follows here by itself" in way.hint


async def test_a_credential_that_may_not_is_named_before_anything_is_made(house: House) -> None:
    _, _, nurse = await three(house)
    backend, record = await job(house, "Backend Engineer"), await person(house, nurse)
    with pytest.raises(ForbiddenError, match="lacks harvest:applications:create") as refused:
        await house.app.putting.put(backend, record, OWNER)
    assert "bascule connections rights acme" in refused.value.hint


async def test_who_was_rejected_for_the_job_can_be_put_on_it_again(able: House) -> None:
    house = able
    developer, *_ = await three(house)
    reason = house.reason("Lacks required experience")["id"]
    pipeline.reject(house.sandbox, DANA, developer.application, {"rejection_reason_id": reason})
    await house.pass_time(8)
    backend, record = await job(house, "Backend Engineer"), await person(house, developer)
    assert (await house.app.putting.way(backend, record, OWNER)).why == ""
    await house.app.putting.put(backend, record, OWNER)
    await house.pass_time(12)
    there = house.sandbox.db["applications"].where("candidate_id", developer.candidate)
    assert sorted(one["status"] for one in there) == ["in_process", "rejected"]


async def test_what_may_have_been_made_and_removed_before_it_was_met_is_not_made_again(able: House) -> None:
    """The creation is not answered, and somebody deletes an application there that no read has shown yet."""
    house = able
    _, _, nurse = await three(house)
    backend, record = await job(house, "Backend Engineer"), await person(house, nurse)
    house.sandbox.faults.add({"kind": "answer", "method": "POST", "path": "applications", "status": 504, "times": 1})
    house.mark()
    await house.app.putting.put(backend, record, OWNER, "Asked for a change of trade.")
    await house.quiet()
    assert house.calls("POST", "applications") == 1
    applied = {"candidate_id": nurse.candidate, "job_id": house.job("Backend Engineer")["id"]}
    pipeline.delete(house.sandbox, DANA, pipeline.apply(house.sandbox, DANA, applied)["id"])
    await house.pass_time(15)
    await house.leap(360)
    await house.pass_time(15)
    assert house.calls("POST", "applications") == 1
    (asked,) = await house.open_reviews()
    assert asked.review.kind is ReviewKind.LOST_CREATE
