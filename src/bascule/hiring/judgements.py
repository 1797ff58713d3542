"""First decisions beside the scores that stood there then, as columns of numbers, and what is measured of them. Pure.

The same measures as `core.outcomes`, of many groups at once: a job, a month, a version of a rubric is a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bascule.core.outcomes import Measured, Share
from bascule.model import Decision

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Judgements:
    """One decision a row. `at`: microseconds since 1970; `score` NaN where none stood there; `above`: it lay at or
    above the threshold of its rubric's version; `scorer`: a place in `scorers`."""

    at: Ints
    forward: Mask
    hired: Mask
    score: NDArray[np.float64]
    above: Mask
    version: Ints
    scorer: Ints
    scorers: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.at)

    def where(self, rows: Mask) -> Judgements:
        """Some of them."""
        return Judgements(
            self.at[rows], self.forward[rows], self.hired[rows], self.score[rows], self.above[rows], self.version[rows],
            self.scorer[rows], self.scorers,
        )  # fmt: skip

    @property
    def months(self) -> NDArray[np.datetime64]:
        """The month of each, in UTC."""
        return self.at.astype("datetime64[us]").astype("datetime64[M]")


def judgements(rows: Iterable[Sequence[Any]], thresholds: Iterable[float]) -> Judgements:
    """Columns of rows (at, decision, hired, score or None, version, scorer), with the threshold of each."""
    every = list(rows)
    at, decision, hired, score, version, scorer = zip(*every, strict=True) if every else ((),) * 6
    scores = np.array([np.nan if one is None else one for one in score], np.float64)
    scorers = tuple(dict.fromkeys(scorer))
    places = {name: place for place, name in enumerate(scorers)}
    above = np.nan_to_num(scores, nan=0.0) >= np.array(list(thresholds), np.float64)
    return Judgements(
        np.array(at, np.int64), np.array([one == Decision.FORWARD for one in decision], np.bool_),
        np.array(hired, np.bool_), scores, above, np.array(version, np.int64),
        np.array([places[one] for one in scorer], np.int64), scorers,
    )  # fmt: skip


def together(parts: Sequence[Judgements]) -> Judgements:
    """Those of several, one after the other."""
    if not parts:
        return judgements((), ())
    scorers = tuple(dict.fromkeys(name for one in parts for name in one.scorers))
    places = [np.array([scorers.index(name) for name in one.scorers], np.int64) for one in parts]
    moved = [place[one.scorer] if len(one) else one.scorer for place, one in zip(places, parts, strict=True)]

    def one(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    return Judgements(
        one("at"), one("forward"), one("hired"), one("score"), one("above"), one("version"), np.concatenate(moved),
        scorers,
    )  # fmt: skip


def measured(found: Judgements) -> Measured:
    """The measures of all of them."""
    return measured_by(found, np.zeros(len(found), np.int64), 1)[0]


def measured_by(found: Judgements, group: Ints, many: int) -> list[Measured]:
    """The measures of each of `many` groups. `group`: which one each row is of."""

    def counts(rows: Mask) -> list[int]:
        return np.bincount(group[rows], minlength=many).tolist()

    scored = ~np.isnan(found.score)
    forward, rejected = scored & found.forward, scored & ~found.forward
    columns = (
        counts(np.ones(len(found), np.bool_)), counts(found.forward), counts(found.hired), counts(forward),
        counts(rejected), counts(forward & found.above), counts(rejected & found.above),
        _order(found.score, group, forward, rejected, many),
    )  # fmt: skip
    return [
        Measured(
            decided, went, decided - went, hired, decided - with_score - without, Share(right, right + wrong),
            Share(wrong, without), Share(with_score - right, with_score), order if with_score and without else None,
        )
        for decided, went, hired, with_score, without, right, wrong, order in zip(*columns, strict=True)
    ]  # fmt: skip


def _order(score: NDArray[np.float64], group: Ints, forward: Mask, rejected: Mask, many: int) -> list[float]:
    """By group, of all pairs of one moved forward and one rejected the share in which the first had the higher score;
    an equal one counts half. 0 of no pair."""
    values, code = np.unique(score[forward | rejected], return_inverse=True)
    size = max(len(values), 1)
    codes = np.zeros(len(score), np.int64)
    codes[forward | rejected] = code
    keys = group * size + codes
    high, of_high = np.unique(keys[forward], return_counts=True)
    low, of_low = np.unique(keys[rejected], return_counts=True)
    before = np.concatenate(([0], np.cumsum(of_low)))
    begins = before[np.searchsorted(low, high // size * size, "left")]
    under, upto = before[np.searchsorted(low, high, "left")], before[np.searchsorted(low, high, "right")]
    right = np.bincount(high // size, weights=of_high * ((under + upto) / 2 - begins), minlength=many)
    pairs = np.bincount(group[forward], minlength=many) * np.bincount(group[rejected], minlength=many)
    return (right / np.maximum(pairs, 1)).tolist()
