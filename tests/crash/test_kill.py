"""kill -9 of the real process in the middle of a demo load: nothing is lost, and nothing is in the ATS twice."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

import pytest

from .demo import MOMENTS, applications, demo


@pytest.mark.parametrize(("first", "last", "kills"), [(4, 26, 3), pytest.param(0, 60, 9, marks=pytest.mark.long)])
async def test_kills_in_the_middle_of_a_demo_load_lose_nothing_and_double_nothing(
    database: str, tmp_path: Path, first: int, last: int, kills: int
) -> None:
    applying = applications(first, last)
    async with demo(database, tmp_path) as load:
        for number, moment in enumerate(islice(cycle(MOMENTS), kills)):
            await load.apply(applying[number::kills])
            await load.kill_in(moment)
            await load.start("up")
        await load.everything_written()
        await load.quiet()
        await load.once_each()
        await load.kill("up")
        await load.nothing_wrong_inside()
