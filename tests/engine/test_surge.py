"""Many people apply within a minute: the rate holds, nothing is lost, people come first, and the estimate is honest."""

from __future__ import annotations

from .kit import Builder
from .surge import DOCUMENTED, WITHIN, run


async def test_a_surge_is_worked_off_at_the_documented_rate_with_people_first(build: Builder) -> None:
    """Two hundred here; `make surge` runs ten thousand."""
    surge = await run(build, 200)
    assert surge.refused == 0
    assert surge.fullest <= DOCUMENTED.limit
    assert surge.scored == 205
    assert surge.failures == 0
    assert max(surge.edits) <= 31, "a person's change waits at most until the system's window opens"
    assert len(surge.estimates) >= (surge.took - WITHIN) / 45, "at each look, every half minute, while it lasts"
    errors = sorted(abs(one) for one in surge.errors())
    assert errors[len(errors) // 2] <= 2.0, "of the right size; `make surge` tells how far they are off"
    assert all(low <= said <= high for _, said, low, high in surge.estimates), "in whole seconds: the last are as short"
    assert all(low < said < high for _, said, low, high in surge.estimates if said >= 10)
    assert surge.took <= 1.2 * surge.requests / DOCUMENTED.limit * DOCUMENTED.seconds, "the rate is used, not only kept"
