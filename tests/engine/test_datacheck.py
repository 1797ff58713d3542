"""What of a system's data costs work is counted, and applied here in bulk with a look before and a way back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bascule.engine.connections import Connected
from bascule.errors import NotFoundError
from bascule.match.tidy import tidy
from bascule.model import Family, Kind
from bascule.office import datacheck
from bascule.office.datacheck import Finding, Report, archived
from bascule.office.found import Filters
from bascule.office.remedies import Remedy
from bascule.store import Tx
from bascule.store.sql import Sql

from .kit import DANA, OWNER, House
from .test_drift import define


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("SR. SOFTWARE ENGINEER (m/w/d) REQ-1234", "Senior Software Engineer"),
        ("Backend Dev - R-00012", "Backend Developer"),
        ("HEAD OF IT", "Head of IT"),
        ("C++ Developer", "C++ Developer"),
        ("Staff Nurse", "Staff Nurse"),
        ("#1234", "#1234"),
    ],
)
def test_a_title_keeps_what_is_part_of_it(written: str, normal: str) -> None:
    assert tidy(written) == normal
    assert tidy(normal) == normal


async def checked(house: House) -> Report:
    await house.app.data_checks.begin(house.name, OWNER)
    await house.quiet()
    found = await house.app.data_checks.told(house.name)
    assert not found.going
    return found


async def test_data_are_counted_listed_applied_and_taken_back(house: House) -> None:
    await house.apply()
    job = next(row for row in house.sandbox.db["jobs"] if row["name"] == "Backend Engineer")
    house.sandbox.db.change("jobs", job["id"], DANA, {"name": "SR BACKEND ENG (m/f/d)"})
    await house.leap(3700, step=600)
    found = await checked(house)
    assert [found.count(one) for one in ("candidates", "jobs", Finding.TITLES, Finding.NO_EMAIL)] == [1, 2, 1, 0]
    assert found.hours < 1
    _, (listed,) = await house.app.data_checks.listed(house.name, Finding.TITLES)
    assert listed.id == (await house.record(Kind.JOB, job["id"])).id
    house.mark()
    batch, many = await house.app.remedies.apply(house.name, Remedy.TITLES, OWNER)
    assert many == 1
    record = await house.record(Kind.JOB, job["id"])
    assert (record.fields["title"], record.fields["normal_title"]) == (
        "SR BACKEND ENG (m/f/d)",
        "Senior Backend Engineer",
    )
    assert not await house.app.remedies.preview(house.name, Remedy.TITLES)
    assert [(one.id, one.jobs) for one in await house.app.remedies.batches(house.name)] == [(batch, 1)]
    assert await house.app.remedies.undo(house.name, batch, OWNER) == 1
    assert not (await house.record(Kind.JOB, job["id"])).fields.get("normal_title")
    assert not await house.app.remedies.batches(house.name)
    with pytest.raises(NotFoundError):
        await house.app.remedies.undo(house.name, batch, OWNER)
    await house.pass_time(60)
    assert not house.written("jobs")


async def test_where_the_ats_has_a_job_field_for_it_the_normalised_title_stands_there_too(house: House) -> None:
    job = house.job("Backend Engineer")
    house.sandbox.db.change("jobs", job["id"], DANA, {"name": "SR BACKEND ENG (m/f/d)"})
    define(house, "Bascule normal title", "job")
    await house.leap(3700, step=600)  # the schema and the jobs are read anew
    assert "harvest:jobs:update" in house.app.grants.of(house.at).missing
    (credential,) = house.sandbox.db["credentials"]
    more = [*credential["scopes"], "harvest:jobs:update"]
    house.sandbox.access.change(DANA, credential["id"], scopes=more, user_id=DANA.user_id)
    house.mark()
    batch, _ = await house.app.remedies.apply(house.name, Remedy.TITLES, OWNER)
    await house.pass_time(60)
    assert house.custom(house.sandbox.db["jobs"].rows[job["id"]]) == {"bascule_normal_title": "Senior Backend Engineer"}
    assert {change.field for change in house.written("jobs")} == {"custom_fields.bascule_normal_title"}
    await house.app.remedies.undo(house.name, batch, OWNER)
    await house.pass_time(60)
    assert not house.custom(house.sandbox.db["jobs"].rows[job["id"]])
    assert not await house.open_failures()


async def test_an_old_requisition_is_archived_found_still_and_out_of_the_way_until_it_opens_again(house: House) -> None:
    one = await house.apply()
    job = house.job("Backend Engineer")
    long_ago = (house.clock.at - timedelta(days=91)).isoformat()
    house.sandbox.db.change("jobs", job["id"], DANA, {"status": "closed", "closed_at": long_ago})
    await house.leap(3700, step=600)
    assert (await checked(house)).count(Finding.CLOSED) == 1
    batch, many = await house.app.remedies.apply(house.name, Remedy.ARCHIVE, OWNER)
    await house.quiet()
    record = await house.record(Kind.JOB, job["id"])
    assert (many, archived(record)) == (1, True)
    found = await house.app.data_checks.told(house.name)  # looked at anew by itself
    assert (found.count(Finding.CLOSED), found.count(Finding.ARCHIVED)) == (0, 1)
    assert not await house.app.remedies.preview(house.name, Remedy.ARCHIVE)

    who = (await house.record(Kind.CANDIDATE, one.candidate)).id
    other = (await house.record(Kind.JOB, house.job("Staff Nurse")["id"])).id
    await house.leap(120)
    met = await house.app.rediscovery.of(other, Filters())
    assert [each.candidate for each in met.items] == [who]

    house.sandbox.db.change("jobs", job["id"], DANA, {"status": "open", "closed_at": None})
    await house.leap(3700, step=600)
    assert not archived(await house.record(Kind.JOB, job["id"]))
    house.sandbox.db.change("jobs", job["id"], DANA, {"status": "closed", "closed_at": house.clock.at.isoformat()})
    await house.leap(3700, step=600)
    assert not archived(await house.record(Kind.JOB, job["id"]))  # closed again since: that was another time
    assert await house.app.remedies.undo(house.name, batch, OWNER) == 1
    assert (await house.record(Kind.JOB, job["id"])).fields.get("archived") is None


async def test_a_check_goes_on_where_it_was_and_forgets_who_is_erased(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await house.apply(first, email=f"{first}@example.org") for first in ("Ada", "Grace", "Joan")]
    await house.pass_time(30)
    monkeypatch.setattr(datacheck, "PAGE", 1)
    first = True
    asked = house.app.data_checks._candidate

    def stumble(tx: Tx, family: Family, at: Connected, tally: datacheck._Tally) -> None:
        nonlocal first
        if tally.counts["candidates"] == 0 and family.root.fields["first_name"] == "Grace" and first:
            first = False
            raise OSError("the machine stops")
        asked(tx, family, at, tally)
        tally.find(Finding.STALE, family.root)

    monkeypatch.setattr(house.app.data_checks, "_candidate", stumble)
    await house.app.data_checks.begin(house.name, OWNER)
    await house.quiet()
    going = await house.app.data_checks.told(house.name)
    assert going.going
    assert going.ended is None
    await house.leap(120)
    house.failures.clear()
    done = await house.app.data_checks.told(house.name)
    assert [done.count(one) for one in ("candidates", "jobs", Finding.STALE)] == [3, 2, 3]
    record = await house.record(Kind.CANDIDATE, people[0].candidate)
    await house.app.erasures.begin(record.id, OWNER)
    await house.leap(300)
    kept = await house.app.store.read(lambda tx: tx.rows(Sql("SELECT record FROM data_findings")))
    assert len(kept) > 1
    assert (record.id,) not in [tuple(row) for row in kept]
