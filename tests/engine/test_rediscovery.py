"""For a job, everybody ever met, in order and with reasons; one box for people. Within consent and retention."""

from __future__ import annotations

import pytest

from bascule.core.rediscovery import Out, Policy
from bascule.errors import InputError, NotFoundError
from bascule.model import Kind
from bascule.office.found import Filters
from bascule.office.rediscovery import Rediscovered
from bascule.office.rubrics import Asked
from bascule.sandbox.greenhouse import people, pipeline

from .kit import DANA, GARDENER, OWNER, ROBIN, Applied, House

NURSE = """{name}
Registered Nurse

Experience
Registered Nurse, St Mary's Hospital, London, May 2017 - present
Administered medication, planned nursing care and documented it on an acute ward; trained new nurses and students.
Nurse, Royal Infirmary, Leeds, 2013 - April 2017
Acute care of adults, wound care, handovers, night shifts, and talks with patients and their families in English.
"""


async def three(house: House) -> tuple[Applied, Applied, Applied]:
    """A developer, a gardener who applied as a developer, and a nurse who was rejected as one."""
    developer = await house.apply("Ada", "Byron", "ada@example.org")
    gardener = await house.apply(
        "Rose", "Bloom", "rose@example.org", file=GARDENER.replace(b"Ada Byron", b"Rose Bloom")
    )
    nurse = await house.apply(
        "Flora", "Night", "flora@example.org", "Staff Nurse", file=NURSE.format(name="Flora Night").encode()
    )
    await house.pass_time(8)
    return developer, gardener, nurse


async def person(house: House, applied: Applied) -> str:
    return (await house.record(Kind.CANDIDATE, applied.candidate)).id


async def job(house: House, title: str) -> str:
    return next(one.job.id for one in await house.app.store.read(lambda tx: tx.pages.jobs(house.app.workspace))
                if one.job.fields["title"] == title)  # fmt: skip


async def listed(house: House, title: str, filters: Filters | None = None) -> Rediscovered:
    """The list once everybody is scored."""
    id = await job(house, title)
    await house.app.rediscovery.of(id, filters)
    await house.pass_time(2)
    return await house.app.rediscovery.of(id, filters)


async def test_who_applied_elsewhere_is_found_for_a_job_with_score_reasons_and_past(house: House) -> None:
    developer, gardener, nurse = await three(house)
    reason = house.reason("Lacks required experience")["id"]
    pipeline.reject(house.sandbox, DANA, nurse.application, {"rejection_reason_id": reason})
    said = {"candidate_id": nurse.candidate, "body": "Would like day shifts.", "visibility": "public"}
    people.note(house.sandbox, ROBIN, said)
    await house.pass_time(12)
    before = len(house.sandbox.db.log)
    first = await house.app.rediscovery.of(await job(house, "Backend Engineer"))
    assert [one.candidate for one in first.items] == [await person(house, nurse)], "the others are on this job"
    assert (first.here, first.reading, first.items[0].score) == (2, 1, None)
    found = await listed(house, "Staff Nurse")
    assert {one.candidate for one in found.items} == {await person(house, developer), await person(house, gardener)}
    assert found.reading == 0
    assert all(one.score is not None for one in found.items)
    assert [one.score for one in found.items] == sorted((one.score or 0 for one in found.items), reverse=True)
    (flora,) = (await listed(house, "Backend Engineer")).items
    assert (flora.name, flora.reach, flora.reachable, flora.notes) == ("Flora Night", "e-mail and phone", True, 1)
    assert [(one.title, one.status, one.reason) for one in flora.past] == [
        ("Staff Nurse", "rejected", "Lacks required experience")
    ]
    assert flora.contact >= house.clock.at.replace(minute=0, second=0, microsecond=0)
    assert flora.fit["parts"]
    assert len(house.sandbox.db.log) == before, "looking writes nothing anywhere"


async def test_a_new_applicant_refreshes_the_lists_that_somebody_looked_at(house: House) -> None:
    await three(house)
    assert len((await listed(house, "Staff Nurse")).items) == 2
    nurse = await house.apply("Clara", "Barton", "clara@example.org", file=NURSE.format(name="Clara Barton").encode())
    await house.pass_time(8)
    now = await house.app.rediscovery.of(await job(house, "Staff Nurse"))
    assert len(now.items) == 3, "at once, by what she reads like"
    assert now.reading == 1
    await house.app.rediscovery.refresh()
    await house.pass_time(2)
    best = (await house.app.rediscovery.of(await job(house, "Staff Nurse"))).items[0]
    assert (best.candidate, best.fresh) == (await person(house, nurse), True)
    others = [one.score or 0 for one in (await listed(house, "Staff Nurse")).items[1:]]
    assert (best.score or 0) > max(others) + 15


async def test_who_was_looked_at_is_told_and_a_page_goes_on_where_the_last_one_ended(house: House) -> None:
    await three(house)
    found = await listed(house, "Staff Nurse")
    assert found.unseen == 2
    family = found.items[0].family
    await house.app.store.write(lambda tx: tx.families.looked_at(family, now=house.clock()))
    now = await house.app.rediscovery.of(found.job, limit=1)
    assert (now.unseen, now.items[0].looked_at, now.after) == (1, True, 1)
    rest = await house.app.rediscovery.of(found.job, after=1, limit=5)
    assert [one.candidate for one in (*now.items, *rest.items)] == [one.candidate for one in found.items]
    assert rest.after is None


