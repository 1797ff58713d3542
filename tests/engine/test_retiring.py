"""Retention by rule: who is due is erased by itself, in line with the ATS, and very many only when somebody has agreed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.databases import both_databases

from bascule.core import bulk
from bascule.core.retention import RETAIN, Rule
from bascule.errors import ConflictError
from bascule.model import ActorKind, Kind
from bascule.sandbox.greenhouse import people, pipeline

from .kit import DANA, OWNER, ROBIN, Applied, Builder, House

YEAR = Rule(on=True, months=12, tags=("Talent pool",))
DAYS = timedelta(days=380)


async def known(house: House, applied: Applied) -> bool:
    return await house.family(Kind.CANDIDATE, applied.candidate) is not None


async def rejected(house: House, first: str) -> Applied:
    applied = await house.apply(first, "Byron", f"{first.lower()}@example.org")
    await house.pass_time(8)
    reason = house.reason("Lacks required experience")["id"]
    pipeline.reject(house.sandbox, DANA, applied.application, {"rejection_reason_id": reason})
    await house.pass_time(8)
    return applied


async def years_later(house: House) -> None:
    house.clock.move(DAYS.total_seconds())


async def day(house: House) -> None:
    """The next look of the rule, and time for what it asks the ATS."""
    await house.app.store.write(lambda tx: tx.tasks.put(house.app.workspace, RETAIN, "all", due=house.clock()))
    await house.leap(300)


@both_databases
async def test_somebody_rejected_for_a_year_is_erased_by_itself(house: House) -> None:
    old, fresh = await rejected(house, "Ada"), await house.apply("Grace", "Hopper", "grace@example.org")
    await house.pass_time(8)
    assert (await house.app.retention.due(YEAR)).count == 0
    await years_later(house)
    waiting = await house.app.retention.due(YEAR)
    assert [one.name for one in waiting.first] == ["Ada Byron"]
    assert await known(house, old), "a dry run does nothing"
    with pytest.raises(ConflictError, match="1 people"):
        await house.app.retention.set_rule(YEAR, OWNER)
    await house.app.retention.set_rule(YEAR, OWNER, agree=1)
    await house.leap(300)
    assert (await known(house, old), await known(house, fresh)) == (False, True)
    assert house.candidate(old.candidate)["first_name"] == "Anonymized"
    (one,) = await house.app.erasures.recent()
    assert (one.actor_kind, one.ended is not None) == (ActorKind.RULE, True)


async def test_what_the_ats_shows_just_before_keeps_a_person(house: House) -> None:
    """Webhooks are lost, and polls have not seen it yet: the read before the erasure does."""
    opened, tagged, due = [await rejected(house, name) for name in ("Opened", "Tagged", "Due")]
    await years_later(house)
    house.sandbox.faults.add({"kind": "drop", "times": 100})
    pipeline.unreject(house.sandbox, DANA, opened.application)
    people.tag(house.sandbox, ROBIN, tagged.candidate, "Talent pool")
    assert (await house.app.retention.due(YEAR)).count == 3
    await house.app.retention.set_rule(YEAR, OWNER, agree=3)
    await house.leap(300)
    assert [await known(house, one) for one in (opened, tagged, due)] == [True, True, False]


async def test_it_is_looked_at_every_day_and_off_means_off(house: House) -> None:
    old = await rejected(house, "Ada")
    await house.app.retention.set_rule(YEAR, OWNER)
    await years_later(house)
    await house.app.retention.set_rule(replace(YEAR, on=False), OWNER)
    await day(house)
    assert await known(house, old)
    await house.app.retention.set_rule(YEAR, OWNER, agree=1)
    await day(house)
    assert not await known(house, old)


async def test_very_many_at_once_wait_until_somebody_has_agreed(
    build: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "LEAST", 1)
    house = await build.house()
    them = [await rejected(house, name) for name in ("Ada", "Grace", "Edith")]
    await house.app.retention.set_rule(YEAR, OWNER)
    await years_later(house)
    await day(house)
    assert [await known(house, one) for one in them] == [True] * 3
    notices = await house.app.store.read(lambda tx: tx.notices.list(house.app.workspace))
    assert [n for n in notices if n.kind == "retention held" and "--agree 3" in n.text]
    await house.app.retention.set_rule(YEAR, OWNER, agree=3)
    await house.leap(300)
    assert [await known(house, one) for one in them] == [False] * 3
    notices = await house.app.store.read(lambda tx: tx.notices.list(house.app.workspace))
    assert not [n for n in notices if n.kind == "retention held"]
