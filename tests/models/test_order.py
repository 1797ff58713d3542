"""The top of a list ordered by a stronger model: from vectors that are kept, of one space at a time, and never a score."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.kit import GARDENER, OWNER

from bascule.match.minilm import MODEL
from bascule.model import Kind
from bascule.models.choice import Purpose
from bascule.models.door import NOTICE
from bascule.server.show.job import page
from bascule.store.sql import Sql

from .conftest import Asking

REMOTE = {"order": "remote", "embedding": "text-small", "purposes": []}


async def listed(asking: Asking) -> tuple[list[str], list[float | None], str]:
    """Who stands in the list of the job, with what scores, and which model has a say."""
    app, job = asking.house.app, await asking.house.record(Kind.JOB, asking.house.job("Backend Engineer")["id"])
    view = await app.store.read(lambda tx: page(tx, app.workspace, job.id, ""))
    return [one.name for one in view.applicants], [one.score for one in view.applicants], view.ordered_by


async def vectors(asking: Asking) -> dict[str, int]:
    """How many are kept of each model."""
    count = Sql("SELECT model, COUNT(*) FROM vectors GROUP BY model")
    return dict(await asking.house.app.store.read(lambda tx: tx.rows(count)))


@pytest.fixture
async def three(asking: Asking) -> Asking:
    """Three people have applied."""
    await asking.applied(email="a@example.org")
    await asking.applied(first="Kim", last="Garden", email="b@example.org", file=GARDENER)
    await asking.applied("Kubernetes and Django every day.", first="Lou", last="Best", email="c@example.org")
    return asking


async def test_the_top_is_ordered_by_vectors_that_are_kept_and_no_score_moves(three: Asking) -> None:
    names, scores, model = await listed(three)
    assert model == ""
    await three.choose(**REMOTE)
    await three.house.pass_time(30)
    after, moved, model = await listed(three)
    assert model == "127.0.0.1:text-small"
    assert sorted(zip(after, moved, strict=True)) == sorted(zip(names, scores, strict=True))
    assert await vectors(three) == {model: 5}, "three people and two jobs"
    calls = await three.calls()
    assert {one.purpose for one in calls} == {Purpose.ORDER}
    assert all(one.cost == one.tokens_in for one in calls)
    assert "Byron" not in str(three.sent())
    asked = len(three.server.seen)
    await listed(three)
    assert len(three.server.seen) == asked, "a list never waits for a model"


async def test_another_model_takes_over_only_when_all_its_vectors_are_there(three: Asking) -> None:
    await three.choose(**REMOTE)
    await three.house.pass_time(30)
    three.server.options.models = (*three.server.options.models, "text-large")
    await three.choose(**{**REMOTE, "embedding": "text-large"})
    away = three.server.faults.add({"kind": "fails"})
    await three.house.pass_time(60)
    standing = await three.house.app.choices.told()
    assert (standing.ordered_by, standing.ordered_next) == ("127.0.0.1:text-small", "127.0.0.1:text-large")
    assert (await listed(three))[2] == "127.0.0.1:text-small", "lists go on with the former space"
    assert away.acted
    assert await three.house.notices(NOTICE)
    three.server.faults.clear()
    await three.house.leap(1900)
    assert (await listed(three))[2] == "127.0.0.1:text-large"
    assert await vectors(three) == {"127.0.0.1:text-large": 5}, "and nothing is left of the former one"
    assert await three.house.notices(NOTICE) == []


async def test_who_comes_later_is_added_and_off_leaves_nothing(three: Asking) -> None:
    await three.choose(**REMOTE)
    await three.house.pass_time(30)
    await three.applied(first="New", last="Comer", email="d@example.org")
    await three.house.pass_time(5)
    assert sum((await vectors(three)).values()) == 6
    await three.house.app.choices.off(OWNER)
    assert await vectors(three) == {}
    assert (await listed(three))[2] == ""


async def test_an_erased_person_leaves_no_vector(three: Asking) -> None:
    await three.choose(**REMOTE)
    await three.house.pass_time(30)
    app = three.house.app
    people = await app.store.read(lambda tx: list(tx.pages.candidates(app.workspace)))
    await app.erasures.begin(people[0].record, OWNER)
    await three.house.pass_time(30)
    assert sum((await vectors(three)).values()) == 4


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_model_on_this_machine_needs_nobody(three: Asking) -> None:
    given: dict[str, Any] = {"order": "minilm"}
    await three.house.app.choices.choose(given, OWNER)
    await three.house.pass_time(30)
    names, _, model = await listed(three)
    assert model == MODEL
    assert names[-1] == "Kim Garden", "the gardener is least like the engineer that is sought"
    assert not three.server.seen
