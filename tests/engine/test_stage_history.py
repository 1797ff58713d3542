"""The way of applications before Bascule was connected, as the ATS's own history of stages tells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.contracts.connector.accounts import Setting, all_of_them
from tests.databases import both_databases

from bascule.engine.stage_history import STAGE_HISTORY
from bascule.engine.wire import WireRequest, WireResponse
from bascule.model import Kind
from bascule.office.accounts import NewConnection
from bascule.office.figures import Asked
from bascule.sandbox.greenhouse import pipeline
from bascule.store import Tx
from bascule.store.codec import moment
from bascule.store.sql import Sql

from .kit import DANA, OWNER, ROBIN, STAGE_TYPES, Builder, House

PEOPLE = 40
Truth = Callable[[Any], dict[str, list[tuple[str, datetime]]]]


async def connected(house: House) -> None:
    """On the day of set-up: read whole, in the mode in which everything begins."""
    await house.add(house.sandbox.access.create(DANA, "Bascule", 4_012_001, house.scopes()))
    await house.until(lambda: house.at.row.crawled)
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    await house.pass_time(70)


def truth(house: House, application: int) -> list[tuple[str, datetime, datetime | None]]:
    """The stages somebody came through, as the ATS has them."""
    rows = house.sandbox.db["application_stages"].where("application_id", application)
    return [(str(row["job_interview_stage_id"]), row["entered_at"], row["exited_at"]) for row in rows]


async def known(house: House, name: str = "acme") -> dict[str, list[Any]]:
    """What is kept, by the ATS's ids: (stage, entered, until, ended, met, told)."""
    at = house.app.connections.named(name)

    def read(tx: Tx) -> tuple[Sequence[Any], Any]:
        rows = tx.figures.passages(house.app.workspace)
        ids = {id for row in rows for id in (row[0], row[2]) if id}
        return rows, tx.families.refs(house.app.workspace, [at.id], ids).external

    rows, external = await house.app.store.read(read)
    found: dict[str, list[Any]] = {}
    for application, _, stage, entered, until, ended, met, told in rows:
        if (at.id, application) in external:
            way = found.setdefault(external[at.id, application], [])
            left = None if until is None else moment(until)
            way.append((external.get((at.id, stage), ""), moment(entered), left, ended, bool(met), bool(told)))
    return found


def told_of(ways: dict[str, list[Any]]) -> list[list[Any]]:
    return [[one for one in way if one[5]] for way in ways.values()]


def near(one: datetime | None, other: datetime | None) -> bool:
    return (one is None) == (other is None) and (one is None or abs(one - other) < timedelta(seconds=1))  # type: ignore[operator]


def lever(sandbox: Any) -> dict[str, list[tuple[str, datetime]]]:
    """Whom the ATS has: by which stages they came, and when."""
    rows = [row for row in sandbox.db["applications"] if row["job_id"]]
    return {
        row["id"]: [
            (f"{row['job_id']}/{one['toStageId']}", datetime.fromtimestamp(one["updatedAt"] / 1000, UTC))
            for one in row["stage_changes"]
        ]
        for row in rows
    }


def ashby(sandbox: Any) -> dict[str, list[tuple[str, datetime]]]:
    db = sandbox.db
    ends = {row["id"] for row in db["stages"] if row["type"] in ("Archived", "Hired")}
    return {
        row["id"]: [
            (f"{row['job_id']}/{one['stage_id']}", one["entered_at"])
            for one in db["history"].where("application_id", row["id"])
            if one["stage_id"] not in ends
        ]
        for row in db["applications"]
    }


def smartrecruiters(sandbox: Any) -> dict[str, list[tuple[str, datetime]]]:
    db = sandbox.db

    def stage(one: Any) -> str:
        name = db["stages"].rows[one["stage_id"]]["name"]
        return f"{one['status']}/{name}" if name else one["status"]

    return {
        f"{row['candidate_id']}:{row['job_id']}": [
            (f"{row['job_id']}/{stage(one)}", one["created_at"])
            for one in db["history"].where("application_id", row["id"])
            if one["status"] in ("LEAD", "NEW", "IN_REVIEW", "INTERVIEW", "OFFERED")
        ]
        for row in db["applications"]
    }


