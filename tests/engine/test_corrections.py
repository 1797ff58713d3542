"""A recruiter marks what is wrong in a score: it is left out, the ATS gets the new score, and it is counted."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.errors import InputError, NotFoundError
from bascule.model import Kind, Value
from bascule.office.corrections import Said
from bascule.store.sql import Sql

from .kit import OWNER, House

LEFT = Sql("SELECT COUNT(*) FROM corrections")


async def reasons(house: House, application: str) -> list[tuple[str, Any]]:
    """(part, reason) of the newest score."""
    score = await house.app.store.read(lambda tx: tx.scores.of(application))
    assert score is not None
    return [(part["key"], one) for part in listed(score.body["parts"]) for one in listed(part["reasons"])]


def listed(value: Value) -> tuple[Any, ...]:
    assert isinstance(value, tuple)
    return value


async def test_a_skill_marked_wrong_leaves_the_score_in_the_ats_and_comes_back_when_taken_back(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    id = (await house.record(Kind.APPLICATION, applied.application)).id
    before = house.custom(house.application(applied.application))
    _, reason = next(one for one in await reasons(house, id) if one[1]["about"] and one[1]["text"] == "Python")
    one = await house.app.corrections.mark(id, Said(skill=reason["about"], why="A snake keeper"), OWNER)
    again = await house.app.corrections.mark(id, Said(skill=reason["about"]), OWNER)
    assert again.id == one.id  # said once is enough
    await house.quiet()
    after = house.custom(house.application(applied.application))
    assert float(after["bascule_match_score"]) < float(before["bascule_match_score"])
    assert "Python" not in after["bascule_match_skills"].split(", ")
    assert len(house.notes(applied.candidate)) == 2
    (count,) = await house.app.corrections.counted()
    assert (count["kind"], count["times"], count["people"], count["jobs"]) == ("skill", 1, 1, 1)
    assert count["label"].startswith("Python")

    await house.app.corrections.undo(id, one.id, OWNER)
    await house.quiet()
    assert house.custom(house.application(applied.application))["bascule_match_score"] == before["bascule_match_score"]
    assert await house.app.corrections.counted() == []
    with pytest.raises(NotFoundError):
        await house.app.corrections.undo(id, one.id, OWNER)


async def test_a_passage_marked_wrong_is_of_that_file_and_goes_with_the_person(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    record = await house.record(Kind.APPLICATION, applied.application)
    part, reason = next(one for one in await reasons(house, record.id) if not one[1]["about"] and one[1]["start"] >= 0)
    said = Said(part=part, start=reason["start"], end=reason["end"])
    await house.app.corrections.mark(record.id, said, OWNER)
    await house.quiet()
    assert reason["quote"] not in [one["quote"] for _, one in await reasons(house, record.id)]
    assert [one.quote for one in await house.app.corrections.of(record.id)] == [reason["quote"]]

    await house.app.erasures.begin((await house.record(Kind.CANDIDATE, applied.candidate)).id, OWNER)
    await house.pass_time(12)
    assert await house.app.store.read(lambda tx: tx.row(LEFT)[0]) == 0  # type: ignore[index]


async def test_what_the_score_does_not_say_cannot_be_wrong(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    id = (await house.record(Kind.APPLICATION, applied.application)).id
    for said in (Said(skill="esco:alchemy"), Said(part="years", start=0, end=3), Said(part="charm"), Said()):
        with pytest.raises(InputError, match="The score"):
            await house.app.corrections.mark(id, said, OWNER)
    with pytest.raises(NotFoundError):
        await house.app.corrections.mark("nobody", Said(skill="x"), OWNER)
    assert await house.app.corrections.of(id) == []


async def test_a_cv_is_data_for_programs_and_who_looked_is_audited(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    id = (await house.record(Kind.CANDIDATE, applied.candidate)).id
    told = await house.app.resume_desk.told(id, OWNER)
    assert told["candidate"] == id
    assert "Python" in {one["label"].split(" (")[0] for one in told["skills"]}
    actions = await house.app.store.read(lambda tx: [one.action for one in tx.audit.page(house.app.workspace, limit=9)])
    assert actions[0] == "resume read"
    with pytest.raises(NotFoundError):
        await house.app.resume_desk.told("nobody", OWNER)
