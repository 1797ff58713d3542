"""Measures of a ranking, and how sure they are.

A ranking is a row of numbers, one for each document, higher first; labels say which documents are relevant.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEPTH = 10
SAMPLES = 200
SEED = 20261130

Numbers = NDArray[np.float64]
Labels = NDArray[np.bool_]


def auc(scores: Numbers, relevant: Labels) -> float:
    """The share of pairs of a relevant and another document that stand in the right order; ties count half."""
    _, place, many = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(many) - (many - 1) / 2)[place]
    good, bad = int(relevant.sum()), int((~relevant).sum())
    return float((ranks[relevant].sum() - good * (good + 1) / 2) / (good * bad))


def ndcg(scores: Numbers, relevant: Labels, depth: int = DEPTH) -> float:
    """Discounted gain of the first `depth`, as a share of the best that was possible; equal scores in file order."""
    gain = relevant[np.argsort(-scores, kind="stable")[:depth]]
    discount = 1 / np.log2(np.arange(2, depth + 2))
    return float((gain * discount[: len(gain)]).sum() / discount[: min(depth, int(relevant.sum()))].sum())


def precision(scores: Numbers, relevant: Labels, depth: int = DEPTH) -> float:
    """The share of relevant documents among the first `depth`."""
    return float(relevant[np.argsort(-scores, kind="stable")[:depth]].mean())


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the samples' means, and where 95 of 100 of them lie."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.3f} ({self.low:.3f} to {self.high:.3f})"

    @property
    def signed(self) -> str:
        """With its sign, as differences are written."""
        return f"{self.median:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def draws(count: int) -> NDArray[np.int64]:
    """200 samples of `count` queries each, drawn with replacement; the same ones every time."""
    return np.random.default_rng(SEED).integers(0, count, (SAMPLES, count))


def spread(by_query: Numbers, samples: NDArray[np.int64]) -> Spread:
    """How sure the mean over the queries is. Of differences it is the paired interval."""
    means = by_query[samples].mean(axis=1)
    low, median, high = np.percentile(means, [2.5, 50, 97.5]).tolist()
    return Spread(median, low, high)
