"""A mapping is a document: exported, edited, looked at beforehand, applied as a version, and put back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.databases import both_databases

from bascule.core.mapping import Choice
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.model import Actor, ActorKind, Direction, Divergence, Kind, StageType
from bascule.store import Tx

from .kit import DANA, House

OWNER = Actor(ActorKind.PERSON, "owner", "Owner")
OFF = Choice(on=False)


async def tags_of(house: House, what: str) -> list[str]:
    lines = await house.app.store.read(lambda tx: tx.audit.of_action(house.app.workspace, what))
    return [str(line.detail.get("field", "")) for line in lines]


async def stage_type(house: House, stage: str) -> object:
    """The type of a stage of the first job that has one of this name."""
    row = house.stage("Backend Engineer", stage)
    return (await house.record(Kind.STAGE, row["id"])).fields.get("type")


async def test_what_was_exported_and_not_changed_changes_nothing(house: House) -> None:
    text = await house.app.mappings.export(house.name)
    assert "[candidate.first_name]" in text
    preview = await house.app.mappings.preview(house.name, text, OWNER)
    assert (list(preview.differences), preview.effects.records) == ([], 0)
    assert await house.app.mappings.apply(house.name, text, OWNER) == house.at.row.mapping_version == 1
    assert len(await house.app.mappings.versions(house.name)) == 1


async def test_a_field_edited_in_the_file_is_off_and_back_with_the_version_before(house: House) -> None:
    text = await house.app.mappings.export(house.name)
    edited = text.replace("[candidate.title]  # title\non = true", "[candidate.title]  # title\non = false")
    assert edited != text
    assert await house.app.mappings.apply(house.name, edited, OWNER) == 2
    assert "title" not in {each.name for each in house.at.view.fields[Kind.CANDIDATE]}
    (now, changed), (first, _) = await house.app.mappings.versions(house.name)
    assert (now.number, now.actor, now.why) == (2, OWNER, "from a file")
    assert [(one.what, one.before, one.after) for one in changed] == [("candidate.title", "both, ats", "off")]
    assert first.number == 1
    assert await tags_of(house, "mapping changed") == ["candidate.title"]
    assert await house.app.mappings.rollback(house.name, 1, OWNER) == 3
    assert "title" in {each.name for each in house.at.view.fields[Kind.CANDIDATE]}
    with pytest.raises(NotFoundError):
        await house.app.mappings.rollback(house.name, 9, OWNER)


async def test_an_old_file_is_refused_and_changes_nothing(house: House) -> None:
    text = await house.app.mappings.export(house.name)
    await house.app.mappings.choose(house.name, Kind.CANDIDATE, "title", OFF, OWNER)
    before = house.at.row
    with pytest.raises(ConflictError, match="version 1"):
        await house.app.mappings.apply(house.name, text, OWNER)
    assert house.at.row == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[candidate.title]", "[candidate.shoe_size]", "shoe_size"),
        ("[candidate.title]", "[person.title]", "person"),
        ('direction = "both"', 'direction = "sideways"', "sideways"),
        ('authority = "ats"', 'authority = "ours"', "belongs to the ATS"),
        ("on = true", "on = yes", "no TOML"),
        ("on = true", "colour = 1", "colour"),
    ],
)
async def test_a_file_that_nobody_can_mean_is_refused_by_name(house: House, old: str, new: str, says: str) -> None:
    text = await house.app.mappings.export(house.name)
    for act in (house.app.mappings.preview, house.app.mappings.apply):
        with pytest.raises(InputError, match=says):
            await act(house.name, text.replace(old, new, 1), OWNER)
    assert house.at.row.mapping_version == 1


@both_databases
async def test_a_field_switched_on_again_is_filled_from_what_was_kept_without_reading_anything(house: House) -> None:
    await house.app.mappings.choose(house.name, Kind.CANDIDATE, "company", OFF, OWNER)
    applied = await house.apply()
    await house.quiet()
    house.sandbox.db.change("candidates", applied.candidate, DANA, {"company": "Engine Ltd"})
    await house.leap(120)
    assert await house.value(Kind.CANDIDATE, applied.candidate, "company") is None
    text = await house.app.mappings.export(house.name)
    on = text.replace("[candidate.company]  # company\non = false", "[candidate.company]  # company\non = true")
    asked = house.calls("GET")
    preview = await house.app.mappings.preview(house.name, on, OWNER)
    (effect,) = preview.effects.effects
    assert (effect.field, effect.before, effect.after) == ("company", None, "Engine Ltd")
    assert (preview.effects.records, dict(preview.effects.by_field)) == (1, {"candidate.company": 1})
    assert await house.value(Kind.CANDIDATE, applied.candidate, "company") is None  # only looked at
    await house.app.mappings.apply(house.name, on, OWNER)
    assert await house.value(Kind.CANDIDATE, applied.candidate, "company") == "Engine Ltd"
    assert house.calls("GET") == asked


async def test_a_dry_run_says_what_would_stay_different_and_what_is_not_followed_any_more(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    text = await house.app.mappings.export(house.name)
    off = text.replace("[candidate.first_name]  # first_name\non = true", "[candidate.first_name]\non = false")
    preview = await house.app.mappings.preview(house.name, off, OWNER)
    assert dict(preview.effects.ended) == {"candidate.first_name": 1}
    await house.app.mappings.choose(house.name, Kind.CANDIDATE, "title", Choice(direction=Direction.IN), OWNER)
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"title": "Countess"}, OWNER)
    await house.quiet()
    preview = await house.app.mappings.preview(
        house.name,
        (await house.app.mappings.export(house.name)).replace('direction = "in"', 'direction = "both"'),
        OWNER,
    )
    assert dict(preview.effects.unlike) == {"candidate.title": 1}
    await house.app.mappings.choose(house.name, Kind.CANDIDATE, "title", Choice(), OWNER)
    await house.quiet()
    assert house.candidate(applied.candidate)["title"] != "Countess"  # nothing old is written
    family = await house.family(Kind.CANDIDATE, applied.candidate)
    assert family is not None
    (link,) = [one for one in family.links.values() if one.kind is Kind.CANDIDATE]
    assert link.pairs["title"].divergence is Divergence.ADOPTED


async def test_a_stage_type_is_confirmed_for_every_stage_of_that_name_now_and_later(house: House) -> None:
    assert await stage_type(house, "Onsite") is None
    names = {one.name: one for one in await house.app.mappings.stages(house.name)}
    assert (names["Onsite"].type, names["Onsite"].proposed) == (None, StageType.INTERVIEW)
    with pytest.raises(InputError, match="Lunch"):
        await house.app.mappings.confirm(house.name, {"Lunch": StageType.OFFER}, OWNER)
    await house.app.mappings.confirm(house.name, {"Onsite": StageType.ASSESS}, OWNER)
    assert await stage_type(house, "Onsite") == "assess"
    names = {one.name: one for one in await house.app.mappings.stages(house.name)}
    assert names["Onsite"].type is StageType.ASSESS
    assert await tags_of(house, "mapping changed") == ["stage Onsite"]
    await house.app.mappings.confirm(house.name, {"Onsite": StageType.INTERVIEW}, OWNER)
    assert await stage_type(house, "Onsite") == "interview"
    assert 'Onsite = "interview"' in await house.app.mappings.export(house.name)
    await house.app.mappings.rollback(house.name, 2, OWNER)
    assert await stage_type(house, "Onsite") == "assess"


@both_databases
async def test_a_change_whose_process_died_is_carried_through_by_a_worker(house: House) -> None:
    """Kept with the version, so that what was begun ends."""
    died: list[str] = []

    async def die(*_: object) -> None:
        died.append("here")
        raise RuntimeError

    apply, house.app.remap.apply = house.app.remap.apply, die  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        await house.app.mappings.confirm(house.name, {"Onsite": StageType.ASSESS}, OWNER)
    house.app.remap.apply = apply  # type: ignore[method-assign]
    assert await stage_type(house, "Onsite") is None
    house.clock.move(timedelta(minutes=2).total_seconds())
    await house.quiet()
    await house.pass_time(5)
    assert await stage_type(house, "Onsite") == "assess"
    assert await house.app.store.read(_remaps) == []


def _remaps(tx: Tx) -> list[object]:
    return [task for row in tx.workspaces.list() for task in tx.tasks.list(row.id, name="remap")]
