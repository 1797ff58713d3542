"""A delivery may name nothing but a child: whose it is, is known here, or its lists are asked at once."""

from __future__ import annotations

import pytest
from tests.databases import both_databases

from bascule.engine.ingest import Ingest
from bascule.model import Kind
from bascule.store import Tx
from bascule.store.lanes import Hint

from .kit import Applied, House


@pytest.fixture
async def ada(house: House) -> Applied:
    applied = await house.apply("Ada", "Byron", "ada@example.org")
    await house.pass_time(8)
    return applied


async def homes(house: House, external: str) -> list[Hint]:
    at, kinds = house.at, frozenset({Kind.APPLICATION})
    named = Hint(at.id, Kind.APPLICATION, external, kinds)

    def unit(tx: Tx) -> list[Hint]:
        return Ingest._homes(tx, at, named, house.clock())

    return await house.app.store.write(unit)


async def test_a_child_that_is_known_leads_to_whom_it_belongs(house: House, ada: Applied) -> None:
    (found,) = await homes(house, str(ada.application))
    assert (found.kind, found.external) == (Kind.CANDIDATE, str(ada.candidate))
    assert found.kinds == {Kind.APPLICATION}


@both_databases
async def test_for_one_that_nobody_knows_the_lists_of_its_kind_are_asked_now(house: House, ada: Applied) -> None:
    await house.quiet()
    before = house.calls("GET", "applications")
    assert await homes(house, "99999999") == []
    await house.quiet()
    assert house.calls("GET", "applications") == before + 1
