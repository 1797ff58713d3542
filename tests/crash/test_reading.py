"""A first reading goes on where it was after each kill, and what happens there meanwhile does not wait for its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from .reading import run


@pytest.mark.parametrize(("candidates", "kills"), [(150, 1), pytest.param(5_000, 5, marks=pytest.mark.long)])
async def test_a_first_reading_goes_on_after_kills_and_live_changes_do_not_wait_for_it(
    tmp_path: Path, candidates: int, kills: int
) -> None:
    seen = await run(tmp_path, candidates, kills, again=False)
    assert not seen.wrong()
    assert seen.kills == kills
    assert len(seen.live) == kills