def odoo(sandbox: Any) -> dict[str, list[tuple[str, datetime]]]:
    """As tracked: where they were put first, and each change."""
    db, field, found = sandbox.db, sandbox.field_ids["hr.applicant", "stage_id"], dict[str, list[Any]]()
    for change in (one for one in db["trackings"] if one["field_id"] == field):
        row = db["candidates"].rows[db["notes"].rows[change["mail_message_id"]]["res_id"]]
        way = found.setdefault(str(row["id"]), [(f"{row['job_id']}/{change['old_value_integer']}", row["created_at"])])
        way.append((f"{row['job_id']}/{change['new_value_integer']}", change["created_at"]))
    return found


def odoo_18(sandbox: Any) -> dict[str, list[tuple[str, datetime]]]:
    """Without Settings rights: since when they stand where they stand."""
    rows = [row for row in sandbox.db["applications"] if row["job_id"] and row["stage_id"]]
    return {str(row["id"]): [(f"{row['job_id']}/{row['stage_id']}", row["date_last_stage_update"])] for row in rows}


def teamtailor(sandbox: Any) -> dict[str, list[tuple[str, datetime]]]:
    rows = [row for row in sandbox.db["applications"] if row["changed_stage_at"]]
    return {str(row["id"]): [(str(row["stage_id"]), row["changed_stage_at"])] for row in rows}


def workday(sandbox: Any) -> dict[str, list[tuple[str, datetime]]]:
    db = sandbox.db
    jobs = {row["id"]: row["ref"] for row in db["jobs"]}
    return {row["ref"]: [(f"{jobs[row['job_id']]}/{row['stage_id']}", row["status_at"])] for row in db["applications"]}


