"""PostgreSQL itself goes down in the middle of a load: nobody starts anything again, and the work goes on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.databases import Cluster

from .installation import running


@pytest.fixture
def own() -> Iterator[Cluster]:
    """A server that nobody else uses."""
    cluster = Cluster()
    cluster.create("bascule")
    yield cluster
    cluster.stop()


@pytest.mark.parametrize(("people", "restarts"), [(8, 2), pytest.param(60, 8, marks=pytest.mark.long)])
async def test_restarts_of_the_database_lose_nothing_and_double_nothing(
    own: Cluster, tmp_path: Path, people: int, restarts: int
) -> None:
    async with running(own.url("bascule"), tmp_path, ("up", "one")) as made:
        for _ in range(restarts):
            await made.apply(people // restarts)
            await made.some_notes()
            await asyncio.to_thread(own.restart)
        await made.everything_written()
        await made.quiet()
        await made.once_each()
        assert all(process.returncode is None for process in made.processes.values())
        await made.kill("up", "one")
        await made.nothing_wrong_inside()
