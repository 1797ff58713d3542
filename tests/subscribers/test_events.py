"""The log of events: what has happened, in an order nobody skips anything in, and without a word of anybody."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime

import pytest
from tests.engine.kit import OWNER
from tests.subscribers.conftest import Scene

from bascule.core.events import TYPES
from bascule.errors import ErasedError, InputError
from bascule.model import Event, Kind
from bascule.store import Store, Tx


async def test_what_happens_is_told_once_by_type_with_ids_and_names_of_fields(scene: Scene) -> None:
    assert await scene.events() == []  # connecting, and the first reading of everything, are no news
    ada = await scene.place.applied()
    scene.place.move(ada, "Phone Screen")
    await scene.house.pass_time(5)
    items = await scene.events()
    types = [one["type"] for one in items]
    assert sorted(types) == sorted([
        "candidate.created", "application.created", "attachment.added", "application.scored",
        "note.added", "application.stage_changed",
    ])  # fmt: skip
    moved = next(one for one in items if one["type"] == "application.stage_changed")
    assert moved["data"]["from"]["name"] == "Application Review"
    assert moved["data"]["to"]["name"] == "Phone Screen"
    assert moved["data"]["changed"] == ["stage"]
    assert moved["data"]["application"]["id"] == await scene.place.id(ada)
    assert moved["data"]["application"]["links"] == [
        {"connection": "acme", "label": "simulator", "id": str(ada.application)}
    ]
    assert moved["data"]["job"]["title"] == "Backend Engineer"
    assert moved["data"]["job"]["links"][0]["connection"] == "acme"
    assert "byron" not in str(items).casefold()
    assert [one["number"] for one in items] == sorted({one["number"] for one in items})


async def test_the_log_holds_no_value_of_anybodys(scene: Scene) -> None:
    await scene.place.applied(more="Loves orchids")

    def raw(tx: Tx) -> str:
        return str(tx._connection.execute("SELECT * FROM events").fetchall())

    text = (await scene.house.app.store.read(raw)).casefold()
    assert "application.created" in text
    for word in ("byron", "example.org", "orchid", "northwind", "7946"):
        assert word not in text


async def test_a_page_goes_on_where_the_last_one_ended(scene: Scene) -> None:
    await scene.place.applied()
    whole = [one["number"] for one in await scene.events()]
    seen: list[int] = []
    place, more = 0, True
    while more:
        page = await scene.house.app.subscriptions.events(OWNER, after=place, limit=2)
        seen += [one["number"] for one in page.items]
        place, more = page.next, page.more
    assert seen == whole
    only = await scene.events(types=("note.*", "candidate.created"))
    assert [one["type"] for one in only] == ["candidate.created", "note.added"]
    with pytest.raises(InputError, match="names no event"):
        await scene.events(types=("application.moved",))


async def test_a_place_that_the_log_no_longer_reaches_is_said_to_be_one(scene: Scene) -> None:
    await scene.place.applied()
    first = (await scene.events())[0]["number"]
    scene.house.clock.move(31 * 86_400)
    with pytest.raises(ErasedError, match="reaches back 30 days"):
        await scene.events(after=first)
    await scene.house.app._tidy(None)
    assert await scene.events() == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # on SQLite commits do not overlap
async def test_nobody_skips_what_is_committed_late(store: Store) -> None:
    """Two commits overlap; the one that began first becomes visible last. A reader in between sees it later."""
    begun, go, now = threading.Event(), threading.Event(), datetime(2026, 11, 20, tzinfo=UTC)

    def slow(tx: Tx) -> None:
        tx.events.add("w", [Event("job.created", "f", "r", now)])
        begun.set()
        assert go.wait(20)

    async def types(after: int) -> tuple[list[str], int]:
        await store.write(lambda tx: tx.events.number("w", 10, now=now))
        page = await store.read(lambda tx: tx.events.page("w", after, list(TYPES), 10))
        return [one.type for one in page], page[-1].number

    late = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(begun.wait, 20)
    await store.write(lambda tx: tx.events.add("w", [Event("job.updated", "f", "r", now)]))
    seen, place = await types(0)
    go.set()
    await late
    assert seen == ["job.updated"]
    assert (await types(place))[0] == ["job.created"]


async def test_merged_and_told_apart_is_told_as_such_and_nobody_is_new(scene: Scene) -> None:
    ada = await scene.place.applied()
    other = await scene.place.applied("Ada", "Lovelace", "ada.l@example.net", phone="+44 20 7946 0999")
    last = (await scene.events())[-1]["number"]
    kept, gone = [(await scene.house.record(Kind.CANDIDATE, one.candidate)).id for one in (ada, other)]
    await scene.house.app.joins.merge(kept, gone, OWNER)
    told = [(one["type"], one["data"].get("into")) for one in await scene.events(after=last)]
    assert ("candidate.merged", {"id": kept}) in told
    assert not [type for type, _ in told if type.endswith(".created")]
