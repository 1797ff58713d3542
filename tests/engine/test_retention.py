"""With a retention of none everything still works, and nothing of it stays: neither from the start nor from a change on."""

from __future__ import annotations

import pytest
from tests.databases import both_databases

from bascule.errors import InputError
from bascule.model import Kind
from bascule.sandbox.greenhouse import people
from bascule.store import Tx
from bascule.store.sql import Sql

from .kit import DANA, OWNER, Builder, House

NONE = {"raw": 0, "payload": 0, "resume": 0, "text": 0}


async def kept(house: House) -> dict[str, int]:
    """How many there are of each kind, by the tables themselves."""

    def query(tx: Tx) -> dict[str, int]:
        found = {what: int(count) for what, count in tx.rows(Sql("SELECT what, COUNT(*) FROM stored GROUP BY what"))}
        ((bodies,),) = tx.rows(Sql("SELECT COUNT(*) FROM inbox WHERE body IS NOT NULL"))
        return found | ({"payload": int(bodies)} if bodies else {})

    return await house.app.store.read(query)


async def tidy(house: House) -> None:
    """The next tidying, a second later."""
    house.clock.move(1)
    await house.app.store.write(lambda tx: tx.tasks.put(house.app.workspace, "tidy", "all", due=house.clock()))
    await house.quiet()


async def test_with_nothing_kept_from_the_start_somebody_is_scored_written_back_and_edited_both_ways(
    build: Builder,
) -> None:
    house = await build.house(None)
    await house.app.retention.choose(NONE, OWNER)
    await house.connect()
    applied = await house.apply()
    await house.quiet()
    shown = house.custom(house.application(applied.application))
    assert 0 < float(shown["bascule_match_score"]) <= 100
    assert shown["bascule_ai_status"] == "scored"
    assert len(house.notes(applied.candidate)) == 1

    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": "Augusta"}, OWNER)
    await house.quiet()
    assert house.candidate(applied.candidate)["first_name"] == "Augusta"
    people.update(house.sandbox, DANA, applied.candidate, {"last_name": "King"})
    await house.polls()
    assert await house.value(Kind.CANDIDATE, applied.candidate, "last_name") == "King"

    assert await kept(house) == {}
    await tidy(house)
    assert await kept(house) == {}
    folder = house.app.settings.data / "files"
    assert not folder.exists() or not list(folder.iterdir())


@both_databases
async def test_a_change_takes_away_what_is_there_at_the_next_tidying_and_is_audited(build: Builder) -> None:
    house = await build.house()
    await house.apply()
    await house.quiet()
    assert {"raw", "resume", "text"} <= (await kept(house)).keys()
    told = {one.kind: one.days for one in await house.app.retention.told()}
    assert told == {"raw": 30, "payload": 7, "resume": 30, "text": 30}, "as the settings say, from the start"
    await house.app.retention.choose({"raw": 0, "text": 0}, OWNER)
    await tidy(house)
    left = await kept(house)
    assert "resume" in left
    assert not {"raw", "text"} & left.keys()
    (entry,) = [
        one
        for one in await house.app.store.read(lambda tx: tx.audit.page(house.app.workspace, limit=500))
        if one.action == "retention changed"
    ]
    assert entry.detail == {"raw": 0, "raw_before": 30, "text": 0, "text_before": 30}
    assert entry.actor_id == OWNER.id
    await build.restart(house)  # the settings speak for a new workspace only
    again = {one.kind: one.days for one in await house.app.retention.told()}
    assert again == {"raw": 0, "payload": 7, "resume": 30, "text": 0}


@pytest.mark.parametrize("wrong", [{"raw": -1}, {"payload": 8}, {"payload": None}, {"cv": 1}, {"raw": 0, "text": 9999}])
async def test_what_cannot_be_changes_nothing(house: House, wrong: dict[str, int | None]) -> None:
    before = await house.app.retention.told()
    with pytest.raises(InputError):
        await house.app.retention.choose(wrong, OWNER)
    assert await house.app.retention.told() == before
