"""People change what a job asks for: scores follow, the job's text goes on counting for what they left alone."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contracts.connector.accounts import Clock, Setting
from tests.contracts.connector.accounts.teamtailor import Account

from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.model import Kind
from bascule.office.rubrics import Asked
from bascule.sandbox.greenhouse import jobs
from bascule.sandbox.teamtailor import pipeline
from bascule.server.show import job as show_job
from bascule.store import Tx

from .kit import DANA, OWNER, House

TITLE = "Backend Engineer"


async def job_of(house: House) -> str:
    return (await house.record(Kind.JOB, house.job(TITLE)["id"])).id


async def change(house: House, job: str, skills: dict[str, str | None] | None = None, **set: Any) -> dict[str, Any]:
    now = await house.app.rubric_desk.told(job)
    return await house.app.rubric_desk.change(job, Asked(skills or {}, set), now["version"], OWNER)


async def test_a_changed_rubric_scores_again_and_the_text_keeps_its_say_in_what_was_left_alone(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    job = await job_of(house)
    before = float(house.custom(house.application(applied.application))["bascule_match_score"])
    told = await change(house, job, {"COBOL": "must", "Fortran": "must"}, years=12)
    assert told["version"] == 2
    assert any(line.startswith("COBOL: must") for line in told["differs"])
    await house.quiet()
    assert float(house.custom(house.application(applied.application))["bascule_match_score"]) < before
    assert len(house.notes(applied.candidate)) == 2

    post = jobs.post_of(house.sandbox, house.job(TITLE)["id"])
    assert post is not None
    text = "<p>You grow roses in our gardens.</p><h3>You must have</h3><ul><li>2 years of experience with PostgreSQL</li></ul>"
    jobs.update_post(house.sandbox, DANA, post["id"], {"content": text})
    await house.quiet()
    told = await house.app.rubric_desk.told(job)
    labels = {one["label"] for one in told["skills"]}
    assert told["version"] == 3
    assert {"COBOL", "PostgreSQL"} <= labels
    assert told["years"] == 12  # set by a person, whatever the text says
    told = await change(house, job, {"COBOL": None}, years=None)
    assert "COBOL" not in {one["label"] for one in told["skills"]}
    assert told["years"] == 2


async def test_an_open_jobs_rubric_can_be_seen_and_changed_before_anybody_applies(house: House) -> None:
    account = Account(Setting(Clock(house.clock.at)))
    await house.connect_second(account)

    def met(tx: Tx) -> list[tuple[str, int]]:
        found = [one.job for one in tx.pages.jobs(house.app.workspace) if one.job.origin != house.at.id]
        return [(one.id, tx.scores.rubric_version(one.id)) for one in found if one.fields["status"] == "open"]

    old, version = (await house.app.store.read(met))[0]
    assert version == 0, "the first crawl derives nothing"
    assert (await house.app.rubric_desk.told(old))["version"] == 1, "whoever looks has it derived"
    assert (await change(house, old, {"COBOL": "must"}))["version"] == 2

    known = {id for id, _ in await house.app.store.read(met)}
    pipeline.open_job(
        account.sandbox,
        account.dana,
        {"title": "New Engineer", "body": "<p>You run PostgreSQL.</p>", "user_id": account.dana.user_id},
    )
    await house.pass_time(700)
    ((new, version),) = [one for one in await house.app.store.read(met) if one[0] not in known]
    assert version == 1, "it opened just now: nobody has to ask"
    page = await house.app.store.read(lambda tx: show_job.page(tx, house.app.workspace, new, ""))
    assert page.rubric is not None


async def test_thresholds_are_kept_in_a_version_and_write_nothing(house: House) -> None:
    await house.apply()
    await house.quiet()
    job = await job_of(house)
    house.mark()
    told = await change(house, job, shortlist="72,5", low=30)
    assert told["changes"] == {"shortlist": 72.5, "low": 30}
    assert told["differs"] == ["For the shortlist from: none → 72.5", "Called low under: none → 30"]
    await house.pass_time(30)
    assert not house.written()


async def test_who_looked_at_an_older_version_is_told_and_nothing_changes(house: House) -> None:
    await house.apply()
    await house.quiet()
    job = await job_of(house)
    await change(house, job, years=3)
    with pytest.raises(ConflictError, match="version 2 holds, you saw 1"):
        await house.app.rubric_desk.change(job, Asked(set={"years": 5}), 1, OWNER)
    assert (await house.app.rubric_desk.told(job))["years"] == 3
    with pytest.raises(NotFoundError):
        await house.app.rubric_desk.told("nothing")


REFUSED: tuple[tuple[Asked, str], ...] = (
    (Asked({"Python": "very"}), "must, should, nice or 'not asked for'"),
    (Asked({" ": "must"}), "needs a name"),
    (Asked(set={"years": "many"}), "number from 0 to 40 for years"),
    (Asked(set={"years": 400}), "number from 0 to 40 for years"),
    (Asked(set={"languages": {"Klingon": "C1"}}), "'Klingon' is no language that is known here"),
    (Asked(set={"languages": {"German": "splendid"}}), "'splendid' is no level"),
    (Asked(set={"languages": "German"}), "given by name"),
    (Asked(set={"conditions": {"star sign": ""}}), "no condition 'star sign'"),
    (Asked(set={"conditions": "driving licence"}), "given by name"),
    (Asked(set={"weights": {"charm": 10}}), "no part 'charm'"),
    (Asked(set={"weights": {"skills": 1000}}), "0 to 100 for the weight of skills"),
    (Asked(set={"weights": {"experience": 0, "role": 0}}), "must weigh something"),
    (Asked(set={"shortlist": 30, "low": 60}), "low under 60"),
    (Asked(set={"mood": 1}), "no 'mood'"),
)


async def test_what_cannot_be_set_is_said_and_nothing_is(house: House) -> None:
    job = await job_of(house)
    before = await house.app.rubric_desk.told(job)
    for asked, said in REFUSED:
        with pytest.raises(InputError) as error:
            await house.app.rubric_desk.change(job, asked, before["version"], OWNER)
        assert said in f"{error.value} {error.value.hint}"
    assert await house.app.rubric_desk.told(job) == before


async def test_place_and_eligibility_are_checked_beside_the_score_until_a_person_gives_them_a_weight(
    house: House,
) -> None:
    job = await job_of(house)
    post = jobs.post_of(house.sandbox, house.job(TITLE)["id"])
    assert post is not None
    text = "<p>You run our services, three days a week from home.</p><ul><li>Share an on-call week with PostgreSQL</li></ul>"
    jobs.update_post(house.sandbox, DANA, post["id"], {"content": text})
    applied = await house.apply()
    await house.quiet()
    told = await house.app.rubric_desk.told(job)
    derived = {one["condition"]: one for one in told["conditions"]}
    assert derived["place"]["detail"] == "hybrid, Malmö"  # the text says how, the ATS's office where
    assert derived["on-call duty"]["quote"] == "Share an on-call week with PostgreSQL"
    before = await score_of(house, applied.application)
    assert {one["said"] for one in before["conditions"]} == {"not said"}
    assert "conditions" not in {part["key"] for part in before["parts"]}
    (note,) = house.notes(applied.candidate)
    assert "Place and eligibility (no points):" in note["body"]

    told = await change(house, job, conditions={"driving licence": "B", "on-call duty": "not asked for"})
    assert "Place and eligibility" in " ".join(told["differs"])
    await house.quiet()
    again = await score_of(house, applied.application)
    assert {"driving licence", "place"} == {one["condition"] for one in again["conditions"]}
    assert again["tenths"] == before["tenths"]

    told = await change(house, job, conditions={"on-call duty": None}, weights={"conditions": 20})
    await house.quiet()
    weighed = await score_of(house, applied.application)
    part = next(one for one in weighed["parts"] if one["key"] == "conditions")
    assert any("not said, counted half" in reason["text"] for reason in part["reasons"])
    assert sum(one["points"] for one in weighed["parts"]) == weighed["tenths"]


async def score_of(house: House, application: int) -> dict[str, Any]:
    record = await house.record(Kind.APPLICATION, application)
    score = await house.app.store.read(lambda tx: tx.scores.of(record.id))
    assert score is not None
    return dict(score.body)


async def test_what_a_text_means_besides_is_told_and_what_of_it_counts(house: House) -> None:
    job = await job_of(house)
    post = jobs.post_of(house.sandbox, house.job(TITLE)["id"])
    assert post is not None
    text = "<p>You work closely with colleagues from sales.</p><h3>You must have</h3><ul><li>Experience with PostCSS, Snowpark and PostgreSQL</li></ul>"
    jobs.update_post(house.sandbox, DANA, post["id"], {"content": text})
    await house.apply()
    await house.quiet()
    told = await house.app.rubric_desk.spoken(job)
    skills = {one["label"]: one for one in told["items"]}
    assert skills["PostgreSQL"]["counted"]
    assert skills["PostgreSQL"]["likely"] == 1
    assert skills["liaise with colleagues"]["likely"] < 1
    assert not skills["liaise with colleagues"]["counted"]
    assert skills["Snowpark"]["scheme"] == "text"
    assert told["taxonomy"] == house.app.matcher.taxonomy.version
    with pytest.raises(NotFoundError):
        await house.app.rubric_desk.spoken("nothing")
