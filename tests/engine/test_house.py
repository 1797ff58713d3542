"""Houses are copies of one that was connected before: each goes its own way."""

from __future__ import annotations

from bascule.model import Mode
from bascule.sandbox.kit.tables import Row

from .kit import Builder, Ground, House, Workbench


async def test_what_happens_in_a_house_happens_in_no_other(build: Builder, bench: Workbench) -> None:
    house = await build.house()
    applied = await house.apply()
    await house.pass_time(3)
    assert house.custom(house.application(applied.application))
    ready = bench.ready["sqlite", Mode.LIVE, True, True]
    other = ready.ground.again()
    assert len(other.sandbox.db["candidates"]) == 0
    assert other.sandbox.requests.total() < house.sandbox.requests.total()
    assert other.clock.at < house.clock.at
    assert other.post.house is None
    credential, same = (row_of(one) for one in (other, house))
    assert credential["secret"] == same["secret"] == house.at.secrets["client_secret"]
    other.sandbox.faults.add({"kind": "revoke"})
    other.sandbox.faults.run_due()
    assert credential["revoked"]
    assert not same["revoked"]


def row_of(one: Ground | House) -> Row:
    """Bascule's credential in the ATS."""
    return next(row for row in one.sandbox.db["credentials"] if row["name"] == "Bascule")
