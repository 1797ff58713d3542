"""Occupations as directions: what people who do a work call it, so that a job is known by more words than its own.

An advert tells of tasks, a resume of titles and trades. The titles that O*NET collects for an occupation stand between
them: their common vector, added to the advert's, finds resumes that say the same in the words of the trade.
"""

import io
from collections.abc import Sequence
from importlib import resources

import numpy as np

from .embed import Embedder, Vector, unit
from .taxonomy import Taxonomy

NEAREST = 3
"""Occupations that stand for a job whose title is unknown, or may mean more than so many."""
_SHARPNESS = 20.0
"""How much more the nearer of two occupations counts: e to the power of this times their difference in similarity."""


class Occupations:
    """The vector of every O*NET occupation's titles, in the space of the embedder. Safe to share between threads."""

    def __init__(self, taxonomy: Taxonomy, embedder: Embedder) -> None:
        """Raises ValueError when the shipped vectors are of another model than the embedder's: two models' vectors are
        never compared."""
        shipped = np.load(io.BytesIO((resources.files("bascule.match") / "data" / "occupations.npz").read_bytes()))
        if str(shipped["model"]) != embedder.model:
            raise ValueError(
                f"occupation vectors are of {shipped['model']}, not {embedder.model}: run tools/taxonomy.py"
            )
        self._vectors = unit(shipped["vectors"].astype(np.float32))
        self._place = {occupation.code: at for at, occupation in enumerate(taxonomy.occupations)}

    def direction(self, codes: Sequence[str], about: Vector) -> Vector:
        """Where the occupations of a job lie: of those its title may mean (`codes`), or of all where it is unknown,
        the few nearest to what the job is about (`about`, a vector of its text), the nearer the more."""
        rows = [self._place[code] for code in codes] or range(len(self._vectors))
        vectors = self._vectors[list(rows)]
        near = vectors @ about
        best = np.argsort(-near, kind="stable")[:NEAREST]
        share = np.exp(_SHARPNESS * (near[best] - near[best[0]]))
        return unit(share[None] @ vectors[best])[0]
