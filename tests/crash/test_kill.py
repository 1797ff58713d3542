"""kill -9 of the real process in the middle of its work: nothing is lost, and nothing is in the ATS twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from .installation import running


@pytest.mark.parametrize(("people", "kills"), [(8, 2), pytest.param(60, 8, marks=pytest.mark.long)])
async def test_kills_in_the_middle_of_a_load_lose_nothing_and_double_nothing(
    database: str, tmp_path: Path, people: int, kills: int
) -> None:
    async with running(database, tmp_path) as one:
        for _ in range(kills):
            await one.apply(people // kills)
            await one.some_notes()
            await one.kill("up")
            await one.start("up")
        await one.everything_written()
        await one.quiet()
        await one.once_each()
        await one.kill("up")
        await one.nothing_wrong_inside()
