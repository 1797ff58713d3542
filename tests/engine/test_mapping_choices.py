"""The owner decides which fields are carried; switching one writes nothing old."""

from __future__ import annotations

import pytest

from bascule.connectors.greenhouse.reads import TOP_TEN
from bascule.core.mapping import Choice
from bascule.errors import InputError
from bascule.model import FIELDS, Direction, FieldClass, Kind

from .kit import DANA, GARDENER, JOBS, OWNER, Applied, Builder, House


def rows(document: object) -> dict[tuple[Kind, str], object]:
    return {(row.kind, row.field): row for row in document.rows}  # type: ignore[attr-defined]


async def test_a_field_that_is_switched_off_is_listed_as_off_and_not_written(house: House) -> None:
    document = await house.app.mappings.choose(house.name, Kind.APPLICATION, "match_skills", Choice(on=False), OWNER)
    assert rows(document)[Kind.APPLICATION, "match_skills"].gap == "switched off by the owner"  # type: ignore[attr-defined]
    at = house.app.connections.named(house.name)
    mapped = {name for maps in at.view.fields.values() for each in maps for name in each.canonical}
    assert "match_skills" not in mapped
    assert "match_score" in mapped


async def test_a_field_that_is_switched_on_again_is_carried_again(house: House) -> None:
    await house.app.mappings.choose(house.name, Kind.APPLICATION, "match_skills", Choice(on=False), OWNER)
    document = await house.app.mappings.choose(house.name, Kind.APPLICATION, "match_skills", Choice(), OWNER)
    assert rows(document)[Kind.APPLICATION, "match_skills"].gap == ""  # type: ignore[attr-defined]


async def test_a_choice_that_cannot_be_is_refused_and_changes_nothing(house: House) -> None:
    before = house.app.connections.named(house.name).row
    with pytest.raises(InputError):
        await house.app.mappings.choose(
            house.name, Kind.CANDIDATE, "created_at", Choice(direction=Direction.OUT), OWNER
        )
    with pytest.raises(InputError):
        await house.app.mappings.choose(house.name, Kind.CANDIDATE, "no_such_field", Choice(), OWNER)
    assert house.app.connections.named(house.name).row == before


OUTPUTS = tuple(
    name
    for name, spec in FIELDS[Kind.APPLICATION].items()
    if spec.cls is FieldClass.AI_OUTPUT and name != "tools"  # what AI tools say is mapped by tool
)


def made(house: House) -> set[str]:
    """The outputs of ours that have a field in the ATS; the tag needs none."""
    keys = {str(row["name_key"]) for row in house.sandbox.db["custom_fields"] if row["active"]}
    return {name for name in OUTPUTS if keys & {f"bascule_{name}", f"bascule_{name}_by_job"}}


def shown(house: House, applied: Applied) -> set[str]:
    """The outputs that the ATS shows of an application, on it or on its candidate."""
    both = house.custom(house.application(applied.application)) | house.custom(house.candidate(applied.candidate))
    keys = {key for key, value in both.items() if value not in (None, "")}
    tagged = {"top_ten"} if any(tag.startswith(TOP_TEN) for tag in house.tags(applied.candidate)) else set[str]()
    return tagged | {name for name in OUTPUTS if keys & {f"bascule_{name}", f"bascule_{name}_by_job"}}


def test_the_outputs_are_the_ten() -> None:
    assert len(OUTPUTS) == 10


TWINS = (JOBS[0], {**JOBS[0], "title": "Platform Engineer"})


async def applies(house: House, name: str, job: str, crowd: int) -> Applied:
    """The best of those who apply: a tenth of a job is told only once there are five."""
    for number in range(crowd):
        await house.apply(f"{name}{number}", "Rose", f"{name}{number}@example.org", job, file=GARDENER)
    return await house.apply(name, "Byron", f"{name}@example.org", job)


@pytest.mark.parametrize("tier", ["enterprise", "standard"])
@pytest.mark.parametrize("output", OUTPUTS)
async def test_each_output_is_switched_off_before_its_field_is_made_and_on_again(
    build: Builder, output: str, tier: str
) -> None:
    house, crowd = await build.house(fields=False, tier=tier, jobs=TWINS), 4 if output == "top_ten" else 0
    fields = set(OUTPUTS) - {"top_ten"}
    every = set(OUTPUTS) if crowd else fields
    document = await house.app.mappings.document(house.name)
    gap = rows(document)[Kind.APPLICATION, output].gap  # type: ignore[attr-defined]
    assert gap == ("" if output == "top_ten" else "not created there yet")
    document = await house.app.mappings.choose(house.name, Kind.APPLICATION, output, Choice(on=False), OWNER)
    assert rows(document)[Kind.APPLICATION, output].gap == "switched off by the owner"  # type: ignore[attr-defined]
    await house.app.accounts.create_fields(house.name, OWNER)
    assert list((await house.app.accounts.create_fields(house.name, OWNER)).fields) == []
    assert made(house) == fields - {output}
    first = await applies(house, "ada", "Backend Engineer", crowd)
    await house.pass_time(40)
    assert shown(house, first) == every - {output}
    await house.app.mappings.choose(house.name, Kind.APPLICATION, output, Choice(), OWNER)
    await house.app.accounts.create_fields(house.name, OWNER)
    assert made(house) == fields
    second = await applies(house, "bea", "Platform Engineer", crowd)
    await house.until(lambda: shown(house, second) == every)


async def test_source_attribution_is_not_written_and_still_read_when_its_switch_is_off(build: Builder) -> None:
    house = await build.house()
    applied = await house.apply()
    await house.pass_time(8)
    record = await house.record(Kind.APPLICATION, applied.application)
    sources = await house.app.store.read(lambda tx: tx.families.records(house.app.workspace, {record.fields["source"]}))
    assert sources
    one, two = (row["id"] for row in list(house.sandbox.db["sources"])[:2])
    await house.app.mappings.switch(house.name, Kind.APPLICATION, "source", False, OWNER)
    for id in (one, two):
        house.sandbox.db.change("applications", applied.application, DANA, {"source_id": id})
        await house.pass_time(70)
        read = await house.value(Kind.APPLICATION, applied.application, "source")
        assert read == (await house.record(Kind.SOURCE, id)).id
    house.mark()
    other = (await house.record(Kind.SOURCE, one)).id
    await house.app.changes.edit(record.id, {"source": other}, OWNER)
    await house.pass_time(10)
    assert not [change for change in house.written("applications") if change.field == "source_id"]
    await house.app.mappings.switch(house.name, Kind.APPLICATION, "source", True, OWNER)
    await house.app.changes.edit(record.id, {"source": (await house.record(Kind.SOURCE, two)).id}, OWNER)
    await house.app.changes.edit(record.id, {"source": other}, OWNER)
    await house.until(lambda: house.application(applied.application)["source_id"] == one)