@pytest.mark.parametrize(
    ("there", "variant", "whole"),
    [
        (lever, "usual", True), (ashby, "", True), (smartrecruiters, "", True), (odoo, "19", True), (odoo_18, "18", False),
        (teamtailor, "", False), (workday, "", False),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)  # fmt: skip
async def test_every_system_that_tells_it_is_read_as_it_has_it(
    build: Builder, there: Truth, variant: str, whole: bool
) -> None:
    house = await build.house(None)
    vendor = next(one for one in all_of_them() if one.system == there.__name__.partition("_")[0])
    account = vendor(Setting(house.clock, variant=variant or vendor.variants[0], candidates=24))
    house.transport.serve(urlsplit(account.base_url).netloc, account.app)
    if there is odoo_18:
        for row in account.sandbox.db["users"]:
            row["groups"] = [one for one in row["groups"] if one != "settings"]
    new = NewConnection(
        "other", vendor.system, account.base_url, settings=account.settings(), secrets=account.secrets()
    )
    await house.app.accounts.connect(new, OWNER)
    await house.until(lambda: house.app.connections.named("other").row.crawled, within=900)
    await house.pass_time(130)
    truth, ways = there(account.sandbox), await known(house, "other")
    told = {id: way for id, way in ways.items() if any(one[5] for one in way)}
    assert told.keys() <= truth.keys()
    for id, way in told.items():
        assert [one[0] for one in way] == [stage for stage, _ in truth[id]]
        assert all(near(mine[1], at) for mine, (_, at) in zip(way, truth[id], strict=True))
    if whole:
        assert {id for id, way in truth.items() if len(way) > 1} <= told.keys()
        assert max(map(len, told.values())) > 2
    assert len(told) > 5
    assert [one.state for one in (await house.app.figures.seen(Asked())).counted] == ["read"]


@both_databases
async def test_the_day_of_set_up_shows_the_way_of_everybody_who_applied_before(build: Builder) -> None:
    house = await build.house(None, candidates=PEOPLE)
    await connected(house)
    ways = await known(house)
    moved = 0
    for row in house.sandbox.db["applications"]:
        there, here = truth(house, row["id"]), ways[str(row["id"])]
        if len(there) == 1 and row["status"] == "in_process":
            assert not any(one[5] for one in here)  # it stands where it began: nothing to be told
            continue
        moved += 1
        assert [one[0] for one in here] == [one[0] for one in there]
        assert all(near(mine[1], theirs[1]) for mine, theirs in zip(here, there, strict=True))
        assert all(near(mine[2], theirs[2]) for mine, theirs in zip(here[:-1], there, strict=False))
        assert all(one[5] for one in here)
        ends = {"hired": {"hired"}, "rejected": {"rejected", "withdrawn"}}.get(row["status"], {""})
        assert here[-1][3] in ends
        assert near(here[-1][2], row["hired_at"] or row["rejected_at"])
    assert moved > PEOPLE / 3

    figures = house.app.figures
    told = {one["key"]: one for one in (await figures.told(Asked(weeks=0)))["figures"]}
    hired = [row for row in house.sandbox.db["applications"] if row["status"] == "hired"]
    took = sorted((row["hired_at"] - row["created_at"]).total_seconds() for row in hired)
    assert told["time_to_hire"]["n"] == len(hired) > 0
    assert told["time_to_hire"]["value"] == pytest.approx(took[len(took) // 2], rel=0.5)
    _, way, _, _ = await figures.flow(Asked(weeks=0))
    assert way.hired == len(hired)
    assert {step.key: step.met for step in way.steps if step.key != "applied"} == dict.fromkeys(
        ("screen", "interview", "offer"), 0
    )
    assert way.narrowest is not None
    (counted,) = (await figures.seen(Asked())).counted
    assert (counted.history, counted.state, counted.stays) == ("whole", "read", sum(map(len, told_of(ways))))
    assert "before that by its own stage history (application_stages), from 29 May 2025." in counted.said
    assert (await figures.freeze(Asked(weeks=0), OWNER))["stays"].keys() >= {"screen", "interview", "offer"}
    assert not house.written()
    assert not await house.app.store.read(lambda tx: tx.tasks.list(house.app.workspace, name="trigger"))


async def test_reading_it_again_adds_nothing_and_what_bascule_saw_stands(build: Builder) -> None:
    house = await build.house(None, candidates=PEOPLE)
    await connected(house)
    one = next(
        row for row in house.sandbox.db["applications"]
        if row["status"] == "in_process" and 1 < len(truth(house, row["id"])) < 4
    )  # fmt: skip
    ladder = pipeline.stages(house.sandbox, one["job_id"])
    places = [stage["id"] for stage in ladder]
    to = places[places.index(one["job_interview_stage_id"]) + 1]
    pipeline.move(
        house.sandbox, ROBIN, one["id"], {"from_stage_id": one["job_interview_stage_id"], "to_stage_id": to}
    )  # fmt: skip
    await house.pass_time(70)
    first = await known(house)
    there = truth(house, one["id"])
    assert [way[0] for way in first[str(one["id"])]] == [way[0] for way in there]
    assert [way[5] for way in first[str(one["id"])]] == [*([True] * (len(there) - 1)), False]
    asked = house.calls("GET", "application_stages")
    await house.app.accounts.backfill(house.name, OWNER)
    await house.pass_time(70)
    assert house.calls("GET", "application_stages") > asked
    assert await known(house) == first


async def test_who_is_met_later_in_the_middle_of_the_way_is_told_of_too(build: Builder) -> None:
    house = await build.house(None, candidates=3)
    await connected(house)
    await house.app.connections.refresh()
    ada = await house.apply()
    ladder = pipeline.stages(house.sandbox, house.job("Backend Engineer")["id"])
    for before, after in pairwise(ladder[:3]):  # faster than it is looked
        pipeline.move(
            house.sandbox, ROBIN, ada.application, {"from_stage_id": before["id"], "to_stage_id": after["id"]}
        )  # fmt: skip
    await house.leap(3 * 3600, 600)
    way = (await known(house))[str(ada.application)]
    assert [(one[0], one[5]) for one in way] == [(str(stage["id"]), True) for stage in ladder[:3]]


async def test_a_stage_of_the_job_before_stays_one_of_that_job(build: Builder) -> None:
    house = await build.house(None, candidates=6)
    one = next(row for row in house.sandbox.db["applications"] if row["status"] == "in_process")
    before = one["job_id"]
    there = next(row["id"] for row in house.sandbox.db["jobs"] if row["status"] == "open" and row["id"] != before)
    place = {"from_stage_id": one["job_interview_stage_id"], "to_job_id": there}
    pipeline.move(
        house.sandbox, ROBIN, one["id"], place | {"to_stage_id": pipeline.stages(house.sandbox, there)[1]["id"]}
    )
    await connected(house)
    jobs = [(await house.record(Kind.JOB, id)).id for id in (before, there)]
    application = (await house.record(Kind.APPLICATION, one["id"])).id
    rows = await house.app.store.read(lambda tx: tx.figures.passages(house.app.workspace))
    assert list(dict.fromkeys(row[1] for row in rows if row[0] == application)) == jobs


async def test_it_leaves_with_the_person_and_of_old_applications_none_is_asked_for(build: Builder) -> None:
    house = await build.house(None, candidates=PEOPLE)
    oldest = min(row["created_at"] for row in house.sandbox.db["applications"])
    days = (house.clock.at - oldest).days // 2
    house.app.stage_histories._days = days
    await connected(house)
    since, ways = house.clock.at - timedelta(days=days), await known(house)
    made = {str(row["id"]): row["created_at"] for row in house.sandbox.db["applications"]}
    told = {id for id, way in ways.items() if any(one[5] for one in way)}
    assert told
    assert all(made[id] > since - timedelta(hours=1) for id in told)
    one = next(iter(told))
    family = (await house.record(Kind.APPLICATION, int(one))).family
    now = house.app.runtime.now()
    await house.app.store.write(lambda tx: tx.erasure.forget(house.app.workspace, family, now=now))
    assert one not in await known(house)


async def test_a_right_that_is_missing_is_told_and_tried_again(build: Builder) -> None:
    house = await build.house(None, candidates=PEOPLE)
    histories, days = house.app.stage_histories, house.app.settings.stage_history_days
    histories._days = 0  # not before everything has been read
    await connected(house)
    (row,) = house.sandbox.db["credentials"]
    granted = list(row["scopes"])
    fewer = [one for one in granted if one != "harvest:application_stages:list"]

    async def look(scopes: list[str]) -> tuple[str, int]:
        house.sandbox.access.change(DANA, row["id"], scopes=scopes, user_id=row["user_id"])
        await house.app.store.write(
            lambda tx: tx.tasks.put(house.app.workspace, STAGE_HISTORY, house.at.id, due=house.clock.at)
        )
        await house.quiet()
        (counted,) = (await house.app.figures.seen(Asked())).counted
        return counted.state, counted.stays

    histories._days = days
    kept = Sql("SELECT (SELECT COUNT(*) FROM history), (SELECT COUNT(*) FROM events), (SELECT SUM(rev) FROM families)")
    before = await house.app.store.read(lambda tx: tx.rows(kept))
    assert await look(fewer) == ("refused", 0)
    state, stays = await look(granted)
    assert (state, stays > PEOPLE) == ("read", True)
    assert await house.app.store.read(lambda tx: tx.rows(kept)) == before  # of the records nothing has changed


async def test_what_the_system_cannot_show_is_counted_and_stops_nothing(build: Builder) -> None:
    house = await build.house(None, candidates=PEOPLE * 2)
    send, refused = house.transport.send, list[str]()

    async def once(request: WireRequest, timeout: float) -> WireResponse:
        if "application_stages?" in request.url and "application_ids" in request.url and not refused:
            refused.append(request.url)
            return WireResponse(422, {"content-type": "application/json"}, b'{"message": "Invalid"}')
        return await send(request, timeout)

    histories, days = house.app.stage_histories, house.app.settings.stage_history_days
    histories._days = 0
    await connected(house)
    histories._days, house.transport.send = days, once
    await house.app.store.write(
        lambda tx: tx.tasks.put(house.app.workspace, STAGE_HISTORY, house.at.id, due=house.clock.at)
    )
    await house.quiet()
    (counted,) = (await house.app.figures.seen(Asked())).counted
    assert (len(refused), counted.state, counted.stays > 20) == (1, "read", True)
    assert "Of 50 applications Greenhouse could not show it." in counted.said
    await house.app.accounts.backfill(house.name, OWNER)
    await house.pass_time(70)
    (again,) = (await house.app.figures.seen(Asked())).counted
    assert again.stays > counted.stays
    assert "could not show" not in again.said
