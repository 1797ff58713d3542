"""Who is erased is erased in every tool: told at once, confirmed by name, and the owner's task where it is not."""

from __future__ import annotations

from typing import Any

from tests.databases import both_databases
from tests.engine.kit import OWNER
from tests.tools.conftest import Place

from bascule.model import Kind
from bascule.store import Tx


async def erase(place: Place, candidate: int) -> str:
    record = await place.house.record(Kind.CANDIDATE, candidate)
    id = await place.house.app.erasing.begin(record.id, OWNER)
    await place.house.quiet()
    return id


async def places(place: Place, erasure: str) -> dict[str, Any] | None:
    """The certificate's places, by what they are called."""

    def query(tx: Tx) -> dict[str, Any] | None:
        found = tx.erasure.get(erasure).certificate
        return {one["place"]: one for one in found["certificate"]["places"]} if found else None

    return await place.house.app.store.read(query)


async def test_an_erasure_is_shown_at_once_and_certified_when_the_tool_has_confirmed(place: Place) -> None:
    ada = await place.applied()
    tool, other = await place.tool(), await place.tool("hawk")
    id = await place.id(ada)
    await tool.news()
    await tool.say(id, version=1, score=50, status="interesting", note="Hm.")
    await place.house.pass_time(4)
    foreseen = await place.house.app.erasures.foreseen((await place.house.record(Kind.CANDIDATE, ada.candidate)).id)
    assert "confirms" in str(foreseen)
    erasure = await erase(place, ada.candidate)
    assert await tool.news() == [{**dict.fromkeys(tool.seen[id]), "id": id, "state": "erased"}]
    assert await other.news() == []
    assert (await tool.say(id, version=2, score=51)).status_code == 410
    assert (await tool.get(f"/applications/{id}/resume")).status_code == 410
    await place.house.pass_time(30)
    assert await places(place, erasure) is None
    assert (await other.forget(id)).status_code == 404
    assert (await tool.forget(id)).json()["state"] == "erased"
    await place.house.pass_time(30)
    told = await places(place, erasure)
    assert told is not None
    assert told["quill (AI tool, live account)"]["outcome"] == "deleted there, as the tool has confirmed"
    assert told["quill (AI tool, live account)"]["done"]
    assert told["results of AI tools"]["outcome"] == "1 removed"
    assert not any("hawk" in name for name in told)
    assert (await tool.pull(after=""))["items"][0]["state"] == "erased"
    assert (await tool.forget(id)).status_code == 200


@both_databases
async def test_a_tool_that_does_not_confirm_is_the_owners_task(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    id = await place.id(ada)
    await tool.news()
    await place.house.pass_time(4)
    erasure = await erase(place, ada.candidate)
    place.house.clock.move(73 * 3600)
    await place.house.pass_time(10)
    told = await places(place, erasure)
    assert told is not None
    assert told["quill (AI tool, live account)"]["outcome"] == "a task for the owner: it has not confirmed"
    assert not told["quill (AI tool, live account)"]["done"]
    assert any(id in one for one in await place.house.notices("erase by hand"))
    assert [one["state"] for one in await tool.news()] == ["erased"]
    await tool.forget(id)
    assert not any(id in one for one in await place.house.notices("erase by hand"))


async def test_a_tool_that_was_taken_away_with_what_it_held_is_the_owners_task_at_once(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    await tool.news()
    await place.house.app.accounts.remove(tool.name, OWNER)
    erasure = await erase(place, ada.candidate)
    await place.house.pass_time(60)
    told = await places(place, erasure)
    assert told is not None
    [gone] = [one for name, one in told.items() if "no longer connected" in name]
    assert gone["outcome"] == "a task for the owner: it is no longer connected"
    assert not gone["done"]
