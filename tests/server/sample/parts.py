"""What several sample pages share: the time it is, and how things stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bascule.server.views.parts import Lag, State, Tone

NOW = datetime(2026, 11, 22, 14, 3, 22, 417000, tzinfo=UTC)


def ago(**amount: float) -> datetime:
    return NOW - timedelta(**amount)


IN_STEP = State("In step", Tone.IN_STEP)
LAG = Lag(0.31, 0.92, 1.4)
