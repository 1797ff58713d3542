"""The order of a list: by score, and at its top by score and a stronger model's likeness together.

A score is exact, explained and made for everybody. A stronger model costs a hundred times as much and explains nothing,
so it moves nobody's score: it only orders anew those whom the scores put at the top.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from .embed import Vector, unit
from .evidence import Evidence
from .models import EmbeddingModel
from .rubric import Rubric

TOP = 300
"""How many of a list are ordered anew."""
LIKENESS = 150.0
"""Points that a likeness of 1 is worth beside the score's hundred; likenesses lie about a third apart."""
_PASSAGES = 2
"""Passages of a resume that are read: its beginning, where people say what they do."""


def job_vector(rubric: Rubric, model: EmbeddingModel) -> Vector:
    """What a job is, as one vector."""
    return job_of(model.vectors(job_texts(rubric)))


def job_texts(rubric: Rubric) -> list[str]:
    """What the model reads of a job: its text, and its title."""
    return [f"{rubric.title}\n{rubric.told}", rubric.title]


def job_of(rows: Vector) -> Vector:
    """A job's vector from those of its texts, each counting the same."""
    return unit(rows.sum(axis=0, keepdims=True))[0]


def resume_texts(evidence: Evidence) -> list[str]:
    """What the model reads of a resume: its first passages, and its titles as the last."""
    return [*(evidence.text[start:end] for start, end in evidence.windows[:_PASSAGES]), evidence.titles_held]


def resume_vector(evidence: Evidence, model: EmbeddingModel) -> Vector:
    """What a resume is, as one vector: its first passages and its titles, each counting the same. It depends on no job,
    so it is worth keeping, with the model's name."""
    return resume_of(model.vectors(resume_texts(evidence)))


def resume_of(vectors: Vector) -> Vector:
    """A resume's vector from those of its texts."""
    *rows, titles = vectors
    told = unit(np.sum(rows, axis=0, keepdims=True))[0] if rows else np.zeros_like(titles)
    return unit((told + titles)[None])[0]


def best_first(
    scores: Sequence[float], vectors: Mapping[int, Vector] | None = None, job: Vector | None = None, top: int = TOP
) -> list[int]:
    """Places of a list, the best first. `scores` are 0 to 100; `vectors` are those of the resumes that have one, by
    place, and `job` the job's, of the same model. Whoever of the top has no vector yet is taken to be as like the job
    as the others are on the whole. Equal ones stay in the order they came in."""
    order = sorted(range(len(scores)), key=lambda at: -scores[at])
    head = order[:top]
    known = [at for at in head if at in (vectors or {})]
    if job is None or vectors is None or not known:
        return order
    likeness = dict(zip(known, (np.array([vectors[at] for at in known]) @ job).tolist(), strict=True))
    usual = sum(likeness.values()) / len(likeness)
    head.sort(key=lambda at: -(scores[at] + LIKENESS * likeness.get(at, usual)))
    return head + order[top:]
