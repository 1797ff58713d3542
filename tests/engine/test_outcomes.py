"""Decisions of people are kept beside the score that stood there then, and measured by job, version and month."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.databases import both_databases

from bascule.errors import InputError, NotFoundError
from bascule.model import Decision, Kind
from bascule.office.outcomes import Done
from bascule.office.rubrics import Asked
from bascule.office.shortlists import Wanted
from bascule.sandbox.greenhouse import pipeline

from .kit import OWNER, ROBIN, House

TITLE = "Backend Engineer"


@both_databases
async def test_a_move_and_a_rejection_in_the_ats_are_kept_with_the_score_of_that_moment(house: House) -> None:
    first = await house.apply()
    second = await house.apply("Grace", "Hopper", "grace@example.org")
    await house.pass_time(5)
    job = (await house.record(Kind.JOB, house.job(TITLE)["id"])).id
    ids = [(await house.record(Kind.APPLICATION, one.application)).id for one in (first, second)]
    scores = [await house.value(Kind.APPLICATION, one.application, "match_score") for one in (first, second)]
    assert (await house.app.outcomes.told(job))["all"]["decided"] == 0

    here, stage = house.application(first.application)["job_interview_stage_id"], house.stage(TITLE, "Onsite")["id"]
    pipeline.move(house.sandbox, ROBIN, first.application, {"from_stage_id": here, "to_stage_id": stage})
    reason = house.reason("Role closed")["id"]
    pipeline.reject(house.sandbox, ROBIN, second.application, {"rejection_reason_id": reason})
    await house.pass_time(70)  # behind what has just been written there
    kept = await house.app.store.read(lambda tx: tx.outcomes.of(ids))
    assert [kept[id].decision for id in ids] == [Decision.FORWARD, Decision.REJECTED]
    assert [kept[id].score for id in ids] == scores
    assert {one.version for one in kept.values()} == {1}
    told = await house.app.outcomes.told(job)
    assert (told["all"]["forward"], told["all"]["rejected"]) == (1, 1)
    assert told["all"]["precision"]["few"]
    assert [(one["version"], one["threshold"]) for one in told["versions"]] == [(1, 50.0)]
    assert [one["month"] for one in told["months"]] == ["2026-11"]
    (row,) = (await house.app.outcomes.told())["jobs"]
    assert (row["job"], row["decided"]) == (job, 2)

    await house.app.rubric_desk.change(job, Asked({"COBOL": "must"}, {"shortlist": 1}), 1, OWNER)
    await house.quiet()
    again = await house.app.store.read(lambda tx: tx.outcomes.of(ids))
    assert again == kept  # what stood there then stays, whatever is scored since
    told = await house.app.outcomes.log(job, Done("Too many without COBOL.", "COBOL is a must."), OWNER)
    (entry,) = told["remediations"]
    assert (entry["version"], entry["before"]["decided"], entry["after"]["decided"]) == (2, 2, 0)

    family = await house.app.store.read(lambda tx: tx.families.record_family(ids[0]))
    assert family is not None
    await house.app.store.write(lambda tx: tx.erasure.forget(house.app.workspace, family, now=house.app.runtime.now()))
    assert set(await house.app.store.read(lambda tx: tx.outcomes.of(ids))) == {ids[1]}
    assert (await house.app.outcomes.told())["all"]["decided"] == 1, "what was counted of them is gone"
    left = (await house.app.store.read(lambda tx: tx.outcomes.of(ids)))[ids[1]]
    hired = replace(left, hired=True)
    other = await house.app.store.read(lambda tx: tx.families.record_family(ids[1]))
    await house.app.store.write(lambda tx: tx.outcomes.set(house.app.workspace, str(other), hired))
    assert (await house.app.outcomes.told())["all"]["hired"] == 1


async def test_what_cannot_be_entered_is_said(house: House) -> None:
    job = (await house.record(Kind.JOB, house.job(TITLE)["id"])).id
    for done in (Done("", "x"), Done("x", " "), Done("x" * 3000, "x"), Done("x", "x", 7)):
        with pytest.raises(InputError):
            await house.app.outcomes.log(job, done, OWNER)
    with pytest.raises(NotFoundError):
        await house.app.outcomes.told("nothing")
    assert not (await house.app.outcomes.told(job))["remediations"]


async def test_what_hiring_managers_say_on_shortlists_is_measured_apart(house: House) -> None:
    for first, last in (("Ada", "Byron"), ("Bo", "Ek"), ("Cy", "Dahl")):
        await house.apply(first, last, f"{first.lower()}@example.org")
    await house.pass_time(5)
    job = (await house.record(Kind.JOB, house.job(TITLE)["id"])).id
    made = await house.app.shortlists.make(job, Wanted("Dana Whitfield", top=3, redacted=False, code=False), OWNER)
    token = made.link.rpartition("/")[2]
    for number, answer in ((1, "skip"), (1, "approve"), (2, "skip"), (3, "maybe")):
        await house.app.managers.say(token, "", number, answer, "")
    told = (await house.app.outcomes.told(job))["shortlists"]
    assert (told["forward"], told["rejected"], told["maybe"], told["unscored"]) == (1, 1, 1, 0)
    assert told["order"] is not None
    assert (await house.app.outcomes.told(job))["all"]["decided"] == 0  # nobody was moved or rejected
