"""An ATS, Bascule, and two AI tools: what happens in one is seen in the others, and nothing gets in each other's way.

The ATS is the Greenhouse sandbox, the tools are two of the sandbox's, the App is the real one on a real database; time
is held. Hints go by the App's own client, and the tools come to its door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.engine.kit import DANA, OWNER, STAGE_TYPES, Applied
from tests.tools.conftest import Place, place, through

from bascule.core.reviews import APPROVE
from bascule.model import Kind, ReviewKind
from bascule.office.accounts import NewConnection
from bascule.sandbox.aitool import Options, Tool, create_app
from bascule.sandbox.greenhouse import pipeline
from bascule.store import Tx

__all__ = ["place"]


@dataclass
class Beside:
    """A sandbox tool beside a Bascule. Switched off it neither comes nor hears."""

    name: str
    tool: Tool
    place: Place
    on: bool = True

    async def work(self) -> None:
        if self.on:
            await self.tool.turn()

    async def of(self, applied: Applied) -> dict[str, Any]:
        """What it holds of an application."""
        return self.tool.held()[await self.place.id(applied)]


async def beside(place: Place, name: str, port: int, **options: Any) -> Beside:
    """Connect a tool, as its owner and its makers do."""
    hook = f"http://127.0.0.1:{port}/hooks/bascule"
    made, key = await place.house.app.aitools.connect(NewConnection(name, "aitool", hook), OWNER)
    clock = place.house.clock
    chosen = Options("http://bascule.test/api/tools/v1", key, made.secrets["webhook_secret"], **options)
    tool = Tool(chosen, through("bascule.test", place.server), now=lambda: clock.at.timestamp(), sleep=clock.sleep)
    one = Beside(name, tool, place)
    app = create_app(tool)

    async def hooks(scope: Any, receive: Any, answer: Any) -> None:
        if not one.on:
            raise ConnectionResetError
        await app(scope, receive, answer)

    place.house.transport._apps[urlsplit(hook).netloc] = hooks
    return one


@dataclass
class World:
    """All of it."""

    place: Place
    quill: Beside
    hawk: Beside

    async def settle(self, seconds: float = 6) -> None:
        """Everybody does what is due, time passing, until news has gone both ways."""
        for _ in range(3):
            await self.place.house.pass_time(seconds / 3)
            await self.quill.work()
            await self.hawk.work()
        await self.place.house.pass_time(seconds / 3)

    def in_ats(self, applied: Applied) -> dict[str, Any]:
        return self.place.house.custom(self.place.house.application(applied.application))


@pytest.fixture
async def world(place: Place) -> World:
    house = place.house
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    made = World(place, await beside(place, "quill", 71, propose=20.0, notes=True), await beside(place, "hawk", 72))
    await house.app.accounts.create_fields(house.name, OWNER)
    return made


async def test_what_happens_in_the_ats_in_bascule_and_in_two_tools_is_seen_in_the_others(world: World) -> None:
    place, house = world.place, world.place.house

    # Somebody applies: two tools score, each in fields of its own, the matcher in its.
    ada = await place.applied()
    await world.settle()
    scores = {one.name: (await one.of(ada))["result"]["score"] for one in (world.quill, world.hawk)}
    row = world.in_ats(ada)
    assert float(row["bascule_quill_score"]) == scores["quill"]
    assert float(row["bascule_hawk_score"]) == scores["hawk"]
    assert float(row["bascule_match_score"]) == await house.value(Kind.APPLICATION, ada.application, "match_score")
    assert "words of the job" in row["bascule_quill_reasons"]
    assert row["bascule_hawk_status"] == "compared"
    assert any("quill (AI tool):" in note["body"] for note in house.notes(ada.candidate))
    assert world.quill.tool.heard >= 1

    # One proposes the next stage: a person approves, the ATS moves, both tools see it.
    [waiting] = [one.review for one in await house.open_reviews() if one.review.kind is ReviewKind.PROPOSAL]
    assert waiting.actor.name == "quill"
    assert (
        house.application(ada.application)["job_interview_stage_id"]
        == house.stage("Backend Engineer", "Application Review")["id"]
    )
    robin = await house.person("Robin Falk", 4_012_003)
    await house.app.changes.decide(waiting.id, APPROVE, robin)
    await world.settle()
    assert (
        house.application(ada.application)["job_interview_stage_id"]
        == house.stage("Backend Engineer", "Phone Screen")["id"]
    )
    assert {(await one.of(ada))["stage"]["name"] for one in (world.quill, world.hawk)} == {"Phone Screen"}

    # A status changed in the ATS shows in both.
    pipeline.reject(house.sandbox, DANA, ada.application, {"rejection_reason_id": house.reason("Other")["id"]})
    await world.settle()
    assert {(await one.of(ada))["status"] for one in (world.quill, world.hawk)} == {"rejected"}

    # A tool that is down loses nothing, and holds nobody up.
    world.hawk.on = False
    bob = await place.applied("Bob", "Stone", "bob@example.org")
    cleo = await place.applied("Cleo", "Marsh", "cleo@example.org", job="Staff Nurse")
    await world.settle()
    assert float(world.in_ats(bob)["bascule_quill_score"]) >= 0
    assert world.in_ats(bob).get("bascule_hawk_score") is None
    await house.leap(300)
    world.hawk.on = True
    await world.settle()
    assert {await place.id(one) for one in (ada, bob, cleo)} == set(world.hawk.tool.held())
    assert float(world.in_ats(bob)["bascule_hawk_score"]) == (await world.hawk.of(bob))["result"]["score"]
    await house.leap(600)

    # Somebody is erased: in the ATS, here, and in both tools, each of which is named in the certificate.
    id = await place.id(ada)
    record = await house.record(Kind.CANDIDATE, ada.candidate)
    assert "Northwind Systems" in world.quill.tool.held()[id]["cv"]
    erasure = await house.app.erasing.begin(record.id, OWNER)
    await world.settle(30)
    for one in (world.quill, world.hawk):
        assert one.tool.ended()[id] == ("erased", True)
        assert id not in one.tool.held()

    def certified(tx: Tx) -> Mapping[str, Any]:
        found = tx.erasure.get(erasure).certificate
        assert found is not None
        return {place["place"]: place for place in found["certificate"]["places"]}

    places = await house.app.store.read(certified)
    assert all(places[f"{name} (AI tool, simulator)"]["done"] for name in ("quill", "hawk"))
    assert {await place.id(one) for one in (bob, cleo)} == set(world.quill.tool.held())

    # And when all is quiet, nobody goes round in circles.
    house.mark()
    many = [len(one.tool.asked) for one in (world.quill, world.hawk)]
    await world.settle(60)
    assert not house.written()
    assert [len(one.tool.asked) - before for one, before in zip((world.quill, world.hawk), many, strict=True)] == [3, 3]


async def test_a_tool_that_misbehaves_harms_nobody(world: World) -> None:
    place = world.place
    for kind in ("duplicate", "stale", "malformed", "slow"):
        world.quill.tool.faults.add({"kind": kind})
    world.quill.tool.faults.add({"kind": "refuses", "times": 2, "status": 500})
    ada = await place.applied()
    await world.settle()
    place.move(ada, "Onsite")  # the proposal goes: a second version
    await world.settle()
    held = await world.quill.of(ada)
    assert held["sent"] == held["number"] == 2
    row = world.in_ats(ada)
    assert float(row["bascule_quill_score"]) == held["result"]["score"]
    assert row["bascule_quill_status"] == "compared"
    assert float(row["bascule_hawk_score"]) == (await world.hawk.of(ada))["result"]["score"]
    assert (await place.said(ada))["quill.status"] == "compared"
