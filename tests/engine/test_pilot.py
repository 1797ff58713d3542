"""A pilot in the ATS: only its test candidates are written to, what is wrong is named, and everything is as it was after."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bascule.core.pilots import application_of
from bascule.errors import ConflictError, ForbiddenError
from bascule.model import Actor, Kind, Mode, Scope, Value
from bascule.office.pilots import File
from bascule.sandbox.greenhouse import pipeline
from bascule.store.pilots import Phase, Pilot

from .kit import CV, DANA, OWNER, ROBIN, Builder, House

RIGHTS = ("candidates:create", "applications:create", "attachments:create", "candidates:anonymize")
FILES = [File("cv.txt", CV.format(name="Nobody", more="").encode())]


async def observing(build: Builder) -> tuple[House, Actor]:
    """A connection in observe whose credential may bring people there, and the recruiter as its user."""
    house = await build.house(None)
    rights = [*house.scopes(), *(f"harvest:{one}" for one in RIGHTS)]
    await house.add(house.sandbox.access.create(DANA, "Bascule", 4_012_001, rights))
    await house.until(lambda: house.at.row.crawled, within=600)
    await house.app.accounts.create_fields(house.name, OWNER)
    await house.quiet()
    house.mark()
    return house, await house.person("Robin Falk", ROBIN.user_id or 0)


async def step(house: House, pilot: Pilot, moved: set[Value]) -> Pilot:
    """A few seconds, in which a recruiter moves there whom the pilot asks to have moved."""
    await house.pass_time(5)
    pilot = await house.app.pilots.get(pilot.id)
    for person in pilot.people:
        if not person.get("asked") or person["record"] in moved:
            continue
        family = await house.app.store.read(lambda tx, p=person: tx.families.family(str(p["family"])))
        application = application_of(family)
        assert application is not None
        link = family.link_of(application.id, house.at.id)
        assert link is not None
        row = house.application(int(link.external))
        stage = house.stage(
            next(j["name"] for j in house.sandbox.db["jobs"] if j["id"] == row["job_id"]), str(person["asked_name"])
        )
        ids = {"from_stage_id": row["job_interview_stage_id"], "to_stage_id": stage["id"]}
        pipeline.move(house.sandbox, ROBIN, row["id"], ids)
        moved.add(person["record"])
    return pilot


async def through(house: House, pilot: Pilot) -> Pilot:
    moved = set[Value]()
    for _ in range(60):
        pilot = await step(house, pilot, moved)
        if pilot.phase == Phase.DONE:
            return pilot
    raise AssertionError(pilot)


async def test_it_passes_leaves_everybody_else_alone_and_puts_mode_and_scope_back(build: Builder) -> None:
    house, robin = await observing(build)
    pilot = await house.app.pilots.begin(house.name, FILES, 2, robin)
    assert (house.at.row.mode, house.at.row.scope) == (Mode.LIVE, Scope(pilot=pilot.tag))
    other = await house.apply()
    with pytest.raises(ConflictError, match="under way"):
        await house.app.pilots.begin(house.name, FILES, 1, robin)
    with pytest.raises(ForbiddenError, match="A pilot is under way"):
        await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER)
    await house.pass_time(20)
    record = await house.record(Kind.CANDIDATE, other.candidate)
    await house.app.changes.set_tags(record.id, OWNER, add=["Mine"])
    application = await house.record(Kind.APPLICATION, other.application)
    with pytest.raises(ForbiddenError, match="for others only"):
        await house.app.changes.reject(application.id, None, robin)
    done = await through(house, pilot)
    assert [one for one in done.lines if one["verdict"] == "fail"] == []
    assert done.passed
    assert (house.at.row.mode, house.at.row.scope.whole) == (Mode.OBSERVE, True)
    await house.pass_time(30)
    mine = {("candidates", other.candidate), ("applications", other.application)}
    assert not [c for c in house.written() if (c.object, c.id) in mine]
    assert (house.tags(other.candidate), house.notes(other.candidate)) == ([], [])
    assert not house.failures


async def test_what_is_wrong_names_whose_field_and_both_values_and_it_can_be_judged_early(build: Builder) -> None:
    house, robin = await observing(build)
    pilot = await house.app.pilots.begin(house.name, FILES, 1, robin)
    given = pilot.people[0]["given"]
    assert isinstance(given, dict)
    await house.pass_time(20)
    row = next(r for r in house.sandbox.db["candidates"] if r["last_name"] == given["last_name"])
    house.sandbox.db.change("candidates", row["id"], ROBIN, {"first_name": "Somebody"})
    await house.app.pilots.stop(house.name)  # nothing has told of the change yet: what is judged is read once more
    begun = house.clock.at
    done = await through(house, pilot)
    assert house.clock.at - begun < timedelta(minutes=1), "it is read at once, not waited for in vain"
    wrong = {str(one["field"]): one for one in done.lines if one["verdict"] == "fail"}
    assert done.passed is False
    assert wrong["first_name"]["candidate"] == pilot.people[0]["name"]
    assert (wrong["first_name"]["expected"], wrong["first_name"]["found"]) == ("Pilot", "Somebody")
    assert house.at.row.mode is Mode.OBSERVE
