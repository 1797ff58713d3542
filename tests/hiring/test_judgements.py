"""Columns measure the same as one decision after the other."""

from __future__ import annotations

import random
from dataclasses import asdict

import numpy as np
import pytest

from bascule.core import outcomes
from bascule.core.outcomes import Judged
from bascule.hiring.judgements import judgements, measured, measured_by, together
from bascule.model import Decision


@pytest.mark.parametrize("seed", range(4))
def test_groups_of_columns_measure_what_single_decisions_do(seed: int) -> None:
    drawn = random.Random(seed)
    rows = [
        (
            drawn.randrange(10**15), drawn.choice(list(Decision)), drawn.random() < 0.1,
            drawn.choice([None, *map(float, range(0, 101, 5))]), drawn.randrange(3), drawn.choice(["a", "b"]),
            drawn.randrange(5),
        )
        for _ in range(400)
    ]  # fmt: skip
    limits = [drawn.choice([0.0, 50.0, 70.0]) for _ in rows]
    found = judgements([row[:6] for row in rows], limits)
    group = np.array([row[6] for row in rows])
    many = 6  # the last has nobody in it
    for number, told in enumerate(measured_by(found, group, many)):
        mine = [
            Judged(row[1], row[3], (row[3] or 0.0) >= limit, row[2])
            for row, limit in zip(rows, limits, strict=True)
            if row[6] == number
        ]
        expected = outcomes.measured(mine)
        assert told.order == (None if expected.order is None else pytest.approx(expected.order))
        assert {**asdict(told), "order": None} == {**asdict(expected), "order": None}
    half = [found.where(group < 2), found.where(group >= 2)]
    assert measured(together(half)) == measured(found)
    assert sorted(together(half).scorers) == ["a", "b"]


def test_nothing_is_measured_of_nobody() -> None:
    told = measured(judgements((), ()))
    assert (told.decided, told.precision.share, told.order) == (0, None, None)
