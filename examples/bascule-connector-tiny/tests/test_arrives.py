"""Somebody applies in Tiny, and the score lands there: the real App, connected by the connector's name."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bascule.contract.arriving import OWNER, connected
from bascule.model import Mode


async def test_somebody_applies_and_the_score_stands_in_tiny(tmp_path: Path) -> None:
    async with connected("tiny", tmp_path, candidates=3) as made:
        await made.app.accounts.create_fields("acme", OWNER)
        await made.app.accounts.set_mode("acme", Mode.LIVE, OWNER, waive="A key of Tiny has every right.")
        _, application = made.account.apply()
        row = made.account.db["applications"].rows[int(application)]
        await made.until(lambda: "bascule_match_score" in row["extra"], timedelta(minutes=5))
        assert 0 <= row["extra"]["bascule_match_score"] <= 100
        assert row["extra"]["bascule_match_reasons"]
        assert made.account.db["candidates"].rows[row["candidate_id"]]["first"] == "Late"
        assert not made.failures
