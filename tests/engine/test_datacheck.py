"""What of a system's data costs work is counted, and applied here in bulk with a look before and a way back."""

from __future__ import annotations

import pytest

from bascule.errors import NotFoundError
from bascule.match.tidy import tidy
from bascule.model import Kind
from bascule.office.datacheck import Remedy

from .kit import DANA, OWNER, House


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


async def test_data_are_counted_applied_and_taken_back(house: House) -> None:
    await house.apply()
    job = next(row for row in house.sandbox.db["jobs"] if row["name"] == "Backend Engineer")
    house.sandbox.db.change("jobs", job["id"], DANA, {"name": "SR BACKEND ENG (m/f/d)"})
    await house.leap(3700)
    found = await house.app.data_checks.check(house.name)
    assert (found.candidates, found.jobs, found.untidy) == (1, 2, 1)
    assert found.missing["emails"] == 0
    assert found.titles[0][1:] == ("SR BACKEND ENG (m/f/d)", "Senior Backend Engineer")
    assert found.hours < 1
    house.mark()
    batch, many = await house.app.data_checks.apply(house.name, Remedy.TITLES, OWNER)
    assert many == 1
    record = await house.record(Kind.JOB, job["id"])
    assert (record.fields["title"], record.fields["normal_title"]) == (
        "SR BACKEND ENG (m/f/d)",
        "Senior Backend Engineer",
    )
    assert not await house.app.data_checks.preview(house.name, Remedy.TITLES)
    assert await house.app.data_checks.undo(house.name, batch, OWNER) == 1
    assert not (await house.record(Kind.JOB, job["id"])).fields.get("normal_title")
    with pytest.raises(NotFoundError):
        await house.app.data_checks.undo(house.name, batch, OWNER)
    await house.pass_time(60)
    assert not house.written("jobs")
