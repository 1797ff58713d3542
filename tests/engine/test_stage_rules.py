"""Stages get their types by rule as their job arrives; what no rule knows is a gap and stops nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from tests.core.test_ladders import WORDS, many

from bascule.errors import InputError
from bascule.model import Kind, StageType
from bascule.office.tasks import Task, TaskKind, Wanted
from bascule.sandbox.greenhouse import jobs

from .kit import DANA, JOBS, OWNER, Builder, House


async def gaps(house: House) -> Sequence[Task]:
    return await house.app.tasks.list(Wanted(TaskKind.GAP))


async def opened(house: House, title: str, stages: Sequence[str]) -> dict[str, int]:
    """A new job there with these stages; their ids by name."""
    row = jobs.open_job(house.sandbox, DANA, {"title": title, "stages": tuple(stages)})
    await house.leap(400)
    return {one["name"]: one["id"] for one in house.sandbox.db["job_interview_stages"].where("job_id", row["id"])}


async def type_of(house: House, stage: int) -> Any:
    return await house.value(Kind.STAGE, stage, "type")


async def test_a_new_job_is_mapped_as_it_arrives_and_an_unknown_stage_is_a_task_until_it_is_answered(
    house: House,
) -> None:
    mappings = house.app.mappings
    await mappings.confirm(house.name, {"Onsite": StageType.INTERVIEW}, OWNER)
    chef = await opened(house, "Chef", ("Applied", "Kitchen day", "Onsite", "Offer"))
    assert await type_of(house, chef["Onsite"]) == "interview"
    assert await type_of(house, chef["Applied"]) is None  # proposed by its words: no move relies on it
    (gap,) = await gaps(house)
    assert "“Kitchen day” of the job “Chef”" in gap.what
    baker = await opened(house, "Baker", ("Applied", "Kitchen day", "Offer"))
    assert len(await gaps(house)) == 1
    job = (await house.record(Kind.STAGE, chef["Kitchen day"])).parent
    assert job is not None
    await mappings.confirm(house.name, {"Kitchen day": StageType.ASSESS}, OWNER, job=job)
    assert (await type_of(house, chef["Kitchen day"]), await type_of(house, baker["Kitchen day"])) == ("assess", None)
    assert len(await gaps(house)) == 1  # the other job still has one
    jobs.rename_stage(house.sandbox, DANA, baker["Kitchen day"], "Phone call")
    await house.leap(400)
    assert await gaps(house) == []


async def test_a_rule_says_beforehand_what_it_changes_keeps_exceptions_and_is_taken_back(house: House) -> None:
    mappings = house.app.mappings
    onsite = [one for one in house.sandbox.db["job_interview_stages"] if one["name"] == "Onsite"]
    assert len(onsite) == len(JOBS) == 2
    first, second = (one["id"] for one in onsite)
    job = (await house.record(Kind.STAGE, first)).parent or ""
    dry = await mappings.preview_types(house.name, {"onsite": StageType.INTERVIEW}, OWNER)
    assert (dry.effects.by_field["stage.type"], dry.effects.jobs) == (2, 2)
    assert await type_of(house, first) is None
    await mappings.confirm(house.name, {"Onsite": StageType.ASSESS}, OWNER, job=job)
    await mappings.confirm(house.name, {"Onsite": StageType.INTERVIEW}, OWNER)
    assert (await type_of(house, first), await type_of(house, second)) == ("assess", "interview")
    (apart,) = [one for ladder in await mappings.ladders(house.name) for one in ladder.exceptions]
    assert (apart.job, apart.name, apart.type) == (job, "Onsite", StageType.ASSESS)
    text = await mappings.export(house.name)
    assert f"[job_stages.{job}]" in text
    assert (await mappings.preview(house.name, text, OWNER)).differences == ()
    dry = await mappings.preview_types(house.name, {"Onsite": None}, OWNER)
    assert (dry.effects.by_field["stage.type"], dry.effects.jobs) == (1, 1)
    await mappings.confirm(house.name, {"Onsite": None}, OWNER)
    assert (await type_of(house, first), await type_of(house, second)) == ("assess", None)
    await mappings.confirm(house.name, {"Onsite": None}, OWNER, job=job)
    assert await type_of(house, first) is None
    assert house.at.row.choices == {}
    await mappings.rollback(house.name, 3, OWNER)
    assert (await type_of(house, first), await type_of(house, second)) == ("assess", "interview")
    with pytest.raises(InputError, match="no such job"):
        await mappings.confirm(house.name, {"Onsite": StageType.OFFER}, OWNER, job="elsewhere")


async def test_500_jobs_of_40_ladders_are_mapped_or_listed_as_they_arrive(build: Builder) -> None:
    pipelines = many(500)
    specs = [{"title": one.title, "stages": tuple(step.name for step in one.steps)} for one in pipelines]
    house = await build.house(fields=False, hooks=False, jobs=specs)
    mappings = house.app.mappings
    found = await mappings.ladders(house.name)
    assert (len(found), sum(len(one.jobs) for one in found)) == (40, 500)
    told = {one.what.split("“")[1].split("”")[0] for one in await gaps(house)}
    assert told == set(WORDS[2])
    rows = [one for one in house.sandbox.db["job_interview_stages"] if one["name"] == "Coffee"]
    assert len(rows) > 1
    job = (await house.record(Kind.STAGE, rows[0]["id"])).parent or ""
    await mappings.confirm(house.name, {"Coffee": StageType.INTERVIEW}, OWNER, job=job)
    await mappings.confirm(house.name, dict.fromkeys(WORDS[2], StageType.SCREEN), OWNER)
    assert await gaps(house) == []
    assert await type_of(house, rows[0]["id"]) == "interview"
    assert {await type_of(house, one["id"]) for one in rows[1:6]} == {"screen"}
