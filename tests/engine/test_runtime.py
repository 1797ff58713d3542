"""What the engine takes from its surroundings."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from bascule.engine.runtime import Runtime
from bascule.engine.wire import AiohttpTransport

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)


def test_identifiers_grow_within_a_millisecond_and_where_the_clock_is_set_back() -> None:
    times = [NOW] * 500 + [NOW - timedelta(hours=1)] * 500 + [NOW + timedelta(milliseconds=1)]
    clock = iter(times)
    runtime = Runtime(AiohttpTransport(), now=lambda: next(clock))
    made = [runtime.id() for _ in times]
    assert made == sorted(set(made))
    assert all(uuid.UUID(one).version == 7 for one in made)
    assert uuid.UUID(made[-1]).int >> 80 == int(times[-1].timestamp() * 1000)
