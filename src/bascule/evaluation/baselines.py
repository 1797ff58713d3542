"""What anybody would try first, to be beaten: each gives a row of numbers for every advert, one for each resume."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from bascule.match import EmbeddingModel, Matcher
from bascule.match.embed import Embedder, Vector, load_table, unit
from bascule.match.evidence import Evidence

from .measures import Numbers
from .sets import Advert, Resume

_WORD = re.compile(r"[a-z][a-z0-9+#.]*[a-z0-9+#]|[a-z]")
_K1, _B = 1.2, 0.75
WORDS, WINDOWS = 180, 2
"""A resume's first 360 words, in two windows: what the strong model can be asked to read of everybody."""


def bm25(adverts: Sequence[Advert], resumes: Sequence[Resume]) -> Numbers:
    """Okapi BM25 (k1 1.2, b 0.75), every word of the advert asked for once."""
    documents = [Counter(_WORD.findall(resume.text.lower())) for resume in resumes]
    length = np.array([sum(document.values()) for document in documents], float)
    norm = _K1 * (1 - _B + _B * length / max(length.mean(), 1))
    wanted = [sorted(set(_WORD.findall(advert.text.lower()))) for advert in adverts]
    words = sorted({word for one in wanted for word in one})
    gains = dict[str, Numbers]()
    for word in words:
        counts = np.array([document[word] for document in documents], float)
        holding = int((counts > 0).sum())
        rarity = np.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        gains[word] = rarity * counts * (_K1 + 1) / (counts + norm)
    return np.array([sum((gains[word] for word in one), np.zeros(len(resumes))) for one in wanted])


def skill_overlap(adverts: Sequence[Advert], evidence: Sequence[Evidence], matcher: Matcher) -> Numbers:
    """The share of the advert's canonical skills that a resume names, each weighted by how rare it is among resumes."""
    held = [{hit.id for hit in one.hits} for one in evidence]
    naming = Counter(skill for skills in held for skill in skills)
    rows: list[list[float]] = []
    for advert in adverts:
        asked = {hit.id for hit in matcher.skills.hits(advert.text)}
        weight = {skill: float(np.log((len(held) + 1) / (naming[skill] + 1))) for skill in asked}
        total = sum(weight.values()) or 1.0
        rows.append([sum(weight[skill] for skill in asked & skills) / total for skills in held])
    return np.array(rows)


def static_mean(adverts: Sequence[Advert], resumes: Sequence[Resume]) -> Numbers:
    """Cosine of WordLlama's vectors as the package gives them: the plain mean of a text's tokens."""
    table, tokenizer = load_table()

    def mean(text: str) -> Vector:
        tokens = tokenizer.encode(text, add_special_tokens=False).ids
        return table[tokens].astype(np.float32).mean(axis=0) if tokens else np.zeros(table.shape[1], np.float32)

    left, right = (unit(np.array([mean(one.text) for one in texts])) for texts in (adverts, resumes))
    return (left @ right.T).astype(float)


def static_weighted(adverts: Sequence[Advert], resumes: Sequence[Resume], embedder: Embedder) -> Numbers:
    """The same table with tokens weighted by rarity and the logarithm of their count, the common mean taken away."""
    left, right = (np.vstack([embedder.vector(one.text) for one in texts]) for texts in (adverts, resumes))
    return (left @ right.T).astype(float)


def strong_mean(adverts: Sequence[Advert], resumes: Sequence[Resume], model: EmbeddingModel) -> Numbers:
    """Cosine of the strong model's vectors: the advert as one text, of the resume the mean of its first two windows."""
    pieces = [
        [" ".join(words[at : at + WORDS]) for at in range(0, min(len(words), WORDS * WINDOWS), WORDS)] or [""]
        for words in (resume.text.split() for resume in resumes)
    ]
    every = iter(model.vectors([piece for one in pieces for piece in one]))
    right = unit(np.array([np.mean([next(every) for _ in one], axis=0) for one in pieces]))
    return (model.vectors([advert.text for advert in adverts]) @ right.T).astype(float)
