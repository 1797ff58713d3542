"""A CV whose layout could not be made out here is read by a model: what it says holds by its quotes, and never moves a
score."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bascule.hiring.extracting import held
from bascule.match import Matcher
from bascule.model import Kind
from bascule.models.checks import Source
from bascule.models.shapes import Extracted

from .conftest import Asking

UNCLEAR = b"""Ada Byron, ada@example.org
My way so far, told freely. I like to build things that last and to keep them running for the people who need them.
Backend Developer, Northwind Systems, 2020 - 2024, with Python and PostgreSQL, services in Docker, and a team that I learned a lot from every day of the week.
Software Developer, Contoso, 2016 - 2020, Django applications, automated tests, and whatever else had to be done to get a release out before the weekend.
"""
FIELDS = ("experience_title", "experience_employer", "experience_years", "match_score")


async def shown(asking: Asking, application: int) -> dict[str, Any]:
    return {name: await asking.house.value(Kind.APPLICATION, application, name) for name in FIELDS}


async def test_positions_and_skills_fill_the_experience_and_not_the_score(asking: Asking) -> None:
    before = await asking.applied(file=UNCLEAR)
    offline = await shown(asking, before.application)
    assert (offline["experience_employer"], offline["experience_years"]) == (None, None), "nothing was made out here"
    await asking.choose(purposes=["extract"])
    after = await asking.applied(file=UNCLEAR, email="b@example.org")
    (sent,) = asking.sent()
    assert "Byron" not in sent
    assert "example.org" not in sent
    found = await shown(asking, after.application)
    assert found == {
        "experience_title": "Backend Developer", "experience_employer": "Northwind Systems", "experience_years": 8.0,
        "match_score": offline["match_score"],
    }  # fmt: skip
    extracted = (await asking.body(after))["extracted"]
    assert [(one["first"], one["last"]) for one in extracted["positions"]] == [
        ("2020-01", "2023-12"), ("2016-01", "2019-12")
    ]  # fmt: skip
    assert {one["name"] for one in extracted["skills"]} == {"Python", "PostgreSQL", "Docker"}
    assert all(one["id"] for one in extracted["skills"])
    (call,) = await asking.calls()
    assert (call.purpose, call.prompt, call.kept, call.dropped) == ("extract", "extract-1", 5, 0)


async def test_a_cv_that_was_made_out_is_not_sent(asking: Asking) -> None:
    await asking.choose(purposes=["extract"])
    await asking.applied()
    assert not asking.server.seen


async def test_what_is_made_up_is_dropped_and_a_new_score_keeps_what_held(asking: Asking) -> None:
    await asking.choose(purposes=["extract"])
    asking.server.faults.add({"kind": "invents"})
    applied = await asking.applied(file=UNCLEAR)
    (call,) = await asking.calls()
    assert call.dropped == 2
    assert "Globex" not in str(await asking.body(applied))
    found = await shown(asking, applied.application)
    record, app = await asking.house.record(Kind.APPLICATION, applied.application), asking.house.app
    await app.store.write(lambda tx: tx.scores.make_stale(record.id))
    await app.store.write(lambda tx: tx.tasks.put(app.workspace, "score", record.id, due=asking.house.clock()))
    await asking.house.pass_time(5)
    assert await shown(asking, applied.application) == found
    assert len(asking.server.seen) == 1


@pytest.mark.parametrize("kind", ["refuses", "malformed", "quota"])
async def test_without_an_answer_the_profile_stands_as_it_was_read_here(asking: Asking, kind: str) -> None:
    offline = await shown(asking, (await asking.applied(file=UNCLEAR)).application)
    await asking.choose(purposes=["extract"])
    asking.server.faults.add({"kind": kind})
    assert await shown(asking, (await asking.applied(file=UNCLEAR, email="b@example.org")).application) == offline


TEXT = "Nurse at Contoso Hospital, May 2015 - April 2019. Speaks German; plans care in Excel."


@pytest.mark.parametrize(
    ("positions", "skills", "kept", "dropped", "years"),
    [
        ([("Nurse", "Contoso Hospital", "Nurse at Contoso Hospital, May 2015 - April 2019")], [], 1, 0, 4.0),
        ([("Nurse", "Globex", "Nurse at Contoso Hospital, May 2015 - April 2019")], [], 1, 0, 4.0),  # no employer
        ([("Surgeon", "Contoso Hospital", "Nurse at Contoso Hospital")], [], 0, 1, None),  # not in its own quote
        ([("Nurse", "", "Nurse at Contoso Clinic")], [], 0, 1, None),
        ([("Nurse", "", "Nurse at Contoso Hospital")] * 2, [], 1, 0, None),  # once
        ([], [("German", "Speaks German"), ("French", "Speaks French"), ("French", "Speaks German")], 1, 2, None),
    ],
)
def test_a_value_holds_where_it_stands_in_its_quote(
    positions: list[tuple[str, str, str]], skills: list[tuple[str, str]], kept: int, dropped: int, years: float | None
) -> None:
    answer = Extracted.model_validate(
        {
            "positions": [dict(zip(("title", "employer", "quote"), one, strict=True)) for one in positions],
            "skills": [dict(zip(("name", "quote"), one, strict=True)) for one in skills],
        }
    )
    found = held(answer, Source(TEXT, TEXT), Matcher(), date(2026, 1, 1))
    assert (len(found.positions) + len(found.skills), found.dropped, found.years) == (kept, dropped, years)
    assert all(one.employer in TEXT for one in found.positions)
