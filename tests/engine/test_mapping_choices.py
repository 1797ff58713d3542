"""The owner decides which fields are carried; switching one writes nothing old."""

from __future__ import annotations

import pytest

from bascule.core.mapping import Choice
from bascule.errors import InputError
from bascule.model import Actor, ActorKind, Direction, Kind

from .kit import House

OWNER = Actor(ActorKind.PERSON, "owner", "Owner")


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
