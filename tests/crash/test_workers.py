"""Several workers on one PostgreSQL: one is killed, one sleeps past its lease. Others take over, in order, once each."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import TEMPLATE
from tests.databases import Cluster

from .installation import running

SLOW = {"kind": "delay", "method": "POST|PATCH", "path": "/v3/", "seconds": 0.3, "times": 1_000_000}


@pytest.fixture
def postgres(cluster: Cluster) -> Iterator[str]:
    with cluster.database(TEMPLATE) as url:
        yield url


@pytest.mark.parametrize(("people", "rounds"), [(12, 1), pytest.param(40, 6, marks=pytest.mark.long)])
async def test_the_work_of_a_killed_and_of_a_sleeping_worker_is_taken_over(
    postgres: str, tmp_path: Path, people: int, rounds: int
) -> None:
    async with running(postgres, tmp_path, ("up", "one", "two")) as made:
        await made.order(SLOW)
        await made.apply(1)
        async with made.inside() as app:
            over = asyncio.Event()
            editing = asyncio.create_task(made.edits(app, 0, over))
            for _ in range(rounds):
                await made.apply(people)
                await made.working("one")
                held = await made.pause_at_work("two")
                held |= await made.lanes("one")
                await made.kill("one")
                await made.taken_over(held)
                made.signal("two", signal.SIGCONT)
                await made.start("one")
            over.set()
            await made.in_order(0, await editing)
        await made.everything_written()
        await made.quiet()
        await made.once_each()
        assert made.logged("two", "lease lost"), "its late acknowledgement was refused"
        await made.kill("up", "one", "two")
        await made.nothing_wrong_inside()