async def test_who_may_not_be_considered_is_left_out_and_counted_by_why(house: House) -> None:
    developer, gardener, _ = await three(house)
    await house.app.rediscovery.set_policy(Policy(refused=("no contact",)), OWNER)
    people.tag(house.sandbox, ROBIN, developer.candidate, "No contact")
    people.update(house.sandbox, ROBIN, gardener.candidate, {"private": True})
    await house.pass_time(40)
    found = await house.app.rediscovery.of(await job(house, "Staff Nurse"))
    assert found.items == ()
    assert found.counted.left_out == {Out.REFUSED: 1, Out.PRIVATE: 1}
    assert found.counted.considered == 1
    assert (await house.app.search.people("glasshouses")).items == ()
    assert [one.candidate for one in (await house.app.search.people("Byron")).items] == [], "nor by name"
    said = await house.app.store.read(lambda tx: tx.audit.of_action(house.app.workspace, "rediscovery policy changed"))
    assert [one.actor_id for one in said] == [OWNER.id]


async def test_a_policy_that_nobody_could_meet_is_refused_and_nothing_changes(house: House) -> None:
    with pytest.raises(InputError, match="says who has agreed"):
        await house.app.rediscovery.set_policy(Policy(only_agreed=True), OWNER)
    with pytest.raises(InputError, match="both"):
        await house.app.rediscovery.set_policy(Policy(agreed=("Pool",), refused=("pool",)), OWNER)
    assert await house.app.rediscovery.policy() == Policy()


async def test_filters_narrow_and_bad_ones_say_what_there_is(house: House) -> None:
    _, _, nurse = await three(house)
    reason = house.reason("Lacks required experience")["id"]
    pipeline.reject(house.sandbox, DANA, nurse.application, {"rejection_reason_id": reason})
    await house.pass_time(8)
    flora = [await person(house, nurse)]
    backend, staff = await job(house, "Backend Engineer"), await job(house, "Staff Nurse")

    async def passing(filters: Filters) -> list[str]:
        return [one.candidate for one in (await house.app.rediscovery.of(backend, filters)).items]

    assert await passing(Filters(outcome="rejected")) == flora
    assert await passing(Filters(outcome="hired")) == []
    assert await passing(Filters(place="Leeds")) == flora
    assert await passing(Filters(place="Malmö")) == []
    assert await passing(Filters(within=1, reachable=True, job=staff)) == flora
    assert await passing(Filters(quiet=1)) == []
    assert await passing(Filters(reached="applied")) == flora
    assert await passing(Filters(reached="offer")) == []
    with pytest.raises(InputError, match="no outcome 'won'"):
        Filters(outcome="won")
    with pytest.raises(InputError, match="between 0 and"):
        Filters(within=-1)
    with pytest.raises(NotFoundError, match="no such job"):
        await house.app.rediscovery.of("nothing")


async def test_one_box_finds_by_name_word_skill_and_title_and_says_where_it_stands(house: House) -> None:
    developer, gardener, nurse = await three(house)
    ada, rose, flora = [await person(house, one) for one in (developer, gardener, nurse)]

    async def first(q: str) -> tuple[str, list[tuple[str, str]]]:
        found = await house.app.search.people(q)
        return found.items[0].candidate, [(one.asked, one.quote) for one in found.items[0].said]

    by_name = (await house.app.search.people("bloom")).items[0]
    assert (by_name.candidate, by_name.by_name) == (rose, True)
    who, said = await first("glasshouses")
    assert (who, said[0][0]) == (rose, "glasshouses")
    assert "kept the glasshouses" in said[0][1]
    who, said = await first("k8s")
    assert who == ada
    assert "Kubernetes" in said[0][1], "another name of the same skill"
    assert (await first("wound care"))[0] == flora
    assert (await first("software engineer"))[0] == ada
    assert (await first("somebody who looks after plants and parks"))[0] == rose, "by what it means"
    sought = await house.app.search.people("k8s glasshouses")
    assert {one.candidate for one in sought.items[:2]} == {ada, rose}
    assert [(one.text, one.kind, one.holders) for one in sought.asked] == [
        ("k8s", "skill", 1),
        ("glasshouses", "word", 1),
    ]
    with pytest.raises(InputError, match="Nothing is asked for"):
        await house.app.search.people("  ")


async def test_people_like_one_are_found_without_that_one(house: House) -> None:
    developer, *_ = await three(house)
    other = await house.apply("Grace", "Hopper", "grace@example.org", more="Compilers and COBOL.")
    await house.pass_time(8)
    like = await person(house, developer)
    found = await house.app.search.people("", like=like)
    assert found.like == "Ada Byron"
    assert found.items[0].candidate == await person(house, other)
    assert like not in [one.candidate for one in found.items]
    assert found.items[0].alike > found.items[-1].alike
    with pytest.raises(NotFoundError, match="no such candidate"):
        await house.app.search.people("", like="nobody")


async def test_the_erased_are_on_no_list_and_nothing_of_their_fit_is_left(house: House) -> None:
    developer, *_ = await three(house)
    record = await person(house, developer)
    assert record in [one.candidate for one in (await listed(house, "Staff Nurse")).items]
    await house.app.erasures.begin(record, OWNER)
    assert record not in [
        one.candidate for one in (await house.app.rediscovery.of(await job(house, "Staff Nurse"))).items
    ]
    await house.pass_time(12)
    found = await listed(house, "Staff Nurse")
    assert record not in [one.candidate for one in found.items]
    figures = await house.app.store.read(lambda tx: tx.fits.figures(found.job, found.rubric))
    assert record not in figures


async def test_a_changed_rubric_has_the_nearest_scored_anew(house: House) -> None:
    await three(house)
    before = await listed(house, "Staff Nurse")
    id = await job(house, "Staff Nurse")
    await house.app.rubric_desk.change(id, Asked({"gardening": "must"}), before.rubric, OWNER)
    await house.pass_time(2)
    now = await house.app.rediscovery.of(id)
    assert now.rubric == before.rubric + 1
    assert now.reading == 2
    assert (await listed(house, "Staff Nurse")).reading == 0
