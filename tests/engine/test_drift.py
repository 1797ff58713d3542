"""The account's own schema changes under us: each change is a task with a proposal, and touches nothing but itself."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.connectors.drift import What, compare
from bascule.connectors.spec import CustomField, Tenant
from bascule.core.mapping import Choice
from bascule.model import Kind, StageType, WriteState
from bascule.office.tasks import Task, TaskKind, Wanted

from .kit import DANA, OWNER, House

HOUR = 3600


async def learn(house: House) -> list[Task]:
    """Look at the account again, as happens every hour; what the owner is told of it."""
    await house.app.feeds.learn(house.at)
    return [one for one in await house.app.tasks.list(Wanted(TaskKind.NOTICE)) if one.href == f"/mapping/{house.name}"]


def define(house: House, name: str, on: str = "candidate", type: str = "short_text") -> dict[str, Any]:
    from bascule.sandbox.greenhouse import fields

    return fields.define(house.sandbox.db, DANA, "enterprise", {"name": name, "field_type": on, "value_type": type})


async def happens(house: House, **fault: Any) -> None:
    """A fault of the sandbox that is done at once."""
    house.sandbox.faults.add(fault)
    await house.quiet()
    await house.pass_time(2)


async def test_nothing_is_told_while_nothing_changes(house: House) -> None:
    assert await learn(house) == []
    assert await learn(house) == []


async def test_a_new_and_a_required_field_are_told_with_what_becomes_of_them(house: House) -> None:
    define(house, "Shirt size")
    (new,) = await learn(house)
    assert "new candidate field “Shirt size”" in new.what
    assert "carried among the customer's own fields" in new.what
    assert await learn(house) == [new]  # once
    await happens(house, kind="require_field", name="Shirt size")
    tasks = {task.what.split("“")[0]: task for task in await learn(house)}
    assert any("is required now" in task.what for task in tasks.values())


async def test_a_renamed_field_is_the_same_field(house: House) -> None:
    define(house, "Shirt size")
    await house.app.feeds.learn(house.at)
    for task in await learn(house):
        await house.app.tasks.done(task.id, OWNER)
    await happens(house, kind="rename_field", name="Shirt size", to="Size of shirt")
    (task,) = await learn(house)
    assert "“Shirt size” is called “Size of shirt” now. It is the same field" in task.what


async def test_our_field_removed_stops_only_itself_and_is_proposed_to_be_made_again(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    key = "bascule_match_skills"
    assert key in house.custom(house.application(applied.application))
    await happens(house, kind="remove_field", name=key)
    (task,) = await learn(house)
    assert "match skills is not written there any more; everything else goes on" in task.what
    assert f"bascule connections fields {house.name}" in task.what
    mapped = {name for each in house.at.view.fields[Kind.APPLICATION] for name in each.canonical}
    assert "match_skills" not in mapped
    assert "match_score" in mapped
    other = await house.apply()
    await house.quiet()
    assert "bascule_match_score" in house.custom(house.application(other.application))
    family = await house.family(Kind.CANDIDATE, other.candidate)
    assert family is not None
    assert not [write for write in family.writes.values() if write.state is WriteState.DEAD]
    await house.app.accounts.create_fields(house.name, OWNER)
    last = await house.apply()
    await house.pass_time(10)
    assert key in house.custom(house.application(last.application))


async def test_the_doctor_and_a_pull_look_at_the_configuration_as_the_hourly_check_does(house: House) -> None:
    """Nobody waits for the hour: a field of ours is gone, and another one is required from now on."""
    await happens(house, kind="remove_field", name="bascule_match_skills")
    define(house, "Works council", on="application")
    await happens(house, kind="require_field", name="Works council")
    for _ in range(2):  # told until somebody has dealt with it
        said = [
            one.what for one in await house.app.health.examine(house.app.workspace) if one.next == "bascule tasks list"
        ]
        assert any("match skills is not written there any more" in one for one in said)
        assert any("“Works council” is required now. An application that Bascule creates" in one for one in said)
    tasks = await house.app.tasks.list(Wanted(TaskKind.NOTICE))
    assert sorted(task.what for task in tasks) == sorted(said)
    for task in tasks:
        await house.app.tasks.done(task.id, OWNER)
    define(house, "Badge number", on="application")
    await house.app.runs.pull(house.name, OWNER)
    assert (await house.app.runs.left(house.name)).reads > 0
    await house.pass_time(5)
    (told,) = (await house.app.runs.left(house.name)).drifts
    assert "new application field “Badge number”" in told
    assert [task.what for task in await house.app.tasks.list(Wanted(TaskKind.NOTICE))] == [told]


async def test_making_a_field_again_ends_what_was_told_of_it_and_tells_what_others_have_changed(house: House) -> None:
    """No hourly check came between: what others did is told all the same, and nothing is put down to missing rights."""
    applied = await house.apply()
    await house.quiet()
    await happens(house, kind="remove_field", name="bascule_match_skills")
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    for _ in range(6):  # read often enough without it to look like a right that is lost
        await house.app.runs.pull(record.id, OWNER)
        await house.pass_time(10)
    (vague,) = await house.notices("visibility lost")
    assert "has stopped showing bascule_match_skills of an application" in vague
    assert "removed or made private" in vague
    define(house, "Works council", on="application")
    await happens(house, kind="require_field", name="Works council")
    await house.app.accounts.create_fields(house.name, OWNER)
    told = await house.notices("schema drift")
    assert [one for one in told if "Works council" in one and "required now" in one]
    assert not [one for one in told if "skills" in one], "it is there again"
    assert await house.notices("visibility lost") == []
    await house.pass_time(90)
    assert await house.notices("visibility lost") == []


async def test_our_field_removed_is_not_made_again_when_it_is_switched_off(house: House) -> None:
    for key in ("bascule_match_skills", "bascule_ai_status"):
        await happens(house, kind="remove_field", name=key)
    await learn(house)
    await house.app.mappings.choose(house.name, Kind.APPLICATION, "match_skills", Choice(on=False), OWNER)
    assert list((await house.app.accounts.create_fields(house.name, OWNER)).fields) == ["Bascule AI status"]
    await house.app.mappings.choose(house.name, Kind.APPLICATION, "match_skills", Choice(), OWNER)
    assert list((await house.app.accounts.create_fields(house.name, OWNER)).fields) == ["Bascule match skills"]


async def test_a_new_choice_is_told_and_its_values_are_carried(house: House) -> None:
    define(house, "Colour", type="single_select")
    for task in await learn(house):
        await house.app.tasks.done(task.id, OWNER)
    for name in ("Red", "Blue"):
        await happens(house, kind="add_option", name="Colour", to=name)
    (task,) = await learn(house)
    assert "offers Blue, Red" in task.what


async def test_a_renamed_stage_keeps_its_type_and_the_new_name_is_proposed(house: House) -> None:
    onsite = house.stage("Backend Engineer", "Onsite")["id"]
    await house.app.mappings.confirm(house.name, {"Onsite": StageType.INTERVIEW}, OWNER)
    await happens(house, kind="rename_stage", name="Onsite", to="A day with us")
    await house.leap(400)
    record = await house.record(Kind.STAGE, onsite)
    assert (record.fields["name"], record.fields["type"]) == ("A day with us", "interview")
    (task,) = await house.app.tasks.list(Wanted(TaskKind.NOTICE))
    assert '--set "A day with us=interview"' in task.what
    await house.app.mappings.confirm(house.name, {"A day with us": StageType.INTERVIEW}, OWNER)
    assert await house.app.tasks.list(Wanted(TaskKind.NOTICE)) == []


def tenant(*custom: CustomField, fields: tuple[tuple[str, str, str], ...] = ()) -> Tenant:
    return Tenant({f"{one.level}.{one.key}": one for one in custom}, fields=fields)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (CustomField("1", "a", "A", "job", "text"), CustomField("1", "b", "A", "job", "text"), What.RENAMED),
        (CustomField("1", "a", "A", "job", "text"), CustomField("1", "a", "A", "job", "number"), What.RETYPED),
        (
            CustomField("1", "a", "A", "job", "text"),
            CustomField("1", "a", "A", "job", "text", active=False),
            What.REMOVED,
        ),
        (CustomField("1", "a", "A", "job", "text", active=False), CustomField("1", "a", "A", "job", "text"), What.NEW),
        (
            CustomField("1", "a", "A", "job", "text"),
            CustomField("1", "a", "A", "job", "text", required=True),
            What.REQUIRED,
        ),
    ],
)
def test_each_change_is_told_by_itself(old: CustomField, new: CustomField, what: What) -> None:
    assert [one.what for one in compare(tenant(old), tenant(new))] == [what]
    assert compare(tenant(old), tenant(old)) == ()
    assert compare(Tenant(), tenant(new)) == ()  # the first look


def test_a_field_that_is_called_otherwise_is_told_by_what_differs_its_name_or_its_key() -> None:
    old = CustomField("1", "a", "A", "job", "text")
    named, keyed = CustomField("1", "b", "B", "job", "text"), CustomField("1", "b", "A", "job", "text")
    told = [(one.was, one.now) for new in (named, keyed) for one in compare(tenant(old), tenant(new))]
    assert told == [("A", "B"), ("a", "b")]


def test_choices_that_may_not_be_seen_are_not_gone() -> None:
    old = CustomField("1", "a", "A", "job", "single_select", options={"1": "Red"})
    assert compare(tenant(old), tenant(CustomField("1", "a", "A", "job", "single_select"))) == ()
